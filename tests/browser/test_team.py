"""The story of a team, by hand: a ministry is invited and given its part, writes, asks, hands back, and hears what
became of it; two of them differ and are settled; what follows a focal point is handed over.
"""

import datetime
import re
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from recommendations.days import day_in_words
from tests.access import appointed
from tests.browser.conftest import enter, everywhere, follow, is_sound, press, sign_in, sign_out, tab
from tests.conftest import PASSWORD, make_person
from tests.labels import titled
from tests.submissions import asked_about, submit_ready
from tracker.actions.access_change import apply_due_changes
from tracker.actions.assignment import assign
from tracker.actions.institution import add_institution, set_institution
from tracker.actions.proposal import add_proposal
from tracker.actions.record import Answer
from tracker.actions.user import add_person, end_membership
from tracker.models import AccessChange, Assignment, Membership, Notification, Revision, User
from tracker.models.notification import NotificationKind
from tracker.models.user import Role

pytestmark = pytest.mark.usefixtures("closed_to_contributors")

THEME = "Compensation, restitution and access to justice"
DUE = timezone.localdate() + datetime.timedelta(days=21)
NOTE = "Please name the articles."


@pytest.fixture
def contributor(xaa, alice):
    """One of an institution of its own."""

    def contributor(name: str, of: str) -> User:
        institution = add_institution(respondent=xaa, name=of, kind="ministry", by=alice)
        person = make_person(name, Role.CONTRIBUTOR, xaa)
        set_institution(membership=Membership.objects.get(user=person), institution=institution, by=alice)
        return person

    return contributor


@pytest.fixture
def carol(contributor):
    return contributor("carol", "Ministry of Justice")


@pytest.fixture
def give(xaa, alice, unit):
    """Assign units to the institution of a person."""

    def give(person: User, *labels: str, **said) -> list[Assignment]:
        units = [unit(label) for label in labels]
        institution = Membership.objects.get(user=person).institution
        return assign(respondent=xaa, units=units, to=institution, by=alice, **said)

    return give


# A ministry is given its part


def invited(page, email: str) -> None:
    """By the focal point, on the page of people."""
    tab(page, "Team")
    follow(page, "People")
    follow(page, "Invite a person")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Contributor").check()
    page.get_by_label("Institution").select_option(label="Ministry of Justice")
    assert is_sound(page)
    press(page, "Send invitation")
    expect(page.get_by_text("Waiting; valid until")).to_be_visible()
    assert is_sound(page)


def joined(page, link: str, email: str, name: str) -> None:
    """By the link that was mailed; then she signs in."""
    page.goto(link)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Repeat the password").fill(PASSWORD)
    assert is_sound(page)
    press(page, "Accept")
    sign_in(page, email)


@everywhere
def test_a_ministry_is_invited_and_given_a_theme_in_one_act(open_page, visit, alice, xaa, smtp, width, javascript):
    page = visit(alice, "/desk/XAA/institutions/", width, javascript)
    page.get_by_label("Name").fill("Ministry of Justice")
    press(page, "Add")
    assert is_sound(page)

    invited(page, "frida@example.org")
    ministry = open_page(width, javascript)
    (mail,) = smtp.texts()
    joined(ministry, re.search(r"http://[^/]+(/invitations/\S+)", mail)[1], "frida@example.org", "Frida")
    ministry.goto("/desk/XAA/")
    expect(ministry.get_by_text("You have no assignments.")).to_be_visible()

    tab(page, "Team")
    follow(page, "Assign recommendations")
    page.get_by_label(THEME).check()
    page.get_by_label("Assign to", exact=True).select_option(label="Ministry of Justice")
    page.get_by_label("Due date").fill(DUE.isoformat())
    page.get_by_role("textbox", name="Note").fill(NOTE)
    assert is_sound(page)
    assert Assignment.everyones.count() == 0
    press(page, "Assign")
    units = xaa.units_to_answer().filter(primary_theme__name=THEME).count()
    expect(page.get_by_text(f"{units} recommendations are assigned to Ministry of Justice.")).to_be_visible()

    ministry.reload()
    items = ministry.get_by_role("region", name="Your answers")
    expect(items.get_by_role("link", name="Open the answer")).to_have_count(units)
    expect(items.get_by_text(NOTE)).to_have_count(units)
    assert is_sound(ministry)


# It writes, asks, hands back, and hears what became of it


def written(page, label: str, measures: str) -> None:
    """From my items: the answer, typed and not saved yet."""
    follow(page, f"Open the answer : {titled(label)}")
    page.get_by_role("radio", name="Implemented").first.check()
    page.get_by_label("Measures taken").fill(measures)
    assert is_sound(page)


@everywhere
def test_an_assigned_answer_is_written_discussed_sent_returned_and_accepted(
    open_page, alice, carol, give, width, javascript
):
    give(carol, "I.13", "I.14", note=NOTE)
    page, ministry = enter(open_page(width, javascript), alice), enter(open_page(width, javascript), carol)
    ministry.goto("/desk/XAA/")
    written(ministry, "I.13", "The Act of 2016.")
    press(ministry, "Save")
    expect(ministry.get_by_text(f"{titled('I.13')}: saved as version 1.")).to_be_visible()
    ministry.locator("summary", has_text="Comments").click()
    if not javascript:
        follow(ministry, "Read and write comments")
    ministry.get_by_label("Comment", exact=True).fill("@Alice, is the decree wanted too?")
    press(ministry, "Add comment")
    expect(ministry.get_by_text("The comment was added. Notified: Alice")).to_be_visible()
    assert is_sound(ministry)
    notification = Notification.objects.get(kind=NotificationKind.MENTIONED, user=alice)
    page.goto(notification.path)
    expect(page.get_by_text("@Alice, is the decree wanted too?")).to_be_visible()

    ministry.goto("/desk/XAA/recommendations/I-13/")
    press(ministry, "Save and send to the focal point")
    written(ministry, "I.14", "Nothing yet.")
    press(ministry, "Save and send to the focal point")
    expect(ministry.get_by_text("2 answers sent to the focal point")).to_be_visible()

    page.goto("/desk/XAA/")
    expect(page.get_by_role("heading", name="2 answers to check")).to_be_visible()
    follow(page, "Assignments")
    row = page.get_by_role("row", name="Ministry of Justice")
    expect(row.get_by_role("cell")).to_have_text(["2", "2 of 2", "2 of 2", "0 of 2", "0 of 2", "0 of 2"])
    assert is_sound(page)
    follow(page, f"Return with a note : {titled('I.14')}")
    page.get_by_label("Reason").fill("Nothing is said yet.")
    assert is_sound(page)
    press(page, "Return with a note")
    page.get_by_role("checkbox", name="I.13").check()
    press(page, "Accept and mark ready")
    expect(row.get_by_role("cell")).to_have_text(["2", "2 of 2", "0 of 2", "1 of 2", "1 of 2", "0 of 2"])

    ministry.reload()
    expect(ministry.get_by_text("1 of 1 to complete · Returned: 1")).to_be_visible()
    expect(ministry.get_by_text("Return note · Nothing is said yet.")).to_be_visible()
    assert is_sound(ministry)
    assert ministry.goto("/desk/XAA/recommendations/I-13/").status == 404


# Two views of one fact


@everywhere
def test_two_proposals_that_differ_are_merged_and_one_is_taken_as_it_is(
    visit, alice, carol, contributor, give, xaa, unit, width, javascript, say
):
    david = contributor("david", "Ministry of Health")
    for label in ("I.13", "I.14"):
        say(label, "in_progress", measures="A draft act.")
    give(carol, "I.13")
    give(david, "I.13", "I.14")
    offered = Answer(status="partially_implemented", measures="A draft act and a decree.")
    for label in ("I.13", "I.14"):
        add_proposal(respondent=xaa, unit=unit(label), base=1, answer=offered, by=david)
    ministry = visit(carol, "/desk/XAA/recommendations/I-13/", width, javascript)
    follow(ministry, "Suggestions")
    follow(ministry, "Suggest an answer")
    ministry.get_by_role("radio", name="Implemented").first.check()
    ministry.get_by_label("Measures taken").fill("The Act of 2026.")
    press(ministry, "Suggest to the focal point")
    expect(ministry.get_by_text(f"{titled('I.13')}: your suggestion was sent to the focal point.")).to_be_visible()

    page = visit(alice, "/desk/XAA/", width, javascript)
    page.get_by_role("region", name="Suggestions").get_by_role("link", name="I.13").first.click()
    measures = page.get_by_role("group", name="Measures taken")
    expect(measures.locator("ins")).to_have_text(["added: and a decree", "added: The Act of 2026"])
    assert is_sound(page)
    page.get_by_role("group", name="Status").get_by_label("Use this suggestion: Carol").check()
    measures.get_by_label("Use this suggestion: David").check()
    press(page, "Edit your selection")
    expect(page.get_by_label("Measures taken")).to_have_value("A draft act and a decree.")
    assert is_sound(page)
    page.get_by_label("Measures taken").fill("The Act of 2026 and a decree.")
    press(page, "Save")
    expect(page.get_by_text(f"{titled('I.13')}: saved as version 2.")).to_be_visible()
    merged = Revision.everyones.get(record__recommendation__label="I.13", number=2)
    assert (merged.status, merged.measures) == ("implemented", "The Act of 2026 and a decree.")
    assert set(merged.change_details.split("\n")) == {"Carol", "David"}

    page.goto("/desk/XAA/recommendations/I-14/proposals/")
    press(page, "Accept this suggestion: David")
    expect(
        page.get_by_text(f"{titled('I.14')}: the suggestion was accepted and saved as version 2. Source: David.")
    ).to_be_visible()


# Whoever follows


@everywhere
def test_a_successor_sees_the_handover_first_and_then_the_overview(
    open_page, alice, bob, erin, greta, give, carol, xaa, unit, round_, say, smtp, width, javascript
):
    say("I.13", ready=True)
    asked_about(submit_ready(xaa, round_, alice), {"I.13": "Which article?"}, bob)
    say("I.12(g)", "in_progress", measures="A draft act.", target_date=DUE)
    give(carol, "I.14", due_on=DUE)
    health = add_institution(respondent=xaa, name="Ministry of Health", kind="ministry", by=alice)
    assign(respondent=xaa, units=[unit("I.16(a)")], to=health, by=alice, due_on=DUE)
    end_membership(membership=alice.memberships.get(), by=erin, leaves_desk=True)
    nadia = add_person(email="nadia@example.org", name="Nadia", by=erin)
    appointed(nadia, xaa, by=(erin, greta), since=timezone.localdate())
    AccessChange.objects.update(due_at=timezone.now())
    apply_due_changes()

    page = open_page(width, javascript)
    page.goto(re.search(r"http://[^/]+(/accounts/password/reset/key/\S+)", " ".join(smtp.texts()))[1])
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("Repeat the password").fill(PASSWORD)
    press(page, "Set password")
    sign_in(page, nadia.email)
    expect(page.get_by_role("heading", level=1)).to_have_text("Handover")
    day = day_in_words(DUE)
    for words in (
        f"{titled('I.13')} Requested on {day_in_words(timezone.localdate())} Which article?",
        f"Ministry of Health Answers in a Word file Due {day} {titled('I.16(a)')}",
        f"Ministry of Justice Due {day} {titled('I.14')}",
        f"{titled('I.12(g)')} {day}",
    ):
        expect(page.get_by_role("main")).to_contain_text(words)
    assert is_sound(page)
    with page.expect_download() as download:
        follow(page, "Download PDF")
    assert b"pdfuaid" in Path(download.value.path()).read_bytes()
    press(page, "Go to the overview")
    expect(page.get_by_role("heading", level=1)).to_have_text("Arandia")
    sign_out(page)
    sign_in(page, nadia.email)
    expect(page.get_by_role("heading", level=1)).to_have_text("Arandia")
