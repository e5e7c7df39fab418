"""Drafts at the answer page: what is shown of them, how a page without JavaScript saves one, what a fetch is told."""

import re

import pytest

from tests.client import Client
from tests.conftest import PASSWORD, save_for_xaa
from tests.documents import MACRO_WORD, PDF, upload
from tests.pages import answer_address, client_of, hidden_input, messages_on, text_area, words
from tracker.actions.draft import Tab, save_draft
from tracker.actions.withdrawal import confirm_withdrawal, request_withdrawal
from tracker.models import Draft, HeldUpload, Membership, Revision, Session
from tracker.models.draft import new_tab
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

FETCH = {"HX-Request": "true"}
BEGUN = "You have an unsaved draft from"


def hidden(response, name: str) -> str:
    """The value of a hidden input of the answer form, as a browser would send it back."""
    form = response.content.decode().partition('id="answer-form"')[2]
    return re.search(rf'name="{name}" value="([^"]*)"', form)[1]


class Page:
    """A page that was opened, whose form is sent as a browser would send it."""

    HIDDEN = ("csrfmiddlewaretoken", "author_token", "tab", "continues", "base", "wording", "note_base")

    def __init__(self, client, query=""):
        self.client, self.response = client, client.get(answer_address() + query)
        self.form = {name: hidden(self.response, name) for name in self.HIDDEN}

    def send(self, measures="Law", name="draft", fetch=False, **more):
        data = {**self.form, "language": "en", "measures": measures, **more}
        return self.client.post(answer_address(name), data, headers=FETCH if fetch else {}, follow=not fetch)

    @property
    def links(self) -> list[str]:
        return re.findall(r'href="(\?draft=\d+)"', self.response.content.decode())


@pytest.fixture
def carol_says(xaa, carol, unit):
    def says(measures, base=0):
        save_for_xaa("I.13", "in_progress", base=base, by=carol, measures=measures)

    return says


# What the page shows


def test_a_draft_fills_the_form_unchanged_and_without_errors(desk):
    Page(desk).send("Law", fetch=True, situation_as_at="31/6", note="Ask the ministry.", **{"new-title": "An act"})
    page = desk.get(answer_address())
    assert (text_area(page), text_area(page, "note")) == ("Law", "Ask the ministry.")
    assert 'value="31/6"' in page.content.decode()
    assert 'value="An act"' in page.content.decode()
    saved = Draft.everyones.get().saved_at
    assert f"{BEGUN} {saved.day} {saved:%B %Y, %H:%M}." in words(page)
    assert "<title>Error" not in page.content.decode()
    assert page.context["form"].errors == {}


def test_a_draft_that_equals_the_answer_is_not_announced(desk, carol_says):
    carol_says("A bill.")
    Page(desk).send("A bill.", fetch=True, status="in_progress")
    assert BEGUN not in words(desk.get(answer_address()))
    Page(desk).send("A law.", fetch=True, status="in_progress")
    assert BEGUN in words(desk.get(answer_address()))


def test_a_newer_version_is_mentioned_and_saving_shows_the_comparison(desk, carol_says):
    page = Page(desk)
    page.send("Law", fetch=True)
    carol_says("A bill.")
    again = Page(desk)
    assert "Carol saved version 1 on" in words(again.response)
    assert again.send("Law No. 17", fetch=True).status_code == 200
    conflict = again.send("Law No. 17", name="record", status="implemented")
    assert conflict.status_code == 409
    assert (hidden_input(conflict, "measures"), hidden_input(conflict, "tab")) == ("Law No. 17", again.form["tab"])
    assert [draft.fields["measures"] for draft in Draft.everyones.all()] == [["Law No. 17"], ["Law"]]


def test_the_answer_saved_from_what_was_begun_leaves_nothing_begun(desk):
    Page(desk).send("Law", fetch=True)
    again = Page(desk)
    again.send("Law No. 17", fetch=True)
    again.send("Law No. 17", name="record", status="implemented")
    assert Revision.everyones.get().measures == "Law No. 17"
    assert BEGUN not in words(desk.get(answer_address()))


def test_an_answer_that_is_refused_goes_on_in_its_tab(desk):
    page = Page(desk)
    page.send("Law", fetch=True)
    refused = page.send("Law", name="record")
    assert "Choose a status." in words(refused)
    assert hidden(refused, "tab") == page.form["tab"]
    assert "other drafts" not in words(refused)


def test_of_two_tabs_both_drafts_can_be_reached(desk):
    first, second = Page(desk), Page(desk)
    assert first.form["tab"] != second.form["tab"]
    first.send("Law", fetch=True)
    second.send("Another", fetch=True)
    page = Page(desk)
    assert text_area(page.response) == "Another"
    [link] = page.links
    other = Page(desk, link)
    assert text_area(other.response) == "Law"
    assert len(other.links) == 1


@pytest.mark.parametrize("key", ["0", "x", "9" * 400, "%00", "-1"])
def test_a_draft_of_another_person_is_not_opened(desk, key):
    Page(desk).send("Law", fetch=True)
    assert text_area(desk.get(f"{answer_address()}?draft={key}")) == "Law"


@pytest.mark.parametrize("who", ["a colleague", "a viewer"])
def test_only_the_author_finds_a_draft_and_only_while_writing(desk, alice, carol, who):
    Page(desk).send("Quetzal", fetch=True)
    Membership.objects.filter(user=alice).update(role=Role.VIEWER)
    reader = desk if who == "a viewer" else client_of(carol)
    page = reader.get(f"{answer_address()}?draft={Draft.everyones.get().pk}")
    assert ("Quetzal" in page.content.decode(), BEGUN in words(page)) == (False, False)
    assert ("htmx" in page.content.decode()) is (who == "a colleague")


def test_a_removal_of_words_from_a_draft_is_mentioned(desk, alice, carol, xaa):
    Page(desk).send("Jane Doe", fetch=True, difficulties="Funds.")
    pk = request_withdrawal(respondent=xaa, by=alice, words="Jane Doe", files=[], reason="name").pk
    confirm_withdrawal(pk=pk, by=carol)
    page = desk.get(answer_address())
    assert (text_area(page), text_area(page, "difficulties")) == ("", "Funds.")
    assert "Text was removed from this draft." in words(page)


def test_discarding_shows_the_answer_as_it_was_saved(desk, carol_says):
    carol_says("A bill.")
    Page(desk).send("Law", fetch=True)
    page = Page(desk)
    page.send("Law No. 17", fetch=True)
    discarded = desk.post(
        answer_address("draft_discard"), {"tab": page.form["tab"], "draft": page.form["continues"]}, follow=True
    )
    assert messages_on(discarded) == ["Draft discarded. The last saved version is shown."]
    assert text_area(discarded) == "A bill."
    assert BEGUN not in words(discarded)


def test_a_desk_note_that_is_saved_leaves_no_draft_of_it(desk):
    page = Page(desk)
    page.send("", fetch=True, note="Ask the ministry.")
    page.send("", name="record_note", note="Ask the ministry.")
    assert Draft.everyones.filter(closed_at=None).count() == 0


@pytest.mark.parametrize("number", [1, 10])
def test_it_takes_few_queries_however_many_drafts_there_are(
    desk, alice, xaa, unit, carol_says, number, django_assert_max_num_queries
):
    carol_says("A bill.")
    for _number in range(number):
        typed = {"measures": ["Law"]}
        save_draft(respondent=xaa, unit=unit("I.13"), tab=Tab(new_tab()), base=1, fields=typed, by=alice)
    assert Draft.everyones.filter(closed_at=None).count() == number
    with django_assert_max_num_queries(15):
        desk.get(answer_address())


def test_a_draft_is_saved_with_few_queries(desk, django_assert_max_num_queries):
    page = Page(desk)
    page.send("A bill.", fetch=True)
    with django_assert_max_num_queries(10):
        page.send("A bill, and a law.", fetch=True)


# What a fetch is told


def test_the_response_to_a_fetch_has_the_saving_time(desk):
    response = Page(desk).send("Law", fetch=True)
    assert words(response) == f"Draft saved at {Draft.everyones.get().saved_at:%H:%M}"


def test_a_line_break_counts_once(desk):
    assert Page(desk).send("x\r\n" * 10_000, fetch=True).status_code == 200
    assert Draft.everyones.get().fields["measures"] == ["x\n" * 10_000]


CLOSED = "This draft is closed: it was saved or taken over, or text was removed from it. Open the answer again."


@pytest.mark.parametrize(
    ("measures", "before", "status", "why"),
    [
        (
            "x" * 20_001,
            lambda _page: None,
            422,
            "Measures taken: The text is too long: at most 20000 characters. It has 20001.",
        ),
        (
            "art.\0",
            lambda _page: None,
            422,
            "Measures taken: Remove the invisible character U+0000 after “art.”: it cannot be saved.",
        ),
        ("Law No. 17", lambda page: page.send("Law", name="record", status="implemented"), 409, CLOSED),
        ("Law", lambda _page: Session.objects.all().delete(), 401, ""),
        ("Law", lambda _page: Membership.objects.update(role=Role.VIEWER), 403, None),
        ("Law", lambda _page: Membership.objects.all().delete(), 404, None),
    ],
    ids=["too long", "NUL", "closed", "signed out", "viewer", "former member"],
)
def test_a_fetch_says_why_a_draft_is_not_saved(desk, measures, before, status, why):
    page = Page(desk)
    before(page)
    sessions = Session.objects.count()
    response = page.send(measures, fetch=True)
    assert response.status_code == status
    if why is not None:
        assert words(response) == (f"Draft not saved. {why}" if why else "")
    assert (Session.objects.count(), Draft.everyones.exclude(fields={}).count()) == (sessions, 0)


def sign_in(client, email: str) -> None:
    token = re.search('csrfmiddlewaretoken" value="([^"]+)"', client.get("/accounts/login/").content.decode())[1]
    client.post("/accounts/login/", {"login": email, "password": PASSWORD, "csrfmiddlewaretoken": token})


@pytest.mark.parametrize(("who", "goes_on"), [("alice", True), ("carol", False)])
def test_a_fetch_gets_a_new_token_only_for_its_author(alice, carol, who, goes_on):
    browser = Client(enforce_csrf_checks=True)
    sign_in(browser, "alice@example.org")
    page = Page(browser)
    browser.logout()
    sign_in(browser, f"{who}@example.org")
    refused = page.send("Law", fetch=True)
    assert (refused.status_code, refused.content, "X-CSRFToken" in refused) == (403, b"", goes_on)
    if goes_on:
        page.form["csrfmiddlewaretoken"] = refused["X-CSRFToken"]
        assert page.send("Law", fetch=True).status_code == 200
    assert Draft.everyones.exists() is goes_on


# Without JavaScript


def test_the_button_saves_a_draft_and_the_page_goes_on_in_its_tab(desk):
    page = Page(desk)
    for measures in ("Law", "Law No. 17"):
        back = page.send(measures)
        assert messages_on(back) == ["Draft saved."]
        assert text_area(back) == measures
        assert hidden(back, "tab") == page.form["tab"]
    assert Draft.everyones.count() == 1
    assert Page(desk).form["tab"] != page.form["tab"]


def test_a_file_that_was_chosen_is_held_with_the_draft(desk, alice):
    page = Page(desk)
    back = page.send("Law", **{"new-title": "Act", "new-upload": upload("law.pdf", PDF)})
    assert (messages_on(back), text_area(back)) == (["Draft saved."], "Law")
    held = HeldUpload.objects.visible_to(alice).get()
    assert f'name="new-held" value="{held.key}"' in back.content.decode()
    assert f'name="new-held" value="{held.key}"' in Page(desk).response.content.decode()


def test_a_file_that_is_refused_is_no_part_of_the_draft_and_says_why(desk):
    back = Page(desk).send("Law", **{"new-title": "", "new-upload": upload("law.docx", MACRO_WORD)})
    assert messages_on(back)[1].startswith("This document contains macros.")
    assert (text_area(back), HeldUpload.everyones.count()) == ("Law", 0)


def test_what_cannot_be_kept_comes_back_as_it_was_typed(desk):
    back = Page(desk).send("x" * 20_001)
    assert messages_on(back) == [
        "Draft not saved. Measures taken: The text is too long: at most 20000 characters. It has 20001."
    ]
    assert text_area(back) == "x" * 20_001


def test_signed_out_what_was_typed_comes_back_after_signing_in(desk, alice):
    page = Page(desk)
    page.send("La", fetch=True)
    Session.objects.all().delete()
    page.send("Law")
    sign_in(desk, "alice@example.org")
    again = Page(desk)
    assert text_area(again.response) == "Law"
    assert "Not saved yet." in words(again.response)
    again.send("Law", name="record", status="implemented")
    assert BEGUN not in words(desk.get(answer_address()))


def test_back_in_a_page_whose_answer_is_saved_nothing_typed_is_lost(desk):
    page = Page(desk)
    page.send("Law", name="record", status="implemented")
    back = page.send("Law No. 17")
    assert messages_on(back)[0].startswith("Draft not saved. This draft is closed: it was saved or taken over")
    assert text_area(back) == "Law No. 17"
    assert hidden(back, "tab") != page.form["tab"]
