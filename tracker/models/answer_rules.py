"""The rules of an answer, the same on every page and in every file."""

from collections.abc import Iterator
from datetime import date

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.error_messages import CHOOSE
from recommendations.models import Recommendation
from tracker.models.answer_fields import DATES, FIELD_BY_NAME, INSTITUTION_LIMIT, TEXTS, AssistanceKind
from tracker.models.language import Language
from tracker.models.record import NOT_RECEIVED, PINPOINT_LIMIT, REASON_LIMIT, Answer, ReceivedDetails
from tracker.models.status import CONSIDERED, ReasonCode, Status
from tracker.models.validators import text_problems

YEARS = range(1945, 2101)
IN_THE_FUTURE = _("The date must be today or earlier.")


def answer_errors(
    unit: Recommendation, answer: Answer, change_reason: str = "", received: ReceivedDetails = NOT_RECEIVED
) -> dict[str, list]:
    """Return the errors of each field that has any."""
    texts = [(name, getattr(answer, name), FIELD_BY_NAME[name].limit) for name in TEXTS]
    texts += [("citations", pinpoint, PINPOINT_LIMIT) for _version, pinpoint in answer.citations]
    texts += [
        ("change_reason", change_reason, REASON_LIMIT),
        ("received_from", received.institution, INSTITUTION_LIMIT),
    ]
    broken = text_problems(texts)
    for name, problem in (*_choice_errors(unit, answer), *_received_errors(received)):
        broken[name].append(problem)
    return dict(broken)


def _choice_errors(unit: Recommendation, answer: Answer) -> Iterator[tuple[str, Promise]]:
    if answer.status not in Status.values:
        yield "status", _("Choose a status.")
    if answer.status == Status.NOT_APPLICABLE and answer.reason_code not in ReasonCode.values:
        yield "reason_code", _("Choose why the recommendation does not apply.")
    if answer.status != Status.NOT_APPLICABLE and answer.reason_code:
        yield "reason_code", _("Remove this reason: it can be given only with the status “Not applicable”.")
    if set(answer.assistance_kinds) - set(AssistanceKind.values):
        yield "assistance_kinds", CHOOSE
    if answer.good_practice_shared and not answer.good_practice:
        yield "good_practice_shared", _("Mark the answer as a good practice before you share it.")
    if answer.items_met and set(answer.items_met) - {item.label for item in unit.unit_items}:
        yield "items_met", CHOOSE
    if answer.language not in Language.values:
        yield "language", CHOOSE
    needs_reasons = answer.status == CONSIDERED or answer.reason_code == ReasonCode.OTHER
    if needs_reasons and not answer.reasons.strip():
        yield "reasons", _("Enter the reasons.")
    for name in DATES:
        if _needs_check(getattr(answer, name)):
            yield name, _("Enter a date between 1945 and 2100.")
        elif name == "situation_as_at" and _is_in_the_future(answer.situation_as_at):
            yield name, IN_THE_FUTURE
    if len({version.pk for version, _pinpoint in answer.citations}) < len(answer.citations):
        yield "citations", _("Cite each evidence item once. Enter all its articles or pages in one field.")


def _received_errors(received: ReceivedDetails) -> Iterator[tuple[str, Promise]]:
    if received.on and not received.institution.strip():
        yield "received_from", _("Enter the institution that sent the information.")
    if received.institution and not received.on:
        yield "received_on", _("Enter the date when the information was received.")
    if _needs_check(received.on):
        yield "received_on", _("Enter a date between 1945 and 2100.")
    elif _is_in_the_future(received.on):
        yield "received_on", IN_THE_FUTURE


def _needs_check(day: date | None) -> bool:
    return day is not None and day.year not in YEARS


def _is_in_the_future(day: date | None) -> bool:
    return day is not None and day > timezone.localdate()
