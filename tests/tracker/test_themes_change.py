"""Themes and families change; a round, its figures and the reports of what was submitted keep those of before."""

import re

import pytest
from django.urls import reverse

from recommendations import catalogue
from recommendations.models import Family, FamilyMember, Theme
from tests.conftest import find_person, find_state, open_round_for_arandia, save_for_xaa
from tests.submissions import close_round, opened_round, read_and_answered, release_of_few
from tracker.models import Round

pytestmark = pytest.mark.django_db

CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2})?(\.\d+)?")
TOKENS = re.compile(r'<input type="hidden" name="(csrfmiddlewaretoken|author)[^>]*>|data-session="\d+"')
FIGURES = [
    ("progress", []),
    ("progress_gaps", []),
    ("progress_regions", []),
    ("progress_states", []),
    ("progress_assistance", []),
    ("progress_practices", []),
    ("progress_theme", ["compensation"]),
    ("progress_theme", ["non-punishment"]),
    ("progress_family", ["non-punishment"]),
    ("progress_csv", []),
    ("progress_paper", []),
    ("answers_csv", []),
]
SEALED = [
    "submission",
    "submission_items",
    "submission_report",
    "submission_report_csv",
    "submission_report_json",
    "submission_json",
    "review",
]
PUBLIC = ["published", "published_csv", "published_json"]


@pytest.fixture(scope="module")
def closed(for_the_module) -> Round:
    round_ = open_round_for_arandia(meetings=[1, 2, 4])
    xaa, alice, bob = find_state("XAA"), find_person("alice"), find_person("bob")
    for label in ("II.44", "IV.46(i)", "I.13"):
        save_for_xaa(
            label,
            ready=True,
            good_practice=True,
            good_practice_shared=True,
            assistance_kinds=["training"],
            measures="The law applies.",
        )
    read_and_answered(xaa, round_, "II.44", alice, bob)
    close_round(round_)
    release_of_few(round_, bob)
    return round_


@pytest.fixture
def told(client, bob):
    """Every page and file about the round and what was submitted for it, without the hour at which it was made."""

    def words(name, *args, query="") -> str:
        response = client.get(reverse(name, args=args) + query)
        assert response.status_code == 200, name
        said = b"".join(response).decode() if response.streaming else response.text
        return CLOCK.sub("", TOKENS.sub("", said))

    def told() -> dict[str, str]:
        client.force_login(bob)
        figures = {f"{name} {args}": words(name, *args, query="?round=2026") for name, args in FIGURES}
        sealed = {name: words(name, "XAA", "2026", 2) for name in (*SEALED, *PUBLIC)}
        return figures | sealed

    return told


@pytest.mark.thorough
def test_closed_rounds_and_submissions_keep_their_themes_and_families(closed, told, dana, unit):
    before = told()
    for position, theme in enumerate(reversed(Theme.objects.all()), start=1):
        theme.name, theme.position = f"{theme.name}, renamed", position
        catalogue.save_instance(instance=theme, by=dana)
    for family in Family.objects.all()[:20]:
        family.name = f"{family.name}, renamed"
        catalogue.save_instance(instance=family, by=dana)
    for member in FamilyMember.objects.filter(recommendation__label__in=["II.44", "I.13"]):
        catalogue.delete_instance(instance=member, by=dana)
    another = Theme.objects.exclude(slug__in=["non-punishment", "legislation", "compensation"]).first()
    for label in ("II.44", "IV.46(i)"):
        catalogue.change_annotations(recommendation=unit(label), primary_theme=another, secondary_theme=None, by=dana)
    after = told()
    assert [name for name in before if before[name] != after[name]] == []
    assert "renamed" not in "".join(after.values())


def test_the_next_round_has_the_new_ones(closed, dana, bob, unit):
    theme = Theme.objects.get(slug="compensation")
    theme.name, theme.position = "Redress", 0
    catalogue.save_instance(instance=theme, by=dana)
    later = opened_round(by=bob, code="2027", meetings=[4])
    assert later.theme_order[0] == "compensation"
    assert later.units.get(unit=unit("IV.46(i)")).themes[0] == ["compensation", "Redress"]
    earlier = Round.objects.get(code="2026")
    assert earlier.theme_order[0] != "compensation"
    assert earlier.units.get(unit=unit("IV.46(i)")).themes[0][1] != "Redress"
