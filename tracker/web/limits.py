"""Limit what one user, or one network without a user, may ask for in ten minutes. Answer where a file is not made.

`settings.REQUEST_LIMITS` has the numbers; VIEWS says which of them counts a view.
"""

import math
import time

from allauth.core.internal.ratelimit import truncate_ip
from django.conf import settings
from django.http import HttpResponse
from django.utils.crypto import salted_hmac
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.child import NotMade
from recommendations.places import Busy
from tracker.audit import origin
from tracker.documents.report.files import BRIEF_WRITERS, FILE_KINDS
from tracker.models import RequestCount
from tracker.web import unsaved_input
from tracker.web.busy import TOO_LARGE, TOO_MANY, UNAVAILABLE, busy_page
from tracker.web.request import Request

PERIOD = 600  # seconds
NAMES_OF_VIEWS = {
    # files that are made for the request
    "file": [
        *(f"{name}_{kind}" for name in ("report", "submission_report") for kind in FILE_KINDS),
        *(f"brief_{kind}" for kind in BRIEF_WRITERS),
        *("handover_pdf", "receipt_pdf", "submission_json", "assignment_docx", "workbook_xlsx"),
        *("provisions_csv", "provisions_docx", "paper_import_annotations_csv"),
        *("progress_csv", "progress_xlsx", "progress_assistance_csv", "progress_assistance_xlsx"),
        *("progress_paper_docx", "progress_paper_pdf", "published_csv", "published_json"),
        *("practices_docx", "practices_pdf", "practices_csv", "practices_json"),
        *("recommendations:csv", "recommendations:json", "recommendations:xlsx"),
    ],
    # files that are stored
    "download": [
        *("evidence_file", "submission_evidence_file", "practice_evidence_file", "published_evidence_file"),
        *("appointing_document", "access_document", "export_file", "release_file", "figures_csv", "figures_json"),
        *("daily_list_log", "daily_list_day", "verification_script", "mfa_download_recovery_codes"),
    ],
    # documents that are read, also where their text is pasted; each other upload of a file is counted too
    "upload": ["official_texts_add", "paper_import_add"],
    # files of all answers, by a task or at once
    "export": ["answers", "answers_csv", "export_again"],
    "search": ["search", "recommendations:list", "recommendations:body", "practice_list"],
    "suggestion": ["search_suggestions"],
    "verification": ["verified", "daily_list"],
}
FORMS = ("answers", "daily_list", "official_texts_add", "paper_import_add")  # whose pages are not counted
VIEWS = {view: limit for limit, views in NAMES_OF_VIEWS.items() for view in views}

TRY_AGAIN = 60  # seconds


class LimitsMiddleware(MiddlewareMixin):
    def process_view(self, request: Request, *view: object) -> HttpResponse | None:
        limit = _limit_of(request)
        if limit is None or _is_within(request, limit):
            return None
        seconds = PERIOD - time.time() % PERIOD
        minutes = math.ceil(seconds / 60)
        advice = ngettext(
            # Translators: minutes: a number.
            "The site limits how many files, uploads and searches one user or one network can ask for. Wait "
            "%(minutes)s minute and try again.",
            "The site limits how many files, uploads and searches one user or one network can ask for. Wait "
            "%(minutes)s minutes and try again.",
            minutes,
        )
        return busy_page(
            request,
            _("Too many requests"),
            advice % {"minutes": minutes},
            status=TOO_MANY,
            seconds=math.ceil(seconds),
            back=_keep_input(request),
        )

    def process_exception(self, request: Request, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Busy):
            advice = _("The site is working on other files. Wait a minute and try again.")
            title, status = _("The site is busy"), UNAVAILABLE
        elif isinstance(exception, NotMade):
            advice = _(
                "The file needs more time or memory than the site allows. Choose fewer recommendations or another "
                "format, or try again later."
            )
            title, status = _("The file could not be created"), TOO_LARGE
        else:
            return None
        return busy_page(request, title, advice, status=status, seconds=TRY_AGAIN, back=_keep_input(request))


def _keep_input(request: Request) -> str:
    """Keep what was typed, and return the page of the form; a form that htmx sent is still open.

    Django saves no session with a response of status 503.
    """
    page = request.method == "POST" and not request.htmx and unsaved_input.keep(request)
    if page:
        request.session.save()
    return page or ""


def _limit_of(request: Request) -> str | None:
    if request.method == "POST" and request.FILES:
        return "upload"
    view = request.resolver_match.view_name
    limit = VIEWS.get(view)
    is_page = (limit == "search" and not request.GET.get("q")) or (view in FORMS and request.method != "POST")
    return None if is_page else limit


def _is_within(request: Request, limit: str) -> bool:
    of_user, of_network = settings.REQUEST_LIMITS[limit]
    if request.user.is_authenticated:
        asked_by, at_most = f"user {request.user.pk}", of_user
    else:
        asked_by, at_most = f"network {truncate_ip(origin.address.get())}", of_network
    key = salted_hmac("limits", f"{limit} {asked_by}", algorithm="sha256").hexdigest()
    return RequestCount.objects.add_request(key, current_period()) <= at_most


def current_period() -> int:
    return int(time.time() // PERIOD)
