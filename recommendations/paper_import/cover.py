"""Read the front page of a document as issued: what it says about the paper and its meeting."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from recommendations.models import PaperImport, PaperKind
from recommendations.outline.labels import parse_label
from recommendations.outline.layout import CONTENTS
from recommendations.outline.source import PrintedPart, SourceParagraph
from recommendations.paper_import import notation

LONGEST = 40  # paragraphs
SHOWN = 500  # letters of each
SYMBOL = re.compile(r"\b[A-Z]{1,10}(?:/[A-Z0-9][A-Z0-9.-]*)+/[0-9]+(?:/(?:Add|Rev|Corr)\.[0-9]+)*(?![\w/])")
TITLE = re.compile(r"(?:Draft )?(Report|Recommendation|Resolution|Decision)s?\b")
KINDS = {"Report": PaperKind.REPORT, "Resolution": PaperKind.DECISION, "Decision": PaperKind.DECISION}
ISSUED = re.compile(rf"(?:Distr\.: ?\w+ )?([0-9]{{1,2}} (?:{'|'.join(notation.MONTHS)}) [0-9]{{4}})")
PLACE = re.compile(rf"[A-Z][\w ]+, {notation.DATES.pattern}")
DETAILS = ("paper_symbol", "paper_title", "paper_date", "paper_kind")


@dataclass(frozen=True)
class Cover:
    """Hold what was found; what was not is empty."""

    paper_symbol: str
    paper_title: str
    paper_date: date | None
    paper_kind: str
    meeting: notation.ParsedMeeting | None

    def complete(self, paper_import: PaperImport) -> None:
        """Fill in the details that nobody entered."""
        for name in DETAILS:
            if not getattr(paper_import, name):
                setattr(paper_import, name, getattr(self, name))


def read_cover(source: Iterable[SourceParagraph]) -> Cover:
    """Read what is before the contents or the first numbered paragraph."""
    texts = _list_texts(source)
    symbols = [match[0] for text in texts if (match := SYMBOL.search(text))]
    days = [match[1] for text in texts if (match := ISSUED.fullmatch(text))]
    title = TITLE.match(texts[-1]) if texts else None
    return Cover(
        paper_symbol=symbols[0] if symbols else "",
        paper_title=texts[-1][: PaperImport._meta.get_field("paper_title").max_length] if title else "",
        paper_date=_parse_day(days[0]) if days else None,
        paper_kind=KINDS.get(title[1], "") if title else "",
        meeting=_find_meeting(texts),
    )


def _list_texts(source: Iterable[SourceParagraph]) -> list[str]:
    texts: list[str] = []
    for paragraph in source:
        text = " ".join(paragraph.text[:SHOWN].split())
        if paragraph.part != PrintedPart.BODY or not text:
            continue
        if len(texts) == LONGEST or paragraph.label or CONTENTS.fullmatch(text) or parse_label(text):
            break
        texts.append(text)
    return texts


def _parse_day(words: str) -> date | None:
    days = notation.parse_days(words)
    return days[0] if days else None


def _find_meeting(texts: Iterable[str]) -> notation.ParsedMeeting | None:
    names = [match[0] for text in texts if (match := notation.MEETING_NAME.search(text))]
    places = [text for text in texts if PLACE.fullmatch(text)]
    if not names or not places:
        return None
    return notation.parse_heading(f"{names[0][:1].upper()}{names[0][1:]}, {places[0]}")
