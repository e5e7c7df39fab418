"""Every figure, counted a second time from the raw rows, over random worlds."""

import datetime
import json

import pytest
from django.conf import settings as site
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import make_person, make_state, save_for_xaa
from tests.figures import pair, pairs
from tests.thorough import times
from tracker.figures.answers import LIVING_RECORD, figures
from tracker.models import Record, Revision
from tracker.models.answer_fields import AssistanceKind
from tracker.models.status import Status
from tracker.models.user import Role
from tracker.queries.desk.units import unit_rows

pytestmark = pytest.mark.django_db

NOW = datetime.datetime(2026, 11, 24, 14, 2, tzinfo=datetime.UTC)
DAYS = st.dates(datetime.date(2026, 11, 20), datetime.date(2026, 11, 28))

answers = st.fixed_dictionaries(
    {
        "status": st.sampled_from(Status.values),
        "ready": st.booleans(),
        "assistance_kinds": st.lists(st.sampled_from(AssistanceKind.values), max_size=3),
        "assistance": st.sampled_from(["", "Training of judges"]),
        "target_date": st.none() | DAYS,
    }
)
# By the place of a unit among those that a State may answer: its answers, oldest first.
worlds = st.dictionaries(st.integers(0, 230), st.lists(answers, min_size=1, max_size=2), max_size=60)


def record(respondent, author, world):
    """Put a world's answers into the tables as they are, without an action."""
    units = list(respondent.units_open().select_related("current_wording").order_by("position"))
    for place, given_answers in world.items():
        kept = Record.everyones.create(respondent=respondent, recommendation=units[place])
        for number, said in enumerate(given_answers, start=1):
            reason = "not_a_party" if said["status"] == "not_applicable" else ""
            kept.current = Revision.everyones.create(
                record=kept,
                number=number,
                wording=units[place].current_wording,
                reason_code=reason,
                reasons="Reasons",
                author=author,
                digest="0" * 64,
                **said,
            )
        kept.save()


def raw_rows(respondent) -> list[dict]:
    """The units asked of a party, with what stands in the tables: joined in SQL, addressees read from the fixture."""
    nodes = json.loads((site.BASE_DIR / "fixtures" / "annotations.json").read_text())["nodes"]
    to_states = {"states_parties", "states", "member_states"}
    asked = {node["label"] for node in nodes if node["unit"] and to_states & set(node["addressees"])}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT n.label, n.asks_to_consider, t.slug, m.number, v.status, v.ready, v.assistance_kinds, v.assistance,
                   v.target_date
            FROM recommendations_recommendation n
            JOIN recommendations_theme t ON t.id = n.primary_theme_id
            JOIN recommendations_meeting m ON m.id = n.meeting_id
            LEFT JOIN tracker_record r ON r.recommendation_id = n.id AND r.respondent_id = %s
            LEFT JOIN tracker_revision v ON v.id = r.current_id
            """,
            [respondent.pk],
        )
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [row for row in rows if row["label"] in asked]


def counted_again(rows) -> tuple:
    answered = [row for row in rows if row["status"]]
    considered = [row for row in answered if row["status"] == "considered_not_taken_up"]
    return (
        (len(answered), len(rows)),
        (len(rows) - len(answered), len(rows)),
        {status: (sum(row["status"] == status for row in answered), len(answered)) for status in Status.values},
        (sum(bool(row["asks_to_consider"]) for row in considered), len(answered)),
        (sum(not row["asks_to_consider"] for row in considered), len(answered)),
    )


def figures_of(respondent, reader):
    return figures(unit_rows(respondent, reader).to_answer, NOW)


@given(world=worlds, elsewhere=worlds)
@settings(max_examples=times(6, 12), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_figure_is_what_the_raw_rows_give(xaa, xbb, alice, charlie, world, elsewhere):
    with transaction.atomic():
        record(xaa, alice, world)
        record(xbb, charlie, elsewhere)
        found, rows = figures_of(xaa, alice), raw_rows(xaa)
        transaction.set_rollback(True)

    answered = [row for row in rows if row["status"]]
    kinds = [json.loads(row["assistance_kinds"]) for row in answered]
    needed = [row for row, of_row in zip(answered, kinds, strict=True) if of_row or row["assistance"]]
    unfinished = [row for row in answered if row["status"] in {"not_started", "in_progress", "partially_implemented"}]
    dated = [row for row in unfinished if row["target_date"]]
    ready = sum(bool(row["ready"]) for row in answered)

    assert pairs(found.overall) == counted_again(rows)
    assert {group.of.slug: pairs(group.progress) for group in found.by_theme} == {
        slug: counted_again([row for row in rows if row["slug"] == slug]) for slug in {row["slug"] for row in rows}
    }
    assert {group.of.number: pairs(group.progress) for group in found.by_meeting} == {
        number: counted_again([row for row in rows if row["number"] == number])
        for number in {row["number"] for row in rows}
    }
    assert pair(found.ready) == (ready, len(answered))
    assert pair(found.unready) == (len(answered) - ready, len(answered))
    assert pair(found.assistance_needed) == (len(needed), len(answered))
    assert {kind.value: pair(figure) for kind, figure in found.assistance.items()} == {
        kind: (sum(kind in of_row for of_row in kinds), len(answered)) for kind in AssistanceKind.values
    }
    assert pair(found.target_dated) == (len(dated), len(unfinished))
    assert pair(found.overdue) == (sum(str(row["target_date"]) < "2026-11-24" for row in dated), len(dated))


def test_without_answers_everything_is_no_information_and_nothing_is_a_share_of_nothing(xaa, alice):
    found = figures_of(xaa, alice)
    assert pair(found.overall.response_rate) == (0, 230)
    assert pair(found.overall.no_information) == (230, 230)
    assert {pair(figure) for figure in found.overall.distribution.values()} == {(0, 0)}


def test_considered_not_taken_up_is_given_in_two(xaa, alice, unit):
    for label in ("I.7(a)", "II.4"):  # the first asks to consider; of the second a further clause says should
        save_for_xaa(label, Status.CONSIDERED_NOT_TAKEN_UP, reasons="Considered in 2024.")
    overall = figures_of(xaa, alice).overall
    assert overall.counts["considered_not_taken_up"] == 2
    assert (pair(overall.considered_where_asked), pair(overall.considered_elsewhere)) == ((1, 2), (1, 2))


def test_an_answer_beyond_what_is_asked_is_in_no_figure(xaa, alice, unit):
    before = figures_of(xaa, alice)
    save_for_xaa("I.2")
    assert figures_of(xaa, alice) == before


def test_a_figure_says_when_and_from_what_it_was_counted(xaa, alice):
    rate = figures_of(xaa, alice).overall.response_rate
    assert (rate.at, rate.source) == (NOW, LIVING_RECORD)


def test_units_of_a_group_add_up_to_those_asked(xaa, alice):
    found = figures_of(xaa, alice)
    for groups in (found.by_theme, found.by_meeting):
        assert sum(group.progress.total for group in groups) == found.overall.total


def test_of_a_state_that_is_no_party_less_is_asked(db):
    state = make_state("XDD", "Dorvania", treaty_status="not_party")
    darya = make_person("darya", Role.FOCAL_POINT, state)
    assert pair(figures_of(state, darya).overall.response_rate) == (0, 25)
