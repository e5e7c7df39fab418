from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from tracker.models.answer_fields import FIELDS, AnswerField
from tracker.models.status import CONSIDERED, MEANINGS
from tracker.queries.help import GUIDE_OF_ROLE, GUIDES, read_guide
from tracker.web.request import Request

GUIDE_NAMES = {
    "focal-point": _("For focal points"),
    "contributor": _("For contributors and viewers"),
    "secretariat-officer": _("For Secretariat officers"),
    "curator": _("For curators"),
    "administrator": _("For administrators"),
    "public": _("For everyone"),
}
STATUS_MEANINGS = MEANINGS | {CONSIDERED: _("considered and decided otherwise, with reasons")}
# Of fields that explain nothing in the form and in the questionnaire.
FIELD_MEANINGS = {
    "lead_institution": _("The institution that is responsible for the measures."),
    "language": _("The language in which your team writes. The site translates nothing."),
    "good_practice_shared": _("Other States then read the measures and the public evidence, and nothing else."),
    "ready": _("Only answers that are marked ready are submitted."),
}
YES, NO = _("Yes"), _("No")
# Thing, then its readers: team of the State, Secretariat, people of other States, everyone.
READERS = (
    (_("A draft that you have not saved"), (_("Only you"), NO, NO, NO)),
    (_("A saved answer"), (YES, NO, NO, NO)),
    (_("A comment or an internal note"), (YES, NO, NO, NO)),
    (_("A submitted answer"), (YES, YES, NO, NO)),
    (_("A request for clarification and the reply"), (YES, YES, NO, NO)),
    (_("A submitted good practice that you share"), (YES, YES, YES, NO)),
    (_("A submitted answer that you publish"), (YES, YES, YES, YES)),
    (_("Evidence visible to your State alone"), (YES, _("That the item exists"), NO, NO)),
)
READER_NAMES = (_("Your team"), _("Secretariat"), _("Other States"), _("Everyone"))


@login_not_required
@require_safe
def help_home(request: Request) -> HttpResponse:
    context = {
        "guides": _guides_by_role(request),
        "reader_names": READER_NAMES,
        "readers": [(thing, list(zip(READER_NAMES, cells, strict=True))) for thing, cells in READERS],
        "yes": YES,
        "statuses": STATUS_MEANINGS.items(),
        "contact": settings.HELP_CONTACT,
    }
    return render(request, "tracker/help/help.html", context)


@login_not_required
@require_safe
def guide(request: Request, slug: str) -> HttpResponse:
    if slug not in GUIDES:
        raise Http404
    return render(request, "tracker/help/guide.html", {"guide": read_guide(slug)})


@login_not_required
@require_safe
def answer_guide(request: Request) -> HttpResponse:
    fields = [(field, _meaning(field)) for field in FIELDS]
    return render(request, "tracker/help/answer.html", {"statuses": STATUS_MEANINGS.items(), "fields": fields})


def _guides_by_role(request: Request) -> list[tuple[str, Promise]]:
    """Return (slug, name) of each guide, those of the user's own roles first."""
    user = request.user
    own = {GUIDE_OF_ROLE[membership.role] for membership in user.current_memberships} if user.is_authenticated else ()
    return sorted(GUIDE_NAMES.items(), key=lambda guide: guide[0] not in own)


def _meaning(field: AnswerField) -> str | Promise:
    explained = field.help_text or field.questionnaire_hint or field.questionnaire_words
    return explained or FIELD_MEANINGS[field.name]
