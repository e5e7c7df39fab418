import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.core.paginator import Page, Paginator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from recommendations.catalogue import addressee_errors
from recommendations.error_messages import CHOOSE, name_fields
from recommendations.groups import group_pairs
from recommendations.lists import format_list
from recommendations.models import (
    Addressee,
    Body,
    ImportedMeeting,
    ImportedParagraph,
    NodeKind,
    Paper,
    PaperImport,
    Recommendation,
)
from recommendations.models.paper_import import draft_stamp
from recommendations.models.recommendation import theme_errors
from recommendations.paper_import import notation
from recommendations.paper_import.cover import DETAILS, DetailDoubt, FirstPage, detail_problems, find_doubts
from recommendations.paper_import.doubts import (
    ADDED_WORDS,
    DOUBTS,
    DROPPED_WORDS,
    IMPLIED,
    LABEL_NOT_PRINTED,
    NOBODY,
    OTHER_WORDS,
    TWO_ADDRESSEES,
)
from recommendations.paper_import.labels import differs_from_printed, label_problems
from recommendations.paper_import.rows import ParagraphTable, Part, must_be_decided

DIFFERENCES = {DROPPED_WORDS: "words", ADDED_WORDS: "words", LABEL_NOT_PRINTED: "labels"}
NODE_FIELDS = (
    *("label", "kind", "text", "footnotes", "is_unit", "is_topic", "addressees", "basis", "strength"),
    *("asks_to_consider", "primary_theme", "secondary_theme", "title", "guidance", "evidence_kinds"),
    *("evidence_hint", "is_left_out", "settled", "paragraph", "page"),
)


def node_errors(values: Mapping[str, Any]) -> dict[str, str | Promise]:
    errors: dict[str, str | Promise] = {}
    parts = notation.parse_label(values["label"])
    if parts is None:
        errors["label"] = _("Enter a label such as IX.4, IX.4(b)(ii)(A), IX.2.2 bis or Resolution 9/1.4.")
    elif (parts.number is None) != (values["kind"] == NodeKind.NOTE):
        errors["kind"] = _("Choose “note” for a text without a number of its own, and only for such a text.")
    if values["is_unit"] and values["is_topic"]:
        errors["is_unit"] = _("Choose either a recommendation to answer or a topic for a future meeting, not both.")
    if values["kind"] == NodeKind.NOTE and values["is_unit"]:
        errors["is_unit"] = _("A note cannot be a recommendation to answer.")
    if set(values["addressees"]) - set(Addressee.Code.values):
        errors["addressees"] = CHOOSE
    errors |= theme_errors(values["primary_theme"], values["secondary_theme"])
    return errors | _text_errors(values) | addressee_errors(values["is_unit"], values["addressees"], values["basis"])


def _text_errors(values: Mapping[str, Any]) -> dict[str, str | Promise]:
    try:
        notes = notation.parse_footnotes(values["footnotes"])
    except notation.PaperError:
        return {"footnotes": _("Enter each footnote on a line of its own, with its number: ¹ Text of the footnote.")}
    text, footnotes, _alone = notation.split_footnotes(values["text"], notes)
    if not text:
        return {"text": _("Enter the text.")}
    without_mark = notes.keys() - {footnote.number for footnote in footnotes}
    if without_mark:
        marks = format_list(notation.footnote_mark(number) for number in sorted(without_mark))
        # Translators: marks: raised numbers, as ¹, ².
        return {"text": _("Enter the missing footnote marks in the text: %(marks)s.") % {"marks": marks}}
    return {}


class ParagraphDoubt(NamedTuple):
    node: ImportedParagraph
    question: str
    words: str

    @property
    def message(self) -> str | Promise:
        return DOUBTS[self.question]

    @property
    def is_settled(self) -> bool:
        return self.question in self.node.settled


class PublicationProblem(NamedTuple):
    """`node` is None for a problem of the draft itself."""

    node: ImportedParagraph | None
    text: str | Promise

    def __str__(self) -> str:
        return f"{self.node.label}: {self.text}" if self.node and self.node.label else str(self.text)


@dataclass(frozen=True)
class PublicationPlan:
    paper_import: PaperImport

    @cached_property
    def nodes(self) -> list[ImportedParagraph]:
        # Not joined: many texts have one of few themes and users.
        return list(self.paper_import.paragraphs.prefetch_related("primary_theme", "secondary_theme", "changed_by"))

    @cached_property
    def chosen_nodes(self) -> list[ImportedParagraph]:
        return [node for node in self.nodes if not node.is_left_out]

    @cached_property
    def meetings(self) -> list[ImportedMeeting]:
        return list(self.paper_import.meetings.all())

    @cached_property
    def published_texts(self) -> dict[str, str]:
        """Return the texts of the body by label; empty once the draft is published."""
        if self.paper_import.body_id is None or self.paper_import.is_published:
            return {}
        nodes = Recommendation.objects.published().filter(body=self.paper_import.body_id)
        rows = nodes.order_by().values_list("label", "corrected_label", "current_wording__text")
        return {label: text for *labels, text in rows for label in labels if label}

    @cached_property
    def new_nodes(self) -> list[ImportedParagraph]:
        return [node for node in self.chosen_nodes if node.label not in self.published_texts]

    @property
    def published_nodes(self) -> list[ImportedParagraph]:
        return [node for node in self.chosen_nodes if node.label in self.published_texts]

    @property
    def unit_count(self) -> int:
        return sum(node.is_unit for node in self.new_nodes)

    @cached_property
    def all_doubts(self) -> list[ParagraphDoubt]:
        """Return the doubts in the order of the document, with those that are settled."""
        return [doubt for node in self.nodes for doubt in self.list_doubts(node)]

    @cached_property
    def doubts(self) -> list[ParagraphDoubt]:
        """Return the doubts that are not settled."""
        return [doubt for doubt in self.all_doubts if not doubt.is_settled]

    @cached_property
    def settled_doubts(self) -> dict[str, list[ParagraphDoubt]]:
        """Return the settled doubts: those about `words` and about `labels` that differ, and `others`."""
        settled = (doubt for doubt in self.all_doubts if doubt.is_settled)
        return group_pairs((DIFFERENCES.get(doubt.question, "others"), doubt) for doubt in settled)

    def list_doubts(self, node: ImportedParagraph) -> list[ParagraphDoubt]:
        """Return the doubts about a paragraph, settled or not; none of what is left out."""
        if node.is_left_out:
            return []
        of_document = group_pairs((doubt["question"], doubt["words"]) for doubt in node.doubts)
        found = [*of_document.items(), *((question, []) for question in self._doubts_of_plan(node))]
        return [ParagraphDoubt(node, question, " · ".join(words)) for question, words in found]

    def _doubts_of_plan(self, node: ImportedParagraph) -> Iterable[str]:
        if node.label in self.published_texts:
            if self.published_texts[node.label] != remove_footnote_marks(node.text, node.footnotes):
                yield OTHER_WORDS
            return
        is_doubted = any(doubt["question"] == LABEL_NOT_PRINTED for doubt in node.doubts)
        if not has_printed_label(node) and not is_doubted:
            yield LABEL_NOT_PRINTED
        if node.basis == Recommendation.Basis.IMPLIED:
            yield IMPLIED
        if node.basis == Recommendation.Basis.STATED and len(node.addressees) > 1:
            yield TWO_ADDRESSEES
        if node.kind == NodeKind.RECOMMENDATION and not node.addressees:
            yield NOBODY

    @cached_property
    def undecided(self) -> list[ImportedParagraph]:
        return [node for node in self.nodes if must_be_decided(node)]

    @cached_property
    def problems(self) -> list[PublicationProblem]:
        return [
            *(PublicationProblem(None, text) for text in self._draft_problems()),
            *(PublicationProblem(doubt.node, doubt.message) for doubt in self.doubts),
            *(PublicationProblem(node, text) for node in self.new_nodes for text in self._node_problems(node)),
        ]

    @property
    def grouped_problems(self) -> list[tuple[str | Promise, list[ImportedParagraph]]]:
        """Return each problem with the paragraphs that have it; those of the draft itself come first, with none."""
        grouped = group_pairs((problem.text, problem.node) for problem in self.problems)
        return [(text, [node for node in nodes if node]) for text, nodes in grouped.items()]

    def _draft_problems(self) -> Iterable[str | Promise]:
        draft = self.paper_import
        missing = [name for name in DETAILS if not getattr(draft, name)]
        if not (draft.body_id or (draft.body_name and draft.body_slug)):
            missing.insert(0, "body")
        if missing:
            fields = name_fields(PaperImport, missing)
            # Translators: fields: names of fields, such as “Kind of paper”.
            yield _("Complete the details of the document: %(fields)s.") % {"fields": fields}
        if not self.meetings:
            yield _("Enter the meeting in the details of the document.")
        yield from detail_problems(draft, self.detail_doubts)
        if draft.body_id is None and Body.objects.filter(slug=draft.body_slug).exists():
            yield _("Another page already uses this web address. Enter a different short name.")
        if Paper.objects.filter(body=draft.body_id, symbol=draft.paper_symbol, opened_at__isnull=False).exists():
            yield _("The paper with this symbol is open to answers. No text can be added to it.")
        if self.undecided:
            yield self.undecided_problem
        if not self.new_nodes:
            yield _("The draft has no new text to publish.")

    @property
    def undecided_problem(self) -> str:
        words = ngettext(
            # Translators: %(count)d is a number of paragraphs of a document.
            "Decide about %(count)d paragraph.",
            "Decide about %(count)d paragraphs.",
            len(self.undecided),
        )
        return words % {"count": len(self.undecided)}

    @cached_property
    def _by_label(self) -> dict[str, list[ImportedParagraph]]:
        return group_pairs((node.label, node) for node in self.chosen_nodes)

    @cached_property
    def _parents(self) -> set[str | None]:
        return {parts.parent for node in self.chosen_nodes if (parts := notation.parse_label(node.label))}

    @cached_property
    def _label_problems(self) -> dict[str, str]:
        return label_problems((node.label for node in self.new_nodes), self.published_texts)

    def _node_problems(self, node: ImportedParagraph) -> Iterable[str | Promise]:
        errors = node_errors(node_values(node))
        if not self.meetings:
            errors.pop("label", None)  # the meeting is the problem
        yield from errors.values()
        if (other := self._label_problems.get(node.label)) == node.label:
            yield _("Another text in the paper has the same label. Change one of the labels.")
        elif other:
            # Translators: label: label of another text, as IX.2.2.
            words = _("The search cannot distinguish this label from %(label)s. Change one of the labels.")
            yield words % {"label": other}
        if node.kind == NodeKind.RECOMMENDATION and node.label in self._parents:
            yield _("This text has items: its kind must be “chapeau”.")
        parts = notation.parse_label(node.label)
        if parts is None:
            return
        if self.meetings and parts.meeting not in {meeting.number for meeting in self.meetings}:
            yield _("The label must begin with the number of a meeting in this paper.")
        if parts.parent and parts.parent not in self._by_label and parts.parent not in self.published_texts:
            # Translators: label: label of the missing text, as IX.4. It has no title yet.
            yield _("The text above, %(label)s, is missing. Add it, or change this label.") % {"label": parts.parent}
        above = [each for label in notation.labels_above(node.label) for each in self._by_label.get(label, ())]
        if node.is_unit and any(each.is_unit for each in above):
            words = _(
                # Translators: label: label of the text above, as X.3 bis. “Answers are …” is a box of its form.
                "One answer covers all items of %(label)s. Deselect “Answers are requested for this text” for this "
                "item, or for %(label)s."
            )
            yield words % {"label": next(each.label for each in above if each.is_unit)}

    @property
    def draft_stamp(self) -> str:
        return draft_stamp(self.paper_import.version, ((node.pk, node.version) for node in self.nodes))

    @property
    def is_offered(self) -> bool:
        return not self.paper_import.is_published and self.paper_import.offered_stamp == self.draft_stamp

    @property
    def stamp(self) -> str:
        """Return a digest of all that a page shows of the plan."""
        state = repr((self.draft_stamp, sorted(self.published_texts)))
        return hashlib.sha256(state.encode()).hexdigest()

    @cached_property
    def table(self) -> ParagraphTable:
        return ParagraphTable(self.nodes)

    def choose_page(self, number: str | None, rows: Iterable[ImportedParagraph]) -> Page | None:
        """Return the printed page that is beside rows: that of the number, or of the first; None without a PDF."""
        if not PaperImport.objects.filter(pk=self.paper_import.pk, document__isnull=False).exists():
            return None
        last = max((row.page for row in self.nodes if row.page), default=1)
        first = next((row.page for row in rows if row.page), 1)
        return Paginator(range(1, last + 1), 1).get_page(number or first)

    @property
    def parts_left_out(self) -> list[tuple[ImportedParagraph, list[ImportedParagraph]]]:
        """Return the head of each part and what is left out of it; of a part without a text with its inner parts."""
        return list(self._left_out_of(self.table.parts()))

    def _left_out_of(self, parts: Iterable[Part]) -> Iterable[tuple[ImportedParagraph, list[ImportedParagraph]]]:
        for part in parts:
            rows = self.table.rows_of_parts[part.number] if part.texts else part.rows
            if left_out := [row for row in rows if row.is_left_out]:
                yield part.head, left_out
            yield from self._left_out_of(part.inner if part.texts else ())

    @cached_property
    def first_page(self) -> FirstPage:
        return FirstPage.read(self.nodes)

    @cached_property
    def detail_doubts(self) -> list[DetailDoubt]:
        return find_doubts(self.paper_import, self.meetings, self.first_page)

    @property
    def confirmed_details(self) -> list[DetailDoubt]:
        """Return the doubts about details that a person confirmed singly."""
        return [doubt for doubt in self.detail_doubts if doubt.is_confirmed(self.paper_import)]

    @property
    def counts(self) -> list[tuple[str | Promise, int]]:
        kinds = Counter(node.kind for node in self.new_nodes)
        topics = sum(node.is_topic for node in self.new_nodes)
        return [
            # Translators: Label before a number.
            (_("Texts"), len(self.new_nodes)),
            # Translators: Label before a number: texts that introduce items.
            (_("Chapeaux"), kinds["chapeau"]),
            (_("Recommendations"), kinds["recommendation"]),
            # Translators: Label before a number: texts without a number of their own.
            (_("Notes"), kinds["note"]),
            (_("Texts to be answered"), self.unit_count),
            (_("Topics for future meetings"), topics),
        ]

    @property
    def units_by_addressee(self) -> list[tuple[str, int]]:
        counts = Counter(code for node in self.new_nodes if node.is_unit for code in node.addressees)
        return [(str(code.label), counts[code]) for code in Addressee.Code if counts[code]]

    @property
    def texts_by_meeting(self) -> list[tuple[ImportedMeeting, int]]:
        counts = Counter(parts.meeting for node in self.new_nodes if (parts := notation.parse_label(node.label)))
        return [(meeting, counts[meeting.number]) for meeting in self.meetings]

    @cached_property
    def units_without_theme(self) -> list[ImportedParagraph]:
        return [node for node in self.new_nodes if node.is_unit and node.primary_theme_id is None]

    @cached_property
    def nodes_without_title(self) -> list[ImportedParagraph]:
        return [node for node in self.new_nodes if not node.title]


def has_printed_label(node: ImportedParagraph) -> bool:
    """Whether the label has the number that the document prints. A person can change the place, not what is printed."""
    place, printed = notation.read_place(node.paragraph), notation.read_place(node.printed)
    is_place = not printed or place == printed or (printed.startswith("(") and place.endswith(printed))
    return is_place and not differs_from_printed(node.label, node.paragraph)


def node_values(node: ImportedParagraph) -> dict[str, Any]:
    return {name: getattr(node, name) for name in NODE_FIELDS}


def remove_footnote_marks(text: str, footnotes: str) -> str:
    """Return the text without the marks of its footnotes."""
    try:
        return notation.split_footnotes(text, notation.parse_footnotes(footnotes))[0]
    except notation.PaperError:
        return text
