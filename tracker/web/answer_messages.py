from collections.abc import Callable

from django.contrib import messages
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.models import Recommendation
from tracker.actions.record import NotSaved, StaleAnswer
from tracker.models import Revision
from tracker.web.request import Request, SignedInRequest

NO_CHANGES = gettext_lazy("There are no changes to save.")
SUBMITTED = gettext_lazy(
    "Submitted. Focal points have been notified by e-mail. "
    "Secretariat officers get at most one e-mail a day for each State."
)


def show_saved_answer(request: SignedInRequest, unit: Recommendation, revision: Revision | None) -> None:
    if revision is None:
        messages.info(request, NO_CHANGES)
        return
    # Translators: label: label of the recommendation, with its short title; number: number of a version of the
    # answer.
    saved = _("%(label)s: saved as version %(number)s.")
    messages.success(request, saved % {"label": unit.label_with_title, "number": revision.number})


def show_sent_answer(request: SignedInRequest, unit: Recommendation) -> None:
    message = _(
        # Translators: %(label)s: label of a recommendation with its short title.
        "%(label)s was sent to the focal point, who is notified. You can undo this until the answer is accepted or "
        "returned."
    )
    messages.success(request, message % {"label": unit.label_with_title})


def show_sent_suggestion(request: SignedInRequest, unit: Recommendation) -> None:
    message = _(
        # Translators: label: label of the recommendation, with its short title.
        "%(label)s: your suggestion was sent to the focal point. The answer does not change unless the "
        "focal point accepts the suggestion."
    )
    messages.success(request, message % {"label": unit.label_with_title})


def show_unsaved_answers(request: Request, refused: NotSaved) -> None:
    _show_each(request, refused, lambda label, why: f"{label}: {why}")


def show_unaccepted_suggestions(request: SignedInRequest, refused: NotSaved) -> None:
    # Translators: label: label of the recommendation, with its short title; why: one or more error messages, as whole
    # sentences.
    message = _("%(label)s: nothing was accepted. Edit the suggestion first. Reason: %(why)s")
    _show_each(request, refused, lambda label, why: message % {"label": label, "why": why})


def _show_each(request: Request, refused: NotSaved, describe: Callable[[str, str], str]) -> None:
    for unit, why in refused.why.items():
        label = unit.label_with_title
        if isinstance(why, StaleAnswer):
            messages.warning(request, describe_stale_answer(label, why))
        else:
            messages.warning(request, describe(label, " ".join(why.messages)))


def describe_stale_answer(label: str, stale: StaleAnswer) -> str:
    changed = _(
        # Translators: label: label of the recommendation, with its short title; who: name of a person; number: number
        # of a version of the answer.
        "%(label)s: %(who)s saved version %(number)s while you were working. Nothing was saved. Check "
        "the new version and try again."
    )
    return changed % {"label": label, "who": stale.current.author, "number": stale.current.number}
