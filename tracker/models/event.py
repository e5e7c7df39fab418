"""Keep the audit trail: one row for each action, chained by digests, never changed."""

from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from recommendations import changes
from recommendations.append_only import OnInsert, is_same
from recommendations.models.quick_row import QuickRow
from tracker.models.digest import FORM, digest_value
from tracker.models.respondent import Respondent
from tracker.models.state_owned import StateOwned, StateOwnedQuerySet
from tracker.models.submission import Submission
from tracker.models.user import Role

SITE = "site"


class Action(models.TextChoices):
    # Translators: An action in the audit trail, past tense.
    ANSWER_SAVED = "answer saved", _("Answer saved")
    # Translators: What was done to an answer, past tense.
    ANSWER_MARKED_READY = "answer marked ready", _("Marked ready")
    NOTE_SAVED = "note saved", _("Internal note saved")
    UPDATE_DECLINED = "update declined", _("Update of a copied answer declined")
    # Translators: An action in the audit trail, past tense.
    COMMENT_WRITTEN = "comment written", _("Comment added")
    BRIEF_SAVED = "brief saved", _("Texts of the brief saved")
    PROPOSAL_OFFERED = "proposal offered", _("Suggestion sent to the focal point")
    # Translators: An action in the audit trail, past tense.
    PROPOSAL_TAKEN = "proposal taken", _("Suggestion accepted")
    # Translators: An action in the audit trail, past tense.
    PROPOSAL_DECLINED = "proposal declined", _("Suggestion declined")
    PROPOSAL_TAKEN_BACK = "proposal taken back", _("Suggestion withdrawn by its author")
    DRAFT_TAKEN_OVER = "draft taken over", _("Draft of a former user taken over")
    TRANSCRIPTION_REQUESTED = "transcription requested", _("Request to enter paper answers registered")
    TRANSCRIPTION_ENDED = "transcription ended", _("Request to enter paper answers ended")
    # Translators: An action in the audit trail, past tense.
    EVIDENCE_ADDED = "evidence added", _("Evidence added")
    # Translators: An action in the audit trail, past tense.
    EVIDENCE_CHANGED = "evidence changed", _("Evidence changed")
    # Translators: An action in the audit trail, past tense.
    MALWARE_FOUND = "malware found", _("Malware found in a file")
    # Translators: An action in the audit trail, past tense.
    NO_MALWARE_FOUND = "no malware found", _("No malware found in a file")
    # Translators: An action in the audit trail: a file has, for example, a picture that is loaded from another place.
    LINKS_FOUND = "links found", _("Links to other places found in a file")
    CONFIRMED_STILL_CORRECT = "confirmed still correct", _("Answers confirmed as still correct")
    SUBMITTED = "submitted", pgettext_lazy("submission", "Submitted")
    # Translators: An action in the audit trail, past tense.
    MARKED_COMPLETE = "marked complete", _("Marked complete for the round")
    COMPLETE_MARK_REMOVED = "complete mark removed", _("No longer marked complete for the round")
    SUBMISSION_WITHDRAWN = "submission withdrawn", _("Submission withdrawn")
    USE_PERMITTED = "use permitted", _("Permitted use changed")
    # Translators: An action in the audit trail, past tense.
    SUBMISSION_TAKEN = "submission taken", _("Reading started")
    SUBMISSION_ASSIGNED = "submission assigned", _("Reading assigned")
    SUBMISSION_TAKEN_OVER = "submission taken over", _("Reading taken over")
    SUBMISSION_RELEASED = "submission released", _("Submission returned to the queue")
    ITEM_REMARKED = "item remarked", _("Remark added to an answer")
    ITEMS_NOTED = "items noted", _("Rest of a section marked as noted")
    QUESTIONS_SENT = "questions sent", _("Requests for clarification sent")
    QUESTIONS_ANSWERED = "questions answered", _("Replies to requests for clarification submitted")
    # Translators: An action in the audit trail, and a step of a timeline.
    REVIEW_CLOSED = "review closed", _("Reading closed")
    # Translators: An action in the audit trail: an officer chose words of an answer for a paper.
    QUOTATION_SAVED = "quotation saved", _("Quotation chosen or changed")
    QUOTATIONS_ORDERED = "quotations ordered", _("Order of quotations changed")
    # Translators: An action in the audit trail, past tense.
    QUOTATION_REMOVED = "quotation removed", _("Quotation removed")
    QUOTATIONS_SENT = "quotations sent", _("State notified of its quotations")
    QUOTATION_OBJECTED = "quotation objected to", _("Objection to a quotation")
    TRANSLATION_SAVED = "courtesy translation saved", _("Courtesy translation written, changed or removed")
    NEED_SEEN = "need seen", _("Need for assistance marked as seen")
    NEED_IN_CONTACT = "need in contact", _("Contact made about a need for assistance")
    NEED_CLOSED = "need closed", _("Need for assistance closed")
    UNIT_ASSIGNED = "unit assigned", _("Assigned")
    ASSIGNMENT_CHANGED = "assignment changed", _("Due date or note of an assignment changed")
    ASSIGNMENT_READY = "assignment ready", _("Sent to the focal point")
    # Translators: An action in the audit trail: the contributor sent an answer, then undid the sending.
    ASSIGNMENT_SENDING_UNDONE = "assignment sending undone", _("Sending undone")
    # Translators: An action in the audit trail: a completed questionnaire came back with this recommendation.
    ASSIGNMENT_CAME_BACK = "assignment came back", _("Came back in a completed questionnaire")
    ASSIGNMENT_RETURNED = "assignment returned", _("Returned with a note")
    ASSIGNMENT_ACCEPTED = "assignment accepted", _("Accepted without changes")
    CONTRIBUTORS_REMINDED = "contributors reminded", _("Reminder sent to contributors")
    # Translators: An action in the audit trail, past tense.
    ASSIGNMENT_ENDED = "assignment ended", _("Assignment ended")
    INSTITUTION_ADDED = "institution added", _("Institution added to the list")
    # Translators: An action in the audit trail, past tense.
    INSTITUTION_CHANGED = "institution changed", _("Institution changed")
    # Translators: An action in the audit trail, past tense.
    INSTITUTION_CLOSED = "institution closed", _("Institution closed")
    # Translators: An action in the audit trail, past tense.
    INSTITUTION_REOPENED = "institution reopened", _("Institution reopened")
    INSTITUTION_GIVEN = "institution given", _("Institution of a contributor changed")
    DESK_OPENED = "desk opened to contributors", _("Everything opened to all contributors")
    DESK_CLOSED = "desk closed to contributors", _("Contributors limited to what is assigned to them")
    WITHDRAWAL_REQUESTED = "withdrawal requested", _("Removal of identifying information requested")
    WITHDRAWAL_CONFIRMED = "withdrawal confirmed", _("Removal of identifying information confirmed")
    WITHDRAWAL_REFUSED = "withdrawal refused", _("Removal of identifying information declined")
    FILES_DESTROYED = "withdrawn files destroyed", _("Removed files destroyed")
    TREATY_ACTS_ENTERED = "treaty acts entered", _("Treaty acts entered for confirmation")
    TREATY_STATUS_CONFIRMED = "treaty status confirmed", _("Treaty acts confirmed")
    TREATY_ACT_DECLINED = "treaty act declined", _("Treaty act declined")
    TREATY_ACTS_COMPLETE = "treaty acts complete", _("Treaty acts of all States confirmed as complete")
    STATUS_REPORTED = "status reported", _("Error in the treaty status reported")
    STATUS_REPORT_ANSWERED = "status report answered", _("Report of an error in the treaty status answered")
    # Translators: An action in the audit trail, past tense.
    ROUND_PLANNED = "round planned", _("Round planned")
    # Translators: An action in the audit trail, past tense.
    ROUND_CHANGED = "round changed", _("Round changed")
    # Translators: An action in the audit trail, past tense.
    RELEASE_MADE = "release made", _("Release made")
    ROUND_OPENED = "round opened", _("Round opened")
    DUE_DATE_MOVED = "due date moved", _("Due date of a round moved")
    # Translators: An action in the audit trail, past tense: the Secretariat sent a reminder.
    STATE_REMINDED = "state reminded", _("State reminded of a round")
    # Translators: An action in the audit trail, past tense.
    CLOSING_DATE_SET = "closing date set", _("Closing date set")
    # Translators: An action in the audit trail, past tense.
    PERSON_ADDED = "person added", _("User added")
    PERSON_CHANGED = "person changed", _("Name or e-mail address of a user changed")
    # Translators: The person can no longer sign in.
    PERSON_DEACTIVATED = "person deactivated", _("Account deactivated")
    # Translators: An action in the audit trail, past tense.
    PERSON_REACTIVATED = "person reactivated", _("Account reactivated")
    # Translators: An action in the audit trail, past tense.
    PASSWORD_CHANGED = "password changed", _("Password changed")
    # Translators: The person signed in with the same password, of which the site stores a newer kind of digest.
    PASSWORD_HASHED = "password hashed again", _("Stored digest of a password renewed")
    # Translators: An action in the audit trail, past tense.
    PERSON_WELCOMED = "person welcomed", _("Introduction read")
    IDENTITY_BOUND = "identity bound", _("Single sign-on linked to a user")
    NOTIFICATIONS_CHOSEN = "notifications chosen", _("E-mail notifications changed")
    SECOND_FACTOR_SET_UP = "second factor set up", _("Passkey or authenticator app added")
    SECOND_FACTOR_REMOVED = "second factor removed", _("Passkey or authenticator app removed")
    RECOVERY_CODES_CREATED = "recovery codes created", _("New recovery codes created")
    # Translators: An action in the audit trail: a command of the operator added States or other rows from a file.
    ROWS_LOADED = "rows loaded", _("Data loaded")
    SECOND_FACTOR_POSTPONED = "second factor postponed", _("Two-step sign-in postponed until the next sign-in")
    SECOND_FACTOR_RESET = "second factor reset", _("Two-step sign-in reset")
    SECOND_FACTOR_ASKED = "second factor asked of team", _("Two-step sign-in required of contributors and viewers")
    SECOND_FACTOR_LEFT = "second factor left to team", _("Two-step sign-in optional for contributors and viewers")
    SECOND_FACTORS_ENCRYPTED = "second factors encrypted", _("Secrets of two-step sign-in encrypted with a new key")
    SESSIONS_ENDED = "sessions ended", _("Sessions ended by the user")
    # Translators: An action in the audit trail, past tense.
    MEMBERSHIP_GRANTED = "membership granted", _("Role granted")
    # Translators: An action in the audit trail, past tense.
    MEMBERSHIP_ENDED = "membership ended", _("Role ended")
    MEMBERSHIP_CHANGED = "membership changed", _("Last day of a role changed")
    ACCESS_REQUESTED = "access change requested", _("Access for a person requested")
    ACCESS_CONFIRMED = "access change confirmed", _("Access for a person confirmed")
    ACCESS_REFUSED = "access change declined", _("Access for a person declined")
    ACCESS_BY_COMMAND = "access changed by command", _("Operator, by a command on the server")
    ACCESS_SECONDED = "access change seconded", _("Confirmed by focal point")
    ACCESS_STOPPED = "access change stopped", _("Access for a person stopped")
    ACCESS_IN_EFFECT = "access change in effect", _("Access for a person in effect")
    # Translators: An action in the audit trail, past tense.
    INVITATION_SENT = "invitation sent", _("Invitation sent")
    # Translators: An action in the audit trail, past tense.
    INVITATION_RENEWED = "invitation renewed", _("Invitation renewed")
    # Translators: A person accepted the invitation; past tense.
    INVITATION_WITHDRAWN = "invitation withdrawn", _("Invitation withdrawn")
    # Translators: A person accepted the invitation; past tense.
    INVITATION_ACCEPTED = "invitation accepted", _("Invitation accepted")
    DIRECTORY_CHOSEN = "directory chosen", _("Listing in the directory of contact points changed")
    BAR_SET = "bar set", _("Reading restriction set")
    BAR_LIFTED = "bar lifted", _("Reading restriction lifted")
    # Translators: The bytes of a file in storage are not those that were saved.
    FILE_ALTERED = "file altered", _("File altered in storage")
    FILE_MISSING = "file missing", _("File missing from storage")
    ADDRESSES_FORGOTTEN = "addresses forgotten", _("Network addresses deleted")
    # Translators: The recommendations and their classification were loaded when the site was installed.
    CATALOGUE_LOADED = changes.LOADED, _("Catalogue loaded")
    # Translators: A text, theme, group, provision or the like was added.
    CATALOGUE_ADDED = changes.ADDED, _("Catalogue entry added")
    CATALOGUE_CHANGED = changes.CHANGED, _("Catalogue entry changed")
    CATALOGUE_DELETED = changes.DELETED, _("Catalogue entry deleted")
    CATALOGUE_IMPORTED = changes.IMPORTED, _("Catalogue entries imported from a file")
    TEXT_CHANGED = changes.TEXT_CHANGED, _("Text changed by a new wording")
    RECOMMENDATION_WITHDRAWN = changes.WITHDRAWN, _("Answers no longer requested")
    RECOMMENDATION_REINSTATED = changes.REINSTATED, _("Answers requested again")
    # Translators: An action in the audit trail: a document with adopted texts was imported as a draft.
    DRAFT_IMPORT_ADDED = changes.DRAFT_ADDED, _("Draft import added")
    # Translators: An action in the audit trail, past tense.
    DRAFT_IMPORT_EDITED = changes.DRAFT_EDITED, _("Draft import edited")
    # Translators: An action in the audit trail, past tense.
    DRAFT_IMPORT_DELETED = changes.DRAFT_DELETED, _("Draft import deleted")
    # Translators: An action in the audit trail: a curator asks another person to confirm the publication of a paper.
    PAPER_OFFERED = "paper offered", _("Publication of a paper requested")
    # Translators: An action in the audit trail: the publication of a paper was not confirmed.
    PAPER_RETURNED = "paper returned", _("Paper returned to the curators")
    PAPER_PUBLISHED = changes.PUBLISHED, _("Paper published")
    # Translators: An action in the audit trail: the import of a paper was undone.
    PAPER_RETRACTED = changes.RETRACTED, _("Import retracted")
    LABEL_CHANGED = changes.RESTRUCTURED, _("Label or kind of a text changed")
    LABEL_CORRECTED = changes.LABEL_CORRECTED, _("Label of a text corrected on pages")
    OPENING_PROPOSED = "opening to answers proposed", _("Opening a paper to answers proposed")
    OPENING_WITHDRAWN = "opening to answers withdrawn", _("Proposal to open a paper to answers withdrawn")
    PAPER_OPENED = "paper opened to answers", _("Paper opened to answers")
    # Translators: An action in the audit trail, past tense.
    DEMONSTRATION_PREPARED = "demonstration prepared", _("Demonstration prepared")


def _actions_on(*nouns: str) -> set[Action]:
    """Return the actions whose code begins with one of these words."""
    return {action for action in Action if action.value.startswith(nouns)}


# Their rows are those of the catalogue, which belongs to no State.
OF_CATALOGUE = _actions_on("catalogue ", "label ", "opening ", "paper ", "recommendation ", "text ")
# What an administrator sees: of these events everything…
SHOWN_IN_FULL = OF_CATALOGUE | _actions_on(
    *("treaty ", "round ", "due date ", "closing date ", "state ", "release ", "rows ", "demonstration ", "addresses "),
    *(
        "directory ",
        "bar ",
        "person ",
        "password ",
        "identity ",
        "notifications ",
        "second factor",
        "recovery codes ",
        "sessions ",
    ),
    *("membership ", "access "),
)
# … and of these the action, its author and its target. All others concern a record or its needs, and are not even
# counted.
SHOWN = SHOWN_IN_FULL | _actions_on(
    *("submitted", "submission ", "marked complete", "complete mark ", "use ", "item ", "items ", "questions "),
    *("review ", "invitation ", "withdrawal ", "withdrawn files ", "file "),
)


class ChainHead(QuickRow):
    """The end of a chain of events: the row that every writing transaction locks last. Inserting an event moves it."""

    chain = models.CharField(max_length=12, unique=True)
    number = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)

    def __str__(self):
        return f"{self.chain} {self.number}"


class EventQuerySet(StateOwnedQuerySet):
    def visible_to(self, user):
        return self.filter(respondent__in=user.focal_point_of)._open()

    def for_receipt_of(self, submission: Submission):
        """Return the event of a submission, for people of its State alone: its number shows how much is recorded."""
        target = f"submission {submission.reference}"
        made = (Action.SUBMITTED, Action.QUESTIONS_ANSWERED)
        return self.filter(respondent=submission.respondent, action__in=made, target=target)._open()

    def of_reminders(self):
        """Return which States the Secretariat reminded and when, for the Secretariat.

        Reading any other field raises FieldFetchBlocked.
        """
        return self.filter(action=Action.STATE_REMINDED)._open_only("respondent", "at")

    def headers_for(self, user):
        """Return what an administrator may know of all trails: everything but the content of records.

        `was` and `became` replace `before` and `after`, and are empty where these disclose something of a record. The
        numbers are left out: they would show how much a State wrote in between. Reading any other field raises
        FieldFetchBlocked.
        """
        rows = self.filter(action__in=SHOWN) if user.has_role(Role.ADMINISTRATOR) else self.none()
        rows = rows.annotate(was=_shown_in_full("before"), became=_shown_in_full("after"))
        return rows.select_related("respondent", "actor")._open_only(
            "at",
            "action",
            "target",
            "respondent__code",
            "respondent__name",
            "actor__name",
            "actor__email",
            "address",
        )


def _shown_in_full(name: str) -> Case:
    return Case(When(action__in=SHOWN_IN_FULL, then=F(name)), default=Value(""))


class Event(StateOwned):
    """`before` and `after` name states by reference and digest, never by their words. No digest covers the network
    `address`, so that it can be deleted in time.
    """

    append_only = True

    respondent = models.ForeignKey(Respondent, models.PROTECT, related_name="events", null=True)
    chain = models.CharField(max_length=12)
    number = models.PositiveBigIntegerField()
    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=200)
    before = models.CharField(max_length=200, blank=True)
    after = models.CharField(max_length=200, blank=True)
    canonical_form = models.PositiveSmallIntegerField(default=FORM)
    previous_digest = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)
    address = models.GenericIPAddressField(null=True)

    objects = EventQuerySet.as_manager()

    class Meta(StateOwned.Meta):
        ordering = ["chain", "number"]
        constraints = [
            models.UniqueConstraint(fields=["chain", "number"], name="event_number_once_in_chain"),
            models.CheckConstraint(condition=Q(number__gte=1), name="event_numbered_from_1"),
        ]
        indexes = [models.Index(fields=["-at"], name="event_newest_first")]

    def __str__(self):
        return f"{self.number} {self.action} {self.target}"

    @classmethod
    def changeable_fields(cls) -> tuple[str, ...]:
        return ("address",)

    @classmethod
    def allowed_update(cls, vendor: str) -> str:
        """Return SQL, over OLD and NEW, of the one UPDATE that the database accepts: deleting the network address."""
        others = (field for field in cls._meta.concrete_fields if field.name not in cls.changeable_fields())
        same = (is_same(str(field.column), vendor) for field in others)
        return " AND ".join(['OLD."address" IS NOT NULL', 'NEW."address" IS NULL', *same])

    @classmethod
    def on_insert(cls) -> OnInsert:
        """Have an event move the head of its chain, and follow it."""
        head = ChainHead._meta.db_table
        end = "chain = NEW.chain AND number = {} AND digest = {}"
        update = f'UPDATE "{head}" SET number = NEW.number, digest = NEW.digest WHERE '  # noqa: S608 - own names
        moved = f'EXISTS (SELECT 1 FROM "{head}" WHERE {end.format("NEW.number", "NEW.digest")})'  # noqa: S608
        last = f'FROM "{cls._meta.db_table}" last WHERE last.chain = "{head}".chain'
        newest = f"SELECT last.number, last.digest {last} ORDER BY last.number DESC LIMIT 1"
        catch_up = f'UPDATE "{head}" SET (number, digest) = ({newest}) WHERE number < (SELECT MAX(last.number) {last})'  # noqa: S608
        return OnInsert(update + end.format("NEW.number - 1", "NEW.previous_digest"), moved, catch_up)

    @property
    def action_name(self) -> str:
        return str(Action(self.action).label)

    @property
    def head(self) -> str:
        """Return `NUMBER:DIGEST`, as `verify_audit --head` takes it."""
        return f"{self.number}:{self.digest}"

    def make_digest(self, rows: Iterable["EventRow"] = ()) -> str:
        """Digest the event with its rows, in the order in which they were saved."""
        return digest_value(
            {
                "form": self.canonical_form,
                "chain": self.chain,
                "number": self.number,
                "at": self.at,
                "actor": self.actor_id,
                "action": self.action,
                "target": self.target,
                "before": self.before,
                "after": self.after,
                "rows": [[row.name, row.content] for row in rows],
                "previous": self.previous_digest,
            }
        )


class EventRowQuerySet(StateOwnedQuerySet):
    def of_catalogue(self):
        """Return the rows that actions of the catalogue changed, for its curators and for what its pages show."""
        return self.filter(event__action__in=OF_CATALOGUE)._open()


class EventRow(StateOwned):
    """A row of another table as an event left it; without content where it was deleted (audit/rows.py)."""

    append_only = True
    respondent_path = "event__respondent"

    event = models.ForeignKey(Event, models.PROTECT, related_name="rows")
    name = models.CharField(max_length=100)
    content = models.JSONField(null=True)

    objects = EventRowQuerySet.as_manager()

    class Meta(StateOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["event", "name"], name="row_once_in_event")]
        indexes = [models.Index(fields=["name"], name="event_rows_of_thing")]

    def __str__(self):
        return self.name
