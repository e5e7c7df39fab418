"""Read reports of a wrong treaty status, for the State and for curators."""

from django.db.models import QuerySet

from tracker.models import Respondent, StatusReport, User


def status_reports(respondent: Respondent, reader: User) -> QuerySet[StatusReport]:
    """Return the reports of one State, the newest first."""
    found = StatusReport.objects.visible_to(reader).filter(respondent=respondent)
    return found.select_related("reported_by", "withdrawal", "respondent")


def waiting_reports(reader: User) -> QuerySet[StatusReport]:
    """Return the reports without a reply, the oldest first."""
    return StatusReport.objects.visible_to(reader).waiting().select_related("respondent").order_by("reported_at", "pk")
