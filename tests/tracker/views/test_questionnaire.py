"""A questionnaire is made by who writes for the State, about the units that filters or ticks choose."""

import io
import zipfile

import pytest
from django.urls import reverse

from tests.conftest import make_person
from tracker.actions.record import Answer, save_answer
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

PAGE, FILE = "questionnaire", "questionnaire_docx"


@pytest.fixture
def say(xaa, alice, unit):
    def say(label, status="implemented", **said):
        answer = Answer(status=status, **said)
        return save_answer(respondent=xaa, unit=unit(label), base=0, answer=answer, by=alice)

    return say


@pytest.fixture
def get(client, alice):
    client.force_login(alice)
    return lambda name, query="": client.get(reverse(name, args=["XAA"]) + query)


def ticked(page) -> set[str]:
    return set(page.context["form"].chosen)


def units_of(response) -> list[str]:
    """Slugs of the units that a file asks about."""
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        said = archive.read("docProps/custom.xml").decode()
    return [piece.split('"')[-1] for piece in said.split("/revision")[:-1]]


def test_the_filters_of_the_list_choose_the_units(get, say):
    say("I.13", "in_progress")
    say("II.49", "in_progress")
    say("II.8")
    assert ticked(get(PAGE, "?status=in_progress")) == {"I-13", "II-49"}
    assert units_of(get(FILE, "?status=in_progress")) == ["I-13", "II-49"]
    assert "questionnaire/?status=in_progress" in get("record_list", "?status=in_progress").content.decode()


def test_the_units_that_are_ticked_stand_in_the_address(get):
    query = "?unit=II-49&unit=I-13&institution=Ministry+of+Justice&answers=without"
    assert units_of(get(FILE, query)) == ["I-13", "II-49"]
    assert ticked(get(PAGE, "?unit=I-13")) == {"I-13"}


def test_all_that_is_asked_fits_into_one(get, xaa):
    slugs = xaa.units_asked().values_list("slug", flat=True)
    assert sorted(units_of(get(FILE, "?" + "&".join(f"unit={slug}" for slug in slugs)))) == sorted(slugs)
    assert len(slugs) == 230


def test_more_than_a_state_is_asked_is_too_much(get, xaa):
    offered = get(PAGE).context["form"].offered
    response = get(FILE, "?" + "&".join(f"unit={slug}" for slug in offered))
    assert response.status_code == 400
    [problem] = response.context["form"].errors["unit"]
    assert problem == f"Choose at most 230 recommendations; there are {len(offered)}."


def test_the_file_is_for_word_and_named_after_the_state_and_the_day(get):
    response = get(FILE, "?unit=I-13")
    assert response["Content-Type"].endswith("wordprocessingml.document")
    assert response["Content-Disposition"].startswith('attachment; filename="XAA-questionnaire-20')


def test_what_cannot_be_used_is_told_at_its_field_and_what_was_typed_stays(get):
    response = get(FILE, "?unit=I-13&institution=Ministry&return_by=soon&email=x")
    html = response.content.decode()
    assert response.status_code == 400
    assert response.context["form"].errors.keys() == {"return_by", "email"}
    assert 'value="Ministry"' in html
    assert 'value="soon"' in html
    assert ticked(response) == {"I-13"}


@pytest.mark.parametrize("query", ["?unit=%00", "?unit=X-1", "?institution=a%00b", f"?institution={'x' * 5000}"])
def test_no_query_string_breaks_it(get, query):
    assert get(FILE, query).status_code == 400
    assert get(PAGE, query).status_code == 200


def test_who_reads_and_does_not_write_is_not_offered_it(client, xaa):
    client.force_login(make_person("vera", Role.VIEWER, xaa))
    for name in ("record_list", "record"):
        args = ["XAA"] if name == "record_list" else ["XAA", "I-13"]
        assert "questionnaire" not in client.get(reverse(name, args=args)).content.decode()


@pytest.mark.parametrize("name", [PAGE, FILE])
def test_it_asks_the_database_as_often_at_20_answers_as_at_200(name, get, say, xaa, django_assert_max_num_queries):
    labels = list(xaa.units_asked().order_by("position").values_list("label", flat=True))
    for some in (labels[:20], labels[20:200]):
        for label in some:
            say(label, measures="A law.")
        with django_assert_max_num_queries(15):
            assert get(name).status_code == 200
