"""Two people who edit one answer: what is combined, what is asked about, and that no text of either is lost."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.labels import titled
from tests.pages import answer_address, decide, hidden_input, messages_on, text_area, words
from tests.submissions import revisions_of
from tracker.actions.record import Answer
from tracker.models import EvidenceVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def carols(say, carol):
    """carol changes an answer that alice has open at its first version."""

    def carols_(**said):
        say(measures="Law No. 17", lead_institution="Ministry", ready=True)
        return say(base=1, by=carol, **{"measures": "Law No. 17", "lead_institution": "Ministry"} | said)

    return carols_


def test_what_two_people_changed_in_different_fields_is_combined(send_answer, carols):
    theirs = carols(lead_institution="Court")
    response = send_answer(base=1, measures="Law No. 17", lead_institution="Ministry", difficulties="Few awards")

    revision = revisions_of("I.13")[-1]
    assert (revision.number, revision.measures) == (3, "Law No. 17")
    assert (revision.lead_institution, revision.difficulties) == ("Court", "Few awards")
    assert (revision.change_code, revision.change_details, revision.ready) == ("combined", "2", False)
    at = f"{theirs.created_at:%-d %B %Y, %H:%M}"
    assert messages_on(response) == [
        f"{titled('I.13')}: saved as version 3.",
        f"Carol saved version 2 on {at}, while you were editing. Changed: Lead institution. Version 3 has the changes "
        "of both of you.",
    ]


def test_a_combination_that_was_marked_ready_before_says_that_it_is_not(send_answer, carols):
    carols(lead_institution="Court")
    response = send_answer(base=1, measures="Law No. 18", lead_institution="Ministry", ready="on")
    assert messages_on(response)[2:] == ["The combined answer is not marked ready: nobody has confirmed it as a whole."]
    assert revisions_of("I.13")[-1].ready is False


def test_an_old_tab_erases_no_field_that_it_did_not_touch(send_answer, carols):
    carols(measures="Law No. 17 and a decree", target_date=date(2027, 6, 30))
    response = send_answer(base=1, measures="Law No. 17", lead_institution="Ministry", ready="on")
    assert messages_on(response) == ["There are no changes to save."]
    newest = revisions_of("I.13")[-1]
    assert (newest.number, newest.measures, newest.target_date) == (2, "Law No. 17 and a decree", date(2027, 6, 30))


def test_a_double_click_combines_once(send_answer, carols):
    carols(lead_institution="Court")
    for _click in range(2):
        send_answer(follow=False, base=1, measures="Law No. 18", lead_institution="Ministry", ready="on")
    assert [revision.number for revision in revisions_of("I.13")] == [1, 2, 3]


@pytest.fixture
def conflict(send_answer, carols):
    """alice saves after carol saved what alice had not seen."""
    carols(measures="Law No. 17 and the decree of Carol", lead_institution="Court")
    return send_answer(
        base=1, measures="Law No. 17 and the decree of Alice", lead_institution="Ministry", difficulties="Few awards"
    )


def test_only_what_both_changed_is_asked_about_and_nothing_is_saved(conflict):
    page, form = words(conflict), conflict.context["form"]

    assert conflict.status_code == 409
    assert "This answer was changed while you were editing. Carol saved version 2 on" in page
    assert [(row.label, row.mine, row.theirs) for row in form.rows] == [
        ("Measures taken", "Law No. 17 and the decree of Alice", "Law No. 17 and the decree of Carol")
    ]
    assert [(row.difference.name, row.is_mine, row.is_theirs) for row in form.combined] == [
        ("difficulties", True, False),
        ("lead_institution", False, True),
    ]
    assert form.counts == {"asked": 1, "both": 0, "theirs": 1, "mine": 1, "unchanged": 12}
    assert "Difficulties Changed by you added: Few awards" in page
    assert len(revisions_of("I.13")) == 2


@pytest.mark.parametrize(
    ("chosen", "measures"),
    [
        ({"measures": "mine"}, "Law No. 17 and the decree of Alice"),
        ({"measures": "theirs"}, "Law No. 17 and the decree of Carol"),
        ({"measures": "both", "measures_text": "Law No. 17 and two decrees"}, "Law No. 17 and two decrees"),
    ],
)
def test_what_is_chosen_is_saved_with_all_that_is_combined(conflict, desk, chosen, measures):
    response = desk.post(answer_address(), decide(conflict, **chosen, ready="on"), follow=True)
    assert messages_on(response) == [f"{titled('I.13')}: saved as version 3."]
    revision = revisions_of("I.13")[-1]
    assert (revision.number, revision.measures) == (3, measures)
    assert (revision.lead_institution, revision.difficulties, revision.ready) == ("Court", "Few awards", True)


@pytest.mark.parametrize(("chosen", "expected"), [("mine", True), ("theirs", False)])
def test_a_side_that_is_chosen_whole_keeps_its_mark(desk, send_answer, carols, chosen, expected):
    carols(measures="The decree of Carol")
    conflict = send_answer(base=1, measures="The decree of Alice", lead_institution="Ministry", ready="on")
    desk.post(answer_address(), decide(conflict, measures=chosen))
    assert revisions_of("I.13")[-1].ready is expected


def test_attack_a_mixture_of_two_marked_versions_is_not_ready(desk, send_answer, say, carol):
    say(measures="Law No. 17", lead_institution="Ministry")
    say(base=1, by=carol, measures="The decree of Carol", lead_institution="Court", ready=True)
    conflict = send_answer(base=1, measures="The decree of Alice", lead_institution="Senate", ready="on")
    desk.post(answer_address(), decide(conflict, measures="mine", lead_institution="theirs"))
    assert revisions_of("I.13")[-1].ready is False


def test_all_that_is_combined_can_be_edited_before_it_is_saved(conflict, desk):
    page = desk.post(answer_address(), decide(conflict, measures="theirs") | {"edit": "yes"})
    assert "The form shows the combined answer. The answer is not saved yet." in words(page)
    assert (text_area(page), text_area(page, "difficulties")) == ("Law No. 17 and the decree of Carol", "Few awards")
    assert (page.context["answer"]["lead_institution"].value(), hidden_input(page, "base")) == ("Court", "2")
    assert len(revisions_of("I.13")) == 2


def test_without_a_choice_nothing_is_saved(conflict, desk):
    again = desk.post(answer_address(), decide(conflict, measures_text="Law No. 17 and two decrees"))
    assert again.status_code == 409
    assert "Measures taken: Choose which version to keep." in words(again)
    assert text_area(again, "choose-measures_text") == "Law No. 17 and two decrees"
    assert len(revisions_of("I.13")) == 2


def test_a_double_click_on_a_choice_saves_once(conflict, desk):
    for _click in range(2):
        desk.post(answer_address(), decide(conflict, measures="mine"))
    assert [revision.number for revision in revisions_of("I.13")] == [1, 2, 3]


def test_a_third_save_in_between_asks_again_and_loses_no_text(conflict, desk, say, carol):
    say(base=2, by=carol, measures="Law No. 20", lead_institution="Court")
    chosen = {"measures": "both", "measures_text": "Law No. 17 and two decrees"}
    again = desk.post(answer_address(), decide(conflict, **chosen))

    assert again.status_code == 409
    assert "Carol saved version 3 on" in words(again)
    assert [(row.mine, row.theirs) for row in again.context["form"].rows] == [
        ("Law No. 17 and the decree of Alice", "Law No. 20")
    ]
    assert text_area(again, "choose-measures_text") == "Law No. 17 and two decrees"
    desk.post(answer_address(), decide(again, **chosen))
    assert [revision.measures for revision in revisions_of("I.13")][2:] == ["Law No. 20", "Law No. 17 and two decrees"]


def test_a_third_save_of_another_field_is_combined_with_the_choice(conflict, desk, say, carol):
    say(base=2, by=carol, measures="Law No. 17 and the decree of Carol", lead_institution="Senate")
    desk.post(answer_address(), decide(conflict, measures="mine"))
    newest = revisions_of("I.13")[-1]
    assert (newest.number, newest.measures) == (4, "Law No. 17 and the decree of Alice")
    assert (newest.lead_institution, newest.difficulties) == ("Senate", "Few awards")


def test_the_choice_can_wait_as_a_draft(conflict, desk):
    desk.post(answer_address("draft"), decide(conflict, measures="theirs"))
    page = desk.get(answer_address())
    assert (text_area(page), text_area(page, "difficulties")) == ("Law No. 17 and the decree of Alice", "Few awards")
    assert hidden_input(page, "base") == "1"


def test_fields_that_do_not_fit_together_are_asked_about(send_answer, say, carol, desk):
    say(status="in_progress", reasons="Costs")
    say(base=1, by=carol, status="considered_not_taken_up", reasons="Costs")
    conflict = send_answer(base=1, status="in_progress", reasons="")
    assert [(row.label, row.mine, row.theirs) for row in conflict.context["form"].rows] == [("Reasons", "", "Costs")]

    again = desk.post(answer_address(), decide(conflict, reasons="mine"))
    assert "Reasons: Enter the reasons." in words(again)
    desk.post(answer_address(), decide(conflict, reasons="theirs"))
    assert len(revisions_of("I.13")) == 2, "nothing of alice is left"


def test_the_first_answers_of_two_people_are_compared_with_nothing(send_answer, say, carol):
    say(by=carol, measures="Decree")
    response = send_answer(measures="Law No. 17")
    assert [(row.before, row.mine, row.theirs) for row in response.context["form"].rows] == [
        ("", "Law No. 17", "Decree")
    ]
    assert [row.difference.name for row in response.context["form"].combined] == ["status"], "nobody chose a language"


def test_what_both_changed_without_a_clash_is_counted_apart(send_answer, say, carol):
    say(measures="Law No. 17")
    say(base=1, by=carol, measures="Decree", lead_institution="Court", difficulties="Few awards")
    conflict = send_answer(base=1, measures="Law No. 18", lead_institution="Court")
    assert conflict.context["form"].counts == {"asked": 1, "both": 1, "theirs": 1, "mine": 0, "unchanged": 12}
    page = words(conflict)
    assert "1 changed by both: combined 1 changed by Carol only: taken over 0 changed by you only" in page
    assert "Lead institution Changed by both" in page


def test_a_file_that_came_with_a_conflict_is_in_the_library_and_cited(send_answer, say, carol, desk):
    say()
    say(base=1, by=carol, measures="Decree")
    upload = SimpleUploadedFile("act.txt", b"Article 9", "text/plain")
    details = {"new-title": "Act", "new-kind": "law", "new-language": "en", "new-disclosure": "state"}
    conflict = send_answer(base=1, measures="Law", **details, **{"new-upload": upload, "new-pinpoint": "art. 9"})

    assert conflict.status_code == 409
    assert [row.difference.name for row in conflict.context["form"].combined] == ["evidence"]
    desk.post(answer_address(), decide(conflict, measures="mine"))
    [version] = EvidenceVersion.everyones.all()
    assert Answer.of(revisions_of("I.13")[-1]).citations == [(version, "art. 9")]
