"""Find words that identify a victim in everything that a respondent recorded."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

from django.utils.formats import date_format
from django.utils.translation import gettext

from tracker.actions.draft import holds_words
from tracker.actions.proposal import fields_with_words
from tracker.actions.quotation import fields_holding
from tracker.actions.workbook import workbook_holds
from tracker.documents.exchange.file_text import FileSearch
from tracker.models import (
    Assignment,
    BriefText,
    Citation,
    Comment,
    CourtesyTranslation,
    Draft,
    EvidenceFile,
    EvidenceVersion,
    HeldUpload,
    HiddenText,
    Institution,
    Proposal,
    Quotation,
    Record,
    Remark,
    Reply,
    Respondent,
    Revision,
    StatusReport,
    SubmissionItem,
    TranscriptionRequest,
)
from tracker.models.matching import holds, split_by_words

PAGE = 500  # rows
OF_REMARK = ("item__unit", "item__submission__respondent", "item__submission__round")

Searched = (
    Revision
    | Citation
    | EvidenceVersion
    | Remark
    | Reply
    | Assignment
    | Institution
    | Comment
    | BriefText
    | TranscriptionRequest
    | StatusReport
    | CourtesyTranslation
)


@dataclass(frozen=True)
class WordPlace:
    row: Searched | Record | Draft | Proposal | Quotation | HeldUpload
    fields: tuple[str, ...]
    words: str = ""

    @property
    def texts(self) -> list[tuple[str, list[tuple[str, bool]]]]:
        """Return the label and the text of each field, in pieces with whether they are the words.

        What is the work of one person and not saved yet is not shown.
        """
        if isinstance(self.row, Draft | HeldUpload):
            return []
        texts = self.row.texts if isinstance(self.row, Proposal) else vars(self.row)
        return [(label, _split(texts[name], self.words)) for label, name in zip(self.names, self.fields, strict=True)]

    @property
    def where(self) -> str:
        match self.row:
            case Revision():
                return _of_revision(self.row)
            case Citation():
                return _of_revision(self.row.revision)
            case EvidenceVersion():
                # Translators: name: code of an evidence item or label of a recommendation; number: of its version.
                return gettext("%(name)s, version %(number)s") % {
                    "name": self.row.evidence,
                    "number": self.row.number,
                }
            case Remark():
                return _of_item(self.row.item)
            case Reply():
                return _of_item(self.row.remark.item)
            case TranscriptionRequest():
                # Translators: date: date of the State’s written request.
                return gettext("Request to the Secretariat to enter answers, %(date)s") % {
                    "date": date_format(self.row.requested_on, "DATE_FORMAT")
                }
            case StatusReport():
                # Translators: date: date of the report.
                return gettext("Report of an error in the treaty status, %(date)s") % {
                    "date": date_format(self.row.reported_at, "DATE_FORMAT")
                }
            case Assignment():
                # Translators: label: label of a recommendation; who: person or institution.
                return gettext("%(label)s: assignment to %(who)s") % {
                    "label": self.row.unit.label_with_title,
                    "who": self.row.assignee,
                }
            case Institution():
                return gettext("List of institutions")
            case Comment():
                # Translators: label: label of a recommendation; number: number of the comment.
                return gettext("%(label)s: comment %(number)s") % {
                    "label": self.row.unit.label_with_title,
                    "number": self.row.number,
                }
            case BriefText():
                # Translators: number: of a version of the texts in the brief for the minister.
                return gettext("Brief for the minister, version %(number)s") % {"number": self.row.number}
            case Draft():
                # Translators: label: label of a recommendation; who: name of the author of the draft.
                return gettext("%(label)s: unsaved draft, %(who)s") % {
                    "label": self.row.unit.label_with_title,  # type: ignore[union-attr]
                    "who": self.row.author,
                }
            case Proposal():
                # Translators: label: label of a recommendation; who: name of the author of the suggestion.
                return gettext("%(label)s: suggestion, %(who)s") % {
                    "label": self.row.unit.label_with_title,
                    "who": self.row.author,
                }
            case CourtesyTranslation():
                # Translators: label: label of a recommendation.
                return gettext("%(label)s: courtesy translation") % {
                    "label": self.row.revision.record.recommendation.label_with_title
                }
            case Quotation():
                # Translators: label: label of a recommendation. The quotation is from an answer.
                return gettext("%(label)s: quotation") % {"label": self.row.unit.label_with_title}
            case HeldUpload(downloaded_at=datetime()):
                # Translators: who: name of the person who uploaded it.
                return gettext("Uploaded workbook, not yet applied: %(who)s") % {"who": self.row.owner}
            case HeldUpload():
                # Translators: who: name of the person who uploaded it.
                return gettext("Uploaded file, not yet saved: %(who)s") % {"who": self.row.owner}
        return self.row.recommendation.label_with_title

    @property
    def names(self) -> list[str]:
        if isinstance(self.row, Proposal):
            return [self.row.label_of(name) for name in self.fields]
        fields: list[Any] = [self.row._meta.get_field(name) for name in self.fields]
        return [str(field.verbose_name) for field in fields]


def _split(text: str, words: str) -> list[tuple[str, bool]]:
    pieces = split_by_words(text, words)
    return pieces if any(is_words for _piece, is_words in pieces) else [(text, True)]  # as in a link, which is encoded


def _of_revision(revision: Revision) -> str:
    label = revision.record.recommendation.label_with_title
    return gettext("%(name)s, version %(number)s") % {"name": label, "number": revision.number}


def _of_item(item: SubmissionItem) -> str:
    # Translators: label: label of a recommendation; submission: reference of a submission.
    return gettext("%(label)s: request for clarification or reply, %(submission)s") % {
        "label": item.unit.label_with_title,
        "submission": item.submission.reference,
    }


def _fields_with_words(row: Any, words: str) -> tuple[str, ...]:
    return tuple(name for name in row.withdrawable if _has_words(name, getattr(row, name), words))


def _has_words(name: str, value: str, words: str) -> bool:
    return holds([value], words) or (name == "url" and holds([unquote_plus(value)], words))


# In the order of pages: what `where` reads of each row, and which of its fields have the words.
SEARCHED: dict[Any, tuple[tuple[str, ...], Callable[[Any, str], tuple[str, ...]]]] = {
    Revision: (("record__recommendation",), _fields_with_words),
    Citation: (("revision__record__recommendation",), _fields_with_words),
    EvidenceVersion: (("evidence",), _fields_with_words),
    Remark: (OF_REMARK, lambda row, words: _fields_with_words(row, words) if row.sent_at else ()),
    TranscriptionRequest: (("respondent",), _fields_with_words),
    StatusReport: (("respondent",), _fields_with_words),
    Reply: (tuple(f"remark__{path}" for path in OF_REMARK), _fields_with_words),
    Assignment: (("unit", "institution", "person"), _fields_with_words),
    Institution: (("respondent",), _fields_with_words),
    Comment: (("unit",), _fields_with_words),
    BriefText: (("respondent",), _fields_with_words),
    Record: (("recommendation",), lambda row, words: ("note",) if holds([row.note], words) else ()),
    Draft: (("unit", "author"), lambda row, words: ("fields",) if holds_words(row, words) else ()),
    Proposal: (("unit", "author"), fields_with_words),
    CourtesyTranslation: (
        ("revision__record__recommendation",),
        lambda row, words: ("text",) if row.text and holds([row.text, row.original], words) else (),
    ),
    Quotation: (("unit",), fields_holding),
    HeldUpload: (("owner",), lambda row, words: ("rows",) if workbook_holds(row, words) else ()),
}


def find_rows(respondent: Respondent, words: str) -> Iterator[WordPlace]:
    for model, (related, find_fields) in SEARCHED.items():
        rows = model.everyones.filter(**{model.respondent_path: respondent}).select_related(*related)
        for row in rows.iterator(PAGE):
            if fields := find_fields(row, words):
                yield WordPlace(row, fields, words)


@dataclass
class FoundFiles:
    """What holds the words in a name or text; `hidden` are files that another request hides.

    `unsearched` do not hold the words as far as could be read, which was not all of the file; from the `unread` among
    them the storage gave nothing. `searched` are all files of the search: with them `find_files` reads only the others.
    """

    files: set[EvidenceFile] = field(default_factory=set)
    uploads: set[HeldUpload] = field(default_factory=set)
    hidden: list[HiddenText] = field(default_factory=list)
    unsearched: list[EvidenceFile | HeldUpload] = field(default_factory=list)
    unread: list[EvidenceFile | HeldUpload] = field(default_factory=list)
    searched: set[EvidenceFile | HeldUpload] = field(default_factory=set)


def find_files(
    respondent: Respondent, words: str, searched: Collection[EvidenceFile | HeldUpload] = frozenset()
) -> FoundFiles:
    """Find the words in names and texts of stored files, which takes seconds: call it before rows are locked."""
    found, search = FoundFiles(), FileSearch(words)

    def finds(file: EvidenceFile | HeldUpload) -> bool:
        found.searched.add(file)
        return file not in searched and search.finds(file)

    names = EvidenceVersion.everyones.filter(evidence__respondent=respondent).values_list("file", "file_name")
    named = {file for file, name in names if holds([name], words)}
    for file in EvidenceFile.everyones.filter(respondent=respondent, withdrawal__isnull=True).order_by("-pk"):
        if file.pk in named or finds(file):
            found.files.add(file)
    for held in HeldUpload.everyones.filter(respondent=respondent, is_stored=True).select_related("owner"):
        if holds([held.name], words) or (held.file and finds(held)):
            found.uploads.add(held)
    hidden = HiddenText.everyones.filter(withdrawal__respondent=respondent, table=EvidenceFile._meta.db_table)
    for text in hidden.select_related("withdrawal"):
        file = EvidenceFile.everyones.get(pk=text.row)
        file.file.name = text.value
        if finds(file):
            of_names = HiddenText.everyones.filter(table=EvidenceVersion._meta.db_table, name="file_name")
            found.hidden += [text, *of_names.filter(row__in=file.versions(manager="everyones").values("pk"))]
    found.unsearched, found.unread = search.unsearched, search.unread
    return found


def find_hidden_texts(respondent: Respondent, words: str) -> list[HiddenText]:
    """Return what other requests hide and what also holds the words; `find_files` finds hidden files."""
    texts = HiddenText.everyones.filter(withdrawal__respondent=respondent).exclude(table=EvidenceFile._meta.db_table)
    hidden = list(texts.select_related("withdrawal__respondent"))
    found = [text for text in hidden if holds([text.value], words) or holds([unquote_plus(text.value)], words)]
    return [*found, *_find_hidden_translations([text for text in hidden if text not in found], found)]


def _find_hidden_translations(hidden: list[HiddenText], originals: list[HiddenText]) -> list[HiddenText]:
    """Return the courtesy translations of hidden texts: they have the words in other letters."""
    places = {(text.row, text.name) for text in originals if text.table == Revision._meta.db_table}
    table = CourtesyTranslation._meta.db_table
    rows = CourtesyTranslation.everyones.filter(pk__in=[text.row for text in hidden if text.table == table])
    keys = {row.pk for row in rows if (row.revision_id, row.field) in places} if places else set()
    return [text for text in hidden if text.table == table and text.row in keys]
