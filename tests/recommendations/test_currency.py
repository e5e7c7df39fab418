"""What decisions and dates say about a text: adoption in the verb of the decision, replacement, dates in the words."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from recommendations import catalogue
from recommendations.catalogue import add_wording
from recommendations.currency import adoption_choices, adoption_codes, date_codes, replacement_codes
from recommendations.models import Currency, Paper, Recommendation, WordingKind
from recommendations.queries import published_nodes
from tests.catalogue_events import actions_on
from tests.pages import words
from tracker.models import Round

pytestmark = pytest.mark.django_db

ADOPTION = "Adoption by the Conference ·"
DECIDED = {"symbol": "INVENTED/9/1", "date": datetime.date(2018, 10, 19)}
LIST = "/recommendations/"


@pytest.fixture
def record(dana, unit):
    def record(label: str, kind: str, words: str, **values) -> Currency:
        entry = Currency(recommendation=unit(label), kind=kind, words=words, **values)
        catalogue.save_instance(instance=entry, by=dana)
        return entry

    return record


def in_memory(label: str) -> Recommendation:
    return next(node for node in published_nodes() if node.label == label)


# What the texts themselves say


def test_the_dates_that_the_texts_name_are_recorded_in_their_words():
    assert list(Currency.objects.values_list("recommendation__label", "kind", "words", "date")) == [
        ("II.6", "cited_date", "published by UNODC in 2009", datetime.date(2009, 12, 31)),
        ("II.8", "cited_date", "held in Vienna on 14 and 15 April 2009", datetime.date(2009, 4, 15)),
        ("II.15", "cited_date", "the report on the 2009 meeting of the Working Group", datetime.date(2009, 4, 15)),
        ("II.17", "cited_date", "the report on the 2009 meeting of the Working Group", datetime.date(2009, 4, 15)),
        ("II.24(b)", "cited_date", "the report of that Working Group on its 2009 meeting", datetime.date(2009, 4, 15)),
        ("II.34", "cited_date", "the report on the 2009 meeting of the Working Group", datetime.date(2009, 4, 15)),
        ("II.43", "cited_date", "the report on the 2009 meeting of the Working Group", datetime.date(2009, 4, 15)),
        ("III", "cited_date", "held from 10 to 12 October 2011", datetime.date(2011, 10, 12)),
        ("IV.32", "date", "for publication in 2012", datetime.date(2012, 12, 31)),
        ("IV.46", "cited_date", "held in Vienna on 19 October 2010", datetime.date(2010, 10, 19)),
    ]
    for each in Currency.objects.all():
        each.full_clean()


def test_the_page_quotes_the_date_that_has_passed(client, unit):
    page = words(client.get(unit("IV.32").get_absolute_url()))
    assert "Date for which the text asks · for publication in 2012 · 31 December 2012" in page
    assert ADOPTION not in page


@pytest.mark.parametrize(
    ("label", "codes"),
    [("IV.32", ["past"]), ("II.8", ["cited"]), ("IV.46", ["cited"]), ("IV.46(i)", ["none"]), ("I.1", ["none"])],
)
def test_a_date_that_a_chapeau_names_is_not_one_of_its_items(label, codes):
    assert date_codes(in_memory(label)) == codes


# A decision of the Conference


@pytest.mark.parametrize("kind", ["decision", "resolution"])
def test_a_text_of_a_decision_of_the_conference_is_adopted_by_it(client, unit, kind):
    Paper.objects.filter(texts=unit("III")).update(kind=kind)
    page = words(client.get(unit("IV.32").get_absolute_url()))
    assert f"Adopted by the Conference of the Parties in this {kind}." in page
    assert ADOPTION not in page
    assert adoption_codes(in_memory("IV.32")) == ["of_conference"]
    shown = words(client.get(LIST, {"adoption": "of_conference", "open": "all"}))
    assert "Decided by the Conference itself" in shown
    assert "IV.32" in shown
    assert "IV.32" not in words(client.get(LIST, {"adoption": "none"}))
    assert adoption_choices(published_nodes())[-1][0] == "none"


def test_a_recorded_adoption_is_shown_for_texts_of_decisions(client, record, unit):
    Paper.objects.filter(texts=unit("III")).update(kind="decision")
    record("IV.32", "adoption", "endorsed", **DECIDED)
    page = words(client.get(unit("IV.32").get_absolute_url()))
    assert "in this decision" not in page
    assert adoption_codes(in_memory("IV.32")) == ["endorsed"]


# What curators record


def test_a_curator_records_the_verb_of_a_decision_on_a_text_with_its_items(client, dana, unit):
    client.force_login(dana)
    typed = {
        "recommendation": "VII.1",
        "kind": "adoption",
        "words": "endorsed",
        "symbol": "INVENTED/9/1",
        "date": "19 October 2018",
    }
    add = reverse("admin:recommendations_currency_add")
    assert client.post(add, typed | {"symbol": ""}).status_code == 200
    assert client.post(add, typed | {"words": ""}).status_code == 200
    assert client.post(add, typed).status_code == 302
    client.logout()
    for label in ("VII.1", "VII.1(a)"):
        page = words(client.get(unit(label).get_absolute_url()))
        assert f"{ADOPTION} endorsed · INVENTED/9/1 · 19 October 2018" in page
        assert "whether the Conference adopted it" not in page
        assert adoption_codes(in_memory(label)) == ["endorsed"]
    assert ADOPTION not in words(client.get(unit("VII.2(a)").get_absolute_url()))
    assert actions_on(Currency.objects.get(kind="adoption")) == [("catalogue entry added", dana)]


def test_only_a_quoted_decision_marks_a_text_as_replaced(client, unit, record):
    replaced = "A decision replaces this text. The decision is quoted under “Origin”."
    assert replaced not in words(client.get(unit("II.44").get_absolute_url()))
    record("II.44", "replacement", "shall replace recommendation 44", **DECIDED)
    page = words(client.get(unit("II.44").get_absolute_url()))
    assert replaced in page
    assert "Decision that replaces the text · shall replace recommendation 44 · INVENTED/9/1 · 19 October 2018" in page
    assert replacement_codes(in_memory("II.44")) == ["replaced"]
    assert replacement_codes(in_memory("II.43")) == ["current"]


def test_the_words_of_a_date_are_those_of_the_text_and_a_decision_is_of_the_past(record):
    with pytest.raises(ValidationError) as caught:
        record("IV.32", "date", "by the end of 2013", date=datetime.date(2013, 12, 31))
    assert list(caught.value.message_dict) == ["words"]
    with pytest.raises(ValidationError) as caught:
        record("IV.32", "adoption", "endorsed", symbol="INVENTED/1", date=datetime.date(2099, 1, 1))
    assert list(caught.value.message_dict) == ["date"]


# Filters and scopes


def listed(client, **chosen) -> list[str]:
    groups = client.get(LIST, chosen).context["groups"]
    return [row.node.label for group in groups for row in group.rows if row.matched]


def test_the_catalogue_is_filtered_by_decisions_and_dates(client, record):
    record("VII.1", "adoption", "took note of", **DECIDED)
    record("II.44", "adoption", "endorsed", **DECIDED)
    record("II.44", "replacement", "shall replace recommendation 44", **DECIDED)
    assert listed(client, adoption="endorsed") == ["II.44"]
    assert listed(client, adoption="took note of")[:2] == ["VII.1", "VII.1(a)"]
    assert len(listed(client, adoption="none")) == 317 - len(listed(client, adoption=["endorsed", "took note of"]))
    assert listed(client, replacement="replaced") == ["II.44"]
    assert listed(client, dates="past") == ["IV.32"]
    assert len(listed(client, dates="cited")) == 9
    assert listed(client, dates="coming") == []


def test_a_list_of_a_desk_is_filtered_by_decisions_and_dates(desk):
    page = desk.get(reverse("record_list", args=["XAA"]), {"dates": "past"})
    assert [row.unit.label for row in page.context["tasks"].shown] == ["IV.32"]


def test_a_round_asks_only_texts_whose_date_has_not_passed(officer, unit):
    typed = {"code": "2031", "title": "Round of 2031", "opens_on": "1 September 2026", "due_on": "1 September 2027"}
    assert officer.post(reverse("round_add"), typed | {"dates": ["none", "cited"]}).status_code == 302
    round_ = Round.objects.get(code="2031")
    assert round_.currency == {"dates": ["none", "cited"]}
    labels = set(round_.units_in_scope().values_list("label", flat=True))
    assert len(labels) == 274
    assert unit("IV.32").label not in labels
    page = officer.get(reverse("round", args=["2031"])).context["form"]
    assert page["dates"].value() == ["none", "cited"]
    assert officer.post(reverse("round", args=["2031"]), typed | {"dates": ["past"]}).status_code == 302
    round_.refresh_from_db()
    assert [each.label for each in round_.units_in_scope()] == ["IV.32"]
    assert officer.post(reverse("round", args=["2031"]), typed | {"dates": ["soon"]}).status_code == 200


def test_a_date_counts_while_the_text_has_its_words(client, dana, unit):
    reason = {"kind": WordingKind.NEW_WORDING, "reason": "A decision."}
    add_wording(recommendation=unit("IV.32"), text="UNODC should publish a study.", **reason, by=dana)
    assert date_codes(in_memory("IV.32")) == ["none"]
    assert listed(client, dates="past") == []


def test_a_round_keeps_a_verb_that_no_decision_has_any_more(officer, record):
    decision = record("II.44", "adoption", "endorsed", **DECIDED)
    typed = {"code": "2031", "title": "Round of 2031", "opens_on": "1 September 2026", "due_on": "1 September 2027"}
    assert officer.post(reverse("round_add"), typed | {"adoption": ["endorsed"]}).status_code == 302
    decision.delete()
    page = officer.get(reverse("round", args=["2031"])).context["form"]
    assert page["adoption"].value() == ["endorsed"]
    assert (
        officer.post(reverse("round", args=["2031"]), typed | {"adoption": page["adoption"].value()}).status_code == 302
    )
    assert Round.objects.get(code="2031").currency == {"adoption": ["endorsed"]}
