import pytest
from django.core.exceptions import ValidationError

from tests.removals import remove_words
from tests.verification import find_errors
from tracker.actions.brief import POINT_LIMIT, POINTS_LIMIT, SAVED_BY_ANOTHER, save_decisions
from tracker.documents.report.brief import current_decisions
from tracker.models import DecisionList, Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def save(xaa, alice):
    def save(text, base=0, by=alice):
        return save_decisions(respondent=xaa, text=text, base=base, by=by)

    return save


def events() -> list[str]:
    return list(Event.everyones.filter(action="decisions saved").order_by("number").values_list("after", flat=True))


def test_each_save_is_a_version_with_an_event(save, xaa, alice):
    first, second = save("Approve the bill.\n\n  Release the funds. "), save("Approve the bill.", base=1)
    assert first.points == ["Approve the bill.", "Release the funds."]
    assert events() == [f"version 1 {first.digest}", f"version 2 {second.digest}"]
    assert current_decisions(xaa, alice) == second
    assert find_errors() == []


def test_the_points_may_be_cleared(save, xaa, alice):
    save("Approve the bill.")
    save("", base=1)
    assert current_decisions(xaa, alice).points == []


def test_a_double_click_and_an_empty_first_save_change_nothing(save):
    assert save("") is None
    first = save("Approve the bill.")
    assert save("Approve the bill.") == first
    assert len(events()) == 1


def test_an_old_page_overwrites_nothing(save, xaa, alice):
    save("Approve the bill.")
    with pytest.raises(ValidationError) as refused:
        save("Release the funds.")
    assert refused.value.message_dict == {"text": [str(SAVED_BY_ANOTHER)]}
    assert current_decisions(xaa, alice).points == ["Approve the bill."]


def test_only_the_team_of_the_state_reads(save, xaa, alice, victor, charlie, bob, erin):
    found = save("Approve the bill.")
    readers = [alice, victor, charlie, bob, erin]
    assert [current_decisions(xaa, reader) for reader in readers] == [found, found, None, None, None]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("x" * (POINT_LIMIT + 1), "The text is too long: at most 300 characters. It has 301."),
        ("x\n" * (POINTS_LIMIT + 1), "Enter at most 7 points, each on a line."),
        ("a\x07b", "Remove the invisible character U+0007 after “a”: it cannot be saved."),
    ],
)
def test_what_does_not_fit_on_a_page_is_refused(save, text, problem):
    with pytest.raises(ValidationError) as refused:
        save(text)
    assert refused.value.message_dict == {"text": [problem]}
    assert DecisionList.everyones.count() == 0


def test_removal_of_identifying_information_reaches_them(save, xaa, alice, erin):
    save("Write to the family of Ms Quetzal.")
    remove_words("Quetzal", xaa, alice, erin)
    current = current_decisions(xaa, alice)
    assert (current.text, current.points) == ("", [])
    assert "because it identified a victim" in current.shown_value("text")
    assert find_errors() == []
    assert save("Approve the bill.", base=1).number == 2
