"""Whom a text addresses, how strongly, and whether it asks to consider: by its words. No Django.

All rules are in the tables of this module. A curator corrects what they give before anything is published. A test
counts how often they agree with what the curators of the first eight meetings decided.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

# Addressees, by the words that name them; the first that fits at a place counts.
ADDRESSEES = (
    (
        "states_not_yet_parties",
        r"(?:States|parties|countries|[Ss]ignator(?:y States|ies)) (?:that (?:have not(?: yet)? done so|are not(?: yet)? parties"
        r"|have not(?: yet)? (?:ratified|acceded|become))|not(?: yet)? (?:parties|party))\b",
    ),
    ("states_parties", r"States? [Pp]art(?:ies|y)\b|\b[Pp]arties\b"),
    ("member_states", r"Member States\b|States Members of the United Nations\b|[Ee]ach Member State\b"),
    (
        "un_entities",
        r"(?:[Ee]ntities|[Oo]rganizations|[Aa]gencies|[Bb]odies|[Ff]unds and programmes) of the United Nations(?: system)?\b"
        r"|United Nations (?:system )?(?:entities|agencies|bodies|organizations)\b|United Nations system\b"
        r"|(?:specialized|international|intergovernmental|regional) (?:agencies|organizations)\b"
        r"|International Labour Organization\b|International Organization for Migration\b|International Maritime Organization\b"
        r"|World Health Organization\b|Food and Agriculture Organization\b|United Nations (?:Children’s Fund|Development Programme)\b"
        r"|Office of the United Nations High Commissioner for (?:Human Rights|Refugees)\b|UN-Women\b|UNICEF\b|UNHCR\b|OHCHR\b"
        r"|UNDP\b|ILO\b|IOM\b|Inter-Agency Coordination Group\b|ICAT\b|INTERPOL\b|International Criminal Police Organization\b",
    ),
    ("states", r"States?\b|Governments?\b|[Cc]ountries\b"),
    ("secretariat", r"Secretariat\b|Secretary-General\b"),
    ("unodc", r"UNODC\b|United Nations Office on Drugs and Crime\b(?: \(UNODC\))?"),
    ("conference", r"Conference(?: of the Parties(?: to the United Nations Convention against Transnational Organized Crime)?)?\b"),
    ("working_group", r"Working Groups?(?: on [A-Z]\w+(?: (?:in|on|of|and|the|[A-Z]\w+))*)?\b"),
)  # fmt: skip
NAMES = re.compile(r"\b(?:" + "|".join(f"(?P<{code}>{words})" for code, words in ADDRESSEES) + ")")
BECOMING_PARTIES = re.compile(
    r"\b(?:ratif\w+|acced\w+|accession|becom\w+ (?:a )?part(?:y|ies)|not(?: yet)? part)", re.IGNORECASE
)

# What comes between a name and what is asked: others named with it, a clause on which of them, or a remark.
DASH = "[\N{EN DASH}\N{EM DASH}]"
BETWEEN = (
    r"(?: to [^.;:,]{1,80}?)?(?: of [a-z, ]{1,60}?)?(?: in a position to do so)?(?:(?:,| and) [^.;:,]{1,90}?)??"
    r"(?:,? (?:that|which|who|whose) [^.;]{1,200}?|, [^.;]{1,250}?,| \([^)]{1,60}\)| "
    + DASH
    + r" [^.;]{1,120}? "
    + DASH
    + r")?"
    r",?(?: concerned| alone)?(?: also| further| therefore| each| then)?"
)
ADVERBS = r"(?: (?:also|further|therefore|again|strongly|once again|once more|in particular|particularly|now|hereby|kindly|especially|actively|\w+ly))?"
# The force of a verb by what it is, where a name is its subject.
MODALS = (
    ("should_consider", r"should(?:, [^.;]{1,200}?,)?(?: also| further| \w+ly)? consider\b"),
    ("should", r"should\b|ought to\b"),
    ("shall", r"shall\b"),
    ("other", r"must\b|needs? to\b|(?:are|is) to\b|(?:have|has) to\b"),
    ("may", r"may\b|might\b|could\b|can\b"),
    ("encouraged", rf"(?:are|is|were|was){ADVERBS} encouraged\b"),
    ("other", rf"(?:are|is|were|was){ADVERBS} (?:urged|invited|requested|called (?:up)?on|asked|recommended|advised|reminded|expected|required)\b"),
)  # fmt: skip
SUBJECT = re.compile(
    "(?=" + BETWEEN + " (?:" + "|".join(f"(?P<m{n}>{words})" for n, (_code, words) in enumerate(MODALS)) + "))"
)
# Verbs of a body in the present or past tense, where a name is the object, and their force.
ACTIVE = (
    ("encouraged", r"[Ee]ncourag(?:es|ed)"),
    (
        "other",
        r"(?:[Uu]rg|[Ii]nvit|[Aa]dvis|[Aa]uthoriz)(?:es|ed)|(?:[Rr]equest|[Aa]sk|[Rr]emind|[Dd]irect|[Ii]nstruct|[Mm]andat|[Tt]ask)e?(?:s|ed)"
        r"|[Cc]all(?:s|ed) (?:up)?on|[Aa]ppeal(?:s|ed) to|[Rr]ecommend(?:s|ed)(?: to| that)?|[Pp]ropose[sd](?: that| to)"
        r"|[Rr]eaffirmed that"
        r"|[Rr]eiterate[sd] its (?:call|request|invitation) (?:to|upon|on)"
        r"|[Ii]t (?:is|was) (?:\w+ly )?recommended that|[Dd]ecide[sd] that"
        r"|(?:Groups|[Ee]xperts|[Pp]articipants|[Mm]eetings|[Ww]e)(?: also| further)? (?:recommend(?: that| to)?|urge|invite|request|call (?:up)?on|encourage)",
    ),
)  # fmt: skip
WHICH = r"(?: (?:the|all|other|those|relevant|interested|requesting|donor|such|its|concerned|affected|as well as|both|each)){0,3} "
OBJECT = re.compile(
    "(?:"
    + "|".join(f"(?P<a{n}>\\b(?:{words}))" for n, (_code, words) in enumerate(ACTIVE))
    + f"){ADVERBS}(?:,? (?:in particular|inter alia),?)?{WHICH}$"
)
# Words after which a name and what it should do are a whole sentence, although they say *that*.
SAID_THAT = re.compile(
    r"(?:\b(?:[Ss]tress|[Ee]mphasiz|[Uu]nderlin|[Uu]nderscor|[Rr]eaffirm|[Rr]eiterat|[Dd]ecid|[Aa]gre|[Rr]ecommend|[Cc]onsider|[Pp]ropos|[Nn]ot)"
    r"(?:es|e?s|ed|d)|\b(?:important|essential|necessary|crucial|vital|desirable|recommended|imperative)|(?:recommended|agreed)),?"
    r"(?: [^.;,]{0,60})? that (?:the |all |each )?$"
)
RELATIVE = re.compile(
    r"(?:\bwhich|\bthat|-|\bStates|\bby|\bof|\bto|\bas|\bbe(?:come|coming|ing)|\bbecoming|\bamong|\bfrom|\bwith|\bbetween)(?: the| all| other| a| an| each| any)? ?$"
)
IMPERSONAL = re.compile(
    r"\b(?:[Tt]here (?:is|was) (?:a|an urgent|a clear|a strong) need for|[Ii]t (?:is|was) (?:(?:\w+ly|of the utmost|of|also|therefore) )*(?:recommended|important|essential|necessary|crucial|vital|imperative|desirable|proposed"
    r"|importance|suggested)\b(?: (?:that|for))?)(?: (?:the|all|each))? "
)
GIVEN_CONSIDERATION = re.compile(
    r"\b[Cc]onsideration (?:should|shall|must|could|may|might) (?:also )?be given(?: by (?:the |all )?)?"
)
BY_NAME = re.compile(
    r"\b(should|shall|must|could|may)(?: not)?(?: also)? be [a-z]+(?:ed|en|t|wn) by (?:the |all |those |other |each )*$"
)
BY_ANOTHER = re.compile(
    rf"(?: not)?(?: also)? be [a-z]+(?:ed|en|t|wn) by (?:the |all |those |other |each )*(?={NAMES.pattern})"
)
DECIDES = re.compile(
    r"^(?:[Aa]lso |[Ff]urther )?[Dd]ecides?\b|\b(?:Working Group|Conference)\b[^.;]{0,80}? decide[sd]\b"
)
AGENTLESS = re.compile(r"\b(should|shall|must|ought to|needs? to|could)\b")
PERMITS = re.compile(r"\b(may|might)\b")
ENCOURAGED_OTHERS = re.compile(
    r"^(?:(?:[Aa]lso|[Ff]urther|[Ss]trongly) )?(?:encourages|urges|invites|calls (?:up)?on|requests|recommends)\b|\b(?:are|is) (?:encouraged|urged|invited|requested|called upon) to\b"
    r"|\bWorking Group\b[^.;]{0,200}? (?:recommend(?:s|ed)|encourage[sd]|urge[sd]|invite[sd])\b",
    re.IGNORECASE,
)
WISHES = re.compile(r"(?:may|might) wish to\b")
INFINITIVE = re.compile(r" to(?: also| further|, [^.;,]{1,200},)? (?!the\b|a\b|an\b|its\b|their\b|[A-Z])(\w+)")
STARTS_WITH_CONSIDER = re.compile(
    r"(?:where [^,;.]+, |in [^,;.]+, )?(?:to )?(?:also )?(?:consider|considering|reiterate [^.;]{0,200} to consider)\b",
    re.IGNORECASE,
)
AMONG_ENTITIES = re.compile(r"among United Nations entities")
FOR_ADOPTION = re.compile(
    r"recommend\w* that the Conference[^.;]{0,200} consider the following recommendations for adoption"
)
# What a body does without asking anybody for anything.
NOT_ASKING = re.compile(
    r"^(?:(?:Also|Further|Again|Strongly|Once again) )?(?:welcomes|takes note|notes|reaffirms|reiterates|recalls|recognizes|acknowledges|affirms|expresses|endorses|adopts|"
    r"approves|commends|thanks|stresses|emphasizes|underlines|underscores|highlights|appreciates|deplores|condemns|resolves|regrets|supports|considers|concurs)\b",
    re.IGNORECASE,
)
OPERATIVE = re.compile(
    NOT_ASKING.pattern
    + r"|^(?:(?:Also|Further|Again|Strongly|Once again) )?(?:urges|invites|requests|calls (?:up)?on|encourages|decides|recommends|appeals|asks|agrees|proposes|directs|authorizes|declares|proclaims|establishes|instructs|reminds)\b",
    re.IGNORECASE,
)
JOINED = re.compile(r"(?: \([A-Z]+\)| to the \w+)?(?:,|,? and|,? or|,? as well as) (?:the |all |other |relevant )*")
SENTENCE_END = re.compile(r"[.;]")
# A topic for a future meeting: all three in one sentence, or an item for the agenda of the Working Group.
AT_A_FUTURE_MEETING = (
    re.compile(r"\btopics?\b|\bthemes?\b|\bsubjects?\b"),
    re.compile(
        r"\b(?:be|for) (?:considered|discussed|included|addressed|consideration|discussion)\b|\b(?:consider|discuss|address|take up)\b"
    ),
    re.compile(
        r"\b(?:future|next|forthcoming|upcoming|subsequent|\w+(?:th|first|second|third))(?: (?:and \w+(?:[ -]\w+)?|joint|intersessional|two|three))? (?:meetings?|sessions?)\b|\bmeetings of the Working Group\b"
    ),
)
AGENDA_ITEM = re.compile(
    r"\bWorking Group\b[^.;]{0,200}\b(?:should|shall|include[sd]?|requested|invited)\b[^.;]{0,200}\bagenda\b[^.;]{0,200}\b(?:items?|topics?)\b"
)
SAYS = re.compile(
    r"\b(?:Working Group|Conference|Expert Group|Meeting|Group|Committee|Commission)\b(?: on [A-Z][^,.;]{0,60})?(?:,[^.;]{0,200}?,)?(?: also| further| therefore| strongly)*"
    r" (?:recommend(?:s|ed)|request(?:s|ed)|invite[sd]|urge[sd]|encourage[sd]|call(?:s|ed) (?:up)?on|decide[sd]|propose[sd]|adopted the following|made the following"
    r"|(?:stress|emphasiz|underlin|reaffirm|reiterat|agre)(?:ed|es|d|s) that (?:the |all )?(?:States|Member|UNODC|Secretariat|parties)[^.;]{0,200} should)\b"
)


class Speaker(StrEnum):
    """Who says *Decides to …*."""

    CONFERENCE = "conference"
    WORKING_GROUP = "working_group"

    @staticmethod
    def says(text: str) -> bool:
        """Whether a body asks or decides here, in a report that tells it among other things."""
        return bool(SAYS.search(text))

    @staticmethod
    def begins(text: str) -> bool:
        """Whether a text begins as a paragraph of a resolution does: *Urges …*, *Takes note …*."""
        return bool(OPERATIVE.match(text))


@dataclass(frozen=True)
class Asks:
    """Codes are those of the catalogue; empty where nothing is derived. `last`: those of the last clause alone."""

    addressees: tuple[str, ...]
    basis: str
    strength: str
    asks_to_consider: bool
    last: tuple[tuple[str, ...], str] = ((), "")


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
    own = asks_alone(text, speaker, is_topic)
    if above is None or not (above.asks.addressees or FOR_ADOPTION.search(above.text)):
        return own
    if FOR_ADOPTION.search(above.text):
        considers = bool(STARTS_WITH_CONSIDER.match(text))
        return Asks(
            ("states_parties",), "implied", "should_consider" if considers else "should", considers and not is_topic
        )
    if finds_clause(text, is_at_start=True):
        return own
    return _inherit(text, above.asks, is_topic)


def _inherit(text: str, above: Asks, is_topic: bool) -> Asks:
    addressees, strength = above.last if above.last[0] else (above.addressees, above.strength)
    starts = bool(STARTS_WITH_CONSIDER.match(text))
    if starts and strength == "should":
        strength = "should_consider"
    considers = starts or above.asks_to_consider or strength == "should_consider"
    return Asks(addressees, "inherited", strength, considers and not is_topic)


def asks_alone(text: str, speaker: Speaker, is_topic: bool) -> Asks:
    clauses = list(_drop_remarks(text, find_clauses(text)))
    if not clauses:
        return _implied(text, speaker, is_topic)
    codes = tuple(dict.fromkeys(clause.code for clause in clauses))[:2]
    first, last = clauses[0], clauses[-1]
    together = tuple(dict.fromkeys(clause.code for clause in clauses if clause.group == last.group))
    return Asks(codes, "stated", first.strength, first.considers and not is_topic, (together, last.strength))


def find_clauses(text: str) -> Iterator[Clause]:
    """Yield, in their order, the names that are asked for something."""
    last_object, group = -1, 0
    for name in NAMES.finditer(text):
        code = _code(name, text)
        before, after = text[max(0, name.start() - 120) : name.start()], text[name.end() : name.end() + 500]
        if (found := OBJECT.search(before)) and _is_of_body(before, found, text):
            verb = name.start() - len(found[0])
            is_shared = 0 <= last_object <= verb and not INFINITIVE.search(text[last_object:verb])
            last_object, group = name.end(), group if is_shared else name.start()
            yield _object_clause(name, code, found, after, group)
        elif last_object >= 0 and JOINED.fullmatch(text[last_object : name.start()]):
            last_object = name.end()
            yield Clause(name.start(), code, "other", False, group, name.end(), True)
        elif clause := _subject_clause(name, code, before, after):
            yield clause


def _drop_remarks(text: str, clauses: Iterable[Clause]) -> Iterator[Clause]:
    """Leave out a name in a remark between a subject and its verb, as in *States, in particular flag States, should*."""
    last: Clause | None = None
    for clause in clauses:
        if (
            last is None
            or clause.group != last.group
            or JOINED.fullmatch(text[last.end : clause.start])
            or last.is_object
        ):
            yield clause
        last = clause


def _code(name: re.Match[str], text: str) -> str:
    """States that have not done so are not yet parties only where the text is about becoming parties."""
    code = name.lastgroup or ""
    if code != "states_not_yet_parties":
        return code
    if name[0].startswith("parties"):
        return "states_parties"
    return code if BECOMING_PARTIES.search(text) else "states"


def _is_of_body(before: str, found: re.Match[str], text: str) -> bool:
    """A verb in the past tense is that of a body only beside its name."""
    verb = found[0].split()[0]
    if text.startswith(found[0][:12]):
        return True
    return not verb.endswith("ed") or bool(
        re.search(r"Working Group|Conference|[Mm]eeting|[Ii]t was|Group|Committee", before + text[:120])
    )


def _object_clause(name: re.Match[str], code: str, found: re.Match[str], after: str, group: int) -> Clause:
    strength = next(force for n, (force, _words) in enumerate(ACTIVE) if found[f"a{n}"])
    modal = SUBJECT.match(after)
    if modal and found[0].rstrip().endswith(("that", "that the", "that all")):
        said = _strength(modal)
        if said == "should_consider" or found[0].lower().startswith("decide"):
            strength = said
    considers = strength == "should_consider" or _asks_to_consider(after) or bool(re.match(",? consider\\b", after))
    return Clause(name.start(), code, strength, considers, group, name.end(), True)


def _asks_to_consider(after: str) -> bool:
    sentence = SENTENCE_END.split(after)[0]
    infinitive = INFINITIVE.search(sentence)
    return bool(infinitive) and infinitive[1] == "consider"


def _strength(modal: re.Match[str]) -> str:
    return next(force for n, (force, _words) in enumerate(MODALS) if modal[f"m{n}"])


def _subject_clause(name: re.Match[str], code: str, before: str, after: str) -> Clause | None:
    modal = SUBJECT.match(after)
    if not modal:
        if GIVEN_CONSIDERATION.search(before):
            return Clause(name.start(), code, "should_consider", True, name.start())
        if by := BY_NAME.search(before):
            return Clause(name.start(), code, _force(by[1]), False, name.start())
        if IMPERSONAL.search(before) and IMPERSONAL.search(before).end() == len(before):  # type: ignore[union-attr]
            return Clause(name.start(), code, "other", _asks_to_consider(after), name.start())
        return None
    if RELATIVE.search(before) and not SAID_THAT.search(before):
        return None
    number = next(n for n in range(len(MODALS)) if modal[f"m{n}"])
    strength, end = MODALS[number][0], modal.end(f"m{number}")
    rest = after[end:]
    if BY_ANOTHER.match(rest):
        return None
    considers = strength == "should_consider" or bool(
        re.match(r"(?: wish)?(?: to)?(?: also)?(?:, [^.;]{1,200}?,)? consider\b", rest)
    )
    if strength in ("may", "encouraged") and re.search(r" should ", rest):
        considers = False
    return Clause(name.start(), code, strength, considers, name.end() + end, name.end())


def _force(modal: str) -> str:
    return {"should": "should", "shall": "shall", "could": "may", "may": "may"}.get(modal, "other")


def finds_clause(text: str, is_at_start: bool = False) -> bool:
    """Whether a text asks somebody for something, or with `is_at_start`, begins with a subject and what it should do."""
    if is_at_start:
        return any(clause.start <= 4 and not OPERATIVE.match(text) for clause in find_clauses(text[:400]))
    return next(find_clauses(text), None) is not None or bool(_implied(text, Speaker.WORKING_GROUP, False).addressees)


def _implied(text: str, speaker: Speaker, is_topic: bool) -> Asks:
    """Return what is asked where nobody is named."""
    if DECIDES.search(text):
        code = (
            speaker.value if DECIDES.match(text) else ("conference" if "Conference decide" in text else "working_group")
        )
        if is_topic:
            code = "working_group"
        force = re.search(r"\bdecide[sd] that [^.;]{0,200}? (shall|should)\b", text, re.IGNORECASE)
        strength = force[1] if force else "other"
        return Asks((code,), "stated", strength, False, ((code,), strength))
    modal = AGENTLESS.search(text)
    strength = _force(modal[1]) if modal else "other"
    if given := GIVEN_CONSIDERATION.search(text):
        strength = "should_consider" if "should" in given[0] else strength
    considers = strength == "should_consider" and not is_topic
    if AMONG_ENTITIES.search(text) and modal:
        return Asks(("un_entities",), "implied", strength, considers, (("un_entities",), strength))
    if is_topic:
        return Asks(("working_group",), "implied", strength, False, (("working_group",), strength))
    if NOT_ASKING.match(text) and not SAID_THAT.search(text[: modal.start()] if modal else ""):
        return NOTHING
    if modal or ENCOURAGED_OTHERS.search(text) or IMPERSONAL.search(text) or given:
        if modal and re.match(r"should(?:, [^.;]{1,200}?,)?(?: also)? consider\b", text[modal.start() :]):
            strength, considers = "should_consider", True
        elif not modal and re.search(r"\bencourage", text, re.IGNORECASE):
            strength = "encouraged"
        return Asks(("states_parties",), "implied", strength, considers, (("states_parties",), strength))
    return NOTHING


def names_topic(text: str, introduces: bool = False) -> bool:
    """Whether a text proposes a topic for a future meeting; one that `introduces` items proposes them."""
    sentences = SENTENCE_END.split(text)
    is_topic = any(all(words.search(sentence) for words in AT_A_FUTURE_MEETING) for sentence in sentences)
    return is_topic or (bool(AGENDA_ITEM.search(text)) and not introduces)
