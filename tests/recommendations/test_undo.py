"""What was published wrongly is corrected until its paper is opened: an import is retracted, a label changes."""

import datetime
import re
from collections.abc import Collection
from functools import partial

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DEFAULT_DB_ALIAS, IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from recommendations import catalogue
from recommendations.append_only import list_reference_rules, missing_triggers
from recommendations.catalogue_file import export_catalogue
from recommendations.error_messages import PAGE_CHANGED
from recommendations.models import (
    Currency,
    Family,
    FamilyMember,
    Lineage,
    Meeting,
    Paper,
    PaperImport,
    Provenance,
    Provision,
    Recommendation,
    RecordedAction,
    ServedProvision,
    TakenUp,
    TextChange,
    Theme,
    Translation,
)
from recommendations.paper_import.actions import save_paragraphs
from recommendations.undo import correct_label, find_retraction_problem, retract_import
from tests.catalogue_events import actions_on
from tests.database import lifted_triggers
from tests.labels import text_of
from tests.pages import seen_at, words
from tests.papers import opened, proposed, restructure, taken_in
from tests.papers import published as published_draft
from tests.races import results_at_once
from tests.test_walk import URLS
from tests.thorough import IS_WHOLE
from tests.verification import find_errors
from tracker.actions.paper_opening import confirm_opening
from tracker.actions.record import Answer, save_answer
from tracker.audit.trail import read_lines
from tracker.models import Event, Record
from tracker.queries.catalogue_history import changes_of

pytestmark = pytest.mark.django_db

# In the texts, and in their meeting and paper, whose rows a corrected import uses again: curators still see these.
CANARY, OF_PAPER = "Kanarienvogel", "Buchfink"
IMPLEMENTED = Answer(status="implemented", ready=True)
TENTH = f"""X. Tenth meeting, {OF_PAPER}, 14 to 16 October 2020

1. States parties should share {CANARY} data.¹
2. States parties should:
 - (a) Train judges on {CANARY} matters;
 - (b) Train prosecutors on {CANARY} matters.
3. The Working Group may wish to discuss {CANARY} at a future meeting.

¹ See {CANARY}, article 6.
"""
REPORT = {
    "paper_symbol": "CTOC/COP/WG.4/2020/4",
    "paper_title": f"Report of the {OF_PAPER} meeting",
    "paper_date": datetime.date(2020, 11, 2),
}
TODAY = datetime.date(2026, 11, 1)


def published(by, text: str = TENTH, **details) -> PaperImport:
    draft = taken_in(by, text, **REPORT | details)
    node = draft.paragraphs.filter(label="X.3").first()
    if node:
        values = {"is_unit": False, "is_topic": True}
        save_paragraphs(paper_import=draft, changes={node.pk: (node.version, values)}, by=by)
    return published_draft(draft, by)


@pytest.fixture
def tenth(dana) -> PaperImport:
    """The import of a tenth meeting: X.1, X.2 with its items (a) and (b), and the topic X.3."""
    return published(dana)


def retract(paper_import: PaperImport, by, reason: str = "The wrong file.") -> None:
    retract_import(paper_import=paper_import, reason=reason, by=by)


def answer(xaa, unit, by):
    return save_answer(respondent=xaa, unit=unit, base=0, answer=IMPLEMENTED, by=by)


# An import that is retracted


def test_the_texts_of_an_import_are_gone_and_their_rows_stay(tenth, dana, unit, xaa):
    texts = Recommendation.objects.filter(label__startswith="X.").count()
    asked = xaa.units_to_answer().count()
    retract(tenth, dana)
    tenth.refresh_from_db()
    assert (tenth.retracted_by, tenth.retraction_reason, texts) == (dana, "The wrong file.", 5)
    assert Recommendation.objects.count() == 317
    assert xaa.units_to_answer().count() == asked
    assert Recommendation._base_manager.filter(paper_import=tenth).exclude(retracted_at=None).count() == 5
    assert find_errors() == []
    assert actions_on(tenth)[0] == ("paper retracted", dana)
    event = Event.everyones.order_by("-pk").first()
    [line] = read_lines([(event, event.before, event.after)])
    assert (event.action_name, line.about) == ("Import retracted", f"Imported paper · {tenth.paper_symbol}")
    assert line.after == "Texts · 5"


def test_the_labels_are_free_for_a_corrected_import(tenth, dana, unit):
    retract(tenth, dana)
    again = published(dana, TENTH.replace("share", "exchange"))
    assert unit("X.1").text == f"States parties should exchange {CANARY} data."
    assert unit("X.1").paper_import == again
    assert unit("X.1").meeting == Meeting.objects.get(number=10)
    assert [change.event.action for change in changes_of(unit("X.1"))] == ["paper published"]
    retract(again, dana)
    published(dana)
    assert find_errors() == []


def attach_everything(dana) -> None:
    """Write the canary into everything that curators can record about a text."""
    text, topic = Recommendation.objects.get(label="X.1"), Recommendation.objects.get(label="X.3")
    item, other = Recommendation.objects.get(label="X.2(a)"), Recommendation.objects.get(label="I.13")
    theme, family = Theme.objects.get(slug="compensation"), Family.objects.get(slug="non-punishment")
    source = {"symbol": f"{CANARY}/1", "date": TODAY}
    for node in (text, topic, item):
        catalogue.change_annotations(recommendation=node, by=dana, title=f"{CANARY} title", primary_theme=theme)
    for row in (
        FamilyMember(family=family, recommendation=text, kind="full", note=""),
        Lineage(source=text, target=other, kind="refines", quote=CANARY, confidence="high"),
        Lineage(source=other, target=text, kind="reaffirms", quote="", confidence="high"),
        ServedProvision(provision=Provision.objects.first(), recommendation=text, reason=CANARY),
    ):
        catalogue.save_instance(instance=row, by=dana)
    for row in (
        RecordedAction(recommendation=topic, by="working_group", what=f"{CANARY} agenda", **source),
        TakenUp(topic=topic, at=f"{CANARY} meeting", **source),
        Provenance(recommendation=text, source=f"{CANARY} source", document_symbol=f"{CANARY}/2"),
        Currency(recommendation=text, kind="adoption", words=f"{CANARY} endorsed", **source),
        Translation(wording=text.current_wording, language="fr", text=f"Texte {CANARY}.", source=CANARY),
    ):
        catalogue.save_instance(instance=row, by=dana)
    catalogue.add_wording(recommendation=item, text=f"{CANARY} again.", kind="correction", reason="A slip.", by=dana)


def is_fixed(kwargs: dict) -> bool:
    """Return whether the address names something that every site has, and no row of a world."""
    return not any(re.fullmatch("[A-Z_]+", str(value)) and value != "XAA" for value in kwargs.values())


ADDRESSES = {name: kwargs for name, (kwargs, _expected) in URLS.items() if is_fixed(kwargs)}
# Of the pages of curators these lists have texts.
LISTS = (
    *("family", "lineage", "provision", "recordedaction", "takenup", "provenance", "currency", "translation"),
    *("footnote", "wording", "recommendation"),
)
SHOWING = {
    *("search", "recommendations:list", "recommendations:json", "recommendations:csv", "recommendations:xlsx"),
    *(
        "recommendations:recorded_actions",
        "recommendations:workplan",
        "recommendations:theme",
        "recommendations:family",
    ),
    "recommendations:detail",
    *(f"admin:recommendations_{model}_changelist" for model in LISTS if model not in ("family", "provision")),
}
OF_PAPERS = {"home", "recommendations:list", "recommendations:detail", "recommendations:json"}


def content_of(response) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return text_of(response) if content.startswith((b"%PDF-", b"PK")) else content.decode(errors="replace")


def addresses(words: Collection[str]) -> list[tuple[str, str]]:
    found = [(name, reverse(name, kwargs=kwargs)) for name, kwargs in ADDRESSES.items()]
    found += [("search", f"/search/?q={typed}") for typed in (*words, "X.1")]
    queries = [*(f"q={word}" for word in words), "meeting=10"]
    found += [("recommendations:list", f"/recommendations/?{query}") for query in queries]
    slugs = ("I-13", "X-1", "X-2", "X-2-a", "X-3")
    found += [("recommendations:detail", reverse("recommendations:detail", args=[slug])) for slug in slugs]
    left_out = ("paper_import", "admin:", "account_logout")
    return [(name, address) for name, address in found if not name.startswith(left_out)]


def pages_with(words: Collection[str], client, *people, among: Collection[str] = ()) -> set[str]:
    """Return the names of the pages and files, all or some, that have one of the words for anybody, except what was
    searched for.
    """
    found = set()
    searched_for = re.compile(rf'(value="|“|q=|>|: )({"|".join(words)})("|”|&|<| ·)')
    for person in (None, *people):
        client.logout()
        if person:
            client.force_login(person)
        for name, address in addresses(words):
            if among and name not in among:
                continue
            content = searched_for.sub("", content_of(client.get(address)))
            if any(word in content for word in words):
                found.add(name)
    return found


def lists_with(word: str, client, curator) -> set[str]:
    client.force_login(curator)
    names = [f"admin:recommendations_{model}_changelist" for model in LISTS]
    pages = [
        (name, client.get(reverse(name, query=query)))
        for name in names
        for query in ({}, {"q": "X.1"}, {"q": "X.2(a)"})
    ]
    assert {page.status_code for _name, page in pages} == {200}
    return {name for name, page in pages if word in page.text}


@pytest.mark.thorough
def test_no_page_and_no_file_has_a_retracted_text(tenth, dana, alice, bob, erin, client):
    attach_everything(dana)
    people = (alice, bob, dana, erin) if IS_WHOLE else (alice,)
    of_texts = pages_with([CANARY], client, *people, among=SHOWING)
    assert SHOWING - of_texts - lists_with(CANARY, client, dana) == set()
    assert pages_with([OF_PAPER], client, among=OF_PAPERS) == OF_PAPERS
    retract(tenth, dana)
    assert pages_with([CANARY, OF_PAPER], client, *people) | lists_with(CANARY, client, dana) == set()
    assert find_errors() == []


def test_a_paper_that_is_open_is_neither_retracted_nor_relabelled(curator, tenth, bob, dana, unit):
    opened(tenth, bob, dana)
    with pytest.raises(ValidationError, match="This paper is open to answers"):
        retract(tenth, dana)
    for changed in ({"label": "X.9"}, {"is_unit": False, "is_topic": True}):
        with pytest.raises(ValidationError, match="This paper is open to answers"):
            restructure(unit("X.1"), dana, **changed)
    page = curator.get(reverse("paper_import_retract", args=[tenth.pk]))
    assert "This paper is open to answers. It cannot be retracted any more." in words(page)
    assert "<textarea" not in page.text
    page = curator.get(reverse("admin:recommendations_recommendation_structure", args=[unit("X.1").pk]))
    assert "Its kind cannot change any more, and its label only on pages." in words(page)
    assert 'name="kind"' not in page.text


def test_a_label_is_corrected_on_pages_after_the_opening_only(tenth, dana, unit):
    with pytest.raises(ValidationError, match="The page changed"):
        correct_label(text=unit("X.1"), label="X.9", reason="Printed so.", by=dana)


def test_items_of_an_open_paper_do_not_move_with_a_chapeau(tenth, bob, dana, unit):
    below = "X. Tenth meeting, Vienna, 14 to 16 October 2020\n\n2. States parties should:\n - (c) Train the police.\n"
    opened(published(dana, below, paper_symbol="CTOC/COP/WG.4/2020/5"), bob, dana)
    with pytest.raises(ValidationError, match="This paper is open to answers"):
        restructure(unit("X.2"), dana, label="X.20")


def test_items_of_another_import_block_it(tenth, dana):
    below = "X. Tenth meeting, Vienna, 14 to 16 October 2020\n\n2. States parties should:\n - (c) Train the police.\n"
    published(dana, below, paper_symbol="CTOC/COP/WG.4/2020/5")
    assert find_retraction_problem(tenth) == "First retract the imports with other items of these texts: X.2(c)."
    with pytest.raises(ValidationError):
        retract(tenth, dana)


def test_only_curators_retract_an_import_once_and_with_a_reason(tenth, dana, alice, bob, erin):
    for person in (alice, bob, erin):
        with pytest.raises(PermissionDenied):
            retract(tenth, person)
    with pytest.raises(ValidationError, match="Enter the reason"):
        retract(tenth, dana, reason=" ")
    with pytest.raises(ValidationError):
        retract(taken_in(dana), dana)
    retract(tenth, dana)
    with pytest.raises(ValidationError, match="The page changed"):
        retract(tenth, dana)


def test_a_curator_retracts_an_import_on_its_page(curator, tenth):
    address = reverse("paper_import_retract", args=[tenth.pk])
    assert f'<a href="{address}">Retract this import</a>' in curator.get(reverse("paper_import", args=[tenth.pk])).text
    assert "5 texts will no longer be on any page" in words(curator.get(address))
    empty = curator.post(address, {"reason": ""})
    assert empty.context["form"].errors == {"reason": ["Enter the reason."]}
    assert curator.post(address, {"reason": "The wrong file."}).status_code == 302
    page = curator.get(reverse("paper_import", args=[tenth.pk]))
    assert "Retracted by Dana on" in words(page)
    assert "The wrong file." in words(page)
    assert "Retract this import" not in words(page)
    assert "Retracted by Dana" in words(curator.get(reverse("paper_import_list")))
    assert curator.get(address).status_code == 302


def test_a_paper_without_texts_is_offered_nowhere_and_a_corrected_import_uses_it_again(curator, tenth, dana):
    of_texts = reverse("admin:recommendations_recommendation_changelist")
    paper, meeting = Paper.objects.get(texts__label="X.1"), Meeting.objects.get(number=10)

    def offered() -> list[bool]:
        form = curator.get(reverse("official_texts_add")).context["form"]
        filters = curator.get(of_texts).text
        return [
            paper in form.fields["paper"].queryset,
            f"paper__id__exact={paper.pk}" in filters,
            f"meeting__id__exact={meeting.pk}" in filters,
        ]

    assert offered() == [True, True, True]
    assert curator.get(of_texts, {"paper__id__exact": paper.pk}).status_code == 200
    retracting = curator.get(reverse("paper_import_retract", args=[tenth.pk]))
    assert "The paper and its meetings remain in the administration." in words(retracting)
    retract(tenth, dana)
    assert offered() == [False, False, False]
    listed = curator.get(reverse("paper_import_list")).context
    assert (listed["published"], listed["retracted"]) == ([], [tenth])
    published(dana)
    assert offered() == [True, True, True]


# What the database holds


def test_the_database_knows_what_refers_to_a_text():
    ruled = {model._meta.db_table: list_reference_rules(model) for model in apps.get_models()}
    assert sorted(f"{table}.{column}" for table, rules in ruled.items() for column, _rule in rules) == [
        "tracker_assignment.unit_id",
        "tracker_assistanceneed.unit_id",
        "tracker_comment.unit_id",
        "tracker_draft.unit_id",
        "tracker_proposal.unit_id",
        "tracker_quotation.unit_id",
        "tracker_record.recommendation_id",
        "tracker_roundunit.unit_id",
        "tracker_sharedpractice.unit_id",
        "tracker_submissionitem.unit_id",
    ]
    assert missing_triggers(DEFAULT_DB_ALIAS) == []


def test_the_database_refuses_an_answer_to_an_unopened_paper(tenth, xaa, alice, dana, unit):
    text, other = unit("X.1"), unit("I.13")
    with pytest.raises(IntegrityError, match="breaks the rule of recommendation_id"), transaction.atomic():
        Record.everyones.create(respondent=xaa, recommendation=text)
    record = Record.everyones.create(respondent=xaa, recommendation=other)
    with pytest.raises(IntegrityError, match="breaks the rule of recommendation_id"), transaction.atomic():
        Record.everyones.filter(pk=record.pk).update(recommendation=text)
    with pytest.raises(ValidationError, match="You cannot answer this recommendation"):
        answer(xaa, text, alice)


CHANGED = [
    {"label": "X.9"},
    {"kind": "chapeau"},
    {"is_unit": False},
    {"is_unit": False, "is_topic": True},
    {"retracted_at": timezone.now()},
    {"paper_import": None},
]


@pytest.mark.parametrize("changed", CHANGED, ids=lambda changed: " ".join(changed))
def test_the_database_refuses_to_change_what_an_open_paper_has(changed, tenth, bob, dana):
    texts = Recommendation.objects.filter(label="X.1")
    with transaction.atomic():
        assert texts.update(**changed) == 1
        transaction.set_rollback(True)
    opened(tenth, bob, dana)
    with pytest.raises(IntegrityError, match="stays as it is"), transaction.atomic():
        texts.update(**changed)
    texts.update(title="Sharing")


def test_the_database_refuses_another_text_in_an_open_paper(tenth, unit):
    with pytest.raises(IntegrityError, match="stays as it is"), transaction.atomic():
        Recommendation.objects.filter(label="X.1").update(paper=unit("I.13").paper)


def test_the_database_refuses_to_retract_what_no_import_published(tenth):
    with pytest.raises(IntegrityError, match="retracted_with_import"), transaction.atomic():
        Recommendation.objects.filter(label="X.1").update(retracted_at=timezone.now(), paper_import=None)


def test_a_retraction_that_is_undone_by_sql_is_named(tenth, dana):
    retract(tenth, dana)
    with lifted_triggers(), connection.cursor() as cursor:
        cursor.execute("UPDATE recommendations_recommendation SET retracted_at = NULL WHERE label = 'X.3'")
    key = Recommendation.objects.get(label="X.3").pk
    assert find_errors() == [
        "recommendation X.3: no event names it",
        "wording X.3 1: no event names it",
        f"recommendation X.3 retracted {key}: missing",
        f"wording X.3 retracted {key} 1: missing",
    ]


def test_a_retraction_does_not_hide_what_was_changed_by_sql(tenth, dana, unit):
    key = unit("X.3").pk
    with lifted_triggers(), connection.cursor() as cursor:
        cursor.execute("UPDATE recommendations_recommendation SET title = 'Forged' WHERE label = 'X.3'")
    retract(tenth, dana)
    assert find_errors() == [f"recommendation X.3 retracted {key}: altered: title"]


# Races


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["retraction", "label"])
def test_an_opening_and_a_correction_at_once_take_turns(act, tenth, bob, dana, unit):
    text, paper = unit("X.1"), proposed(tenth, bob)
    acts = {"retraction": lambda: retract(tenth, dana), "label": lambda: restructure(text, dana, label="X.9")}
    opening = partial(confirm_opening, paper=paper, base=paper.opening_stamp, by=dana)

    results_at_once(acts[act], opening, refusals=ValidationError)

    tenth.refresh_from_db()
    is_open = Paper.objects.get(pk=paper.pk).opened_at is not None
    assert (tenth.is_retracted and is_open) is False
    assert is_open or act == "retraction"
    assert find_errors() == []


# Label, kind, unit, topic


def test_a_label_changes_with_the_labels_of_its_items(tenth, dana, unit, client):
    assert restructure(unit("X.2"), dana, label="X.20")
    labels = Recommendation.objects.filter(meeting__number=10).values_list("label", "slug", "marker", "parent__label")
    assert list(labels) == [
        ("X.1", "X-1", "1", None),
        ("X.3", "X-3", "3", None),
        ("X.20", "X-20", "20", None),
        ("X.20(a)", "X-20-a", "(a)", "X.20"),
        ("X.20(b)", "X-20-b", "(b)", "X.20"),
    ]
    for old, new in (("X-2", "X-20"), ("X-2-a", "X-20-a")):
        response = client.get(f"/recommendations/{old}/")
        assert (response.status_code, response["Location"]) == (301, f"/recommendations/{new}/")
    assert client.get("/recommendations/?q=X.2(b)")["Location"] == "/recommendations/X-20-b/"
    assert "X.20(b)" in words(client.get("/search/?q=X.2(b)"))
    assert find_errors() == []


def test_the_page_and_the_files_have_the_earlier_labels_of_a_text(tenth, dana, unit, client):
    restructure(unit("X.2"), dana, label="X.20")
    restructure(unit("X.1"), dana, is_unit=False, is_topic=True)

    assert "Earlier label X.2 " in words(client.get("/recommendations/X-20/"))
    assert "Earlier label" not in words(client.get("/recommendations/X-1/"))
    earlier = {entry["label"]: entry["earlier_labels"] for entry in export_catalogue() if entry["meeting"] == 10}
    assert earlier == {"X.1": [], "X.3": [], "X.20": ["X.2"], "X.20(a)": ["X.2(a)"], "X.20(b)": ["X.2(b)"]}


def labels_of(*meetings: int) -> list[str]:
    """In their order on pages."""
    texts = Recommendation.objects.filter(meeting__number__in=meetings).order_by("position")
    return list(texts.values_list("label", flat=True))


ELEVENTH = """XI. Eleventh meeting, Vienna, 12 to 14 October 2021

1. States parties should cooperate.
2. The Secretariat should report.
"""


@pytest.mark.parametrize(
    ("old", "new", "after"),
    [
        ("X.1", "X.20", ["X.2", "X.2(a)", "X.2(b)", "X.3", "X.20", "XI.1", "XI.2"]),
        ("X.2", "X.20", ["X.1", "X.3", "X.20", "X.20(a)", "X.20(b)", "XI.1", "XI.2"]),
        ("X.2(a)", "X.2(c)", ["X.1", "X.2", "X.2(b)", "X.2(c)", "X.3", "XI.1", "XI.2"]),
        ("X.2(b)", "X.1 bis", ["X.1", "X.1 bis", "X.2", "X.2(a)", "X.3", "XI.1", "XI.2"]),
        ("X.2", "XI.1 bis", ["X.1", "X.3", "XI.1", "XI.1 bis", "XI.1 bis(a)", "XI.1 bis(b)", "XI.2"]),
        ("XI.2", "X.1 ter", ["X.1", "X.1 ter", "X.2", "X.2(a)", "X.2(b)", "X.3", "XI.1"]),
        ("X.3", "X.4", ["X.1", "X.2", "X.2(a)", "X.2(b)", "X.4", "XI.1", "XI.2"]),
    ],
)
def test_a_text_goes_to_the_place_of_its_new_label(old, new, after, tenth, dana, unit):
    published(dana, ELEVENTH, paper_symbol="CTOC/COP/WG.4/2021/4")
    others = list(Recommendation.objects.exclude(meeting__number__gte=10).order_by("position").values_list("label"))

    restructure(unit(old), dana, label=new)

    assert labels_of(10, 11) == after
    texts = Recommendation.objects.order_by("position").values_list("label")
    assert list(texts)[: len(others)] == others
    assert find_errors() == []


def test_the_only_text_of_a_meeting_stays_between_the_other_meetings(tenth, dana, unit):
    published(dana, ELEVENTH, paper_symbol="CTOC/COP/WG.4/2021/4")
    for label in ("X.1", "X.2", "X.3"):
        restructure(unit(label), dana, label=label.replace("X", "XI") + " bis")
    restructure(unit("XI.2 bis"), dana, label="X.7")
    assert labels_of(10, 11) == ["X.7", "X.7(a)", "X.7(b)", "XI.1", "XI.1 bis", "XI.2", "XI.3 bis"]
    restructure(unit("X.7"), dana, label="X.9")
    assert labels_of(10, 11) == ["X.9", "X.9(a)", "X.9(b)", "XI.1", "XI.1 bis", "XI.2", "XI.3 bis"]
    assert find_errors() == []


def test_the_old_address_of_an_answer_leads_to_the_new_label(desk, tenth, bob, dana, unit):
    restructure(unit("X.2"), dana, label="X.20")
    opened(tenth, bob, dana)

    response = desk.get("/desk/XAA/recommendations/X-2-a/")

    assert (response.status_code, response["Location"]) == (302, "/desk/XAA/recommendations/X-20-a/")
    assert desk.get(response["Location"]).status_code == 200
    assert desk.get("/desk/XAA/recommendations/X-20-a/history/").status_code == 200
    assert desk.get("/desk/XAA/recommendations/X-77/").status_code == 404


def test_the_change_of_a_label_is_in_the_trail_and_in_the_history(tenth, dana, unit):
    restructure(unit("X.2(a)"), dana, label="X.2(c)")
    event = Event.everyones.order_by("-pk").first()
    [line] = read_lines([(event, event.before, event.after)])
    assert (event.action_name, event.actor) == ("Label or kind of a text changed", dana)
    assert (line.about, line.after) == ("Recommendation · X.2(c)", "Label before: X.2(a)")
    [change] = TextChange.objects.all()
    assert (change.label, change.reason, change.author) == ("X.2(a)", "Printed otherwise.", dana)
    assert [each.event.action for each in changes_of(unit("X.2(c)"))] == ["label or kind changed", "paper published"]
    fields = {each.field: (each.before, each.after) for each in changes_of(unit("X.2(c)"))[0].fields}
    assert fields["Label"] == ("X.2(a)", "X.2(c)")


def test_a_free_label_is_of_the_new_text_and_its_history_too(tenth, dana, unit, client):
    restructure(unit("X.1"), dana, label="X.8")
    restructure(unit("X.3"), dana, label="X.1")
    assert client.get("/recommendations/X-1/").status_code == 200
    assert client.get("/recommendations/?q=X.1")["Location"] == "/recommendations/X-1/"
    assert len(changes_of(unit("X.1"))) == len(changes_of(unit("X.8"))) == 2
    restructure(unit("X.1"), dana, label="X.9")
    assert client.get("/recommendations/X-1/")["Location"] == "/recommendations/X-9/", "the last that had it"
    assert find_errors() == []


def test_an_item_moves_below_another_text(tenth, dana, unit):
    restructure(unit("X.2(b)"), dana, label="X.1(a)", kind="recommendation", is_unit=False)
    assert unit("X.1(a)").parent == unit("X.1")
    restructure(unit("X.1(a)"), dana, label="X.7")
    assert unit("X.7").parent is None
    assert find_errors() == []


def test_a_text_is_answered_or_not_and_proposes_a_topic_or_not(tenth, bob, dana, unit, xaa):
    restructure(unit("X.1"), dana, is_unit=False, is_topic=True)
    restructure(unit("X.1"), dana, is_unit=True, is_topic=False)
    restructure(unit("X.2(a)"), dana, is_unit=False)
    opened(tenth, bob, dana)
    assert "X.2(a)" not in xaa.units_to_answer().values_list("label", flat=True)
    assert "X.1" in xaa.units_to_answer().values_list("label", flat=True)
    assert find_errors() == []


@pytest.mark.parametrize(
    ("label", "changed", "field"),
    [
        ("X.1", {"label": "X.3"}, "label"),
        ("X.1", {"label": "X,1"}, "label"),
        ("X.1", {"label": "XII.1"}, "label"),
        ("X.1", {"label": "X.7(a)"}, "label"),
        ("X.2", {"label": "X.1(a)(i)"}, "label"),
        ("X.2", {"label": "X.2(a)(i)"}, "label"),
        ("X.2", {"kind": "recommendation"}, "kind"),
        ("X.3", {"kind": "note"}, "kind"),
        ("X.1", {"is_topic": True}, "is_unit"),
        ("X.3", {"is_unit": True, "is_topic": False}, "is_unit"),
        ("X.2", {"is_unit": True}, "is_unit"),
        ("X.2(a)", {"label": "X.1(a)"}, "is_unit"),
        ("X.1", {"label": "X.9", "reason": " "}, "reason"),
    ],
)
def test_an_impossible_restructuring_has_an_error_at_its_field(label, changed, field, tenth, dana, unit):
    catalogue.change_annotations(recommendation=unit("X.3"), by=dana, addressees=[], basis="")
    with pytest.raises(ValidationError) as caught:
        restructure(unit(label), dana, **changed)
    assert list(caught.value.message_dict) == [field]


def test_the_page_of_a_published_import_leads_to_its_texts_in_the_catalogue(curator, tenth):
    page = curator.get(reverse("paper_import", args=[tenth.pk]))
    [address] = re.findall(r'href="([^"]+)">Correct a published text', page.text)
    assert curator.get(address).context["cl"].result_count == Recommendation.objects.filter(paper_import=tenth).count()


def test_a_curator_changes_a_label_in_the_admin(curator, desk, tenth, unit):
    text = unit("X.1")
    change = reverse("admin:recommendations_recommendation_change", args=[text.pk])
    address = reverse("admin:recommendations_recommendation_structure", args=[text.pk])
    assert f'<a href="{address}">Change label or kind</a>' in curator.get(change).text
    typed = {"label": "X.3", "kind": "recommendation", "is_unit": "on", "reason": "Printed otherwise."}
    typed |= seen_at(curator, address)
    refused = curator.post(address, typed)
    assert refused.context["form"].errors == {"label": ["Another text has this label: X.3"]}
    assert 'value="X.3"' in refused.text
    assert '<label class="vCheckboxLabel" for="id_is_unit">Recommendation</label>' in refused.text
    assert "Answers are requested for this text" in words(refused)
    assert curator.post(address, typed | {"label": "X.4"}).status_code == 302
    assert (unit("X.4"), unit("X.4").is_unit) == (text, True)
    assert "X.4" in words(curator.get("/admin/recommendations/recommendation/", {"q": "X.1"}))
    assert desk.post(address, typed).status_code == 302
    assert unit("X.4") == text


def test_a_label_that_another_tab_changed_is_not_changed_again_unseen(curator, tenth, dana, unit):
    address = reverse("admin:recommendations_recommendation_structure", args=[unit("X.1").pk])
    typed = {"label": "X.4", "kind": "recommendation", "is_unit": "on", "reason": "Printed otherwise."}
    typed |= seen_at(curator, address)
    restructure(unit("X.1"), dana, label="X.5")

    refused = curator.post(address, typed)

    assert refused.context["form"].non_field_errors() == [PAGE_CHANGED]
    assert refused.context["form"]["label"].value() == "X.4"
    assert curator.post(address, refused.context["form"].data).status_code == 302
    assert unit("X.4")


# Requests for answers


@pytest.mark.parametrize("label", ["X.1", "X.2", "X.3"])
def test_the_site_stops_requesting_answers_to_any_text(label, tenth, dana, unit, client):
    catalogue.withdraw_unit(unit=unit(label), on=TODAY, reason="Taken up elsewhere.", by=dana)
    page = words(client.get(unit(label).get_absolute_url()))
    statement = "This site has not requested answers to this text since 1 November 2026. The adopted text is unchanged."
    assert f"{statement} Taken up elsewhere." in page
    for word in ("ithdrawn", "eplaced", "erged"):
        assert word not in page
    catalogue.reinstate_unit(unit=unit(label), reason="By mistake.", by=dana)
    assert "has not requested answers" not in words(client.get(unit(label).get_absolute_url()))
    assert find_errors() == []


def test_the_address_leads_to_another_text_only_where_a_quoted_decision_says_so(tenth, bob, dana, unit, client):
    opened(tenth, bob, dana)
    topic, text = unit("X.3"), unit("X.1")
    stop = {"unit": topic, "on": TODAY, "reason": "Asked otherwise.", "into": text, "by": dana}
    with pytest.raises(ValidationError, match="First record the decision that replaces this text"):
        catalogue.withdraw_unit(**stop)
    decision = {"kind": "replacement", "words": "shall take the place of", "symbol": "CTOC/COP/2026/1", "date": TODAY}
    catalogue.save_instance(instance=Currency(recommendation=topic, **decision), by=dana)
    catalogue.withdraw_unit(**stop)
    response = client.get("/recommendations/X-3/")
    assert (response.status_code, response["Location"]) == (302, "/recommendations/X-1/")
    page = client.get("/recommendations/X-1/")
    quote = "Decision that replaces the text · shall take the place of · CTOC/COP/2026/1 · 1 November 2026"
    assert quote in words(page)
    assert '<a href="/recommendations/X-3/?adopted=1">' in page.text
    assert topic.text in client.get("/recommendations/X-3/?adopted=1").text
    Currency.objects.filter(recommendation=topic).delete()
    assert client.get("/recommendations/X-3/").status_code == 200
