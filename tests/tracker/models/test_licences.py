"""Each licence gives the rows that its name permits: no row of another State, and no row for a bare key."""

import datetime

import pytest
from django.core.exceptions import FieldFetchBlocked
from django.db import IntegrityError, transaction

from tracker.models import (
    Assignment,
    AssistanceNeed,
    Citation,
    Confirmation,
    Event,
    EvidenceVersion,
    Invitation,
    Participation,
    Record,
    Remark,
    Reply,
    Respondent,
    Revision,
    Round,
    Submission,
    SubmissionEvidence,
    SubmissionItem,
    Use,
)
from tracker.models.invitation import digest_of, new_link_key
from tracker.models.state_owned import NotVisible

pytestmark = pytest.mark.django_db

OF_SUBMISSIONS = [
    Submission,
    SubmissionItem,
    SubmissionEvidence,
    Participation,
    Use,
    Remark,
    Reply,
]
FOR_READERS = [*OF_SUBMISSIONS, AssistanceNeed]
FOR_WHOLE_DESK = [Record, Confirmation, Assignment, Reply]


def name_of(model) -> str:
    return model.__name__


def find_remark() -> Remark:
    """A question that was sent, of which a reply was submitted."""
    return Remark.everyones.filter(reply__isnull=False).earliest("pk")


def owners(rows) -> set[int]:
    return set(rows.order_by().values_list(rows.model.respondent_path, flat=True))


@pytest.fixture(scope="module", autouse=True)
def rows_of_each_state(world):
    """What the invented world has of one State or of none."""
    submission = find_remark().item.submission
    by = submission.sealed_by
    for record in Record.everyones.filter(current__isnull=False).order_by("pk")[::20]:
        unit, respondent = record.recommendation, record.respondent
        AssistanceNeed.everyones.create(respondent=respondent, unit=unit, state="seen", by=by)
        Assignment.everyones.create(respondent=respondent, unit=unit, person=by, assigned_by=by)
        Confirmation.everyones.get_or_create(
            revision=record.current, round=submission.round, defaults={"as_at": "2026-11-24", "author": by}
        )


@pytest.fixture
def remark() -> Remark:
    return find_remark()


@pytest.fixture
def submission(remark) -> Submission:
    return Submission.everyones.get(pk=remark.item.submission_id)


@pytest.mark.parametrize("model", FOR_READERS, ids=name_of)
@pytest.mark.thorough
def test_readers_of_a_respondent_read_only_its_submissions(model):
    respondents = Respondent.objects.filter(pk__in=owners(model.everyones.all()))
    found = {respondent.pk: owners(model.objects.for_readers_of(respondent)) for respondent in respondents}
    some = {key for key, of_it in found.items() if of_it}
    assert len(some) > 1
    assert all(of_it <= {key} for key, of_it in found.items())
    assert owners(model.objects.for_readers_of(*respondents)) == some
    assert not model.objects.for_readers_of().exists()


@pytest.mark.parametrize("model", FOR_WHOLE_DESK, ids=name_of)
def test_readers_of_a_whole_desk_read_only_its_rows(model):
    of_all = owners(model.everyones.all())
    assert len(of_all) > 1
    for respondent in Respondent.objects.filter(pk__in=of_all):
        rows = model.objects.for_whole_desk(respondent)
        assert owners(rows) == {respondent.pk}
        assert rows.count() == model.everyones.filter(**{model.respondent_path: respondent}).count()


@pytest.mark.parametrize("model", OF_SUBMISSIONS, ids=name_of)
def test_rows_of_submissions_are_only_of_the_given_submissions(model, submission):
    of_all = set(model.everyones.order_by().values_list(model.submission_path, flat=True))
    assert len(of_all) > 1
    some = Submission.everyones.get(pk=min(of_all))
    rows = model.objects.of_submissions([some])
    assert set(rows.order_by().values_list(model.submission_path, flat=True)) <= {some.pk}
    assert not model.objects.of_submissions([]).exists()


def test_only_the_officer_reads_a_remark_that_is_not_sent(remark, submission):
    unsent = Remark.everyones.filter(sent_at__isnull=True)
    assert unsent.exists()
    for one in Submission.everyones.filter(items__remark__in=unsent).distinct():
        assert not Remark.objects.of_submissions([one]).filter(sent_at__isnull=True).exists()
        assert not Remark.objects.for_readers_of(one.respondent).filter(sent_at__isnull=True).exists()
    assert remark in Remark.objects.of_submissions([submission])
    assert remark in Remark.objects.for_readers_of(submission.respondent)


def test_the_database_has_no_reply_without_a_submission(remark):
    other = Remark.everyones.filter(sent_at__isnull=False, reply__isnull=True).earliest("pk")
    with pytest.raises(IntegrityError), transaction.atomic():
        Reply.everyones.create(remark=other, text="Article 9.", author=remark.author, digest="0" * 64)


def test_evidence_of_items_is_only_of_the_given_items():
    piece = SubmissionEvidence.everyones.earliest("pk")
    assert set(SubmissionEvidence.objects.of_items([piece.item]).values_list("item", flat=True)) == {piece.item_id}
    assert SubmissionEvidence.everyones.exclude(item=piece.item_id).exists()


def test_citations_are_only_of_the_given_revisions():
    citation = Citation.everyones.earliest("pk")
    cited = Citation.objects.cited_by([citation.revision])
    assert set(cited.values_list("revision", flat=True)) == {citation.revision_id}
    assert Citation.everyones.exclude(revision=citation.revision_id).exists()


def test_rows_at_hand_are_read_again_and_no_others():
    first, second = Revision.everyones.order_by("pk")[:2]
    assert list(Revision.objects.same_as([first])) == [first]
    assert second not in Revision.objects.same_as([first])


def test_of_a_round_the_newest_submission_of_each_respondent_is_counted():
    rounds = list(Round.objects.filter(submissions__isnull=False).distinct())
    assert len(rounds) > 1
    assert Submission.everyones.filter(number__gt=1).exists()
    for round_ in rounds:
        newest = {
            one.respondent_id: one.pk
            for one in round_.submissions.model.everyones.filter(round=round_).order_by("number")
        }
        counted = {one.respondent_id: one for one in Submission.objects.counted_in(round_)}
        assert {respondent: one.pk for respondent, one in counted.items()} == newest
        for one in counted.values():
            in_round = {"submission__respondent": one.respondent_id, "submission__round": round_}
            use = Use.everyones.filter(**in_round).latest("pk")
            assert (one.is_permitted, one.may_be_quoted) == (use.in_aggregates, use.quoted)


def test_one_that_is_not_permitted_in_aggregates_leaves_them(submission):
    rows = Submission.objects.of_submissions([submission])
    for is_permitted in (True, False, True):
        said_at = datetime.datetime(2099, 1, 1, tzinfo=datetime.UTC)
        Use.everyones.create(
            submission=submission, in_aggregates=is_permitted, said_by=submission.sealed_by, said_at=said_at
        )
        assert rows.for_figures().exists() == is_permitted


def test_everyone_reads_that_it_was_once_published_and_no_more(submission):
    others = Submission.everyones.exclude(uses__published=True)
    assert others.exists()
    assert not Submission.objects.published_to_date().filter(pk__in=others.values("pk")).exists()
    for published in (True, False):
        Use.everyones.create(submission=submission, published=published, said_by=submission.sealed_by)
    found = Submission.objects.published_to_date().get(pk=submission.pk)
    assert (found.reference, found.participation.withdrawn_at) == (submission.reference, None)
    with pytest.raises(FieldFetchBlocked):
        found.counts  # noqa: B018


def test_anyone_with_a_code_reads_four_details_of_one_submission(submission):
    found = Submission.objects.of_code(submission.code).get()
    assert (found.respondent.name, found.round.title) == (submission.respondent.name, submission.round.title)
    assert (found.sealed_at, found.digest) == (submission.sealed_at, submission.digest)
    with pytest.raises(FieldFetchBlocked):
        found.counts  # noqa: B018
    assert not Submission.objects.of_code("").exists()


def test_anyone_with_a_link_reads_only_its_invitation(submission):
    tokens = [new_link_key(), new_link_key()]
    now = datetime.datetime(2026, 11, 24, tzinfo=datetime.UTC)
    for number, token in enumerate(tokens):
        Invitation.everyones.create(
            respondent=submission.respondent,
            email=f"{number}@example.org",
            role="viewer",
            token_digest=digest_of(token),
            invited_by=submission.sealed_by,
            expires_at=now,
        )
    assert [row.email for row in Invitation.objects.of_link(tokens[0])] == ["0@example.org"]
    assert not Invitation.objects.of_link("").exists()


def test_a_receipt_shows_only_the_event_of_its_submission(submission):
    event = Event.objects.for_receipt_of(submission).get()
    assert (event.respondent_id, event.action) == (submission.respondent_id, "submitted")
    assert submission.reference in event.target


@pytest.mark.parametrize("stranger", ["key", "row of another model"])
@pytest.mark.parametrize(
    "licence",
    [
        lambda row: Submission.objects.for_readers_of(row),
        lambda row: Record.objects.for_whole_desk(row),
        lambda row: SubmissionItem.objects.of_submissions([row]),
        lambda row: SubmissionEvidence.objects.of_items([row]),
        lambda row: Citation.objects.cited_by([row]),
        lambda row: Revision.objects.same_as([row]),
    ],
)
def test_a_bare_key_is_no_licence(licence, stranger):
    with pytest.raises(TypeError):
        licence(1 if stranger == "key" else EvidenceVersion.everyones.earliest("pk"))


@pytest.mark.parametrize(
    "rows",
    [
        lambda: Submission.objects.newest_in_round(),
        lambda: Submission.objects.for_figures(),
        lambda: Submission.objects.not_withdrawn(),
        lambda: SubmissionItem.objects.of_newest_in_round(),
        lambda: Record.objects.none() | Record.objects.all(),
    ],
)
def test_what_keeps_some_rows_is_no_licence(rows):
    with pytest.raises(NotVisible):
        list(rows())


def test_no_row_needs_no_licence():
    assert list(Record.objects.none()) == []
