"""Add the official texts of a paper in another language, for curators: a document is paired with the adopted texts."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext

from recommendations.catalogue import add_official_texts
from recommendations.error_messages import PAGE_CHANGED
from recommendations.models import PaperImport
from recommendations.official_texts import list_imported_lines
from tracker.forms.official_texts import OfficialTextsForm
from tracker.forms.record import read_number
from tracker.permissions import can_edit_catalogue, check_permission
from tracker.views import form_data
from tracker.web.fresh_sign_in import TO_OPEN, form_view
from tracker.web.request import SignedInRequest


@form_view(fresh_sign_in=TO_OPEN)
def official_texts_add(request: SignedInRequest) -> HttpResponse:
    """Show what is paired, as often as the curator corrects it, and then record it all at once."""
    check_permission(can_edit_catalogue(request.user))
    data = form_data(request)
    named = {name: request.GET.get(name, "") for name in ("paper", "language")}
    initial = named | _read_import(read_number(request.GET.get("import")))
    form = OfficialTextsForm(data, request.FILES or None, initial=initial)
    context: dict[str, object] = {"form": form}
    if data is None or not (form.is_valid() or form.label_errors):
        return render(request, "tracker/official_texts/add.html", context)
    problem = ""
    if request.method == "POST" and "publish" in request.POST and form.is_valid():
        problem = _publish(request, form)
        if not problem:
            return redirect("paper_import_list")
    context |= {"found": form.found, "problem": problem}
    return render(request, "tracker/official_texts/compare.html", context, status=409 if problem else 200)


def _read_import(pk: int) -> dict[str, str]:
    """Return what a draft has of a document in another language, nothing where there is no such draft."""
    draft = PaperImport.objects.exclude(language="en").filter(pk=pk, published_at=None).first()
    if draft is None:
        return {}
    lines = "\n".join(list_imported_lines(draft.paragraphs.all()))
    return {"language": draft.language, "source": draft.paper_symbol, "document": lines}


def _publish(request: SignedInRequest, form: OfficialTextsForm) -> str:
    """Return the problem, empty once the texts are recorded."""
    data = form.cleaned_data
    if request.POST.get("stamp") != form.found.stamp:
        return str(PAGE_CHANGED)
    try:
        count = add_official_texts(
            paper=data["paper"],
            language=data["language"],
            source=data["source"],
            texts=form.texts,
            replaced=form.replaced,
            by=request.user,
        )
    except ValidationError as error:
        return " ".join(error.messages)
    # Translators: count: number of official texts in another language.
    message = ngettext("%(count)d official text was published.", "%(count)d official texts were published.", count)
    messages.success(request, message % {"count": count})
    return ""
