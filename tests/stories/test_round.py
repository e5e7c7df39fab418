"""A round by hand, from its plan to the paper: a late State, a due date that moves, two officers, an Arabic answer."""

import datetime
import io

import docx
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.conftest import enter, follow, is_sound, press, tab
from tests.conftest import make_person, make_state, with_second_factor
from tests.submissions import close_round, save_statuses, submit_ready
from tracker.models import Quotation, Round, User
from tracker.models.user import Role

PAID, TRANSLATED = "يُصرف التعويض من الصندوق.", "Compensation is paid from the fund."
DAY = datetime.timedelta(days=1)


def submit_for_others(round_: Round) -> None:
    """Five States, so that figures of six are shown."""
    for letter in "CDEFG":
        state = make_state(f"X{letter}Y", f"Land {letter}")
        person = make_person(f"person{letter}", Role.FOCAL_POINT, state)
        save_statuses(state, person, **{"I.13": "implemented"})
        submit_ready(state, round_, person)


def written_words(content: bytes) -> str:
    return "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(content)).paragraphs)


def test_a_round_goes_from_its_plan_to_the_paper(open_page, alice, bob, xaa, unit, say):
    rita: User = with_second_factor(make_person("rita", Role.REVIEWER))
    today = timezone.localdate()
    page = enter(open_page(), bob)
    page.goto("/rounds/add/")
    for label, typed in {"Code": "2027", "Title (optional)": "Round 2027"}.items():
        page.get_by_label(label, exact=True).fill(typed)
    for label in ("Opening date", "Due date"):
        page.get_by_label(label).fill(today.isoformat())
    page.locator("[name=meetings]").first.check()
    press(page, "Save")
    press(page, "Open the round")
    round_ = Round.objects.get()
    submit_for_others(round_)
    Round.objects.update(opens_on=today - 90 * DAY, due_on=today - DAY)

    say("I.13", measures=PAID, language="ar", ready=True)
    state = enter(open_page(), alice)
    state.goto("/desk/XAA/rounds/2027/check/")
    for use in ("in_aggregates", "quoted"):
        state.locator(f"[name={use}]").check()
    state.get_by_label("I have seen these gaps").check()
    press(state, "Submit 1 answer")
    expect(state.get_by_text("Received after the due date")).to_be_visible()

    page.goto("/rounds/2027/")
    page.get_by_label("New due date").fill((today + 9 * DAY).isoformat())
    page.get_by_label("Reason").fill("Holidays.")
    press(page, "Move the due date")
    page.goto("/review/?language=ar")
    line = page.get_by_role("row", name="Arandia")
    expect(line).not_to_contain_text("Received after the due date")
    page.get_by_label("Select XAA/2027/1").check()
    page.get_by_label("Assign to").select_option("Rita")
    press(page, "Assign selected readings")
    expect(line).to_contain_text("Rita")

    reader = enter(open_page(), rita)
    reader.goto("/review/")
    press(reader, "Start reading : XAA/2027/1")
    follow(reader, "Write a courtesy translation")
    reader.get_by_role("textbox", name="Courtesy translation").fill(TRANSLATED)
    press(reader, "Save")
    expect(reader.get_by_text(TRANSLATED)).to_be_visible()
    assert is_sound(reader)

    close_round(round_)
    page.goto("/rounds/2027/")
    follow(page, "Prepare a release")
    press(page, "Make release 2027")
    page.goto(f"/progress/paper/quotations/?theme={unit('I.13').primary_theme.slug}")
    page.get_by_role("main").get_by_role("link", name="Quote").click()
    page.get_by_label("Words to quote").fill(PAID)
    page.get_by_label("Words of the translation").fill(TRANSLATED)
    press(page, "Put in the tray")
    page.get_by_label("Last day for objections").fill((today + 5 * DAY).isoformat())
    press(page, "Notify the States")
    expect(page.locator("#tray")).to_contain_text("The State can object until")
    Quotation.everyones.update(object_by=today - DAY)

    tab(page, "Paper")
    with page.expect_download() as download:
        press(page, "Download Word")
    words = written_words(download.value.path().read_bytes())
    assert TRANSLATED in words
    assert "Arandia (original in Arabic)" in words
