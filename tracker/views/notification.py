from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tracker.actions.notification import choose_notifications
from tracker.forms.notification import NotificationsForm
from tracker.permissions import check_permission, optional_kinds_of
from tracker.views import form_data
from tracker.web.fresh_sign_in import NEVER, form_view
from tracker.web.request import SignedInRequest


@form_view(fresh_sign_in=NEVER)
def notifications(request: SignedInRequest) -> HttpResponse:
    kinds = optional_kinds_of(request.user)
    check_permission(bool(kinds) or request.method != "POST")
    initial = {"wanted": [kind for kind in kinds if kind not in request.user.unwanted_notifications]}
    form = NotificationsForm(form_data(request), kinds=kinds, initial=initial)
    if request.method == "POST" and form.is_valid():
        choose_notifications(wanted=set(form.cleaned_data["wanted"]), by=request.user)
        messages.success(request, _("Your changes were saved."))
        return redirect("notifications")
    context = {"form": form, "kinds": kinds}
    return render(request, "tracker/notification/notifications.html", context)
