from collections.abc import Iterator, Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from tracker.actions.event import record_event
from tracker.actions.respondent import lock_respondent
from tracker.models import BriefText, Respondent, User
from tracker.models.brief import decisions_of
from tracker.models.validators import problems_of
from tracker.permissions import can_write_brief

# What keeps a brief within four pages.
DECISIONS_LIMIT = 5
DECISION_LIMIT = 140  # characters
TEXT_LIMIT = 2_000  # characters of what was done, and of what is missing
LINES_LIMIT = 16  # of each, without empty ones


@transaction.atomic
def save_brief(*, respondent: Respondent, texts: Mapping[str, str], base: str, by: User) -> BriefText | None:
    """Save the texts of the brief by name; each may be empty, and one that is not named stays.

    `base` is that of the version on which the user began, empty before the first. Texts that are saved already (a
    double click) change nothing. Raises ValidationError at the texts.
    """
    lock_respondent(respondent, by, can_write_brief)  # so that no new words escape a removal
    lines = {name: _strip_lines(text) for name, text in texts.items()}
    current = BriefText.everyones.filter(respondent=respondent).order_by("-number").first()
    saved = {name: getattr(current, name, "") for name in BriefText.digested}
    if lines.items() <= saved.items():
        return current
    if base != (current.base if current else ""):
        raise ValidationError({name: SAVED_BY_ANOTHER for name in lines if lines[name] != saved[name]})
    if problems := {name: found for name, text in lines.items() if (found := [*_find_problems(name, text)])}:
        raise ValidationError(problems)
    number = current.number if current else 0
    version = BriefText(
        respondent=respondent, number=number + 1, author=by, saved_at=timezone.now(), **{**saved, **lines}
    )
    version.set_digest()
    version.save(force_insert=True)
    record_event(
        action="brief saved",
        target="brief",
        by=by,
        respondent=respondent,
        after=f"version {version.number} {version.digest}",
    )
    return version


SAVED_BY_ANOTHER = _(
    "Your team saved other words, or removed identifying information, after you opened the page. "
    "The saved text is above the fields: combine it with yours and save again."
)


def _strip_lines(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines()).strip()


def _find_problems(name: str, text: str) -> Iterator[ValidationError | str]:
    if name != "decisions":
        yield from problems_of(text, TEXT_LIMIT)
        if len([line for line in text.split("\n") if line]) > LINES_LIMIT:
            # Translators: limit: a number.
            yield _("Enter at most %(limit)s lines.") % {"limit": LINES_LIMIT}
        return
    decisions = decisions_of(text)
    for line in text.split("\n"):
        yield from problems_of(line, DECISION_LIMIT)
    if len(decisions) > DECISIONS_LIMIT:
        sentence = ngettext(
            # Translators: limit: a number.
            "Enter at most %(limit)s decision.",
            "Enter at most %(limit)s decisions, each on a line.",
            DECISIONS_LIMIT,
        )
        yield sentence % {"limit": DECISIONS_LIMIT}
