"""Read the paragraphs of a document into an outline: what each is, and which are texts of a paper. No Django.

Chapters say what their paragraphs are for; labels say how deep a paragraph is; words say whom a text addresses. No
paragraph is dropped: what is no text is left out for a reason.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from recommendations.outline.asks import NOTHING, Above, Asks, Speaker, asks_of, find_clauses, finds_clause, names_topic
from recommendations.outline.chapters import Zone, names_recommendations, zone_inside, zone_of_chapter
from recommendations.outline.labels import Family, Label, as_roman, bare_label, label_length, parse_label
from recommendations.outline.source import Note, Part, Run, SourceParagraph, cut_runs

ENDED = re.compile(r".*[.:;!?][\"'”’»)\]]*|.*[;,] (?:and|or)", re.DOTALL)
CONTENTS_TITLE = re.compile(r"(?:table of )?contents", re.IGNORECASE)
CONTENTS_ENTRY = re.compile(r".*(?:[.…·\s_]{2,}|\s)[0-9ivx]{1,4}|page", re.IGNORECASE | re.DOTALL)
LEADERS = re.compile(r"[.…·_ ]{4,}[0-9ivx]{1,4}$")
CHAPTER_WORDS = 6  # of a heading of a chapter without a number
HEADING_WORDS, SENTENCE_WORDS = 30, 40
# A paragraph that presents the recommendations, and is none.
PRESENTS = re.compile(
    r"\b(?:recommendations?|resolutions?|decisions?|conclusions)\b.{0,120}\b(?:below|following|present(?:ed|s)?|contained|set out|"
    r"adopted|agreed|listed|reproduced|as follows|read as follows)\b|\b(?:adopted|agreed|made|endorsed|following|approved)\b.{0,80}"
    r"\brecommendations?\b|\b(?:contains?|sets? out|presents?|lists?|reproduces?)\b.{0,60}\brecommendations?\b",
    re.IGNORECASE | re.DOTALL,
)
# A paragraph that says what was said.
TELLS = re.compile(
    r"^(?:[^,.;]{1,80}, )?(?:(?:several|many|some|most|a number of|other|one|another|two|the|a) )?(?:\w+ )?"
    r"(?:speakers?|delegations?|participants?|panell?ists?|representatives?|observers?|chair(?:person)?|facilitator|moderator|experts?)\b"
    r"[^.;:]{0,120} (?:\w+ed|said|spoke|drew|gave|made|held|thought|felt|were of the view)\b"
    r"|^it was (?:noted|said|stressed|mentioned|pointed out|observed|emphasized|underlined|explained|recalled|suggested|reported)\b"
    r"|^(?:the )?(?:view|concern|opinion)s? (?:was|were) expressed",
    re.IGNORECASE,
)
# What a body concluded, where a chapter has conclusions as well as recommendations.
CONCLUDES = re.compile(
    r"^(?:[^,.;]{1,120}, )?the (?:working group|conference|meeting|expert group|group|commission|committee)[^.;:]{0,60} "
    r"(?:noted|concluded|observed|considered|acknowledged|welcomed|recognized|took note|expressed|heard|discussed|agreed that the|was of the view)\b",
    re.IGNORECASE,
)
BARE_NUMBER = re.compile(r"[1-9][0-9]{0,2}(?: (?:bis|ter|quater))?")
BODY_SPEAKS = re.compile(
    r"The (?:Conference|General Assembly|Economic and Social Council|Commission|Security Council|Assembly|Council|Working Group)\b[^.;:]*,"
)
FUNCTION_WORD = re.compile(
    r"(?:^|\s)(?:of|the|a|an|in|on|at|to|for|by|with|and|or|that|which|from|as|its|their|under|this)$"
)


NAMES_THEM = re.compile(r"recommend", re.IGNORECASE)
INSIDE = (Zone.RECOMMENDATIONS, Zone.MIXED)


class Kind(StrEnum):
    CHAPEAU = "chapeau"
    RECOMMENDATION = "recommendation"
    TOPIC = "topic"
    LEFT_OUT = "left_out"


TEXTS = (Kind.CHAPEAU, Kind.RECOMMENDATION, Kind.TOPIC)


class Reason(StrEnum):
    """Why a paragraph is no text of the paper."""

    PRINT_MARK = "print_mark"
    MASTHEAD = "masthead"
    CONTENTS = "contents"
    HEADING = "heading"
    LABEL = "label"
    TABLE = "table"
    INTRODUCTION = "introduction"
    PREAMBLE = "preamble"
    SUMMARY = "summary"
    CONCLUSIONS = "conclusions"
    PROCEDURE = "procedure"
    ANNEX = "annex"
    FOOTNOTE = "footnote"


class DoubtCode(StrEnum):
    """What a curator must decide on. `text`: which words are one; the others are of what a text says."""

    GAP = "gap"  # numbers are missing before it
    ORDER = "order"  # the number repeats, or goes backwards
    CUT = "cut"  # it does not end as a paragraph does
    JOINED = "joined"  # a hyphen at the end of a line was left out
    FOOTNOTE_ALONE = "footnote_alone"  # no text has the mark of this footnote
    NOBODY = "nobody"  # it is a text, and addresses nobody
    ASKS = "asks"  # it is left out, and asks somebody for something
    NOT_NUMBERED = "not_numbered"  # it has no label among texts that have one
    TWO_ADDRESSEES = "two_addressees"
    IMPLIED = "implied"


IN_DOUBT = {DoubtCode.ORDER, DoubtCode.CUT, DoubtCode.FOOTNOTE_ALONE, DoubtCode.ASKS, DoubtCode.NOT_NUMBERED}


@dataclass(frozen=True)
class Doubt:
    """`words` are those in question, at `offset` in the text."""

    code: DoubtCode
    words: str = ""
    offset: int = 0


@dataclass
class OutlineParagraph:
    """A paragraph of the document, or a print mark.

    `number` counts from 1 in the order of the document. `label` is as printed, `name` a suggested label, unique among the
    texts. `parent` is the number of the text above, `topics` are those of the headings above. `depth` is that of a text
    below its first paragraph, or of a heading below a chapter, from 0.
    """

    number: int
    label: str
    runs: list[Run]
    notes: list[Note]
    page: int
    kind: Kind = Kind.LEFT_OUT
    reason: Reason | None = None
    depth: int = 0
    parent: int | None = None
    topics: tuple[int, ...] = ()
    name: str = ""
    is_topic: bool = False
    asks: Asks = NOTHING
    doubts: list[Doubt] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)

    @property
    def is_text(self) -> bool:
        return self.kind in TEXTS

    @property
    def words(self) -> int:
        """Count the words with those of the label and of the footnotes."""
        notes = (f"{note.mark} {note.text}" for note in self.notes)
        return sum(len(each.split()) for each in (self.label, self.text, *notes))


@dataclass(frozen=True)
class Coverage:
    words: int
    in_texts: int
    left_out: int
    in_doubt: int


@dataclass
class Outline:
    """`begins` and `ends` are the numbers of the first and the last paragraph of the recommendations, if any."""

    paragraphs: list[OutlineParagraph]
    begins: int | None
    ends: int | None

    @property
    def texts(self) -> list[OutlineParagraph]:
        return [paragraph for paragraph in self.paragraphs if paragraph.is_text]

    def find(self, number: int) -> OutlineParagraph:
        return self.paragraphs[number - 1]

    def topic_heading(self, paragraph: OutlineParagraph) -> str:
        headings = (self.find(number) for number in paragraph.topics)
        return " > ".join(f"{heading.label} {heading.text}".strip() for heading in headings)

    @property
    def coverage(self) -> Coverage:
        texts = left_out = in_doubt = 0
        for paragraph in self.paragraphs:
            if any(doubt.code in IN_DOUBT for doubt in paragraph.doubts):
                in_doubt += paragraph.words
            elif paragraph.is_text:
                texts += paragraph.words
            else:
                left_out += paragraph.words
        return Coverage(texts + left_out + in_doubt, texts, left_out, in_doubt)


@dataclass
class Draft:
    """A paragraph while the outline is made. `printed` is its label, also where a heading before it has the label."""

    source: SourceParagraph
    label: Label | None
    printed: str
    runs: list[Run]
    notes: list[Note]
    rank: int = 0  # of a heading, from 1; 0 for others
    zone: Zone = Zone.UNKNOWN
    in_text: bool = False  # of a resolution or decision
    reason: Reason | None = None
    is_text: bool = False
    topics: tuple[int, ...] = ()
    parent: "Draft | None" = None
    key: tuple = ()
    piece: str = ""
    depth: int = 0
    children: int = 0
    asks: Asks = NOTHING
    is_topic: bool = False
    text_name: str = ""
    doubts: list[Doubt] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)

    @property
    def family(self) -> Family | None:
        return self.label.family if self.label else None

    @property
    def is_ended(self) -> bool:
        return bool(ENDED.fullmatch(self.text))

    @property
    def is_short(self) -> bool:
        return len(self.text.split()) <= HEADING_WORDS


def read_outline(sources: Iterable[SourceParagraph]) -> Outline:
    return OutlineReader(sources).read()


class OutlineReader:
    def __init__(self, sources: Iterable[SourceParagraph]):
        self.drafts = list(_join_cut(_split_labels(sources)))
        self.body = [draft for draft in self.drafts if draft.source.part == Part.BODY]
        self.size = self._body_size()
        families = {draft.family for draft in self.body}
        self.items = ITEMS if Family.NUMBER in families else ITEMS - {Family.BRACKETED}
        self.has_looks = any(draft.source.is_bold or draft.source.heading for draft in self.body)

    def _body_size(self) -> float:
        sizes = Counter[float]()
        for draft in self.body:
            sizes[draft.source.size] += len(draft.text)
        return sizes.most_common(1)[0][0] if sizes else 0

    def read(self) -> Outline:
        self.find_print_marks()
        self.find_headings()
        self.find_front()
        self.find_zones()
        self.find_texts()
        self.attach_labels()
        self.find_parents()
        self.find_topics()
        self.annotate()
        return self.write()

    # What is not the body of the document

    def find_print_marks(self) -> None:
        for draft in self.drafts:
            if draft.source.part == Part.PRINT_MARK:
                draft.reason = Reason.PRINT_MARK
            elif draft.source.part == Part.FOOTNOTE:
                draft.reason = Reason.FOOTNOTE
                draft.doubts.append(Doubt(DoubtCode.FOOTNOTE_ALONE, draft.text[:300]))

    def find_headings(self) -> None:
        for index, draft in enumerate(self.body):
            after = self.body[index + 1] if index + 1 < len(self.body) else None
            if draft.source.is_contents or LEADERS.search(draft.text):
                draft.reason = Reason.CONTENTS
            elif self.is_heading(draft, after):
                draft.rank = 9
        self.rank_headings()

    def is_heading(self, draft: Draft, after: Draft | None) -> bool:
        source, family = draft.source, draft.family
        if not draft.text:
            return family in (Family.TEXT, Family.ANNEX)
        if not draft.is_short or draft.text.endswith((".", ";", ":", ",")):
            return False
        if family in (Family.TEXT, Family.ANNEX):
            return True
        if family in (Family.BULLET, Family.DASH, Family.ROMAN, Family.BRACKETED) or source.cell:
            return family is None and bool(source.heading)
        if source.heading or source.is_bold or (source.size > self.size + 1 and self.size):
            return family != Family.LETTER or not source.label
        if family in (Family.CHAPTER, Family.SECTION):
            return True
        if draft.text.isupper() and len(draft.text) > 6:
            return True
        if self.has_looks or family == Family.LETTER or (after and after.text[:1].islower()):
            return False
        return family is not None or draft.text[:1].isupper()

    def rank_headings(self) -> None:
        """Rank headings by their labels, and those without by size: beside one of the same size, or below."""
        ranks = {
            Family.TEXT: 1,
            Family.ANNEX: 1,
            Family.CHAPTER: 1,
            Family.SECTION: 2,
            Family.NUMBER: 3,
            Family.LETTER: 4,
        }
        ranks[Family.NAMED] = 5
        headings = [draft for draft in self.body if draft.rank]
        _find_section_i(headings)
        families = {draft.family for draft in headings}
        if Family.CHAPTER not in families and Family.SECTION not in families:
            ranks[Family.NUMBER] = 1
        known: dict[tuple, int] = {}
        for draft in headings:
            if draft.family == Family.DECIMAL and draft.label:
                draft.rank = 1 + draft.label.piece.count(".")
            elif draft.family in ranks:
                draft.rank = ranks[draft.family]
                known.setdefault(_look(draft), draft.rank)
        if not self.has_looks and len({draft.source.size for draft in headings}) < 2:
            for draft in headings:
                if draft.rank == 9:
                    is_chapter = len(draft.text.split()) <= CHAPTER_WORDS and zone_of_chapter(draft.text) is not None
                    draft.rank = 1 if is_chapter and not known else max(known.values(), default=1) + 1
        looks = sorted({_look(draft) for draft in headings if draft.rank == 9}, reverse=True)
        for draft in headings:
            if draft.rank == 9:
                draft.rank = known.get(_look(draft)) or min(
                    1 + looks.index(_look(draft)) + max(known.values(), default=0), 6
                )

    def find_front(self) -> None:
        """Find the masthead, the title and the contents: all before the first chapter or the first sentence."""
        last_title = self.find_title()
        begin = next(
            (index for index, draft in enumerate(self.body) if index > last_title and self.begins_body(index, draft)),
            len(self.body),
        )
        front = self.body[:begin]
        titles = [draft for draft in front if draft.rank and draft.reason is None and draft.family is None]
        biggest = max((draft.source.size for draft in titles), default=0)
        for draft in front:
            if draft.reason is None:
                draft.reason, draft.rank = Reason.MASTHEAD, 0
        for draft in titles:
            if not biggest or draft.source.size == biggest:
                draft.reason = Reason.HEADING
            draft.rank = 0
        self.title = " ".join(draft.text for draft in front if draft.reason != Reason.CONTENTS)
        self.find_contents()

    def find_title(self) -> int:
        """Return the place of the last line of the title, if it is the only heading of the biggest letters, or -1."""
        headings = [(index, draft) for index, draft in enumerate(self.body) if draft.rank and draft.source.size]
        biggest = max((draft.source.size for _index, draft in headings), default=0)
        places = [index for index, draft in headings if draft.source.size == biggest]
        labels = [index for index in places if self.body[index].label]
        is_title = (
            bool(places) and not labels and places[-1] - places[0] == len(places) - 1 and len(places) < len(headings)
        )
        return places[-1] if is_title else -1

    def begins_body(self, index: int, draft: Draft) -> bool:
        if draft.reason is not None or self.is_in_contents(index):
            return False
        is_long = draft.label is None and not self.has_looks and len(draft.text.split()) > CHAPTER_WORDS
        if draft.rank and is_long:
            return False
        if draft.rank and (draft.label or zone_of_chapter(draft.text) not in (None, Zone.PROCEDURE)):
            is_title = (
                draft.label is None and (index == 0 or not self.body[index - 1].rank) and self.is_before_contents(index)
            )
            return not is_title and not (draft.label is None and self.is_masthead_line(index))
        return bool(draft.label and draft.text) or (draft.is_ended and len(draft.text.split()) > 12)

    def is_before_contents(self, index: int) -> bool:
        return any(CONTENTS_TITLE.fullmatch(draft.text.strip()) for draft in self.body[index:])

    def is_masthead_line(self, index: int) -> bool:
        """Whether a heading without a label is the title: the next heading follows before any sentence."""
        after = self.body[index + 1 : index + 4]
        return bool(after) and any(draft.rank and draft.label for draft in after[:1])

    def is_in_contents(self, index: int) -> bool:
        """Whether an entry of the contents is here: after their title, and again below as a heading or with a page."""
        title = next((i for i in range(index, -1, -1) if CONTENTS_TITLE.fullmatch(self.body[i].text.strip())), None)
        if title is None:
            return False
        return all(
            draft.reason == Reason.CONTENTS or CONTENTS_ENTRY.fullmatch(f"{draft.printed} {draft.text}".strip())
            for draft in self.body[title + 1 : index + 1]
        )

    def find_contents(self) -> None:
        for index, draft in enumerate(self.body):
            if CONTENTS_TITLE.fullmatch(draft.text.strip()) or (
                draft.reason != Reason.CONTENTS and self.is_in_contents(index)
            ):
                draft.reason, draft.rank = Reason.CONTENTS, 0

    # Chapters

    def find_zones(self) -> None:
        self.walk_zones()
        if any(draft.zone in INSIDE and NAMES_THEM.search(draft.text) for draft in self.body if draft.rank):
            return
        if any(draft.family == Family.TEXT for draft in self.body if draft.rank):
            return
        if any(draft.family == Family.NAMED for draft in self.body):
            self.begin_at_first_name()
        elif names_recommendations(self.title) or not any(draft.rank for draft in self.body):
            self.replace_zone(Zone.UNKNOWN, Zone.RECOMMENDATIONS)
        elif not self.says_what_it_asks():
            self.find_asking_chapters()

    def says_what_it_asks(self) -> bool:
        """Whether a report tells what a body recommended or decided, rather than being its recommendations."""
        told = asking = 0
        for draft in self.body:
            if draft.reason is None and not draft.rank and draft.zone in (Zone.UNKNOWN, Zone.SUMMARY, Zone.CONCLUSIONS):
                told += Speaker.says(draft.text)
                asking += (
                    not Speaker.says(draft.text)
                    and not TELLS.search(draft.text)
                    and next(find_clauses(draft.text), None) is not None
                )
        return told > 0 and told >= asking

    def walk_zones(self) -> None:
        chapter, zone, zone_rank = Zone.UNKNOWN, Zone.UNKNOWN, 1
        in_text = in_annex = False
        for index, draft in enumerate(self.body):
            if draft.reason is not None:
                continue
            if draft.rank:
                new = self.zone_of_heading(draft, index, chapter, zone, zone_rank, in_text)
                if draft.rank <= 1 or draft.family in (Family.TEXT, Family.ANNEX):
                    in_text = draft.family == Family.TEXT or (in_text and draft.label is None)
                    in_annex = draft.family == Family.ANNEX or (in_annex and draft.label is None)
                    chapter = zone = new or (Zone.ANNEX if in_annex else Zone.UNKNOWN)
                    zone_rank = draft.rank
                elif new is not None:
                    zone, zone_rank = new, draft.rank
                elif draft.rank <= zone_rank:
                    zone, zone_rank = chapter, 1
            elif draft.label is None and zone in (*INSIDE, Zone.UNKNOWN) and BODY_SPEAKS.fullmatch(draft.text):
                in_text, zone = True, Zone.RECOMMENDATIONS
            draft.zone, draft.in_text = zone, in_text

    def zone_of_heading(
        self, draft: Draft, index: int, chapter: Zone, zone: Zone, rank: int, in_text: bool
    ) -> Zone | None:
        title = draft.text
        if draft.family == Family.TEXT:
            return Zone.RECOMMENDATIONS
        if draft.family == Family.ANNEX or (draft.rank <= 1 and zone == Zone.ANNEX and draft.label is None):
            words = " ".join([title, *self.titles_after(index)])
            found = zone_of_chapter(words)
            return found if found in (Zone.RECOMMENDATIONS, Zone.MIXED) else Zone.ANNEX
        if in_text and draft.label is None:
            return Zone.RECOMMENDATIONS
        if draft.rank <= 1:
            return zone_of_chapter(title)
        if chapter in (Zone.RECOMMENDATIONS, Zone.MIXED):
            return zone_inside(title)
        found = zone_of_chapter(title)
        return found if found in (Zone.RECOMMENDATIONS, Zone.MIXED) and chapter != Zone.ANNEX else None

    def titles_after(self, index: int) -> Iterator[str]:
        for draft in self.body[index + 1 :]:
            if not draft.rank or draft.label:
                return
            yield draft.text

    def replace_zone(self, old: Zone, new: Zone) -> None:
        for draft in self.body:
            if draft.zone == old:
                draft.zone = new

    def begin_at_first_name(self) -> None:
        has_begun = False
        for draft in self.body:
            has_begun = has_begun or draft.family == Family.NAMED
            if has_begun and draft.zone in (Zone.UNKNOWN, Zone.INTRODUCTION):
                draft.zone = Zone.RECOMMENDATIONS

    def find_asking_chapters(self) -> None:
        """Where no chapter is of recommendations: those of which most paragraphs ask, else what a body says it asks."""
        chapter: list[Draft] = []
        for draft in [*self.body, None]:
            if draft is None or draft.rank == 1:
                self.judge_chapter(chapter)
                chapter = []
            if draft is not None:
                chapter.append(draft)

    @staticmethod
    def judge_chapter(chapter: list[Draft]) -> None:
        texts = [draft for draft in chapter if draft.reason is None and not draft.rank]
        first = [draft for draft in texts if draft.family in (Family.NUMBER, Family.DECIMAL, None)]
        asking = sum(finds_clause(draft.text) and not TELLS.search(draft.text) for draft in first)
        if texts and texts[0].zone == Zone.UNKNOWN and len(first) > 1 and asking > 0.6 * len(first):
            for draft in chapter:
                draft.zone = Zone.RECOMMENDATIONS

    # Texts

    def find_texts(self) -> None:
        has_zone = any(draft.zone in INSIDE for draft in self.body if not draft.rank and draft.reason is None)
        above: Draft | None = None  # the paragraph whose items follow
        for index, draft in enumerate(self.body):
            if draft.reason is not None:
                continue
            if draft.rank:
                draft.reason, above = Reason.HEADING, None
            elif draft.zone in INSIDE:
                draft.reason = self.reason_inside(draft, index)
            elif not has_zone and draft.zone in (Zone.UNKNOWN, Zone.SUMMARY, Zone.CONCLUSIONS):
                is_item = above is not None and draft.family in self.items
                if not is_item:
                    above = draft if Speaker.says(draft.text) else None
                draft.reason = None if above else self.reason_outside(draft)
            else:
                draft.reason = self.reason_outside(draft)
            draft.is_text = draft.reason is None

    def reason_outside(self, draft: Draft) -> Reason:
        if draft.source.cell:
            return Reason.TABLE
        reason = REASONS[draft.zone]
        if reason == Reason.SUMMARY and not TELLS.search(draft.text) and Speaker.says(draft.text):
            draft.doubts.append(Doubt(DoubtCode.ASKS, draft.text[:300]))
        return reason

    def reason_inside(self, draft: Draft, index: int) -> Reason | None:
        if self.is_label_alone(draft):
            return Reason.LABEL
        if draft.in_text:
            return self.reason_in_text(draft, index)
        if draft.family in self.items or draft.family == Family.NAMED:
            return None
        if (
            draft.label is None
            and draft.text.endswith(",")
            and not Speaker.begins(draft.text)
            and not self.is_item_without_label(index)
        ):
            return Reason.PREAMBLE
        asks = finds_clause(draft.text)
        if draft.source.cell and not draft.is_ended and not asks:
            return Reason.TABLE
        if not draft.text.strip() or (
            draft.label is None and not draft.is_ended and not asks and not self.is_item_without_label(index)
        ):
            return Reason.TABLE
        if PRESENTS.search(draft.text) and not asks and not self.introduces_items(draft, index):
            return Reason.INTRODUCTION
        if TELLS.search(draft.text):
            return Reason.SUMMARY
        if not asks and self.is_before_texts(index) and not self.introduces_items(draft, index):
            draft.doubts.append(Doubt(DoubtCode.NOT_NUMBERED, draft.text[:300]))
            return Reason.INTRODUCTION
        if (
            draft.zone == Zone.MIXED
            and (not asks or CONCLUDES.search(draft.text))
            and not self.introduces_items(draft, index)
        ):
            return Reason.CONCLUSIONS
        if draft.label is None and not asks and not self.introduces_items(draft, index):
            if self.is_item_without_label(index):
                return None
            draft.doubts.append(Doubt(DoubtCode.NOT_NUMBERED, draft.text[:300]))
            return Reason.INTRODUCTION
        return None

    def reason_in_text(self, draft: Draft, index: int) -> Reason | None:
        """A resolution or decision begins with a preamble: paragraphs without a number that end in a comma."""
        if draft.label is not None:
            return None
        if self.introduces_items(draft, index):
            return None
        before_first = all(each.label is None for each in self.text_before(index))
        is_open = draft.text.endswith((",", ":")) or not finds_clause(draft.text)
        if before_first and is_open and not Speaker.begins(draft.text):
            return Reason.PREAMBLE
        return None if finds_clause(draft.text) or Speaker.begins(draft.text) else Reason.PREAMBLE

    def is_before_texts(self, index: int) -> bool:
        """Whether no text comes before a paragraph in its chapter."""
        for draft in reversed(self.body[:index]):
            if draft.is_text or draft.rank == 1:
                return not draft.is_text
        return True

    def text_before(self, index: int) -> Iterator[Draft]:
        for draft in reversed(self.body[:index]):
            if draft.rank:
                return
            yield draft

    @staticmethod
    def is_label_alone(draft: Draft) -> bool:
        return draft.label is not None and not draft.text.strip()

    def introduces_items(self, draft: Draft, index: int) -> bool:
        after = self.body[index + 1] if index + 1 < len(self.body) else None
        return draft.text.endswith(":") and after is not None and not after.rank and after.family in self.items

    def is_item_without_label(self, index: int) -> bool:
        """Whether a paragraph without a label is in a list of such: below one that ends in a colon."""
        for draft in reversed(self.body[:index]):
            if draft.rank or draft.reason is not None:
                return False
            if draft.text.endswith(":"):
                return True
            if draft.label is not None or not draft.text.endswith((";", ",", "; and", "; or")):
                return False
        return False

    # Labels and parents

    def attach_labels(self) -> None:
        """Give the label that stands alone, as a heading or in a cell, to the text that follows."""
        waiting: Draft | None = None
        for draft in self.body:
            if draft.reason == Reason.LABEL or (draft.rank and draft.family == Family.NAMED):
                waiting = draft
            elif draft.is_text and waiting is not None:
                if draft.label is None:
                    draft.label, draft.printed = waiting.label, waiting.printed
                waiting = None

    def find_parents(self) -> None:
        path: list[Draft] = []
        text_name, texts = "", [draft for draft in self.body if draft.is_text or draft.rank]
        for index, draft in enumerate(texts):
            if not draft.is_text:
                path = []
                if draft.family in (Family.TEXT, Family.ANNEX) and draft.label:
                    text_name = draft.label.piece if draft.family == Family.TEXT else ""
                continue
            draft.text_name = text_name
            self.place(draft, path, texts[index + 1 : index + 30])
            above = path[draft.depth - 1] if draft.depth else None
            draft.parent = above
            if above:
                above.children += 1
            path[draft.depth :] = [draft]

    def place(self, draft: Draft, path: list[Draft], after: list[Draft]) -> None:
        """Set the depth: beside a text with a label of the same kind, or below the last one."""
        if draft.label is not None:
            draft.label = self.decide_roman(draft.label, path, after)
        draft.key = _key(draft)
        if draft.family is None:
            draft.depth = self.depth_without_label(draft, path)
            return
        for depth, above in enumerate(path):
            if above.key == draft.key:
                draft.depth = depth
                self.check_order(draft, above)
                return
        if draft.family in FIRST and not (draft.family == Family.DECIMAL and self.is_decimal_below(draft, path)):
            draft.depth = 0
        elif draft.family in (Family.BULLET, Family.DASH) and path:
            draft.depth = self.depth_of_bullet(draft, path)
        elif (draft.family == Family.BRACKETED and not any(
            above.family in FIRST or above.family is None for above in path
        )) or (path and path[0].family is None and not path[0].text.endswith(":") and draft.family != Family.ROMAN):
            draft.depth = 0
        else:
            draft.depth = len(path)
        if draft.label and draft.label.value > 1 and draft.depth:
            draft.doubts.append(Doubt(DoubtCode.GAP, draft.printed))

    @staticmethod
    def depth_without_label(draft: Draft, path: list[Draft]) -> int:
        for depth, above in enumerate(path):
            if above.family is None and depth:
                return depth if above.text.endswith((";", ",", " and", " or")) else 0
        is_below = bool(path) and path[-1].text.endswith(":") and not finds_clause(draft.text, is_at_start=True)
        return len(path) if is_below else 0

    @staticmethod
    def depth_of_bullet(draft: Draft, path: list[Draft]) -> int:
        bullets = [depth for depth, above in enumerate(path) if above.family in (Family.BULLET, Family.DASH)]
        for depth in bullets:
            if path[depth].key[:2] > draft.key[:2]:
                return depth
        if not bullets and path[-1].family is None and not path[-1].text.endswith(":"):
            return 0
        return len(path)

    @staticmethod
    def is_decimal_below(draft: Draft, path: list[Draft]) -> bool:
        return bool(path and draft.label and path[0].label and draft.label.piece.startswith(f"{path[0].label.piece}."))

    @staticmethod
    def decide_roman(label: Label, path: list[Draft], after: list[Draft]) -> Label:
        """Decide whether `(i)` is a letter or a roman number: by what is before it, and what comes next."""
        if not label.other:
            return label
        letter = next((above.label for above in path if above.family == Family.LETTER), None)
        numeral = next((above.label for above in path if above.family == Family.ROMAN), None)
        if numeral and numeral.value == label.other - 1:
            return as_roman(label)
        if label.other > 1:
            return label
        if not letter or letter.value != label.value - 1:
            return as_roman(label)
        for draft in after:
            if draft.family == Family.ROMAN and draft.label and draft.label.value == 2:
                return as_roman(label)
            if draft.family == Family.LETTER and draft.label and draft.label.value == label.value + 1:
                return label
        above = next(each for each in path if each.family == Family.LETTER)
        return as_roman(label) if above.text.endswith(":") else label

    @staticmethod
    def check_order(draft: Draft, above: Draft) -> None:
        """Doubt a number that is not the next: `3 bis` follows 3, and bullets have none."""
        if not (draft.label and above.label) or draft.family in (Family.BULLET, Family.DASH):
            return
        step = draft.label.value - above.label.value
        is_later = step == 0 and draft.label.piece != above.label.piece
        if step > 1:
            draft.doubts.append(Doubt(DoubtCode.GAP, draft.printed))
        elif step < 1 and not is_later:
            draft.doubts.append(Doubt(DoubtCode.ORDER, draft.printed))

    # What texts say

    def find_topics(self) -> None:
        """Note the headings above each text: those below the heading of the chapter, and that of a resolution."""
        path: list[tuple[int, int]] = []
        numbers = {id(draft): number for number, draft in enumerate(self.drafts, start=1)}
        for index, draft in enumerate(self.body):
            if draft.rank:
                is_title = draft.label is None and index > 0 and self.body[index - 1].family == Family.TEXT
                path = [each for each in path if each[0] < draft.rank]
                if not is_title and (draft.rank > 1 or draft.family == Family.TEXT):
                    path.append((draft.rank, numbers[id(draft)]))
            elif draft.is_text:
                draft.topics = tuple(number for _rank, number in path)

    def annotate(self) -> None:
        for draft in self.body:
            if not draft.is_text:
                continue
            above = draft.parent
            said = Above(above.text, above.asks, above.is_topic) if above else None
            speaker = Speaker.CONFERENCE if draft.in_text else Speaker.WORKING_GROUP
            draft.is_topic = names_topic(draft.text, bool(draft.children)) or bool(above and above.is_topic)
            draft.asks = asks_of(draft.text, said, speaker, draft.is_topic)
            self.doubt_asks(draft)

    @staticmethod
    def doubt_asks(draft: Draft) -> None:
        if not draft.asks.addressees:
            draft.doubts.append(Doubt(DoubtCode.NOBODY))
        elif draft.asks.basis == "implied":
            draft.doubts.append(Doubt(DoubtCode.IMPLIED))
        elif draft.asks.basis == "stated" and len(draft.asks.addressees) > 1:
            draft.doubts.append(Doubt(DoubtCode.TWO_ADDRESSEES))
        if not draft.is_ended and not draft.text.endswith(",") and draft.family not in (Family.BULLET, Family.DASH):
            draft.doubts.append(Doubt(DoubtCode.CUT, draft.text[-80:], max(0, len(draft.text) - 80)))

    def write(self) -> Outline:
        numbers = {id(draft): number for number, draft in enumerate(self.drafts, start=1)}
        names = _name_texts(draft for draft in self.body if draft.is_text)
        paragraphs = []
        for number, draft in enumerate(self.drafts, start=1):
            doubts = [
                *draft.doubts,
                *(Doubt(DoubtCode.JOINED, word, draft.text.find(word)) for word in draft.source.rejoined),
            ]
            paragraphs.append(
                OutlineParagraph(
                    number,
                    draft.printed,
                    draft.runs,
                    draft.notes,
                    draft.source.page,
                    kind=_kind(draft),
                    reason=draft.reason,
                    depth=max(0, draft.rank - 1) if draft.rank else draft.depth,
                    parent=numbers[id(draft.parent)] if draft.parent else None,
                    topics=draft.topics,
                    name=names.get(id(draft), ""),
                    is_topic=draft.is_topic,
                    asks=draft.asks,
                    doubts=doubts,
                )
            )
        inside = [number for number, draft in enumerate(self.drafts, start=1) if draft.is_text]
        return Outline(paragraphs, inside[0] if inside else None, inside[-1] if inside else None)


REASONS = {
    Zone.RECOMMENDATIONS: Reason.INTRODUCTION,
    Zone.MIXED: Reason.CONCLUSIONS,
    Zone.CONCLUSIONS: Reason.CONCLUSIONS,
    Zone.INTRODUCTION: Reason.INTRODUCTION,
    Zone.SUMMARY: Reason.SUMMARY,
    Zone.PROCEDURE: Reason.PROCEDURE,
    Zone.ANNEX: Reason.ANNEX,
    Zone.UNKNOWN: Reason.SUMMARY,
}
ITEMS = {Family.LETTER, Family.ROMAN, Family.BULLET, Family.DASH, Family.BRACKETED}
FIRST = {Family.NAMED, Family.NUMBER, Family.DECIMAL, Family.CHAPTER, Family.SECTION}  # at the head of a list of texts


def _kind(draft: Draft) -> Kind:
    if not draft.is_text:
        return Kind.LEFT_OUT
    if draft.children:
        return Kind.CHAPEAU
    return Kind.TOPIC if draft.is_topic else Kind.RECOMMENDATION


def _find_section_i(headings: list[Draft]) -> None:
    """Take `I.` for a section where it follows `H.`, and not for a chapter."""
    last = 0
    for draft in headings:
        if draft.label and draft.family == Family.CHAPTER and len(draft.label.printed.strip(".")) == 1:
            letter = ord(draft.label.printed[0]) - 64
            if letter == last + 1 and last > 1:
                draft.label = replace(draft.label, family=Family.SECTION, value=letter)
        last = (
            draft.label.value
            if draft.label and draft.family == Family.SECTION
            else (0 if draft.family == Family.CHAPTER else last)
        )


def _look(draft: Draft) -> tuple:
    return draft.source.size, -draft.source.heading, draft.source.is_bold, not draft.source.is_italic


def _key(draft: Draft) -> tuple:
    """Return what texts of one level have in common; that of a bullet grows with its indent."""
    if draft.family in (Family.BULLET, Family.DASH):
        sign = draft.printed if not draft.source.list_level and not draft.source.indent else ""
        return draft.source.list_level, round(draft.source.indent / 6), sign
    if draft.family == Family.DECIMAL and draft.label:
        return Family.DECIMAL, draft.label.piece.count(".")
    is_lone_letter = draft.family == Family.LETTER and not draft.printed.startswith("(")
    return draft.family, is_lone_letter


def _name_texts(drafts: Iterable[Draft]) -> dict[int, str]:
    """Return a label for each text by its id: `5(b)(ii)`, `3bis`, `15/1.3(a)`, `[2]` for the second bullet."""
    names: dict[int, str] = {}
    used: set[str] = set()
    counts: Counter[tuple[int, str]] = Counter()
    for draft in drafts:
        above = names.get(id(draft.parent), "") if draft.parent else ""
        piece = draft.label.piece if draft.label else ""
        if not piece:
            counts[id(draft.parent), draft.text_name] += 1
            piece = f"[{counts[id(draft.parent), draft.text_name]}]"
            if draft.label is None and draft.text_name and not draft.parent:
                piece = ""
        elif draft.parent and draft.family != Family.DECIMAL:
            piece = f"({piece})"
        if draft.parent:
            name = f"{above}{piece}" if draft.family != Family.DECIMAL else piece
        else:
            name = f"{draft.text_name}.{piece}".strip(".") if draft.text_name else piece
        names[id(draft)] = _unused(name, used)
        used.add(names[id(draft)])
    return names


def _unused(name: str, used: set[str]) -> str:
    number = 2
    found = name
    while found in used:
        found, number = f"{name}/{number}", number + 1
    return found


def _split_labels(sources: Iterable[SourceParagraph]) -> Iterator[Draft]:
    for source in sources:
        if source.part != Part.BODY:
            yield Draft(source, None, "", source.runs, source.notes)
            continue
        label = parse_label(source.label or source.text) or _label_in_column(source)
        if source.label:
            yield Draft(source, label, source.label, source.runs, source.notes)
        elif label is None:
            yield Draft(source, None, "", source.runs, source.notes)
        else:
            start = label_length(source.text, label)
            notes = [Note(note.mark, note.text, max(0, note.offset - start)) for note in source.notes]
            yield Draft(source, label, label.printed, cut_runs(source.runs, start), notes)


def _label_in_column(source: SourceParagraph) -> Label | None:
    """Read a number without a full stop that is alone in a cell, or before a wide gap."""
    text = source.text[: source.tab].strip() if source.tab else source.text.strip()
    if not BARE_NUMBER.fullmatch(text) or not (source.tab or (source.cell and source.cell[2] == 0)):
        return None
    return bare_label(text)


def _join_cut(drafts: Iterable[Draft]) -> Iterator[Draft]:
    """Join what a page or an editor cut in two: a paragraph in small letters, or after a word that cannot be the last."""
    last: Draft | None = None
    for draft in drafts:
        if draft.source.part != Part.BODY:
            yield draft
            continue
        if last is not None and _continues(last, draft):
            offset = len(last.text) + 1
            last.runs = [*last.runs, Run(" "), *draft.runs]
            last.notes = [*last.notes, *(Note(note.mark, note.text, note.offset + offset) for note in draft.notes)]
            continue
        if last is not None:
            yield last
        last = draft
    if last is not None:
        yield last


def _continues(last: Draft, draft: Draft) -> bool:
    if draft.label is not None or not draft.text or not last.text or last.source.cell != draft.source.cell:
        return False
    if last.source.is_contents or last.source.heading or draft.source.heading or last.is_ended:
        return False
    if abs(last.source.size - draft.source.size) > 1 or last.source.is_bold != draft.source.is_bold:
        return False
    if draft.text[0].islower():
        return True
    if last.text.endswith((",", "’")) or last.text[-1].isdigit():
        return False
    count = len(last.text.split())
    return count > 8 and (bool(FUNCTION_WORD.search(last.text)) or (last.label is not None and count > 12))
