"""Read the front page of a document as issued, and compare the details of a draft with it."""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from django.db.models import Model, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.days import day_in_words
from recommendations.lists import format_list
from recommendations.models import Body, ImportedMeeting, ImportedParagraph, Paper, PaperImport, PaperKind
from recommendations.outline.labels import parse_label
from recommendations.outline.layout import CONTENTS
from recommendations.outline.outline import Reason
from recommendations.outline.source import PrintedPart, SourceParagraph
from recommendations.paper_import import notation

LONGEST = 40  # paragraphs
SHOWN = 500  # letters of each
COMPARED = 200  # paragraphs whose words say the language
SYMBOL = re.compile(
    r"(?<![\w/])[A-Z]{1,10}(?:/[A-Z0-9][A-Z0-9.-]*)+/(?:[A-Z]+\.)?[0-9]+(?:/(?:Add|Rev|Corr)\.[0-9]+)*(?![\w/])"
)
LIMITED = re.compile(r"/(?:L|CRP)\.[0-9]")
DRAFT = re.compile(r"\bdraft (?:report|recommendation|resolution|decision)s?\b", re.IGNORECASE)
TITLE = re.compile(r"(?:Draft )?(Report|Recommendation|Resolution|Decision)s?\b")
KINDS = {"Report": PaperKind.REPORT, "Resolution": PaperKind.RESOLUTION, "Decision": PaperKind.DECISION}
KIND_NAMES = {kind: {word.lower(), f"{word.lower()}s"} for word, kind in KINDS.items()}
KIND_NAMES[PaperKind.CONSOLIDATED_RECORD] = {"consolidated"}
ISSUED = re.compile(rf"(?:Distr\.: ?\w+ )?([0-9]{{1,2}} (?:{'|'.join(notation.MONTHS)}) [0-9]{{4}})")
PLACE = re.compile(rf"([A-Z][\w ]+), ({notation.DATES.pattern})")
HELD = re.compile(rf"\bheld in ([A-Z][\w ]{{1,60}}?) (?:on|from) ({notation.DATES.pattern})")
DETAILS = ("paper_symbol", "paper_title", "paper_date", "paper_kind")
A_YEAR = timedelta(days=366)
# A word of which each official language has many. Letters say the others.
LANGUAGES = {
    "en": re.compile(r"\b(?:the|of|and)\b", re.IGNORECASE),
    "fr": re.compile(r"\b(?:les|des|et)\b", re.IGNORECASE),
    "es": re.compile(r"\b(?:los|las|del|el)\b", re.IGNORECASE),
    "ar": re.compile("[\u0600-\u06ff\ufe70-\ufefc]+"),
    "ru": re.compile("[\u0400-\u04ff]+"),
    "zh": re.compile("[\u4e00-\u9fff]+"),
}
ABSENT, OTHER_BODY, IS_DRAFT, IN_FUTURE, FAR, KNOWN = "absent", "other_body", "draft", "future", "far", "known"
# Translators, all: words: a detail of the document, such as its symbol, title or date.
QUESTIONS = {
    ABSENT: _("The first page of the document does not have “%(words)s”. Check this detail."),
    OTHER_BODY: _("The first page of the document names another body: %(words)s. Check the body."),
    IS_DRAFT: _("The document may be a draft that was not adopted: “%(words)s”. Check that it was adopted."),
    IN_FUTURE: _("This day is in the future: %(words)s. Check the day."),
    FAR: _("The paper and its last meeting are more than a year apart: %(words)s. Check both dates."),
    KNOWN: _("The same document or symbol was imported before: %(words)s. Check that it is needed again."),
}
NOT_ENGLISH = _(
    "The document is not in English. Only an English document can be published as a paper. Add this document as "
    "official texts of its paper."
)


class Line(NamedTuple):
    """Hold a paragraph as printed. `page` counts from 1 and is 0 where the file has no pages."""

    label: str
    text: str
    page: int
    is_print_mark: bool = False

    @property
    def words(self) -> str:
        return " ".join(f"{self.label} {self.text[:SHOWN]}".split())


@dataclass(frozen=True)
class FirstPage:
    """Hold what is before the contents or the first numbered paragraph, on one page. `others`: running heads of the
    page, and the headings of meetings wherever they are. `language` is a code, empty where the words say none.
    """

    texts: list[str]
    others: list[str]
    language: str

    @classmethod
    def of_source(cls, source: Iterable[SourceParagraph]) -> "FirstPage":
        kinds = (PrintedPart.BODY, PrintedPart.PRINT_MARK)
        return cls._of_lines(
            Line(each.label, each.text, each.page, each.part == PrintedPart.PRINT_MARK)
            for each in source
            if each.part in kinds
        )

    @classmethod
    def of_draft(cls, paragraphs: Iterable[ImportedParagraph]) -> "FirstPage":
        return cls._of_lines(
            Line(each.printed, each.issued_text, each.page or 0, each.reason == Reason.PRINT_MARK)
            for each in paragraphs
            if each.reason != Reason.FOOTNOTE
        )

    @classmethod
    def _of_lines(cls, all_lines: Iterable[Line]) -> "FirstPage":
        lines = list(all_lines)
        body = [line for line in lines if not line.is_print_mark and line.words]
        marks = [line.words for line in lines if line.is_print_mark and line.page <= 1]
        headings = [line.words for line in body if len(line.words) < SHOWN and notation.parse_heading(line.words)]
        sample = " ".join(line.words for line in islice(body, COMPARED))
        counts = {code: len(words.findall(sample)) for code, words in LANGUAGES.items()}
        language = max(counts, key=counts.__getitem__)
        return cls(list(_front_texts(body)), [*marks, *headings], language if counts[language] else "")

    @cached_property
    def text(self) -> str:
        return "\n".join([*self.texts, *self.others])

    @cached_property
    def _words(self) -> str:
        return _plain_words(self.text)

    @cached_property
    def days(self) -> set[tuple[date, date]]:
        """Return the first and the last day of each period, a single day twice."""
        return {days for match in notation.DATES.finditer(self.text) if (days := notation.parse_days(match[0]))}

    @cached_property
    def meetings(self) -> set[int]:
        """Return the numbers of meetings that are named, in words or as the number of a heading."""
        headings = filter(None, map(notation.parse_heading, self.others))
        names = notation.MEETING_NAME.finditer(self.text)
        return {notation.meeting_number(name[1]) for name in names} | {heading.number for heading in headings}

    def has(self, words: str) -> bool:
        """Return whether these words follow one another, whatever the punctuation, capitals and lines."""
        return _plain_words(words) in self._words

    def has_symbol(self, symbol: str) -> bool:
        return re.search(rf"(?<![\w/.-]){re.escape(symbol)}(?![\w/])", self.text) is not None

    def find_bodies(self) -> list[Body]:
        return [body for body in Body.objects.all() if self.has(body.name)]


def _front_texts(body: Iterable[Line]) -> Iterator[str]:
    page = None
    for line in islice(body, LONGEST):
        text, page = line.words, line.page if page is None else page
        if line.page != page or line.label or CONTENTS.fullmatch(text) or parse_label(text):
            return
        yield text


def _plain_words(text: str) -> str:
    """Return the words between single spaces, without footnote marks, capitals and punctuation."""
    plain = unicodedata.normalize("NFKC", notation.MARK.sub(" ", text)).replace("\N{SOFT HYPHEN}", "").casefold()
    return f" {' '.join(re.findall(r'[^\W_]+', plain))} "


@dataclass(frozen=True)
class Cover:
    """Hold what was found; what was not is empty."""

    paper_symbol: str
    paper_title: str
    paper_date: date | None
    paper_kind: str
    meeting: notation.ParsedMeeting | None
    language: str
    digest: str

    def complete(self, paper_import: PaperImport) -> None:
        """Fill in the details that nobody entered."""
        for name in DETAILS:
            if not getattr(paper_import, name):
                setattr(paper_import, name, getattr(self, name))
        paper_import.language = self.language or paper_import.language
        paper_import.digest = self.digest


def read_cover(source: Collection[SourceParagraph]) -> Cover:
    page = FirstPage.of_source(source)
    texts = page.texts
    symbols = SYMBOL.findall(page.text)
    days = [match[1] for text in texts if (match := ISSUED.fullmatch(text))]
    title = TITLE.match(texts[-1]) if texts else None
    return Cover(
        paper_symbol=symbols[0] if symbols else "",
        paper_title=texts[-1][: PaperImport._meta.get_field("paper_title").max_length] if title else "",
        paper_date=_parse_day(days[0]) if days else None,
        paper_kind=KINDS.get(title[1], "") if title else "",
        meeting=_find_meeting(texts),
        language=page.language,
        digest=hashlib.sha256("\n".join(each.text for each in source).encode()).hexdigest(),
    )


def _parse_day(words: str) -> date | None:
    days = notation.parse_days(words)
    return days[0] if days else None


def _find_meeting(texts: Iterable[str]) -> notation.ParsedMeeting | None:
    names = [match[0] for text in texts if (match := notation.MEETING_NAME.search(text))]
    places = [match for text in texts if (match := PLACE.fullmatch(text) or HELD.search(text))]
    if not names or not places:
        return None
    return notation.parse_heading(f"{names[0][:1].upper()}{names[0][1:]}, {places[0][1]}, {places[0][2]}")


class DetailDoubt(NamedTuple):
    """Ask about a detail of a draft, or a part of it such as `meeting_9.place`. `value` is what a person confirms:
    another value is asked about again. `words` name the value in the question where the value itself cannot.
    """

    detail: str
    question: str
    value: str
    words: str = ""

    @property
    def key(self) -> str:
        return f"{self.detail}-{self.question}"

    @property
    def field(self) -> str:
        return self.detail.partition(".")[0]

    def __str__(self) -> str:
        return str(QUESTIONS[self.question]) % {"words": self.words or self.value}

    def is_confirmed(self, draft: PaperImport) -> bool:
        return draft.confirmed.get(self.key) == self.value


def detail_problems(draft: PaperImport, page: FirstPage) -> list[str | Promise]:
    """Say why the details of a draft cannot be published. Details that are missing are not among the reasons."""
    if draft.is_published:
        return []
    doubts = [str(doubt) for doubt in find_doubts(draft, page) if not doubt.is_confirmed(draft)]
    return [*([NOT_ENGLISH] if draft.language != "en" else []), *doubts]


def find_doubts(draft: PaperImport, page: FirstPage) -> list[DetailDoubt]:
    """Return the doubts about the details that a draft has, with those that a person confirmed."""
    meetings = list(draft.meetings.all())
    found = [
        *_doubts_of_meetings(meetings, page),
        *_doubts_of_days(draft, meetings),
        *_doubts_of_paper(draft, page),
        *_doubts_of_bodies(draft, page),
        *_doubts_of_others(draft),
    ]
    return [doubt for doubt in found if doubt.value]


def _doubts_of_paper(draft: PaperImport, page: FirstPage) -> Iterator[DetailDoubt]:
    symbol, title, kind, day = draft.paper_symbol, draft.paper_title, draft.paper_kind, draft.paper_date
    if not page.has(draft.name_of_body):
        yield DetailDoubt("body", ABSENT, draft.name_of_body)
    if not page.has(draft.body_parent):
        yield DetailDoubt("body_parent", ABSENT, draft.body_parent)
    if not page.has_symbol(symbol):
        yield DetailDoubt("paper_symbol", ABSENT, symbol)
    if LIMITED.search(symbol):
        yield DetailDoubt("paper_symbol", IS_DRAFT, symbol)
    if not page.has(title):
        yield DetailDoubt("paper_title", ABSENT, title)
    if match := DRAFT.search(f"{title}\n{page.text}"):
        yield DetailDoubt("paper_title", IS_DRAFT, title, match[0])
    if day and (day, day) not in page.days:
        yield DetailDoubt("paper_date", ABSENT, str(day), day_in_words(day))
    if kind not in (_named_kinds(title) or _named_kinds(page.text)):
        yield DetailDoubt("paper_kind", ABSENT, kind, draft.get_paper_kind_display())
    if draft.language != page.language:
        yield DetailDoubt("language", ABSENT, draft.language, draft.get_language_display())


def _named_kinds(text: str) -> set[str]:
    words = set(_plain_words(text).split())
    return {kind for kind, names in KIND_NAMES.items() if words & names}


def _doubts_of_meetings(meetings: Iterable[ImportedMeeting], page: FirstPage) -> Iterator[DetailDoubt]:
    for meeting in meetings:
        name, _comma, rest = meeting.heading.partition(", ")
        numbered = f"{meeting.roman}. {name}"
        detail = f"meeting_{meeting.number}"
        if meeting.number not in page.meetings or not page.has(name):
            yield DetailDoubt(f"{detail}.name", ABSENT, numbered)
        if not page.has(meeting.place):
            yield DetailDoubt(f"{detail}.place", ABSENT, meeting.place)
        if (meeting.starts, meeting.ends) not in page.days:
            yield DetailDoubt(f"{detail}.days", ABSENT, rest.removeprefix(f"{meeting.place}, "))


def _doubts_of_days(draft: PaperImport, meetings: Collection[ImportedMeeting]) -> Iterator[DetailDoubt]:
    days = {"paper_date": draft.paper_date} | {f"meeting_{meeting.number}.days": meeting.ends for meeting in meetings}
    for detail, day in days.items():
        if day and day > timezone.localdate():
            yield DetailDoubt(detail, IN_FUTURE, str(day), day_in_words(day))
    last = max((meeting.ends for meeting in meetings), default=None)
    if draft.paper_date and last and abs(draft.paper_date - last) > A_YEAR:
        both = (last, draft.paper_date)
        yield DetailDoubt("paper_date", FAR, " ".join(map(str, both)), format_list(map(day_in_words, both)))


def _doubts_of_bodies(draft: PaperImport, page: FirstPage) -> Iterator[DetailDoubt]:
    """Ask where the page names another body of the list. The parent of the body is named on each of its documents."""
    parent = draft.body.parent_name if draft.body else draft.body_parent
    others = [body.name for body in page.find_bodies() if body != draft.body and body.name != parent]
    if others and draft.name_of_body:
        yield DetailDoubt("body", OTHER_BODY, "\n".join([draft.name_of_body, *others]), format_list(others))


def _doubts_of_others(draft: PaperImport) -> Iterator[DetailDoubt]:
    """Ask where another import has the same words or the same symbol, or the catalogue has the symbol."""
    symbol = Q(paper_symbol=draft.paper_symbol) & ~Q(paper_symbol="")
    imports = PaperImport.objects.filter(Q(digest=draft.digest) & ~Q(digest="") | symbol, retracted_at=None)
    papers = Paper.objects.filter(symbol=draft.paper_symbol).exclude(symbol="")
    others: list[Model] = [*imports.exclude(pk=draft.pk).defer("document")] or [*papers]
    if others:
        keys = [f"{other._meta.model_name} {other.pk}" for other in others]
        yield DetailDoubt("paper_symbol", KNOWN, "\n".join(keys), format_list(dict.fromkeys(map(str, others))))
