"""An answer for a family: said in each by a revision of its own, in all that are chosen or in none."""

from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from tests.conftest import make_person
from tests.evidence_items import add_item
from tests.removals import remove_words
from tests.submissions import revisions_of, send_answer
from tests.verification import find_errors
from tracker.actions.assignment import assign
from tracker.actions.copy import accept_update, copy_answer, decline_update
from tracker.actions.record import Answer, NotSaved, SeenAnswer, StaleAnswer, restore_revision, save_answer
from tracker.models import Event, Record
from tracker.models.record import ReceivedDetails
from tracker.models.status import Status
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

FULL = Answer(
    status=Status.PARTIALLY_IMPLEMENTED,
    reasons="Funds.",
    measures="قانون ضحايا الجريمة",
    difficulties="Awards are rarely enforced.",
    assistance_kinds=["training", "data"],
    assistance="Two trainers.",
    good_practice=True,
    good_practice_shared=True,
    lead_institution="Ministry of Justice",
    target_date=date(2027, 6, 30),
    situation_as_at=date(2026, 10, 20),
    language="ar",
    ready=True,
)
COPY = replace(FULL, good_practice=False, good_practice_shared=False, ready=False)
CONSIDERED = Answer(status=Status.CONSIDERED_NOT_TAKEN_UP, reasons="Another law does it.")


def seen(unit) -> SeenAnswer:
    return SeenAnswer.of(unit, (revisions_of(unit.label) or [None])[-1])


@pytest.fixture
def say(xaa, alice, unit):
    """Save an answer of XAA as alice, on top of what there is."""

    def say(label, answer=FULL, **kwargs):
        base = seen(unit(label)).base
        return save_answer(respondent=xaa, unit=unit(label), base=base, answer=answer, by=alice, **kwargs)

    return say


@pytest.fixture
def copy(xaa, alice, unit):
    def copy(label, *labels, by=alice):
        to = [seen(unit(other)) for other in labels]
        return copy_answer(respondent=xaa, source=seen(unit(label)), to=to, by=by)

    return copy


@pytest.fixture
def carol(xaa):
    """A contributor, to whom is opened what is assigned to her."""
    xaa.opens_all_to_contributors = False
    xaa.save()
    return make_person("carol", Role.CONTRIBUTOR, xaa)


# What is copied


def test_each_gets_a_revision_that_says_where_it_came_from(say, copy, alice):
    source = say("II.43")
    copies = copy("II.43", "II.44", "V.35")

    assert copies == [*revisions_of("II.44"), *revisions_of("V.35")]
    assert [(one.number, one.source, one.author, one.change_code) for one in copies] == [
        (1, source, alice, "copied")
    ] * 2
    assert [Answer.of(one) for one in copies] == [COPY, COPY]


def test_what_is_for_each_text_by_itself_is_not_copied(say, copy):
    say("II.43")
    say("II.44", Answer(status="not_started", good_practice=True, ready=True))
    copy("II.43", "II.44")

    assert Answer.of(revisions_of("II.44")[-1]) == COPY


def test_that_an_institution_sent_it_is_not_copied(say, copy):
    say("II.43", received=ReceivedDetails("Ministry of Justice", date(2026, 3, 3)))
    [one] = copy("II.43", "II.44")

    assert (one.received_from, one.received_on) == ("", None)


def test_items_met_stay_those_of_the_text(say, copy):
    say("IV.46(i)", Answer(status="implemented", items_met=["IV.46(i)(ii)"]))
    say("I.13")
    copy("I.13", "IV.46(i)")

    assert Answer.of(revisions_of("IV.46(i)")[-1]) == replace(COPY, items_met=["IV.46(i)(ii)"])


def test_evidence_is_cited_with_its_pinpoints(say, copy, xaa, alice):
    law = add_item(xaa, alice, citation="Gazette 17")
    say("II.43", replace(FULL, citations=[(law, "art. 9")]))
    [one] = copy("II.43", "II.44")

    assert Answer.of(one).citations == [(law, "art. 9")]


def test_one_event_for_each(say, copy):
    say("II.43")
    copies = copy("II.43", "II.44", "V.35")

    events = Event.everyones.filter(action="answer saved").order_by("number")[1:]
    assert [(event.target, event.after) for event in events] == [
        (f"record {label}", f"revision 1 {one.digest}") for label, one in zip(("II.44", "V.35"), copies, strict=True)
    ]


def test_what_says_it_already_stays_as_it_is(say, copy):
    say("II.43")
    kept = say("II.44", replace(FULL, good_practice_shared=False))

    assert copy("II.43", "II.44") == []
    assert revisions_of("II.44") == [kept]


def test_a_copy_is_its_own_from_then_on(say, copy):
    say("II.43")
    copy("II.43", "II.44")
    say("II.43", CONSIDERED)

    assert [Answer.of(one) for one in revisions_of("II.44")] == [COPY]


def test_a_copy_is_undone_by_restoring_the_previous_version(say, copy, alice):
    first = say("II.44", CONSIDERED)
    say("II.43")
    copy("II.43", "II.44")
    restore_revision(revision=first, base=2, by=alice)

    assert [Answer.of(one) for one in revisions_of("II.44")] == [CONSIDERED, COPY, CONSIDERED]


# What is not


def refused(copy, *labels) -> dict[str, str]:
    with pytest.raises(NotSaved) as error:
        copy(*labels)
    return {unit.label: " ".join(map(str, why.messages)) for unit, why in error.value.why.items()}


def test_not_applicable_is_never_copied(say, copy):
    say("II.43", Answer(status=Status.NOT_APPLICABLE, reason_code="condition_does_not_arise"))

    why = "“Not applicable” cannot be copied. Each recommendation needs its own reason."
    assert refused(copy, "II.43", "II.44", "I.11(b)") == {"II.44": why, "I.11(b)": why}


def test_considered_goes_only_where_considering_is_asked(say, copy):
    say("II.43", CONSIDERED)

    assert refused(copy, "II.43", "II.44", "I.11(b)") == {
        "II.44": (
            "“Considered, not taken up” cannot be copied to a recommendation that asks for more than consideration."
        )
    }
    assert revisions_of("I.11(b)") == [], "all or none"
    assert [Answer.of(one) for one in copy("II.43", "I.11(b)")] == [CONSIDERED]


def test_only_within_the_family(say, copy):
    say("II.43")
    with pytest.raises(PermissionDenied):
        copy("II.43", "I.14")
    assert revisions_of("I.14") == []


def test_a_contributor_copies_only_between_assigned_units(say, copy, xaa, alice, carol, unit):
    say("II.43")
    assign(respondent=xaa, units=[unit("II.43"), unit("II.44")], to=carol, by=alice)
    assert [one.author for one in copy("II.43", "II.44", by=carol)] == [carol]

    with pytest.raises(PermissionDenied):
        copy("II.43", "V.35", by=carol)
    with pytest.raises(PermissionDenied):
        copy("V.35", "II.44", by=carol)
    send_answer(respondent=xaa, unit=unit("II.44"), by=carol)
    say("II.43", replace(FULL, measures="An act."))
    with pytest.raises(PermissionDenied):
        copy("II.43", "II.44", by=carol)


# Somebody was quicker


def test_all_copies_are_refused_if_one_answer_changed_after_opening(say, xaa, alice, unit):
    source, first, other = say("II.43"), seen(unit("II.44")), seen(unit("V.35"))
    theirs = say("II.44", CONSIDERED)

    with pytest.raises(NotSaved) as error:
        copy_answer(respondent=xaa, source=SeenAnswer(unit("II.43"), source.number), to=[first, other], by=alice)
    assert {unit.label: why.current for unit, why in error.value.why.items()} == {"II.44": theirs}
    assert (revisions_of("II.44"), revisions_of("V.35")) == ([theirs], [])


def test_the_source_is_the_one_that_was_read(say, xaa, alice, unit):
    say("II.43")
    read = seen(unit("II.43"))
    theirs = say("II.43", CONSIDERED)

    with pytest.raises(StaleAnswer) as error:
        copy_answer(respondent=xaa, source=read, to=[seen(unit("II.44"))], by=alice)
    assert (error.value.current, revisions_of("II.44")) == (theirs, [])


def test_words_removed_after_opening_are_not_restored_by_a_copy(say, xaa, alice, unit):
    say("II.43", replace(FULL, measures="Jane Doe."))
    read = seen(unit("II.43"))
    carol = make_person("carol", Role.CONTRIBUTOR, xaa)
    remove_words("Jane Doe", xaa, alice, carol)

    with pytest.raises(StaleAnswer):
        copy_answer(respondent=xaa, source=read, to=[seen(unit("II.44"))], by=alice)


# An update


@pytest.fixture
def answered_anew(say, copy):
    say("II.43")
    copy("II.43", "II.44")
    return say("II.43", replace(FULL, measures="An act."))


def test_an_update_is_taken_as_a_further_copy(answered_anew, xaa, alice, unit):
    taken = accept_update(respondent=xaa, source=seen(unit("II.43")), to=seen(unit("II.44")), by=alice)

    assert revisions_of("II.44")[1:] == [taken]
    assert (taken.source, taken.measures) == (answered_anew, "An act.")


def test_a_double_click_takes_it_once(answered_anew, xaa, alice, unit):
    source, to = seen(unit("II.43")), seen(unit("II.44"))
    accept_update(respondent=xaa, source=source, to=to, by=alice)

    assert accept_update(respondent=xaa, source=source, to=to, by=alice) is None
    assert len(revisions_of("II.44")) == 2


def test_declined_it_leaves_the_answer_and_one_event(answered_anew, xaa, alice, unit):
    for _click in range(2):
        decline_update(respondent=xaa, source=seen(unit("II.43")), unit=unit("II.44"), by=alice)

    assert Record.everyones.get(recommendation__label="II.44").update_declined == answered_anew
    assert len(revisions_of("II.44")) == 1
    [event] = Event.everyones.filter(action="update declined")
    assert (event.target, event.after) == ("record II.44", f"II.43 revision 2 {answered_anew.digest}")


def test_an_update_that_was_not_read_is_not_declined(answered_anew, xaa, alice, unit):
    with pytest.raises(StaleAnswer):
        decline_update(respondent=xaa, source=SeenAnswer(unit("II.43"), 1), unit=unit("II.44"), by=alice)


# The trail


def test_what_is_copied_and_declined_verifies_also_after_words_were_withdrawn_from_both(say, copy, xaa, alice, unit):
    say("II.43", replace(FULL, measures="Jane Doe."))
    copy("II.43", "II.44")
    say("II.43")
    decline_update(respondent=xaa, source=seen(unit("II.43")), unit=unit("II.44"), by=alice)
    carol = make_person("carol", Role.CONTRIBUTOR, xaa)
    remove_words("Jane Doe", xaa, alice, carol)

    assert [revisions_of(label)[0].measures for label in ("II.43", "II.44")] == ["", ""]
    assert find_errors() == []
