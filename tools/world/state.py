"""One State of the generated world: evidence, answers, submissions and their reading, in the order of time.

The rules are those of the actions, whose functions make the rows; what they would read from the database is in memory.
"""

import hashlib
from collections import defaultdict
from datetime import date
from random import Random

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from recommendations.models import Recommendation
from tools.world import phrases
from tools.world.content import NO_PARTY, GeneratedContent, changed_evidence
from tools.world.submission import GeneratedSubmission
from tools.world.world import DAY, World, WorldRound
from tracker.actions import evidence as evidence_actions
from tracker.actions import record as record_actions
from tracker.actions import remark as remark_actions
from tracker.actions import reply as reply_actions
from tracker.actions import submission as submission_actions
from tracker.actions.event import lock_head, next_event
from tracker.demo.people import grant_event
from tracker.demo.sentences import Writer
from tracker.models import (
    Citation,
    Confirmation,
    Draft,
    Evidence,
    EvidenceFile,
    EvidenceVersion,
    FileScan,
    Participation,
    Record,
    Remark,
    Respondent,
    Revision,
    SubmissionItem,
    Use,
    User,
)
from tracker.models.draft import new_tab
from tracker.models.evidence import EvidenceReader, generated_name
from tracker.models.record import Answer
from tracker.models.remark import RemarkKind
from tracker.models.respondent import TreatyStatus
from tracker.models.status import Status
from tracker.models.user import Role
from tracker.queries.submissions.check import Check, CheckedUnit, choose


class GeneratedState:
    """A State that does what chance says; `clock` is the time up to which it is made."""

    def __init__(self, world: World, respondent: Respondent, random: Random):
        self.world, self.respondent, self.random, self.rows = world, respondent, random, world.rows
        self.head = lock_head(respondent)
        self.treaty_status = TreatyStatus(respondent.treaty_status)
        self.clock = world.since
        writer = Writer(random, random.choices(phrases.LANGUAGES, phrases.SHARES)[0], world.today.year)
        self.diligence = random.choice((0.15, 0.75, 0.9, 0.95, 0.98, 0.98, 1, 1, 1, 1))
        self.completeness = random.uniform(0.5, 1)
        self.make = GeneratedContent(random, respondent, writer, random.uniform(-1, 1), random.random() < 0.4)
        self.decide = self.make.decide
        self.records: dict[int, Record] = {}
        self.answers: dict[int, Answer] = {}
        self.citations: dict[int, list[Citation]] = {}
        self.library: list[Evidence] = []
        self.kept_versions: dict[Evidence, int] = {}  # number of the last version that the State kept to itself
        self.sealed: defaultdict[int, set[int]] = defaultdict(set)
        self.confirmed: dict[int, date] = {}
        self._add_people()

    def add_all(self) -> None:
        if self.treaty_status in NO_PARTY:
            self._confirm_treaty_status()
        for world_round in self.world.rounds:
            if self.decide(self.diligence):
                self._answer_round(world_round)

    # In a round

    def _answer_round(self, world_round: WorldRound) -> None:
        start = max(self.clock, world_round.opened_at)
        submits = self.decide(0.6 if world_round.is_last else 0.88)
        end = start + (world_round.submit_until - start) * self.random.uniform(0.4, 1)
        saves = self._plan(world_round)
        pieces = self.random.randint(35, 65)
        self.clock, self.pace = start, (end - start) / (len(saves) + pieces + 1)
        for _piece in range(pieces):
            self._move_time()
            self._save_evidence()
        for unit, ready in saves:
            self._move_time()
            self._save_answer(unit, ready)
        if submits:
            self._submit_round(world_round)
        elif world_round.is_last:
            self._add_drafts(world_round)

    def _plan(self, world_round: WorldRound) -> list[tuple[Recommendation, bool]]:
        units = [entry.unit for entry in world_round.units[self.treaty_status]]
        self.random.shuffle(units)
        saves = []
        for unit in units:
            if not self.decide(0.8 if unit.pk in self.records else self.completeness):
                continue
            times = self.random.choices((1, 2, 3), (50, 30, 20))[0]
            saves += [(unit, False)] * (times - 1)
            saves.append((unit, self.decide(0.94)))
        return saves

    def _submit_round(self, world_round: WorldRound) -> None:
        self.confirmed = {}
        self._confirm_answers(world_round)
        self._move_time()
        submission = self._submit(world_round, None)
        if submission and self.decide(0.03) and self._move_days(1, 2):
            self._withdraw(submission)
            submission = self._submit(world_round, submission) if self._move_days(0.5, 1) else None
        if submission and (world_round.is_last or self.decide(0.95)):
            self._read(world_round, submission)

    def _confirm_answers(self, world_round: WorldRound) -> None:
        before = self._sealed_before(world_round)
        units = [entry.unit_id for entry in world_round.units[self.treaty_status]]
        current = [self.records[pk].current for pk in units if pk in self.records]
        waiting = [each for each in current if each and each.ready and each.pk in before and self.decide(0.85)]
        if not waiting:
            return
        self._move_time()
        as_at, by = self.clock.date(), self.focal_points[0]
        confirmations = [
            Confirmation(revision=revision, round=world_round.round, as_at=as_at, author=by, saved_at=self.clock)
            for revision in waiting
        ]
        for confirmation in confirmations:
            self.rows.add(confirmation)
        self.confirmed = {revision.pk: as_at for revision in waiting}
        after = submission_actions.confirmation_reference(confirmations, as_at)
        self._record("confirmed still correct", f"round {world_round.round.code}", by, after=after)

    # Evidence

    def _save_evidence(self) -> None:
        former = self.random.choice(self.library) if self.library and self.decide(0.15) else None
        if former and former.current:
            self._append_version(former, changed_evidence(former.current), "evidence changed")
            return
        piece = self.rows.add(Evidence(respondent=self.respondent, number=len(self.library) + 1))
        self.library.append(piece)
        content = self.make.evidence(piece, self.clock)
        if content["form"] == EvidenceVersion.Form.FILE:
            content["file"] = self._store(self.make.file_text(content["title"]))
        self._append_version(piece, content, "evidence added")

    def _append_version(self, piece: Evidence, content: dict, action: str) -> None:
        previous, by = piece.current, self._author()
        version = EvidenceVersion(evidence=piece, **content)
        evidence_actions.make_next_version(version, previous, by=by, at=self.clock)
        piece.current = self.rows.add(version)
        if version.disclosure == EvidenceReader.STATE:
            self.kept_versions[piece] = version.number
        before, after = evidence_actions.reference(previous), evidence_actions.reference(version)
        self._record(action, f"evidence {piece}", by, before=before, after=after)

    def _store(self, content: bytes) -> EvidenceFile:
        file = EvidenceFile(
            respondent=self.respondent,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            content_type="text/plain",
            created_at=self.clock,
        )
        file.file = default_storage.save(generated_name(file, ""), ContentFile(content))
        FileScan.objects.get_or_create(sha256=file.sha256)
        self.world.stored.append(file.file.name)
        return self.rows.add(file)

    # Answers

    def _save_answer(self, unit: Recommendation, ready: bool) -> None:
        former = self.answers.get(unit.pk)
        answer = self.make.answer(unit, former, self.library, ready, self.clock)
        if answer == former:
            return
        record = self.records.get(unit.pk)
        if record is None:
            record = self.rows.add(Record(respondent=self.respondent, recommendation=unit))
            self.records[unit.pk] = record
        current, by = record.current, self._author()
        reason = self.random.choice(phrases.CHANGES) if current and self.decide(0.3) else ""
        details = record_actions.RevisionDetails(change_reason=reason)
        revision, citations = record_actions.next_revision(record, answer, details, by=by, at=self.clock)
        record.current = self.rows.add(revision)
        self.citations[revision.pk] = [self.rows.add(citation) for citation in citations]
        self.answers[unit.pk] = answer
        target = f"record {unit.label}"
        before, after = record_actions.reference(current), record_actions.reference(revision)
        self._record("answer saved", target, by, before=before, after=after)
        if not record.note and self.decide(0.03):
            record.note = self.make.say("difficulties")
            self._record("note saved", target, by)

    def _add_drafts(self, world_round: WorldRound) -> None:
        units = world_round.units[self.treaty_status]
        for entry in self.random.sample(units, min(3, len(units))):
            record = self.records.get(entry.unit_id)
            self.rows.add(
                Draft(
                    respondent=self.respondent,
                    unit=entry.unit,
                    author=self._author(),
                    tab=new_tab(),
                    base=record.current.number if record and record.current else 0,
                    fields={"status": [Status.IN_PROGRESS.value], "measures": [self.make.say("measures", 1, 2)]},
                    saved_at=self.clock,
                )
            )

    # Submissions

    def _submit(self, world_round: WorldRound, current: GeneratedSubmission | None) -> GeneratedSubmission | None:
        check = self._check(world_round, current)
        if not check.counts["answered"]:
            return None
        sealed = submission_actions.seal(
            check, self.make.statements(self.clock), by=self.focal_points[0], at=self.clock
        )
        participation = check.participation or self.rows.add(
            Participation(respondent=self.respondent, round=world_round.round)
        )
        return self._add_seal("submitted", sealed, participation, current, replies_to_all=check.replies_to_all)

    def _add_seal(
        self,
        action: str,
        sealed: submission_actions.SealedRows,
        participation: Participation,
        current: GeneratedSubmission | None,
        *,
        replies_to_all: bool,
    ) -> GeneratedSubmission:
        for row in (sealed.submission, *sealed.items, *sealed.evidence, *sealed.replies):
            self.rows.add(row)
        if sealed.use:
            self.rows.add(sealed.use)
        before = submission_actions.reference(participation.current)
        submission_actions.move_on(participation, sealed.submission, replies_to_all=replies_to_all)
        replies = {reply.digest: reply for reply in (*(current.replies if current else ()), *sealed.replies)}
        submission = GeneratedSubmission(
            sealed.submission,
            sealed.items,
            participation,
            [replies[digest] for digest in sealed.submission.replies],
            sealed.evidence,
            current.remarks if current else [],
        )
        self.sealed[sealed.submission.round_id] |= {revision.pk for revision in submission.revisions.values()}
        after = f"{submission_actions.reference(sealed.submission)} {submission.digest}"
        self._record(action, submission.target, sealed.submission.sealed_by, before=before, after=after)
        return submission

    def _check(self, world_round: WorldRound, current: GeneratedSubmission | None) -> Check:
        former = current.revisions if current and current.participation.current else {}
        waiting = self._sealed_before(world_round) - self.confirmed.keys()
        units = []
        for entry in world_round.units[self.treaty_status]:
            record, before = self.records.get(entry.unit_id), former.get(entry.unit_id)
            revision = record.current if record else None
            sealed, left = choose(revision, waiting, before)
            units.append(
                CheckedUnit(
                    unit=entry.unit,
                    themes=entry.themes,
                    current=revision,
                    sealed=sealed,
                    left=left,
                    still_correct_as_at=self.confirmed.get(sealed.pk) if sealed else None,
                    former=before,
                    cited={sealed.pk: self._citations_of(sealed)} if sealed else {},
                )
            )
        return Check(
            self.respondent,
            world_round.round,
            current.participation if current else None,
            units,
            questions=[],
            replies=current.replies if current and current.participation.current else [],
        )

    def _citations_of(self, revision: Revision) -> list[Citation]:
        citations = self.citations[revision.pk]
        for citation in citations:
            version = citation.evidence_version
            citation.kept_since = version.number <= self.kept_versions.get(version.evidence, 0)  # type: ignore[attr-defined]
        return citations

    def _withdraw(self, submission: GeneratedSubmission) -> None:
        reason = self.random.choice(phrases.WITHDRAWAL_REASONS)
        before = submission_actions.reference(submission.submission)
        submission.move(
            "withdraw",
            current=None,
            withdrawn_at=self.clock,
            withdrawn_to=submission.submission.number,
            withdrawal_reason=reason,
        )
        by = self.focal_points[0]
        self._record("submission withdrawn", submission.target, by, before=before, after=submission.digest)

    def _change_use(self, submission: GeneratedSubmission) -> None:
        use = Use(
            submission=submission.submission,
            in_aggregates=True,
            quoted=True,
            published=True,
            said_by=self.focal_points[0],
            said_at=self.clock,
        )
        if use.as_fields == submission.submission.use:
            return
        self.rows.add(use)
        after = submission_actions.use_reference(use)
        self._record("use permitted", submission.target, self.focal_points[0], after=after)

    # Reading

    def _read(self, world_round: WorldRound, submission: GeneratedSubmission) -> None:
        reviewer = self.random.choice(self.world.reviewers)
        if not self._move_days(2, 15):
            return
        self._take(submission, reviewer)
        self._remark_items(submission, reviewer)
        if not self._move_days(2, 12):
            return
        if not submission.questions:
            self._close(submission, reviewer, 0)
            return
        self._send_questions(submission, reviewer)
        answer = self._answer_questions(submission) if self.decide(0.85) else None
        if self._move_days(*((3, 16) if answer else (31, 68))):
            self._close(answer or submission, reviewer, submission.count_unanswered(answer))

    def _take(self, submission: GeneratedSubmission, reviewer: User) -> None:
        submission.move("take", taken_by=reviewer, taken_at=self.clock)
        self._record("submission taken", submission.target, reviewer, after=submission.digest)

    def _remark_items(self, submission: GeneratedSubmission, reviewer: User) -> None:
        answered = [item for item in submission.items if item.revision]
        count = min(self.random.choices((0, 1, 2, 4, 6), (35, 20, 20, 15, 10))[0], len(answered))
        questioned = {item.pk for item in self.random.sample(answered, count)}
        notes = 0
        for item in submission.items:
            if item.pk in questioned:
                question = self.random.choice(phrases.QUESTIONS)
                self._add_remark(submission, item, reviewer, RemarkKind.CLARIFICATION, question)
                self._note_reading("item remarked", submission, reviewer, item.unit.label)
            elif item.revision and self.decide(0.3):
                self._add_remark(submission, item, reviewer, RemarkKind.NOTED)
                notes += 1
        if notes:
            self._note_reading("items noted", submission, reviewer, f"{notes} items")

    def _add_remark(
        self, submission: GeneratedSubmission, item: SubmissionItem, by: User, kind: RemarkKind, question: str = ""
    ) -> None:
        remark = Remark(item=item)
        remark_actions.fill_remark(remark, kind, question, by=by, at=self.clock)
        submission.remarks.append(self.rows.add(remark))

    def _note_reading(self, action: str, submission: GeneratedSubmission, by: User, after: str) -> None:
        self.world.note(self.clock, action=action, target=submission.target, by=by, after=after)

    def _send_questions(self, submission: GeneratedSubmission, reviewer: User) -> None:
        submission.move("ask", asked_at=self.clock)
        for question in submission.questions:
            question.sent_at = self.clock
        after = f"{len(submission.questions)} questions {submission.digest}"
        self._record("questions sent", submission.target, reviewer, after=after)

    def _answer_questions(self, submission: GeneratedSubmission) -> GeneratedSubmission | None:
        """Reply to most of the requests: in words, or with a changed answer."""
        given: list[reply_actions.GivenReply] = []
        for question in submission.questions:
            if not self._move_days(1, 4):
                return None
            if not given or self.decide(0.6):
                given.append(reply_actions.GivenReply(question, self.make.say("measures", 1, 2)))
            elif self.decide(0.8):
                unit = question.item.unit
                self._save_answer(unit, ready=True)
                revision = self.records[unit.pk].current
                if revision and revision.pk != question.item.revision_id:
                    given.append(reply_actions.GivenReply(question, revision=revision.pk))
        return self._submit_replies(submission, given) if self._move_days(1, 3) else None

    def _submit_replies(
        self, submission: GeneratedSubmission, given: list[reply_actions.GivenReply]
    ) -> GeneratedSubmission:
        by, at = self.focal_points[0], self.clock
        made = [reply_actions.next_reply(reply, by=by, at=at) for reply in given if reply.text]
        changes = {}
        for unit in (reply.remark.item.unit for reply in given if reply.revision):
            if revision := self.records[unit.pk].current:
                changes[unit.pk] = reply_actions.changed_unit(unit, revision, self._citations_of(revision))
        sealed = reply_actions.seal_replies(submission.seal, made, changes, by=by, at=at)
        return self._add_seal(
            "questions answered",
            sealed,
            submission.participation,
            submission,
            replies_to_all=len(given) == len(submission.questions),
        )

    def _close(self, submission: GeneratedSubmission, reviewer: User, unanswered: int) -> None:
        submission.move("close", closed_at=self.clock, unanswered=unanswered, read_to=submission.submission.number)
        after = f"{unanswered} unanswered {submission.digest}"
        self._record("review closed", submission.target, reviewer, after=after)
        if self.make.is_open and self.decide(0.15) and self._move_days(1, 5):
            self._change_use(submission)

    # The State itself

    def _add_people(self) -> None:
        self.focal_points = self._people(Role.FOCAL_POINT, self.random.choice((1, 1, 2)))
        self.contributors = self._people(Role.CONTRIBUTOR, self.random.randint(4, 11))
        self._people(Role.VIEWER, self.random.choice((0, 1)))

    def _people(self, role: Role, count: int) -> list[User]:
        code, noun = self.respondent.code.lower(), role.value.replace("_", "-")
        addresses = [f"{noun}-{n}@{code}.example" for n in range(1, count + 1)]
        memberships = [self.world.add_person(address, role, self.respondent) for address in addresses]
        for membership in memberships:
            self._record(**grant_event(membership))
        return [membership.user for membership in memberships]

    def _confirm_treaty_status(self) -> None:
        self._record(
            "treaty status confirmed",
            f"respondent {self.respondent.code}",
            self.world.curator,
            before=TreatyStatus.UNCONFIRMED,
            after=self.respondent.treaty_status,
        )

    def _author(self) -> User:
        return self.random.choice(self.contributors if self.decide(0.7) else self.focal_points)

    def _sealed_before(self, world_round: WorldRound) -> set[int]:
        return set().union(*(sealed for pk, sealed in self.sealed.items() if pk != world_round.round.pk))

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

    def _move_time(self) -> None:
        self.clock += self.pace * self.random.uniform(0.4, 1)

    def _move_days(self, least: float, most: float) -> bool:
        """Let so many days pass, where they have passed by today."""
        then = self.clock + self.random.uniform(least, most) * DAY
        if then > self.world.now:
            return False
        self.clock = then
        return True
