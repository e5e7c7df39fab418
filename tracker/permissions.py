"""Decide who may write. What the state of a thing allows is in workflow.py; who may read, in disclosure.py."""

from collections.abc import Collection, Iterable
from operator import attrgetter

from allauth.account.auth_backends import AuthenticationBackend
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, StringAgg, TextField, Value
from django.db.models.functions import Cast

from recommendations.groups import group_pairs
from recommendations.models import Paper, PaperImport, Recommendation
from tracker.disclosure import can_read_for
from tracker.models import (
    AccessChange,
    Assignment,
    Evidence,
    EvidenceVersion,
    Membership,
    Proposal,
    ReadingRestriction,
    Respondent,
    Revision,
    SubmissionItem,
    TranscriptionRequest,
    User,
    Withdrawal,
)
from tracker.models.notification import ALWAYS_SENT, NOTIFICATION_KINDS, NotificationKind
from tracker.models.respondent import RespondentKind
from tracker.models.second_factor import second_factors_of
from tracker.models.user import INVITED_AS, Role

WRITERS = (Role.FOCAL_POINT, Role.CONTRIBUTOR)


def check_permission(is_allowed: bool) -> None:
    if not is_allowed:
        raise PermissionDenied


def is_focal_point(user: User, respondent: Respondent | None) -> bool:
    return user.has_role(Role.FOCAL_POINT, respondent=respondent)


def is_writer(user: User, respondent: Respondent) -> bool:
    """Return whether the user has some part in writing for the respondent; `can_answer` decides for each unit."""
    return user.has_role(*WRITERS, respondent=respondent)


def is_reviewer(user: User) -> bool:
    """Return whether the user reads for some States; `can_read_for` decides for each State."""
    return user.has_role(Role.REVIEWER)


def can_see_states(user: User) -> bool:
    return user.is_secretariat


def is_reviewer_or_curator(user: User) -> bool:
    return user.has_role(Role.REVIEWER, Role.CURATOR)


# Acts that a role alone decides, each by its own name, so that a rule can be added to one of them.
can_write_brief = is_focal_point
can_submit = is_focal_point  # also withdraw a submission, permit its use, confirm earlier answers, reply
can_assign = is_focal_point  # also keep the list of institutions, and open the whole desk to contributors
can_decide_proposals = is_focal_point
can_decide_updates = is_focal_point  # accept or decline what the source of a copied answer says now
can_manage_team = is_focal_point
can_mark_ready = is_focal_point
can_object = is_focal_point  # to a quotation in a paper
can_read_handover = is_focal_point  # also take over the drafts of people who have left
can_read_trail = is_focal_point
can_report_status = is_focal_point
can_request_withdrawal = is_focal_point
can_see_transcriptions = is_focal_point

can_add_evidence = is_writer
can_answer_some = is_writer
can_fill_workbook = is_writer
can_add_proposals = is_writer

can_add_transcription_request = is_reviewer
can_export_answers = is_reviewer
can_quote = is_reviewer  # in a paper; `can_read_for` decides for each State

can_manage_rounds = is_reviewer_or_curator
can_read_papers = is_reviewer_or_curator  # what a draft would publish; also return the draft
can_see_progress = is_reviewer_or_curator


def can_confirm_opening(user: User, paper: Paper) -> bool:
    """Allow the second person who manages rounds to open a paper to answers."""
    return can_manage_rounds(user) and user.pk != paper.opening_proposed_by_id


def can_edit_catalogue(user: User) -> bool:
    return user.has_role(Role.CURATOR)


def can_publish_paper(user: User, draft: PaperImport) -> bool:
    """Allow anyone who may read the draft and did not change it or request its publication. Without such a person allow
    the curator who requested it, 72 hours later.
    """
    if user.pk == draft.offered_by_id:
        return can_edit_catalogue(user) and draft.has_waited and not publishers_of(draft)
    return can_read_papers(user) and user.pk not in draft.people


def publishers_of(draft: PaperImport) -> list[User]:
    """Return the people who can be the second for the publication of a draft."""
    return [person for person in people_of_papers() if person.pk not in draft.people]


def people_of_papers() -> list[User]:
    """Return the people for whom `can_read_papers` is true."""
    return list(dict.fromkeys(people_with_role(Role.CURATOR, Role.REVIEWER)))


def can_manage_people(user: User) -> bool:
    return user.has_role(Role.ADMINISTRATOR)


def can_answer(user: User, respondent: Respondent, unit: Recommendation) -> bool:
    """Allow saving answers and internal notes on the unit; to a contributor while it is assigned and not yet sent to
    the focal point.
    """
    return can_answer_all(user, respondent) or _is_assigned(user, respondent, unit, is_written=True)


def can_translate(user: User, revision: Revision) -> bool:
    """Allow anyone who may answer the unit, and reviewers who may read a submission with the answer."""
    record = revision.record
    if can_answer(user, record.respondent, record.recommendation):
        return True
    return SubmissionItem.objects.to_be_read_by(user).filter(revision=revision).exists()


def _is_assigned(user: User, respondent: Respondent, unit: Recommendation, is_written: bool = False) -> bool:
    is_contributor = user.has_role(Role.CONTRIBUTOR, respondent=respondent)
    return is_contributor and user.units_assigned(respondent.pk, is_written).filter(unit=unit).exists()


def can_answer_all(user: User, respondent: Respondent) -> bool:
    """Allow writing everything of the respondent; to a contributor only where the State opens the whole desk to
    contributors.
    """
    memberships = (m for m in user.current_memberships if m.respondent_id == respondent.pk)
    return any(m.role in WRITERS and m.is_of_whole_desk for m in memberships)


def units_written(user: User, respondent: Respondent) -> set[int] | None:
    """Return the keys of the units on which `can_answer` is true; None means all units."""
    if can_answer_all(user, respondent):
        return None
    if not user.has_role(Role.CONTRIBUTOR, respondent=respondent):
        return set()
    return set(user.units_assigned(respondent.pk, is_written=True).values_list("unit", flat=True))


def can_comment(user: User, respondent: Respondent, unit: Recommendation) -> bool:
    """Allow writing in the thread on a unit: to focal points, and to contributors who can read the unit."""
    return can_answer_all(user, respondent) or _is_assigned(user, respondent, unit)


def can_add_proposal(user: User, respondent: Respondent, unit: Recommendation, origin: str) -> bool:
    """Allow anyone who may answer the unit; for a transcription, the reviewer who may transcribe for the State."""
    if origin == Proposal.Origin.TRANSCRIPTION:
        return can_transcribe(user, respondent)
    return can_answer(user, respondent, unit)


def can_transcribe(user: User, respondent: Respondent, reference: str | None = None) -> bool:
    """Allow the reviewer who registered the State's written request while it is open; `reference` names one such
    request.
    """
    requests = TranscriptionRequest.objects.to_transcribe(user).filter(respondent=respondent)
    return (requests if reference is None else requests.filter(reference=reference)).exists()


def can_end_transcription(user: User, request: TranscriptionRequest) -> bool:
    """Allow the State's focal points, and the reviewer who transcribes under the request."""
    return TranscriptionRequest.objects.visible_to(user).filter(pk=request.pk).exists()


def can_withdraw_proposal(user: User, proposal: Proposal) -> bool:
    """Allow the author, while the author may read the proposal."""
    return user == proposal.author and Proposal.objects.visible_to(user).filter(pk=proposal.pk).exists()


def can_change_evidence(user: User, evidence: Evidence) -> bool:
    """Allow the next version; to a contributor with part of the desk only where no other person wrote a version."""
    if can_answer_all(user, evidence.respondent):
        return True
    has_other_author = EvidenceVersion.objects.visible_to(user).filter(evidence=evidence).exclude(author=user).exists()
    return can_add_evidence(user, evidence.respondent) and not has_other_author


def can_confirm_withdrawal(user: User, withdrawal: Withdrawal) -> bool:
    """Allow anyone who may destroy the files, except the person who made the request: a removal takes two people."""
    return user != withdrawal.requested_by and can_delete_files(user, withdrawal)


def confirmers_of(respondent: Respondent, requested_by: User) -> list[User]:
    """Return the users for whom `can_confirm_withdrawal` is true, those of the State first, in one query."""
    active = Membership.objects.current().select_related("user", "respondent").order_by("user__name", "pk")
    own = active.filter(respondent=respondent, role__in=WRITERS)
    found = [m for m in active.filter(Q(role=Role.ADMINISTRATOR) | Q(pk__in=own)) if m.user_id != requested_by.pk]
    team = [m.user for m in found if m.respondent_id and m.is_of_whole_desk]
    return list(dict.fromkeys([*team, *(m.user for m in found if not m.respondent_id)]))


def can_refuse_withdrawal(user: User, withdrawal: Withdrawal) -> bool:
    """Allow anyone who may destroy the files, and so the person who made the request by mistake."""
    return can_delete_files(user, withdrawal)


def can_delete_files(user: User, withdrawal: Withdrawal) -> bool:
    """Allow people who write every answer of the State, and administrators, to delete what is left in storage."""
    return can_answer_all(user, withdrawal.respondent) or can_manage_people(user)


def can_change_membership(user: User, membership: Membership) -> bool:
    """Allow administrators any role, and focal points the roles to which they can invite."""
    if can_manage_people(user):
        return True
    return membership.role in INVITED_AS and can_manage_team(user, membership.respondent)


def can_confirm_access_change(user: User, change: AccessChange) -> bool:
    """Allow administrators, except the person who made the request and the person whom it concerns. Nobody confirms as
    administrator and as focal point.
    """
    return can_manage_people(user) and user.pk not in (change.requested_by_id, change.user_id, change.seconded_by_id)


def guards_of(changes: Collection[AccessChange]) -> dict[AccessChange, list[Membership]]:
    """Return the roles of the focal points for whom each change waits: of the State of the role, and of each State of
    the person. Former ones count for 30 days, so that ending a role first leads around nobody. Two queries.
    """
    recent = Membership.objects.recent().exclude(respondent=None).exclude(respondent__kind=RespondentKind.SECRETARIAT)
    of_people = group_pairs(recent.filter(user__in=[row.user_id for row in changes]).values_list("user", "respondent"))
    concerned = {row: {row.respondent_id, *of_people[row.user_id]} for row in changes}
    guards = recent.filter(role=Role.FOCAL_POINT, respondent__in=set().union(*concerned.values()))
    found = list(guards.select_related("user", "respondent").order_by("pk"))
    return {row: [guard for guard in found if guard.respondent_id in concerned[row]] for row in changes}


def can_second_access_change(user: User, change: AccessChange, guards: Collection[Membership]) -> bool:
    """Allow a focal point of each State that the change waits for, except the person whom it concerns."""
    is_other = user.pk not in (change.requested_by_id, change.confirmed_by_id, change.user_id)
    return is_other and bool(guards) and all(is_focal_point(user, guard.respondent) for guard in guards)


def can_stop_access_change(user: User, guards: Collection[Membership]) -> bool:
    """Allow each focal point of a State that the change waits for."""
    return any(is_focal_point(user, guard.respondent) for guard in guards)


def can_lift_restriction(user: User, restriction: ReadingRestriction) -> bool:
    """Allow administrators, except the person whom the reading restriction concerns."""
    return can_manage_people(user) and user.pk != restriction.user_id


can_mark_need = can_read_for
can_close_need = can_submit


def can_send_assignment(user: User, assignment: Assignment) -> bool:
    """Allow the contributor who has the assignment, in person or through an institution."""
    if not user.has_role(Role.CONTRIBUTOR, respondent=assignment.respondent):
        return False
    return assignment.person == user or assignment.institution_id in user.institution_ids(assignment.respondent_id)


def can_undo_sending(user: User, assignment: Assignment) -> bool:
    """Allow the contributor who sent the answer, until it is accepted or returned."""
    return assignment.is_ready and assignment.moved_by_id == user.pk and can_send_assignment(user, assignment)


def contributors_of(assignments: Iterable[Assignment]) -> list[User]:
    persons = {row.person_id for row in assignments} - {None}
    institutions = {row.institution_id for row in assignments} - {None}
    respondents = {row.respondent_id for row in assignments}
    active = Membership.objects.current().filter(role=Role.CONTRIBUTOR, respondent__in=respondents)
    assigned = active.filter(Q(user__in=persons) | Q(institution__in=institutions)).order_by("pk")
    return list(dict.fromkeys(membership.user for membership in assigned.select_related("user")))


def people_with_role(*roles: Role) -> list[User]:
    active = Membership.objects.current().filter(role__in=roles).select_related("user").order_by("pk")
    return [membership.user for membership in active]


def focal_points_of(*respondents: Respondent) -> list[User]:
    active = Membership.objects.current().filter(respondent__in=respondents, role=Role.FOCAL_POINT)
    return [membership.user for membership in active.select_related("user")]


def notification_kinds_of(user: User) -> list[NotificationKind]:
    roles = {Role(membership.role) for membership in user.current_memberships}
    return [kind for kind in NotificationKind if any(kind in NOTIFICATION_KINDS.get(role, ()) for role in roles)]


def optional_kinds_of(user: User) -> list[NotificationKind]:
    return [kind for kind in notification_kinds_of(user) if kind not in ALWAYS_SENT]


def can_notify(user: User, kind: NotificationKind, respondent: Respondent | None) -> bool:
    """Allow notifying users of the roles that NOTIFICATION_KINDS names for the kind, by their roles of today. Without
    a respondent the notification is about all of them.
    """
    if respondent is None:
        return kind in notification_kinds_of(user)
    roles = {role for role, kinds in NOTIFICATION_KINDS.items() if kind in kinds}
    if user.has_role(*roles, respondent=respondent) or user.has_role(*roles - {Role.REVIEWER}):
        return True
    return Role.REVIEWER in roles and can_read_for(user, respondent)


VIEW_RESPONDENT = "tracker.view_respondent"
ADMINISTERED = {VIEW_RESPONDENT} | {
    f"tracker.{action}_{noun}"
    for action in ("view", "add", "change")
    for noun in ("user", "membership", "readingrestriction", "accesschange")
}

_restricted = ReadingRestriction.objects.filter(user=OuterRef("user"), lifted_at__isnull=True).order_by().values("user")
_memberships = (  # of all, in no order
    Membership.objects.select_related("user", "respondent")
    .annotate(
        has_second_factor=Exists(second_factors_of(OuterRef("user"))),
        restricted=_restricted.values(keys=StringAgg(Cast("respondent", TextField()), Value(" "))),
    )
    .order_by()
)


class RolesBackend(AuthenticationBackend):
    """Sign people in as allauth does, and answer `user.has_perm()` from memberships: curators have the catalogue,
    administrators have the people.
    """

    def get_user(self, user_id):
        """Return the user with what every page asks, in one query: memberships of today, `has_second_factor`, and
        `restricted_ids`.
        """
        memberships = sorted(_memberships.current().filter(user=user_id), key=attrgetter("since"))
        if not memberships:
            return super().get_user(user_id)
        user = memberships[0].user
        user.current_memberships = memberships
        user.has_second_factor = memberships[0].has_second_factor
        user.restricted_ids = {int(key) for key in (memberships[0].restricted or "").split()}
        return user

    def has_perm(self, user_obj, perm, obj=None):
        if not getattr(user_obj, "is_active", False):
            return False
        is_curated = perm == VIEW_RESPONDENT or perm.startswith("recommendations.")
        return (is_curated and can_edit_catalogue(user_obj)) or (perm in ADMINISTERED and can_manage_people(user_obj))
