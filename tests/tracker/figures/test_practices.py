"""The good practices of a round, counted a second time from the rows in plain Python; and which of them are shared."""

import pytest
from django.core.exceptions import FieldFetchBlocked
from django.db import transaction
from hypothesis import HealthCheck, given, settings

from recommendations.models import Addressee
from tests.conftest import make_person, make_state
from tests.evidence_items import add_item
from tests.figures import pair
from tests.removals import remove_words
from tests.submissions import opened_round, submit_ready
from tests.thorough import times
from tests.worlds import LABELS, build, counted, worlds
from tracker.actions.evidence import EvidenceDetails, change_evidence
from tracker.actions.record import Answer, save_answer
from tracker.actions.submission import change_use, withdraw_from_round
from tracker.figures.practices import evidence_of, practices, shared_practices
from tracker.figures.progress import round_progress
from tracker.models import SubmissionItem
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

EXAMPLES = times(6, 60)


def pairs(row) -> tuple:
    return pair(row.practices), pair(row.shared), pair(row.states)


def counted_again(answers, states: int) -> tuple:
    """`answers` are (place of the State, answer), of which some are practices."""
    named = [(place, answer["practice"]) for place, answer in answers if answer["practice"]]
    shared = sum(practice == "shared" for _place, practice in named)
    return (len(named), len(answers)), (shared, len(named)), (len({place for place, _practice in named}), states)


@given(world=worlds)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_figure_of_the_practices_is_what_the_rows_give(bob, world):
    with transaction.atomic():
        found = practices(round_progress(build(world, bob)))
        overall = pairs(found.overall)
        themes = [pairs(row) for row in found.by_theme]
        families = {row.slug: pairs(row) for row in found.by_family}
        regions = {str(row.of): pairs(row) for row in found.by_region}
        listed = [(row.standing.respondent.name, row.entry.unit.label, row.is_shared) for row in found.rows]
        frozen = {entry.unit.label: dict(entry.families) for entry in found.found.scope}
        transaction.set_rollback(True)

    standing = counted(world)
    answers = [
        (place, one, label, said["answers"][label])
        for place, one, said in standing
        for label in LABELS
        if said["answers"].get(label)
    ]

    def again(keeps, states=None):
        states = len(standing) if states is None else states
        return counted_again([(place, answer) for place, *_of, answer in answers if keeps(*_of)], states)

    assert listed == [
        (f"Land {place}", label, answer["practice"] == "shared")
        for place, _one, label, answer in answers
        if answer["practice"]
    ]
    assert overall == again(lambda one, label: True)
    assert themes == [
        again(lambda one, label, theme=theme: label in LABELS[theme::2])
        for theme in range(2)
        if any(label in said["answers"] for _place, _one, said in standing for label in LABELS[theme::2])
    ]
    assert families == {
        slug: again(lambda one, label, slug=slug: slug in frozen[label])
        for slug in {slug for _place, _one, label, _answer in answers for slug in frozen[label]}
    }
    assert regions == {
        region or "No regional group": again(
            lambda one, label, region=region: one["region"] == region,
            sum(one["region"] == region for _place, one, _said in standing),
        )
        for region in {one["region"] for _place, one, _said in standing}
    }


# What States share, through the actions


@pytest.fixture
def round_(bob):
    return opened_round(bob, meetings=[1, 2])


def practised(state, unit, by, base=0, label="II.4", shared=True, **said) -> None:
    """Saved as a good practice, shared or not."""
    words = {"measures": "Mobile teams.", "difficulties": "Few cars.", "reasons": "", "assistance": "Cars."} | said
    answer = Answer(status="implemented", ready=True, good_practice=True, good_practice_shared=shared, **words)
    save_answer(respondent=state, unit=unit(label), base=base, answer=answer, by=by)


@pytest.fixture
def submission(xaa, alice, round_, unit):
    practised(xaa, unit, alice)
    practised(xaa, unit, alice, label="I.13", shared=False)
    return submit_ready(xaa, round_, alice)


def told(reader, unit=None) -> list[tuple]:
    return [(one.respondent.name, one.unit.label, one.words) for one in shared_practices(reader, unit)]


def test_a_shared_practice_is_shown_to_anyone_with_a_role(submission, unit, alice, bob, charlie, dana, erin, xbb):
    shared = [("Arandia", "II.4", "Mobile teams.")]
    viewer = make_person("victor", Role.VIEWER, xbb)
    assert [told(person) for person in (alice, bob, charlie, dana, erin, viewer)] == [shared] * 6
    assert told(make_person("nobody")) == []
    assert told(charlie, unit("II.4")) == shared
    assert told(charlie, unit("I.13")) == []


@pytest.mark.parametrize("name", ["difficulties", "assistance", "reasons", "lead_institution", "status", "salts"])
def test_a_shared_practice_shows_only_the_words_of_the_answer(name, submission, charlie):
    item = SubmissionItem.objects.shared_practices(charlie).get()
    assert (item.revision.measures, item.submission.reference) == ("Mobile teams.", "XAA/2026/1")
    with pytest.raises(FieldFetchBlocked):
        getattr(item.revision, name)


def test_a_shared_practice_shows_only_reference_and_date_of_submission(submission, charlie):
    item = SubmissionItem.objects.shared_practices(charlie).get()
    for thing, name in ((item, "status"), (item.submission, "counts"), (item.submission, "note_verbale")):
        with pytest.raises(FieldFetchBlocked):
            getattr(thing, name)


def test_a_practice_that_is_not_submitted_is_not_shown(xaa, alice, charlie, round_, unit):
    practised(xaa, unit, alice)
    assert told(charlie) == []


def test_a_practice_that_is_not_shared_any_more_is_gone_at_once(submission, xaa, alice, charlie, round_, unit):
    practised(xaa, unit, alice, base=1, shared=False)
    assert len(told(charlie)) == 1
    submit_ready(xaa, round_, alice)
    assert told(charlie) == []


def test_what_a_later_round_says_of_the_unit_counts(submission, xaa, alice, bob, charlie, unit):
    second = opened_round(bob, code="2027", meetings=[2])
    practised(xaa, unit, alice, base=1, shared=False)
    later = submit_ready(xaa, second, alice)
    assert told(charlie) == []
    withdraw_from_round(submission=later, reason="An error.", by=alice)
    assert told(charlie) == []


def test_a_later_round_that_asks_for_other_units_takes_nothing_back(submission, xaa, alice, bob, charlie, unit):
    practised(xaa, unit, alice, label="VIII.1(q)", shared=False)
    submit_ready(xaa, opened_round(bob, code="2027", meetings=[8]), alice)
    assert told(charlie) == [("Arandia", "II.4", "Mobile teams.")]


def test_what_the_round_asks_the_state_no_more_is_not_shared(submission, xaa, alice, charlie, round_, unit):
    practised(xaa, unit, alice, label="I.14")
    submit_ready(xaa, round_, alice)
    assert [label for _name, label, _words in told(charlie)] == ["I.14", "II.4"]
    unit("II.4").addressees.set(Addressee.objects.filter(code="secretariat"))
    practised(xaa, unit, alice, base=1, label="I.14")
    submit_ready(xaa, round_, alice)
    assert [label for _name, label, _words in told(charlie)] == ["I.14"]


def test_withdrawing_a_submission_takes_its_practices_back_and_revives_none(
    submission, xaa, alice, charlie, round_, unit
):
    practised(xaa, unit, alice, base=1, measures="Better teams.")
    second = submit_ready(xaa, round_, alice)
    assert told(charlie) == [("Arandia", "II.4", "Better teams.")]
    withdraw_from_round(submission=second, reason="An error.", by=alice)
    assert told(charlie) == []


def test_words_that_identified_a_victim_are_gone(submission, xaa, alice, charlie, erin):
    remove_words("Mobile teams.", xaa, alice, erin)
    assert told(charlie) == []


def test_a_practice_counts_only_where_the_state_permits_it(submission, alice, bob, round_):
    assert [pair(practices(round_progress(round_)).overall.practices)] == [(2, 2)]
    change_use(submission=submission, in_aggregates=False, quoted=True, published=False, by=alice)
    assert [pair(practices(round_progress(round_)).overall.practices)] == [(0, 0)]


# Its evidence


def piece(state, by, disclosure: str, citation: str = "OG 12"):
    return add_item(state, by, citation=citation, disclosure=disclosure)


def disclosed(version, disclosure: str, by, citation: str = "OG 12"):
    """The next version of a piece."""
    details = EvidenceDetails(title="Act", kind="law", language="en", citation=citation, disclosure=disclosure)
    return change_evidence(evidence=version.evidence, base=version.base, by=by, details=details)


def evidence_told(reader) -> list[str]:
    shared = shared_practices(reader)
    found = evidence_of(shared, reader)
    return [piece.citation.evidence_version.citation for one in shared for piece in found[one.item.pk]]


@pytest.mark.parametrize(
    ("first", "before", "after", "is_shown"),
    [
        ("state", "", "", False),
        ("secretariat", "", "", False),
        ("public", "", "", True),
        ("state", "public", "", True),
        ("secretariat", "public", "", True),
        ("state", "", "public", False),
        ("secretariat", "", "public", False),
        ("public", "", "secretariat", False),
    ],
)
def test_evidence_is_shown_that_was_public_when_submitted_and_is_public(
    first, before, after, is_shown, xaa, alice, charlie, round_, unit
):
    law = piece(xaa, alice, first)
    practised(xaa, unit, alice, citations=[(law, "article 9")])
    if before:
        disclosed(law, before, alice)
    submit_ready(xaa, round_, alice)
    if after:
        disclosed(law, after, alice)
    assert evidence_told(charlie) == ["OG 12"] * is_shown


@pytest.mark.parametrize("first", ["state", "secretariat"])
def test_what_a_public_version_has_replaced_is_not_let_out(first, xaa, alice, charlie, round_, unit):
    law = piece(xaa, alice, first, citation="OG 12, with the names")
    practised(xaa, unit, alice, citations=[(law, "")])
    disclosed(law, "public", alice, citation="OG 12")
    submit_ready(xaa, round_, alice)
    assert evidence_told(charlie) == []


@pytest.mark.parametrize("states", [1, 4])
def test_practices_take_as_many_queries_for_many_states(states, round_, unit, bob, django_assert_num_queries):
    for number in range(states):
        state = make_state(f"X{chr(65 + number)}Z", f"Land {number}")
        person = make_person(f"person{number}", Role.FOCAL_POINT, state)
        practised(state, unit, person, citations=[(piece(state, person, "public"), "")])
        submit_ready(state, round_, person)
    progress = round_progress(round_)
    with django_assert_num_queries(1):
        assert pair(practices(progress).overall.practices) == (states, states)
    assert bob.current_memberships
    shared = shared_practices(bob)  # reads the texts
    with django_assert_num_queries(3):
        shared = shared_practices(bob)
        assert sum(map(len, evidence_of(shared, bob).values())) == states
