"""The State's report: who may read it, what it says, and how often it asks the database."""

import datetime
import html
import re

import pytest
from django.urls import reverse

from tests.conftest import make_person
from tests.documents import REPORTS, all_text_of
from tests.evidence_items import add_item
from tests.labels import titled
from tests.pages import hidden_input
from tests.submissions import opened_round, save_many, submit_ready
from tracker.actions.record import Answer
from tracker.actions.withdrawal import confirm_withdrawal, request_withdrawal
from tracker.models import BriefText, Record
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

REPORT = reverse("report", args=["XAA"])
FILES = {kind: reverse(f"report_{kind}", args=["XAA"]) for kind in REPORTS}
CANARY = "chrysoprase"


@pytest.fixture
def page(desk):
    def page(query="show=all"):
        response = desk.get(f"{REPORT}?{query}")
        assert response.status_code == 200
        return response.content.decode()

    return page


def words(html) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def units_of(html) -> list[str]:
    return re.findall(r'<article class="report-unit" id="([^"]+)"', html)


def test_the_first_page_is_a_complete_summary(page, say):
    say("I.13", "not_started", assistance_kinds=["training"], target_date=datetime.date(2020, 1, 1))
    say("II.49", "in_progress", target_date=datetime.date(2090, 3, 1), lead_institution="Ministry of Justice")
    first = words(page("").split('class="report-page"')[1].split('class="section report-chart"')[0])
    assert "Working document Report on the implementation of the recommendations Arandia" in first
    assert "UTC · Current answers (not submitted)" in first
    assert "Party to the Protocol · Act: 1 May 2005" in first
    assert "2 of 230 answered · 1%" in first
    assert "On 1 of 230 recommendations, no measure has been taken to date." in first
    assert f"No measure to date {titled('I.13')}" in first
    assert "Assistance needed 1 of 2 answers Training 1" in first
    assert f"Next target dates Target date passed: 1 of 2 1 March 2090 {titled('II.49')} Ministry of Justice" in first
    assert "Self-reported by States; not verified by the Secretariat." in first


def test_every_unit_asked_is_in_it_with_its_whole_text_and_what_was_answered(page, say, xaa):
    say(
        "IV.46(i)",
        "partially_implemented",
        measures="Victims may claim.",
        difficulties="Few interpreters.",
        assistance="Training of forty judges.",
        items_met=["IV.46(i)(i)"],
        lead_institution="Ministry of Justice",
        target_date=datetime.date(2027, 3, 1),
    )
    html = page()
    assert sorted(units_of(html)) == sorted(xaa.units_to_answer().values_list("slug", flat=True))
    item = words(html.split('id="IV-46-i"')[1].split("</article>")[0])
    met = titled("IV.46(i)(i)").replace("'", "&#x27;")
    for part in (
        "The Working Group endorsed, as orally amended",
        "States parties should adopt at least one of the following options",
        "Provisions allowing victims to sue offenders or others for civil damages",
        "Partially implemented",
        f"Items met \N{FIRST STRONG ISOLATE}{met}\N{POP DIRECTIONAL ISOLATE}",
        "Measures Victims may claim.",
        "Difficulties Few interpreters.",
        "Assistance needed Training of forty judges.",
        "Target date 1 March 2027",
        "Lead institution Ministry of Justice",
    ):
        assert part in item


def test_a_need_in_words_is_counted_on_the_first_page(page, say):
    say("I.13", "not_started", assistance="Forty judges.")
    assert "Assistance needed 1 of 1 answer Kind not specified 1 Next target dates" in words(page(""))


def test_without_an_answer_there_is_no_information(page):
    assert f"{titled('I.1')} With regard" in words(page())
    assert page().count('<p class="report-status"><span class="status status-no_information">') == 230


def test_additional_answers_are_listed_separately_and_not_counted(page, say):
    say("I.2", measures="A party since 2005.")
    html = page()
    assert units_of(html)[-1] == "I-2"
    assert "0 of 230 answered · 0%" in words(page(""))
    assert (
        "1 answer is to a recommendation not addressed to this State. The figures in this report do not include it."
        in words(html)
    )


@pytest.mark.parametrize(
    "query, first",
    [
        ("show=all", "1. Prevention and awareness-raising"),
        ("by=theme&show=all", "1. Prevention and awareness-raising"),
        ("by=meeting&show=all", "I . First meeting, Vienna, 14 and 15 April 2009"),
        ("by=%00&show=all", "1. Prevention and awareness-raising"),
        ("by=meeting&by=nothing&show=all", "1. Prevention and awareness-raising"),
    ],
)
def test_it_is_by_theme_or_by_meeting(page, query, first):
    head = re.search(r'<h2 id="part-1">(.*?)</h2>', page(query), re.DOTALL)[1]
    assert words(head) == first


def test_a_part_at_a_time_is_what_a_slow_line_carries(page, say, xaa, alice):
    say("I.13", citations=[(add_item(xaa, alice, "Law No. 17 of 2022", citation="Gazette 17"), "")])
    say("I.2")
    shown = {query: page(query) for query in ("", "show=5", "show=others", "by=meeting&show=1", "show=99", "show=%00")}
    first = units_of(shown[""])
    assert first == units_of(shown["show=99"]) == units_of(shown["show=%00"]) == []
    assert "Working document Report on the implementation" in words(shown[""])
    compensation = xaa.units_to_answer().filter(primary_theme__name__startswith="Compensation")
    assert units_of(shown["show=5"]) == list(compensation.values_list("slug", flat=True))
    assert "Gazette 17" in shown["show=5"]
    assert units_of(shown["show=others"]) == ["I-2"]
    assert "Gazette 17" not in shown["show=others"]
    meeting = xaa.units_to_answer().filter(meeting__number=1)
    assert units_of(shown["by=meeting&show=1"]) == list(meeting.values_list("slug", flat=True))


@pytest.mark.usefixtures("not_party")
def test_the_parts_lead_to_every_answer_once_in_either_order(page, desk, say, xaa):
    say("I.13")
    asked = sorted([*xaa.units_to_answer().values_list("slug", flat=True), "I-13"])
    for order in ("theme", "meeting"):
        nav = page(f"by={order}").split('aria-labelledby="parts"')[1].split("</nav>")[0]
        parts = [html.unescape(part) for part in re.findall(r'href="([^"]+)"', nav)]
        found = [slug for part in parts if "show=all" not in part for slug in units_of(desk.get(part).content.decode())]
        assert sorted(found) == asked


def test_evidence_is_listed_once_with_its_place(page, say, xaa, alice):
    law = add_item(xaa, alice, "Law No. 17 of 2022", url="https://laws.example/17")
    say("I.13", citations=[(law, "articles 31 to 40")])
    say("II.49", citations=[(law, "")])
    html = page()
    assert "Evidence E1 Law No. 17 of 2022 , articles 31 to 40" in words(html)
    assert html.count('id="evidence-1-1"') == 1
    assert "Law · Version 1 · https://laws.example/17" in words(html)


def test_the_chart_has_a_description_next_to_its_numbers(page, say):
    say("I.13")
    row = re.search(r'<th scope="row">Compensation, restitution.*?</tr>', page(""), re.S)[0]
    assert (
        "<title>Compensation, restitution and access to justice</title><desc>Implemented 1; No information 8</desc>"
        in row
    )
    assert re.findall(r'<td class="number">(.*?)</td>', row) == ["9", "1", "1", "0", "0", "0", "0", "0", "8"]


def test_what_a_state_wrote_is_text_in_the_page(page, say, xaa, alice):
    act = add_item(xaa, alice, "<i>Act</i>", citation="<i>Gazette</i>")
    say("I.13", measures="<script>alert(1)</script>", lead_institution='"><u>', citations=[(act, "<i>art. 9</i>")])
    shown = page()
    for written in ("<script>alert(1)</script>", '"><u>', "<i>Act</i>", "<i>Gazette</i>", "<i>art. 9</i>"):
        assert (html.escape(written) in shown, written in shown) == (True, False)


@pytest.mark.usefixtures("not_party")
@pytest.mark.parametrize("kind", REPORTS)
def test_files_are_named_after_the_state_and_the_day(desk, kind):
    response = desk.get(FILES[kind])
    assert response.headers["Content-Type"] == REPORTS[kind]
    disposition = response.headers["Content-Disposition"]
    assert re.fullmatch(rf'attachment; filename="XAA-report-\d{{4}}-\d\d-\d\d\.{kind}"', disposition)


@pytest.mark.usefixtures("not_party")
def test_the_csv_begins_with_a_byte_order_mark(desk):
    assert desk.get(FILES["csv"]).getvalue().startswith(b"\xef\xbb\xbfrespondent,")


@pytest.mark.usefixtures("not_party")
@pytest.mark.parametrize("name", ["report", *(f"report_{kind}" for kind in REPORTS)])
def test_no_word_of_one_state_is_in_the_report_of_another(client, say, charlie, xaa, alice, name):
    law = add_item(xaa, alice, f"{CANARY} act", citation=CANARY)
    say("VI.4", measures=CANARY, lead_institution=CANARY, citations=[(law, CANARY)])
    client.force_login(charlie)
    response = client.get(reverse(name, args=["XBB"]))
    assert response.status_code == 200
    assert CANARY not in all_text_of(response)
    client.force_login(alice)
    assert CANARY in all_text_of(client.get(reverse(name, args=["XAA"], query={"show": "all"})))


@pytest.mark.usefixtures("not_party")
def test_it_asks_the_database_as_often_at_5_answers_as_at_25(desk, xaa, alice, django_assert_max_num_queries):
    units = list(xaa.units_to_answer().with_text().order_by("position"))
    law = add_item(xaa, alice, "Law No. 17 of 2022", url="https://laws.example/17")
    said = Answer(status="implemented", citations=[(law, "")])
    addresses = (REPORT, f"{REPORT}?show=all", *FILES.values())
    counts = []
    for start, end in ((0, 5), (5, 25)):
        save_many(xaa, dict.fromkeys(units[start:end], said), alice)
        for address in addresses:
            with django_assert_max_num_queries(15) as queries:
                desk.get(address).getvalue()
            counts.append(len(queries))
    assert Record.everyones.count() == 25
    assert counts[: len(addresses)] == counts[len(addresses) :]


BRIEF_FILES = {kind: reverse(f"brief_{kind}", args=["XAA"]) for kind in ("pdf", "docx")}


def test_a_focal_point_writes_what_is_for_decision_and_the_brief_has_it(desk):
    desk.get(REPORT)
    response = desk.post(REPORT, {"decisions": "Approve the bill.\nRelease the funds.", "base": ""}, follow=True)
    assert "The texts of the brief are saved." in response.content.decode()
    assert "Approve the bill.\nRelease the funds.</textarea>" in response.content.decode()
    for kind, address in BRIEF_FILES.items():
        response = desk.get(address)
        assert response.headers["Content-Type"] == REPORTS[kind]
        assert re.search(rf'filename="XAA-brief-\d{{4}}-\d\d-\d\d\.{kind}"', response.headers["Content-Disposition"])
        assert "Release the funds." in all_text_of(response)


def test_a_stale_page_shows_the_input_and_the_saved_texts(desk):
    desk.post(REPORT, {"decisions": "Approve the bill.", "base": ""})
    response = desk.post(REPORT, {"decisions": "Release the funds.", "base": ""})
    html = response.content.decode()
    assert response.status_code == 400
    assert "Your team saved other words, or removed identifying information, after you opened the page." in html
    assert "Release the funds.</textarea>" in html
    assert "<p>Approve the bill.</p>" in html
    again = desk.post(REPORT, {"decisions": "Approve the bill.\nRelease the funds.", "base": "1.0"})
    assert again.status_code == 302


def test_attack_a_page_of_before_a_removal_brings_the_words_back(desk, xaa, alice, erin):
    """First while the removal waits for its second person, then after it."""
    desk.post(REPORT, {"decisions": "Write to the family of Ms Quetzal.", "base": ""})
    typed = {"decisions": "Write to the family of Ms Quetzal.", "done": "A law."}
    typed["base"] = hidden_input(desk.get(REPORT), "base")
    request = request_withdrawal(respondent=xaa, by=alice, words="Quetzal", files=[], reason="name")
    refused = desk.post(REPORT, typed)
    assert (refused.status_code, hidden_input(refused, "base")) == (400, f"1.{request.pk}")
    confirm_withdrawal(pk=request.pk, by=erin)
    assert desk.post(REPORT, typed).status_code == 400
    assert list(BriefText.everyones.values_list("number", "decisions", "done")) == [(1, "", "")]
    assert "Quetzal" not in desk.get(REPORT).content.decode()


def test_attack_another_error_makes_an_old_page_new(desk):
    desk.post(REPORT, {"decisions": "Approve the bill.", "base": ""})
    invalid = desk.post(REPORT, {"decisions": "Release the funds.", "done": "x" * 2001, "base": ""})
    assert hidden_input(invalid, "base") == ""
    desk.post(REPORT, {"decisions": "Release the funds.", "done": "", "base": ""})
    assert BriefText.everyones.get().decisions == "Approve the bill."


@pytest.fixture
def fill(desk):
    """Select answers for a text of the brief."""

    def fill(name, *slugs, base="1.0"):
        return desk.post(REPORT, {"answer": slugs, "base": base}, query_params={"fill": name})

    return fill


def test_a_text_is_filled_from_selected_answers_and_keeps_what_was_typed(desk, say, fill, unit):
    say("I.13", "in_progress", measures="A bill.\nMore.", difficulties="No funds.")
    say("VI.4", "implemented", measures="A law.")
    response = desk.post(REPORT, {"done": "Typed.", "base": "", "fill": "missing"})
    assert response.headers["Location"] == f"{REPORT}?fill=missing"
    offered = desk.get(response.headers["Location"]).content.decode()
    assert ('value="I-13"' in offered, 'value="VI-4"' in offered) == (True, False)
    assert fill("missing", "I-13").headers["Location"] == f"{REPORT}#id_missing"
    assert fill("missing", "I-13").status_code == 302  # a double click
    page = desk.get(REPORT).content.decode()
    assert BriefText.everyones.count() == 2
    assert f"{unit('I.13').title}\nNo funds.</textarea>" in page
    assert "Typed.</textarea>" in page
    assert fill("done", "I-13", "VI-4", base="2.0").status_code == 302
    assert f"Typed.\n\n{unit('I.13').title}\nA bill.\n\n" in desk.get(REPORT).content.decode()


def test_attack_fill_from_nine_none_or_other_answers(alice, fill, xaa):
    """The sections with a selected answer are open again."""
    units = xaa.units_to_answer().with_text()[:40]
    save_many(xaa, dict.fromkeys(units, Answer("implemented", measures="A law.")), alice)
    slugs = [each.slug for each in units[:9]]
    for selected, problem in {
        tuple(slugs): "Select at most 8 answers.",
        (): "Select at least one answer.",
        ("I-99",): "You can no longer add one of the selected answers. Select again.",
    }.items():
        response = fill("done", *selected, base="")
        assert (response.status_code, problem in response.content.decode()) == (400, True)
    assert "Your team saved other words" in fill("done", *slugs[:8], base="7").content.decode()
    response = fill("done", *slugs)
    opened = [section.of for section in response.context["sections"] if f'-{section.number}" open' in response.text]
    assert set(opened) == {each.primary_theme for each in units[:9]}
    assert BriefText.everyones.count() == 0
    assert fill("done", *slugs[:8], base="").status_code == 302


def test_the_page_offers_the_submission_that_has_the_current_answers(desk, say, xaa, alice, bob):
    def chosen():
        return re.findall(r'<option value="([^"]*)" selected', desk.get(REPORT).content.decode())[0]

    say("I.13", ready=True)
    round_ = opened_round(bob)
    assert chosen() == ""
    submit_ready(xaa, round_, alice)
    assert chosen() == "XAA/2026/1"
    say("II.49")
    assert chosen() == ""


def test_the_brief_of_a_submission_is_for_the_team_only(desk, officer, say, xaa, alice, bob):
    say("I.13", ready=True)
    desk.post(REPORT, {"decisions": CANARY, "base": ""})
    submit_ready(xaa, opened_round(bob), alice)
    page = reverse("submission_report", args=["XAA", "2026", 1])
    links = re.findall(r'href="([^"]+/brief[^"]+)"', desk.get(page).content.decode())
    assert links == [f"{address}?figures=XAA%2F2026%2F1" for address in BRIEF_FILES.values()]
    for link in links:
        response = desk.get(link)
        assert 'filename="XAA-2026-1-brief.' in response.headers["Content-Disposition"]
        text = " ".join(all_text_of(response).split())
        assert (CANARY in text, "Figures: XAA/2026/1. Other parts not submitted." in text) == (True, True)
    assert desk.get(BRIEF_FILES["pdf"], {"figures": "XAA/2026/2"}).status_code == 404
    assert "/brief" not in officer.get(page).content.decode()
    assert {officer.get(link).status_code for link in links} == {404}


def test_the_page_lists_brief_full_report_and_data_in_this_order(desk):
    page = desk.get(REPORT).content.decode()
    names = ["Download the brief as PDF", "Download the full report", "Download Excel"]
    assert sorted(names, key=page.index) == names


def test_what_is_for_decision_is_read_by_the_team_and_is_never_submitted(client, say, xaa, alice, bob, charlie):
    client.force_login(alice)
    client.post(REPORT, {"decisions": CANARY, "base": ""})
    say("I.13", ready=True)
    submit_ready(xaa, opened_round(bob, meetings=[1]), alice)
    viewer = make_person("vera", Role.VIEWER, xaa)
    for reader, status in {viewer: 200, bob: 404, charlie: 404}.items():
        client.force_login(reader)
        assert [client.get(address).status_code for address in BRIEF_FILES.values()] == [status, status]
    client.force_login(viewer)
    html = client.get(REPORT).content.decode()
    assert (CANARY in html, "Save the texts" in html) == (True, False)
    assert client.post(REPORT, {"decisions": "x", "base": "1.0"}).status_code == 403
    assert "Add to the brief" not in client.get(REPORT, {"fill": "done"}).content.decode()
    client.force_login(bob)
    for name in ("submission_report", *(f"submission_report_{kind}" for kind in REPORTS)):
        assert CANARY not in all_text_of(client.get(reverse(name, args=["XAA", "2026", 1])))
