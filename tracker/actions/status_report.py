"""Report a wrong treaty status, as a focal point, and answer the report, as a curator; each is notified."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.actions.event import record_event
from tracker.actions.notification import notify
from tracker.actions.respondent import lock_respondent
from tracker.models import Respondent, StatusReport, User
from tracker.models.digest import salt_fields
from tracker.models.notification import NotificationKind
from tracker.models.status_report import REFERENCE_LIMIT, REPORT_LIMIT, StatusReportStage
from tracker.models.user import Role
from tracker.models.validators import check_text, text_problems
from tracker.permissions import (
    can_edit_catalogue,
    can_report_status,
    check_permission,
    focal_points_of,
    people_with_role,
)
from tracker.workflow import STATUS_REPORT, next_state

LIMITS = {"wrong": REPORT_LIMIT, "right": REPORT_LIMIT, "reference": REFERENCE_LIMIT}


@transaction.atomic
def report_status(*, respondent: Respondent, wrong: str, right: str, reference: str, by: User) -> StatusReport:
    """Report to the curators; the same again (a double click) returns the report that waits."""
    lock_respondent(respondent, by, can_report_status)  # so that no new words escape a removal
    texts = {"wrong": wrong, "right": right, "reference": reference}
    if broken := _find_errors(texts):
        raise ValidationError(broken)
    if existing := StatusReport.objects.visible_to(by).waiting().filter(respondent=respondent, **texts).first():
        return existing
    report = StatusReport(respondent=respondent, reported_by=by, **texts)
    report.set_digest()
    report.save(force_insert=True)
    _record("status reported", report, by)
    path = reverse("treaty_standing", args=[respondent.code])
    _notify_people(people_with_role(Role.CURATOR), NotificationKind.STATUS_REPORTED, report, path)
    return report


@transaction.atomic
def answer_status_report(*, report: StatusReport, transition: str, answer: str, by: User) -> StatusReport:
    """`accept` or `decline` a report, and notify the focal points. Accepting confirms no act by itself."""
    check_permission(can_edit_catalogue(by))
    lock_respondent(report.respondent, by)
    rows = StatusReport.everyones.select_related("respondent", "answered_by")
    report = rows.get(pk=report.pk)  # read again after the lock
    if report.answered_by and report.answer != answer:
        # Translators: name: name of a curator.
        text = _("%(name)s responded to this report after you opened the page. Your response was not sent.")
        raise ValidationError(text, params={"name": report.answered_by.name})
    before = f"{report.state} {report.state_digest()}"
    report.state = next_state(STATUS_REPORT, transition, report.state)
    is_declined = report.state == StatusReportStage.DECLINED
    check_text("answer", answer, REPORT_LIMIT, _("Enter the reason.") if is_declined else None)
    report.answer, report.answered_by, report.answered_at = answer, by, timezone.now()
    salts, digests = salt_fields({"answer": answer})
    report.salts, report.field_digests = report.salts | salts, report.field_digests | digests
    report.save()
    _record("status report answered", report, by, before)
    path = reverse("units_asked", args=[report.respondent.code])
    _notify_people(focal_points_of(report.respondent), NotificationKind.STATUS_ANSWERED, report, path)
    return report


def _find_errors(texts: dict[str, str]) -> dict[str, list]:
    broken = text_problems((name, texts[name], limit) for name, limit in LIMITS.items())
    for name in ("wrong", "right"):
        if not texts[name].strip():
            broken[name].append(_("Enter a comment."))
    return broken


def _notify_people(people: list[User], kind: NotificationKind, report: StatusReport, path: str) -> None:
    context = {"report": report.pk}
    notify(people, kind=kind, thing=str(report.pk), path=path, respondent=report.respondent, context=context)


def _record(action: str, report: StatusReport, by: User, before: str = "") -> None:
    record_event(
        action=action,
        target=f"status-report {report.pk}",
        by=by,
        respondent=report.respondent,
        before=before,
        after=f"{report.state} {report.state_digest()}",
    )
