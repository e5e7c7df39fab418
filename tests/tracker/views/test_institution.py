"""The list of institutions: added, renamed, closed; names from answers with one press; people of each."""

import pytest

from tests.conftest import make_person, save_for_xaa
from tests.pages import hidden_input
from tracker.actions.assignment import assign
from tracker.actions.institution import CHANGED, add_institution
from tracker.actions.withdrawal import confirm_withdrawal, request_withdrawal
from tracker.models import Event, Institution, Membership
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

URL = "/desk/XAA/institutions/"


def listed() -> list[tuple[str, str]]:
    return list(Institution.everyones.order_by("name").values_list("name", "kind"))


def test_one_is_added_once(desk, xaa):
    desk.post(URL, {"name": "Ministry of Justice", "kind": "ministry"})
    again = desk.post(URL, {"name": "Ministry of Justice", "kind": "court"})
    assert again.context["form"].errors == {"name": ["This institution is already on the list."]}
    assert listed() == [("Ministry of Justice", "ministry")]


@pytest.mark.parametrize("name", ["", "  ", "a\x00b", "a" * 301])
def test_an_invalid_name_has_an_error_at_its_field(desk, xaa, name):
    response = desk.post(URL, {"name": name, "kind": "ministry"})
    assert list(response.context["form"].errors) == ["name"]


def test_names_in_answers_are_offered_and_added_with_one_press(desk, xaa, alice, justice, unit):
    for label, name in {"I.13": "Ministry of Justice", "I.14": "High Court", "I.12(a)": "High Court "}.items():
        save_for_xaa(label, "in_progress", measures="A bill.", lead_institution=name)
    response = desk.get(URL)
    assert response.context["named"] == ["High Court"]
    desk.post(URL, {"name": "High Court", "kind": response.context["default_kind"]})
    assert desk.get(URL).context["named"] == []


def test_one_is_renamed_closed_and_opened_again(desk, alice, justice, xaa):
    url = f"{URL}{justice.pk}/"
    desk.post(url, {"name": "Department of Justice", "kind": "agency", "base": hidden_input(desk.get(url), "base")})
    assert listed() == [("Department of Justice", "agency")]
    desk.post(url, {"step": "close"})
    assert "Closed on" in desk.get(URL).content.decode()
    twice = desk.post(url, {"step": "close"}, follow=True)
    assert "The page changed after you opened it, so nothing was done." in twice.content.decode()
    desk.post(url, {"step": "reopen"})
    assert [
        event.action for event in Event.everyones.filter(target=f"institution {justice.pk}").order_by("number")
    ] == [
        "institution added",
        "institution changed",
        "institution closed",
        "institution reopened",
    ]


def test_attack_a_page_of_before_a_removal_brings_a_name_back(desk, xaa, alice, erin):
    """First while the removal waits for its second person, then after it."""
    shelter = add_institution(respondent=xaa, name="Shelter of Ms Quetzal", kind="ministry", by=alice)
    url = f"{URL}{shelter.pk}/"
    typed = {"name": "Shelter of Ms Quetzal", "kind": "agency", "base": hidden_input(desk.get(url), "base")}
    request = request_withdrawal(respondent=xaa, by=alice, words="Quetzal", files=[], reason="name")
    refused = desk.post(url, typed)
    assert refused.context["form"].errors == {"name": [str(CHANGED)]}
    assert "<h1>Name removed</h1>" in refused.content.decode()
    confirm_withdrawal(pk=request.pk, by=erin)
    desk.post(url, typed)
    assert listed() == [("", "ministry")]


def test_a_stale_page_renames_nothing_until_the_saved_name_was_shown(desk, justice):
    url = f"{URL}{justice.pk}/"
    first, second = ({"name": name, "kind": "ministry"} for name in ("Department of Justice", "Justice"))
    base = hidden_input(desk.get(url), "base")
    desk.post(url, first | {"base": base})
    refused = desk.post(url, second | {"base": base})
    assert listed() == [("Department of Justice", "ministry")]
    desk.post(url, second | {"base": hidden_input(refused, "base")})
    assert listed() == [("Justice", "ministry")]


def test_attack_another_error_makes_an_old_page_new(desk, justice):
    url = f"{URL}{justice.pk}/"
    base = hidden_input(desk.get(url), "base")
    desk.post(url, {"name": "Department of Justice", "kind": "ministry", "base": base})
    invalid = desk.post(url, {"name": "Justice", "kind": "", "base": base})
    desk.post(url, {"name": "Justice", "kind": "ministry", "base": hidden_input(invalid, "base")})
    assert listed() == [("Department of Justice", "ministry")]


def test_an_institution_with_an_open_assignment_is_not_closed(desk, xaa, alice, justice, unit):
    assign(respondent=xaa, units=[unit("I.13")], to=justice, by=alice)
    response = desk.post(f"{URL}{justice.pk}/", {"step": "close"}, follow=True)
    assert "1 recommendation is assigned to this institution." in response.content.decode()
    assert Institution.everyones.get().closed_at is None


def test_a_contributor_is_given_an_institution(desk, xaa, xbb, charlie, justice):
    membership = make_person("carol", Role.CONTRIBUTOR, xaa).memberships.get()
    url = f"{URL}people/{membership.pk}/"
    desk.post(url, {"institution": justice.pk})
    assert Membership.objects.get(pk=membership.pk).institution == justice
    others = add_institution(respondent=xbb, name="Ministry of Peace", kind="ministry", by=charlie)
    for wrong in (others.pk, "x", "9" * 30, "-1"):
        desk.post(url, {"institution": wrong})
    assert Membership.objects.get(pk=membership.pk).institution == justice
    desk.post(url, {"institution": ""})
    assert Membership.objects.get(pk=membership.pk).institution is None


def test_only_contributors_of_this_state_are_of_one(desk, xaa, xbb, alice, justice):
    of_another = make_person("cato", Role.CONTRIBUTOR, xbb).memberships.get()
    for membership in (of_another, alice.memberships.get()):
        assert desk.post(f"{URL}people/{membership.pk}/", {"institution": justice.pk}).status_code == 404


def test_the_answer_chooses_its_lead_institution_from_the_list_and_may_say_another(desk, xaa, justice, unit):
    form = desk.get("/desk/XAA/recommendations/I-13/").content.decode()
    assert '<datalist id="institutions"><option value="Ministry of Justice">' in form
    assert 'list="institutions"' in form
    data = {"status": "in_progress", "measures": "A bill.", "language": "en", "lead_institution": "A council"}
    assert desk.post("/desk/XAA/recommendations/I-13/", data).status_code == 302
    assert '<option value="Ministry of Justice">' in desk.get("/desk/XAA/returned/").content.decode()
