"""Open a paper to answers with two people who manage rounds, and notify States of what is requested from them."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.error_messages import PAGE_CHANGED
from recommendations.models import Addressee, Body, Paper, Recommendation
from tracker.actions.event import save_fields
from tracker.actions.notification import notify
from tracker.models import User
from tracker.models.notification import NotificationKind
from tracker.permissions import can_confirm_opening, can_manage_rounds, check_permission, focal_points_of
from tracker.queries.addressees import respondents_addressed, units_of_paper

OF_PROPOSAL = ("mandate", "opening_proposed_by", "opening_proposed_at")


@transaction.atomic
def propose_opening(*, paper: Paper, mandate: str, by: User) -> None:
    """Propose the opening, in place of an earlier proposal. `mandate`: the decision or note verbale behind it."""
    paper = _lock(paper, by)
    if not units_of_paper(paper).exists():
        raise ValidationError(_("This paper has no recommendation to which States could answer."))
    if not mandate.strip():
        raise ValidationError({"mandate": _("Enter the mandate, or the reference of the note verbale.")})
    paper.mandate, paper.opening_proposed_by, paper.opening_proposed_at = mandate.strip(), by, timezone.now()
    save_fields(paper, OF_PROPOSAL, "opening to answers proposed", by)


@transaction.atomic
def withdraw_opening(*, paper: Paper, by: User) -> None:
    paper = _lock(paper, by)
    if paper.opening_proposed_at is None:
        raise ValidationError(PAGE_CHANGED)
    paper.mandate, paper.opening_proposed_by, paper.opening_proposed_at = "", None, None
    save_fields(paper, OF_PROPOSAL, "opening to answers withdrawn", by)


@transaction.atomic
def confirm_opening(*, paper: Paper, base: str, by: User) -> None:
    """Open a paper for good, and notify every State to which one of its texts is addressed. Open rounds keep their
    scope. `base`: the stamp of the proposal that the user saw, after which no text was published.
    """
    paper = _lock(paper, by)
    proposed_by, proposed_at = paper.opening_proposed_by, paper.opening_proposed_at
    if proposed_by is None or base != paper.opening_stamp or paper.texts.filter(published_at__gt=proposed_at).exists():
        raise ValidationError(PAGE_CHANGED)
    if not can_confirm_opening(by, paper):
        raise ValidationError(_("Another person who manages rounds must confirm: you proposed the opening."))
    units = list(units_of_paper(paper))
    if not units or not can_manage_rounds(proposed_by):
        raise ValidationError(_("This proposal no longer holds. Propose it again."))
    paper.opened_by, paper.opened_at = by, timezone.now()
    save_fields(paper, ("opened_by", "opened_at"), "paper opened to answers", by)
    codes = Addressee.objects.filter(recommendations__in=units).values_list("code", flat=True)
    _notify_addressed(units, codes, f"paper {paper.pk}", reverse("desks"), {"paper": paper.pk})


def notify_of_requests(*, text: Recommendation, codes: Iterable[str], **_signal: object) -> None:
    """Receive `requests_changed`: notify the States to which the text was or becomes addressed."""
    thing = f"{text.full_label} {timezone.now().isoformat()}"
    _notify_addressed([text], codes, thing, text.get_absolute_url(), {"label": text.full_label})


def _notify_addressed(
    texts: Iterable[Recommendation], codes: Iterable[str], thing: str, path: str, context: dict[str, object]
) -> None:
    people = focal_points_of(*respondents_addressed(texts, codes))
    notify(people, kind=NotificationKind.REQUESTS_CHANGED, thing=thing, path=path, context=context)


def _lock(paper: Paper, by: User) -> Paper:
    check_permission(can_manage_rounds(by))
    # A publication, a retraction and a change of a label lock it too.
    Body.objects.select_for_update(no_key=True).get(papers=paper.pk)
    locked = Paper.objects.select_for_update(of=("self",)).get(pk=paper.pk)
    if locked.opened_at:
        raise ValidationError(PAGE_CHANGED)
    return locked
