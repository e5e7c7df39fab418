"""Whom a text addresses, how strongly, and whether it asks to consider: by its words. No Django.

`addressees.py` and `verbs.py` have the tables. A curator corrects what they give before anything is published. A test
counts how often they agree with what the curators of the first eight meetings decided.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from recommendations.outline import verbs
from recommendations.outline.addressees import AROUND_NAMES, BECOMING_PARTIES, BODIES, JOINED, NAMES, RELATIVE

LETTERS_READ = 5_000  # of a text; the longest of the first eight meetings has 1,500
MOST = 2  # addressees of a text
BEFORE, AFTER = 120, 500  # letters around a name
QUOTED = re.compile("“[^”]*”|«[^»]*»")
SENTENCE_END = re.compile(r"[.;]")
IMPERSONAL, CONSIDERATION = re.compile(verbs.IMPERSONAL), re.compile(verbs.CONSIDERATION)
IMPERSONAL_BEFORE = re.compile(f"{verbs.IMPERSONAL}$")
OF_A_BODY = re.compile(rf"{BODIES}|[Mm]eeting|[Ii]t was")


class Speaker(StrEnum):
    """Who says *Decides to …*."""

    CONFERENCE = "conference"
    WORKING_GROUP = "working_group"

    @staticmethod
    def says(text: str) -> bool:
        """Whether a body asks or decides here, in a report that tells it among other things."""
        return bool(verbs.BODY_ASKS.search(text[:LETTERS_READ]))

    @staticmethod
    def begins(text: str) -> bool:
        """Whether a text begins as a paragraph of a resolution does: *Urges …*, *Takes note …*."""
        return bool(verbs.OPERATIVE.match(text))


@dataclass(frozen=True)
class Asks:
    """Codes are those of the catalogue; empty where nothing is derived."""

    addressees: tuple[str, ...]
    basis: str
    strength: str
    asks_to_consider: bool


@dataclass(frozen=True)
class Above:
    """The text above an item."""

    text: str
    asks: Asks
    is_topic: bool = False


@dataclass(frozen=True)
class Clause:
    start: int
    code: str
    strength: str
    considers: bool
    group: int = 0  # clauses of one group have their verb in common
    end: int = 0  # of the name
    is_object: bool = False


NOTHING = Asks((), "", "", False)


def asks_of(text: str, above: Above | None, speaker: Speaker = Speaker.WORKING_GROUP, is_topic: bool = False) -> Asks:
    """Return what a text asks. An item follows the text above it where its own words say nothing."""
    text = _own_words(text)
    own = asks_alone(text, speaker, is_topic)
    if above is None or finds_clause(text, is_at_start=True):
        return own
    if (says := verbs.SAYS_THAT.search(above.text)) and verbs.BEGINS_WITH_NAME.match(text):
        return asks_alone(f"{says[1]} {text.replace('The ', 'the ', 1)}", speaker, is_topic)
    if verbs.FOR_ADOPTION.search(above.text):
        unnamed = _inherit(text, Asks(("states_parties",), "", "should", False))
        return own if own.basis == "stated" else replace(unnamed, basis="implied")
    return _inherit(text, above.asks) if above.asks.addressees and not Speaker.begins(text) else own


def asks_of_row(text: str, codes: tuple[str, ...]) -> Asks:
    """Return what a text of a table asks beside a cell that has its addressees."""
    own = asks_of(text, None)
    if own.basis == "stated":
        return own
    considers = own.asks_to_consider or bool(verbs.BEGINS_WITH_CONSIDER.match(text))
    return Asks(codes, "stated", own.strength or "other", considers)


def names_alone(text: str) -> tuple[str, ...]:
    """Return the addressees that a text consists of; none where it has other words."""
    if len(text) > BEFORE or not AROUND_NAMES.fullmatch(NAMES.sub("", text)):
        return ()
    return tuple(dict.fromkeys(_code(name, text) for name in NAMES.finditer(text)))[:MOST]


def _own_words(text: str) -> str:
    """Return a text with what it quotes blanked out, unless all of it is a quotation."""
    text = text[:LETTERS_READ]
    return text if text.startswith(("“", "«")) else QUOTED.sub(lambda quoted: "_" * len(quoted[0]), text)


def _inherit(text: str, above: Asks) -> Asks:
    strength = above.strength
    if strength == "other" and (own := verbs.OWN_FORCE.match(text)):
        strength = own[1]
    starts = bool(verbs.BEGINS_WITH_CONSIDER.match(text))
    if starts and strength == "should":
        strength = "should_consider"
    considers = starts or above.asks_to_consider or strength == "should_consider"
    return Asks(above.addressees, "inherited", strength, considers)


def asks_alone(text: str, speaker: Speaker, is_topic: bool) -> Asks:
    clauses = list(find_clauses(text))
    if not clauses:
        return _implied(text, speaker, is_topic)
    codes = tuple(dict.fromkeys(clause.code for clause in clauses))[:MOST]
    return Asks(codes, "stated", clauses[0].strength, clauses[0].considers)


def find_clauses(text: str) -> Iterator[Clause]:
    """Yield, in their order, the names that are asked for something.

    A name in a remark between subject and verb is none, as in *States, in particular flag States, should*.
    """
    last = Clause(-1, "", "", False)
    for name in NAMES.finditer(text):
        code = _code(name, text)
        before = text[max(0, name.start() - BEFORE) : name.start()]
        after = text[name.end() : name.end() + AFTER]
        is_joined = bool(JOINED.fullmatch(text[last.end : name.start()]))
        clause: Clause | None
        if (found := verbs.OBJECT.search(before)) and _is_verb(before, found, text, after):
            between = text[last.end : name.start() - len(found[0])]
            is_shared = last.is_object and not verbs.INFINITIVE.search(between)
            clause = _object_clause(name, code, found, after, last.group if is_shared else name.start())
        elif last.is_object and is_joined:
            clause = replace(last, start=name.start(), code=code, strength="other", considers=False, end=name.end())
        else:
            clause = _subject_clause(name, code, before, after)
            if clause and clause.group == last.group and not is_joined:
                continue
        if clause:
            last = clause
            yield clause


def _code(name: re.Match[str], text: str) -> str:
    """States that have not done so are not yet parties only where the text is about becoming parties."""
    code = name.lastgroup or ""
    if code != "states_not_yet_parties":
        return code
    if name[0].startswith("parties"):
        return "states_parties"
    return code if BECOMING_PARTIES.search(text) else "states"


def _is_verb(before: str, found: re.Match[str], text: str, after: str) -> bool:
    """A verb in the past tense is that of a body only beside its name, and *Requested States should* has none."""
    if found[0].lower() == "requested " and verbs.SUBJECT.match(after):
        return False
    verb = found[0].split()[0]
    if text.startswith(found[0][:12]):
        return True
    return not verb.endswith("ed") or bool(OF_A_BODY.search(before + text[:BEFORE]))


def _object_clause(name: re.Match[str], code: str, found: re.Match[str], after: str, group: int) -> Clause:
    verb = found[0].lower()
    strength = "encouraged" if verb.startswith("encourage") else "other"
    modal = verbs.SUBJECT.match(after)
    said = _strength(modal) if modal else ""
    if said == "should_consider" or (said and verb.startswith(("decide", "that"))):
        strength = said
    considers = strength == "should_consider" or _asks_to_consider(after) or bool(re.match(",? consider\\b", after))
    return Clause(name.start(), code, strength, considers, group, name.end(), True)


def _asks_to_consider(after: str) -> bool:
    sentence = SENTENCE_END.split(after)[0]
    infinitive = verbs.INFINITIVE.search(sentence)
    return infinitive is not None and infinitive[1] == "consider"


def _strength(modal: re.Match[str]) -> str:
    return next(force for n, (force, _words) in enumerate(verbs.MODALS) if modal[f"m{n}"])


def _subject_clause(name: re.Match[str], code: str, before: str, after: str) -> Clause | None:
    modal = verbs.SUBJECT.match(after)
    if not modal:
        if CONSIDERATION.search(before):
            return Clause(name.start(), code, "should_consider", True, name.start())
        if by := verbs.BY_NAME.search(before):
            return Clause(name.start(), code, _force(by[1]), "be considered" in by[0], name.start())
        if IMPERSONAL_BEFORE.search(before):
            return Clause(name.start(), code, "other", _asks_to_consider(after), name.start())
        return None
    if RELATIVE.search(before) and not verbs.SAID_THAT.search(before):
        return None
    strength, end = _strength(modal), modal.end()
    rest = after[end:]
    if verbs.BY_ANOTHER.match(rest):
        return None
    considers = strength == "should_consider" or bool(verbs.CONSIDERS.match(rest))
    return Clause(name.start(), code, strength, considers, name.end() + end, name.end())


def _force(modal: str) -> str:
    return verbs.FORCES.get(modal, "other")


def finds_clause(text: str, is_at_start: bool = False) -> bool:
    """Whether a text asks for something; with `is_at_start`, whether it begins with a name and what it should do."""
    text = _own_words(text)
    if is_at_start:
        return any(clause.start <= 4 for clause in find_clauses(text[:400]))
    return next(find_clauses(text), None) is not None or bool(_implied(text, Speaker.WORKING_GROUP, False).addressees)


def _implied(text: str, speaker: Speaker, is_topic: bool) -> Asks:
    """Return what is asked where nobody is named."""
    if verbs.DECIDES.search(text):
        code = "working_group" if is_topic else speaker.value
        force = verbs.DECIDED.search(text)
        strength = force[1] if force else "other"
        return Asks((code,), "stated", strength, False)
    modal, given = verbs.AGENTLESS.search(text), CONSIDERATION.search(text)
    considers = bool(given or (modal and verbs.SHOULD_CONSIDER.match(text, modal.start())))
    usual = "encouraged" if "encourage" in text.lower() else "other"
    strength = "should_consider" if considers else _force(modal[1]) if modal else usual
    if is_topic:
        return Asks(("working_group",), "implied", strength, False)
    if verbs.NOT_ASKING.match(text):
        return NOTHING
    is_asking = modal or given or verbs.ASKS_OTHERS.search(text) or IMPERSONAL.search(text)
    return Asks(("states_parties",), "implied", strength, considers) if is_asking else NOTHING


def names_topic(text: str, introduces: bool = False) -> bool:
    """Whether a text proposes a topic for a future meeting; one that `introduces` items proposes them."""
    text = _own_words(text)
    sentences = SENTENCE_END.split(text)
    is_topic = any(all(words.search(sentence) for words in verbs.TOPIC_FOR_A_MEETING) for sentence in sentences)
    return is_topic or (bool(verbs.AGENDA_ITEM.search(text)) and not introduces)
