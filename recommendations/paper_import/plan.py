import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.catalogue import addressee_errors
from recommendations.error_messages import CHOOSE
from recommendations.lists import format_list
from recommendations.models import Addressee, Body, ImportedMeeting, ImportedNode, NodeKind, PaperImport, Recommendation
from recommendations.paper_import import notation
from recommendations.paper_import.notation import PaperProblem
from recommendations.paper_import.parser import DoubtKind

NODE_FIELDS = (
    *("label", "kind", "text", "footnotes", "is_unit", "is_topic", "addressees", "basis", "strength"),
    *("asks_to_consider", "primary_theme", "secondary_theme", "title", "guidance", "evidence_kinds"),
    *("evidence_hint", "is_left_out", "is_settled", "paragraph", "page"),
)

IMPLIED, NOBODY, KNOWN, OTHER_WORDS = "implied", "nobody", "known", "other_words"
DOUBTS: dict[str, str | Promise] = {
    DoubtKind.GAP: _("Paragraph numbers are missing before this text."),
    DoubtKind.JOINED: _("An unnumbered paragraph was added to this text, which already seemed complete."),
    DoubtKind.LETTER_OR_ROMAN: _(
        "The item after this text could be the next letter, or its first item with a roman numeral."
    ),
    DoubtKind.MARK_ALONE: _("A raised number in this text has no footnote. The number stays in the text."),
    DoubtKind.CUT: _("This text may be incomplete: it does not end like a paragraph."),
    DoubtKind.MARKER: _("A paragraph with an unknown kind of number was added to this text."),
    PaperProblem.ORDER: _("A paragraph after this text was left out: its number repeats or goes backwards."),
    PaperProblem.NOTHING_ABOVE: _("An item after this text was left out: it has no paragraph above it."),
    PaperProblem.EMPTY: _("This text has a number but no words."),
    PaperProblem.FOOTNOTE_TWICE: _("A footnote after this text was left out: its number repeats."),
    PaperProblem.FOOTNOTE_ALONE: _("A footnote after this text was left out: no text refers to it."),
    IMPLIED: _("The addressee is only implied."),
    NOBODY: _("No addressee found."),
    KNOWN: _("This label is already published with the same text. It will not be added again."),
    OTHER_WORDS: _(
        "This label is already published with a different text. The published text stays, and this text "
        "will not be added."
    ),
}


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
    primary, secondary = values["primary_theme"], values["secondary_theme"]
    if secondary and secondary == primary:
        errors["secondary_theme"] = _("Choose a second theme that differs from the first.")
    elif secondary and not primary:
        errors["primary_theme"] = _("Choose a first theme, or clear the second theme.")
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


class PublicationProblem(NamedTuple):
    """`node` is None for a problem of the draft itself."""

    node: ImportedNode | None
    text: str | Promise

    def __str__(self) -> str:
        return f"{self.node.label}: {self.text}" if self.node else str(self.text)


@dataclass(frozen=True)
class PublicationPlan:
    paper_import: PaperImport

    @cached_property
    def nodes(self) -> list[ImportedNode]:
        return list(self.paper_import.nodes.select_related("primary_theme", "secondary_theme", "changed_by"))

    @cached_property
    def chosen_nodes(self) -> list[ImportedNode]:
        return [node for node in self.nodes if not node.is_left_out]

    @cached_property
    def published_texts(self) -> dict[str, str]:
        """Return the texts of the body by label; empty once the draft is published."""
        if self.paper_import.body_id is None or self.paper_import.is_published:
            return {}
        nodes = Recommendation.objects.published().filter(body=self.paper_import.body_id)
        return dict(nodes.order_by().values_list("label", "current_wording__text"))

    @cached_property
    def new_nodes(self) -> list[ImportedNode]:
        return [node for node in self.chosen_nodes if node.label not in self.published_texts]

    @property
    def published_nodes(self) -> list[ImportedNode]:
        return [node for node in self.chosen_nodes if node.label in self.published_texts]

    @property
    def unit_count(self) -> int:
        return sum(node.is_unit for node in self.new_nodes)

    @property
    def nodes_with_doubts(self) -> list[ImportedNode]:
        return [node for node in self.chosen_nodes if not node.is_settled and self._has_doubts(node)]

    def _has_doubts(self, node: ImportedNode) -> bool:
        if node.label in self.published_texts:
            return self.published_texts[node.label] != _plain_text(node)
        return bool(self.list_doubts(node))

    def list_doubts(self, node: ImportedNode) -> list[dict]:
        """Return each doubt with its `message`, and for a doubt of the parser with its `line` and `words`."""
        of_paper = [{**doubt, "message": DOUBTS.get(doubt["question"], "")} for doubt in node.doubts]
        return of_paper + [{"question": code, "message": DOUBTS[code]} for code in self._doubts_of_plan(node)]

    def _doubts_of_plan(self, node: ImportedNode) -> Iterable[str]:
        if node.label in self.published_texts:
            yield KNOWN if self.published_texts[node.label] == _plain_text(node) else OTHER_WORDS
            return
        if node.basis == Recommendation.Basis.IMPLIED:
            yield IMPLIED
        if node.kind == NodeKind.RECOMMENDATION and not node.addressees:
            yield NOBODY

    @cached_property
    def problems(self) -> list[PublicationProblem]:
        return [*self._draft_problems(), *self._node_problems(), *self._label_problems()]

    def _draft_problems(self) -> Iterable[PublicationProblem]:
        if self.paper_import.body_id is None and Body.objects.filter(slug=self.paper_import.body_slug).exists():
            yield PublicationProblem(
                None, _("Another page already uses this web address. Enter a different short name.")
            )

    def _node_problems(self) -> Iterable[PublicationProblem]:
        meetings = {meeting.number for meeting in self.paper_import.meetings.all()}
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
                        "The text above is answered once for all its items. This item cannot be a recommendation to "
                        "answer."
                    ),
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
            (_("Texts for which answers are recorded"), self.unit_count),
            (_("Topics for future meetings"), topics),
        ]

    @property
    def units_by_addressee(self) -> list[tuple[str, int]]:
        counts = Counter(code for node in self.new_nodes if node.is_unit for code in node.addressees)
        return [(str(code.label), counts[code]) for code in Addressee.Code if counts[code]]

    @property
    def texts_by_meeting(self) -> list[tuple[ImportedMeeting, int]]:
        counts = Counter(parts.meeting for node in self.new_nodes if (parts := notation.parse_label(node.label)))
        return [(meeting, counts[meeting.number]) for meeting in self.paper_import.meetings.all()]

    @property
    def units_without_theme(self) -> int:
        return sum(node.is_unit and node.primary_theme_id is None for node in self.new_nodes)


def node_values(node: ImportedNode) -> dict[str, Any]:
    return {name: getattr(node, name) for name in NODE_FIELDS}


def _plain_text(node: ImportedNode) -> str:
    try:
        return notation.split_footnotes(node.text, notation.parse_footnotes(node.footnotes))[0]
    except notation.PaperError:
        return node.text
