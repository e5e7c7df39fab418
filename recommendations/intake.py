"""Taking in a paper: from what was read to a draft, its corrections, and its publication in one act.

Nothing of a draft is public. Who may is asked of `user.has_perm()`; the site answers.
"""

import hashlib
from bisect import bisect
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations import document
from recommendations.catalogue import NewNode, add_nodes, addressee_errors, keep
from recommendations.document import Problem, Question
from recommendations.models import Addressee, Body, Intake, IntakeMeeting, IntakeNode, Meeting, Recommendation
from recommendations.suggest import suggestions

TEXTS_LIMIT = 5_000
DOUBTS_LIMIT = 5_000
CORRECTED = (
    *("label", "kind", "text", "footnotes", "is_unit", "is_topic", "addressees", "basis", "strength"),
    *("asks_to_consider", "primary_theme", "secondary_theme", "guidance", "is_left_out", "is_settled"),
)

IMPLIED, NOBODY, KNOWN, OTHER_WORDS = "implied", "nobody", "known", "other_words"
DOUBTS: dict[str, str | Promise] = {
    Question.GAP: _("Numbers are missing before it."),
    Question.JOINED: _("A paragraph without a number was joined to it, though it seemed complete."),
    Question.LETTER_OR_ROMAN: _("What follows could be the next letter, or the first of its roman items."),
    Question.MARK_ALONE: _("A raised number in it has no footnote, and stays in the text."),
    Question.CUT: _("It may be cut: it does not end as a paragraph does."),
    Question.MARKER: _("A paragraph that begins with a number of an unknown kind was joined to it."),
    Problem.ORDER: _("Left out below it, as its number repeats or goes back."),
    Problem.NOTHING_ABOVE: _("Left out below it: an item without a paragraph above it."),
    Problem.EMPTY: _("It has a number and no words."),
    Problem.FOOTNOTE_TWICE: _("Left out below it: a footnote whose number repeats."),
    Problem.FOOTNOTE_ALONE: _("Left out below it: a footnote without a mark in a text."),
    IMPLIED: _("Who is asked is only implied."),
    NOBODY: _("Nobody is named in it who is asked."),
    KNOWN: _("This label is published already, with these words: it is not added again."),
    OTHER_WORDS: _(
        "This label is published already, with other words: that text stays as it is, and this is not added."
    ),
}
WRITE_HEADING = _("Write it like: IX. Ninth meeting, Vienna, 9 to 11 September 2019.")
REFUSED: dict[Problem, str | Promise] = {
    Problem.NOT_TEXT: _("Line %(line)d: a character here is not text."),
    Problem.NO_MEETING: _("No heading of a meeting was found. Write below of which meeting the paper is."),
    Problem.DATES: _("Line %(line)d: the dates of the meeting cannot be read. They read like: 9 to 11 September 2019."),
    Problem.ORDER: _("Line %(line)d: the number of this meeting repeats, goes back or is no roman number."),
}


class Stale(Exception):
    """Somebody changed it meanwhile: `nodes` as they stand now, by key. Nothing was saved."""

    def __init__(self, nodes: Mapping[int, IntakeNode]):
        super().__init__()
        self.nodes = nodes


def read(text: str, heading: str = "") -> document.Document:
    """What a paper says; `heading` is of its meeting, where the paper has none. Raises ValidationError."""
    try:
        meeting = document.meeting_in(heading) if heading else None
    except document.PaperError:
        raise ValidationError({"heading": WRITE_HEADING}) from None
    try:
        found = document.read(text, meeting)
    except document.PaperError as error:
        raise ValidationError({"paper": REFUSED[error.problem] % {"line": error.line}}) from None
    if not found.nodes:
        raise ValidationError({"paper": _("No text with a number was found in it, such as “1. States parties…”.")})
    if len(found.doubts) > DOUBTS_LIMIT:
        raise ValidationError({"paper": _("Too many of its lines are no numbered texts, so this is no such paper.")})
    if len(found.nodes) > TEXTS_LIMIT:
        raise ValidationError({"paper": _("There are more texts in it than can be taken in at once.")})
    if any(len(node.label) > 30 for node in found.nodes):
        raise ValidationError({"paper": _("A number in it is too long.")})
    return found


# Writing


@transaction.atomic
def begin(*, intake: Intake, found: document.Document, by) -> Intake:
    """Keep what was read as a draft, with what its words suggest. Raises PermissionDenied."""
    _refuse_unless_curator(by)
    intake.added_by = by
    intake.save()
    IntakeMeeting.objects.bulk_create(_meeting(intake, meeting) for meeting in found.meetings)
    suggested, doubts = suggestions(found.nodes), _doubts_by_line(found)
    IntakeNode.objects.bulk_create(
        IntakeNode(
            intake=intake,
            line=node.line,
            label=node.label,
            kind=node.kind,
            text=document.printed(node.text, node.footnotes),
            footnotes="\n".join(f"{document.raised(note.number)} {note.text}" for note in node.footnotes),
            doubts=doubts.get(node.line, []),
            changed_by=by,
            **vars(suggested[node.label]) | {"addressees": list(suggested[node.label].addressees)},
        )
        for node in found.nodes
    )
    return intake


def _meeting(intake: Intake, meeting: document.Meeting) -> IntakeMeeting:
    heading = meeting.heading.removeprefix(f"{meeting.roman}. ")
    return IntakeMeeting(
        intake=intake,
        number=meeting.number,
        heading=heading,
        place=meeting.place,
        starts=meeting.starts,
        ends=meeting.ends,
    )


def _doubts_by_line(found: document.Document) -> dict[int, list[dict]]:
    """The doubts of each text, by the line where it starts: of what was left out, those of the text above it."""
    line_of = {node.label: node.line for node in found.nodes}
    first_of = {node.label.partition(".")[0]: node.line for node in reversed(found.nodes)}
    lines = [node.line for node in found.nodes]
    doubts: dict[int, list[dict]] = {}
    for doubt in found.doubts:
        above = lines[max(bisect(lines, doubt.line) - 1, 0)]
        line = line_of.get(doubt.label) or first_of.get(doubt.label) or above
        doubts.setdefault(line, []).append({"question": doubt.question, "line": doubt.line, "words": doubt.words[:300]})
    return doubts


@transaction.atomic
def keep_details(*, intake: Intake, meetings: Mapping[int, document.Meeting], base: int, by) -> None:
    """Keep what the paper is and of which body, and its meetings by number, if this version is the newest.

    Raises PermissionDenied, ValidationError, or Stale.
    """
    _refuse_unless_curator(by)
    standing = _draft(intake)
    if standing.version != base:
        raise Stale({})
    intake.version = base + 1
    intake.save()
    for number, meeting in meetings.items():
        changed = _meeting(intake, meeting)
        values = {name: getattr(changed, name) for name in ("heading", "place", "starts", "ends")}
        intake.meetings.filter(number=number).update(**values)


@transaction.atomic
def correct(*, intake: Intake, changes: Mapping[int, tuple[int, Mapping[str, Any]]], by) -> int:
    """Correct texts of a draft: of each key the version that was corrected, and new values; return how many.

    All or none. Raises PermissionDenied, ValidationError where the draft is published or gone, or Stale.
    """
    _refuse_unless_curator(by)
    _draft(intake)
    now, stale = timezone.now(), []
    for pk, (base, values) in changes.items():
        known = {name: value for name, value in values.items() if name in CORRECTED}
        found = intake.nodes.filter(pk=pk, version=base)
        if not found.update(**known, version=F("version") + 1, changed_by=by, changed_at=now):
            stale.append(pk)
    if stale:
        raise Stale({node.pk: node for node in intake.nodes.select_related("changed_by").filter(pk__in=stale)})
    return len(changes)


@transaction.atomic
def add_text(*, after: IntakeNode, values: Mapping[str, Any], by) -> IntakeNode:
    """Add a text that was not understood as one, after another. Raises PermissionDenied or ValidationError."""
    _refuse_unless_curator(by)
    _draft(after.intake)
    known = {name: value for name, value in values.items() if name in CORRECTED}
    return IntakeNode.objects.create(intake=after.intake, line=after.line, changed_by=by, **known)


@transaction.atomic
def drop(*, intake: Intake, by) -> None:
    """Delete a draft. Raises PermissionDenied, or ValidationError where it is published or gone."""
    _refuse_unless_curator(by)
    _draft(intake).delete()


@transaction.atomic
def publish(*, intake: Intake, stamp: str, by) -> Intake:
    """Add the texts of a draft to the catalogue, all of them or none; those whose label is published stay as they are.

    `stamp` is that of the preview which was read. Raises PermissionDenied or ValidationError.
    """
    _refuse_unless_curator(by)
    standing = _draft(intake)
    if standing.body_id:
        Body.objects.select_for_update().get(pk=standing.body_id)
    plan = Plan(standing)
    if plan.stamp != stamp:
        raise ValidationError(_("The draft or the catalogue was changed meanwhile. Look at what would be added now."))
    if plan.faults:
        raise ValidationError([fault.said for fault in plan.faults])
    if not plan.added:
        raise ValidationError(_("There is nothing in it to add."))
    body = standing.body or _add_body(standing, by)
    last = body.recommendations.aggregate(last=Max("position"))["last"] or 0
    meetings = _meetings(standing, body, by)
    add_nodes(body, meetings, [_new(node, last + place) for place, node in enumerate(plan.added, start=1)], by)
    standing.body, standing.published_by, standing.published_at = body, by, timezone.now()
    standing.nodes_added, standing.units_added = len(plan.added), plan.units
    standing.save()
    return standing


def _refuse_unless_curator(by) -> None:
    if not by.has_perm("recommendations.add_recommendation"):
        raise PermissionDenied


def _draft(intake: Intake) -> Intake:
    """The draft as it stands, locked; raises ValidationError where there is none any more."""
    standing = Intake.objects.select_for_update(of=("self",)).select_related("body").filter(pk=intake.pk).first()
    if standing is None:
        raise ValidationError(_("This draft was deleted meanwhile."))
    if standing.is_published:
        raise ValidationError(_("This paper was published meanwhile: its texts stand in the catalogue."))
    return standing


def _add_body(intake: Intake, by) -> Body:
    body = Body(
        slug=intake.body_slug,
        is_first=not Body.objects.exists(),
        name=intake.body_name,
        parent_name=intake.body_parent,
        paper_title=intake.paper_title,
        paper_date=intake.paper_date,
    )
    body.full_clean()
    keep(thing=body, by=by)
    return body


def _meetings(intake: Intake, body: Body, by) -> dict[int, Meeting]:
    """Its meetings by number; those that the catalogue knows stay as they are."""
    meetings = {meeting.number: meeting for meeting in body.meetings.all()}
    for one in intake.meetings.all():
        if one.number not in meetings:
            meetings[one.number] = Meeting(
                body=body, number=one.number, heading=one.heading, place=one.place, starts=one.starts, ends=one.ends
            )
            keep(thing=meetings[one.number], by=by)
    return meetings


def _new(node: IntakeNode, position: int) -> NewNode:
    text, footnotes, _alone = document.lifted(node.text, document.footnotes_in(node.footnotes))
    said = {name: getattr(node, name) for name in CORRECTED if name in NewNode._fields}
    return NewNode(**said | {"position": position, "text": text, "footnotes": footnotes})


# What stands in the way, and what deserves a look


def node_errors(values: Mapping[str, Any]) -> dict[str, str | Promise]:
    """Why a text cannot be published with these values (of CORRECTED), by field."""
    errors: dict[str, str | Promise] = {}
    place = document.place_of(values["label"])
    if place is None:
        errors["label"] = _("This is no label. They read like IX.4, IX.4(b) or IX.4(b)(ii).")
    elif (place.number is None) != (values["kind"] == Recommendation.Kind.NOTE):
        errors["kind"] = _("A text without a number of its own is a note, and no other is.")
    if values["is_unit"] and values["is_topic"]:
        errors["is_unit"] = _("A topic for a future meeting is no unit.")
    if values["kind"] == Recommendation.Kind.NOTE and values["is_unit"]:
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
        bodies = document.footnotes_in(values["footnotes"])
    except document.PaperError:
        return {"footnotes": _("Write each footnote on a line of its own, with its own number: ¹ Its text.")}
    text, footnotes, _alone = document.lifted(values["text"], bodies)
    if not text:
        return {"text": _("A text has words.")}
    without_mark = bodies.keys() - {note.number for note in footnotes}
    if without_mark:
        marks = ", ".join(document.raised(number) for number in sorted(without_mark))
        return {"text": _("The mark of a footnote is missing in it: %(marks)s.") % {"marks": marks}}
    return {}


class Fault(NamedTuple):
    """What stands in the way of a publication. `node` is None where it is the draft itself."""

    node: IntakeNode | None
    problem: str | Promise

    @property
    def said(self) -> str:
        return f"{self.node.label}: {self.problem}" if self.node else str(self.problem)


@dataclass(frozen=True)
class Plan:
    """What the publication of a draft would add, and what stands in its way."""

    intake: Intake

    @cached_property
    def nodes(self) -> list[IntakeNode]:
        """All of them, in the order of the paper."""
        return list(self.intake.nodes.select_related("primary_theme", "secondary_theme", "changed_by"))

    @cached_property
    def kept(self) -> list[IntakeNode]:
        return [node for node in self.nodes if not node.is_left_out]

    @cached_property
    def published(self) -> dict[str, str]:
        """The texts of the body that are published, by label; nothing where the draft is published itself."""
        if self.intake.body_id is None or self.intake.is_published:
            return {}
        nodes = Recommendation.objects.published().filter(body=self.intake.body_id)
        return dict(nodes.order_by().values_list("label", "current_wording__text"))

    @cached_property
    def added(self) -> list[IntakeNode]:
        return [node for node in self.kept if node.label not in self.published]

    @property
    def known(self) -> list[IntakeNode]:
        return [node for node in self.kept if node.label in self.published]

    @property
    def units(self) -> int:
        return sum(node.is_unit for node in self.added)

    @property
    def doubtful(self) -> list[IntakeNode]:
        """Texts with doubts that nobody settled; of those that are published already, the ones with other words."""
        return [node for node in self.kept if not node.is_settled and self._is_doubtful(node)]

    def _is_doubtful(self, node: IntakeNode) -> bool:
        if node.label in self.published:
            return self.published[node.label] != _words(node)
        return bool(self.doubts(node))

    def doubts(self, node: IntakeNode) -> list[dict]:
        """What deserves a look: `said`, and where it comes from the paper its `line` and `words`."""
        found = [{**doubt, "said": DOUBTS.get(doubt["question"], "")} for doubt in node.doubts]
        return found + [{"question": question, "said": DOUBTS[question]} for question in self._questions(node)]

    def _questions(self, node: IntakeNode) -> Iterable[str]:
        if node.label in self.published:
            yield KNOWN if self.published[node.label] == _words(node) else OTHER_WORDS
            return
        if node.basis == Recommendation.Basis.IMPLIED:
            yield IMPLIED
        if node.kind == Recommendation.Kind.RECOMMENDATION and not node.addressees:
            yield NOBODY

    @cached_property
    def faults(self) -> list[Fault]:
        return [*self._faults_of_draft(), *self._faults_of_nodes(), *self._faults_between()]

    def _faults_of_draft(self) -> Iterable[Fault]:
        if self.intake.body_id is None and Body.objects.filter(slug=self.intake.body_slug).exists():
            yield Fault(None, _("There is a body with this slug already."))

    def _faults_of_nodes(self) -> Iterable[Fault]:
        meetings = {meeting.number for meeting in self.intake.meetings.all()}
        for node in self.added:
            for problem in node_errors(vars_of(node)).values():
                yield Fault(node, problem)
            place = document.place_of(node.label)
            if place and place.meeting not in meetings:
                yield Fault(node, _("No meeting of the paper has this number."))

    def _faults_between(self) -> Iterable[Fault]:
        by_label = {node.label: node for node in self.kept}
        times = Counter(node.label for node in self.kept)
        parents = {place.parent for node in self.kept if (place := document.place_of(node.label))}
        for node in self.added:
            place = document.place_of(node.label)
            above = by_label.get(place.parent or "") if place else None
            if times[node.label] > 1:
                yield Fault(node, _("Another text of the paper has this label."))
            if place and place.parent and not above and place.parent not in self.published:
                yield Fault(node, _("The text above it, %(label)s, is missing.") % {"label": place.parent})
            if node.is_unit and above and above.is_unit:
                yield Fault(node, _("The text above it is answered once for all its items: this is no unit."))
            if node.kind == Recommendation.Kind.RECOMMENDATION and node.label in parents:
                yield Fault(node, _("It has items, so it is a chapeau."))

    @property
    def stamp(self) -> str:
        """Changes with everything that a publication depends on."""
        versions = [(node.pk, node.version) for node in self.nodes]
        return hashlib.sha256(repr((self.intake.version, versions, sorted(self.published))).encode()).hexdigest()[:20]

    @property
    def counts(self) -> list[tuple[str | Promise, int]]:
        """(words, how many) of what would be added."""
        kinds = Counter(node.kind for node in self.added)
        topics = sum(node.is_topic for node in self.added)
        return [
            (_("texts"), len(self.added)),
            (_("chapeaux"), kinds["chapeau"]),
            (_("recommendations"), kinds["recommendation"]),
            (_("notes"), kinds["note"]),
            (_("units, on which answers are recorded"), self.units),
            (_("topics for future meetings"), topics),
        ]

    @property
    def for_whom(self) -> list[tuple[str, int]]:
        """(addressee, units that would be added for it), in the order of addressees."""
        asked = Counter(code for node in self.added if node.is_unit for code in node.addressees)
        return [(str(code.label), asked[code]) for code in Addressee.Code if asked[code]]

    @property
    def of_meetings(self) -> list[tuple[IntakeMeeting, int]]:
        """(meeting, texts that would be added of it)."""
        places = Counter(place.meeting for node in self.added if (place := document.place_of(node.label)))
        return [(meeting, places[meeting.number]) for meeting in self.intake.meetings.all()]

    @property
    def without_theme(self) -> int:
        """Units to be added that have no theme."""
        return sum(node.is_unit and node.primary_theme_id is None for node in self.added)


def vars_of(node: IntakeNode) -> dict[str, Any]:
    return {name: getattr(node, name) for name in CORRECTED}


def _words(node: IntakeNode) -> str:
    """Its text without the marks of footnotes."""
    try:
        return document.lifted(node.text, document.footnotes_in(node.footnotes))[0]
    except document.PaperError:
        return node.text
