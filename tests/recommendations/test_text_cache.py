"""The texts in the memory of a process are those of the database, however they were changed."""

import datetime
import re
import threading

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import DEFAULT_DB_ALIAS, connection, transaction
from django.db.migrations import Migration
from django.db.models import F, Q
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from recommendations.catalogue import add_wording
from recommendations.catalogue_file import export_catalogue
from recommendations.models import (
    CatalogueStamp,
    FamilyMember,
    Recommendation,
    RecordedAction,
    TakenUp,
    TextChange,
    Theme,
    Translation,
    Wording,
    WordingKind,
    read_notes,
    read_stamp,
    slug_of,
)
from recommendations.queries import published_nodes
from recommendations.search.vocabulary import Vocabulary
from recommendations.stamp_triggers import STAMPED, TABLES, missing_stamp_triggers, remove_stamp_triggers
from recommendations.templatetags.adopted import adopted_text
from recommendations.text_cache import TextCache, fill_cache, texts_at
from tests.conftest import make_person, save_for_xaa
from tests.database import lifted_triggers
from tracker.models.user import Role

pytestmark = pytest.mark.django_db


def texts_now() -> TextCache:
    return texts_at(read_stamp())


def node(label: str) -> Recommendation:
    """As it is in memory."""
    key = Recommendation.objects.of(None).get(label=label).pk
    return texts_now().nodes([key])[key]


def test_a_text_in_memory_says_what_the_database_does():
    stored = Recommendation.objects.with_text().select_related("body").in_bulk()
    kept = texts_now().nodes(stored)
    for key, one in stored.items():
        same = kept[key]
        assert (same.text, same.slug, same.body.name) == (one.text, one.slug, one.body.name)
        assert [text.text for text in same.chapeaux] == [text.text for text in one.chapeaux]
        assert (same.meeting, same.themes) == (one.meeting, one.themes)
    assert len(kept) == 317


def test_items_that_are_answered_as_one_come_with_their_unit():
    with CaptureQueriesContext(connection) as asked:
        components = node("IV.46(j)").unit_items
    assert [item.label for item in components] == [f"IV.46(j)({n})" for n in ("i", "ii", "iii", "iv", "v", "vi")]
    assert [item.text for item in components] == [
        item.text for item in Recommendation.objects.with_text().get(slug="IV-46-j").items.order_by("position")
    ]
    assert not [query for query in asked if "parent_id" in query["sql"].partition("WHERE")[2]]


def test_a_unit_has_the_families_of_its_items():
    for unit in Recommendation.objects.all_units():
        members = FamilyMember.objects.filter(Q(recommendation=unit) | Q(recommendation__parent=unit))
        names = members.filter(kind__in=FamilyMember.OF_THE_FAMILY).order_by("family__name").values_list("family__name")
        assert [family.name for family in texts_at(read_stamp()).families.get(unit.pk, ())] == list(
            dict.fromkeys(n for (n,) in names)
        )


def test_all_texts_are_read_before_the_first_page(django_assert_num_queries):
    fill_cache()
    with django_assert_num_queries(1):  # the stamp
        texts = published_nodes()
        assert all(node.current_wording.text and node.addressees.all() for node in texts if node.is_unit)
    assert len(texts) == 317


def test_what_one_sets_on_a_text_nobody_else_sees():
    mine = node("I.19(a)")
    mine.label = mine.parent.label = "mine"
    assert (node("I.19(a)").label, node("I.19(a)").parent.label) == ("I.19(a)", "I.19")


@pytest.mark.parametrize("label", ["I.1", "I.19(a)", "IV.46(j)", "VIII.1(c)"])
def test_a_text_is_written_once_in_each_language_and_as_any_other(label):
    def written(one):
        read_notes([one, *one.chapeaux, *one.unit_items])
        return adopted_text(one, one.unit_items)

    stored = Recommendation.objects.with_text().get(slug=slug_of(label))
    for language in ("en", "ar"):
        with override(language):
            assert written(node(label)) == written(stored)
            assert written(node(label)) is written(node(label))


def test_a_text_that_is_shown_in_a_former_wording_is_written_apart():
    first, other = node("I.13"), node("I.13")
    read_notes([first, other])
    other.current_wording = Wording.objects.get(recommendation__slug="I-1")
    assert adopted_text(other) != adopted_text(first)
    assert first.text in adopted_text(first)


# What moves the stamp


def test_the_stamp_follows_every_table_that_is_read():
    with CaptureQueriesContext(connection) as asked:
        TextCache()
        read_notes([Recommendation.objects.get(slug="I-13")])  # beside the text, in what is written of it
        Vocabulary(read_stamp())
        export_catalogue()
    read = {table for query in asked for table in re.findall(r'(?:FROM|JOIN) "(\w+)"', query["sql"])}
    assert read == {*TABLES, CatalogueStamp._meta.db_table}


@pytest.mark.parametrize("model", STAMPED, ids=lambda model: model.__name__)
def test_whatever_changes_a_table_moves_the_stamp(model):
    _translate("I.13")
    _record_what_no_text_has()
    table, before = model._meta.db_table, read_stamp()
    with lifted_triggers(), connection.cursor() as cursor:
        cursor.execute(f'UPDATE "{table}" SET id = id')
        changed = read_stamp()
        with transaction.atomic():
            connection.cursor().execute(f'DELETE FROM "{table}"')
            deleted = read_stamp()
            transaction.set_rollback(True)
    assert len({before, changed, deleted}) == 3


def _record_what_no_text_has() -> None:
    node, dana = Recommendation.objects.get(slug="I-13"), make_person("dana", Role.CURATOR)
    values = {name: getattr(node, name) for name in ("label", "slug", "kind", "is_unit", "is_topic")}
    TextChange.objects.create(recommendation=node, reason="A slip.", author=dana, **values)
    source = {"symbol": "INVENTED/9/1", "date": datetime.date(2021, 5, 6)}
    TakenUp.objects.create(topic=node, at="Ninth meeting", **source)
    RecordedAction.objects.create(recommendation=node, by="working_group", what="An agenda.", **source)


def _translate(label: str) -> None:
    wording = Wording.objects.get(recommendation__label=label)
    Translation.objects.create(wording=wording, language="fr", text="Texte inventé.", source="INVENTED/1")


def test_what_is_added_moves_the_stamp():
    before = read_stamp()
    Theme.objects.bulk_create([Theme(slug="new", name="New acts", position=99)])
    assert read_stamp() != before


def test_what_becomes_of_answers_does_not(alice, xaa, unit):

    before = read_stamp()
    save_for_xaa("I.13", "not_started")
    assert read_stamp() == before


def test_a_new_wording_is_read_at_once(dana):
    assert node("I.13").text.startswith("With regard to the compensation")
    text = Recommendation.objects.get(slug="I-13")
    add_wording(recommendation=text, text="Mended.", kind=WordingKind.CORRECTION, reason="A slip.", by=dana)
    assert node("I.13").text == "Mended."


def test_what_is_rolled_back_is_gone_from_memory_too():
    for name in ("first", "second"):
        with transaction.atomic():
            Theme.objects.update(name=name)
            assert node("I.13").primary_theme.name == name
            transaction.set_rollback(True)
        assert node("I.13").primary_theme.name == Theme.objects.get(primary_recommendations__slug="I-13").name != name


@pytest.mark.django_db(transaction=True)
def test_what_another_process_commits_is_read_by_the_next_who_asks():
    before, seen = node("I.13").primary_theme.name, []

    def change():
        with transaction.atomic():
            Theme.objects.update(name=F("slug"))
        connection.close()

    def look():
        seen.append(node("I.13").primary_theme.name)
        connection.close()

    for work in (look, change, look):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert seen == [before, node("I.13").primary_theme.slug] and node("I.13").primary_theme.name == seen[1]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="on SQLite one writes at a time")
@pytest.mark.django_db(transaction=True)
def test_of_two_who_change_the_catalogue_nobody_waits_for_the_other():
    """An import holds the stamp when it comes to a text that somebody saves."""
    before, held, saved = read_stamp(), threading.Event(), threading.Event()
    problems = []

    def save():
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '5s'")
                text = Recommendation.objects.select_for_update().get(slug="I-13")
                assert held.wait(10)
                text.save(update_fields=["guidance"])
        except Exception as error:
            problems.append(error)
        finally:
            connection.close()
            saved.set()

    thread = threading.Thread(target=save)
    thread.start()
    with transaction.atomic():
        Recommendation.objects.filter(slug="I-1").update(guidance="From the file.")
        held.set()
        assert saved.wait(10)
        Recommendation.objects.filter(slug="I-13").update(guidance="From the file.")
        meanwhile = read_stamp()
    thread.join()
    assert problems == []
    assert before not in {meanwhile, read_stamp()}
    assert node("I.13").guidance == node("I.1").guidance == "From the file."


# The triggers

of_the_owner = pytest.mark.usefixtures("owner")


@of_the_owner
def test_without_the_triggers_nothing_is_kept_in_memory():
    node("I.13")
    remove_stamp_triggers(DEFAULT_DB_ALIAS)
    assert read_stamp() is None
    for name in ("first", "second"):
        Theme.objects.update(name=name)
        assert node("I.13").primary_theme.name == name
    call_command("migrate", verbosity=0)
    Theme.objects.update(name="third")
    assert node("I.13").primary_theme.name == "third"


@of_the_owner
def test_where_the_stamp_is_gone_the_next_migration_draws_another():
    CatalogueStamp.objects.all().delete()
    assert missing_stamp_triggers(DEFAULT_DB_ALIAS) == []
    call_command("migrate", verbosity=0)
    assert CatalogueStamp.objects.count() == 1


@of_the_owner
def test_a_missing_trigger_is_named_and_comes_back_with_the_next_migration_which_moves_the_stamp(client):
    before = read_stamp()
    remove_stamp_triggers(DEFAULT_DB_ALIAS)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert (
        response.content.decode().strip()
        == f"triggers are missing: {', '.join(missing_stamp_triggers(DEFAULT_DB_ALIAS))}"
    )
    assert len(missing_stamp_triggers(DEFAULT_DB_ALIAS)) >= len(STAMPED)
    call_command("migrate", verbosity=0)
    assert missing_stamp_triggers(DEFAULT_DB_ALIAS) == []
    assert read_stamp() != before


@of_the_owner
def test_a_start_without_a_migration_moves_nothing():
    before = read_stamp()
    call_command("migrate", verbosity=0)
    assert read_stamp() == before


@of_the_owner
@pytest.mark.django_db(transaction=True)
def test_while_migrations_run_the_catalogue_can_be_changed_and_then_has_another_stamp():
    before = read_stamp()
    migrating = {"plan": [(Migration("altered", "recommendations"), False)], "apps": apps}
    emit_pre_migrate_signal(0, False, DEFAULT_DB_ALIAS, **migrating)
    assert missing_stamp_triggers(DEFAULT_DB_ALIAS) != []
    assert Theme.objects.update(position=F("position")) == Theme.objects.count()
    emit_post_migrate_signal(0, False, DEFAULT_DB_ALIAS, **migrating)
    assert missing_stamp_triggers(DEFAULT_DB_ALIAS) == []
    assert read_stamp() not in {before, None}
