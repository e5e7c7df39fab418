"""A paper is published by two people: a curator offers the draft, another person publishes or returns it."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from recommendations.models import Body, Footnote, Meeting, PaperImport, Recommendation
from recommendations.paper_import.actions import (
    decide_paragraphs,
    join_paragraphs,
    move_paragraphs,
    save_details,
    save_paragraphs,
)
from tests.catalogue_events import actions_on, rows_about
from tests.conftest import make_person, reread
from tests.papers import decided, offered, parts_of, settled, stamp_of, taken_in, with_details_confirmed
from tests.verification import OWN_KINDS, name_rows
from tracker.actions.notification import choose_notifications
from tracker.actions.paper_publication import offer_publication, publish_paper, return_draft
from tracker.audit.rows import find_errors
from tracker.models import Event, Membership, Notification, User
from tracker.models.notification import NotificationKind
from tracker.models.user import Role
from tracker.queries.papers import papers_to_confirm
from tracker.queries.reminders import still_holds

pytestmark = pytest.mark.django_db

ANOTHER = (
    "Another officer or curator must publish the paper: "
    "you requested the publication, or changed something in the draft."
)
NOT_OFFERED = (
    "The publication of this draft is no longer requested: the draft was changed or returned. "
    "A curator can request the publication again."
)
CHANGED = "The page changed"
WAIT = datetime.timedelta(hours=72)


@pytest.fixture
def draft(dana) -> PaperImport:
    """A draft of the ninth meeting that dana decided and that nobody offered yet."""
    return settled(decided(taken_in(dana), dana), dana)


@pytest.fixture
def fay(db) -> User:
    return make_person("fay", Role.CURATOR)


def offer(draft: PaperImport, by: User) -> PaperImport:
    offer_publication(paper_import=draft, stamp=stamp_of(draft), by=by)
    return PaperImport.objects.get(pk=draft.pk)


def publish(draft: PaperImport, by: User) -> PaperImport:
    return publish_paper(paper_import=draft, stamp=stamp_of(draft), by=by)


def send_back(draft: PaperImport, by: User, reason: str = "Annex II has topics.") -> None:
    return_draft(paper_import=draft, stamp=stamp_of(draft), reason=reason, by=by)


def refusal(act) -> str:
    with pytest.raises(ValidationError) as refused:
        act()
    return " ".join(refused.value.messages)


def later(monkeypatch, wait: datetime.timedelta) -> None:
    now = timezone.now() + wait
    monkeypatch.setattr(timezone, "now", lambda: now)


def change_words(draft: PaperImport, by: User) -> None:
    row = draft.paragraphs.get(label="IX.3")
    save_paragraphs(paper_import=draft, changes={row.pk: (row.version, {"strength": "shall"})}, by=by)


def change_details(draft: PaperImport, by: User) -> None:
    now = PaperImport.objects.get(pk=draft.pk)
    now.paper_title = "Recommendations of the ninth meeting"
    save_details(paper_import=now, meetings={}, base=now.version, by=by)
    with_details_confirmed(now, by)


def decide_one(draft: PaperImport, by: User) -> None:
    row = draft.paragraphs.get(label="IX.2")
    decide_paragraphs(paper_import=draft, decision="", versions={row.pk: row.version}, by=by)


def leave_out_part(draft: PaperImport, by: User) -> None:
    decide_paragraphs(paper_import=draft, decision="leave_out", parts=parts_of(draft, "Ninth meeting"), by=by)


def join(draft: PaperImport, by: User) -> None:
    rows = draft.paragraphs.filter(label__in=["IX.2", "IX.3"])
    join_paragraphs(paper_import=draft, versions={row.pk: row.version for row in rows}, by=by)


def move_deeper(draft: PaperImport, by: User) -> None:
    row = draft.paragraphs.get(label="IX.3")
    move_paragraphs(paper_import=draft, versions={row.pk: row.version}, levels=1, by=by)


CHANGES = [change_words, change_details, decide_one]


# Two people


def test_a_curator_offers_a_draft_and_an_officer_publishes_it(draft, dana, bob):
    publish(offer(draft, dana), bob)

    published = PaperImport.objects.get()
    assert (published.offered_by, published.published_by, published.nodes_added) == (dana, bob, 5)
    fund = Recommendation.objects.with_text().get(label="IX.1(b)")
    [row] = rows_about(fund)
    assert (row.event.action, row.event.actor, row.event.after) == ("paper published", bob, "5 texts")
    assert fund.wordings.get().author == dana
    assert actions_on(Meeting.objects.get(number=9)) == [("paper published", bob)]


def test_the_trail_has_the_offer_the_return_and_the_publication(draft, dana, bob, fay):
    name_rows()
    send_back(offer(draft, dana), bob)
    publish(offer(draft, dana), fay)

    events = Event.everyones.filter(target=f"paper-import {draft.pk}").order_by("pk")
    assert list(events.values_list("action", "actor__name"))[-4:] == [
        ("paper offered", "Dana"),
        ("paper returned", "Bob"),
        ("paper offered", "Dana"),
        ("paper published", "Fay"),
    ]
    assert list(find_errors(OWN_KINDS)) == []


def test_a_draft_with_an_open_doubt_is_not_offered(dana):
    draft = decided(taken_in(dana), dana)

    assert refusal(lambda: offer(draft, dana)) == "IX.3: The text does not say whom it addresses"


def test_a_returned_draft_has_the_reason_until_the_next_offer(draft, dana, bob):
    send_back(offer(draft, dana), bob)

    returned = PaperImport.objects.get()
    assert (returned.offered_by, returned.returned_by, returned.return_reason) == (None, bob, "Annex II has topics.")
    assert refusal(lambda: publish(returned, bob)) == NOT_OFFERED
    again = offer(returned, dana)
    assert (again.offered_by, again.returned_by, again.return_reason) == (dana, None, "")


def test_the_curator_who_offered_a_draft_can_return_it(draft, dana):
    send_back(offer(draft, dana), dana, "One more paragraph.")

    assert PaperImport.objects.get().offered_by is None
    assert not Notification.objects.filter(kind=NotificationKind.PAPER_RETURNED).exists()


# Who is notified


def test_all_officers_and_curators_are_notified_of_an_offer(draft, dana, bob, fay, erin, alice):
    offer(draft, dana)

    told = Notification.objects.filter(kind=NotificationKind.PAPER_OFFERED)
    assert sorted(told.values_list("user__name", "path")) == [
        ("Bob", f"/curate/intake/{draft.pk}/publish/"),
        ("Fay", f"/curate/intake/{draft.pk}/publish/"),
    ]


def test_nobody_can_decline_to_be_notified_of_an_offer(bob):
    with pytest.raises(PermissionDenied):
        choose_notifications(wanted={NotificationKind.PAPER_OFFERED}, by=bob)


def test_the_curator_is_notified_of_a_return(draft, dana, bob):
    send_back(offer(draft, dana), bob)

    [told] = Notification.objects.filter(kind=NotificationKind.PAPER_RETURNED)
    assert (told.user, told.context) == (dana, {"paper_import": draft.pk})


def test_the_mail_names_the_paper(draft, dana, bob, django_capture_on_commit_callbacks, mailoutbox):
    with django_capture_on_commit_callbacks(execute=True):
        offer(draft, dana)

    [mail] = mailoutbox
    assert (mail.to, mail.subject) == (["bob@example.org"], "A paper waits for a second person to publish it")
    assert "Paper: Recommendations adopted at the ninth meeting" in mail.body


def test_no_mail_is_sent_of_an_offer_that_ended(draft, dana, bob):
    offer(draft, dana)
    told = Notification.objects.get(kind=NotificationKind.PAPER_OFFERED)
    assert still_holds(told) is True

    change_words(draft, dana)

    assert still_holds(told) is False


def test_a_paper_waits_only_for_people_who_can_publish_it(draft, dana, bob, fay, erin, alice):
    decide_one(draft, fay)
    offered_draft = offer(draft, dana)

    waiting = {person.name: papers_to_confirm(person) for person in (dana, bob, fay, erin, alice)}
    assert waiting == {"Dana": [], "Bob": [offered_draft], "Fay": [], "Erin": [], "Alice": []}
    send_back(offered_draft, bob)
    assert papers_to_confirm(bob) == []


# Attacks


@pytest.mark.usefixtures("bob")
def test_attack_the_curator_who_added_the_draft_publishes_it(draft, dana, fay):
    offered_draft = offer(draft, fay)

    assert refusal(lambda: publish(offered_draft, dana)) == ANOTHER


@pytest.mark.usefixtures("bob")
@pytest.mark.parametrize("change", CHANGES)
def test_attack_a_curator_who_changed_one_thing_publishes(change, draft, dana, fay):
    change(draft, fay)
    offered_draft = offer(draft, dana)

    assert refusal(lambda: publish(offered_draft, fay)) == ANOTHER


@pytest.mark.usefixtures("bob")
def test_attack_a_curator_has_a_colleague_change_the_same_text_after(draft, dana, fay):
    """The row then has the colleague as the last who changed it."""
    change_words(draft, fay)
    change_words(draft, dana)
    offered_draft = offer(draft, dana)

    assert refusal(lambda: publish(offered_draft, fay)) == ANOTHER


@pytest.mark.parametrize("change", [*CHANGES, leave_out_part, join, move_deeper])
def test_attack_the_draft_is_changed_between_offer_and_publication(change, draft, dana, bob):
    offered_draft, shown = offer(draft, dana), stamp_of(draft)
    change(draft, dana)

    assert CHANGED in refusal(lambda: publish_paper(paper_import=offered_draft, stamp=shown, by=bob))
    assert refusal(lambda: publish(offered_draft, bob)) == NOT_OFFERED
    assert not Recommendation.objects.filter(meeting__number=9).exists()


def test_attack_a_form_opened_during_the_offer_brings_it_back(draft, dana, bob):
    """The form of the details knows the offer, and is saved after the draft was returned."""
    opened = offer(draft, dana)
    send_back(opened, bob)
    opened.paper_title = "Another title"
    save_details(paper_import=opened, meetings={}, base=opened.version, by=dana)

    assert refusal(lambda: publish(draft, bob)) == NOT_OFFERED


def test_attack_a_double_click_on_publish(draft, dana, bob):
    offered_draft, shown = offer(draft, dana), stamp_of(draft)
    publish_paper(paper_import=offered_draft, stamp=shown, by=bob)

    again = refusal(lambda: publish_paper(paper_import=offered_draft, stamp=shown, by=bob))
    assert again == "The paper is already published."
    assert Recommendation.objects.filter(meeting__number=9).count() == 5


def test_attack_a_double_click_on_offer(draft, dana, bob):
    offer(draft, dana)

    assert refusal(lambda: offer(draft, dana)) == "The publication of this draft is already requested."
    assert Notification.objects.filter(kind=NotificationKind.PAPER_OFFERED).count() == 1


def test_attack_a_second_person_whose_role_ended_publishes(draft, dana, bob):
    offered_draft = offer(draft, dana)
    Membership.objects.filter(user=bob).update(ended_at=timezone.now())

    with pytest.raises(PermissionDenied):
        publish(offered_draft, reread(bob))


def test_attack_a_curator_offers_a_draft_and_loses_the_role(draft, dana, bob):
    offered_draft = offer(draft, dana)
    Membership.objects.filter(user=dana).update(ended_at=timezone.now())

    assert refusal(lambda: publish(offered_draft, bob)) == (
        "The person who requested the publication is no longer a curator. "
        "Return the draft, so that a curator requests the publication again."
    )
    send_back(offered_draft, bob)


# One person alone


def test_the_only_person_publishes_72_hours_after_the_offer(draft, dana, monkeypatch):
    offered_draft = offer(draft, dana)
    assert refusal(lambda: publish(offered_draft, dana)) == ANOTHER

    later(monkeypatch, WAIT)
    publish(offered_draft, dana)

    assert PaperImport.objects.get().published_by == dana


@pytest.mark.usefixtures("bob")
def test_attack_a_curator_waits_72_hours_although_an_officer_could_decide(draft, dana, monkeypatch):
    offered_draft = offer(draft, dana)
    later(monkeypatch, WAIT)

    assert refusal(lambda: publish(offered_draft, dana)) == ANOTHER


def test_attack_the_only_person_renews_an_old_offer(draft, dana, monkeypatch):
    """The time begins with the offer of what is published."""
    offer(draft, dana)
    later(monkeypatch, WAIT)
    change_words(draft, dana)
    offered_draft = offer(draft, dana)

    assert refusal(lambda: publish(offered_draft, dana)) == ANOTHER


def test_a_curator_waits_where_all_others_changed_the_draft(draft, dana, fay, monkeypatch):
    decide_one(draft, fay)
    offered_draft = offer(draft, dana)
    later(monkeypatch, WAIT)

    assert refusal(lambda: publish(offered_draft, fay)) == ANOTHER
    publish(offered_draft, dana)


# The database


def test_attack_the_database_records_that_one_person_published(draft, dana, bob):
    """Both people are the same, the time has not passed, or nobody offered the draft."""
    offered_draft, body = offer(draft, dana), Body.objects.get(is_first=True)
    now = timezone.now()
    alone = {"published_by": dana, "published_at": now, "body": body}
    never_offered = {"offered_by": None, "offered_at": None, "offered_stamp": "", **alone, "published_by": bob}
    for values in (alone, never_offered):
        with pytest.raises(IntegrityError), transaction.atomic():
            PaperImport.objects.filter(pk=offered_draft.pk).update(**values)
    assert PaperImport.objects.filter(pk=offered_draft.pk).update(**alone | {"published_by": bob}) == 1


def test_what_the_catalogue_gets_has_all_footnotes(draft, dana, bob):
    publish(offer(draft, dana), bob)

    assert list(Footnote.objects.filter(recommendation__label="IX.1(b)").values_list("number", "text")) == [
        (1, "See article 6, paragraph 6, of the Protocol.")
    ]


@pytest.mark.thorough
def test_2000_texts_are_published_with_few_queries(dana, bob, django_assert_max_num_queries):
    lines = [f"{number}. States parties should take measure {number}." for number in range(1, 401)]
    text = "".join(
        f"{numeral}. Some meeting, Vienna, {day} June 2019\n\n" + "\n".join(lines) + "\n"
        for day, numeral in enumerate(("IX", "X", "XI", "XII", "XIII"), start=1)
    )
    draft = offered(taken_in(dana, text), dana)
    shown = stamp_of(draft)

    with django_assert_max_num_queries(60):
        publish_paper(paper_import=draft, stamp=shown, by=bob)

    assert Recommendation.objects.filter(meeting__number__gte=9).published().count() == 2000
