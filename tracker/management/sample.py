"""The demonstration's invented States, their people and answers, from fixtures/sample/.

One file a State, in the shape of the models: `respondent`, `people` (the focal point first), `evidence` (in the order
of its numbers; `file` names a file beside it) and `answers` (in the order in which they were saved; a label that comes
again is the next revision), which cite evidence as `[number, pinpoint]`. Where a State has `institutions` and
`assignments`, its contributors have what is assigned to theirs, and what they handed back; of a State without, all is
opened to all. round.json has the open round and who
handed in for it, with the questions that came back, the replies in words, whether the reading is closed, and whether
what was handed in first is published.
"""

import json
from collections import Counter
from datetime import date, timedelta

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.files import File
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from recommendations.models import Body, Recommendation
from tracker.actions.assignment import accept, assign, hand_back, return_item
from tracker.actions.event import record_event
from tracker.actions.evidence import EvidenceDetails, add_evidence
from tracker.actions.institution import add_institution, open_desk, set_institution
from tracker.actions.record import Answer, Received, save_answer
from tracker.actions.remark import close_review, remark_on, reply_to, send_questions, take_submission
from tracker.actions.round import open_round, plan_round
from tracker.actions.submission import Statements, check_now, hand_in, permit_use
from tracker.models import (
    Event,
    EvidenceVersion,
    Membership,
    Notification,
    Remark,
    Respondent,
    Round,
    Submission,
    User,
)
from tracker.models.respondent import Kind
from tracker.models.user import Role
from tracker.permissions import contributors_of, focal_points_of
from tracker.uploads import inspect

SAMPLE = settings.BASE_DIR / "fixtures" / "sample"
PASSWORD = "recommendations-2026"  # noqa: S105
PREPARED = "demonstration prepared"
SECRETARIAT = (
    ("bob@secretariat.example", "Bob Castellan", Role.REVIEWER),
    ("dana@secretariat.example", "Dana Whitlock", Role.CURATOR),
    ("erin@secretariat.example", "Erin Maddox", Role.ADMINISTRATOR),
)
OWN_DESK = ("grace@secretariat.example", "Grace Holloway")  # of the Secretariat's units; it has no invented answer
DATES = {
    "convention_signed",
    "convention_acted",
    "protocol_signed",
    "protocol_acted",
    "status_as_at",
    "opens_on",
    "due_on",
    "document_date",
    "target_date",
    "situation_as_at",
    "received_on",
}


def has_people() -> bool:
    """Whether anybody is in the database; a new one has not even the table."""
    return User._meta.db_table in connection.introspection.table_names() and User.objects.exists()


def is_prepared() -> bool:
    """Whether the database is the demonstration's own."""
    return Event.everyones.filter(action=PREPARED).exists()


@transaction.atomic
def load_sample() -> None:
    """Add the invented States with all that is theirs, and the people of the Secretariat: everything or nothing."""
    hashed = make_password(PASSWORD)
    for email, name, role in SECRETARIAT:
        TOTP.activate(_add_person(email=email, name=name, role=role, hashed=hashed), generate_totp_secret())
    secretariat = Respondent.objects.get(kind=Kind.SECRETARIAT)
    email, name = OWN_DESK
    _add_person(email=email, name=name, role=Role.FOCAL_POINT, hashed=hashed, respondent=secretariat)
    units = {unit.label: unit for unit in Recommendation.objects.with_text().units()}
    for path in sorted(SAMPLE.glob("X*.json")):
        _load_state(json.loads(path.read_text(encoding="utf-8")), units, hashed)
    if (path := SAMPLE / "round.json").exists():
        _load_round(**json.loads(path.read_text(encoding="utf-8")))
    record_event(action=PREPARED, target="site", by=None)


def people() -> list[tuple[Membership, str]]:
    """Every membership, those of the Secretariat last, with the key of the person's second factor if there is one."""
    factors = Authenticator.objects.filter(type=Authenticator.Type.TOTP)
    keys = {factor.user_id: decrypt(factor.data["secret"]) for factor in factors}
    memberships = Membership.objects.active().select_related("user", "respondent")
    memberships = memberships.order_by(F("respondent__sort_key").asc(nulls_last=True), "pk")
    return [(membership, keys.get(membership.user_id, "")) for membership in memberships]


def _add_person(*, email: str, name: str, role: str, hashed: str, respondent: Respondent | None = None) -> User:
    """One hash serves everybody: they have the same password, and hashing is slow on purpose."""
    user = User.objects.create(email=email, name=name, password=hashed)
    Membership.objects.create(
        user=user, role=role, respondent=respondent, appointing_document="Invented, for the demonstration"
    )
    return user


def _load_state(sample: dict, units: dict[str, Recommendation], hashed: str) -> None:
    said = _with_dates(sample["respondent"])
    respondent = Respondent.objects.create(kind=Kind.STATE, opens_all_to_contributors=True, **said)
    people = [_add_person(**person, hashed=hashed, respondent=respondent) for person in sample["people"]]
    by_email = {person.email: person for person in people}
    evidence = [_add_evidence(respondent, people[0], **piece) for piece in sample["evidence"]]
    saved: Counter[str] = Counter()
    for answer in sample["answers"]:
        label, author = answer.pop("label"), by_email[answer.pop("by")]
        _save_answer(respondent, units[label], saved[label], author, evidence, **answer)
        saved[label] += 1
    if "assignments" in sample:
        _load_assignments(respondent, units, people[0], sample)


def _load_assignments(respondent: Respondent, units: dict[str, Recommendation], by: User, sample: dict) -> None:
    named = {}
    for one in sample["institutions"]:
        added = add_institution(respondent=respondent, name=one["name"], kind=one["kind"], by=by)
        for membership in Membership.objects.filter(user__email__in=one.get("people", ()), respondent=respondent):
            set_institution(membership=membership, institution=added, by=by)
        named[added.name] = added
    open_desk(respondent=respondent, opens_all=False, by=by)
    for assignment in sample["assignments"]:
        _load_assignment(respondent, units, by, named[assignment.pop("to")], **assignment)


def _load_assignment(
    respondent, all_units, by, to, *, units, due_in=None, note="", ready=(), returned=(), accepted=()
) -> None:
    """`due_in`: days from today, on which nothing is late yet."""
    due_on = timezone.localdate() + timedelta(days=due_in) if due_in else None
    done = assign(
        respondent=respondent, units=[all_units[label] for label in units], to=to, due_on=due_on, note=note, by=by
    )
    given = {assignment.unit.label: assignment for assignment in done.new}
    for label in ready:
        [given[label]] = hand_back(respondent=respondent, unit=all_units[label], by=contributors_of(done.new)[0])
    for label, reason in dict(returned).items():
        return_item(assignment=given[label], reason=reason, by=by)
    accept(respondent=respondent, assignments=[given[label] for label in accepted], by=by)


def _add_evidence(respondent: Respondent, by: User, *, file: str = "", **piece) -> EvidenceVersion:
    if not file:
        return add_evidence(respondent=respondent, by=by, details=EvidenceDetails(**_with_dates(piece)))
    with (SAMPLE / file).open("rb") as content:
        details = EvidenceDetails(**_with_dates(piece), upload=inspect(File(content, name=file)))
        return add_evidence(respondent=respondent, by=by, details=details)


def _save_answer(respondent, unit, base, by, evidence, *, change_reason="", citations=(), **said) -> None:
    cited = [(evidence[number - 1], pinpoint) for number, pinpoint in citations]
    said = _with_dates(said)
    received = Received(said.pop("received_from", ""), said.pop("received_on", None))
    save_answer(
        respondent=respondent,
        unit=unit,
        base=base,
        answer=Answer(**said, citations=cited),
        by=by,
        change_reason=change_reason,
        received=received,
    )


def _with_dates(values: dict) -> dict:
    return {name: date.fromisoformat(value) if name in DATES else value for name, value in values.items()}


def _load_round(round: dict, handed_in: list[dict]) -> None:
    """Nobody is told by mail of what is invented."""
    reviewer = User.objects.get(email=SECRETARIAT[0][0])
    planned = Round(body=Body.objects.get(), **_with_dates(round))
    plan_round(round=planned, meetings=[], themes=[], families=[], by=reviewer)
    open_round(round=planned, by=reviewer)
    planned.refresh_from_db()
    for sample in handed_in:
        _load_submission(planned, reviewer, **sample)
    Notification.objects.update(sent_at=timezone.now())


def _load_submission(
    round: Round, reviewer: User, respondent: str, questions=None, replies=None, closed=False, published=False
) -> None:
    state = Respondent.objects.get(code=respondent)
    focal_point = focal_points_of(state)[0]
    submission = _hand_in(state, round, focal_point)
    if published:
        permit_use(submission=submission, published=True, by=focal_point)
    if not questions:
        return
    take_submission(submission=submission, by=reviewer)
    items = submission.items(manager="everyones").filter(unit__label__in=questions).select_related("unit")
    asked = [
        remark_on(item=item, kind=Remark.Kind.QUESTION, question=questions[item.unit.label], by=reviewer)
        for item in items
    ]
    send_questions(submission=submission, by=reviewer)
    if not replies:
        return
    for remark in asked:
        remark.refresh_from_db()
        reply_to(remark=remark, text=replies[remark.item.unit.label], base=0, by=focal_point)
    answers = _hand_in(state, round, focal_point)
    if closed:
        take_submission(submission=answers, by=reviewer)
        close_review(submission=answers, by=reviewer)


def _hand_in(state: Respondent, round: Round, by: User) -> Submission:
    stated = Statements(names_no_victim=True, gaps_confirmed=True)
    return hand_in(
        respondent=state, round_=round, fingerprint=check_now(state, round).fingerprint, statements=stated, by=by
    )
