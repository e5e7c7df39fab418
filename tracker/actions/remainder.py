"""Save what remains of an answer or an evidence item, once words that identify a victim are hidden in it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils.functional import Promise

from recommendations.models import Recommendation
from tracker.actions.evidence import EvidenceDetails, change_evidence, check_details
from tracker.actions.record import CITATIONS, SeenAnswer, save_answer
from tracker.actions.word_search import WordPlace
from tracker.models import Citation, EvidenceVersion, Respondent, Revision, User
from tracker.models.answer_fields import FIELD_BY_NAME, TEXTS
from tracker.models.answer_rules import answer_errors
from tracker.models.matching import holds, without_words
from tracker.models.record import Answer, answer_of


class Remainder(NamedTuple):
    """A current answer or evidence item without the words. `texts`: label and text of each field that changes; `save`
    makes it the next version.
    """

    key: str
    name: str
    texts: list[tuple[str, str]]
    save: Callable[[Respondent, User], object]


def find_remainders(respondent: Respondent, places: Iterable[WordPlace], words: str) -> list[Remainder]:
    """Return what can be saved as a next version of what holds the words and is current."""
    places = list(places)
    return [*_find_answers(respondent, places, words), *_find_evidence(places, words)]


def _find_answers(respondent: Respondent, places: list[WordPlace], words: str) -> Iterator[Remainder]:
    keys = {place.row.pk for place in places if isinstance(place.row, Revision)}
    keys |= {place.row.revision_id for place in places if isinstance(place.row, Citation)}
    current = Revision.everyones.filter(pk__in=keys, record__current=F("pk"))
    current = current.filter(record__recommendation__in=respondent.units_open()).order_by("record__recommendation")
    for revision in current.select_related("record__recommendation").prefetch_related(CITATIONS):
        unit, answer = revision.record.recommendation, _remaining_answer(answer_of(revision), words)
        if not answer_errors(unit, answer):
            texts = _changed_texts(revision, answer, {name: FIELD_BY_NAME[name].label for name in TEXTS})
            save = partial(_save_answer, unit, revision.pk, answer)
            yield Remainder(f"answer-{revision.pk}", unit.label_with_title, texts, save)


def _save_answer(unit: Recommendation, key: int, answer: Answer, respondent: Respondent, by: User) -> None:
    seen = SeenAnswer.of(unit, Revision.everyones.get(pk=key))
    save_answer(respondent=respondent, unit=unit, base=seen.base, withdrawn=seen.withdrawn, answer=answer, by=by)


def _remaining_answer(answer: Answer, words: str) -> Answer:
    texts: dict[str, Any] = {name: _remaining(getattr(answer, name), words) for name in TEXTS}
    citations = [(version, _remaining(pinpoint, words)) for version, pinpoint in answer.citations]
    return replace(answer, **texts, citations=citations, ready=False)


def _find_evidence(places: list[WordPlace], words: str) -> Iterator[Remainder]:
    fields = {place.row.pk: place.fields for place in places if isinstance(place.row, EvidenceVersion)}
    current = EvidenceVersion.everyones.filter(pk__in=fields, evidence__current=F("pk"))
    names = ("title", "url", "citation")
    labels = {field.name: field.verbose_name for field in EvidenceVersion._meta.fields if field.name in names}
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
        texts = _changed_texts(version, details, labels)
        if texts and _is_complete(details, has_file=version.file is not None):
            name, save = f"{version.evidence} {details.title}", partial(_save_version, version, details)
            yield Remainder(f"evidence-{version.pk}", name, texts, save)


def _save_version(version: EvidenceVersion, details: EvidenceDetails, _respondent: Respondent, by: User) -> None:
    current = EvidenceVersion.everyones.get(pk=version.pk)
    change_evidence(evidence=version.evidence, base=current.base, by=by, details=details)


def _changed_texts(before: object, after: object, labels: Mapping[str, str | Promise]) -> list[tuple[str, str]]:
    texts = ((str(label), getattr(before, name), getattr(after, name)) for name, label in labels.items())
    return [(label, text) for label, former, text in texts if text != former]


def _is_complete(details: EvidenceDetails, has_file: bool) -> bool:
    try:
        check_details(details, has_file=has_file)
    except ValidationError:
        return False
    return True


def _remaining(text: str, words: str) -> str:
    return without_words(text, words) if holds([text], words) else text
