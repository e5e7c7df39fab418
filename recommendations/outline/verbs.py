"""How texts of the United Nations ask: verbs and their force, by the codes of the catalogue, and what is no request.

A verb in the present tense is `other`, *Encourages* is `encouraged`: so the curators of the first meetings decided.
"""

import re

from recommendations.outline.addressees import BETWEEN, BODIES, NAMES, WHICH, any_of

AGAIN = any_of(
    "also", "further", "therefore", "again", "strongly", "once again", "once more", "in particular", r"\w+ly"
)
ADVERB = rf"(?: {AGAIN})?"
IS = r"(?:are|is|were|was)"
REMARK = r"(?:, [^.;]{1,200}?,)?"
ASKED = any_of(
    *("urged", "invited", "requested", r"called (?:up)?on", "asked", "recommended", "advised", "reminded", "expected"),
    "required",
)
# Verbs of which a name is the subject; the first that fits counts.
MODALS = (
    ("should_consider", rf"should{REMARK}(?: also| further| \w+ly)? consider\b"),
    ("should", r"should\b|ought to\b"),
    ("shall", r"shall\b"),
    ("other", r"must\b|needs? to\b|(?:are|is) to\b|(?:have|has) to\b"),
    ("may", r"may\b|might\b|could\b|can\b"),
    ("encouraged", rf"{IS}{ADVERB} encouraged\b"),
    ("other", rf"{IS}{ADVERB} {ASKED}\b"),
)
SHOULD_CONSIDER = re.compile(MODALS[0][1])
SUBJECT = re.compile(rf"{BETWEEN} {any_of(*(f'(?P<m{n}>{words})' for n, (_force, words) in enumerate(MODALS)))}")
# Verbs of a body, of which a name is the object.
PRESENT_OR_PAST = any_of(
    "(?:[Uu]rge|[Ii]nvite|[Ee]ncourage)[sd]",
    "(?:[Rr]equest|[Aa]sk)(?:s|ed)",
    "(?:[Cc]all(?:s|ed) (?:up)?on|[Aa]ppeal(?:s|ed) to)",
    r"[Rr]ecommend(?:s|ed)(?: to| that)?",
    r"[Pp]ropose[sd](?: that| to)",
    r"[Dd]ecide[sd] that",
    r"[Rr]eaffirmed that",
    r"(?:[Rr]emind|[Dd]irect|[Ii]nstruct|[Tt]ask)(?:s|ed)",
    r"(?:[Aa]dvise|[Aa]uthorize|[Mm]andate)[sd]",
    r"[Rr]eiterate[sd] its (?:call|request|invitation) (?:to|upon|on)",
    r"[Ii]t (?:is|was) (?:\w+ly )?recommended that",
    r"^That(?:, [^.;,]{1,80},)?",
)
OF_MANY = (
    rf"(?:Groups|[Ee]xperts|[Pp]articipants|[Mm]eetings|[Ww]e){ADVERB} "
    r"(?:recommend(?: that| to)?|urge|invite|request|call (?:up)?on|encourage)"
)
SINGLE = r"(?!(?:of|from|by|to|for|with|in|on|at|among|between|through|and|or|that|than)\b)[a-z]+"  # host countries
OBJECT = re.compile(
    rf"\b{any_of(PRESENT_OR_PAST, OF_MANY)}"
    rf"{ADVERB}(?:,? (?:in particular|inter alia),?)?(?: {WHICH}){{0,3}}(?: {SINGLE})? $"
)
# Verbs after which a name and what it should do are a whole sentence, although *that* is before it.
SAYS = any_of(
    *("[Ss]tress", "[Ee]mphasiz", "[Uu]nderlin", "[Uu]nderscor", "[Rr]eaffirm", "[Rr]eiterat", "[Dd]ecid", "[Aa]gre"),
    *("[Rr]ecommend", "[Cc]onsider", "[Pp]ropos", "[Nn]ot"),
)
NEEDED = any_of(
    *("recommended", "important", "essential", "necessary", "crucial", "vital", "imperative", "desirable", "proposed"),
    *("importance", "suggested"),
)
SAID_THAT = re.compile(rf"\b(?:{SAYS}e?(?:s|d)|{NEEDED}),?(?: [^.;,]{{0,60}})? that (?:the |all |each )?$")
# What the text above says of items that begin with a name: *recommends that:*
SAYS_THAT = re.compile(r"\b((?:[Rr]ecommend|[Pp]ropose|[Dd]ecide)(?:s|d|ed) that)(?: [^.;:]{0,80})?:$")
BEGINS_WITH_NAME = re.compile(rf"(?:The |All |Each |Relevant |Interested )?{NAMES.pattern}")
# It is important that …; there is a need for …
IMPERSONAL = (
    rf"\b(?:[Tt]here {IS} (?:a|an urgent|a clear|a strong) need for"
    rf"|[Ii]t (?:is|was|would be) (?:(?:\w+ly|of the utmost|of|also|therefore) )*{NEEDED}\b(?: (?:that|for))?)"
    r"(?: (?:the|all|each))? "
)
CONSIDERATION = r"\b[Cc]onsideration (?:should|shall|must|could|may|might) (?:also )?be given(?: by (?:the |all )?)?"
# Measures should be taken by …
PARTICIPLE = "[a-z]+(?:ed|en|t|wn)"
SOME = r"(?:(?!(?:of|in|from|for|with|to|and|or)\b)[a-z]+ ){0,2}"  # the requested
DONE = rf"(?: not)?(?: also)? be {PARTICIPLE}(?: and {PARTICIPLE})? by {SOME}"
BY_NAME = re.compile(rf"\b(should|ought to|shall|must|could|may|are to|is to|needs? to){DONE}$")
BY_ANOTHER = re.compile(rf"{DONE}(?={NAMES.pattern})")
# Where nobody is named.
AGENTLESS = re.compile(r"\b(should|shall|must|ought to|needs? to|could)\b")
# What an item has that is a whole sentence in the passive: *Guardians should not be responsible …*
OWN_FORCE = re.compile(r"[A-Z](?:(?!\b(?:that|which|who)\b)[^,;:.()]){0,80}? (should|shall)(?: not)? be\b")
FORCES = {"should": "should", "ought to": "should", "shall": "shall", "could": "may", "may": "may"}
DECIDES = re.compile(
    rf"^(?:{AGAIN} )?decides?\b|\b(?:Working Group|Conference)\b[^.;]{{0,80}}? decide[sd]\b", re.IGNORECASE
)
DECIDED = re.compile(r"\bdecide[sd] that [^.;]{0,200}? (shall|should)\b", re.IGNORECASE)
ASKS_OTHERS = re.compile(
    rf"^(?:{AGAIN} )?(?:encourages|urges|invites|calls (?:up)?on|requests|recommends)\b"
    r"|\b(?:are|is) (?:encouraged|urged|invited|requested|called upon) to\b"
    r"|\bWorking Group\b[^.;]{0,200}? (?:recommend(?:s|ed)|encourage[sd]|urge[sd]|invite[sd])\b",
    re.IGNORECASE,
)
# To consider.
INFINITIVE = re.compile(r" to(?: also| further|, [^.;,]{1,200},)? (?!the\b|an?\b|its\b|their\b|[A-Z])(\w+)")
CONSIDERS = re.compile(rf"(?: wish)?{REMARK}(?: to)?(?: also)?{REMARK} consider\b")
BEGINS_WITH_CONSIDER = re.compile(
    r"(?:where [^,;.]+, |in [^,;.]+, )?(?:to )?(?:also )?(?:consider|considering|reiterate [^.;]{0,200} to consider)\b",
    re.IGNORECASE,
)
# What a body does in a resolution without asking anybody for anything, and what it does to ask.
ADOPTS = any_of(
    *("welcomes", "takes note", "notes", "reaffirms", "reiterates", "recalls", "recognizes", "acknowledges", "affirms"),
    *("expresses", "endorses", "adopts", "approves", "commends", "thanks", "stresses", "emphasizes", "underlines"),
    *("underscores", "highlights", "appreciates", "deplores", "condemns", "resolves", "regrets", "supports"),
    *("considers", "concurs"),
)
REQUESTS = any_of(
    *("urges", "invites", "requests", "calls (?:up)?on", "encourages", "decides", "recommends", "appeals", "asks"),
    *("agrees", "proposes", "directs", "authorizes", "declares", "proclaims", "establishes", "instructs", "reminds"),
)
NOT_ASKING = re.compile(rf"(?:{AGAIN} )?{ADOPTS}\b", re.IGNORECASE)
OPERATIVE = re.compile(rf"(?!requests (?:for|from|of|by)\b)(?:{AGAIN} )?{any_of(ADOPTS, REQUESTS)}\b", re.IGNORECASE)
# A body asks or decides, in a report that tells it among other things.
TOLD = any_of(
    *("recommend(?:s|ed)", "request(?:s|ed)", "invite[sd]", "urge[sd]", "encourage[sd]", r"call(?:s|ed) (?:up)?on"),
    *("decide[sd]", "propose[sd]", "(?:adopted|made) the following"),
    r"(?:stress|emphasiz|underlin|reaffirm|reiterat|agre)(?:ed|es|d|s) that (?:the |all )?"
    r"(?:States|Member|UNODC|Secretariat|parties)[^.;]{0,200} should",
)
BODY_ASKS = re.compile(
    rf"\b{BODIES}\b(?: on [A-Z][^,.;]{{0,60}})?{REMARK}(?: also| further| therefore| strongly)* {TOLD}\b"
    r"|\b[Ii]t was(?: also| further| \w+ly)* recommended that\b"
)
# What introduces recommendations of which the Conference is none of the addressees.
FOR_ADOPTION = re.compile(
    r"recommend\w* that the Conference[^.;]{0,200} (?:endors|adopt|approv|consider)\w* the following recommendations"
)
# A topic for a future meeting: all three in one sentence, or an item for the agenda of the Working Group.
MEETING = any_of("future", "next", "forthcoming", "upcoming", "subsequent", r"\w+(?:th|first|second|third)")
TOPIC_FOR_A_MEETING = (
    re.compile(r"\btopics?\b|\bthemes?\b|\bsubjects?\b"),
    re.compile(
        r"\b(?:be|for) (?:considered|discussed|included|addressed|consideration|discussion)\b"
        r"|\b(?:consider|discuss|address|take up)\b"
        r"|\b(?:topic|theme|subject)s? for (?:its |the |an? )?\w+ (?:meeting|session)s?\b"
    ),
    re.compile(
        rf"\b{MEETING}(?: (?:and \w+(?:[ -]\w+)?|joint|intersessional|two|three))? (?:meetings?|sessions?)\b"
        r"|\bmeetings of the Working Group\b"
    ),
)
AGENDA_ITEM = re.compile(
    r"\bWorking Group\b[^.;]{0,200}\b(?:should|shall|include[sd]?|requested|invited)\b[^.;]{0,200}\bagenda\b"
    r"[^.;]{0,200}\b(?:items?|topics?)\b"
)
