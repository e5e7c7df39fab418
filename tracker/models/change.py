"""Store as a code with details how a version of an answer was made. Each reader sees it in words of their language."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _

from recommendations.days import day_in_words
from recommendations.lists import format_list


class ChangeCode(models.TextChoices):
    """The labels are whole messages. A version that a user wrote on the page of the answer has no code."""

    LIST = "list", _("Edited in the list")
    # Translators: What was done to an answer, past tense.
    READY = "ready", _("Marked ready")
    EVIDENCE = "evidence", _("Evidence added")
    EMPTIED = "emptied", _("Set to “No information”")
    # Translators: %(details)s is the number of the version that a colleague saved at the same time.
    COMBINED = "combined", _("Combined with version %(details)s")
    # Translators: %(details)s is the number of an earlier version of the answer.
    RESTORED = "restored", _("Restored from version %(details)s")
    COPIED = "copied", _("Copied from the answer to a related recommendation")
    # Translators: %(details)s is a day, such as 14 April 2027.
    WORKBOOK = "workbook", _("From the workbook downloaded on %(details)s")
    # Translators: %(details)s is a list of names of people or institutions.
    SUGGESTION = "suggestion", _("Suggestion accepted: %(details)s")
    TRANSCRIPTION = (
        "transcription",
        # Translators: %(details)s is a list of references of letters.
        _("Entered by the Secretariat at the written request of the State: %(details)s"),
    )
    SUGGESTION_AND_TRANSCRIPTION = (
        "suggestion_and_transcription",
        _(
            # Translators: details: references of requests.
            "Suggestions accepted, some of them entered by the Secretariat at the written request of the State: "
            "%(details)s"
        ),
    )


class Change(NamedTuple):
    """`details` has one detail on each line; a day is in ISO 8601."""

    code: str = ""
    details: str = ""

    @classmethod
    def of(cls, code: ChangeCode, details: Iterable[str] = ()) -> "Change":
        return cls(code.value, "\n".join(" ".join(detail.split()) for detail in details))


def change_in_words(change: Change) -> str:
    if not change.code:
        return ""
    details = change.details.split("\n")
    if change.code == ChangeCode.WORKBOOK:
        details = [day_in_words(date.fromisoformat(detail)) for detail in details]
    return str(ChangeCode(change.code).label) % {"details": format_list(details)}
