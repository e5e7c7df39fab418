"""What each reader finds of what States wrote, and that nobody finds what they may not read."""

import pytest
from django.contrib.auth.models import AnonymousUser

from recommendations.models import IndexedText, TextKind
from tests.canaries import CANARY, HIDDEN, REPORTED, canary_state, people  # noqa: F401
from tests.conftest import find_unit, make_person, reread, save_for_xaa
from tests.evidence_items import add_item
from tests.submissions import opened_round, submit_ready
from tracker.actions.assignment import assign
from tracker.actions.comment import write_comment
from tracker.actions.reading_restriction import add_restriction
from tracker.actions.search import catch_up, index_respondent
from tracker.actions.submission import Statements, change_use, withdraw_from_round
from tracker.models import SubmissionItem
from tracker.models.user import Role
from tracker.queries.search import Found, search
from tracker.queries.search_hits import ShownHit, read_hits
from tracker.queries.search_page import list_found

pytestmark = pytest.mark.django_db
NOBODY = AnonymousUser()
KINDS = ("practice", "submitted", "answer", "comment", "evidence")


def read_all(found: Found, *kinds: str) -> list[ShownHit]:
    return read_hits(found, [row for row in list_found(found, None, []) if row.kind in kinds])


def find_words(reader, typed: str) -> dict[str, list[str]]:
    """Return the words of what States wrote, as the reader finds them, by kind."""
    found = search(reader if reader is NOBODY else reread(reader), typed)
    read = {kind: ["".join(piece.text for piece in hit.words) for hit in read_all(found, kind)] for kind in KINDS}
    return {kind: words for kind, words in read.items() if words}


@pytest.fixture
def zebras(xaa, alice):
    """An answer, a comment and an evidence item of XAA with words of their own; the answer is ready and shared."""
    save_for_xaa(
        "I.13", measures="A unit for zebras was established.", ready=True, good_practice=True, good_practice_shared=True
    )
    write_comment(respondent=xaa, unit=find_unit("I.14"), text="Which zebras?", after=0, by=alice)
    add_item(xaa, alice, "Law on zebras", citation="Zebra Gazette 1")
    index_respondent(xaa)
    return xaa


OWN = {
    "answer": ["A unit for zebras was established."],
    "comment": ["Which zebras?"],
    "evidence": ["Zebra Gazette 1"],
}


def test_a_team_finds_its_own_answers_comments_and_evidence(zebras, alice, victor, charlie, bob, dana, erin):
    assert find_words(alice, "zebra") == OWN
    assert find_words(victor, "zebra") == OWN
    for stranger in (charlie, bob, dana, erin, NOBODY):
        assert find_words(stranger, "zebra") == {}


def test_a_contributor_finds_what_is_of_assigned_units(zebras, alice, carol, closed_to_contributors):
    assert find_words(carol, "zebra") == {}
    assign(respondent=zebras, units=[find_unit("I.14")], to=carol, by=alice)
    assert find_words(carol, "zebra") == {"comment": ["Which zebras?"]}
    rows = search(reread(carol), "zebra").rows
    assert sum(map(len, rows.values())) == 1, "what is not read is not counted"


def test_the_secretariat_finds_what_was_submitted_and_others_what_is_public(zebras, alice, bob, charlie, erin):
    answers = OWN["answer"]
    submission = submit_ready(zebras, opened_round(bob, meetings=[1, 4]), alice, Statements(names_no_victim=True))
    index_respondent(zebras)
    assert find_words(bob, "zebra") == {"practice": answers, "submitted": answers}
    assert find_words(charlie, "zebra") == {"practice": answers}
    assert find_words(NOBODY, "zebra") == {}
    change_use(submission=submission, published=True, by=alice)
    index_respondent(zebras)
    assert find_words(charlie, "zebra") == {"practice": answers, "submitted": answers}
    assert find_words(NOBODY, "zebra") == {"submitted": answers}
    ben = make_person("ben", Role.REVIEWER)
    change_use(submission=submission, published=False, by=alice)
    add_restriction(user=ben, respondent=zebras, by=erin)
    assert find_words(NOBODY, "zebra") == {}, "read again through its licence, before the index knows"
    index_respondent(zebras)
    assert not search(NOBODY, "zebra").rows["submitted"]
    assert find_words(ben, "zebra") == {"practice": answers}
    withdraw_from_round(submission=submission, reason="An error", by=alice)
    index_respondent(zebras)
    assert find_words(bob, "zebra") == {}


def test_what_is_found_is_marked(zebras, alice):
    [hit] = read_all(search(alice, "zebra gazettes"), TextKind.EVIDENCE)
    assert [piece.text for piece in hit.words if piece.is_found] == ["Zebra", "Gazette"]
    assert [piece.text for piece in hit.title if piece.is_found] == ["zebras"]


def test_nobody_finds_a_canary_that_they_may_not_read(canary_state, people):  # noqa: F811
    index_respondent(canary_state)
    team = {"focal point", "contributor", "viewer"}
    assert IndexedText.objects.filter(words__contains="quetzalcanari").exists()
    for name, person in people.items():
        reader = reread(person) if person else NOBODY
        found = search(reader, CANARY)
        states = {kind for kind in KINDS if found.rows[kind]}
        assert states == ({"answer", "comment", "evidence"} if name in team else set()), name
        assert not found.nodes
        for hidden in (HIDDEN, REPORTED):
            found = search(reader, hidden)
            assert not any((found.nodes, *found.rows.values())), name
        assert CANARY not in str(search(reader, f"{CANARY}x").query.corrections)


def test_a_word_of_a_state_changes_no_order_and_corrects_nothing_for_others(zebras, charlie):
    before = search(NOBODY, "zebraa").query
    assert before.corrections == {}
    assert [group.rarity for group in search(charlie, "zebra").query.groups] == [
        group.rarity for group in search(charlie, "quagga").query.groups
    ]


def test_everything_takes_few_queries(zebras, alice, django_assert_max_num_queries):
    reader = reread(alice)
    with django_assert_max_num_queries(12):
        found = search(reader, "compensation for zebras")
        read_all(found, *TextKind)


def test_items_of_a_submission_without_an_answer_are_not_indexed(zebras, alice, bob):
    submit_ready(zebras, opened_round(bob, meetings=[1, 4]), alice, Statements(names_no_victim=True))
    index_respondent(zebras)
    answered = SubmissionItem.everyones.filter(revision__isnull=False)
    assert IndexedText.objects.filter(kind=TextKind.SUBMITTED).count() == answered.count() == 1


def test_attack_a_practice_of_a_withdrawn_submission_is_searched_by_others(zebras, alice, bob, charlie):
    submission = submit_ready(zebras, opened_round(bob, meetings=[1, 4]), alice, Statements(names_no_victim=True))
    index_respondent(zebras)
    assert len(search(charlie, "zebra").rows[TextKind.PRACTICE]) == 1
    withdraw_from_round(submission=submission, reason="An error", by=alice)
    catch_up(zebras)
    assert IndexedText.objects.filter(kind__in=(TextKind.PRACTICE, TextKind.SUBMITTED)).count() == 0
    assert not search(charlie, "zebra").rows[TextKind.PRACTICE]
