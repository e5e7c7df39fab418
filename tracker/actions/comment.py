"""Write comments on an answer, within the State, and notify the people whom they mention."""

import re
from collections import Counter
from collections.abc import Collection, Iterable

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.models import Recommendation
from tracker.actions.event import record_event
from tracker.actions.notification import notify
from tracker.actions.respondent import check_unit, lock_respondent
from tracker.disclosure import readers_of_unit
from tracker.models import Comment, Respondent, User
from tracker.models.notification import NotificationKind
from tracker.models.validators import TEXT_LIMIT, check_text
from tracker.permissions import can_comment, check_permission


@transaction.atomic
def write_comment(
    *, respondent: Respondent, unit: Recommendation, text: str, by: User, after: int, to: Collection[int] = ()
) -> Comment:
    """Add a comment to the thread on a unit, and notify the people mentioned: by key in `to`, or by name after an @.

    Only people who can read the unit can be mentioned. `after` is the number of the last comment that the author saw:
    the same text again (a double click) returns the comment that exists. Raises PermissionDenied, or ValidationError by
    field.
    """
    # As removing words does, so that no new words escape the search; and so that no number is used twice.
    lock_respondent(respondent, by)
    check_permission(can_comment(by, respondent, unit))
    check_unit(respondent, unit)
    check_text("text", text, TEXT_LIMIT, _("Enter a comment."))
    thread = Comment.everyones.filter(respondent=respondent, unit=unit)
    if written := thread.filter(author=by, number__gt=after, text=text).first():
        return written
    readers = [reader for reader in readers_of_unit(respondent, unit) if reader != by]
    mentioned = [reader for reader in readers if reader.pk in to or reader in find_named_people(text, readers)]
    last = thread.order_by("-number").first()
    comment = Comment(
        respondent=respondent,
        unit=unit,
        number=last.number + 1 if last else 1,
        text=text,
        mentioned=[reader.pk for reader in mentioned],
        author=by,
        written_at=timezone.now(),
    )
    comment.set_digest()
    comment.save(force_insert=True)
    if mentioned:
        _notify_people(comment, mentioned)
    record_event(
        action="comment written",
        target=f"comments on {unit.full_label}",
        by=by,
        respondent=respondent,
        after=f"comment {comment.number} {comment.digest}",
    )
    return comment


def find_named_people(text: str, people: Iterable[User]) -> list[User]:
    """Find names after an @: the whole name, or its first word where that is unique."""
    people = list(people)
    first_words = Counter(_first_word(person) for person in people)
    return [person for person in people if _is_named(text, person, first_words[_first_word(person)] == 1)]


def _is_named(text: str, person: User, by_first_word: bool) -> bool:
    names = [str(person), *([_first_word(person)] if by_first_word else [])]
    return any(re.search(rf"(?<!\w)@{re.escape(name)}(?!\w)", text, re.IGNORECASE) for name in names)


def _first_word(person: User) -> str:
    return str(person).partition(" ")[0].casefold()


def _notify_people(comment: Comment, people: list[User]) -> None:
    respondent, unit = comment.respondent, comment.unit
    notify(
        people,
        kind=NotificationKind.MENTIONED,
        thing=f"{respondent.code} {unit.full_label} {comment.number}",
        path=f"{reverse('comment_list', args=[respondent.code, unit.slug])}#comment-{comment.number}",
        respondent=respondent,
        context={"label": unit.full_label, "comment": comment.pk},
    )
