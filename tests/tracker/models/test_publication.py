"""What anybody may read: the one rule for a reader without a name."""

import io

import pytest
from django.core.files import File

from tests.conftest import save_for_xaa
from tests.evidence_items import add_item
from tests.submissions import opened_round, submit_ready
from tracker.actions.evidence import EvidenceDetails, add_evidence, change_evidence
from tracker.actions.submission import change_use, withdraw_from_round
from tracker.documents.exchange.uploads import check_upload
from tracker.models import Participation, Remark, Reply, Submission, SubmissionEvidence, SubmissionItem, Use
from tracker.models.state_owned import NotVisible
from tracker.workflow import NotAllowed

pytestmark = pytest.mark.django_db

PUBLISHABLE = (Submission, SubmissionItem, SubmissionEvidence)


def details(disclosure: str, gazette: str = "Gazette 12", title: str = "Act of 2016") -> EvidenceDetails:
    return EvidenceDetails(title=title, kind="law", language="en", citation=gazette, disclosure=disclosure)


@pytest.fixture
def law(xaa, alice):
    return add_evidence(respondent=xaa, by=alice, details=details("public"))


@pytest.fixture
def submit_answers(xaa, alice, bob, unit):
    """Submit I.13, which cites a version of a piece."""
    round_ = opened_round(bob, meetings=[1])

    def submit_(version) -> Submission:
        save_for_xaa("I.13", measures="An Act.", ready=True, citations=[(version, "art. 9")])
        return submit_ready(xaa, round_, alice)

    return submit_


def changed(version, to: EvidenceDetails, by):
    version.evidence.refresh_from_db()
    return change_evidence(evidence=version.evidence, base=version.evidence.current.base, details=to, by=by)


@pytest.mark.parametrize("model", PUBLISHABLE, ids=lambda model: model.__name__)
@pytest.mark.parametrize(
    ("said", "is_read"),
    [
        ([], False),
        ([True], True),
        ([True, False], False),
        ([True, False, True], True),
    ],
)
def test_the_newest_word_of_the_state_counts(model, said, is_read, submit_answers, law, alice):
    submission = submit_answers(law)
    for published in said:
        change_use(submission=submission, published=published, by=alice)
    assert model.objects.published().exists() is is_read


@pytest.mark.parametrize("model", PUBLISHABLE, ids=lambda model: model.__name__)
def test_what_is_withdrawn_is_read_by_nobody(model, submit_answers, law, alice):
    submission = submit_answers(law)
    change_use(submission=submission, published=True, by=alice)
    withdraw_from_round(submission=submission, reason="A slip.", by=alice)
    assert not model.objects.published().exists()
    with pytest.raises(NotAllowed):
        change_use(submission=submission, quoted=True, by=alice)
    assert not model.objects.published().exists()


def test_of_two_submissions_the_one_that_is_published_is_read(submit_answers, law, xaa, alice, unit):
    first = submit_answers(law)
    save_for_xaa("I.13", "in_progress", base=1, ready=True)
    second = submit_ready(xaa, first.round, alice)
    change_use(submission=first, published=True, by=alice)
    assert list(Submission.objects.published()) == [first]
    change_use(submission=second, published=True, by=alice)
    change_use(submission=first, published=False, by=alice)
    assert set(SubmissionItem.objects.published().values_list("submission", flat=True)) == {second.pk}


@pytest.mark.parametrize("model", [Remark, Reply, Participation, Use], ids=lambda model: model.__name__)
def test_only_sealed_models_have_a_public_licence(model):
    assert not hasattr(model.objects.all(), "published")


def test_a_publication_opens_no_other_rows(submit_answers, law):
    submit_answers(law)
    with pytest.raises(NotVisible):
        list(Submission.objects.published() | Submission.objects.all())
    with pytest.raises(NotVisible):
        list(SubmissionEvidence.objects.all().public())


# Evidence: the changes made before and after submitting, and whether everybody may have the piece

OPENED = details("public")
OTHER = details("public", gazette="Gazette 13, without names")
TO_THE_SECRETARIAT = details("secretariat")
TO_THE_STATE = details("state")


@pytest.mark.parametrize(
    ("first", "before", "after", "is_public"),
    [
        ("public", [], [], True),
        ("secretariat", [], [], False),
        ("state", [], [], False),
        ("state", [OPENED], [], True),
        ("state", [OTHER], [], False),
        ("secretariat", [OTHER], [], False),
        ("secretariat", [], [OPENED], False),
        ("public", [], [TO_THE_SECRETARIAT], False),
        ("public", [], [TO_THE_STATE], False),
        ("public", [], [TO_THE_STATE, OPENED], True),
        ("public", [], [TO_THE_STATE, OTHER], False),
        ("public", [], [OTHER], True),
        ("public", [TO_THE_SECRETARIAT], [OPENED], False),
    ],
)
def test_evidence_is_public_if_public_at_submission_and_today(
    first, before, after, is_public, xaa, alice, submit_answers
):
    cited = add_evidence(respondent=xaa, by=alice, details=details(first))
    for to in before:
        changed(cited, to, alice)
    submission = submit_answers(cited)
    for to in after:
        changed(cited, to, alice)
    change_use(submission=submission, published=True, by=alice)
    assert SubmissionEvidence.objects.published().exists() is is_public
    assert SubmissionEvidence.objects.visible_to(alice).public().exists() is is_public


def test_a_file_is_as_public_as_a_citation(xaa, alice, submit_answers):
    upload = check_upload(File(io.BytesIO(b"The Act."), name="act.txt"))
    cited = add_item(xaa, alice, "Act of 2016", upload=upload, disclosure="state")
    opened = EvidenceDetails(title="Act of 2016", kind="law", language="en", disclosure="public")
    changed(cited, opened, alice)
    change_use(submission=submit_answers(cited), published=True, by=alice)
    assert SubmissionEvidence.objects.published().get().citation.evidence_version == cited
