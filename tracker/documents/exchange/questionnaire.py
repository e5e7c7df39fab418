"""Write a questionnaire for an institution: a Word document to send by e-mail, with a box for each field of an answer.

A completed questionnaire is read by the tags of the boxes (docs/reference/questionnaire.md).
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from recommendations.days import EXAMPLE, day_in_words
from recommendations.languages import active_language
from recommendations.lists import format_list
from recommendations.models import Recommendation, slug_of
from tracker.documents.controls import HINT, check_box, date_box, set_properties, text_box
from tracker.documents.report.answer import adopted_texts
from tracker.documents.report.state import WORKING_DOCUMENT, Entry, entries_of
from tracker.documents.statements import all_statements, statements_for
from tracker.documents.tree import direction_of
from tracker.documents.word import (
    ADOPTED_LANGUAGE,
    Row,
    Xml,
    adopted,
    cell,
    element,
    footnote,
    new_document,
    page_number,
    paragraph,
    row,
    table,
    title_words,
    words,
    written,
)
from tracker.models import Assignment, Institution, Respondent, Revision, User
from tracker.models.answer_fields import FIELD_BY_NAME, FIELDS, FieldKind, FormSection
from tracker.models.status import describe_statuses
from tracker.queries.desk.assignments import due_days
from tracker.queries.desk.units import UnitRow, by_theme
from tracker.queries.difference import EVIDENCE, LABELS, citation_line

TITLE = gettext_lazy("Questionnaire on the implementation of the recommendations")
FORM = 3  # of the file; another one when its tags or properties change
WIDTHS = (3, 9)

EVIDENCE_HINT = gettext_lazy(
    "For each law, judgment, statistic or report: title, date, articles or pages, and where to find it."
)
EVIDENCE_HEIGHT = 700  # twentieths of a point


@dataclass(frozen=True)
class Letter:
    """Hold what the institution reads first; `assignments` are those of its recommendations, by key of the unit."""

    institution: Institution | None = None
    return_to: str = ""
    email: str = ""
    with_answers: bool = True
    assignments: Mapping[int, Assignment] = field(default_factory=dict)

    @property
    def has_several_days(self) -> bool:
        return len({item.due_on for item in self.assignments.values()}) > 1


@dataclass(frozen=True)
class Questionnaire:
    respondent: Respondent
    at: datetime
    entries: list[Entry]
    letter: Letter


def questionnaire(respondent: Respondent, reader: User, rows: list[UnitRow], letter: Letter) -> Questionnaire:
    return Questionnaire(respondent, timezone.now(), entries_of(rows, respondent, reader), letter)


def questionnaire_docx(form: Questionnaire) -> bytes:
    name = form.respondent.name
    document = new_document(language=active_language(), title=f"{TITLE}, {name}", author=name)
    # Translators: at: date and time.
    at = _("Data as at %(at)s UTC") % {"at": date_format(form.at, "DATETIME_FORMAT")}
    # Translators: number: number of this page; pages: number of pages.
    pages = page_number(_("Page %(number)s of %(pages)s"))
    mark = words(str(WORKING_DOCUMENT), style="Strong")
    head = paragraph(words(f"{name}: {TITLE}\t"), mark, style="Header")
    document.add_head_and_foot("default", head, paragraph(words(f"{at}\t"), pages, style="Footer"))
    document.body += _cover(form)
    entries = {entry.row.unit.pk: entry for entry in form.entries}
    for number, group in enumerate(by_theme(entry.row for entry in form.entries)):
        # Translators: Heading of a list.
        theme = words(group.of.name if group.of else _("No theme"))
        document.body += [paragraph(theme, style="Heading1", starts_page=number == 0)]
        for unit_row in group.rows:
            document.body += _unit(entries[unit_row.unit.pk], form.letter)
    set_properties(document, _properties(form))
    return written(document)


def _properties(form: Questionnaire) -> Iterator[tuple[str, str | int]]:
    yield "questionnaire/form", FORM
    yield "questionnaire/respondent", form.respondent.code
    yield "questionnaire/data_as_at", form.at.isoformat()
    yield "questionnaire/answers", "with" if form.letter.with_answers else "without"
    yield "questionnaire/hint", str(HINT)
    if form.letter.institution:
        yield "questionnaire/institution", form.letter.institution.pk
    for entry in form.entries:
        yield f"{entry.row.unit.key}/revision", entry.revision.number if entry.revision else 0


# The first page


def _cover(form: Questionnaire) -> Iterator[Xml]:
    yield paragraph(words(str(TITLE)), style="Title")
    yield paragraph(words(form.respondent.name), style="Subtitle")
    yield table(*_facts(form), widths=WIDTHS, style="TableNormal")
    yield paragraph(words(_("How to complete the questionnaire")), style="Heading3")
    for number, step in enumerate(_guide(form.letter), start=1):
        yield paragraph(words(f"{number}.\t{step}"), style="Step")
    yield paragraph(words(_("What happens next")), style="Heading3")
    use = _(
        "The focal point enters your answers, may change them and records your institution as their source. "
        "Only the team of the focal point sees them until the focal point submits them to the Secretariat."
    )
    yield paragraph(words(use))
    units = [entry.row.unit for entry in form.entries]
    for statement in all_statements(units, statements_for(form.respondent)):
        yield paragraph(words(statement), style="Note")


def _facts(form: Questionnaire) -> Iterator[Row]:
    letter = form.letter
    ahead, passed = due_days(letter.assignments.values())
    rows = [
        # Translators: Label: institution or person.
        (pgettext("recipient of a letter", "To"), str(letter.institution or "")),
        # Translators: Label of a field and of a line in the document: the date by which the institution returns the
        # questionnaire.
        (_("Return by"), ahead),
        (_("Due date passed"), passed),
        # Translators: Name of a line: the person and e-mail address to which the questionnaire is returned.
        (_("Return to"), format_list(filter(None, [letter.return_to, letter.email]))),
        (_("Recommendations"), str(len(form.entries))),
    ]
    for name, text in rows:
        if text:
            yield row(cell(paragraph(words(name, style="Muted"))), cell(paragraph(words(text))))


def _guide(letter: Letter) -> Iterator[str]:
    yield _("Each recommendation is reproduced as adopted. Write only in the boxes below it.")
    yield _("Select one status. Its meaning is next to it.")
    yield _(
        "Complete the fields that apply to that status. Leave blank any box you cannot answer. Write in "
        "your own language."
    )
    if letter.with_answers:
        yield _("If there is already an answer, the boxes contain it. Correct it or leave it unchanged.")
    # Translators: day: an example in the language's own form, such as 30 June 2027.
    yield _("Write dates as %(day)s.") % {"day": day_in_words(EXAMPLE)}
    yield _("Do not enter information that could identify a victim.")
    yield _("Save the file and return it with the documents you name as evidence.")


# A unit


def _unit(entry: Entry, letter: Letter) -> Iterator[Xml]:
    unit = entry.row.unit
    texts, notes = adopted_texts(entry)
    yield paragraph(words(unit.label), title_words(unit.title), style="Heading2")
    yield from (adopted(text) for text in texts)
    yield from (footnote(number, text) for number, text in notes)
    if unit.guidance:
        yield paragraph(
            words(_("What an answer could include"), style="Strong"), words(f" {unit.guidance}"), style="Note"
        )
    yield from _notes(letter.assignments.get(unit.pk), letter)
    yield paragraph(
        words(_("What has been done to implement this recommendation?"), style="Strong"),
        words(f" {_standing(entry, letter)}"),
        style="Lead",
    )
    answer = QuestionnaireUnit(entry, entry.revision if letter.with_answers else None)
    yield table(
        *_rows(answer),
        widths=WIDTHS,
        style="TableGrid",
        # Translators: name: name of a State, or label and short title of a recommendation.
        title=_("Answer: %(name)s") % {"name": unit.published_label_with_title},
    )
    yield paragraph(style="Gap")


def _notes(assignment: Assignment | None, letter: Letter) -> Iterator[Xml]:
    """Write what the focal point wrote about one recommendation, and its due date where another has another."""
    if assignment is None:
        return
    due = _("Due date passed:") if assignment.is_overdue else _("Return by:")
    notes = [
        (_("Returned with this note:"), assignment.shown_reason if assignment.is_returned else ""),
        (_("Note:"), assignment.note),
        (due, day_in_words(assignment.due_on) if letter.has_several_days else ""),
    ]
    for name, text in notes:
        if text:
            yield paragraph(words(name, style="Strong"), words(f" {text}"), style="Note", direction=direction_of(text))


def _standing(entry: Entry, letter: Letter) -> str:
    if entry.revision is None:
        return _("There is no answer yet.")
    if not letter.with_answers:
        return ""
    # Translators: at: a date.
    sentence = _("The boxes contain the answer of %(at)s.")
    return sentence % {"at": day_in_words(entry.revision.created_at)}


@dataclass(frozen=True)
class QuestionnaireUnit:
    entry: Entry
    revision: Revision | None

    @property
    def unit(self) -> Recommendation:
        return self.entry.row.unit

    def value(self, name: str):
        if name == EVIDENCE:
            cited = self.entry.citations
            return "\n".join(citation_line(each.evidence, each.number, each.title, each.pinpoint) for each in cited)
        return getattr(self.revision, name) if self.revision else None

    def key(self, *name: str) -> str:
        return "/".join([self.unit.key, *name])

    def title(self, words: str) -> str:
        return f"{self.unit.label}: {words}"


def _rows(answer: QuestionnaireUnit) -> Iterator[Row]:
    for section in FormSection:
        for each in FIELDS:
            shown = each.section == section and each.is_in_questionnaire
            if boxes := list(BOXES[each.kind](answer, each.name)) if shown else []:
                yield _row(each.name, boxes, each.questionnaire_hint, each.questionnaire_height)
        if section == FormSection.CLAIM:
            yield _row(EVIDENCE, _text(answer, EVIDENCE), EVIDENCE_HINT, EVIDENCE_HEIGHT)


def _row(name: str, boxes: Iterable[Xml], hint: str | Promise, height: int) -> Row:
    hints = [paragraph(words(str(hint)), style="TableNote")] if hint else []
    label = paragraph(words(_label(name), style="Strong"), style="TableText")
    least = element("trHeight", val=str(height), hRule="atLeast") if height else Xml("")
    return row(cell(label, *hints), cell(*boxes), height=least)


def _status_box(answer: QuestionnaireUnit, name: str) -> Iterator[Xml]:
    meanings = describe_statuses(answer.unit.asks_to_consider)
    value = answer.value(name)
    for status, meaning in meanings.items():
        selected = _choice_box(answer, name, status, str(status.label), status == value)
        yield paragraph(selected, words(f": {meaning}", style="Muted"), style="Tick")


def _codes(answer: QuestionnaireUnit, name: str) -> Iterator[Xml]:
    value = answer.value(name) or ()
    chosen = [value] if isinstance(value, str) else value
    choices = FIELD_BY_NAME[name].choices or ()
    boxes = [_choice_box(answer, name, code, str(code.label), code in chosen) for code in choices]
    yield paragraph(*(piece for box in boxes for piece in (box, words("    "))), style="TableText")


def _items(answer: QuestionnaireUnit, name: str) -> Iterator[Xml]:
    met: Collection[str] = answer.value(name) or ()
    for item in answer.entry.items:
        selected = _choice_box(answer, name, slug_of(item.label), item.marker, item.label in met)
        yield paragraph(selected, words(f" {item.text}", language=ADOPTED_LANGUAGE), style="Tick", direction="ltr")


def _check_field(answer: QuestionnaireUnit, name: str) -> Iterator[Xml]:
    box = check_box(answer.key(name), answer.title(_label(name)), bool(answer.value(name)))
    yield paragraph(box, words(f" {FIELD_BY_NAME[name].questionnaire_words}"), style="Tick")


def _choice_box(answer: QuestionnaireUnit, name: str, code: str, label: str, is_selected: bool) -> Xml:
    box = check_box(answer.key(name, code), answer.title(label), is_selected)
    return Xml(box + words(f" {label}".replace(" ", "\N{NO-BREAK SPACE}")))


def _text(answer: QuestionnaireUnit, name: str) -> Iterator[Xml]:
    value = answer.value(name) or ""
    language = answer.revision.language if answer.revision else ""
    box = text_box(answer.key(name), answer.title(_label(name)), value, language)
    yield paragraph(box, direction=direction_of(value))


def _day(answer: QuestionnaireUnit, name: str) -> Iterator[Xml]:
    yield paragraph(date_box(answer.key(name), answer.title(_label(name)), answer.value(name), active_language()))


BOXES: dict[FieldKind, Callable[[QuestionnaireUnit, str], Iterable[Xml]]] = {
    FieldKind.STATUS: _status_box,
    FieldKind.REASON: _codes,
    FieldKind.TEXT: _text,
    FieldKind.LINE: _text,
    FieldKind.ITEMS: _items,
    FieldKind.DATE: _day,
    FieldKind.CODES: _codes,
    FieldKind.YES: _check_field,
}


def _label(name: str) -> str:
    return str(LABELS[name])
