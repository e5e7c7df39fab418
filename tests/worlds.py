"""Random small worlds of one round, put into the tables as they are: what States say of assistance and practices."""

import datetime
from collections import defaultdict
from collections.abc import Iterable

from hypothesis import strategies as st

from recommendations.models import Body, Family, Recommendation, Theme
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
    User,
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
submissions = st.fixed_dictionaries(
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
        "submissions": st.lists(submissions, max_size=3),
        "marks": st.dictionaries(st.sampled_from(LABELS), marks, max_size=3),
    }
)
worlds = st.lists(respondents, max_size=6)


def sealed_at(place: int) -> datetime.datetime:
    """When the submission of this place, from 0, was sealed; a mark of the same number of days follows it."""
    return NOW + datetime.timedelta(days=place)


def marked_at(days: int) -> datetime.datetime:
    return NOW + datetime.timedelta(days=days, hours=1)


def make_respondents(world) -> list[Respondent]:
    return [
        Respondent.objects.create(
            code=f"X{chr(65 + place)}X",
            name=f"Land {place}",
            kind=one["kind"],
            treaty_status="party",
            regional_group=one["region"],
        )
        for place, one in enumerate(world)
    ]


def make_round(body: Body, code: str) -> Round:
    day = NOW.date()
    return Round.objects.create(body=body, code=code, title=code, opens_on=day, due_on=day, opened_at=NOW)


def build(world, author) -> Round:
    """The world without an action, in a round with two themes and two families, that share a unit."""
    units = {unit.label: unit for unit in Recommendation.objects.with_text().filter(label__in=LABELS)}
    round_ = make_round(units["I.13"].body, "2026")
    themes, families = ([[one.slug, one.name] for one in model.objects.all()[:2]] for model in (Theme, Family))
    RoundUnit.objects.bulk_create(
        RoundUnit(
            round=round_,
            unit=units[label],
            position=place + 1,
            themes=[themes[place % 2]],
            families=families[: place % 3],
        )
        for place, label in enumerate(LABELS)
    )
    everyone = make_respondents(world)
    _submit_for_all(zip(everyone, world, strict=True), round_, units, author)
    AssistanceNeed.everyones.bulk_create(
        AssistanceNeed(respondent=respondent, unit=units[label], state=state, by=author, at=marked_at(days))
        for respondent, one in zip(everyone, world, strict=True)
        for label, (state, days) in one["marks"].items()
    )
    return round_


def _submit_for_all(world, round_: Round, units: dict[str, Recommendation], author) -> None:
    records, made, revisions, items, uses = [], [], [], [], []
    for respondent, one in world:
        own = {label: Record(respondent=respondent, recommendation=unit) for label, unit in units.items()}
        records += own.values()
        for number, said in enumerate(one["submissions"]):
            submission = sealed(respondent, round_, number + 1, author, sealed_at=sealed_at(number))
            made.append((submission, said["is_withdrawn"]))
            for place, (label, answer) in enumerate(said["answers"].items()):
                items.append(_item(submission, units[label], place, answer))
                if answer:
                    items[-1].revision = _revision(own[label], number, answer, author)
                    revisions.append(items[-1].revision)
            uses += _uses(submission, said["permitted"], author)
    Record.everyones.bulk_create(records)
    Submission.everyones.bulk_create(submission for submission, _is_withdrawn in made)
    Revision.everyones.bulk_create(revisions)
    SubmissionItem.everyones.bulk_create(items)
    take_part(made)
    Use.everyones.bulk_create(uses)


def sealed(respondent: Respondent, round_: Round, number: int, author: User, **values) -> Submission:
    """Return a submission that is not saved, with digests that do not hold."""
    values |= {
        "due_on": round_.due_on,
        "late": False,
        "names_no_victim": True,
        "content_digest": "0" * 64,
        "digest": "0" * 64,
    }
    return Submission(respondent=respondent, round=round_, number=number, sealed_by=author, **values)


def _revision(record: Record, number: int, answer: dict, author) -> Revision:
    return Revision(
        record=record,
        number=number + 1,
        wording=record.recommendation.current_wording,
        status="implemented",
        measures="An act.",
        assistance_kinds=answer["kinds"],
        assistance=answer["words"],
        good_practice=answer["practice"] != "",
        good_practice_shared=answer["practice"] == "shared",
        author=author,
        digest="0" * 64,
    )


def _item(submission: Submission, unit: Recommendation, place: int, answer: dict | None) -> SubmissionItem:
    return SubmissionItem(
        submission=submission,
        unit=unit,
        position=place,
        wording=unit.current_wording,
        status="implemented" if answer else "",
        asks_for_assistance=bool(answer and (answer["kinds"] or answer["words"])),
        good_practice=bool(answer and answer["practice"]),
        digest="0" * 64,
    )


def _uses(submission: Submission, permitted: list[bool], author) -> list[Use]:
    return [
        Use(
            submission=submission,
            in_aggregates=is_permitted,
            quoted=not is_permitted,
            said_by=author,
            said_at=NOW + datetime.timedelta(days=day),
        )
        for day, is_permitted in enumerate(permitted)
    ]


def counted(world) -> list[tuple[int, dict, dict]]:
    """(place, respondent, submission) of the States that count: the newest, if it stands and is permitted."""
    return [
        (place, one, one["submissions"][-1])
        for place, one in enumerate(world)
        if one["kind"] == RespondentKind.STATE and one["submissions"] and _counts(one["submissions"][-1])
    ]


def _counts(said) -> bool:
    return not said["is_withdrawn"] and said["permitted"][-1]


def take_part(submissions: Iterable[tuple[Submission, bool]]) -> None:
    """Make each submission in turn the current one of its round or, where it is withdrawn, the last of these."""
    stages: dict[tuple[Respondent, Round], dict] = defaultdict(dict)
    for submission, is_withdrawn in submissions:
        stage = {"current": submission, "state": "submitted"}
        if is_withdrawn:
            stage = {"current": None, "state": "withdrawn", "withdrawn_at": NOW, "withdrawn_to": submission.number}
            stage |= {"withdrawal_reason": "An error."}
        stages[submission.respondent, submission.round] |= stage
    Participation.everyones.bulk_create(
        Participation(respondent=respondent, round=round_, **stage) for (respondent, round_), stage in stages.items()
    )
