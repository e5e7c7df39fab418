"""What was submitted: the receipt, the sealed answers, what differs, and what may follow."""

import dataclasses
import datetime
import json
import re
import subprocess
from functools import partial

import pytest
from django.urls import reverse

from tests.client import Client
from tests.conftest import find_person, find_state, make_person, save_for_xaa
from tests.evidence_items import add_item
from tests.pages import client_of, words
from tests.removals import remove_words
from tests.submissions import STATED, asked_about, close_round, opened_round, reply_to, submit_ready
from tracker.actions.evidence import EvidenceDetails, change_evidence
from tracker.actions.record import Answer, save_answer
from tracker.actions.remark import start_reading
from tracker.actions.submission import change_use, withdraw_from_round
from tracker.documents.receipt import receipt, receipt_pdf
from tracker.models import Event, Evidence, Participation, ReadingRestriction, Submission, Use
from tracker.models.record import ReceivedDetails
from tracker.models.user import Role
from tracker.templatetags.submission import seal

pytestmark = pytest.mark.django_db

QUERIES = 15
PAGES = ("submission", "receipt_pdf", "submission_items", "submission_changes", "submission_withdraw", "submission_use")


def url(name="submission", number=1, round_code="2026") -> str:
    return reverse(name, args=["XAA", round_code, number])


def pdf_words(pdf: bytes) -> str:
    read = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(read.stdout.decode().split())


def add_law(title, disclosure):
    return add_item(
        find_state("XAA"), find_person("alice"), title, citation=f"Gazette of {title}", disclosure=disclosure
    )


answer = partial(save_for_xaa, measures="The Act of 2016.", ready=True)


@pytest.fixture(scope="module", autouse=True)
def submitted(round_for_the_module):
    """IV.46(c) with a public law and one kept to the State, and I.13."""
    answer(
        "IV.46(c)", citations=[(add_law("Public Act", "public"), "art. 9"), (add_law("Secret Act", "state"), "p. 1")]
    )
    answer("I.13", status="in_progress")
    submit_ready(find_state("XAA"), round_for_the_module, find_person("alice"))


# The receipt


def test_the_receipt_shows_what_was_submitted_by_whom_with_proof(desk, first, xaa, settings):
    said = words(desk.get(url()))
    event = Event.everyones.get(action="submitted")
    for proof in (
        "XAA/2026/1",
        "Submitted by Alice",
        "Answers 2; No information 72; Citations of evidence 2; Citations not shown to the Secretariat 1",
        "Gaps you were shown Not answered 72; Answers with evidence kept by the State 1",
        "Implemented 1; Considered, not taken up 0; Partially implemented 0; In progress 1",
        " ".join(first.digest[place : place + 8] for place in range(0, 64, 8)),
        f"{event.number}:{event.digest}",
        first.code,
        f"{settings.SITE_URL}/verify/{first.code}/",
    ):
        assert proof in said


def test_the_receipt_shows_by_whom_and_when_it_was_cleared(desk, first, xaa, round_, alice):
    answer("I.14")
    cleared = {"cleared_by": "Legal Department", "cleared_on": datetime.date(2026, 9, 30)}
    second = submit_ready(xaa, round_, alice, dataclasses.replace(STATED, **cleared))
    for text in (words(desk.get(url(number=2))), pdf_words(receipt_pdf(receipt(second)))):
        assert "Cleared by Legal Department Cleared on 30 September 2026" in text
    assert "Closing ends the reading of this submission. It does not verify answers" in words(desk.get(url(number=2)))


def test_the_receipt_keeps_the_head_of_its_submission(desk, first):
    head = Event.everyones.get(action="submitted").head
    answer("I.13", measures="More.", base=1)
    assert head in words(desk.get(url()))


def test_an_officer_does_not_see_how_often_the_state_saved(officer, first):
    """The number of the event counts every save."""
    event = Event.everyones.get(action="submitted")
    for said in (words(officer.get(url())), pdf_words(officer.get(url("receipt_pdf")).content)):
        assert first.code in said
        assert "Audit trail" not in said
        assert event.head not in said


def test_the_pdf_says_the_same(desk, first):
    response = desk.get(url("receipt_pdf"))
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="XAA-2026-1-receipt.pdf"'
    said = pdf_words(response.content)
    assert "Receipt of a submission" in said
    assert "Arandia: report submitted on" in said
    adopted = "Recommendations adopted by: Working Group on Trafficking XAA in Persons. Round: Round 2026."
    assert adopted in said  # with the code of the State, which is beside both lines
    assert "Answers 2; No information 72; Citations of evidence 2; Citations not shown to the Secretariat 1" in said
    assert Event.everyones.get(action="submitted").head in said
    assert first.code in said
    assert [part for part in re.findall(r"\b[0-9a-f]{8}\b", said) if part in first.digest] == re.findall(
        "." * 8, first.digest
    )
    assert b"pdfuaid" in response.content


def test_a_full_receipt_is_one_page(first, round_, xaa, alice, bob):
    answer("I.13", base=1)
    stated = dataclasses.replace(
        STATED,
        authority="Ministry of Justice",
        cleared_by="Legal Department",
        note_verbale="NV 12/2026",
        published=True,
    )
    remarks = asked_about(submit_ready(xaa, round_, alice), {"I.13": "Which article?"}, bob)
    reply_to(remarks["I.13"], "Article 9.", alice)
    answer("I.13", measures="Another.", base=2)
    submission = submit_ready(xaa, round_, alice, statements=stated)
    pdf = receipt_pdf(receipt(Submission.everyones.get(pk=submission.pk), of_the_state=True))
    read = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    assert read.stdout.count(b"\f") == 1


def test_the_pdf_is_the_same_each_time(first):
    found = Submission.everyones.get(pk=first.pk)
    assert receipt_pdf(receipt(found)) == receipt_pdf(receipt(found))


@pytest.mark.parametrize(
    ("office", "shown"),
    [
        ("Министерство", "Министерство"),
        ("外交部", "外交部"),
        ("وزارة الخارجية", "وزارة"),
        ("Office 🙂", "Office \ufffd"),
        ('a "b" \\ #c $d$ *e* <f> @g', 'a "b" \\ #c $d$ *e* <f> @g'),
    ],
)
def test_no_letter_breaks_the_pdf(office, shown, first, round_, xaa, alice):
    answer("I.13", base=1)
    submission = submit_ready(xaa, round_, alice, statements=dataclasses.replace(STATED, cleared_by=office))
    pdf = receipt_pdf(receipt(Submission.everyones.get(pk=submission.pk)))
    assert b"pdfuaid" in pdf
    assert submission.code in pdf_words(pdf)
    assert shown in pdf_words(pdf)


def test_a_control_character_of_old_costs_the_receipt_nothing(first, xaa):
    """In the names of States and people no form has a say."""
    xaa.name = "Arandia\x07 and\x01 Isles\x7f"
    xaa.save()
    pdf = receipt_pdf(receipt(Submission.everyones.get(pk=first.pk)))
    assert b"pdfuaid" in pdf
    assert "Arandia and Isles: report submitted on" in pdf_words(pdf)


def test_a_name_with_the_letters_of_states_is_read_back(first, round_, xaa, alice):
    xaa.name = "Côte d’Ivoire, Türkiye, São Tomé and Łódź"
    xaa.save()
    answer("I.13", base=1)
    pdf = receipt_pdf(receipt(Submission.everyones.get(pk=submit_ready(xaa, round_, alice).pk)))
    assert b"pdfuaid" in pdf
    assert "Côte d’Ivoire, Türkiye, São Tomé and Łódź: report submitted on" in pdf_words(pdf)


def test_the_seal_is_drawn_from_the_digest():
    drawn = seal("0f" * 32, "XAA", "2026")["strokes"]
    assert len(drawn) == 64
    assert drawn[:2] == [("-76", "0"), ("-49.75", "5.625")]
    assert seal("", "XAA", "2026")["strokes"] == []


def test_two_digests_are_two_seals():
    assert seal("a" * 64, "XAA", "2026") != seal("a" * 63 + "b", "XAA", "2026")


# Who may read


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.VIEWER])
def test_people_of_the_state_read_and_only_focal_points_act(role, first, xaa):
    other = client_of(make_person("carol", role, xaa))
    assert [other.get(url(name)).status_code for name in PAGES] == [200, 200, 200, 200, 403, 403]
    assert "Withdraw from the round" not in words(other.get(url()))


def test_a_reviewer_reads_it_unless_barred_or_writing_for_the_state(officer, first, xaa, bob, dana):
    assert [officer.get(url(name)).status_code for name in PAGES] == [200, 200, 200, 200, 403, 403]
    ReadingRestriction.objects.create(user=bob, respondent=xaa, set_by=dana)
    assert {officer.get(url(name)).status_code for name in PAGES} == {404}


def test_there_is_no_other(desk, first):
    assert desk.get(url(number=2)).status_code == 404
    assert desk.get(url(round_code="2029")).status_code == 404


# The sealed answers


def test_a_submission_is_shown_as_it_was_sealed(desk, first):
    answer("IV.46(c)", measures="Changed since.", base=1)
    said = words(desk.get(url("submission_items"), {"section": _section_of(desk, "IV.46(c)")}))
    assert "The Act of 2016." in said
    assert "Changed since." not in said


def _section_of(client, label: str) -> str:
    sections = client.get(url("submission_items")).context["sections"]
    return next(section.slug for section in sections for item in section.items if item.unit.label == label)


def test_of_evidence_kept_to_the_state_its_own_people_and_reviewers_read_the_same(desk, first, bob):
    for client in (desk, client_of(bob)):
        said = words(client.get(url("submission_items"), {"section": _section_of(client, "IV.46(c)")}))
        assert "Public Act: art. 9" in said
        assert "1 evidence item kept by the State" in said
        assert "Secret Act" not in said


def test_removed_words_are_also_removed_from_submissions(first, xaa, carol, alice, desk):
    remove_words("Act of 2016", xaa, alice, carol)
    said = words(desk.get(url("submission_items"), {"section": _section_of(desk, "IV.46(c)")}))
    assert "The Act of 2016." not in said
    assert "Removed on" in said


@pytest.mark.parametrize("section", ["", "no-such-theme", "a\x00b"])
def test_a_section_that_is_none_is_the_first(section, desk, first):
    context = desk.get(url("submission_items"), {"section": section}).context
    assert context["chosen"] == context["sections"][0]


# What differs


def test_differences_are_shown_by_unit_and_by_word(desk, first, xaa, alice, round_):
    answer("I.13", measures="The Act of 2026.", base=1, status="in_progress")
    answer("I.5(a)", measures="New.")
    submit_ready(xaa, round_, alice)
    response = desk.get(url("submission_changes", number=2))
    changed = {one.item.unit.label: [change.name for change in one.changes] for one in response.context["items"]}
    assert changed == {"I.5(a)": ["status", "measures"], "I.13": ["measures"]}
    html = response.content.decode()
    assert re.search(r"<del>.*2016.*</del>", html)
    assert re.search(r"<ins>.*2026.*</ins>", html)


def test_evidence_that_is_withheld_from_now_on_differs(desk, first, xaa, alice, round_):
    piece = Evidence.everyones.get(number=1)
    details = EvidenceDetails(
        title="Public Act", kind="law", language="en", citation="Gazette of Public Act", disclosure="state"
    )
    change_evidence(evidence=piece, base=piece.current.base, details=details, by=alice)
    submit_ready(xaa, round_, alice)
    changed = desk.get(url("submission_changes", number=2)).context["items"]
    assert [(one.item.unit.label, [change.name for change in one.changes]) for one in changed] == [
        ("IV.46(c)", ["evidence"])
    ]


def test_what_was_changed_and_changed_back_does_not_differ(desk, first, xaa, alice, round_):
    answer("I.13", measures="The Act of 2026.", base=1, status="in_progress")
    answer("I.13", base=2, status="in_progress")
    submit_ready(xaa, round_, alice)
    response = desk.get(url("submission_changes", number=2))
    assert (response.context["changed"], response.context["items"]) == (0, [])
    assert "No changes" in words(response)


def test_a_replacement_of_withheld_evidence_is_not_disclosed(desk, first, xaa, alice, round_, unit):
    for base, title in enumerate(("Secret memorandum", "Another memorandum"), start=1):
        piece = add_item(xaa, alice, title, citation="File 1", disclosure="state")
        save_for_xaa("IV.46(c)", base=base, measures="By law.", ready=True, citations=[(piece, f"page {base}")])
        submit_ready(xaa, round_, alice)
    assert desk.get(url("submission_changes", number=3)).context["changed"] == 0


def test_words_that_were_withdrawn_on_one_side_differ(desk, first, xaa, carol, alice, round_):
    submit_ready(xaa, round_, alice)
    answer("I.13", measures="", base=1, status="not_started")
    third = submit_ready(xaa, round_, alice)
    remove_words("Act of 2016", xaa, alice, carol)
    rows = desk.get(url("submission_changes", number=third.number)).context["items"]
    changed = {one.item.unit.label: {change.name: bool(change.before) for change in one.changes} for one in rows}
    assert changed == {"I.13": {"status": True, "measures": True}}


@pytest.mark.parametrize(
    ("first_said", "then_said", "changed"),
    [
        ({"measures": "Anna leads it."}, {"difficulties": "Anna leads it."}, {"measures", "difficulties"}),
        ({"measures": "By law."}, {"measures": "By law.", "received": "Office of Anna"}, None),
    ],
    ids=["words that moved", "words beside the answer"],
)
def test_after_a_removal_only_words_of_the_answer_show_changes(
    first_said, then_said, changed, desk, first, xaa, carol, alice, round_, unit
):
    for base, said in enumerate((first_said, then_said), start=1):
        said = {"measures": "", **said}
        received = (
            ReceivedDetails(said.pop("received", ""), datetime.date(2026, 3, 3))
            if "received" in said
            else ReceivedDetails()
        )
        answer = Answer(status="in_progress", ready=True, **said)
        save_answer(respondent=xaa, unit=unit("I.13"), base=base, answer=answer, by=alice, received=received)
        submit_ready(xaa, round_, alice)
    remove_words("Anna", xaa, alice, carol)
    response = desk.get(url("submission_changes", number=3))
    rows = [{change.name for change in one.changes} for one in response.context["items"]]
    assert (response.context["changed"], rows) == ((1, [changed]) if changed else (0, []))


def test_the_first_of_a_round_is_compared_with_the_last_of_the_round_before(desk, first, xaa, alice, bob):
    answer("I.13", measures="The Act of 2026.", base=1)
    submit_ready(xaa, opened_round(bob, "2029", meetings=[1, 4]), alice)
    response = desk.get(url("submission_changes", round_code="2029"))
    assert response.context["before"] == first
    rows = {one.item.unit.label: (one.before is None, one.after is None) for one in response.context["items"]}
    assert rows == {"I.13": (False, False), "IV.46(c)": (False, True)}


def test_the_first_of_all_has_nothing_to_differ_from(desk, first):
    assert "No previous submission" in words(desk.get(url("submission_changes")))


# The list


def test_superseded_and_withdrawn_submissions_stay_listed(desk, first, xaa, alice, round_):
    answer("I.13", measures="Another.", base=1)
    second = submit_ready(xaa, round_, alice)
    assert "Superseded by XAA/2026/2" in words(desk.get(reverse("submission_list", args=["XAA"])))
    withdraw_from_round(submission=second, reason="Sent too early.", by=alice)
    said = words(desk.get(reverse("submission_list", args=["XAA"])))
    assert "XAA/2026/1" in said
    assert "Superseded by" not in said
    assert "Withdrawn · " in said
    assert "Sent too early." in said


def test_a_state_without_submissions_sees_a_message(charlie):
    assert "No submissions" in words(client_of(charlie).get(reverse("submission_list", args=["XBB"])))


def test_the_receipt_of_a_superseded_one_leads_to_the_newest(desk, first, xaa, alice, round_):
    answer("I.13", measures="Another.", base=1)
    second = submit_ready(xaa, round_, alice)
    assert "Superseded XAA/2026/2 was submitted later and replaces this submission." in words(desk.get(url()))
    said = words(desk.get(second.get_absolute_url()))
    assert "Replaces XAA/2026/1" in said
    assert "Superseded" not in said


def test_the_receipt_counts_the_replies(desk, first, xaa, alice, bob, round_):
    remarks = asked_about(first, {"I.13": "Which article?"}, bob)
    reply_to(remarks["I.13"], "Article 9.", alice)
    answer("IV.46(c)", measures="Another.", base=1)
    third = submit_ready(xaa, round_, alice)
    assert "Replies to requests for clarification 1" in words(desk.get(third.get_absolute_url()))
    in_columns = "Replies to requests for 1 clarification"
    assert in_columns in pdf_words(desk.get(url("receipt_pdf", number=3)).content)


def test_stated_use_is_kept_when_the_session_has_ended(desk, first, alice):
    token = re.search(r'name="author_token" value="([^"]+)"', desk.get(url("submission_use")).content.decode())[1]
    stranger = Client()
    stranger.post(url("submission_use"), {"quoted": "on", "author_token": token})
    stranger.force_login(alice)
    response = stranger.get(url("submission_use"))
    assert "Not saved yet." in words(response)
    said = {name: bool(response.context["form"][name].value()) for name in ("in_aggregates", "quoted")}
    assert said == {"in_aggregates": False, "quoted": True}
    assert Use.everyones.count() == 1


def test_a_state_that_no_code_can_be_is_not_found(desk, first):
    """PostgreSQL refuses to look for a NUL."""
    for address in (url(name) for name in PAGES):
        assert desk.get(address.replace("XAA", "%00")).status_code == 404


# Complete for the round


def test_a_submission_is_marked_complete_and_officers_see_it_in_their_list(desk, first, bob):
    officer = Client()
    officer.force_login(bob)
    for pressed, shown, offered in (
        ("yes", True, "Remove the mark “Complete for this round”"),
        ("no", False, "Mark as complete for this round"),
    ):
        response = desk.post(url("submission_complete"), {"complete": pressed}, follow=True)
        assert offered in words(response)
        assert ("Complete for this round" in words(officer.get(reverse("review_queue")))) == shown


def test_after_a_withdrawal_nothing_is_marked_complete(desk, first):
    desk.post(url("submission_withdraw"), {"reason": "Too early."})
    assert "Mark as complete" not in words(desk.get(url("submission")))
    response = desk.post(url("submission_complete"), {"complete": "yes"}, follow=True)
    assert "The page changed after you opened it, so nothing was done." in words(response)


# Withdrawing


def test_a_submission_is_withdrawn_and_its_page_shows_the_reason(desk, first):
    response = desk.post(url("submission_withdraw"), {"reason": "Sent too early."}, follow=True)
    assert "Withdrawn on" in words(response)
    assert "Sent too early." in words(response)
    assert "Withdraw from the round" not in words(response)


def test_what_is_withdrawn_stays_readable_for_officers_and_shares_no_practice(desk, first, bob):
    shared = "Other States can read the good practices that this State shares in it."
    assert shared in words(desk.get(url()))
    assert "Answered, not submitted: 0 Check" in words(desk.get(reverse("respondent_desk", args=["XAA"])))
    desk.post(url("submission_withdraw"), {"reason": "Sent too early."})
    said = words(desk.get(url()))
    assert "Not published. Only the team of this State and Secretariat officers can read it." in said
    assert shared not in said
    assert client_of(bob).get(url("submission_items")).status_code == 200
    assert "Answered, not submitted: 2 Check" in words(desk.get(reverse("respondent_desk", args=["XAA"])))


@pytest.mark.parametrize("reason", ["", "   ", "a\x00b", "x" * 20_001])
def test_without_a_reason_that_can_be_kept_it_is_not_withdrawn(reason, desk, first):
    response = desk.post(url("submission_withdraw"), {"reason": reason})
    assert list(response.context["form"].errors) == ["reason"]
    assert Participation.everyones.get().state == "submitted"


def test_withdrawing_from_a_closed_round_has_a_warning_of_permanence(desk, first, round_):
    warning = "After you withdraw, you cannot submit to it again."
    assert warning not in words(desk.get(url("submission_withdraw")))
    close_round(round_)
    assert warning in words(desk.get(url("submission_withdraw")))


def test_withdrawing_twice_says_so(desk, first):
    desk.post(url("submission_withdraw"), {"reason": "Too early."})
    response = desk.post(url("submission_withdraw"), {"reason": "Again."}, follow=True)
    assert "The page changed after you opened it, so nothing was done." in words(response)
    assert Participation.everyones.get().withdrawal_reason == "Too early."


def test_what_is_read_can_be_withdrawn_too(desk, first, bob):
    start_reading(submission=first, by=bob)
    desk.post(url("submission_withdraw"), {"reason": "Too early."})
    assert Participation.everyones.get().state == "withdrawn"


# Permitted use


def test_use_is_stated_again_and_earlier_statements_are_kept(desk, first):
    response = desk.post(url("submission_use"), {"in_aggregates": "on", "quoted": "on"}, follow=True)
    said = words(response)
    assert "Included in aggregate figures; Quoted with the name of the State" in said
    assert [use.as_fields["quoted"] for use in Use.everyones.all()] == [False, True]
    assert "Permitted use Included in aggregate figures" in said


def test_saying_what_it_may_be_used_for_neither_publishes_nor_takes_back(desk, first, alice):
    desk.post(url("submission_use"), {"quoted": "on", "published": "on"})
    change_use(submission=first, published=True, by=alice)
    desk.post(url("submission_use"), {"in_aggregates": "on"})
    assert [use.as_fields for use in Use.everyones.all()][1:] == [
        {"in_aggregates": False, "quoted": True, "published": False},
        {"in_aggregates": False, "quoted": True, "published": True},
        {"in_aggregates": True, "quoted": False, "published": True},
    ]


def test_everything_can_be_taken_back(desk, first, alice):
    change_use(submission=first, in_aggregates=True, quoted=True, by=alice)
    response = desk.post(url("submission_use"), {}, follow=True)
    assert "Reading by the Secretariat only" in words(response)


def test_the_form_shows_what_holds(desk, first, alice):
    change_use(submission=first, in_aggregates=False, quoted=True, by=alice)
    form = desk.get(url("submission_use")).context["form"]
    assert {name: form[name].value() for name in form.fields} == {"in_aggregates": False, "quoted": True}


# How much it takes


def test_queries(desk, first, xaa, alice, round_, django_assert_max_num_queries):
    for asked in xaa.units_to_answer()[:30]:
        answer(asked.label, measures="Much more.", base=1 if asked.label in {"IV.46(c)", "I.13"} else 0)
    submit_ready(xaa, round_, alice)
    for address in (reverse("submission_list", args=["XAA"]), *(url(name, number=2) for name in PAGES)):
        desk.get(address)
        with django_assert_max_num_queries(QUERIES):
            assert desk.get(address).status_code == 200


# The download


def test_the_download_is_the_same_file_for_all_who_may_read_it(officer, first, desk, django_assert_max_num_queries):
    with django_assert_max_num_queries(QUERIES):
        own = desk.get(url("submission_json"))
    with django_assert_max_num_queries(QUERIES):
        readers = officer.get(url("submission_json"))
    assert own.content == readers.content
    assert own["Content-Type"] == "application/json"
    assert own["Content-Disposition"] == 'attachment; filename="XAA-2026-1.json"'
    assert json.loads(own.content)["digest"] == first.digest


def test_the_download_of_what_answers_questions_takes_no_more_queries(
    first, xaa, alice, bob, desk, round_, django_assert_max_num_queries
):
    question = asked_about(first, {"I.13": "Which article?"}, bob)["I.13"]
    reply_to(question, "Article 9.", alice)
    with django_assert_max_num_queries(QUERIES):
        assert desk.get(url("submission_json", 2)).status_code == 200
