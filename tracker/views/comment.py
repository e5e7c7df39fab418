from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from recommendations.lists import format_list
from tracker.actions.comment import write_comment
from tracker.disclosure import readers_of_unit
from tracker.forms.comment import CommentForm
from tracker.forms.record import read_number
from tracker.models import Comment, User
from tracker.permissions import can_comment, check_permission
from tracker.queries.desk.answer_page import is_open_to
from tracker.queries.desk.comments import comment_rows
from tracker.views import answer_links, form_data, form_errors
from tracker.web.desks import get_desk_or_404
from tracker.web.fresh_sign_in import NEVER, form_view
from tracker.web.request import SignedInRequest
from tracker.web.units import get_unit_or_404

SHOWN_ON_A_PAGE = 20


@form_view(fresh_sign_in=NEVER)
def comment_list(request: SignedInRequest, code: str, slug: str) -> HttpResponse:
    desk, unit = get_desk_or_404(request.user, code), get_unit_or_404(slug)
    is_open = is_open_to(request.user, desk, unit)
    if not is_open and not comment_rows(desk, unit, request.user).exists():
        raise Http404
    may_write = is_open and can_comment(request.user, desk, unit)
    readers = [reader for reader in readers_of_unit(desk, unit) if reader != request.user] if may_write else []
    check_permission(may_write or request.method != "POST")
    form = CommentForm(form_data(request), readers=readers) if may_write else None
    if request.method == "POST" and form and form.is_valid():
        after = read_number(request.POST.get("after"))
        with form_errors(form):
            comment = write_comment(respondent=desk, unit=unit, after=after, by=request.user, **form.cleaned_data)
            _show_saved(request, comment, readers)
            return redirect("comment_list", desk.code, unit.slug)
    page = Paginator(comment_rows(desk, unit, request.user), SHOWN_ON_A_PAGE).get_page(request.GET.get("page"))
    mentioned = User.objects.in_bulk({key for comment in page for key in comment.mentioned})
    context = {
        # Translators: Comments that users of a State write to each other on an answer.
        "crumbs": answer_links(desk, unit, _("Comments")),
        "unit": unit,
        "page": page,
        "comments": [(comment, [mentioned[key] for key in comment.mentioned]) for comment in page],
        "last": page.paginator.count,  # they are numbered from 1 without a gap
        "form": form,
    }
    return render(request, "tracker/comment/list.html", context)


def _show_saved(request: SignedInRequest, comment: Comment, readers: list[User]) -> None:
    names = [str(reader) for reader in readers if reader.pk in comment.mentioned]
    if not names:
        messages.success(request, _("The comment was added."))
        return
    # Translators: names: list of names of people.
    message = _("The comment was added. Notified: %(names)s")
    messages.success(request, message % {"names": format_list(names)})
