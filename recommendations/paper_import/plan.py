import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.catalogue import addressee_errors
from recommendations.models import Addressee, Body, ImportedMeeting, ImportedNode, NodeKind, PaperImport, Recommendation
from recommendations.paper_import import notation
from recommendations.paper_import.notation import PaperProblem
from recommendations.paper_import.parser import DoubtKind

NODE_FIELDS = (
    *("label", "kind", "text", "footnotes", "is_unit", "is_topic", "addressees", "basis", "strength"),
    *("asks_to_consider", "primary_theme", "secondary_theme", "guidance", "is_left_out", "is_settled"),
)

IMPLIED, NOBODY, KNOWN, OTHER_WORDS = "implied", "nobody", "known", "other_words"
DOUBTS: dict[str, str | Promise] = {
    DoubtKind.GAP: _("Numbers are missing before it."),
    DoubtKind.JOINED: _("A paragraph without a number was joined to it, though it seemed complete."),
    DoubtKind.LETTER_OR_ROMAN: _("What follows could be the next letter, or the first of its roman items."),
    DoubtKind.MARK_ALONE: _("A raised number in it has no footnote, and stays in the text."),
    DoubtKind.CUT: _("It may be cut: it does not end as a paragraph does."),
    DoubtKind.MARKER: _("A paragraph that begins with a number of an unknown kind was joined to it."),
    PaperProblem.ORDER: _("Left out below it, as its number repeats or goes back."),
    PaperProblem.NOTHING_ABOVE: _("Left out below it: an item without a paragraph above it."),
    PaperProblem.EMPTY: _("It has a number and no words."),
    PaperProblem.FOOTNOTE_TWICE: _("Left out below it: a footnote whose number repeats."),
    PaperProblem.FOOTNOTE_ALONE: _("Left out below it: a footnote without a mark in a text."),
    IMPLIED: _("Who is asked is only implied."),
    NOBODY: _("Nobody is named in it who is asked."),
    KNOWN: _("This label is published already, with these words: it is not added again."),
    OTHER_WORDS: _(
        "This label is published already, with other words: that text stays as it is, and this is not added."
    ),
}


def node_errors(values: Mapping[str, Any]) -> dict[str, str | Promise]:
    errors: dict[str, str | Promise] = {}
    parts = notation.parse_label(values["label"])
    if parts is None:
        errors["label"] = _("This is no label. They read like IX.4, IX.4(b) or IX.4(b)(ii).")
    elif (parts.number is None) != (values["kind"] == NodeKind.NOTE):
        errors["kind"] = _("A text without a number of its own is a note, and no other is.")
    if values["is_unit"] and values["is_topic"]:
        errors["is_unit"] = _("A topic for a future meeting is no unit.")
    if values["kind"] == NodeKind.NOTE and values["is_unit"]:
        errors["is_unit"] = _("A note is no unit.")
    if set(values["addressees"]) - set(Addressee.Code.values):
        errors["addressees"] = _("There is no such addressee.")
    primary, secondary = values["primary_theme"], values["secondary_theme"]
    if secondary and secondary == primary:
        errors["secondary_theme"] = _("The second theme is another than the first.")
    elif secondary and not primary:
        errors["primary_theme"] = _("Where there is a second theme there is a first.")
    return errors | _text_errors(values) | addressee_errors(values["is_unit"], values["addressees"], values["basis"])


def _text_errors(values: Mapping[str, Any]) -> dict[str, str | Promise]:
    try:
        notes = notation.parse_footnotes(values["footnotes"])
    except notation.PaperError:
        return {"footnotes": _("Write each footnote on a line of its own, with its own number: ¹ Its text.")}
    text, footnotes, _alone = notation.split_footnotes(values["text"], notes)
    if not text:
        return {"text": _("A text has words.")}
    without_mark = notes.keys() - {footnote.number for footnote in footnotes}
    if without_mark:
        marks = ", ".join(notation.footnote_mark(number) for number in sorted(without_mark))
        return {"text": _("The mark of a footnote is missing in it: %(marks)s.") % {"marks": marks}}
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
            yield PublicationProblem(None, _("There is a body with this slug already."))

    def _node_problems(self) -> Iterable[PublicationProblem]:
        meetings = {meeting.number for meeting in self.paper_import.meetings.all()}
        for node in self.new_nodes:
            for error in node_errors(node_values(node)).values():
                yield PublicationProblem(node, error)
            parts = notation.parse_label(node.label)
            if parts and parts.meeting not in meetings:
                yield PublicationProblem(node, _("No meeting of the paper has this number."))

    def _label_problems(self) -> Iterable[PublicationProblem]:
        by_label = {node.label: node for node in self.chosen_nodes}
        times = Counter(node.label for node in self.chosen_nodes)
        parents = {parts.parent for node in self.chosen_nodes if (parts := notation.parse_label(node.label))}
        for node in self.new_nodes:
            parts = notation.parse_label(node.label)
            above = by_label.get(parts.parent or "") if parts else None
            if times[node.label] > 1:
                yield PublicationProblem(node, _("Another text of the paper has this label."))
            if parts and parts.parent and not above and parts.parent not in self.published_texts:
                yield PublicationProblem(node, _("The text above it, %(label)s, is missing.") % {"label": parts.parent})
            if node.is_unit and above and above.is_unit:
                yield PublicationProblem(
                    node, _("The text above it is answered once for all its items: this is no unit.")
                )
            if node.kind == NodeKind.RECOMMENDATION and node.label in parents:
                yield PublicationProblem(node, _("It has items, so it is a chapeau."))

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
            (_("texts"), len(self.new_nodes)),
            (_("chapeaux"), kinds["chapeau"]),
            (_("recommendations"), kinds["recommendation"]),
            (_("notes"), kinds["note"]),
            (_("units, on which answers are recorded"), self.unit_count),
            (_("topics for future meetings"), topics),
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
