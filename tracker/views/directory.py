"""The directory of contact points, and who agrees to be in it (I.22)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tracker.actions.directory import list_person, list_respondent
from tracker.forms.directory import DirectoryForm
from tracker.permissions import can_manage_team
from tracker.queries.desk.team import directory as listed
from tracker.views import form_data
from tracker.web.desks import get_whole_desk_or_404
from tracker.web.fresh_sign_in import TO_POST, button_view, form_view
from tracker.web.request import SignedInRequest


@require_safe
def directory(request: SignedInRequest) -> HttpResponse:
    return render(request, "tracker/directory/directory.html", {"contacts": listed()})


@form_view(fresh_sign_in=TO_POST)
def directory_choice(request: SignedInRequest) -> HttpResponse:
    user = request.user
    initial = {"listed": user.in_directory, "with_address": user.address_in_directory}
    form = DirectoryForm(form_data(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        list_person(**form.cleaned_data, by=user)
        messages.success(request, _("Your changes were saved."))
        return redirect("directory_choice")
    return render(request, "tracker/directory/choice.html", {"form": form, "desks": user.focal_point_of})


@button_view(fresh_sign_in=TO_POST)
def directory_respondent(request: SignedInRequest, code: str) -> HttpResponse:
    desk = get_whole_desk_or_404(request.user, code, can_manage_team)
    list_respondent(respondent=desk, listed=request.POST.get("listed") == "yes", by=request.user)
    messages.success(request, _("Your changes were saved."))
    return redirect("people", code)
