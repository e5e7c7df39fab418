"""The same change in several answers: the fields that are named and no other, in all or in none."""

from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recommendations.catalogue import add_wording, withdraw_unit
from recommendations.models import Recommendation
from tests.removals import remove_words
from tests.submissions import revisions_of
from tests.verification import find_errors
from tracker.actions.assignment import assign, send_to_focal_point
from tracker.actions.bulk import change_together, mark_ready, undo_change
from tracker.actions.evidence import EvidenceDetails, add_evidence
from tracker.actions.record import NEW_WORDING, Answer, NotSaved, SeenAnswer, save_answer, save_together
from tracker.actions.respondent import CANNOT_ANSWER
from tracker.models import Event
from tracker.models.status import Status

pytestmark = pytest.mark.django_db

FULL = Answer(
    status=Status.PARTIALLY_IMPLEMENTED,
    reasons="Funds.",
    measures="قانون ضحايا الجريمة",
    difficulties="Awards are rarely enforced.",
    assistance_kinds=["training"],
    assistance="Two trainers.",
    good_practice=True,
    good_practice_shared=True,
    lead_institution="Ministry of Justice",
    target_date=date(2027, 6, 30),
    situation_as_at=date(2026, 10, 20),
    language="ar",
)
DUE = {"status": "implemented", "lead_institution": "Cabinet", "target_date": date(2028, 1, 1), "ready": True}


@pytest.fixture
def say(xaa, alice, unit):
    """Save an answer of XAA as alice, on top of what there is."""

    def say(label, answer=FULL):
        return save_answer(respondent=xaa, unit=unit(label), base=len(revisions_of(label)), answer=answer, by=alice)

    return say


@pytest.fixture
def change(xaa, alice, unit):
    """Change answers of XAA from what stands there, or from what was `seen`."""

    def change(*labels, by=alice, seen=None, **changes):
        answers = seen
        if seen is None:
            answers = [SeenAnswer.of(unit(label), (revisions_of(label) or [None])[-1]) for label in labels]
        return change_together(respondent=xaa, answers=answers, changes=changes, language="fr", by=by)

    return change


@pytest.mark.parametrize("name", DUE)
def test_only_what_is_named_changes_and_no_text_is_lost(say, change, xaa, alice, name):
    details = EvidenceDetails(title="Act", kind="law", language="en", citation="Gazette 17")
    cited = replace(FULL, citations=[(add_evidence(respondent=xaa, by=alice, details=details), "art. 9")])
    for label in ("I.13", "I.14"):
        say(label, cited)
    change("I.13", "I.14", **{name: DUE[name]})

    changed = [Answer.of(revisions_of(label)[1]) for label in ("I.13", "I.14")]
    assert changed == [replace(cited, **{name: DUE[name]})] * 2


def test_each_is_a_revision_of_its_own_with_one_event(say, change, alice):
    say("I.13")
    changed = change("I.13", "I.14", status="implemented")

    assert changed == [revisions_of("I.13")[-1], revisions_of("I.14")[-1]]
    assert [(one.number, one.author, one.change_code, one.change_text) for one in changed] == [
        (2, alice, "list", "Edited in the list"),
        (1, alice, "list", "Edited in the list"),
    ]
    events = Event.everyones.filter(action="answer saved").order_by("-number")[:2]
    assert [event.target for event in events] == ["record I.14", "record I.13"]


def test_an_answer_that_was_none_is_begun_in_the_language_that_is_given(change):
    [first] = change("I.14", status="not_started", ready=True)
    assert Answer.of(first) == Answer(status="not_started", ready=True, language="fr")


def test_what_says_so_already_stays_as_it_is(say, change):
    say("I.13")
    assert change("I.13", lead_institution="Ministry of Justice") == []


def test_why_it_does_not_apply_goes_with_that_status(say, change):
    say("I.13", Answer(status=Status.NOT_APPLICABLE, reason_code="date_has_passed", reasons="In 2012."))
    [changed] = change("I.13", status="in_progress")
    assert (changed.reason_code, changed.reasons) == ("", "In 2012.")


@pytest.fixture
def undo(xaa, alice):
    def undo(revisions, by=alice):
        return undo_change(respondent=xaa, revisions=[revision.pk for revision in revisions], by=by)

    return undo


def test_undo_restores_each_answer_as_a_new_version_with_its_event(say, change, undo, xaa, alice):
    details = EvidenceDetails(title="Act", kind="law", language="en", citation="Gazette 17")
    cited = replace(FULL, citations=[(add_evidence(respondent=xaa, by=alice, details=details), "art. 9")])
    first = [say("I.13"), say("II.8", cited)]
    changed = change("I.13", "II.8", **DUE)
    restored = undo(changed)

    assert [Answer.of(revision) for revision in restored] == [FULL, cited]
    assert [(revision.number, revision.change_text) for revision in restored] == [(3, "Restored from version 1")] * 2
    assert [revision.source for revision in restored] == first
    events = Event.everyones.filter(action="answer saved").order_by("-number")[:2]
    assert [event.target for event in events] == ["record II.8", "record I.13"]
    assert undo(changed) == [], "a second press finds nothing to undo"


def test_undo_empties_new_answers_and_leaves_those_changed_since(say, change, undo, dana, unit):
    for label in ("I.1", "I.13", "II.8", "II.9"):
        say(label)
    changed = change("I.1", "I.13", "I.14", "II.8", "II.9", **DUE)
    later = say("I.13", replace(FULL, status=Status.IN_PROGRESS))
    add_wording(recommendation=unit("II.9"), text="Another text.", kind="new_wording", reason="Adopted.", by=dana)
    withdraw_unit(unit=unit("I.1"), on=date(2026, 11, 1), reason="A decision.", by=dana)

    undone = undo(changed)
    assert [(revision.record.recommendation.label, revision.status) for revision in undone] == [
        ("I.14", ""),
        ("II.8", FULL.status),
    ]
    assert revisions_of("I.13")[-1] == later
    assert [len(revisions_of(label)) for label in ("I.1", "I.14", "II.9")] == [2, 2, 2]


def test_any_number_of_answers_is_restored_with_as_many_queries(change, undo, xaa):
    units = list(xaa.units_to_answer().order_by("position")[:25])
    for status in ("in_progress", "implemented"):
        changed = change(*[unit.label for unit in units], status=status)

    def queries_to_undo(some):
        with CaptureQueriesContext(connection) as queries:
            assert {revision.status for revision in undo(some)} == {"in_progress"}
        return len(queries)

    assert queries_to_undo(changed[:2]) == queries_to_undo(changed[2:])
    assert find_errors() == []


def test_an_answer_that_lost_the_reasons_it_needs_is_named_and_none_is_restored(say, change, undo, xaa, alice, ruth):
    for label, reasons in (("I.13", "Jane Doe"), ("I.14", "Funds.")):
        say(label, Answer(status=Status.CONSIDERED_NOT_TAKEN_UP, reasons=reasons))
    changed = change("I.13", "I.14", status="in_progress")
    remove_words("Jane Doe", xaa, alice, ruth)
    with pytest.raises(NotSaved) as refused:
        undo(changed)
    assert {one.label: why.message_dict for one, why in refused.value.why.items()} == {
        "I.13": {"reasons": ["Enter the reasons."]}
    }
    assert [len(revisions_of(label)) for label in ("I.13", "I.14")] == [2, 2]


def test_undo_is_only_for_list_edits_of_the_same_state(say, change, undo, xbb, charlie):
    say("I.13")
    saved = say("I.13", replace(FULL, status=Status.IN_PROGRESS))
    assert undo([saved]) == []
    changed = change("I.13", **DUE)
    assert undo_change(respondent=xbb, revisions=[changed[0].pk], by=charlie) == []
    with pytest.raises(PermissionDenied):
        undo(changed, by=charlie)


def test_a_contributor_undoes_what_is_still_open_to_the_contributor(say, change, undo, xaa, carol, alice, unit):
    xaa.opens_all_to_contributors = False
    xaa.save()
    assign(respondent=xaa, units=[unit("I.13"), unit("I.14")], to=carol, by=alice)
    for label in ("I.13", "I.14"):
        say(label)
    changed = change("I.13", "I.14", by=carol, status="implemented")
    send_to_focal_point(respondent=xaa, unit=unit("I.14"), by=carol)
    assert [revision.record.recommendation.label for revision in undo(changed, by=carol)] == ["I.13"]


@pytest.mark.parametrize(
    ("status", "field"), [(Status.CONSIDERED_NOT_TAKEN_UP, "reasons"), (Status.NOT_APPLICABLE, "reason_code")]
)
def test_a_status_that_asks_for_reasons_is_refused_where_there_are_none(say, change, status, field):
    say("I.13")
    with pytest.raises(NotSaved) as refused:
        change("I.13", "I.14", status=status)

    labels = {unit.label for unit, why in refused.value.why.items() if field in why.message_dict}
    assert labels == ({"I.14"} if field == "reasons" else {"I.13", "I.14"})
    assert (len(revisions_of("I.13")), revisions_of("I.14")) == (1, []), "all or none"


def test_at_most_25_at_a_time(change, xaa, unit):
    units = xaa.units_to_answer().order_by("position")[:26]
    with pytest.raises(ValidationError, match=r"Selected: 26\. The limit is 25 at a time"):
        change(seen=[SeenAnswer(one) for one in units], status="in_progress")
    assert len(change(seen=[SeenAnswer(one) for one in units[:25]], status="in_progress")) == 25


def test_where_somebody_was_quicker_all_are_refused(say, change, unit):
    theirs = say("I.13")
    with pytest.raises(NotSaved) as refused:
        change(seen=[SeenAnswer(unit("I.13")), SeenAnswer(unit("I.14"))], status="in_progress")
    assert {one.label: why.current for one, why in refused.value.why.items()} == {"I.13": theirs}
    assert revisions_of("I.14") == []


def test_what_was_given_on_a_former_wording_is_read_there_first(say, change, dana, unit):
    say("I.13")
    add_wording(recommendation=unit("I.13"), text="Another text.", kind="new_wording", reason="Adopted.", by=dana)
    with pytest.raises(NotSaved) as refused:
        change("I.13", "I.14", status="implemented")
    assert [(one.label, why.messages) for one, why in refused.value.why.items()] == [("I.13", [str(NEW_WORDING)])]
    assert (len(revisions_of("I.13")), revisions_of("I.14")) == (1, [])


def test_texts_cannot_be_changed_so(say, change):
    say("I.13")
    with pytest.raises(PermissionDenied):
        change("I.13", measures="")


def test_a_contributor_changes_only_what_is_assigned_to_them(change, xaa, carol, alice, unit):
    xaa.opens_all_to_contributors = False
    xaa.save()
    assign(respondent=xaa, units=[unit("I.13")], to=carol, by=alice)
    assert len(change("I.13", by=carol, status="in_progress")) == 1
    with pytest.raises(PermissionDenied):
        change("I.13", "I.14", by=carol, status="implemented")


# Marking ready


@pytest.fixture
def mark(xaa, alice, unit):
    """Mark answers of XAA ready as they are now, or as they were `seen`."""

    def mark(*labels, by=alice, seen=None):
        answers = seen or [SeenAnswer.of(unit(label), (revisions_of(label) or [None])[-1]) for label in labels]
        return mark_ready(respondent=xaa, answers=answers, by=by)

    return mark


def test_what_is_marked_ready_is_the_same_answer_in_a_version_that_verifies(say, mark, xaa, alice):
    details = EvidenceDetails(title="Act", kind="law", language="en", citation="Gazette 17")
    cited = replace(FULL, citations=[(add_evidence(respondent=xaa, by=alice, details=details), "art. 9")])
    before = [say("I.13", cited), say("I.14")]
    marked = mark("I.14", "I.13")

    assert marked == [revisions_of(label)[1] for label in ("I.13", "I.14")]
    assert [Answer.of(revision) for revision in marked] == [replace(cited, ready=True), replace(FULL, ready=True)]
    assert {revision.change_text for revision in marked} == {"Marked ready"}
    assert [revision.previous_digest for revision in marked] == [revision.digest for revision in before]
    assert all(revision.holds(list(revision.citations(manager="everyones").all())) for revision in marked)
    events = Event.everyones.filter(action="answer marked ready").order_by("-number")[:2]
    assert [(event.target, event.actor, event.after) for event in events] == [
        (f"record {label}", alice, f"revision 2 {revisions_of(label)[1].digest}") for label in ("I.14", "I.13")
    ]
    assert find_errors() == []


def test_marking_ready_is_undone_as_an_edit_is(say, mark, undo):
    say("I.13")
    restored = undo(mark("I.13"))
    assert [(revision.ready, revision.change_text) for revision in restored] == [(False, "Restored from version 1")]


def test_what_is_ready_stays_as_it_is(say, mark):
    say("I.13", replace(FULL, ready=True))
    assert mark("I.13", seen=None) == []
    assert len(revisions_of("I.13")) == 1


def test_all_or_none_are_marked_ready(say, mark, unit, dana, alice):
    """One is newer than it was seen, one answers a former wording, one has no answer."""
    say("I.13")
    newer = say("I.14")
    say("I.1")
    add_wording(recommendation=unit("I.1"), text="Another text.", kind="new_wording", reason="Adopted.", by=dana)
    bases = {"I.13": 1, "I.14": 0, "I.1": 1, "I.5(a)": 0}
    with pytest.raises(NotSaved) as refused:
        mark(seen=[SeenAnswer(unit(label), base) for label, base in bases.items()])
    why = {one.label: error for one, error in refused.value.why.items()}
    assert why["I.14"].current == newer
    assert why["I.1"].messages == [str(NEW_WORDING)]
    assert why["I.5(a)"].message_dict == {"status": ["Choose a status."]}
    assert set(why) == {"I.14", "I.1", "I.5(a)"}
    assert [len(revisions_of(label)) for label in bases] == [1, 1, 1, 0]


def test_a_contributor_with_a_part_of_the_desk_marks_nothing_ready(say, mark, xaa, carol, alice, unit):
    say("I.13")
    xaa.opens_all_to_contributors = False
    xaa.save()
    assign(respondent=xaa, units=[unit("I.13")], to=carol, by=alice)
    with pytest.raises(PermissionDenied):
        mark("I.13", by=carol)


def test_any_number_of_answers_is_saved_with_as_many_queries(xaa, alice):
    units = list(Recommendation.objects.with_text().filter(pk__in=xaa.units_to_answer()).order_by("position"))

    def queries_to_save(some: list[Recommendation], base: int) -> int:
        met = {"IV.46(i)": ["IV.46(i)(ii)"], "IV.46(j)": ["IV.46(j)(iii)"]}
        answers = [
            (SeenAnswer(unit, base), replace(FULL, measures=f"Law {base}.", items_met=met.get(unit.label, [])))
            for unit in some
        ]
        with CaptureQueriesContext(connection) as queries:
            saved = save_together(respondent=xaa, answers=answers, by=alice)
        assert [revision.record.recommendation for revision in saved] == some
        return len(queries)

    assert len(units) == 230
    queries_to_save(units[:1], 0)  # begins the chain
    assert queries_to_save(units[1:3], 0) == queries_to_save(units[3:], 0)
    assert queries_to_save(units[:2], 1) == queries_to_save(units[2:], 1)
    assert find_errors() == []


def test_evidence_of_another_state_is_cited_in_none_of_them(xaa, alice, xbb, charlie, unit):
    details = EvidenceDetails(title="Act", kind="law", language="en", citation="Gazette 17")
    laws = [add_evidence(respondent=state, by=by, details=details) for state, by in ((xaa, alice), (xbb, charlie))]
    answers = [
        (SeenAnswer(unit(label)), replace(FULL, citations=[(law, "")]))
        for label, law in zip(("I.13", "I.14"), laws, strict=True)
    ]
    with pytest.raises(PermissionDenied):
        save_together(respondent=xaa, answers=answers, by=alice)
    assert revisions_of("I.13") == revisions_of("I.14") == []


def test_a_recommendation_that_was_withdrawn_is_named_and_no_answer_is_saved(xaa, alice, dana, unit):
    seen = [SeenAnswer(unit("I.13")), SeenAnswer(unit("I.14"))]
    withdraw_unit(unit=unit("I.14"), on=date(2026, 11, 1), reason="A decision.", by=dana)
    with pytest.raises(NotSaved) as refused:
        save_together(respondent=xaa, answers=[(each, FULL) for each in seen], by=alice)
    assert {one.label: why.messages for one, why in refused.value.why.items()} == {"I.14": [str(CANNOT_ANSWER)]}
    assert revisions_of("I.13") == []
