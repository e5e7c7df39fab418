import datetime

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from tracker.web.request import Request

IN_FORCE = datetime.timedelta(days=180)  # RFC 9116: less than a year


@login_not_required
@require_safe
def security_contact(request: Request) -> HttpResponse:
    """Say where to report a weakness, in the form of RFC 9116; 404 where no contact is set."""
    contact = settings.SECURITY_CONTACT
    if not contact:
        raise Http404
    fields = {
        "Contact": contact if contact.startswith("https://") else f"mailto:{contact}",
        "Expires": f"{timezone.localdate() + IN_FORCE:%Y-%m-%d}T00:00:00Z",
        "Preferred-Languages": "en",
        "Canonical": settings.SITE_URL + reverse("security_contact"),
    }
    lines = [f"{name}: {value}\n" for name, value in fields.items()]
    return HttpResponse("".join(lines), content_type="text/plain; charset=utf-8")
