"""A row that is read is the one that Django makes of the same columns, of whatever model."""

import pytest
from django.apps import apps
from django.db.models import Model

from recommendations.models.quick_row import QuickRow
from tests.canaries import canary_state, people  # noqa: F401
from tracker.models import Record

pytestmark = pytest.mark.django_db

MODELS = [model for app in ("recommendations", "tracker") for model in apps.get_app_config(app).get_models()]


def contents(row: Model) -> dict:
    return vars(row) | {"_state": (row._state.adding, row._state.db)}


def test_every_model_makes_its_rows_quickly():
    assert [model.__name__ for model in MODELS if not issubclass(model, QuickRow)] == []


def test_a_row_is_as_django_makes_it(people, canary_state):  # noqa: F811
    rows = [row for model in MODELS if (row := model._base_manager.first())]
    assert len(rows) > len(MODELS) / 2
    for row in rows:
        names = [field.attname for field in row._meta.concrete_fields]
        made = Model.from_db.__func__(type(row), "default", names, [getattr(row, name) for name in names])
        assert contents(row) == contents(made)


def test_a_column_that_was_not_read_is_read_when_it_is_used(xaa, unit):
    record = Record.everyones.create(respondent=xaa, recommendation=unit("IV.46(i)"))
    row = Record.everyones.only("respondent").get()
    assert row.get_deferred_fields() == {"recommendation_id", "current_id", "note", "update_declined_id"}
    assert (row.recommendation_id, row.note) == (record.recommendation_id, "")
