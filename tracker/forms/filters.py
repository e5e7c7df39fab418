from operator import attrgetter, itemgetter

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_filters import CharFilter, ChoiceFilter, DateFilter, MultipleChoiceFilter

from recommendations.days import day_in_words
from recommendations.facets import Facet, ListFilter, SearchFilter, plain_text
from recommendations.filters import currency_facet, meeting_facet, theme_facet
from recommendations.forms import DayField
from recommendations.models import Recommendation
from tracker.figures.assistance import Need
from tracker.figures.practices import PracticeEntry
from tracker.models.answer_fields import TEXTS, AssistanceKind
from tracker.models.assistance import NeedStage
from tracker.models.respondent import StateGroup
from tracker.models.status import LABELS
from tracker.queries.desk.units import SOON_DAYS, UnitRow
from tracker.queries.states import ACCEPTED, INVITED, NOBODY, NOT_SUBMITTED, SUBMITTED, WITHDRAWN

YES, NO = "yes", "no"
CAME_BACK = "came_back"
FORMER_WORDING = "former_wording"
UPDATE = "update"
PASSED, SOON, LATER = "passed", "soon", "later"
OLD = "old"
OTHERS = "others"
NONE = "none"
ALL = "all"


def begins_label(unit: Recommendation, word: str) -> bool:
    """Return whether the label that pages show, or the one at publication, begins with the word."""
    return any(plain_text(label).startswith(word) for label in (unit.shown_label, unit.label))


class TextSearch(SearchFilter):
    """Find units in which each word begins the label or is in the text, its items or the answer. All words but one may
    be in the chapeaux.
    """

    def keeps(self, row: UnitRow, typed: str) -> bool:
        own = plain_text(own_words(row))
        introduction = plain_text("\n".join(chapeau.text for chapeau in row.unit.chapeaux))
        words = plain_text(typed).split()
        found = [word for word in words if begins_label(row.unit, word) or word in own]
        return found != [] and all(word in introduction for word in words if word not in found)


class ChangedSince(DateFilter):
    field_class = DayField

    def keeps(self, row: UnitRow, day) -> bool:
        return row.changed_at is not None and timezone.localdate(row.changed_at) >= day

    def name_of(self, day) -> str:
        return day_in_words(day)


def own_words(row: UnitRow) -> str:
    """Return the text of the unit, its items that are answered with it, and the answer."""
    answer = [getattr(row.revision, name) for name in TEXTS] if row.revision else []
    return "\n".join([row.unit.text, *(item.text for item in row.unit.unit_items), *answer])


def ready_codes(row: UnitRow) -> list[str]:
    """Return the codes of the boxes of "Ready" under which a row is found: often more than one."""
    codes = [CAME_BACK] if row.came_back else []
    codes += [FORMER_WORDING] if row.answers_former_wording else []
    codes += [UPDATE] if row.update_from else []
    return [*codes, YES if row.is_ready else NO] if row.is_answered else codes


def target_codes(row: UnitRow) -> list[str]:
    """Return the code of the box of "Target date" under which an answer with work left is found."""
    if not row.revision or not row.revision.is_unfinished:
        return []
    target, today = row.revision.target_date, row.extras.today
    if target is None:
        return [NONE]
    if row.revision.is_target_passed(today):
        return [PASSED]
    return [SOON if target <= today + SOON_DAYS else LATER]


def situation_codes(row: UnitRow) -> list[str]:
    return [OLD] if row.has_old_situation else []


def families_in(rows: list[UnitRow] | list[PracticeEntry]) -> list[tuple[str, str]]:
    names = {family.slug: family.name for row in rows for family in row.families}
    return sorted(names.items(), key=itemgetter(1))


def assignee_choices(rows: list[UnitRow]) -> list[tuple[str, str | Promise]]:
    named = {
        assignment.assignee_key: (assignment.person_id is not None, assignment.assignee)
        for row in rows
        for assignment in row.assigned
    }
    by_name = sorted(named.items(), key=lambda pair: (pair[1][0], pair[1][1].casefold()))
    # Translators: Filter: recommendations without an assignment.
    return [*((key, name) for key, (_is_person, name) in by_name), (NOBODY, _("Not assigned"))]


class HiddenFilter(CharFilter):
    """Filter nothing, and keep the value in the links of the page."""

    def __init__(self, max_length: int = 20):
        super().__init__(max_length=max_length, widget=forms.HiddenInput)


class SelectionFilter(MultipleChoiceFilter):
    """The units selected by their boxes: filters leave them as they are. In an address, as the filters are."""

    @staticmethod
    def choices_in(rows: list[UnitRow]) -> list[tuple[str, str]]:
        return [(row.unit.slug, row.unit.slug) for row in rows]


def section_key(row: UnitRow, by_meeting: bool) -> str:
    """Name the section of the list in which a row is."""
    if by_meeting:
        return row.meeting.code
    return row.theme.slug if row.theme else NONE


class SectionSelection(MultipleChoiceFilter):
    """Whole sections selected by their boxes, or all that is shown: their units become a part of the selection."""

    @staticmethod
    def choices_in(rows: list[UnitRow]) -> list[tuple[str, str]]:
        return [(key, key) for key in {ALL, *(section_key(row, of) for row in rows for of in (True, False))}]


class UnitFilter(ListFilter):
    """Filter the units to answer, or the others: `shown` are rows of this list, `shown_apart` of the other list."""

    q = TextSearch(_("Label, or words in the recommendation or your answer"))
    ready = Facet(
        label=_("Ready"),
        choices=[
            (YES, _("Ready")),
            (NO, _("Not ready")),
            # Translators: Option of a filter: recommendations on which the Secretariat has requested clarification.
            (CAME_BACK, _("Clarification requested")),
            (FORMER_WORDING, _("Text changed since the answer")),
            # Translators: Title of a page and a filter: the answer from which this answer was copied has changed.
            (UPDATE, _("Update available")),
        ],
        codes=ready_codes,
    )
    status = Facet(
        label=_("Status"),
        choices=list(LABELS.items()),
        codes=lambda row: [row.status],
        symbols=True,
    )
    meeting = meeting_facet(attrgetter("unit"))
    evidence = Facet(
        label=_("Evidence"),
        # Translators: Option of a filter.
        choices=[(YES, _("With evidence")), (NO, _("Without evidence"))],
        codes=lambda row: [YES if row.evidence_count else NO],
    )
    target = Facet(
        label=_("Target date"),
        choices=[
            # Translators: Option of the filter “Target date”.
            (PASSED, pgettext_lazy("target date", "Passed")),
            (SOON, _("Within 90 days")),
            # Translators: Option of the filter “Target date”: in more than 90 days.
            (LATER, pgettext_lazy("target date", "Later")),
            # Translators: Option of the filter “Target date”: answers with work left and without a target date.
            (NONE, pgettext_lazy("target date", "None")),
        ],
        codes=target_codes,
        closed=True,
    )
    situation = Facet(
        # Translators: Filter: how old the situation is that an answer describes.
        label=_("Situation"),
        choices=[(OLD, _("Older than twelve months"))],
        codes=situation_codes,
        closed=True,
    )
    assigned = Facet(
        label=_("Assigned to"),
        codes=lambda row: [assignment.assignee_key for assignment in row.assigned] or [NOBODY],
        choices_in=assignee_choices,
        closed=True,
    )
    theme = theme_facet(attrgetter("unit"), closed=True)
    strength = Facet(
        label=_("Strength of wording"),
        choices=Recommendation.Strength.choices,
        codes=lambda row: [row.unit.strength],
        closed=True,
    )
    family = Facet(
        label=_("Group of similar recommendations"),
        codes=lambda row: [family.slug for family in row.families],
        choices_in=families_in,
        closed=True,
    )
    adoption = currency_facet("adoption", attrgetter("unit"))
    replacement = currency_facet("replacement", attrgetter("unit"))
    dates = currency_facet("dates", attrgetter("unit"))
    # Translators: Label of a date field in a filter.
    since = ChangedSince(label=_("Changed since"))
    group = ChoiceFilter(
        choices=[("theme", _("Theme")), ("meeting", _("Meeting"))], empty_label=None, widget=forms.HiddenInput
    )
    body = HiddenFilter()
    units = ChoiceFilter(choices=[(OTHERS, _("Not addressed to you"))], empty_label=None, widget=forms.HiddenInput)
    unit = SelectionFilter(label=_("Recommendations"))
    section = SectionSelection(label=_("Recommendations"))

    def __init__(self, data: QueryDict, rows: list[UnitRow], others: list[UnitRow]):
        self.of_others = data.get("units") == OTHERS
        self.listed, apart = (others, rows) if self.of_others else (rows, others)
        super().__init__(data, self.listed, among=sorted(rows + others, key=lambda row: row.unit.position))
        self.shown_apart = [row for row in apart if self.keeps(row)]
        slugs = self._read_selection()
        self.selected = [row for row in (*rows, *others) if row.unit.slug in slugs]

    def _read_selection(self) -> set[str]:
        """Put the units of the selected sections into the selection, as the links of the page have them."""
        sections = set(self.form.cleaned_data.pop("section", None) or ())
        typed = self.clean_value("unit") or []
        added = self.shown if sections else []
        added = [row for row in added if not sections.isdisjoint({ALL, section_key(row, self.by_meeting)})]
        slugs = dict.fromkeys([*typed, *(row.unit.slug for row in added)])
        self.form.cleaned_data["unit"] = list(slugs)
        return set(slugs)

    @property
    def targets(self) -> list[UnitRow]:
        """Return what an action is for: what is selected, or all that is shown."""
        return [] if self.form.errors else self.selected or self.shown

    @property
    def is_limited(self) -> bool:
        """Return whether something is selected or filtered."""
        return bool(self.selected or self.chosen)

    @property
    def selected_elsewhere(self) -> list[UnitRow]:
        shown = {row.unit.id for row in self.shown}
        return [row for row in self.selected if row.unit.id not in shown]

    @property
    def by_meeting(self) -> bool:
        return self.clean_value("group") == "meeting"

    @property
    def links(self) -> dict[str, str]:
        """Return query strings: the same filters over another grouping or list, and no filters over this list."""
        return {
            "theme": self.address(group=None),
            "meeting": self.address(group="meeting"),
            "asked": self.address(units=None),
            "others": self.address(units=OTHERS),
            "cleared": self.address(**dict.fromkeys(self.chosen)),
            "deselected": self.address(unit=None),
        }


def need_themes_in(needs: list[Need]) -> list[tuple[str, str]]:
    names = dict(pair for need in needs for pair in need.entry.themes)
    return [*sorted(names.items(), key=lambda pair: pair[1]), (NONE, _("No theme"))]


def respondents_in(rows: list) -> list[tuple[str, str]]:
    respondents = sorted({row.respondent for row in rows}, key=lambda respondent: respondent.sort_key)
    return [(respondent.code, respondent.name) for respondent in respondents]


class NeedFilter(ListFilter):
    # Translators: Head of a column and label: of a file, a submission or a need. Not the status of an answer.
    state = Facet(label=_("Current status"), choices=NeedStage.choices, codes=lambda need: [need.state])
    kind = Facet(
        label=_("Kind"),
        choices=[*AssistanceKind.choices, (NONE, _("Kind not specified"))],
        codes=lambda need: need.kinds or [NONE],
    )
    region = Facet(
        # Translators: Regional groups of the United Nations.
        label=_("Regional group"),
        choices=[*StateGroup.choices, (NONE, _("No regional group"))],
        codes=lambda need: [need.respondent.regional_group or NONE],
    )
    theme = Facet(
        label=_("Theme"),
        codes=lambda need: [slug for slug, _name in need.entry.themes] or [NONE],
        choices_in=need_themes_in,
        closed=True,
    )
    respondent = Facet(
        label=_("State"), codes=lambda need: [need.respondent.code], choices_in=respondents_in, closed=True
    )
    round = HiddenFilter()


class StateFilter(ListFilter):
    access = Facet(
        label=_("Focal points"),
        choices=[
            # Translators: Option of a filter: States for which nobody can answer.
            (NOBODY, _("No focal point")),
            # Translators: Option of a filter: no focal point of the State has signed in yet.
            (INVITED, _("Invited")),
            # Translators: A person accepted the invitation; past tense.
            (ACCEPTED, _("Invitation accepted")),
        ],
        codes=lambda row: [row.access],
    )
    submission = Facet(
        label=_("Submission"),
        choices=[
            (NOT_SUBMITTED, pgettext_lazy("State", "Not submitted")),
            # Translators: Option of a filter: States that made a submission.
            (SUBMITTED, pgettext_lazy("State", "Submitted")),
            (WITHDRAWN, pgettext_lazy("State", "Withdrawn")),
        ],
        codes=lambda row: [row.stage],
    )


class PracticeSearch(SearchFilter):
    def keeps(self, row: PracticeEntry, typed: str) -> bool:
        words = plain_text(f"{row.unit.text}\n{row.words}")
        return all(begins_label(row.unit, word) or word in words for word in plain_text(typed).split())


class PracticeFilter(ListFilter):
    q = PracticeSearch(_("Label, or words in the recommendation or the practice"))
    theme = theme_facet(attrgetter("unit"))
    family = Facet(
        label=_("Group of similar recommendations"),
        codes=lambda row: [family.slug for family in row.families],
        choices_in=families_in,
        closed=True,
    )
    respondent = Facet(
        label=_("State"), codes=lambda row: [row.respondent.code], choices_in=respondents_in, closed=True
    )
    body = HiddenFilter()
    by = HiddenFilter()
