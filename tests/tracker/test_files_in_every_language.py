"""Files for machines, what is sealed and what is stored are the same whatever language is active."""

import datetime
import re

import pytest
from django.core.management import call_command
from django.test import RequestFactory
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.translation import gettext

from recommendations.catalogue_file import make_catalogue_file
from recommendations.formats import FORMATS
from recommendations.intake.texts import RecommendationResource, TranslationResource
from recommendations.models import PaperImport
from tests.conftest import arandia, find_person, find_unit, make_person, make_state, save_for_xaa, with_second_factor
from tests.documents import parts_of, upload
from tests.evidence_items import add_item
from tests.languages import END_MARK, MARK, another_language, rows_with_messages
from tests.papers import NINTH, taken_in
from tests.questionnaires import DOCUMENT, made
from tests.questionnaires import filled as filled_document
from tests.submissions import made_release, opened_round, read_and_answered, submit_ready
from tests.test_walk import URLS
from tests.verification import find_errors
from tests.workbooks import as_upload, downloaded, filled
from tracker.actions.assignment import assign
from tracker.actions.evidence import EvidenceDetails, change_evidence
from tracker.actions.notification import write_reminders
from tracker.actions.questionnaire import add_questionnaire
from tracker.actions.record import Answer, save_answer
from tracker.actions.submission import check_submission
from tracker.actions.workbook import apply_workbook, save_workbook
from tracker.demo.clock import on_day
from tracker.documents.exchange.questionnaire_reader import read
from tracker.forms.workbook import WorkbookForm
from tracker.models import EvidenceVersion, Notification, Round, User
from tracker.models.record import ReceivedDetails
from tracker.models.respondent import StateGroup
from tracker.models.user import Role

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

DAY = datetime.date(2027, 1, 30)
NEED = Answer(
    status="partially_implemented",
    measures="An act.",
    assistance_kinds=["training", "other"],
    assistance="Trainers.",
    good_practice=True,
    good_practice_shared=True,
    target_date=datetime.date(2028, 6, 30),
    situation_as_at=datetime.date(2026, 6, 30),
    language="fr",
    ready=True,
)
SUBMISSION = ("XAA", "2026", 2)
DRAFT = "the paper that dana imports"
FILES = {
    "recommendations:csv": (None, ()),
    "recommendations:json": (None, ()),
    "practices_csv": (None, ()),
    "practices_json": (None, ()),
    "figures_csv": (None, ()),
    "figures_json": (None, ()),
    "published_csv": (None, SUBMISSION),
    "published_json": (None, SUBMISSION),
    "progress_csv": ("bob", ()),
    "progress_assistance_csv": ("bob", ()),
    "answers_csv": ("bob", ()),
    "submission_json": ("bob", SUBMISSION),
    "report_csv": ("alice", ("XAA",)),
    "report_json": ("alice", ("XAA",)),
    "submission_report_csv": ("alice", SUBMISSION),
    "submission_report_json": ("alice", SUBMISSION),
    "provisions_csv": ("alice", ("XAA",)),
    "paper_import_annotations_csv": ("dana", (DRAFT,)),
}


@pytest.fixture(scope="module")
def world(for_the_module) -> None:
    """Six States submit; the second submission of the first one is published. A curator imports a paper."""
    xaa = arandia()
    alice = make_person("alice", Role.FOCAL_POINT, xaa)
    bob, dana = (with_second_factor(make_person(*each)) for each in (("bob", Role.REVIEWER), ("dana", Role.CURATOR)))
    round_ = opened_round(bob, meetings=[1, 2])
    for code in ("XDA", "XEA", "XFA", "XGA", "XHA", "XIA"):
        state = make_state(code, f"Land {code}", regional_group=StateGroup.AFRICAN)
        person = make_person(code.lower(), Role.FOCAL_POINT, state)
        answer = Answer(status="not_applicable", reason_code="condition_does_not_arise", ready=True)
        save_answer(respondent=state, unit=find_unit("I.13"), base=0, answer=answer, by=person)
        submit_ready(state, round_, person)
    law = add_item(xaa, alice, kind="guidance", language="fr", citation="OG 12", disclosure="public")
    for label in ("I.13", "II.49"):
        answer = Answer(**NEED.as_fields(), citations=[(law, "art. 9")])
        save_answer(respondent=xaa, unit=find_unit(label), base=0, answer=answer, by=alice)
    read_and_answered(xaa, round_, "I.13", alice, bob)
    made_release(round_, bob)
    taken_in(dana, NINTH.replace("children.", "children. " * 40))


@pytest.fixture
def readers(world) -> dict[str, User]:
    return {name: find_person(name) for name in ("alice", "bob", "dana")}


def downloaded_by(reader: User | None, address: str) -> bytes:
    """The file as the view makes it, without middleware that could choose a language."""
    request = RequestFactory().get(address)
    request.user, request.session = reader, {}
    view = resolve(address.partition("?")[0])
    with on_day(DAY):
        return view.func(request, *view.args, **view.kwargs).getvalue()


def test_the_other_language_has_every_message():
    with another_language():
        assert gettext("Status") == f"{MARK}Status{END_MARK}"
    assert gettext("Status") == "Status"


def test_a_stored_message_is_found(alice):
    with another_language():
        text = gettext("Status")
    Notification.objects.create(user=alice, kind="due", thing="1", path="/", context={"words": text})
    assert [row.partition(" ")[0] for row in rows_with_messages()] == ["tracker.Notification"]


# Before the tests with the world: it sends all mail that waits.
def test_notifications_are_stored_without_words_and_mailed_with_them(xaa, carol, alice, unit, smtp):
    week = timezone.localdate() + datetime.timedelta(days=7)
    carol.memberships.update(until=week, since=week - datetime.timedelta(days=90))
    with another_language():
        assign(respondent=xaa, units=[unit("I.13")], to=carol, by=alice, due_on=week)
        write_reminders()
    assert rows_with_messages() == []
    assert set(Notification.objects.values_list("kind", flat=True)) == {"assigned", "reminders"}
    call_command("send_reminders")
    assert set(smtp.subjects) == {
        "1 recommendation assigned to you: Arandia",
        "Dates that passed or come soon: Arandia",
    }
    mailed = " ".join(" ".join(smtp.texts()).split())
    assert f"Due {week:%-d %B %Y} Write each answer" in mailed
    assert f"are due on {week:%-d %B %Y}." in mailed


def test_every_file_for_machines_is_in_the_table():
    assert {name for name in URLS if re.search("[:_](csv|json)$", name)} == FILES.keys()


@pytest.mark.parametrize("name", FILES)
@pytest.mark.thorough
def test_a_file_for_machines_is_the_same_in_every_language(name, readers):
    reader, place = FILES[name]
    address = reverse(name, args=[PaperImport.objects.get().pk if part == DRAFT else part for part in place])
    here = downloaded_by(readers.get(reader), address)
    with another_language():
        there = downloaded_by(readers.get(reader), address)
    assert there.decode() == here.decode()
    assert len(here) > 1000


@pytest.mark.parametrize("resource", [RecommendationResource, TranslationResource])
@pytest.mark.parametrize("form", FORMATS)
def test_a_file_of_the_catalogue_is_the_same_in_every_language(resource, form):
    def export() -> bytes:
        return form().export_data(resource().export())

    here = export()
    with another_language():
        assert export() == here


def test_the_workbook_of_the_catalogue_is_the_same_in_every_language(readers):
    here = sheets_of(make_catalogue_file.__wrapped__(None, "xlsx"))
    with another_language():
        assert sheets_of(make_catalogue_file.__wrapped__(None, "xlsx")) == here


def sheets_of(workbook: bytes) -> dict[str, bytes]:
    """Without the properties, which have the moment."""
    return {name: part for name, part in parts_of(workbook).items() if name.startswith("xl/")}


def test_what_was_sealed_in_one_language_verifies_in_another(readers, xaa):
    round_ = Round.objects.get()
    here = check_submission(xaa, round_)
    assert find_errors() == []
    with another_language():
        there = check_submission(xaa, round_)
        assert find_errors() == []
    assert (there.digest, there.content_digest) == (here.digest, here.content_digest)


def test_a_workbook_made_in_one_language_is_applied_in_another(readers, xaa, alice):
    content = filled(downloaded(xaa, alice, "I.13", "II.49"), "I.13", measures="Two acts.")
    with another_language():
        form = WorkbookForm({}, {"upload": as_upload(content)}, desk=xaa, user=alice)
        assert (form.is_valid(), [row["label"] for row in form.rows]) == (True, ["I.13"])
        saved = save_workbook(respondent=xaa, by=alice, downloaded_at=form.stamp.at, rows=form.rows)
        [revision] = apply_workbook(upload=saved, decisions={}, by=alice)
        assert revision.change_text.startswith(MARK)
    assert revision.change_text == f"From the workbook downloaded on {timezone.localdate():%-d %B %Y}"
    assert rows_with_messages() == []


def test_a_questionnaire_made_in_one_language_is_read_in_another(readers, xaa, alice, unit):
    [law] = EvidenceVersion.everyones.all()
    details = EvidenceDetails(title="Act", kind="law", language="fr", citation="OG 44")
    newer = change_evidence(evidence=law.evidence, base=law.base, by=alice, details=details)
    save_for_xaa("I.14", measures="An act.", citations=[(newer, "art. 9")])
    file = made(xaa, alice, "I.13", "I.14")
    received = ReceivedDetails("Ministry of Justice", DAY)
    with another_language():
        sent_back = read(upload("sent.docx", filled_document(file, {"I-13/measures": "Two acts."})))
        with on_day(DAY):
            result = add_questionnaire(respondent=xaa, sent_back=sent_back, received=received, by=alice)
    assert [each.unit.label for each in result.offered] == ["I.13"]
    assert [each.label for each in result.unchanged] == ["I.14"]
    assert b"E1/2 Act: art. 9" in parts_of(file)[DOCUMENT]
