"""What could be copied within a family, and where a source was answered anew."""

from dataclasses import replace
from datetime import date

import pytest

from recommendations.models import Recommendation
from tests.evidence_items import add_item
from tests.labels import titled
from tracker.actions.copy import copy_answer, decline_update
from tracker.actions.record import Answer, SeenAnswer, save_answer
from tracker.models import Record, Revision
from tracker.models.status import Status
from tracker.queries.desk.copies import related_units, update_by_unit, update_of, with_origin

pytestmark = pytest.mark.django_db

BILL = Answer(status="in_progress", measures="A bill.", target_date=date(2027, 6, 30))


def current(label) -> Revision | None:
    return Revision.everyones.filter(record__recommendation__label=label).order_by("number").last()


def seen(unit) -> SeenAnswer:
    return SeenAnswer.of(unit, current(unit.label))


@pytest.fixture
def say(xaa, alice, unit):
    """Save an answer of XAA as alice, on top of what there is."""

    def say(label, answer=BILL):
        return save_answer(respondent=xaa, unit=unit(label), base=seen(unit(label)).base, answer=answer, by=alice)

    return say


@pytest.fixture
def copy(xaa, alice, unit):
    def copy(label, *labels):
        to = [seen(unit(other)) for other in labels]
        return copy_answer(respondent=xaa, source=seen(unit(label)), to=to, by=alice)

    return copy


@pytest.fixture
def offered(xaa, alice):
    """By label of the unit, from which unit it is offered an update, which is named with its title."""

    def offered() -> dict[str, str]:
        found = update_by_unit(Record.objects.visible_to(alice).filter(respondent=xaa), alice)
        labels = {key: named.split()[0] for key, named in found.items()}
        assert found == {key: titled(label) for key, label in labels.items()}
        return {Recommendation.objects.get(pk=key).label: label for key, label in labels.items()}

    return offered


# Which are of the family


def test_the_others_of_a_family_that_are_asked_in_the_order_of_the_paper(xaa, alice, unit):
    kin = related_units(unit("II.43"), xaa, alice)
    assert [one.unit.label for one in kin] == ["I.11(b)", "II.44", "V.35", "VII.2(b)", "VIII.1(c)"]
    assert {member.family.slug for one in kin for member in one.members} == {"non-punishment"}


def test_an_item_represents_its_unit(xaa, alice, unit):
    options = [one for one in related_units(unit("I.13"), xaa, alice) if one.unit.label == "IV.46(i)"]
    assert [one.unit.kind for one in options] == ["chapeau"]
    assert {member.recommendation.label for member in options[0].members} <= {
        "IV.46(i)",
        "IV.46(i)(i)",
        "IV.46(i)(ii)",
        "IV.46(i)(iii)",
    }
    assert "I.13" in [one.unit.label for one in related_units(unit("IV.46(i)"), xaa, alice)]


def test_a_related_unit_has_its_current_answer(xaa, alice, unit, say):
    revision = say("VII.1(f)")
    assert [one.current for one in related_units(unit("IV.24"), xaa, alice)] == [revision]


# Where a source was answered anew


def test_a_new_answer_is_suggested_to_copies_and_not_saved(say, copy, offered):
    say("II.43")
    copy("II.43", "II.44", "V.35")
    assert offered() == {}

    say("II.43", replace(BILL, measures="An act."))
    assert offered() == {"II.44": "II.43", "V.35": "II.43"}
    assert current("II.44").measures == "A bill."


def test_a_unit_of_another_body_is_named_as_elsewhere(say, copy, xaa, alice, unit, second_body):
    """In the words of `label_with_title`, also where the database makes them."""
    Recommendation.objects.filter(label="II.43").update(body=second_body, slug="smuggling/II-43")
    say("smuggling/II.43")
    copy("smuggling/II.43", "II.44")
    say("smuggling/II.43", replace(BILL, measures="An act."))
    source = Recommendation.objects.get(label="II.43")
    assert source.label_with_title.startswith("smuggling/II.43 ")
    copied = with_origin(Revision.objects.visible_to(alice).filter(record__recommendation=unit("II.44")), alice)
    updates = update_by_unit(Record.objects.visible_to(alice).filter(respondent=xaa), alice)
    assert [copied.get().copied_from, *updates.values()] == [source.label_with_title] * 2


def test_what_is_copied_again_is_offered_no_more(say, copy, offered):
    say("II.43")
    copy("II.43", "II.44", "V.35")
    say("II.43", replace(BILL, measures="An act."))
    copy("II.43", "II.44")
    assert offered() == {"V.35": "II.43"}


def test_what_is_for_each_text_by_itself_is_nothing_new(say, copy, offered):
    say("II.43")
    copy("II.43", "II.44")
    say("II.43", replace(BILL, ready=True))
    say("II.43", replace(BILL, ready=True, good_practice=True))
    say("II.44", replace(BILL, ready=True))
    assert offered() == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "implemented"},
        {"difficulties": "Funds."},
        {"assistance_kinds": ["training"]},
        {"lead_institution": "Ministry of Justice"},
        {"target_date": None},
        {"situation_as_at": date(2026, 1, 1)},
        {"language": "fr"},
    ],
)
def test_another_word_in_any_field_is_new(say, copy, offered, changes):
    say("II.43")
    copy("II.43", "II.44")
    say("II.43", replace(BILL, **changes))
    assert offered() == {"II.44": "II.43"}


def test_other_evidence_or_another_pinpoint_is_new(say, copy, offered, xaa, alice):
    law = add_item(xaa, alice, citation="Gazette 17")
    say("II.43")
    copy("II.43", "II.44")
    for citations in ([(law, "art. 9")], [(law, "art. 10")], []):
        say("II.43", replace(BILL, citations=citations))
        assert offered() == {"II.44": "II.43"}
        copy("II.43", "II.44")
        assert offered() == {}


@pytest.mark.parametrize(
    ("answer", "where"),
    [
        (Answer(status=Status.NOT_APPLICABLE, reason_code="condition_does_not_arise"), {}),
        (Answer(status=Status.CONSIDERED_NOT_TAKEN_UP, reasons="Another law does it."), {"I.11(b)": "II.43"}),
    ],
)
def test_what_cannot_be_copied_is_not_offered(say, copy, offered, unit, answer, where):
    assert [unit(label).asks_to_consider for label in ("II.44", "I.11(b)")] == [False, True]
    say("II.43")
    copy("II.43", "II.44", "I.11(b)")
    say("II.43", answer)
    assert offered() == where


def test_a_copy_of_a_copy_waits_for_its_own_source(say, copy, offered):
    say("II.43")
    copy("II.43", "II.44")
    copy("II.44", "V.35")
    say("II.43", replace(BILL, measures="An act."))
    assert offered() == {"II.44": "II.43"}
    copy("II.43", "II.44")
    assert offered() == {"V.35": "II.44"}


def test_a_separate_change_of_a_copy_is_listed_and_stays(say, copy, xaa, alice, unit):
    say("II.43")
    copy("II.43", "II.44")
    say("II.44", replace(BILL, measures="A bill of our own."))
    say("II.43", replace(BILL, measures="An act."))

    update = update_of(unit("II.44"), xaa, alice)
    assert (update.source, update.current) == (current("II.43"), current("II.44"))
    assert [(own.name, own.before, own.after) for own in update.own] == [("measures", "A bill.", "A bill of our own.")]


def test_declined_it_is_offered_no_more_until_the_source_says_something_else(say, copy, offered, xaa, alice, unit):
    say("II.43")
    copy("II.43", "II.44")
    say("II.43", replace(BILL, measures="An act."))
    decline_update(respondent=xaa, source=seen(unit("II.43")), unit=unit("II.44"), by=alice)
    assert (offered(), update_of(unit("II.44"), xaa, alice)) == ({}, None)

    say("II.43", replace(BILL, measures="An act, in force."))
    assert offered() == {"II.44": "II.43"}
