from collections.abc import Callable

from django.core.validators import slug_re
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse

from recommendations.models import Recommendation
from tracker.models import Respondent, User
from tracker.permissions import check_permission
from tracker.web.request import Request

CHECK = "check"  # in the address of a page that the check links to: the code of its round

type Permission = Callable[[User, Respondent], bool]


def get_desk_or_404(user: User, code: str, permission: Permission | None = None) -> Respondent:
    """Return the respondent whose desk the user may enter; 404 for others, as if there were none. Refuse users of the
    desk who lack the permission.
    """
    desk = next((respondent for respondent in user.respondents if respondent.code == code), None)
    if desk is None:
        raise Http404
    check_permission(permission is None or permission(user, desk))
    return desk


def get_whole_desk_or_404(user: User, code: str, permission: Permission | None = None) -> Respondent:
    """Return a desk as above, of which the user may read everything; 404 also where only a part is open to the user."""
    desk = get_desk_or_404(user, code)
    if desk.pk not in user.whole_desks:
        raise Http404
    check_permission(permission is None or permission(user, desk))
    return desk


def only_desk(user: User) -> Respondent | None:
    return user.respondents[0] if len(user.respondents) == 1 else None


def desk_of_address(request: Request, user: User) -> Respondent | None:
    """Return the desk that the address names, if the user may enter it; else the only desk of the user."""
    code = request.resolver_match.kwargs.get("code") if request.resolver_match else None
    return next((respondent for respondent in user.respondents if respondent.code == code), None) or only_desk(user)


def round_of_check(request: Request) -> str:
    """Return the code of the round of the check whose link the user followed, from the address; empty for others."""
    code = request.GET.get(CHECK, "")
    return code if slug_re.fullmatch(code) else ""


def address_with_check(request: Request, name: str, *args: object) -> str:
    """Return the address of a page that shows the way back to the check, if the address of this page has it."""
    code = round_of_check(request)
    return reverse(name, args=args, query={CHECK: code} if code else None)


def keep_check(request: Request, name: str, *args: object) -> HttpResponseRedirect:
    return HttpResponseRedirect(address_with_check(request, name, *args))


def record_list_address(desk: Respondent, unit: Recommendation) -> str:
    return reverse("record_list", args=[desk.code], query={"body": unit.body_slug} if unit.body_slug else None)
