"""What a submission would show of evidence, and what it would keep to the State."""

import pytest

from tests.conftest import save_for_xaa
from tests.submissions import opened_round, submit_ready
from tracker.actions.evidence import EvidenceDetails, add_evidence, change_evidence
from tracker.actions.submission import check_submission
from tracker.models import SubmissionEvidence

pytestmark = pytest.mark.django_db

DRAFT = {"title": "Case file", "kind": "judgment", "language": "en", "citation": "with the names"}


@pytest.fixture
def cited_then(xaa, alice, unit, changed_again):
    """A piece that an answer cites, changed since; the round."""

    def cited_then(before: str, after: str, **changed):
        law = add_evidence(respondent=xaa, by=alice, details=EvidenceDetails(**DRAFT, disclosure=before))
        save_for_xaa("I.13", ready=True, citations=[(law, "")])
        return changed_again(law, after, **changed)

    return cited_then


@pytest.fixture
def changed_again(alice):
    def change(law, disclosure, **changed):
        details = EvidenceDetails(**DRAFT | changed, disclosure=disclosure)
        return change_evidence(evidence=law.evidence, base=law.base, by=alice, details=details)

    return change


@pytest.mark.parametrize(
    ("before", "after", "changed", "kept"),
    [
        ("state", "public", {}, False),  # let out
        ("public", "state", {}, True),  # taken back
        ("state", "secretariat", {"citation": "without the names"}, True),  # the cited one is another, and was kept
        ("secretariat", "public", {"citation": "second edition"}, False),
        ("secretariat", "state", {"citation": "second edition"}, True),
    ],
)
def test_who_sees_a_piece_that_was_changed_after_it_was_cited(
    xaa, alice, bob, cited_then, before, after, changed, kept
):
    cited_then(before, after, **changed)
    round_ = opened_round(bob, meetings=[1])
    assert len(check_submission(xaa, round_).gaps["evidence_kept"]) == kept
    submit_ready(xaa, round_, alice)
    assert SubmissionEvidence.everyones.get().withheld is kept


@pytest.mark.parametrize("taken_back_as", [{}, {"citation": "without the names"}])
def test_what_was_taken_back_is_not_let_out_by_what_replaced_it(
    xaa, alice, bob, cited_then, changed_again, taken_back_as
):
    law = cited_then("secretariat", "state", **taken_back_as)
    changed_again(law, "secretariat", citation="without the names")
    submit_ready(xaa, opened_round(bob, meetings=[1]), alice)
    assert SubmissionEvidence.everyones.get().withheld is True


def test_what_was_taken_back_and_let_out_again_is_shown(xaa, alice, bob, cited_then, changed_again):
    changed_again(cited_then("secretariat", "state"), "public")
    submit_ready(xaa, opened_round(bob, meetings=[1]), alice)
    assert SubmissionEvidence.everyones.get().withheld is False
