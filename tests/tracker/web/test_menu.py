"""The menu of each role: exactly these entries, each of which opens, and the rest of the pages at the foot."""

import re
from collections import defaultdict
from html import unescape

import pytest

from tests.conftest import make_person, with_second_factor
from tests.pages import client_of, words
from tests.thorough import in_turn
from tracker.models import Membership, Respondent
from tracker.models.respondent import RespondentKind
from tracker.models.user import Role

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

READ = ["Adopted texts", "Good practices", "Published answers", "Figures", "Contact points"]
STATE = ["Overview", "Recommendations", "Evidence", "Team", "Submissions", "Report"]
PLAN = ["Technical assistance", "By treaty provision"]
PUBLIC = ["Recommendations", "Figures", "Published answers", "Good practices", "Verify a receipt"]
SITE = ["Help", "Data", "Verify a receipt", "Accessibility", "Privacy", "About the figures"]
LINK = re.compile(r'<a (?:class="\w+" )?href="(/[^"]*)"[^>]*>([^<]+)</a>')


@pytest.fixture
def people(xaa, xbb, alice, carol, victor, bob, dana, erin):
    frida = make_person("frida", Role.FOCAL_POINT, xaa)
    Membership.objects.create(user=frida, respondent=xbb, role=Role.VIEWER)
    return {
        "focal point": alice,
        "contributor": carol,
        "viewer": victor,
        "of two States": frida,
        "reviewer": bob,
        "curator": dana,
        "administrator": erin,
        "without a role": make_person("nora"),
    }


def part(html: str, start: str, end: str) -> str:
    return html.partition(start)[2].partition(end)[0]


def links(html: str) -> list[tuple[str, str]]:
    return [(url, unescape(title)) for url, title in LINK.findall(html)]


def titles(html: str) -> list[str]:
    return [title for _url, title in links(html)]


def menu_of(client, path: str) -> list:
    """Return the titles of the tabs; under More a list of each group, with its title first."""
    nav = part(client.get(path).content.decode(), '<nav class="tabs"', "</nav>")
    tabs, _start, more = nav.partition('<div class="menu-groups">')
    groups = more.split("<div>")[1:]
    return [*titles(tabs), *([re.search(r">([^<]+)</p>", group)[1], *titles(group)] for group in groups)]


def foot_of(client, path: str) -> list[str]:
    return titles(part(client.get(path).content.decode(), '<ul class="footer-links">', "</ul>"))


def test_each_role_of_a_state_has_its_entries(people, closed_to_contributors):
    offline = ["Work offline", "Upload a returned file", "Offline workbook"]
    expected = {
        "focal point": [
            *STATE,
            ["Plan", *PLAN],
            offline,
            ["Read", *READ],
            ["Records", "Handover", "Audit trail", "Remove identifying information"],
        ],
        "contributor": ["Your answers", "Evidence", "Recommendations"],
        "viewer": [*STATE, ["Plan", *PLAN], ["Read", *READ]],
    }
    assert {role: menu_of(client_of(people[role]), "/desk/XAA/") for role in expected} == expected


def test_a_contributor_for_whom_the_state_opens_everything_has_the_menu_of_a_state(carol):
    offline = ["Work offline", "Upload a returned file", "Offline workbook"]
    records = ["Records", "Remove identifying information"]
    assert menu_of(client_of(carol), "/desk/XAA/") == [*STATE, ["Plan", *PLAN], offline, ["Read", *READ], records]


def test_each_role_of_the_secretariat_has_its_entries(people):
    figures = ["Progress", "Needs and practices", "Recommendations", "Paper"]
    read = ["Read", *READ[1:]]
    expected = {
        "reviewer": [
            *["Overview", "Submissions", *figures],
            ["Plan", "States", "Rounds"],
            ["Exchange", "Answers of States", "Answers entered for States"],
            read,
        ],
        "curator": [
            *["Overview", *figures],
            ["Plan", "States", "Rounds", "Imported papers", "Treaty status"],
            read,
            ["Records", "Administration"],
        ],
        "administrator": [
            *["Overview", "Recommendations"],
            ["Plan", "States"],
            read,
            [
                "Records",
                "Designations",
                "Remove identifying information",
                "Audit trail",
                "Administration",
            ],
        ],
    }
    assert {role: menu_of(client_of(people[role]), "/desk/") for role in expected} == expected


def test_a_stranger_and_a_person_without_a_role_have_the_public_pages(client, people):
    assert menu_of(client, "/figures/") == PUBLIC
    assert menu_of(client_of(people["without a role"]), "/figures/") == PUBLIC


def test_a_person_of_two_states_chooses_between_them(people):
    client = client_of(people["of two States"])
    tabs = ["Overview", "Recommendations", "Good practices", "Published answers", "Figures"]
    assert menu_of(client, "/figures/") == tabs
    assert menu_of(client, "/desk/XAA/")[:6] == STATE
    account = part(client.get("/desk/XAA/").content.decode(), '<div class="account-panel">', "</ul>")
    assert titles(account) == ["Your account", "Notifications", "Where you are signed in"]


def test_what_a_person_does_in_the_secretariat_is_under_more_of_its_own_answers(alice, xaa):
    Respondent.objects.filter(pk=xaa.pk).update(kind=RespondentKind.SECRETARIAT)
    Membership.objects.create(user=with_second_factor(alice), role=Role.CURATOR)
    tabs = ["Overview", "Progress", "Needs and practices", "Paper"]
    more = ["States", "Rounds", "Imported papers", "Treaty status", "Administration"]
    assert menu_of(client_of(alice), "/desk/XAA/")[-1] == ["Secretariat", *tabs, *more]


def test_the_foot_has_what_the_head_has_not(client, people, closed_to_contributors):
    assert foot_of(client, "/figures/") == ["Help", "Data", "Accessibility", "Privacy", "About the figures"]
    assert foot_of(client_of(people["focal point"]), "/desk/XAA/") == SITE
    assert foot_of(client_of(people["contributor"]), "/desk/XAA/") == [SITE[0], *READ[1:], *SITE[1:]]


def test_every_link_of_head_and_foot_opens(people, closed_to_contributors):
    """With CI set for each role that has it, by default for one of them, in turn."""
    clients = {role: client_of(person) for role, person in people.items()}
    offered = defaultdict(list)
    for role, client in clients.items():
        html = client.get("/", follow=True).content.decode()
        frame = html.partition("<main")[0] + html.partition("</main>")[2]
        for url, _title in links(frame):
            offered[url].append(role)
    opened = {
        (role, url): clients[role].get(url, follow=url == "/").status_code
        for place, (url, roles) in enumerate(offered.items())
        for role in in_turn(roles, place)
    }
    assert {found: status for found, status in opened.items() if status != 200} == {}
    assert {role for roles in offered.values() for role in roles} == people.keys()


def test_a_page_under_more_is_named_in_the_tab(desk):
    assert "Report More: Handover" in words(desk.get("/desk/XAA/handover/"))
    assert "Report More Plan" in words(desk.get("/desk/XAA/report/"))


def test_a_page_of_the_team_leads_to_the_others(alice, victor):
    beside = {}
    for person in (alice, victor):
        html = client_of(person).get("/desk/XAA/institutions/").content.decode()
        beside[person] = titles(part(html, 'aria-label="Pages beside this page"', "</nav>"))
    assert beside == {alice: ["Assignments", "People", "Institutions"], victor: ["Assignments", "Institutions"]}
