"""The page of search: one list of all kinds, the best first, for everybody what they may read."""

import re
from datetime import date

import pytest
from django.db import connection

from recommendations.models import Family, Meeting, Provision, Recommendation, ServedProvision, Theme, Translation
from recommendations.search.index import index_catalogue
from tests.canaries import CANARY, HIDDEN, REPORTED, canary_state, people  # noqa: F401
from tests.conftest import find_person, find_unit, make_person, make_state, reread, with_second_factor
from tests.documents import typeset, upload, word_with
from tests.evidence_items import add_item
from tests.pages import client_of, words_of_page
from tests.submissions import opened_round, submit_ready
from tracker.actions.assignment import assign
from tracker.actions.comment import write_comment
from tracker.actions.evidence import EvidenceDetails, add_evidence, change_evidence
from tracker.actions.evidence_text import keep_waiting_texts
from tracker.actions.reading_restriction import add_restriction
from tracker.actions.record import Answer, save_answer, save_note
from tracker.actions.search import index_respondent
from tracker.actions.submission import Statements, change_use, withdraw_from_round
from tracker.actions.withdrawal import request_withdrawal
from tracker.documents.exchange.uploads import check_upload
from tracker.models import EvidenceFile, Membership, Record, Respondent
from tracker.models.evidence import EvidenceReader
from tracker.models.respondent import RespondentKind
from tracker.models.user import Role
from tracker.queries import search as queries
from tracker.queries.help import find_help
from tracker.views import search as views

pytestmark = pytest.mark.django_db

LAW = typeset(
    "The Act on zebras.\n#pagebreak()\nA zebra has a guardian.\n#pagebreak()\nFinal clauses.\n#pagebreak()\nZebras."
)


def found_page(client, typed: str, **parameters):
    return client.get("/search/", {"q": typed} | parameters).context["found"]


def found(client, typed: str, **parameters) -> list[str]:
    """Return the labels of recommendations that are found, in order."""
    return [hit.label for hit in found_page(client, typed, kind="text", **parameters).hits]


def titles(client, typed: str, kind: str) -> list[str]:
    return ["".join(piece.text for piece in hit.title) for hit in found_page(client, typed, kind=kind).hits]


def tabs(client, typed: str, **parameters) -> dict[str, int]:
    return {str(tab.title): tab.count for tab in found_page(client, typed, **parameters).tabs}


def described(client, typed: str) -> list[str]:
    """Return what each result says that it is."""
    page = found_page(client, typed)
    return [hit.what for hit in page.hits] if page.total else []


# Texts


def test_the_text_of_a_label_comes_first(client):
    assert found(client, "iv.46 (i)")[0] == "IV.46(i)"
    assert found(client, "I.13")[0] == "I.13"


def test_a_label_finds_no_help(client):
    assert tabs(client, "IV.46(i)") == {"All": 4, "Adopted texts": 4}


def test_a_result_says_what_it_is_with_the_words_marked(client):
    node = Recommendation.objects.published().get(label="I.13")
    page = client.get("/search/", {"q": "restitution procedures"})
    assert (
        "I.13 Possible procedures for compensation and restitution Adopted text · First meeting, 2009"
        in words_of_page(page)
    )
    assert f'<a class="label" href="{node.get_absolute_url()}"><bdi>I.13</bdi></a>' in page.text
    assert "<mark>restitution</mark>" in page.text
    assert re.search(r'<p class="hit-excerpt law" lang="en" dir="ltr">', page.text)


def test_all_kinds_are_in_one_list_and_each_has_a_tab_with_its_count(client):
    page = found_page(client, "compensation")
    kinds = tabs(client, "compensation")
    assert kinds["All"] == page.total == sum(count for kind, count in kinds.items() if kind != "All")
    assert {"Adopted texts", "Themes", "Groups of similar recommendations", "Help"} <= kinds.keys()
    assert titles(client, "compensation", "theme") == ["Compensation, restitution and access to justice"]
    assert tabs(client, "compensation", kind="theme") == kinds
    assert titles(client, "compensation", "help") == [hit.title for hit in find_help("compensation")]


def test_a_provision_leads_at_once_to_what_serves_it_now(client):
    served = ServedProvision.objects.exclude(theme=None).earliest("pk")

    def addresses() -> list[str]:
        return [hit.url for hit in found_page(client, served.provision.title, kind="provision").hits]

    assert served.theme.get_absolute_url() in addresses()
    ServedProvision.objects.filter(provision=served.provision).delete()
    ServedProvision.objects.create(provision=served.provision, recommendation=find_unit("I.13"), reason="A reason.")
    assert served.theme.get_absolute_url() not in addresses()
    assert find_unit("I.13").get_absolute_url() in addresses()


def test_a_facet_is_a_link_that_narrows_the_list_and_goes_again(client):
    everything = found(client, "children")
    page = client.get("/search/", {"q": "children", "kind": "text"})
    theme = Theme.objects.get(slug="demand")
    [option] = [
        each
        for facet in page.context["found"].facets
        for each in (*facet.options, *facet.more)
        if each.choice.value == theme.slug
    ]
    narrowed = client.get(f"/search/{option.url}").context["found"]
    labels = [hit.label for hit in narrowed.hits]
    assert len(narrowed.listed.shown) == option.choice.count < len(page.context["found"].listed.shown)
    assert [label for label in everything if label in labels] == [label for label in labels if label in everything]
    assert [chip.words for chip in narrowed.chosen] == [f"Theme: {theme.name}"]
    assert client.get(f"/search/{narrowed.chosen[0].url}").context["found"].shown_total == len(
        page.context["found"].listed.shown
    )


def test_a_kind_without_results_keeps_the_words_and_leads_to_all_results(client):
    page = client.get("/search/", {"q": "law", "kind": "evidence"})
    said = words_of_page(page)
    assert "No results of this kind. See all results ." in said
    assert "Choose from the list" not in said
    assert '<input type="search" name="q" value="law"' in page.text
    assert '<a href="?q=law">See all results</a>' in page.text
    assert tabs(client, "law", kind="evidence") == tabs(client, "law") | {"Evidence": 0}


@pytest.mark.parametrize("name", ["theme", "status", "meeting", "evidence", "kind"])
def test_a_filter_that_does_not_fit_is_ignored(client, name):
    page = client.get("/search/", {"q": "law", name: "x"})
    everything = found_page(client, "law")
    assert page.context["found"].shown_total == everything.shown_total > 0
    assert page.context["found"].chosen == []
    assert '<input type="search" name="q" value="law"' in page.text


def test_a_meeting_that_was_held_in_parts_is_a_filter_of_its_own(client):
    Meeting.objects.filter(number=1).update(part=2)
    everything = client.get("/search/", {"q": "compensation"}).context["found"]
    page = client.get("/search/", {"q": "compensation", "meeting": "1-2"})
    assert 0 < page.context["found"].shown_total < everything.shown_total
    assert {row.unit.meeting.code for row in page.context["found"].page} == {"1-2"}


def test_filters_that_keep_nothing_together_say_so(client):
    page = client.get("/search/", {"q": "law", "kind": "help", "theme": Theme.objects.earliest("position").slug})
    assert "No results with these filters. See all results ." in words_of_page(page)


def test_synonyms_are_shown_and_can_be_switched_off(client):
    page = client.get("/search/", {"q": "kidney"})
    assert "Also searched: kidney → removal of organs, organ removal" in words_of_page(page)
    [only] = page.context["found"].modes
    assert only.title == "Only my words"
    without = client.get(f"/search/{only.url}").context["found"]
    assert {str(tab.title) for tab in without.tabs} == {"All", "Help"}, "no text has the word"
    assert [link.title for link in without.modes] == ["Search synonyms too"]


def test_a_typing_error_is_corrected_and_the_page_says_so(client):
    page = client.get("/search/", {"q": "compensatoin victims"})
    assert "No adopted text has “ compensatoin ”. Results for “ compensation ”." in words_of_page(page)
    assert set(found(client, "compensatoin victims")) == set(found(client, "compensation victims"))


SOME_WORDS = "No adopted text has all your words. The adopted texts below have some of them."


def test_texts_with_some_of_the_words_are_shown_and_the_page_says_so(client):
    page = client.get("/search/", {"q": "compensation for minors"})
    assert SOME_WORDS in words_of_page(page)
    assert page.context["found"].hits[0].label == "I.13"
    assert SOME_WORDS not in words_of_page(client.get("/search/", {"q": "compensation for minors", "kind": "theme"}))
    for whole in ("compensation for victims", "I.13", "third meeting"):
        assert SOME_WORDS not in words_of_page(client.get("/search/", {"q": whole})), whole


def test_the_page_names_the_words_that_no_text_has(client):
    said = words_of_page(client.get("/search/", {"q": "compensatoin for zebras and victims"}))
    assert "No adopted text has “ zebras ”. Shown are texts with: compensation, victims ." in said
    assert found(client, "compensation zebras victims") == found(client, "compensation victims")
    assert "No adopted text has" not in words_of_page(client.get("/search/", {"q": "zebras help", "kind": "help"}))


def test_help_without_other_results_is_not_a_result(client):
    page = client.get("/search/", {"q": "offline workbook"})
    said = words_of_page(page)
    assert "Only help found for “ offline workbook ”" in said
    assert {hit.what for hit in page.context["found"].hits} == {"Help"}
    assert "Kinds of results" not in page.text
    assert "Only help" not in words_of_page(client.get("/search/", {"q": "compensation"}))


def test_an_exact_phrase_is_one_link_away(client):
    links = {link.title: link.url for link in found_page(client, "joint investigations").modes}
    phrase = client.get(f"/search/{links['Exact phrase']}").context["found"]
    assert phrase.found.query.typed == '"joint investigations"'
    assert {hit.label for hit in phrase.hits} >= {"II.7", "II.9", "II.10", "IV.3"}


def test_results_come_in_pages_of_25(client):
    everything = found_page(client, "trafficking").page.paginator
    rows = [(row.kind, row.key) for number in everything.page_range for row in everything.page(number)]
    assert everything.count > 100
    pages = [found_page(client, "trafficking", page=number) for number in (1, 2, "no number")]
    assert [(row.kind, row.key) for page in pages[:2] for row in page.page] == rows[:50]
    assert [(row.kind, row.key) for row in pages[2].page] == rows[:25]
    second = client.get("/search/", {"q": "trafficking", "page": 2})
    assert f"26 to 50 of {everything.count} results, best first" in words_of_page(second)
    assert '<ol class="hits" start="26">' in second.text
    assert 'href="?q=trafficking&amp;page=3"' in second.text


def test_nothing_typed_says_what_can_be_typed(client):
    said = words_of_page(client.get("/search/"))
    assert "Enter words, a label such as IV.46(i), or an exact phrase in quotation marks." in said


def test_nothing_found_shows_what_is_near(client):
    page = client.get("/search/", {"q": '"kidney victims"'})
    assert "Nothing found for “ &quot;kidney victims&quot; ”" in words_of_page(page)
    assert "No adopted text has all of this. Search for a part: kidney victims" in words_of_page(page)
    for link in page.context["found"].near:
        assert client.get(f"/search/{link.url}").context["found"].total > 0
    nothing = "No adopted text has any of these words. Use other words for the same thing."
    assert nothing in words_of_page(client.get("/search/", {"q": "zebra quagga"}))


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("XVII.3 bis", []),
        ("XL.4", []),
        ("paragraph IV.46(z)", ["IV.46"]),
        ("zebra", []),
        ("climate change", ["climate", "change"]),
        ('"traffick of zebras"', ["traffick"]),
        ("zebras quaggas", []),
    ],
)
def test_what_is_near_is_a_text_above_a_label_or_words_that_find_something(client, typed, near):
    assert [link.title for link in found_page(client, typed).near] == near


def test_a_label_of_no_text_finds_no_help(client):
    page = client.get("/search/", {"q": "IV.46 (z)"})
    assert "Nothing found for “ IV.46 (z) ” Did you mean: IV.46" in words_of_page(page)
    assert page.context["found"].modes == []


def test_the_name_of_a_state_is_not_corrected_and_nothing_is_near_it(client):
    make_state("CHL", "Chile")
    page = found_page(client, "Chile")
    assert (page.total, page.corrections, page.near, page.state) == (0, [], [], "")
    assert found_page(client, "chile compensatoin").corrections == [("compensatoin", "compensation")]


def test_a_state_and_other_words_find_only_that_states_texts(xaa, alice, xbb, charlie, bob, client):
    round_ = opened_round(bob, meetings=[1])
    for respondent, by in ((xaa, alice), (xbb, charlie)):
        save(respondent, by, "Compensation is paid by a zebra fund.")
        change_use(submission=submit_ready(respondent, round_, by), published=True, by=by)
        index_respondent(respondent)
    everything, texts = found_page(client, "zebra funds"), found(client, "compensation")
    assert [hit.what.partition(" ")[0] for hit in everything.hits if hit.label == "I.13"] == ["Belmara", "Arandia"]
    for typed in ("zebra funds belmara", "Belmara: zebra funds"):
        page = found_page(client, typed)
        assert [hit.what.partition(" ")[0] for hit in page.hits if hit.label == "I.13"] == ["Belmara"]
        assert page.state == "Belmara"
    assert found(client, "compensation in Arandia") == texts
    said = words_of_page(client.get("/search/", {"q": "compensation in Arandia"}))
    assert "Answers and evidence only of: Arandia" in said
    of_belmara = {"All": 2, "Published submissions": 1, "Published answers": 1}
    assert tabs(client_of(alice), "Belmara zebra") == of_belmara
    for typed in ("Arandia", "the Arandia"):
        page = found_page(client, typed)
        assert (page.state, tabs(client, typed)["Published submissions"]) == ("", 1)


def test_an_answer_in_another_language_is_found_by_a_word_of_the_texts(xaa, alice, client):
    for language, words, typed in (
        ("fr", "Un fonds pour l’indemnisation.", "compensation"),
        ("zh", "被害人可以获得赔偿。", "Compensation"),
        ("ar", "صندوق لتعويض الضحايا", "victims"),
        ("es", "Los testigos están protegidos.", "witnesses"),
    ):
        before = Record.everyones.filter(respondent=xaa, current__isnull=False).first()
        save(xaa, alice, words, base=before.current.number if before else 0, language=language)
        [hit] = found_page(client_of(alice), typed, kind="answer").hits
        assert any(piece.is_found for piece in hit.words), language
        assert found_page(client_of(alice), typed, kind="answer", words="only").shown_total == 0, language


@pytest.mark.parametrize(
    ("words", "typed"),
    [
        ("Создан реестр приютов.", "реестры"),
        ("أنشئ سجل للملاجئ", "السجل"),
        ("已设立登记册。", "登记册"),
        ("A register of shelters (реестр приютов)", "приюты"),
    ],
)
def test_words_of_another_script_than_the_language_of_the_answer_are_found(xaa, alice, words, typed):
    save(xaa, alice, words)
    save_note(respondent=xaa, unit=find_unit("I.13"), note="Спросить прокурора", by=alice)
    index_respondent(xaa)
    [hit] = found_page(client_of(alice), typed, kind="answer").hits
    assert any(piece.is_found for piece in hit.words)
    assert found_page(client_of(alice), "прокурор", kind="answer").shown_total == 1


def test_the_longest_name_of_a_state_is_read(client):
    make_state("GIN", "Guinea")
    make_state("GNB", "Guinea-Bissau")
    make_state("IRN", "Iran (Islamic Republic of)")
    found_states = [found_page(client, typed).state for typed in ("guinea bissau law", "law of Guinea", "Iran law")]
    assert found_states == ["Guinea-Bissau", "Guinea", "Iran (Islamic Republic of)"]


def test_nothing_found_of_very_many_words_takes_few_queries(client, django_assert_max_num_queries):
    typed = " ".join(f"zebra{letter}" for letter in "abcdefghijklmnopqrst")
    client.get("/search/", {"q": typed})
    with django_assert_max_num_queries(10):
        assert found_page(client, typed).total == 0


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("x" * 201, "The text is too long: at most 200 characters. It has 201."),
        ("a\0b", "Remove the invisible character U+0000 after “a”: it cannot be saved."),
        ("<script>alert()</script>zebra", "Nothing found for “ &lt;script&gt;alert()&lt;/script&gt;zebra ”"),
        ("(.*)+[", "Nothing found for “ (.*)+[ ”"),
        ("'; -- % _ zebra*", "Nothing found for “ &#x27;; -- % _ zebra* ”"),
    ],
)
def test_odd_words_find_nothing_and_break_nothing(client, typed, said):
    assert said in words_of_page(client.get("/search/", {"q": typed}))


@pytest.mark.parametrize(
    "parameters", [{"theme": "no-theme"}, {"kind": "x"}, {"page": "-1"}, {"words": "x"}, {"status": "\0"}]
)
def test_odd_parameters_break_nothing(client, parameters):
    assert client.get("/search/", {"q": "compensation"} | parameters).status_code == 200


def test_the_last_line_says_what_is_searched(client, alice, bob, dana):
    says = {
        client: "Drafts and unpublished answers are never searched.",
        client_of(alice): "Drafts of other States are never searched.",
        client_of(bob): "Drafts of States, and evidence that a State keeps, are never searched.",
        client_of(dana): "Drafts and unpublished answers are never searched.",
    }
    assert [said in words_of_page(reader.get("/search/", {"q": "child"})) for reader, said in says.items()] == [
        True
    ] * 4


# What States wrote


@pytest.fixture
def law(xaa, alice):
    """A law with four pages, of which the first, the second and the last have a zebra."""
    version = add_item(
        xaa, alice, "Wildlife Act", disclosure=EvidenceReader.SECRETARIAT, upload=check_upload(upload("a.pdf", LAW))
    )
    keep_waiting_texts()
    index_respondent(xaa)
    return version


def save(xaa, alice, measures: str, base: int = 0, **given) -> None:
    answer = Answer(status="implemented", measures=measures, ready=True, **given)
    save_answer(respondent=xaa, unit=find_unit("I.13"), base=base, answer=answer, by=alice)
    index_respondent(xaa)


def test_an_answer_says_its_version_and_whether_it_was_submitted(xaa, alice, bob):
    save(xaa, alice, "A zebra unit.")
    assert described(client_of(alice), "zebra") == ["Arandia · Answer, version 1, not yet submitted"]
    submit_ready(xaa, opened_round(bob, meetings=[1]), alice)
    assert described(client_of(alice), "zebra") == ["Arandia · Answer, version 1, submitted"]
    save(xaa, alice, "A zebra unit, since 2026.", base=1)
    page = client_of(alice).get("/search/", {"q": "zebra"})
    assert [hit.what for hit in page.context["found"].hits] == ["Arandia · Answer, version 2, not yet submitted"]
    assert 'href="/desk/XAA/recommendations/I-13/"' in page.text
    assert page.context["found"].facets == [], "one result leaves nothing to choose"
    page = client_of(alice).get("/search/", {"q": "zebra", "status": "implemented"})
    assert [str(facet.title) for facet in page.context["found"].facets] == ["Status: Arandia"]


def test_a_text_shows_the_status_of_the_own_state(xaa, alice):
    save(xaa, alice, "A unit.")
    assert "Arandia : Implemented" in words_of_page(client_of(alice).get("/search/", {"q": "I.13"}))


def test_words_inside_a_file_are_found_with_their_pages(law, alice, client, charlie, bob):
    page = client_of(alice).get("/search/", {"q": "zebra"})
    [hit] = page.context["found"].hits
    assert hit.what.replace("\xa0", " ").startswith("Evidence · Law · PDF, ")
    assert hit.what.endswith(" · found on pages 1, 2, 4")
    assert "<mark>zebras</mark>" in page.text
    assert 'href="/desk/XAA/evidence/1/"' in page.text
    assert described(client_of(alice), "guardian zebra")[0].endswith("found on page 2")
    for stranger in (client, client_of(charlie), client_of(bob)):
        assert described(stranger, "zebra") == []


@pytest.mark.parametrize("typed", ["E1", "e1", "E1 Wildlife Act"])
def test_an_evidence_item_is_found_by_its_number(law, alice, typed):
    assert [hit.url for hit in found_page(client_of(alice), typed, kind="evidence").hits] == ["/desk/XAA/evidence/1/"]


def test_a_file_without_pages_is_found_too(xaa, alice):
    details = EvidenceDetails("Note", "other", "en", upload=check_upload(upload("a.docx", word_with("A zebra"))))
    add_evidence(respondent=xaa, by=alice, details=details)
    keep_waiting_texts()
    index_respondent(xaa)
    [said] = described(client_of(alice), "zebra")
    assert said.endswith(" · found in the file")


def test_the_words_of_a_file_that_was_replaced_are_not_found(law, alice, django_capture_on_commit_callbacks):
    details = EvidenceDetails("Wildlife Act", "law", "en", citation="OG 1", removes_file=True)
    connection.run_on_commit.clear()  # of the fixtures, which are indexed
    with django_capture_on_commit_callbacks(execute=True):
        change_evidence(evidence=law.evidence, base=law.base, by=alice, details=details)
    assert described(client_of(alice), "zebra") == []


def test_a_removal_takes_the_words_of_a_file_out_of_the_search_at_once(law, xaa, alice):
    make_person("ruth", Role.FOCAL_POINT, xaa)
    request_withdrawal(respondent=xaa, by=alice, words="", files=EvidenceFile.everyones.all(), reason="name")
    assert described(client_of(alice), "zebra") == []
    index_respondent(xaa)
    assert described(client_of(alice), "zebra") == []


def test_the_secretariat_finds_submitted_evidence_that_the_state_does_not_keep(
    law, xaa, alice, bob, erin, charlie, client
):
    own = add_item(xaa, alice, "Kept zebra list", citation="Zebra")
    save(xaa, alice, "A unit.", citations=[(law, "art. 2"), (own, "")])
    assert described(client_of(bob), "zebra") == []
    submission = submit_ready(xaa, opened_round(bob, meetings=[1]), alice)
    index_respondent(xaa)
    page = client_of(bob).get("/search/", {"q": "zebra"})
    [hit] = page.context["found"].hits
    assert hit.what.endswith(" · found on pages 1, 2, 4")
    assert hit.foot == f"Arandia · Submitted with {find_unit('I.13').label_with_title}"
    assert hit.url == f"/submissions/XAA/2026/1/items/#{find_unit('I.13').slug}"
    ben = make_person("ben", Role.REVIEWER)
    add_restriction(user=ben, respondent=xaa, by=erin)
    change_use(submission=submission, published=True, by=alice)
    index_respondent(xaa)
    for stranger in (client, client_of(charlie), client_of(reread(ben))):
        assert described(stranger, "zebra") == []


def test_a_newer_version_is_not_found_by_the_secretariat_before_it_is_submitted(law, xaa, alice, bob):
    save(xaa, alice, "A unit.", citations=[(law, "art. 2")])
    submit_ready(xaa, opened_round(bob, meetings=[1]), alice)
    details = EvidenceDetails("Quagga Act", "law", "en", disclosure=EvidenceReader.SECRETARIAT, citation="OG 2")
    change_evidence(evidence=law.evidence, base=law.base, by=alice, details=details)
    index_respondent(xaa)
    assert described(client_of(bob), "quagga") == []
    assert len(described(client_of(bob), "zebra")) == 1


def test_a_contributor_finds_the_evidence_of_assigned_answers(law, xaa, alice, closed_to_contributors):
    carol = make_person("carol", Role.CONTRIBUTOR, xaa)
    save(xaa, alice, "A unit.", citations=[(law, "")])
    assert described(client_of(carol), "zebra") == []
    assign(respondent=xaa, units=[find_unit("I.13")], to=carol, by=alice)
    assert len(described(client_of(reread(carol)), "zebra")) == 1


def test_others_find_what_is_published_and_shared(xaa, alice, bob, charlie, client):
    save(xaa, alice, "A zebra unit.", good_practice=True, good_practice_shared=True)
    submission = submit_ready(xaa, opened_round(bob, meetings=[1]), alice, Statements(names_no_victim=True))
    index_respondent(xaa)
    assert described(client, "zebra") == []
    [shared] = described(client_of(charlie), "zebra")
    assert shared.startswith("Arandia · Good practice shared with other States · ")
    change_use(submission=submission, published=True, by=alice)
    index_respondent(xaa)
    [published] = described(client, "zebra")
    assert published.startswith("Arandia · Published answer · ")
    assert f'href="{submission.get_public_url()}?unit=I-13#I-13"' in client.get("/search/", {"q": "zebra"}).text
    submitted = [said.partition(" · ")[2].partition(" · ")[0] for said in described(client_of(bob), "zebra")]
    assert sorted(submitted) == ["Good practice shared with other States", "Published answer"]


def test_the_name_of_a_state_finds_its_published_submissions(xaa, alice, bob, client):
    save(xaa, alice, "A unit.")
    submission = submit_ready(xaa, opened_round(bob, meetings=[1]), alice, Statements(names_no_victim=True))
    for reader in (client, client_of(alice), client_of(bob)):
        assert "Published submissions" not in tabs(reader, "Arandia")
    change_use(submission=submission, published=True, by=alice)
    for typed in ("arandia", "Arandia compensation"):
        page = found_page(client, typed)
        assert page.hits[0].url == submission.get_public_url(), typed
        assert page.hits[0].what.startswith("Published submission XAA/2026/1 · ")
    assert tabs(client, "Arandia") == {"All": 1, "Published submissions": 1}
    assert "Published submissions" not in tabs(client, "Belmara") | tabs(client, "children")
    change_use(submission=submission, published=False, by=alice)
    assert "Published submissions" not in tabs(client, "Arandia")


def test_the_tab_of_answers_says_what_its_reader_finds(xaa, alice, bob, charlie, client):
    save(xaa, alice, "A zebra unit.")
    submission = submit_ready(xaa, opened_round(bob, meetings=[1]), alice, Statements(names_no_victim=True))
    change_use(submission=submission, published=True, by=alice)
    index_respondent(xaa)
    readers = (client, client_of(charlie), client_of(bob))
    assert [[*tabs(reader, "zebra")][1:] for reader in readers] == [
        ["Published answers"],
        ["Published answers"],
        ["Submitted answers"],
    ]


def test_a_list_without_filters_has_no_menu_of_filters(xaa, alice, bob, client):
    save(xaa, alice, "A unit.")
    submission = submit_ready(xaa, opened_round(bob, meetings=[1]), alice, Statements(names_no_victim=True))
    change_use(submission=submission, published=True, by=alice)
    assert "<summary>Filters</summary>" not in client.get("/search/", {"q": "Arandia"}).text
    assert "<summary>Filters</summary>" in client.get("/search/", {"q": "law"}).text


def test_a_link_to_the_exact_phrase_shows_no_search_notes(client):
    page = client.get("/search/", {"q": "joint investigations"})
    assert ">Exact phrase</a>" in page.text
    assert "search-notes" not in page.text
    assert "search-notes" in client.get("/search/", {"q": "kidney"}).text


def test_attack_a_count_discloses_an_unpublished_answer(xaa, alice, bob, charlie, client):
    save(xaa, alice, "A zebra unit.", good_practice=True, good_practice_shared=True)
    submission = submit_ready(xaa, opened_round(bob, meetings=[1]), alice, Statements(names_no_victim=True))
    change_use(submission=submission, published=True, by=alice)
    index_respondent(xaa)
    change_use(submission=submission, published=False, by=alice)
    for reader, kinds in ((client, {}), (client_of(charlie), {"All": 1, "Good practices": 1})):
        page = found_page(reader, "zebra")
        assert (page.total, tabs(reader, "zebra") if page.total else {}) == (sum(kinds.values()) // 2, kinds)
    withdraw_from_round(submission=submission, reason="An error", by=alice)
    for reader in (client, client_of(charlie)):
        page = found_page(reader, "zebra")
        assert (page.total, list(page.facets)) == (0, [])


def test_as_many_results_are_listed_as_are_counted(client):
    page = found_page(client, "smuggling article 6")
    hits = [found_page(client, "smuggling article 6", page=number).hits for number in page.page.paginator.page_range]
    assert page.total == sum(map(len, hits))
    assert tabs(client, "smuggling article 6")["Treaty provisions"] > 0


def test_attack_a_proxy_or_an_archive_keeps_what_was_found(client, alice):
    public, signed_in = client.get("/search/?q=compensation"), client_of(alice).get("/search/?q=compensation")
    assert (public["Cache-Control"], public["X-Robots-Tag"]) == ("private, no-cache", "noarchive")
    assert (signed_in["Cache-Control"], signed_in["X-Robots-Tag"]) == ("private, no-store", "noarchive")


CAPPED = "Very many texts of States have these words, and only the newest are listed. Add a word to narrow the results."


def test_the_page_says_that_it_lists_the_newest_of_very_many_texts(law, xaa, alice, bob, client, monkeypatch):
    save(xaa, alice, "A zebra unit.", citations=[(law, "")])
    submit_ready(xaa, opened_round(bob, meetings=[1]), alice)
    index_respondent(xaa)

    def says_so() -> list[bool]:
        readers = (client, client_of(alice), client_of(bob))
        return [CAPPED in words_of_page(reader.get("/search/", {"q": "zebra"})) for reader in readers]

    assert says_so() == [False, False, False]
    monkeypatch.setattr(queries, "MOST_PAGES", 3)
    assert says_so() == [False, False, True]
    monkeypatch.setattr(queries, "MOST_ROWS", 4)
    assert says_so() == [False, True, True]


OWN_KINDS = {"Answers of your team", "Comments", "Evidence"}


def counts(page) -> dict[str, int]:
    choices = [option.choice for facet in page.facets for option in (*facet.options, *facet.more)]
    return {str(tab.title): tab.count for tab in page.tabs} | {str(choice.label): choice.count for choice in choices}


def test_no_word_of_a_state_is_in_a_result_count_facet_or_suggestion(people, canary_state, client):  # noqa: F811
    """Neither drafts, nor withheld evidence, nor remarks before they are sent, for any role."""
    keep_waiting_texts()
    index_respondent(canary_state)
    for name, person in people.items():
        reader = client_of(person) if person else client
        is_own = name in {"focal point", "contributor", "viewer"}
        for typed in (CANARY, f"{CANARY} law", f"{CANARY} draft", f"{CANARY} proposed", CANARY[:-2]):
            page = reader.get("/search/", {"q": typed})
            found_here = page.context["found"]
            unknown = found_page(reader, typed.replace(CANARY[:-2], "quaggazebra"))
            if is_own:
                new = {str(tab.title) for tab in found_here.tabs} - counts(unknown).keys()
                assert new <= {"All", *OWN_KINDS}, (name, typed)
                said = words_of_page(page).replace(f"Search: {typed}", "").replace(f"“ {typed} ”", "")
                assert f"{CANARY} draft" not in said
                assert f"{CANARY} proposed" not in said
            else:
                assert counts(found_here) == counts(unknown), (name, typed)
                assert CANARY not in words_of_page(page).replace(typed, "").replace(f"“ {CANARY} ”", "")
        for hidden in (HIDDEN, REPORTED):
            assert found_page(reader, hidden).total == 0, name
        assert CANARY not in reader.get("/search/suggestions/", {"q": CANARY[:5]}).text


# The head of every page


def suggested(client, typed: str) -> list[str]:
    page = client.get("/search/suggestions/", {"q": typed})
    return [f"{each.label} {each.title}".strip() for each in page.context["suggestions"]]


def test_the_box_is_in_the_head_of_every_page(client, alice):
    for reader, path in ((client, "/figures/"), (client_of(alice), "/desk/XAA/")):
        assert '<form class="search search-everything" role="search" action="/search/">' in reader.get(path).text


def test_suggestions_are_labels_with_titles_themes_and_help(client):
    first, *others = suggested(client, "iv 46 i")
    assert first == find_unit("IV.46(i)").label_with_title
    assert [other.partition(" ")[0] for other in others] == ["IV.46(i)(i)", "IV.46(i)(ii)", "IV.46(i)(iii)"]
    assert suggested(client, "rec 4.46 (i)") == [first, *others]
    found_ = suggested(client, "compens")
    assert find_unit("I.13").label_with_title in found_
    assert "Compensation, restitution and access to justice" in found_
    assert suggested(client, "two-step") == ["Two-step sign-in (For everyone)"]
    assert suggested(client, "restitut proced") == [find_unit("I.13").label_with_title]


@pytest.mark.parametrize("typed", ["", "c", "zebra", "x" * 300, "\0", "<b>", "(("])
def test_nothing_is_suggested_where_nothing_fits(client, typed):
    response = client.get("/search/suggestions/", {"q": typed})
    assert (response.status_code, response.context["suggestions"]) == (200, [])
    assert 'role="option"' not in response.text


@pytest.fixture
def everything(law, xaa, alice, xbb, charlie, bob):
    """A zebra in a text of each kind; State XBB has its name, and both publish."""
    node = find_unit("I.13")
    Translation.objects.create(wording=node.current_wording, language="fr", text="Le zebra", source="INVENTED/1")
    Theme.objects.filter(pk=node.primary_theme_id).update(name="Zebras and their guardians")
    Family.objects.filter(pk=Family.objects.earliest("pk").pk).update(name="Zebras with guardians")
    served = ServedProvision.objects.exclude(theme=None).earliest("pk")
    Provision.objects.filter(pk=served.provision_id).update(title="Zebras and guardians")
    xbb.name = "Zebra Guardians"
    xbb.save()
    round_ = opened_round(bob, meetings=[1])
    for respondent, by, citations in ((xaa, alice, [(law, "")]), (xbb, charlie, [])):
        shared = {"good_practice": True, "good_practice_shared": True}
        save(respondent, by, "A zebra, and its guardian.", citations=citations, **shared)
        write_comment(respondent=respondent, unit=node, text="Which zebra, which guardian?", after=0, by=by)
        submission = submit_ready(respondent, round_, by, Statements(names_no_victim=True))
        change_use(submission=submission, published=True, by=by)
        index_respondent(respondent)
    index_catalogue()


EVERYWHERE = {"text", "family", "theme", "provision", "submission", "submitted"}
OF_TEAM = EVERYWHERE | {"practice", "answer", "comment", "evidence"}


KINDS_FOUND = {
    None: EVERYWHERE,
    "alice": OF_TEAM,
    "charlie": OF_TEAM - {"evidence"},
    "bob": EVERYWHERE | {"practice", "sealed"},
    "dana": EVERYWHERE | {"practice"},
    "erin": EVERYWHERE | {"practice"},
}


@pytest.mark.thorough
def test_a_page_of_all_kinds_takes_few_queries(
    everything, client, dana, erin, django_assert_max_num_queries, monkeypatch
):
    monkeypatch.setattr(views, "PAGE", 60)
    for name, kinds in KINDS_FOUND.items():
        reader = client_of(find_person(name)) if name else client
        found_page(reader, "zebra guardian")
        with django_assert_max_num_queries(15):
            page = found_page(reader, "zebra guardian")
        assert (name, {row.kind for row in page.page}) == (name, kinds)
        assert page.total == len(page.hits)
        for kind in kinds:
            with django_assert_max_num_queries(15):
                assert found_page(reader, "zebra guardian", kind=kind).hits


def test_a_page_of_an_officer_who_is_a_focal_point_of_the_secretariat_takes_few_queries(
    everything, xbb, charlie, django_assert_max_num_queries, monkeypatch
):
    monkeypatch.setattr(views, "PAGE", 60)
    add_item(xbb, charlie, "Zebras with guardians", citation="1")
    index_respondent(xbb)
    Respondent.objects.filter(pk=xbb.pk).update(kind=RespondentKind.SECRETARIAT)
    Membership.objects.create(user=with_second_factor(charlie), role=Role.REVIEWER, since=date(2026, 1, 1))
    reader = client_of(reread(charlie))
    found_page(reader, "zebra guardian")
    with django_assert_max_num_queries(15):
        page = found_page(reader, "zebra guardian")
    assert {row.kind for row in page.page} == OF_TEAM | {"sealed"}


def test_the_page_and_the_suggestions_take_few_queries(law, xaa, alice, bob, client, django_assert_max_num_queries):
    save(
        xaa,
        alice,
        "A zebra unit, and compensation.",
        good_practice=True,
        good_practice_shared=True,
        citations=[(law, "")],
    )
    submit_ready(xaa, opened_round(bob, meetings=[1]), alice)
    index_respondent(xaa)
    readers = [(client, 15), (client_of(alice), 15), (client_of(bob), 14)]
    for reader, most in readers:
        for typed in ("zebra", "compensation", "article 6", "zebra compensatoin guardian"):
            reader.get("/search/", {"q": typed})
            with django_assert_max_num_queries(most):
                reader.get("/search/", {"q": typed})
        with django_assert_max_num_queries(7):
            reader.get("/search/suggestions/", {"q": "compens"})
