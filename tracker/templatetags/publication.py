from django import template

from recommendations.models import Recommendation
from tracker.models import SubmissionItem
from tracker.queries.submissions.publication import published_answers as find_published_answers

register = template.Library()


@register.simple_tag
def published_answers(node: Recommendation) -> list[SubmissionItem]:
    """Return the published answers to the unit at which the text is answered."""
    unit = node.answered_at
    return find_published_answers(unit.pk) if unit else []
