"""Who may write. What the state of a thing allows stands in workflow.py; who may read, in `visible_to`."""

from allauth.account.auth_backends import AuthenticationBackend

from tracker.models import Respondent, User, Withdrawal
from tracker.models.user import Role


def can_answer(user: User, respondent: Respondent) -> bool:
    """Save answers, desk notes and evidence of the respondent."""
    return user.has_role(Role.FOCAL_POINT, Role.CONTRIBUTOR, respondent=respondent)


def can_request_withdrawal(user: User, respondent: Respondent) -> bool:
    return user.has_role(Role.FOCAL_POINT, respondent=respondent)


def can_decide_withdrawal(user: User, withdrawal: Withdrawal) -> bool:
    """Another person of the State who writes for it, or an administrator: it takes two."""
    if user == withdrawal.requested_by:
        return False
    return can_answer(user, withdrawal.respondent) or can_manage_people(user)


def can_finish_withdrawal(user: User, withdrawal: Withdrawal) -> bool:
    """Have the bytes deleted that could not be deleted at once."""
    return can_answer(user, withdrawal.respondent) or can_manage_people(user)


def can_manage_people(user: User) -> bool:
    return user.has_role(Role.ADMINISTRATOR)


def can_curate(user: User) -> bool:
    return user.has_role(Role.CURATOR)


CURATED = {"recommendations"}
CURATED_RESPONDENT = {"tracker.view_respondent", "tracker.change_respondent"}
ADMINISTERED = {
    f"tracker.{action}_{noun}" for action in ("view", "add", "change") for noun in ("user", "membership")
} | {"tracker.view_respondent"}


class RolesBackend(AuthenticationBackend):
    """Lets people in as allauth does, and answers `user.has_perm()` from memberships: the catalogue is the curators',
    people the administrators'.
    """

    def has_perm(self, user_obj, perm, obj=None):
        if not getattr(user_obj, "is_active", False):
            return False
        if perm.partition(".")[0] in CURATED:
            return can_curate(user_obj)
        if perm in CURATED_RESPONDENT and can_curate(user_obj):
            return True
        return perm in ADMINISTERED and can_manage_people(user_obj)
