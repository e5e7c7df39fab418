from collections.abc import Iterator

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from recommendations.days import day_in_words
from tracker.documents import tree
from tracker.documents.pdf import write_pdf
from tracker.documents.statements import statements_for
from tracker.models import Revision
from tracker.models.status import LABELS, NO_INFORMATION
from tracker.queries.desk.handover import Handover, HandoverPart, Person


def handover_pdf(handover: Handover) -> bytes:
    return write_pdf(document(handover))


def document(handover: Handover) -> tree.Document:
    respondent = handover.respondent
    at = date_format(handover.at, "DATETIME_FORMAT")
    # Translators: Page title: information for the next focal point.
    title = _("Handover")
    return tree.Document(
        date=handover.at.date(),
        title=title,
        body=_("Recommendations tracker"),
        author=respondent.name,
        marking=_("For focal points only"),
        # Translators: Marking on a report made from answers that are not submitted.
        reference=_("Working document"),
        running=f"{respondent.name}: {title}",
        foot=_("Data as at %(at)s UTC") % {"at": at},
        facts=_facts(handover),
        statements=[
            _(
                # Translators: %(state)s is the name of a State.
                "For the focal points of this State only: %(state)s. This document contains no text of answers "
                "or drafts."
            )
            % {"state": respondent.name},
            *map(str, statements_for(respondent)),
        ],
        chapters=list(_document_parts(handover)),
        is_continuous=True,
    )


def _facts(handover: Handover) -> tree.Facts:
    rows = [
        # Translators: Tab and page title: reporting rounds.
        (_("Rounds"), str(len(handover.rounds))),
        (_("Open requests for clarification"), str(len(handover.questions))),
        # Translators: Column heading (a count) and name of a section.
        (_("Assigned"), str(sum(len(part.rows) for part in handover.assigned))),
        # Translators: Heading: suggestions on which the focal point has not decided.
        (_("Pending suggestions"), str(len(handover.proposals))),
        # Translators: Heading: drafts that are not yet saved or published.
        (_("Unfinished drafts"), str(len(handover.drafts))),
    ]
    return tree.own_facts(rows)


def _document_parts(handover: Handover) -> Iterator[tree.DocumentPart]:
    yield tree.DocumentPart(_("Open rounds and clarifications"), [*_rounds(handover), *_questions(handover)])
    yield tree.DocumentPart(
        _("Assignments, suggestions and drafts"),
        [*_assigned(handover), *_targets(handover), *_proposals(handover), *_drafts(handover)],
    )
    # Translators: Page title and link: the answers of one submission.
    yield tree.DocumentPart(_("Submitted answers"), list(_submissions(handover)))
    # Translators: Tab and page title: the users of a State.
    yield tree.DocumentPart(_("Team"), _people(handover))
    yield tree.DocumentPart(_("Changes in the last 30 days"), [*_changed_answers(handover), *_evidence(handover)])


def _rounds(handover: Handover) -> list[tree.Block]:
    # Translators: Noun: a reporting round. Heading of a column and label of a choice.
    heads = [
        (_("Round"), 5),
        (pgettext("round", "Opened"), 3),
        (_("Due"), 3),
        (_("Closing date"), 3),
        (pgettext("submission", "Submitted"), 5),
    ]
    rows: tree.Rows = [
        [
            tree.isolated(row.round.name),
            day_in_words(row.round.opened_at),
            day_in_words(row.round.due_on),
            day_in_words(row.round.closes_on),
            # Translators: State of a round for a State that has submitted nothing.
            pgettext("State", "Not submitted")
            if row.current is None
            else f"{tree.isolated(row.current.reference)} · {row.current.stage}",
        ]
        for row in handover.rounds
    ]
    return _section(_("Rounds"), heads, rows, _("No open rounds"))


def _questions(handover: Handover) -> list[tree.Block]:
    heads = [
        (_("Recommendation"), 5),
        (_("About"), 3),
        (pgettext("clarification", "Requested"), 3),
        (_("Request for clarification"), 8),
    ]
    rows: tree.Rows = [
        [
            tree.unit_cell(question.unit),
            tree.isolated(question.submission.reference),
            day_in_words(question.remark.sent_at),
            tree.state_text(question.text),
        ]
        for question in handover.questions
    ]
    # Translators: Heading, label or link: requests for clarification from the Secretariat about a submission.
    return _section(_("Clarifications"), heads, rows, _("No open requests"))


def _assigned(handover: Handover) -> list[tree.Block]:
    # Translators: Title of a filter: institutions and people.
    heads = [(_("Assigned to"), 4), (_("Progress"), 4), (_("Due"), 3), (_("Recommendations"), 9)]
    rows: tree.Rows = [
        [
            tree.state_text(part.assignee),
            _part_text(part),
            day_in_words(part.due_on) + (f"\n{_('Due date passed')}" if part.is_overdue else ""),
            tree.list_units(row.unit for row in part.rows),
        ]
        for part in handover.assigned
    ]
    # Translators: Heading.
    return _section(_("Assignments"), heads, rows, _("No open assignments"))


def _part_text(part: HandoverPart) -> str:
    # Translators: all, ready, returned: numbers of assigned recommendations.
    counts = _("Assigned: %(all)s · To check: %(ready)s · Returned: %(returned)s")
    left = _("Has left: to be reassigned") + "\n" if part.is_with_nobody else ""
    return left + counts % {"all": len(part.rows), "ready": part.ready, "returned": part.returned}


def _targets(handover: Handover) -> list[tree.Block]:
    heads = [(_("Recommendation"), 8), (_("Target date"), 4), (_("Status"), 5)]
    rows: tree.Rows = [
        [tree.unit_cell(record.recommendation), day_in_words(record.current.target_date), _status(record.current)]
        for record in handover.targets
        if record.current
    ]
    # Translators: Heading: target dates that passed, and those of the next 90 days.
    return _section(_("Target dates passed or within 90 days"), heads, rows, _("None"))


def _status(revision: Revision) -> tree.Cell:
    return tree.Cell(tree.own(str(LABELS[revision.status])), code=revision.status)


def _proposals(handover: Handover) -> list[tree.Block]:
    heads = [
        (_("Recommendation"), 6),
        # Translators: Column head: the person or institution that made a suggestion.
        (pgettext("author of a suggestion", "From"), 4),
        (_("Source"), 4),
        # Translators: Column head: date of a suggestion.
        (_("Suggested on"), 3),
    ]
    rows: tree.Rows = [
        [
            tree.unit_cell(proposal.unit),
            tree.state_text(proposal.from_name),
            str(proposal.get_origin_display()),
            day_in_words(proposal.made_at),
        ]
        for proposal in handover.proposals
    ]
    # Translators: Heading and link: answers suggested to the focal point.
    title = _("Suggestions")
    return _section(_("Pending suggestions"), heads, rows, _("No pending suggestions"), title)


def _drafts(handover: Handover) -> list[tree.Block]:
    heads = [(_("Recommendation"), 6), (_("Author"), 4), (_("Saved"), 3), (_("What happens next"), 5)]
    rows = [_draft(draft) for draft in handover.drafts]
    # Translators: Heading: drafts that are not yet saved or published.
    return _section(_("Unfinished drafts"), heads, rows, _("No drafts"), _("Drafts"))


def _draft(draft) -> list[tree.Content]:
    return [
        tree.unit_cell(draft.unit),
        tree.state_text(str(draft.author)),
        day_in_words(draft.saved_at),
        _("Author has left: may be taken over") if draft.has_left else _("Visible to author only"),
    ]


def _submissions(handover: Handover) -> Iterator[tree.Block]:
    if not handover.submissions:
        yield tree.Paragraph(tree.own(_("No submissions")))
    for submission in handover.submissions:
        yield tree.Heading(tree.isolated(submission.reference))
        rows = [
            (_("Round"), submission.round.name),
            # Translators: Step of a timeline; the date and time follow.
            (
                pgettext("submission", "Submitted"),
                f"{date_format(submission.sealed_at, 'DATETIME_FORMAT')} UTC, {submission.sealed_by}",
            ),
            # Translators: Label: the implementation status that the State chose.
            (_("Status"), submission.stage),
            # Translators: Label: what a submission contains.
            (_("Contains"), _("%(answered)s of %(asked)s answered") % submission.counts),
        ]
        yield tree.own_facts(rows)


def _people(handover: Handover) -> list[tree.Block]:
    heads = [(_("Name"), 4), (_("E-mail address"), 5), (_("Role"), 5), (_("Since"), 3), (_("Until"), 3)]
    rows: tree.Rows = [
        [
            tree.state_text(str(person.membership.user)),
            person.membership.user.email,
            _role(person),
            day_in_words(person.membership.since),
            _end(person),
        ]
        for person in handover.people
    ]
    return [tree.make_table(_("Team"), heads, rows)]


def _role(person: Person) -> str:
    institution = person.membership.institution
    role = str(person.membership.get_role_display())
    return f"{role}, {tree.isolated(str(institution))}" if institution else role


def _end(person: Person) -> str:
    day = day_in_words(person.last_day)
    if not person.has_ended:
        return day or _("No end date")
    # Translators: day: date.
    return _("Ended on %(day)s") % {"day": day} if day else _("Account deactivated")


def _changed_answers(handover: Handover) -> list[tree.Block]:
    heads = [
        (_("Recommendation"), 6),
        (_("Status"), 4),
        (_("Status 30 days ago"), 4),
        # Translators: Column head: when and by whom.
        (_("Last saved"), 5),
    ]
    return _section(_("Answers"), heads, [_record(record) for record in handover.records], _("No changes"))


def _record(record) -> list[tree.Content]:
    current = record.current
    return [
        tree.unit_cell(record.recommendation),
        _status(current),
        _before(record),
        f"{day_in_words(current.created_at)}, {tree.isolated(str(current.author))}",
    ]


def _before(record) -> str:
    if record.status_before == record.current.status:
        # Translators: In a table: nothing changed.
        return _("Unchanged")
    return str(LABELS[record.status_before or NO_INFORMATION])


def _evidence(handover: Handover) -> list[tree.Block]:
    heads = [(_("Number"), 2), (_("Title"), 6), (_("Version"), 2), (_("Saved"), 5)]
    rows: tree.Rows = [
        [
            tree.isolated(str(version.evidence)),
            tree.state_text(version.shown_value("title"), version.language),
            str(version.number),
            f"{day_in_words(version.created_at)}, {tree.isolated(str(version.author))}",
        ]
        for version in handover.evidence
    ]
    return _section(_("Evidence"), heads, rows, _("No changes"))


def _section(
    heading: str, heads: list[tuple[str, int]], rows: tree.Rows, none: str, title: str = ""
) -> list[tree.Block]:
    """`heads`: with the width of each column; `none`: the sentence in place of a table without rows; `title`: of the
    table, the heading where it is empty.
    """
    table = tree.make_table(title or heading, heads, rows) if rows else tree.own_note(none)
    return [tree.Heading(heading), table]
