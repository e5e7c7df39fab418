"""Quotations of States in a paper: the officers' tray, and what a State sees of its own."""

from typing import NamedTuple

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from recommendations.languages import active_language
from recommendations.models import Recommendation
from tracker.actions.quotation import (
    move_quotation,
    notify_of_quotations,
    object_to_quotation,
    remove_quotation,
    save_quotation,
)
from tracker.figures.progress import read_scope
from tracker.figures.public_figures import releases
from tracker.forms.quotation import ObjectByForm, ObjectionForm, QuotableFilter, QuotationForm, key_of_theme
from tracker.models import Quotation, Release, SubmissionItem
from tracker.models.answer_fields import FIELD_BY_NAME
from tracker.models.language import LANGUAGE_NAMES
from tracker.models.quotation import QUOTABLE_FIELDS, quotable_submissions
from tracker.permissions import can_object, can_quote, check_permission
from tracker.queries.quotations import (
    TrayTheme,
    count_tray,
    notified_quotations,
    quotable_answers,
    quotable_items,
    read_quotable_submissions,
    read_tray,
    tray_keys,
    tray_rows,
)
from tracker.queries.submissions.items import translations_of
from tracker.queries.themes import ThemeGroup, by_frozen_theme
from tracker.views import carry_out, form_data, form_errors, save_form, show_errors
from tracker.web.desks import get_whole_desk_or_404
from tracker.web.fresh_sign_in import NEVER, TO_OPEN, TO_POST, button_view, form_view
from tracker.web.request import SignedInRequest
from tracker.web.units import get_unit_or_404
from tracker.workflow import NotAllowed

PAGE, TRAY_PAGE = 15, 10


class TrayPage(NamedTuple):
    """`themes`: of the round; `theme`: the open one, or None where the filter has errors; `submissions`: keys of those
    that may be quoted.
    """

    release: Release
    themes: list[TrayTheme]
    theme: ThemeGroup | None
    filter: QuotableFilter
    submissions: list[int]

    @property
    def units(self) -> list[Recommendation]:
        return self.theme.units if self.theme else []


@form_view(fresh_sign_in=NEVER)
def quotation_list(request: SignedInRequest) -> HttpResponse:
    """Show what may be quoted under a theme, beside what was chosen under it. POST notifies the States."""
    page = _open(request)
    if page is None:
        return render(request, "tracker/quotation/list.html")
    form = ObjectByForm(form_data(request))
    if request.method == "POST" and form.is_valid():
        with form_errors(form):
            count = notify_of_quotations(
                release=page.release, language=active_language(), by=request.user, **form.cleaned_data
            )
            _say_notified(request, page.release, count)
            return redirect(_address(request, page.release, page.theme))
    shown = Paginator(_quotable(request, page), PAGE).get_page(request.GET.get("page"))
    context = {
        "release": page.release,
        "filter": page.filter,
        "page": shown,
        "answers": quotable_answers(page.release, shown, page.units, request.user),
        "is_permitted": bool(page.submissions),
        "language_name": LANGUAGE_NAMES[active_language()],
        "form": form,
        **_tray(request, page),
    }
    status = 400 if page.filter.errors else 200
    return render(request, "tracker/quotation/list.html", context, status=status)


def _tray(request: SignedInRequest, page: TrayPage) -> dict:
    release, language = page.release, active_language()
    keys = tray_keys(release, page.units, request.user)
    tray = Paginator(keys, TRAY_PAGE).get_page(request.GET.get("tray"))
    waiting = read_tray(release, request.user).to_notify(release, language, page.submissions)
    return {
        "tray": tray,
        "rows": tray_rows(release, tray, page.units, page.submissions, language, request.user),
        "first": next(iter(keys), None),
        "theme": page.theme,
        "themes": [(key_of_theme(each.theme.slug), each) for each in page.themes if each.chosen],
        "chosen": sum(each.chosen for each in page.themes),
        "to_notify": waiting.count(),
    }


def _say_notified(request: SignedInRequest, release: Release, count: int) -> None:
    if count:
        words = ngettext(
            # Translators: count: number of quotations.
            "The State was notified of %(count)s quotation.",
            "The States were notified of %(count)s quotations.",
            count,
        )
        messages.success(request, words % {"count": count})
    if read_tray(release, request.user).to_notify(release, active_language()).exists():
        messages.warning(
            request, _("A State without a focal point cannot be notified. Its quotations do not enter the paper.")
        )
    elif not count:
        messages.info(request, _("There is no State to notify."))


def _quotable(request: SignedInRequest, page: TrayPage) -> QuerySet[SubmissionItem] | list[SubmissionItem]:
    if page.theme is None:
        return []
    wanted = page.filter.cleaned_data
    return quotable_items(page.submissions, page.units, wanted["q"], wanted["language"], request.user)


def _open(request: SignedInRequest) -> TrayPage | None:
    """Return None where there is no release. Without a theme in the address open the first that has quotations."""
    check_permission(can_quote(request.user))
    found = sorted(releases(), key=lambda release: not release.round.body.is_first)
    if not found:
        return None
    release = next((each for each in found if str(each) == request.GET.get("release")), found[0])
    counted = count_tray(release, _themes(release), request.user)
    themes = [each.theme for each in counted]
    first = next((each.theme for each in counted if each.chosen), next(iter(themes), None))
    form = QuotableFilter(request.GET, found, release, themes, first)
    chosen = form.cleaned_data["theme"] if form.is_valid() else None
    theme = next((theme for theme in themes if key_of_theme(theme.slug) == chosen), None)
    return TrayPage(release, counted, theme, form, read_quotable_submissions(release))


def _themes(release: Release) -> list[ThemeGroup]:
    scope, _stamp = read_scope(release.round)
    return by_frozen_theme(((entry.themes, entry.unit) for entry in scope), release.round)


def _theme_of(release: Release, unit: int) -> ThemeGroup | None:
    """Return the theme of a recommendation, by its key, with all its recommendations."""
    return next((theme for theme in _themes(release) if unit in {each.pk for each in theme.units}), None)


def _address(request: SignedInRequest, release: Release, theme: ThemeGroup | None) -> str:
    """Return the address of the tray at a theme, on the page of the tray that the request names."""
    query = {"release": str(release)}
    if theme:
        query["theme"] = key_of_theme(theme.slug)
    if number := request.GET.get("tray"):
        query["tray"] = number
    return reverse("quotation_list", query=query)


@form_view(fresh_sign_in=NEVER)
def quotation_choose(
    request: SignedInRequest, round_code: str, respondent_code: str, slug: str, field: str
) -> HttpResponse:
    """Paste words of one text, and of its courtesy translation."""
    check_permission(can_quote(request.user))
    if field not in dict(QUOTABLE_FIELDS):
        raise Http404
    release = get_object_or_404(releases(), round__code=round_code)
    unit = get_unit_or_404(slug)
    items = SubmissionItem.objects.to_be_read_by(request.user).select_related(
        "submission__respondent", "submission__round", "revision", "unit"
    )
    item = get_object_or_404(
        items,
        submission__in=quotable_submissions(release),
        submission__respondent__code=respondent_code,
        unit=unit.pk,
        revision__isnull=False,
    )
    address = _address(request, release, _theme_of(release, item.unit_id))
    chosen = read_tray(release, request.user).filter(revision=item.revision_id, field=field)
    chosen = chosen.select_related("translation__author")
    quotation = chosen.first()
    data = form_data(request)
    form = QuotationForm(data, quotation=quotation)
    done = _("The quotation is in the tray.")
    if save_form(request, form, save_quotation, done, release=release, item=item, field=field):
        return redirect(address)
    is_changed = bool(form.non_field_errors())
    if data is not None and is_changed:
        quotation, data = chosen.first(), data.copy()
        data["base"] = quotation.stamp if quotation else ""  # what the officer sees now
        form.data = data
    context = {
        "address": address,
        "item": item,
        "unit": unit,
        "field": FIELD_BY_NAME[field],
        "text": getattr(item.revision, field),
        "translation": translations_of([item.revision])[item.revision.pk].get(field),
        "translate_url": reverse(
            "review_translation",
            args=[respondent_code, round_code, item.submission.number, slug],
            query={"next": request.path},
        ),
        "form": form,
        "quotation": quotation,
        "is_changed": is_changed,
    }
    return render(request, "tracker/quotation/choose.html", context)


@button_view(fresh_sign_in=TO_POST)
def quotation_remove(request: SignedInRequest, round_code: str, pk: int) -> HttpResponse:
    release, quotation = _quotation_or_404(request, round_code, pk)
    carry_out(request, remove_quotation, _("The quotation was removed from the tray."), quotation=quotation)
    return redirect(_address(request, release, _theme_of(release, quotation.unit_id)))


@button_view(fresh_sign_in=NEVER)
def quotation_move(request: SignedInRequest, round_code: str, pk: int) -> HttpResponse:
    """Move a quotation above the one before it under its theme."""
    release, quotation = _quotation_or_404(request, round_code, pk)
    theme = _theme_of(release, quotation.unit_id)
    keys = tray_keys(release, theme.units if theme else [], request.user)
    place = keys.index(pk) if pk in keys else 0
    with show_errors(request):
        if place == 0:
            raise NotAllowed("it is the first under its theme")
        _release, above = _quotation_or_404(request, round_code, keys[place - 1])
        move_quotation(quotation=quotation, above=above, by=request.user)
    return redirect(f"{_address(request, release, theme)}#tray")


def _quotation_or_404(request: SignedInRequest, round_code: str, pk: int) -> tuple[Release, Quotation]:
    check_permission(can_quote(request.user))
    release = get_object_or_404(releases(), round__code=round_code)
    rows = read_tray(release, request.user).select_related("revision__record__respondent", "unit", "round")
    return release, get_object_or_404(rows, pk=pk)


@require_safe
def quotations_of_state(request: SignedInRequest, code: str) -> HttpResponse:
    desk = get_whole_desk_or_404(request.user, code)
    context = {
        "quotations": list(notified_quotations(desk, request.user)),
        "may_object": can_object(request.user, desk),
    }
    return render(request, "tracker/quotation/of_state.html", context)


@form_view(fresh_sign_in=TO_OPEN)
def quotation_object(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    """Show what an objection does, and then object."""
    desk = get_whole_desk_or_404(request.user, code, can_object)
    quotation = next((row for row in notified_quotations(desk, request.user) if row.pk == pk), None)
    if quotation is None:
        raise Http404
    if request.method != "POST" and not quotation.is_open:
        return redirect("quotations_of_state", code)
    form = ObjectionForm(form_data(request))
    done = _("Your objection is recorded. The quotation will not appear in the paper.")
    if save_form(request, form, object_to_quotation, done, quotation=quotation):
        return redirect("quotations_of_state", code)
    context = {"quotation": quotation, "form": form}
    return render(request, "tracker/quotation/object.html", context)
