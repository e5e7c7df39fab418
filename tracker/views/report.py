"""The State's report: of its current answers as a page and as files, of a submission as files."""

from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommendations.models import Body
from tracker.actions.brief import save_brief
from tracker.actions.kept_file import find_shelf
from tracker.documents.report.brief import FILLED, can_fill, current_texts, fill_text, is_as_submitted, read_brief
from tracker.documents.report.files import BRIEF_WRITERS, FILE_KINDS, file_name
from tracker.documents.report.sealed import submission_report, values_shown
from tracker.documents.report.sentences import summary_sentences
from tracker.documents.report.state import GROUPINGS, TITLE, WORKING_DOCUMENT, ReportSection, StateReport, state_report
from tracker.formats.files import language_of_file
from tracker.forms.report import BriefFilesForm, BriefForm, FillForm, ReportForm
from tracker.models import Respondent, Submission, User
from tracker.permissions import can_write_brief, check_permission
from tracker.queries.addressees import describe_unit_count, treaty_status
from tracker.views import download, form_errors
from tracker.web import unsaved_input
from tracker.web.bodies import BodyChoice, choose_body_of_desk
from tracker.web.desks import get_whole_desk_or_404
from tracker.web.fresh_sign_in import NEVER, TO_DOWNLOAD, file_view, form_view
from tracker.web.request import SignedInRequest

WHOLE, BEYOND = "all", "others"  # instead of the number of a part


@form_view(fresh_sign_in=NEVER)
def report(request: SignedInRequest, code: str) -> HttpResponse:
    """Show the report; a POST saves the texts of the brief, or fills one from answers."""
    desk = get_whole_desk_or_404(request.user, code)
    choice = choose_body_of_desk(request, desk)
    filled = request.GET.get("fill", "")
    if filled in FILLED and can_write_brief(request.user, desk):
        return _fill(request, desk, choice, filled)
    if request.method != "POST":
        return _show(request, desk, choice)
    check_permission(can_write_brief(request.user, desk))
    form, base = BriefForm(request.POST), request.POST.get("base", "")
    if form.is_valid():
        with form_errors(form):
            save_brief(respondent=desk, texts=form.cleaned_data, base=base, by=request.user)
            messages.success(request, _("The texts of the brief are saved."))
            if (fill := request.POST.get("fill")) in FILLED:
                return redirect(f"{request.path}?fill={fill}&{choice.query}".rstrip("&"))
            return redirect(request.get_full_path())
        base = None  # the page shows what is saved
    return _show(request, desk, choice, brief_form=form, base=base, status=400)


def _fill(request: SignedInRequest, desk: Respondent, choice: BodyChoice, name: str) -> HttpResponse:
    """Show the answers from which a text of the brief can be filled; a POST adds those selected to the text."""
    found = state_report(desk, request.user, choice.body)
    offered = replace(found, to_answer=[entry for entry in found.to_answer if can_fill(name, entry)])
    form = FillForm(request.POST or None, entries=offered.to_answer)
    saved = current_texts(desk, request.user)
    if form.is_valid():
        selected = [entry for entry in offered.to_answer if entry.row.unit.slug in form.cleaned_data["answer"]]
        texts = {name: fill_text(getattr(saved, name, ""), name, selected)}
        with form_errors(form, "answer"):
            save_brief(respondent=desk, texts=texts, base=request.POST.get("base", ""), by=request.user)
            return redirect(f"{request.path}?{choice.query}".rstrip("?") + f"#id_{name}")
    sections, slugs = offered.sections("theme"), request.POST.getlist("answer")
    chosen = [section.number for section in sections if any(entry.row.unit.slug in slugs for entry in section.entries)]
    context = {"form": form, "sections": sections, "chosen": chosen, "saved": saved}
    context["label"] = BriefForm.base_fields[name].label
    return render(request, "tracker/report/fill.html", context, status=400 if form.is_bound else 200)


@file_view(fresh_sign_in=TO_DOWNLOAD)
def brief_file(request: SignedInRequest, code: str, kind: str) -> HttpResponse:
    """Download the brief, with the figures of the submission that `?figures=` names, else of the current answers."""
    desk = get_whole_desk_or_404(request.user, code)
    body = choose_body_of_desk(request, desk).body
    reference = request.GET.get("figures", "")
    submissions = _submissions(request.user, desk.code, [body]) if reference else ()
    submission = next((found for found in submissions if found.reference == reference), None)
    if reference and submission is None:
        raise Http404
    brief = read_brief(desk, request.user, body, submission)
    name = reference.replace("/", "-") + "-brief" if reference else f"{desk.code}-brief-{brief.report.at:%Y-%m-%d}"
    return download(lambda: BRIEF_WRITERS[kind](brief), f"{name}.{kind}")


@file_view(fresh_sign_in=TO_DOWNLOAD)
def report_file(request: SignedInRequest, code: str, kind: str) -> HttpResponse:
    desk = get_whole_desk_or_404(request.user, code)
    choice = choose_body_of_desk(request, desk)
    form = ReportForm(request.GET, earlier=_submissions(request.user, desk.code, [choice.body]))
    if not form.is_valid():
        return _show(request, desk, choice, form, status=400)
    with language_of_file(kind):
        found = state_report(desk, request.user, choice.body)
        return download(lambda: FILE_KINDS[kind].write(found, form.choice), file_name(found, kind))


@require_safe
def submission_report_choice(request: SignedInRequest, code: str, round_code: str, number: int) -> HttpResponse:
    found, earlier = _submission_and_earlier_or_404(request.user, code, round_code, number)
    return _show_choice(request, found, ReportForm(earlier=earlier))


@require_safe
def submission_report_file(
    request: SignedInRequest, code: str, round_code: str, number: int, kind: str
) -> HttpResponse:
    found, earlier = _submission_and_earlier_or_404(request.user, code, round_code, number)
    form = ReportForm(request.GET, earlier=earlier)
    if not form.is_valid():
        return _show_choice(request, found, form, status=400)
    with language_of_file(kind):
        kept_file = None
        if kind == "pdf":
            kept_file = find_shelf(found.respondent).file(kind, "report", values_shown(found), form.choice.values)
        name = f"{found.reference.replace('/', '-')}-report.{kind}"
        return download(lambda: FILE_KINDS[kind].write(submission_report(found), form.choice), name, kept_file)


def _show(
    request: SignedInRequest,
    desk: Respondent,
    choice: BodyChoice,
    form: ReportForm | None = None,
    brief_form: BriefForm | None = None,
    base: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """The forms are as sent, with their errors. `base`: what the brief's form was filled from, if not what is saved."""
    show = "" if form else request.GET.get("show", "")
    found = state_report(desk, request.user, choice.body, with_answers=bool(show))
    grouping = request.GET.get("by")
    if grouping not in GROUPINGS:
        grouping = "theme"
    more = choice.query and f"&{choice.query}"
    orders = {order: reverse("report", args=[desk.code], query={"by": order}) + more for order in GROUPINGS}
    sections = found.sections(grouping)
    shown = _shown(found, sections, show)
    submissions = list(_submissions(request.user, desk.code, [choice.body])) if not shown.entries else []
    if form is None and not shown.entries:
        kept = unsaved_input.take(request, *(reverse(f"report_{kind}", args=[desk.code]) for kind in FILE_KINDS))
        form = ReportForm(kept, earlier=submissions)
    context = {
        "body_choice": choice,
        "title": TITLE,
        "working_document": WORKING_DOCUMENT,
        "addressed": describe_unit_count(desk, len(found.to_answer)),
        "treaty_status": treaty_status(desk),
        "report": found,
        "figures": found.figures,
        "overall": found.figures.overall,
        "sentences": " ".join(summary_sentences(found.figures.overall)),
        "grouping": grouping,
        "orders": orders,
        "here": orders[grouping],
        "sections": sections,
        "show": show,
        "shown": shown,
        "form": form,
        "files": _file_links("report", desk.code, query=choice.query),
        "brief_files": _file_links("brief", desk.code, query=choice.query, kinds=BRIEF_WRITERS),
    }
    if not shown.entries:
        context |= _brief(request, desk, brief_form, base)
        as_submitted = bool(submissions) and is_as_submitted(found, submissions[0])
        context["files_form"] = BriefFilesForm(submissions, submissions[0].reference if as_submitted else "")
    return render(request, "tracker/report/report.html", context, status=status)


def _brief(request: SignedInRequest, desk: Respondent, form: BriefForm | None, base: str | None) -> dict[str, object]:
    """Return the saved texts of the brief, and their form for users who may write them."""
    saved = current_texts(desk, request.user)
    if can_write_brief(request.user, desk) and form is None:
        typed = unsaved_input.take(request)
        form = BriefForm(typed, initial=saved.digested_fields() if saved else None)
        base = typed.get("base", "") if typed else None
    if base is None:
        base = saved.base if saved else ""
    texts = [(field.label, saved.shown_value(name)) for name, field in BriefForm.base_fields.items()] if saved else []
    return {"saved": saved, "saved_texts": [pair for pair in texts if pair[1]], "brief_form": form, "base": base}


def _shown(report: StateReport, sections: list[ReportSection], show: str) -> StateReport:
    """Keep the answers of one part, of all parts, or of none."""
    if show == WHOLE:
        return report
    if show == BEYOND:
        return replace(report, to_answer=[])
    to_answer = [entry for section in sections if str(section.number) == show for entry in section.entries]
    return replace(report, to_answer=to_answer, others=[])


def _show_choice(request: SignedInRequest, submission: Submission, form: ReportForm, status: int = 200) -> HttpResponse:
    place = (submission.respondent.code, submission.round.code, submission.number)
    context = {
        "submission": submission,
        "form": form,
        "files": _file_links("submission_report", *place),
    }
    if submission.respondent_id in request.user.whole_desks:
        query = urlencode({"figures": submission.reference})
        context["brief_files"] = _file_links("brief", place[0], query=query, kinds=BRIEF_WRITERS)
    return render(request, "tracker/report/submission.html", context, status=status)


def _file_links(
    name: str, *place: str | int, query: str = "", kinds: Iterable[str] = tuple(FILE_KINDS)
) -> dict[str, str]:
    return {kind: reverse(f"{name}_{kind}", args=place) + (query and f"?{query}") for kind in kinds}


def _submissions(user: User, code: str, bodies: Iterable[Body | None]) -> QuerySet[Submission]:
    """Return the submissions that the user may read, the newest first."""
    found = Submission.objects.visible_to(user).filter(respondent__code=code, round__body__in=bodies)
    return found.select_related("respondent", "round__body", "participation").order_by("-pk")


def _submission_and_earlier_or_404(
    user: User, code: str, round_code: str, number: int
) -> tuple[Submission, list[Submission]]:
    submissions = list(_submissions(user, code, Body.objects.filter(rounds__code=round_code)))
    for place, found in enumerate(submissions):
        if (found.round.code, found.number) == (round_code, number):
            return found, submissions[place + 1 :]
    raise Http404
