"""Who may write. What the state of a thing allows stands in workflow.py; who may read, in `visible_to`."""

from collections.abc import Iterable

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import Exists, OuterRef, Q

from recommendations.models import Recommendation
from tracker.models import (
    Assignment,
    Evidence,
    EvidenceVersion,
    Membership,
    Proposal,
    ReadingRestriction,
    Respondent,
    TranscriptionRequest,
    User,
    Withdrawal,
)
from tracker.models.assignment import assignees_of
from tracker.models.invitation import INVITED_AS
from tracker.models.notification import TOLD_TO, NotificationKind
from tracker.models.user import RESPONDENT_ROLES, Role

WRITERS = (Role.FOCAL_POINT, Role.CONTRIBUTOR)


def can_answer(user: User, respondent: Respondent, unit: Recommendation) -> bool:
    """Save answers and desk notes on the unit: a contributor what stands assigned to him and is not handed back."""
    if can_answer_all(user, respondent):
        return True
    is_contributor = user.has_role(Role.CONTRIBUTOR, respondent=respondent)
    return is_contributor and user.units_assigned(respondent.pk, is_written=True).filter(unit=unit).exists()


def can_answer_all(user: User, respondent: Respondent) -> bool:
    """Write everything of the respondent: a contributor where the State opens all to all."""
    hers = (m for m in user.memberships_today if m.respondent_id == respondent.pk)
    return any(m.role in WRITERS and m.is_of_the_whole_desk for m in hers)


def units_written(user: User, respondent: Respondent) -> set[int] | None:
    """Keys of the units of which `can_answer` is true; None for all of them."""
    if can_answer_all(user, respondent):
        return None
    if not user.has_role(Role.CONTRIBUTOR, respondent=respondent):
        return set()
    return set(user.units_assigned(respondent.pk, is_written=True).values_list("unit", flat=True))


def can_answer_some(user: User, respondent: Respondent) -> bool:
    """Copy an answer to others, or change several in the list: of each unit `can_answer` decides."""
    return user.has_role(*WRITERS, respondent=respondent)


def can_comment(user: User, respondent: Respondent, unit: Recommendation) -> bool:
    """Write in the thread on a unit: focal points, and contributors to whom it is opened, handed back or not."""
    if can_answer_all(user, respondent):
        return True
    is_contributor = user.has_role(Role.CONTRIBUTOR, respondent=respondent)
    return is_contributor and user.units_assigned(respondent.pk).filter(unit=unit).exists()


def can_offer(user: User, respondent: Respondent, unit: Recommendation, origin: str) -> bool:
    """Offer an answer to the focal point: whoever may answer, and who transcribes what the State sent on paper."""
    if origin == Proposal.Origin.TRANSCRIPTION:
        return can_transcribe(user, respondent)
    return can_answer(user, respondent, unit)


def can_offer_some(user: User, respondent: Respondent) -> bool:
    """Upload what an institution sent back: of each unit that she may answer it becomes a proposal."""
    return user.has_role(*WRITERS, respondent=respondent)


def can_transcribe(user: User, respondent: Respondent, reference: str | None = None) -> bool:
    """Enter what came on paper, as a proposal: the reviewer who registered the State's written request, while it is
    open; `reference`, of one of them.
    """
    requests = TranscriptionRequest.objects.to_transcribe(user).filter(respondent=respondent)
    return (requests if reference is None else requests.filter(reference=reference)).exists()


def can_register_transcriptions(user: User) -> bool:
    """For any of the States for which she may read: `can_read_for` says which."""
    return user.has_role(Role.REVIEWER)


def can_see_transcriptions(user: User, respondent: Respondent) -> bool:
    """What the Secretariat may enter for the State, and under which request: focal points alone."""
    return user.has_role(Role.FOCAL_POINT, respondent=respondent)


def can_end_transcription(user: User, request: TranscriptionRequest) -> bool:
    """The State's focal points, and who transcribes under it."""
    return TranscriptionRequest.objects.visible_to(user).filter(pk=request.pk).exists()


def can_decide_proposals(user: User, respondent: Respondent) -> bool:
    """Make an offered answer the State's, or decline it: focal points alone."""
    return user.has_role(Role.FOCAL_POINT, respondent=respondent)


def can_decide_updates(user: User, respondent: Respondent) -> bool:
    """Take or decline what a copied answer is offered, once its source is answered anew: focal points alone."""
    return user.has_role(Role.FOCAL_POINT, respondent=respondent)


def can_take_back(user: User, proposal: Proposal) -> bool:
    """Offer it no more: its author, as long as he may read it."""
    return user == proposal.author and Proposal.objects.visible_to(user).filter(pk=proposal.pk).exists()


def can_fill_workbook(user: User, respondent: Respondent) -> bool:
    """Take a workbook home, with the units that she may answer, and bring it back."""
    return user.has_role(*WRITERS, respondent=respondent)


def can_hand_over(user: User, respondent: Respondent) -> bool:
    """Read what a successor needs to know, and take over the drafts of those who have left: focal points alone."""
    return user.has_role(Role.FOCAL_POINT, respondent=respondent)


def can_add_evidence(user: User, respondent: Respondent) -> bool:
    return user.has_role(*WRITERS, respondent=respondent)


def can_change_evidence(user: User, evidence: Evidence) -> bool:
    """Save its next version: a contributor to whom the desk is opened in part, of what he alone has kept."""
    if can_answer_all(user, evidence.respondent):
        return True
    is_anothers = EvidenceVersion.objects.visible_to(user).filter(evidence=evidence).exclude(author=user).exists()
    return can_add_evidence(user, evidence.respondent) and not is_anothers


def can_request_withdrawal(user: User, respondent: Respondent) -> bool:
    return user.has_role(Role.FOCAL_POINT, respondent=respondent)


def can_decide_withdrawal(user: User, withdrawal: Withdrawal) -> bool:
    """Another person of the State who writes for it, or an administrator: it takes two."""
    if user == withdrawal.requested_by:
        return False
    return can_answer_all(user, withdrawal.respondent) or can_manage_people(user)


def can_finish_withdrawal(user: User, withdrawal: Withdrawal) -> bool:
    """Have the bytes deleted that could not be deleted at once."""
    return can_answer_all(user, withdrawal.respondent) or can_manage_people(user)


def can_manage_people(user: User) -> bool:
    return user.has_role(Role.ADMINISTRATOR)


def can_manage_team(user: User, respondent: Respondent | None) -> bool:
    """Invite contributors and viewers of one's own State, and end their roles: focal points alone."""
    return user.has_role(Role.FOCAL_POINT, respondent=respondent)


def can_change_membership(user: User, membership: Membership) -> bool:
    """End a role or change its last day: an administrator any, a focal point those that she can invite to."""
    if can_manage_people(user):
        return True
    return membership.role in INVITED_AS and can_manage_team(user, membership.respondent)


def can_read_appointment(user: User, membership: Membership) -> bool:
    """Read the document that appointed: administrators, and the focal points of that State."""
    if can_manage_people(user):
        return True
    return can_manage_team(user, membership.respondent)


def can_hand_in(user: User, respondent: Respondent) -> bool:
    """Hand in, withdraw, permit use, confirm answers of before, answer questions: focal points alone."""
    return user.has_role(Role.FOCAL_POINT, respondent=respondent)


def can_report_status(user: User, respondent: Respondent) -> bool:
    """Tell the curators that the treaty status on file is wrong: focal points alone."""
    return user.has_role(Role.FOCAL_POINT, respondent=respondent)


def can_read_trail(user: User, respondent: Respondent) -> bool:
    return user.has_role(Role.FOCAL_POINT, respondent=respondent)


def can_manage_rounds(user: User) -> bool:
    return user.has_role(Role.REVIEWER, Role.CURATOR)


def can_see_progress(user: User) -> bool:
    """The figures of rounds, with what each State answered of each theme: the Secretariat's, but for administrators."""
    return user.has_role(Role.REVIEWER, Role.CURATOR)


def can_export_answers(user: User) -> bool:
    """Take home what States answered, by codes, of those for which she may read: reviewers alone."""
    return user.has_role(Role.REVIEWER)


def can_read_for(user: User, respondent: Respondent) -> bool:
    """Review what a State handed in. Nobody reads for a State for which he also writes, or from which he is barred."""
    if not user.has_role(Role.REVIEWER) or respondent.pk in user.respondent_ids:
        return False
    return not ReadingRestriction.objects.filter(user=user, respondent=respondent, lifted_at__isnull=True).exists()


def can_mark_need(user: User, respondent: Respondent) -> bool:
    """Say that a need for assistance is seen, or that the Secretariat is in contact: reviewers who may read it."""
    return can_read_for(user, respondent)


def can_assign(user: User, respondent: Respondent) -> bool:
    """Keep the State's institutions, give units to them and to its people, and open all to all: focal points alone."""
    return user.has_role(Role.FOCAL_POINT, respondent=respondent)


def can_hand_back(user: User, assignment: Assignment) -> bool:
    """Whoever has it: he, or one of his institution."""
    if not user.has_role(Role.CONTRIBUTOR, respondent=assignment.respondent):
        return False
    return assignment.person == user or assignment.institution_id in user.institution_ids(assignment.respondent_id)


def can_close_need(user: User, respondent: Respondent) -> bool:
    return can_hand_in(user, respondent)


def not_read_by(user: User) -> set[int]:
    """Keys of the respondents for whom a reviewer may not read: `can_read_for` of all at once, in one query."""
    return user.respondent_ids | set(user.bars.filter(lifted_at__isnull=True).values_list("respondent", flat=True))


def contributors_of(assignments: Iterable[Assignment]) -> list[User]:
    """Those who have one of these assignments of one respondent, by name or by institution; in one query."""
    persons = {row.person_id for row in assignments} - {None}
    institutions = {row.institution_id for row in assignments} - {None}
    respondents = {row.respondent_id for row in assignments}
    active = Membership.objects.active().filter(role=Role.CONTRIBUTOR, respondent__in=respondents)
    hers = active.filter(Q(user__in=persons) | Q(institution__in=institutions)).select_related("user").order_by("pk")
    return list({membership.user_id: membership.user for membership in hers}.values())


def administrators() -> list[User]:
    active = Membership.objects.active().filter(role=Role.ADMINISTRATOR).select_related("user").order_by("pk")
    return [membership.user for membership in active]


def curators() -> list[User]:
    active = Membership.objects.active().filter(role=Role.CURATOR).select_related("user").order_by("pk")
    return [membership.user for membership in active]


def readers_of_unit(respondent: Respondent, unit: Recommendation) -> list[User]:
    """Today's people of the respondent to whom the unit is opened, by name, in two queries."""
    persons, institutions = assignees_of(respondent, unit)
    active = Membership.objects.active().filter(respondent=respondent).select_related("user", "respondent")
    opened = [
        m.user for m in active if m.is_of_the_whole_desk or m.user_id in persons or m.institution_id in institutions
    ]
    return sorted({user.pk: user for user in opened}.values(), key=str)


def focal_points_of(*respondents: Respondent) -> list[User]:
    active = Membership.objects.active().filter(respondent__in=respondents, role=Role.FOCAL_POINT)
    return [membership.user for membership in active.select_related("user")]


def readers_of(respondent: Respondent) -> list[User]:
    """The reviewers who may read for this respondent: of whom `can_read_for` is true, in one query."""
    active = Membership.objects.active()
    writers = active.filter(respondent=respondent).values("user")
    barred = ReadingRestriction.objects.filter(respondent=respondent, lifted_at__isnull=True).values("user")
    reviewers = active.filter(role=Role.REVIEWER).exclude(user__in=writers).exclude(user__in=barred)
    return [membership.user for membership in reviewers.select_related("user")]


def may_still_read(user: str, respondent: str) -> Q:
    """The condition that `can_read_for` puts, for rows that name a user and a respondent in these fields."""
    active = Membership.objects.active().filter(user=OuterRef(user))
    barred = ReadingRestriction.objects.filter(
        user=OuterRef(user), respondent=OuterRef(respondent), lifted_at__isnull=True
    )
    writes = active.filter(respondent=OuterRef(respondent))
    return Q(Exists(active.filter(role=Role.REVIEWER))) & ~Q(Exists(writes)) & ~Q(Exists(barred))


def kinds_told_to(user: User) -> list[NotificationKind]:
    """Which kinds of mail can concern this person, in their order."""
    roles = {Role(membership.role) for membership in user.memberships_today}
    return [kind for kind in NotificationKind if any(kind in TOLD_TO.get(role, ()) for role in roles)]


def may_be_told(user: User, kind: NotificationKind, respondent: Respondent | None) -> bool:
    """Be mailed a thing of this kind about the respondent, or about all, as things stand today."""
    if respondent is None:
        return kind in kinds_told_to(user)
    if any(kind in TOLD_TO[role] and user.has_role(role, respondent=respondent) for role in RESPONDENT_ROLES):
        return True
    if kind in TOLD_TO[Role.ADMINISTRATOR] and can_manage_people(user):
        return True
    if kind in TOLD_TO[Role.CURATOR] and can_curate(user):
        return True
    return kind in TOLD_TO[Role.REVIEWER] and can_read_for(user, respondent)


def can_curate(user: User) -> bool:
    return user.has_role(Role.CURATOR)


CURATED = {"recommendations"}
CURATED_RESPONDENT = {"tracker.view_respondent"}
ADMINISTERED = {
    f"tracker.{action}_{noun}"
    for action in ("view", "add", "change")
    for noun in ("user", "membership", "readingrestriction")
} | {"tracker.view_respondent"}


class RolesBackend(AuthenticationBackend):
    """Lets people in as allauth does, and answers `user.has_perm()` from memberships: the catalogue is the curators',
    people the administrators'.
    """

    def get_user(self, user_id):
        """With her memberships of today, by which everything else is decided: in one query where she has any."""
        memberships = list(Membership.objects.active().filter(user=user_id).select_related("user", "respondent"))
        if not memberships:
            return super().get_user(user_id)
        user = memberships[0].user
        user.memberships_today = memberships
        return user

    def has_perm(self, user_obj, perm, obj=None):
        if not getattr(user_obj, "is_active", False):
            return False
        if perm.partition(".")[0] in CURATED:
            return can_curate(user_obj)
        if perm in CURATED_RESPONDENT and can_curate(user_obj):
            return True
        return perm in ADMINISTERED and can_manage_people(user_obj)
