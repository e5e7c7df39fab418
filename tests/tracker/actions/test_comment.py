"""A thread on each answer, inside the State: written once, told to whom it mentions, emptied where it must be."""

from functools import partial

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from tests.conftest import make_person
from tests.labels import titled
from tests.races import results_at_once
from tests.verification import find_errors
from tracker.actions.comment import find_named_people, write_comment
from tracker.actions.notification import choose_notifications
from tracker.actions.tasks import send_waiting
from tracker.actions.withdrawal import confirm_withdrawal, find_withdrawable, request_withdrawal
from tracker.disclosure import readers_of_unit
from tracker.models import Assignment, Comment, Event, Membership, Notification, User
from tracker.models.assignment import AssignmentStage
from tracker.models.notification import NotificationKind
from tracker.models.user import Role
from tracker.permissions import notification_kinds_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def write(xaa, alice, unit):
    def write(text="Is the act in force?", by=None, label="I.13", after=0, to=()) -> Comment:
        return write_comment(respondent=xaa, unit=unit(label), text=text, by=by or alice, after=after, to=to)

    return write


@pytest.fixture
def assign(xaa, alice, unit):
    def assign(person: User, label="I.13", state=AssignmentStage.ASSIGNED):
        Assignment.everyones.create(respondent=xaa, unit=unit(label), person=person, assigned_by=alice, state=state)

    return assign


def told() -> list[str]:
    return [
        row.user.name for row in Notification.objects.filter(kind=NotificationKind.MENTIONED).select_related("user")
    ]


# Writing


def test_comments_are_numbered_and_named_by_events(write, carol):
    first, second = write(), write("Since March.", by=carol, after=1)
    assert [(c.number, c.author.name, c.text) for c in Comment.everyones.all()] == [
        (1, "Alice", "Is the act in force?"),
        (2, "Carol", "Since March."),
    ]
    assert [(e.action, e.target, e.after) for e in Event.everyones.filter(chain="XAA")] == [
        ("comment written", "comments on I.13", f"comment 1 {first.digest}"),
        ("comment written", "comments on I.13", f"comment 2 {second.digest}"),
    ]
    assert find_errors() == []


def test_a_double_click_writes_once_and_the_same_words_later_again(write):
    assert write(after=0) == write(after=0)
    assert write(after=1).number == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [(" \n", "Enter a comment."), ("x" * 20_001, "It has 20001"), ("a\x00", "invisible character")],
)
def test_an_invalid_comment_has_an_error_message(write, text, message):
    with pytest.raises(ValidationError, match=message):
        write(text)
    assert Comment.everyones.count() == 0


def test_nothing_is_written_on_what_is_no_unit_of_the_state(write):
    with pytest.raises(ValidationError):
        write(label="V.43")


@pytest.mark.parametrize("state", [*Assignment.CURRENT])
def test_a_contributor_comments_on_assigned_units_in_any_assignment_stage(
    closed_to_contributors, write, assign, carol, state
):
    with pytest.raises(PermissionDenied):
        write(by=carol)
    reason = {"state": state}
    assign(carol)
    Assignment.everyones.update(**reason, return_reason="Why?")
    assert write(by=carol).author == carol


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_both_written(write, alice, carol):
    comments = results_at_once(*[partial(write, f"By {person}.", by=person) for person in (alice, carol)])
    assert sorted(comment.number for comment in comments) == [1, 2]
    assert find_errors() == []


# Reading


def test_who_may_read_the_unit_reads_its_thread_and_nobody_else(
    closed_to_contributors, write, assign, xaa, alice, carol, victor, charlie, bob, dana, erin, unit
):
    carl = make_person("carl", Role.CONTRIBUTOR, xaa)
    assign(carl)
    comment, _other = write(), write(label="I.14")
    seen = {p.name: list(Comment.objects.visible_to(p).filter(unit__label="I.13")) for p in (alice, victor, carl)}
    assert seen == {"Alice": [comment], "Victor": [comment], "Carl": [comment]}
    for person in (carol, charlie, bob, dana, erin):
        assert list(Comment.objects.visible_to(person)) == []
    assert list(Comment.objects.visible_to(carl)) == [comment]
    assert [person.name for person in readers_of_unit(xaa, unit("I.13"))] == ["Alice", "Carl", "Victor"]
    assert [person.name for person in readers_of_unit(xaa, unit("I.14"))] == ["Alice", "Victor"]


# Mentioning


def people(*names: str) -> list[User]:
    return [User(pk=pk, name=name) for pk, name in enumerate(names, start=1)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@Carol Reyes, is it in force?", ["Carol Reyes"]),
        ("Ask @carol.", ["Carol Reyes"]),
        ("(@Carol)", ["Carol Reyes"]),
        ("@Caroline", []),
        ("carol@Carol", []),
        ("Carol Reyes", []),
        ("@Sam", []),
        ("@Sam Okafor and @Sam Lind", ["Sam Okafor", "Sam Lind"]),
        ("@李娜 请看", ["李娜"]),
        ("@O'Neil (Justice)", ["O'Neil (Justice)"]),
    ],
)
def test_who_is_mentioned_in_a_text(text, found):
    known = people("Carol Reyes", "Sam Okafor", "Sam Lind", "李娜", "O'Neil (Justice)")
    assert [person.name for person in find_named_people(text, known)] == found


def test_only_mentioned_or_chosen_people_are_notified_and_once(write, carol, victor, alice):
    comment = write("@Carol, look. @Carol!", to=[victor.pk, carol.pk, alice.pk])
    assert comment.mentioned == [carol.pk, victor.pk]
    assert told() == ["Carol", "Victor"]


def test_people_without_access_to_the_unit_are_not_notified(closed_to_contributors, write, carol, charlie, bob):
    comment = write("@Carol @Charlie @Bob", to=[carol.pk, charlie.pk, bob.pk])
    assert comment.mentioned == []
    assert told() == []


def test_who_chose_no_mail_of_mentions_gets_none(write, carol):
    choose_notifications(wanted=set(notification_kinds_of(carol)) - {NotificationKind.MENTIONED}, by=carol)
    assert write("@Carol").mentioned == [carol.pk]
    assert told() == []


def test_the_mail_names_the_text_and_has_none_of_the_words(write, carol, mailoutbox):
    write("@Carol: a secret word")
    send_waiting(Notification.objects.all())
    (mail,) = mailoutbox
    assert mail.to == ["carol@example.org"]
    assert mail.subject == f"You were mentioned in a comment: {titled('I.13')}"
    assert "http://127.0.0.1:8000/desk/XAA/recommendations/I-13/comments/#comment-1" in mail.body
    assert "secret" not in mail.body + str(mail.alternatives)


def test_who_left_or_may_not_read_it_any_more_is_not_mailed(
    closed_to_contributors, write, assign, carol, victor, mailoutbox
):
    assign(carol)
    write("@Carol @Victor")
    Assignment.everyones.update(state=AssignmentStage.ENDED)
    Membership.objects.filter(user=victor).update(until="2026-01-31")
    send_waiting(Notification.objects.all())
    assert mailoutbox == []


# Words that identify a victim, and the audit


WORDS = "Jane Doe"


def test_withdrawn_words_are_taken_out_of_comments(write, xaa, alice, erin):
    comment = write(f"{WORDS} was helped.")
    kept = write("Nothing of it.", after=1)
    places, _files, _unsearched = find_withdrawable(respondent=xaa, by=alice, words=WORDS, files=[])
    assert [(place.where, place.names) for place in places] == [(f"{titled('I.13')}: comment 1", ["Comment"])]
    request = request_withdrawal(respondent=xaa, by=alice, words=WORDS, files=[], reason="name")
    withdrawal = confirm_withdrawal(pk=request.pk, by=erin)
    assert withdrawal.places == [[comment.digest, "text"]]
    emptied = Comment.everyones.get(pk=comment.pk)
    assert (emptied.text, emptied.withdrawal, emptied.holds()) == ("", withdrawal, True)
    assert emptied.words.startswith("Removed on")
    assert Comment.everyones.get(pk=kept.pk).text == "Nothing of it."
    assert find_errors() == []


@pytest.mark.parametrize("wrong", [{"number": 0}, {"number": 1}, {"text": ""}], ids=str)
def test_the_database_refuses(write, xaa, alice, unit, wrong):
    write()
    said = {"number": 2, "text": "A.", "mentioned": [], "author": alice, "respondent": xaa, "unit": unit("I.13")}
    with pytest.raises(IntegrityError), transaction.atomic():
        Comment.everyones.create(**said | wrong)
