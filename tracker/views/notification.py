from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tracker.actions.notification import choose_notifications
from tracker.forms.notification import NotificationsForm
from tracker.models import UnwantedNotification
from tracker.permissions import notification_kinds_of
from tracker.web import unsaved_input
from tracker.web.request import SignedInRequest


@require_http_methods(["GET", "HEAD", "POST"])
def notifications(request: SignedInRequest) -> HttpResponse:
    kinds = notification_kinds_of(request.user)
    if request.method == "POST":
        if not kinds:
            raise PermissionDenied
        form = NotificationsForm(request.POST, kinds=kinds)
        if form.is_valid():
            choose_notifications(wanted=set(form.cleaned_data["wanted"]), by=request.user)
            messages.success(request, _("Your choice is saved."))
            return redirect("notifications")
        return render(request, "tracker/notification/notifications.html", {"form": form, "kinds": kinds})
    typed = unsaved_input.take(request)
    unwanted = set(UnwantedNotification.objects.filter(user=request.user).values_list("kind", flat=True))
    form = NotificationsForm(typed, kinds=kinds, initial={"wanted": [kind for kind in kinds if kind not in unwanted]})
    return render(
        request,
        "tracker/notification/notifications.html",
        {"form": form, "kinds": kinds, "is_unsaved": typed is not None},
    )
