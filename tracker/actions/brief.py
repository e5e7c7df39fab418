from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from tracker.actions.event import record_event
from tracker.actions.respondent import lock_respondent
from tracker.models import DecisionList, Respondent, User
from tracker.models.brief import points_of
from tracker.models.validators import problems_of
from tracker.permissions import can_write_brief

POINTS_LIMIT = 7
POINT_LIMIT = 300  # characters: seven of them leave room on the first page of a brief


@transaction.atomic
def save_decisions(*, respondent: Respondent, text: str, base: int, by: User) -> DecisionList | None:
    """Save the points for decision, one a line; none at all is allowed.

    `base` is the number of the version on which the user began. Points that are saved already (a double click) change
    nothing. Raises ValidationError at `text`.
    """
    lock_respondent(respondent, by, can_write_brief)  # so that no new words escape a removal
    points = points_of(text)
    if problems := _find_problems(points):
        raise ValidationError({"text": problems})
    current = DecisionList.everyones.filter(respondent=respondent).order_by("-number").first()
    if points == (current.points if current else []):
        return current
    number = current.number if current else 0
    if base != number:
        raise ValidationError({"text": SAVED_BY_ANOTHER})
    saved = DecisionList(
        respondent=respondent, number=number + 1, text="\n".join(points), author=by, saved_at=timezone.now()
    )
    saved.set_digest()
    saved.save(force_insert=True)
    record_event(
        action="decisions saved",
        target="brief",
        by=by,
        respondent=respondent,
        after=f"version {saved.number} {saved.digest}",
    )
    return saved


SAVED_BY_ANOTHER = _(
    "Your team saved other points after you opened the page. They are above the field: "
    "combine them with yours and save again."
)


def _find_problems(points: list[str]) -> list[ValidationError | str]:
    problems: list[ValidationError | str] = [problem for point in points for problem in problems_of(point, POINT_LIMIT)]
    if len(points) > POINTS_LIMIT:
        sentence = ngettext(
            # Translators: limit: a number.
            "Enter at most %(limit)s point.",
            "Enter at most %(limit)s points, each on a line.",
            POINTS_LIMIT,
        )
        problems.append(sentence % {"limit": POINTS_LIMIT})
    return problems
