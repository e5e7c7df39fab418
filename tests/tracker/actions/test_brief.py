from datetime import date

import pytest
from django.core.exceptions import ValidationError

from tests.removals import remove_words
from tests.verification import find_errors
from tracker.actions.brief import DECISION_LIMIT, DECISIONS_LIMIT, LINES_LIMIT, SAVED_BY_ANOTHER, TEXT_LIMIT, save_brief
from tracker.documents.report.brief import current_texts
from tracker.models import BriefText, Event
from tracker.models.brief import decisions_of

pytestmark = pytest.mark.django_db

DAY = date(2026, 12, 15)


@pytest.fixture
def save(xaa, alice):
    def save(decisions="", base="", by=alice, **texts):
        return save_brief(respondent=xaa, texts=texts or {"decisions": decisions}, base=base, by=by)

    return save


def events() -> list[str]:
    return list(Event.everyones.filter(action="brief saved").order_by("number").values_list("after", flat=True))


def test_each_save_is_a_version_with_an_event(save, xaa, alice):
    first, second = save("Approve the bill.\n\n  Release the funds. "), save("Approve the bill.", base="1.0")
    assert first.decisions == "Approve the bill.\n\nRelease the funds."
    assert events() == [f"version 1 {first.digest}", f"version 2 {second.digest}"]
    assert current_texts(xaa, alice) == second
    assert find_errors() == []


def test_the_decisions_may_be_cleared(save, xaa, alice):
    save("Approve the bill.")
    save("", base="1.0")
    assert current_texts(xaa, alice).decisions == ""


def test_a_double_click_and_an_empty_first_save_change_nothing(save):
    assert save("") is None
    first = save("Approve the bill.")
    assert save("Approve the bill.") == first
    assert len(events()) == 1


def test_an_old_page_overwrites_nothing(save, xaa, alice):
    save("Approve the bill.")
    with pytest.raises(ValidationError) as refused:
        save("Release the funds.")
    assert refused.value.message_dict == {"decisions": [str(SAVED_BY_ANOTHER)]}
    assert current_texts(xaa, alice).decisions == "Approve the bill."


def test_a_text_that_is_not_named_stays(save):
    save("Approve the bill.")
    saved = save(done="A law.", base="1.0")
    assert (saved.done, saved.missing, saved.decisions) == ("A law.", "", "Approve the bill.")
    assert sorted(saved.field_digests) == ["decisions", "done"]
    assert find_errors() == []


@pytest.mark.parametrize(
    ("line", "decision"),
    [
        ("Approve; 15 December 2026; Ministry of Justice", ("Approve", DAY, "Ministry of Justice")),
        ("Sign; seal; 2026-12-15", ("Sign; seal", DAY, "")),
        ("批准;2026年12月15日;司法部".replace(";", "\N{FULLWIDTH SEMICOLON}"), ("批准", DAY, "司法部")),
        ("Approve; 31 February 2026", ("Approve; 31 February 2026", None, "")),
        ("Approve; the Ministry of Justice leads", ("Approve; the Ministry of Justice leads", None, "")),
    ],
)
def test_a_decision_ends_with_its_date_and_lead(line, decision):
    assert decisions_of(line) == [decision]


def test_only_the_team_of_the_state_reads(save, xaa, alice, victor, charlie, bob, erin):
    found = save("Approve the bill.")
    readers = [alice, victor, charlie, bob, erin]
    assert [current_texts(xaa, reader) for reader in readers] == [found, found, None, None, None]


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("decisions", "x" * (DECISION_LIMIT + 1), "The text is too long: at most 140 characters. It has 141."),
        ("decisions", "x\n" * (DECISIONS_LIMIT + 1), "Enter at most 5 decisions, each on a line."),
        ("done", "x" * (TEXT_LIMIT + 1), "The text is too long: at most 2000 characters. It has 2001."),
        ("missing", "x\n\n" * (LINES_LIMIT + 1), "Enter at most 16 lines."),
        ("decisions", "a\x07b", "Remove the invisible character U+0007 after “a”: it cannot be saved."),
    ],
)
def test_what_does_not_fit_on_a_page_is_refused(save, name, text, problem):
    with pytest.raises(ValidationError) as refused:
        save(**{name: text})
    assert refused.value.message_dict == {name: [problem]}
    assert BriefText.everyones.count() == 0


def test_removal_of_identifying_information_reaches_them(save, xaa, alice, erin):
    save("Write to the family of Ms Quetzal.")
    remove_words("Quetzal", xaa, alice, erin)
    current = current_texts(xaa, alice)
    assert current.decisions == ""
    assert "because it identified a victim" in current.shown_value("decisions")
    assert find_errors() == []
    assert save("Approve the bill.", base=current.base).number == 2
