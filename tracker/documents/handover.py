"""Write the handover pack as PDF/UA, with the tree and template of a State's report."""

from collections.abc import Iterator

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from tracker.documents.pdf import report_pdf
from tracker.documents.receipt import digest_text
from tracker.documents.report.chapters import LABELS
from tracker.documents.statements import statements_for
from tracker.documents.tree import (
    Block,
    Cell,
    Document,
    DocumentPart,
    Facts,
    Heading,
    Paragraph,
    Table,
    isolated,
    own,
    state_text,
)
from tracker.formats.days import day_in_words
from tracker.models import Submission
from tracker.queries.desk.handover import Handover, HandoverPart, Person


def handover_pdf(handover: Handover) -> bytes:
    return report_pdf(document(handover))


def document(handover: Handover) -> Document:
    respondent = handover.respondent
    at = date_format(handover.at, "DATETIME_FORMAT")
    title = _("Handover of the desk")
    return Document(
        language=get_language() or "en",
        is_rtl=get_language_bidi(),
        date=handover.at.date(),
        title=title,
        body=_("Recommendations tracker"),
        state=respondent.name,
        code=respondent.code,
        round="",
        marking=_("For focal points"),
        reference=_("Working document"),
        running=f"{respondent.name}: {title}",
        foot=_("As at %(at)s UTC") % {"at": at},
        sealed="",
        digest="",
        facts=_facts(handover),
        statements=[
            _("For the focal points of %(state)s alone. It holds no words of an answer or of a draft.")
            % {"state": respondent.name},
            *map(str, statements_for(respondent)),
        ],
        chapters=list(_document_parts(handover)),
        words={"contents": _("Contents"), "about": _("About this paper"), "evidence": _("Evidence"), "of": _("of")},
        is_brief=True,
    )


def _facts(handover: Handover) -> Facts:
    rows = [
        (_("As at"), _("%(at)s UTC") % {"at": date_format(handover.at, "DATETIME_FORMAT")}),
        (_("Rounds"), str(len(handover.rounds))),
        (_("Open questions"), str(len(handover.questions))),
        (_("Assigned"), str(sum(len(part.rows) for part in handover.assigned))),
        (_("With nobody"), str(sum(len(part.rows) for part in handover.with_nobody))),
        (_("Proposals that wait"), str(len(handover.proposals))),
        (_("Unfinished drafts"), str(len(handover.drafts))),
    ]
    return Facts([(name, [own(words)]) for name, words in rows])


def _document_parts(handover: Handover) -> Iterator[DocumentPart]:
    yield DocumentPart(_("What runs"), [*_rounds(handover), *_questions(handover)])
    yield DocumentPart(_("Who has what"), [*_assigned(handover), *_proposals(handover), *_drafts(handover)])
    yield DocumentPart(_("What was handed in"), list(_submissions(handover)))
    yield DocumentPart(_("People and institutions"), [*_people(handover), *_institutions(handover)])
    yield DocumentPart(_("Changes of the last thirty days"), [*_records(handover), *_evidence(handover)])


def _rounds(handover: Handover) -> Iterator[Block]:
    yield Heading(_("Rounds"))
    rows = [
        [
            Cell(own(isolated(round_row.round.title))),
            Cell(own(day_in_words(round_row.round.opened_at))),
            Cell(own(day_in_words(round_row.round.due_on))),
            Cell(own(_submission_text(round_row.current) if round_row.current else _("nothing handed in yet"))),
        ]
        for round_row in handover.rounds
    ]
    heads = [_("Round"), _("Opened"), _("Due"), _("Handed in")]
    yield _table_or(_("Rounds"), heads, rows, [5, 3, 3, 5], none=_("No round is open."))


def _questions(handover: Handover) -> Iterator[Block]:
    yield Heading(_("Questions that came back"))
    rows = [
        [
            Cell(own(isolated(question.unit.full_label))),
            Cell(own(isolated(question.submission.reference))),
            Cell(own(day_in_words(question.remark.sent_at))),
            Cell(state_text(question.text)),
        ]
        for question in handover.questions
    ]
    heads = [_("Label"), _("About"), _("Asked"), _("Question")]
    yield _table_or(_("Questions"), heads, rows, [2, 3, 3, 8], none=_("No question waits for an answer."))


def _assigned(handover: Handover) -> Iterator[Block]:
    yield Heading(_("What is assigned"))
    rows = [
        [
            Cell(state_text(part.assignee)),
            Cell(own(_part_text(part))),
            Cell(own(day_in_words(part.next_due))),
            Cell(own(", ".join(isolated(row.unit.full_label) for row in part.rows))),
        ]
        for part in handover.assigned
    ]
    heads = [_("To whom"), _("How it stands"), _("Next due"), _("Labels")]
    yield _table_or(_("What is assigned"), heads, rows, [4, 4, 3, 7], none=_("Nothing is assigned."))


def _part_text(part: HandoverPart) -> str:
    counts = _("%(all)d assigned, %(ready)d handed back, %(returned)d returned") % {
        "all": len(part.rows),
        "ready": part.ready,
        "returned": part.returned,
    }
    return _("Has left: nobody has it. %(counts)s") % {"counts": counts} if part.is_with_nobody else counts


def _proposals(handover: Handover) -> Iterator[Block]:
    yield Heading(_("Proposals that wait"))
    rows = [
        [
            Cell(own(isolated(proposal.unit.full_label))),
            Cell(state_text(proposal.from_name)),
            Cell(own(capfirst(proposal.get_origin_display()))),
            Cell(own(day_in_words(proposal.made_at))),
        ]
        for proposal in handover.proposals
    ]
    heads = [_("Label"), _("From"), _("Comes from"), _("Offered")]
    yield _table_or(_("Proposals"), heads, rows, [2, 5, 5, 3], none=_("No proposal waits."))


def _drafts(handover: Handover) -> Iterator[Block]:
    yield Heading(_("Unfinished drafts"))
    heads = [_("Label"), _("Whose"), _("Saved"), _("What becomes of it")]
    rows = [_draft(draft) for draft in handover.drafts]
    yield _table_or(_("Drafts"), heads, rows, [2, 5, 3, 5], none=_("There is none."))


def _draft(draft) -> list[Cell]:
    return [
        Cell(own(isolated(draft.unit.full_label))),
        Cell(state_text(str(draft.author))),
        Cell(own(day_in_words(draft.saved_at))),
        Cell(own(_("has left: may be taken over") if draft.has_left else _("the author's alone"))),
    ]


def _submissions(handover: Handover) -> Iterator[Block]:
    if not handover.submissions:
        yield Paragraph(own(_("Nothing is handed in yet.")))
    for submission in handover.submissions:
        counts = {key: submission.counts[key] for key in ("answered", "asked")}
        yield Heading(isolated(submission.reference))
        rows = [
            (_("Round"), submission.round.title),
            (_("Handed in"), f"{date_format(submission.sealed_at, 'DATETIME_FORMAT')} UTC, {submission.sealed_by}"),
            (_("State"), capfirst(submission.standing.get_state_display())),
            (_("Contains"), _("%(answered)d of %(asked)d answered") % counts),
            (_("Digest (SHA-256)"), digest_text(submission.digest)),
            (_("Verification code"), submission.code),
        ]
        yield Facts([(name, [own(words)]) for name, words in rows])


def _people(handover: Handover) -> Iterator[Block]:
    yield Heading(_("People"))
    rows = [
        [
            Cell(state_text(str(person.membership.user))),
            Cell(own(person.membership.user.email)),
            Cell(own(_role(person))),
            Cell(own(day_in_words(person.membership.since))),
            Cell(own(_end(person))),
        ]
        for person in handover.people
    ]
    heads = [_("Name"), _("Address"), _("Role"), _("Since"), _("Until")]
    yield Table(_("People"), _cells(heads), rows, [4, 5, 5, 3, 3])


def _role(person: Person) -> str:
    institution = person.membership.institution
    role = capfirst(person.membership.get_role_display())
    return f"{role}, {isolated(str(institution))}" if institution else role


def _end(person: Person) -> str:
    day = day_in_words(person.last_day)
    if not person.has_ended:
        return day or _("no end")
    return _("ended %(day)s") % {"day": day} if day else _("let in no more")


def _institutions(handover: Handover) -> Iterator[Block]:
    yield Heading(_("Institutions"))
    rows = [
        [
            Cell(state_text(institution.name)),
            Cell(own(str(institution.get_kind_display()))),
            Cell(own(day_in_words(institution.closed_at))),
        ]
        for institution in handover.institutions
    ]
    heads = [_("Name"), _("Kind"), _("Closed")]
    yield _table_or(_("Institutions"), heads, rows, [6, 4, 3], none=_("The list is empty."))


def _records(handover: Handover) -> Iterator[Block]:
    yield Heading(_("Answers"))
    heads = [_("Label"), _("Status"), _("Thirty days ago"), _("Saves"), _("Last")]
    rows = [_record(record) for record in handover.records]
    yield _table_or(_("Answers"), heads, rows, [2, 4, 4, 2, 5], none=_("No answer was saved."))


def _record(record) -> list[Cell]:
    current = record.current
    return [
        Cell(own(isolated(record.recommendation.full_label))),
        Cell(own(str(LABELS[current.status])), code=current.status),
        Cell(own(_before(record))),
        Cell(own(str(record.saves))),
        Cell(own(f"{day_in_words(current.created_at)}, {isolated(str(current.author))}")),
    ]


def _before(record) -> str:
    if record.status_before == record.current.status:
        return _("the same")
    return str(LABELS[record.status_before]) if record.status_before else _("no information")


def _evidence(handover: Handover) -> Iterator[Block]:
    yield Heading(_("Evidence"))
    rows = [
        [
            Cell(own(isolated(str(version.evidence)))),
            Cell(state_text(version.shown_value("title"), version.language)),
            Cell(own(str(version.number))),
            Cell(own(f"{day_in_words(version.created_at)}, {isolated(str(version.author))}")),
        ]
        for version in handover.evidence
    ]
    heads = [_("No."), _("Title"), _("Version"), _("Saved")]
    yield _table_or(_("Evidence"), heads, rows, [1, 7, 2, 5], none=_("No evidence was added or changed."))


def _submission_text(submission: Submission) -> str:
    return f"{isolated(submission.reference)}, {submission.standing.get_state_display()}"


def _table_or(title: str, heads: list[str], rows: list[list[Cell]], widths: list[int], *, none: str) -> Block:
    return Table(title, _cells(heads), rows, widths) if rows else Paragraph(own(none), is_note=True)


def _cells(heads: list[str]) -> list[Cell]:
    return [Cell(own(head)) for head in heads]
