"""The story of designations, by hand: 20 people of one ZIP become focal points who sign in, and one does not."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import everywhere, is_sound, press, sign_in
from tests.conftest import PASSWORD, make_state
from tests.designations import PAGE, archive, row
from tracker.actions.access_change import apply_due_changes
from tracker.models import AccessChange, Membership, Respondent
from tracker.models.access_change import AccessChangeStage
from tracker.models.respondent import RespondentKind

NEW = 19  # States without users


@everywhere
def test_designated_people_sign_in_and_a_state_objects_to_one(
    visit, open_page, tmp_path, alice, erin, greta, xaa, smtp, width, javascript
):
    Respondent.objects.create(code="SECRETARIAT", name="Secretariat", kind=RespondentKind.SECRETARIAT)
    rows = [row("XAA", "ada@arandia.example", "1/2026")]
    for number in range(NEW):
        make_state(f"XG{chr(65 + number)}", f"Gland {number}")
        rows.append(row(f"XG{chr(65 + number)}", f"focal{number}@gland.example", f"{number + 2}/2026"))
    wrong, right = tmp_path / "wrong.zip", tmp_path / "right.zip"
    wrong.write_bytes(archive(*rows[:-1], rows[-1] | {"state": "Atlantis"}).read())
    right.write_bytes(archive(*rows).read())

    page = visit(erin, PAGE, width=width, javascript=javascript)
    page.get_by_label("ZIP file", exact=True).set_input_files(wrong)
    press(page, "Check and preview")
    expect(page.get_by_role("main")).to_contain_text("No State has the name or code “Atlantis”.")
    assert (is_sound(page), AccessChange.objects.count()) == (True, 0)
    page.get_by_label("ZIP file", exact=True).set_input_files(right)
    press(page, "Check and preview")
    expect(page.get_by_text("Confirmed together with the other States without users.")).to_have_count(NEW)
    expect(page.get_by_text("To be confirmed one by one.")).to_have_count(1)
    assert is_sound(page)
    press(page, f"Request {NEW + 1} roles")
    expect(page.get_by_text("Another administrator must confirm them.")).to_be_visible()

    other = visit(greta, PAGE, width=width, javascript=javascript)
    assert is_sound(other)
    press(other, f"Confirm all {NEW} requests")
    expect(other.get_by_text(f"{NEW} requests confirmed.")).to_be_visible()
    other.get_by_role("link", name="Arandia: Ada Noor").click()
    press(other, "Confirm")
    assert AccessChange.objects.get(respondent=xaa).state == AccessChangeStage.CONFIRMED

    objecting = visit(alice, "/desk/XAA/people/", width=width, javascript=javascript)
    objecting.get_by_role("button", name=re.compile("^Stop")).click()
    expect(objecting.get_by_text("Change of access stopped: Ada Noor.")).to_be_visible()
    AccessChange.objects.filter(state=AccessChangeStage.CONFIRMED).update(due_at="2026-01-01T00:00Z")
    assert (apply_due_changes(), Membership.objects.filter(respondent=xaa).count()) == (0, 1)

    invitations = {}
    for addresses, message in smtp.messages:
        if found := re.search(
            r"http://[^/]+(/accounts/password/reset/key/\S+)", message.get_body(["plain"]).get_content()
        ):
            invitations[addresses[0]] = found[1]
    assert set(invitations) == {f"focal{number}@gland.example" for number in range(NEW)}
    for number in range(NEW):
        new = open_page(width, javascript)
        new.goto(invitations[f"focal{number}@gland.example"])
        new.get_by_label("New password", exact=True).fill(PASSWORD)
        new.get_by_label("Repeat the password").fill(PASSWORD)
        press(new, "Set password")
        sign_in(new, f"focal{number}@gland.example")
        expect(new.get_by_role("heading", level=1)).to_be_visible()
        assert new.context.cookies() != []
        new.context.clear_cookies()
        new.close()
