"""The walk of the forms for text: what is sent without a session comes back once, to its author alone."""

from urllib.parse import urljoin

import pytest
from lxml import html

from tests.client import Client
from tests.pages import client_of
from tests.test_walk import address, canary_state, people, site  # noqa: F401  # fixtures
from tracker.models import Draft, Session

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

TYPED = "Axolotl"
TEXTS = ".//textarea[@name] | .//input[@name and (not(@type) or @type='text')]"
STATE = """assignment_add assignment_return bulk comment_list evidence_add evidence_edit institution institution_list
    invitation_add proposal_add proposal_list questionnaire_answers returned_file record report
    status_report_add submission_withdraw withdrawal_request"""
CURATORS = """official_texts_add paper_import_add paper_import_details paper_import_text
    treaty_act_list treaty_standing"""
PAGES = {"focal point": STATE, "curator": CURATORS, "reviewer": "round round_add transcription_add transcription_unit"}
WRITTEN = [(author, name) for author, names in PAGES.items() for name in names.split()]


def type_into_forms(page) -> list[tuple[str, dict[str, str]]]:
    """Return the address and the fields of each form for text that names its author, with something in every text."""
    found = []
    for form in html.fromstring(page.content.decode()).forms:
        texts = {field.name: f"{TYPED} {number}" for number, field in enumerate(form.xpath(TEXTS))}
        if "author_token" in form.fields and texts:
            found.append((urljoin(page.request["PATH_INFO"], form.action or ""), dict(form.form_values()) | texts))
    return found


@pytest.mark.parametrize(("author", "name"), WRITTEN)
def test_a_form_sent_without_a_session_waits_for_its_author(author, name, people):  # noqa: F811
    url, before = address(name), Draft.everyones.count()
    forms = type_into_forms(client_of(people[author]).get(url))
    assert forms
    for to, typed in forms:
        browser = Client()
        assert browser.post(to, typed)["Location"] == f"/accounts/login/?next={url}"
        Session.objects.all().delete()
        for other in people.values():
            if other and other != people[author]:
                browser.force_login(other)
                assert TYPED not in browser.get(url, follow=True).content.decode()
        browser.force_login(people[author])
        shown, again = (browser.get(url).content.decode() for _time in range(2))
        assert (TYPED in shown, TYPED in again) == (True, False)
        assert Draft.everyones.count() == before
