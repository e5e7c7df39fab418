from django.http import Http404

from recommendations.models import Recommendation, stamp_column
from recommendations.queries import find_former_address
from recommendations.text_cache import texts_at
from tracker.models import Respondent, User
from tracker.queries.desk.answer_page import is_open_to


def get_unit_or_404(slug: str) -> Recommendation:
    """Return the unit on which the text of this address is answered: the text or its chapeau.

    The address may be that which the text had before its label was changed.
    """
    published = Recommendation.objects.published().values_list("pk", stamp_column())
    found = published.filter(slug=slug).first()
    if found is None and (renamed := find_former_address(slug)):
        found = published.filter(pk=renamed.pk).first()
    unit = texts_at(found[1]).nodes([found[0]])[found[0]].answered_at if found else None
    if unit is None:
        raise Http404
    return unit


def get_open_unit_or_404(user: User, respondent: Respondent, slug: str) -> Recommendation:
    """Return the unit as above; 404 also where the respondent does not answer it, or it is not open to the user."""
    unit = get_unit_or_404(slug)
    if not is_open_to(user, respondent, unit):
        raise Http404
    return unit
