"""Whom texts of the United Nations address: names by the codes of the catalogue, and what is written around them."""

import re


def any_of(*words: str) -> str:
    """Return an expression that fits one of the expressions."""
    return f"(?:{'|'.join(words)})"


NOT_YET = any_of(
    "that ha(?:ve|d) not(?: yet)? (?:done so|ratified|acceded|become)",
    "that (?:are|were) not(?: yet)? parties",
    "not(?: yet)? (?:parties|party)",
)
UNITED_NATIONS = (
    r"(?:[Ee]ntities|[Oo]rganizations|[Aa]gencies|[Bb]odies|[Ff]unds and programmes) of the United Nations(?: system)?",
    r"United Nations (?:system )?(?:entities|agencies|bodies|organizations)",
    r"United Nations system",
    r"(?:specialized|international|intergovernmental|regional) (?:agencies|organizations)",
    r"International Labour Organization|ILO",
    r"International Organization for Migration|IOM",
    r"International Maritime Organization|IMO",
    r"World Health Organization|WHO",
    r"Food and Agriculture Organization",
    r"United Nations Children’s Fund|UNICEF",
    r"United Nations Development Programme|UNDP",
    r"Office of the United Nations High Commissioner for (?:Human Rights|Refugees)|OHCHR|UNHCR",
    r"UN-Women",
    r"Inter-Agency Coordination Group|ICAT",
    r"International Criminal Police Organization|INTERPOL",
)
OFFICER = r"(?:(?:Chair(?:person)?|Vice-Chairs?|Bureau|President|Rapporteur) of the )?"
OFFICE = r"UNODC|United Nations Office on Drugs and Crime(?: \(UNODC\))?"
CONVENTION = "United Nations Convention against Transnational Organized Crime"
CONFERENCE = rf"{OFFICER}Conference(?: of the Parties(?: to the {CONVENTION})?)?"
# The first that fits at a place counts.
ADDRESSEES = (
    (
        "states_not_yet_parties",
        rf"(?:States|parties|countries|[Ss]ignator(?:y States|ies)) {NOT_YET}",
    ),
    ("states_parties", r"States? [Pp]art(?:ies|y)|[Pp]arties"),
    ("member_states", r"Member States?|States Members of the United Nations"),
    ("un_entities", any_of(*UNITED_NATIONS)),
    ("states", r"States?|Governments?|[Cc]ountries"),
    ("secretariat", r"[Ss]ecretariat|Secretary-General"),
    ("unodc", rf"(?:Executive Director of (?:the )?)?(?:{OFFICE})"),
    ("conference", CONFERENCE),
    ("working_group", rf"{OFFICER}Working Groups?(?: on [A-Z]\w+(?: (?:in|on|of|and|the|[A-Z]\w+))*)?"),
)
NAMES = re.compile(rf"\b{any_of(*(rf'(?P<{code}>{words})' for code, words in ADDRESSEES))}(?!\w)")
BECOMING_PARTIES = re.compile(
    r"\b(?:ratif\w+|acced\w+|accession|becom\w+ (?:a )?part(?:y|ies)|not(?: yet)? part)", re.IGNORECASE
)

DASH = "[\N{EN DASH}\N{EM DASH}]"
# What comes between a name and its verb: others named with it, a clause on which of them, or a remark.
REMARK = any_of(
    r",? (?:that|which|who|whose) [^.;]{1,200}?",
    r", [^.;]{1,250}?,",
    r" \([^)]{1,60}\)",
    rf" {DASH} [^.;]{{1,120}}? {DASH}",
)
BETWEEN = (
    r"(?: to [^.;:,]{1,80}?)?(?: of [a-z, ]{1,60}?)?(?: in a position to do so)?(?:(?:,| and) [^.;:,]{1,90}?)??"
    rf"{REMARK}?,?(?: concerned| alone)?(?: also| further| therefore| each| then)?"
)
AROUND_NAMES = re.compile(r"(?:[\s,;./]|\b(?:and|the|all)\b)*", re.IGNORECASE)  # where a text has nothing else
# What is between two names that have their verb in common.
JOINED = re.compile(r"(?: \([A-Z]+\)| to the \w+)?(?:,|,? and|,? or|,? as well as) (?:the |all |other |relevant )*")
# What is between a verb and the name that is its object.
WHICH = any_of(
    *("the", "all", "other", "those", "relevant", "interested", "requesting", "donor", "such", "its", "concerned"),
    *("affected", "as well as", "both", "each"),
)
# Words after which a name is no subject of the sentence.
RELATIVE = re.compile(
    rf"(?:-|\b{any_of('which', 'that', 'States', 'by', 'of', 'to', 'to [a-z]+', 'as', 'become', 'becoming', 'being')}"
    r"|\b(?:among|from|with|between))(?: the| all| other| an?| each| any)? ?$"
)
BODIES = any_of("Working Groups?", "Conference", "Expert Group", "Meeting", "Group", "Committee", "Commission")
