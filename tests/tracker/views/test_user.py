"""A person's own pages."""

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

from tests.conftest import make_person, with_second_factor
from tracker.actions.assignment import assign
from tracker.models import Membership, Respondent, User
from tracker.models.user import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("verified_after")]


def words(response) -> str:
    return " ".join(response.content.decode().split())


def test_the_welcome_says_what_a_focal_point_must_know(desk):
    page = words(desk.get("/welcome/"))
    assert "Answering is voluntary and is neither part of nor a substitute for the Review Mechanism" in page
    assert "Only the team of a State can see what the State records." in page
    assert page.count("<b>Step ") == 3
    assert "Trafficking in persons for the removal of organs: 6 recommendations" in page


@pytest.mark.parametrize(
    ("role", "first_step", "guide"),
    [
        (Role.VIEWER, "Read everything that your team records", "contributor"),
        (Role.REVIEWER, "Plan and open a round", "secretariat-officer"),
        (Role.CURATOR, "Import a paper", "curator"),
        (Role.ADMINISTRATOR, "Add a person", "administrator"),
    ],
)
def test_the_welcome_has_the_steps_of_the_role(client, xaa, role, first_step, guide):
    client.force_login(with_second_factor(make_person("walter", role, xaa if role == Role.VIEWER else None)))
    page = words(client.get("/welcome/"))
    assert f"<b>Step 1.</b> {first_step}" in page
    assert page.count("<b>Step ") == 3
    assert f'<a href="/help/{guide}/">Help for your role</a>' in page


def test_without_a_role_the_welcome_has_no_steps(client):
    client.force_login(make_person("nora"))
    page = words(client.get("/welcome/"))
    assert page.count("<b>Step ") == 0
    assert "/help/" not in page.partition("<main")[2].partition("</main>")[0]


def test_the_welcome_is_shown_once(desk, alice):
    assert desk.post("/welcome/")["Location"] == "/"
    assert desk.get("/")["Location"] == "/desk/XAA/"
    assert User.objects.get(pk=alice.pk).welcomed_at is not None


def test_the_welcome_leads_who_has_a_part_of_a_desk_to_what_is_assigned(client, alice, xaa, carol, unit):
    Respondent.objects.filter(pk=xaa.pk).update(opens_all_to_contributors=False)
    assign(respondent=xaa, units=[unit("I.13"), unit("I.14")], to=carol, by=alice)
    client.force_login(carol)
    page = words(client.get("/welcome/"))
    assert "Recommendations assigned to you or your institution are listed first, with the note" in page
    assert '<a href="/help/contributor/">Help for your role</a>' in page
    assert page.count("<b>Step ") == 3
    assert "report" not in page
    assert "Start with a short section" not in page
    assert "Go to the overview" in page


@pytest.mark.parametrize("section", ["organ-removal", "&status=x", "<script>", "\x00", "ü"])
def test_the_welcome_leads_to_a_short_section(desk, section):
    location = desk.post("/welcome/", {"section": section})["Location"]
    path, _, query = location.partition("?theme=")
    assert path == "/desk/XAA/recommendations/"
    assert "&" not in query
    assert "<" not in query


def test_without_one_desk_the_welcome_has_no_section(officer):
    assert officer.get("/welcome/").context["short_section"] is None
    assert officer.post("/welcome/", {"section": "organ-removal"})["Location"] == "/"


def test_a_person_sees_their_own_roles_with_dates(desk, alice, xbb):
    Membership.objects.create(
        user=alice, role=Role.VIEWER, respondent=xbb, since="2026-02-01", until="2026-02-28", appointing_document="NV 7"
    )
    make_person("mallory", Role.VIEWER, xbb)
    page = words(desk.get("/account/"))
    for said in ("Alice", "alice@example.org", "Focal point", "Arandia", "1 February 2026", "28 February 2026", "NV 7"):
        assert said in page
    assert "mallory" not in page
    assert len(desk.get("/account/").context["memberships"]) == 2


def test_the_account_offers_the_second_factor(desk, officer):
    assert "/accounts/2fa/totp/activate/" in words(desk.get("/account/"))
    assert "/accounts/2fa/totp/deactivate/" in words(officer.get("/account/"))


def test_who_has_an_app_and_no_recovery_codes_yet_is_led_to_making_them(curator):
    page = curator.get("/account/").content.decode()
    assert '<a href="/accounts/2fa/recovery-codes/generate/">Create recovery codes</a>' in page
    assert curator.get("/accounts/2fa/recovery-codes/generate/").status_code != 404
    assert '/accounts/2fa/recovery-codes/"' not in page


def test_who_has_recovery_codes_is_led_to_them(curator, dana):
    RecoveryCodes.activate(dana)
    assert '<a href="/accounts/2fa/recovery-codes/">Recovery codes</a>' in curator.get("/account/").content.decode()
