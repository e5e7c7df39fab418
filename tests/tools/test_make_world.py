"""The command fills an empty database, and no other; the same seed says the same."""

from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.core.management.color import no_style
from django.db import connection, transaction

from recommendations.models import IndexedText, Recommendation, TextKind
from recommendations.search.tables import FIELDS
from tests.conftest import make_person, make_state
from tools.world import QUOTATIONS
from tools.world.world import World
from tracker.actions.record import Answer, save_answer
from tracker.actions.search import rebuild_index
from tracker.audit.verification import find_errors
from tracker.models import Citation, Event, Quotation, Record, Release, Respondent, Revision, Submission, User
from tracker.models.answer_fields import FIELD_NAMES
from tracker.permissions import focal_points_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("owner")]


def make(**options) -> str:
    out = StringIO()
    call_command("make_world", **{"respondents": 1, "rounds": 1} | options, stdout=out)
    return out.getvalue()


def said(**options) -> list[list[tuple]]:
    """What everybody says in such a world, by whom and when; the world is gone again."""
    with transaction.atomic():
        make(**options)
        revisions = Revision.everyones.order_by("pk")
        rows = [
            revisions.values_list("record__recommendation__label", "author__email", "number", "created_at"),
            revisions.values_list(*FIELD_NAMES, "change_reason"),
            Citation.everyones.order_by("pk").values_list("evidence_version__title", "pinpoint"),
            Submission.everyones.order_by("pk").values_list("respondent__code", "number", "counts", "sealed_at"),
            Event.everyones.order_by("pk").values_list("chain", "number", "at", "action", "target"),
            Respondent.objects.order_by("pk").values_list("code", "name", "treaty_status"),
            User.objects.order_by("pk").values_list("email", "name"),
        ]
        found = [list(each) for each in rows]
        transaction.set_rollback(True)
    return found


def indexed_texts() -> list[tuple]:
    columns = ("kind", "key", "language", "part", "owner", "unit", "licence", *FIELDS)
    return list(IndexedText.objects.order_by(*columns[:4]).values_list(*columns))


@pytest.mark.thorough
def test_the_same_seed_says_the_same_and_another_seed_something_else():
    first, again, other = said(respondents=2, seed=5), said(respondents=2, seed=5), said(respondents=2, seed=6)
    assert first[0] and first == again
    assert all(one != another for one, another in zip(first[:3], other[:3], strict=True))


def test_the_command_lists_what_it_made():
    assert make().startswith("Respondents: 1, ")


def test_its_texts_are_in_the_index_as_after_a_rebuild():
    make()
    made = indexed_texts()
    rebuild_index()
    assert made == indexed_texts()
    assert {kind for kind, *_rest in made} >= {TextKind.ANSWER, TextKind.TEXT}


def test_the_actions_go_on_from_it():
    """Keys are numbered on, and so are the chains."""
    make(seed=2)
    state, unit = Respondent.objects.get(), Recommendation.objects.get(label="I.13")
    before = Record.everyones.filter(respondent=state, recommendation=unit, current__isnull=False).first()
    saved = save_answer(
        respondent=state,
        unit=unit,
        base=before.current.number if before else 0,
        answer=Answer(status="not_started"),
        by=focal_points_of(state)[0],
    )
    assert saved.number == (before.current.number + 1 if before else 1)
    assert list(find_errors()) == []


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite numbers after the largest key")
def test_postgresql_may_number_from_1_as_in_a_new_database():
    models = [model for model in apps.get_app_config("tracker").get_models() if not model._base_manager.exists()]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
    assert make().startswith("Respondents: 1, ")


@pytest.mark.parametrize("add", [lambda: make_person("alice"), lambda: make_state("XAA", "Arandia")])
def test_it_touches_no_database_that_has_something_already(add):
    add()
    with pytest.raises(CommandError, match="Nothing was changed"):
        make()
    assert (Revision.everyones.count(), Respondent.objects.count() + User.objects.count()) == (0, 1)


@pytest.mark.parametrize("options", [{"respondents": 0}, {"respondents": 677}, {"rounds": 0}, {"rounds": 21}])
def test_it_makes_no_more_than_there_are_codes_and_no_less_than_one(options):
    with pytest.raises(CommandError):
        make(**options)


def test_half_a_world_is_none(monkeypatch, settings, tmp_path):
    """Nor do its files stay."""

    def fail(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(World, "write_trail", fail)
    with pytest.raises(KeyboardInterrupt):
        make()
    assert (User.objects.count(), Revision.everyones.count()) == (0, 0)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.one_database
@pytest.mark.thorough
def test_it_quotes_what_states_permit_in_the_newest_release():
    """In several languages, with translations into that of the paper. The State of one is not notified yet."""
    make(respondents=12, rounds=2)
    release = Release.objects.latest("made_at")
    assert Quotation.everyones.count() == QUOTATIONS
    assert Quotation.objects.for_paper(release).count() == QUOTATIONS - 1
    assert Quotation.everyones.filter(translation__isnull=False).exists()
    assert {
        quotation.is_readable_in("en") for quotation in Quotation.everyones.select_related("revision", "translation")
    } == {True}
    assert list(find_errors()) == []
