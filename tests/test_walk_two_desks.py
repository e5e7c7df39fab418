"""The walk of a user with two desks: each has the pages that a user of that desk alone reads."""

import datetime

import pytest
from django.urls import reverse

from recommendations.models import Recommendation
from tests.canaries import CANARY
from tests.conftest import make_person
from tests.pages import without_tokens
from tests.submissions import submit_ready
from tests.test_walk import (  # noqa: F401  # fixtures
    BRIEF_FILES,
    DECIDE,
    REPORT_FILES,
    URLS,
    canary_state,
    client_of,
    people,
    site,
    words_of,
)
from tests.thorough import some
from tracker.actions.record import Answer, save_answer
from tracker.models import Citation, EvidenceVersion, Membership, Round, User, Withdrawal
from tracker.models.status import Status
from tracker.models.user import Role

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(scope="module")
def of_both(site):  # noqa: F811
    """Reads XAA and writes for XBB, which submitted too; has charlie's name, so that their pages may be compared."""
    xaa, xbb, people = site  # noqa: F811
    third, answer = make_person("xenia", Role.FOCAL_POINT, xbb), Answer(status=Status.IMPLEMENTED, ready=True)
    unit = Recommendation.objects.with_text().get(label="I.13")
    save_answer(respondent=xbb, unit=unit, base=0, answer=answer, by=third)
    submit_ready(xbb, Round.objects.get(), third)
    person = make_person("diana", Role.FOCAL_POINT, xbb)
    Membership.objects.create(user=person, role=Role.VIEWER, respondent=xaa, since=datetime.date(2026, 1, 1))
    User.objects.filter(pk=person.pk).update(name=people["stranger"].name)
    person = User.objects.get(pk=person.pk)
    client_of(person)  # signed in once for all tests
    return person


DESK_PAGES = [
    name
    for name, (kwargs, _expected) in URLS.items()
    if kwargs.get("code") == "XAA"
    and not name.startswith(("report_", "brief_", "receipt_", "submission_report_", "published"))
    and name not in ("assignment_docx", "workbook_xlsx", "handover_pdf", "provisions_csv", "provisions_docx")
]


@pytest.mark.parametrize("name", some(DESK_PAGES))
def test_a_user_of_two_desks_reads_each_as_other_members(name, people, canary_state, of_both):  # noqa: F811
    kwargs = URLS[name][0] | {"code": "XBB"}
    kwargs |= {"pk": Withdrawal.everyones.get().pk} if "pk" in kwargs else {}
    url = reverse(name, kwargs=kwargs)
    own, both = (client_of(person).get(url) for person in (people["stranger"], of_both))
    assert both.status_code == own.status_code
    assert without_tokens(both) == without_tokens(own)


@pytest.mark.parametrize("name", REPORT_FILES)
def test_a_file_of_one_desk_holds_no_word_of_the_other(name, canary_state, of_both):  # noqa: F811
    assert CANARY not in words_of(client_of(of_both).get(reverse(name, args=["XBB"])))
    assert CANARY in words_of(client_of(of_both).get(reverse(name, args=["XAA"])))


@pytest.mark.parametrize("name", BRIEF_FILES)
def test_a_brief_of_one_desk_holds_no_word_of_the_other(name, canary_state, of_both):  # noqa: F811
    assert CANARY not in words_of(client_of(of_both).get(reverse(name, args=["XBB"])))


def test_a_viewer_of_one_desk_writes_only_for_the_other(canary_state, of_both, unit):  # noqa: F811
    client = client_of(of_both)
    for name in ("record", "record_note", "record_restore", "evidence_add", "evidence_edit", "withdrawal_request"):
        assert client.post(reverse(name, kwargs=URLS[name][0]), {"status": "implemented"}).status_code == 403
    assert client.post(reverse("withdrawal", args=["XAA", Withdrawal.everyones.get().pk]), DECIDE).status_code == 403
    version = EvidenceVersion.everyones.get()
    cited = {"status": "implemented", "language": "en", f"pinpoint_{version.pk}": "9"}
    for button in ({}, {"cite": version.pk}):
        client.post(reverse("record", args=["XBB", "I-13"]), cited | button)
    files = {"files": [version.file_id], "reason": "name", "ask": ""}
    assert client.post(reverse("withdrawal_request", args=["XBB"]), files).status_code == 200
    assert Citation.everyones.filter(revision__record__respondent__code="XBB").count() == 0
    assert Withdrawal.everyones.filter(respondent__code="XBB").count() == 0
