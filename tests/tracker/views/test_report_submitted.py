"""The report of what a State submitted: who may read it, what it says, and what may be chosen for it."""

import re

import pytest
from django.urls import reverse

from tests.conftest import find_state, find_unit, make_person, make_state, with_second_factor
from tests.documents import REPORTS, all_text_of
from tests.evidence_items import add_item
from tests.submissions import opened_round, save_many, submit_ready
from tracker.actions.reading_restriction import add_restriction
from tracker.actions.record import Answer, save_answer
from tracker.models import Round, User
from tracker.models.respondent import TreatyStatus
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

REPORT, SEALED = reverse("report", args=["XAA"]), reverse("submission_report", args=["XAA", "2026", 1])
FILES = {kind: reverse(f"report_{kind}", args=["XAA"]) for kind in REPORTS}
SEALED_FILES = {kind: reverse(f"submission_report_{kind}", args=["XAA", "2026", 1]) for kind in REPORTS}
CANARY = "chrysoprase"


def say(label: str, measures: str) -> None:
    answer = Answer(status="implemented", measures=measures, ready=True)
    alice = User.objects.get(email="alice@example.org")
    save_answer(respondent=find_state("XAA"), unit=find_unit(label), base=0, answer=answer, by=alice)


@pytest.fixture(autouse=True, scope="module")
def twice(for_the_module) -> None:
    """Submitted twice, by a State of which few answers are asked; the second says more."""
    xaa = make_state("XAA", "Arandia", treaty_status=TreatyStatus.NOT_PARTY)
    alice = make_person("alice", Role.FOCAL_POINT, xaa)
    round_ = opened_round(with_second_factor(make_person("bob", Role.REVIEWER)), meetings=[1, 6])
    say("VI.4", measures="Victims may claim.")
    submit_ready(xaa, round_, alice)
    say("VI.19", measures="The Fund is open.")
    submit_ready(xaa, round_, alice)


@pytest.mark.parametrize("kind", REPORTS)
def test_files_of_a_submission_are_named_after_it(officer, kind):
    response = officer.get(SEALED_FILES[kind])
    assert response.headers["Content-Type"] == REPORTS[kind]
    assert response.headers["Content-Disposition"] == f'attachment; filename="XAA-2026-1-report.{kind}"'


def test_only_people_with_permission_read_a_submission(client, xaa, alice, bob, charlie, dana, erin):
    barred = with_second_factor(make_person("ben", Role.REVIEWER))
    add_restriction(user=barred, respondent=xaa, by=erin)
    for reader, status in {alice: 200, bob: 200, charlie: 404, barred: 404, dana: 404, erin: 404}.items():
        client.force_login(reader)
        assert {client.get(address).status_code for address in (SEALED, *SEALED_FILES.values())} == {status}


@pytest.mark.parametrize("kind", REPORTS)
def test_the_living_record_is_not_in_what_a_reviewer_is_given(officer, kind):
    say("I.1", measures=CANARY)
    for number in (1, 2):
        words = all_text_of(officer.get(reverse(f"submission_report_{kind}", args=["XAA", "2026", number])))
        assert "Victims may claim." in words
        assert ("The Fund is open." in words) == (number == 2)
        assert CANARY not in words


@pytest.mark.parametrize("kind", ["pdf", "docx"])
def test_a_reader_chooses_what_is_in_a_document(desk, kind):
    chosen = {"part": ["summary"], "since": "XAA/2026/1", "authority": "Ministry of Justice", "as_at": "2026-09-30"}
    words = " ".join(all_text_of(desk.get(FILES[kind], chosen)).split())
    for part in ("Summary", "Changes since XAA/2026/1", "Ministry of Justice", "30 September 2026", "VI.19"):
        assert part in words
    assert "Annex" not in words
    assert "Annex: all answers" in all_text_of(desk.get(FILES[kind]))
    assert "Status by meeting" in all_text_of(desk.get(FILES[kind], {"by": "meeting"}))


@pytest.mark.parametrize("address", [FILES["pdf"], FILES["docx"], SEALED_FILES["pdf"], SEALED_FILES["docx"]])
def test_an_invalid_choice_has_an_error_and_the_input_stays(desk, address):
    for name, value in {"part": "everything", "by": "rank", "since": "XBB/2026/1", "as_at": "soon"}.items():
        response = desk.get(address, {name: value, "authority": "Ministry of Justice"})
        assert response.status_code == 400
        html = response.content.decode()
        assert "There is 1 problem" in html
        assert 'value="Ministry of Justice"' in html
    assert desk.get(address, {"authority": "x" * 201}).status_code == 400
    assert desk.get(address, {"authority": "a\x00b"}).status_code == 400


def test_the_pages_list_only_earlier_submissions(desk):
    offered = {REPORT: ["XAA/2026/2", "XAA/2026/1"], SEALED.replace("/1/", "/2/"): ["XAA/2026/1"], SEALED: []}
    for address, references in offered.items():
        html = desk.get(address).content.decode()
        since = html.partition('name="since"')[2].partition("</select>")[0]
        assert re.findall(r'<option value="(X[^"]+)"', since) == references
    for page, files in ((REPORT, FILES), (SEALED, SEALED_FILES)):
        html = desk.get(page).content.decode()
        assert f'action="{files["pdf"]}"' in html
        assert f'formaction="{files["docx"]}"' in html
        assert all(f'href="{files[kind]}"' in html for kind in ("xlsx", "csv", "json"))
    assert f'href="{SEALED}"' in desk.get(reverse("submission", args=["XAA", "2026", 1])).content.decode()


@pytest.mark.thorough
def test_a_reviewer_is_given_a_comparison_within_the_same_queries(
    client, xbb, charlie, bob, django_assert_max_num_queries
):
    round_ = Round.objects.get()
    units = [entry.unit for entry in round_.units.select_related("unit__current_wording").order_by("position")]
    law = add_item(xbb, charlie, "Law No. 17 of 2022", url="https://laws.example/17")
    counts = []
    for number, (start, end) in enumerate(((0, 5), (5, 10), (10, 40)), start=1):
        said = Answer(status="implemented", citations=[(law, "")], ready=True)
        save_many(xbb, dict.fromkeys(units[start:end], said), charlie)
        submit_ready(xbb, round_, charlie)
        address = reverse("submission_report_pdf", args=["XBB", "2026", number])
        chosen = {"since": f"XBB/2026/{number - 1}"} if number > 1 else {}
        client.force_login(bob)
        with django_assert_max_num_queries(15) as queries:  # the file is made, and kept
            assert client.get(address, chosen).status_code == 200
        counts.append(len(queries))
    assert counts[1] == counts[2]
