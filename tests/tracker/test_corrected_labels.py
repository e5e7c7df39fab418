"""A wrong label of a paper that is open to answers is corrected on pages alone: files and digests keep the label at
publication, and files from before the correction are read.
"""

import datetime
import json

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from recommendations.catalogue_file import CATALOGUE_FIELDS, export_catalogue
from recommendations.models import Recommendation
from recommendations.paper_import.actions import save_paragraphs
from recommendations.undo import correct_label
from tests.catalogue_events import actions_on
from tests.documents import parts_of, upload
from tests.pages import seen_at, words
from tests.papers import opened, published, taken_in
from tests.questionnaires import DOCUMENT, filled, made
from tests.submissions import close_round, opened_round, release_of_few, save_statuses, submit_ready
from tests.verification import find_errors, name_rows
from tests.workbooks import downloaded, labels_in, rows_in, with_rows_filled
from tracker.actions.questionnaire import add_questionnaire
from tracker.actions.record import Answer, save_answer
from tracker.documents.exchange.questionnaire_reader import read
from tracker.documents.submission_json import write_submission_json
from tracker.models import Event, Release, Respondent, SubmissionItem
from tracker.models.record import ReceivedDetails

pytestmark = pytest.mark.django_db

FROM_MINISTRY = ReceivedDetails("Ministry of Justice", datetime.date(2026, 11, 3))


@pytest.fixture
def correct(dana, unit):
    def correct(label: str = "II.49", to: str = "II.49 bis", by=dana, reason: str = "Printed so.") -> Recommendation:
        text = unit(label)
        correct_label(text=text, label=to, reason=reason, by=by)
        return Recommendation.objects.get(pk=text.pk)

    return correct


def test_pages_show_the_corrected_label_and_old_addresses_lead_there(correct, xaa, alice, dana, client):
    title = correct().title
    response = client.get("/recommendations/II-49/")
    assert (response.status_code, response["Location"]) == (301, "/recommendations/II-49-bis/")
    assert f"II.49 bis {title}" in words(client.get("/recommendations/II-49-bis/"))
    client.force_login(alice)
    assert client.get("/desk/XAA/recommendations/II-49/")["Location"] == "/desk/XAA/recommendations/II-49-bis/"
    for address in ("/desk/XAA/recommendations/II-49-bis/", "/desk/XAA/recommendations/?q=II.49"):
        assert "II.49 bis" in words(client.get(address))


@pytest.mark.parametrize("typed", ["II.49", "II.49 bis", "ii 49 bis"])
def test_a_search_finds_it_by_both_labels(typed, correct, client):
    correct()
    assert client.get("/recommendations/", {"q": typed})["Location"] == "/recommendations/II-49-bis/"
    assert "/recommendations/II-49-bis/" in client.get("/search/", {"q": typed}, follow=True).text


def test_labels_of_items_follow_and_a_correction_can_be_undone(correct, unit, client):
    correct("IV.46", "IV.47 bis")
    item = Recommendation.objects.get(label="IV.46(i)")
    assert (item.shown_label, item.slug, item.full_label) == ("IV.47 bis(i)", "IV-47-bis-i", "IV.46(i)")
    text = Recommendation.objects.get(label="IV.46")
    correct_label(text=text, label="IV.46", reason="By mistake.", by=text.text_changes.first().author)
    item.refresh_from_db()
    assert (item.corrected_label, item.slug) == ("", "IV-46-i")
    assert client.get("/recommendations/IV-46-i/").status_code == 200
    assert client.get("/recommendations/IV-47-bis-i/")["Location"] == "/recommendations/IV-46-i/"
    assert find_errors() == []


def test_seals_files_and_releases_keep_the_label_at_publication(correct, xaa, alice, bob, unit):
    save_statuses(xaa, alice, **{"II.49": "implemented"})
    submission = submit_ready(xaa, opened_round(bob), alice)
    before = write_submission_json(submission)

    correct()

    assert write_submission_json(submission) == before
    assert labels_in(downloaded(xaa, alice, "II.49")) == ["Label", "II.49"]
    assert b"II.49 bis" not in parts_of(made(xaa, alice, "II.49"))[DOCUMENT]
    assert find_errors() == []


FOUR_LEVELS = """IX. Ninth meeting, Vienna, 9 to 11 September 2019

1. States parties should:

(a) Adopt laws that:

(i) Make punishable:

A. Trafficking in persons;

B. Attempts;
"""


def test_a_catalogue_with_a_corrected_label_is_verified(correct, xaa, alice, bob, dana, capsys):
    """Also after a submission with a text of the fourth level, whose label is corrected later."""
    draft = taken_in(dana, FOUR_LEVELS)
    draft.paragraphs.filter(text__endswith=":").update(is_unit=False, kind="chapeau")
    for row in draft.paragraphs.filter(text__in=["Trafficking in persons;", "Attempts;"]):
        label = f"IX.1(a)(i)({row.printed.strip('.')})"
        values = {"label": label, "is_unit": True, "addressees": ["states_parties"], "basis": "inherited"}
        save_paragraphs(paper_import=draft, changes={row.pk: (row.version, values)}, by=dana)
    opened(published(draft, dana), bob, dana)
    save_statuses(xaa, alice, **{"IX.1(a)(i)(A)": "implemented", "II.49": "implemented"})
    submission = submit_ready(xaa, opened_round(bob), alice)
    before = write_submission_json(submission)

    correct()
    text = Recommendation.objects.get(label="IX.1")
    correct_label(text=text, label="IX.1 bis", reason="Printed so.", by=dana)

    assert Recommendation.objects.get(label="IX.1(a)(i)(A)").shown_label == "IX.1 bis(a)(i)(A)"
    assert write_submission_json(submission) == before
    name_rows()
    call_command("verify")
    assert capsys.readouterr().out == "Everything matches.\n"


def test_attack_a_word_file_from_before_the_correction_is_read(correct, xaa, alice):
    save_statuses(xaa, alice, **{"II.49": "implemented"})
    file = made(xaa, alice, "II.49")
    correct()
    for returned in (file, made(xaa, alice, "II.49")):
        words_of_file = "An act." if returned is file else "A fund."
        sent_back = read(upload("sent.docx", filled(returned, {"II-49/measures": words_of_file})))
        result = add_questionnaire(respondent=xaa, sent_back=sent_back, received=FROM_MINISTRY, by=alice)
        assert [(proposal.unit.shown_label, result.unread) for proposal in result.offered] == [("II.49 bis", [])]


def test_attack_a_workbook_from_before_the_correction_is_read(correct, xaa, alice):
    typed = {"II.49": {"status": "In progress", "measures": "A bill."}}
    file = with_rows_filled(downloaded(xaa, alice, "II.49"), typed)
    correct()
    for workbook in (file, with_rows_filled(downloaded(xaa, alice, "II.49"), typed)):
        [row] = rows_in(workbook, xaa, alice)
        assert row["label"] == "II.49"


def test_attack_a_submission_before_and_one_after_are_compared(correct, xaa, alice, bob, unit):
    save_statuses(xaa, alice, **{"II.49": "implemented"})
    round_ = opened_round(bob)
    submit_ready(xaa, round_, alice)
    text = correct()
    save_answer(respondent=xaa, unit=text, base=1, answer=Answer(status="in_progress", ready=True), by=alice)
    second = submit_ready(xaa, round_, alice)
    assert SubmissionItem.objects.visible_to(alice).get(submission=second, revision__isnull=False).unit == text
    assert {"II.49", "II.49 bis"} & {item["label"] for item in json.loads(write_submission_json(second))["items"]} == {
        "II.49"
    }
    assert find_errors() == []
    close_round(round_)
    release_of_few(round_, bob)
    released = {unit[0]: unit[1] for unit in Release.objects.get().units}
    assert released["II-49"] == text.published_label_with_title


def test_attack_a_correction_changes_what_a_state_can_answer(correct, unit):
    """The units put to parties to the Convention alone are named by their labels in the code."""
    state = Respondent(code="XQQ", kind="state", name="Quarra", treaty_status="convention_only")
    before = set(state.units_to_answer().values_list("pk", flat=True))
    text = correct("I.5(b)", "I.5(z)")
    assert set(state.units_to_answer().values_list("pk", flat=True)) == before
    assert text.pk in before


def test_the_catalogue_has_the_corrected_label_where_one_exists(correct):
    names = [field.name for field in CATALOGUE_FIELDS]
    assert list(export_catalogue()[0]) == [name for name in names if name != "corrected_label"]
    correct()
    [entry] = [entry for entry in export_catalogue() if entry["label"] == "II.49"]
    assert (entry["corrected_label"], entry["earlier_labels"]) == ("II.49 bis", ["II.49"])


def test_a_correction_is_in_the_history_and_in_the_trail(correct, dana):
    text = correct()
    assert actions_on(text)[0] == ("label corrected", dana)
    event = Event.everyones.order_by("-pk").first()
    assert (event.target, event.after) == ("recommendation II.49", "formerly II.49")


@pytest.mark.parametrize(
    ("label", "reason", "field"),
    [("II.50", "Printed so.", "label"), ("II,49", "Printed so.", "label"), ("II.51 bis", " ", "reason")],
)
def test_an_impossible_correction_has_an_error_at_its_field(label, reason, field, correct):
    with pytest.raises(ValidationError) as caught:
        correct(to=label, reason=reason)
    assert list(caught.value.message_dict) == [field]


def test_attack_two_texts_have_one_label_now_or_at_publication(correct, unit):
    correct("II.49", "II.49 bis")
    for label, to in (("II.48", "II.49"), ("II.48", "II.49 bis")):
        with pytest.raises(ValidationError, match="Another text has this label"):
            correct(label, to)
        with pytest.raises(IntegrityError, match="breaks its rule"), transaction.atomic():
            Recommendation.objects.filter(label=label).update(corrected_label=to)
    with pytest.raises(IntegrityError, match="corrected_label_differs"), transaction.atomic():
        Recommendation.objects.filter(label="II.48").update(corrected_label="II.48")


def test_attack_a_text_gets_the_label_of_its_own_item(correct):
    for label in ("IV.46(a)", "IV.46(a)(i)"):
        with pytest.raises(ValidationError) as caught:
            correct("IV.46", label)
        assert list(caught.value.message_dict) == ["label"]


def test_only_curators_correct_a_label(correct, alice, bob, erin):
    for person in (alice, bob, erin):
        with pytest.raises(PermissionDenied):
            correct(by=person)


def test_a_curator_corrects_a_label_on_its_page(curator, unit):
    address = reverse("admin:recommendations_recommendation_structure", args=[unit("II.49").pk])
    typed = {"label": "II.50", "reason": "Printed so."} | seen_at(curator, address)
    refused = curator.post(address, typed)
    assert "Another text has this label" in words(refused)
    assert 'value="II.50"' in refused.text
    assert curator.post(address, typed | {"label": "II.49 bis"}).status_code == 302
    assert Recommendation.objects.get(label="II.49").shown_label == "II.49 bis"
    assert curator.post(address, typed | {"label": "II.49 ter"}).status_code == 200, "the page is older"
