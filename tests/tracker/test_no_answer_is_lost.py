"""No page of the admin, no import and no action of the catalogue loses an answer or moves it to another text.

What is tried does not matter, nor what it is answered: after it every record, revision and sealed item is what it was,
of the text that it was of, and all of it verifies.
"""

import contextlib
import inspect
import json

import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, models, transaction
from django.urls import reverse
from django.utils import timezone

from recommendations import catalogue, fixtures, undo
from recommendations.models import (
    Body,
    Currency,
    Family,
    Lineage,
    Meeting,
    PaperImport,
    Provenance,
    Recommendation,
    RecordedAction,
    TakenUp,
    Theme,
    Wording,
)
from recommendations.paper_import import actions, new_nodes, publication
from tests.conftest import arandia, belmara, find_unit, make_person, with_second_factor
from tests.pages import seen_at
from tests.papers import published, taken_in
from tests.submissions import opened_round, submit_ready
from tests.thorough import some
from tests.verification import find_errors_with_files
from tracker.actions.record import Answer, save_answer
from tracker.models import Citation, Confirmation, Record, Respondent, Revision, RoundUnit, Submission, SubmissionItem
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

ANSWERED = ("II.44", "IV.46(i)", "I.13")
KEPT = (Record, Revision, Citation, Confirmation, RoundUnit, Submission, SubmissionItem)
IMPORT = "/admin/recommendations/recommendation/import/"
REFUSED = (PermissionDenied, ValidationError, DatabaseError, models.ProtectedError, ValueError)


@pytest.fixture(autouse=True, scope="module")
def answers(for_the_module):
    """Answers of two States, of one sealed too."""
    xaa, xbb = arandia(), belmara()
    alice, charlie = make_person("alice", Role.FOCAL_POINT, xaa), make_person("charlie", Role.FOCAL_POINT, xbb)
    for state, person in ((xaa, alice), (xbb, charlie)):
        for label in ANSWERED:
            answer = Answer(status="implemented", measures=f"What {state} did.", ready=True)
            save_answer(respondent=state, unit=find_unit(label), base=0, answer=answer, by=person)
    submit_ready(xaa, opened_round(with_second_factor(make_person("bob", Role.REVIEWER)), meetings=[1, 2, 4]), alice)


@pytest.fixture
def stands(answers):
    """Whether all is as it was. To be asked after everything that is tried."""

    def as_it_is() -> list[list[tuple]]:
        answered = Wording.objects.filter(pk__in=Revision.everyones.values("wording"))
        nodes = Recommendation.objects.filter(pk__in=Record.everyones.values("recommendation"))
        nodes = nodes.values_list("pk", "body", "label", "parent", "is_unit")
        return [
            *(stored_rows(model) for model in KEPT),
            list(answered.order_by("pk").values_list()),
            list(nodes.order_by("pk")),
        ]

    before = as_it_is()

    def stands() -> bool:
        return as_it_is() == before

    assert [len(rows) for rows in before[:2]] == [6, 6]
    yield stands
    assert stands()
    assert find_errors_with_files() == []


def stored_rows(model) -> list[tuple]:
    """As they are in the table: to make a value of each cell would take most of the time."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{model._meta.db_table}" ORDER BY "{model._meta.pk.column}"')
        return cursor.fetchall()


def rows_of(model):
    return getattr(model, "everyones", model.objects).all()


def touched() -> dict[type[models.Model], list[models.Model]]:
    """Of every model in the admin the rows that have to do with an answer, or the first ones."""
    nodes = list(Recommendation.objects.filter(label__in=[*ANSWERED, "IV.46"]))
    found = {
        Recommendation: nodes,
        Wording: [node.current_wording for node in nodes],
        Theme: [node.primary_theme for node in nodes if node.primary_theme],
        Respondent: list(Respondent.objects.filter(code="XAA")),
    }
    return {model: found.get(model) or list(rows_of(model).order_by("pk")[:2]) for model in admin.site._registry}


def another(field: models.Field, thing: models.Model):
    """What somebody who means ill could send in place of the value of a field."""
    value = getattr(thing, field.attname)
    if field.is_relation:
        others = rows_of(field.related_model).exclude(pk=value).order_by("pk")
        return others.values_list("pk", flat=True).first() or ""
    if isinstance(field, models.BooleanField):
        return "" if value else "on"
    if isinstance(field, models.DateField):
        return "2001-01-01"
    if field.choices:
        return next((code for code, _label in field.flatchoices if code != value), "")
    return 9999 if isinstance(field, models.IntegerField) else "another-one"


def forged(model_admin, thing: models.Model, request) -> dict:
    """A page of the admin as it is posted with everything changed, its inlines marked for deletion."""
    typed = {field.name: another(field, thing) for field in thing._meta.concrete_fields}
    for inline in model_admin.get_inline_instances(request, thing):
        formset = inline.get_formset(request, thing)
        prefix, rows = formset.get_default_prefix(), rows_of(inline.model).filter(**{formset.fk.name: thing.pk})
        typed |= {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": len(rows)}
        for number, row in enumerate(rows):
            values = {field.name: another(field, row) for field in row._meta.concrete_fields}
            values |= {"id": row.pk, "DELETE": "on"}
            typed |= {f"{prefix}-{number}-{name}": value for name, value in values.items()}
    return typed | {"_save": "Save"}


@pytest.mark.parametrize("name", ["dana", "erin"])
@pytest.mark.thorough
def test_no_admin_page_deletes_an_answer_or_its_dependencies(name, client, request, stands):
    client.force_login(request.getfixturevalue(name))
    tried = 0
    for model, things in touched().items():
        page = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        for thing in things:
            client.post(reverse(f"{page}_delete", args=[thing.pk]), {"post": "yes"})
            assert stands(), f"{model.__name__} {thing} deleted"
            tried += 1
        selected = {"action": "delete_selected", "post": "yes", "_selected_action": [thing.pk for thing in things]}
        client.post(reverse(f"{page}_changelist"), selected)
        client.post(reverse(f"{page}_changelist"), selected | {"select_across": "1"})
        assert stands(), f"all of {model.__name__} deleted"
    assert tried > len(admin.site._registry)


@pytest.mark.parametrize("name", ["dana", "erin"])
@pytest.mark.thorough
def test_no_page_of_the_admin_moves_an_answer(name, client, request, rf, stands):
    person = request.getfixturevalue(name)
    client.force_login(person)
    asking = rf.get("/")
    asking.user = person
    for model, things in touched().items():
        page, model_admin = f"admin:{model._meta.app_label}_{model._meta.model_name}", admin.site._registry[model]
        for thing in things:
            typed = forged(model_admin, thing, asking)
            client.post(reverse(f"{page}_change", args=[thing.pk]), typed)
            client.post(reverse(f"{page}_add"), typed)
            assert stands(), f"{model.__name__} {thing} forged"


@pytest.mark.parametrize("name", ["dana", "erin"])
def test_what_a_curator_does_to_a_text_of_its_page_leaves_its_answers(name, client, request, unit, stands):
    client.force_login(request.getfixturevalue(name))
    for label in ("II.44", "IV.46(i)"):
        node = unit(label)
        wording = reverse("admin:recommendations_recommendation_wording", args=[node.pk])
        shown = client.post(wording, {"text": "Other words.", "kind": "new_wording", "reason": "Adopted anew."})
        client.post(wording, shown.context["form"].data if shown.context and "form" in shown.context else {})
        assert stands()
        standing = reverse("admin:recommendations_recommendation_standing", args=[node.pk])
        typed = {"into": "II.43", "on": "2026-11-01", "reason": "Superseded."}
        client.post(standing, typed | seen_at(client, standing))
        assert stands()
        client.post(standing, {"reason": "By mistake."} | seen_at(client, standing))
        assert stands()
        assert client.post(reverse("admin:view_on_site", args=[_type_of(Record), 1])).status_code in (302, 403, 404)
    assert (unit("II.44").current_wording.number == 2) is (name == "dana")


def _type_of(model) -> int:
    return ContentType.objects.get_for_model(model).pk


ROWS = [
    {"label": "II.44", "body": "smuggling"},
    {"label": "II.44", "meeting": "4"},
    {"label": "II.44", "parent": "IV.46"},
    {"label": "II.44", "kind": "note"},
    {"label": "II.44", "unit": "no"},
    {"label": "II.44", "topic": "yes"},
    {"label": "II.44", "id": "1"},
    {"label": "II.44", "pk": "1"},
    {"label": "II.44", "slug": "I-1"},
    {"label": "II.44", "position": "1"},
    {"label": "II.44", "current_wording": "1"},
    {"label": "II.44", "merged_into": "II.43"},
    {"label": "II.44", "text": "Other words."},
    {"label": "II.44", "text": "Other words.", "wording_kind": "adopted", "wording_reason": "No reason."},
    {"label": "II.44", "text": ""},
    {"label": "II.44 ", "addressees": "secretariat", "basis": "stated"},
    {"label": "IX.1", "text": "Another text."},
]
APPLIED = {"label": "II.44", "text": "Other words.", "wording_kind": "new_wording", "wording_reason": "Anew."}


def test_no_import_moves_or_loses_an_answer(curator, stands):
    for row in [*some(ROWS), APPLIED]:
        file = SimpleUploadedFile("catalogue.json", json.dumps([row]).encode())
        shown = curator.post(IMPORT, {"import_file": file, "format": 1, "resource": "0"})
        assert stands(), row
        if confirm := shown.context.get("confirm_form"):
            curator.post("/admin/recommendations/recommendation/process_import/", confirm.initial)
        assert stands(), row
    assert Recommendation.objects.count() == 317
    assert Recommendation.objects.get(label="II.44").text == "Other words.", "the one that may be applied was"


def _nodes() -> list[Recommendation]:
    return list(Recommendation.objects.with_text().filter(label__in=ANSWERED))


def _moved(node: Recommendation) -> Recommendation:
    """The same row under another label, as another text."""
    node.label, node.slug, node.position, node.is_unit = "IX.1", "IX-1", 9999, False
    return node


def _things(node: Recommendation) -> list[models.Model]:
    """All that is kept or removed by one action, and what must not be."""
    mine = [node, node.meeting, node.body, node.paper, node.primary_theme, node.current_wording]
    return [
        *mine,
        *node.memberships.all(),
        *Record.everyones.filter(recommendation=node),
        *Family.objects.filter(recommendations=node),
    ]


def _published_again(by) -> None:
    """A paper that has other words under labels that are answered."""
    paper = "II. Second meeting, Vienna, 27 to 29 January 2010\n\n44. Other words.\n59. More words.\n"
    draft = taken_in(by, paper)
    published(draft, by)


def _structure(node) -> dict[str, object]:
    return {name: getattr(node, name) for name in undo.OF_STRUCTURE}


# Everything that the catalogue's actions can do to a text that is answered. A new action is added here.
ACTIONS = {
    "change_annotations": lambda node, by: [
        _tried(catalogue.change_annotations, recommendation=node, by=by, **said)
        for said in (
            {"addressees": [], "basis": ""},
            {"strength": "other", "primary_theme": Theme.objects.first(), "secondary_theme": None},
            *({name: getattr(_moved(node), name)} for name in ("label", "slug", "position", "is_unit")),
        )
    ],
    "add_wording": lambda node, by: catalogue.add_wording(
        recommendation=node, text="Other words.", kind="new_wording", reason="Adopted anew.", by=by
    ),
    "add_official_texts": lambda node, by: catalogue.add_official_texts(
        paper=node.paper, language="fr", source="A/1", texts={node.current_wording_id: "D’autres mots."}, by=by
    ),
    "withdraw_unit": lambda node, by: catalogue.withdraw_unit(
        unit=node, on=timezone.localdate(), reason="Superseded.", into=Recommendation.objects.get(label="II.43"), by=by
    ),
    "reinstate_unit": lambda node, by: catalogue.reinstate_unit(unit=node, reason="By mistake.", by=by),
    "save_instance": lambda node, by: [
        _tried(catalogue.save_instance, instance=thing, by=by)
        for thing in (
            *_things(node),
            _moved(node),
            RecordedAction(
                recommendation=node, by="conference", what="A decision.", symbol="1", date=timezone.localdate()
            ),
            Provenance(recommendation=node),
            Currency(recommendation=node, kind="replacement", words="replaces", symbol="1", date=timezone.localdate()),
            TakenUp(topic=node, at="A meeting", date=timezone.localdate(), symbol="1"),
        )
    ],
    "delete_instance": lambda node, by: [
        _tried(catalogue.delete_instance, instance=thing, by=by) for thing in _things(node)
    ],
    "load_catalogue": lambda node, by: fixtures.load_catalogue(),
    "add_texts": lambda node, by: _published_again(by),
    "change_structure": lambda node, by: [
        _tried(undo.change_structure, text=node, reason="Printed otherwise.", by=by, **_structure(node) | said)
        for said in ({"label": "II.99"}, {"kind": "chapeau"}, {"is_unit": False}, {"is_unit": False, "is_topic": True})
    ],
    "correct_label": lambda node, by: undo.correct_label(text=node, label="II.98", reason="Printed so.", by=by),
    "retract_import": lambda node, by: [
        _tried(undo.retract_import, paper_import=paper_import, reason="The wrong file.", by=by)
        for paper_import in PaperImport.objects.all()
    ],
}
READ = {"addressee_errors", "withdrawal_errors", "wording_errors"}
READ |= {"texts_in_place_of", "find_retraction_problem"}
OF_DRAFTS = {
    *("create_import", "save_details", "save_paragraphs", "delete_import", "decide_paragraphs", "settle_doubt"),
    *("join_paragraphs", "move_paragraphs"),
}
PARTS = {
    "add_nodes",
    "changed_fields",
    "check_permission",
    "make_room",
    "write_annotations",
    "write_wording",
    "write_instance",
}  # of the actions above


def _tried(action, **said) -> None:
    """Whatever it does, or refuses to do: what it did before it refused is undone, as by a request."""
    with contextlib.suppress(*REFUSED), transaction.atomic():
        action(**said)


@pytest.mark.parametrize("name", ["dana", "erin"])
def test_no_action_of_the_catalogue_moves_or_loses_an_answer(name, request, stands):
    person = request.getfixturevalue(name)
    for action, do in ACTIONS.items():
        for node in _nodes():
            _tried(lambda node=node, do=do: do(node, person))
            assert stands(), f"{action} {node}"


def test_every_action_of_the_catalogue_is_tried():
    public = {
        name
        for module in (catalogue, fixtures, actions, new_nodes, publication, undo)
        for name, what in vars(module).items()
        if inspect.isfunction(what) and what.__module__ == module.__name__ and not name.startswith("_")
    }
    assert public == ACTIONS.keys() | READ | OF_DRAFTS | PARTS


def test_rows_that_an_answer_depends_on_cannot_be_deleted(unit, dana, stands):
    node = unit("II.44")
    for thing in (
        node,
        node.current_wording,
        node.meeting,
        node.body,
        node.paper,
        node.primary_theme,
        *Record.everyones.filter(recommendation=node),
    ):
        _tried(thing.delete)
        assert stands()
    assert Meeting.objects.filter(pk=node.meeting_id).exists()
    assert Body.objects.filter(pk=node.body_id).exists()
    assert Lineage.objects.exists()
