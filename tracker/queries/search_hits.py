"""Show what a search found with its words: what it is, where it leads, and the words found in it marked."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.lists import format_list
from recommendations.models import OFFICIAL_LANGUAGES, ServedProvision, TextKind
from recommendations.search.index import ORIGINAL
from recommendations.search.marking import Piece, mark, mark_excerpt
from recommendations.search.texts import things_at
from tracker.models import EvidenceText
from tracker.models.answer_fields import PUBLISHED_TEXTS, TEXTS
from tracker.queries.help import HelpHit
from tracker.queries.search import Found
from tracker.queries.search_page import HELP, SUBMISSION, FoundRow


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


def read_hits(found: Found, rows: Iterable[FoundRow]) -> list[ShownHit]:
    """Return the rows of a page with their words."""
    rows = list(rows)
    things = things_at(found.catalogue.stamp)
    by_kind: dict[str, dict[int, Any]] = {
        TextKind.FAMILY: things.families,
        TextKind.THEME: things.themes,
        TextKind.PROVISION: things.served,
    }
    sources = HitSources(found, _read_pages(rows), things.translations)
    shown = ((row, row.thing or by_kind.get(row.kind, {}).get(row.key)) for row in rows)
    return [SHOWN[row.kind](sources, row, thing) for row, thing in shown if thing or row.kind == TextKind.TEXT]


class HitSources(NamedTuple):
    """`pages`: texts of files by key. `translations`: of adopted texts, by wording and language."""

    found: Found
    pages: dict[int, list[str]]
    translations: dict[tuple[int, str], str]

    def mark(self, text: str, language: str = ORIGINAL) -> list[Piece]:
        return mark(text, self.found.query, language)

    def cut(self, text: str, language: str = ORIGINAL) -> list[Piece]:
        return mark_excerpt(text, self.found.query, language)


def _read_pages(rows: list[FoundRow]) -> dict[int, list[str]]:
    """Read the texts of the files in which something was found."""
    files = [row.version.file for row in rows if row.pages and row.version.file]
    return dict(EvidenceText.objects.of_files(files).values_list("file", "pages")) if files else {}


def _show_text(sources: HitSources, row: FoundRow, _thing: None) -> ShownHit:
    """Show the words in the language in which they were found."""
    node = row.unit
    meeting = node.meeting
    text = node.text
    if row.language != ORIGINAL:
        text = sources.translations.get((node.current_wording_id, row.language), "")
    # Translators: meeting: name of a meeting, such as “Fourth meeting”; year: its year.
    what = _("Adopted text · %(meeting)s, %(year)s") % {"meeting": meeting.name, "year": meeting.starts.year}
    return ShownHit(
        url=node.get_absolute_url(),
        what=what,
        title=sources.mark(node.title),
        words=sources.cut(text, row.language),
        language=row.language,
        title_language=ORIGINAL,
        label=node.full_shown_label,
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
        foot=submission.round.full_name,
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
    return _of_submission(sources, row, item, what, url, PUBLISHED_TEXTS)


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
        label=unit.full_shown_label,
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
