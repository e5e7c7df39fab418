"""Read the front page of a document as issued, and compare the details of a draft with it."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import takewhile
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
from recommendations.outline.source import SourceParagraph
from recommendations.paper_import import notation

LONGEST = 40  # paragraphs
SHOWN = 500  # letters of each
COMPARED = 200  # paragraphs whose words say the language
NOT_OF_THE_TEXT = (Reason.PRINT_MARK, Reason.FOOTNOTE, Reason.UNREAD)
SENTENCE = re.compile(r"(?:\S+ ){10,}\S+\.")
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
# Words of which a text in the language has many, or its letters.
LANGUAGES = {
    "en": re.compile(r"\b(?:the|of|and)\b", re.IGNORECASE),
    "fr": re.compile(r"\b(?:les|des|du|le|et|pour)\b", re.IGNORECASE),
    "es": re.compile(r"\b(?:los|las|del|el|para|y)\b", re.IGNORECASE),
    "ar": re.compile("[\u0600-\u06ff\ufe70-\ufefc]+"),
    "ru": re.compile("[\u0400-\u04ff]+"),
    "zh": re.compile("[\u4e00-\u9fff]+"),
}
ABSENT, OTHER_BODY, OTHER_LANGUAGE, IS_DRAFT = "absent", "other_body", "other_language", "draft"
IN_FUTURE, FAR, KNOWN = "future", "far", "known"
QUESTIONS = {
    # Translators: words: a detail of the document, such as its symbol, title or date.
    ABSENT: _("The first page of the document does not have “%(words)s”. Check this detail."),
    # Translators: words: names of one or more bodies, such as working groups.
    OTHER_BODY: _("The first page of the document names another body: %(words)s. Check the body."),
    # Translators: words: name of a language.
    OTHER_LANGUAGE: _("The words of the document are not in this language: %(words)s. Check the language."),
    # Translators: words: what says so, such as “Draft report” or a symbol.
    IS_DRAFT: _("The document may be a draft that was not adopted: “%(words)s”. Check that it was adopted."),
    # Translators: words: a date.
    IN_FUTURE: _("This day is in the future: %(words)s. Check the day."),
    # Translators: words: two dates.
    FAR: _("The paper and its last meeting are more than a year apart: %(words)s. Check both dates."),
    # Translators: words: titles of one or more papers.
    KNOWN: _("The same document or symbol was imported before: %(words)s. Check that it is needed again."),
}
NOT_ENGLISH = _(
    "The document is not in English. Only an English document can be published as a paper. Add this document as "
    "official texts of its paper."
)


@dataclass(frozen=True)
class FirstPage:
    """Hold what is before the contents, the first numbered paragraph or the first sentence, on one page. `others`:
    running heads of the page, and headings of meetings wherever they are. `language` is a code, or empty.
    """

    texts: list[str]
    others: list[str]
    language: str

    @classmethod
    def read(cls, paragraphs: Iterable[ImportedParagraph]) -> "FirstPage":
        printed = [(each, " ".join(f"{each.printed} {each.issued_text[:SHOWN]}".split())) for each in paragraphs]
        marks = [words for each, words in printed if each.reason == Reason.PRINT_MARK and (each.page or 1) == 1]
        body = [(each, words) for each, words in printed if words and each.reason not in NOT_OF_THE_TEXT]
        headings = [words for _each, words in body if notation.parse_heading(words)]
        first = min((each.page or 0 for each, _words in body), default=0)
        page = [pair for pair in body if (pair[0].page or 0) == first]
        front = takewhile(lambda pair: _is_front(*pair), page[:LONGEST])
        sample = " ".join(words for _each, words in body[:COMPARED])
        counts = {code: len(words.findall(sample)) for code, words in LANGUAGES.items()}
        language = max(counts, key=counts.__getitem__)
        return cls([words for _each, words in front], [*marks, *headings], language if counts[language] else "")

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
    def numbers(self) -> set[int]:
        """Return the numbers of the meetings that are named, in words or by the numeral of a heading."""
        headings = filter(None, map(notation.parse_heading, self.others))
        names = notation.MEETING_NAME.finditer(self.text)
        return {notation.meeting_number(name[1]) for name in names} | {heading.number for heading in headings}

    @property
    def meeting(self) -> notation.ParsedMeeting | None:
        name = notation.MEETING_NAME.search(self.text)
        place = next(filter(None, (PLACE.fullmatch(text) or HELD.search(text) for text in self.texts)), None)
        if not name or not place:
            return None
        return notation.parse_heading(f"{name[0][:1].upper()}{name[0][1:]}, {place[1]}, {place[2]}")

    def has(self, words: str) -> bool:
        """Return whether these words follow one another, whatever the punctuation, capitals and lines."""
        return _plain_words(words) in self._words

    def has_symbol(self, symbol: str) -> bool:
        return re.search(rf"(?<![\w/.-]){re.escape(symbol)}(?![\w/])", self.text) is not None

    @cached_property
    def bodies(self) -> list[Body]:
        """Return the bodies of the list that are named."""
        return [body for body in Body.objects.all() if self.has(body.name)]

    def complete(self, draft: PaperImport) -> None:
        """Fill in the details that nobody entered."""
        symbol = SYMBOL.search(self.text)
        issued = [notation.parse_days(match[1]) for text in self.texts if (match := ISSUED.fullmatch(text))]
        title = TITLE.match(self.texts[-1]) if self.texts else None
        if symbol:
            draft.paper_symbol = draft.paper_symbol or symbol[0][: draft._meta.get_field("paper_symbol").max_length]
        if issued and issued[0]:
            draft.paper_date = draft.paper_date or issued[0][0]
        if title:
            draft.paper_title = draft.paper_title or title.string[: draft._meta.get_field("paper_title").max_length]
            draft.paper_kind = draft.paper_kind or KINDS.get(title[1], "")
        draft.language = self.language or draft.language


def read_first_page(source: Iterable[SourceParagraph]) -> FirstPage:
    """Read the first page of a document that is no draft yet."""
    return FirstPage.read(
        ImportedParagraph(printed=each.label, issued=each.text, page=each.page or None, reason=each.part)
        for each in source
    )


def _is_front(paragraph: ImportedParagraph, words: str) -> bool:
    return not (paragraph.printed or CONTENTS.fullmatch(words) or SENTENCE.fullmatch(words) or parse_label(words))


def _plain_words(text: str) -> str:
    """Return the words between single spaces, without footnote marks, capitals and punctuation."""
    plain = unicodedata.normalize("NFKC", notation.MARK.sub(" ", text)).replace("\N{SOFT HYPHEN}", "").casefold()
    return f" {' '.join(re.findall(r'[^\W_]+', plain))} "


class DetailDoubt(NamedTuple):
    """Ask about a detail of a draft, or a part of it such as `headings.9.place`. `value` is what a person confirms:
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


def detail_problems(draft: PaperImport, doubts: Iterable[DetailDoubt]) -> list[str | Promise]:
    """Say why the details of a draft cannot be published. Details that are missing are not among the reasons."""
    language: list[str | Promise] = [NOT_ENGLISH] if draft.language != "en" else []
    return language + [str(doubt) for doubt in doubts if not doubt.is_confirmed(draft)]


def find_doubts(draft: PaperImport, meetings: Collection[ImportedMeeting], page: FirstPage) -> list[DetailDoubt]:
    """Return the doubts about the details that a draft has, with those that a person confirmed; none once published."""
    if draft.is_published:
        return []
    found = [
        *_compare_body(draft, page),
        *(doubt for meeting in meetings for doubt in _compare_meeting(meeting, page)),
        *_compare_paper(draft, page),
        *_compare_days(draft, meetings),
        *_find_others(draft),
    ]
    return [doubt for doubt in found if doubt.value]


def _compare_body(draft: PaperImport, page: FirstPage) -> Iterator[DetailDoubt]:
    """Ask also where the page names another body of the list, but the parent, which all documents of a body name."""
    name, parent = draft.name_of_body, draft.body.parent_name if draft.body else draft.body_parent
    others = [body.name for body in page.bodies if body.name not in (name, parent)]
    if not page.has(name):
        yield DetailDoubt("body", ABSENT, name)
    elif others:
        yield DetailDoubt("body", OTHER_BODY, "\n".join([name, *others]), format_list(others))
    if not page.has(draft.body_parent):
        yield DetailDoubt("body_parent", ABSENT, draft.body_parent)


def _compare_meeting(meeting: ImportedMeeting, page: FirstPage) -> Iterator[DetailDoubt]:
    name, _comma, rest = meeting.heading.partition(", ")
    detail = f"headings.{meeting.number}"
    if meeting.number not in page.numbers or not page.has(name):
        yield DetailDoubt(f"{detail}.name", ABSENT, f"{meeting.roman}. {name}")
    if not page.has(meeting.place):
        yield DetailDoubt(f"{detail}.place", ABSENT, meeting.place)
    if (meeting.starts, meeting.ends) not in page.days:
        yield DetailDoubt(f"{detail}.days", ABSENT, rest.removeprefix(f"{meeting.place}, "))


def _compare_paper(draft: PaperImport, page: FirstPage) -> Iterator[DetailDoubt]:
    symbol, title, kind, day = draft.paper_symbol, draft.paper_title, draft.paper_kind, draft.paper_date
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
        yield DetailDoubt("language", OTHER_LANGUAGE, draft.language, draft.get_language_display())


def _named_kinds(text: str) -> set[str]:
    words = set(_plain_words(text).split())
    return {kind for kind, names in KIND_NAMES.items() if words & names}


def _compare_days(draft: PaperImport, meetings: Collection[ImportedMeeting]) -> Iterator[DetailDoubt]:
    days = {"paper_date": draft.paper_date} | {f"headings.{meeting.number}": meeting.ends for meeting in meetings}
    for detail, day in days.items():
        if day and day > timezone.localdate():
            yield DetailDoubt(detail, IN_FUTURE, str(day), day_in_words(day))
    last = max((meeting.ends for meeting in meetings), default=None)
    if draft.paper_date and last and abs(draft.paper_date - last) > A_YEAR:
        both = (last, draft.paper_date)
        yield DetailDoubt("paper_date", FAR, " ".join(map(str, both)), format_list(map(day_in_words, both)))


def _find_others(draft: PaperImport) -> Iterator[DetailDoubt]:
    """Ask where an earlier or a published import has the same words or symbol, or the catalogue has the symbol."""
    has_symbol = Q(paper_symbol=draft.paper_symbol) & ~Q(paper_symbol="")
    is_same = Q(digest=draft.digest) & ~Q(digest="") | has_symbol
    is_before = Q(pk__lt=draft.pk) | Q(published_at__isnull=False)
    imports = PaperImport.objects.filter(is_same, is_before, retracted_at=None).defer("document")
    others: list[Model] = [*imports] or [*Paper.objects.filter(symbol=draft.paper_symbol).exclude(symbol="")]
    if others:
        keys = [f"{other._meta.model_name} {other.pk}" for other in others]
        yield DetailDoubt("paper_symbol", KNOWN, "\n".join(keys), format_list(dict.fromkeys(map(str, others))))
