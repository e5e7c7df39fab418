from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from tracker.models.answer_fields import FIELDS, AnswerField
from tracker.models.status import CONSIDERED, MEANINGS
from tracker.models.user import Role
from tracker.queries.help import GUIDE_OF_ROLE, GUIDES, VERIFICATION_SCRIPT, guide_address, read_guide
from tracker.web.request import Request

# By guide: each task, and the section that describes it.
TASKS = {
    "focal-point": (
        (_("Answer a recommendation"), "answer"),
        (_("Add a law, a link or a citation"), "evidence"),
        (_("Assign recommendations to a ministry"), "assignments"),
        (_("Work offline or in Word"), "questionnaires"),
        (_("Submit, and submit again"), "submit"),
        (_("Reply to a request for clarification"), "requests-for-clarification"),
        (_("Make a brief for your minister"), "the-report"),
        (_("Remove information that identifies a victim"), "information-that-identifies-a-victim"),
    ),
    "contributor": (
        (_("Answer a recommendation"), "write-an-answer"),
        (_("Send an answer to the focal point"), "your-answers"),
        (_("Suggest an answer"), "suggest-an-answer"),
        (_("Work offline or in Word"), "word-and-excel"),
    ),
    "secretariat-officer": (
        (_("Plan and open a round"), "rounds"),
        (_("Read a submission"), "reading"),
        # Translators: Button: ask a State about an answer.
        (_("Request clarification"), "requests-for-clarification"),
        (_("Enter answers that a State sends on paper"), "enter-answers-that-a-state-sends-on-paper"),
        (_("Read the figures of a round"), "progress"),
        (_("Make the progress report"), "the-progress-report"),
    ),
    "curator": (
        (_("Import a paper"), "import-a-paper"),
        (_("Correct a text or add a new wording"), "change-a-text"),
        (_("Edit titles, guidance and themes"), "edit-the-information-about-a-text"),
        (_("Confirm treaty status"), "treaty-status"),
    ),
    "administrator": (
        (_("Add a person"), "people"),
        (_("Give or end a role"), "roles"),
        (_("Stop an officer from reading for a State"), "reading-restrictions"),
        (_("Decide on a removal request"), "removal-requests"),
    ),
}
STATUS_MEANINGS = MEANINGS | {CONSIDERED: _("considered and decided otherwise, with reasons")}
# Of fields that explain nothing in the form and in the questionnaire.
FIELD_MEANINGS = {
    "lead_institution": _("The institution that is responsible for the measures."),
    "language": _("The language in which your team writes. The site translates nothing."),
    "good_practice_shared": _("Other States then read the measures and the public evidence, and nothing else."),
    "ready": _("Only answers marked ready are submitted."),
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
# Translators: Who can see an answer.
EVERYONE = _("Everyone")
READER_NAMES = (_("Your team"), _("Secretariat"), _("Other States"), EVERYONE)


@login_not_required
@require_safe
def help_home(request: Request) -> HttpResponse:
    guides = _guides_by_role(request)
    own_guide = guides[0][0]
    context = {
        "guides": guides,
        "tasks": [(task, guide_address(own_guide, section)) for task, section in TASKS[own_guide]],
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


@login_not_required
@require_safe
def verification_script(request: Request) -> HttpResponse:
    path = settings.BASE_DIR / "docs" / VERIFICATION_SCRIPT
    headers = {"Content-Disposition": f'attachment; filename="{path.name}"'}
    return HttpResponse(path.read_bytes(), content_type="text/x-python; charset=utf-8", headers=headers)


def _guides_by_role(request: Request) -> list[tuple[str, str | Promise]]:
    """Return (slug, reader) of each guide, those of the user's own roles first."""
    user = request.user
    own = {membership.role for membership in user.current_memberships} if user.is_authenticated else ()
    roles = sorted(Role, key=lambda role: role not in own)
    return [*((GUIDE_OF_ROLE[role], role.label) for role in roles), ("public", EVERYONE)]


def _meaning(field: AnswerField) -> str | Promise:
    explained = field.help_text or field.questionnaire_hint or field.questionnaire_words
    return explained or FIELD_MEANINGS[field.name]
