"""Reports of a wrong treaty status, as the State and the curators read them."""

from django.db.models import QuerySet

from tracker.models import Respondent, StatusReport, User


def status_reports(respondent: Respondent, reader: User) -> QuerySet[StatusReport]:
    """Of one State, the newest first."""
    found = StatusReport.objects.visible_to(reader).filter(respondent=respondent)
    return found.select_related("reported_by", "withdrawal", "respondent")


def waiting_reports(reader: User) -> QuerySet[StatusReport]:
    """Those without an answer, the oldest first."""
    return StatusReport.objects.visible_to(reader).waiting().select_related("respondent").order_by("reported_at", "pk")
