"""List what a search found as its page shows it: one list of all kinds, the best first."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recommendations.lists import format_list
from recommendations.models import (
    OF_CATALOGUE,
    OFFICIAL_LANGUAGES,
    ServedProvision,
    Synonym,
    TextKind,
    TextReader,
    Translation,
)
from recommendations.search.analyser import WORD, find_term, fold
from recommendations.search.index import ORIGINAL
from recommendations.search.marking import Piece, mark, mark_excerpt
from recommendations.search.query import OF_SYNONYM
from recommendations.search.texts import search_catalogue
from recommendations.search.vocabulary import vocabulary_at
from tracker.models import EvidenceText, Record, Respondent, User
from tracker.models.answer_fields import TEXTS
from tracker.models.status import NO_INFORMATION
from tracker.models.user import Role
from tracker.queries.help import HelpHit
from tracker.queries.search import IN_FILES, READERS, Found, Reader
from tracker.queries.submissions.publication import published_submissions_of

HELP, SUBMISSION = "help", "submission"
FIRST = float("inf")  # score of a text whose label, or of a submission whose State was typed
MOST_NEAR = 4  # words and phrases
CLOSE = 0.7  # share of the letters of two words

# What is in a tab, in the order of the tabs.
KIND_TITLES: dict[str, str | Promise] = {
    TextKind.TEXT: gettext_lazy("Adopted texts"),
    TextKind.ANSWER: gettext_lazy("Answers of your team"),
    TextKind.COMMENT: gettext_lazy("Comments"),
    TextKind.EVIDENCE: gettext_lazy("Evidence"),
    SUBMISSION: gettext_lazy("Published submissions"),
    TextKind.SUBMITTED: gettext_lazy("Submitted answers"),
    TextKind.SEALED: gettext_lazy("Submitted evidence"),
    TextKind.PRACTICE: gettext_lazy("Good practices"),
    TextKind.FAMILY: gettext_lazy("Groups of similar recommendations"),
    TextKind.THEME: gettext_lazy("Themes"),
    TextKind.PROVISION: gettext_lazy("Treaty provisions"),
    HELP: gettext_lazy("Help"),
}

ORDER = {kind: place for place, kind in enumerate(KIND_TITLES)}


class FoundRow(NamedTuple):
    """What was found. `unit`: the recommendation that it is or answers; `status`: of the reader's State on it; `pages`:
    of a file in which words were found; `thing`: what was read of it through its licence.
    """

    kind: str
    key: int
    score: float
    language: str = ORIGINAL
    unit: Any = None
    status: str = ""
    pages: tuple[int, ...] = ()
    is_public: bool = False
    thing: Any = None

    @property
    def version(self) -> Any:
        """Return the version of an evidence item."""
        return self.thing.current if self.kind == TextKind.EVIDENCE else self.thing.citation.evidence_version

    @property
    def evidence_kind(self) -> str:
        return self.version.kind if self.kind in IN_FILES else ""


def title_kind(kind: str, reader: Reader) -> str | Promise:
    """Return the title of a tab: officers alone find answers that are not published."""
    if kind == TextKind.SUBMITTED and not (isinstance(reader, User) and reader.has_role(Role.REVIEWER)):
        return _("Published answers")
    return KIND_TITLES[kind]


class ShownHit(NamedTuple):
    """`what` says what it is and how it was found; `foot` is a line below the words."""

    url: str
    what: str
    title: list[Piece]
    words: list[Piece]
    language: str = ORIGINAL
    title_language: str = ""
    label: str = ""
    is_adopted: bool = False
    status: str = ""
    foot: str = ""


def list_found(found: Found, desk: Respondent | None, help_hits: Iterable[HelpHit]) -> list[FoundRow]:
    """Return everything that was found and may be read, the best first. `desk`: the reader's State, for the status of
    each text.

    What States wrote is read through its licence before it is counted: the index may be behind.
    """
    units = {node.pk: node for node in found.catalogue.nodes}
    statuses = _read_statuses(found.reader, desk)
    scores = {each.row.key: (each.score, each.row.language) for each in found.rows[TextKind.TEXT]}
    rows = [FoundRow(HELP, number, 0, thing=hit) for number, hit in enumerate(help_hits)]
    rows += [FoundRow(SUBMISSION, each.pk, FIRST, thing=each) for each in published_submissions_of(found.query)]
    for node in found.nodes:
        score, language = scores.get(node.pk, (FIRST, ORIGINAL))
        rows.append(FoundRow(TextKind.TEXT, node.pk, score, language, node, statuses.get(node.pk, "")))
    for kind in found.rows.keys() - {TextKind.TEXT}:
        things = _read_things(found, kind) if kind not in OF_CATALOGUE else {}
        rows += [
            FoundRow(
                kind,
                row.key,
                score,
                row.language,
                units.get(row.unit or 0),
                statuses.get(row.unit or 0, "") if kind == TextKind.ANSWER else "",
                found.pages.get((kind, row.key), ()),
                is_public=row.readers == TextReader.PUBLIC,
                thing=things.get(row.key),
            )
            for row, score, _covered in found.rows[kind]
            if row.key in things or kind in OF_CATALOGUE
        ]
    return sorted(rows, key=lambda row: (-row.score, ORDER[row.kind]))


def _read_things(found: Found, kind: str) -> dict[int, Any]:
    keys = {each.row.key for each in found.rows[kind]}
    return READERS[kind](found.reader, keys) if keys else {}


def _read_statuses(reader: Reader, desk: Respondent | None) -> dict[int, str]:
    """Return the statuses of the answers of a State by unit; for readers of all of them also where there is none."""
    if desk is None or not isinstance(reader, User):
        return {}
    records = Record.objects.visible_to(reader).filter(respondent=desk, recommendation=OuterRef("pk"))
    units = desk.units_to_answer().annotate(status=Subquery(records.values("current__status")[:1]))
    none = NO_INFORMATION if desk.pk in reader.whole_desks else ""
    return {unit: status or none for unit, status in units.values_list("pk", "status")}


def read_hits(found: Found, rows: Iterable[FoundRow]) -> list[ShownHit]:
    """Return the rows of a page with their words."""
    rows = list(rows)
    things: dict[str, dict[int, Any]] = {TextKind.TEXT: _read_texts(rows)}
    for kind in {row.kind for row in rows if not row.thing} - things.keys():
        things[kind] = READERS[kind](found.reader, {row.key for row in rows if row.kind == kind})
    sources = HitSources(found, _read_pages(rows))
    shown = ((row, row.thing or things[row.kind].get(row.key)) for row in rows)
    return [SHOWN[row.kind](sources, row, thing) for row, thing in shown if thing is not None]


class HitSources(NamedTuple):
    """`pages`: texts of files by key."""

    found: Found
    pages: dict[int, list[str]]

    def mark(self, text: str, language: str = ORIGINAL) -> list[Piece]:
        return mark(text, self.found.query, language)

    def cut(self, text: str, language: str = ORIGINAL) -> list[Piece]:
        return mark_excerpt(text, self.found.query, language)


def _read_texts(rows: list[FoundRow]) -> dict[int, str]:
    """Return the words of texts: of the language in which they were found."""
    texts = {row.key: row.unit.text for row in rows if row.kind == TextKind.TEXT and row.unit}
    others = {
        row.unit.current_wording_id: row
        for row in rows
        if row.kind == TextKind.TEXT and row.unit and row.language != ORIGINAL
    }
    if others:
        for translation in Translation.objects.filter(wording__in=others):
            if translation.language == others[translation.wording_id].language:
                texts[others[translation.wording_id].key] = translation.text
    return texts


def _read_pages(rows: list[FoundRow]) -> dict[int, list[str]]:
    """Read the texts of the files in which something was found."""
    files = [row.version.file for row in rows if row.pages and row.version.file]
    return dict(EvidenceText.objects.of_files(files).values_list("file", "pages")) if files else {}


def _show_text(sources: HitSources, row: FoundRow, text: str) -> ShownHit:
    node = row.unit
    meeting = node.meeting
    # Translators: meeting: name of a meeting, such as “Fourth meeting”; year: its year.
    what = _("Adopted text · %(meeting)s, %(year)s") % {"meeting": meeting.name, "year": meeting.starts.year}
    return ShownHit(
        url=node.get_absolute_url(),
        what=what,
        title=sources.mark(node.title),
        words=sources.cut(text, row.language),
        language=row.language,
        title_language=ORIGINAL,
        label=node.full_label,
        is_adopted=True,
        status=row.status,
        foot=_name_language(row.language),
    )


def _show_family(sources: HitSources, row: FoundRow, family: Any) -> ShownHit:
    return ShownHit(
        family.get_absolute_url(),
        _("Group of similar recommendations"),
        sources.mark(family.name),
        [],
        title_language=ORIGINAL,
    )


def _show_theme(sources: HitSources, row: FoundRow, theme: Any) -> ShownHit:
    return ShownHit(theme.get_absolute_url(), _("Theme"), sources.mark(theme.name), [], title_language=ORIGINAL)


def _show_provision(sources: HitSources, row: FoundRow, served: ServedProvision) -> ShownHit:
    """Lead to the theme or the text that serves the provision."""
    target: Any = served.theme or served.recommendation
    title = sources.mark(f"{served.provision}: {served.provision.title}")
    return ShownHit(target.get_absolute_url(), _("Treaty provision"), title, [])


def _show_submission(sources: HitSources, row: FoundRow, submission: Any) -> ShownHit:
    # Translators: reference: of a submission, such as XAA/2026/1; date: day on which it was submitted.
    what = _("Published submission %(reference)s · %(date)s")
    said = {"reference": submission.reference, "date": date_format(submission.sealed_at, "DATE_FORMAT")}
    return ShownHit(
        submission.get_public_url(),
        what % said,
        sources.mark(submission.respondent.name),
        [],
        foot=submission.round.full_title,
    )


def _show_practice(sources: HitSources, row: FoundRow, item: Any) -> ShownHit:
    # Translators: state: name of a State; date: day on which the answer was submitted.
    what = _("%(state)s · Good practice shared with other States · %(date)s")
    return _of_submission(sources, row, item, what, reverse("practice_unit", args=[row.unit.slug]), ["measures"])


def _show_submitted(sources: HitSources, row: FoundRow, item: Any) -> ShownHit:
    submission, slug = item.submission, row.unit.slug
    if row.is_public:
        # Translators: state: name of a State; date: day on which the answer was submitted.
        what = _("%(state)s · Published answer · %(date)s")
        url = f"{submission.get_public_url()}?unit={slug}#{slug}"
    else:
        # Translators: state: name of a State; date: day on which the answer was submitted.
        what = _("%(state)s · Submitted answer · %(date)s")
        codes = [submission.respondent.code, submission.round.code, submission.number]
        url = f"{reverse('submission_items', args=codes)}#{slug}"
    return _of_submission(sources, row, item, what, url, TEXTS)


def _of_submission(
    sources: HitSources, row: FoundRow, item: Any, what: str, url: str, names: Iterable[str]
) -> ShownHit:
    revision, submission = item.revision, item.submission
    return _of_unit(
        sources,
        row,
        url,
        what % {"state": submission.respondent.name, "date": date_format(submission.sealed_at, "DATE_FORMAT")},
        _paragraphs(revision, names),
        revision.language,
    )


def _show_answer(sources: HitSources, row: FoundRow, record: Any) -> ShownHit:
    revision = record.current
    said = {"state": record.respondent.name, "number": revision.number}
    if record.is_submitted:
        # Translators: state: name of a State; number: of a version of the answer.
        what = _("%(state)s · Answer, version %(number)s, submitted") % said
    else:
        # Translators: state: name of a State; number: of a version of the answer.
        what = _("%(state)s · Answer, version %(number)s, not yet submitted") % said
    words = "\n".join(filter(None, (_paragraphs(revision, TEXTS), record.note)))
    return _of_unit(sources, row, record.get_absolute_url(), what, words, revision.language)


def _show_comment(sources: HitSources, row: FoundRow, comment: Any) -> ShownHit:
    url = reverse("comment_list", args=[comment.respondent.code, comment.unit.slug])
    # Translators: state: name of a State; who: name of a person.
    what = _("%(state)s · Comment: %(who)s") % {"state": comment.respondent.name, "who": comment.author}
    return _of_unit(sources, row, url, what, comment.text, row.language)


def _show_evidence(sources: HitSources, row: FoundRow, evidence: Any) -> ShownHit:
    return _of_version(sources, row, evidence.get_absolute_url(), evidence.current)


def _show_sealed(sources: HitSources, row: FoundRow, piece: Any) -> ShownHit:
    submission, unit = piece.item.submission, piece.item.unit
    codes = [submission.respondent.code, submission.round.code, submission.number]
    url = f"{reverse('submission_items', args=codes)}#{unit.slug}"
    shown = _of_version(sources, row, url, piece.citation.evidence_version)
    # Translators: state: name of a State; label: label of a recommendation with its short title.
    foot = _("%(state)s · Submitted with %(label)s")
    return shown._replace(foot=foot % {"state": submission.respondent.name, "label": unit.label_with_title})


def _of_version(sources: HitSources, row: FoundRow, url: str, version: Any) -> ShownHit:
    pages = sources.pages.get(version.file_id, []) if row.pages else []
    found_in = [number for number in row.pages if number <= len(pages)]
    words = pages[found_in[0] - 1] if found_in else version.citation
    return ShownHit(
        url=url,
        what=_describe_version(version, found_in, is_paged=len(pages) > 1),
        title=sources.mark(version.title, version.language),
        words=sources.cut(words, version.language),
        language=version.language,
        foot=_name_language(version.language),
    )


def _describe_version(version: Any, found_in: list[int], *, is_paged: bool) -> str:
    said = {"kind": version.get_kind_display(), "form": version.form_and_size, "pages": format_list(found_in)}
    if not found_in:
        # Translators: kind: of the evidence, such as Law; form: such as PDF, 412 KB.
        return _("Evidence · %(kind)s · %(form)s") % said
    if not is_paged:
        # Translators: kind: of the evidence, such as Law; form: such as DOCX, 412 KB.
        return _("Evidence · %(kind)s · %(form)s · found in the file") % said
    what = ngettext(
        # Translators: kind: of the evidence, such as Law; form: such as PDF, 412 KB; pages: numbers of pages.
        "Evidence · %(kind)s · %(form)s · found on page %(pages)s",
        "Evidence · %(kind)s · %(form)s · found on pages %(pages)s",
        len(found_in),
    )
    return what % said


def _show_help(sources: HitSources, row: FoundRow, hit: HelpHit) -> ShownHit:
    return ShownHit(hit.url, _("Help"), sources.mark(hit.title), sources.mark(hit.excerpt), title_language=ORIGINAL)


def _of_unit(sources: HitSources, row: FoundRow, url: str, what: str, words: str, language: str) -> ShownHit:
    unit = row.unit
    return ShownHit(
        url=url,
        what=what,
        title=sources.mark(unit.title),
        words=sources.cut(words, language),
        language=language,
        title_language=ORIGINAL,
        label=unit.full_label,
        foot=_name_language(language),
    )


def _paragraphs(revision: Any, names: Iterable[str]) -> str:
    return "\n".join(filter(None, (getattr(revision, name) for name in names)))


def _name_language(code: str) -> str:
    return "" if code == ORIGINAL else OFFICIAL_LANGUAGES.get(code, "")


SHOWN: dict[str, Callable[[HitSources, FoundRow, Any], ShownHit]] = {
    TextKind.TEXT: _show_text,
    TextKind.FAMILY: _show_family,
    TextKind.THEME: _show_theme,
    TextKind.PROVISION: _show_provision,
    SUBMISSION: _show_submission,
    TextKind.PRACTICE: _show_practice,
    TextKind.SUBMITTED: _show_submitted,
    TextKind.ANSWER: _show_answer,
    TextKind.COMMENT: _show_comment,
    TextKind.EVIDENCE: _show_evidence,
    TextKind.SEALED: _show_sealed,
    HELP: _show_help,
}


# What was searched beside the words that were typed, and what is near them


def name_synonyms(found: Found) -> list[tuple[str, str]]:
    """Return the words typed, each with the words of the texts that were searched too."""
    synonyms = _synonyms_at(found.catalogue.stamp)
    named = []
    for group in found.query.groups:
        if any(each.weight == OF_SYNONYM for rows in group.alternatives.values() for each in rows):
            meanings = (synonyms.get((code, _terms_of(group.typed, code))) for code in OFFICIAL_LANGUAGES)
            if meaning := next(filter(None, meanings), None):
                named.append((group.typed, format_list(meaning)))
    return named


@lru_cache(maxsize=1)
def _synonyms_at(stamp: int | None) -> dict[tuple[str, tuple[str, ...]], list[str]]:
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for synonym in Synonym.objects.all():
        found.setdefault((synonym.language, _terms_of(synonym.words, synonym.language)), []).extend(
            synonym.meaning_list
        )
    return found


def _terms_of(words: str, language: str) -> tuple[str, ...]:
    return tuple(find_term(word, language) for word in WORD.findall(words))


def find_near(found: Found) -> list[str]:
    """Return words that find something where all of them together find nothing, and words of the texts like them."""
    query = found.query
    alone = [group.typed for group in query.groups if search_catalogue(replace(query, meeting=None, groups=[group]))]
    known = vocabulary_at(found.catalogue.stamp).words
    near = [
        like
        for word in WORD.findall(query.typed)
        if fold(word) not in known
        for like in get_close_matches(fold(word), known, n=2, cutoff=CLOSE)
    ]
    wanted = [query.corrections.get(typed, typed) for typed in alone] if len(query.groups) > 1 else []
    return list(dict.fromkeys([*wanted, *near]))[:MOST_NEAR]
