"""Describe events in words: their target, and what was before and after, without digests and with people's names.

Events keep codes with parameters. They are put into words here alone, in the language of the reader.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from recommendations.days import day_in_words
from recommendations.lists import format_list
from tracker.models import Event, Use, User
from tracker.models.assignment import AssignmentStage
from tracker.models.assistance import NeedStage
from tracker.models.institution import InstitutionKind
from tracker.models.notification import NotificationKind
from tracker.models.proposal import ProposalStage
from tracker.models.respondent import TreatyStatus
from tracker.models.status_report import StatusReportStage
from tracker.models.user import Role
from tracker.models.withdrawal import WithdrawalReason

DIGEST = re.compile(r"(, document)? ?\b[0-9a-f]{64}\b")
PERSON = re.compile(r"\bperson (\d+)\b")

type Patterns = list[tuple[re.Pattern, str | Promise]]


def _compile(messages: Iterable[tuple[str, str | Promise]]) -> Patterns:
    return [(re.compile(pattern), message) for pattern, message in messages]


TARGETS = _compile(
    [
        # Translators: name: label of a recommendation, such as IV.46(c).
        (r"record (?P<name>.+)", _("Answer to %(name)s")),
        # Translators: name: label of a recommendation, such as IV.46(c).
        (r"comments on (?P<name>.+)", _("Comments on the answer to %(name)s")),
        # Translators: name: label of a recommendation, such as IV.46(c).
        (r"need (?P<name>.+)", _("Need for assistance on %(name)s")),
        # Translators: number: of the assignment; name: label of a recommendation.
        (r"assignment (?P<number>\d+) of (?P<name>.+)", _("Assignment %(number)s of %(name)s")),
        # Translators: number: of the suggestion; name: label of a recommendation.
        (r"proposal (?P<number>\d+) on (?P<name>.+)", _("Suggestion %(number)s on %(name)s")),
        # Translators: name: code of an evidence item, such as E4.
        (r"evidence (?P<name>.+)", _("Evidence item %(name)s")),
        # Translators: name: reference of a submission, such as XAA/2026/2, or its number.
        (r"submission (?P<name>.+)", _("Submission %(name)s")),
        # Translators: name: number of the request.
        (r"withdrawal (?P<name>.+)", _("Request %(name)s to remove identifying information")),
        # Translators: name: number of a person's role.
        (r"membership (?P<name>.+)", _("Role %(name)s")),
        # Translators: name: number of the invitation.
        (r"invitation (?P<name>.+)", _("Invitation %(name)s")),
        # Translators: name: number of the request.
        (r"transcription (?P<name>.+)", _("Request %(name)s to enter answers on behalf of a State")),
        # Translators: name: number of the report.
        (r"status-report (?P<name>.+)", _("Report %(name)s of an error in the treaty status")),
        # Translators: name: number of the restriction.
        (r"bar (?P<name>.+)", _("Reading restriction %(name)s")),
        # Translators: name: code of a round, such as 2026.
        (r"round (?P<name>.+)", _("Round %(name)s")),
        # Translators: name: code of a State, such as KEN.
        (r"respondent (?P<name>.+)", _("Respondent %(name)s")),
        # Translators: name: number of the institution.
        (r"institution (?P<name>.+)", _("Institution %(name)s")),
        (r"person (?P<person>\d+)", "%(person)s"),
        # Translators: What a line of the log is about.
        (r"treaty acts", _("Treaty acts")),
        # Translators: What a line of the log is about.
        (r"network addresses", _("Network addresses")),
        # Translators: What a line of the log is about.
        (r"site", _("The site")),
    ]
)
DAY = r"\d{4}-\d\d-\d\d"
DETAILS = _compile(
    [
        # Translators: number: of a version of an answer or an evidence item.
        (r"(revision|version) (?P<number>\d+)", _("Version %(number)s")),
        # Translators: name: label of a recommendation; number: of a version of the answer.
        (r"(?P<name>\S+) revision (?P<number>\d+)", _("%(name)s, version %(number)s")),
        # Translators: number: of the comment.
        (r"comment (?P<number>\d+)", _("Comment %(number)s")),
        # Translators: number: of the reply.
        (r"reply (?P<number>\d+)", _("Reply %(number)s")),
        (r"submission (?P<name>\d+)", _("Submission %(name)s")),
        (r"institution (?P<name>\d+)", _("Institution %(name)s")),
        (r"person (?P<person>\d+)", "%(person)s"),
        # Translators: person: name; name: code of a State.
        (r"person (?P<person>\d+), (?P<name>\w+)", _("%(person)s, %(name)s")),
        # Translators: code: status of an assignment; person: name.
        (r"(?P<code>\w+), person (?P<person>\d+)", _("%(code)s: %(person)s")),
        # Translators: code: status of an assignment; number: of the institution.
        (r"(?P<code>\w+), institution (?P<number>\d+)", _("%(code)s: institution %(number)s")),
        (
            rf"(?P<role>\w+) of person (?P<person>\d+), (?P<day>{DAY}) to further notice",
            # Translators: role: such as “Contributor”; person: name; day: first day of the role.
            _("%(role)s: %(person)s, from %(day)s, no last day"),
        ),
        (
            rf"(?P<role>\w+) of person (?P<person>\d+), (?P<day>{DAY}) to (?P<last>{DAY})",
            # Translators: role: such as “Contributor”; person: name; day and last: first and last day.
            _("%(role)s: %(person)s, %(day)s to %(last)s"),
        ),
        # Translators: role: such as “Contributor”.
        (r"(?P<role>\w+), to further notice", _("%(role)s, no last day")),
        # Translators: role: such as “Contributor”; last: a day.
        (rf"(?P<role>\w+), to (?P<last>{DAY})", _("%(role)s, last day %(last)s")),
        # Translators: last: a day.
        (rf"until (?P<last>{DAY})", _("Last day: %(last)s")),
        # Translators: number: how many; day: to which they are confirmed.
        (rf"(?P<number>\d+) answers as at (?P<day>{DAY})", _("Answers: %(number)s, as at %(day)s")),
        # Translators: number: how many.
        (r"(?P<number>\d+) items", _("Answers: %(number)s")),
        # Translators: number: how many.
        (r"(?P<number>\d+) questions", _("Requests for clarification: %(number)s")),
        # Translators: number: how many.
        (r"(?P<number>\d+) unanswered", _("Requests for clarification without a reply: %(number)s")),
        # Translators: number: how many.
        (r"(?P<number>\d+) units", _("Recommendations: %(number)s")),
        # Translators: number: places from which words were removed; files: how many files were destroyed.
        (r"(?P<number>\d+) places, (?P<files>\d+) files", _("Places: %(number)s, files: %(files)s")),
        # Translators: number, files: how many.
        (r"(?P<number>\d+) destroyed, (?P<files>\d+) left", _("Files destroyed: %(number)s, not yet: %(files)s")),
        # Translators: number: how many network addresses were deleted.
        (rf"(?P<number>\d+) of before (?P<day>{DAY})", _("Addresses from before %(day)s: %(number)s")),
        # Translators: kinds: list of kinds of e-mail notification.
        (r"all but (?P<kinds>[a-z_, ]+)", _("All except: %(kinds)s")),
        # Translators: A person receives all e-mail notifications.
        (r"all", pgettext_lazy("e-mail notifications", "All")),
        # Translators: In the directory of contact points.
        (r"listed with the address", _("Listed with the e-mail address")),
        # Translators: In the directory of contact points.
        (r"listed", _("Listed")),
        # Translators: In the directory of contact points.
        (r"not listed", _("Not listed")),
        (r"nothing", _("Reading by the Secretariat only")),
        (r"(?P<uses>(in_aggregates|quoted|published)( (in_aggregates|quoted|published))*)", "%(uses)s"),
        (r"(?P<code>[a-z_]+)", "%(code)s"),
    ]
)
# The labels of the codes in the details of an event, by the noun of its target.
LABELS: dict[str, dict] = {
    noun: dict(choices.choices)
    for noun, choices in {
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
PARAMETERS: dict[str, Callable[[str], object]] = {
    "role": lambda code: ROLES.get(code, code),
    "day": lambda day: day_in_words(date.fromisoformat(day)),
    "last": lambda day: day_in_words(date.fromisoformat(day)),
    "kinds": lambda codes: format_list(KINDS.get(code, code) for code in codes.split(", ")),
    "uses": lambda names: format_list(Use._meta.get_field(name).verbose_name for name in names.split()),  # type: ignore[union-attr]
}


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
    """Describe events, each given with its `before` and `after`; one query, for the names."""
    found = [(event, event.target, before, after) for event, before, after in events]
    keys = {int(key) for _event, *texts in found for text in texts for key in PERSON.findall(text)}
    names = {str(key): str(person) for key, person in User.objects.in_bulk(keys).items()}
    return [_line(*each, names) for each in found]


def _line(event: Event, target: str, before: str, after: str, names: dict[str, str]) -> TrailLine:
    noun, _space, name = target.partition(" ")
    about = _in_words(target, TARGETS, noun, names)
    return TrailLine(event, noun, name, about, *(_in_words(text, DETAILS, noun, names) for text in (before, after)))


def _in_words(text: str, patterns: Patterns, noun: str, names: dict[str, str]) -> str:
    """Return the text itself where no pattern fits, such as a label or a number."""
    text = DIGEST.sub("", text).strip()
    write = PARAMETERS | {
        "person": lambda key: names.get(key, key),
        "code": lambda code: LABELS.get(noun, {}).get(code, code),
    }
    for pattern, message in patterns:
        if found := pattern.fullmatch(text):
            return str(message) % {name: write.get(name, str)(value) for name, value in found.groupdict().items()}
    return text
