"""How far a file is, in a real browser: the page goes on to the file by itself, with and without JavaScript."""

from playwright.sync_api import expect

from tests.browser.conftest import everywhere, violations
from tests.submissions import opened_round, submit_ready
from tracker.actions.tasks import write_export
from tracker.models import Export


@everywhere
def test_the_page_goes_on_to_the_file_by_itself(visit, width, javascript, bob, xaa, alice, say):
    say("I.13", measures="An act.", ready=True)
    submit_ready(xaa, opened_round(bob, meetings=[1]), alice)
    export = Export.objects.create(owner=bob, rounds=[], done=1, total=4)
    page = visit(bob, export.get_absolute_url(), width, javascript)
    expect(page.get_by_role("status")).to_have_text("The file is being prepared: 25%.")
    if javascript:
        assert violations(page) == []
    write_export.call(export.pk)
    expect(page.get_by_role("status")).to_have_text("The file is ready.", timeout=20_000)  # it asks every 5 seconds
    with page.expect_download() as download:
        page.get_by_role("link", name="Download", exact=True).click()
    assert download.value.suggested_filename == "answers-all.xlsx"


def test_cancel_keeps_the_focus_while_the_page_goes_on(visit, bob):
    export = Export.objects.create(owner=bob, rounds=[], done=1, total=4)
    page = visit(bob, export.get_absolute_url())
    page.get_by_role("button", name="Cancel").focus()
    Export.objects.update(done=2)
    expect(page.get_by_role("status")).to_have_text("The file is being prepared: 50%.", timeout=20_000)
    expect(page.get_by_role("button", name="Cancel")).to_be_focused()
