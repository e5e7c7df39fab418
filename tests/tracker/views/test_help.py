"""The pages of help: public, the user's own guide first, whom to ask."""

import pytest

from tests.client import Client
from tests.conftest import make_person
from tests.tracker.queries.test_help import broken_links, leads_to_section
from tracker.models.answer_fields import FIELDS
from tracker.models.status import LABELS
from tracker.models.user import Role
from tracker.queries.help import GUIDES
from tracker.views.help import TASKS

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def words(response) -> str:
    return " ".join(response.content.decode().split())


def first_guide(client: Client) -> str:
    return client.get("/help/").context["guides"][0][0]


@pytest.mark.parametrize("path", ["/help/", "/help/answer/", *(f"/help/{slug}/" for slug in GUIDES)])
def test_help_is_public_and_asks_the_database_nothing(client, path, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get(path)
    assert response.status_code == 200
    assert broken_links(response.content.decode()) == []


def test_the_guide_of_the_own_role_comes_first(client, alice, bob, dana, erin):
    assert first_guide(client) == "focal-point"
    found = {}
    for person in (alice, bob, dana, erin):
        client.force_login(person)
        found[person.name] = first_guide(client)
    assert found == {"Alice": "focal-point", "Bob": "secretariat-officer", "Dana": "curator", "Erin": "administrator"}


@pytest.mark.parametrize("name", ["alice", "bob", "dana", "erin", "carol"])
def test_the_tasks_are_those_of_the_own_role_and_lead_to_sections(client, request, xaa, name):
    person = make_person("carol", Role.CONTRIBUTOR, xaa) if name == "carol" else request.getfixturevalue(name)
    client.force_login(person)
    response = client.get("/help/")
    guide = response.context["guides"][0][0]
    assert [task for task, _url in response.context["tasks"]] == [task for task, _section in TASKS[guide]]
    assert [url for _task, url in response.context["tasks"] if not leads_to_section(url)] == []


def test_without_a_contact_the_page_says_whom_to_ask(client, settings):
    assert "Everyone else asks the administrators in the Secretariat." in words(client.get("/help/"))
    settings.HELP_CONTACT = "help@example.org"
    page = words(client.get("/help/"))
    assert '<a href="mailto:help@example.org">help@example.org</a>' in page
    assert "Everyone else asks" not in page


def test_a_guide_is_in_english(client):
    assert '<article class="prose guide" lang="en" dir="ltr"><p>You answer for your State.' in words(
        client.get("/help/focal-point/")
    )


def test_there_is_no_guide_of_another_name(client):
    assert client.get("/help/operate/").status_code == 404


def test_what_an_answer_says_has_every_status_and_field(client):
    page = words(client.get("/help/answer/"))
    assert [label for label in LABELS.values() if f"<span>{label}</span>" not in page] == []
    assert [field.name for field in FIELDS if f'<th scope="row">{field.label}</th>' not in page] == []
