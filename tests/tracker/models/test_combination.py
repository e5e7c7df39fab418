"""Two edits of one answer: no change of a side is lost, and only what both changed is asked about."""

from dataclasses import replace
from datetime import date
from itertools import permutations, product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.thorough import times
from tracker.models import EvidenceVersion
from tracker.models.answer_fields import FIELDS, AssistanceKind, FieldKind
from tracker.models.combination import (
    CITATIONS,
    DECIDED_TOGETHER,
    HEAD_OF,
    NO_ANSWER,
    READY,
    CombinedPart,
    combine,
    merge_words,
    value_of,
)
from tracker.models.record import Answer

LAW, ACT, DECREE = (EvidenceVersion(pk=key) for key in (1, 2, 3))
BASE = Answer(
    status="in_progress",
    measures="Law No. 17.",
    assistance_kinds=["training"],
    target_date=date(2027, 6, 30),
    citations=[(LAW, "art. 9")],
)


def some_of(things: list) -> list[list]:
    """Any number of the things, in any order."""
    return [list(chosen) for size in range(len(things) + 1) for chosen in permutations(things, size)]


VALUES = {
    FieldKind.STATUS: ["implemented", "in_progress", "not_applicable"],
    FieldKind.REASON: ["", "other"],
    FieldKind.TEXT: ["", "Law", "Decree"],
    FieldKind.LINE: ["", "Ministry", "Court"],
    FieldKind.ITEMS: some_of(["a", "b", "c"]),
    FieldKind.DATE: [None, date(2027, 6, 30), date(2028, 6, 30)],
    FieldKind.LANGUAGE: ["en", "fr", "ar"],
    FieldKind.CODES: some_of(AssistanceKind.values[:3]),
    FieldKind.YES: [False, True],
}
CITED = [
    list(zip(cited, pinpoints, strict=True))
    for cited in some_of([LAW, ACT, DECREE])
    for pinpoints in product(["", "art. 9", "art. 10"], repeat=len(cited))
]
CHOICES = {field.name: VALUES[field.kind] for field in FIELDS} | {CITATIONS: CITED}


def edits_of(seed: int) -> list[Answer]:
    """An answer and two edits of it, in which few or many fields are changed."""
    random = Random(seed)  # noqa: S311  # a strategy for each field takes ten times as long
    base = {name: random.choice(choices) for name, choices in CHOICES.items()}
    share = random.random()
    changes = [
        {name: random.choice(choices) for name, choices in CHOICES.items() if random.random() < share}
        for _side in ("theirs", "mine")
    ]
    return [Answer(**base | changed) for changed in ({}, *changes)]


edits = st.integers(0, 2**64).map(edits_of)


def parts_of(*sides: Answer) -> set[CombinedPart]:
    found = {CombinedPart(name) for name in DECIDED_TOGETHER if not isinstance(getattr(NO_ANSWER, name), list)}
    for side in sides:
        found |= {
            CombinedPart(name, item) for name in ("assistance_kinds", "items_met") for item in getattr(side, name)
        }
        found |= {CombinedPart(CITATIONS, version) for version, _pinpoint in side.citations}
    return found


# Every field of the table


@pytest.mark.parametrize("name", [field.name for field in FIELDS])
def test_every_field_but_the_mark_is_of_one_part(name):
    assert (name in HEAD_OF) == (name != READY)


@settings(max_examples=times(100, 3000), deadline=None)
@given(edits)
def test_no_change_of_a_side_is_lost_and_only_what_both_changed_is_asked(edits):
    base, theirs, mine = edits
    made = combine(base, theirs, mine)
    for part in parts_of(base, theirs, mine):
        was, their_value, my_value, result = (value_of(side, part) for side in (base, theirs, mine, made.answer))
        is_clash = was not in (their_value, my_value) and their_value != my_value
        assert (part in made.clashes) == is_clash
        if not is_clash:
            assert result == (their_value if my_value == was else my_value)


@settings(max_examples=times(100, 3000), deadline=None)
@given(edits)
def test_a_side_that_changed_nothing_has_no_part_in_it(edits):
    base, other, _mine = edits
    assert combine(base, other, base).answer == other
    assert combine(base, base, other).answer == other
    assert combine(base, other, other).answer == other


@settings(max_examples=times(100, 3000), deadline=None)
@given(edits)
def test_the_same_press_again_changes_nothing(edits):
    """The second press begins from the same version and finds the combination as the newest."""
    base, theirs, mine = edits
    made = combine(base, theirs, mine)
    if not made.clashes:
        again = combine(base, made.answer, mine)
        assert (again.clashes, again.answer) == ((), made.answer)


@settings(max_examples=times(100, 3000), deadline=None)
@given(edits)
def test_which_side_is_mine_does_not_matter_where_nothing_clashes(edits):
    base, theirs, mine = edits
    one, other = combine(base, theirs, mine), combine(base, mine, theirs)
    assert set(one.clashes) == set(other.clashes)
    if not one.clashes:
        assert {part: value_of(one.answer, part) for part in parts_of(theirs, mine)} == {
            part: value_of(other.answer, part) for part in parts_of(theirs, mine)
        }
        assert one.answer.ready == other.answer.ready


@settings(max_examples=times(100, 3000), deadline=None)
@given(edits, st.data())
def test_each_clash_is_resolved_as_chosen(edits, data):
    base, theirs, mine = edits
    made = combine(base, theirs, mine)
    chosen = {part: value_of(data.draw(st.sampled_from([theirs, mine])), part) for part in made.clashes}
    answer = made.resolve(chosen)
    for part in parts_of(base, theirs, mine):
        assert value_of(answer, part) == chosen.get(part, value_of(made.answer, part))


# Examples


def test_what_each_side_changed_is_combined():
    made = combine(
        BASE,
        replace(BASE, target_date=date(2028, 6, 30), difficulties="No trainer."),
        replace(BASE, measures="Law No. 17 of 2022."),
    )
    assert made.clashes == ()
    assert made.answer == replace(
        BASE, measures="Law No. 17 of 2022.", target_date=date(2028, 6, 30), difficulties="No trainer."
    )


def test_evidence_and_kinds_are_combined_item_by_item():
    made = combine(
        BASE,
        replace(BASE, assistance_kinds=["training", "data"], citations=[(LAW, "art. 9"), (ACT, "")]),
        replace(BASE, assistance_kinds=[], citations=[(DECREE, "p. 2")]),
    )
    assert (made.clashes, made.answer.assistance_kinds) == ((), ["data"])
    assert made.answer.citations == [(ACT, ""), (DECREE, "p. 2")]


def test_two_places_in_one_evidence_item_clash():
    made = combine(BASE, replace(BASE, citations=[(LAW, "art. 10")]), replace(BASE, citations=[]))
    assert [part.key for part in made.clashes] == ["citations_1"]
    assert made.resolve({made.clashes[0]: "arts. 9 and 10"}).citations == [(LAW, "arts. 9 and 10")]
    assert made.resolve({made.clashes[0]: None}).citations == []


def test_a_status_is_decided_with_its_reason():
    before = replace(BASE, status="not_applicable", reason_code="other", reasons="None here.")
    made = combine(
        before, replace(before, reason_code="no_such_condition"), replace(before, status="implemented", reason_code="")
    )
    assert made.clashes == (CombinedPart("status"),)
    chosen = made.resolve({CombinedPart("status"): value_of(made.theirs, CombinedPart("status"))})
    assert (chosen.status, chosen.reason_code) == ("not_applicable", "no_such_condition")


def test_fields_that_do_not_fit_together_can_be_asked_about():
    before = replace(BASE, reasons="Costs")
    made = combine(before, replace(before, status="considered_not_taken_up"), replace(before, reasons=""))
    assert (made.clashes, made.answer.reasons) == ((), "")
    asked = made.ask_about(["reasons", "items_met", "citations"])
    assert asked.clashes == (CombinedPart("reasons"),)
    assert asked.resolve({CombinedPart("reasons"): ("Costs",)}).reasons == "Costs"


# The mark


def ready(base: bool, theirs: bool, mine: bool, *, their_words="Law No. 17.", my_words="Law No. 17.") -> bool:
    made = combine(
        replace(BASE, ready=base),
        replace(BASE, ready=theirs, lead_institution=their_words),
        replace(BASE, ready=mine, difficulties=my_words),
    )
    return made.answer.ready


SAME = {"their_words": "", "my_words": ""}


@pytest.mark.parametrize(
    ("marks", "words", "expected"),
    [
        ((False, True, False), SAME, True),
        ((False, False, True), SAME, True),
        ((True, False, True), SAME, False),
        ((True, True, False), SAME, False),
        ((True, True, True), {}, False),  # nobody marked the words of both
        ((False, True, True), {}, False),
        ((False, True, False), {"my_words": ""}, True),
        ((False, False, True), {"my_words": ""}, False),  # the mark was for other words
        ((True, True, False), {"my_words": ""}, False),
        ((False, False, True), {"their_words": ""}, True),
        ((False, True, False), {"their_words": ""}, False),
        ((True, False, True), {"their_words": ""}, False),
    ],
)
def test_words_that_nobody_marked_together_are_not_ready(marks, words, expected):
    assert ready(*marks, **words) is expected


def test_more_evidence_leaves_the_mark():
    theirs = replace(BASE, ready=True, measures="Law No. 17 of 2022.")
    mine = replace(BASE, citations=[*BASE.citations, (ACT, "art. 1")])
    assert combine(BASE, theirs, mine).answer == replace(theirs, citations=mine.citations)
    assert combine(BASE, mine, theirs).answer.ready
    assert not combine(BASE, theirs, replace(BASE, citations=[])).answer.ready


# Both texts


@pytest.mark.parametrize(
    ("theirs", "mine", "expected"),
    [
        ("Acts and means are defined; of 214 inspectors 96 are.", "All acts and means are defined.", None),
        ("Acts and means are defined. Since May.", "New acts and means are defined.", None),
        (
            "Acts and means are defined in law. So.",
            "Acts, purposes and means are defined. So.",
            "Acts, purposes and means are defined in law. So.",
        ),
        (
            "Acts and means are defined. So it is.",
            "Acts and means are defined. So.",
            "Acts and means are defined. So it is.",
        ),
    ],
)
def test_changes_in_different_places_are_both_in_the_text(theirs, mine, expected):
    merged = merge_words("Acts and means are defined. So.", theirs, mine)
    assert merged == (expected or f"{mine}\n\n{theirs}")


@settings(max_examples=times(100, 2000), deadline=None)
@given(*[st.lists(st.sampled_from("abcde"), max_size=8).map(" ".join)] * 3)
def test_no_word_of_either_text_is_lost(base, theirs, mine):
    merged = merge_words(base, theirs, mine)
    new = {word for text in (theirs, mine) for word in text.split()} - set(base.split())
    assert new <= set(merged.split())
    assert merge_words(base, base, mine) == mine
    assert merge_words(base, theirs, base) == theirs
