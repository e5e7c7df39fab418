"""Rows that curators record: by curators alone, with an event each, and never without what makes them true."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from recommendations import catalogue
from recommendations.models import (
    Body,
    Currency,
    Meeting,
    Paper,
    Provenance,
    RecordedAction,
    TakenUp,
    Theme,
    Translation,
)
from tests.catalogue_events import actions_on
from tracker.audit.rows import name_of

pytestmark = pytest.mark.django_db

SOURCE = {"symbol": "INVENTED/9/1", "date": datetime.date(2018, 10, 19)}
ROWS = {
    "adoption": lambda unit: Currency(recommendation=unit("IV.33"), kind="adoption", words="endorsed", **SOURCE),
    "recorded action": lambda unit: RecordedAction(
        recommendation=unit("IV.41"), by="conference", what="It decided to go on.", **SOURCE
    ),
    "topic discussed": lambda unit: TakenUp(topic=unit("V.43"), at="An invented meeting", **SOURCE),
    "origin": lambda unit: Provenance(recommendation=unit("V.44"), document_symbol="INVENTED/2", source="V.44"),
    "official text": lambda unit: Translation(
        wording=unit("II.43").current_wording, language="fr", text="Texte inventé.", source="INVENTED/FR/1"
    ),
    "theme": lambda _unit: Theme(slug="new", name="New acts", position=99),
    "paper": lambda _unit: Paper(body=Body.objects.get(), title="Report", date=SOURCE["date"], kind="report"),
}


@pytest.mark.parametrize("kind", ROWS)
def test_only_curators_add_change_and_delete_a_row(kind, unit, alice, bob, charlie, erin, dana):
    row, strangers = ROWS[kind](unit), (alice, bob, charlie, erin)
    for stranger in strangers:
        with pytest.raises(PermissionDenied):
            catalogue.save_instance(instance=row, by=stranger)
    assert row.pk is None
    catalogue.save_instance(instance=row, by=dana)
    name = name_of(row)
    for stranger in strangers:
        for action in (catalogue.save_instance, catalogue.delete_instance):
            with pytest.raises(PermissionDenied):
                action(instance=row, by=stranger)
    catalogue.delete_instance(instance=row, by=dana)
    assert actions_on(name) == [("catalogue entry deleted", dana), ("catalogue entry added", dana)]


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("adoption", {"symbol": ""}),
        ("adoption", {"words": ""}),
        ("adoption", {"kind": "replacement", "symbol": ""}),
        ("adoption", {"kind": "date", "words": "for publication in 2012"}),
        ("recorded action", {"by": "states"}),
        ("recorded action", {"symbol": "", "link": ""}),
        ("topic discussed", {"symbol": "", "link": ""}),
        ("origin", {"source": ""}),
        ("origin", {"source": "", "document_symbol": "", "proposed_at": 3}),
        ("official text", {"language": "en"}),
        ("official text", {"language": "de"}),
        ("official text", {"text": ""}),
        ("official text", {"source": ""}),
        ("paper", {"title": ""}),
    ],
    ids=str,
)
def test_a_row_that_cannot_be_true_is_refused_by_action_and_database(kind, changed, unit, dana):
    row = ROWS[kind](unit)
    for name, value in changed.items():
        setattr(row, name, Meeting.objects.get(number=value) if name == "proposed_at" else value)
    with pytest.raises(ValidationError):
        catalogue.save_instance(instance=row, by=dana)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()
