"""Random worlds of two rounds, each with a release, put into the tables as they are."""

from collections.abc import Iterator
from datetime import date
from random import Random

from django.db import connection

from recommendations.models import Recommendation, Theme
from tests.worlds import NOW, sealed, take_part
from tracker.actions.release import save_release
from tracker.actions.submission import share_practices
from tracker.figures.release import draft_release
from tracker.models import (
    CourtesyTranslation,
    Quotation,
    Record,
    Release,
    Respondent,
    Revision,
    Round,
    RoundUnit,
    Submission,
    SubmissionItem,
    Use,
)
from tracker.models.answer_fields import PARAGRAPHS, AssistanceKind
from tracker.models.respondent import RespondentKind, StateGroup
from tracker.models.status import NEED_REASONS, NO_INFORMATION, ReasonCode, Status

LABELS = ("I.5(a)", "I.7(a)", "I.7(b)", "I.8", "I.12(a)", "I.12(b)", "I.12(c)", "I.13", "I.14", "I.16(a)", "I.23(a)")
MANY = 40  # States: all of them permit aggregates, since figures of those left out would be of fewer than five
# Answers of States that permit aggregates. What a State published in another round alone is not counted.
COUNT = """
SELECT item.unit_id, item.status, count(*), count(item.still_correct_as_at)
FROM tracker_submissionitem item
JOIN tracker_submission submission ON submission.id = item.submission_id
JOIN tracker_use permitted ON permitted.submission_id = submission.id
WHERE submission.round_id = %s AND permitted.in_aggregates AND (permitted.published OR NOT EXISTS (
    SELECT 1
    FROM tracker_submissionitem other
    JOIN tracker_submission earlier ON earlier.id = other.submission_id
    JOIN tracker_use opened ON opened.submission_id = earlier.id
    WHERE earlier.respondent_id = submission.respondent_id AND earlier.round_id <> submission.round_id
        AND opened.published AND other.unit_id = item.unit_id AND other.revision_id IS NOT NULL
))
GROUP BY item.unit_id, item.status
"""
STATUSES = [*Status.values, NO_INFORMATION]


class PaperWorld:
    """Two themes over LABELS, whatever their own themes are.

    `answers` are the statuses by round, State and slug, of what counts; `statuses` are those that answers
    have; `confirmed` counts answers of the newest round that did not change since the first; `quoted` has the name,
    the words and the translation of what the newest paper in English quotes.
    """

    def __init__(self, random: Random, states: int, statuses: set[str], author) -> None:
        self.random, self.author = random, author
        found = Recommendation.objects.with_text().filter(label__in=LABELS, body__is_first=True)
        self.units = list(found.select_related("body").order_by("position"))
        themes = Theme.objects.all()[:2]
        self.themes = {unit.slug: themes[place % 2] for place, unit in enumerate(self.units)}
        self.weights = {
            unit.slug: [(status in statuses) * random.uniform(0.1, 1) for status in STATUSES] for unit in self.units
        }
        self.states = list(map(self._state, range(states)))
        records = [Record(respondent=state, recommendation=unit) for state in self.states for unit in self.units]
        Record.everyones.bulk_create(records)
        self.records = {(record.respondent_id, record.recommendation_id): record for record in records}
        self.answers: dict[str, dict[str, dict[str, str]]] = {}
        self.releases: list[Release] = []
        for year in (2025, 2026):
            self._add_round(year)
        self.quoted = sorted(self._quote())
        self.confirmed = 0
        self.counted = self._count()

    def _state(self, place: int) -> Respondent:
        return Respondent.objects.create(
            code=f"X{chr(65 + place // 26)}{chr(65 + place % 26)}",
            name=f"Quetzalia {place}",
            kind=RespondentKind.STATE,
            treaty_status="party",
            regional_group=self.random.choice((StateGroup.AFRICAN, StateGroup.ASIA_PACIFIC)),
        )

    def _add_round(self, year: int) -> None:
        day = date(year, 1, 1)
        round_ = Round.objects.create(
            body=self.units[0].body, code=str(year), title=f"Round {year}", opens_on=day, due_on=day, opened_at=NOW
        )
        RoundUnit.objects.bulk_create(
            RoundUnit(round=round_, unit=unit, position=place + 1, themes=[_named(self.themes[unit.slug])])
            for place, unit in enumerate(self.units)
        )
        self.answers[round_.code] = {}
        # A sixth of the States submits for the other round only.
        self._submit([state for place, state in enumerate(self.states) if place % 6 != year % 2], round_)
        share_practices(self.states)
        release = save_release(draft_release(round_), self.author, [])
        self.releases.append(Release.objects.select_related("round__body").get(pk=release.pk))

    def _submit(self, states: list[Respondent], round_: Round) -> None:
        made = Submission.everyones.bulk_create(sealed(state, round_, 1, self.author) for state in states)
        items, uses = [], []
        for submission in made:
            before = self.answers.get(str(int(round_.code) - 1), {}).get(submission.respondent.name, {})
            answers = {}
            for place, unit in enumerate(self.units):
                answers[unit.slug] = self._next_status(unit, before.get(unit.slug))
                items.append(self._item(submission, unit, place, answers[unit.slug]))
                if items[-1].revision and answers[unit.slug] == before.get(unit.slug):
                    items[-1].still_correct_as_at = NOW.date()
            uses.append(self._use(submission))
            if uses[-1].in_aggregates:
                self.answers[round_.code][submission.respondent.name] = answers
        Revision.everyones.bulk_create(item.revision for item in items if item.revision)
        SubmissionItem.everyones.bulk_create(items)
        take_part((submission, False) for submission in made)
        Use.everyones.bulk_create(uses)

    def _next_status(self, unit: Recommendation, before: str | None) -> str:
        if before and self.random.random() >= 0.3:
            return before
        return self.random.choices(STATUSES, self.weights[unit.slug])[0]

    def _use(self, submission: Submission) -> Use:
        is_counted = len(self.states) > MANY or self.random.random() < 0.9
        return Use(
            submission=submission,
            in_aggregates=is_counted,
            quoted=is_counted and self.random.random() < 0.5,
            published=self.random.random() < 0.1,
            said_by=self.author,
        )

    def _item(self, submission: Submission, unit: Recommendation, place: int, answer: str) -> SubmissionItem:
        """Unsaved, and so is its revision."""
        status = "" if answer == NO_INFORMATION else answer
        needs, practice = bool(status) and self.random.random() < 0.2, status == "implemented"
        revision = status and Revision(
            record=self.records[submission.respondent_id, unit.pk],
            number=int(submission.round.code) - 2024,
            wording=unit.current_wording,
            status=status,
            reason_code=ReasonCode.DATE_HAS_PASSED if status == Status.NOT_APPLICABLE else "",
            difficulties="A lack of staff." if status == Status.IN_PROGRESS else "",
            reasons="A fund exists already." if status in NEED_REASONS else "",
            measures="The Fund pays within a month." if practice else "",
            assistance_kinds=[self.random.choice(AssistanceKind.values)] if needs else [],
            assistance="Forty judges are to be trained." if needs else "",
            good_practice=practice,
            good_practice_shared=practice and place % 2 == 0,
            language=self.random.choice(("en", "fr")),
            author=self.author,
            digest="0" * 64,
        )
        return SubmissionItem(
            submission=submission,
            unit=unit,
            position=place,
            wording=unit.current_wording,
            revision=revision or None,
            status=status,
            asks_for_assistance=needs,
            good_practice=practice,
            digest="0" * 64,
        )

    def _count(self) -> dict[str, dict[str, int]]:
        """Count the answers of the newest round in SQL, by slug and status."""
        counted: dict[str, dict[str, int]] = {unit.slug: {} for unit in self.units}
        slugs = {unit.pk: unit.slug for unit in self.units}
        with connection.cursor() as cursor:
            cursor.execute(COUNT, [self.releases[-1].round_id])
            for unit, status, count, confirmed in cursor.fetchall():
                counted[slugs[unit]][status or NO_INFORMATION] = count
                self.confirmed += confirmed
        return counted

    def _quote(self) -> Iterator[tuple[str, str, str]]:
        """Choose texts of those that permit quotation; of some the State is not notified, some are not translated."""
        submissions = Submission.everyones.filter(round=self.releases[-1].round, uses__quoted=True)
        items = SubmissionItem.everyones.filter(submission__in=submissions, revision__isnull=False)
        items = items.select_related("submission__respondent", "revision").order_by("submission", "position")
        quotations, translations = [], []
        for place, item in enumerate(items):
            for field in PARAGRAPHS:
                words = getattr(item.revision, field)
                if not words or self.random.random() < 0.6:
                    continue
                is_notified, is_translated = self.random.random() < 0.8, self.random.random() < 0.5
                is_translated = is_translated and item.revision.language == "fr"
                translation = f"Courtesy: {words}" if is_translated else ""
                row = CourtesyTranslation(
                    revision=item.revision,
                    field=field,
                    language="en",
                    text=translation,
                    is_by_state=False,
                    author=self.author,
                )
                translations += [row] if translation else []
                quotation = Quotation(
                    round=self.releases[-1].round,
                    unit=item.unit,
                    revision=item.revision,
                    field=field,
                    passages=[[0, len(words)]],
                    position=place,
                    translation=row if translation else None,
                    translated=[[0, len(translation)]] if translation else [],
                    chosen_by=self.author,
                    object_by=date(2027, 1, 1) if is_notified else None,
                )
                quotations.append(quotation)
                if is_notified and (translation or item.revision.language == "en"):
                    yield item.submission.respondent.name, words, translation
        CourtesyTranslation.everyones.bulk_create(translations)
        Quotation.everyones.bulk_create(quotations)


def _named(theme: Theme) -> list[str]:
    return [theme.slug, theme.name]
