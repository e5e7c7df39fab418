"""Save what remains of an answer or an evidence item, once words that identify a victim are hidden in it."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.models import Recommendation
from tracker.actions.evidence import EvidenceDetails, change_evidence, check_details
from tracker.actions.record import CITATIONS, SeenAnswer, save_answer
from tracker.actions.word_search import WordPlace
from tracker.models import Citation, EvidenceVersion, Respondent, Revision, User
from tracker.models.answer_fields import FIELD_BY_NAME, TEXTS
from tracker.models.answer_rules import answer_errors
from tracker.models.matching import holds
from tracker.models.record import Answer, answer_of

STILL_THERE = _("The text still has the words to remove. Remove them here too.")
Texts = Mapping[str, str]

# After a full stop of each script, with the quotation marks and brackets that close behind it; and after a line.
SENTENCE_END = re.compile("[.!?…؟۔][\"'”’»)\\]]*\\s+|[。！？][”’」』）]*\\s*|\\n\\s*")  # noqa: RUF001


class Remainder(NamedTuple):
    """A current answer or evidence item without the sentences that have the words. `texts`: label and text of each
    field that changes, by its name. With other texts instead, `errors` finds what is wrong, and `save` makes the next
    version.
    """

    key: str
    name: str
    texts: dict[str, tuple[str, str]]
    errors: Callable[[Texts], dict[str, list]]
    save: Callable[[Texts, Respondent, User], object]


def find_remainders(respondent: Respondent, places: Iterable[WordPlace], words: str) -> list[Remainder]:
    """Return what can be saved as a next version of what holds the words and is current."""
    places = list(places)
    return [*_find_answers(respondent, places, words), *_find_evidence(places, words)]


def check_remainders(remainders: Collection[Remainder], texts: Mapping[str, Texts], words: str) -> None:
    """Raise ValidationError by `KEY-FIELD`; `texts` are by the key of their remainder."""
    found: dict[str, list] = {}
    for remainder in remainders:
        typed = texts[remainder.key]
        errors = remainder.errors(typed)
        errors |= {name: [STILL_THERE] for name in typed if holds([typed[name]], words)}
        found |= {f"{remainder.key}-{name}": problems for name, problems in errors.items()}
    if found:
        raise ValidationError(found)


def _find_answers(respondent: Respondent, places: list[WordPlace], words: str) -> Iterator[Remainder]:
    keys = {place.row.pk for place in places if isinstance(place.row, Revision)}
    keys |= {place.row.revision_id for place in places if isinstance(place.row, Citation)}
    current = Revision.everyones.filter(pk__in=keys, record__current=F("pk"))
    current = current.filter(record__recommendation__in=respondent.units_open()).order_by("record__recommendation")
    labels = {name: FIELD_BY_NAME[name].label for name in TEXTS}
    for revision in current.select_related("record__recommendation").prefetch_related(CITATIONS):
        unit, answer = revision.record.recommendation, _remaining_answer(answer_of(revision), words)
        yield Remainder(
            f"answer-{revision.pk}",
            unit.label_with_title,
            _changed_texts(revision, answer, labels),
            lambda texts, unit=unit, answer=answer: answer_errors(unit, replace(answer, **texts)),  # type: ignore[misc]
            partial(_save_answer, unit, revision.pk, answer),
        )


def _save_answer(
    unit: Recommendation, key: int, answer: Answer, texts: dict[str, Any], respondent: Respondent, by: User
) -> None:
    seen, answer = SeenAnswer.of(unit, Revision.everyones.get(pk=key)), replace(answer, **texts)
    save_answer(respondent=respondent, unit=unit, base=seen.base, withdrawn=seen.withdrawn, answer=answer, by=by)


def _remaining_answer(answer: Answer, words: str) -> Answer:
    texts: dict[str, Any] = {name: without_sentences(getattr(answer, name), words) for name in TEXTS}
    citations = [(version, without_sentences(pinpoint, words)) for version, pinpoint in answer.citations]
    return replace(answer, **texts, citations=citations, ready=False)


def _find_evidence(places: list[WordPlace], words: str) -> Iterator[Remainder]:
    fields = {place.row.pk: place.fields for place in places if isinstance(place.row, EvidenceVersion)}
    current = EvidenceVersion.everyones.filter(pk__in=fields, evidence__current=F("pk"))
    names = ("title", "url", "citation")
    labels = {field.name: field.verbose_name for field in EvidenceVersion._meta.fields if field.name in names}
    for version in current.select_related("evidence__respondent", "file").order_by("evidence"):
        details = EvidenceDetails(
            title=without_sentences(version.title, words),
            kind=version.kind,
            language=version.language,
            document_date=version.document_date,
            disclosure=version.disclosure,
            url="" if "url" in fields[version.pk] else version.url,
            citation=without_sentences(version.citation, words),
        )
        if texts := _changed_texts(version, details, labels):
            yield Remainder(
                f"evidence-{version.pk}",
                f"{version.evidence} {details.title}",
                texts,
                partial(_evidence_errors, details, version.file is not None),
                partial(_save_version, version, details),
            )


def _evidence_errors(details: EvidenceDetails, has_file: bool, texts: dict[str, Any]) -> dict[str, list]:
    try:
        check_details(replace(details, **texts), has_file=has_file)
    except ValidationError as error:
        return error.message_dict
    return {}


def _save_version(
    version: EvidenceVersion, details: EvidenceDetails, texts: dict[str, Any], _respondent: Respondent, by: User
) -> None:
    current = EvidenceVersion.everyones.get(pk=version.pk)
    change_evidence(evidence=version.evidence, base=current.base, by=by, details=replace(details, **texts))


def _changed_texts(before: object, after: object, labels: Mapping[str, str | Promise]) -> dict[str, tuple[str, str]]:
    texts = {name: (str(label), getattr(after, name)) for name, label in labels.items()}
    return {name: text for name, text in texts.items() if text[1] != getattr(before, name)}


def _split_sentences(text: str) -> list[tuple[int, int]]:
    """Return where each sentence begins and ends, without the white space around it."""
    places, start = [], 0
    for end in (*(found.end() for found in SENTENCE_END.finditer(text)), len(text)):
        sentence = text[start:end]
        if sentence.strip():
            places.append((start + len(sentence) - len(sentence.lstrip()), start + len(sentence.rstrip())))
        start = end
    return places


def without_sentences(text: str, words: str) -> str:
    """Return a text without the sentences that have the words; nothing where two sentences have them together."""
    remainder = text
    for start, end in reversed(_split_sentences(text)):
        if holds([text[start:end]], words):
            remainder = remainder[:start] + remainder[end:].lstrip(" ")
    return "" if holds([remainder], words) else remainder.strip() if remainder != text else text
