"""A draft is its author's own; each tab has one; it goes with the answer, and comes back from nowhere."""

from datetime import timedelta
from functools import partial

import pytest
from django.core.exceptions import FieldFetchBlocked, PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.catalogue_events import later_events
from tests.conftest import make_person, save_for_xaa
from tests.labels import titled
from tests.races import LOCKS, results_at_once, statements_of
from tracker.actions.draft import (
    StaleDraft,
    Tab,
    close_draft,
    discard_drafts,
    keep_form,
    save_draft,
    take_over_draft,
    tidy_drafts,
)
from tracker.actions.record import Answer, StaleAnswer, save_answer
from tracker.actions.withdrawal import confirm_withdrawal, find_withdrawable, request_withdrawal
from tracker.models import Draft, Event, Membership, Record, Revision, User
from tracker.models.draft import new_tab
from tracker.models.user import Role
from tracker.workflow import NotAllowed

pytestmark = pytest.mark.django_db

FIRST, SECOND, THIRD = (Tab(digit * 32) for digit in "abc")
WORDS = "Jane Doe"


@pytest.fixture
def type_(xaa, alice, unit):
    """Save a draft on I.13 as alice."""

    def type_(measures="Law", tab=FIRST, *, by=alice, base=0, label="I.13", **more) -> Draft:
        fields = {"measures": [measures]} | more
        return save_draft(respondent=xaa, unit=unit(label), tab=tab, base=base, fields=fields, by=by)

    return type_


@pytest.fixture
def answer(xaa, alice, unit):
    """Save the answer to I.13 as alice, from a tab."""

    def answer_(measures="Law", tab=FIRST, base=0) -> Revision | None:
        said = Answer(status="implemented", measures=measures)
        return save_answer(respondent=xaa, unit=unit("I.13"), base=base, answer=said, by=alice, tab=tab)

    return answer_


@pytest.fixture
def discard(xaa, alice, unit):
    def discard_(*drafts, tab=THIRD, by=alice) -> None:
        stamps = [draft.stamp for draft in drafts]
        discard_drafts(respondent=xaa, unit=unit("I.13"), tab=tab, stamps=stamps, by=by)

    return discard_


def measures(person: User) -> list[str]:
    """Of the drafts that a person finds, the newest first."""
    person = User.objects.get(pk=person.pk)
    return [draft.fields["measures"][0] for draft in Draft.objects.visible_to(person)]


@pytest.mark.django_db(transaction=True)
def test_typing_is_checked_first_and_holds_the_lock_for_two_statements(type_):
    first, second = (statements_of(partial(type_, measures)) for measures in ("Law", "Law No. 17"))
    checks = ["SELECT", "SELECT membership", "SELECT"]  # the text, roles, the stamp of the catalogue
    assert first == (checks, [*LOCKS, "SELECT draft", "INSERT draft"], [])
    assert second == (checks, [*LOCKS, "SELECT draft", "UPDATE draft"], [])


# Saving


def test_a_tab_has_one_draft_with_the_last_words(alice, type_):
    type_("Law")
    type_("Law No. 17", base=3)
    [draft] = Draft.objects.visible_to(alice)
    assert (draft.fields, draft.base, draft.unit.label) == ({"measures": ["Law No. 17"]}, 3, "I.13")


def test_a_second_tab_never_overwrites_the_draft_of_the_first(alice, type_):
    first = type_("Law")
    type_("Another", Tab(SECOND.token, continues=first.stamp))
    assert measures(alice) == ["Another", "Law"]
    type_("Law No. 17")
    assert measures(alice) == ["Law No. 17", "Another"]


def test_a_draft_makes_no_record_and_no_event(type_):
    type_()
    assert (Record.everyones.count(), later_events().count()) == (0, 0)


def test_it_is_saved_also_when_the_record_has_moved_on(alice, carol, xaa, unit, type_):
    save_for_xaa("I.13", "in_progress", by=carol, measures="A bill.")
    type_("Law", base=0)
    assert measures(alice) == ["Law"]


def test_nobody_else_finds_it(alice, carol, charlie, bob, dana, erin, type_):
    type_()
    for person in (carol, charlie, bob, dana, erin):
        assert measures(person) == []
    assert measures(alice) == ["Law"]


def test_a_draft_belongs_to_its_author_during_membership(alice, type_):
    type_()
    Membership.objects.filter(user=alice).update(ended_at=timezone.now())
    assert measures(alice) == []
    with pytest.raises(PermissionDenied):
        type_("More", by=User.objects.get(pk=alice.pk))
    Membership.objects.filter(user=alice).update(ended_at=None)
    assert measures(alice) == ["Law"]


def test_who_does_not_write_for_the_state_saves_and_discards_none(xaa, charlie, bob, dana, erin, type_, discard):
    for person in (make_person("vera", Role.VIEWER, xaa), charlie, bob, dana, erin):
        with pytest.raises(PermissionDenied):
            type_(by=person)
        with pytest.raises(PermissionDenied):
            discard(by=person)
    assert Draft.everyones.count() == 0


@pytest.mark.parametrize(
    ("fields", "name", "message"),
    [
        (
            {"difficulties": ["x" * 20_001]},
            "difficulties",
            "The text is too long: at most 20000 characters. It has 20001.",
        ),
        (
            {"new-pinpoint": ["art.\0 9"]},
            "new-pinpoint",
            "Remove the invisible character U+0000 after “art.”: it cannot be saved.",
        ),
        ({"a\0": [""]}, "a\0", "Remove the invisible character U+0000 after “a”: it cannot be saved."),
    ],
)
def test_what_cannot_be_kept_is_refused_and_the_draft_of_before_stays(alice, type_, fields, name, message):
    type_("Law")
    with pytest.raises(ValidationError) as refused:
        type_("More", **fields)
    assert refused.value.message_dict == {name: [message]}
    assert measures(alice) == ["Law"]


def test_no_draft_on_what_the_state_does_not_answer(type_):
    with pytest.raises(
        ValidationError,
        match="You cannot answer this recommendation: answers are not requested, or only from others",
    ):
        type_(label="IV.45(a)")


def test_a_tab_has_one_draft_in_the_database_too(type_):
    draft = type_()
    draft.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        draft.save(force_insert=True)


def test_a_closed_draft_is_empty_in_the_database_too(type_):
    draft = type_()
    draft.closed_at = timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        draft.save()


@pytest.mark.parametrize(
    "changed", [{"page": ""}, {"tab": "a" * 32}, {"page": "/x/", "respondent": True}, {"pk": None}], ids=str
)
def test_a_form_of_a_page_is_of_no_answer_in_the_database_too(xaa, alice, changed):
    keep_form(page="/x/", fields={}, author=alice.pk)
    draft = Draft.everyones.get()
    for name, value in changed.items():
        setattr(draft, name, xaa if value is True else value)
    with pytest.raises(IntegrityError), transaction.atomic():
        draft.save()


# Saving the answer


def test_saving_the_answer_deletes_only_the_draft_of_its_tab(alice, type_, answer):
    type_("Law")
    type_("Another", SECOND)
    answer("Law")
    assert measures(alice) == ["Another"]


def test_what_it_continues_goes_too_unless_it_was_typed_on(alice, type_, answer):
    first = type_("Law")
    second = type_("Law No. 17", Tab(SECOND.token, first.stamp))
    answer("Law No. 17 of 2016", Tab(THIRD.token, second.stamp))
    assert measures(alice) == []

    first = type_("Art. 9", Tab(new_tab()))
    type_("Art. 10", Tab(first.tab))
    answer("Art. 9", Tab(new_tab(), first.stamp), base=1)
    assert measures(alice) == ["Art. 10"]


def test_an_answer_that_says_nothing_new_drops_it_too(alice, type_, answer):
    answer("Law", THIRD)
    type_("Law", base=1)
    assert answer("Law", base=1) is None
    assert measures(alice) == []


def test_a_conflict_keeps_it(alice, carol, xaa, unit, type_, answer):
    save_for_xaa("I.13", "in_progress", by=carol, measures="A bill.")
    type_("Law")
    with pytest.raises(StaleAnswer):
        answer("Law")
    assert measures(alice) == ["Law"]
    type_("Law No. 17")
    assert measures(alice) == ["Law No. 17"]


@pytest.mark.parametrize("began", [True, False])
def test_what_arrives_late_does_not_bring_it_back(alice, type_, answer, began):
    """Sent before the answer, and read after it: whether there was a draft by then or not."""
    if began:
        type_("La")
    answer("Law")
    with pytest.raises(StaleDraft):
        type_("Law")
    assert measures(alice) == []
    assert [draft.fields for draft in Draft.everyones.all()] == [{}]


def test_a_closed_draft_goes_after_a_day_and_an_open_one_stays(xaa, alice, unit, type_):
    for hours in (25, 23):
        close_draft(respondent=xaa, unit=unit("I.13"), tab=Tab(new_tab()), by=alice)
        newest = Draft.everyones.filter(pk=Draft.everyones.latest("pk").pk)
        newest.update(closed_at=timezone.now() - timedelta(hours=hours))
    type_("Law")
    Draft.everyones.filter(closed_at=None).update(saved_at=timezone.now() - timedelta(days=9))
    tidy_drafts()
    assert [draft.fields.get("measures") for draft in Draft.everyones.order_by("pk")] == [None, ["Law"]]


# Discarding


def test_what_is_discarded_is_what_was_shown(alice, carol, type_, discard):
    first, second = type_("Law"), type_("Another", SECOND)
    type_("Hers", by=carol)
    type_("Law No. 17")
    discard(first, second)
    assert (measures(alice), measures(carol)) == (["Law No. 17"], ["Hers"])


def test_the_tab_that_discards_forgets_what_it_typed_itself(alice, type_, discard):
    first = type_("Law")
    tab = Tab(SECOND.token, first.stamp)
    type_("Law No. 17", tab)
    discard(first, tab=tab)
    with pytest.raises(StaleDraft):
        type_("Law No. 17", tab)
    assert measures(alice) == []


# Withdrawing


def test_a_withdrawal_finds_and_empties_the_drafts_of_everybody_of_the_state(
    xaa, alice, carol, charlie, xbb, unit, type_
):
    type_(f"The case of {WORDS.upper()}.", by=carol, difficulties=["Funds."], base=2)
    type_("Law")
    theirs = {"measures": [WORDS]}
    save_draft(respondent=xbb, unit=unit("I.13"), tab=SECOND, base=0, fields=theirs, by=charlie)

    places, files, _unsearched = find_withdrawable(respondent=xaa, by=alice, words=WORDS, files=[])
    assert [(place.where, place.names) for place in places] == [
        (f"{titled('I.13')}: unsaved draft, Carol", ["Draft text"])
    ]
    assert files == set()
    pk = request_withdrawal(respondent=xaa, by=alice, words=WORDS, files=[], reason="name").pk
    confirm_withdrawal(pk=pk, by=carol)

    [draft] = Draft.objects.visible_to(carol)
    assert (draft.fields, draft.base, draft.withdrawal_id) == ({"difficulties": ["Funds."]}, 2, pk)
    assert (measures(alice), measures(charlie)) == (["Law"], [WORDS])


def test_the_tab_that_still_shows_the_words_does_not_bring_them_back(xaa, alice, carol, type_):
    type_(WORDS, by=carol)
    pk = request_withdrawal(respondent=xaa, by=alice, words=WORDS, files=[], reason="name").pk
    confirm_withdrawal(pk=pk, by=carol)
    with pytest.raises(StaleDraft):
        type_(f"{WORDS} again", by=carol)
    assert [draft.fields for draft in Draft.everyones.all()] == [{}, {}]


def test_words_in_an_address_are_found_as_they_are_read(xaa, alice, type_):
    type_(**{"new-url": ["https://courts.example/jane%20doe"]})
    [place] = find_withdrawable(respondent=xaa, by=alice, words=WORDS, files=[])[0]
    assert place.where == f"{titled('I.13')}: unsaved draft, Alice"


# Taking over


def leave(person: User, respondent) -> None:
    Membership.objects.filter(user=person, respondent=respondent).update(ended_at=timezone.now())


def drafts_listed(person: User) -> list[tuple]:
    found = Draft.objects.headers_for(User.objects.get(pk=person.pk))
    return [(draft.unit.label, draft.author.name, draft.has_left) for draft in found]


def test_a_focal_point_takes_over_a_former_members_draft_unchanged(xaa, carol, ruth, type_):
    left = type_("Law No. 17", by=carol, base=2, difficulties=["Funds."])
    leave(carol, xaa)
    taken = take_over_draft(respondent=xaa, pk=left.pk, by=ruth)
    [draft] = Draft.objects.visible_to(ruth)
    assert (draft.pk, draft.fields, draft.base) == (taken.pk, left.fields, 2)
    assert draft.tab not in {left.tab, ""}
    event = later_events().get()
    assert (event.action, event.target) == ("draft taken over", "record I.13")
    assert (event.actor, event.before, event.after) == (ruth, f"person {carol.pk}", f"person {ruth.pk}")


def test_the_tab_that_it_came_from_brings_it_back_no_more(xaa, carol, ruth, type_):
    take = partial(take_over_draft, respondent=xaa, pk=type_(by=carol).pk, by=ruth)
    leave(carol, xaa)
    take()
    Membership.objects.filter(user=carol).update(ended_at=None)
    with pytest.raises(StaleDraft):
        type_("More", by=User.objects.get(pk=carol.pk))
    assert (measures(carol), measures(ruth)) == ([], ["Law"])


def test_the_draft_of_who_is_here_is_nobody_elses(xaa, alice, carol, ruth, type_):
    drafts = [type_(by=carol), type_(by=alice)]
    for draft in drafts:
        with pytest.raises(NotAllowed):
            take_over_draft(respondent=xaa, pk=draft.pk, by=ruth)
    assert (measures(carol), measures(alice), measures(ruth)) == (["Law"], ["Law"], [])


def test_only_focal_points_of_the_state_take_over(xaa, alice, carol, charlie, bob, dana, erin, xbb, ruth, type_):
    pk = type_(by=alice).pk
    leave(alice, xaa)
    for person in (alice, carol, make_person("vera", Role.VIEWER, xaa), charlie, bob, dana, erin):
        with pytest.raises(PermissionDenied):
            take_over_draft(respondent=xaa, pk=pk, by=User.objects.get(pk=person.pk))
        assert drafts_listed(person) == []
    with pytest.raises(NotAllowed):
        take_over_draft(respondent=xbb, pk=pk, by=charlie)
    assert drafts_listed(ruth) == [("I.13", "Alice", True)]


def test_a_list_of_drafts_shows_authors_but_no_content(alice, carol, ruth, type_):
    type_("Law", by=carol)
    answer_tab = type_("Law").tab
    close_draft(respondent=type_().respondent, unit=type_().unit, tab=Tab(answer_tab), by=alice)
    assert drafts_listed(ruth) == [("I.13", "Carol", False)]
    [draft] = Draft.objects.headers_for(ruth)
    for name in ("fields", "tab", "base"):
        with pytest.raises(FieldFetchBlocked):
            getattr(draft, name)


def test_a_withdrawal_reaches_what_was_taken_over(xaa, alice, carol, ruth, type_):
    pk = type_(WORDS, by=carol).pk
    leave(carol, xaa)
    take_over_draft(respondent=xaa, pk=pk, by=ruth)
    [place] = find_withdrawable(respondent=xaa, by=alice, words=WORDS, files=[])[0]
    assert place.where == f"{titled('I.13')}: unsaved draft, Ruth"
    pk = request_withdrawal(respondent=xaa, by=alice, words=WORDS, files=[], reason="name").pk
    confirm_withdrawal(pk=pk, by=ruth)
    assert [draft.fields for draft in Draft.everyones.all()] == [{}, {}, {}]


# Two at once


@pytest.mark.django_db(transaction=True)
def test_typing_and_saving_the_answer_at_once_leaves_the_answer_and_no_draft(alice, type_, answer):
    for number in range(5):
        tab = Tab(new_tab())
        typed, also_typed, saved = results_at_once(
            partial(type_, f"Law {number}", tab),
            partial(type_, f"Law {number}.", tab),
            partial(answer, f"Law {number}", tab, base=number),
            refusals=StaleDraft,
        )
        assert saved.number == number + 1
        assert {type(typed), type(also_typed)} <= {Draft, StaleDraft}
        assert measures(alice) == []


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_begin_at_once_have_two_drafts(alice, type_):
    assert {type(one) for one in results_at_once(lambda: type_("Law"), lambda: type_("Another", SECOND))} == {Draft}
    assert sorted(measures(alice)) == ["Another", "Law"]


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_are_discarded_at_once_wait_for_each_other(alice, type_, discard):
    drafts = type_("Law"), type_("Another", SECOND)
    assert results_at_once(lambda: discard(*drafts, tab=FIRST), lambda: discard(*drafts, tab=SECOND)) == [None, None]
    assert measures(alice) == []


@pytest.mark.django_db(transaction=True)
def test_words_typed_during_their_removal_are_refused_or_emptied(xaa, alice, carol, type_):
    type_(WORDS, by=carol)
    pk = request_withdrawal(respondent=xaa, by=alice, words=WORDS, files=[], reason="name").pk
    typed, _withdrawn = results_at_once(
        partial(type_, f"{WORDS} again", by=carol), partial(confirm_withdrawal, pk=pk, by=carol), refusals=StaleDraft
    )
    assert type(typed) in {Draft, StaleDraft}
    assert [draft.fields for draft in Draft.everyones.all()] == [{}, {}]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_over_at_once_one_has_it_and_nothing_is_lost(xaa, alice, carol, ruth, type_):
    pk = type_("Law No. 17", by=carol).pk
    leave(carol, xaa)
    takers = [partial(take_over_draft, respondent=xaa, pk=pk, by=person) for person in (alice, ruth)]
    assert {type(one) for one in results_at_once(*takers, refusals=NotAllowed)} == {Draft, NotAllowed}
    assert sorted([measures(alice), measures(ruth)]) == [[], ["Law No. 17"]]
    assert Event.everyones.filter(action="draft taken over").count() == 1
