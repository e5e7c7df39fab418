from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.lists import format_phrases
from recommendations.models import Recommendation
from tracker.forms.fields import WrittenField
from tracker.models import Citation, Revision
from tracker.models.answer_fields import FIELD_BY_NAME, FIELDS, TEXTS, FieldKind
from tracker.models.answer_rules import answer_errors
from tracker.models.combination import (
    CITATIONS,
    DECIDED_TOGETHER,
    HEAD_OF,
    READY,
    Combination,
    CombinedPart,
    merge_words,
    value_of,
)
from tracker.models.record import PINPOINT_LIMIT, Answer
from tracker.queries.difference import EVIDENCE, Difference, answer_in_words, citation_in_words, compare_fields

PREFIX = "choose"
MINE, THEIRS, BOTH = "mine", "theirs", "both"


class ClashRow(NamedTuple):
    """A part that both sides changed: its words before and on each side, the choice, and the text edited together."""

    label: str
    before: str
    mine: str
    theirs: str
    is_text: bool
    choice: BoundField
    text: BoundField | None


class CombinedRow(NamedTuple):
    difference: Difference
    is_mine: bool
    is_theirs: bool


class ConflictForm(forms.Form):
    """Choose what to keep where two people changed the same; once valid, `answer()` is the combination as chosen.

    `theirs` is the revision that the other person saved, or from which words were removed since the user opened it;
    `edited`: texts that were edited together before, by name.
    """

    def __init__(
        self,
        data=None,
        *,
        unit: Recommendation,
        theirs: Revision,
        combination: Combination,
        marks_ready: bool,
        has_removed_words: bool = False,
        edited: Mapping[str, str] | None = None,
    ):
        super().__init__(data, prefix=PREFIX)
        self.unit, self.theirs, self.combination = unit, theirs, combination
        self.has_removed_words = has_removed_words
        for part in combination.clashes:
            self._add_part(part, edited or {})
        if marks_ready:
            help_text = (
                "" if has_removed_words else _("One version chosen for every field stays ready, if it was ready.")
            )
            label = str(FIELD_BY_NAME[READY].label)
            self.fields[READY] = forms.BooleanField(label=label, required=False, help_text=help_text)

    def _add_part(self, part: CombinedPart, edited: Mapping[str, str]) -> None:
        # Translators: Choice between two versions of a field: the one of the reader.
        choices = [(MINE, _("Yours")), (THEIRS, str(self.theirs.author))]
        if is_text := self._is_text(part):
            # Translators: Choice between two versions of a text.
            choices.append((BOTH, _("Both, edited by me")))
        self.fields[part.key] = forms.ChoiceField(
            label=_label_of(part),
            choices=choices,
            widget=forms.RadioSelect,
            error_messages={"required": _("Choose which version to keep.")},
        )
        if is_text:
            field = FIELD_BY_NAME.get(part.name)
            is_long = field is not None and field.kind == FieldKind.TEXT
            name = _text_name(part)
            self.fields[name] = WrittenField(
                label=_label_of(part),
                limit=field.limit if field else PINPOINT_LIMIT,
                initial=edited.get(self.add_prefix(name)) or merge_words(*self._texts(part)),
                widget=forms.Textarea(attrs={"rows": 5}) if is_long else forms.TextInput(),
            )

    def _is_text(self, part: CombinedPart) -> bool:
        sides = (self.combination.theirs, self.combination.mine)
        return part.name in TEXTS or (
            part.name == CITATIONS and all(value_of(side, part) is not None for side in sides)
        )

    def _texts(self, part: CombinedPart) -> tuple[str, str, str]:
        before, theirs, mine = (value_of(side, part) or "" for side in self.combination[:3])
        return (before, theirs, mine) if part.name == CITATIONS else (before[0], theirs[0], mine[0])

    def clean(self):
        if self.errors:
            return
        for name, problems in answer_errors(self.unit, self.answer()).items():
            head = HEAD_OF.get(name)
            self.add_error(head if head in self.fields else None, problems)

    def answer(self) -> Answer:
        """Return the answer; it is ready where the user marks it now, with all changes in view, or keeps a side whole
        that is marked.
        """
        values = {part: self._value(part) for part in self.combination.clashes}
        answer = self.combination.resolve(values)
        is_whole = not self.has_removed_words and any(
            side.ready and replace(answer, ready=True) == side
            for side in (self.combination.mine, self.combination.theirs)
        )
        return replace(answer, ready=is_whole or self.cleaned_data.get(READY, False))

    def _value(self, part: CombinedPart) -> Any:
        chosen = self.cleaned_data[part.key]
        if chosen == BOTH:
            text = self.cleaned_data[_text_name(part)]
            return text if part.name == CITATIONS else (text,)
        return value_of(self.combination.theirs if chosen == THEIRS else self.combination.mine, part)

    @property
    def rows(self) -> list[ClashRow]:
        base, theirs, mine, _answer, clashes = self.combination
        return [
            ClashRow(
                label=_label_of(part),
                before=_words_of(base, part),
                mine=_words_of(mine, part),
                theirs=_words_of(theirs, part),
                is_text=part.name in TEXTS,
                choice=self[part.key],
                text=self[_text_name(part)] if _text_name(part) in self.fields else None,
            )
            for part in clashes
        ]

    @property
    def combined(self) -> list[CombinedRow]:
        """Return the fields that were combined without a choice, in the order of the answer."""
        before, theirs, mine, after = map(answer_in_words, self.combination[:4])
        asked = {name for part in self.combination.clashes for name in DECIDED_TOGETHER.get(part.name, ())}
        return [
            CombinedRow(change, mine[change.name] != change.before, theirs[change.name] != change.before)
            for change in compare_fields(before, after)
            if change.name not in (READY, *asked)
            and (change.before or change.name != "language")  # of a first answer, which nobody chose
        ]

    @property
    def counts(self) -> dict[str, int]:
        """Count fields, and evidence as one."""
        asked, combined = len(self.combination.clashes), self.combined
        theirs, mine = sum(not row.is_mine for row in combined), sum(not row.is_theirs for row in combined)
        unchanged = max(len(FIELDS) - len([READY]) + len([EVIDENCE]) - asked - len(combined), 0)
        both = len(combined) - theirs - mine
        return {"asked": asked, "both": both, "theirs": theirs, "mine": mine, "unchanged": unchanged}


def _text_name(part: CombinedPart) -> str:
    return f"{part.key}_text"


def _label_of(part: CombinedPart) -> str:
    return gettext("Evidence") if part.name == CITATIONS else str(FIELD_BY_NAME[part.name].label)


def _words_of(answer: Answer, part: CombinedPart) -> str:
    if part.name == CITATIONS:
        pinpoint = value_of(answer, part)
        if pinpoint is None:
            return ""
        return citation_in_words(Citation(evidence_version=part.item, pinpoint=pinpoint))
    words = answer_in_words(answer)
    return format_phrases(filter(None, (words[name] for name in DECIDED_TOGETHER[part.name])))
