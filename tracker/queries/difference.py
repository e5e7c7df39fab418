from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.lists import format_phrases
from tracker.models import Citation, Revision
from tracker.models.answer_fields import FIELD_NAMES, FIELDS, TEXTS
from tracker.models.record import Answer

EVIDENCE = "evidence"
READY = "ready"  # everything submitted is ready
LABELS = {field.name: field.verbose_name for field in Revision._meta.fields} | {EVIDENCE: gettext_lazy("Evidence")}
NO_WORDS = dict.fromkeys((*FIELD_NAMES, EVIDENCE), "")
CHOICES = {field.name: dict(field.choices.choices) if field.choices else {} for field in FIELDS}


class Difference(NamedTuple):
    name: str
    before: str
    after: str

    @property
    def label(self) -> str:
        return str(LABELS[self.name])

    @property
    def is_text(self) -> bool:
        """Return whether the respondent wrote the field, in the language of its answer."""
        return self.name in TEXTS

    @property
    def is_long(self) -> bool:
        return self.is_text or self.name == EVIDENCE


def in_words(revision: Revision, citations: Iterable[Citation]) -> dict[str, str]:
    words = {name: _value_in_words(revision, name) for name in FIELD_NAMES}
    return words | {EVIDENCE: "".join(f"{citation_in_words(citation)}\n" for citation in citations)}


def words_of(revision: Revision | None) -> dict[str, str]:
    """Return the words of a revision with its citations by field, all empty without a revision."""
    return in_words(revision, revision.citations.all()) if revision else NO_WORDS


def answer_in_words(answer: Answer) -> dict[str, str]:
    citations = [Citation(evidence_version=version, pinpoint=pinpoint) for version, pinpoint in answer.citations]
    return in_words(Revision(**answer.as_fields()), citations)


def compare_fields(before: Mapping[str, str], after: Mapping[str, str]) -> list[Difference]:
    return [Difference(name, before[name], words) for name, words in after.items() if before[name] != words]


def compare_sealed(before: Mapping[str, str], after: Mapping[str, str]) -> list[Difference]:
    """Compare the language only where both sides have an answer."""
    left_out = (READY, "" if before["language"] and after["language"] else "language")
    return [field for field in compare_fields(before, after) if field.name not in left_out]


def all_fields(before: Mapping[str, str], after: Mapping[str, str]) -> list[Difference]:
    """Return every field that is not empty on both sides, also where nothing differs."""
    return [Difference(name, before[name], words) for name, words in after.items() if before[name] or words]


def citation_in_words(citation: Citation) -> str:
    """`E1 Victims of Crime Act (version 2): articles 9 to 14`."""
    version = citation.evidence_version
    title = version.shown_value("title")
    cited = (
        f"{version.evidence} {title}"
        if version.number == 1
        # Translators: Evidence item that an answer cites. %(evidence)s: its code, such as E1. %(title)s: its title.
        else _("%(evidence)s %(title)s (version %(number)s)")
        % {"evidence": version.evidence, "title": title, "number": version.number}
    )
    pinpoint = citation.shown_value("pinpoint")
    return f"{cited}: {pinpoint}" if pinpoint else cited


def citation_line(evidence: str, version: int, title: str, pinpoint: str) -> str:
    """`E1/2 Victims of Crime Act: articles 9 to 14`: the same in every language, and without removed words."""
    cited = f"{evidence}/{version} {title}" if version > 1 else f"{evidence} {title}"
    return f"{cited.rstrip()}: {pinpoint}" if pinpoint else cited.rstrip()


def _value_in_words(revision: Revision, name: str) -> str:
    value = revision.shown_value(name)
    if isinstance(value, list):
        return format_phrases(CHOICES[name].get(part, part) for part in value)
    if isinstance(value, bool):
        return _("Yes") if value else ""
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    return str(CHOICES[name].get(value, value)) if value else ""
