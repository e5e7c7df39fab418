"""Publish a paper with two people: a curator offers the draft, another person publishes or returns it.

Any change of the draft ends the offer. Publication requests no answer from any State.
"""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.error_messages import PAGE_CHANGED
from recommendations.models import Body, PaperImport
from recommendations.models.paper_import import WAIT
from recommendations.paper_import.plan import PublicationPlan
from recommendations.paper_import.publication import add_texts
from tracker.actions.event import record_event, save_fields
from tracker.actions.notification import notify
from tracker.audit.rows import name_of
from tracker.models import User
from tracker.models.event import Action
from tracker.models.notification import NotificationKind
from tracker.permissions import (
    can_edit_catalogue,
    can_publish_paper,
    can_read_papers,
    check_permission,
    people_of_papers,
)

OF_OFFER = ("offered_by", "offered_at", "offered_stamp", "waits_until", "returned_by", "return_reason")
OF_PUBLICATION = ("body", "published_by", "published_at", "nodes_added", "units_added")
NOT_OFFERED = _(
    "The publication of this draft is no longer requested: the draft was changed or returned. "
    "A curator can request the publication again."
)


@transaction.atomic
def offer_publication(*, paper_import: PaperImport, stamp: str, by: User) -> None:
    """Offer a draft without problems; `stamp` is that of the plan that was shown."""
    check_permission(can_edit_catalogue(by))
    plan = _lock_plan(paper_import, stamp)
    draft, now = plan.paper_import, timezone.now()
    if plan.is_offered:
        raise ValidationError(_("The publication of this draft is already requested."))
    _check_problems(plan)
    draft.offered_by, draft.offered_at, draft.waits_until, draft.offered_stamp = by, now, now + WAIT, plan.draft_stamp
    draft.returned_by, draft.return_reason = None, ""
    save_fields(draft, OF_OFFER, Action.PAPER_OFFERED, by, after=f"{len(plan.new_nodes)} texts")
    _notify(NotificationKind.PAPER_OFFERED, draft, [person for person in people_of_papers() if person != by])


@transaction.atomic
def return_draft(*, paper_import: PaperImport, stamp: str, reason: str, by: User) -> None:
    """End the offer and say why."""
    check_permission(can_read_papers(by))
    draft = _lock_offered(paper_import, stamp).paper_import
    if not reason.strip():
        raise ValidationError({"reason": _("Enter the reason.")})
    people = [draft.offered_by] if draft.offered_by and draft.offered_by != by else []
    _notify(NotificationKind.PAPER_RETURNED, draft, people)
    draft.offered_by, draft.offered_at, draft.waits_until, draft.offered_stamp = None, None, None, ""
    draft.returned_by, draft.return_reason = by, reason.strip()
    save_fields(draft, OF_OFFER, Action.PAPER_RETURNED, by)


@transaction.atomic
def publish_paper(*, paper_import: PaperImport, stamp: str, by: User) -> PaperImport:
    """Add all new texts of the offered draft or none. Their author is the curator who offered them."""
    check_permission(can_read_papers(by))
    plan = _lock_offered(paper_import, stamp)
    draft = plan.paper_import
    if draft.offered_by is None or not can_edit_catalogue(draft.offered_by):
        raise ValidationError(
            _(
                "The person who requested the publication is no longer a curator. "
                "Return the draft, so that a curator requests the publication again."
            )
        )
    if not can_publish_paper(by, draft):
        raise ValidationError(
            _(
                "Another officer or curator must publish the paper: "
                "you requested the publication, or changed something in the draft."
            )
        )
    _check_problems(plan)
    rows = add_texts(plan, draft.offered_by)
    draft.published_by, draft.published_at = by, timezone.now()
    draft.nodes_added, draft.units_added = len(plan.new_nodes), plan.unit_count
    draft.save(update_fields=OF_PUBLICATION)
    record_event(
        action=Action.PAPER_PUBLISHED,
        target=name_of(draft),
        by=by,
        after=f"{draft.nodes_added} texts",
        rows=[draft, *rows],
        fields=[*OF_PUBLICATION, "position"],  # of texts that moved to make room
    )
    return draft


def _lock_plan(paper_import: PaperImport, stamp: str) -> PublicationPlan:
    """Lock the draft and its body; raise ValidationError unless what was shown is what would be published now."""
    imports = PaperImport.objects.select_for_update(of=("self",)).select_related("body", "offered_by")
    draft = imports.defer("document").filter(pk=paper_import.pk).first()
    if draft is None:
        raise ValidationError(PAGE_CHANGED)
    if draft.is_published:
        raise ValidationError(_("The paper is already published."))
    if draft.body_id:
        Body.objects.select_for_update().get(pk=draft.body_id)
    plan = PublicationPlan(draft)
    if plan.stamp != stamp:
        raise ValidationError(PAGE_CHANGED)
    return plan


def _lock_offered(paper_import: PaperImport, stamp: str) -> PublicationPlan:
    plan = _lock_plan(paper_import, stamp)
    if not plan.is_offered:
        raise ValidationError(NOT_OFFERED)
    return plan


def _check_problems(plan: PublicationPlan) -> None:
    if plan.problems:
        raise ValidationError([str(problem) for problem in plan.problems])


def _notify(kind: NotificationKind, draft: PaperImport, people: list[User]) -> None:
    notify(
        people,
        kind=kind,
        thing=f"{name_of(draft)} {draft.offered_at}",
        path=reverse("paper_import_publish", args=[draft.pk]),
        context={"paper_import": draft.pk},
    )
