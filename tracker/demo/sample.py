"""Load the demonstration's invented States, their people and answers from fixtures/sample/.

One file a State, with the names of the models' fields: `respondent`; `people`, the focal point first; `evidence`, by
number, where `file` names a file in the same folder; `answers` in the order of saving, where a label that repeats is
the next version; they cite evidence as `[number, pinpoint]`. `earlier_answers` are submitted in the earlier round.
With `institutions` and `assignments`, contributors see what is assigned to them, and some of it is sent to the focal
point; without, they see everything. `proposals` change fields of an answer, `comments` are in the order of writing, and
`transcribed` is entered by the Secretariat. round.json has the `earlier` round, which is read and closed, the open
`round`, and `submitted`: who submits in it, with questions, replies, whether the reading is closed, and whether it is
published.

further.json has the States that only submit in the earlier round, so that its release covers enough for figures: the
`language` of their answers, the `share` of recommendations that they answer, the `level` to which they implement these
(0 on average), the day of the submission, and whether it is `published`.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, make_password
from django.core.files import File
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.test.utils import override_settings
from django.utils import timezone

from recommendations.models import Body, Recommendation
from tracker.actions.access_change import request_address
from tracker.actions.assignment import accept_assignments, assign, return_assignment, send_to_focal_point
from tracker.actions.bulk import mark_ready
from tracker.actions.comment import write_comment
from tracker.actions.daily_list import sign_daily_list
from tracker.actions.event import record_event, record_loaded
from tracker.actions.evidence import EvidenceDetails, add_evidence
from tracker.actions.institution import add_institution, open_desk, set_institution
from tracker.actions.proposal import add_proposal
from tracker.actions.record import SeenAnswer, save_together
from tracker.actions.release import make_release
from tracker.actions.remark import close_reading, note_items, save_remark, send_clarifications, start_reading
from tracker.actions.reply import GivenReply, submit_replies
from tracker.actions.respondent import load_respondents
from tracker.actions.round import open_round, plan_round, set_closing_date
from tracker.actions.submission import Statements, change_use, check_submission, submit
from tracker.actions.transcription import add_request, transcribe
from tracker.demo.clock import on_day
from tracker.demo.people import NO_MAIL, PASSWORD, grant_event
from tracker.demo.sentences import Writer
from tracker.documents.exchange.uploads import check_upload
from tracker.figures.comparison import STEPS
from tracker.models import (
    Assignment,
    Event,
    EvidenceVersion,
    Membership,
    Notification,
    Record,
    Remark,
    Respondent,
    Round,
    Submission,
    User,
)
from tracker.models.answer_fields import UNFINISHED, AssistanceKind
from tracker.models.event import Action
from tracker.models.record import Answer, ReceivedDetails
from tracker.models.remark import RemarkKind
from tracker.models.respondent import RespondentKind
from tracker.models.status import ReasonCode, Status
from tracker.models.user import Role
from tracker.permissions import contributors_of, focal_points_of, people_with_role

SAMPLE = settings.BASE_DIR / "fixtures" / "sample"
REVIEWER = "bob@secretariat.example"
SECRETARIAT = (
    ("erin@secretariat.example", "Erin Maddox", Role.ADMINISTRATOR),
    ("farid@secretariat.example", "Farid Nasser", Role.ADMINISTRATOR),
    ("gwen@secretariat.example", "Gwen Okoye", Role.ADMINISTRATOR),
    (REVIEWER, "Bob Castellan", Role.REVIEWER),
    ("dana@secretariat.example", "Dana Whitlock", Role.CURATOR),
)
START = date(2024, 9, 2)
# Before the day of preparation: so the changes of the last thirty days are the versions after the first.
ASSIGNED_AGO, SAVED_AGO, CHANGED_AGO = timedelta(days=34), timedelta(days=32), timedelta(days=12)
STATEMENTS = Statements(names_no_victim=True, in_aggregates=True)
SECRETARIAT_FOCAL_POINT = ("grace@secretariat.example", "Grace Holloway")  # it has no invented answer
DAY = re.compile(r"\d{4}-\d\d-\d\d")


def is_of_others() -> bool:
    """Return whether a database has users, or anything in its trail but the catalogue, and is no demonstration.

    A new database has not even the tables.
    """
    if Event._meta.db_table not in connection.introspection.table_names() or has_sample():
        return False
    return User.objects.exists() or Event.everyones.exclude(action=Action.CATALOGUE_LOADED).exists()


def has_sample() -> bool:
    return Event.everyones.filter(action=Action.DEMONSTRATION_PREPARED).exists()


@override_settings(MAILERS=NO_MAIL)
@transaction.atomic
def load_sample() -> None:
    units = {unit.label: unit for unit in Recommendation.objects.of(None).with_text().units()}
    samples = [_read(path) for path in sorted(SAMPLE.glob("X*.json"))]
    rounds = _read(SAMPLE / "round.json") if (SAMPLE / "round.json").exists() else {}
    further_samples = _read(SAMPLE / "further.json") if rounds else []
    with on_day(START):
        load_respondents()
        hashed = make_password(PASSWORD)
        _add_secretariat(hashed)
        states = [SampleState(sample, units, hashed) for sample in samples]
        further = [FurtherState(sample, units) for sample in further_samples]
    if rounds:
        _load_earlier_round([*states, *further], **rounds["earlier"])
    for state in states:
        state.add_all()
    if rounds:
        _load_round(rounds["round"], rounds["submitted"])
    if states:
        requester = User.objects.get(email=SECRETARIAT[0][0])
        request_address(user=states[0].viewer, email="viola.hartnell@arandia.example", by=requester)
    Notification.objects.update(sent_at=timezone.now())
    record_event(action=Action.DEMONSTRATION_PREPARED, target="site", by=None)
    sign_daily_list()


def people() -> QuerySet[Membership]:
    """Return memberships of those who can sign in, the Secretariat's last."""
    can_sign_in = Membership.objects.current().exclude(user__password__startswith=UNUSABLE_PASSWORD_PREFIX)
    memberships = can_sign_in.select_related("user", "respondent")
    return memberships.order_by(F("respondent__sort_key").asc(nulls_last=True), "pk")


def _add_person(*, email: str, name: str, role: str, hashed: str, respondent: Respondent | None = None) -> User:
    """Add a user, whose role two administrators give once there are three. All have the same password, hashed once, as
    hashing is slow on purpose.
    """
    administrators = people_with_role(Role.ADMINISTRATOR)
    requester, confirmer = administrators[:2] if len(administrators) > 2 else (None, None)
    user = User.objects.create(email=email, name=name, password=hashed, joined_at=timezone.now())
    membership = Membership.objects.create(
        user=user,
        role=role,
        respondent=respondent,
        appointing_document="Invented, for the demonstration",
        granted_by=requester,
        confirmed_by=confirmer,
    )
    record_event(**grant_event(membership), respondent=respondent, rows=[user, membership])
    return user


def _add_secretariat(hashed: str) -> None:
    for email, name, role in SECRETARIAT:
        _add_person(email=email, name=name, role=role, hashed=hashed)
    respondent = Respondent.objects.get(kind=RespondentKind.SECRETARIAT)
    email, name = SECRETARIAT_FOCAL_POINT
    _add_person(email=email, name=name, role=Role.FOCAL_POINT, hashed=hashed, respondent=respondent)


class SampleState:
    def __init__(self, sample: dict, units: dict[str, Recommendation], hashed: str):
        self.sample, self.units = sample, units
        self.respondent = Respondent.objects.create(
            kind=RespondentKind.STATE, opens_all_to_contributors=True, **sample["respondent"]
        )
        record_loaded([self.respondent])
        people = [_add_person(**person, hashed=hashed, respondent=self.respondent) for person in sample["people"]]
        self.people = {person.email: person for person in people}
        self.focal_point, self.viewer = people[0], people[-1]
        self.evidence: list[EvidenceVersion] = []
        self.saved: Counter[str] = Counter()

    def submit_earlier(self, round_: Round) -> None:
        if "earlier_answers" in self.sample:
            self._save_answers(self.sample["earlier_answers"])
            _submit(self.respondent, round_, self.focal_point)

    def add_all(self) -> None:
        today, samples = timezone.localdate(), self.sample.get("assignments", ())
        answers = self.sample["answers"]
        firsts = {answer["label"]: answer for answer in reversed(answers)}
        with on_day(today - ASSIGNED_AGO):
            self._add_institutions()
            assignments = [self._assign(today, **sample) for sample in samples]
        with on_day(today - SAVED_AGO):
            self.evidence = [self._add_evidence(**piece) for piece in self.sample["evidence"]]
            self._save_answers(firsts.values())
        with on_day(today - CHANGED_AGO):
            self._save_answers(answer for answer in answers if answer is not firsts[answer["label"]])
        if assignments:
            open_desk(respondent=self.respondent, opens_all=False, by=self.focal_point)
        for by_label, sample in zip(assignments, samples, strict=True):
            self._change_assignments(by_label, **sample)
        for proposal in self.sample.get("proposals", ()):
            self._add_proposal(**proposal)
        for number, comment in enumerate(self.sample.get("comments", ())):
            self._comment(after=number, **comment)
        if "transcribed" in self.sample:
            self._transcribe(today, **self.sample["transcribed"])

    def _add_institutions(self) -> None:
        self.institutions = {}
        for sample in self.sample.get("institutions", ()):
            added = add_institution(
                respondent=self.respondent, name=sample["name"], kind=sample["kind"], by=self.focal_point
            )
            members = Membership.objects.filter(user__email__in=sample.get("people", ()), respondent=self.respondent)
            for membership in members:
                set_institution(membership=membership, institution=added, by=self.focal_point)
            self.institutions[added.name] = added

    def _assign(self, today: date, *, to, units, due_in=None, note="", **_later) -> dict[str, Assignment]:
        """Return assignments by label; `due_in` is in days from today, below 0 for a due date that has passed."""
        assignments = assign(
            respondent=self.respondent,
            units=[self.units[label] for label in units],
            to=self.institutions[to],
            due_on=today + timedelta(days=due_in) if due_in else None,
            note=note,
            by=self.focal_point,
        )
        return {assignment.unit.label: assignment for assignment in assignments}

    def _change_assignments(
        self, assignments: dict[str, Assignment], *, ready=(), returned=(), accepted=(), **_before
    ) -> None:
        for label in ready:
            contributor = contributors_of(assignments.values())[0]
            [assignments[label]] = send_to_focal_point(
                respondent=self.respondent, unit=self.units[label], by=contributor
            )
        for label, reason in dict(returned).items():
            return_assignment(assignment=assignments[label], reason=reason, by=self.focal_point)
        accept_assignments(
            respondent=self.respondent, assignments=[assignments[label] for label in accepted], by=self.focal_point
        )

    def _add_evidence(self, *, file: str = "", **piece) -> EvidenceVersion:
        if not file:
            return add_evidence(respondent=self.respondent, by=self.focal_point, details=EvidenceDetails(**piece))
        with (SAMPLE / file).open("rb") as content:
            details = EvidenceDetails(**piece, upload=check_upload(File(content, name=file)))
            return add_evidence(respondent=self.respondent, by=self.focal_point, details=details)

    def _save_answers(self, answers: Iterable[dict]) -> None:
        """Save them, those of one person together, then let the focal point mark ready what contributors wrote."""
        ready: dict[str, bool] = {}
        turns, together = Counter[str](), defaultdict[tuple, list[tuple[str, Answer]]](list)
        for sample in answers:
            label = sample["label"]
            turns[label] += 1
            ready[label] = sample.get("ready", False)
            answer, *details = self._read_answer(**sample)
            together[turns[label], *details].append((label, answer))
        for (_turn, by, change_reason, received), answered in sorted(together.items(), key=lambda each: each[0][0]):
            save_together(
                respondent=self.respondent,
                answers=[(SeenAnswer(self.units[label], self.saved[label]), answer) for label, answer in answered],
                by=self.people[by],
                change_reason=change_reason,
                received=received,
            )
            self.saved.update(label for label, _answer in answered)
        seen = [SeenAnswer(self.units[label], self.saved[label]) for label, is_ready in ready.items() if is_ready]
        marked = mark_ready(respondent=self.respondent, answers=seen, by=self.focal_point)
        self.saved.update(revision.record.recommendation.label for revision in marked)

    def _read_answer(
        self, *, label: str, by: str, change_reason="", citations=(), **fields
    ) -> tuple[Answer, str, str, ReceivedDetails]:
        """Return the answer, the e-mail address of its author, the reason of the change, and what was received."""
        received = ReceivedDetails(fields.pop("received_from", ""), fields.pop("received_on", None))
        cited = [(self.evidence[number - 1], pinpoint) for number, pinpoint in citations]
        return Answer(**fields, citations=cited), by, change_reason, received

    def _add_proposal(self, *, label: str, by: str, **fields) -> None:
        record = Record.everyones.get(respondent=self.respondent, recommendation=self.units[label])
        add_proposal(
            respondent=self.respondent,
            unit=self.units[label],
            base=self.saved[label],
            answer=replace(Answer.of(record.current), **fields),  # type: ignore[arg-type]
            by=self.people[by],
        )

    def _comment(self, *, label: str, by: str, text: str, after: int) -> None:
        write_comment(respondent=self.respondent, unit=self.units[label], text=text, by=self.people[by], after=after)

    def _transcribe(self, today: date, *, reference: str, days_ago: int, days_left: int, answers: list[dict]) -> None:
        reviewer = _reviewer()
        request = add_request(
            respondent=self.respondent,
            reference=reference,
            requested_on=today - timedelta(days=days_ago),
            ends_on=today + timedelta(days=days_left),
            by=reviewer,
        )
        for answer in answers:
            unit = self.units[answer.pop("label")]
            transcribe(request=request, unit=unit, answer=Answer(**answer), by=reviewer)


class FurtherState(SampleState):
    """A State that answers by chance in the earlier round. No password opens its focal point's account."""

    def __init__(self, sample: dict, units: dict[str, Recommendation]):
        super().__init__(sample, units, make_password(None))

    def submit_earlier(self, round_: Round) -> None:
        random = Random(self.respondent.code)  # noqa: S311
        writer = Writer(random, self.sample["language"], round_.due_on.year)
        units = self.respondent.find_units_to_answer(self.units.values())
        answers = [
            (SeenAnswer(unit), _answer_by_chance(writer, self.sample["level"] + _ease(unit)))
            for unit in self.units.values()
            if unit.pk in units and random.random() < self.sample["share"]
        ]
        save_together(respondent=self.respondent, answers=answers, by=self.focal_point)
        _submit(self.respondent, round_, self.focal_point, published=self.sample.get("published"))


def _answer_by_chance(writer: Writer, level: float) -> Answer:
    """Return an answer of a State that implements to this level, 0 on average."""
    random, bank = writer.random, writer.bank
    up = 12 * level
    shares = (max(0, 15 - up), max(0, 18 - up / 2), 23, max(0, 34 + 1.5 * up), 4, 6)
    status = random.choices((*STEPS, Status.CONSIDERED_NOT_TAKEN_UP, Status.NOT_APPLICABLE), shares)[0]
    is_unfinished = status in UNFINISHED
    needs_help = is_unfinished and random.random() < 0.4
    return Answer(
        status=status,
        reason_code=ReasonCode.OTHER if status == Status.NOT_APPLICABLE else "",
        reasons="" if status in STEPS else writer.text(bank.reasons),
        measures=writer.text(bank.measures, 1, 4) if status in STEPS[1:] else "",
        difficulties=writer.text(bank.difficulties, 1, 3) if is_unfinished else "",
        assistance_kinds=[random.choice(AssistanceKind.values)] if needs_help else [],
        assistance=writer.text(bank.assistance) if needs_help else "",
        lead_institution=writer.institution(),
        language=writer.language,
        ready=True,
    )


def _ease(unit: Recommendation) -> float:
    """Return how much easier than others a recommendation is to implement, by its theme and by itself."""
    theme, own = (Random(f"{key}").uniform(-1, 1) for key in (unit.primary_theme_id, unit.label))  # noqa: S311
    return theme + 2 * own


def _reviewer() -> User:
    return User.objects.get(email=REVIEWER)


def _load_earlier_round(
    states: list[SampleState], *, submitted_on: date, read_on: date, closes_on: date, released_on: date, **fields
) -> None:
    with on_day(START):
        round_ = _open(fields)
    for state in states:
        with on_day(state.sample.get("submits_on", submitted_on)):
            state.submit_earlier(round_)
    with on_day(read_on):
        reviewer = _reviewer()
        for submission in Submission.everyones.filter(round=round_).order_by("pk"):
            start_reading(submission=submission, by=reviewer)
            items = submission.items(manager="everyones").select_related("unit")
            note_items(submission=submission, items=list(items), by=reviewer)
            close_reading(submission=submission, by=reviewer)
        set_closing_date(round=round_, closes_on=closes_on, by=reviewer)
    with on_day(released_on):
        make_release(round=round_, by=_reviewer())


def _load_round(fields: dict, submitted: list[dict]) -> None:
    closes_on = fields.pop("closes_on")
    with on_day(fields["opens_on"]):
        round_ = _open(fields)
        set_closing_date(round=round_, closes_on=closes_on, by=_reviewer())
    for sample in submitted:
        _load_submission(round_, _reviewer(), **sample)


def _open(fields: dict) -> Round:
    planned = Round(body=Body.objects.get(is_first=True), **fields)
    plan_round(round=planned, meetings=[], themes=[], families=[], by=_reviewer())
    open_round(round=planned, by=_reviewer())
    planned.refresh_from_db()
    return planned


def _load_submission(
    round: Round, reviewer: User, respondent: str, questions=None, replies=None, closed=False, published=False
) -> None:
    state = Respondent.objects.get(code=respondent)
    focal_point = focal_points_of(state)[0]
    submission = _submit(state, round, focal_point)
    if published:
        change_use(submission=submission, published=True, by=focal_point)
    if not questions:
        return
    start_reading(submission=submission, by=reviewer)
    items = submission.items(manager="everyones").filter(unit__label__in=questions).select_related("unit")
    asked = [
        save_remark(item=item, kind=RemarkKind.CLARIFICATION, question=questions[item.unit.label], by=reviewer)
        for item in items
    ]
    send_clarifications(submission=submission, by=reviewer)
    if not replies:
        return
    given = [GivenReply(Remark.everyones.get(pk=remark.pk), replies[remark.item.unit.label]) for remark in asked]
    answers = submit_replies(respondent=state, round_=round, given=given, names_no_victim=True, by=focal_point)
    if closed:
        close_reading(submission=answers, by=reviewer)


def _submit(state: Respondent, round: Round, by: User, published: bool | None = None) -> Submission:
    fingerprint = check_submission(state, round).digest
    statements = replace(STATEMENTS, published=published)
    return submit(respondent=state, round_=round, fingerprint=fingerprint, statements=statements, by=by)


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"), object_hook=_read_days)


def _read_days(values: dict) -> dict:
    return {name: date.fromisoformat(value) if DAY.fullmatch(str(value)) else value for name, value in values.items()}
