import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from operator import itemgetter
from random import Random

from django.contrib.auth.hashers import make_password

from recommendations.models import Body, Recommendation, read_items
from tools.world import phrases
from tools.world.rows import NewRows
from tracker.actions.event import lock_head, next_event
from tracker.actions.round import make_round_units, theme_order
from tracker.audit.rows import NOUNS, rows_left
from tracker.demo.people import grant_event
from tracker.models import AccessChange, Membership, Respondent, Round, RoundUnit, User
from tracker.models.access_change import AccessChangeKind
from tracker.models.respondent import RespondentKind, StateGroup, TreatyStatus
from tracker.models.user import Role

DAY = timedelta(days=1)
TREATY_STATUSES, TREATY_SHARES = (*TreatyStatus,), (84, 8, 6, 2)  # per cent
REGIONS, REGION_SHARES = (*StateGroup, ""), (54, 53, 23, 33, 28, 4)


@dataclass
class WorldRound:
    round: Round
    opened_at: datetime
    submit_until: datetime
    units: dict[TreatyStatus, list[RoundUnit]]
    is_last: bool


class World:
    """`now`: midnight before `today`; `since`: when people join; `stored`: names of the files that were stored."""

    def __init__(self, rounds: int, random: Random, today: date, password: str | None):
        self.random, self.today = random, today
        self.now = datetime.combine(today, time(), UTC)
        self.rows = NewRows()
        self.stored: list[str] = []
        self.trail: list[tuple[datetime, dict]] = []
        self.since = self.now - timedelta(days=366 * rounds + 60)
        self.hashed = make_password(password)
        self._units = self._load_units()
        self._units_by_status: dict[str, set[int]] = {}
        self._add_secretariat()
        self.rounds = [self._add_round(number, rounds) for number in range(rounds)]

    def states(self, count: int) -> Iterator[Respondent]:
        letters = itertools.product("ABCDEFGHIJKLMNOPQRSTUVWXYZ", repeat=2)
        for name, (second, third) in zip(phrases.state_names(self.random, count), letters, strict=False):
            yield self._add_state(f"X{second}{third}", name)

    def add_person(self, email: str, role: Role, respondent: Respondent | None = None) -> Membership:
        """Add a person with a role. The event of a role in the Secretariat is noted, a State records its own."""
        requester, confirmer = self.administrators[:2] if len(self.administrators) > 2 else (None, None)
        user = User(
            email=email,
            name=phrases.person_name(self.random),
            password=self.hashed,
            joined_at=self.since,
            welcomed_at=self.since,
        )
        self.rows.add(user)
        membership = self.rows.add(
            Membership(
                user=user,
                role=role,
                respondent=respondent,
                since=self.since.date(),
                appointing_document="Invented",
                granted_by=requester,
                confirmed_by=confirmer,
            )
        )
        if respondent is None:
            self.note(self.since, **grant_event(membership))
        return membership

    def note(self, at: datetime, **event) -> None:
        self.trail.append((at, event))

    def add_pending_request(self) -> None:
        """Add an address of a focal point of the first State that one administrator requested this morning."""
        focal_point = Membership.objects.filter(role=Role.FOCAL_POINT).earliest("respondent__code", "pk").user
        change = self.rows.add(
            AccessChange(
                kind=AccessChangeKind.ADDRESS,
                user=focal_point,
                email=f"new-{focal_point.email}",
                requested_by=self.administrators[0],
                requested_at=self.now,
            )
        )
        self.note(
            self.now,
            action="access change requested",
            target=f"access {change.pk}",
            by=self.administrators[0],
            after=f"{change.kind}, person {focal_point.pk}",
        )

    def write_trail(self) -> None:
        head = lock_head(None)
        for at, event in sorted(self.trail, key=itemgetter(0)):
            self.rows.add(next_event(head, at=at, **event))
        self.rows.save_all()
        own = [model for model in NOUNS if model._meta.app_label == "tracker"]
        left = rows_left(row for model in own for row in model._base_manager.all())
        loaded = next_event(head, at=self.now, action="rows loaded", target="site", by=None, rows=left)
        self.rows.add(loaded)
        for row in left:
            row.event = loaded
            self.rows.add(row)
        self.rows.save_all()

    def _add_secretariat(self) -> None:
        self.administrators: list[User] = []  # by command; they give the other roles
        for name in ("administrator", "administrator-2", "administrator-3"):
            self.administrators.append(self.add_person(f"{name}@secretariat.example", Role.ADMINISTRATOR).user)
        self.curator = self.add_person("curator@secretariat.example", Role.CURATOR).user
        reviewers = [self.add_person(f"reviewer-{n}@secretariat.example", Role.REVIEWER) for n in range(1, 6)]
        self.reviewers = [membership.user for membership in reviewers]
        self.rows.save_all()

    def _load_units(self) -> dict[int, Recommendation]:
        units = Recommendation.objects.published().of(None).units().with_text()
        read_items(units)
        return {unit.pk: unit for unit in units}

    def _add_round(self, number: int, of: int) -> WorldRound:
        due = _same_day(self.today + 45 * DAY, of - 1 - number)
        opens = due - 150 * DAY
        round_ = Round(
            body=Body.objects.get(is_first=True),
            code=str(due.year),
            title=f"Round of {due.year}",
            opens_on=opens,
            due_on=due,
        )
        opened_at = datetime.combine(opens, time(8), UTC)
        round_.theme_order = theme_order()
        self.rows.add(round_)
        self._note_round("round planned", round_, opened_at - 20 * DAY)
        round_.opened_at = opened_at
        round_units = make_round_units(round_)
        for entry in round_units:
            entry.unit = self._units[entry.unit_id]
            self.rows.add(entry)
        self.rows.save_all()
        self._note_round("round opened", round_, opened_at, after=f"{len(round_units)} units")
        is_last = number == of - 1
        if not is_last:
            round_.closes_on = opens + 170 * DAY
            round_.save()
            self._note_round("closing date set", round_, opened_at + 120 * DAY, after=f"until {round_.closes_on}")
        units = {status: self._units_for(round_units, status) for status in TreatyStatus}
        until = opened_at + (95 if is_last else 158) * DAY
        return WorldRound(round_, opened_at, until, units, is_last)

    def _note_round(self, action: str, round_: Round, at: datetime, after: str = "") -> None:
        self.note(at, action=action, target=f"round {round_.code}", by=self.reviewers[0], after=after)

    def _units_for(self, round_units: list[RoundUnit], status: str) -> list[RoundUnit]:
        if status not in self._units_by_status:
            units = Respondent(kind=RespondentKind.STATE, treaty_status=status).units_to_answer()
            self._units_by_status[status] = set(units.values_list("pk", flat=True))
        return [entry for entry in round_units if entry.unit_id in self._units_by_status[status]]

    def _add_state(self, code: str, name: str) -> Respondent:
        status = self.random.choices(TREATY_STATUSES, TREATY_SHARES)[0]
        is_party = status == TreatyStatus.PARTY
        return Respondent.objects.create(
            code=code,
            kind=RespondentKind.STATE,
            name=name,
            un_member_state=True,
            regional_group=self.random.choices(REGIONS, REGION_SHARES)[0],
            convention_act="" if status == TreatyStatus.NOT_PARTY else "ratification",
            convention_acted=None if status == TreatyStatus.NOT_PARTY else date(2003, 5, 1),
            protocol_act="accession" if is_party else "",
            protocol_acted=date(self.random.randint(2003, 2013), self.random.randint(1, 12), 15) if is_party else None,
            status_as_at=date(2014, 1, 27),
            treaty_status=status,
            opens_all_to_contributors=True,
        )


def _same_day(day: date, years_before: int) -> date:
    return day.replace(year=day.year - years_before, day=min(day.day, 28))
