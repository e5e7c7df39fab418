"""What a State writes in answers, evidence and statements, by chance."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from random import Random

from recommendations.models import EvidenceKind, Recommendation
from tools.world.world import DAY
from tracker.actions.submission import Statements
from tracker.demo.sentences import Writer
from tracker.figures.comparison import STEPS
from tracker.models import Evidence, EvidenceVersion, Respondent
from tracker.models.answer_fields import UNFINISHED, AssistanceKind
from tracker.models.evidence import EvidenceReader
from tracker.models.record import Answer
from tracker.models.respondent import TreatyStatus
from tracker.models.status import ReasonCode, Status

NO_PARTY = {TreatyStatus.CONVENTION_ONLY, TreatyStatus.NOT_PARTY}
DISCLOSURES, DISCLOSURE_SHARES = (*EvidenceReader,), (30, 30, 40)  # per cent
PLAIN_REASONS = [code for code in ReasonCode if code not in (ReasonCode.OTHER, ReasonCode.NOT_A_PARTY)]
PLACES = ("arts. {}–{}", "pp. {}–{}", "paras. {} and {}", "§§ {}, {}")
Form = EvidenceVersion.Form
WORLD_KINDS = [kind for kind in EvidenceKind.values if kind != EvidenceKind.REPORTED]  # that one needs a reference


class GeneratedContent:
    """`level`: how far the State has implemented, 0 on average; `is_open`: whether it permits quotation."""

    def __init__(self, random: Random, respondent: Respondent, writer: Writer, level: float, is_open: bool):
        self.random, self.respondent, self.writer = random, respondent, writer
        self.level, self.is_open = level, is_open

    def decide(self, likelihood: float = 0.5) -> bool:
        return self.random.random() < likelihood

    def say(self, kind: str, least: int = 1, most: int = 1) -> str:
        return self.writer.text(getattr(self.writer.bank, kind), least, most)

    def answer(
        self, unit: Recommendation, former: Answer | None, library: Sequence[Evidence], ready: bool, at: datetime
    ) -> Answer:
        status = self._status(unit, former)
        if former and former.status == status and len(former.measures) < 900 and self.decide(0.6):
            more = [former.measures, self.say("measures")] if former.measures else [former.reasons]
            return replace(
                former,
                measures=self.writer.bank.stop.join(more) if former.measures else "",
                situation_as_at=self._earlier_day(at),
                ready=ready,
            )
        return self._new_answer(unit, status, library, ready, at)

    def evidence(self, piece: Evidence, at: datetime) -> dict:
        year = self.random.randint(at.year - 12, at.year - 1)
        title = f"{self.writer.act_name()}, {year}/{piece.number}"
        return {
            "title": title,
            "kind": self.random.choice(WORLD_KINDS),
            "document_date": date(year, self.random.randint(1, 12), self.random.randint(1, 28)),
            "language": self.writer.language,
            "disclosure": self.random.choices(DISCLOSURES, DISCLOSURE_SHARES)[0],
            **self._form(title, piece),
        }

    def file_text(self, title: str) -> bytes:
        return f"{self.respondent.name}\n\n{title}\n\n{self.say('measures', 4, 6)}\n".encode()

    def statements(self, at: datetime) -> Statements:
        cleared = self.decide(0.6)
        quoted = self.is_open and self.decide(0.8)
        return Statements(
            names_no_victim=True,
            in_aggregates=quoted or self.decide(0.93),
            quoted=quoted,
            published=quoted and self.decide(0.5),
            cleared_by=self.writer.institution() if cleared else "",
            cleared_on=(at - DAY).date() if cleared else None,
            note_verbale=f"{self.random.randint(1, 400)}/{at.year}" if self.decide(0.7) else "",
        )

    def _new_answer(
        self, unit: Recommendation, status: str, library: Sequence[Evidence], ready: bool, at: datetime
    ) -> Answer:
        acts, unfinished, implemented = status in STEPS[1:], status in UNFINISHED, status == Status.IMPLEMENTED
        needs_help = unfinished and self.decide(0.4)
        good = implemented and self.decide(0.12)
        reason = self._reason_code() if status == Status.NOT_APPLICABLE else ""
        must_explain = status == Status.CONSIDERED_NOT_TAKEN_UP or reason == ReasonCode.OTHER
        measures = self.say("measures", 1, 4) if acts else ""
        return Answer(
            status=status,
            reason_code=reason,
            reasons=self.say("reasons", 1, 2) if must_explain or (reason and self.decide()) else "",
            measures=self.writer.bank.stop.join([measures, self.say("practices")]) if good else measures,
            difficulties=self.say("difficulties", 1, 3) if unfinished and self.decide(0.6) else "",
            assistance_kinds=self._kinds() if needs_help else [],
            assistance=self.say("assistance", 1, 2) if needs_help and self.decide(0.85) else "",
            good_practice=good,
            good_practice_shared=good and self.decide(0.6),
            items_met=[item.label for item in unit.unit_items if self.decide(0.6)] if acts else [],
            lead_institution=self.writer.institution() if self.decide(0.85) else "",
            target_date=self._later_day(at) if unfinished and self.decide(0.6) else None,
            situation_as_at=self._earlier_day(at),
            language=self.writer.language,
            ready=ready,
            citations=self._citations(0.75 if implemented else 0.4, library) if acts else [],
        )

    def _status(self, unit: Recommendation, former: Answer | None) -> str:
        if former is None:
            considered = 18 if unit.asks_to_consider else 4
            up = 12 * self.level
            shares = (max(0, 15 - up), max(0, 18 - up / 2), 23, max(0, 34 + 1.5 * up), considered, 6)
            return self.random.choices((*STEPS, Status.CONSIDERED_NOT_TAKEN_UP, Status.NOT_APPLICABLE), shares)[0]
        if former.status in UNFINISHED and self.decide(0.12):
            return STEPS[STEPS.index(Status(former.status)) + 1]
        return former.status

    def _reason_code(self) -> str:
        if self.respondent.treaty_status in NO_PARTY:
            return ReasonCode.NOT_A_PARTY
        return ReasonCode.OTHER if self.decide(0.2) else self.random.choice(PLAIN_REASONS)

    def _kinds(self) -> list[str]:
        chosen = self.random.sample(AssistanceKind.values, self._few())
        return [kind for kind in AssistanceKind.values if kind in chosen]

    def _citations(self, likelihood: float, library: Sequence[Evidence]) -> list[tuple[EvidenceVersion, str]]:
        if not library or not self.decide(likelihood):
            return []
        return [(piece.current, self._place()) for piece in self.random.sample(library, self._few()) if piece.current]

    def _few(self) -> int:
        return self.random.choices((1, 2, 3), (60, 30, 10))[0]

    def _place(self) -> str:
        first = self.random.randint(1, 80)
        return self.random.choice(PLACES).format(first, first + self.random.randint(1, 9))

    def _form(self, title: str, piece: Evidence) -> dict:
        if piece.number <= 3:
            return {"form": Form.FILE, "file_name": f"{piece.number}.txt"}
        if self.decide(0.6):
            return {"form": Form.LINK, "url": f"https://law.{self.respondent.code.lower()}.example/{piece.number}"}
        return {"form": Form.CITATION, "citation": f"{title}. {self.writer.institution()}."}

    def _earlier_day(self, at: datetime) -> date | None:
        return (at - self.random.randint(1, 90) * DAY).date() if self.decide(0.8) else None

    def _later_day(self, at: datetime) -> date:
        return (at + self.random.randint(30, 1100) * DAY).date()


def changed_evidence(current: EvidenceVersion) -> dict:
    content = {name: getattr(current, name) for name in (*EvidenceVersion.digested, "file")}
    if current.disclosure == EvidenceReader.STATE:
        return content | {"disclosure": EvidenceReader.PUBLIC}
    return content | {"title": f"{current.title.partition(' [')[0]} [{current.number + 1}]"}
