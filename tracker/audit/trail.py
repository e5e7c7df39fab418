"""Describe events in words: their target, and what was before and after, without digests and with people's names.

Events keep codes with parameters. They are put into words here alone, in the language of the reader.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Max, Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, pgettext_lazy

from recommendations.days import day_in_words
from recommendations.groups import group_pairs
from recommendations.lists import format_list
from recommendations.models import Provision, Recommendation, Theme, Wording
from recommendations.outline.labels import LATER
from recommendations.paper_import.notation import ACTS
from tracker.audit import rows
from tracker.models import (
    AccessChange,
    Event,
    EventRow,
    Institution,
    Membership,
    ReadingRestriction,
    TranscriptionRequest,
    Use,
    User,
)
from tracker.models.access_change import AccessChangeKind
from tracker.models.assignment import AssignmentStage
from tracker.models.assistance import NeedStage
from tracker.models.event import Action
from tracker.models.institution import InstitutionKind
from tracker.models.notification import NotificationKind
from tracker.models.proposal import ProposalStage
from tracker.models.respondent import TreatyStatus
from tracker.models.status_report import StatusReportStage
from tracker.models.user import Role
from tracker.models.withdrawal import WithdrawalReason

DIGEST = re.compile(r"(, document)? ?\b[0-9a-f]{64}\b")
LABEL = re.compile(
    rf"(?<!\S)(?:[a-z][a-z0-9-]*/)?(?:[IVX]+|(?:{'|'.join(ACTS)}) [0-9]+/[0-9]+(?:\([^)]+\))*)"
    rf"(?:\.[0-9]\S*(?: (?:{LATER})\S*)*)?(?!\S)"  # as X.3 bis(a)
)

type Patterns = list[tuple[re.Pattern, tuple[str | Promise, ...]]]
type Writers = dict[str, Callable[[str], object]]  # of what a pattern found, by its name


def _compile(*descriptions: tuple[str | Promise, ...]) -> Patterns:
    """Compile descriptions, each a pattern with the facts that describe what it matches."""
    return [(re.compile(str(pattern)), facts) for pattern, *facts in descriptions]


# Nouns of the rows of the catalogue but for texts, of which events have the label.
OF_CATALOGUE = [
    noun
    for noun, kind in rows.KINDS.items()
    if kind.model._meta.app_label == "recommendations" and kind.model is not Recommendation
]
TARGETS = _compile(
    # Translators: Noun: what the State answered.
    (r"record (?P<label>.+)", _("Answer"), "%(label)s"),
    (r"comments on (?P<label>.+)", _("Comments"), "%(label)s"),
    (r"brief", _("Brief for the minister")),
    (r"need (?P<label>.+)", _("Assistance needed"), "%(label)s"),
    (r"courtesy-translation of (?P<label>.+)", _("Courtesy translation"), "%(label)s"),
    (r"quotation \d+ on (?P<label>.+)", _("Quotation"), "%(label)s"),
    (r"quotations of round (?P<name>.+)", _("Quotations"), "%(name)s"),
    (r"assignment \d+ of (?P<label>.+)", _("Assignments"), "%(label)s"),
    (r"proposal \d+ on (?P<label>.+)", _("Suggestions"), "%(label)s"),
    (r"evidence (?P<name>.+)", _("Evidence item"), "%(name)s"),
    (r"file", _("File")),
    (r"submission (?P<name>.+)", _("Submission"), "%(name)s"),
    (r"withdrawal \d+", _("Removal request")),
    (r"(?P<row>membership \d+)", _("Role"), "%(row)s"),
    (r"(?P<row>access \d+)", _("Account changes for a second administrator"), "%(row)s"),
    (r"invitation \d+", _("Invitations")),
    (r"(?P<row>transcription \d+)", _("Answers entered by the Secretariat"), "%(row)s"),
    (r"status-report \d+", _("Reported errors")),
    (r"(?P<row>bar \d+)", _("Reading restriction"), "%(row)s"),
    (r"round (?P<name>.+)", _("Round"), "%(name)s"),
    (r"release (?P<name>.+)", _("Release"), "%(name)s"),
    (r"(?P<row>respondent .+)", _("Respondent"), "%(row)s"),
    (r"(?P<row>institution \d+)", _("Institution"), "%(row)s"),
    (r"(?P<row>person \d+)", "%(row)s"),
    (r"recommendation (?P<label>.+)", _("Recommendation"), "%(label)s"),
    *(
        (rf"(?P<row>{noun} .+)", kind.model._meta.verbose_name or "", "%(row)s")
        for noun, kind in rows.KINDS.items()
        if noun in OF_CATALOGUE
    ),
    (r"catalogue", _("Adopted texts")),
    # Translators: What a line of the log is about.
    (r"treaty acts", _("Treaty acts")),
    # Translators: What a line of the log is about.
    (r"network addresses", _("Network addresses")),
    # Translators: What a line of the log is about.
    (r"site", _("The site")),
)
DAY = r"\d{4}-\d\d-\d\d"
UNTIL = rf"(?P<until>{DAY})"
# Translators: until: a date.
LAST_DAY = _("Last day: %(until)s")
# Translators: until: the day until which an answer is to be written, or a round asks for submissions.
DUE_DATE = _("Due %(until)s")
DETAILS = _compile(
    # Translators: number: number of a version.
    (r"(revision|version) (?P<number>\d+)", _("Version %(number)s")),
    (r"(?P<label>\S+) revision (?P<number>\d+)", "%(label)s", _("Version %(number)s")),
    # Translators: day: day of the information.
    (rf"as at (?P<day>{DAY})", _("As at %(day)s")),
    (r"comment (?P<number>\d+)", _("Comment"), "%(number)s"),
    (r"(?P<number>\d+)", _("Number"), "%(number)s"),
    (r"(?P<number>\d+) texts", _("Texts"), "%(number)s"),
    (r"wording (?P<number>\d+)", _("Wording"), "%(number)s"),
    (r"merged into (?P<label>.+)", _("Requested instead"), "%(label)s"),
    # Translators: label: the label of a text before it was changed.
    (r"formerly (?P<former>\S+)", _("Label before: %(former)s")),
    (r"submission (?P<name>\d+)", _("Submission"), "%(name)s"),
    (r"(?P<row>institution \d+)", "%(row)s"),
    (r"(?P<row>person \d+)", "%(row)s"),
    (r"(?P<row>person \d+), (?P<name>\w+)", "%(row)s", "%(name)s"),
    (r"(?P<code>\w+), (?P<row>person \d+)", "%(code)s", "%(row)s"),
    (r"(?P<code>\w+), (?P<row>institution \d+)", "%(code)s", "%(row)s"),
    (rf"(?P<code>\w+), (?P<row>person \d+), due {UNTIL}", "%(code)s", "%(row)s", DUE_DATE),
    (rf"(?P<code>\w+), (?P<row>institution \d+), due {UNTIL}", "%(code)s", "%(row)s", DUE_DATE),
    (
        rf"(?P<role>\w+) of (?P<row>person \d+), (?P<since>{DAY}) to further notice",
        "%(role)s",
        "%(row)s",
        # Translators: since: first day of a role.
        _("Since %(since)s, no end date"),
    ),
    (
        rf"(?P<role>\w+) of (?P<row>person \d+), (?P<since>{DAY}) to (?P<day>{DAY})",
        "%(role)s",
        "%(row)s",
        # Translators: since and day: first and last day of a role.
        _("From %(since)s until %(day)s"),
    ),
    (r"(?P<role>\w+), to further notice", "%(role)s", _("No end date")),
    (rf"(?P<role>\w+), to {UNTIL}", "%(role)s", LAST_DAY),
    (rf"until {UNTIL}", LAST_DAY),
    (rf"due {UNTIL}", DUE_DATE),
    (rf"due {UNTIL}: (?P<reason>(?s:.+))", DUE_DATE, "%(reason)s"),
    (rf"(?P<number>\d+) answers as at (?P<day>{DAY})", _("Answers"), "%(number)s", "%(day)s"),
    (r"(?P<number>\d+) items", _("Answers"), "%(number)s"),
    # Translators: count: number of requests for clarification.
    (r"(?P<count>\d+) questions", _("Clarifications: %(count)s")),
    (
        r"(?P<unanswered>\d+) unanswered",
        # Translators: unanswered: number of requests for clarification.
        ngettext_lazy(
            "%(unanswered)s request for clarification has no reply.",
            "%(unanswered)s requests for clarification have no reply.",
            "unanswered",
        ),
    ),
    (r"(?P<number>\d+) quotations", _("Quotations"), "%(number)s"),
    (rf"(?P<number>\d+) quotations until {UNTIL}", _("Quotations"), "%(number)s", LAST_DAY),
    (r"(?P<number>\d+) units", _("Recommendations"), "%(number)s"),
    # Translators: places: answers, notes and other places. files: number of files.
    (r"(?P<places>\d+) places, (?P<files>\d+) files", _("Places: %(places)s · Files: %(files)s")),
    (
        r"(?P<number>\d+) destroyed, (?P<files>\d+) left",
        Action.FILES_DESTROYED.label,
        "%(number)s",
        _("Files not yet destroyed"),
        "%(files)s",
    ),
    # Translators: number: how many network addresses were deleted.
    (rf"(?P<number>\d+) of before (?P<day>{DAY})", _("Addresses from before %(day)s: %(number)s")),
    # Translators: kinds: list of kinds of e-mail notification.
    (r"all but (?P<kinds>[a-z_, ]+)", _("All except: %(kinds)s")),
    # Translators: A person receives all e-mail notifications.
    (r"all", pgettext_lazy("e-mail notifications", "All")),
    (r"listed with the address", _("Listed in the directory of contact points"), _("E-mail address")),
    (r"listed", _("Listed in the directory of contact points")),
    # Translators: In the directory of contact points.
    (r"not listed", _("Not listed")),
    (r"nothing", _("Reading by the Secretariat only")),
    (r"(?P<uses>(in_aggregates|quoted|published)( (in_aggregates|quoted|published))*)", "%(uses)s"),
    (r"(?P<code>[a-z_]+)", "%(code)s"),
    (rf"(?P<label>{LABEL.pattern})", "%(label)s"),
)
# The labels of the codes in the details of an event, by the noun of its target.
LABELS: dict[str, dict] = {
    noun: dict(choices.choices)
    for noun, choices in {
        "access": AccessChangeKind,
        "assignment": AssignmentStage,
        "institution": InstitutionKind,
        "need": NeedStage,
        "proposal": ProposalStage,
        "respondent": TreatyStatus,
        "status-report": StatusReportStage,
        "withdrawal": WithdrawalReason,
    }.items()
}
ROLES, KINDS = dict(Role.choices), dict(NotificationKind.choices)
PARAMETERS: Writers = {
    "role": lambda code: ROLES.get(code, code),
    "day": lambda day: day_in_words(date.fromisoformat(day)),
    "since": lambda day: day_in_words(date.fromisoformat(day)),
    "until": lambda day: day_in_words(date.fromisoformat(day)),
    "unanswered": int,
    "kinds": lambda codes: format_list(KINDS.get(code, code) for code in codes.split(", ")),
    "uses": lambda names: format_list(Use._meta.get_field(name).verbose_name for name in names.split()),  # type: ignore[union-attr]
}
# What reads things by their keys, by noun.
READERS: dict[str, Callable[[set[str]], dict[Any, Any]]] = {
    "access": lambda keys: AccessChange.objects.select_related("user").in_bulk(keys),
    "bar": lambda keys: ReadingRestriction.objects.select_related("user", "respondent").in_bulk(keys),
    "person": User.objects.in_bulk,
    "institution": lambda keys: Institution.everyones.in_bulk(keys),
    "membership": lambda keys: {
        row.pk: row.user for row in Membership.objects.filter(pk__in=keys).select_related("user")
    },
    "transcription": lambda keys: TranscriptionRequest.everyones.in_bulk(keys),
}
# What the names of rows of the catalogue name, without retracted texts.
RELATED: dict[Any, Any] = {
    Provision: Provision.objects,
    Recommendation: Recommendation.objects,
    Theme: Theme.objects,
    Wording: Wording.objects.select_related("recommendation"),
}
ROW = re.compile(rf"\b({'|'.join(READERS)}) (\d{{1,18}})\b")
ROW_OF_CATALOGUE = re.compile(rf"(?:{'|'.join(OF_CATALOGUE)}) .+")


class TrailLine(NamedTuple):
    """An event with its target, by noun and name (`record`, `IV.46(c)`) and in words, and the state before
    and after.
    """

    event: Event
    noun: str
    name: str
    about: str
    before: str
    after: str


def read_lines(events: Iterable[tuple[Event, str, str]]) -> list[TrailLine]:
    """Describe events, each given with its `before` and `after`; a query for each kind of name, and one for titles.

    Events about a respondent are those of its chain.
    """
    found = [(event, event.target, before, after) for event, before, after in events]
    texts = [text for _event, *texts in found for text in texts]
    labels = {label for text in texts for label in LABEL.findall(text)}
    titles = {node.full_label: node.label_with_title for node in Recommendation.objects.labelled(labels)}
    write = PARAMETERS | {"label": lambda label: titles.get(label, label)}
    names = _read_names(texts) | _read_names_of_catalogue(texts)
    names |= {f"respondent {event.respondent.code}": event.respondent.name for event, *_ in found if event.respondent}
    write["row"] = lambda name: names.get(name, "")
    return [_line(*each, write) for each in found]


def _read_names(texts: list[str]) -> dict[str, str]:
    keys = group_pairs((noun, key) for text in texts for noun, key in ROW.findall(text))
    return {f"{noun} {key}": str(row) for noun in keys for key, row in READERS[noun](set(keys[noun])).items()}


def _read_names_of_catalogue(texts: list[str]) -> dict[str, str]:
    """Read the rows as their last events have them: those that were deleted are named too."""
    named = EventRow.objects.of_catalogue().filter(name__in=filter(ROW_OF_CATALOGUE.fullmatch, texts))
    last = named.filter(content__isnull=False).order_by().values("name").annotate(last=Max("pk")).values("last")
    found = {each.name: rows.row_of(each) for each in named.filter(pk__in=last)}
    return {name: getattr(row, "paper_symbol", "") or str(row) for name, row in _with_related(found)}


def _with_related(found: dict[str, Model]) -> Iterator[tuple[str, Model]]:
    """Yield the rows of which all that they name is there, read in a query for each model."""
    fields = {
        name: [
            each for each in row._meta.concrete_fields if each.related_model in RELATED and getattr(row, each.attname)
        ]
        for name, row in found.items()
    }
    keys = group_pairs(
        (field.related_model, getattr(found[name], field.attname)) for name in found for field in fields[name]
    )
    related = {model: RELATED[model].in_bulk(keys[model]) for model in keys}
    for name, row in found.items():
        others = {each.name: related[each.related_model].get(getattr(row, each.attname)) for each in fields[name]}
        if all(others.values()):
            for field, other in others.items():
                setattr(row, field, other)
            yield name, row


def _line(event: Event, target: str, before: str, after: str, write: Writers) -> TrailLine:
    noun, _space, name = target.partition(" ")
    write = write | {"code": lambda code: LABELS.get(noun, {}).get(code, code)}
    about = _in_words(target, TARGETS, write)
    return TrailLine(event, noun, name, about, *(_in_words(text, DETAILS, write) for text in (before, after)))


def _in_words(text: str, patterns: Patterns, write: Writers) -> str:
    """Return the text itself where no pattern fits."""
    text = DIGEST.sub("", text).strip()
    for pattern, facts in patterns:
        if found := pattern.fullmatch(text):
            values = {name: write.get(name, str)(value) for name, value in found.groupdict().items()}
            return " · ".join(filter(None, (str(fact % values) for fact in facts)))
    return text
