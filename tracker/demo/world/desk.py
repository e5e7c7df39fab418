"""One State of the invented world at work: evidence, answers, submissions and their reading, in the order of time.

The rules are those of the actions, and what they digest is made by their own functions; what they would read from the
database is kept in memory.
"""

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date
from random import Random

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from recommendations.models import Recommendation
from tracker.actions import evidence as evidence_actions
from tracker.actions import record as record_actions
from tracker.actions import remark as remark_actions
from tracker.actions import submission as submission_actions
from tracker.actions.event import next_event
from tracker.actions.submission import Statements
from tracker.demo.world import phrases
from tracker.demo.world.phrases import Writer
from tracker.demo.world.site import DAY, RoundOfWorld, Site
from tracker.models import (
    ChainHead,
    Citation,
    Confirmation,
    Draft,
    Evidence,
    EvidenceFile,
    EvidenceVersion,
    Record,
    Remark,
    Reply,
    Respondent,
    Revision,
    Submission,
    SubmissionItem,
    SubmissionState,
    Use,
    User,
)
from tracker.models.answer_fields import AssistanceKind
from tracker.models.draft import new_tab
from tracker.models.evidence import EvidenceKind, generated_name
from tracker.models.record import Answer
from tracker.models.remark import RemarkKind, digest_of_standing
from tracker.models.respondent import TreatyStatus
from tracker.models.status import ReasonCode, Status
from tracker.models.submission import NextSubmission
from tracker.models.treaty_act import standing_digest
from tracker.models.user import Role
from tracker.queries.submissions.check import Check, CheckedUnit, choose, choose_after_questions
from tracker.workflow import SUBMISSION, next_state

STEPS = (Status.NOT_STARTED, Status.IN_PROGRESS, Status.PARTIALLY_IMPLEMENTED, Status.IMPLEMENTED)
UNFINISHED = STEPS[:3]
NO_PARTY = {TreatyStatus.CONVENTION_ONLY, TreatyStatus.NOT_PARTY}
DISCLOSURES, DISCLOSURE_SHARES = (*EvidenceVersion.Disclosure,), (30, 30, 40)  # per cent
PLAIN_REASONS = [code for code in ReasonCode if code not in (ReasonCode.OTHER, ReasonCode.NOT_A_PARTY)]
PLACES = ("arts. {}–{}", "pp. {}–{}", "paras. {} and {}", "§§ {}, {}")
Form = EvidenceVersion.Form


@dataclass
class Reading:
    """A submission with what is read of it, and where it stands."""

    submission: Submission
    items: list[SubmissionItem]
    standing: SubmissionState
    replies: list[Reply]
    remarks: list[Remark] = field(default_factory=list)

    @property
    def target(self) -> str:
        return f"submission {self.submission.reference}"

    @property
    def questions(self) -> list[Remark]:
        return [remark for remark in self.remarks if remark.kind == RemarkKind.QUESTION]

    @property
    def digest(self) -> str:
        return digest_of_standing(self.standing, [(remark.digest, remark.sent_at) for remark in self.remarks])

    @property
    def revisions(self) -> dict[int, Revision]:
        return {item.unit_id: item.revision for item in self.items if item.revision}

    def move(self, transition: str, **values) -> None:
        self.standing.state = next_state(SUBMISSION, transition, self.standing.state)
        for name, value in values.items():
            setattr(self.standing, name, value)


class Desk:
    """One State at work, in the order of time."""

    def __init__(self, site: Site, respondent: Respondent, random: Random):
        self.site, self.respondent, self.random, self.rows = site, respondent, random, site.rows
        self.head = self.rows.add(ChainHead(chain=respondent.code))
        self.treaty_status = TreatyStatus(respondent.treaty_status)
        self.clock = site.since
        self.language = random.choices(phrases.LANGUAGES, phrases.SHARES)[0]
        self.writer = Writer(random, self.language, site.today.year)
        self.diligence = random.choice((0.15, 0.75, 0.9, 0.95, 0.98, 0.98, 1, 1, 1, 1))
        self.completeness = random.uniform(0.5, 1)
        self.level = random.uniform(-1, 1)
        self.is_open = random.random() < 0.4
        self.records: dict[int, Record] = {}
        self.answers: dict[int, Answer] = {}
        self.citations: dict[int, list[Citation]] = {}
        self.library: list[Evidence] = []
        self.kept: dict[Evidence, int] = {}  # the last version of each piece that was kept to the State
        self.sealed: defaultdict[int, set[int]] = defaultdict(set)
        self.confirmed: dict[int, date] = {}
        self._add_people()

    def work(self) -> None:
        if self.treaty_status in NO_PARTY:
            self._confirm_treaty_status()
        for of_world in self.site.rounds:
            if self._happens(self.diligence):
                self._answer_round(of_world)

    # In a round

    def _answer_round(self, of_world: RoundOfWorld) -> None:
        begun = max(self.clock, of_world.opened_at)
        hands_in = self._happens(0.6 if of_world.is_last else 0.88)
        end = begun + (of_world.hand_in_until - begun) * self.random.uniform(0.4, 1)
        saves = self._plan(of_world)
        pieces = self.random.randint(35, 65)
        self.clock, self.pace = begun, (end - begun) / (len(saves) + pieces + 1)
        for _piece in range(pieces):
            self._tick()
            self._keep_evidence()
        for unit, ready in saves:
            self._tick()
            self._answer(unit, ready)
        if hands_in:
            self._hand_in_round(of_world)
        elif of_world.is_last:
            self._leave_drafts(of_world)

    def _plan(self, of_world: RoundOfWorld) -> list[tuple[Recommendation, bool]]:
        """Which answers are saved in a round, in their order, and whether each is ready."""
        units = [entry.unit for entry in of_world.asked[self.treaty_status]]
        self.random.shuffle(units)
        saves = []
        for unit in units:
            if not self._happens(0.8 if unit.pk in self.records else self.completeness):
                continue
            times = self.random.choices((1, 2, 3), (50, 30, 20))[0]
            saves += [(unit, False)] * (times - 1)
            saves.append((unit, self._happens(0.94)))
        return saves

    def _hand_in_round(self, of_world: RoundOfWorld) -> None:
        self.confirmed = {}
        self._confirm_answers(of_world)
        self._tick()
        reading = self._hand_in(of_world, None)
        if reading and self._happens(0.03) and self._later(1, 2):
            self._take_back(reading)
            reading = self._hand_in(of_world, reading) if self._later(0.5, 1) else None
        if reading and (of_world.is_last or self._happens(0.95)):
            self._read(of_world, reading)

    def _confirm_answers(self, of_world: RoundOfWorld) -> None:
        """Most of what an earlier round has sealed and this one did not change."""
        before = self._sealed_before(of_world)
        asked = [entry.unit_id for entry in of_world.asked[self.treaty_status]]
        living = [self.records[pk].current for pk in asked if pk in self.records]
        waiting = [each for each in living if each and each.ready and each.pk in before and self._happens(0.85)]
        if not waiting:
            return
        self._tick()
        as_at = self.clock.date()
        confirmations = [
            self.rows.add(
                Confirmation(
                    revision=revision,
                    round=of_world.round,
                    as_at=as_at,
                    author=self.focal_points[0],
                    saved_at=self.clock,
                )
            )
            for revision in waiting
        ]
        self.confirmed = {revision.pk: as_at for revision in waiting}
        self._record(
            "confirmed still correct",
            f"round {of_world.round.code}",
            self.focal_points[0],
            after=submission_actions.confirmation_reference(confirmations, as_at),
        )

    # Evidence

    def _keep_evidence(self) -> None:
        kept = self.random.choice(self.library) if self.library and self._happens(0.15) else None
        if kept and kept.current:
            self._append_version(kept, _changed(kept.current), "evidence changed")
            return
        piece = self.rows.add(Evidence(respondent=self.respondent, number=len(self.library) + 1))
        self.library.append(piece)
        self._append_version(piece, self._new_content(piece), "evidence added")

    def _append_version(self, piece: Evidence, content: dict, action: str) -> None:
        previous, by = piece.current, self._author()
        version = EvidenceVersion(evidence=piece, **content)
        evidence_actions.make_next_version(version, previous, by=by, at=self.clock)
        piece.current = self.rows.add(version)
        if version.disclosure == EvidenceVersion.Disclosure.STATE:
            self.kept[piece] = version.number
        self._record(
            action,
            f"evidence {piece}",
            by,
            before=evidence_actions.reference(previous),
            after=evidence_actions.reference(version),
        )

    def _new_content(self, piece: Evidence) -> dict:
        year = self.random.randint(self.clock.year - 12, self.clock.year - 1)
        title = f"{self.writer.law()}, {year}/{piece.number}"
        return {
            "title": title,
            "kind": self.random.choice(EvidenceKind.values),
            "document_date": date(year, self.random.randint(1, 12), self.random.randint(1, 28)),
            "language": self.language,
            "disclosure": self.random.choices(DISCLOSURES, DISCLOSURE_SHARES)[0],
            **self._form(title, piece),
        }

    def _form(self, title: str, piece: Evidence) -> dict:
        if piece.number <= 3:
            return {"form": Form.FILE, "file": self._store(title), "file_name": f"{piece.number}.txt"}
        if self._happens(0.6):
            return {"form": Form.LINK, "url": f"https://law.{self.respondent.code.lower()}.example/{piece.number}"}
        return {"form": Form.CITATION, "citation": f"{title}. {self.writer.institution()}."}

    def _store(self, title: str) -> EvidenceFile:
        content = f"{self.respondent.name}\n\n{title}\n\n{self._say('measures', 4, 6)}\n".encode()
        file = EvidenceFile(
            respondent=self.respondent,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            content_type="text/plain",
            created_at=self.clock,
        )
        file.file = default_storage.save(generated_name(file, ""), ContentFile(content))
        self.site.stored.append(file.file.name)
        return self.rows.add(file)

    # Answers

    def _answer(self, unit: Recommendation, ready: bool) -> None:
        former = self.answers.get(unit.pk)
        answer = self._compose(unit, former, ready)
        if answer == former:
            return
        record = self.records.get(unit.pk)
        if record is None:
            record = self.rows.add(Record(respondent=self.respondent, recommendation=unit))
            self.records[unit.pk] = record
        current, by = record.current, self._author()
        change = self.random.choice(phrases.CHANGES) if current and self._happens(0.3) else ""
        revision, citations = record_actions.next_revision(
            record, current, answer, by=by, at=self.clock, change_reason=change
        )
        record.current = self.rows.add(revision)
        self.citations[revision.pk] = [self.rows.add(citation) for citation in citations]
        self.answers[unit.pk] = answer
        self._record(
            "answer saved",
            f"record {unit.label}",
            by,
            before=record_actions.reference(current),
            after=record_actions.reference(revision),
        )
        if not record.note and self._happens(0.03):
            record.note = self._say("difficulties")
            self._record("note saved", f"record {unit.label}", by)

    def _compose(self, unit: Recommendation, former: Answer | None, ready: bool) -> Answer:
        status = self._status(unit, former)
        if former and former.status == status and len(former.measures) < 900 and self._happens(0.6):
            more = [former.measures, self._say("measures")] if former.measures else [former.reasons]
            return replace(
                former,
                measures=self.writer.bank.stop.join(more) if former.measures else "",
                situation_as_at=self._recently(),
                ready=ready,
            )
        return self._new_answer(unit, status, ready)

    def _new_answer(self, unit: Recommendation, status: str, ready: bool) -> Answer:
        acts, unfinished, implemented = status in STEPS[1:], status in UNFINISHED, status == Status.IMPLEMENTED
        needs_help = unfinished and self._happens(0.4)
        good = implemented and self._happens(0.12)
        reason = self._reason_code() if status == Status.NOT_APPLICABLE else ""
        must_explain = status == Status.CONSIDERED_NOT_TAKEN_UP or reason == ReasonCode.OTHER
        measures = self._say("measures", 1, 4) if acts else ""
        return Answer(
            status=status,
            reason_code=reason,
            reasons=self._say("reasons", 1, 2) if must_explain or (reason and self._happens()) else "",
            measures=self.writer.bank.stop.join([measures, self._say("practices")]) if good else measures,
            difficulties=self._say("difficulties", 1, 3) if unfinished and self._happens(0.6) else "",
            assistance_kinds=self._kinds() if needs_help else [],
            assistance=self._say("assistance", 1, 2) if needs_help and self._happens(0.85) else "",
            good_practice=good,
            good_practice_shared=good and self._happens(0.6),
            items_met=self._items_met(unit) if acts else [],
            lead_institution=self.writer.institution() if self._happens(0.85) else "",
            target_date=self._target() if unfinished and self._happens(0.6) else None,
            situation_as_at=self._recently(),
            language=self.language,
            ready=ready,
            citations=self._cite(0.75 if implemented else 0.4) if acts else [],
        )

    def _status(self, unit: Recommendation, former: Answer | None) -> str:
        if former is None:
            considered = 18 if unit.asks_to_consider else 4
            up = 12 * self.level
            shares = (15 - up, 18 - up / 2, 23, 34 + 1.5 * up, considered, 6)
            return self.random.choices((*STEPS, Status.CONSIDERED_NOT_TAKEN_UP, Status.NOT_APPLICABLE), shares)[0]
        if former.status in UNFINISHED and self._happens(0.12):
            return STEPS[STEPS.index(Status(former.status)) + 1]
        return former.status

    def _reason_code(self) -> str:
        if self.treaty_status in NO_PARTY:
            return ReasonCode.NOT_A_PARTY
        return ReasonCode.OTHER if self._happens(0.2) else self.random.choice(PLAIN_REASONS)

    def _kinds(self) -> list[str]:
        chosen = self.random.sample(AssistanceKind.values, self.random.choices((1, 2, 3), (60, 30, 10))[0])
        return [kind for kind in AssistanceKind.values if kind in chosen]

    def _items_met(self, unit: Recommendation) -> list[str]:
        return [item.label for item in unit.items_as_one if self._happens(0.6)]

    def _cite(self, likelihood: float) -> list[tuple[EvidenceVersion, str]]:
        if not self._happens(likelihood):
            return []
        count = self.random.choices((1, 2, 3), (60, 30, 10))[0]
        return [(piece.current, self._place()) for piece in self.random.sample(self.library, count) if piece.current]

    def _place(self) -> str:
        first = self.random.randint(1, 80)
        return self.random.choice(PLACES).format(first, first + self.random.randint(1, 9))

    # Handing in

    def _hand_in(
        self, of_world: RoundOfWorld, current: Reading | None, replies: list[Reply] | None = None
    ) -> Reading | None:
        """Seal what is ready, or, with replies, the answers to the questions about the current submission."""
        now = self._check(of_world, current, replies)
        if not now.counts["answered"]:
            return None
        by = self.focal_points[0]
        sealed = submission_actions.seal(now, self._statements(), by=by, at=self.clock)
        for row in (sealed.submission, *sealed.items, *sealed.evidence, *sealed.replies, sealed.use):
            self.rows.add(row)
        standing = self.rows.add(SubmissionState(submission=sealed.submission))
        reading = Reading(sealed.submission, sealed.items, standing, now.replies)
        self.sealed[of_world.round.pk] |= {revision.pk for revision in reading.revisions.values()}
        self._record(
            "handed in",
            reading.target,
            by,
            before=submission_actions.reference(now.current),
            after=submission_actions.reference(sealed.submission),
        )
        return reading

    def _check(self, of_world: RoundOfWorld, current: Reading | None, replies: list[Reply] | None) -> Check:
        """What `reports.check.check` would read, from memory."""
        former = current.revisions if current else {}
        waiting = self._sealed_before(of_world) - self.confirmed.keys()
        questioned = {question.item.unit_id for question in current.questions} if current and replies else set()
        units = []
        for entry in of_world.asked[self.treaty_status]:
            record, before = self.records.get(entry.unit_id), former.get(entry.unit_id)
            living = record.current if record else None
            if replies:
                sealed, left = choose_after_questions(living if entry.unit_id in questioned else None, before)
            else:
                sealed, left = choose(living, waiting)
            units.append(
                CheckedUnit(
                    unit=entry.unit,
                    themes=entry.themes,
                    current=living,
                    sealed=sealed,
                    left=left,
                    citations=self._cited(sealed) if sealed else [],
                    still_correct_as_at=self.confirmed.get(sealed.pk) if sealed else None,
                    former=before,
                )
            )
        submission = current.submission if current else None
        return Check(
            self.respondent,
            of_world.round,
            submission,
            NextSubmission.ANSWERS_ALONE if replies else NextSubmission.EVERYTHING,
            submission if replies else None,
            units,
            replies or [],
        )

    def _cited(self, revision: Revision) -> list[Citation]:
        citations = self.citations[revision.pk]
        for citation in citations:
            version = citation.evidence_version
            citation.kept_since = version.number <= self.kept.get(version.evidence, 0)  # type: ignore[attr-defined]
        return citations

    def _statements(self) -> Statements:
        cleared = self._happens(0.6)
        quoted = self.is_open and self._happens(0.8)
        return Statements(
            names_no_victim=True,
            gaps_confirmed=True,
            in_aggregates=quoted or self._happens(0.93),
            quoted=quoted,
            published=quoted and self._happens(0.5),
            cleared_by=self.writer.institution() if cleared else "",
            cleared_on=(self.clock - DAY).date() if cleared else None,
            note_verbale=f"{self.random.randint(1, 400)}/{self.clock.year}" if self._happens(0.7) else "",
        )

    def _take_back(self, reading: Reading) -> None:
        reason = self.random.choice(phrases.TAKEN_BACK)
        reading.move("withdraw", withdrawn_at=self.clock, withdrawal_reason=reason)
        self._record(
            "submission withdrawn",
            reading.target,
            self.focal_points[0],
            before=submission_actions.reference(reading.submission),
            after=reading.digest,
        )

    def _open_up(self, reading: Reading) -> None:
        """Permit more than was stated when it was handed in."""
        use = Use(
            submission=reading.submission,
            in_aggregates=True,
            quoted=True,
            published=True,
            said_by=self.focal_points[0],
            said_at=self.clock,
        )
        if use.said == reading.submission.use:
            return
        self.rows.add(use)
        after = submission_actions.use_reference(use)
        self._record("use permitted", reading.target, self.focal_points[0], after=after)

    # Being read

    def _read(self, of_world: RoundOfWorld, reading: Reading) -> None:
        """As far as time goes; what is not over yet stands where it stands."""
        reviewer = self.random.choice(self.site.reviewers)
        if not self._later(2, 15):
            return
        self._take(reading, reviewer)
        self._remark(reading, reviewer)
        if not self._later(2, 12):
            return
        if not reading.questions:
            self._close([reading], reviewer, 0)
            return
        self._send(reading, reviewer)
        answered = self._answer_questions(of_world, reading) if self._happens(0.85) else None
        if answered and self._later(2, 8):
            self._take(answered, reviewer)
        elif answered or not self._later(30, 60):
            return
        if self._later(1, 8):
            chain = [reading, answered] if answered else [reading]
            self._close(chain, reviewer, self._unanswered(reading, answered))

    def _take(self, reading: Reading, reviewer: User) -> None:
        reading.move("take", taken_by=reviewer, taken_at=self.clock)
        self._record("submission taken", reading.target, reviewer, after=reading.digest)

    def _remark(self, reading: Reading, reviewer: User) -> None:
        """Questions on a few answers, and a note on about a third of the others."""
        answered = [item for item in reading.items if item.revision]
        count = min(self.random.choices((0, 1, 2, 4, 6), (35, 20, 20, 15, 10))[0], len(answered))
        asked = {item.pk for item in self.random.sample(answered, count)}
        noted = 0
        for item in reading.items:
            if item.pk in asked:
                self._say_of(reading, item, reviewer, RemarkKind.QUESTION, self.random.choice(phrases.QUESTIONS))
                self._note_reading("item remarked", reading, reviewer, item.unit.label)
            elif item.revision and self._happens(0.3):
                self._say_of(reading, item, reviewer, RemarkKind.NOTED)
                noted += 1
        if noted:
            self._note_reading("items noted", reading, reviewer, f"{noted} items")

    def _say_of(self, reading: Reading, item: SubmissionItem, by: User, kind: RemarkKind, question: str = "") -> None:
        remark = Remark(item=item)
        remark_actions.fill_remark(remark, kind, question, by=by, at=self.clock)
        reading.remarks.append(self.rows.add(remark))

    def _note_reading(self, action: str, reading: Reading, by: User, after: str) -> None:
        self.site.note(self.clock, action=action, target=reading.target, by=by, after=after)

    def _send(self, reading: Reading, reviewer: User) -> None:
        reading.move("ask", asked_at=self.clock)
        for question in reading.questions:
            question.sent_at = self.clock
        after = f"{len(reading.questions)} questions {reading.digest}"
        self._record("questions sent", reading.target, reviewer, after=after)

    def _answer_questions(self, of_world: RoundOfWorld, reading: Reading) -> Reading | None:
        """In words at least one, others by a new revision, and some not at all."""
        replies: list[Reply] = []
        for question in reading.questions:
            if not self._later(1, 4):
                return None
            if not replies or self._happens(0.6):
                replies.append(self._reply(reading, question))
            elif self._happens(0.8):
                self._answer(question.item.unit, ready=True)
        return self._hand_in(of_world, reading, replies) if self._later(1, 3) else None

    def _reply(self, reading: Reading, question: Remark) -> Reply:
        by = self.focal_points[0]
        reply = remark_actions.next_reply(question, 0, self._say("measures", 1, 2), by=by, at=self.clock)
        self._record("question answered", reading.target, by, after=remark_actions.reference(reply))
        return self.rows.add(reply)

    def _unanswered(self, reading: Reading, answered: Reading | None) -> int:
        """As `unanswered_questions` counts them."""
        if answered is None:
            return len(reading.questions)
        in_words = {reply.remark_id for reply in answered.replies}
        anew = answered.revisions
        return sum(
            question.pk not in in_words and anew[question.item.unit_id].pk == question.item.revision_id
            for question in reading.questions
        )

    def _close(self, chain: list[Reading], reviewer: User, unanswered: int) -> None:
        for reading in chain:
            reading.move("close", closed_at=self.clock, unanswered=unanswered)
        for reading in chain:
            self._record("review closed", reading.target, reviewer, after=f"{unanswered} unanswered {reading.digest}")
        if self.is_open and self._happens(0.15) and self._later(1, 5):
            self._open_up(chain[-1])

    # What the desk is

    def _add_people(self) -> None:
        code = self.respondent.code.lower()

        def people(role: Role, count: int) -> list[User]:
            noun = role.value.replace("_", "-")
            return [self.site.person(f"{noun}-{n}@{code}.example", role, self.respondent) for n in range(1, count + 1)]

        self.focal_points = people(Role.FOCAL_POINT, self.random.choice((1, 1, 2)))
        self.contributors = people(Role.CONTRIBUTOR, self.random.randint(4, 11))
        people(Role.VIEWER, self.random.choice((0, 1)))

    def _confirm_treaty_status(self) -> None:
        self._record(
            "treaty status confirmed",
            f"respondent {self.respondent.code}",
            self.site.curator,
            before=TreatyStatus.UNCONFIRMED,
            after=f"{self.respondent.treaty_status} {standing_digest(self.respondent)}",
        )

    def _leave_drafts(self, of_world: RoundOfWorld) -> None:
        """Of what is being typed."""
        asked = of_world.asked[self.treaty_status]
        for entry in self.random.sample(asked, min(3, len(asked))):
            record = self.records.get(entry.unit_id)
            self.rows.add(
                Draft(
                    respondent=self.respondent,
                    unit=entry.unit,
                    author=self._author(),
                    tab=new_tab(),
                    base=record.current.number if record and record.current else 0,
                    fields={"status": [Status.IN_PROGRESS.value], "measures": [self._say("measures", 1, 2)]},
                    saved_at=self.clock,
                )
            )

    def _sealed_before(self, of_world: RoundOfWorld) -> set[int]:
        return set().union(*(sealed for pk, sealed in self.sealed.items() if pk != of_world.round.pk))

    def _record(self, action: str, target: str, by: User, before: str = "", after: str = "") -> None:
        event = next_event(
            self.head,
            at=self.clock,
            action=action,
            target=target,
            by=by,
            respondent=self.respondent,
            before=before,
            after=after,
        )
        self.rows.add(event)

    # Time and chance

    def _tick(self) -> None:
        self.clock += self.pace * self.random.uniform(0.4, 1)

    def _later(self, least: float, most: float) -> bool:
        """Let so many days pass, if they have passed by now."""
        then = self.clock + self.random.uniform(least, most) * DAY
        if then > self.site.now:
            return False
        self.clock = then
        return True

    def _happens(self, likelihood: float = 0.5) -> bool:
        return self.random.random() < likelihood

    def _author(self) -> User:
        return self.random.choice(self.contributors if self._happens(0.7) else self.focal_points)

    def _say(self, kind: str, least: int = 1, most: int = 1) -> str:
        return self.writer.text(getattr(self.writer.bank, kind), least, most)

    def _recently(self) -> date | None:
        return (self.clock - self.random.randint(1, 90) * DAY).date() if self._happens(0.8) else None

    def _target(self) -> date:
        return (self.clock + self.random.randint(30, 1100) * DAY).date()


def _changed(current: EvidenceVersion) -> dict:
    """The content of a piece as it is changed: let out, or with another title."""
    content = {name: getattr(current, name) for name in (*EvidenceVersion.digested, "file")}
    if current.disclosure == EvidenceVersion.Disclosure.STATE:
        return content | {"disclosure": EvidenceVersion.Disclosure.PUBLIC}
    return content | {"title": f"{current.title.partition(' [')[0]} [{current.number + 1}]"}
