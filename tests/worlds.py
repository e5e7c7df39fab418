"""Random small worlds of one round, put into the tables as they are: what States say of assistance and practices."""

import datetime

from hypothesis import strategies as st

from recommendations.models import Family, Recommendation, Theme
from tracker.models import (
    AssistanceNeed,
    Participation,
    Record,
    Respondent,
    Revision,
    Round,
    RoundUnit,
    Submission,
    SubmissionItem,
    Use,
)
from tracker.models.answer_fields import AssistanceKind
from tracker.models.respondent import RespondentKind, StateGroup

NOW = datetime.datetime(2026, 11, 24, 14, 2, tzinfo=datetime.UTC)
LABELS = ("I.7(a)", "I.13", "II.4", "IV.46(i)", "VI.19")

answers = st.fixed_dictionaries(
    {
        "kinds": st.lists(st.sampled_from(AssistanceKind.values), max_size=3),
        "words": st.sampled_from(["", "Two trainers."]),
        "practice": st.sampled_from(["", "named", "shared"]),
    }
)
hand_ins = st.fixed_dictionaries(
    {
        "answers": st.dictionaries(st.sampled_from(LABELS), st.none() | answers, max_size=len(LABELS)),
        "is_withdrawn": st.sampled_from([False, False, False, True]),
        "permitted": st.lists(st.booleans(), min_size=1, max_size=2),
    }
)
marks = st.tuples(st.sampled_from(["seen", "in_contact", "closed"]), st.integers(0, 3))
respondents = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(
            [RespondentKind.STATE, RespondentKind.STATE, RespondentKind.STATE, RespondentKind.EUROPEAN_UNION]
        ),
        "region": st.sampled_from(["", *StateGroup.values]),
        "hand_ins": st.lists(hand_ins, max_size=3),
        "marks": st.dictionaries(st.sampled_from(LABELS), marks, max_size=3),
    }
)
worlds = st.lists(respondents, max_size=6)


def sealed_at(place: int) -> datetime.datetime:
    """When the hand-in of this place, from 0, was sealed; a mark of the same number of days follows it."""
    return NOW + datetime.timedelta(days=place)


def marked_at(days: int) -> datetime.datetime:
    return NOW + datetime.timedelta(days=days, hours=1)


def build(world, author) -> Round:
    """The world without an action, in a round with two themes and two families, that share a unit."""
    units = {unit.label: unit for unit in Recommendation.objects.with_text().filter(label__in=LABELS)}
    round_ = Round.objects.create(
        body=units["I.13"].body,
        code="2026",
        title="2026",
        opens_on=NOW.date(),
        due_on=NOW.date(),
        opened_at=NOW,
    )
    themes, families = ([[one.slug, one.name] for one in model.objects.all()[:2]] for model in (Theme, Family))
    for place, label in enumerate(LABELS):
        RoundUnit.objects.create(
            round=round_,
            unit=units[label],
            position=place + 1,
            themes=[themes[place % 2]],
            families=families[: place % 3],
        )
    for place, one in enumerate(world):
        respondent = Respondent.objects.create(
            code=f"X{chr(65 + place)}X",
            name=f"Land {place}",
            kind=one["kind"],
            treaty_status="party",
            regional_group=one["region"],
        )
        records = {
            label: Record.everyones.create(respondent=respondent, recommendation=units[label]) for label in LABELS
        }
        for number, said in enumerate(one["hand_ins"]):
            _hand_in(respondent, round_, number, said, units, records, author)
        for label, (state, days) in one["marks"].items():
            AssistanceNeed.everyones.create(
                respondent=respondent, unit=units[label], state=state, by=author, at=marked_at(days)
            )
    return round_


def _hand_in(respondent, round_, number, said, units, records, author) -> None:
    submission = Submission.everyones.create(
        respondent=respondent,
        round=round_,
        number=number + 1,
        sealed_at=sealed_at(number),
        sealed_by=author,
        late=False,
        names_no_victim=True,
        content_digest="0" * 64,
        digest="0" * 64,
    )
    for place, (label, answer) in enumerate(said["answers"].items()):
        revision = answer and Revision.everyones.create(
            record=records[label],
            number=number + 1,
            wording=units[label].current_wording,
            status="implemented",
            measures="An act.",
            assistance_kinds=answer["kinds"],
            assistance=answer["words"],
            good_practice=answer["practice"] != "",
            good_practice_shared=answer["practice"] == "shared",
            author=author,
            digest="0" * 64,
        )
        SubmissionItem.everyones.create(
            submission=submission,
            unit=units[label],
            position=place,
            wording=units[label].current_wording,
            revision=revision,
            status="implemented" if answer else "",
            asks_for_assistance=bool(answer and (answer["kinds"] or answer["words"])),
            good_practice=bool(answer and answer["practice"]),
            digest="0" * 64,
        )
    take_part(submission, is_withdrawn=said["is_withdrawn"])
    for day, is_permitted in enumerate(said["permitted"]):
        Use.everyones.create(
            submission=submission,
            in_aggregates=is_permitted,
            quoted=not is_permitted,
            said_by=author,
            said_at=NOW + datetime.timedelta(days=day),
        )


def counted(world) -> list[tuple[int, dict, dict]]:
    """(place, respondent, hand-in) of the States that count: the newest, if it stands and is permitted."""
    return [
        (place, one, one["hand_ins"][-1])
        for place, one in enumerate(world)
        if one["kind"] == RespondentKind.STATE and one["hand_ins"] and _counts(one["hand_ins"][-1])
    ]


def _counts(said) -> bool:
    return not said["is_withdrawn"] and said["permitted"][-1]


def take_part(submission: Submission, *, is_withdrawn: bool) -> None:
    """Make the submission the current one of its round, or the last of those that are withdrawn."""
    stage = {"current": submission, "state": "submitted"}
    if is_withdrawn:
        stage = {"current": None, "state": "withdrawn", "withdrawn_at": NOW, "withdrawn_to": submission.number}
        stage |= {"withdrawal_reason": "An error."}
    Participation.everyones.update_or_create(respondent=submission.respondent, round=submission.round, defaults=stage)
