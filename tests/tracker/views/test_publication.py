"""Publishing and taking back, and what everybody reads meanwhile."""

import csv
import datetime
import io
import json
import re
from functools import partial

import pytest
from django.core.files import File
from django.urls import reverse

from tests.conftest import find_person, find_state, make_person, make_state, save_for_xaa
from tests.evidence_items import add_item
from tests.labels import titled
from tests.pages import client_of, words
from tests.races import done_first
from tests.submissions import submit_ready
from tests.test_walk import words_of
from tracker.actions.evidence import EvidenceDetails, change_evidence
from tracker.actions.record import Answer, save_answer
from tracker.actions.submission import change_use, withdraw_from_round
from tracker.actions.withdrawal import confirm_withdrawal, refuse_withdrawal, request_withdrawal
from tracker.documents.exchange.uploads import check_upload
from tracker.documents.publication import PUBLIC_FIELDS
from tracker.models import Event, Submission, Use
from tracker.models.user import Role
from tracker.workflow import NotAllowed

pytestmark = pytest.mark.django_db

# By name, so that no new column is published by mistake.
PUBLIC_ANSWERS = {
    *PUBLIC_FIELDS,
    "respondent",
    "respondent_name",
    "data_as_at",
    "source",
    "label",
    "title",
    "body",
    "meeting",
    "theme",
    "theme_name",
    "second_theme",
    "second_theme_name",
    "chapeau",
    "text",
    "items",
    "strength",
    "asks_to_consider",
    "asked",
    "status",
    "status_name",
    "evidence",
    "evidence_count",
    "answers_current_wording",
    "words_withdrawn",
    "marking",
    "digest",
    "notice",
    "paper_symbol",
    "paper_title",
    "paper_date",
    "paragraph",
}
PUBLIC_EVIDENCE = {
    "label",
    "recommendation_title",
    "evidence",
    "version",
    "title",
    "pinpoint",
    "kind",
    "kind_name",
    "document_date",
    "language",
    "form",
    "form_name",
    "file_name",
    "sha256",
    "link",
    "citation",
    "file_withdrawn",
}

QUERIES = 15
PUBLIC = ("published", "published_csv", "published_json")
MEASURES = "صندوق للتعويض منذ عام 2016"


def url(name="published", number=1, code="XAA", **more) -> str:
    return reverse(name, kwargs={"code": code, "round_code": "2026", "number": number, **more})


def file_url(position: int, slug="IV-46-i") -> str:
    return url("published_evidence_file", slug=slug, position=position)


def add_law(title, disclosure):
    upload = check_upload(File(io.BytesIO(b"The Act." + title.encode()), name=f"{title}.txt"))
    return add_item(find_state("XAA"), find_person("alice"), title, disclosure=disclosure, upload=upload)


answer = partial(save_for_xaa, ready=True)


@pytest.fixture(scope="module", autouse=True)
def submitted(round_for_the_module):
    """IV.46(i) in Arabic, with a public law and one for the Secretariat; I.7(a), considered; and I.13."""
    answer(
        "IV.46(i)",
        measures=MEASURES,
        language="ar",
        lead_institution="وزارة العدل",
        good_practice=True,
        items_met=["IV.46(i)(ii)"],
        situation_as_at=datetime.date(2026, 8, 31),
        citations=[(add_law("Public Act", "public"), "art. 9"), (add_law("Inner Report", "secretariat"), "p. 1")],
    )
    answer("I.7(a)", status="considered_not_taken_up", reasons="=The schools decide.")
    answer("I.13", status="in_progress", measures="A bill <b>is</b> ready.")
    submit_ready(find_state("XAA"), round_for_the_module, find_person("alice"))


@pytest.fixture
def submission(db) -> Submission:
    return Submission.everyones.get()


@pytest.fixture
def published(submission, alice) -> Submission:
    change_use(submission=submission, published=True, by=alice)
    return submission


# What everybody reads


@pytest.mark.parametrize("name", PUBLIC)
def test_before_it_is_published_there_is_nothing(name, client, submission):
    assert client.get(url(name)).status_code == 404
    assert client.get(file_url(1)).status_code == 404


def test_the_page_shows_each_published_answer_with_its_text(client, published):
    response = client.get(url(), {"unit": "IV-46-i"})
    said = words(response)
    assert "Arandia" in said
    assert "3 of 74 answered · 4%" in said
    assert "Status of the 3 answers" in said
    assert "States parties should adopt at least one of the following options" in said
    assert f"Implemented Items met {titled('IV.46(i)(ii)')} Measures {MEASURES}" in said
    assert "Good practice The State describes this as a good practice." in said
    assert "Situation as at 31 August 2026" in said
    assert f"Submission XAA/2026/1, SHA-256 {published.digest}" in said
    assert "Self-reported by States; not verified by the Secretariat." in said
    assert reverse("verified", args=[published.code]) in response.content.decode()


def test_a_text_is_shown_with_the_items_answered_with_it(client, published, unit):
    said = words(client.get(f"{url()}?unit=IV-46-i"))
    assert [item.label for item in unit("IV.46(i)").unit_items if " ".join(item.text.split()) not in said] == []


def test_the_words_of_a_state_are_marked_by_their_language_and_direction(client, published):
    content = client.get(url(), {"unit": "IV-46-i"}).content.decode()
    assert f'<dd lang="ar" dir="rtl">{MEASURES}</dd>' in content
    assert "A bill &lt;b&gt;is&lt;/b&gt; ready." in client.get(url(), {"unit": "I-13"}).content.decode()


def test_a_theme_is_chosen_and_whatever_is_asked_is_answered(client, published):
    assert "I.7(a)" in words(client.get(url(), {"section": "prevention-and-awareness-raising"}))
    for asked in ("", "none", "\x00", "%"):
        assert client.get(url(), {"section": asked, "unit": asked}).status_code == 200


def test_public_evidence_is_shown_and_let_out_and_no_other(client, published):
    response = client.get(url(), {"unit": "IV-46-i"})
    assert "Public Act · art. 9" in words(response)
    assert "Inner Report" not in words(response)
    file = client.get(file_url(1))
    assert b"".join(file.streaming_content) == b"The Act.Public Act"
    assert file["Content-Disposition"] == 'attachment; filename="Public Act.txt"'
    assert client.get(file_url(2)).status_code == 404
    assert client.get(file_url(1, slug="I-13")).status_code == 404


def test_evidence_that_is_closed_again_is_gone(client, published, alice, xaa):
    piece = xaa.evidence(manager="everyones").select_related("current").get(number=1)
    details = EvidenceDetails(title="Public Act", kind="law", language="en", disclosure="state")
    change_evidence(evidence=piece, base=piece.current.base, details=details, by=alice)
    assert client.get(file_url(1)).status_code == 404
    assert [name for name in PUBLIC if "Public Act" in words_of(client.get(url(name) + "?unit=IV-46-i"))] == []


def test_the_csv_and_the_json_say_the_same_by_the_same_names(client, published):
    text = words_of(client.get(url("published_csv"))).partition("{")[0].removeprefix("\ufeff")
    rows = {row["label"]: row for row in csv.DictReader(io.StringIO(text)) if row["label"]}
    document = json.loads(client.get(url("published_json")).content)
    answers = {answer["label"]: answer for answer in document["answers"]}
    assert len(answers) == 74
    assert answers["IV.46(i)"]["measures"] == rows["IV.46(i)"]["measures"] == MEASURES
    assert answers["IV.46(i)"]["evidence_count"] == 1
    assert rows["I.7(a)"]["reasons"] == "'=The schools decide."
    assert rows["I.1"]["status"] == answers["I.1"]["status"] == "no_information"
    assert answers["I.13"]["source"] == "XAA/2026/1"
    assert answers["I.13"].keys() == rows["I.13"].keys() == PUBLIC_ANSWERS
    assert document["evidence"][0].keys() == PUBLIC_EVIDENCE
    assert [piece["title"] for piece in document["evidence"]] == ["Public Act"]
    assert "Self-reported by States; not verified by the Secretariat." in document["statements"]


@pytest.mark.parametrize("name", PUBLIC)
def test_no_cache_that_others_share_keeps_it(name, client, published):
    assert client.get(url(name))["Cache-Control"] == "private, no-cache"
    assert client.get(file_url(1))["Cache-Control"] == "private, no-store"


def test_the_list_has_who_publishes_in_alphabetical_order_and_nobody_else(client, round_, published, unit, bob):
    for code, name, is_published in (("XZZ", "Aland", True), ("XYY", "Zembla", False)):
        state = make_state(code, name)
        person = make_person(name.lower(), Role.FOCAL_POINT, state)
        save_answer(respondent=state, unit=unit("I.13"), base=0, answer=Answer("in_progress", ready=True), by=person)
        change_use(submission=submit_ready(state, round_, person), published=is_published, by=person)
    content = client.get(reverse("published_list")).content.decode()
    assert re.findall("<bdi>(Aland|Arandia|Zembla)</bdi>", content) == ["Aland", "Arandia"]
    beside = client.get(reverse("recommendations:detail", args=["I-13"])).content.decode()
    assert re.findall("<bdi>(Aland|Arandia|Zembla)</bdi>", beside) == ["Aland", "Arandia"]


def test_nothing_published_is_an_ordinary_state(client, submission):
    said = words(client.get(reverse("published_list")))
    assert "Nothing is published at present" in said
    assert "Arandia" not in said


def test_the_page_of_a_text_leads_to_the_answers_at_its_unit(client, published):
    link = f"{url()}?unit=IV-46-i#IV-46-i"
    for slug in ("IV-46-i", "IV-46-i-ii"):
        page = client.get(reverse("recommendations:detail", args=[slug])).content.decode()
        assert (link in page, 'id="published"' in page) == (True, True)
    assert 'id="published"' not in client.get(reverse("recommendations:detail", args=["I-1"])).content.decode()


def test_one_submission_of_a_round_is_published_at_a_time(client, published, xaa, alice, round_):
    answer("I.13", base=1, measures="The Act of 2026.")
    second = submit_ready(xaa, round_, alice)
    detail = reverse("recommendations:detail", args=["I-13"])
    assert url() in client.get(detail).content.decode()
    change_use(submission=second, published=True, by=alice)
    assert url(number=2) in client.get(detail).content.decode()
    assert url() not in client.get(detail).content.decode()
    assert [client.get(url(number=number)).status_code for number in (1, 2)] == [410, 200]


# Words that were withdrawn


def where_published(client) -> list[str]:
    return [name for name in PUBLIC if MEASURES in words_of(client.get(url(name) + "?unit=IV-46-i"))]


def test_words_are_gone_from_the_request_on_and_return_if_it_is_declined(client, published, xaa, alice, erin):
    assert where_published(client) == list(PUBLIC)
    for decide, left in ((refuse_withdrawal, list(PUBLIC)), (confirm_withdrawal, [])):
        request = request_withdrawal(respondent=xaa, words=MEASURES, files=[], reason="name", by=alice)
        assert where_published(client) == []
        decide(pk=request.pk, by=erin)
        assert where_published(client) == left
    assert "Information that identified a victim was removed from this answer." in words(
        client.get(url(), {"unit": "IV-46-i"})
    )


def test_a_file_is_gone_from_the_request_on_and_returns_if_it_is_declined(client, published, xaa, alice, erin):
    file = xaa.files(manager="everyones").get(versions__title="Public Act")
    for decide, status in ((refuse_withdrawal, 200), (confirm_withdrawal, 410)):
        request = request_withdrawal(respondent=xaa, words="", files=[file], reason="name", by=alice)
        assert file_url(1) not in client.get(url(), {"unit": "IV-46-i"}).content.decode()
        assert client.get(file_url(1)).status_code == 410
        decide(pk=request.pk, by=erin)
        assert client.get(file_url(1)).status_code == status
    response = client.get(url(), {"unit": "IV-46-i"})
    assert file_url(1) not in response.content.decode()
    assert "The file was removed." in words(response)


# The acts


def test_what_would_become_public_is_shown_first_as_everybody_would_read_it(desk, client, submission, alice):
    preview = desk.get(url("submission_publish"), {"unit": "IV-46-i"})
    said = words(preview)
    assert "1 citation of evidence is left out" in said
    assert "Inner Report" not in said
    change_use(submission=submission, published=True, by=alice)
    articles = re.compile(r"<article.*?</article>", re.DOTALL)
    public = articles.findall(client.get(url(), {"unit": "IV-46-i"}).content.decode())
    own = url("submission_evidence_file", slug="IV-46-i", position=1)
    assert [one.replace(own, file_url(1)) for one in articles.findall(preview.content.decode())] == public


def test_it_is_published_once_that_is_confirmed(desk, client, submission, alice):
    refused = desk.post(url("submission_publish"), {})
    assert list(refused.context["form"].errors) == ["seen"]
    assert client.get(url()).status_code == 404
    response = desk.post(url("submission_publish"), {"seen": "on"}, follow=True)
    assert "XAA/2026/1 is published." in words(response)
    assert url() in response.content.decode()
    assert client.get(url()).status_code == 200
    event = Event.everyones.get(action="use permitted")
    assert (event.actor, event.after.split()[:-1]) == (alice, ["in_aggregates", "published"])


@pytest.mark.parametrize("name", ["submission_publish", "submission_take_back"])
def test_a_submission_that_is_withdrawn_at_the_same_moment_is_refused_in_words(desk, submission, alice, name):
    change_use(submission=submission, published=name == "submission_take_back", by=alice)
    with done_first(lambda: withdraw_from_round(submission=submission, reason="Sent too early.", by=alice)):
        response = desk.post(url(name), {"seen": "on"}, follow=True)
    assert "The page changed after you opened it, so nothing was done." in words(response)


def test_publishing_twice_is_publishing_once(desk, submission):
    for _time in range(2):
        desk.post(url("submission_publish"), {"seen": "on"})
    assert Use.everyones.count() == 2
    assert "XAA/2026/1 is published." in words(desk.get(url("submission_publish"), follow=True))


def test_it_is_taken_back_and_the_record_stays(desk, client, published):
    response = desk.post(url("submission_take_back"), follow=True)
    assert "XAA/2026/1 is no longer published." in words(response)
    turns = words(response).rpartition("Publication")[2]
    assert re.findall(r"(Published|Unpublished) \d+ \w+ \d{4}, \d\d:\d\d · Alice", turns) == [
        "Published",
        "Unpublished",
    ]
    today = Use.everyones.latest("said_at").said_at
    for name in PUBLIC:
        gone = client.get(url(name))
        assert gone.status_code == 410
        assert f"Unpublished on {today.day} {today:%B %Y}" in words(gone)
        assert [word for word in (MEASURES, "Public Act", "Alice", published.code) if word in words(gone)] == []
    assert client.get(file_url(1)).status_code == 410
    assert "Arandia" not in words(client.get(reverse("published_list")))
    desk.post(url("submission_publish"), {"seen": "on"})
    assert client.get(url()).status_code == 200


def test_what_is_withdrawn_as_a_whole_is_taken_back_with_it(desk, client, published, alice):
    withdraw_from_round(submission=published, reason="A slip.", by=alice)
    gone = client.get(url())
    assert gone.status_code == 410
    assert "A slip" not in words(gone)
    said = words(desk.get(url("submission")))
    assert "when the submission was withdrawn" in said
    assert "Preview and publish" not in said
    response = desk.post(url("submission_publish"), {"seen": "on"}, follow=True)
    assert "The page changed after you opened it, so nothing was done." in words(response)
    assert Use.everyones.filter(published=True).count() == 1


def test_a_withdrawn_one_that_never_was_public_is_no_ones(client, submission, alice):
    withdraw_from_round(submission=submission, reason="A slip.", by=alice)
    with pytest.raises(NotAllowed):
        change_use(submission=submission, published=True, by=alice)
    assert client.get(url()).status_code == 404


def test_what_is_not_published_is_not_taken_back(desk, submission):
    response = desk.post(url("submission_take_back"), follow=True)
    assert "The page changed after you opened it, so nothing was done." in words(response)
    assert Use.everyones.count() == 1


def test_colleagues_read_that_it_is_published_and_have_no_way_to_change_it(published, xaa):
    said = words(client_of(make_person("carol", Role.CONTRIBUTOR, xaa)).get(url("submission")))
    assert "Published. Anyone can read the answers" in said
    assert "Unpublish the submission" not in said


def test_a_submission_is_published_where_that_is_stated(client, submission, desk):
    answer("I.13", base=1)
    check = reverse("check", args=["XAA", "2026"])
    form = desk.get(check).context["form"]
    said = {name: form[name].value() for name in ("fingerprint", "checked_at")}
    stated = dict.fromkeys(("names_no_victim", "in_aggregates", "quoted", "published"), "on")
    desk.post(check, said | stated)
    assert client.get(url(number=2)).status_code == 200


@pytest.mark.parametrize(
    ("choice", "published_after"), [("keep", [200, 404]), ("on", [410, 200]), ("off", [410, 404]), ("", [200, 404])]
)
def test_the_next_submission_asks_what_becomes_of_the_published_one(client, published, desk, choice, published_after):
    answer("I.13", base=1, measures="The Act of 2026.")
    check = reverse("check", args=["XAA", "2026"])
    form = desk.get(check).context["form"]
    said = {name: form[name].value() for name in ("fingerprint", "checked_at")}
    assert form["published"].value() is None
    stated = {"names_no_victim": "on", "in_aggregates": "on", "quoted": "on", "published": choice}
    response = desk.post(check, said | stated)
    assert [client.get(url(number=number)).status_code for number in (1, 2)] == published_after
    if not choice:
        assert response.context["form"].errors["published"] == ["Choose which submission is published."]


# Cost


@pytest.mark.parametrize("states", [1, 6])
def test_a_public_page_takes_as_many_queries_for_many_answers_and_states(
    states, client, round_, unit, django_assert_max_num_queries
):
    for number in range(states):
        state = make_state(f"X{chr(66 + number)}A", f"Land {number}")
        person = make_person(f"person{number}", Role.FOCAL_POINT, state)
        cited = add_item(state, person, citation="Gazette", disclosure="public")
        for label in ("I.13", "IV.46(i)", "II.44", "I.7(a)")[: 1 + states]:
            said = Answer(status="in_progress", ready=True, citations=[(cited, "p. 1")])
            save_answer(respondent=state, unit=unit(label), base=0, answer=said, by=person)
        change_use(submission=submit_ready(state, round_, person), published=True, by=person)
    own = client_of(person)
    detail = reverse("recommendations:detail", args=["I-13"])
    for path in (reverse("published_list"), detail, *(url(name, code="XBA") for name in PUBLIC)):
        with django_assert_max_num_queries(QUERIES):
            assert client.get(path).status_code == 200
    with django_assert_max_num_queries(1):
        client.get(reverse("published_list"))
    change_use(submission=Submission.everyones.get(respondent=state), published=False, by=person)
    for path in (url("submission_publish", code=state.code), url("submission", code=state.code), url(code=state.code)):
        with django_assert_max_num_queries(QUERIES):
            own.get(path)
