"""The list behind a figure of the Secretariat's pages, for officers who may read all of it."""

from collections.abc import Callable, Mapping

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy
from django.views.decorators.http import require_safe

from tracker.disclosure import respondents_not_read_by
from tracker.figures.answers import ANSWERS
from tracker.figures.assistance import KINDS
from tracker.figures.behind import Behind, read_words
from tracker.figures.comparison import StatusChange, compare
from tracker.figures.progress import REGIONS, STANDINGS, STRENGTHS, round_progress
from tracker.figures.selection import ANSWERED, ANY, SHARED, Selection, read_selection
from tracker.models import Round, RoundUnit
from tracker.models.status import LABELS, ReasonCode
from tracker.permissions import is_reviewer
from tracker.web.request import SignedInRequest
from tracker.web.rounds import RoundChoice, choose_round, find_round, show_round

PAGE = 50
# Translators: Title of a page: the list of the answers or States that a figure counts.
TITLE = _("Behind a figure")
NOT_FOR_OTHERS = _("This page is for Secretariat officers who may read all submissions of the round.")
type Facts = dict[str, tuple[str | Promise, str | Promise]]

OF = ("answers", "states")
OF_ONE_ROUND, OF_TWO_ROUNDS = ("reason", "need", "practice"), ("before", "change")

STATUSES: Mapping[str, str | Promise] = {
    **ANSWERS,
    **LABELS,
    # Translators: Number of recommendations with an answer: any status but “No information”.
    ANSWERED: _("Answered"),
}
STATE_TITLES: Mapping[str, str | Promise] = {
    "invited": _("Invited to report"),
    "submitted": pgettext_lazy("State", "Submitted"),
    "not_submitted": pgettext_lazy("State", "Not submitted"),
    # Translators: States that withdrew their submission.
    "withdrawn": pgettext_lazy("State", "Withdrawn"),
    "counted": _("States covered"),
    "left_out": _("Submitted; use in aggregate figures not permitted"),
    "unconfirmed": _("Counted as parties; treaty status not confirmed"),
}
PRACTICES: Mapping[str, str | Promise] = {
    # Translators: Good practices, whether other States may read them or not.
    ANY: _("Shared or not"),
    # Translators: Good practices that other States may read.
    SHARED: _("Shared with other States"),
}
NEEDS: Mapping[str, str | Promise] = {
    # Translators: Of technical assistance.
    ANY: _("Any kind"),
    **dict(KINDS),
}
# What a selection may name, by its parameter: a title, and the names by value.
PARTS: dict[str, tuple[str | Promise, Mapping[str, str | Promise]]] = {
    "region": (_("Regional group"), dict(REGIONS)),
    "strength": (_("Strength"), dict(STRENGTHS)),
    "reason": (_("Why the recommendation does not apply"), dict(ReasonCode.choices)),
    "need": (_("Technical assistance needed"), NEEDS),
    "practice": (_("Good practice"), PRACTICES),
    "before": (_("Status in the earlier round"), STATUSES),
    "change": (_("Change"), dict(StatusChange.choices)),
}
# The same of units, whose names are those of the round.
UNIT_PARTS: dict[str, tuple[str | Promise, Callable[[RoundUnit, str], str]]] = {
    "theme": (_("Theme"), lambda entry, slug: dict(entry.themes).get(slug, _("No theme"))),
    "family": (_("Group of similar recommendations"), lambda entry, slug: dict(entry.families)[slug]),
    "meeting": (_("Meeting"), lambda entry, _number: entry.unit.meeting.name),
    "unit": (_("Recommendation"), lambda entry, _slug: entry.unit.label_with_title),
}


@require_safe
def progress_behind(request: SignedInRequest) -> HttpResponse:
    """Refuse officers who may not read a submission among which the figure chooses."""
    if not is_reviewer(request.user):
        return render(request, "403.html", {"reason": NOT_FOR_OTHERS}, status=403)
    choice = choose_round(request)
    if choice.round is None:
        return show_round(request, choice, "tracker/progress/behind.html", None, title=TITLE)
    selection = read_selection(request.GET, choice.round.code)
    earlier, before = _earlier_round(choice, selection), choice.before
    found = compare(earlier, choice.round) if earlier else round_progress(choice.round)
    behind = Behind(selection, found)
    facts = _facts(behind)
    context: dict[str, object] = {
        "title": TITLE,
        "behind": behind,
        "selection": selection,
        "facts": facts,
        "above": _page_above(selection, facts),
        "reference": f"{earlier.code} · {choice.round.code}" if earlier else choice.round.code,
    }
    if not behind.may_be_read(respondents_not_read_by(request.user)):
        context["heading"] = TITLE
        refused = show_round(request, choice, "tracker/progress/behind_refused.html", found, **context)
        refused.status_code = 403
        return refused
    context |= {
        "before": earlier or before,
        "heading": _heading(behind),
        "with_units": selection.unit is None,
        "left_out": [(name, STATE_TITLES[name], figure) for name, figure in behind.left_out],
        "answers_left_out": Selection(
            selection.round, standing="left_out", region=selection.region, unit=selection.unit
        ),
    }
    number = request.GET.get("page")
    if behind.is_of_states:
        context["page"] = Paginator(behind.listed_states, PAGE).get_page(number)
    else:
        page = Paginator(behind.answers, PAGE).get_page(number)
        context |= {
            "page": page,
            "tiles": [(status, count, selection._replace(status=status)) for status, count in behind.statuses.items()],
            "rows": read_words(behind, list(page), request.user, before),
        }
    return show_round(request, choice, "tracker/progress/behind.html", found, **context)


def _earlier_round(choice: RoundChoice, selection: Selection) -> Round | None:
    if selection.earlier is None or choice.round is None:
        return None
    earlier = find_round(choice.rounds, selection.earlier)
    if earlier is None or choice.rounds.index(earlier) <= choice.rounds.index(choice.round):
        raise Http404
    return earlier


def _facts(behind: Behind) -> Facts:
    """Return by parameter (title, name) of what is selected. Raise Http404 where something in it is unknown."""
    selection = behind.selection
    others = OF_ONE_ROUND if selection.earlier else OF_TWO_ROUNDS
    is_mixed = any(getattr(selection, part) is not None for part in others)
    known = selection.of in OF and selection.standing in STANDINGS
    if is_mixed or not known or (selection.status is not None and selection.status not in STATUSES):
        raise Http404
    facts: Facts = {}
    for part, (title, name_of) in UNIT_PARTS.items():
        value = getattr(selection, part)
        if value is not None:
            entry = next(iter(behind.entries.values()), None)
            if entry is None:
                raise Http404
            facts[part] = title, name_of(entry, value)
    for part, (title, names) in PARTS.items():
        value = getattr(selection, part)
        if value is not None:
            if value not in names:
                raise Http404
            facts[part] = title, names[value]
    if selection.state is not None:
        if not behind.states:
            raise Http404
        facts["state"] = _("State"), behind.states[0].respondent.name
    return facts


def _heading(behind: Behind) -> str:
    """Say how many answers or States there are, and of which status or standing."""
    selection, count = behind.selection, behind.size
    counted = {"count": number_format(count, force_grouping=True)}
    if behind.is_of_states and not selection.is_of_answers:
        if selection.standing == "counted" and selection.of == "states":
            # Translators: count: number of States. Heading of a list.
            return ngettext("%(count)s State covered", "%(count)s States covered", count) % counted
        counted["what"] = str(STATE_TITLES[selection.standing])
        return ngettext("%(count)s State: %(what)s", "%(count)s States: %(what)s", count) % counted
    is_of_states = behind.is_of_states or selection.unit is not None
    has_part = any(getattr(selection, part) is not None for part in OF_ONE_ROUND)
    if not is_of_states and (selection.status == ANSWERED or (selection.status is None and has_part)):
        # Translators: count: number of answers. Heading of a list.
        return ngettext("%(count)s answer", "%(count)s answers", count) % counted
    if selection.status is None:
        if is_of_states:
            # Translators: count: number of States. Heading of a list.
            return ngettext("%(count)s State", "%(count)s States", count) % counted
        # Translators: count: number of recommendations, each counted once for each State. Heading of a list.
        return ngettext("%(count)s possible answer", "%(count)s possible answers", count) % counted
    counted["what"] = str(STATUSES[selection.status])
    if is_of_states:
        # Translators: what: a status, such as “In progress”, or “Submitted”.
        return ngettext("%(count)s State: %(what)s", "%(count)s States: %(what)s", count) % counted
    # Translators: what: a status, such as “In progress”.
    return ngettext("%(count)s answer: %(what)s", "%(count)s answers: %(what)s", count) % counted


def _page_above(selection: Selection, facts: Facts) -> tuple[str, str | Promise] | None:
    """Return address and name of the page of the selected part."""
    for part, name in (("unit", "recommendation"), ("theme", "theme"), ("family", "family")):
        if slug := getattr(selection, part):
            return f"{reverse(f'progress_{name}', args=[slug])}?round={selection.round}", facts[part][1]
    return None
