"""A focal point reports a wrong treaty status: the curators read it, and answer once."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tests.conftest import make_person
from tests.removals import remove_words
from tests.verification import find_errors
from tracker.actions.status_report import answer_status_report, report_status
from tracker.actions.withdrawal import find_withdrawable
from tracker.models import Event, Notification, StatusReport, User
from tracker.models.event import SHOWN
from tracker.models.user import Role
from tracker.permissions import can_notify
from tracker.queries.reminders import still_holds
from tracker.workflow import NotAllowed

pytestmark = pytest.mark.django_db

SAID = {"wrong": "The date.", "right": "Acceded on 3 May 2005.", "reference": "Depositary notification 12."}


@pytest.fixture
def report(xaa, alice, dana):
    return report_status(respondent=xaa, by=alice, **SAID)


def answer(report, by, transition="accept", words="The act is entered.") -> StatusReport:
    return answer_status_report(report=report, transition=transition, answer=words, by=by)


def told() -> list[tuple[str, str, str]]:
    return list(Notification.objects.order_by("pk").values_list("user__name", "kind", "path"))


def test_a_report_reaches_every_curator(report, alice):
    make_person("dora", Role.CURATOR)
    assert told() == [("Dana", "status_reported", "/curate/treaty-acts/XAA/")]
    assert (report.state, report.reported_by, report.answer) == ("waiting", alice, "")


def test_its_answer_reaches_the_focal_points(report, dana):
    answered = answer(report, dana)
    assert (answered.state, answered.answered_by, answered.answer) == ("accepted", dana, "The act is entered.")
    assert told()[1:] == [("Alice", "status_answered", "/desk/XAA/units/")]


def test_a_report_is_answered_once_and_declined_with_a_reason(report, dana):
    with pytest.raises(ValidationError, match=r"Enter the reason\."):
        answer(report, dana, "decline", " ")
    answer(report, dana, "decline", "The source says otherwise.")
    with pytest.raises(NotAllowed):
        answer(report, dana, "decline", "The source says otherwise.")
    with pytest.raises(ValidationError, match=r"^\['Dana responded to this report after you opened the page\."):
        answer(report, dana)


def test_the_same_words_are_one_report(report, xaa, alice):
    assert report_status(respondent=xaa, by=alice, **SAID) == report
    assert len(told()) == 1


@pytest.mark.parametrize(
    ("broken", "field"), [({"wrong": " "}, "wrong"), ({"right": ""}, "right"), ({"reference": "x" * 301}, "reference")]
)
def test_a_report_says_what_is_wrong_and_what_is_right(xaa, alice, broken, field):
    with pytest.raises(ValidationError) as error:
        report_status(respondent=xaa, by=alice, **SAID | broken)
    assert list(error.value.message_dict) == [field]


def test_it_is_seen_by_its_state_and_the_curators(report, xaa, carol, alice, charlie, bob, dana, erin):
    people = {"alice": alice, "carol": carol, "charlie": charlie, "bob": bob, "dana": dana, "erin": erin}
    seen = {name: StatusReport.objects.visible_to(person).count() for name, person in people.items()}
    assert seen == {"alice": 1, "carol": 1, "charlie": 0, "bob": 0, "dana": 1, "erin": 0}
    xaa.opens_all_to_contributors = False
    xaa.save()
    assert StatusReport.objects.visible_to(User.objects.get(pk=carol.pk)).count() == 0


def test_news_of_a_report_that_is_answered_is_not_sent_any_more(report, dana, xaa):
    news = Notification.objects.get()
    assert (still_holds(news), can_notify(dana, news.kind, xaa)) == (True, True)
    answer(report, dana)
    assert still_holds(news) is False


def test_only_the_state_sees_events_of_a_status_report(report, dana):
    answer(report, dana)
    events = Event.everyones.filter(chain="XAA").order_by("number")
    assert [event.action for event in events] == ["status reported", "status report answered"]
    assert not {event.action for event in events} & SHOWN
    assert "date" not in " ".join(f"{event.target} {event.before} {event.after}" for event in events)
    assert find_errors() == []
    with transaction.atomic():
        StatusReport.everyones.update(answer="Something else.")
        assert find_errors() == [f"XAA, status-report {report.pk}: altered"]
        transaction.set_rollback(True)


def test_what_identifies_a_victim_is_withdrawn_from_all_of_it(xaa, alice, dana, erin):
    named = {name: f"{said} Jane Doe" for name, said in SAID.items()}
    report = report_status(respondent=xaa, by=alice, **named)
    answer(report, dana, "decline", "It does not concern Jane Doe.")
    (place,), _files, _unsearched = find_withdrawable(respondent=xaa, by=alice, words="Jane Doe", files=[])
    assert place.fields == ("wrong", "right", "reference", "answer")
    assert place.where.startswith("Report of an error in the treaty status, ")
    remove_words("Jane Doe", xaa, alice, erin)
    report.refresh_from_db()
    assert [report.wrong, report.right, report.reference, report.answer] == [""] * 4
    assert report.shown_value("wrong").startswith("Removed on ")
    assert find_errors() == []


@pytest.mark.parametrize(
    "changed", [{"wrong": ""}, {"state": "accepted"}, {"answer": "Yes."}, {"state": "declined"}], ids=str
)
def test_the_database_keeps_no_report_that_cannot_be(report, changed):
    with pytest.raises(IntegrityError), transaction.atomic():
        StatusReport.everyones.update(**changed)
