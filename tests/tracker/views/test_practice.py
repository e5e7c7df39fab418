"""Good practices: what States share with one another, and nothing else of their answers."""

import csv
import dataclasses
import datetime
import io
import json
import re
import subprocess
from pathlib import Path

import docx
import pytest
from django.core.files import File
from django.utils import timezone

from recommendations.days import day_in_words
from recommendations.models import Body, Family
from tests.client import Client
from tests.conftest import make_person, make_state, open_round_for_arandia
from tests.evidence_items import add_item
from tests.pages import client_of, words
from tests.submissions import STATED, confirm, opened_round, submit_ready
from tests.thorough import times
from tracker.actions.record import Answer, save_answer, save_note
from tracker.actions.submission import change_use, withdraw_from_round
from tracker.actions.withdrawal import request_withdrawal
from tracker.documents.exchange.uploads import check_upload
from tracker.documents.pdf import write_pdf
from tracker.documents.practices import COLUMNS, compendium, practices_document
from tracker.figures.practices import list_practices
from tracker.models.user import Role
from tracker.models.withdrawal import WithdrawalReason

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).parents[3]
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
    return add_item(state, by, f"{words} act", upload=upload, disclosure=disclosure)


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
    submission = submit_ready(xaa, round_, alice)
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


def test_htmx_receives_only_the_list(shared, charlie):
    response = client_of(charlie).get(UNIT, headers={"HX-Request": "true"})
    assert "Mobile teams." in response.content.decode()
    assert "<html" not in response.content.decode()


def test_a_practice_is_a_level_below_the_title_or_its_recommendation(shared, charlie):
    for path, level in ((UNIT, "h2"), (LIST, "h4")):
        assert f'<{level} id="practice-' in client_of(charlie).get(path).content.decode()


def test_its_own_practice_is_shown_to_a_state_as_its_own(shared, alice, charlie):
    assert "Arandia Your State" in words(client_of(alice).get(LIST))
    assert "Your State" not in words(client_of(charlie).get(LIST))


def test_practices_are_ordered_by_theme_and_filtered(shared, charlie, practise, xbb, round_, unit):
    practise(xbb, charlie, "I.13", measures="Safe houses.")
    submit_ready(xbb, round_, charlie)
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
    submit_ready(xaa, round_, alice)
    response = client_of(charlie).get(LIST)
    families = {
        family.slug: row.practice.unit.label for row in response.context["rows"] for family in row.practice.families
    }
    assert "IV.46(i)" in families.values()
    for slug, label in families.items():
        assert shown(client_of(charlie).get(LIST, {"family": slug})) == [f"XAA {label}"]


def test_a_person_without_a_role_reads_no_practices(shared):
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
        submit_ready(state, round_, person)
    other, reviewer = client_of(charlie), client_of(bob)
    for client, url in ((other, LIST), (other, UNIT), (reviewer, FIGURES), (other, ANSWER)):
        with django_assert_max_num_queries(QUERIES):
            assert client.get(url).status_code == 200


# What States publish, for everyone

FILES = [f"/practices.{kind}" for kind in ("csv", "json", "docx", "pdf")]
PUBLISHED = dataclasses.replace(STATED, published=True)


@pytest.fixture
def published(shared, alice):
    change_use(submission=shared, published=True, by=alice)
    return shared


def said_to_everyone() -> str:
    """All that the pages and the files of practices say to somebody who is not signed in."""
    client = Client()
    pages = [client.get(url) for url in (LIST, UNIT, f"{LIST}?by=group", f"{LIST}?q=teams", *FILES[:2])]
    document = docx.Document(io.BytesIO(client.get(FILES[2]).content))
    text = [paragraph.text for paragraph in document.paragraphs]
    text += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "".join([*(page.content.decode() for page in pages), *text])


def test_what_is_shared_and_not_published_is_no_ones_but_of_users_with_a_role(shared):
    assert "Mobile teams." not in said_to_everyone()
    assert "No good practices" in words(Client().get(LIST))


def test_a_published_practice_is_read_by_everyone_and_nothing_else_of_the_answer_is(published):
    for url in (LIST, UNIT, f"{LIST}?by=group"):
        said = words(Client().get(url))
        assert "Arandia XAA/2026/1 · Submitted on" in said
        assert "Mobile teams. Public act article 9" in said
    assert CANARY not in said_to_everyone()


def test_its_public_evidence_is_that_of_the_publication(published):
    assert "/published/XAA/2026/1/answers/II-4/evidence/1/" in Client().get(LIST).content.decode()
    assert Client().get("/practices/II-4/XAA/2026/1/evidence/1/").status_code == 302


def test_a_person_without_a_role_reads_what_everyone_reads(shared):
    said = words(client_of(make_person("nobody")).get(LIST))
    assert "Mobile teams." not in said


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_the_data_have_a_row_for_each_practice(published, kind):
    response = Client().get(f"/practices.{kind}")
    if kind == "csv":
        rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    else:
        rows = json.loads(response.content)["practices"]
    assert [(row["respondent"], row["label"], row["practice"], row["language"]) for row in rows] == [
        ("XAA", "II.4", "Mobile teams.", "en")
    ]
    evidence = "Public act, article 9, Public.txt"
    assert rows[0]["evidence"] == (evidence if kind == "csv" else [evidence])


def test_the_columns_are_documented():
    documented = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/reference/practice-columns.md").read_text(), re.MULTILINE)
    assert documented == [*(column.header for column in COLUMNS), "notice"]


def test_the_document_has_the_words_by_theme_and_the_states_by_group(published):
    document = docx.Document(io.BytesIO(Client().get("/practices.docx").content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    words, reference, evidence = cells[cells.index("Arandia") + 1].split("\n")
    assert words == "Mobile teams."
    assert reference.startswith("\u2068XAA/2026/1\u2069 · Submitted on ")
    assert evidence == "Evidence: \u2068Public act, article 9, Public.txt\u2069"
    assert any("II.4" in cell for cell in cells)
    assert cells[-1] == "\u2068Arandia\u2069"
    assert Client().get("/practices.pdf").content.startswith(b"%PDF-")


def test_the_reference_is_on_the_page_of_its_practice(published):
    document = practices_document(compendium(list_practices(None), Body.objects.get(is_first=True)))
    part, *others = document.chapters
    long = dataclasses.replace(document, chapters=[dataclasses.replace(part, blocks=part.blocks * 40), *others])
    read = subprocess.run(["pdftotext", "-raw", "-", "-"], input=write_pdf(long), capture_output=True, check=True)
    pages = read.stdout.decode().split("\f")
    assert sum(page.count("Submitted on") for page in pages) == sum(page.count("Mobile teams.") for page in pages) == 40
    assert [page.count("Submitted on") for page in pages] == [page.count("Mobile teams.") for page in pages]


def test_a_document_says_the_day_on_which_its_data_are_those_of_the_site(published, monkeypatch):
    def dates() -> list[str]:
        document = docx.Document(io.BytesIO(Client().get("/practices.docx").content))
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        return [cells[cells.index("Data as at") + 1], document.sections[-1].footer.paragraphs[0].text]

    days = [timezone.now() + datetime.timedelta(days=number) for number in range(2)]
    for now in days:
        monkeypatch.setattr(timezone, "now", lambda now=now: now)
        assert dates() == [day_in_words(now), f"Published by States · Data as at {day_in_words(now)}\tPage 1 of 1"]


@pytest.mark.parametrize(
    "end",
    [
        lambda submission, by: change_use(submission=submission, published=False, by=by),
        lambda submission, by: withdraw_from_round(submission=submission, reason="An error.", by=by),
        lambda submission, by: request_withdrawal(
            respondent=submission.respondent, by=by, words="Mobile", files=[], reason=WithdrawalReason.NAME
        ),
    ],
    ids=["unpublished", "withdrawn", "removed"],
)
def test_what_is_no_longer_public_vanishes_at_once(published, alice, erin, end):
    assert "Mobile teams." in said_to_everyone()
    end(published, alice)
    assert "Mobile teams." not in said_to_everyone()


def test_what_the_state_no_longer_shares_vanishes(published, practise, xaa, alice, round_):
    practise(xaa, alice, base=2, shared=False)
    submit_ready(xaa, round_, alice)
    assert "Mobile teams." not in said_to_everyone()


def test_a_practice_stays_public_while_the_state_shares_the_same_words(practise, xaa, alice, round_):
    practise(xaa, alice)
    submit_ready(xaa, round_, alice, PUBLISHED)
    practise(xaa, alice, "I.14", measures="Another.")
    submit_ready(xaa, round_, alice)
    assert shown(Client().get(LIST)) == ["XAA II.4"]
    practise(xaa, alice, base=1, measures="Newer words.")
    submit_ready(xaa, round_, alice)
    assert shown(Client().get(LIST)) == []


def test_a_practice_shared_last_in_a_round_that_the_state_left_vanishes(practise, xaa, alice, bob, round_, unit):
    """The submission to the earlier round stays published, and has the same words."""
    practise(xaa, alice)
    submit_ready(xaa, round_, alice, PUBLISHED)
    later = opened_round(bob, code="2027", meetings=[1, 2])
    confirm(xaa, later, ["II.4"], alice)
    submission = submit_ready(xaa, later, alice, PUBLISHED)
    assert shown(Client().get(LIST)) == ["XAA II.4"]
    withdraw_from_round(submission=submission, reason="An error.", by=alice)
    assert "/published/XAA/2026/1/" in Client().get("/published/").text
    assert shown(Client().get(LIST)) == []


def test_words_in_arabic_have_their_language_and_direction(practise, xaa, alice, round_):
    practise(xaa, alice, measures="فرق متنقلة.", language="ar")
    submit_ready(xaa, round_, alice, PUBLISHED)
    assert '<p class="typed" lang="ar" dir="rtl">فرق متنقلة.' in Client().get(LIST).content.decode()


def test_a_practice_is_listed_under_each_of_its_groups(practise, xaa, alice, round_, unit):
    for label in ("II.4", "I.13"):
        practise(xaa, alice, label)
    submit_ready(xaa, round_, alice, PUBLISHED)
    page = Client().get(f"{LIST}?by=group")
    listed = [(row.group, row.practice.unit.label) for row in page.context["rows"]]
    families = {
        (family.name, label)
        for label in ("II.4", "I.13")
        for family in Family.objects.filter(members__recommendation=unit(label))
    }
    assert {pair for pair in listed if pair[0] != "In no group"} >= families
    assert {label for _group, label in listed} == {"II.4", "I.13"}


def test_everyones_pages_read_the_same_number_of_rows_however_much_there_is(published, django_assert_max_num_queries):
    for url in (LIST, f"{LIST}?by=group", UNIT, *FILES):
        with django_assert_max_num_queries(QUERIES):
            Client().get(url)


@pytest.mark.parametrize("path", [LIST, UNIT])
def test_attack_a_browser_that_many_use_keeps_shared_practices(path, client, alice):
    public, signed_in = client.get(path), client_of(alice).get(path)
    assert (public["Cache-Control"], public["X-Robots-Tag"]) == ("private, no-cache", "noarchive")
    assert (signed_in["Cache-Control"], signed_in["X-Robots-Tag"]) == ("private, no-store", "noarchive")
