"""Every sentence of papers on random worlds keeps the rules of docs/reference/paper-rules.md."""

import re
from collections.abc import Iterator
from itertools import chain, pairwise
from random import Random

import pytest
from django.conf import settings
from django.db import transaction

from tests.conftest import make_person
from tests.labels import in_sentence
from tests.thorough import times
from tests.tracker.documents.paper.worlds import LABELS, PaperWorld
from tracker.documents.paper.chapters import PaperChoice, paper
from tracker.documents.paper.tree import (
    PaperChart,
    PaperFootnote,
    PaperHeading,
    PaperItems,
    PaperParagraph,
    PaperSummary,
    PaperTable,
    ProgressPaper,
    QuotedText,
)
from tracker.documents.paper.trends import (
    RULES,
    ThemeFigures,
    most_not_applicable,
    most_unanswered,
    most_without_measure,
)
from tracker.documents.paper.words import SPELLED
from tracker.documents.statements import USUAL
from tracker.figures.answers import ANSWERS
from tracker.figures.public_figures import PublicCounts
from tracker.models.user import Role

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

SEEDS = range(times(3, 12))
# States, and the statuses of their answers.
WORLDS = (
    (60, {"implemented", "not_started", "considered_not_taken_up"}),
    (9, {"implemented", "in_progress"}),
    (50, {"implemented", "not_applicable", "no_information"}),
)
MOST_FIGURES = 3
FEWEST = 5
SPELLED_NUMBERS = {str(word): place for place, word in enumerate(SPELLED) if place}
ISOLATES = re.compile("[\u2066-\u2069]")
SENTENCE_END = re.compile(r"(?<=\.)\s+(?=[A-Z“])")
NO_FIGURES = re.compile(
    r"“[^”]*”|\d{1,2}(?: (?:to|and) \d{1,2})? [A-Z][a-z]+ \d{4}|\d\d:\d\d UTC|\d{4}/\d+|\(\.\.\)", re.IGNORECASE
)
FIGURE = re.compile(rf"\b(?:\d[\d,]*|{'|'.join(SPELLED_NUMBERS)})\b")
OF_STATES = re.compile(rf"({FIGURE.pattern}) of (?:the )?({FIGURE.pattern}) States", re.IGNORECASE)
JUDGING = re.compile(
    r"\b(?:only|poor\w*|weak\w*|strong\w*|significant\w*|considerabl\w*|notabl\w*|impressive|encouraging|advanced|lagging|"
    r"success\w*|satisf\w*|important\w*|best|worst|better|worse|high\w*|low\w*|unfortunate\w*|fail\w*|remarkabl\w*|"
    r"regrett\w*|worr\w*|insufficient\w*|adequate\w*|excellent|leading|rank\w*|progress made)\b",
    re.IGNORECASE,
)
ALLOWED = ("Only recommendations that are addressed", "only if they permit")


@pytest.fixture(scope="module")
def papers(for_the_module) -> dict[int, tuple[PaperWorld, ProgressPaper]]:
    """The world and the paper of each seed. Only one world is in the tables at a time."""
    author = make_person("author", Role.REVIEWER)
    found = {}
    for seed in SEEDS:
        with transaction.atomic():
            world = PaperWorld(Random(seed), *WORLDS[seed % len(WORLDS)], author)  # noqa: S311
            found[seed] = world, paper(world.releases[-1], PaperChoice(session="Fifteenth meeting"))
            transaction.set_rollback(True)
    return found


@pytest.fixture(params=SEEDS)
def world(request, papers):
    return papers[request.param][0]


@pytest.fixture
def written(world, papers):
    return next(written for each, written in papers.values() if each is world)


def own_texts(of) -> Iterator[tuple[str, str]]:
    """Yield (heading, text) of what the paper says in its own words, without labels and titles of recommendations."""
    heading = ""
    for block in of.blocks:
        match block:
            case PaperHeading():
                heading = block.text
            case PaperParagraph():
                yield heading, "".join(piece.text for piece in block.pieces if not isinstance(piece, PaperFootnote))
            case PaperSummary():
                yield from (("Summary", text) for text in block.paragraphs)
            case PaperItems():
                yield from ((heading, text) for text in block.rows)


def sentences(of) -> list[tuple[str, str]]:
    return [
        (heading, sentence)
        for heading, text in own_texts(of)
        for sentence in SENTENCE_END.split(ISOLATES.sub("", text))
        if sentence
    ]


def without_titles(sentence: str) -> str:
    for label in (*LABELS, "V.41", "IV.43"):
        sentence = sentence.replace(in_sentence(label), "X")
    return sentence


def figures(sentence: str) -> list[str]:
    return FIGURE.findall(NO_FIGURES.sub("", without_titles(sentence)).lower())


def as_number(word: str) -> int:
    return SPELLED_NUMBERS.get(word.lower()) or int(word.replace(",", ""))


@pytest.mark.thorough
def test_no_sentence_has_more_than_three_figures(written):
    assert [sentence for _heading, sentence in sentences(written) if len(figures(sentence)) > MOST_FIGURES] == []


def test_figures_in_sentences_are_found():
    """The test above sees what it must see."""
    assert figures("On the nine recommendations compared, the share rose from 25 to 30 per cent.") == [
        "nine",
        "25",
        "30",
    ]
    assert figures(f"As at 7 August 2019, 1,204 on {in_sentence('I.13')} of release 2026/1 (..).") == ["1,204"]


ON_THE_SAME = re.compile("(?:On t|T)he same recommendation")


def test_nothing_is_said_twice(written):
    said = sentences(written)
    named = [row for row in said if not ON_THE_SAME.match(row[1])]
    assert len(named) == len(set(named))
    about = [sentence for _heading, sentence in said if without_titles(sentence) != sentence]
    assert len(about) == len(set(about))


def test_a_recommendation_is_not_named_in_two_sentences_of_a_paragraph_in_a_row(written):
    """Nor before two quotations in a row. The second says “the same recommendation”."""
    texts = [(heading, ISOLATES.sub("", text)) for heading, text in own_texts(written)]
    of_heading: dict[str, list[str]] = {}
    for heading, text in texts:
        of_heading.setdefault(heading, []).extend([text] if text.endswith("follows:") else [])
    paragraphs = [*of_heading.values(), *(SENTENCE_END.split(text) for _heading, text in texts)]
    for before, sentence in chain.from_iterable(map(pairwise, paragraphs)):
        named = [{label for label in LABELS if in_sentence(label) in each} for each in (before, sentence)]
        assert not named[0] & named[1], sentence
        assert not ON_THE_SAME.match(sentence) or named[0] or ON_THE_SAME.match(before), sentence


COUNTED = dict.fromkeys(ANSWERS, 0) | {"implemented": 6, "partially_implemented": 6}


@pytest.mark.parametrize(
    ("rule", "first", "sentence"),
    [
        (
            most_without_measure,
            {"not_started": 8},
            "The same recommendation has the largest share of “No measure to date”, reported by 8 of 20 States.",
        ),
        (
            most_unanswered,
            {"no_information": 9},
            "On the same recommendation, information was missing most often, from 9 of the 21 States covered to which "
            "it is addressed.",
        ),
        (
            most_not_applicable,
            {"considered_elsewhere": 5, "not_applicable": 7},
            "On the same recommendation, “Not applicable” was reported most often, by 7 of the 24 States that "
            "answered.",
        ),
    ],
)
def test_the_next_sentence_on_a_recommendation_does_not_name_it_again(rule, first, sentence):
    found = [("X", COUNTED | first), ("Y", COUNTED | {"implemented": 1})]
    figures = ThemeFigures([(label, PublicCounts(sum(counts.values()), counts)) for label, counts in found], None)
    assert rule(figures) == sentence


PER_CENT = re.compile(r"(?:\d+ to )?\d+ per cent")


def test_numbers_of_a_series_are_written_alike(written):
    """Shares are figures always, and so is the number of recommendations before them: they are no series."""
    for _heading, sentence in sentences(written):
        alike = {figure[0].isdigit() for figure in figures(PER_CENT.sub("", sentence))}
        assert len(alike) <= 1, sentence


def test_what_officers_chose_is_quoted_once_with_the_name_of_the_state(written, world):
    quoted = [block for block in written.blocks if isinstance(block, QuotedText) and block.by]
    names = [block.by.removesuffix(" (original in French)") for block in quoted]
    assert world.quoted == sorted(
        (name, block.words.text, block.translation) for name, block in zip(names, quoted, strict=True)
    )
    assert [block.by != name for name, block in zip(names, quoted, strict=True)] == [
        bool(block.translation) for block in quoted
    ]


def test_no_word_judges(written):
    judged = [
        sentence
        for _heading, sentence in sentences(written)
        if JUDGING.search(without_titles(sentence)) and not any(allowed in sentence for allowed in ALLOWED)
    ]
    assert judged == []


def test_every_sentence_is_whole(written):
    of_usual = {sentence for statement in USUAL for sentence in SENTENCE_END.split(str(statement))}
    for _heading, sentence in sentences(written):
        assert "  " not in sentence
        assert "%(" not in sentence
        assert sentence[-1] in ".:;" or sentence.endswith(".]")
        assert sentence[0].isupper() or sentence[0] in "“[" or sentence in of_usual


def test_lists_are_punctuated_and_lead_ins_stay_with_what_follows(written):
    blocks = written.blocks
    for block, after in pairwise(blocks):
        if isinstance(block, PaperItems):
            assert [row[-1] for row in block.rows] == [*[";"] * (len(block.rows) - 1), "."]
        if isinstance(block, PaperParagraph):
            text = block.pieces[-1].text
            assert block.is_lead == isinstance(after, PaperItems | QuotedText | PaperTable | PaperChart)
            assert block.is_lead or not text.endswith(":")


def test_tables_and_charts_are_numbered_titled_and_sourced(written, world):
    for kind in (PaperTable, PaperChart):
        found = [block for block in written.all_blocks if isinstance(block, kind)]
        assert [block.number for block in found] == list(range(1, len(found) + 1))
        for block in found:
            assert block.title
            assert block.source.startswith(f"Source: release {world.releases[-1].reference}, from answers of States.")


def test_states_are_named_in_the_footnote_and_under_their_words_alone(written):
    assert not any("Quetzalia" in text for _heading, text in own_texts(written))
    assert not any(
        "Quetzalia" in cell
        for table in written.all_blocks
        if isinstance(table, PaperTable)
        for row in table.rows
        for cell in row
    )


def test_small_bases_lead_no_list(written):
    for _heading, sentence in sentences(written):
        for _count, whole in OF_STATES.findall(sentence):
            assert as_number(whole) >= FEWEST


STANDING_OUT = {
    "“Implemented” was reported": ("implemented", False),
    "largest share of “No measure to date”": ("not_started", False),
    "nformation was missing most often": ("no_information", True),
    "“Considered, not taken up” is on": ("considered_not_taken_up", False),
    "“Not applicable” was reported most often": ("not_applicable", False),
}


def test_what_stands_out_is_counted_again(written, world):
    answers = list(world.answers["2026"].values())
    for _heading, sentence in sentences(written):
        for words, (status, of_all) in STANDING_OUT.items():
            if words not in sentence:
                continue
            if not ON_THE_SAME.match(sentence):
                (slug,) = (unit.slug for unit in world.units if in_sentence(unit.label) in sentence)
            given = [said[slug] for said in answers if of_all or said[slug] != "no_information"]
            (counts,) = OF_STATES.findall(sentence)
            assert tuple(map(as_number, counts)) == (given.count(status), len(given))


def test_the_change_is_counted_again_on_common_states(written, world):
    """The share of “Implemented” under a theme is of the States that both releases count."""
    before, after = world.answers["2025"], world.answers["2026"]
    common = sorted(before.keys() & after.keys())
    for heading, sentence in sentences(written):
        found = re.match(
            r"On the \w+ recommendations? compared, the share of “Implemented” (?:rose|fell) from (\d+) to (\d+)",
            sentence,
        )
        if not found:
            continue
        is_of_all = heading == "All recommendations"
        slugs = [slug for slug, theme in world.themes.items() if is_of_all or theme.name == heading]
        shares = [
            100 * sum(of[state][slug] == "implemented" for state in common for slug in slugs) / len(common) / len(slugs)
            for of in (before, after)
        ]
        assert [abs(share - int(said)) <= 1 for share, said in zip(shares, found.groups(), strict=True)] == [True, True]


def test_the_page_of_the_rules_names_each_of_them_in_order():
    page = (settings.BASE_DIR / "docs/reference/paper-rules.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == [
        rule.__name__ for rules in RULES.values() for rule in rules
    ]


def test_the_worlds_try_every_rule(papers):
    said = " ".join(sentence for _world, written in papers.values() for _heading, sentence in sentences(written))
    for start in (
        "What changed since the previous round",
        "An answer moved forward if",
        "the share of “Implemented” ",
        "moved forward",
        "“Implemented” was reported by the largest share",
        "Where recommendations ask States to act",
        "Where recommendations ask States to consider",
        "The reason given most often",
        "measures were described",
        "practices were described",
        "difficulties were described",
        "the assistance needed was described",
        "the reasons for “Considered, not taken up” were given",
        *STANDING_OUT,
    ):
        assert start in said, start
    assert all(world.quoted for world, _written in papers.values())
