"""Courtesy translations of an answer: the page of its State, and the page of an officer who reads the answer."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from tracker.actions.courtesy_translation import save_translations
from tracker.forms.courtesy_translation import CourtesyTranslationForm
from tracker.models import Record, Revision, SubmissionItem
from tracker.models.courtesy_translation import QUOTABLE_FIELDS
from tracker.permissions import can_answer, check_permission
from tracker.queries.submissions.items import translations_of
from tracker.views import answer_links, form_data, own_page, save_form
from tracker.web.desks import get_desk_or_404
from tracker.web.fresh_sign_in import NEVER, form_view
from tracker.web.request import SignedInRequest
from tracker.web.units import get_unit_or_404


@form_view(fresh_sign_in=NEVER)
def courtesy_translation(request: SignedInRequest, code: str, slug: str) -> HttpResponse:
    desk, unit = get_desk_or_404(request.user, code), get_unit_or_404(slug)
    records = Record.objects.visible_to(request.user).select_related("current", "respondent", "recommendation")
    record = get_object_or_404(records, respondent=desk, recommendation=unit, current__isnull=False)
    revision = record.current
    revision.record = record
    links = answer_links(desk, unit, _("Courtesy translation"))
    return _translate(request, revision, links, may_write=can_answer(request.user, desk, unit))


@form_view(fresh_sign_in=NEVER)
def review_translation(request: SignedInRequest, code: str, round_code: str, number: int, slug: str) -> HttpResponse:
    """Translate a submitted answer. `?next=`: the page of this site to which the officer returns."""
    items = SubmissionItem.objects.to_be_read_by(request.user).select_related(
        "submission__respondent",
        "submission__round",
        "unit",
        "revision__record__respondent",
        "revision__record__recommendation",
    )
    item = get_object_or_404(
        items,
        submission__respondent__code=code,
        submission__round__code=round_code,
        submission__number=number,
        unit__slug=slug,
        revision__isnull=False,
    )
    reading = reverse("review", args=[code, round_code, number], query={"show": "all", "item": slug})
    back = own_page(request, request.GET.get("next", "") or reading)
    links = [
        (reverse("review_queue"), _("Submissions to read")),
        (back, item.unit.label_with_title),
        ("", _("Courtesy translation")),
    ]
    return _translate(request, item.revision, links, may_write=True)


def _translate(
    request: SignedInRequest, revision: Revision, links: list[tuple[str, str]], *, may_write: bool
) -> HttpResponse:
    """`links`: (address, label) of the pages above, the last of which follows, and of this page."""
    check_permission(may_write or request.method != "POST")
    known = translations_of([revision])[revision.pk]
    form = CourtesyTranslationForm(form_data(request), revision=revision, known=known) if may_write else None
    back, _label = links[-2]
    if form and save_form(request, form, save_translations, _done(form), revision=revision):
        return redirect(back)
    if form and form.is_bound and form.non_field_errors():
        known = translations_of([revision])[revision.pk]
        form.show_newer(known)
    context = {
        "crumbs": links,
        "back": back,
        "revision": revision,
        "texts": [
            (label, getattr(revision, name), known.get(name), form[name] if form else None)
            for name, label in QUOTABLE_FIELDS
            if getattr(revision, name)
        ],
        "form": form,
    }
    return render(request, "tracker/courtesy_translation/courtesy_translation.html", context)


def _done(form: CourtesyTranslationForm) -> str:
    has_text = form.is_valid() and any(form.cleaned_data["texts"].values())
    return _("The translation is saved.") if has_text else _("The answer has no courtesy translation.")
