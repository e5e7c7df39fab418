from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from recommendations.days import day_in_words
from recommendations.languages import active_language
from recommendations.lists import format_list, format_phrases
from tracker.documents.statements import statements_for
from tracker.documents.typeset import make_pdf
from tracker.models import DailyLine, Event, Submission, SubmissionEvidence, SubmissionItem
from tracker.models.digest import FORM
from tracker.models.status import NO_INFORMATION_LABEL, Status
from tracker.models.submission import CODE_LETTERS, Use
from tracker.queries.submissions.items import replied_items

TEMPLATE = Path(__file__).with_suffix(".typ").read_bytes()


@dataclass(frozen=True)
class Receipt:
    """`event`, in the audit trail, and `line`, the newest in a daily list if it covers the
    event, are for the State only: they show how much the State recorded.

    `before` is the submission that this one replaces; `replies` counts those to requests for clarification; `replied`
    are the items that a submission of replies changed or replied to; `confirmed` counts the answers of an earlier round
    that were confirmed as still correct.
    """

    submission: Submission
    event: Event | None
    line: DailyLine | None
    before: Submission | None
    replies: int
    replied: list[SubmissionItem]
    confirmed: int
    cited: int
    withheld: int

    @property
    def text(self) -> str:
        submission = self.submission
        sealed_at = timezone.localtime(submission.sealed_at)
        return _(
            # Translators: state: name of the State or other respondent; date, time; body: name of the body that
            # adopted the recommendations; round: title of the round.
            "%(state)s: report submitted on %(date)s at %(time)s UTC. Recommendations adopted by: %(body)s. "
            "Round: %(round)s."
        ) % {
            "state": submission.respondent.name,
            "body": submission.round.body.name,
            "round": submission.round.name,
            "date": day_in_words(sealed_at),
            "time": date_format(sealed_at, "TIME_FORMAT"),
        }

    @property
    def counts(self) -> dict[str, int]:
        return {status.value: self.submission.counts[status.value] for status in Status}

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Return name and words of each line that has words."""
        submission = self.submission
        facts = [
            # Translators: Name of a field, shown in the administration and the audit trail.
            (_("Submitted by"), format_list(filter(None, [str(submission.sealed_by), submission.authority]))),
            # Translators: Column head and label: due date of a round.
            (_("Due"), self._due_text),
            (_("Contains"), self._count_text),
            (_("Replies to requests for clarification"), self._replied_text or str(self.replies or "")),
            # Translators: Label: what the answers lack, in counts that the page showed to the focal point.
            (_("Gaps you were shown"), gaps_text(submission.confirmed_gaps)),
            # Translators: Heading: the declaration that nothing identifies a victim.
            (_("Declaration"), _("Nothing in the answers identifies a victim")),
            # Translators: Heading and page title: what a submission may be used for.
            (_("Permitted use"), "" if submission.is_reply else use_text(submission.use)),
            # Translators: Label: the office that cleared (approved) the submission.
            (_("Cleared by"), submission.cleared_by),
            (_("Cleared on"), day_in_words(submission.cleared_on)),
            # Translators: Label: the reference of a diplomatic note.
            (_("Note verbale"), submission.note_verbale),
        ]
        return [(name, words) for name, words in facts if words]

    @property
    def status_text(self) -> str:
        missing = self.submission.counts["asked"] - self.submission.counts["answered"]
        counted = [(status.label, self.counts[status.value]) for status in Status] + [(NO_INFORMATION_LABEL, missing)]
        return format_phrases(f"{label} {count}" for label, count in counted)

    @property
    def digest_text(self) -> str:
        return digest_text(self.submission.digest)

    @property
    def address(self) -> str:
        return settings.SITE_URL.rstrip("/") + reverse("verified", args=[self.submission.code])

    @property
    def _due_text(self) -> str:
        submission, due = self.submission, day_in_words(self.submission.due_on)
        if not submission.late:
            return due
        # Translators: date: the new due date of a round.
        moved = _("Moved to %(date)s") % {"date": day_in_words(submission.round.due_on)}
        return f"{due} · {_('Received after the due date') if submission.is_after_due_date else moved}"

    @property
    def _replied_text(self) -> str:
        if not self.submission.is_reply:
            return ""
        labels = format_phrases(item.unit.published_label_with_title for item in self.replied)
        # Translators: labels: list of recommendations. Line of the receipt of a submission that makes replies alone.
        return _("%(labels)s. All other answers are as in the submission before.") % {"labels": labels}

    @property
    def _count_text(self) -> str:
        counts = self.submission.counts
        parts = {
            _("Answers"): counts["answered"],
            NO_INFORMATION_LABEL: counts["asked"] - counts["answered"],
            _("Citations of evidence"): self.cited,
        }
        if self.confirmed:
            # Translators: Answers of an earlier round that the State confirmed as still correct. A number follows.
            parts[_("Confirmed unchanged")] = self.confirmed
        if self.withheld:
            parts[_("Citations not shown to the Secretariat")] = self.withheld
        return format_phrases(f"{label} {count}" for label, count in parts.items())


class CodeResult(NamedTuple):
    respondent: str
    round: str
    sealed_at: datetime
    digest: str
    has_known_form: bool

    @property
    def digest_text(self) -> str:
        return digest_text(self.digest)


def receipt(submission: Submission, *, of_the_state: bool = True) -> Receipt:
    others = Submission.objects.for_readers_of(submission.respondent)
    others = others.select_related("respondent", "round__body", "participation", "sealed_by")
    event = Event.objects.for_receipt_of(submission).get() if of_the_state else None
    line = DailyLine.objects.for_receipt_of(submission).newest() if of_the_state else None
    before = others.filter(round=submission.round, number=submission.number - 1).not_withdrawn().first()
    flags = list(SubmissionEvidence.objects.of_submissions([submission]).values_list("withheld", flat=True))
    return Receipt(
        submission=submission,
        event=event,
        line=line if event and line and line.number >= event.number else None,
        before=before,
        replies=len(submission.replies),
        replied=replied_items(submission) if submission.is_reply else [],
        confirmed=SubmissionItem.objects.of_submissions([submission]).exclude(still_correct_as_at=None).count(),
        cited=len(flags),
        withheld=sum(flags),
    )


def digest_text(digest: str) -> str:
    """Group the digits for comparison by eye: `44915fa6 8c148020 …`."""
    return " ".join(digest[start : start + 8] for start in range(0, len(digest), 8))


def gaps_text(gaps: dict[str, int]) -> str:
    """Write `Not answered 48; Answered, not ready 2`, as the check page names them; empty where there is none."""
    names = {
        "unanswered": _("Not answered"),
        "not_ready": _("Answered, not ready"),
        "unconfirmed": _("Answered in an earlier round"),
        "on_a_former_wording": _("Text changed since the answer"),
        "without_evidence": _("Implemented, without evidence"),
        "evidence_kept": _("Answers with evidence kept by the State"),
    }
    return format_phrases(f"{words} {gaps[name]}" for name, words in names.items() if gaps.get(name))


def use_text(use: dict[str, bool]) -> str:
    names = {field.name: str(field.verbose_name) for field in Use._meta.fields}
    return format_phrases(names[name] for name, is_allowed in use.items() if is_allowed) or _(
        "Reading by the Secretariat only"
    )


def find_by_code(code: str) -> CodeResult | None:
    """Find what a verification code confirms, however it was typed, with the same query whether it exists or not."""
    typed = "".join(letter for letter in code.upper() if letter in CODE_LETTERS)
    found = Submission.objects.of_code(typed).first()
    if found is None:
        return None
    is_known = found.canonical_form == FORM
    return CodeResult(found.respondent.name, found.round.name, found.sealed_at, found.digest, is_known)


def receipt_pdf(receipt: Receipt) -> bytes:
    return make_pdf(TEMPLATE, receipt_tree(receipt))


def receipt_tree(receipt: Receipt) -> dict:
    submission = receipt.submission
    sentences = statements_for(submission.respondent)
    sealed_at = timezone.localtime(submission.sealed_at)
    # Translators: Label of a receipt: the numbers of answers by status.
    facts = [*receipt.facts, (_("Status summary"), receipt.status_text)]
    if receipt.before:
        # Translators: Label of a receipt: the earlier submission that this submission replaces.
        facts.append((_("Replaces"), receipt.before.reference))
    return {
        "language": active_language(),
        "is_rtl": get_language_bidi(),
        "date": [sealed_at.year, sealed_at.month, sealed_at.day],
        "body": submission.round.body.name,
        "site": _("Recommendations tracker"),
        "title": _("Receipt of a submission"),
        "reference": submission.reference,
        "sentence": receipt.text,
        "state": submission.respondent.code,
        "round": submission.round.code,
        "digest": submission.digest,
        "facts": facts,
        "proofs": [
            [_("Digest (SHA-256)"), receipt.digest_text],
            # Translators: Title of a page and link: record of who did what and when.
            *([[_("Audit trail"), receipt.event.head]] if receipt.event else []),
            # Translators: The lists that the site signs and publishes each day, with one line for each State.
            *([[_("Daily list"), receipt.line.words]] if receipt.line else []),
            [_("Verification code"), submission.code],
            [_("Verify this receipt at"), receipt.address],
        ],
        "seal": _("The seal shows the digest: one stroke for each of its 64 digits."),
        "notes": [str(sentences[0]), str(sentences[-1])],
    }
