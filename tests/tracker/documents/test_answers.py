"""The answers to take home: every item that may be used, by codes alone, the same in CSV and in the workbook."""

import datetime
import re
import tempfile
import tracemalloc
import zipfile
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
from django.db import connection
from django.utils import timezone

from tests.conftest import make_person, make_state
from tests.files import rows_of_csv, sheets_of
from tests.labels import titles
from tests.submissions import opened_round, submit_ready
from tracker.actions.evidence import EvidenceDetails, add_evidence
from tracker.actions.reading_restriction import add_restriction
from tracker.actions.record import Answer, save_answer
from tracker.actions.submission import change_use, withdraw_from_round
from tracker.documents import answers
from tracker.figures.progress import rounds, standing_by_round
from tracker.models import Export, Participation, Respondent, Submission, SubmissionItem, Use, User
from tracker.models.respondent import StateGroup
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

WORDS = "Quetzal"


def save(state, unit, by, label, base=0, **said) -> None:
    save_answer(respondent=state, unit=unit(label), base=base, answer=Answer(ready=True, **said), by=by)


@pytest.fixture
def round_(bob):
    return opened_round(bob, meetings=[1])


@pytest.fixture
def law(xaa, alice):
    said = {"title": f"{WORDS} law", "kind": "law", "language": "en", "url": "https://law.example"}
    return [
        add_evidence(respondent=xaa, by=alice, details=EvidenceDetails(**said, disclosure=disclosure))
        for disclosure in ("state", "public")
    ]


@pytest.fixture
def both(xaa, xbb, alice, charlie, round_, unit, law):
    Respondent.objects.filter(pk=xaa.pk).update(regional_group=StateGroup.AFRICAN, name="=Arandia")
    save(
        xaa,
        unit,
        alice,
        "I.13",
        status="partially_implemented",
        measures=WORDS,
        difficulties=WORDS,
        assistance_kinds=["training", "data"],
        assistance=WORDS,
        good_practice=True,
        lead_institution=WORDS,
        target_date=datetime.date(2027, 6, 30),
        situation_as_at=datetime.date(2026, 10, 1),
        language="fr",
        citations=[(law[0], WORDS), (law[1], WORDS)],
    )
    save(xaa, unit, alice, "I.1", status="not_applicable", reason_code="date_has_passed", reasons=WORDS)
    save(xbb, unit, charlie, "I.13", status="implemented", measures=WORDS)
    return submit_ready(xaa, round_, alice), submit_ready(xbb, round_, charlie)


def csv_file(user: User, *codes: str) -> bytes:
    with tempfile.TemporaryFile() as file:
        answers.write_csv(answers.standing(user, codes), file)
        file.seek(0)
        return file.read()


def of_csv(user: User, *codes: str) -> list[dict[str, str]]:
    return rows_of_csv(csv_file(user, *codes))


def export_of(user: User) -> Export:
    return Export(owner=user, rounds=[])


def not_told(done: int, total: int) -> None:
    """Nobody asks how far it is."""


@pytest.fixture
def file():
    with tempfile.TemporaryFile() as file:
        yield file


def submissions(lines) -> list[str]:
    return list(dict.fromkeys(line["submission"] for line in lines))


def test_a_row_for_each_item_by_codes(both, bob):
    lines = of_csv(bob)
    assert submissions(lines) == ["XAA/2026/1", "XBB/2026/1"]
    assert len(lines) == SubmissionItem.everyones.filter(submission__in=both).count()
    line = next(one for one in lines if (one["respondent"], one["label"]) == ("XAA", "I.13"))
    assert line == {
        "body": "wgtip",
        "title": titles()["I.13"],
        "round": "2026",
        "submission": "XAA/2026/1",
        "digest": both[0].digest,
        "sealed_at": both[0].sealed_at.isoformat(timespec="seconds"),
        "respondent": "XAA",
        "respondent_name": "'=Arandia",
        "respondent_kind": "state",
        "regional_group": "African States",
        "treaty_status": "",
        "label": "I.13",
        "meeting": "1",
        "theme": line["theme"],
        "theme_name": line["theme_name"],
        "strength": line["strength"],
        "asks_to_consider": "yes",
        "status": "partially_implemented",
        "status_name": "Partially implemented",
        "reason_code": "",
        "reason_name": "",
        "assistance_kinds": "training; data",
        "good_practice": "yes",
        "good_practice_shared": "no",
        "items_met": "",
        "target_date": "2027-06-30",
        "situation_as_at": "2026-10-01",
        "still_correct_as_at": "",
        "language": "fr",
        "evidence_count": "1",
        "evidence_withheld": "1",
        "notice": "",
    }
    entry = both[0].round.units.select_related("unit").get(unit__label="I.13")
    assert [line["theme"], line["theme_name"]] == entry.themes[0]
    assert line["strength"] == entry.unit.strength


def test_the_first_row_has_the_date_and_the_standard_notices(both, bob):
    first, *others = (line["notice"] for line in of_csv(bob))
    assert datetime.datetime.fromisoformat(first.split()[0]) <= timezone.now()
    assert "Self-reported by States; not verified by the Secretariat. " in first
    assert set(others) == {""}


def test_no_information_and_not_applicable_are_distinct(both, bob):
    told = {line["label"]: line for line in of_csv(bob) if line["respondent"] == "XAA"}
    assert (told["I.1"]["status"], told["I.1"]["reason_code"]) == ("not_applicable", "date_has_passed")
    assert (told["I.7(b)"]["status"], told["I.7(b)"]["status_name"]) == ("no_information", "No information")
    assert told["I.7(b)"]["evidence_count"] == told["I.7(b)"]["good_practice"] == ""


def test_items_are_in_the_order_of_the_paper(both, bob):
    labels = [line["label"] for line in of_csv(bob) if line["respondent"] == "XAA"]
    items = SubmissionItem.everyones.filter(submission=both[0]).order_by("position")
    assert labels == [item.unit.label for item in items.select_related("unit")]


def test_no_words_of_a_state_are_in_it(both, bob):
    assert WORDS.encode() not in csv_file(bob)


def test_the_newest_of_each_round_and_none_that_came_before_one_withdrawn(
    both, bob, alice, charlie, xaa, xbb, round_, unit
):
    save(xaa, unit, alice, "I.7(a)", status="implemented", measures=WORDS)
    submit_ready(xaa, round_, alice)
    save(xbb, unit, charlie, "I.7(a)", status="implemented", measures=WORDS)
    withdraw_from_round(submission=submit_ready(xbb, round_, charlie), reason="An error.", by=charlie)
    assert submissions(of_csv(bob)) == ["XAA/2026/2"]


def test_what_its_state_does_not_permit_today_is_not_in_it(both, bob, charlie):
    change_use(submission=both[1], in_aggregates=False, quoted=False, published=False, by=charlie)
    assert submissions(of_csv(bob)) == ["XAA/2026/1"]
    change_use(submission=both[1], in_aggregates=True, quoted=False, published=False, by=charlie)
    assert submissions(of_csv(bob)) == ["XAA/2026/1", "XBB/2026/1"]


def test_what_is_not_open_to_a_reviewer_is_not_in_it(both, bob, erin, xaa, xbb):
    add_restriction(user=bob, respondent=xbb, by=erin)
    assert submissions(of_csv(bob)) == ["XAA/2026/1"]
    add_restriction(user=bob, respondent=xaa, by=erin)
    assert of_csv(User.objects.get(pk=bob.pk)) == []


def test_it_counts_what_the_pages_count(both, bob, charlie, alice, round_, unit, xaa):
    """What stands here is what stands in the figures of the rounds."""
    opened_round(bob, code="2027", meetings=[1])
    for code in ("XCC", "XDD"):
        state = make_state(code, code)
        person = make_person(code.lower(), Role.FOCAL_POINT, state)
        save(state, unit, person, "I.13", status="implemented", measures=WORDS)
        submission = submit_ready(state, round_, person)
    change_use(submission=submission, in_aggregates=False, quoted=False, published=False, by=person)
    counted = [
        one.submission.reference for found in standing_by_round(*rounds()).values() for one in found if one.is_counted
    ]
    assert sorted(submissions(of_csv(bob))) == sorted(counted) == ["XAA/2026/1", "XBB/2026/1", "XCC/2026/1"]


def test_rounds_are_chosen(both, bob, alice, xaa, unit):
    second = opened_round(bob, code="2027", meetings=[1])
    save(xaa, unit, alice, "I.13", base=1, status="implemented", measures=WORDS)
    submit_ready(xaa, second, alice)
    assert submissions(of_csv(bob, "2027")) == ["XAA/2027/1"]
    assert submissions(of_csv(bob)) == ["XAA/2026/1", "XAA/2027/1", "XBB/2026/1"]


def test_the_workbook_says_the_same(both, bob, file):
    assert answers.write_workbook(export_of(bob), file, not_told) == [submission.pk for submission in both]
    file.seek(0)
    sheets = sheets_of(file.read())
    assert list(sheets) == ["Answers", "About"]
    header, *rows = sheets["Answers"]
    assert header == answers.HEADERS
    said = [list(map(str, row)) for row in rows]
    assert said == [[line[name].removeprefix("'") for name in answers.HEADERS] for line in of_csv(bob)]
    assert ["Self-reported by States; not verified by the Secretariat."] in sheets["About"]
    assert WORDS.encode() not in b"".join(map(zipfile.ZipFile(file).read, zipfile.ZipFile(file).namelist()))


def test_a_sheet_that_is_full_is_followed_by_another(both, bob, file, monkeypatch):
    rows = len(of_csv(bob))
    monkeypatch.setattr(answers, "SHEET_ROWS", rows - 1)
    answers.write_workbook(export_of(bob), file, not_told)
    file.seek(0)
    sheets = sheets_of(file.read())
    assert {name: len(found) for name, found in sheets.items() if name != "About"} == {"Answers": rows, "Answers 2": 2}


def test_headers_are_those_of_the_documentation(settings):
    documented = (settings.BASE_DIR / "docs" / "reference" / "answer-columns.md").read_text()
    assert re.findall(r"^\| `(\w+)`", documented, re.M) == [*answers.HEADERS, "notice"]


# Size


def copies(submission: Submission, numbers: range) -> None:
    """So many more States that submitted the same, put into the tables as they are."""
    items = list(SubmissionItem.everyones.filter(submission=submission))
    kept = [field.attname for field in SubmissionItem._meta.concrete_fields if field.name not in ("id", "submission")]
    for number in numbers:
        copy = Submission.everyones.get(pk=submission.pk)
        copy.pk, copy.code, copy.respondent = None, f"{number:026}", make_state(f"X{number:03}", f"Land {number:03}")
        copy.save(force_insert=True)
        Participation.everyones.create(respondent=copy.respondent, round=copy.round, current=copy)
        Use.everyones.create(submission=copy, in_aggregates=True, said_by_id=copy.sealed_by_id)
        SubmissionItem.everyones.bulk_create(
            SubmissionItem(submission=copy, **{name: getattr(item, name) for name in kept}) for item in items
        )


def peak(work) -> int:
    """Bytes that were allocated at once."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.thorough
def test_memory_does_not_grow_with_the_rows(xaa, alice, bob, unit, file, monkeypatch):
    """Of 1,000 rows, and of 3,000; docs/operate.md has the figures for 300,000."""
    monkeypatch.setattr(answers, "FETCHED", 500)
    save(xaa, unit, alice, "II.4", status="implemented", measures=WORDS)
    first = submit_ready(xaa, opened_round(bob, meetings=[2]), alice)

    def take_csv():
        answers.write_csv(answers.standing(bob), file)

    def take_workbook():
        answers.write_workbook(export_of(bob), file, not_told)

    copies(first, range(19))
    before = [peak(take_csv), peak(take_workbook)]
    copies(first, range(19, 59))
    after = [peak(take_csv), peak(take_workbook)]
    rows = SubmissionItem.everyones.filter(submission=first).count()
    assert len(of_csv(bob)) == 60 * rows
    growth = [(later - earlier) / (40 * rows) for later, earlier in zip(after, before, strict=True)]
    assert max(growth) < 100  # bytes for a row: the submissions are in memory; a row has four times as much in the file


def test_queries_grow_by_one_for_250_submissions(xaa, alice, bob, unit, django_assert_num_queries, monkeypatch):
    monkeypatch.setattr(answers, "AT_A_TIME", 20)
    save(xaa, unit, alice, "I.13", status="implemented", measures=WORDS)
    first = submit_ready(xaa, opened_round(bob, meetings=[1]), alice)
    for numbers in (range(19), range(19, 59)):
        copies(first, numbers)
        bob = User.objects.get(pk=bob.pk)
        # Memberships, bars, submissions, whether acts are complete, units, acts; items with their evidence.
        with django_assert_num_queries(6 + (numbers.stop + 1) // answers.AT_A_TIME):
            assert len(submissions(of_csv(bob))) == numbers.stop + 1


@pytest.mark.django_db(transaction=True)
def test_the_progress_is_saved_while_others_write(both, bob, monkeypatch):
    """SQLite refuses to write under an open cursor, if others have written since."""
    monkeypatch.setattr(answers, "AT_A_TIME", 1)
    monkeypatch.setattr(answers, "FETCHED", 1)
    export = export_of(bob)
    export.save()
    numbers = count()

    def others_write(name: str):
        try:
            User.objects.filter(pk=bob.pk).update(name=name)
        finally:
            connection.close()

    def write(cells: list[str | int]) -> str:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(others_write, f"Bob {next(numbers)}").result()
        return ""

    def save(done: int, total: int) -> None:
        Export.objects.filter(pk=export.pk).update(done=done, total=total)

    rows = list(answers.lines(answers.standing(bob), write, None, save))
    assert len(rows) == SubmissionItem.everyones.filter(submission__in=both).count()
    export.refresh_from_db()
    assert (export.done, export.total) == (2, 2)
