from django.db.models import QuerySet

from tracker.models import Respondent, StatusReport, User


def status_report_rows(respondent: Respondent, reader: User) -> QuerySet[StatusReport]:
    found = StatusReport.objects.visible_to(reader).filter(respondent=respondent)
    return found.select_related("reported_by", "withdrawal", "respondent")


def waiting_report_rows(reader: User) -> QuerySet[StatusReport]:
    return StatusReport.objects.visible_to(reader).waiting().select_related("respondent").order_by("reported_at", "pk")
