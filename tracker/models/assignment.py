"""Assign units to an institution or a person of the State, which opens the units to them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from recommendations.models import Recommendation
from tracker.models.digest import FORM, digest_parts, digest_value
from tracker.models.institution import Institution
from tracker.models.respondent import Respondent
from tracker.models.state_owned import DeskQuerySet, StateOwned
from tracker.models.withdrawal import Withdrawal

NOTE_LIMIT = 2000


def units_open_to(
    units: models.QuerySet[Recommendation], respondent: Respondent, reader
) -> models.QuerySet[Recommendation]:
    if respondent.pk in reader.whole_desks:
        return units
    return units.filter(pk__in=reader.units_assigned(respondent.pk))


def assignee_keys(respondent: Respondent, unit: Recommendation) -> tuple[set[int], set[int]]:
    standing = Assignment.everyones.filter(respondent=respondent, unit=unit, state__in=Assignment.CURRENT)
    pairs = list(standing.values_list("person", "institution"))
    return {person for person, _by in pairs if person}, {institution for _to, institution in pairs if institution}


class AssignmentQuerySet(DeskQuerySet):
    def _of_units(self, units, user):
        """Match the user's own assignments alone, since notes to other assignees of the unit are not shown to them."""
        institutions = [m.institution_id for m in user.current_memberships if m.institution_id]
        return (Q(person=user) | Q(institution__in=institutions)) & Q(state__in=Assignment.CURRENT)

    def current(self):
        return self.filter(state__in=Assignment.CURRENT)


class AssignmentStage(models.TextChoices):
    ASSIGNED = "assigned", _("Assigned")
    READY = "ready", _("Sent to the focal point")
    # Translators: Column heading and tag: the focal point returned the answer with a note.
    RETURNED = "returned", _("Returned")
    # Translators: Column heading and state: the focal point accepted the answer.
    ACCEPTED = "accepted", pgettext_lazy("assignment", "Accepted")
    # Translators: State of an assignment that the focal point ended before completion.
    ENDED = "ended", _("Ended")


class Assignment(StateOwned):
    """One unit, assigned to one institution or one person.

    While it is not ended, its assignee reads the unit's answer, and writes it until it is sent to the focal point:
    `ready`. The focal point then accepts it, which ends it, or returns it with a reason. `came_back_on` is the day on
    which a completed questionnaire of the institution came back: a unit that it changes is `ready`, and has a
    suggestion; another stays assigned. Note and reason are never submitted and are in no digest.
    """

    unit_path = "unit"
    withdrawable = ("note", "return_reason")

    CURRENT = (AssignmentStage.ASSIGNED, AssignmentStage.READY, AssignmentStage.RETURNED)
    TO_BE_WRITTEN = (AssignmentStage.ASSIGNED, AssignmentStage.RETURNED)

    respondent = models.ForeignKey(Respondent, models.PROTECT, related_name="assignments")
    unit = models.ForeignKey(Recommendation, models.PROTECT, related_name="+")
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="assignments", null=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="assignments", null=True)
    due_on = models.DateField(null=True)
    note = models.TextField(_("Note"), blank=True)
    state = models.CharField(max_length=10, choices=AssignmentStage, default=AssignmentStage.ASSIGNED)
    # Translators: Field name: the note with which an answer was returned.
    return_reason = models.TextField(_("Return note"), blank=True)
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField(default=timezone.now)
    moved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    moved_at = models.DateTimeField(null=True)
    came_back_on = models.DateField(null=True)

    withdrawal = models.ForeignKey(Withdrawal, models.PROTECT, related_name="+", null=True, editable=False)

    objects = AssignmentQuerySet.as_manager()

    class Meta(StateOwned.Meta):
        ordering = ["respondent", "unit__position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(institution__isnull=False, person__isnull=True)
                | Q(institution__isnull=True, person__isnull=False),
                name="assigned_to_institution_or_person",
            ),
            models.CheckConstraint(
                condition=~Q(state="returned") | ~Q(return_reason="") | Q(withdrawal__isnull=False),
                name="returned_assignment_has_reason",
            ),
            models.UniqueConstraint(
                fields=["respondent", "unit", "institution"],
                condition=Q(state__in=["assigned", "ready", "returned"]),
                name="assigned_once_to_institution",
            ),
            models.UniqueConstraint(
                fields=["respondent", "unit", "person"],
                condition=Q(state__in=["assigned", "ready", "returned"]),
                name="assigned_once_to_person",
            ),
        ]

    def __str__(self):
        return f"{self.respondent_id}: {self.unit_id}"

    @property
    def assignee(self) -> str:
        return str(self.institution or self.person)

    @property
    def shown_reason(self) -> str:
        withdrawn = gettext("Removed because it identified a victim.") if self.withdrawal_id else ""
        return self.return_reason or withdrawn

    @property
    def assignee_key(self) -> str:
        return f"institution-{self.institution_id}" if self.institution_id else f"person-{self.person_id}"

    @property
    def stamp(self) -> str:
        """Name the assignment as it was read: it changes when the assignment is sent or returned."""
        return f"{self.pk}.{self.moved_at.timestamp() if self.moved_at else 0}"

    @property
    def is_ready(self) -> bool:
        return self.state == AssignmentStage.READY

    @property
    def is_sent(self) -> bool:
        """Return whether its assignee sent the answer on the site."""
        return self.is_ready and self.came_back_on is None

    @property
    def is_unchanged(self) -> bool:
        """Return whether a completed questionnaire came back without a change of this unit."""
        return not self.is_ready and self.came_back_on is not None

    @property
    def is_returned(self) -> bool:
        return self.state == AssignmentStage.RETURNED

    @property
    def is_overdue(self) -> bool:
        return self.state in self.TO_BE_WRITTEN and self.due_on is not None and self.due_on < timezone.localdate()

    def make_digest(self) -> str:
        """Cover everything but the texts, which a removal may empty."""
        given = digest_parts(self, "respondent.code unit.full_label institution_id person_id due_on")
        moved = digest_parts(self, "state assigned_by_id assigned_at moved_by_id moved_at")
        came_back = digest_parts(self, "came_back_on") if self.came_back_on else {}
        return digest_value({"form": FORM, **given, **moved, **came_back})
