"""Derive annotations from the words of a text, without Django.

All rules are here. A curator corrects what they give before anything is published. A test counts how often they agree
with what the curators of the first eight meetings decided.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from operator import itemgetter

from recommendations.paper_import.parser import ParsedKind, ParsedNode

# Addressees, by the words that name them as a subject; the first that fits at a place counts.
ADDRESSEES = (
    ("states_not_yet_parties", r"States that have not (?:yet )?done so|States not yet parties"),
    ("states_parties", r"States parties|Parties|each State party"),
    ("member_states", r"Member States"),
    ("states", r"States"),
    ("secretariat", r"the Secretariat"),
    ("unodc", r"UNODC|the United Nations Office on Drugs and Crime(?: \(UNODC\))?"),
    ("conference", r"the Conference(?: of the Parties)?"),
    ("working_group", r"the Working Group(?: on Trafficking in Persons)?"),
)
# What comes between the addressee and the request.
BETWEEN = (
    r"(?: and [A-Za-z ]{1,40}?)?"
    r"(?: that have not [^.;]{1,200}?,|, [^.;]{1,200}?,| [DASH] [^.;]{1,120}? [DASH])?(?: also)?"
).replace("DASH", "\N{EN DASH}\N{EM DASH}")
ASKS = r" (?:should|shall|may|might|could|(?:are|were|is|was)(?: further)? encouraged)\b"
NAMES = "|".join(f"(?P<{code}>{words})" for code, words in ADDRESSEES)
SUBJECT = re.compile(  # where a word begins with a letter that a name begins with: to look further takes longer
    rf"\b(?=[EMPSTU])(?<!-)(?<!which )(?<!that )(?<!States )(?:{NAMES})(?={BETWEEN}{ASKS})", re.IGNORECASE
)

# What the Working Group itself says, and whom it addresses.
SAYS = (
    r"Working Group[^.;]{0,200}? (?:recommend(?:s|ed)|request(?:s|ed)|propose[sd]|reaffirm(?:s|ed)|invite[sd]|urge[sd])"
)
REQUEST = re.compile(rf"{SAYS}(?: to)?(?: that)? (?:{NAMES})\b", re.IGNORECASE)
FOR_ADOPTION = re.compile(
    r"recommend\w* that the Conference[^.;]{0,200} consider the following recommendations for adoption"
)

AGENTLESS = re.compile(r"\bshould (?:not )?be\b")
UN_ENTITIES = re.compile(r"among United Nations entities")
SENTENCE_END = re.compile(r"[.;]")
AT_A_FUTURE_MEETING = (  # all of them in one sentence
    re.compile(r"\btopics?\b"),
    re.compile(r"\b(?:be|for) (?:considered|discussed|included|addressed|consideration)\b"),
    re.compile(r"\b(?:future|next|\w+th) (?:meetings?|sessions?)\b"),
)

# The force of the words, in the order of precedence where two begin at the same place; `may` where there is no other.
STRENGTHS = (
    ("should_consider", re.compile(r"\bshould(?:, [^.;]{1,200}?,)? consider\b", re.IGNORECASE)),
    ("shall", re.compile(r"\bshall\b", re.IGNORECASE)),
    ("encouraged", re.compile(r"\b(?:are|were|is|was)(?: further)? encouraged\b", re.IGNORECASE)),
    ("should", re.compile(r"\bshould\b", re.IGNORECASE)),
)
MAY = re.compile(r"\b(?:may|might|could)\b", re.IGNORECASE)
CONSIDERS = re.compile(r"(?:where [^,;.]+, )?(?:consider|reiterate [^.;]{0,200} to consider)\b", re.IGNORECASE)
MAY_CONSIDER = re.compile(r"\b(?:are|were) encouraged to consider\b|\bmay (?:consider|use)\b")


@dataclass(frozen=True)
class NodeAnnotations:
    """Codes are those of the catalogue; empty where nothing is derived."""

    is_unit: bool
    is_topic: bool
    addressees: tuple[str, ...]
    basis: str
    strength: str
    asks_to_consider: bool


def find_annotations(nodes: Iterable[ParsedNode]) -> dict[str, NodeAnnotations]:
    """Return annotations by label. An item follows its chapeau where its own words say nothing."""
    known: dict[str, tuple[ParsedNode, NodeAnnotations]] = {}
    for node in nodes:
        known[node.label] = node, annotations_of_node(node, known.get(node.parent or ""))
    return {label: annotations for label, (_node, annotations) in known.items()}


def annotations_of_node(node: ParsedNode, above: tuple[ParsedNode, NodeAnnotations] | None) -> NodeAnnotations:
    if node.kind == ParsedKind.NOTE:
        return NodeAnnotations(False, False, (), "", "", False)
    addressees, basis = find_addressees(node, above)
    is_topic = node.kind == ParsedKind.RECOMMENDATION and _is_topic(node, above)
    is_unit = bool(addressees) and not is_topic and _is_unit(node, above)
    strength = find_strength(node, above) if addressees else ""
    return NodeAnnotations(
        is_unit, is_topic, addressees, basis, strength, is_unit and _is_to_consider(node.text, strength)
    )


def _is_topic(node: ParsedNode, above: tuple[ParsedNode, NodeAnnotations] | None) -> bool:
    return _names_topic(node.text) or (above is not None and _names_topic(above[0].text))


def _names_topic(text: str) -> bool:
    sentences = SENTENCE_END.split(text)
    return any(all(words.search(sentence) for words in AT_A_FUTURE_MEETING) for sentence in sentences)


def _is_unit(node: ParsedNode, above: tuple[ParsedNode, NodeAnnotations] | None) -> bool:
    """Every leaf is a unit, but an item with items of its own is answered once for all of them."""
    if node.kind == ParsedKind.CHAPEAU:
        return above is not None
    return not (above and above[1].is_unit)


def find_addressees(node: ParsedNode, above: tuple[ParsedNode, NodeAnnotations] | None) -> tuple[tuple[str, ...], str]:
    if above and FOR_ADOPTION.search(above[0].text):
        return ("states_parties",), "implied"
    if above and above[1].addressees:
        return above[1].addressees, "inherited"
    if named := tuple(dict.fromkeys(_named_addressees(node.text)))[:2]:
        return named, "stated"
    if UN_ENTITIES.search(node.text):
        return ("un_entities",), "implied"
    if _names_topic(node.text):
        return ("working_group",), "implied"
    if AGENTLESS.search(node.text):
        return ("states_parties",), "implied"
    return (), ""


def _named_addressees(text: str) -> Iterable[str]:
    request = REQUEST.search(text)
    for match in [request] if request else SUBJECT.finditer(text):
        yield match.lastgroup or ""


def find_strength(node: ParsedNode, above: tuple[ParsedNode, NodeAnnotations] | None) -> str:
    """An item has the strength of its chapeau, unless it says *consider*."""
    if above and FOR_ADOPTION.search(above[0].text):
        return "should_consider" if CONSIDERS.match(node.text) else "should"
    if above and above[1].strength:
        is_considered = above[1].strength == "should" and CONSIDERS.match(node.text)
        return "should_consider" if is_considered else above[1].strength
    matches = [(match.start(), code) for code, words in STRENGTHS if (match := words.search(node.text))]
    weakest = "may" if MAY.search(node.text) else "other"
    first = min(matches, key=itemgetter(0))[1] if matches else weakest
    return "other" if REQUEST.search(node.text) and first != "should_consider" else first


def _is_to_consider(text: str, strength: str) -> bool:
    """Considering is not itself what the text asks where a further clause says *should*."""
    if strength == "should_consider":
        return True
    return bool(MAY_CONSIDER.search(text)) and " should " not in text
