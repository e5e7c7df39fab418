"""Import and export of annotations: by label, all or nothing, and never a text without a kind and a reason."""

import re

import pytest
import tablib
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommendations.formats import CSV, JSON, FileFormatError
from recommendations.intake.texts import RecommendationResource
from recommendations.models import Addressee, Recommendation, Wording, WordingKind
from tests.catalogue_events import actions_on
from tests.pages import words_of_page
from tests.thorough import times
from tracker.models import EventRow

pytestmark = pytest.mark.django_db

COLUMNS = list(RecommendationResource.fields)
in_one_database = settings(
    max_examples=times(15, 60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def run(curator, *rows: dict, dry_run: bool = False):
    headers = list(rows[0])
    dataset = tablib.Dataset(*([row[header] for header in headers] for row in rows), headers=headers)
    return RecommendationResource().import_data(
        dataset, dry_run=dry_run, user=curator, rollback_on_validation_errors=True
    )


def problems(result) -> dict[tuple[int, str], str]:
    return {(problem.number, problem.column): problem.problem for problem in result.problems}


def everything() -> tuple:
    """All that an import could change, and the events that would show the change."""
    return (
        list(Recommendation.objects.order_by("pk").values()),
        list(Recommendation.addressees.through.objects.order_by("pk").values()),
        Wording.objects.count(),
        EventRow.everyones.count(),
    )


def exported(label: str) -> dict:
    nodes = RecommendationResource().get_queryset().filter(label=label)
    return RecommendationResource().export(nodes).dict[0]


def test_a_row_says_all_of_a_node():
    assert exported("IV.46(i)(ii)") == {
        "body": "wgtip",
        "label": "IV.46(i)(ii)",
        "meeting": "4",
        "parent": "IV.46(i)",
        "kind": "recommendation",
        "unit": "no",
        "topic": "no",
        "text": "Provisions allowing criminal courts to award criminal damages (that is, to order that compensation be "
        "paid by offenders to victims) or impose orders for compensation or restitution against persons convicted of "
        "offences;",
        "wording_kind": "",
        "wording_reason": "",
        "addressees": "states_parties",
        "basis": "inherited",
        "strength": "should",
        "asks_to_consider": "no",
        "primary_theme": "compensation",
        "secondary_theme": "",
        "paper": "",
        "paragraph": "46(i)(ii)",
        "page": "",
        "title": "Criminal damages and compensation or restitution orders",
        "guidance": "",
        "evidence_kinds": "",
        "evidence_hint": "",
    }


def test_a_row_changes_what_curators_say(dana, unit):
    said = {
        "addressees": "states, unodc",
        "basis": "implied",
        "strength": "may",
        "asks_to_consider": "yes",
        "primary_theme": "legislation",
        "secondary_theme": "demand",
        "title": "Rules on non-punishment",
        "guidance": "Say where.",
        "evidence_kinds": "law, judgment",
        "evidence_hint": "the article",
    }
    result = run(dana, {"label": "II.44"} | said)
    assert (result.totals["update"], problems(result)) == (1, {})
    assert exported("II.44").items() >= said.items()
    assert actions_on(unit("II.44")) == [("catalogue entries imported", dana), ("catalogue loaded", None)]


def test_the_differences_are_shown_and_a_dry_run_changes_nothing(dana, unit):
    before, guidance = everything(), unit("II.44").guidance
    result = run(
        dana,
        {"label": "II.44", "guidance": "Say where.", "addressees": "states"},
        {"label": "II.45", "guidance": unit("II.45").guidance, "addressees": "states_parties"},
        dry_run=True,
    )
    assert [row.diff for row in result.rows] == [
        [("Guidance", guidance, "Say where."), ("Addressees", "States parties", "States")],
        [],
    ]
    assert result.changes == [("Guidance", 1), ("Addressees", 1)]
    assert everything() == before


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ({"label": "IX.1"}, "label"),
        ({"label": ""}, "label"),
        ({"label": "ii.44"}, "label"),
        ({"label": "II.44", "body": "another"}, "label"),
        ({"label": "II.44", "parent": "II.43"}, "parent"),
        ({"label": "II.44", "meeting": "3"}, "meeting"),
        ({"label": "II.44", "kind": "chapeau"}, "kind"),
        ({"label": "II.44", "unit": "no"}, "unit"),
        ({"label": "II.44", "unit": "perhaps"}, "unit"),
        ({"label": "II.44", "topic": "yes"}, "topic"),
        ({"label": "II.44", "addressees": "states, moon"}, "addressees"),
        ({"label": "II.44", "addressees": ""}, "addressees"),
        ({"label": "II.44", "basis": "guessed"}, "basis"),
        ({"label": "II.44", "basis": ""}, "basis"),
        ({"label": "II.44", "strength": "must"}, "strength"),
        ({"label": "II.44", "asks_to_consider": "maybe"}, "asks_to_consider"),
        ({"label": "II.44", "primary_theme": "Demand reduction"}, "primary_theme"),
        ({"label": "II.44", "primary_theme": "demand", "secondary_theme": "demand"}, "secondary_theme"),
        ({"label": "II.44", "primary_theme": "", "secondary_theme": "demand"}, "primary_theme"),
        ({"label": "II.44", "title": "x" * 101}, "title"),
        ({"label": "II.44", "evidence_kinds": "law, rumour"}, "evidence_kinds"),
        ({"label": "II.44", "evidence_hint": "x" * 301}, "evidence_hint"),
        ({"label": "II.44", "guidance": "\x00"}, "guidance"),
        ({"label": "II.44", "guidance": "\ud800"}, "guidance"),
        ({"label": "II.44", "guidance": ["a", "list"]}, "guidance"),
        ({"label": {"a": "dict"}}, "label"),
        ({"label": "IV.46", "basis": "stated"}, "basis"),
    ],
    ids=str,
)
def test_a_broken_row_is_named_by_row_and_column_and_nothing_is_applied(dana, row, column):
    before = everything()
    good = {key: value for key, value in exported("I.4").items() if key in row}
    good |= {"guidance": "Applied with the others or not at all."}
    result = run(dana, good, {"guidance": ""} | row)
    assert list(problems(result)) == [(3, column)]
    assert everything() == before


def test_a_row_names_all_that_is_wrong_with_it(dana):
    result = run(dana, {"label": "II.44", "strength": "must", "basis": "guessed", "unit": "no"})
    assert set(problems(result)) == {(2, "strength"), (2, "basis"), (2, "unit")}


def test_a_label_is_allowed_once_in_a_file(dana):
    before = everything()
    result = run(dana, {"label": "II.44", "guidance": "One."}, {"label": "II.44", "guidance": "Two."})
    assert list(problems(result)) == [(3, "label")]
    assert everything() == before


@pytest.mark.parametrize(
    ("also", "columns"),
    [
        ({}, {"wording_kind", "wording_reason"}),
        ({"wording_kind": "correction"}, {"wording_reason"}),
        ({"wording_reason": "A slip."}, {"wording_kind"}),
        ({"wording_kind": "adopted", "wording_reason": "A slip."}, {"wording_kind"}),
        ({"wording_kind": "correction", "wording_reason": "A slip.", "text": " "}, {"text"}),
    ],
)
def test_a_changed_text_says_of_what_kind_it_is_and_why(dana, also, columns):
    before = everything()
    result = run(dana, {"label": "II.44", "text": "Another text."} | also)
    assert {column for _row, column in problems(result)} == columns
    assert everything() == before


def test_a_changed_text_is_a_further_wording(dana, unit):
    adopted = unit("II.44").text
    row = {"label": "II.44", "text": "As corrected.", "wording_kind": "correction", "wording_reason": "A slip of ours."}
    result = run(dana, row)
    assert result.rows[0].diff == [("Text", adopted, "As corrected.")]
    wording = unit("II.44").current_wording
    assert (wording.number, wording.text, wording.kind, wording.reason, wording.author) == (
        2,
        "As corrected.",
        "correction",
        "A slip of ours.",
        dana,
    )
    assert run(dana, row).totals["skip"] == 1


def test_only_a_curator_imports(erin):
    before = everything()
    result = run(erin, {"label": "II.44", "guidance": "Say where."})
    assert result.has_errors()
    assert everything() == before


def test_a_row_is_of_the_body_that_it_names(dana, unit, second_body):
    guidance = unit("I.1").guidance
    row = {"label": "I.1", "body": second_body.slug, "guidance": "Say."}
    assert run(dana, row).totals["update"] == 1
    assert (unit("smuggling-x/I.1").guidance, unit("I.1").guidance) == ("Say.", guidance)


@pytest.mark.parametrize("named", [{}, {"body": ""}])
def test_a_row_that_names_no_body_is_of_the_first(dana, unit, second_body, named):
    assert run(dana, {"label": "I.1", "guidance": "Say."} | named).totals["update"] == 1
    assert (unit("smuggling-x/I.1").guidance, unit("I.1").guidance) == ("", "Say.")
    assert list(problems(run(dana, {"label": "IX.1", "guidance": "Say."} | named))) == [(2, "label")]


def test_the_same_label_of_two_bodies_is_no_repetition(dana, second_body):
    row = {"label": "I.1", "guidance": "Say."}
    assert run(dana, row | {"body": "wgtip"}, row | {"body": second_body.slug}).totals["update"] == 2


labels = st.sampled_from(["II.44", "IV.46", "IV.46(i)", "III", "V.43"])
said = {
    "addressees": st.lists(st.sampled_from(Addressee.Code.values), max_size=3).map(", ".join),
    "basis": st.sampled_from(["", *Recommendation.Basis.values]),
    "strength": st.sampled_from(["", *Recommendation.Strength.values]),
    "asks_to_consider": st.sampled_from(["yes", "no", "TRUE", "0", ""]),
    "primary_theme": st.sampled_from(["", "demand", "legislation"]),
    "secondary_theme": st.sampled_from(["", "demand", "legislation"]),
    "wording_kind": st.sampled_from(["", *WordingKind.values]),
}
anything = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.lists(st.text(max_size=3))
)
cells = {column: said.get(column, st.text(max_size=30)) | anything for column in COLUMNS if column != "label"}
rows = st.fixed_dictionaries({"label": labels | st.text(max_size=10)}, optional=cells)


@in_one_database
@given(row=rows)
@pytest.mark.thorough
def test_whatever_a_row_says_it_is_applied_whole_or_named_and_not_at_all(dana, row):
    before = everything()
    with transaction.atomic():
        result = run(dana, row)
        assert result.error_rows == []
        if result.has_validation_errors():
            assert {problem.column for problem in result.problems} <= {*COLUMNS}
            assert everything() == before
        else:
            assert result.totals["update"] + result.totals["skip"] == 1
            assert run(dana, row).totals["skip"] == 1
        transaction.set_rollback(True)
    assert everything() == before


def test_a_preview_is_in_words(curator_page):
    shown = curator_page(
        "label,title,strength,asks_to_consider,evidence_kinds\n"
        'II.44,A new title,should_consider,yes,"law, judgment"\n'
        "II.45,Another title,encouraged,no,\n"
    )
    said = words_of_page(shown)
    for words in (
        "Short title: 2",
        "Strength of wording: 2",
        "Asks to consider: 1",
    ):
        assert words in said
    assert [row[1:] for row in shown.context["result"].rows[0].diff if row[0] == "Asks to consider"] == [("No", "Yes")]
    assert [row[2] for row in shown.context["result"].rows[0].diff if row[0] == "Kinds of evidence"] == [
        "Law, Judgment"
    ]
    assert not re.search(r"\b(should_consider|asks_to_consider|primary_theme|evidence_kinds)\b", said)


@pytest.fixture
def curator_page(curator):
    def upload(content: str):
        file = SimpleUploadedFile("file", content.encode())
        address = "/admin/recommendations/recommendation/import/"
        return curator.post(address, {"import_file": file, "format": 0})

    return upload


@settings(in_one_database, max_examples=times(25, 100))
@given(content=st.binary(max_size=200) | st.text(max_size=200).map(str.encode), format_=st.sampled_from([0, 1]))
def test_whatever_a_file_is_the_admin_answers_and_changes_nothing(curator, content, format_):
    before = everything()
    file = SimpleUploadedFile("file", content)
    page = curator.post("/admin/recommendations/recommendation/import/", {"import_file": file, "format": format_})
    assert page.status_code == 200
    assert everything() == before


@given(table=st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2), max_size=5))
def test_a_table_comes_back_from_both_formats_as_it_left(table):
    for format_ in (CSV(), JSON()):
        if not table and isinstance(format_, JSON):
            continue
        dataset = tablib.Dataset(*table, headers=["label", "guidance"])
        back = format_.create_dataset(format_.export_data(dataset))
        assert (back.headers, [list(row) for row in back]) == (["label", "guidance"], table)


@pytest.mark.parametrize("text", ["", "\r", "\n\n", "label\nII.44,", 'label\n"II.44', 'label\n"II"44'])
def test_a_csv_file_is_read_strictly(text):
    with pytest.raises(FileFormatError):
        CSV().create_dataset(text.encode())


def test_empty_lines_are_no_rows():
    assert CSV().create_dataset(b"\nlabel\r\n\r\nII.44\r\n\r\n").dict == [{"label": "II.44"}]
