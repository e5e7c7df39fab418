"""The database refuses to change or remove a wording."""

import pytest
from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, IntegrityError, connection, transaction

from recommendations.append_only import create_triggers, missing_triggers, remove_triggers
from recommendations.models import TextChange, Wording

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("owner")]

TABLE = Wording._meta.db_table
APP = apps.get_app_config("recommendations")


def execute(sql: str, *params) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


@pytest.mark.parametrize(
    "sql",
    [
        f"UPDATE {TABLE} SET text = 'Forged.' WHERE number = 1",
        f"UPDATE {TABLE} SET reason = 'Forged.'",
        f"UPDATE {TABLE} SET text = text",
        f"DELETE FROM {TABLE}",
    ],
)
def test_sql_is_refused(sql, unit):
    text = unit("I.1").text
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        execute(sql)
    assert (unit("I.1").text, Wording.objects.count()) == (text, 317)


@pytest.mark.parametrize(
    "write",
    [
        lambda wordings: wordings.update(text="Forged."),
        lambda wordings: wordings.delete(),
        lambda wordings: wordings.get().delete(),
        lambda wordings: Wording(
            pk=wordings.get().pk, recommendation=wordings.get().recommendation, number=1, text="Forged.", kind="adopted"
        ).save(),
    ],
    ids=["update", "delete", "delete one", "save over"],
)
def test_the_orm_is_refused(write, unit):
    node = unit("I.1")
    with pytest.raises(IntegrityError), transaction.atomic():
        write(node.wordings.filter(number=1))
    assert unit("I.1").text == node.text


def test_a_missing_trigger_is_noticed():
    assert missing_triggers(DEFAULT_DB_ALIAS) == []
    remove_triggers([TextChange, Wording], DEFAULT_DB_ALIAS)
    assert f"append_only_{TABLE}_update" in missing_triggers(DEFAULT_DB_ALIAS)
    create_triggers(APP, DEFAULT_DB_ALIAS)
    assert missing_triggers(DEFAULT_DB_ALIAS) == []
