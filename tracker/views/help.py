from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from tracker.models.answer_fields import FIELDS, AnswerField
from tracker.models.status import CONSIDERED, MEANINGS
from tracker.queries.help import GUIDE_OF_ROLE, GUIDES, guide_address, read_guide
from tracker.web.request import Request

GUIDE_NAMES = {
    "focal-point": _("For focal points"),
    "contributor": _("For contributors and viewers"),
    "secretariat-officer": _("For Secretariat officers"),
    # Translators: Heading of a section of the help.
    "curator": _("For curators"),
    # Translators: Heading of a section of the help.
    "administrator": _("For administrators"),
    # Translators: Heading of a section of the help.
    "public": _("For everyone"),
}


class HelpTask(NamedTuple):
    """`section`: of the guide under which the task is listed."""

    name: str | Promise
    note: str | Promise
    section: str


TASKS = {
    "focal-point": (
        HelpTask(_("Answer a recommendation"), _("Status, measures, evidence, and what “ready” means"), "answer"),
        HelpTask(_("Add a law, a link or a citation"), _("One item for many answers, and who can see it"), "evidence"),
        HelpTask(_("Assign recommendations to a ministry"), _("Assign, check, return with a note, end"), "assignments"),
        HelpTask(
            _("Work offline or in Word"), _("Workbook and questionnaires, and how to upload them"), "questionnaires"
        ),
        HelpTask(
            _("Submit, and submit again"),
            _("What a submission includes, the receipt, what stays with your team"),
            "submit",
        ),
        HelpTask(
            _("Reply to a request for clarification"),
            _("In words or with a changed answer"),
            "requests-for-clarification",
        ),
        HelpTask(_("Print a report for your minister"), _("PDF or Word, with the parts that you select"), "the-report"),
        HelpTask(
            _("Remove information that identifies a victim"),
            _("What is destroyed, and who confirms"),
            "information-that-identifies-a-victim",
        ),
    ),
    "contributor": (
        HelpTask(_("Answer a recommendation"), _("Status, measures and evidence"), "write-an-answer"),
        HelpTask(_("Send an answer to the focal point"), _("What happens with the answer"), "your-answers"),
        HelpTask(_("Suggest an answer"), _("The focal point accepts or declines it"), "suggest-an-answer"),
        HelpTask(_("Work offline or in Word"), _("Workbook and questionnaires"), "word-and-excel"),
    ),
    "secretariat-officer": (
        HelpTask(_("Plan and open a round"), _("What the round covers, and its dates"), "rounds"),
        HelpTask(_("Read a submission"), _("What changed, remarks, evidence"), "reading"),
        # Translators: Button: ask a State about an answer.
        HelpTask(_("Request clarification"), _("When the State sees the requests"), "requests-for-clarification"),
        HelpTask(
            _("Enter answers that a State sends on paper"),
            _("At the written request of the State"),
            "enter-answers-that-a-state-sends-on-paper",
        ),
        HelpTask(_("Read the figures of a round"), _("What they count, and changes between rounds"), "progress"),
        HelpTask(
            _("Make the progress report"), _("A paper for the Working Group, in Word and PDF"), "the-progress-report"
        ),
    ),
    "curator": (
        HelpTask(_("Import a paper"), _("Check each text, then publish all together"), "import-a-paper"),
        HelpTask(_("Correct a text or add a new wording"), _("What happens with earlier answers"), "change-a-text"),
        HelpTask(
            _("Edit titles, guidance and themes"),
            _("The fields that are not part of the adopted text"),
            "edit-the-information-about-a-text",
        ),
        HelpTask(_("Confirm treaty status"), _("Acts, and errors that States report"), "treaty-status"),
    ),
    "administrator": (
        HelpTask(_("Add a person"), _("Account, password and two-step sign-in"), "people"),
        HelpTask(_("Give or end a role"), _("What each role may do"), "roles"),
        HelpTask(_("Stop an officer from reading for a State"), _("Reading restrictions"), "reading-restrictions"),
        HelpTask(_("Decide on a removal request"), _("What is destroyed, and who confirms"), "removal-requests"),
    ),
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
# Translators: Who can see an answer.
READER_NAMES = (_("Your team"), _("Secretariat"), _("Other States"), _("Everyone"))


@login_not_required
@require_safe
def help_home(request: Request) -> HttpResponse:
    guides = _guides_by_role(request)
    own_guide = guides[0][0]
    context = {
        "guides": guides,
        "tasks": [(task, guide_address(own_guide, task.section)) for task in TASKS[own_guide]],
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
