from tracker.models.access_change import AccessChange
from tracker.models.assignment import Assignment
from tracker.models.assistance import AssistanceNeed
from tracker.models.brief import BriefText
from tracker.models.comment import Comment
from tracker.models.complete_acts import CompleteActs
from tracker.models.confirmation import Confirmation
from tracker.models.courtesy_translation import CourtesyTranslation
from tracker.models.daily_list import DailyLine, DailyList
from tracker.models.draft import Draft
from tracker.models.event import ChainHead, Event, EventRow
from tracker.models.evidence import Evidence, EvidenceFile, EvidenceVersion
from tracker.models.evidence_text import EvidenceText
from tracker.models.export import Export
from tracker.models.file_scan import FileScan
from tracker.models.held_upload import HeldUpload
from tracker.models.institution import Institution
from tracker.models.invitation import Invitation
from tracker.models.notification import Notification
from tracker.models.proposal import Proposal
from tracker.models.quotation import Quotation
from tracker.models.reading_restriction import ReadingRestriction
from tracker.models.record import Citation, Record, Revision
from tracker.models.release import Release, ReleaseFile, ReleaseStanding
from tracker.models.remark import Remark, Reply
from tracker.models.request_count import RequestCount
from tracker.models.respondent import FormerStanding, Respondent
from tracker.models.round import Round, RoundUnit
from tracker.models.session import Session
from tracker.models.status_report import StatusReport
from tracker.models.submission import Participation, SharedPractice, Submission, SubmissionEvidence, SubmissionItem, Use
from tracker.models.transcription import TranscriptionRequest
from tracker.models.treaty_act import TreatyAct
from tracker.models.user import Membership, User
from tracker.models.withdrawal import HiddenText, Withdrawal
