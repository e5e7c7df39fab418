"""Each text field of the table is asked, saved, compared, copied, written into each file, read back, and removed."""

import dataclasses
import io
import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import TextField
from django.urls import reverse
from django.utils import timezone
from xlsxwriter.utility import xl_col_to_name

from tests.conftest import make_person
from tests.questionnaires import filled as questionnaire_filled
from tests.questionnaires import made
from tests.removals import remove_words
from tests.submissions import opened_round, submit_ready
from tests.suggestions import answer_of
from tests.workbooks import downloaded, filled, rows_in, with_cell
from tracker.actions.copy import copy_answer
from tracker.actions.proposal import add_proposal
from tracker.actions.questionnaire import add_questionnaire
from tracker.actions.record import Answer, SeenAnswer, save_answer
from tracker.actions.submission import change_use
from tracker.actions.transcription import add_request
from tracker.actions.withdrawal import find_withdrawable
from tracker.actions.workbook import with_changes
from tracker.documents.answers import HEADERS
from tracker.documents.exchange import workbook
from tracker.documents.exchange.questionnaire_reader import read
from tracker.documents.exchange.workbook import COLUMNS, FIRST
from tracker.documents.report.answer import answer_facts
from tracker.documents.report.columns import headers
from tracker.documents.report.csv import report_csv
from tracker.documents.report.json import report_json
from tracker.documents.report.state import state_report
from tracker.forms.draft import label_of
from tracker.forms.filters import own_words
from tracker.models import Proposal, Record, Revision
from tracker.models.answer_fields import COPIED, FIELD_BY_NAME, FIELD_NAMES, FIELDS, PUBLISHED_TEXTS, TEXTS, FormSection
from tracker.models.record import ReceivedDetails
from tracker.models.user import Role
from tracker.queries.difference import compare_fields, in_words

pytestmark = pytest.mark.django_db

WORDS = {name: f"Words of {name}." for name in TEXTS}
SAID = Answer(status="implemented", ready=True, **WORDS)


@pytest.fixture
def saved(xaa, alice, unit) -> Revision:
    return save_answer(respondent=xaa, unit=unit("I.13"), base=0, answer=SAID, by=alice)


def texts_of(answer: Answer | Revision) -> dict[str, str]:
    return {name: getattr(answer, name) for name in TEXTS}


def asked_in_a_questionnaire(words: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in words.items() if FIELD_BY_NAME[name].is_in_questionnaire}


# The table


def test_an_answer_and_a_revision_have_the_fields_of_the_table():
    assert [field.name for field in dataclasses.fields(Answer)] == [*FIELD_NAMES, "citations"]
    columns = {column.name: column for column in Revision._meta.fields}
    assert columns.keys() >= set(FIELD_NAMES)
    for name in TEXTS:
        assert isinstance(columns[name], TextField) or columns[name].max_length == FIELD_BY_NAME[name].limit


def test_the_file_of_all_answers_has_the_coded_fields_and_no_words():
    coded = {field.name for field in FIELDS if not field.is_text}
    assert coded - {"ready"} <= set(HEADERS)
    assert not set(TEXTS) & set(HEADERS)


def test_fields_of_a_section_are_together():
    sections = [field.section for field in FIELDS]
    assert sections == sorted(sections, key=list(FormSection).index)


# The form


def typed(words: dict[str, str], **more) -> dict[str, str]:
    return {"status": "implemented", "language": "en", "tab": "0" * 32, "ready": "on", **words, **more}


def test_the_form_asks_for_each_and_saves_it(desk, saved):
    address = reverse("record", args=["XAA", "I-13"])
    page = desk.get(address).content.decode()
    assert [name for name in TEXTS if f'name="{name}"' in page and WORDS[name] in page] == list(TEXTS)

    changed = {name: f"New {text}" for name, text in WORDS.items()}
    assert desk.post(address, typed(changed, base="1")).status_code == 302
    assert texts_of(Revision.everyones.get(number=2)) == changed


def test_the_form_of_a_transcription_asks_for_each_and_offers_it(officer, xaa, bob):
    today = timezone.localdate()
    given = {"reference": "Note 12", "requested_on": today, "ends_on": today + timedelta(days=30)}
    request = add_request(respondent=xaa, by=bob, **given)
    address = reverse("transcription_unit", args=["XAA", request.pk, "I-13"])
    page = officer.get(address).content.decode()
    assert [name for name in TEXTS if f'name="{name}"' in page] == list(TEXTS)
    assert officer.post(address, typed(WORDS)).status_code == 302
    assert texts_of(answer_of(Proposal.everyones.get())) == WORDS


def test_a_draft_calls_each_by_its_label():
    assert [label_of(name) for name in TEXTS] == [str(FIELD_BY_NAME[name].label) for name in TEXTS]


def test_each_is_kept_below_its_limit_and_found_by_a_search(saved, xaa, alice):
    [row] = [entry.row for entry in state_report(xaa, alice).entries if entry.revision]
    assert [name for name in TEXTS if WORDS[name] in own_words(row)] == list(TEXTS)


# What becomes of an answer


def test_a_difference_shows_each_as_text(saved):
    before = in_words(Revision(status="implemented", ready=True), [])
    found = compare_fields(before, in_words(saved, []))
    assert [(one.name, one.before, one.after, one.is_text) for one in found] == [
        (name, "", WORDS[name], True) for name in TEXTS
    ]


def test_a_copy_takes_what_the_table_says(xaa, alice, unit):
    saved = save_answer(respondent=xaa, unit=unit("II.43"), base=0, answer=SAID, by=alice)
    source, other = SeenAnswer.of(unit("II.43"), saved), SeenAnswer(unit("V.35"))
    [copy] = copy_answer(respondent=xaa, source=source, to=[other], by=alice)
    assert texts_of(copy) == {name: text if name in COPIED else "" for name, text in WORDS.items()}


def test_a_proposal_keeps_each(xaa, alice, unit):
    proposal = add_proposal(respondent=xaa, unit=unit("I.13"), base=0, answer=SAID, by=alice)
    assert answer_of(Proposal.everyones.get()) == SAID
    assert {name: proposal.texts[name] for name in TEXTS} == WORDS
    assert proposal.holds()


def test_a_proposal_from_before_a_field_was_added_still_holds(xaa, alice, unit):
    proposal = add_proposal(respondent=xaa, unit=unit("I.13"), base=0, answer=SAID, by=alice)
    for kept in (proposal.fields, proposal.salts, proposal.field_digests):
        del kept["measures"]
    proposal.digest = proposal.make_digest()
    assert proposal.holds()
    assert answer_of(proposal) == dataclasses.replace(SAID, measures="")


# Files


def test_a_workbook_has_each_and_reads_it_back(saved, xaa, alice):
    content = downloaded(xaa, alice, "I.13", "II.49")
    [row] = rows_in(filled(content, "II.49", status="Implemented", **WORDS), xaa, alice)
    assert texts_of(with_changes(Answer(status=""), row["changes"])) == WORDS
    [emptied] = rows_in(filled(content, "I.13", **dict.fromkeys(TEXTS, "")), xaa, alice)
    assert emptied["changes"] == dict.fromkeys(TEXTS, "")


def test_a_workbook_from_before_a_field_was_added_is_read(saved, xaa, alice, monkeypatch):
    older = tuple(column for column in COLUMNS if column.key != "reasons")
    with monkeypatch.context() as patch:
        patch.setattr(workbook, "COLUMNS", older)
        content = downloaded(xaa, alice, "I.13")
    place = xl_col_to_name(FIRST + [column.key for column in older].index("measures"))
    [row] = rows_in(with_cell(content, f"{place}2", "A new law."), xaa, alice)
    assert row["changes"] == {"measures": "A new law."}


def test_a_questionnaire_has_each_and_reads_it_back(saved, xaa, alice):
    changed = asked_in_a_questionnaire({name: f"New {text}" for name, text in WORDS.items()})
    boxes = {f"I-13/{name}": text for name, text in changed.items()}
    file = io.BytesIO(questionnaire_filled(made(xaa, alice, "I.13"), boxes))
    sent_back = read(SimpleUploadedFile("sent.docx", file.getvalue()))
    received = ReceivedDetails("Ministry of Justice", timezone.localdate())
    [proposal] = add_questionnaire(respondent=xaa, sent_back=sent_back, received=received, by=alice).offered
    assert texts_of(answer_of(proposal)) == WORDS | changed


def test_csv_json_and_documents_have_each(saved, xaa, alice):
    report = state_report(xaa, alice)
    lines = report_csv(report)
    [listed] = [row for row in json.loads(report_json(report))["answers"] if row["label"] == "I.13"]
    assert {name: listed[name] for name in TEXTS} == WORDS
    assert [name for name in TEXTS if WORDS[name] in lines and name in headers("answers")] == list(TEXTS)
    [entry] = [entry for entry in report.entries if entry.revision]
    told = "\n".join(run.text for _label, runs in answer_facts(entry) for run in runs)
    assert [name for name in TEXTS if WORDS[name] in told] == list(TEXTS)


def test_the_public_page_and_files_have_what_is_published(client, saved, xaa, alice, bob):
    submission = submit_ready(xaa, opened_round(bob), alice)
    change_use(submission=submission, published=True, by=alice)
    place = ["XAA", "2026", 1]
    page = client.get(reverse("published", args=place), {"unit": "I-13"}).content.decode()
    assert [name for name in TEXTS if WORDS[name] in page] == list(PUBLISHED_TEXTS)
    for kind in ("csv", "json"):
        content = client.get(reverse(f"published_{kind}", args=place)).getvalue().decode()
        assert [name for name in TEXTS if WORDS[name] in content] == list(PUBLISHED_TEXTS)


# Removal


def test_a_removal_finds_and_empties_each(xaa, alice, unit):
    answer = Answer(status="implemented", **{name: f"{name} of Jane Doe" for name in TEXTS})
    revision = save_answer(respondent=xaa, unit=unit("I.13"), base=0, answer=answer, by=alice)
    add_proposal(respondent=xaa, unit=unit("I.13"), base=1, answer=answer, by=alice)
    places, _files, _unsearched = find_withdrawable(respondent=xaa, by=alice, words="Jane Doe", files=[])
    assert [place.fields for place in places] == [TEXTS, TEXTS]

    decider = make_person("ali", Role.FOCAL_POINT, xaa)
    remove_words("Jane Doe", xaa, alice, decider)
    revision.refresh_from_db()
    assert texts_of(revision) == texts_of(answer_of(Proposal.everyones.get())) == dict.fromkeys(TEXTS, "")
    assert [revision.shown_value(name) for name in TEXTS] == [revision.withdrawal_note] * len(TEXTS)
    assert revision.holds([])
    assert Record.everyones.get().current.digest == revision.digest
