"""The filters of the task list: each by itself and together, against a second computation in plain Python."""

import datetime
import itertools
from functools import cache

import pytest
from django.http import QueryDict
from django.utils import timezone

from tests.conftest import arandia, make_person, make_state
from tests.evidence_items import add_item
from tests.submissions import opened_round
from tests.thorough import in_turn
from tracker.actions.record import Answer, save_answer
from tracker.demo.clock import on_day
from tracker.forms.filters import UnitFilter
from tracker.models import Confirmation
from tracker.models.respondent import TreatyStatus
from tracker.models.status import NO_INFORMATION, Status
from tracker.models.user import Role
from tracker.queries.desk.units import unit_rows

pytestmark = pytest.mark.django_db

LONG_AGO = datetime.datetime(2025, 3, 31, 23, 59, tzinfo=datetime.UTC)


@pytest.fixture(scope="module")
def rows_of(for_the_module):
    """All of a desk, read once for each: a filter only chooses among them."""
    return cache(unit_rows)


@pytest.fixture(scope="module")
def recorded(rows_of):
    """Sixty of the 230 units answered, in every status, half of them ready, a third with evidence, some long ago."""
    xaa = arandia()
    alice = make_person("alice", Role.FOCAL_POINT, xaa)
    law = add_item(xaa, alice, "Penal Code", citation="Act No. 7 of 2019")
    alice.memberships.update(since=LONG_AGO.date())
    statuses = itertools.cycle(Status.values)
    with pytest.MonkeyPatch.context() as patch:
        for number, unit in enumerate(xaa.units_to_answer().with_text().order_by("position")[:60]):
            status = next(statuses)
            if number == 50:
                patch.setattr(timezone, "now", lambda: LONG_AGO)
            save_answer(
                respondent=xaa,
                unit=unit,
                base=0,
                by=alice,
                answer=Answer(
                    status=status,
                    reason_code="date_has_passed" if status == Status.NOT_APPLICABLE else "",
                    reasons="Considered by the Cabinet." if status == Status.CONSIDERED_NOT_TAKEN_UP else "",
                    measures=f"Measure number {number} of the Council’s plan.",
                    lead_institution="Ministère de l'Intérieur" if number % 2 else "",
                    ready=number % 2 == 0,
                    citations=[(law, "")] if number % 3 == 0 else [],
                ),
            )
    return list(rows_of(xaa, alice).to_answer)


@pytest.fixture
def tasks(recorded, rows_of, xaa, alice):
    """The filter, by query string, as a focal point has it."""
    rows = rows_of(xaa, alice)
    return lambda query="": UnitFilter(QueryDict(query), *rows)


@pytest.fixture
def tasks_of(db):
    """The same of any State and person."""
    return lambda query, respondent, by: UnitFilter(QueryDict(query), *unit_rows(respondent, by))


def labels(rows):
    return [row.unit.label for row in rows]


def shown(tasks, query):
    return labels(tasks(query).shown)


def those(rows, keep):
    return [row.unit.label for row in rows if keep(row)]


FILTERS = {
    "status=implemented": lambda row: row.revision and row.revision.status == "implemented",
    "status=not_started&status=no_information": lambda row: not row.revision or row.revision.status == "not_started",
    "ready=yes": lambda row: row.revision and row.revision.ready,
    "ready=no": lambda row: row.revision and not row.revision.ready,
    "ready=yes&ready=no": lambda row: row.revision is not None,
    "evidence=yes": lambda row: row.evidence_count == 1,
    "evidence=no": lambda row: row.evidence_count == 0,
    "meeting=1": lambda row: row.unit.label.startswith("I."),
    "meeting=4&meeting=5": lambda row: row.unit.label.split(".")[0] in ("IV", "V"),
    "theme=compensation": lambda row: (
        "compensation" in [theme.slug for theme in (row.unit.primary_theme, row.unit.secondary_theme) if theme]
    ),
    "strength=shall": lambda row: row.unit.strength == "shall",
    "family=shelter": lambda row: row.unit.memberships.filter(
        family__slug="shelter", kind__in=["full", "partial"]
    ).exists(),
    "since=2025-04-01": lambda row: row.revision and row.revision.created_at.year > 2025,
    "since=2025-03-31": lambda row: row.revision is not None,
    "since=2099-01-01": lambda row: False,
    "status=implemented&ready=yes&evidence=yes&meeting=1": lambda row: (
        row.unit.meeting.number == 1
        and row.revision
        and row.revision.status == "implemented"
        and row.revision.ready
        and row.evidence_count
    ),
}


@pytest.mark.parametrize("query", FILTERS)
def test_a_filter_keeps_what_it_says_in_paper_order(recorded, tasks, query):
    expected = those(recorded, FILTERS[query])
    assert shown(tasks, query) == expected
    assert (len(expected) > 0) == (query != "since=2099-01-01")


TODAY = datetime.date(2026, 12, 3)
DATES = {
    "target=passed": ["I.12(a)"],
    "target=soon": ["I.13", "I.14", "II.8"],
    "target=later": ["II.9"],
    "target=none": ["II.49"],
    "situation=old": ["II.9", "II.49"],
}


@pytest.mark.parametrize("query", DATES)
def test_answers_are_found_by_target_date_and_age_of_their_situation(query, tasks_of, xbb, charlie, bob, unit):
    """Without a date of the situation the day of the save counts; a later confirmation counts for both."""
    day = datetime.timedelta(days=1)

    def save(label, status="in_progress", **values):
        return save_answer(respondent=xbb, unit=unit(label), base=0, answer=Answer(status=status, **values), by=charlie)

    with on_day(TODAY - 366 * day):
        charlie.memberships.update(since=timezone.localdate())
        save("II.49")
        confirmed = save("I.16(a)", "implemented", measures="Act.")
    with on_day(TODAY):
        for label, days in {"I.12(a)": -1, "I.13": 0, "I.14": 1, "II.8": 90, "II.9": 91}.items():
            age = 366 if label == "II.9" else 365
            save(label, target_date=TODAY + days * day, situation_as_at=TODAY - age * day)
        save("I.7(a)", "implemented", measures="Act.", target_date=TODAY - day)
        Confirmation.everyones.create(revision=confirmed, round=opened_round(bob), as_at=TODAY, author=charlie)
        assert labels(tasks_of(query, xbb, charlie).shown) == DATES[query]


def test_without_filters_all_units_asked_are_shown(recorded, tasks):
    assert shown(tasks, "") == labels(recorded)
    assert tasks("").chosen_filter_list == []


def test_a_label_is_found_by_its_beginning(tasks):
    assert shown(tasks, "q=iv.46(i)") == ["IV.46(i)"]
    assert shown(tasks, "q=V.46(i)") == []
    assert {label.split(".")[0] for label in shown(tasks, "q=i.2")} == {"I"}


def test_the_text_is_searched_whatever_the_case(tasks, recorded):
    assert shown(tasks, "q=bLUE+hEART") == those(recorded, lambda row: "Blue Heart" in row.unit.text)


def test_items_answered_with_a_chapeau_are_searched_with_it(tasks):
    assert shown(tasks, "q=sue+offenders") == ["IV.46(i)"]


def test_a_chapeau_helps_to_find_its_items_and_is_not_enough(tasks):
    in_chapeau = "q=prevention+awareness-raising+"
    assert "I.7(a)" in shown(tasks, in_chapeau + "curricula")
    assert "I.7(a)" not in shown(tasks, in_chapeau)


def test_the_answer_is_searched_whatever_the_apostrophe_and_the_composition_of_letters(tasks, recorded):
    assert shown(tasks, "q=number+59") == those(recorded, lambda row: row.revision and "59" in row.revision.measures)
    assert len(shown(tasks, "q=council's plan")) == 60
    assert len(shown(tasks, "q=l’inte%CC%81rieur")) == 30
    assert len(shown(tasks, "q=cabinet")) == 10


QUERIES = [
    "",
    "status=implemented",
    "status=implemented&status=in_progress&ready=yes",
    "q=states&meeting=2&theme=demand",
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_count_is_what_selecting_would_show(recorded, tasks, query):
    """A box that is not selected, in a facet where none is: its count is the number of rows that it would leave. In a
    facet with boxes selected it is what the box would add. By default each box is selected after one of the queries.
    """
    there = tasks(query)
    for facet in there.facet_list:
        without = [pair for pair in query.split("&") if not pair.startswith(f"{facet.name}=")]
        for place, option in enumerate(facet.options):
            if query not in in_turn(QUERIES, place):
                continue
            selected = tasks("&".join([*filter(None, without), f"{facet.name}={option.value}"]))
            assert (facet.name, option.value, option.count) == (facet.name, option.value, len(selected.shown))


def test_every_status_has_its_box_with_no_information_last_even_at_nought(tasks_of, xbb, charlie):
    status = tasks_of("", xbb, charlie).show_facet("status")
    assert [(option.value, option.count) for option in status.options] == [
        *((code, 0) for code in Status.values),
        (NO_INFORMATION, 230),
    ]


def test_a_filter_without_two_values_that_have_results_is_left_out(tasks_of, tasks, xbb, charlie):
    def names(filtered):
        return [facet.name for facet in filtered.facet_list]

    texts = ["meeting", "theme", "strength", "family", "dates"]
    assert names(tasks_of("", xbb, charlie)) == texts, "nothing is answered or assigned"
    assert names(tasks("")) == ["ready", "status", "meeting", "evidence", "situation", *texts[1:]]
    assert names(tasks("status=not_started&meeting=2")) == names(tasks("")), "of the whole list"


def test_a_filter_in_use_is_never_left_out(tasks_of, xbb, charlie):
    in_use = tasks_of("status=implemented", xbb, charlie)
    assert in_use.facet_list[0].name == "status"
    assert [option.value for option in in_use.facet_list[0].options if option.checked] == ["implemented"]
    wrong = tasks_of("ready=maybe", xbb, charlie)
    assert [facet.name for facet in wrong.facet_list if facet.errors] == ["ready"]


def test_what_is_ticked_is_checked_and_its_facet_open(tasks):
    facets = {facet.name: facet for facet in tasks("theme=demand").facet_list}
    assert [option.value for option in facets["theme"].options if option.checked] == ["demand"]
    assert (facets["theme"].closed, facets["family"].closed, facets["status"].closed) == (False, True, False)


def test_each_chip_takes_away_one_filter_and_keeps_the_rest(recorded, tasks):
    query = "q=states&status=implemented&status=in_progress&since=2025-04-01&group=meeting"
    chips = tasks(query).chosen_filter_list
    assert [chip.words for chip in chips] == [
        "Search: “states”",
        "Status: Implemented",
        "Status: In progress",
        "Changed since: 1 April 2025",
    ]
    assert [chip.url for chip in chips] == [
        "?status=implemented&status=in_progress&since=2025-04-01&group=meeting",
        "?q=states&status=in_progress&since=2025-04-01&group=meeting",
        "?q=states&status=implemented&since=2025-04-01&group=meeting",
        "?q=states&status=implemented&status=in_progress&group=meeting",
    ]
    assert tasks(query).links["cleared"] == "?group=meeting"


def test_grouping_and_the_other_list_keep_the_filters(tasks):
    links = tasks("status=implemented&group=meeting&units=others").links
    assert links["theme"] == "?status=implemented&units=others"
    assert links["asked"] == "?status=implemented&group=meeting"
    assert tasks("status=implemented").links["meeting"] == "?status=implemented&group=meeting"
    assert tasks("status=implemented").links["others"] == "?status=implemented&units=others"


def test_units_that_are_not_asked_are_listed_apart_and_counted_apart(tasks_of):
    corvania = make_state("XCC", "Corvania", treaty_status=TreatyStatus.NOT_PARTY)
    corin = make_person("corin", Role.FOCAL_POINT, corvania)
    asked, others = (tasks_of(query, corvania, corin) for query in ("meeting=4", "meeting=4&units=others"))
    assert (len(asked.shown), len(asked.listed), len(asked.shown_apart)) == (2, 25, 45)
    assert (len(others.shown), len(others.listed), len(others.shown_apart)) == (45, 206, 2)
    counts = {
        tasks_: [option.count for facet in each.facet_list if facet.name == "meeting" for option in facet.options]
        for tasks_, each in (("asked", asked), ("others", others))
    }
    assert (sum(counts["asked"]), sum(counts["others"])) == (25, 206)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=done", "status"),
        ("theme=demand&theme=%00", "theme"),
        ("since=yesterday", "since"),
        ("since=2026-02-30", "since"),
        ("q=%00", "q"),
        (f"q={'x' * 201}", "q"),
        ("group=colour", "group"),
        ("units=all", "units"),
        ("unit=I-13&unit=none", "unit"),
        ("section=demand&section=colour", "section"),
    ],
)
def test_a_value_that_cannot_be_used_is_an_error_and_shows_nothing(tasks, query, field):
    there = tasks(query)
    assert list(there.form.errors) == [field]
    assert (there.shown, there.targets) == ([], [])


def test_a_selection_stays_while_filters_change_and_is_what_actions_are_for(tasks):
    there = tasks("unit=II-8&unit=I-13&meeting=1")
    assert [row.unit.label for row in there.selected] == ["I.13", "II.8"]
    assert [row.unit.label for row in there.selected_elsewhere] == ["II.8"]
    assert there.targets == there.selected
    assert len(there.shown) == len(tasks("meeting=1").shown) > 1, "a selection narrows nothing"
    assert there.links["cleared"] == "?unit=II-8&unit=I-13"
    assert there.links["deselected"] == "?meeting=1"


def test_the_box_of_a_section_selects_what_the_filters_leave_of_it(tasks):
    there = tasks("unit=II-8&section=demand&meeting=2")
    assert [row.unit.label for row in there.selected] == [
        row.unit.label for row in there.shown if row.theme.slug == "demand" or row.unit.label == "II.8"
    ]
    assert "section" not in there.links["cleared"] and "unit=II-38" in there.links["cleared"]
    by_meeting = tasks("group=meeting&section=2")
    assert {row.meeting.number for row in by_meeting.selected} == {2}
    everything = tasks("section=all&status=implemented")
    assert everything.selected == everything.shown != []


def test_without_a_selection_actions_are_for_all_that_is_shown(tasks):
    assert tasks("meeting=1").targets == tasks("meeting=1").shown
    assert [tasks(query).is_limited for query in ("", "group=meeting", "meeting=1", "unit=I-13")] == [
        False,
        False,
        True,
        True,
    ]
