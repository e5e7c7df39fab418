"""Describe events in words: their target, and what was before and after, without digests and with people's names."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from tracker.models import Event, User

DIGEST = re.compile(r" ?\b[0-9a-f]{64}\b")
PERSON = re.compile(r"\bperson (\d+)\b")
ABOUT = {
    "record": _("answer to %(name)s"),
    "evidence": _("evidence item %(name)s"),
    "submission": _("submission %(name)s"),
    "withdrawal": _("request %(name)s to remove identifying information"),
    "membership": _("role %(name)s"),
    "invitation": _("invitation %(name)s"),
    "transcription": _("request %(name)s to enter answers on behalf of a State"),
    "status-report": _("report %(name)s of an error in the treaty status"),
    "bar": _("reading restriction %(name)s"),
    "round": _("round %(name)s"),
    "respondent": _("respondent %(name)s"),
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
    return [_line(event, *(_in_words(text, names) for text in texts)) for event, *texts in found]


def _line(event: Event, target: str, before: str, after: str) -> TrailLine:
    noun, _space, name = event.target.partition(" ")
    about = ABOUT[noun] % {"name": name} if noun in ABOUT else target
    return TrailLine(event, noun, name, about, before, after)


def _in_words(text: str, names: dict[str, str]) -> str:
    return PERSON.sub(lambda found: names.get(found[1], found[0]), DIGEST.sub("", text))
