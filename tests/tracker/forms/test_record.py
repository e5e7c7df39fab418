"""The form of an answer asks for what a status needs, keeps every word, and says plainly what is wrong."""

import datetime

import pytest
from django.utils.datastructures import MultiValueDict

from tests.documents import PDF, upload
from tests.evidence_items import add_item
from tracker.actions.evidence import EvidenceDetails, change_evidence
from tracker.actions.held_upload import hold_upload
from tracker.documents.exchange.uploads import check_upload
from tracker.forms.record import AnswerForm, CompareForm, FormGroup, NoteForm, new_evidence_forms, read_number
from tracker.models import Citation, EvidenceVersion, HeldUpload, Record
from tracker.models.answer_fields import FIELDS
from tracker.models.status import Status
from tracker.queries.desk.library import evidence_list_of


@pytest.fixture
def form(unit):
    """The form on I.13, or another unit, with what was typed; English unless said otherwise."""

    def form_(typed=None, *, label="I.13", **kwargs) -> AnswerForm:
        node = unit(label)
        items = list(node.items.select_related("current_wording"))
        return AnswerForm(None if typed is None else {"language": "en"} | typed, unit=node, items=items, **kwargs)

    return form_


@pytest.fixture
def library(xaa, alice, law):
    return evidence_list_of(alice, xaa)


@pytest.fixture
def law(xaa, alice) -> EvidenceVersion:
    return add_item(xaa, alice, "Victims of Crime Act", citation="Gazette 17")


def said(form: AnswerForm) -> dict:
    assert form.errors == {}
    return form.answer().as_fields()


# What is asked


def test_all_six_statuses_are_offered(form):
    assert [value for value, _label in form().fields["status"].choices] == Status.values


def test_which_fields_a_status_needs():
    needed = {status.value: [field.name for field in FIELDS if status in field.needed_for] for status in Status}
    assistance = ["assistance_kinds", "assistance"]
    assert needed == {
        "implemented": ["items_met", "measures", "difficulties", "lead_institution", *assistance, "good_practice"],
        "partially_implemented": [
            "items_met",
            "measures",
            "difficulties",
            "lead_institution",
            "target_date",
            *assistance,
            "good_practice",
        ],
        "in_progress": ["measures", "difficulties", "lead_institution", "target_date", *assistance],
        "not_started": ["difficulties", "lead_institution", "target_date", *assistance],
        "considered_not_taken_up": ["reasons", "lead_institution"],
        "not_applicable": ["reason_code", "reasons"],
    }


def test_items_are_asked_where_a_text_is_answered_with_them(form):
    labels = [value for value, _words in form(label="IV.46(i)").fields["items_met"].choices]
    assert labels == ["IV.46(i)(i)", "IV.46(i)(ii)", "IV.46(i)(iii)"]
    assert "items_met" not in form(label="I.13").fields


def test_a_reason_for_the_change_is_asked_where_something_changes(form, say):
    revision = say("I.13", measures="Law No. 17")

    assert "change_reason" not in form().fields
    assert "change_reason" in form(current=revision).fields


def test_a_form_begins_with_what_the_answer_says(form, law, library, say):
    revision = say(
        "I.13", "in_progress", measures="A bill", target_date=datetime.date(2027, 6, 5), citations=[(law, "art. 9")]
    )
    begun = form(current=revision, library=library, cited=Citation.everyones.filter(revision=revision))

    assert (begun["status"].value(), begun["measures"].value(), begun.base) == ("in_progress", "A bill", 1)
    assert 'value="5 June 2027"' in str(begun["target_date"])
    assert [(cited.version, cited.pinpoint.value()) for cited in begun.cited] == [(law, "art. 9")]


# What is typed


@pytest.mark.parametrize("typed", ["2027-06-30", "30 June 2027", "30 Jun 2027", " 30 june 2027 "])
def test_dates_are_understood_spelled_and_in_digits(form, typed):
    assert said(form({"status": "in_progress", "target_date": typed}))["target_date"] == datetime.date(2027, 6, 30)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("31/6/27", "Enter the date as 30 June 2027."),
        ("31 June 2027", "Enter the date as 30 June 2027."),
        ("30 June 207", "Enter the date as 30 June 2027."),
        ("30 June 9999", "Enter a date between 1945 and 2100."),
        ("2027-06-30\x00", "Enter the date as 30 June 2027."),
        ("9" * 5000, "Enter the date as 30 June 2027."),
    ],
)
def test_an_invalid_date_has_an_error_and_stays(form, typed, message):
    refused = form({"status": "in_progress", "target_date": typed})
    assert refused.errors == {"target_date": [message]}
    assert refused["target_date"].value() == typed


def test_words_that_the_status_does_not_need_are_kept(form):
    kept = said(form({"status": "not_started", "measures": "Law No. 17", "reasons": "Funds", "good_practice": "on"}))
    assert (kept["measures"], kept["reasons"], kept["good_practice"]) == ("Law No. 17", "Funds", True)


def test_a_coded_reason_is_kept_only_with_not_applicable(form):
    assert said(form({"status": "implemented", "reason_code": "not_a_party"}))["reason_code"] == ""


def test_sharing_is_kept_only_with_a_good_practice(form):
    assert said(form({"status": "implemented", "good_practice_shared": "on"}))["good_practice_shared"] is False


def test_line_and_page_breaks_become_line_breaks(form):
    typed = "One\r\nTwo\rThree\vFour\fFive"
    assert said(form({"status": "implemented", "measures": typed}))["measures"] == "One\nTwo\nThree\nFour\nFive"


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({}, {"status": ["Choose a status."]}),
        ({"status": "done"}, {"status": ["Choose a status."]}),
        ({"status": "considered_not_taken_up"}, {"reasons": ["Enter the reasons."]}),
        ({"status": "not_applicable"}, {"reason_code": ["Choose why the recommendation does not apply."]}),
        ({"status": "not_applicable", "reason_code": "other"}, {"reasons": ["Enter the reasons."]}),
        (
            {"status": "implemented", "measures": "x" * 20_001},
            {"measures": ["The text is too long: at most 20000 characters. It has 20001."]},
        ),
        (
            {"status": "implemented", "lead_institution": "x" * 201},
            {"lead_institution": ["The text is too long: at most 200 characters. It has 201."]},
        ),
        (
            {"status": "implemented", "measures": "The Fund\x00 paid"},
            {"measures": ["Remove the invisible character U+0000 after “The Fund”: it cannot be saved."]},
        ),
        (
            {"status": "implemented", "language": "xx"},
            {"language": ["Choose from the list."]},
        ),
    ],
)
def test_every_error_is_shown_at_its_field(form, typed, errors):
    assert form(typed).errors == errors


def test_all_errors_are_shown_together(form):
    assert set(form({"status": "considered_not_taken_up", "situation_as_at": "soon"}).errors) == {
        "reasons",
        "situation_as_at",
    }


def test_a_text_changed_after_opening_is_read_again_before_saving(form):
    assert form({"status": "implemented", "wording": "1"}).errors == {}
    assert form({"status": "implemented", "wording": "0"}).non_field_errors() == [
        "The adopted text has changed since you opened this page. Read the new text, then save."
    ]


@pytest.mark.parametrize("typed", [None, "", "x", "-1", "1.5", "٣", "9" * 5000, "1\x00"])
def test_a_number_that_no_page_wrote_is_0(typed):
    assert read_number(typed) == 0


# Evidence


def test_cited_evidence_keeps_its_place_and_can_be_removed(form, law, library):
    typed = {"status": "implemented", f"pinpoint_{law.pk}": "arts. 9 to 14"}

    assert form(typed, library=library).is_valid()
    kept = form(typed, library=library)
    kept.is_valid()
    assert kept.answer().citations == [(law, "arts. 9 to 14")]
    removed = form(typed | {f"removed_{law.pk}": "on"}, library=library)
    removed.is_valid()
    assert removed.answer().citations == []


def test_the_library_is_searched_only_by_its_button(form, law, library):
    assert form({"find": "crime act"}, library=library).found is None
    assert form({"find": "act CRIME", "search": "yes"}, library=library).found == [law]
    assert form({"find": "lemon", "search": "yes"}, library=library).found == []
    cited = {"find": "", "search": "yes", f"pinpoint_{law.pk}": ""}
    assert form(cited, library=library).found == []


def test_an_item_that_is_found_is_cited_once(form, law, library):
    cited = form({"status": "implemented", "cite": str(law.pk)}, library=library)
    assert [(card.version, card.pinpoint.value()) for card in cited.cited] == [(law, None)]
    twice = form({"status": "implemented", "cite": str(law.pk), f"pinpoint_{law.pk}": "art. 9"}, library=library)
    assert [(card.version, card.pinpoint.value()) for card in twice.cited] == [(law, "art. 9")]


def test_a_newer_version_that_is_cited_takes_the_place_of_the_older_one(form, law, library, xaa, alice):
    manual = add_item(xaa, alice, "Manual", kind="policy", citation="Manual 3")
    details = EvidenceDetails(title="Victims of Crime Act", kind="law", language="en", citation="Gazette 18")
    newer = change_evidence(evidence=law.evidence, base=law.base, by=alice, details=details)
    typed = {"status": "implemented", f"pinpoint_{law.pk}": "art. 9", f"pinpoint_{manual.pk}": "p. 2"}
    cited = form(typed | {"cite": str(newer.pk)}, library=library)
    assert cited.errors == {}
    assert cited.answer().citations == [(newer, "art. 9"), (manual, "p. 2")]


def test_evidence_that_is_not_in_the_library_is_not_cited(form, law, library):
    forged = form({"status": "implemented", "pinpoint_987654321": "x", "cite": "987654320"}, library=library)
    assert (forged.errors, forged.cited) == ({}, [])


def test_a_new_piece_that_nobody_began_is_none(xaa, alice):
    left_alone = {"new-language": "en", "new-disclosure": "state", "new-title": "", "new-pinpoint": ""}
    [form] = new_evidence_forms(left_alone, {}, respondent=xaa, by=alice)
    assert (form.is_valid(), form.has_changed()) == (True, False)


def test_a_new_piece_that_was_begun_is_asked_for_whole(xaa, alice):
    typed = {"new-title": "", "new-language": "en", "new-disclosure": "state", "new-pinpoint": "art. 9"}
    [form] = new_evidence_forms(typed, {}, respondent=xaa, by=alice)
    assert {"title", "kind"} <= set(form.errors)


def test_a_chosen_file_is_held_where_something_else_is_wrong(xaa, alice):
    typed = {"new-language": "en", "new-disclosure": "state", "new-kind": "", "new-title": "Law"}
    files = MultiValueDict({"new-upload": [upload("law.txt", "Article 9")]})
    [form] = new_evidence_forms(typed, files, respondent=xaa, by=alice)
    assert set(form.errors) == {"kind"}
    assert form.held == HeldUpload.objects.visible_to(alice).get()
    [again] = new_evidence_forms(typed | {"new-kind": "law", "new-held": form.held.key}, respondent=xaa, by=alice)
    assert (again.errors, again.details.upload) == ({}, form.held)


def test_a_held_file_of_another_person_or_of_yesterday_is_none(xaa, alice, carol):
    held = hold_upload(respondent=xaa, upload=check_upload(upload("law.pdf", PDF)), by=alice)
    typed = {"new-language": "en", "new-disclosure": "state", "new-kind": "law", "new-title": "Law"}
    for key, by in ((held.key, carol), ("x" * 32, alice), (str(held.pk), alice)):
        [form] = new_evidence_forms(typed | {"new-held": key}, respondent=xaa, by=by)
        assert form.held is None
        assert form.errors == {"upload": ["The uploaded file was deleted after a day. Choose the file again."]}


def test_an_answer_has_forms_for_several_new_items(xaa, alice):
    def prefixes(typed) -> list[str]:
        return [form.prefix for form in new_evidence_forms(typed, respondent=xaa, by=alice)]

    assert prefixes(None) == ["new"]
    assert prefixes({"new-title": "", "another": "yes"}) == ["new", "new2"]
    assert prefixes({"new12-title": "", "new-title": "", "new3-title": ""}) == ["new", "new3", "new12"]
    many = {f"new{number}-title": "" for number in range(2, 40)}
    assert len(prefixes(many)) == len(prefixes(many | {"another": "yes"})) == 10


# The note, comparing, and the summary


def test_a_note_knows_the_note_it_began_from():
    assert NoteForm(record=Record(note="Hers")).base == Record(note="Hers").note_digest
    assert NoteForm({"note": "His", "note_base": "abc"}, record=Record(note="Hers")).base == "abc"


@pytest.mark.parametrize("chosen", [{}, {"from": "1"}, {"from": "1", "to": "4"}, {"from": "x", "to": "9" * 5000}])
def test_only_revisions_that_there_are_can_be_compared(chosen):
    assert CompareForm({"from": 1, "to": 3}, numbers=[3, 2, 1]).is_valid() is True
    assert CompareForm(chosen, numbers=[3, 2, 1]).is_valid() is False


def test_the_summary_speaks_of_all_forms_that_are_sent_as_one(form, xaa, alice):
    typed = {"new-language": "en", "new-disclosure": "state", "new-title": "Law"}
    [evidence] = new_evidence_forms(typed, {}, respondent=xaa, by=alice)
    together = FormGroup(form({}), evidence)

    assert {"status", "new-kind"} <= set(together.errors)
    assert {"status", "new-kind"} <= {field.html_name for field in together.visible_fields()}
