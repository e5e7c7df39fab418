"""Drafts in a real browser: saved while somebody types, whatever becomes of the tab, the session and the line."""

import re
from datetime import datetime, timedelta
from urllib.parse import unquote_plus

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import at_both_widths, enter, is_sound, sign_in, sign_out, violations
from tests.labels import titled
from tracker.models import Draft, Revision, Session

ANSWER = "/desk/XAA/recommendations/I-13/"
SAVED = re.compile(r"Draft saved at \d\d:\d\d")
SENDING = re.compile("htmx-request")
SOON = 3000  # milliseconds from a change until it is saved
PATIENCE = 30_000  # milliseconds: a save that failed is tried again


@pytest.fixture
def opened(open_page, alice):
    """The answer of XAA to I.13, as alice."""

    def opened_(path=ANSWER, has_clock=False, **kwargs):
        page = enter(open_page(**kwargs), alice)
        if has_clock:
            page.clock.install()
        page.goto(path)
        return page

    return opened_


def another_tab(page, path=ANSWER):
    tab = page.context.new_page()
    tab.goto(path)
    return tab


def measures(page):
    return page.get_by_label("Measures taken")


def status(page):
    return page.locator("[data-draft]")


def stop_timers(page) -> None:
    """Stop the clock of the page before the session is about to end."""
    page.clock.pause_at(datetime.now() + timedelta(minutes=5))


def write(page, text: str, saved: bool = True, leaves: bool = True) -> None:
    """Say that it is implemented, and how; wait until that is saved as a draft: at once, as the field is left, or by
    the timer of the page.
    """

    def fill() -> None:
        measures(page).fill(text)
        if leaves:
            measures(page).blur()

    def holds_it(response) -> bool:
        return response.url.endswith("/draft/") and text in unquote_plus(response.request.post_data)

    page.get_by_role("radio", name="Implemented").first.check()
    measures(page).focus()
    expect(status(page)).not_to_have_class(SENDING)  # the status, where it was another
    if not saved:
        fill()
        return
    with page.expect_response(holds_it):
        fill()
        if not leaves:
            page.clock.run_for(SOON)
    expect(status(page)).not_to_have_class(SENDING)  # the page has read the answer too
    expect(status(page)).to_have_text(SAVED)


def drafts() -> list[str]:
    """What the database holds, the newest first."""
    return [draft.fields["measures"][0] for draft in Draft.everyones.filter(closed_at=None)]


def kept_in_browser(page) -> int:
    return page.evaluate("localStorage.length + sessionStorage.length")


def test_typing_is_saved_and_a_closed_tab_loses_nothing(opened):
    page = opened(has_clock=True)
    assert violations(page) == []
    write(page, "Law No. 17", leaves=False)
    expect(page.get_by_role("status").filter(has_text="Draft saved")).to_be_visible()
    expect(page.get_by_role("button", name="Save draft")).to_be_hidden()
    assert violations(page) == []

    again = another_tab(page, "/desk/XAA/")
    page.close()
    again.goto(ANSWER)
    expect(again.get_by_text("You have an unsaved draft from")).to_be_visible()
    expect(measures(again)).to_have_value("Law No. 17")
    assert violations(again) == []
    assert kept_in_browser(again) == 0


def test_leaving_a_field_saves_at_once(opened):
    page = opened(has_clock=True)
    stop_timers(page)
    page.get_by_label("Situation as at").fill("30 June 2026")
    expect(status(page)).to_have_text("")
    page.get_by_label("Language of the text").focus()
    expect(status(page)).to_have_text(SAVED)
    assert [draft.fields["situation_as_at"] for draft in Draft.everyones.all()] == [["30 June 2026"]]


def test_pressing_save_sends_no_additional_draft(opened):
    page = opened(has_clock=True)
    write(page, "Law")
    stop_timers(page)
    sent = []
    page.on("request", lambda request: sent.append(request.url))
    measures(page).fill("Law No. 17")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text(f"{titled('I.13')}: saved as version 1.")).to_be_visible()
    assert [url for url in sent if url.endswith("/draft/")] == []


def test_typing_after_a_save_that_was_stopped_in_the_browser_is_saved_too(opened):
    page = opened()
    write(page, "Law")
    page.route(re.compile(r"/I-13/\?"), lambda route: None)  # the line is so slow that nothing arrives
    with page.expect_request(re.compile(r"/I-13/\?")):
        page.get_by_role("button", name="Save", exact=True).click(no_wait_after=True)
    page.context.new_cdp_session(page).send("Page.stopLoading")
    write(page, "Law No. 17")
    assert drafts() == ["Law No. 17"]


def test_leaving_by_the_button_of_another_form_saves_at_once(opened):
    page = opened(has_clock=True)
    write(page, "Law")
    stop_timers(page)
    measures(page).fill("Law No. 17")
    with page.expect_request("**/draft/") as sent:
        sign_out(page)
    assert "Law No. 17" in unquote_plus(sent.value.post_data)


@at_both_widths
def test_a_message_during_a_click_does_not_move_the_button(opened, width):
    page = opened(width=width, has_clock=True)
    write(page, "Law")
    stop_timers(page)
    Session.objects.all().delete()
    measures(page).fill("Law No. 17")
    page.evaluate("scrollTo(0, 0)")
    page.get_by_role("button", name="Save", exact=True).hover()
    page.mouse.down()
    page.clock.run_for(SOON)
    expect(status(page)).to_contain_text("Draft not saved: you are signed out.")
    page.mouse.up()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    sign_in(page, "alice@example.org", at=page.url)
    expect(page.get_by_role("status").filter(has_text="Not saved yet.")).to_be_visible()
    expect(measures(page)).to_have_value("Law No. 17")


def test_somebody_who_does_not_stop_typing_is_saved_too(opened):
    page, text = opened(has_clock=True), "The Act of 2019 names a coordinator."
    stop_timers(page)
    page.get_by_role("radio", name="Implemented").first.check()
    measures(page).focus()
    expect(status(page)).to_have_text(SAVED)
    with page.expect_response("**/draft/"):
        for letter in text:
            page.keyboard.type(letter)
            page.clock.run_for(150)
    (draft,) = drafts()
    assert draft and text.startswith(draft)
    assert len(draft) <= SOON / 150 + 1


def test_signing_out_and_in_loses_nothing(opened):
    page = opened()
    write(page, "Law No. 17")
    sign_out(page)
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
    sign_in(page, "alice@example.org")
    page.goto(ANSWER)
    expect(measures(page)).to_have_value("Law No. 17")


def test_without_a_network_it_says_so_and_goes_on_by_itself(opened):
    page = opened()
    write(page, "Law")
    page.context.set_offline(True)
    write(page, "Law No. 17", saved=False)
    expect(status(page)).to_contain_text("Draft not saved: no connection.")
    expect(measures(page)).to_have_value("Law No. 17")
    assert violations(page) == []
    page.context.set_offline(False)
    expect(status(page)).to_have_text(SAVED, timeout=PATIENCE)
    assert drafts() == ["Law No. 17"]
    assert kept_in_browser(page) == 0


def test_after_an_ended_session_signing_in_elsewhere_saves_the_draft(opened):
    page = opened(has_clock=True)
    write(page, "Law")
    Session.objects.all().delete()
    write(page, "Law No. 17", saved=False)
    expect(status(page)).to_contain_text("Draft not saved: you are signed out.")
    expect(page.get_by_label("Password")).to_have_count(0)
    expect(measures(page)).to_have_value("Law No. 17")
    assert violations(page) == []

    with page.context.expect_page() as opening:
        status(page).get_by_role("link", name="in another tab").click()
    sign_in(opening.value, "alice@example.org")
    page.clock.fast_forward(PATIENCE)  # until it is tried again
    expect(status(page)).to_have_text(SAVED, timeout=PATIENCE)
    assert drafts() == ["Law No. 17"]

    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text(f"{titled('I.13')}: saved as version 1.")).to_be_visible()
    expect(page.get_by_text("You have an unsaved draft from")).to_have_count(0)
    assert (drafts(), Revision.everyones.get().measures) == ([], "Law No. 17")


def test_nothing_is_saved_after_another_user_signs_in(opened, carol):
    page = opened()
    page.context.clear_cookies()
    sign_in(page.context.new_page(), "carol@example.org")
    write(page, "Law No. 17", saved=False)
    expect(status(page)).to_contain_text("another user is signed in", timeout=PATIENCE)
    expect(measures(page)).to_have_value("Law No. 17")
    assert Draft.everyones.count() == 0


def test_two_tabs_have_two_drafts_and_both_are_reached(opened):
    first = opened()
    second = another_tab(first)
    write(first, "Law")
    write(second, "Another")
    write(first, "Law No. 17")
    assert drafts() == ["Law No. 17", "Another"]

    page = another_tab(first)
    expect(measures(page)).to_have_value("Law No. 17")
    page.locator(".begun").get_by_role("link").click()
    expect(measures(page)).to_have_value("Another")
    assert violations(page) == []
    page.get_by_role("button", name="Discard all drafts").click()
    expect(measures(page)).to_have_value("")
    assert drafts() == []


def test_where_the_record_moved_on_it_goes_on_and_saving_compares(opened, say, carol):
    page = opened()
    write(page, "Law")
    say("I.13", "in_progress", by=carol, measures="A bill.")
    page.reload()
    expect(page.get_by_text("Carol saved version 1 on")).to_be_visible()
    assert violations(page) == []
    write(page, "Law No. 17")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".conflict")).to_be_focused()
    for yours in page.get_by_role("radio", name="Yours").all():
        yours.check()
    page.get_by_role("button", name="Save version 2").click()
    expect(page.get_by_text(f"{titled('I.13')}: saved as version 2.")).to_be_visible()
    assert drafts() == []


def test_a_text_above_the_limit_has_an_error_and_stays(opened):
    page = opened()
    write(page, "x" * 20_001, saved=False)
    expect(status(page)).to_contain_text(
        "Measures taken: The text is too long: at most 20000 characters. It has 20001."
    )
    expect(measures(page)).to_have_value("x" * 20_001)
    write(page, "x" * 20_000)


def test_once_saved_nobody_is_asked_before_leaving(opened):
    page = opened()
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    write(page, "Law")
    page.get_by_role("link", name="Evidence", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Evidence")
    assert asked == []


@at_both_widths
def test_without_javascript_a_button_does_the_same(opened, width):
    page = opened(width=width, javascript=False)
    for text in ("Law", "Law No. 17"):
        page.get_by_role("radio", name="Implemented").first.check()
        measures(page).fill(text)
        page.get_by_role("button", name="Save draft").click()
        expect(page.get_by_text("Draft saved.")).to_be_visible()
        expect(page.get_by_text("You have an unsaved draft from")).to_be_visible()
        expect(measures(page)).to_have_value(text)
    assert drafts() == ["Law No. 17"]
    assert is_sound(page)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text(f"{titled('I.13')}: saved as version 1.")).to_be_visible()
    assert drafts() == []


@at_both_widths
def test_it_fits_from_right_to_left_too(opened, width):
    page = opened(width=width)
    write(page, "قانون 17")
    page.reload()
    write(page, "قانون 18")
    page.evaluate("document.documentElement.dir = 'rtl'")
    assert is_sound(page)
