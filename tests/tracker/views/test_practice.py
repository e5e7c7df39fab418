"""Good practices: what States share with one another, and nothing else of their answers."""

import io

import pytest
from django.core.files import File

from tests.conftest import make_person, make_state, open_round_for_arandia
from tests.pages import client_of, words
from tests.submissions import handed_in, opened_round
from tests.thorough import times
from tracker.actions.evidence import EvidenceDetails, add_evidence
from tracker.actions.record import Answer, save_answer, save_note
from tracker.actions.submission import withdraw_from_round
from tracker.documents.exchange.uploads import check_upload
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

QUERIES = 15
CANARY = "Quetzalcanary"
LIST = "/practices/"
UNIT = "/practices/II-4/"
ANSWER = "/desk/XBB/recommendations/II-4/"
FIGURES = "/progress/practices/"


def shown(response) -> list[str]:
    return [f"{row.practice.respondent.code} {row.practice.unit.label}" for row in response.context["rows"]]


@pytest.fixture(scope="module", autouse=True)
def opened(for_the_module):
    open_round_for_arandia(meetings=[1, 2, 4])


@pytest.fixture
def practise(unit):
    def save(state, by, label="II.4", base=0, shared=True, measures="Mobile teams.", **said):
        said |= {"good_practice": True, "good_practice_shared": shared, "measures": measures}
        answer = Answer(status="implemented", ready=True, **said)
        save_answer(respondent=state, unit=unit(label), base=base, answer=answer, by=by)

    return save


def piece(state, by, disclosure: str, words: str):
    """A file that has these words in its title, its name and its bytes."""
    upload = check_upload(File(io.BytesIO(f"{words} text".encode()), name=f"{words}.txt"))
    details = EvidenceDetails(title=f"{words} act", kind="law", language="en", upload=upload, disclosure=disclosure)
    return add_evidence(respondent=state, by=by, details=details)


@pytest.fixture
def shared(practise, xaa, alice, unit, round_):
    """XAA shares a practice on II.4; everything else that it says there, and all of another answer, has the canary."""
    cited = [
        (piece(xaa, alice, "public", "Public"), "article 9"),
        (piece(xaa, alice, "secretariat", f"{CANARY} secretariat"), CANARY),
        (piece(xaa, alice, "state", f"{CANARY} state"), CANARY),
    ]
    rest = dict.fromkeys(("reasons", "difficulties", "assistance", "lead_institution"), CANARY)
    practise(xaa, alice, citations=cited, assistance_kinds=["training"], **rest)
    practise(xaa, alice, "I.13", shared=False, **rest | {"measures": CANARY})
    save_note(respondent=xaa, unit=unit("II.4"), note=CANARY, by=alice)
    submission = handed_in(xaa, round_, alice)
    practise(xaa, alice, base=1, measures=f"{CANARY} draft")
    return submission


def pages_of(person) -> str:
    """All that the pages of practices, and the answer to the unit, say to somebody of another State."""
    client = client_of(person)
    responses = [client.get(url) for url in (LIST, UNIT, ANSWER, f"{LIST}?q={CANARY[:5]}")]
    responses.append(client.get(UNIT, headers={"HX-Request": "true"}))
    return "".join(response.content.decode() for response in responses)


def test_another_state_reads_who_when_the_words_and_the_public_evidence(shared, charlie):
    for url in (LIST, UNIT):
        said = words(client_of(charlie).get(url))
        assert "Arandia XAA/2026/1 · Submitted on" in said
        assert "Mobile teams. Public act article 9" in said


def test_nothing_else_of_that_states_answer_is_there(shared, charlie):
    said = pages_of(charlie)
    assert "Mobile teams." in said
    assert CANARY not in said
    assert "in progress" not in said.casefold().partition("mobile teams.")[2][:600]


@pytest.mark.parametrize(("position", "code"), [(1, 200), (2, 404), (3, 404), (4, 404)])
def test_a_file_of_public_evidence_is_read_and_no_other(shared, charlie, position, code):
    response = client_of(charlie).get(f"/practices/II-4/XAA/2026/1/evidence/{position}/")
    assert response.status_code == code
    if code == 200:
        assert b"".join(response.streaming_content) == b"Public text"
        assert response["Content-Disposition"] == 'attachment; filename="Public.txt"'


def test_the_file_of_what_is_not_shared_any_more_is_not_found(shared, charlie, alice):
    withdraw_from_round(submission=shared, reason="An error.", by=alice)
    for url in (LIST, UNIT):
        assert "Mobile teams." not in words(client_of(charlie).get(url))
    assert client_of(charlie).get("/practices/II-4/XAA/2026/1/evidence/1/").status_code == 404
    assert client_of(charlie).get("/practices/I-13/XAA/2026/1/evidence/1/").status_code == 404


def test_on_the_unit_that_a_state_answers_it_is_led_to_what_others_share(shared, charlie, alice, practise, xbb):
    said = words(client_of(charlie).get(ANSWER))
    assert "1 other State shares a good practice View shared good practices" in said
    page = words(client_of(charlie).get("/desk/XBB/recommendations/I-14/"))
    assert "Good practice" not in page.partition("Theme")[2][:80]
    own = client_of(alice).get("/desk/XAA/recommendations/II-4/")
    assert "shares a good practice" not in words(own)


def test_htmx_gets_the_list_alone(shared, charlie):
    response = client_of(charlie).get(UNIT, headers={"HX-Request": "true"})
    assert "Mobile teams." in response.content.decode()
    assert "<html" not in response.content.decode()


def test_its_own_practice_is_shown_to_a_state_as_its_own(shared, alice, charlie):
    assert "Arandia Your State" in words(client_of(alice).get(LIST))
    assert "Your State" not in words(client_of(charlie).get(LIST))


def test_practices_stand_by_theme_and_are_filtered(shared, charlie, practise, xbb, round_, unit):
    practise(xbb, charlie, "I.13", measures="Safe houses.")
    handed_in(xbb, round_, charlie)
    page = client_of(charlie)
    theme, other = unit("II.4").primary_theme, unit("I.13").primary_theme
    in_order = sorted([(theme.position, "XAA II.4"), (other.position, "XBB I.13")])
    assert shown(page.get(LIST)) == [one for _position, one in in_order]
    assert shown(page.get(LIST, {"theme": theme.slug})) == ["XAA II.4"]
    assert shown(page.get(LIST, {"respondent": "XBB"})) == ["XBB I.13"]
    assert shown(page.get(LIST, {"q": "SAFE houses"})) == ["XBB I.13"]
    assert shown(page.get(LIST, {"q": "ii.4"})) == ["XAA II.4"]
    assert shown(page.get(LIST, {"q": CANARY})) == []
    assert page.get(LIST, {"q": "x" * 300}).status_code == 200
    assert "Nothing matches these filters. Remove a filter or clear all." in words(page.get(LIST, {"q": CANARY}))


def test_practices_are_filtered_by_family(practise, xaa, alice, charlie, round_):
    practise(xaa, alice, "IV.46(i)")
    practise(xaa, alice, "II.4")
    handed_in(xaa, round_, alice)
    response = client_of(charlie).get(LIST)
    families = {
        family.slug: row.practice.unit.label for row in response.context["rows"] for family in row.practice.families
    }
    assert "IV.46(i)" in families.values()
    for slug, label in families.items():
        assert shown(client_of(charlie).get(LIST, {"family": slug})) == [f"XAA {label}"]


def test_whoever_has_no_role_here_reads_none(shared):
    assert shown(client_of(make_person("nobody")).get(LIST)) == []


def test_the_secretariat_sees_how_many_of_how_many(shared, bob, dana):
    for person in (bob, dana):
        said = words(client_of(person).get(FIGURES))
        assert (
            "2 of 2 answers are marked as a good practice, by 1 of the 1 "
            "States covered. Other States may read 1 of the 2." in said
        )
        assert CANARY not in said
    assert "No figures Figures appear here once a State has submitted for this round" in words(
        client_of(bob).get(f"{FIGURES}?round={opened_round(bob, code='2027').code}")
    )


@pytest.mark.parametrize("states", [2, times(5, 8)])
def test_the_pages_take_as_many_queries_for_many_practices(
    states, practise, round_, bob, xbb, charlie, django_assert_max_num_queries
):
    for number in range(states):
        state = make_state(f"X{chr(72 + number)}Z", f"Land {number}")
        person = make_person(f"person{number}", Role.FOCAL_POINT, state)
        practise(state, person, citations=[(piece(state, person, "public", f"Public {number}"), "")])
        practise(state, person, "I.13")
        handed_in(state, round_, person)
    other, reviewer = client_of(charlie), client_of(bob)
    for client, url in ((other, LIST), (other, UNIT), (reviewer, FIGURES), (other, ANSWER)):
        with django_assert_max_num_queries(QUERIES):
            assert client.get(url).status_code == 200
