"""Form 1 is frozen: whatever is digested has the digest that docs/verify/vectors.json gives."""

import json
import runpy
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
import rfc8785
from django.apps import apps
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from recommendations.models import Body, Recommendation, Wording
from tests.conftest import make_state
from tracker.models import (
    Assignment,
    AssistanceNeed,
    BriefText,
    Citation,
    Comment,
    Confirmation,
    DailyLine,
    DailyList,
    Event,
    EventRow,
    Evidence,
    EvidenceFile,
    EvidenceVersion,
    Participation,
    Proposal,
    Record,
    Release,
    ReleaseFile,
    ReleaseStanding,
    Remark,
    Reply,
    Respondent,
    Revision,
    Round,
    StatusReport,
    Submission,
    SubmissionEvidence,
    SubmissionItem,
    TranscriptionRequest,
    Use,
    User,
    Withdrawal,
)
from tracker.models.confirmation import digest_of
from tracker.models.digest import canonical, digest_value, field_digest, has_same_fields, wording_reference
from tracker.models.remark import digest_of_participation
from tracker.models.submission import content_digest

SCRIPT = runpy.run_path(str(settings.BASE_DIR / "docs/verify/verify.py"))
VECTORS = json.loads((settings.BASE_DIR / "docs/verify/vectors.json").read_text(encoding="utf-8"))

DAY = date(2026, 11, 20)
AT = datetime(2026, 11, 20, 9, 41, tzinfo=UTC)
DIGESTS = [str(digit) * 64 for digit in range(10)]
FIELDS = {"status": DIGESTS[1], "measures": DIGESTS[2]}
XZZ = Respondent(code="XZZ", name="Zedonia")
UNIT = Recommendation(label="IV.46(c)", slug="IV-46-c")
ROUND = Round(pk=4, code="2026", title="Round 2026", body_id=1, opens_on=DAY, due_on=DAY)
WORDING = Wording(number=2, text="States should “consider”\t\\ 受害者 🕊")
REVISION = Revision(
    record=Record(respondent=XZZ, recommendation=UNIT),
    number=3,
    wording=WORDING,
    source=Revision(digest=DIGESTS[3]),
    author_id=7,
    created_at=AT,
    previous_digest=DIGESTS[4],
    field_digests=FIELDS,
    digest=DIGESTS[5],
)
VERSION = EvidenceVersion(
    evidence=Evidence(respondent=XZZ, number=5),
    number=2,
    file=EvidenceFile(sha256=DIGESTS[6]),
    author_id=7,
    created_at=AT,
    previous_digest=DIGESTS[4],
    field_digests={"title": DIGESTS[1]},
    digest=DIGESTS[7],
)
CITATION = Citation(evidence_version=VERSION, field_digests={"pinpoint": DIGESTS[1]}, digest=DIGESTS[8])
SUBMISSION = Submission(
    respondent=XZZ,
    round=ROUND,
    number=2,
    sealed_at=AT,
    sealed_by_id=7,
    late=False,
    counts={"asked": 1, "answered": 1},
    confirmed_gaps={"unanswered": 0},
    names_no_victim=True,
    authority="Ministry of Justice",
    cleared_on=DAY,
    use={"in_aggregates": True, "quoted": False, "published": False},
    replies=[DIGESTS[4]],
    code="ABCDEFGHJKLMNPQRSTUVWXYZ23",
    content_digest=DIGESTS[1],
    digest=DIGESTS[2],
)
ITEM = SubmissionItem(
    unit=UNIT,
    wording=WORDING,
    chapeaux=[["IV.46", 1, DIGESTS[1]]],
    answered_with=[],
    revision=REVISION,
    status="implemented",
    still_correct_as_at=DAY,
    digest=DIGESTS[3],
)
REMARK = Remark(
    item=ITEM,
    kind="clarification_requested",
    author_id=8,
    saved_at=AT,
    field_digests={"question": DIGESTS[1]},
    digest=DIGESTS[9],
)
EVENT = Event(
    chain="XZZ",
    number=12,
    at=AT,
    actor_id=7,
    action="answer saved",
    target="record IV.46(c)",
    before=f"revision 2 {DIGESTS[1]}",
    after=f"revision 3 {DIGESTS[2]}",
    previous_digest=DIGESTS[3],
)
PARTICIPATION = Participation(
    respondent=XZZ, round=ROUND, current=SUBMISSION, state="under_review", taken_by_id=8, taken_at=AT
)
PROPOSAL = Proposal(
    respondent=XZZ,
    unit=UNIT,
    origin="questionnaire",
    author_id=7,
    received_on=DAY,
    base=2,
    made_at=AT,
    field_digests=FIELDS | {"decline_reason": DIGESTS[3]},
    state="declined",
    decided_by_id=8,
    decided_at=AT,
    digest=DIGESTS[4],
)
TRANSCRIPTION = TranscriptionRequest(
    respondent=XZZ,
    requested_on=DAY,
    ends_on=DAY,
    entered_by_id=8,
    entered_at=AT,
    field_digests={"reference": DIGESTS[1]},
    digest=DIGESTS[2],
)
REPORT = StatusReport(
    respondent=XZZ,
    reported_by_id=7,
    reported_at=AT,
    field_digests=dict.fromkeys(StatusReport.digested, DIGESTS[1]) | {"answer": DIGESTS[2]},
    state="corrected",
    answered_by_id=8,
    answered_at=AT,
    digest=DIGESTS[3],
)


# What is digested, by its name in the vectors; those of DATABASE read other rows.
ROWS: dict[str, Callable[[], str]] = {
    "field": lambda: field_digest("0" * 32, "An act.\n"),
    "wording": lambda: digest_value(wording_reference("IV.46(c)", WORDING)),
    "Revision": lambda: REVISION.make_digest([CITATION]),
    "EvidenceVersion": VERSION.make_digest,
    "Citation": CITATION.make_digest,
    "SubmissionEvidence": SubmissionEvidence(citation=CITATION, withheld=True, salt="0" * 32).make_digest,
    "SubmissionItem": lambda: ITEM.make_digest([DIGESTS[4]]),
    "content": lambda: content_digest([["IV.46(c)", DIGESTS[1], None, [[DIGESTS[2], False]]]], [DIGESTS[3]]),
    "Submission": lambda: SUBMISSION.make_digest([DIGESTS[3]]),
    "Remark": REMARK.make_digest,
    "Reply": Reply(remark=REMARK, author_id=7, saved_at=AT, field_digests={"text": DIGESTS[1]}).make_digest,
    "Participation": lambda: digest_of_participation(PARTICIPATION, [(DIGESTS[1], AT), (DIGESTS[2], None)]),
    "Use": Use(submission=SUBMISSION, quoted=True, said_by_id=7, said_at=AT).make_digest,
    "Confirmation": lambda: digest_of(
        [Confirmation(revision=REVISION, round=ROUND, as_at=DAY, author_id=7, saved_at=AT)]
    ),
    "Event": lambda: EVENT.make_digest([EventRow(name="bar 3", content={"user": 8, "lifted_at": None})]),
    "Comment": Comment(
        respondent=XZZ,
        unit=UNIT,
        number=1,
        mentioned=[8],
        author_id=7,
        written_at=AT,
        field_digests={"text": DIGESTS[1]},
    ).make_digest,
    "BriefText": BriefText(
        respondent=XZZ, number=1, author_id=7, saved_at=AT, field_digests={"text": DIGESTS[1]}
    ).make_digest,
    "Proposal": PROPOSAL.make_digest,
    "Proposal, state": PROPOSAL.state_digest,
    "TranscriptionRequest": TRANSCRIPTION.make_digest,
    "TranscriptionRequest, state": TRANSCRIPTION.state_digest,
    "StatusReport": REPORT.make_digest,
    "StatusReport, state": REPORT.state_digest,
    "Assignment": Assignment(
        respondent=XZZ, unit=UNIT, person_id=7, due_on=DAY, assigned_by_id=8, assigned_at=AT
    ).make_digest,
    "AssistanceNeed": AssistanceNeed(respondent=XZZ, unit=UNIT, state="seen", by_id=8, at=AT).make_digest,
    "DailyLine": DailyLine(chain="XZZ", number=12, head=DIGESTS[1], salt="0" * 32).make_digest,
    "DailyList": DailyList(
        number=2,
        day=DAY,
        lines_digest=DIGESTS[1],
        key_number=1,
        public_key=DIGESTS[2],
        previous_digest=DIGESTS[3],
    ).make_digest,
}


def make_release(**fields: int) -> Release:
    release = Release.objects.create(
        round=Round.objects.create(
            body=Body.objects.get(is_first=True), code="2026", title="Round 2026", opens_on=DAY, due_on=DAY
        ),
        made_at=AT,
        made_by=User.objects.create(pk=900, name="Bob", email="bob@example.org"),
        covered=6,
        invited=9,
        units=[["IV-46-c", "IV.46(c)"]],
        figures=[["IV.46(c)", 6]],
        **fields,
    )
    ReleaseFile.objects.create(release=release, kind="csv", file="releases/a", size=10, sha256=DIGESTS[1])
    ReleaseStanding.everyones.create(
        release=release,
        respondent=make_state("XZZ", "Zedonia", pk=900),
        is_permitted=False,
        is_withdrawn=False,
        treaty_status="party",
    )
    return release


def make_removal() -> Withdrawal:
    respondent = make_state("XZZ", "Zedonia", pk=900)
    removal = Withdrawal.everyones.create(
        respondent=respondent,
        reason="name",
        requested_by=User.objects.create(pk=7, name="Alice", email="alice@example.org"),
        requested_at=AT,
        places=[[DIGESTS[1], "measures"]],
    )
    file = EvidenceFile.everyones.create(pk=900, respondent=respondent, file="evidence/a", size=10, sha256=DIGESTS[2])
    removal.files(manager="everyones").add(file)
    return removal


# Those that read other rows of the database
STORED: dict[str, Callable[[], str]] = {
    "Release": lambda: make_release().make_digest(),
    "Release, confirmed": lambda: make_release(confirmed=35).make_digest(),
    "Withdrawal": lambda: make_removal().make_digest(),
}


def digest_of_kind(kind: str) -> str:
    [vector] = [vector for vector in VECTORS if vector["kind"] == kind]
    return vector["digest"]


@pytest.mark.parametrize("kind", ROWS)
def test_what_is_digested_has_the_digest_of_its_vector(kind):
    assert ROWS[kind]() == digest_of_kind(kind)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", STORED)
def test_what_is_digested_with_other_rows_has_the_digest_of_its_vector(kind):
    assert STORED[kind]() == digest_of_kind(kind)


def test_every_model_with_a_digest_has_a_vector():
    digested = {model.__name__ for model in apps.get_models() if hasattr(model, "make_digest")}
    assert digested <= {vector["kind"] for vector in VECTORS}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["kind"])
def test_a_vector_is_in_the_form_that_it_states(vector):
    assert canonical(vector["value"]).decode() == vector["canonical"]
    assert digest_value(vector["value"]) == vector["digest"]


def leaves(value, path=()):
    """Paths to everything in a value that is no list and no object with something in it."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from leaves(part, (*path, key))
    if not parts:
        yield path


def with_other(value, path):
    if not path:
        return [value]
    key, *rest = path
    parts = dict(value) if isinstance(value, dict) else list(value)
    parts[key] = with_other(value[key], rest)
    return parts


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["kind"])
def test_the_script_and_the_site_agree_on_a_vector_altered_in_any_place(vector):
    assert SCRIPT["sha256"](vector["value"]) == vector["digest"]
    for path in leaves(vector["value"]):
        altered = with_other(vector["value"], path)
        assert SCRIPT["sha256"](altered) == digest_value(altered) != vector["digest"]


def test_the_script_names_a_vector_that_does_not_match():
    assert SCRIPT["checked_files"]([json.dumps(VECTORS)]) == ([], [], f"{len(VECTORS)} vectors match")
    for name in ("canonical", "digest"):
        altered = [VECTORS[0] | {name: "x"}, *VECTORS[1:]]
        wrong, _untied, _words = SCRIPT["checked_files"]([json.dumps(altered)])
        assert wrong == ["text: the canonical form or its digest does not match"]


# The canonical form

NAMES = st.text(st.characters(max_codepoint=127))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda values: st.lists(values) | st.dictionaries(NAMES, values),
)


@given(VALUES)
def test_it_is_that_of_rfc_8785(value):
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    "value",
    [0.5, 1.0, float("nan"), 2**53, -(2**53), "\ud800", "\udfff\ud800", {"\u00e9": 1}, {1: 1}, {None: 1}, b"", {1}],
    ids=repr,
)
def test_what_has_no_form_is_refused(value):
    for within in (value, [value], {"name": value}):
        with pytest.raises(ValueError):
            canonical(within)


@pytest.mark.parametrize(
    "text", ["[0.5]", "[1.0]", "[1e3]", "[NaN]", "[-Infinity]", f"[{2**53}]", '{"\\u00e9": 1}', '{"a": 1, "a": 1}']
)
def test_the_script_reads_nothing_that_has_no_form(text):
    with pytest.raises(ValueError):
        SCRIPT["read"](text)


def test_days_and_times_are_in_iso_8601():
    assert canonical([DAY, AT]) == b'["2026-11-20","2026-11-20T09:41:00.000000+00:00"]'


# A column that came after a row


def test_a_field_that_came_after_a_row_is_empty_in_it():
    salts, digests = {"measures": "0" * 32}, {"measures": field_digest("0" * 32, "An act.")}
    row = {"measures": "An act."}
    for empty in ("", None, False, []):
        assert has_same_fields(row | {"follow_up": empty}, salts, digests) is True
    assert has_same_fields(row | {"follow_up": "Words."}, salts, digests) is False
    assert has_same_fields({}, salts, digests) is False
