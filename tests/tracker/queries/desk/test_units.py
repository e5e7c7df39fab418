"""The one list of a respondent's units: what is in it, in which order, and in how many queries."""

import pytest

from recommendations.catalogue import add_wording
from recommendations.models import Family, FamilyMember, Recommendation, WordingKind
from tests.conftest import make_person, make_state
from tests.evidence_items import add_item
from tests.submissions import save_many
from tests.thorough import times
from tracker.actions.assignment import assign
from tracker.actions.record import Answer, save_note
from tracker.models import Record
from tracker.models.respondent import TreatyStatus
from tracker.models.user import Role
from tracker.queries.desk.units import (
    by_meeting,
    by_theme,
    count_answered,
    count_skipped,
    count_statuses,
    next_unanswered,
    unanswered_before,
    unit_rows,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(xaa, alice):
    return lambda: unit_rows(xaa, alice)


def row_of(rows, label):
    return next(row for row in (*rows.to_answer, *rows.others) if row.unit.label == label)


def labels(rows):
    return [row.unit.label for row in rows]


def test_a_party_has_the_230_units_asked_of_it_in_paper_order_and_one_apart(rows, xaa):
    assert labels(rows().to_answer) == list(xaa.units_to_answer().order_by("position").values_list("label", flat=True))
    assert len(rows().to_answer) == 230
    assert labels(rows().others) == ["I.2"]


def test_a_state_that_is_no_party_has_the_rest_apart(alice):
    state = make_state("XDD", "Dorvania", treaty_status=TreatyStatus.NOT_PARTY)
    rows = unit_rows(state, make_person("darya", Role.FOCAL_POINT, state))
    assert (len(rows.to_answer), len(rows.others)) == (25, 206)
    assert set(labels(rows.to_answer)).isdisjoint(labels(rows.others))


def test_without_a_revision_there_is_no_information(rows, xaa, alice, unit):
    save_note(respondent=xaa, unit=unit("II.8"), base=Record.NO_NOTE, note="Ask the Ministry", by=alice)
    noted = row_of(rows(), "II.8")
    assert (noted.status, noted.is_answered, noted.is_ready, noted.evidence_count) == (
        "no_information",
        False,
        False,
        0,
    )
    assert (noted.revision, noted.changed_at, noted.author_name, noted.institution_name) == (None, None, "", "")


def test_a_row_is_the_current_revision(rows, say, alice):
    say("II.8", "in_progress")
    newest = say("II.8", "partially_implemented", base=1, ready=True, lead_institution="Ministry of Justice")
    row = row_of(rows(), "II.8")
    assert (row.revision, row.status, row.is_ready) == (newest, "partially_implemented", True)
    assert (row.changed_at, row.author_name, row.institution_name) == (
        newest.created_at,
        alice.name,
        "Ministry of Justice",
    )


def test_evidence_of_the_current_revision_is_counted(rows, say, xaa, alice):
    pieces = [
        add_item(xaa, alice, title, citation=f"{title}, official gazette") for title in ("Penal Code", "Labour Code")
    ]
    say("II.8", citations=[(pieces[0], ""), (pieces[1], "article 4")])
    say("II.9", citations=[(pieces[0], "")])
    say("II.9", base=1, citations=[])
    assert (row_of(rows(), "II.8").evidence_count, row_of(rows(), "II.9").evidence_count) == (2, 0)


def test_an_answer_stays_in_the_list_when_the_unit_is_put_to_others(rows, say, unit):
    say("II.8")
    unit("II.8").addressees.clear()
    assert labels(rows().others) == ["I.2", "II.8"]
    assert row_of(rows(), "II.8").status == "implemented"


def test_only_what_the_reader_may_see_is_in_it(say, xaa, charlie):
    say("II.8")
    assert unit_rows(xaa, charlie) == ([], [])


def test_families_are_full_and_partial_and_those_of_the_items(rows, unit):
    FamilyMember.objects.create(
        family=Family.objects.get(slug="shelter"), recommendation=unit("IV.46(i)(i)"), kind="full"
    )
    own = {membership.family for membership in unit("IV.46(i)").memberships.exclude(kind="related")}
    of_items = {
        membership.family
        for item in unit("IV.46(i)").items.all()
        for membership in item.memberships.exclude(kind="related")
    }
    assert own and of_items - own
    assert set(row_of(rows(), "IV.46(i)").families) == own | of_items
    related_only = Recommendation.objects.filter(memberships__kind="related").exclude(
        memberships__kind__in=["full", "partial"]
    )
    assert [row.families for row in rows().to_answer if row.unit in set(related_only)] != []
    assert {row.families for row in rows().to_answer if row.unit in set(related_only)} == {()}


def test_each_unit_is_once_in_a_theme_and_once_in_a_meeting(rows):
    asked = rows().to_answer
    for groups in (by_theme(asked), by_meeting(asked)):
        assert sorted(labels(row for group in groups for row in group.rows)) == sorted(labels(asked))
    assert all(row.unit.primary_theme == group.of for group in by_theme(asked) for row in group.rows)
    assert all(row.unit.meeting == group.of for group in by_meeting(asked) for row in group.rows)
    assert [group.of.position for group in by_theme(asked)] == sorted(group.of.position for group in by_theme(asked))
    assert [group.of.number for group in by_meeting(asked)] == [1, 2, 4, 5, 6, 7, 8]


def test_units_without_a_theme_come_last(rows):
    Recommendation.objects.filter(label="I.1").update(primary_theme=None, secondary_theme=None)
    assert by_theme(rows().to_answer)[-1].of is None
    assert labels(by_theme(rows().to_answer)[-1].rows) == ["I.1"]


def test_counts(rows, say):
    say("II.8", "implemented")
    say("II.9", "implemented")
    say("II.10", "not_started")
    say("I.2", "implemented")
    assert count_statuses(rows().to_answer) == {"implemented": 2, "not_started": 1, "no_information": 227}
    assert count_answered(rows().to_answer) == 3


def test_next_and_previous_unanswered_follow_the_paper(rows, say, unit):
    assert next_unanswered(rows().to_answer).unit.label == "I.1"
    say("I.1")
    following = next_unanswered(rows().to_answer, after=unit("I.1"))
    assert following.unit.label == next_unanswered(rows().to_answer).unit.label
    assert following.unit.position > unit("I.1").position
    assert next_unanswered(rows().to_answer, after=unit("VIII.1(i)")).unit.position > unit("VIII.1(i)").position
    assert unanswered_before(rows().to_answer, before=following.unit) is None
    last = rows().to_answer[-1].unit
    assert next_unanswered(rows().to_answer, after=last).unit == following.unit, "from the beginning after the last"


def test_what_others_have_is_neither_next_nor_before(rows, say, xaa, alice, carol, unit):
    assign(respondent=xaa, units=[unit("I.1"), unit("I.8")], to=carol, by=alice)
    found = rows().to_answer
    assert [row.unit.label for row in found if row.is_with_others] == ["I.1", "I.8"]
    assert count_skipped(found) == (2, [("Carol", 2)])
    assert next_unanswered(found).unit == found[1].unit
    assert unanswered_before(found, before=found[1].unit) is None
    assert [row for row in unit_rows(xaa, carol).to_answer if row.is_with_others] == []
    say("I.1")
    assert count_skipped(rows().to_answer) == (1, [("Carol", 1)])


def test_what_somebody_has_with_others_too_is_not_skipped(rows, xaa, alice, carol, justice, unit):
    assign(respondent=xaa, units=[unit("I.1")], to=carol, by=alice)
    assign(respondent=xaa, units=[unit("I.1")], to=justice, by=alice)
    assert next_unanswered(unit_rows(xaa, carol).to_answer).unit.label == "I.1"
    assert next_unanswered(rows().to_answer).unit.label != "I.1"


def test_when_all_is_answered_nothing_is_next(rows, xaa, alice):
    save_many(xaa, {row.unit: Answer(status="implemented") for row in rows().to_answer}, alice)
    assert next_unanswered(rows().to_answer) is None
    assert count_answered(rows().to_answer) == 230


@pytest.mark.parametrize("answers", [times(5, 20), times(20, 200)])
def test_two_queries_however_much_is_recorded(rows, say, answers, alice, dana, django_assert_num_queries):
    for row in rows().to_answer[:answers]:
        say(row.unit, lead_institution="Ministry of Labour")
    for row in rows().to_answer[:2]:
        add_wording(recommendation=row.unit, text="Mended.", kind=WordingKind.CORRECTION, reason="A slip.", by=dana)
    assert alice.respondent_ids
    assert any(row.families for row in rows().to_answer)  # and the texts and families are in memory
    with django_assert_num_queries(2):
        for row in rows().to_answer:
            str((row.unit.text, row.meeting, row.themes, *row.families, row.author_name, row.institution_name))
            str([node.text for node in (*row.unit.chapeaux, *row.unit.unit_items)])
            assert row.answers_former_wording is False
