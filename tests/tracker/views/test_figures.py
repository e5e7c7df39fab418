"""The pages of public figures: those of the newest release, and of each earlier one."""

import re

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse

from tests.conftest import make_person, make_state
from tests.pages import words
from tests.submissions import made_release, opened_round, release_of_few, submit_ready
from tracker.actions.record import Answer, save_answer
from tracker.actions.release import note_on_release
from tracker.models.respondent import StateGroup
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

QUERIES = 15


@pytest.fixture
def submitted_by(bob, unit):
    """Submit for so many States, and release the figures."""
    round_ = opened_round(bob, meetings=[1])

    def submit_answers(states: int):
        for number in range(states):
            state = make_state(f"X{chr(65 + number)}A", f"Land {number}", regional_group=StateGroup.AFRICAN)
            person = make_person(f"person{number}", Role.FOCAL_POINT, state)
            answer = Answer(status="implemented", ready=True)
            save_answer(respondent=state, unit=unit("I.13"), base=0, answer=answer, by=person)
            submit_ready(state, round_, person)
        return made_release(round_, bob) if states >= 6 else release_of_few(round_, bob)

    return submit_answers


def test_before_the_first_release_the_page_says_so(client):
    assert "No releases yet" in words(client.get(reverse("figures")))
    assert client.get(reverse("figures_csv")).status_code == 404


ROUNDED = (
    "Figures are rounded to five States, and moved to a neighbouring multiple where they would reveal an answer: 0 "
    "does not mean none. They are made once for each round."
)


@pytest.mark.thorough
def test_percentages_have_their_base_date_and_source_and_the_rule(client, submitted_by):
    submitted_by(20)
    response = client.get(reverse("figures"))
    said = words(response)
    assert "The figures cover 20 of the 20 States invited to report in this round." in said
    assert "4% of the answers requested" in said
    assert "Self-reported · Release 2026" in said
    assert "Self-reported by States; not verified by the Secretariat." in said
    assert said.count(ROUNDED) == 2
    assert "Recommendations shown: 27 Recommendations left out: 0" in said
    assert "Land" not in said
    assert response["Cache-Control"] == "private, no-cache"


def test_with_few_states_only_recommendations_have_figures(client, submitted_by):
    submitted_by(6)
    page = client.get(reverse("figures"))
    assert "No percentages are given, since fewer than 20 States are covered." in words(page)
    rows = dict(re.findall(r'<tr><th scope="row"><a href="/recommendations/([^/]*)/">.*?</th>(.*?)</tr>', page.text))
    assert len(rows) == 27
    # 6 States: 6 implemented, of which 5 are shown.
    assert re.findall(r">([^<]*)</td>", rows["I-13"])[:2] == ["6", "5"]


def test_a_note_corrects_the_figures_next_to_it(client, submitted_by, bob):
    release = submitted_by(6)
    note_on_release(round=release.round, release_note="One State submitted for another by mistake.", by=bob)
    assert "One State submitted for another by mistake." in words(client.get(reverse("figures")))


def test_each_release_has_its_page_and_its_files_with_their_digests(client, submitted_by):
    release = submitted_by(6)
    page = client.get(reverse("figures")).content.decode()
    assert client.get(release.get_absolute_url()).status_code == 200
    for file in release.files.all():
        address = reverse("release_file", args=["2026", file.kind])
        assert f'href="{address}"' in page
        assert file.sha256 in page
        response = client.get(address)
        assert response["Content-Disposition"] == f'attachment; filename="figures-2026.{file.kind}"'
        assert b"".join(response.streaming_content) == file.file.open("rb").read()
        newest = client.get(reverse(f"figures_{file.kind}"))
        assert newest["Content-Disposition"] == response["Content-Disposition"]


@pytest.mark.parametrize("path", ["/figures/2026/1/", "/figures/2025/", "/figures/2026/figures.pdf"])
def test_there_is_no_release_that_was_not_made(path, client, submitted_by):
    submitted_by(6)
    assert client.get(path).status_code == 404


def test_a_file_that_is_missing_is_named_on_the_page(client, submitted_by):
    release = submitted_by(5)
    default_storage.delete(release.files.get(kind="csv").file.name)
    response = client.get(reverse("figures_csv"))
    assert response.status_code == 404
    assert "The file could not be opened." in words(response)


@pytest.mark.parametrize("states", [1, 6])
def test_it_takes_as_many_queries_for_many_states(states, client, submitted_by, django_assert_max_num_queries):
    submitted_by(states)
    for name in ("figures", "figures_csv", "figures_json"):
        with django_assert_max_num_queries(QUERIES):
            assert client.get(reverse(name)).status_code == 200
