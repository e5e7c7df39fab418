"""A questionnaire for an institution: which units it asks about, and the file to send."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from tracker.filters import TaskFilter
from tracker.forms.questionnaire import QuestionnaireForm
from tracker.models import Respondent
from tracker.permissions import can_answer_all
from tracker.reports.assignments import institutions_offered
from tracker.reports.questionnaire import questionnaire as questionnaire_about
from tracker.reports.questionnaire import questionnaire_docx
from tracker.reports.questions import came_back
from tracker.reports.units import by_theme, unit_rows
from tracker.shortcuts import get_whole_desk_or_404

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@require_safe
def questionnaire(request, code):
    """Those units are ticked at first that the filters of the task list leave, or that `?unit=` names."""
    desk = get_whole_desk_or_404(request, code)
    return _show(request, desk, _form(request, desk))


@require_safe
def questionnaire_file(request, code):
    """The same address with what the form says; where no `?unit=` is in it, its filters choose the units."""
    desk = get_whole_desk_or_404(request, code)
    form = _form(request, desk, is_sent=True)
    if not form.is_valid():
        return _show(request, desk, form, status=400)
    asked = questionnaire_about(desk, request.user, form.rows, form.letter)
    name = f"{desk.code}-questionnaire-{asked.at:%Y-%m-%d}.docx"
    return HttpResponse(
        questionnaire_docx(asked),
        content_type=WORD,
        headers={"Content-Disposition": content_disposition_header(True, name)},
    )


def _form(request, desk: Respondent, is_sent: bool = False) -> QuestionnaireForm:
    if not can_answer_all(request.user, desk):
        raise PermissionDenied
    questioned = {question.unit.pk for question in came_back(desk, request.user)}
    asked, others = unit_rows(desk, request.user, questioned)
    offered, named = [*asked, *others], request.GET.getlist("unit")
    ticked = [row for row in offered if row.unit.slug in named] or TaskFilter(request.GET, asked, others).shown
    return QuestionnaireForm(request.GET if is_sent else None, by=request.user, offered=offered, ticked=ticked)


def _show(request, desk: Respondent, form: QuestionnaireForm, status: int = 200):
    context = {
        "tab": "records",
        "form": form,
        "institutions": [one.name for one in institutions_offered(desk, request.user)],
        "sections": by_theme(form.offered.values()),
    }
    return render(request, "tracker/questionnaire/questionnaire.html", context, status=status)
