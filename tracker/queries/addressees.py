"""Find which units a respondent has to answer, with the reason in words and counts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.days import day_in_words
from recommendations.groups import group_pairs
from recommendations.models import Addressee, Body, Paper, Recommendation, RecommendationQuerySet
from tracker.models import FormerStanding, Respondent, Round, RoundUnit, Submission
from tracker.models.respondent import UNITS_ON_THE_CONVENTION, RespondentKind, TreatyStatus
from tracker.models.treaty_act import Act

ACT_NAMES = dict(Act.choices)


class AddresseeCount(NamedTuple):
    addressee: Addressee.Code
    is_to_answer: bool
    units: int


def addressee_counts(respondent: Respondent, body: Body | None = None) -> list[AddresseeCount]:
    """Count for every addressee of a body (the first if None). A unit with two addressees is in two counts."""
    counts = Recommendation.objects.published().units().of(body).order_by().values_list("addressees__code")
    units = dict(counts.annotate(Count("pk")))
    return [
        AddresseeCount(code, code in respondent.addressee_codes, units[code])
        for code in Addressee.Code
        if code in units
    ]


Former = Mapping[int, list[FormerStanding]]


def former_status_by_respondent() -> Former:
    return group_pairs((former.respondent_id, former) for former in FormerStanding.objects.order_by("until"))


def set_former_status(submissions: Iterable[Submission], former: Former) -> None:
    """Set on the respondent of each submission the treaty status that was on file when it was sealed."""
    for submission in submissions:
        submission.respondent = submission.respondent.as_at(submission.sealed_at, former[submission.respondent_id])


def respondents_of_round(round_: Round) -> list[Respondent]:
    return respondents_by_round([round_], former_status_by_respondent(), Respondent.objects.all())[round_]


def respondents_by_round(
    rounds: Iterable[Round], former: Former, respondents: Iterable[Respondent]
) -> dict[Round, list[Respondent]]:
    """Return those with something to answer, as they were when a round closed, in one query."""
    rounds, respondents, now = list(rounds), list(respondents), timezone.now()
    scope = RoundUnit.objects.filter(round__in=rounds, unit__in=Recommendation.objects.published().all_units())
    on_convention = Q(unit__body__is_first=True, unit__label__in=UNITS_ON_THE_CONVENTION)
    scope = scope.annotate(is_on_convention=on_convention).order_by()
    rows = scope.values_list("round", "unit__addressees__code", "is_on_convention").distinct()
    codes: defaultdict[int, set[str]] = defaultdict(set)
    for pk, code, is_on_convention in rows:
        codes[pk] |= {code, TreatyStatus.CONVENTION_ONLY} if is_on_convention else {code}
    found = {}
    for round_ in rounds:
        then = (respondent.as_at(round_.closed_at or now, former[respondent.pk]) for respondent in respondents)
        asked = codes[round_.pk]
        found[round_] = [each for each in then if not asked.isdisjoint((*each.addressee_codes, each.treaty_status))]
    return found


def units_of_paper(paper: Paper) -> RecommendationQuerySet:
    """Return the texts to which answers are requested once the paper is open to answers."""
    return paper.texts.published().filter(is_unit=True, withdrawn_on=None)


def respondents_addressed(texts: Iterable[Recommendation], codes: Iterable[str]) -> list[Respondent]:
    """Return those whose answers to one of the texts count, where the texts are addressed to the codes."""
    is_on_convention = any(text.full_label in UNITS_ON_THE_CONVENTION for text in texts)
    asked = {*codes, *([TreatyStatus.CONVENTION_ONLY] if is_on_convention else [])}
    found = Respondent.objects.all()
    return [each for each in found if not asked.isdisjoint((*each.addressee_codes, each.treaty_status))]


def describe_unit_count(respondent: Respondent, count: int) -> str:
    """`Arandia (party to the Protocol) · 230 recommendations`"""
    return ngettext(
        # Translators: count: a number. respondent: one of the descriptions such as “Arandia (party to the Protocol)”.
        "%(respondent)s · %(count)d recommendation",
        "%(respondent)s · %(count)d recommendations",
        count,
    ) % {"count": count, "respondent": _describe_respondent(respondent)}


def _describe_respondent(respondent: Respondent) -> str:
    if respondent.kind == RespondentKind.SECRETARIAT:
        return _("Secretariat or UNODC")
    name = _("European Union") if respondent.kind == RespondentKind.EUROPEAN_UNION else respondent.name
    descriptions = {
        # Translators: name: name of a State or of the European Union.
        TreatyStatus.PARTY: _("%(name)s (party to the Protocol)"),
        # Translators: name: name of a State. The recommendations are those addressed to a party, although the status
        # is not confirmed.
        TreatyStatus.UNCONFIRMED: _("%(name)s (treaty status not confirmed: treated as a party to the Protocol)"),
        # Translators: name: name of a State.
        TreatyStatus.CONVENTION_ONLY: _("%(name)s (party to the Convention, not to the Protocol)"),
        # Translators: name: name of a State.
        TreatyStatus.NOT_PARTY: _("%(name)s (party to neither the Convention nor the Protocol)"),
    }
    return descriptions[TreatyStatus(respondent.treaty_status)] % {"name": name}


def treaty_status(respondent: Respondent) -> str:
    """Write `Party to the Protocol · Act: Accession, 1 May 2005 · Treaty acts as at 27 January 2014`."""
    if respondent.kind == RespondentKind.SECRETARIAT:
        return ""
    parts = [respondent.get_treaty_status_display()]
    if respondent.protocol_acted:
        names = {"act": ACT_NAMES.get(respondent.protocol_act, ""), "date": day_in_words(respondent.protocol_acted)}
        # Translators: act: such as “Accession”. date: a date.
        known = _("Act: %(act)s, %(date)s")
        # Translators: date: the date of a treaty act.
        parts.append((known if names["act"] else _("Act: %(date)s")) % names)
    if respondent.status_as_at:
        # Translators: date: a date.
        parts.append(_("Treaty acts as at %(date)s") % {"date": day_in_words(respondent.status_as_at)})
    return " · ".join(parts)
