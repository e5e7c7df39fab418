"""Read a list of treaty acts as the United Nations Treaty Collection prints it, from its page or from a file.

A line has the name of a State, with numbers of footnotes, the date of the signature and that of a later act, with a
letter: `Belmara (Republic of) 1, 2 [tab] 12 Dec 2000 [tab] 19 Sep 2017 a`.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tracker.models.treaty_act import Act

# The letter after a date; a date without a letter is of a ratification.
ACT_BY_LETTER = {
    "": Act.RATIFICATION,
    "A": Act.ACCEPTANCE,
    "AA": Act.APPROVAL,
    "a": Act.ACCESSION,
    "c": Act.FORMAL_CONFIRMATION,
    "d": Act.SUCCESSION,
}
ACT_BY_NAME = {str(act.value): act for act in Act if act != Act.NONE}
LETTER = r"\(?(?P<letter>AA|A|a|c|d)\)?"
DAY = r"\d{1,2}\s+[^\W\d]{3,9}\.?\s+\d{4}|\d{4}-\d{1,2}-\d{1,2}"
DATED = re.compile(rf"(?P<day>\b(?:{DAY})\b)(?:\s*{LETTER}(?!\w))?")
NAMED = re.compile(rf"(?P<act>{'|'.join(ACT_BY_NAME)})\s*(?:{LETTER})?", re.IGNORECASE)
# The name of a State, numbers of its footnotes, an act in words, and what separates it from the next column.
STATE = re.compile(
    rf"\s*\"?(?P<name>.+?)\"?(?:[\s,]*(?:\[?\d+\]?|\*)(?:[\s,]+\[?\d+\]?)*)?(?P<before>[\s,;|\".]*)"
    rf"(?:(?P<named>{NAMED.pattern.replace('letter', 'named_letter')})(?P<after>[\s,;|\"]*))?",
    re.IGNORECASE,
)
NO_MORE = re.compile(r"[\s,;|\"\[\]*\d.]*")
LINE_LIMIT = 300  # characters
HEADING = re.compile(r"\s*\"?(?:participant|state|country)\b", re.IGNORECASE)


class LineProblem(ValueError):
    def __init__(self, problem: Promise):
        super().__init__(problem)
        self.problem = problem


NO_DATE = _("No date was found. Correct the line or remove it.")
OTHER_WORDS = _("Only a State and its dates were expected. Correct the line or remove it.")
WHICH_ACT = _(
    "The act is not clear. Separate the columns with tabs, or write the act before its date, such as Accession(a)."
)


class ListedAct(NamedTuple):
    """`number`: of the line; `name`: of the State as printed, without footnotes; `day`: as printed."""

    number: int
    name: str
    act: str
    day: str


class ListedProblem(NamedTuple):
    number: int
    line: str
    problem: Promise


def read_treaty_list(text: str) -> Iterator[ListedAct | ListedProblem]:
    has_signatures = True
    for number, line in enumerate(text.splitlines(), start=1):
        plain = unicodedata.normalize("NFKC", line)
        if not plain.strip():
            continue
        if HEADING.match(plain) and not DATED.search(plain):
            has_signatures = "signature" in plain.lower()
            continue
        try:
            name, acts = _read_line(plain, has_signatures)
        except LineProblem as error:
            yield ListedProblem(number, line.strip(), error.problem)
        else:
            yield from (ListedAct(number, name, act, day) for act, day in acts)


def read_act(typed: str) -> str:
    """Return the code of an act: of `Accession(a)`, `accession` or `a`. What is no act is returned as it is."""
    typed = typed.strip()
    if found := NAMED.fullmatch(typed):
        return ACT_BY_NAME[found["act"].lower()].value
    return ACT_BY_LETTER[typed.strip("()")].value if typed and typed.strip("()") in ACT_BY_LETTER else typed


def read_dated_act(act: str, day: str) -> tuple[str, str]:
    """Return the code of an act and its day: of `Accession(a)` or nothing, and `19 Sep 2017 a`. The letter is part of
    the day as it is where it is that of another act.
    """
    code, dated = read_act(act), DATED.fullmatch(day.strip())
    if dated and dated["letter"] and code in ("", ACT_BY_LETTER[dated["letter"]]):
        return ACT_BY_LETTER[dated["letter"]].value, dated["day"]
    return code, day


def plain_name(name: str) -> str:
    """Return a key that is equal for two spellings of a State's name: accents, apostrophes, `St.`, brackets."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold().replace("'", "")
    return " ".join("saint" if word == "st" else word for word in re.findall(r"\w+", letters) if word != "the")


def _read_line(line: str, has_signatures: bool) -> tuple[str, list[tuple[str, str]]]:
    dates = list(DATED.finditer(line))
    if not dates or len(line) > LINE_LIMIT:
        raise LineProblem(NO_DATE)
    state = STATE.fullmatch(line[: dates[0].start()])
    ends = [found.start() for found in dates[1:]] + [len(line)]
    between = [line[found.end() : end] for found, end in zip(dates, ends, strict=True)]
    if state is None or len(dates) > 2 or not all(map(NO_MORE.fullmatch, between)):
        raise LineProblem(OTHER_WORDS)
    *first, last = [(found["letter"] or "", found["day"]) for found in dates]
    if first:
        if first[0][0] not in ("", "d") or state["named"] or not has_signatures:
            raise LineProblem(WHICH_ACT)
        acts = [(Act.SIGNATURE.value, first[0][1]), (ACT_BY_LETTER[last[0]].value, last[1])]
    elif state["named"]:
        acts = [(read_act(state["named"]), last[1])]
    else:
        acts = [(_act_in_column(state["before"], last[0], has_signatures), last[1])]
    return state["name"].strip(), acts


def _act_in_column(before: str, letter: str, has_signatures: bool) -> str:
    """Return the act of the only date of a line, from its letter or from the column that it is in."""
    columns = max(map(before.count, "\t;,|"))
    if letter or (columns and columns > has_signatures):
        return ACT_BY_LETTER[letter].value
    if columns != 1:
        raise LineProblem(WHICH_ACT)
    return Act.SIGNATURE.value
