"""What the chapters of a document of the United Nations are for, by the words of their headings and paragraphs.

Tables alone, no Django: the first line that fits counts.
"""

import re
from enum import StrEnum

from recommendations.outline.addressees import any_of


class Zone(StrEnum):
    """What a part of a document has."""

    RECOMMENDATIONS = "recommendations"
    TOPICS = "topics"  # for future meetings
    REPORT = "report"
    ANNEX = "annex"
    UNKNOWN = "unknown"


INSIDE = (Zone.RECOMMENDATIONS, Zone.TOPICS)
ADOPTED = "(?:adopted|draft|proposed)"
DECISIONS = "(?:resolutions?|decisions?)"
ABOUT = "(?:follow-up|implementation|status|review|discussion|summary|consideration)"
# In the heading of a chapter.
CHAPTER_WORDS = (
    (Zone.REPORT, rf"\b{ABOUT} (?:to|of|on|concerning) (?:the )?(?:\w+ )?(?:recommendations|resolutions|decisions)"),
    (Zone.REPORT, r"\bsummary\b(?!.*\band recommendations)"),
    (Zone.TOPICS, r"\btopics?\b.*\b(?:future|next|consideration)\b|\bfuture (?:topics|work)\b"),
    (Zone.RECOMMENDATIONS, r"\brecommendations?\b|\brecommended\b"),
    (
        Zone.RECOMMENDATIONS,
        rf"\b{DECISIONS}\b.*\b{ADOPTED}\b|\b{ADOPTED} {DECISIONS}\b|^{DECISIONS}(?: and decisions?)?$",
    ),
    (Zone.RECOMMENDATIONS, r"^(?:matters|decisions?|points?) (?:calling|requiring|for) action\b"),
    (Zone.RECOMMENDATIONS, r"\baction (?:points|to be taken|items)\b|\bpoints? for action\b|\bway forward\b"),
    (Zone.RECOMMENDATIONS, r"\bproposals\b|\bagreed (?:conclusions|points|actions)\b"),
    (Zone.RECOMMENDATIONS, r"^[\w-]+ (?:meeting|session)(?: \([\w -]+\))?, "),
    (Zone.REPORT, r"\badoption of (?:the|its)\b|\borganization\b|\bopening\b|\battendance\b|\bagenda\b|\blist of\b"),
    (Zone.REPORT, r"\belection\b|\bdocumentation\b|\bclosure\b|\bclosing\b|\bparticipa(?:nts|tion)\b|\bofficers\b"),
    (Zone.REPORT, r"\bintroduction\b|\bbackground\b|\bmandate\b|\bcontext\b|\bscope\b|\bpurpose\b|\bobjectives?\b"),
    (Zone.REPORT, r"\bother (?:matters|business)\b"),
)
# A heading inside a chapter of recommendations that begins something else; it must be the whole heading.
SECTION_WORDS = (
    (
        Zone.REPORT,
        "introduction|background|general|introductory remarks|explanatory notes?|chapeau|preamble"
        "|(?:summary|discussion|deliberations|(?:general )?observations|findings|comments|exchange of views"
        "|(?:general |main )?conclusions)(?: (?:of|on|by) .*)?",
    ),
    (Zone.RECOMMENDATIONS, r".*\brecommendations?\b.*"),
)
CHAPTERS = tuple((zone, re.compile(words, re.IGNORECASE)) for zone, words in CHAPTER_WORDS)
SECTIONS = tuple((zone, re.compile(words, re.IGNORECASE)) for zone, words in SECTION_WORDS)
# What an annex is called that has recommendations or topics, and no draft of a decision.
ANNEXED = re.compile(r"\brecommendations?\b|\btopics?\b", re.IGNORECASE)
TITLE = re.compile(r"\b(?:recommendations?|resolutions?|decisions?)\b", re.IGNORECASE)
REPORT = re.compile(r"^(?:draft )?report\b", re.IGNORECASE)
# The head of the column of a table.
COLUMN = re.compile(r"(?:\w+ ){0,2}recommendations?|(?:recommended|proposed) (?:actions?|measures?)", re.IGNORECASE)

PRESENTED = any_of(
    *("below", "following", "present(?:ed|s)?", "contained", "set out", "adopted", "agreed", "listed", "reproduced"),
    "as follows",
)
# A paragraph that presents the recommendations, and is none.
PRESENTS = re.compile(
    rf"\b(?:recommendations?|resolutions?|decisions?|conclusions)\b.{{0,120}}\b{PRESENTED}\b"
    r"|\b(?:adopted|agreed|made|endorsed|following|approved)\b.{0,80}\brecommendations?\b"
    r"|\b(?:contains?|sets? out|presents?|lists?|reproduces?)\b.{0,60}\brecommendations?\b",
    re.IGNORECASE | re.DOTALL,
)
PEOPLE = any_of(
    *("speakers?", "delegations?", "participants?", "panell?ists?", "representatives?", "observers?"),
    *("chair(?:person)?", "facilitator", "moderator", "experts?"),
)
MANY = any_of("several", "many", "some", "most", "a number of", "other", "one", "another", "two", "the", "a")
TOLD = any_of("noted", "said", "stressed", "mentioned", "pointed out", "observed", "emphasized", "underlined")
# A paragraph that says what was said.
TELLS = re.compile(
    rf"^(?:[^,.;]{{1,80}}, )?(?:{MANY} )?(?:\w+ )?{PEOPLE}\b(?! (?:should|shall|must|may)\b)"
    r"[^.;:]{0,120} (?:\w+ed|said|spoke|drew|gave|made|held|thought|felt|were of the view)\b"
    rf"|^it was (?:{TOLD}|explained|recalled|suggested|reported)\b"
    rf"|, {MANY} {PEOPLE} {TOLD}\b|^(?:the )?(?:view|concern|opinion)s? (?:was|were) expressed",
    re.IGNORECASE,
)


def zone_of_chapter(title: str) -> Zone | None:
    return next((zone for zone, words in CHAPTERS if words.search(title)), None)


def zone_of_section(title: str) -> Zone | None:
    """Return the zone that a heading begins below the heading of a chapter, or None if it goes on."""
    return next((zone for zone, words in SECTIONS if words.fullmatch(title.strip())), None)


def names_recommendations(title: str) -> bool:
    """Whether the title of a document says that it consists of recommendations, resolutions or decisions."""
    return bool(TITLE.search(title)) and not REPORT.match(title)
