from tracker.models.user import Role
from tracker.permissions import can_answer_all, can_curate, can_manage_rounds, can_manage_team, can_see_progress


def masthead(request):
    """`desk`: the respondent that the page is about, or the only one that its reader has; `is_whole_desk`: whether
    all of it is opened to him; `may_withdraw`: whether its
    reader asks for, or decides on, its withdrawals; `may_manage_team`: whether
    she keeps its people; `may_manage_rounds`, `may_review`, `may_see_progress`, `may_curate`: whether she
    plans rounds, reads what States hand in, sees the figures of it, and takes papers in;
    `checking`: the code of the round whose check she left to mend something of this desk.
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"desk": None}
    desk = getattr(request, "desk", None)
    if desk is None and len(user.respondents) == 1:
        desk = user.respondents[0]
    checked = request.session.get("checking", {})
    return {
        "desk": desk,
        "is_whole_desk": desk is not None and desk.pk in user.whole_desks,
        "may_withdraw": desk is not None and can_answer_all(user, desk),
        "may_manage_team": desk is not None and can_manage_team(user, desk),
        "may_manage_rounds": can_manage_rounds(user),
        "may_review": user.has_role(Role.REVIEWER),
        "may_see_progress": can_see_progress(user),
        "may_curate": can_curate(user),
        "checking": checked.get("round") if desk and checked.get("desk") == desk.code else None,
    }
