"""Every change of the catalogue is an event, and what is changed past its actions is named, with what differs."""

import datetime

import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse

from recommendations import catalogue
from recommendations.models import (
    Addressee,
    Body,
    Currency,
    Family,
    FamilyMember,
    Footnote,
    Lineage,
    Meeting,
    Paper,
    PaperImport,
    Provenance,
    Provision,
    Recommendation,
    RecordedAction,
    ServedProvision,
    Synonym,
    TakenUp,
    Theme,
    Translation,
    Wording,
)
from recommendations.paper_import.actions import delete_import, save_details
from tests.catalogue_events import actions_on, rows_about
from tests.database import lifted_triggers
from tests.papers import published, taken_in
from tests.verification import find_errors
from tracker.audit.rows import KINDS, name_of
from tracker.audit.trail import OF_CATALOGUE, READERS, read_lines
from tracker.models import Event
from tracker.queries.catalogue_history import changes_of

pytestmark = pytest.mark.django_db

SUPERSEDED = {"on": datetime.date(2026, 11, 1), "reason": "Superseded. " * 30}


def execute(sql: str, *params) -> None:
    with lifted_triggers(), connection.cursor() as cursor:
        cursor.execute(sql, params)


def errors() -> list[str]:
    return list(find_errors())


def test_the_catalogue_as_it_is_loaded_matches():
    assert errors() == []


def test_everything_that_curators_do_matches(dana, unit):
    node = unit("II.44")
    catalogue.change_annotations(recommendation=node, by=dana, guidance="Say where.", title="Another title")
    catalogue.change_annotations(recommendation=node, by=dana, addressees=Addressee.objects.filter(code="unodc"))
    catalogue.add_wording(recommendation=node, text="Another.", kind="correction", reason="A slip.", by=dana)
    catalogue.withdraw_unit(unit=node, by=dana, into=unit("II.43"), **SUPERSEDED)
    catalogue.reinstate_unit(unit=node, reason="By mistake.", by=dana)
    theme = Theme(slug="new", name="New acts", position=99)
    catalogue.save_instance(instance=theme, by=dana)
    translation = Translation(wording=unit("II.43").current_wording, language="fr", text="Texte.", source="1")
    catalogue.save_instance(instance=translation, by=dana)
    catalogue.delete_instance(instance=translation, by=dana)
    catalogue.delete_instance(instance=theme, by=dana)
    paper = taken_in(dana)
    published(paper, dana)
    delete_import(paper_import=taken_in(dana), by=dana)
    draft = taken_in(dana)
    draft.paper_title = "Another paper"
    save_details(paper_import=draft, meetings={}, base=1, by=dana)
    assert errors() == []
    assert actions_on(node) == [
        ("recommendation reinstated", dana),
        ("recommendation withdrawn", dana),
        ("text changed", dana),
        ("catalogue entry changed", dana),
        ("catalogue entry changed", dana),
        ("catalogue loaded", None),
    ]
    assert rows_about(node)[1].content["withdrawal_reason"] == SUPERSEDED["reason"]


def test_an_addressee_changed_by_sql_is_named(unit):
    through = Recommendation.addressees.through._meta.db_table
    of_secretariat = Addressee.objects.get(code="secretariat").pk
    execute(f"UPDATE {through} SET addressee_id = %s WHERE recommendation_id = %s", of_secretariat, unit("II.44").pk)
    assert errors() == ["recommendation II.44: altered: addressees"]


# By model: a field, and another value of it.
ALTERED = {
    Body: ("name", "Forged"),
    Currency: ("words", "Forged."),
    Family: ("note", "Forged."),
    FamilyMember: ("kind", "related"),
    Footnote: ("text", "Forged."),
    Lineage: ("kind", "refines"),
    Meeting: ("heading", "Forged"),
    Paper: ("symbol", "FORGED/1"),
    PaperImport: ("paper_title", "Forged."),
    Provenance: ("source", "Forged."),
    Provision: ("title", "Forged"),
    Recommendation: ("title", "Forged"),
    RecordedAction: ("what", "Forged."),
    ServedProvision: ("reason", "Forged."),
    Synonym: ("meanings", "Forged"),
    TakenUp: ("at", "Forged"),
    Theme: ("name", "Forged"),
    Translation: ("text", "Forged."),
    Wording: ("text", "Forged."),
}


@pytest.fixture
def one_of_each(dana, unit):
    source = {"symbol": "1", "date": datetime.date(2020, 1, 1)}
    for row in (
        RecordedAction(recommendation=unit("I.3"), by="conference", what="A decision.", **source),
        TakenUp(topic=unit("IV.45(k)"), at="A meeting", **source),
        Translation(wording=unit("II.43").current_wording, language="fr", text="Texte.", source="1"),
    ):
        catalogue.save_instance(instance=row, by=dana)
    taken_in(dana)


@pytest.mark.parametrize("model", ALTERED)
def test_a_row_of_the_catalogue_altered_by_sql_is_named(model, one_of_each):
    field, value = ALTERED[model]
    row = model.objects.first()
    assert getattr(row, field) != value
    execute(f"UPDATE {model._meta.db_table} SET {field} = %s WHERE id = %s", value, row.pk)
    assert errors() == [f"{name_of(row)}: altered: {field}"]


NOT_COMPARED = {
    "CatalogueStamp": "a number that the database moves by itself",
    "IndexState": "how far the index is, which can be made again",
    "IndexedText": "an index of texts, which can be made again",
    "ImportedMeeting": "of a draft, that curators alone read; publication names what it adds",
    "ImportedParagraph": "of a draft, that curators alone read; publication names what it adds",
}


def test_every_model_of_the_catalogue_is_compared_with_all_its_fields_or_has_its_reason():
    kinds = {kind.model: kind for kind in KINDS.values()}
    names = {model.__name__: model for model in apps.get_app_config("recommendations").get_models()}
    assert {name for name, model in names.items() if model not in kinds} == NOT_COMPARED.keys()
    compared = [kinds[model] for name, model in names.items() if name not in NOT_COMPARED]
    assert [kind for kind in compared if kind.left_out] == []
    links = [(kind, field) for kind in compared for field in kind.model._meta.local_many_to_many]
    without_model = {(kind.model, field.name) for kind, field in links if field.remote_field.through._meta.auto_created}
    assert without_model == {(kind.model, name) for kind in compared for name in kind.many}


def test_a_text_put_in_by_sql_is_named(unit):
    node = unit("II.44")
    Recommendation.objects.create(
        body=node.body,
        paper=node.paper,
        meeting=node.meeting,
        position=999,
        label="II.99",
        slug="II-99",
        kind="recommendation",
    )
    assert errors() == ["recommendation II.99: no event names it"]


def test_a_wording_put_in_by_sql_is_named(unit):
    Wording.objects.create(recommendation=unit("II.44"), number=2, text="Forged.", kind="correction", reason="None.")
    assert errors() == ["wording II.44 2: no event names it"]


def test_a_row_of_the_catalogue_deleted_by_sql_is_named():
    link, member, note = (model.objects.first() for model in (Lineage, FamilyMember, Footnote))
    execute("DELETE FROM recommendations_lineage WHERE id = %s", link.pk)
    execute("DELETE FROM recommendations_familymember WHERE id = %s", member.pk)
    execute("DELETE FROM recommendations_footnote WHERE id = %s", note.pk)
    names = [f"family-member {member.pk}", f"footnote I.2 {note.number}", f"reference {link.pk}"]
    assert sorted(errors()) == [f"{name}: missing" for name in names]


def test_attack_a_save_of_a_curator_covers_what_was_changed_by_sql(dana, unit):
    """The curator does not see that another field was changed."""
    node, theme = unit("IV.46(i)"), Theme.objects.get(slug="prevention")
    execute("UPDATE recommendations_recommendation SET strength = 'may' WHERE id = %s", node.pk)
    execute("UPDATE recommendations_theme SET name = 'Forged' WHERE id = %s", theme.pk)
    altered = ["recommendation IV.46(i): altered: strength", "theme prevention: altered: name"]
    catalogue.change_annotations(recommendation=node, by=dana, title="Another title")
    catalogue.add_wording(recommendation=node, text="Another.", kind="correction", reason="A slip.", by=dana)
    catalogue.withdraw_unit(unit=node, by=dana, **SUPERSEDED)
    catalogue.reinstate_unit(unit=node, reason="By mistake.", by=dana)
    theme.refresh_from_db()
    theme.position = 99
    catalogue.save_instance(instance=theme, by=dana)
    catalogue.save_instance(instance=theme, by=dana)
    assert errors() == altered


# In words


def said_of(row) -> list[tuple]:
    return [(change.event.action_name, change.fields) for change in changes_of(row)]


def test_the_history_of_a_row_has_fields_in_words(dana, unit):
    node = unit("II.44")
    states = Addressee.objects.filter(code__in=["states", "unodc"])
    values = {"strength": "may", "asks_to_consider": True, "secondary_theme": Theme.objects.get(slug="demand")}
    values |= {"evidence_kinds": ["law", "judgment"], "addressees": states}
    catalogue.change_annotations(recommendation=node, by=dana, **values)
    action, fields = said_of(node)[0]
    assert action == "Catalogue entry changed"
    assert set(fields) >= {
        ("Addressees", "States parties", "States, UNODC"),
        ("Strength of wording", "should", "may"),
        ("Asks to consider", "no", "yes"),
        ("Second theme", str(node.secondary_theme or ""), "Demand reduction"),
    }
    assert {field.field for field in fields} == {
        "Addressees",
        "Strength of wording",
        "Asks to consider",
        "Second theme",
        "Kinds of evidence",
    }


def test_the_history_of_a_family_has_its_members(dana):
    family = Family.objects.get(slug="reflection-period")
    member = family.members.get(recommendation__label="VIII.1(i)")
    catalogue.delete_instance(instance=member, by=dana)
    action, fields = said_of(family)[0]
    assert action == "Catalogue entry deleted"
    assert ("Recommendation", str(member.recommendation), "") in fields
    assert len(said_of(family)) == 1 + family.members.count() + 2  # loaded: the family and its members; then a removal


def test_only_curators_read_the_history(client, dana, alice, unit):
    page = reverse("admin:recommendations_recommendation_history", args=[unit("II.44").pk])
    for person, status in ((alice, 302), (dana, 200)):
        client.force_login(person)
        assert client.get(page).status_code == status


def test_the_trail_names_catalogue_entries_in_words(dana, unit):
    node = unit("II.44")
    catalogue.add_wording(recommendation=node, text="Another.", kind="correction", reason="A slip.", by=dana)
    catalogue.withdraw_unit(unit=node, by=dana, into=unit("II.43"), **SUPERSEDED)
    catalogue.save_instance(instance=Theme(slug="new", name="New acts", position=99), by=dana)
    events = Event.everyones.order_by("number")
    lines = read_lines((event, event.before, event.after) for event in events)
    assert [(line.event.action_name, line.about, line.after) for line in lines] == [
        ("Catalogue loaded", "Adopted texts", "Texts · 317"),
        ("Text changed by a new wording", f"Recommendation · {node.label_with_title}", "Wording · 2"),
        (
            "Answers no longer requested",
            f"Recommendation · {node.label_with_title}",
            f"Requested instead · {unit('II.43').label_with_title}",
        ),
        ("Catalogue entry added", "Theme · New acts", ""),
    ]


def about(target: str) -> str:
    [line] = read_lines([(Event(target=target), "", "")])
    return line.about


@pytest.mark.parametrize("model", [model for model in ALTERED if model is not PaperImport])
def test_the_trail_names_each_row_by_its_words(model, one_of_each):
    row = model.objects.first()
    assert about(name_of(row)) == f"{model._meta.verbose_name} · {row}"


def test_the_trail_names_a_draft_by_its_symbol(dana):
    draft = taken_in(dana)
    target = name_of(draft)
    assert (draft.paper_symbol, about(target)) == ("CTOC/COP/WG.4/2019/6", "Imported paper · CTOC/COP/WG.4/2019/6")
    delete_import(paper_import=draft, by=dana)
    assert about(target) == "Imported paper · CTOC/COP/WG.4/2019/6"
    labels = [event.action_name for event in Event.everyones.filter(target=target).order_by("number")]
    assert labels == ["Draft import added", "Draft import deleted"]


@pytest.mark.parametrize("noun", [*OF_CATALOGUE, *READERS, "invitation", "status-report", "withdrawal"])
def test_the_trail_shows_no_key_of_an_unknown_row(noun):
    assert "987654" not in about(f"{noun} 987654")


def test_a_row_whose_theme_was_deleted_has_no_name(dana):
    theme = Theme(slug="new", name="New acts", position=99)
    catalogue.save_instance(instance=theme, by=dana)
    served = ServedProvision(theme=theme, provision=Provision.objects.first(), reason="A reason.")
    catalogue.save_instance(instance=served, by=dana)
    target = name_of(served)
    for row in (served, theme):
        catalogue.delete_instance(instance=row, by=dana)
    assert about(target) == "Related provision"
