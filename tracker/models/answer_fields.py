"""List the fields of an answer in one table, which forms, copies, workbook, questionnaire, files, documents and
removals read.

FIELDS is in the order of the form. Every other list of fields is this table in the order that its place needs.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import Enum

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tracker.models.language import Language
from tracker.models.status import CONSIDERED, NEED_REASONS, ReasonCode, Status
from tracker.models.validators import TEXT_LIMIT

INSTITUTION_LIMIT = 200  # characters

IN_PLACE = (Status.IMPLEMENTED, Status.PARTIALLY_IMPLEMENTED)
WITH_MEASURES = (*IN_PLACE, Status.IN_PROGRESS)
ON_AGENDA = (*WITH_MEASURES, Status.NOT_STARTED)
UNFINISHED = (Status.PARTIALLY_IMPLEMENTED, Status.IN_PROGRESS, Status.NOT_STARTED)


class AssistanceKind(models.TextChoices):
    # Translators: Kind of technical assistance.
    LEGISLATIVE_DRAFTING = "legislative_drafting", _("Legislative drafting")
    # Translators: Kind of technical assistance.
    TRAINING = "training", _("Training")
    DATA = "data", _("Data collection and research")
    VICTIM_SERVICES = "victim_services", _("Services for victims")
    COORDINATION = "coordination", _("Coordination and strategy")
    # Translators: Kind of technical assistance.
    COOPERATION = "cooperation", _("International cooperation")
    EQUIPMENT = "equipment", _("Equipment and systems")
    OTHER = "other", _("Other")


class FieldKind(Enum):
    STATUS = "status"
    REASON = "reason"  # one code of `choices`
    TEXT = "text"  # words in paragraphs
    LINE = "line"  # words in one line
    ITEMS = "items"  # labels of the items that are answered with the unit
    DATE = "date"
    LANGUAGE = "language"
    CODES = "codes"  # any number of codes of `choices`
    YES = "yes"


class FormSection(Enum):
    """A part of the form of an answer. The evidence follows the claim."""

    STATUS = "status"
    CLAIM = "claim"
    CONTEXT = "context"
    ASSISTANCE = "assistance"
    PRACTICE = "practice"
    END = "end"


class CopyKind(Enum):
    SOURCE = "source"  # as in the answer that is copied
    OWN = "own"  # as in the existing answer
    EMPTY = "empty"


@dataclass(frozen=True, kw_only=True)
class AnswerField:
    """A field of an answer; `label` is its name in the form and, without a `workbook_label`, in the workbook.

    `needed_for`: the statuses that need it, none for a field that every status has. `decided_with`: the field with
    which it is chosen, where two people changed it. `is_set_together`: in several answers at once. Where
    a place lists the fields in another order than the form, it sorts them by their number for that place.
    """

    name: str
    kind: FieldKind
    label: str | Promise
    section: FormSection = FormSection.CLAIM
    needed_for: Collection[Status] = ()
    choices: type[models.TextChoices] | None = None
    limit: int = TEXT_LIMIT  # characters
    help_text: str | Promise = ""
    form_rows: int = 3  # lines
    copying: CopyKind = CopyKind.SOURCE
    decided_with: str = ""
    is_set_together: bool = False

    # The report's files, and differences. `names_column`: the column with the words for its codes.
    file_place: int = 0
    names_column: str = ""
    is_published: bool = False

    workbook_label: str | Promise = ""
    workbook_width: int = 40  # characters
    workbook_place: int = 0

    is_in_questionnaire: bool = True
    questionnaire_hint: str | Promise = ""
    questionnaire_words: str | Promise = ""  # beside the checkbox
    questionnaire_height: int = 0  # of its box, in twentieths of a point; 0 for as much as it needs

    # Empty where a document has no line of its own for it.
    document_label: str | Promise = ""
    document_place: int = 0

    @property
    def is_text(self) -> bool:
        """Return whether people write it in their own words, which are searched and can be removed."""
        return self.kind in (FieldKind.TEXT, FieldKind.LINE)


FIELDS = (
    AnswerField(
        name="status",
        kind=FieldKind.STATUS,
        label=_("Status"),
        section=FormSection.STATUS,
        choices=Status,
        help_text=_("Self-reported; not verified by the Secretariat."),
        is_set_together=True,
        names_column="status_name",
        is_published=True,
        workbook_width=24,
        questionnaire_hint=_("Select one."),
    ),
    AnswerField(
        name="reason_code",
        kind=FieldKind.REASON,
        label=_("Why the recommendation does not apply"),
        needed_for=(Status.NOT_APPLICABLE,),
        choices=ReasonCode,
        copying=CopyKind.EMPTY,
        decided_with="status",
        names_column="reason_name",
        is_published=True,
        workbook_width=24,
        questionnaire_hint=_("If the status is “Not applicable”, select one reason."),
    ),
    AnswerField(
        name="reasons",
        kind=FieldKind.TEXT,
        # Translators: Reasons that the State gave for its status.
        label=_("Reasons"),
        needed_for=NEED_REASONS,
        form_rows=4,
        is_published=True,
        questionnaire_hint=_("Give reasons if the status is “Considered, not taken up” or “Not applicable”."),
        questionnaire_height=500,
        document_label=_("Reasons"),
    ),
    AnswerField(
        name="items_met",
        kind=FieldKind.ITEMS,
        # Translators: Items of a recommendation that the State says it has implemented.
        label=_("Items met"),
        needed_for=IN_PLACE,
        copying=CopyKind.OWN,
        file_place=2,
        is_published=True,
        workbook_width=24,
        questionnaire_hint=_("Select the items that are met."),
        document_label=_("Items met"),
    ),
    AnswerField(
        name="measures",
        kind=FieldKind.TEXT,
        # Translators: Label of a text field.
        label=_("Measures taken"),
        needed_for=WITH_MEASURES,
        help_text=_("Describe laws, policies and practice; do not name a victim."),
        form_rows=7,
        is_published=True,
        workbook_width=60,
        questionnaire_hint=_("Describe laws, policies and practice; do not name a victim."),
        questionnaire_height=1500,
        # Translators: Measures that the State has taken.
        document_label=_("Measures"),
    ),
    AnswerField(
        name="difficulties",
        kind=FieldKind.TEXT,
        # Translators: Difficulties that the State reports.
        label=_("Difficulties"),
        needed_for=ON_AGENDA,
        is_published=True,
        questionnaire_hint=_("Obstacles to implementation."),
        questionnaire_height=700,
        document_label=_("Difficulties"),
    ),
    AnswerField(
        name="lead_institution",
        kind=FieldKind.LINE,
        label=_("Lead institution"),
        section=FormSection.CONTEXT,
        needed_for=(*ON_AGENDA, CONSIDERED),
        limit=INSTITUTION_LIMIT,
        is_set_together=True,
        file_place=3,
        is_published=True,
        workbook_width=30,
        document_label=_("Lead institution"),
        document_place=3,
    ),
    AnswerField(
        name="target_date",
        kind=FieldKind.DATE,
        label=_("Target date"),
        section=FormSection.CONTEXT,
        needed_for=UNFINISHED,
        is_set_together=True,
        file_place=3,
        is_published=True,
        workbook_width=18,
        questionnaire_hint=_("Expected date of completion, if not fully implemented."),
        document_label=_("Target date"),
        document_place=2,
    ),
    AnswerField(
        name="situation_as_at",
        kind=FieldKind.DATE,
        label=_("Situation as at"),
        section=FormSection.CONTEXT,
        file_place=3,
        is_published=True,
        workbook_width=18,
        questionnaire_hint=_("The date to which the answer refers."),
        document_label=_("Situation as at"),
        document_place=3,
    ),
    AnswerField(
        name="language",
        kind=FieldKind.LANGUAGE,
        label=_("Language of the text"),
        section=FormSection.CONTEXT,
        choices=Language,
        file_place=3,
        is_published=True,
        workbook_width=18,
        workbook_place=1,
        is_in_questionnaire=False,
    ),
    AnswerField(
        name="assistance_kinds",
        kind=FieldKind.CODES,
        label=_("Technical assistance needed"),
        section=FormSection.ASSISTANCE,
        needed_for=ON_AGENDA,
        choices=AssistanceKind,
        file_place=1,
        names_column="assistance_kind_names",
        is_published=True,
        workbook_width=16,
        questionnaire_hint=_("Select what would help."),
        document_label=_("Assistance needed"),
        document_place=1,
    ),
    AnswerField(
        name="assistance",
        kind=FieldKind.TEXT,
        label=_("Details of the assistance needed"),
        section=FormSection.ASSISTANCE,
        needed_for=ON_AGENDA,
        file_place=1,
        is_published=True,
        questionnaire_hint=_("The assistance needed, and for whom."),
        questionnaire_height=500,
    ),
    AnswerField(
        name="good_practice",
        kind=FieldKind.YES,
        label=_("This is a good practice"),
        section=FormSection.PRACTICE,
        needed_for=IN_PLACE,
        copying=CopyKind.EMPTY,
        file_place=1,
        is_published=True,
        # Translators: Label: the State describes its measures as a good practice.
        workbook_label=_("Good practice"),
        workbook_width=14,
        questionnaire_words=_("This is a good practice that other States could learn from"),
        document_label=_("Good practice"),
        document_place=1,
    ),
    AnswerField(
        name="good_practice_shared",
        kind=FieldKind.YES,
        label=_("Other States may read this good practice after submission"),
        section=FormSection.PRACTICE,
        copying=CopyKind.EMPTY,
        decided_with="good_practice",
        file_place=1,
        is_published=True,
        workbook_label=_("Other States may read it"),
        workbook_width=14,
        is_in_questionnaire=False,
    ),
    AnswerField(
        name="ready",
        kind=FieldKind.YES,
        label=_("This answer is ready"),
        section=FormSection.END,
        copying=CopyKind.EMPTY,
        is_set_together=True,
        file_place=4,
        workbook_label=_("Ready"),
        workbook_width=10,
        workbook_place=1,
        is_in_questionnaire=False,
    ),
)
FIELD_BY_NAME = {field.name: field for field in FIELDS}
IN_FILES = tuple(sorted(FIELDS, key=lambda field: field.file_place))
IN_DOCUMENTS = tuple(
    sorted((field for field in FIELDS if field.document_label), key=lambda field: field.document_place)
)


def names_where(condition: Callable[[AnswerField], bool]) -> tuple[str, ...]:
    """Return names in the order of files."""
    return tuple(field.name for field in IN_FILES if condition(field))


FIELD_NAMES = names_where(lambda field: True)
TEXTS = names_where(lambda field: field.is_text)
PARAGRAPHS = names_where(lambda field: field.kind == FieldKind.TEXT)
# What a published answer has: the one source of public pages and files, of the search of others, and of quotations.
PUBLISHED = names_where(lambda field: field.is_published)
PUBLISHED_TEXTS = tuple(name for name in TEXTS if name in PUBLISHED)
QUOTABLE = tuple(name for name in PARAGRAPHS if name in PUBLISHED)
DATES = names_where(lambda field: field.kind == FieldKind.DATE)
COPIED = names_where(lambda field: field.copying == CopyKind.SOURCE)
