"""Curators' pages on treaty status: acts are uploaded or typed, then confirmed or declined."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.error_messages import NOTHING_SELECTED
from recommendations.lists import format_list
from tracker.actions.status_report import answer_status_report
from tracker.actions.treaty_act import add_acts, confirm_acts, confirm_complete_acts, decline_act
from tracker.forms.status_report import AnswerReportForm
from tracker.forms.treaty_act import ActForm, ActUploadForm, CompleteForm
from tracker.models import Respondent, StatusReport, TreatyAct, User
from tracker.models.respondent import RespondentKind
from tracker.models.treaty_act import Act, Treaty
from tracker.permissions import can_edit_catalogue, check_permission
from tracker.queries.addressees import treaty_status
from tracker.queries.status_reports import status_report_rows, waiting_report_rows
from tracker.queries.treaty_acts import acts_of, complete_acts, describe_status_lists, waiting_acts
from tracker.views import carry_out, form_data, save_form, show_errors
from tracker.web import unsaved_input
from tracker.web.fresh_sign_in import NEVER, TO_POST, button_view, form_view
from tracker.web.request import SignedInRequest


@form_view(fresh_sign_in=TO_POST)
def treaty_act_list(request: SignedInRequest) -> HttpResponse:
    """List acts to confirm and States with their status; POST confirms the chosen acts, or all shown, or that the acts
    are complete.
    """
    check_permission(can_edit_catalogue(request.user))
    is_confirming = request.method == "POST" and "complete" not in request.POST
    form = CompleteForm(None if is_confirming else form_data(request))
    done = _("The acts are confirmed as complete. Lists now have the treaty status of States.")
    if not is_confirming and save_form(request, form, confirm_complete_acts, done):
        return redirect("treaty_act_list")
    if is_confirming:
        _confirm(request, request.POST.getlist("shown" if "all" in request.POST else "act"))
        return redirect("treaty_act_list")
    complete = complete_acts()
    context = {
        "waiting": waiting_acts(),
        "complete": complete,
        "lists": describe_status_lists(complete),
        "form": form,
        "reports": waiting_report_rows(request.user),
        "respondents": Respondent.objects.exclude(kind=RespondentKind.SECRETARIAT),
    }
    return render(request, "tracker/treaty_act/list.html", context)


@form_view(fresh_sign_in=NEVER)
def treaty_act_import(request: SignedInRequest) -> HttpResponse:
    check_permission(can_edit_catalogue(request.user))
    form = ActUploadForm(request.POST, request.FILES) if request.method == "POST" else ActUploadForm()
    is_read = form.is_valid()
    if is_read and "enter" in request.POST and not form.problems:
        entered = add_acts(acts=form.acts(), by=request.user)
        message = ngettext(
            # Translators: count: number of treaty acts.
            "%(count)d act added for confirmation.",
            "%(count)d acts added for confirmation.",
            len(entered),
        )
        messages.success(request, message % {"count": len(entered)})
        return redirect("treaty_act_list")
    context = {
        "form": form,
        "empty": ActUploadForm(),
        "is_read": is_read,
        # Translators: Heading of a list: treaty acts.
        "shown": [(form.new, "new", _("New acts")), (form.changed, "changed", _("Changed acts"))] if is_read else [],
        "instruments": Treaty.choices,
        "acts": Act.choices,
        "crumbs": _links(_("Upload treaty acts")),
    }
    return render(request, "tracker/treaty_act/import.html", context)


@form_view(fresh_sign_in=NEVER)
def treaty_standing(request: SignedInRequest, respondent_code: str) -> HttpResponse:
    respondent = _respondent_or_404(request.user, respondent_code)
    form = ActForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        add_acts(acts=[form.of(respondent)], by=request.user)
        messages.success(request, _("The act was added. It counts only after it is confirmed."))
        return redirect("treaty_standing", respondent_code)
    return _show_standing(request, respondent, form)


@button_view(fresh_sign_in=NEVER)
def status_report_answer(request: SignedInRequest, respondent_code: str, pk: int) -> HttpResponse:
    respondent = _respondent_or_404(request.user, respondent_code)
    report = get_object_or_404(status_report_rows(respondent, request.user), pk=pk)
    form = AnswerReportForm(request.POST)
    transition = "decline" if "decline" in request.POST else "accept"
    done = _("Accepted. The focal points of the State have been notified. Add the act below and confirm it.")
    if transition == "decline":
        done = _("Declined. The focal points of the State have been notified.")
    if not save_form(request, form, answer_status_report, done, report=report, transition=transition) and form.errors:
        return _show_standing(request, respondent, ActForm(), report, form)
    return redirect("treaty_standing", respondent.code)


def _show_standing(
    request: SignedInRequest,
    respondent: Respondent,
    form: ActForm,
    answered: StatusReport | None = None,
    answer: AnswerReportForm | None = None,
) -> HttpResponse:
    """`answer`: the form of the report `answered`, with its errors."""
    reports = [
        (report, answer if report == answered else AnswerReportForm(auto_id=f"id_{report.pk}_%s"))
        for report in status_report_rows(respondent, request.user)
    ]
    former = respondent.former_standings
    context = {
        "reports": reports,
        "respondent": respondent,
        "treaty_status": treaty_status(respondent),
        "acts": [(act, _unsaved_reason(request, act)) for act in acts_of(respondent)],
        "former": [(row, treaty_status(respondent.with_standing(row))) for row in former.order_by("-until")],
        "form": form,
        "crumbs": _links(respondent.name),
    }
    return render(request, "tracker/treaty_act/standing.html", context)


def _unsaved_reason(request: SignedInRequest, act: TreatyAct) -> str:
    """Return the reason for declining the act that was not saved; an act that is not stored is not declined."""
    address = reverse("treaty_act_decline", args=[act.respondent.code, act.pk]) if act.pk else ""
    typed = unsaved_input.take(request, address) if address else None
    return typed.get("reason", "") if typed else ""


@button_view(fresh_sign_in=TO_POST)
def treaty_act_confirm(request: SignedInRequest, respondent_code: str) -> HttpResponse:
    respondent = _respondent_or_404(request.user, respondent_code)
    _confirm(request, request.POST.getlist("act"))
    return redirect("treaty_standing", respondent.code)


@button_view(fresh_sign_in=TO_POST)
def treaty_act_decline(request: SignedInRequest, respondent_code: str, pk: int) -> HttpResponse:
    respondent = _respondent_or_404(request.user, respondent_code)
    act = get_object_or_404(respondent.treaty_acts, pk=pk)
    done = _("The act was declined and does not count.")
    carry_out(request, decline_act, done, act=act, reason=request.POST.get("reason", ""))
    return redirect("treaty_standing", respondent.code)


def _confirm(request: SignedInRequest, keys: list[str]) -> None:
    acts = list(TreatyAct.objects.filter(pk__in=[key for key in keys if key.isdecimal() and len(key) < 16]))
    if not acts:
        messages.warning(request, NOTHING_SELECTED)
        return
    with show_errors(request):
        changed = confirm_acts(acts=acts, by=request.user)
        # Translators: count: number of treaty acts.
        message = ngettext("%(count)d act confirmed.", "%(count)d acts confirmed.", len(acts))
        messages.success(request, message % {"count": len(acts)})
        if changed:
            names = format_list(respondent.name for respondent in changed)
            # Translators: names: names of States.
            messages.success(request, _("Treaty status changed: %(names)s.") % {"names": names})


def _respondent_or_404(user: User, code: str) -> Respondent:
    check_permission(can_edit_catalogue(user))
    return get_object_or_404(Respondent.objects.exclude(kind=RespondentKind.SECRETARIAT), code=code)


def _links(words: str) -> list[tuple[str, str]]:
    return [(reverse("treaty_act_list"), _("Treaty status")), ("", words)]
