from tracker.models.event import ChainHead, Event
from tracker.models.evidence import Evidence, EvidenceFile, EvidenceVersion
from tracker.models.record import Citation, Record, Revision
from tracker.models.respondent import Respondent
from tracker.models.user import Membership, User
from tracker.models.withdrawal import Withdrawal

__all__ = [
    "ChainHead",
    "Citation",
    "Event",
    "Evidence",
    "EvidenceFile",
    "EvidenceVersion",
    "Membership",
    "Record",
    "Respondent",
    "Revision",
    "User",
    "Withdrawal",
]
