"""What many views share: files to download, data of forms, refusals, and the things that addresses name."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header, url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import cache_control

from recommendations.error_messages import PAGE_CHANGED
from recommendations.forms import form_errors
from recommendations.models import Body, Recommendation
from recommendations.places import place_for_file
from tracker.actions.kept_file import KeptFile
from tracker.actions.record import NotSaved
from tracker.documents.report.files import FILE_KINDS
from tracker.forms.filters import UnitFilter
from tracker.models import Respondent, Submission, User
from tracker.permissions import can_submit, check_permission
from tracker.queries.desk.units import UnitRow, UnitRows, unit_rows
from tracker.queries.submissions.questions import units_with_clarification
from tracker.web import unsaved_input
from tracker.web.answer_messages import show_unsaved_answers
from tracker.web.desks import record_list_address
from tracker.web.request import Request, SignedInRequest
from tracker.workflow import NotAllowed

UNKNOWN_FILTER = gettext_lazy(
    "A filter or a selected recommendation in the address is unknown, so nothing is selected. Select again in the list."
)

# What is unpublished is gone at once: no proxy keeps it, and a browser asks each time. What a signed-in user reads is
# never stored: SignInMiddleware says so.
in_no_shared_cache = cache_control(private=True, no_cache=True)


def keep_from_archives(response: HttpResponse) -> HttpResponse:
    """Keep a page that shows more to some readers out of archives and shared caches."""
    response["X-Robots-Tag"] = "noarchive"
    patch_cache_control(response, private=True, no_cache=True)
    return response


class Link(NamedTuple):
    url: str
    unit: Recommendation


type FileContent = bytes | str | Iterable[bytes] | Iterable[str]
type FileWriters = dict[str, Callable[..., FileContent]]  # by extension


def download(make: Callable[[], FileContent], name: str, kept_file: KeptFile | None = None) -> HttpResponse:
    """Make a file, few at once, as an attachment of the content type that the extension of its name says.

    With `kept_file` the file is made once.
    """
    content = kept_file.read() if kept_file else None
    if content is None:
        with place_for_file():
            content = HttpResponse(make()).content
        if kept_file:
            kept_file.save(content)
    return HttpResponse(
        content,
        content_type=FILE_KINDS[name.rpartition(".")[2]].content_type,
        headers={"Content-Disposition": content_disposition_header(True, name)},
    )


def form_data(request: SignedInRequest) -> QueryDict | None:
    """Return the posted or the unsaved input of the form, None where there is neither."""
    return request.POST if request.method == "POST" else unsaved_input.take(request)


def own_page(request: Request, address: str) -> str:
    """Return the address of a page of this site; that of the first page in place of any other."""
    is_own = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if is_own and address.startswith("/") else reverse("home")


@contextmanager
def show_errors(request: Request) -> Iterator[None]:
    """Show in a message why the action in the block was refused."""
    try:
        yield
    except NotAllowed:
        messages.warning(request, PAGE_CHANGED)
    except NotSaved as refused:
        show_unsaved_answers(request, refused)
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))


def carry_out(
    request: SignedInRequest, act: Callable[..., object], done: str = "", form: BaseForm | None = None, /, **values: Any
) -> bool:
    """Carry out an action of the user and say in a message what was done, or why it was refused. With `form` the errors
    of fields are there. Return whether it was done.
    """
    with show_errors(request), form_errors(form) if form else nullcontext():
        act(**values, by=request.user)
        if done:
            messages.success(request, done)
        return True
    return False


def save_form(
    request: SignedInRequest, form: BaseForm, act: Callable[..., object], done: str = "", /, **values: Any
) -> bool:
    """Carry out an action with what was posted, if the form is valid. Return whether it was done."""
    is_valid = request.method == "POST" and form.is_valid()
    return is_valid and carry_out(request, act, done, form, **values, **form.cleaned_data)


def get_submission_or_404(user: User, code: str, round_code: str, number: int) -> Submission:
    submissions = Submission.objects.visible_to(user).select_related(
        "respondent", "round__body", "participation__taken_by", "sealed_by"
    )
    return get_object_or_404(submissions, respondent__code=code, round__code=round_code, number=number)


def get_own_submission(user: User, code: str, round_code: str, number: int) -> Submission:
    """Return a submission of which the user decides; refuse others who may read it."""
    found = get_submission_or_404(user, code, round_code, number)
    check_permission(can_submit(user, found.respondent))
    return found


def listed_rows(
    request: SignedInRequest, desk: Respondent, body: Body | None, *, with_answers: bool = False
) -> UnitRows:
    """Read the rows of a list that UnitFilter filters: a search is in the answers."""
    came_back = units_with_clarification(desk, request.user)
    return unit_rows(desk, request.user, came_back, body, with_answers=with_answers or bool(request.GET.get("q")))


def read_filters(request: SignedInRequest, rows: list[UnitRow], others: list[UnitRow]) -> UnitFilter:
    """Read the filters and the selection of the list from the address of another page. Say in a message that an unknown
    value selects nothing.
    """
    tasks = UnitFilter(request.GET, rows, others)
    if tasks.form.errors and request.method != "POST":
        messages.warning(request, UNKNOWN_FILTER)
    return tasks


def answer_links(desk: Respondent, unit: Recommendation, here: str) -> list[tuple[str, str]]:
    """Return (address, label) of the pages above a page of an answer, and of the page itself."""
    answers, record = record_list_address(desk, unit), reverse("record", args=[desk.code, unit.slug])
    return [(answers, _("Recommendations")), (record, unit.label_with_title), ("", here)]
