from recommendations.languages import languages_to_choose
from tracker.models import User
from tracker.web.desks import desk_of_address, round_of_check
from tracker.web.request import Request


def page_head(request: Request) -> dict[str, object]:
    """Return what every page shows in its head.

    `desk`: of the address, else the only one of the user; a page about a desk takes it from here too.
    `checking`: the code of the round of the check from which the user came, of the address.
    `own_session`: for the time at which the session ends.
    """
    user = getattr(request, "user", None)
    head: dict[str, object] = {"desk": None, "languages": languages_to_choose()}
    if isinstance(user, User):
        head |= {
            "desk": desk_of_address(request, user),
            "checking": round_of_check(request),
            "own_session": request.session,
        }
    return head
