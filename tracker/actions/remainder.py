"""Save what remains of an answer or an evidence item, once words that identify a victim are hidden in it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F

from recommendations.models import Recommendation
from tracker.actions.evidence import EvidenceDetails, change_evidence, check_details
from tracker.actions.record import CITATIONS, SeenAnswer, save_answer
from tracker.actions.word_search import WordPlace
from tracker.models import Citation, EvidenceVersion, Respondent, Revision, User
from tracker.models.answer_fields import FIELD_BY_NAME, TEXTS
from tracker.models.answer_rules import answer_errors
from tracker.models.matching import holds, without_words
from tracker.models.record import Answer, answer_of


@dataclass(frozen=True)
class AnswerRemainder:
    """A current answer without the words."""

    revision: Revision
    answer: Answer

    @property
    def key(self) -> str:
        return f"answer-{self.revision.pk}"

    @property
    def name(self) -> str:
        return self._unit.label_with_title

    @property
    def texts(self) -> list[tuple[str, str]]:
        changed = [name for name in TEXTS if getattr(self.answer, name) != getattr(self.revision, name)]
        return [(str(FIELD_BY_NAME[name].label), getattr(self.answer, name)) for name in changed]

    def save(self, respondent: Respondent, by: User) -> None:
        seen = SeenAnswer.of(self._unit, Revision.everyones.get(pk=self.revision.pk))
        save_answer(
            respondent=respondent,
            unit=seen.unit,
            base=seen.base,
            withdrawn=seen.withdrawn,
            answer=self.answer,
            by=by,
        )

    @property
    def _unit(self) -> Recommendation:
        return self.revision.record.recommendation


@dataclass(frozen=True)
class EvidenceRemainder:
    """The current version of an evidence item without the words."""

    version: EvidenceVersion
    details: EvidenceDetails

    @property
    def key(self) -> str:
        return f"evidence-{self.version.pk}"

    @property
    def name(self) -> str:
        return f"{self.version.evidence} {self.details.title}"

    @property
    def texts(self) -> list[tuple[str, str]]:
        fields: list[Any] = [EvidenceVersion._meta.get_field(name) for name in ("title", "url", "citation")]
        return [
            (str(field.verbose_name), getattr(self.details, field.name))
            for field in fields
            if getattr(self.details, field.name) != getattr(self.version, field.name)
        ]

    def save(self, respondent: Respondent, by: User) -> None:
        current = EvidenceVersion.everyones.get(pk=self.version.pk)
        change_evidence(evidence=self.version.evidence, base=current.base, by=by, details=self.details)


Remainder = AnswerRemainder | EvidenceRemainder


def find_remainders(respondent: Respondent, places: Iterable[WordPlace], words: str) -> list[Remainder]:
    """Return what can be saved as a next version of what holds the words and is current."""
    places = list(places)
    return [*_find_answers(respondent, places, words), *_find_evidence(places, words)]


def _find_answers(respondent: Respondent, places: list[WordPlace], words: str) -> list[Remainder]:
    keys = {place.row.pk for place in places if isinstance(place.row, Revision)}
    keys |= {place.row.revision_id for place in places if isinstance(place.row, Citation)}
    current = Revision.everyones.filter(pk__in=keys, record__current=F("pk"))
    current = current.filter(record__recommendation__in=respondent.units_open()).order_by("record__recommendation")
    remainders = [
        AnswerRemainder(revision, _remaining_answer(answer_of(revision), words))
        for revision in current.select_related("record__recommendation").prefetch_related(CITATIONS)
    ]
    return [each for each in remainders if not answer_errors(each.revision.record.recommendation, each.answer)]


def _remaining_answer(answer: Answer, words: str) -> Answer:
    texts: dict[str, Any] = {name: _remaining(getattr(answer, name), words) for name in TEXTS}
    citations = [(version, _remaining(pinpoint, words)) for version, pinpoint in answer.citations]
    return replace(answer, **texts, citations=citations, ready=False)


def _find_evidence(places: list[WordPlace], words: str) -> list[Remainder]:
    fields = {place.row.pk: place.fields for place in places if isinstance(place.row, EvidenceVersion)}
    current = EvidenceVersion.everyones.filter(pk__in=fields, evidence__current=F("pk"))
    remainders: list[Remainder] = []
    for version in current.select_related("evidence__respondent", "file").order_by("evidence"):
        details = EvidenceDetails(
            title=_remaining(version.title, words),
            kind=version.kind,
            language=version.language,
            document_date=version.document_date,
            disclosure=version.disclosure,
            url="" if "url" in fields[version.pk] else version.url,
            citation=_remaining(version.citation, words),
        )
        remainder = EvidenceRemainder(version, details)
        if remainder.texts and _is_complete(details, has_file=version.file is not None):
            remainders.append(remainder)
    return remainders


def _is_complete(details: EvidenceDetails, has_file: bool) -> bool:
    try:
        check_details(details, has_file=has_file)
    except ValidationError:
        return False
    return True


def _remaining(text: str, words: str) -> str:
    return without_words(text, words) if holds([text], words) else text
