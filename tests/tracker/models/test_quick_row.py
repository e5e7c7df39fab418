"""A row that is read is the one that Django makes of the same columns, of whatever model."""

import pytest
from django.apps import apps
from django.db.models import FETCH_PEERS, Model
from django.db.models.signals import post_init, pre_init

from recommendations.models.quick_row import QuickRow
from tracker.models import Record

MODELS = [model for app in ("recommendations", "tracker") for model in apps.get_app_config(app).get_models()]


def contents(row: Model) -> dict:
    state = row._state
    return vars(row) | {"_state": (state.adding, state.db, state.fetch_mode)}


def test_every_model_makes_its_rows_quickly():
    assert [model.__name__ for model in MODELS if not issubclass(model, QuickRow)] == []


@pytest.mark.parametrize("signal", [pre_init, post_init], ids=["pre_init", "post_init"])
def test_nothing_receives_the_signals_that_are_not_sent(signal):
    assert [model.__name__ for model in MODELS if signal.has_listeners(model)] == []


@pytest.mark.parametrize("step", [1, 2], ids=["all columns", "half of them"])
def test_a_row_is_as_django_makes_it(step):
    for model in MODELS:
        names = [field.attname for field in model._meta.concrete_fields][::step]
        values = list(range(len(names)))
        row = model.from_db("default", names, values, fetch_mode=FETCH_PEERS)
        made_by_django = Model.from_db.__func__(model, "default", names, values, fetch_mode=FETCH_PEERS)
        assert contents(row) == contents(made_by_django)


@pytest.mark.django_db
def test_a_column_that_was_not_read_is_read_when_it_is_used(xaa, unit):
    record = Record.everyones.create(respondent=xaa, recommendation=unit("IV.46(i)"))
    row = Record.everyones.only("respondent").get()
    assert row.get_deferred_fields() == {"recommendation_id", "current_id", "note", "update_declined_id"}
    assert (row.recommendation_id, row.note) == (record.recommendation_id, "")
