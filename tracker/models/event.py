"""Keep the audit trail: one row for each action, chained by digests, never changed."""

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.models.digest import digest_value
from tracker.models.respondent import Respondent
from tracker.models.state_owned import StateOwned, StateOwnedQuerySet
from tracker.models.submission import Submission
from tracker.models.user import Role

SITE = "site"


class Action(models.TextChoices):
    ANSWER_SAVED = "answer saved", _("answer saved")
    NOTE_SAVED = "note saved", _("desk note saved")
    UPDATE_DECLINED = "update declined", _("update of a copied answer declined")
    COMMENT_WRITTEN = "comment written", _("comment written")
    PROPOSAL_OFFERED = "proposal offered", _("proposal offered to the focal point")
    PROPOSAL_TAKEN = "proposal taken", _("proposal taken")
    PROPOSAL_DECLINED = "proposal declined", _("proposal declined")
    PROPOSAL_TAKEN_BACK = "proposal taken back", _("proposal taken back by its author")
    DRAFT_TAKEN_OVER = "draft taken over", _("draft of somebody who has left taken over")
    TRANSCRIPTION_REQUESTED = "transcription requested", _("request to enter what came on paper registered")
    TRANSCRIPTION_ENDED = "transcription ended", _("request to enter what came on paper ended")
    EVIDENCE_ADDED = "evidence added", _("evidence added")
    EVIDENCE_CHANGED = "evidence changed", _("evidence changed")
    CONFIRMED_STILL_CORRECT = "confirmed still correct", _("answers confirmed as still correct")
    HANDED_IN = "handed in", _("handed in")
    SUBMISSION_WITHDRAWN = "submission withdrawn", _("submission withdrawn")
    USE_PERMITTED = "use permitted", _("permitted use stated anew")
    SUBMISSION_TAKEN = "submission taken", _("submission taken for reading")
    SUBMISSION_TAKEN_OVER = "submission taken over", _("reading taken over")
    SUBMISSION_RELEASED = "submission released", _("submission given back to the queue")
    ITEM_REMARKED = "item remarked", _("remark made on an item")
    ITEMS_NOTED = "items noted", _("rest of a section noted")
    QUESTIONS_SENT = "questions sent", _("questions sent")
    QUESTION_ANSWERED = "question answered", _("question answered in words")
    REVIEW_CLOSED = "review closed", _("reading closed")
    NEED_SEEN = "need seen", _("need for assistance seen")
    NEED_IN_CONTACT = "need in contact", _("in contact about a need for assistance")
    NEED_CLOSED = "need closed", _("need for assistance closed")
    UNIT_ASSIGNED = "unit assigned", _("assigned")
    ASSIGNMENT_CHANGED = "assignment changed", _("due date or note of an assignment changed")
    ASSIGNMENT_READY = "assignment ready", _("handed back, ready for the focal point")
    ASSIGNMENT_RETURNED = "assignment returned", _("returned with a reason")
    ASSIGNMENT_ACCEPTED = "assignment accepted", _("accepted as it is")
    ASSIGNMENT_ENDED = "assignment ended", _("assignment taken back")
    INSTITUTION_ADDED = "institution added", _("institution added to the list")
    INSTITUTION_CHANGED = "institution changed", _("institution changed")
    INSTITUTION_CLOSED = "institution closed", _("institution closed")
    INSTITUTION_REOPENED = "institution reopened", _("institution opened again")
    INSTITUTION_GIVEN = "institution given", _("institution of a person set")
    DESK_OPENED = "desk opened to contributors", _("all opened to all contributors")
    DESK_CLOSED = "desk closed to contributors", _("only what is assigned opened to contributors")
    WITHDRAWAL_REQUESTED = "withdrawal requested", _("withdrawal asked for")
    WITHDRAWAL_CONFIRMED = "withdrawal confirmed", _("withdrawal confirmed")
    WITHDRAWAL_REFUSED = "withdrawal refused", _("withdrawal refused")
    FILES_DESTROYED = "withdrawn files destroyed", _("withdrawn files destroyed")
    TREATY_ACTS_ENTERED = "treaty acts entered", _("treaty acts entered, to be confirmed")
    TREATY_STATUS_CONFIRMED = "treaty status confirmed", _("treaty acts confirmed")
    TREATY_ACT_DECLINED = "treaty act declined", _("treaty act declined")
    STATUS_REPORTED = "status reported", _("treaty status reported as wrong")
    STATUS_REPORT_ANSWERED = "status report answered", _("report of a wrong treaty status answered")
    ROUND_PLANNED = "round planned", _("round planned")
    ROUND_CHANGED = "round changed", _("round changed")
    ROUND_OPENED = "round opened", _("round opened")
    ROUND_CLOSED = "round closed", _("round closed")
    PERSON_ADDED = "person added", _("person added")
    PERSON_CHANGED = "person changed", _("person's name or address changed")
    PERSON_DEACTIVATED = "person deactivated", _("person let in no more")
    PERSON_REACTIVATED = "person reactivated", _("person let in again")
    PERSON_WELCOMED = "person welcomed", _("introduction read")
    NOTIFICATIONS_CHOSEN = "notifications chosen", _("mail chosen")
    SECOND_FACTOR_SET_UP = "second factor set up", _("second factor set up")
    SECOND_FACTOR_RESET = "second factor reset", _("second factor reset")
    SESSIONS_ENDED = "sessions ended", _("own sessions ended")
    MEMBERSHIP_GRANTED = "membership granted", _("role given")
    MEMBERSHIP_ENDED = "membership ended", _("role ended")
    MEMBERSHIP_CHANGED = "membership changed", _("last day of a role changed")
    INVITATION_SENT = "invitation sent", _("person invited")
    INVITATION_RENEWED = "invitation renewed", _("invitation renewed")
    INVITATION_WITHDRAWN = "invitation withdrawn", _("invitation withdrawn")
    INVITATION_ACCEPTED = "invitation accepted", _("invitation accepted")
    DIRECTORY_CHOSEN = "directory chosen", _("listing in the directory of contact points chosen")
    BAR_SET = "bar set", _("reviewer barred from reading for a State")
    BAR_LIFTED = "bar lifted", _("bar on reading for a State lifted")
    ADDRESSES_FORGOTTEN = "addresses forgotten", _("network addresses forgotten")
    DEMONSTRATION_PREPARED = "demonstration prepared", _("demonstration prepared")


# What an administrator sees: of these events everything…
SHOWN_IN_FULL = {
    Action.TREATY_ACTS_ENTERED,
    Action.TREATY_STATUS_CONFIRMED,
    Action.TREATY_ACT_DECLINED,
    Action.ROUND_PLANNED,
    Action.ROUND_CHANGED,
    Action.ROUND_OPENED,
    Action.ROUND_CLOSED,
    Action.PERSON_ADDED,
    Action.PERSON_CHANGED,
    Action.PERSON_DEACTIVATED,
    Action.PERSON_REACTIVATED,
    Action.PERSON_WELCOMED,
    Action.NOTIFICATIONS_CHOSEN,
    Action.SECOND_FACTOR_SET_UP,
    Action.SECOND_FACTOR_RESET,
    Action.SESSIONS_ENDED,
    Action.MEMBERSHIP_GRANTED,
    Action.MEMBERSHIP_ENDED,
    Action.MEMBERSHIP_CHANGED,
    Action.DIRECTORY_CHOSEN,
    Action.BAR_SET,
    Action.BAR_LIFTED,
    Action.ADDRESSES_FORGOTTEN,
    Action.DEMONSTRATION_PREPARED,
}
# … and of these the action, its author and its target. All others concern a record or its needs, and are not even
# counted.
SHOWN = SHOWN_IN_FULL | {
    Action.HANDED_IN,
    Action.SUBMISSION_WITHDRAWN,
    Action.USE_PERMITTED,
    Action.SUBMISSION_TAKEN,
    Action.SUBMISSION_TAKEN_OVER,
    Action.SUBMISSION_RELEASED,
    Action.ITEM_REMARKED,
    Action.ITEMS_NOTED,
    Action.QUESTIONS_SENT,
    Action.REVIEW_CLOSED,
    Action.INVITATION_SENT,
    Action.INVITATION_RENEWED,
    Action.INVITATION_WITHDRAWN,
    Action.INVITATION_ACCEPTED,
    Action.WITHDRAWAL_REQUESTED,
    Action.WITHDRAWAL_CONFIRMED,
    Action.WITHDRAWAL_REFUSED,
    Action.FILES_DESTROYED,
}


class ChainHead(models.Model):
    """The end of a chain of events: the row that every writing transaction locks last."""

    chain = models.CharField(max_length=12, unique=True)
    number = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)

    def __str__(self):
        return f"{self.chain} {self.number}"


class EventQuerySet(StateOwnedQuerySet):
    def visible_to(self, user):
        own = [m.respondent_id for m in user.current_memberships if m.role == Role.FOCAL_POINT]
        return self.filter(respondent__in=own)._open()

    def for_receipt_of(self, submission: Submission):
        """Return the event of a submission, for people of its State alone: its number shows how much is recorded."""
        target = f"submission {submission.reference}"
        return self.filter(respondent=submission.respondent, action=Action.HANDED_IN, target=target)._open()

    def headers_for(self, user):
        """Return what an administrator may know of all trails: everything but the content of records.

        `was` and `became` replace `before` and `after`, and are empty where these disclose something of a record. The
        numbers are left out: they would show how much a State wrote in between. Reading any other field raises
        FieldFetchBlocked.
        """
        rows = self.filter(action__in=SHOWN) if user.has_role(Role.ADMINISTRATOR) else self.none()
        return (
            rows.annotate(was=_shown_in_full("before"), became=_shown_in_full("after"))
            .select_related("respondent", "actor", "origin")
            .only(
                "at",
                "action",
                "target",
                "respondent__code",
                "respondent__name",
                "actor__name",
                "actor__email",
                "origin__address",
            )
            .fetch_mode(models.FETCH_RAISE)
            ._open()
        )


def _shown_in_full(name: str) -> Case:
    return Case(When(action__in=SHOWN_IN_FULL, then=F(name)), default=Value(""))


class Event(StateOwned):
    """`before` and `after` name states by reference and digest, never by their words."""

    append_only = True

    respondent = models.ForeignKey(
        Respondent, models.PROTECT, related_name="events", null=True, verbose_name=_("respondent")
    )
    chain = models.CharField(_("chain"), max_length=12)
    number = models.PositiveBigIntegerField(_("number"))
    at = models.DateTimeField(_("when"), default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, verbose_name=_("who")
    )
    action = models.CharField(_("what"), max_length=60)
    target = models.CharField(_("on what"), max_length=200)
    before = models.CharField(_("before"), max_length=200, blank=True)
    after = models.CharField(_("after"), max_length=200, blank=True)
    previous_digest = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)

    objects = EventQuerySet.as_manager()

    class Meta(StateOwned.Meta):
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["chain", "number"]
        constraints = [
            models.UniqueConstraint(fields=["chain", "number"], name="event_number_once_in_chain"),
            models.CheckConstraint(condition=Q(number__gte=1), name="event_numbered_from_1"),
        ]
        indexes = [models.Index(fields=["-at"], name="event_newest_first")]

    def __str__(self):
        return f"{self.number} {self.action} {self.target}"

    @property
    def action_name(self) -> str:
        return str(Action(self.action).label)

    @property
    def head(self) -> str:
        """Return `NUMBER:DIGEST`, as `verify_audit --head` takes it."""
        return f"{self.number}:{self.digest}"

    def make_digest(self) -> str:
        return digest_value(
            {
                "form": 1,
                "chain": self.chain,
                "number": self.number,
                "at": self.at,
                "actor": self.actor_id,
                "action": self.action,
                "target": self.target,
                "before": self.before,
                "after": self.after,
                "previous": self.previous_digest,
            }
        )


class EventAddress(models.Model):
    """The network address of an action, outside the chain and the triggers, so that it can be deleted in time."""

    event = models.OneToOneField(Event, models.PROTECT, related_name="origin", primary_key=True)
    address = models.GenericIPAddressField(_("network address"))
    at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)

    def __str__(self):
        return self.address
