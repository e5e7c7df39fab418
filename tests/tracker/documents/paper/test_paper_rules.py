"""Every sentence of papers on random worlds keeps the rules of docs/reference/paper-rules.md."""

import math
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
from tests.tracker.documents.paper.test_paper import blocks_of, cells_of, quotations
from tests.tracker.documents.paper.worlds import LABELS, PaperWorld
from tracker.documents.paper.chapters import PaperChoice, paper
from tracker.documents.paper.trends import MOST_NAMED, PARAGRAPHS, ThemeFigures, _name_most, _share
from tracker.documents.paper.words import SPELLED
from tracker.documents.statements import ROUNDED, USUAL
from tracker.documents.tree import Chart, Document, Heading, NumberedParagraph, Points, QuotedText, SummaryBox, Table
from tracker.figures.public_figures import PublicRow
from tracker.figures.rounding import BASE
from tracker.models.user import Role

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

SEEDS = range(times(3, 12))
# States, and the statuses of their answers.
WORLDS = (
    (60, {"implemented", "not_started", "considered_not_taken_up"}),
    (19, {"implemented", "in_progress"}),
    (50, {"implemented", "not_applicable", "no_information"}),
)
MOST_FIGURES = 3
SPELLED_NUMBERS = {str(word): place for place, word in enumerate(SPELLED) if place}
ISOLATES = re.compile("[\u2066-\u2069]")
SENTENCE_END = re.compile(r"(?<=\.)\s+(?=[A-Z“])")
NO_FIGURES = re.compile(
    r"“[^”]*”|\d{1,2}(?: (?:to|and) \d{1,2})? [A-Z][a-z]+ \d{4}|\d\d:\d\d UTC|release \d{4}|\(\.\.\)", re.IGNORECASE
)
FIGURE = re.compile(rf"\b(?:\d[\d,]*|{'|'.join(SPELLED_NUMBERS)})\b")
OF_STATES = re.compile(r"about (\d+) of (\d+) States")
JUDGING = re.compile(
    r"\b(?:only|poor\w*|weak\w*|strong\w*|significant\w*|considerabl\w*|notabl\w*|impressive|encouraging|advanced|lagging|"
    r"success\w*|satisf\w*|important\w*|best|worst|better|worse|high\w*|low\w*|unfortunate\w*|fail\w*|remarkabl\w*|"
    r"regrett\w*|worr\w*|insufficient\w*|adequate\w*|excellent|leading|rank\w*|progress made)\b",
    re.IGNORECASE,
)
ALLOWED = ("Only recommendations that are addressed", "only if they permit")


@pytest.fixture(scope="module")
def papers(for_the_module) -> dict[int, tuple[PaperWorld, Document]]:
    """The world and the paper of each seed. Only one world is in the tables at a time."""
    author = make_person("author", Role.REVIEWER)
    found = {}
    for seed in SEEDS:
        with transaction.atomic():
            world = PaperWorld(Random(seed), *WORLDS[seed % len(WORLDS)], author)  # noqa: S311
            found[seed] = world, paper(world.releases[-1], PaperChoice(session="Fifteenth meeting", most_quoted=None))
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
    for block in of.chapters[0].blocks:
        match block:
            case Heading():
                heading = block.text
            case NumberedParagraph():
                yield heading, block.run.text
            case SummaryBox():
                yield from (("Summary", text) for text in block.paragraphs)
            case Points():
                yield from ((heading, item.text) for item in block.items)


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


@pytest.mark.thorough
def test_no_sentence_has_more_than_three_figures(written):
    assert [sentence for _heading, sentence in sentences(written) if len(figures(sentence)) > MOST_FIGURES] == []


def test_figures_in_sentences_are_found():
    """The test above sees what it must see."""
    said = "The present round covers nine States; “Implemented” is 25 per cent; in the previous round, 30 per cent."
    assert figures(said) == ["nine", "25", "30"]
    assert figures(f"As at 7 August 2019, 1,204 on {in_sentence('I.13')} of release 2026 (..).") == ["1,204"]


ON_THE_SAME = re.compile("On the same recommendation")


def test_no_sentence_appears_twice(written):
    said = sentences(written)
    named = [row for row in said if not ON_THE_SAME.match(row[1])]
    assert len(named) == len(set(named))
    about = [sentence for _heading, sentence in said if without_titles(sentence) != sentence]
    assert len(about) == len(set(about))


def test_a_recommendation_is_not_named_before_two_quotations_in_a_row(written):
    """The second says “the same recommendation”."""
    leads: dict[str, list[str]] = {}
    for heading, text in own_texts(written):
        leads.setdefault(heading, []).extend([ISOLATES.sub("", text)] if text.endswith("follows:") else [])
    for before, lead in chain.from_iterable(map(pairwise, leads.values())):
        named = [{label for label in LABELS if in_sentence(label) in each} for each in (before, lead)]
        assert not named[0] & named[1], lead


PER_CENT = re.compile(r"(?:\d+ to )?\d+ per cent")


def test_numbers_of_a_series_are_written_alike(written):
    """Shares are figures always, and so is the number of recommendations before them: they are no series."""
    for _heading, sentence in sentences(written):
        alike = {figure[0].isdigit() for figure in figures(PER_CENT.sub("", sentence))}
        assert len(alike) <= 1 or sentence in str(ROUNDED[0]), sentence


def test_what_officers_chose_is_quoted_once_with_the_name_of_the_state(written, world):
    said = [(block.by.removesuffix(" (original in French)"), block.words.text) for block in quotations(written)]
    assert sorted(said) == sorted((name, translation or words) for name, words, translation in world.quoted)
    assert sum("original in" in block.by for block in quotations(written)) == sum(bool(row[2]) for row in world.quoted)


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
    for block, after in pairwise(written.chapters[0].blocks):
        if isinstance(block, Points):
            assert [item.text[-1] for item in block.items] == [*[";"] * (len(block.items) - 1), "."]
        if isinstance(block, NumberedParagraph):
            assert block.is_lead == isinstance(after, Points | QuotedText | Table | Chart)
            assert block.is_lead or not block.run.text.endswith(":")


def test_tables_and_charts_are_numbered_titled_and_sourced(written, world):
    for kind in (Table, Chart):
        found = blocks_of(written, kind)
        assert [block.number for block in found] == list(range(1, len(found) + 1))
        for block in found:
            assert block.title
            assert block.source.startswith(f"Source: release {world.releases[-1]}, from answers of States.")


def test_states_are_named_only_in_the_annex_and_under_quotations(written):
    assert not any("Quetzalia" in text for _heading, text in own_texts(written))
    assert not any(
        "Quetzalia" in cell for table in blocks_of(written, Table) for row in cells_of(table) for cell in row
    )


STANDING_OUT = {
    "reported “Implemented”": "implemented",
    "share of “Implemented” under": "implemented",
    "reported “No measure to date”": "not_started",
    "nformation is m": "no_information",
    "reported “Considered, not taken up (asked to act)”": "considered_elsewhere",
    "share of “Considered, not taken up (asked to act)” under": "considered_elsewhere",
    "reported “Considered, not taken up (asked to consider)”": "considered_where_asked",
    "share of “Considered, not taken up (asked to consider)” under": "considered_where_asked",
    "“Not applicable”, the largest": "not_applicable",
    "share of “Not applicable” under": "not_applicable",
    "share of “No measure to date” under": "not_started",
}


def test_highlighted_recommendations_have_the_largest_share_in_their_theme(written, world):
    rows = {row["group"]: row for row in world.releases[-1].figures if row["group_kind"] == "recommendation"}
    for heading, sentence in sentences(written):
        for answer in (answer for words, answer in STANDING_OUT.items() if words in sentence):
            named = [unit.slug for unit in world.units if in_sentence(unit.label) in sentence]
            ((count, whole),) = OF_STATES.findall(sentence)
            assert 1 <= len(named) <= MOST_NAMED
            assert {(rows[slug][answer], rows[slug]["states"]) for slug in named} == {(int(count), int(whole))}
            assert int(whole) >= BASE
            theme = [rows[slug] for slug, theme in world.themes.items() if theme.name == heading]
            shares = [row[answer] / row["states"] for row in theme if row[answer] is not None]
            assert max(shares) == int(count) / int(whole)


SHARE_OF = {
    "“Implemented” is": "implemented",
    "“No measure to date” is": "not_started",
    "“No information” is": "no_information",
    "“Not applicable” is": "not_applicable",
    "(asked to act)” is": "considered_elsewhere",
    "(asked to consider)” is": "considered_where_asked",
}
PER_CENT_OF = re.compile(r"is (\d+) per cent of the answers requested under this theme")
PREVIOUS = re.compile(r"in the previous round, (\d+) per cent")
STATUS_OF = {"considered_elsewhere": "considered_not_taken_up", "considered_where_asked": "considered_not_taken_up"}


def test_every_count_in_a_sentence_is_near_what_sql_counts(written, world):
    """A figure that is not moved is within two of the count, and a moved one within nine."""
    compared = 0
    for _heading, sentence in sentences(written):
        for answer in (answer for words, answer in STANDING_OUT.items() if words in sentence):
            ((count, whole),) = OF_STATES.findall(sentence)
            for counted in (world.counted[unit.slug] for unit in world.units if in_sentence(unit.label) in sentence):
                assert abs(int(count) - counted.get(STATUS_OF.get(answer, answer), 0)) <= 9
                assert int(whole) == sum(counted.values())
                compared += 1
    assert bool(compared) == (world.releases[-1].covered >= BASE)


def test_every_share_of_a_theme_is_near_what_sql_counts(written, world):
    names = {unit.slug: world.themes[unit.slug].name for unit in world.units}
    for heading, sentence in sentences(written):
        for answer in (answer for words, answer in SHARE_OF.items() if words in sentence):
            if (match := PER_CENT_OF.search(sentence)) is None:
                continue
            units = [unit for unit in world.units if names[unit.slug] == heading]
            asking = {"considered_elsewhere": (False,), "considered_where_asked": (True,)}.get(answer, (True, False))
            given = sum(
                world.counted[unit.slug].get(STATUS_OF.get(answer, answer), 0)
                for unit in units
                if unit.asks_to_consider in asking
            )
            asked = sum(sum(world.counted[unit.slug].values()) for unit in units)
            assert abs(int(match[1]) - 100 * given / asked) <= 5


def test_the_share_of_confirmed_answers_is_what_sql_counts(written, world):
    """It is a multiple of five per cent, of the newest round alone, where 20 States are covered."""
    counts = [count for of in world.counted.values() for status, count in of.items() if status != "no_information"]
    expected = 5 * math.floor(20 * world.confirmed / sum(counts) + 0.5)
    said = [sentence for _heading, sentence in sentences(written) if "confirmed as unchanged since" in sentence]
    is_shown = world.releases[-1].covered >= BASE
    share = f"Of the answers counted, about {expected} per cent were confirmed as unchanged since an earlier round."
    assert said == [share] * is_shown
    assert [release.confirmed for release in world.releases] == [None, expected if is_shown else None]
    method = [sentence for _heading, sentence in sentences(written) if "The share of answers confirmed" in sentence]
    assert len(method) == is_shown


@pytest.mark.parametrize(
    ("implemented", "sentence"),
    [
        (
            (20, 15),
            "On recommendation A, about 20 of 30 States reported “Implemented”, the largest share under this theme.",
        ),
        (
            (20, 20),
            "The largest share of “Implemented” under this theme, about 20 of 30 States, is on each of the following "
            "recommendations: A, B.",
        ),
        ((20, 20, 20, 20), ""),
        ((20,), ""),
        ((0, 0), ""),
    ],
)
def test_one_to_three_recommendations_are_highlighted(implemented, sentence):
    rows = [
        ("ABCD"[place], PublicRow("recommendation", "", "", 30, {"implemented": count}))
        for place, count in enumerate(implemented)
    ]
    assert _name_most("implemented", ThemeFigures("", "", rows, None, None)) == sentence


@pytest.mark.parametrize(
    ("this", "before", "sentence"),
    [
        (34, None, "is 34 per cent of the answers requested under this theme."),
        (
            34,
            30,
            "is 34 per cent of the answers requested under this theme; in the previous round, 30 per cent.",
        ),
        (None, 30, None),
    ],
)
def test_the_share_of_a_theme_has_that_of_the_round_before(this, before, sentence):
    rows = (share and PublicRow("theme", "", "", 9, {"not_started": share}) for share in (this, before))
    said = _share("not_started", ThemeFigures("", "", [], *rows))
    assert said == (f"“No measure to date” {sentence}" if sentence else "")


def test_every_theme_has_the_shares_of_its_own_answers(written, world):
    """The shares are counted again from the figures of its recommendations."""
    rows = [
        {row["group"]: row for row in each.figures if row["group_kind"] == "recommendation"} for each in world.releases
    ]
    if min(each.covered for each in world.releases) < BASE:
        assert not any("under this theme" in sentence for _heading, sentence in sentences(written))
        return
    for theme in {theme.name: theme for theme in world.themes.values()}.values():
        shown = [[of[slug] for slug, each in world.themes.items() if each == theme] for of in rows]
        said = [sentence for heading, sentence in sentences(written) if heading == theme.name]
        found = {
            answer: (PER_CENT_OF.search(sentence), PREVIOUS.search(sentence))
            for words, answer in SHARE_OF.items()
            for sentence in said
            if words in sentence and PER_CENT_OF.search(sentence)
        }
        assert {*SHARE_OF.values()} - {*found} <= {"considered_elsewhere", "considered_where_asked"}
        for answer, matches in found.items():
            assert [int(match[1]) for match in matches] == [share_of(answer, of) for of in reversed(shown)]


def share_of(answer: str, rows: list[dict]) -> int:
    answers = ("implemented", "partially_implemented", "in_progress", "not_started", "not_applicable", "no_information")
    shown = [row for row in rows if row["implemented"] != "not_shown"]
    counts = {each: sum(row[each] or 0 for row in shown) for each in (*answers, *SHARE_OF.values())}
    return int(100 * counts[answer] / sum(counts.values()) + 0.5)


def test_the_coverage_of_both_rounds_is_named(written, world):
    said = " ".join(sentence for _heading, sentence in sentences(written))
    before, this = (release.covered for release in world.releases)
    covers = f"The present round covers {this} States, and the previous round, “Round 2025”, {before}."
    assert (covers in said) == (min(before, this) >= BASE)


def test_the_page_of_the_rules_names_each_of_them_in_order():
    page = (settings.BASE_DIR / "docs/reference/paper-rules.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == [*PARAGRAPHS]


def test_the_worlds_try_every_rule(papers):
    said = " ".join(sentence for _world, written in papers.values() for _heading, sentence in sentences(written))
    for start in (
        "per cent of the answers requested under this theme; in the previous round",
        "measures were described",
        "practices were described",
        "difficulties were described",
        "the assistance needed was described",
        "the reasons for “Considered, not taken up” were given",
    ):
        assert start in said, start
    assert {answer for words, answer in STANDING_OUT.items() if words in said} == {*STANDING_OUT.values()}
    assert all(world.quoted for world, _written in papers.values())
