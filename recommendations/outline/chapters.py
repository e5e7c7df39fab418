"""What the chapters of a document of the United Nations are for, by the words of their headings. No Django."""

import re
from enum import StrEnum


class Zone(StrEnum):
    """What a chapter has. What is no recommendation is left out with the zone as its reason."""

    RECOMMENDATIONS = "recommendations"
    MIXED = "mixed"  # conclusions and recommendations
    CONCLUSIONS = "conclusions"
    INTRODUCTION = "introduction"
    SUMMARY = "summary"
    PROCEDURE = "procedure"
    ANNEX = "annex"
    UNKNOWN = "unknown"


# The first that fits a heading of a chapter counts.
CHAPTERS: tuple[tuple[Zone, re.Pattern[str]], ...] = tuple(
    (zone, re.compile(words, re.IGNORECASE))
    for zone, words in (
        (Zone.SUMMARY, r"\b(?:follow-up|implementation|status|review|discussion|summary|consideration) (?:to|of|on|concerning) (?:the )?(?:\w+ )?(?:recommendations|resolutions|decisions)"),
        (Zone.SUMMARY, r"\bsummary\b(?!.*\band recommendations)"),
        (Zone.MIXED, r"\bconclusions?\b.*\brecommendations?\b|\brecommendations?\b.*\bconclusions?\b|\bconclusions? and (?:proposals|way)\b"),
        (Zone.RECOMMENDATIONS, r"\brecommendations?\b|\brecommended\b"),
        (Zone.RECOMMENDATIONS, r"\b(?:resolutions?|decisions?)\b.*\b(?:adopted|draft|proposed)\b|\b(?:draft|adopted|proposed) (?:resolutions?|decisions?)\b|^(?:resolutions?|decisions?)(?: and decisions?)?$"),
        (Zone.RECOMMENDATIONS, r"^(?:matters|decisions?|points?) (?:calling|requiring|for) action\b|\baction (?:points|to be taken|items)\b|\bpoints? for action\b|\bway forward\b|\bproposals\b|\bagreed (?:conclusions|points|actions)\b"),
        (Zone.RECOMMENDATIONS, r"\btopics?\b.*\b(?:future|next|consideration)\b|\bfuture (?:topics|work)\b"),
        (Zone.RECOMMENDATIONS, r"^[\w-]+ meeting, "),
        (Zone.PROCEDURE, r"\badoption of (?:the|its)\b|\borganization\b|\bopening\b|\battendance\b|\bagenda\b|\belection\b|\bdocumentation\b|\bclosure\b|\bclosing\b|\bparticipa(?:nts|tion)\b|\bofficers\b|\bvenue\b|\bduration\b|\bschedule\b|\bprocedural\b|\badministrative\b|\blist of\b|\bworking arrangements\b|\bcredentials\b"),
        (Zone.INTRODUCTION, r"\bintroduction\b|\bbackground\b|\bmandate\b|\bcontext\b|\bscope\b|\bpurpose\b|\bforeword\b|\bpreface\b|\bobjectives?\b"),
        (Zone.CONCLUSIONS, r"\bconclusions?\b|\bconcluding\b"),
        (Zone.SUMMARY, r"\bdeliberations?\b|\bdiscussions?\b|\bexchange of views\b|\bdebate\b|\bpanel\b|\bpresentations?\b|\bconsideration of\b|\boverview\b|\bstatements?\b|\bother (?:matters|business)\b|\bgeneral remarks\b|\bfindings\b|\bobservations\b|\bviews\b|\bproceedings\b|\bissues raised\b"),
    )
)  # fmt: skip
# A heading inside a chapter of recommendations that begins something else; it must be the whole heading.
INSIDE: tuple[tuple[Zone, re.Pattern[str]], ...] = tuple(
    (zone, re.compile(words, re.IGNORECASE))
    for zone, words in (
        (Zone.INTRODUCTION, r"introduction|background|general|introductory remarks|explanatory notes?|chapeau|preamble"),
        (Zone.SUMMARY, r"(?:summary|discussion|deliberations|(?:general )?observations|findings|comments|exchange of views)(?: (?:of|on|by) .*)?"),
        (Zone.CONCLUSIONS, r"(?:general |main )?conclusions(?: (?:of|on|by) .*)?"),
        (Zone.RECOMMENDATIONS, r".*\brecommendations?\b.*"),
    )
)  # fmt: skip
TITLE = re.compile(r"\b(?:recommendations?|resolutions?|decisions?)\b", re.IGNORECASE)
REPORT = re.compile(r"^(?:draft )?report\b", re.IGNORECASE)


def zone_of_chapter(title: str) -> Zone | None:
    return next((zone for zone, words in CHAPTERS if words.search(title)), None)


def zone_inside(title: str) -> Zone | None:
    """Return the zone that a heading begins below the heading of a chapter, or None if it goes on."""
    return next((zone for zone, words in INSIDE if words.fullmatch(title.strip())), None)


def names_recommendations(title: str) -> bool:
    """Whether the title of a document says that it consists of recommendations, resolutions or decisions."""
    return bool(TITLE.search(title)) and not REPORT.match(title)
