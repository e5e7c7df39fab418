"""The trail as focal points read it, and what administrators are told."""

import datetime
from contextvars import ContextVar

import pytest
from django.core.exceptions import FieldFetchBlocked
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from tests.access import given_role
from tests.conftest import arandia, find_unit, make_person, save_for_xaa, with_second_factor
from tests.database import as_owner
from tests.evidence_items import add_item
from tests.submissions import opened_round, read_and_answered
from tests.tracker.audit.test_catalogue_rows import ALTERED, one_of_each  # noqa: F401
from tracker.actions.access_change import second_access_change
from tracker.actions.assignment import assign
from tracker.actions.event import lock_head, next_event, record_event
from tracker.actions.reading_restriction import add_restriction
from tracker.actions.record import save_note
from tracker.actions.withdrawal import request_withdrawal
from tracker.audit import origin
from tracker.audit.rows import name_of
from tracker.models import AccessChange, Event, Membership, Respondent, User, Withdrawal
from tracker.models.event import SHOWN, SHOWN_IN_FULL, Action
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

TRAIL = "/desk/XAA/events/"
SITE = "/events/"


@pytest.fixture(scope="module")
def story(for_the_module):
    """One of everything."""
    xaa, erin = arandia(), with_second_factor(make_person("erin", Role.ADMINISTRATOR))
    alice, bob = make_person("alice", Role.FOCAL_POINT, xaa), with_second_factor(make_person("bob", Role.REVIEWER))
    law = add_item(xaa, alice, "Act", citation="OG 12")
    for base, measures in enumerate(["A bill.", "Jane Doe."]):
        save_for_xaa("I.13", base=base, measures=measures, ready=True, citations=[(law, "")])
    save_note(respondent=xaa, unit=find_unit("I.13"), note="Ask.", by=alice)
    read_and_answered(xaa, opened_round(bob, meetings=[1]), "I.13", alice, bob)
    request_withdrawal(respondent=xaa, by=alice, words="Jane Doe", files=[], reason="name")
    greta = make_person("greta", Role.ADMINISTRATOR)
    given_role(make_person("carol"), Role.CONTRIBUTOR, xaa, by=(erin, greta))
    second_access_change(change=AccessChange.objects.get(), by=alice)


@pytest.fixture
def read(client):
    def read(reader, path, /, **query):
        client.force_login(reader)
        response = client.get(path, query)
        assert response.status_code == 200
        return response

    return read


def lines_of(response) -> list[str]:
    return [f"{line.event.action}: {line.about}" for line, _url in response.context["rows"]]


def shown(response) -> str:
    return response.content.decode()


# Focal points


def test_a_focal_point_reads_all_and_only_their_states_trail(story, alice, read, xbb, charlie):
    assert lines_of(read(alice, TRAIL)) == [
        f"access change seconded: Account changes for a second administrator · {AccessChange.objects.get()}",
        "membership granted: Role · Carol",
        f"access change confirmed: Account changes for a second administrator · {AccessChange.objects.get()}",
        f"access change requested: Account changes for a second administrator · {AccessChange.objects.get()}",
        "withdrawal requested: Removal request",
        "use permitted: Submission · XAA/2026/2",
        "review closed: Submission · XAA/2026/2",
        "questions answered: Submission · XAA/2026/2",
        "questions sent: Submission · XAA/2026/1",
        "submission taken: Submission · XAA/2026/1",
        "submitted: Submission · XAA/2026/1",
        "note saved: Answer · I.13 Possible procedures for compensation and restitution",
        "answer saved: Answer · I.13 Possible procedures for compensation and restitution",
        "answer saved: Answer · I.13 Possible procedures for compensation and restitution",
        "evidence added: Evidence item · E1",
    ]
    assert lines_of(read(charlie, "/desk/XBB/events/")) == []


def test_a_reading_under_way_is_not_in_the_states_trail(story, alice, read):
    assert Event.everyones.filter(action="item remarked").values_list("chain", flat=True).get() == "site"
    assert "item remarked" not in " ".join(lines_of(read(alice, TRAIL)))


def test_each_line_leads_to_what_it_is_about(story, alice, read):
    response = read(alice, TRAIL)
    urls = {url for _line, url in response.context["rows"]}
    pk = Withdrawal.everyones.get().pk
    assert urls == {
        "",
        "/desk/XAA/recommendations/I-13/",
        "/desk/XAA/evidence/1/",
        "/submissions/XAA/2026/1/",
        "/submissions/XAA/2026/2/",
        f"/desk/XAA/withdrawals/{pk}/",
    }
    response.client.force_login(alice)
    assert {response.client.get(url).status_code for url in urls if url} == {200}


def test_a_line_says_what_was_and_became_without_digests(story, alice, read):
    changes = {line.event.number: (line.before, line.after) for line, _url in read(alice, TRAIL).context["rows"]}
    assert changes[3] == ("Version 1", "Version 2")
    assert {changes[number] for number in (12, 13, 14, 15)} == {
        ("", "Contributor · Carol · Since 1 January 2026, no end date")
    }


def test_the_head_of_the_trail_is_shown_to_be_kept(story, alice, read):
    assert Event.everyones.filter(chain="XAA").latest("number").head in shown(read(alice, TRAIL))


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"action": "answer saved"}, 2),
        ({"unit": "i.13"}, 3),
        ({"unit": "I.14"}, 0),
        ({"since": "2026-01-01", "until": "2099-12-31"}, 15),
        ({"until": "2026-01-01"}, 0),
        ({"since": "0001-01-01", "until": "9999-12-31"}, 15),
        ({"page": "99"}, 15),
    ],
    ids=str,
)
def test_it_is_filtered(story, alice, read, query, count):
    assert read(alice, TRAIL, **query).context["page"].paginator.count == count


@pytest.mark.parametrize(
    "query", [{"since": "never"}, {"action": "no such thing"}, {"unit": "\x00"}, {"actor": "9" * 40}], ids=str
)
def test_an_unknown_value_of_a_filter_is_an_error_and_shows_nothing(story, alice, read, query):
    response = read(alice, TRAIL, **query)
    assert response.context["page"].paginator.count == 0
    assert list(response.context["form"].errors) == list(query)
    assert "There is 1 problem" in response.content.decode()


def test_the_filter_has_only_acts_that_occur(story, alice, charlie, read):
    def acts(reader, path):
        form = read(reader, path).context["form"]
        return [code for code, _label in form.fields["action"].choices if code]

    occurring = {line.event.action for line, _url in read(alice, TRAIL).context["rows"]}
    assert (len(acts(alice, TRAIL)), set(acts(alice, TRAIL))) == (len(occurring), occurring)
    assert acts(charlie, "/desk/XBB/events/") == []


def test_a_line_names_the_institution_and_not_its_number(alice, justice, xaa, unit, read):
    assign(respondent=xaa, units=[unit("I.13")], to=justice, by=alice)
    line, _url = read(alice, TRAIL).context["rows"][0]
    named = "Assignments · I.13 Possible procedures for compensation and restitution"
    assert (line.about, line.after) == (named, "Assigned · Ministry of Justice")


def test_it_is_filtered_by_who(story, alice, bob, read):
    people = read(alice, TRAIL).context["form"].fields["actor"].queryset
    assert {person.name for person in people} == {"Alice", "Bob", "Erin", "Greta"}
    assert set(lines_of(read(alice, TRAIL, actor=bob.pk))) == {
        "submission taken: Submission · XAA/2026/1",
        "questions sent: Submission · XAA/2026/1",
        "review closed: Submission · XAA/2026/2",
    }


# Administrators


def test_an_administrator_reads_all_events_except_those_of_answers(story, erin, read):
    actions = [line.event.action for line, _url in read(erin, SITE).context["rows"]]
    assert set(actions) == {
        "catalogue loaded",
        "round planned",
        "round opened",
        "submitted",
        "questions answered",
        "submission taken",
        "item remarked",
        "questions sent",
        "review closed",
        "use permitted",
        "withdrawal requested",
        "access change requested",
        "access change seconded",
        "membership granted",
        "access change confirmed",
    }


def test_the_site_trail_discloses_nothing_about_current_answers(story, erin, read):
    """No label, no digest, no number from which to count."""
    page = shown(read(erin, SITE))
    for event in Event.everyones.all():
        assert event.digest not in page
        if event.action not in SHOWN_IN_FULL and event.after:
            assert event.after not in page
    assert "I.13" not in page
    assert "revision" not in page


def test_hidden_fields_of_events_cannot_be_read_from_the_rows(story, erin):
    event = Event.objects.headers_for(erin).get(action="questions sent")
    for hidden in ("number", "before", "after", "digest", "previous_digest", "chain"):
        with pytest.raises(FieldFetchBlocked):
            getattr(event, hidden)


def test_events_of_current_answers_and_teamwork_are_not_shown():
    """They are chosen by the nouns they begin with: whoever adds an event decides by these figures, too."""
    assert (len(SHOWN_IN_FULL), len(SHOWN), SHOWN_IN_FULL < SHOWN) == (65, 89, True)
    assert set(Action) - SHOWN == {
        "answer marked ready",
        "answer saved",
        "assignment accepted",
        "assignment came back",
        "assignment changed",
        "assignment ended",
        "assignment ready",
        "assignment sending undone",
        "assignment returned",
        "comment written",
        "confirmed still correct",
        "contributors reminded",
        "courtesy translation saved",
        "brief saved",
        "desk closed to contributors",
        "desk opened to contributors",
        "draft taken over",
        "evidence added",
        "evidence changed",
        "malware found",
        "no malware found",
        "links found",
        "institution added",
        "institution changed",
        "institution closed",
        "institution given",
        "institution reopened",
        "need closed",
        "need in contact",
        "need seen",
        "note saved",
        "proposal declined",
        "proposal offered",
        "proposal taken",
        "proposal taken back",
        "quotation objected to",
        "quotation removed",
        "quotation saved",
        "quotations ordered",
        "quotations sent",
        "status report answered",
        "status reported",
        "transcription ended",
        "transcription requested",
        "unit assigned",
        "update declined",
    }


def test_from_where_while_it_is_kept(story, erin, read, monkeypatch):
    monkeypatch.setattr(origin, "address", ContextVar("address", default="2001:db8::7"))
    record_event(action="person welcomed", target=f"person {erin.pk}", by=erin)
    monkeypatch.undo()
    assert "2001:db8::7" in shown(read(erin, SITE))
    Event.everyones.filter(address__isnull=False).update(address=None)
    assert "2001:db8::7" not in shown(read(erin, SITE))


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"person": "ALI"}, 6),
        ({"person": "bob@example"}, 6),
        ({"action": "submitted"}, 1),
    ],
    ids=str,
)
def test_the_site_is_filtered(story, erin, read, query, count):
    assert read(erin, SITE, **query).context["page"].paginator.count == count


@pytest.mark.parametrize("query", [{"person": "\x00"}, {"respondent": "0"}, {"action": "answer saved"}], ids=str)
def test_an_unknown_value_of_a_filter_of_the_site_is_an_error_and_shows_nothing(story, erin, read, query):
    response = read(erin, SITE, **query)
    assert response.context["page"].paginator.count == 0
    assert list(response.context["form"].errors) == list(query)


def test_the_site_trail_filtered_by_state_includes_readings_of_submissions(story, erin, read, xaa, xbb):
    assert "item remarked: Submission · XAA/2026/1" in lines_of(read(erin, SITE, respondent=xaa.pk))
    assert lines_of(read(erin, SITE, respondent=xbb.pk)) == []


def test_people_who_are_not_administrators_read_no_events(story, alice, bob):
    for person in (alice, bob):
        assert list(Event.objects.headers_for(person)) == []


def test_few_queries_name_all_that_events_are_about(
    story,
    client,
    erin,
    bob,
    xaa,
    one_of_each,  # noqa: F811
    django_assert_max_num_queries,
):
    add_restriction(user=bob, respondent=xaa, by=erin)
    for model in (*ALTERED, Membership, Respondent, User):
        add_events(None, 1, action="round planned", target=name_of(model.objects.first()), by=None)
    client.force_login(erin)
    with django_assert_max_num_queries(15):
        client.get(SITE)


# Both


def add_events(respondent, count: int, **values) -> None:
    head, now = lock_head(respondent), timezone.now()
    Event.everyones.bulk_create(
        next_event(head, at=now + datetime.timedelta(seconds=second), respondent=respondent, **values)
        for second in range(count)
    )


@pytest.mark.parametrize(("path", "who"), [(TRAIL, "alice"), (SITE, "erin")])
def test_the_same_queries_however_many_events(story, client, request, path, who, django_assert_max_num_queries):
    client.force_login(request.getfixturevalue(who))
    with django_assert_max_num_queries(15) as few:
        client.get(path)
    add_events(None, 300, action="round planned", target="round 2026", by=None)
    with django_assert_max_num_queries(len(few)):
        client.get(path)


@pytest.mark.parametrize(("name", "who"), [("event_list", "alice"), ("site_event_list", "erin")])
def test_the_pages_lead_on(story, client, request, name, who, unit, xaa, monkeypatch):
    monkeypatch.setattr("tracker.views.event.PAGE", 5)
    client.force_login(request.getfixturevalue(who))
    path = reverse(name, args=[xaa.code] if name == "event_list" else [])
    first, second = client.get(path), client.get(path, {"page": 2})
    assert len(lines_of(first)) == len(lines_of(second)) == 5
    assert set(lines_of(first)) != set(lines_of(second))


def test_only_the_last_page_counts_the_events_of_the_site(story, erin, read, monkeypatch):
    count = len(lines_of(read(erin, SITE)))
    monkeypatch.setattr("tracker.views.event.PAGE", count - 1)
    first, last, beyond = (shown(read(erin, SITE, page=page)) for page in (1, 2, "9" * 40))
    assert [f"{count} events" in page for page in (first, last, beyond)] == [False, True, False]
    assert ["Older" in page for page in (first, last, beyond)] == [True, False, True]
    assert "Page 1 of" not in first


# Size


def test_a_long_trail_is_paged_along_an_index(xaa, alice, erin):
    add_events(xaa, 5000, action="submission withdrawn", target="submission XAA/2026/1", by=alice)
    if connection.vendor == "postgresql":
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("ANALYZE tracker_event")
    own = Event.objects.visible_to(alice).filter(respondent=xaa, chain="XAA").order_by("-number")[:100].explain()
    plan = Event.objects.headers_for(erin).order_by("-at", "-pk")[:100].explain()
    if connection.vendor == "sqlite":
        assert ("INDEX sqlite_autoindex_tracker_event_1 (chain=?)" in own, "TEMP B-TREE" in own) == (True, False)
    else:
        assert "Index Scan Backward using event_number_once_in_chain" in own
    assert "event_newest_first" in plan
