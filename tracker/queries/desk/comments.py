from django.db.models import Count, QuerySet

from recommendations.models import Recommendation
from tracker.models import Comment, Respondent, User


def comment_rows(respondent: Respondent, unit: Recommendation, reader: User) -> QuerySet[Comment]:
    own = Comment.objects.visible_to(reader).filter(respondent=respondent, unit=unit)
    return own.select_related("author", "withdrawal").order_by("-number")


def comment_count(respondent: Respondent, unit: Recommendation, reader: User) -> QuerySet:
    written = comment_rows(respondent, unit, reader).order_by()
    return written.values("unit").annotate(count=Count("pk")).values("count")
