from django.http import Http404

from tracker.models import Respondent


def get_desk_or_404(request, code: str) -> Respondent:
    """The respondent whose desk this person may enter; 404 to a stranger, as if there were none.

    Tells the masthead whose desk the page is about.
    """
    for respondent in request.user.respondents:
        if respondent.code == code:
            request.desk = respondent
            return respondent
    raise Http404
