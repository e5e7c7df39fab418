"""Evidence items, added by their action."""

from tracker.actions.evidence import EvidenceDetails, add_evidence
from tracker.models import EvidenceVersion, Respondent, User


def add_item(
    respondent: Respondent, by: User, title: str = "Act", *, kind: str = "law", language: str = "en", **details
) -> EvidenceVersion:
    given = EvidenceDetails(title=title, kind=kind, language=language, **details)
    return add_evidence(respondent=respondent, by=by, details=given)
