"""A State's desk with two bodies: each page is of one of them, the first unless the other is asked for."""

import re

import pytest
from django.urls import reverse

from tests import questionnaires
from tests.bodies import ASKED_OF_PARTIES, SLUG, WORD
from tests.conftest import save_for_xaa
from tests.documents import upload
from tests.submissions import opened_round
from tests.workbooks import as_upload, filled
from tracker.actions.assignment import assign
from tracker.models import Event, HeldUpload, Proposal, Record
from tracker.models.status import Status
from tracker.queries.desk.units import unit_rows

pytestmark = pytest.mark.django_db

OF_SECOND = {"body": SLUG}
PAGES = ["respondent_desk", "units_asked", "record_list", "report", "workbook", "assignment_add"]


@pytest.fixture
def answered(xaa, alice, unit, second_body):
    """I.1 of the second body, with a word that no answer of the first has."""
    return save_for_xaa(f"{SLUG}/I.1", Status.IMPLEMENTED, measures="Zanzibaranswer.", ready=True)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_desk_is_of_one_body(desk, answered, name):
    address = reverse(name, args=["XAA"])
    first, second = desk.get(address).text, desk.get(address, {**OF_SECOND, "show": "all"}).text
    assert f'href="{address}?body={SLUG}"' in first
    assert WORD not in first.replace(f"?body={SLUG}", "")
    if name in ("record_list", "report"):
        assert WORD in second and "non-punishment" not in second
    assert f'href="{address}" ' in second or f'href="{address}">' in second
    assert desk.get(address, {"body": "nobody"}).status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_with_one_body_no_page_names_any(desk, name):
    assert "?body=" not in desk.get(reverse(name, args=["XAA"])).text


def test_no_figure_mixes_bodies(xaa, alice, desk, answered):
    assert len(unit_rows(xaa, alice).to_answer) == 230
    for query, asked, answers in (({}, 230, 0), (OF_SECOND, len(ASKED_OF_PARTIES), 1)):
        overall = desk.get(reverse("respondent_desk", args=["XAA"]), query).context["figures"].overall
        assert (overall.total, overall.answered) == (asked, answers)
        rows = list(desk.get(reverse("report_json", args=["XAA"]), query).json()["answers"])
        assert len([row for row in rows if row["asked"]]) == asked
        assert sum(row["status"] != "no_information" for row in rows) == answers


def test_the_task_list_keeps_its_body_in_every_link(desk, second_body):
    text = desk.get(reverse("record_list", args=["XAA"]), OF_SECOND | {"meeting": "1"}).text
    assert f'<input type="hidden" name="body" value="{SLUG}"' in text
    within = re.findall(r'href="(\?[^"]*)"', text)
    assert within and all(f"body={SLUG}" in link for link in within)
    for name in ("assignment_add", "workbook"):
        assert f'form="filters" formaction="{reverse(name, args=["XAA"])}"' in text, "with the fields of the filters"


def test_an_answer_has_the_address_of_its_body_and_leads_on_within_it(desk, xaa, answered, unit):
    page = desk.get(f"/desk/XAA/recommendations/{SLUG}/I-1/")
    assert "Zanzibaranswer." in page.text
    assert f'href="/desk/XAA/recommendations/?body={SLUG}"' in page.text
    assert page.context["after"] == (f"/desk/XAA/recommendations/{SLUG}/I-2-a/", unit(f"{SLUG}/I.2(a)"))
    assert "Zanzibaranswer." not in desk.get("/desk/XAA/recommendations/I-1/").text
    for view in ("history", "compare", "comments", "proposals"):
        assert desk.get(f"/desk/XAA/recommendations/{SLUG}/I-1/{view}/").status_code == 200
    assert Record.everyones.get(respondent=xaa).recommendation == unit(f"{SLUG}/I.1")


def test_the_trail_names_the_body_and_leads_to_the_answer(desk, answered):
    assert Event.everyones.get(action="answer saved").target == f"record {SLUG}/I.1"
    assert f'href="/desk/XAA/recommendations/{SLUG}/I-1/"' in desk.get(reverse("event_list", args=["XAA"])).text


def test_a_workbook_is_of_one_body_and_comes_back_to_it(desk, xaa, unit, second_body):
    file = desk.get(reverse("workbook_xlsx", args=["XAA"]), OF_SECOND)
    content = filled(file.content, f"{SLUG}/I.1", measures="An act.", status="Implemented")
    response = desk.post(reverse("returned_file", args=["XAA"]), {"upload": as_upload(content)})
    assert response.status_code == 302
    assert [row["label"] for row in HeldUpload.everyones.get().rows] == [f"{SLUG}/I.1"]
    desk.post(response.url, {})
    record = Record.everyones.get()
    assert (record.recommendation, record.current.measures) == (unit(f"{SLUG}/I.1"), "An act.")


def test_a_workbook_of_the_first_body_has_only_its_labels(desk, xaa, unit, second_body):
    file = desk.get(reverse("workbook_xlsx", args=["XAA"]))
    content = filled(file.content, "I.1", measures="An act.", status="Implemented")
    desk.post(desk.post(reverse("returned_file", args=["XAA"]), {"upload": as_upload(content)}).url, {})
    assert Record.everyones.get().recommendation == unit("I.1")


@pytest.mark.parametrize("name", PAGES)
def test_at_most_15_queries_with_two_bodies(desk, answered, django_assert_max_num_queries, name):
    for query in ({}, OF_SECOND):
        desk.get(reverse(name, args=["XAA"]), query)
        with django_assert_max_num_queries(15):
            desk.get(reverse(name, args=["XAA"]), query)


def test_the_desk_goes_on_within_the_round_of_its_body(desk, bob, answered, second_body):
    opened_round(bob, code="2026", meetings=[1, 2, 4])
    opened_round(bob, "2026-x", body=second_body)
    address = reverse("respondent_desk", args=["XAA"])
    for query, code in (({}, "2026"), (OF_SECOND, "2026-x")):
        page = desk.get(address, query)
        assert next(one.round.code for one in page.context["rounds"]) == code
        goes_on = page.context["next_units"][0].unit
        assert goes_on.body_slug == query.get("body", "")
        assert f'href="/desk/XAA/recommendations/{goes_on.slug}/"' in page.text.partition('class="continue"')[2]
    assert "Round 2026-x (Working Group on Invented Smuggling): open, due" in page.text


def test_a_questionnaire_is_sent_and_read_for_every_body(desk, xaa, unit, answered, justice, alice):
    assign(respondent=xaa, units=[unit(f"{SLUG}/I.1"), unit("I.1")], to=justice, by=alice)
    file = desk.get(reverse("assignment_docx", args=["XAA", f"institution-{justice.pk}"])).content
    sent_back = questionnaires.filled(file, {f"{SLUG}/I-1/difficulties": "Few registers."})
    typed = {"received_from": "Ministry of Justice", "received_on": "3 November 2026", "language": "en"}
    desk.post(reverse("returned_file", args=["XAA"]), typed | {"upload": upload("sent.docx", sent_back)})
    proposal = Proposal.everyones.get()
    assert (proposal.unit, proposal.fields["difficulties"]) == (unit(f"{SLUG}/I.1"), "Few registers.")
