"""Proposals on pages: offered instead of saved, seen side by side, taken, merged, declined, taken back."""

import re
from datetime import date

import pytest
from django.urls import reverse

from tests.conftest import make_person
from tests.evidence_items import add_item
from tests.labels import titled
from tests.pages import client_of, decide, hidden_input, messages_on, text_area, words
from tests.removals import remove_words
from tests.suggestions import accept, decline
from tracker.actions.proposal import add_proposal
from tracker.actions.record import Answer, save_answer
from tracker.models import Assignment, Draft, Proposal, Revision
from tracker.models.draft import new_tab
from tracker.models.record import ReceivedDetails
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

BILL = Answer(status="in_progress", measures="A bill on the protection of victims.")
COURT = ReceivedDetails("The Court", date(2026, 3, 3))
ACT = Answer(status="implemented", measures="An act on the protection of victims.", difficulties="Few judges.")


def address(name="proposal_list", *args, slug="I-13") -> str:
    return reverse(name, args=["XAA", slug, *args])


def checked(response, name: str) -> list[str]:
    """The values of the radios or boxes of this name that are checked."""
    return re.findall(rf'name="{name}" value="([^"]*)"[^>]* checked', response.content.decode())


@pytest.fixture
def carl(xaa):
    return make_person("carl", Role.CONTRIBUTOR, xaa)


@pytest.fixture
def offer(xaa, carol, unit):
    def offer(answer=ACT, by=None, base=0, label="I.13", **given) -> Proposal:
        return add_proposal(respondent=xaa, unit=unit(label), base=base, answer=answer, by=by or carol, **given)

    return offer


@pytest.fixture
def save(xaa, alice, unit):
    def save(answer=BILL, base=0) -> Revision:
        return save_answer(respondent=xaa, unit=unit("I.13"), base=base, answer=answer, by=alice)

    return save


def row(proposal: Proposal) -> Proposal:
    return Proposal.everyones.get(pk=proposal.pk)


def form_of(response, **said) -> dict:
    """The answer form as a browser would send it back, with what was changed in it."""
    names = ("base", "tab", "wording")
    texts = {name: text_area(response, name) for name in ("measures", "difficulties", "reasons", "assistance")}
    chosen = {name: checked(response, name) for name in ("status", "proposal")}
    page = {name: hidden_input(response, name) for name in names} | texts | chosen | {"language": "en"}
    return page | {"status": chosen["status"][:1]} | said


# Offering


def test_a_contributor_suggests_their_input_instead_of_saving_it(save, carol, alice):
    save()
    client = client_of(carol)
    page = client.get(address("proposal_add"))
    assert "Suggest to the focal point" in words(page)
    sent = form_of(page, measures="An act.", status="implemented")
    client.post(address("draft"), sent)
    response = client.post(address("proposal_add"), sent, follow=True)
    assert messages_on(response)[1:] == [
        f"{titled('I.13')}: your suggestion was sent to the focal point. The "
        "answer does not change unless the focal point accepts the suggestion."
    ]
    proposal = Proposal.everyones.get()
    assert (proposal.fields["measures"], proposal.base, proposal.author) == ("An act.", 1, carol)
    assert [Revision.everyones.count(), list(Draft.objects.visible_to(carol))] == [1, []]
    assert text_area(response) == BILL.measures
    assert "1 suggestion is waiting for the focal point." in words(client_of(alice).get(address("record")))


def test_an_invalid_suggestion_has_an_error_and_the_input_stays(carol):
    client = client_of(carol)
    sent = form_of(client.get(address("proposal_add")), measures="Kept.", status="considered_not_taken_up")
    response = client.post(address("proposal_add"), sent)
    assert "Enter the reasons." in words(response)
    assert text_area(response) == "Kept."
    assert Proposal.everyones.count() == 0


def test_a_focal_point_saves_and_has_nobody_to_offer_to(desk):
    assert "Suggest to the focal point" not in words(desk.get(address("record")))


def test_words_removed_after_opening_do_not_return_with_a_suggestion(xaa, save, carol, alice, erin):
    save(Answer(status="implemented", measures="Jane Doe was helped."))
    client = client_of(carol)
    sent = form_of(client.get(address("proposal_add")))
    remove_words("Jane Doe", xaa, alice, erin)
    response = client.post(address("proposal_add"), sent)
    assert response.status_code == 409
    assert "Text that identified a victim was removed from this answer after you opened it." in words(response)
    assert Proposal.everyones.count() == 0


# Reading


def test_the_current_answer_and_all_waiting_suggestions_are_compared(desk, save, offer, carl):
    save()
    offer()
    offer(Answer(status="in_progress", measures="A bill on victims."), by=carl)
    page = desk.get(address())
    said = words(page)
    assert "2 suggestions compared with the current answer" in said
    assert "Current answer · Version 1 · Alice" in said
    assert "removed: A bill added: An act on the protection of victims." in said
    assert "Carl A bill on removed: the protection of victims." in said
    assert "Current answer · Version 1 · Alice Empty" in said
    assert [field.current.name for field in page.context["fields"]] == ["status", "measures", "difficulties"]


def test_a_suggested_first_answer_has_nothing_to_compare(desk, offer):
    offer()
    said = words(desk.get(address()))
    assert "Current answer · No information Empty" in said
    assert "Carol Implemented Use this suggestion: Carol" in said


def test_who_may_not_decide_reads_and_is_offered_no_buttons(offer, carol, carl, xaa):
    offer()
    for person, own in ((carol, 1), (carl, 0), (make_person("victor", Role.VIEWER, xaa), 0)):
        said = words(client_of(person).get(address()))
        assert "An act on the protection of victims." in said
        assert [
            said.count("as it is"),
            said.count("Decline this suggestion"),
            said.count("Withdraw your suggestion"),
        ] == [0, 0, own]


def test_evidence_that_is_not_opened_to_the_reader_is_not_named(xaa, offer, alice, carl, unit):
    xaa.opens_all_to_contributors = False
    xaa.save()
    Assignment.everyones.create(respondent=xaa, unit=unit("I.13"), person=carl, assigned_by=alice)
    law = add_item(xaa, alice, "Secret circular", citation="Circular 1")
    offer(Answer(status="implemented", citations=[(law, "article 9")]), by=alice)
    said = words(client_of(carl).get(address()))
    assert "This suggestion also cites 1 evidence item that you cannot open." in said
    assert "Secret circular" not in said
    assert "article 9" not in said
    assert "E1 Secret circular: article 9" in words(client_of(alice).get(address()))


def test_what_is_not_opened_has_no_page(xaa, offer, alice, carl, charlie, bob):
    xaa.opens_all_to_contributors = False
    xaa.save()
    proposal = offer(by=alice)
    for person in (carl, charlie, bob):
        client = client_of(person)
        assert client.get(address()).status_code == 404
        for name in ("proposal_take", "proposal_decline", "proposal_take_back"):
            assert client.post(address(name, proposal.pk)).status_code == 404


def test_a_proposal_is_found_only_at_its_own_unit(desk, offer):
    assert desk.post(address("proposal_take", offer().pk, slug="I-14")).status_code == 404


def test_as_many_queries_with_many_proposals_as_with_few(desk, save, offer, carol, xaa, django_assert_num_queries):
    save()
    law = add_item(xaa, carol, citation="OG 12")
    for proposals in (1, 11):
        for number in range(proposals):
            cited = [(law, f"article {number}")]
            offer(Answer(status="implemented", measures=f"Law {number} of {proposals}", citations=cited))
        with django_assert_num_queries(7):
            desk.get(address())


def test_merging_takes_no_more_queries_than_a_page_may(desk, save, offer, django_assert_max_num_queries):
    save()
    stamps = [offer().stamp, offer(Answer(status="implemented")).stamp]
    with django_assert_max_num_queries(15):
        assert desk.get(address("record"), {"proposal": stamps}).status_code == 200


# Taking one as it is


def test_a_focal_point_accepts_a_suggestion_unchanged(desk, save, offer, alice):
    save()
    offer(received=ReceivedDetails("Ministry of Justice", date(2026, 3, 3)))
    page = desk.get(address())
    sent = {"base": hidden_input(page, "base"), "proposal": hidden_input(page, "proposal")}
    response = desk.post(address("proposal_take", Proposal.everyones.get().pk), sent, follow=True)
    assert messages_on(response) == [
        f"{titled('I.13')}: the suggestion was accepted and saved as version 2. Source: Ministry of Justice."
    ]
    newest = Revision.everyones.latest("pk")
    assert (newest.measures, newest.author, newest.received_from) == (ACT.measures, alice, "Ministry of Justice")
    history = words(desk.get(address("record_history")))
    assert "Suggestion accepted: Ministry of Justice" in history
    assert "Includes the suggestion by Ministry of Justice of" in history


def test_a_field_that_both_changed_is_named_before_the_suggestion_is_accepted(desk, save, offer):
    save()
    proposal = offer(Answer(status="in_progress", measures="An act."), base=1)
    assert "Changed by both" not in words(desk.get(address()))
    save(Answer(status="in_progress", measures="Two bills."), base=1)
    page = desk.get(address())
    assert "Changed by both: Measures taken . Accepting uses the suggestion." in words(page)
    sent = {"base": hidden_input(page, "base"), "proposal": proposal.stamp}
    desk.post(address("proposal_take", proposal.pk), sent)
    assert Revision.everyones.latest("pk").measures == "An act."


def test_a_field_that_a_suggestion_did_not_change_is_not_compared(desk, save, offer):
    save(Answer(status="in_progress", measures="A bill.", lead_institution="Ministry"))
    proposal = offer(Answer(status="in_progress", measures="An act.", lead_institution="Ministry"), base=1)
    save(Answer(status="in_progress", measures="A bill.", lead_institution="Court"), base=1)
    page = desk.get(address())
    assert [field.current.name for field in page.context["fields"]] == ["measures"]
    merge = desk.get(address("record"), {"proposal": proposal.stamp, "measures": proposal.pk})
    assert (text_area(merge), merge.context["answer"]["lead_institution"].value()) == ("An act.", "Court")


def test_a_page_that_is_older_than_the_answer_takes_nothing(desk, save, offer):
    proposal = offer()
    save()
    sent = {"base": 0, "proposal": proposal.stamp}
    response = desk.post(address("proposal_take", proposal.pk), sent, follow=True)
    assert messages_on(response) == [
        f"{titled('I.13')}: Alice saved version 1 while you were working. Nothing was saved. Check the new version and "
        "try again."
    ]
    assert row(proposal).state == "offered"


def test_a_page_that_is_older_than_a_decision_says_who_decided(desk, offer, xaa):
    proposal = offer()
    decline(proposal, reason="Repealed.", by=make_person("alan", Role.FOCAL_POINT, xaa))
    sent = {"base": 0, "proposal": proposal.stamp}
    response = desk.post(address("proposal_take", proposal.pk), sent, follow=True)
    assert messages_on(response) == [
        "The page changed after you opened it, so nothing was done. Check the page, and try again if needed."
    ]
    assert "Declined · Alan · " in words(response)
    assert Revision.everyones.count() == 0


def test_a_page_that_is_older_than_a_withdrawal_takes_nothing(desk, offer, xaa, alice, erin):
    proposal = offer(Answer(status="implemented", measures="Jane Doe was helped."))
    remove_words("Jane Doe", xaa, alice, erin)
    sent = {"base": 0, "proposal": proposal.stamp}
    response = desk.post(address("proposal_take", proposal.pk), sent, follow=True)
    assert messages_on(response) == [
        "The page changed after you opened it, so nothing was done. Check the page, and try again if needed."
    ]
    assert "Some text was removed. Removed on" in words(response)
    assert Revision.everyones.count() == 0


@pytest.mark.parametrize(
    "sent", [{}, {"base": "\x00", "proposal": "x"}, {"proposal": "1.0", "base": "9" * 30}], ids=str
)
def test_what_nobody_would_send_takes_nothing(desk, offer, sent):
    response = desk.post(address("proposal_take", offer().pk), sent)
    assert (response.status_code, response.url) in [(302, address()), (302, address("record"))]
    assert Proposal.everyones.get().state in ("offered", "taken")


# Merging


def test_the_form_is_filled_with_the_choices_of_each_field(desk, save, offer, carl):
    save()
    act = offer()
    other = offer(Answer(status="partially_implemented", measures="A law.", lead_institution="Police"), by=carl)
    chosen = {"proposal": [act.stamp, other.stamp], "status": other.pk, "measures": act.pk, "lead_institution": 0}
    page = desk.get(address("record"), chosen)
    assert checked(page, "status")[0] == "partially_implemented"
    assert [text_area(page), text_area(page, "difficulties")] == [ACT.measures, ""]
    assert checked(page, "proposal") == [act.stamp, other.stamp]
    assert "The form shows your choices from the suggestions. The answer is not saved yet." in words(page)
    assert Revision.everyones.count() == 1


def test_a_merged_answer_is_saved_as_a_new_revision_that_names_both(desk, save, offer, carl, alice):
    save()
    act, other = offer(), offer(Answer(status="implemented", measures="A law."), by=carl)
    page = desk.get(address("record"), {"proposal": [act.stamp, other.stamp], "measures": act.pk, "status": other.pk})
    response = desk.post(address("record"), form_of(page, measures="An act, and a law."), follow=True)
    assert messages_on(response) == [f"{titled('I.13')}: saved as version 2."]
    newest = Revision.everyones.latest("pk")
    assert (newest.measures, newest.author) == ("An act, and a law.", alice)
    assert newest.change_text == "Suggestion accepted: Carol, Carl"
    assert {row(one).revision for one in (act, other)} == {newest}
    assert list(Draft.objects.visible_to(alice)) == []


def test_only_those_that_are_ticked_are_taken(desk, offer, carl):
    act, other = offer(), offer(Answer(status="implemented", measures="A law."), by=carl)
    page = desk.get(address("record"), {"proposal": [act.stamp, other.stamp], "measures": act.pk})
    assert checked(page, "proposal") == [act.stamp]
    sent = form_of(page, status="implemented")
    desk.post(address("record"), sent)
    assert [row(act).state, row(other).state] == ["taken", "offered"]


def test_evidence_is_chosen_as_a_field(desk, offer, xaa, carol):
    law = add_item(xaa, carol, citation="OG 12")
    proposal = offer(Answer(status="implemented", measures="An act.", citations=[(law, "article 9")]))
    page = desk.get(address("record"), {"proposal": proposal.stamp, "evidence": proposal.pk, "status": proposal.pk})
    assert f'name="pinpoint_{law.pk}" value="article 9"' in page.content.decode()
    desk.post(address("record"), form_of(page) | {f"pinpoint_{law.pk}": "article 10"})
    assert list(Revision.everyones.get().citations(manager="everyones").values_list("pinpoint", flat=True)) == [
        "article 10"
    ]


def test_a_merge_that_came_too_late_keeps_what_was_typed_and_says_why(desk, offer, alice):
    proposal = offer()
    page = desk.get(address("record"), {"proposal": proposal.stamp, "status": proposal.pk})
    accept(proposal, by=alice)
    sent = form_of(page, measures="Mine.")
    response = desk.post(address("record"), sent)
    assert "The page changed after you opened it, so nothing was done." in words(response)
    assert text_area(response) == "Mine."
    assert Revision.everyones.count() == 1


def test_a_double_click_on_a_merge_saves_once(desk, offer):
    proposal = offer()
    page = desk.get(address("record"), {"proposal": proposal.stamp, "status": proposal.pk})
    sent = form_of(page, measures="Mine.")
    assert [desk.post(address("record"), sent).status_code for _click in range(2)] == [302, 302]
    assert Revision.everyones.count() == 1


def test_a_draft_of_a_merge_still_takes_its_proposals(desk, offer):
    proposal = offer()
    page = desk.get(address("record"), {"proposal": proposal.stamp, "status": proposal.pk})
    desk.post(address("draft"), form_of(page, measures="Half of it"))
    again = desk.get(address("record"))
    assert [text_area(again), checked(again, "proposal")] == ["Half of it", [proposal.stamp]]


def test_a_stale_merge_asks_and_still_takes_them(desk, offer, save):
    proposal = offer()
    page = desk.get(address("record"), {"proposal": proposal.stamp, "status": proposal.pk})
    save()
    response = desk.post(address("record"), form_of(page, measures="Merged."))
    assert response.status_code == 409
    assert hidden_input(response, "proposal") == proposal.stamp
    chosen = {row.choice.name: "mine" for row in response.context["form"].rows}
    desk.post(address("record"), decide(response, **chosen))
    assert row(proposal).revision == Revision.everyones.get(number=2, measures="Merged.")


def test_nobody_else_merges(offer, carol):
    proposal = offer()
    client = client_of(carol)
    assert client.get(address("record"), {"proposal": proposal.stamp}).status_code == 403
    sent = {"status": "implemented", "language": "en", "base": 0, "tab": new_tab(), "proposal": proposal.stamp}
    assert client.post(address("record"), sent).status_code == 403


@pytest.mark.parametrize("asked", [{"proposal": "x"}, {"proposal": "1.0", "measures": "9" * 30}], ids=str)
def test_what_does_not_wait_is_not_merged(desk, asked):
    response = desk.get(address("record"), asked, follow=True)
    assert messages_on(response) == [
        "The page changed after you opened it, so nothing was done. Check the page, and try again if needed."
    ]


# Declining and taking back


def test_a_focal_point_declines_with_a_reason_the_author_sees(desk, offer, carol):
    proposal = offer()
    sent = {f"p{proposal.pk}-decline_reason": "The act is repealed."}
    response = desk.post(address("proposal_decline", proposal.pk), sent, follow=True)
    assert messages_on(response) == ["Suggestion declined: Carol. The author can read the reason."]
    client = client_of(carol)
    assert "Declined · Alice · " in words(client.get(address()))
    assert "The act is repealed." in words(client.get(address()))
    on_desk = words(client.get(reverse("respondent_desk", args=["XAA"])))
    assert "I.13 Possible procedures for compensation and restitution Carol Declined The act is repealed." in on_desk


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        (" ", "Enter the reason."),
        ("x" * 20_001, "The text is too long: at most 20000 characters. It has 20001."),
    ],
)
def test_a_reason_is_asked_for_and_what_was_typed_stays(desk, offer, reason, message):
    proposal = offer()
    name = f"p{proposal.pk}-decline_reason"
    response = desk.post(address("proposal_decline", proposal.pk), {name: reason})
    assert message in words(response)
    assert text_area(response, name) == reason
    assert row(proposal).state == "offered"


def test_its_author_takes_it_back(offer, carol):
    proposal = offer()
    client = client_of(carol)
    response = client.post(address("proposal_take_back", proposal.pk), follow=True)
    assert messages_on(response) == [f"{titled('I.13')}: suggestion withdrawn."]
    assert "Withdrawn · " in words(response)
    assert messages_on(client.post(address("proposal_take_back", proposal.pk), follow=True)) == [
        "The page changed after you opened it, so nothing was done. Check the page, and try again if needed."
    ]


# On the desk


def test_waiting_suggestions_are_on_the_overview(desk, offer, carol):
    address = reverse("respondent_desk", args=["XAA"])
    led = "Suggestions for the focal point to decide, and decisions on your suggestions."
    assert led not in words(desk.get(address))
    offer()
    said = words(desk.get(address))
    row = "I.13 Possible procedures for compensation and restitution Carol Waiting since"
    assert f"{led} All completed questionnaires {row}" in said
    assert led not in words(client_of(carol).get(address))


def test_a_focal_points_own_accepted_suggestion_is_not_waiting(desk, offer, alice):
    accept(offer(by=alice, origin=Proposal.Origin.QUESTIONNAIRE, received=COURT), by=alice)
    for name in ("respondent_desk", "offered_list"):
        said = words(desk.get(reverse(name, args=["XAA"])))
        assert "The Court Accepted" in said
        assert "Suggestions for the focal point to decide, and decisions on your suggestions." in said


def test_at_most_twenty_suggestions_are_compared(desk, offer):
    for number in range(21):
        offer(Answer(status="implemented", measures=f"Law {number}."))
    page = desk.get(address())
    assert len(page.context["offered"]) == 20
    assert "21 suggestions compared with the current answer" in words(page)
    assert "The 20 oldest suggestions are shown. More appear as you decide on these suggestions." in words(page)


def test_the_desk_shows_the_newest_ten_and_leads_to_all(desk, offer, django_assert_max_num_queries):
    address = reverse("respondent_desk", args=["XAA"])
    for number in range(10):
        offer(Answer(status="implemented", measures=f"Law {number}."))
    assert "All suggestions: 10" not in words(desk.get(address))
    for number in range(10, 55):
        offer(Answer(status="implemented", measures=f"Law {number}."))
    with django_assert_max_num_queries(14):
        page = desk.get(address)
    assert (words(page).count("Carol Waiting since"), "All suggestions: 55" in words(page)) == (10, True)
    of_all = [words(desk.get(reverse("offered_list", args=["XAA"]), {"page": number})) for number in (1, 2, "x")]
    assert [page.count("Carol Waiting since") for page in of_all] == [50, 5, 50]
    assert "Page 2 of 2" in of_all[1]
