import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

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
    PaperImport,
    Recommendation,
)
from recommendations.models.recommendation import theme_errors
from recommendations.paper_import import notation
from recommendations.paper_import.cover import DETAILS, FirstPage, detail_problems
from recommendations.paper_import.doubts import (
    BLOCKING,
    CONFIRMATIONS,
    DOUBTS,
    IMPLIED,
    KNOWN,
    NOBODY,
    OTHER_WORDS,
    TWO_ADDRESSEES,
)
from recommendations.paper_import.rows import must_be_decided

NODE_FIELDS = (
    *("label", "kind", "text", "footnotes", "is_unit", "is_topic", "addressees", "basis", "strength"),
    *("asks_to_consider", "primary_theme", "secondary_theme", "title", "guidance", "evidence_kinds"),
    *("evidence_hint", "is_left_out", "settled", "paragraph", "page"),
)


def node_errors(values: Mapping[str, Any]) -> dict[str, str | Promise]:
    errors: dict[str, str | Promise] = {}
    parts = notation.parse_label(values["label"])
    if parts is None:
        errors["label"] = _("Enter a label such as IX.4, IX.4(b)(ii), IX.4 bis or Decision 9/1.4.")
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


class NumberedDoubt(NamedTuple):
    number: int  # among all doubts of the draft
    node: ImportedParagraph
    question: str
    words: str

    @property
    def is_settled(self) -> bool:
        return self.question in self.node.settled

    @property
    def is_blocking(self) -> bool:
        return self.question in BLOCKING


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
        return dict(nodes.order_by().values_list("label", "current_wording__text"))

    @cached_property
    def new_nodes(self) -> list[ImportedParagraph]:
        return [node for node in self.chosen_nodes if node.label not in self.published_texts]

    @property
    def published_nodes(self) -> list[ImportedParagraph]:
        return [node for node in self.chosen_nodes if node.label in self.published_texts]

    @property
    def unit_count(self) -> int:
        return sum(node.is_unit for node in self.new_nodes)

    @property
    def nodes_with_doubts(self) -> list[ImportedParagraph]:
        return list(dict.fromkeys(doubt.node for doubt in self.doubts))

    @cached_property
    def all_doubts(self) -> list["NumberedDoubt"]:
        """Return the doubts in the order of the document, with those that are settled."""
        found = [(node, doubt) for node in self.nodes for doubt in self.list_doubts(node) if doubt["question"] != KNOWN]
        return [
            NumberedDoubt(number, node, doubt["question"], doubt["words"])
            for number, (node, doubt) in enumerate(found, start=1)
        ]

    @cached_property
    def doubts(self) -> list["NumberedDoubt"]:
        """Return the doubts that are not settled."""
        return [doubt for doubt in self.all_doubts if not doubt.is_settled]

    @property
    def blocking_doubts(self) -> list["NumberedDoubt"]:
        return [doubt for doubt in self.doubts if doubt.is_blocking]

    @cached_property
    def kinds_to_confirm(self) -> dict[str, tuple[str | Promise, int]]:
        """Return, by kind of doubt that remains, what a curator confirms and of how many texts."""
        counts = Counter(doubt.question for doubt in self.doubts if not doubt.is_blocking)
        return {question: (words, counts[question]) for question, words in CONFIRMATIONS.items() if counts[question]}

    def list_doubts(self, node: ImportedParagraph) -> list[dict]:
        """Return each doubt with its `message` and `words`, settled or not."""
        of_document = group_pairs((doubt["question"], doubt["words"]) for doubt in node.doubts)
        found = [*of_document.items(), *((question, []) for question in self._doubts_of_plan(node))]
        return [
            {"question": question, "words": " · ".join(words), "message": DOUBTS[question]} for question, words in found
        ]

    def _doubts_of_plan(self, node: ImportedParagraph) -> Iterable[str]:
        if node.is_left_out:
            return
        if node.label in self.published_texts:
            yield KNOWN if self.published_texts[node.label] == plain_text(node.text, node.footnotes) else OTHER_WORDS
            return
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
            *self._draft_problems(),
            *self._undecided_problems(),
            *(PublicationProblem(doubt.node, DOUBTS[doubt.question]) for doubt in self.blocking_doubts),
            *self._node_problems(),
            *self._label_problems(),
        ]

    def _draft_problems(self) -> Iterable[PublicationProblem]:
        draft = self.paper_import
        missing = [name for name in DETAILS if not getattr(draft, name)]
        if not (draft.body_id or (draft.body_name and draft.body_slug)):
            missing.insert(0, "body")
        if missing:
            fields = name_fields(PaperImport, missing)
            # Translators: fields: names of fields, such as “Kind of paper”.
            yield PublicationProblem(None, _("Complete the details of the document: %(fields)s.") % {"fields": fields})
        for text in detail_problems(draft, FirstPage.of_draft(self.nodes)):
            yield PublicationProblem(None, text)
        if self.paper_import.body_id is None and Body.objects.filter(slug=self.paper_import.body_slug).exists():
            yield PublicationProblem(
                None, _("Another page already uses this web address. Enter a different short name.")
            )

    def _undecided_problems(self) -> Iterable[PublicationProblem]:
        if self.undecided:
            words = ngettext(
                # Translators: %(count)d is a number of paragraphs of a document.
                "Decide about %(count)d paragraph.",
                "Decide about %(count)d paragraphs.",
                len(self.undecided),
            )
            yield PublicationProblem(None, words % {"count": len(self.undecided)})

    def _node_problems(self) -> Iterable[PublicationProblem]:
        meetings = {meeting.number for meeting in self.meetings}
        for node in self.new_nodes:
            for error in node_errors(node_values(node)).values():
                yield PublicationProblem(node, error)
            parts = notation.parse_label(node.label)
            if parts and parts.meeting not in meetings:
                yield PublicationProblem(node, _("The label must begin with the number of a meeting in this paper."))

    def _label_problems(self) -> Iterable[PublicationProblem]:
        by_label = {node.label: node for node in self.chosen_nodes}
        times = Counter(node.label for node in self.chosen_nodes)
        parents = {parts.parent for node in self.chosen_nodes if (parts := notation.parse_label(node.label))}
        for node in self.new_nodes:
            parts = notation.parse_label(node.label)
            above = by_label.get(parts.parent or "") if parts else None
            if times[node.label] > 1:
                yield PublicationProblem(
                    node, _("Another text in the paper has the same label. Change one of the labels.")
                )
            if parts and parts.parent and not above and parts.parent not in self.published_texts:
                yield PublicationProblem(
                    node,
                    # Translators: label: label of the missing text, as IX.4. It has no title yet.
                    _("The text above, %(label)s, is missing. Add it, or change this label.") % {"label": parts.parent},
                )
            if node.is_unit and above and above.is_unit:
                yield PublicationProblem(
                    node,
                    _(
                        # Translators: label: label of the text above, as X.3 bis. “Counts as” is a field of its form.
                        "%(label)s is answered once for all its items. Under “Counts as”, choose “Neither” for this "
                        "item, or for %(label)s."
                    )
                    % {"label": above.label},
                )
            if node.kind == NodeKind.RECOMMENDATION and node.label in parents:
                yield PublicationProblem(node, _("This text has items: its kind must be “chapeau”."))

    @property
    def stamp(self) -> str:
        versions = [(node.pk, node.version) for node in self.nodes]
        state = repr((self.paper_import.version, versions, sorted(self.published_texts)))
        return hashlib.sha256(state.encode()).hexdigest()[:20]

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


def node_values(node: ImportedParagraph) -> dict[str, Any]:
    return {name: getattr(node, name) for name in NODE_FIELDS}


def plain_text(text: str, footnotes: str) -> str:
    """Return the text without the marks of its footnotes."""
    try:
        return notation.split_footnotes(text, notation.parse_footnotes(footnotes))[0]
    except notation.PaperError:
        return text
