"""The addresses of the site, each with a user who may open it and the rows that it names."""

from collections import Counter
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet
from django.urls import reverse

from recommendations.models import Family, ImportedParagraph, Paper, PaperImport, Provision
from tools.addresses import URLS, WALKERS
from tracker.disclosure import readers_of
from tracker.models import (
    Assignment,
    Evidence,
    EvidenceVersion,
    Export,
    HeldUpload,
    Institution,
    Membership,
    Quotation,
    Record,
    Release,
    Remark,
    Respondent,
    Round,
    Submission,
    TranscriptionRequest,
    User,
    Withdrawal,
)
from tracker.models.submission import SubmissionStage
from tracker.models.user import Role
from tracker.permissions import focal_points_of
from tracker.views.report import WHOLE

ROLES = ("anonymous", "focal point", "reviewer", "curator", "administrator")  # the first who may open a page does so
# Addresses of another submission than the one with most answers: attributes of Rows.
SUBMISSIONS = {
    "submission_questions": "with_questions",
    "review_send": "in_reading",
    "review_close": "in_reading",
    "published": "published",
    "published_csv": "published",
    "published_json": "published",
    "submission_take_back": "published",
    "submission_publish": "unpublished",
}
IN_LARGEST_ROUND = [name for name in URLS if name.startswith(("answers", "progress"))]
OF_RELEASE = ("figures_csv", "figures_json", "release", "release_file")
# Who visits an address and what is asked of it, where this is not the first role that may in the walk, and nothing.
VISITS: dict[str, tuple[tuple[str, str], ...]] = {
    **dict.fromkeys(IN_LARGEST_ROUND, (("reviewer", "round={round}"),)),
    "progress_behind": (
        ("reviewer", "round={round}"),
        ("reviewer", "round={round}&unit={unit}"),
        ("reviewer", "round={round}&of=states&need=any"),
    ),
    **dict.fromkeys(("published", "published_csv", "published_json", "verified"), (("anonymous", ""),)),
    **dict.fromkeys(("practice_unit", "submission_take_back"), (("focal point", ""),)),
    **dict.fromkeys(("desks", "review_send", "review_close"), (("reviewer", ""),)),
    "recommendations:list": (("reviewer", "open=all"),),
    "practice_list": (("focal point", ""), ("anonymous", "by=group")),
    "report": (("focal point", ""), ("focal point", "show=4"), ("focal point", f"show={WHOLE}")),
    "search": (
        ("anonymous", "q=trafficking"),
        ("focal point", "q=compensation+for+minors"),
        ("reviewer", "q=training+of+police"),
    ),
    "search_suggestions": (("anonymous", "q=trafficking"),),
}
STORED_FILE = "sends a stored file, as evidence_file does"
PASSKEY = "needs a passkey, which only a browser makes"
NOT_VISITED = {
    "access_document": STORED_FILE,
    "access_stop_confirm": "needs the link of a mail",
    "account_reset_password_from_key": "needs the key of a mail",
    "appointing_document": STORED_FILE,
    "mfa_view_recovery_codes": "needs recovery codes",
    "mfa_deactivate_totp": "ends what the bench signs in with",
    "paper_import_retract": "the import of the generated world is a draft",
    "session_end": "is a short text, from the session that every page reads",
}


class MissingRows(Exception):
    """The database lacks what the pages show."""


class PageRequest(NamedTuple):
    """A page, a file or, with `data`, a form that is sent; `by` the user who asks for it, None for anyone."""

    name: str
    by: User | None
    url: str
    data: dict | None = None


class Rows:
    """The users who ask, and the rows that addresses name: of each kind the fullest, None where there is none."""

    def __init__(self) -> None:
        self.submission = _submission_with_most_answers()
        self.state = self.submission.respondent
        self.round = Round.objects.open().first() or self.submission.round
        self.largest_round = Round.objects.annotate(size=Count("submissions")).latest("size", "opens_on")
        answers = Record.everyones.filter(respondent=self.state, current__isnull=False)
        record = _row_with_most(answers.exclude(recommendation__primary_theme=None), "revisions")
        reviewer = next(iter(readers_of(self.state)), None)
        if not record or not reviewer:
            raise MissingRows
        self.unit, self.reviewer, self.focal_point = record.recommendation, reviewer, focal_points_of(self.state)[0]
        self.release = Release.objects.order_by("made_at").last()
        self._find_submissions()
        self.users: dict[str, User | None] = {
            "anonymous": None,
            "focal point": self.focal_point,
            "reviewer": reviewer,
            "curator": User.objects.filter(memberships__role=Role.CURATOR).first(),
            "administrator": User.objects.filter(memberships__role=Role.ADMINISTRATOR).first(),
        }
        self.values = self._find_values()

    def requests(self) -> list[PageRequest]:
        """Return the request of each address that its user can open, by its name and what is asked of it."""
        return [
            request
            for name in URLS
            for role, query in VISITS.get(name, (("", ""),))
            if (request := self.request(name, role, query))
        ]

    def request(self, name: str, role: str = "", query: str = "") -> PageRequest | None:
        """Return the request of an address; None where it opens to nobody, or the database lacks what it shows."""
        arguments, expected = URLS[name]
        codes = dict(zip(WALKERS, expected.get.split(), strict=True))
        role = role or next((role for role in ROLES if codes[role] == "200"), "")
        submission = getattr(self, SUBMISSIONS.get(name, "submission"))
        is_missing = submission is None or (name in OF_RELEASE and self.release is None)
        if not role or name in NOT_VISITED or is_missing:
            return None
        values = {key: self._value(name, key, value, submission) for key, value in arguments.items()}
        if None in values.values():
            return None
        asked = query.format(round=self.largest_round.code, unit=self.unit.slug)
        url = reverse(name, kwargs=values) + (asked and f"?{asked}")
        name_of_visit = f"{name}?{query}" if query and len(VISITS[name]) > 1 else name
        return PageRequest(name_of_visit, self._user(name, role, submission), url)

    def _value(self, name: str, key: str, value: Any, submission: Submission) -> Any:
        if "round_code" in URLS[name][0] and "number" in URLS[name][0]:
            place = {
                "code": submission.respondent.code,
                "round_code": submission.round.code,
                "number": submission.number,
            }
            if key in place:
                return place[key]
        return next((self.values[each] for each in ((name, key), key, value) if each in self.values), value)

    def _user(self, name: str, role: str, submission: Submission) -> User | None:
        if name in SUBMISSIONS and role == "focal point":
            return focal_points_of(submission.respondent)[0]
        if name == "quotations_of_state":
            return focal_points_of(self.quoted)[0]  # type: ignore[arg-type]
        if SUBMISSIONS.get(name) == "in_reading":
            return submission.participation.taken_by
        return self.users[role]

    def _find_submissions(self) -> None:
        every = Submission.everyones.select_related("respondent", "round")
        sent = Remark.everyones.exclude(sent_at=None).values("item__submission")
        published = Submission.objects.published()
        self.in_reading = every.filter(participation__state=SubmissionStage.UNDER_REVIEW).last()
        self.with_questions = every.filter(pk__in=sent).first()
        self.published = published.select_related("respondent", "round").order_by("pk").last()
        self.unpublished = every.exclude(pk__in=published).last()
        quotations = Quotation.everyones.exclude(object_by=None).values_list("revision__record__respondent", flat=True)
        quoted = Counter(quotations).most_common(1)
        self.quoted = Respondent.objects.get(pk=quoted[0][0]) if quoted else None

    def _find_values(self) -> dict[Any, Any]:
        """Return what stands for the examples of the table: by the example, by the parameter, and by both names."""
        own = {"respondent": self.state}
        piece = _row_with_most(Evidence.everyones.filter(**own), "versions")
        file = EvidenceVersion.everyones.filter(evidence__respondent=self.state, form="file").first()
        assignment = Assignment.everyones.filter(**own, state__in=Assignment.TO_BE_WRITTEN).first()
        node = ImportedParagraph.objects.annotate(length=Count("footnotes")).order_by("-length", "pk").first()
        return {
            "XAA": self.state.code,
            "IV-46-i": self.unit.slug,
            "I-13": self.unit.slug,
            "2026": self.round.code,
            "compensation": self.unit.primary_theme.slug,  # type: ignore[union-attr]
            "non-punishment": _row_with_most(Family.objects.all(), "members").slug,
            "protocol-6-6": Provision.objects.first().slug,  # type: ignore[union-attr]
            "number": piece and piece.number,
            ("evidence_file", "number"): file and file.evidence.number,
            "version": file and file.number,
            "ASSIGNMENT": assignment and assignment.pk,
            "ASSIGNEE": assignment and assignment.assignee_key,
            "INSTITUTION": _key(Institution.everyones.filter(**own)),
            "MEMBERSHIP": _key(Membership.objects.filter(**own, role=Role.CONTRIBUTOR)),
            "WITHDRAWAL": _key(Withdrawal.everyones.filter(**own)),
            "WORKBOOK": _key(HeldUpload.everyones.filter(downloaded_at__isnull=False, **own)),
            "EXPORT": _key(Export.objects.filter(owner=self.reviewer)),
            "TRANSCRIPTION": _key(TranscriptionRequest.everyones.filter(entered_by=self.reviewer)),
            "PAPER": _key(Paper.objects.all()),
            "IMPORT": _key(PaperImport.objects.all()),
            "IMPORT_TEXT": node and node.pk,
            "A" * 26: self.submission.code,
            ("quotations_of_state", "code"): self.quoted and self.quoted.code,
            **{(name, "round_code"): self.release and self.release.round.code for name in OF_RELEASE},
        }


def _key(rows: QuerySet) -> int | None:
    return rows.order_by("pk").values_list("pk", flat=True).first()


def _submission_with_most_answers() -> Submission:
    submissions = Submission.everyones.exclude(participation__state=SubmissionStage.WITHDRAWN).order_by("pk")
    answered = [(counts["answered"], pk) for pk, counts in submissions.values_list("pk", "counts")]
    if not answered:
        raise MissingRows
    return Submission.everyones.select_related("respondent", "round").get(pk=max(answered)[1])


def _row_with_most(rows: QuerySet, counted: str):
    return rows.annotate(length=Count(counted)).order_by("-length", "pk").first()
