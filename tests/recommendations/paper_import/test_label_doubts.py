"""A label that the document does not print is a doubt; labels that look alike are not published."""

import pytest

from recommendations.models import ImportedParagraph, PaperImport
from recommendations.paper_import.actions import decide_paragraphs, save_paragraphs, settle_doubt
from recommendations.paper_import.doubts import DOUBTS, KEEP, LABEL_NOT_PRINTED
from recommendations.paper_import.plan import PublicationPlan
from tests.papers import REPORT, published, taken_in
from tracker.forms.paper_import import ImportedTextForm

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(dana) -> PaperImport:
    """The ninth meeting prints 1., (a), (b), 2. and 3."""
    return taken_in(dana)


def relabelled(draft: PaperImport, by, **labels: str) -> None:
    for before, label in labels.items():
        row = draft.paragraphs.get(label=f"IX.{before.removeprefix('n')}")
        save_paragraphs(paper_import=draft, changes={row.pk: (row.version, {"label": label})}, by=by)


def doubted(draft: PaperImport) -> list[str]:
    doubts = PublicationPlan(PaperImport.objects.get(pk=draft.pk)).doubts
    return [doubt.node.label for doubt in doubts if doubt.question == LABEL_NOT_PRINTED]


def settle(row: ImportedParagraph, by) -> None:
    versions = {row.pk: row.version}
    settle_doubt(paper_import=row.paper_import, versions=versions, question=LABEL_NOT_PRINTED, answer=KEEP, by=by)


def test_attack_a_curator_counts_the_labels(draft, dana):
    relabelled(draft, dana, n3="IX.4", n2="IX.3")
    assert doubted(draft) == ["IX.3", "IX.4"]
    problems = map(str, PublicationPlan(draft).problems)
    assert f"IX.3: {DOUBTS[LABEL_NOT_PRINTED]}" in problems


@pytest.mark.parametrize(("depth", "label"), [(0, "IX.1"), (1, "IX.5(a)")])
def test_a_text_without_a_number_gets_the_first_free_label(depth, label, dana):
    draft = taken_in(dana, REPORT)
    draft.paragraphs.filter(text="Topics were named.").update(depth=depth)
    row = draft.paragraphs.get(text="Topics were named.")

    decide_paragraphs(paper_import=draft, versions={row.pk: 1}, decision="recommendation", by=dana)

    row.refresh_from_db()
    assert (row.label, row.printed) == (label, "")
    assert doubted(draft) == [label]


def test_a_draft_without_a_meeting_has_one_problem(dana):
    draft = taken_in(dana, "1. States should act.\n2. States should test.")
    problems = PublicationPlan(draft).grouped_problems
    assert problems[0] == ("Enter the meeting in the details of the document.", [])
    assert [rows for _text, rows in problems if rows] == []


def test_another_label_is_settled_once_and_doubted_again(draft, dana):
    relabelled(draft, dana, n3="IX.4")
    settle(draft.paragraphs.get(label="IX.4"), dana)
    assert doubted(draft) == []
    relabelled(draft, dana, n4="IX.5")
    assert doubted(draft) == ["IX.5"]


def test_the_same_number_of_a_decision_is_as_printed(draft, dana):
    relabelled(draft, dana, n3="Decision 9/1.3")
    assert doubted(draft) == []


@pytest.mark.parametrize(("label", "other"), [("IX.1(A)", "IX.1(a)"), ("IX.1(a)", "IX.1(a)")])
def test_attack_two_labels_alike_in_search_and_addresses(draft, dana, label, other):
    relabelled(draft, dana, n3=label)
    words = (
        "Another text in the paper has the same label. Change one of the labels."
        if label == other
        else f"The search cannot distinguish this label from {other}. Change one of the labels."
    )
    assert f"{label}: {words}" in [str(problem) for problem in PublicationPlan(draft).problems]


def test_attack_a_label_like_a_published_label(draft, dana):
    published(draft, dana)
    later = taken_in(dana, "IX. Ninth meeting, Vienna, 9 to 11 September 2019\n\n4. States should test.\n")
    relabelled(later, dana, n4="IX.1(B)")
    problems = [str(problem) for problem in PublicationPlan(later).problems]
    assert ("IX.1(B): The search cannot distinguish this label from IX.1(b). Change one of the labels.") in problems


@pytest.mark.parametrize(
    ("typed", "label"),
    [("3 (a)", "IX.3(a)"), ("IX.3 (a) (ii) (A)", "IX.3(a)(ii)(A)"), ("2.2bis", "IX.2.2 bis"), ("III", "III")],
)
def test_a_label_may_be_typed_with_spaces_and_without_the_meeting(draft, typed, label):
    row = draft.paragraphs.get(label="IX.3")
    sent = {"base": 1, "decision": "recommendation", "label": typed, "text": row.text}
    form = ImportedTextForm({f"t{row.pk}-{name}": value for name, value in sent.items()}, instance=row, themes=[])
    form.is_valid()
    assert form.values["label"] == label
