"""Every figure of a round, counted a second time from the rows in plain Python, over random small worlds."""

import datetime
from collections import Counter

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommendations.models import Recommendation, Theme
from tests.conftest import make_person, make_state
from tests.figures import pair, pairs
from tests.submissions import opened_round, submit_ready
from tests.thorough import times
from tests.worlds import make_respondents, make_round, sealed, take_part
from tracker.actions.record import Answer, save_answer
from tracker.actions.submission import change_use, withdraw_from_round
from tracker.figures.progress import progress_of_others, reasons_not_applicable, round_progress, states_by_theme
from tracker.models import Record, Respondent, Revision, Round, RoundUnit, Submission, SubmissionItem, Use
from tracker.models.respondent import RespondentKind, StateGroup
from tracker.models.status import ReasonCode, Status
from tracker.models.submission import counts_of
from tracker.models.user import Role
from tracker.queries.addressees import respondents_of_round

pytestmark = pytest.mark.django_db

EXAMPLES = times(6, 60)
NOW = datetime.datetime(2026, 11, 24, 14, 2, tzinfo=datetime.UTC)
LABELS = ("I.1", "I.7(a)", "I.13", "II.4", "IV.46(i)", "VI.19", "VIII.1(q)")
TO_CONSIDER = ("I.7(a)", "I.13")

submissions = st.fixed_dictionaries(
    {
        "answers": st.dictionaries(
            st.sampled_from(LABELS), st.sampled_from(["", *Status.values]), max_size=len(LABELS)
        ),
        "is_withdrawn": st.sampled_from([False, False, False, True]),
        "permitted": st.lists(st.booleans(), min_size=1, max_size=2),
    }
)
respondents = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(
            [RespondentKind.STATE, RespondentKind.STATE, RespondentKind.STATE, RespondentKind.EUROPEAN_UNION]
        ),
        "region": st.sampled_from(["", *StateGroup.values]),
        "rounds": st.fixed_dictionaries(
            {"2025": st.lists(submissions, max_size=1), "2026": st.lists(submissions, max_size=3)}
        ),
    }
)
worlds = st.lists(respondents, max_size=6)


BOTH_ROUNDS = {"2025": LABELS, "2026": LABELS}


def build(world, author, scopes=BOTH_ROUNDS) -> None:
    """Put the world into the tables as it is, without an action. Units change their themes between the rounds.

    `scopes`: the labels that each round asks; what a world says of others is not submitted.
    """
    units = {unit.label: unit for unit in Recommendation.objects.with_text().filter(label__in=LABELS)}
    themes = [[theme.slug, theme.name] for theme in Theme.objects.all()]
    everyone = make_respondents(world)
    desk = Respondent.objects.create(code="SECRETARIAT", name="Secretariat", kind=RespondentKind.SECRETARIAT)
    record = Record.everyones.create(respondent=desk, recommendation=units["I.1"])
    revisions = Revision.everyones.bulk_create(
        Revision(
            record=record,
            number=number,
            wording=units["I.1"].current_wording,
            status=status,
            reason_code=ReasonCode.NOT_A_PARTY if status == Status.NOT_APPLICABLE else "",
            reasons="Reasons",
            author=author,
            digest="0" * 64,
        )
        for number, status in enumerate(Status.values, start=1)
    )
    answers = {revision.status: revision for revision in revisions}
    for shift, code in enumerate(("2025", "2026")):
        round_ = make_round(units["I.1"].body, code)
        RoundUnit.objects.bulk_create(
            RoundUnit(
                round=round_,
                unit=units[label],
                position=place + 1,
                themes=[themes[(LABELS.index(label) // 2 + shift) % len(themes)]],
            )
            for place, label in enumerate(scopes[code])
        )
        _submit_for_all(zip(everyone, world, strict=True), round_, scopes[code], units, answers, author)


def _submit_for_all(world, round_: Round, asked, units, revisions, author) -> None:
    made, items, uses = [], [], []
    for respondent, one in world:
        for number, said in enumerate(one["rounds"][round_.code], start=1):
            answered = [(label, status) for label, status in said["answers"].items() if label in asked]
            counts = counts_of(status for _label, status in answered)
            submission = sealed(respondent, round_, number, author, counts=counts)
            made.append((submission, said["is_withdrawn"]))
            items += [
                SubmissionItem(
                    submission=submission,
                    unit=units[label],
                    position=place,
                    wording=units[label].current_wording,
                    revision=revisions.get(status),
                    status=status,
                    digest="0" * 64,
                )
                for place, (label, status) in enumerate(answered)
            ]
            uses += [
                Use(
                    submission=submission,
                    in_aggregates=is_permitted,
                    said_by=author,
                    said_at=NOW + datetime.timedelta(days=day),
                )
                for day, is_permitted in enumerate(said["permitted"])
            ]
    Submission.everyones.bulk_create(submission for submission, _is_withdrawn in made)
    SubmissionItem.everyones.bulk_create(items)
    take_part(made)
    Use.everyones.bulk_create(uses)


def counted_rows(world) -> list[tuple[dict, str, str]]:
    """(respondent, label, status) of what counts: of the newest submission for 2026, if it stands and is permitted."""
    newest = ((one, one["rounds"]["2026"][-1]) for one in world if is_counted(one))
    return [(one, label, status) for one, said in newest for label, status in said["answers"].items()]


def counted_again(rows) -> tuple:
    answered = [(label, status) for _one, label, status in rows if status]
    considered = [label for label, status in answered if status == "considered_not_taken_up"]
    return (
        (len(answered), len(rows)),
        (len(rows) - len(answered), len(rows)),
        {status: (sum(status == said for _label, said in answered), len(answered)) for status in Status.values},
        (sum(label in TO_CONSIDER for label in considered), len(answered)),
        (sum(label not in TO_CONSIDER for label in considered), len(answered)),
    )


def by(rows, key) -> dict:
    groups: dict = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return {of: counted_again(found) for of, found in groups.items()}


def stands(one) -> bool:
    return bool(one["rounds"]["2026"]) and not one["rounds"]["2026"][-1]["is_withdrawn"]


def is_counted(one) -> bool:
    return stands(one) and one["rounds"]["2026"][-1]["permitted"][-1]


@given(world=worlds)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_figure_of_a_round_is_what_the_rows_give(bob, world):
    with transaction.atomic():
        build(world, bob)
        round_ = Round.objects.get(code="2026")
        found = round_progress(round_)
        overall = pairs(found.overall)
        states = [[tuple(cell) for cell in row.answered] for row in states_by_theme(found)]
        others = [progress for _respondent, progress in progress_of_others(found)]
        regions = {one.of: (pair(one.submitted), pairs(one.progress)) for one in found.by_region}
        themes = {part.slug: pairs(part.progress) for part in found.by_theme}
        lattice = {
            (part.slug, region.code): pairs(region.progress)
            for part, regions in found.by_theme_and_region
            for region in regions
        }
        meetings = {part.slug: pairs(part.progress) for part in found.by_meeting}
        strengths = {part.slug: pairs(part.progress) for part in found.by_strength}
        units = {one.unit.label: pairs(one.progress) for one in found.by_unit}
        reasons = {
            unit: [pair(figure) for _reason, figure in told] for unit, told in reasons_not_applicable(found).items()
        }
        of_some = pairs(round_progress(round_, meeting="1").overall)
        frozen = {entry.unit.label: entry.themes[0][0] for entry in round_.units.select_related("unit")}
        nodes = {node.label: node for node in Recommendation.objects.filter(label__in=LABELS).select_related("meeting")}
        transaction.set_rollback(True)

    everything = counted_rows(world)
    of_states = [one for one in world if one["kind"] == RespondentKind.STATE]
    rows = [row for row in everything if row[0]["kind"] == RespondentKind.STATE]
    assert overall == counted_again(rows)
    assert of_some == counted_again([row for row in rows if row[1].startswith("I.")])
    assert themes == by(rows, lambda row: frozen[row[1]])
    groups = {one["region"] for one in of_states}
    by_both = by(rows, lambda row: (frozen[row[1]], row[0]["region"]))
    assert lattice == {(slug, code): by_both.get((slug, code), counted_again([])) for slug in themes for code in groups}
    assert meetings == by(rows, lambda row: str(nodes[row[1]].meeting.number))
    assert strengths == by(rows, lambda row: nodes[row[1]].strength)
    assert units == by(rows, lambda row: row[1])
    assert regions == {
        region or "No regional group": (
            (sum(stands(one) for one in of_states if one["region"] == region), regions_of[region]),
            counted_again([row for row in rows if row[0]["region"] == region]),
        )
        for regions_of in [Counter(one["region"] for one in of_states)]
        for region in regions_of
    }
    assert [pairs(progress) for progress in others] == [
        counted_again([row for row in everything if row[0] is one])
        for one in world
        if one["kind"] != RespondentKind.STATE and is_counted(one)
    ]
    not_applicable = Counter(label for _one, label, status in rows if status == Status.NOT_APPLICABLE)
    assert reasons == {nodes[label].pk: [(count, count)] for label, count in not_applicable.items()}
    assert states == [
        [
            (sum(bool(status) for _one, _label, status in under), len(under))
            for slug in themes
            for under in [[row for row in rows if row[0] is one and frozen[row[1]] == slug]]
        ]
        if is_counted(one)
        else []
        for one in of_states
        if one["rounds"]["2026"]
    ]


# What a State says, through the actions


@pytest.fixture
def round_(bob):
    return opened_round(bob)


def answered(state, unit, by, base=0, **statuses) -> None:
    for label, status in statuses.items():
        reason = {"reasons": "Reasons", "reason_code": "not_a_party" if status == "not_applicable" else ""}
        said = Answer(status=status, ready=True, **reason)
        save_answer(respondent=state, unit=unit(label), base=base, answer=said, by=by)


@pytest.fixture
def both(xaa, xbb, alice, charlie, round_, unit):
    """XAA says that II.4 is implemented, XBB that it has considered it, and I.7(a), and took neither up."""
    answered(xaa, unit, alice, **{"II.4": "implemented"})
    considered = dict.fromkeys(("II.4", "I.7(a)"), "considered_not_taken_up")
    answered(xbb, unit, charlie, **considered)
    return submit_ready(xaa, round_, alice), submit_ready(xbb, round_, charlie)


def test_no_information_not_applicable_and_not_taken_up_are_never_merged(both, round_):
    overall = round_progress(round_).overall
    assert pair(overall.response_rate) == (3, 460)
    assert pair(overall.no_information) == (457, 460)
    assert {status.value: pair(figure) for status, figure in overall.distribution.items()} == {
        "implemented": (1, 3),
        "considered_not_taken_up": (2, 3),
        "partially_implemented": (0, 3),
        "in_progress": (0, 3),
        "not_started": (0, 3),
        "not_applicable": (0, 3),
    }
    assert (pair(overall.considered_where_asked), pair(overall.considered_elsewhere)) == ((1, 3), (1, 3))


def test_a_figure_says_when_and_of_which_round(both, round_):
    found = round_progress(round_)
    for figure in (found.submitted, found.overall.response_rate, found.by_unit[0].implemented):
        assert (figure.at, figure.source) == (found.at, "Submissions of round 2026")


def test_a_living_answer_is_in_no_figure(both, round_, xaa, alice, unit):
    before = round_progress(round_).overall.counts
    answered(xaa, unit, alice, **{"I.1": "not_started"})
    assert round_progress(round_).overall.counts == before


def test_the_permission_of_today_applies(both, round_, alice, charlie):
    change_use(submission=both[1], in_aggregates=False, quoted=True, published=True, by=charlie)
    found = round_progress(round_)
    assert (pair(found.submitted), pair(found.left_out)) == ((2, 2), (1, 2))
    assert pair(found.overall.response_rate) == (1, 230)
    change_use(submission=both[1], in_aggregates=True, quoted=False, published=False, by=charlie)
    assert pair(round_progress(round_).overall.response_rate) == (3, 460)


def test_of_many_the_newest_counts_and_withdrawing_it_revives_none(both, round_, xaa, alice, unit):
    answered(xaa, unit, alice, **{"I.1": "not_started"})
    second = submit_ready(xaa, round_, alice)
    assert pair(round_progress(round_).overall.response_rate) == (4, 460)
    withdraw_from_round(submission=second, reason="An error.", by=alice)
    found = round_progress(round_)
    assert (pair(found.submitted), pair(found.withdrawn)) == ((1, 2), (1, 2))
    assert pair(found.overall.response_rate) == (2, 230)


def test_a_round_keeps_the_themes_with_which_it_was_opened(both, round_, unit):
    moved = unit("II.4")
    before = [(part.slug, pairs(part.progress)) for part in round_progress(round_).by_theme]
    moved.primary_theme = Theme.objects.exclude(pk=moved.primary_theme_id).last()
    moved.secondary_theme = None
    moved.save()
    assert [(part.slug, pairs(part.progress)) for part in round_progress(round_).by_theme] == before


def test_gaps_say_of_how_many(both, round_):
    found = round_progress(round_)
    told = [(one.unit.label, pair(one.implemented)) for one in found.most_not_implemented]
    assert told == [("I.7(a)", (0, 1)), ("II.4", (1, 2))]
    assert [(one.unit.label, pair(one.progress.no_information)) for one in found.most_unanswered[-1:]] == [
        ("I.7(a)", (1, 2))
    ]
    assert len(found.most_unanswered) == 229
    assert [one.unit.label for one in found.most_considered_where_asked] == ["I.7(a)"]
    assert [one.unit.label for one in found.most_considered_elsewhere] == ["II.4"]
    assert found.most_not_applicable == []


@pytest.mark.parametrize("states", [1, 4])
def test_figures_take_as_many_queries_for_many_states(states, round_, bob, unit, django_assert_num_queries):
    for number in range(states):
        state = make_state(f"X{chr(65 + number)}Z", f"Land {number}")
        person = make_person(f"person{number}", Role.FOCAL_POINT, state)
        answered(state, unit, person, **{"II.4": "implemented"})
        submit_ready(state, round_, person)
    with django_assert_num_queries(6):
        assert pair(round_progress(round_).overall.response_rate) == (states, 230 * states)
    with django_assert_num_queries(5):  # the submissions have been read
        found = round_progress(round_)
        assert pair(found.overall.response_rate) == (states, 230 * states)
    with django_assert_num_queries(0):
        assert len(states_by_theme(found)) == states


def test_whom_a_round_asks_depends_on_its_scope(bob, xaa):
    Respondent.objects.create(code="SECRETARIAT", name="Secretariat", kind=RespondentKind.SECRETARIAT)
    no_party = make_state("XDD", "Dorvania", treaty_status="not_party")
    assert [one.code for one in respondents_of_round(opened_round(bob))] == ["XAA", "XDD", "SECRETARIAT"]
    labels = {unit.label for unit in no_party.units_to_answer()}
    second = opened_round(bob, code="2027", meetings=[8])
    assert not labels & set(second.units.values_list("unit__label", flat=True))
    assert [one.code for one in respondents_of_round(second)] == ["XAA"]
