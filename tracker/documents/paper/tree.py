"""What a paper for the Working Group has beside the blocks of every document: its sentences, its numbers, its length.

The content may leave the Secretariat: figures are rounded, quotations permitted.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import zip_longest
from string import ascii_uppercase
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.models.label import roman
from tracker.documents import tree

EM_SPACE = "\N{EM SPACE}"
WORD_LIMIT = 8_500  # of a paper by the Secretariat
LABELS = {
    # Translators: Above a table of a paper. number: counted through the paper.
    tree.Table: gettext_lazy("Table %(number)s"),
    # Translators: Above a chart of a paper. number: counted through the paper.
    tree.Chart: gettext_lazy("Figure %(number)s"),
}


def own_paragraph(*sentences: str, is_lead: bool = False) -> tree.NumberedParagraph:
    return tree.NumberedParagraph(tree.own(joined_sentences(*sentences)), is_lead=is_lead)


def joined_sentences(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


def punctuated_items(rows: Iterable[str]) -> tree.Points:
    """End every item with a semicolon and the last with a full stop, as the United Nations do."""
    *others, last = rows
    # Translators: item: an item of a list that is not the last.
    item = _("%(item)s;")
    # Translators: item: the last item of a list.
    end = _("%(item)s.")
    punctuated = [*(item % {"item": row} for row in others), end % {"item": last}]
    return tree.Points([tree.own(words) for words in punctuated])


def number_blocks(blocks: Iterable[tree.Block], numbers: Counter[type]) -> Iterator[tree.Block]:
    """Number tables and charts, each by themselves, on from `numbers`."""
    for block in blocks:
        if isinstance(block, tree.Table | tree.Chart):
            numbers[type(block)] += 1
            number = numbers[type(block)]
            block = replace(block, number=number, label=str(LABELS[type(block)]) % {"number": number})
        yield block


def contents(blocks: Iterable[tree.Block], annex: str) -> tree.Contents:
    """List the headings as they are numbered: I., A. and so on."""
    found: list[tuple[int, str]] = []
    places = [0, 0]
    for heading in blocks:
        if isinstance(heading, tree.Heading):
            places = [places[0] + 1, 0] if heading.level == 1 else [places[0], places[1] + 1]
            number = roman(places[0]) if heading.level == 1 else ascii_uppercase[places[1] - 1]
            found.append((heading.level, f"{number}.{EM_SPACE}{heading.text}"))
    # Translators: Heading: table of contents.
    return tree.Contents(_("Contents"), _("Page"), [*found, (1, annex)])


class ChangedParagraph(NamedTuple):
    """A paragraph of two papers under one heading, empty in the paper that does not have it."""

    heading: str
    before: str
    now: str


def changed_paragraphs(before: Iterable[tree.Block], now: Iterable[tree.Block]) -> Iterator[ChangedParagraph]:
    earlier, later = _texts_by_heading(before), _texts_by_heading(now)
    for heading in later | earlier:
        gone = [text for text in earlier[heading] if text not in later[heading]]
        new = [text for text in later[heading] if text not in earlier[heading]]
        yield from (ChangedParagraph(heading, *pair) for pair in zip_longest(gone, new, fillvalue=""))


def _texts_by_heading(blocks: Iterable[tree.Block]) -> defaultdict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    heading = ""
    for block in blocks:
        match block:
            case tree.Heading():
                heading = block.text
            case tree.SummaryBox():
                found[block.title] += block.paragraphs
            case tree.NumberedParagraph():
                found[heading].append(block.run.text)
            case tree.Points():
                found[heading] += [item.text for item in block.items]
    return found


def count_words(paper: tree.Document) -> int:
    """Count every word from the title of the body to the end of the annex, with footnotes and tables."""
    return sum(len(text.split()) for text in texts_of(paper))


def texts_of(paper: tree.Document) -> Iterator[str]:
    if head := paper.masthead:
        yield from (head.organization, head.parent, head.symbol, paper.body, *head.meeting, paper.title, paper.author)
        for _name, label, text in head.fields:
            yield from (label, text)
    for chapter in paper.chapters:
        yield chapter.title
        for block in chapter.blocks:
            yield from _texts_of_block(block)


def _texts_of_block(block: tree.Block) -> Iterator[str]:
    match block:
        case tree.Heading():
            yield block.text
        case tree.NumberedParagraph():
            yield from (block.run.text, block.footnote)
        case tree.Paragraph():
            yield block.run.text
        case tree.SummaryBox():
            yield from (block.title, *block.paragraphs)
        case tree.Points():
            yield from (item.text for item in block.items)
        case tree.QuotedText():
            yield from (block.words.text, block.by)
        case tree.Contents():
            yield from (block.title, block.page, *(text for _level, text in block.headings))
        case tree.Table():
            cells = (cell.run.text for row in (block.heads, *block.rows) for cell in row)
            yield from (block.label, block.title, *cells, block.source)
        case tree.Chart():
            names = (name for _code, name in block.legend)
            yield from (block.label, block.title, *(name for name, _bar in block.rows), *names, block.source)
