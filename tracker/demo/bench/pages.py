"""The pages and files of the site, each with the user who asks for it and the rows that its address names."""

from collections import Counter
from collections.abc import Iterable
from operator import attrgetter
from typing import NamedTuple

from django.db.models import Count, QuerySet
from django.urls import reverse

from recommendations.models import Family, PaperImport, Provision
from tracker.disclosure import readers_of
from tracker.documents.report.files import BRIEF_WRITERS, FILE_KINDS
from tracker.models import (
    Assignment,
    Evidence,
    EvidenceVersion,
    Export,
    HeldUpload,
    Institution,
    Membership,
    Quotation,
    Record,
    Remark,
    Respondent,
    Round,
    Submission,
    TranscriptionRequest,
    User,
    Withdrawal,
)
from tracker.models.submission import SubmissionStage
from tracker.models.user import Role
from tracker.permissions import focal_points_of
from tracker.queries.help import GUIDES
from tracker.views.report import WHOLE

STATE, UNIT = "state.code", "state.code unit.slug"
PROGRESS = "round={most.code}"
BEHIND, BEHIND_STATES = f"{PROGRESS}&unit={{unit.slug}}", f"{PROGRESS}&of=states&need=any"


class MissingRows(Exception):
    """The database lacks what the pages show."""


class PageRequest(NamedTuple):
    """A page, a file or, with `data`, a form that is sent; `by` the user who asks for it, None for anyone."""

    name: str
    by: User | None
    url: str
    data: dict | None = None


class AddressGroup(NamedTuple):
    """URL names with the same arguments. `user` and `arguments` are attributes of `PageRows`, which `query` formats."""

    user: str
    arguments: str
    names: str
    query: str = ""


def files(name: str, kinds: Iterable[str] = tuple(FILE_KINDS)) -> str:
    return " ".join(f"{name}_{kind}" for kind in kinds)


def submission(subject: str) -> str:
    return f"{subject}.respondent.code {subject}.round.code {subject}.number"


GROUPS = (
    AddressGroup("focal_point", STATE, "respondent_desk record_list"),
    AddressGroup("focal_point", UNIT, "record record_history record_compare comment_list proposal_list copy"),
    AddressGroup("focal_point", STATE, "units_asked bulk offered_list"),
    AddressGroup("focal_point", STATE, "evidence_list evidence_add"),
    AddressGroup("focal_point", "state.code piece.number", "evidence evidence_edit"),
    AddressGroup("focal_point", "state.code file.evidence.number file.number", "evidence_file"),
    AddressGroup("focal_point", STATE, "questionnaire questionnaire_docx questionnaire_return questionnaire_answers"),
    AddressGroup("focal_point", STATE, "workbook workbook_xlsx"),
    AddressGroup("focal_point", "state.code upload.pk", "workbook_upload"),
    AddressGroup("focal_point", STATE, "assignment_list assignment_check assignment_add"),
    AddressGroup("focal_point", "state.code assignment.pk", "assignment_return"),
    AddressGroup("focal_point", "state.code assignment.assignee_key", "assignment_remind"),
    AddressGroup("focal_point", STATE, "institution_list"),
    AddressGroup("focal_point", "state.code institution.pk", "institution"),
    AddressGroup("focal_point", STATE, "handover handover_pdf"),
    AddressGroup("focal_point", STATE, "provision_list provisions_csv provisions_docx"),
    AddressGroup("focal_point", "state.code provision.slug", "provision"),
    AddressGroup("focal_point", "state.code round.code", "check check_sheet"),
    AddressGroup("focal_point", "state.code round.code unit.slug", "check_answer"),
    AddressGroup("focal_point", STATE, "submission_list"),
    AddressGroup("focal_point", submission("submission"), "submission submission_items submission_changes"),
    AddressGroup("focal_point", submission("submission"), "receipt_pdf submission_json submission_use"),
    AddressGroup("focal_point", submission("submission"), "submission_withdraw"),
    AddressGroup("asked_focal_point", submission("asked"), "submission_questions"),
    AddressGroup("quoted_focal_point", "quoted.code", "quotations_of_state"),
    AddressGroup("focal_point", STATE, "assistance"),
    AddressGroup("focal_point", "", "practice_list"),
    AddressGroup("focal_point", "unit.slug", "practice_unit"),
    AddressGroup("focal_point", STATE, "event_list people invitation_add status_report_add desk_transcriptions"),
    AddressGroup("focal_point", "state.code membership.pk", "membership"),
    AddressGroup("focal_point", STATE, "withdrawal_list withdrawal_request"),
    AddressGroup("focal_point", "state.code withdrawal.pk", "withdrawal"),
    AddressGroup("focal_point", STATE, f"report {files('report')} {files('brief', BRIEF_WRITERS)}"),
    AddressGroup("focal_point", submission("submission"), f"submission_report {files('submission_report')}"),
    AddressGroup("focal_point", STATE, "report", "show=4"),
    AddressGroup("focal_point", STATE, "report", f"show={WHOLE}"),
    AddressGroup("focal_point", "", "account notifications directory directory_choice session_list welcome"),
    AddressGroup("focal_point", "", "account_logout"),
    AddressGroup("user_with_password", "", "account_reauthenticate account_change_password"),
    AddressGroup("reviewer", "", "desks review_queue"),
    AddressGroup("reviewer", submission("submission"), "review"),
    AddressGroup("reading_reviewer", submission("in_reading"), "review_send review_close"),
    AddressGroup("reviewer", "", "round_list round_add"),
    AddressGroup("reviewer", "round.code", "round"),
    AddressGroup("reviewer", "", "recommendations:list"),
    AddressGroup("reviewer", "", "export_list"),
    AddressGroup("reviewer", "export.pk", "export export_file"),
    AddressGroup("reviewer", "", "progress", PROGRESS),
    AddressGroup("reviewer", "unit.primary_theme.slug", "progress_theme", PROGRESS),
    AddressGroup("reviewer", "family.slug", "progress_family", PROGRESS),
    AddressGroup("reviewer", "unit.slug", "progress_recommendation", PROGRESS),
    AddressGroup("reviewer", "", "progress_behind", PROGRESS),
    AddressGroup("reviewer", "", "progress_behind", BEHIND),
    AddressGroup("reviewer", "", "progress_behind", BEHIND_STATES),
    AddressGroup("reviewer", "", "progress_gaps progress_regions progress_states progress_changes", PROGRESS),
    AddressGroup("reviewer", "", "progress_rounds progress_assistance progress_practices answers", PROGRESS),
    AddressGroup("reviewer", "", "progress_paper progress_paper_docx progress_paper_pdf", PROGRESS),
    AddressGroup("reviewer", "", "quotation_list"),
    AddressGroup("reviewer", "", "progress_csv progress_xlsx progress_assistance_csv", PROGRESS),
    AddressGroup("reviewer", "", "progress_assistance_xlsx answers_csv", PROGRESS),
    AddressGroup("reviewer", "", "transcription_list transcription_add"),
    AddressGroup("reviewer", "transcription.respondent.code transcription.pk", "transcription"),
    AddressGroup("reviewer", "transcription.respondent.code transcription.pk unit.slug", "transcription_unit"),
    AddressGroup("reviewer", "", "mfa_reauthenticate"),
    AddressGroup(
        "curator", "", "paper_import_list paper_import_add official_texts_add treaty_act_list treaty_act_import"
    ),
    AddressGroup(
        "curator",
        "paper_import.pk",
        "paper_import paper_import_edit paper_import_details paper_import_publish paper_import_delete",
    ),
    AddressGroup("curator", "paper_import.pk", "paper_import_annotations paper_import_annotations_csv"),
    AddressGroup("curator", "paper_import.pk paper_import_text.pk", "paper_import_text paper_import_text_add"),
    AddressGroup("curator", STATE, "treaty_standing"),
    AddressGroup("administrator", "", "withdrawal_queue site_event_list desks_without_focal_point"),
    AddressGroup("administrator", "withdrawal.pk", "withdrawal_decide"),
    AddressGroup("", "", "home published_list practices_docx practices_pdf practices_csv practices_json"),
    AddressGroup("", "", "practice_list", "by=group"),
    AddressGroup("", submission("published"), "published published_csv published_json"),
    AddressGroup("publishing_focal_point", submission("published"), "submission_take_back"),
    AddressGroup("permitting_focal_point", submission("unpublished"), "submission_publish"),
    AddressGroup("", "", "about data figures accessibility privacy"),
    AddressGroup("", "", "help answer_guide verification_script"),
    AddressGroup("", "", "search search_suggestions", "q=trafficking"),
    AddressGroup("focal_point", "", "search", "q=compensation+for+minors"),
    AddressGroup("reviewer", "", "search", "q=training+of+police"),
    AddressGroup("", "guide", "guide"),
    AddressGroup("", "", "recommendations:json recommendations:csv recommendations:facts recommendations:workplan"),
    AddressGroup("", "unit.primary_theme.slug", "recommendations:theme"),
    AddressGroup("", "family.slug", "recommendations:family"),
    AddressGroup("", "unit.slug", "recommendations:detail"),
    AddressGroup("", "", "verify invitation_accept"),
    AddressGroup("", "submission.code", "verified"),
    AddressGroup("", "", "account_login account_inactive account_reset_password account_reset_password_done"),
    AddressGroup("", "", "account_reset_password_from_key_done"),
)

# Where a page is not called as its URL is.
NAMES = {
    "respondent_desk": "desk",
    "record_list": "task list",
    "record": "answer",
    "record_history": "history of an answer",
    "workbook": "offline workbook",
    "workbook_xlsx": "offline workbook xlsx",
    "assignment_list": "assignments",
    "institution_list": "institutions",
    "handover": "handover pack",
    "handover_pdf": "handover pack pdf",
    "provision_list": "answers by provision",
    "check": "check before handing in",
    "submission_list": "submissions",
    "submission_items": "items of a submission",
    "submission_changes": "changes in a submission",
    "assistance": "needs for assistance",
    "practice_list": "practices of others",
    "practice_list?by=group": "good practices by group, for everyone",
    "practice_unit": "practices of others on a unit",
    **{f"practices_{kind}": f"good practices {kind}" for kind in ("docx", "pdf", "csv", "json")},
    "quotations_of_state": "quotations of a State",
    "quotation_list": "tray of quotations",
    "event_list": "audit trail",
    "submission_report": "report of a submission",
    **{f"submission_report_{kind}": f"report of a submission {kind}" for kind in FILE_KINDS},
    "report?show=4": "report: its longest theme",
    f"report?show={WHOLE}": "report: all on one page",
    "review": "reading of a submission",
    "round_list": "rounds",
    "recommendations:list": "catalogue",
    "export_list": "exports",
    "progress_theme": "progress of a theme",
    "progress_family": "progress of a family",
    "progress_recommendation": "progress of a recommendation",
    "progress_behind": "behind a figure: all answers",
    f"progress_behind?{BEHIND}": "behind a figure of a recommendation",
    f"progress_behind?{BEHIND_STATES}": "behind a figure of States",
    "progress_gaps": "progress: gaps",
    "progress_regions": "progress: regions and themes",
    "progress_states": "progress: States in numbers",
    "progress_changes": "progress: changes",
    "progress_rounds": "progress: all rounds",
    "progress_assistance": "progress: assistance",
    "progress_practices": "progress: practices",
    "answers": "progress: answers",
    "progress_paper": "progress report",
    "progress_paper_docx": "progress report docx",
    "progress_paper_pdf": "progress report pdf",
    "progress_csv": "progress figures csv",
    "progress_xlsx": "progress figures xlsx",
    "desks": "overview of the Secretariat",
    "search?q=trafficking": "search",
    "search?q=compensation+for+minors": "search of a State",
    "search?q=training+of+police": "search of the Secretariat",
    "search_suggestions?q=trafficking": "search suggestions",
    "home": "front page",
    "published_list": "published submissions",
    "published": "published submission",
    "published_csv": "published submission csv",
    "published_json": "published submission json",
}


class PageRows:
    """The users who ask, and the rows that addresses name: of each kind the fullest, None where there is none."""

    def __init__(self) -> None:
        self.submission = _submission_with_most_answers()
        self.state = state = self.submission.respondent
        self.guide = next(iter(GUIDES))
        self.round = Round.objects.open().first() or self.submission.round
        self.most = Round.objects.annotate(handed_in=Count("submissions")).latest("handed_in", "opens_on")
        answers = Record.everyones.filter(respondent=state, current__isnull=False)
        record = _row_with_most(answers.exclude(recommendation__primary_theme=None), "revisions")
        self.piece = _row_with_most(Evidence.everyones.filter(respondent=state), "versions")
        self.family = _row_with_most(Family.objects.all(), "members")
        focal_point, reviewer = self._focal_point_of(self.submission), next(iter(readers_of(state)), None)
        if not (focal_point and reviewer and record and self.piece and self.family):
            raise MissingRows
        self.focal_point, self.reviewer, self.unit = focal_point, reviewer, record.recommendation
        self._find_more()
        self._find_submissions()

    def requests(self) -> list[PageRequest]:
        return [page for group in GROUPS for page in self._group_requests(group)]

    def _group_requests(self, group: AddressGroup) -> list[PageRequest]:
        needed = {path.partition(".")[0] for path in (group.user, *group.arguments.split()) if path}
        if not all(getattr(self, name) for name in needed):
            return []
        by = getattr(self, group.user) if group.user else None
        arguments = [attrgetter(path)(self) for path in group.arguments.split()]
        query = f"?{group.query}".format(**vars(self)) if group.query else ""
        return [
            PageRequest(_display_name(name, group.query), by, reverse(name, args=arguments) + query)
            for name in group.names.split()
        ]

    def _find_more(self) -> None:
        of_state = {"respondent": self.state}
        self.file = EvidenceVersion.everyones.filter(evidence__respondent=self.state, form="file").first()
        self.quoted = _state_with_most_quotations() or self.state
        self.quoted_focal_point = focal_points_of(self.quoted)[0]
        self.provision = Provision.objects.first()
        self.institution = Institution.everyones.filter(**of_state).first()
        self.assignment = Assignment.everyones.filter(**of_state, state__in=Assignment.TO_BE_WRITTEN).first()
        self.membership = Membership.objects.filter(**of_state, role=Role.CONTRIBUTOR).first()
        self.withdrawal = Withdrawal.everyones.filter(**of_state).first()
        self.upload = HeldUpload.everyones.filter(**of_state, downloaded_at__isnull=False).first()
        self.export = Export.objects.filter(owner=self.reviewer).first()
        self.transcription = TranscriptionRequest.everyones.filter(entered_by=self.reviewer).first()
        self.paper_import = PaperImport.objects.first()
        self.paper_import_text = (
            _row_with_most(self.paper_import.nodes.all(), "footnotes") if self.paper_import else None
        )
        self.user_with_password = self.focal_point if self.focal_point.has_usable_password() else None
        self.curator = User.objects.filter(memberships__role=Role.CURATOR).first()
        self.administrator = User.objects.filter(memberships__role=Role.ADMINISTRATOR).first()

    def _find_submissions(self) -> None:
        every = Submission.everyones.select_related("respondent", "round")
        self.in_reading = every.filter(participation__state=SubmissionStage.UNDER_REVIEW).last()
        self.reading_reviewer = self.in_reading and self.in_reading.participation.taken_by
        self.asked = every.filter(pk__in=Remark.everyones.exclude(sent_at=None).values("item__submission")).first()
        self.asked_focal_point = self._focal_point_of(self.asked)
        self.published = Submission.objects.published().select_related("respondent", "round").order_by("pk").last()
        self.publishing_focal_point = self._focal_point_of(self.published)
        self.unpublished = every.exclude(pk__in=Submission.objects.published()).last()
        self.permitting_focal_point = self._focal_point_of(self.unpublished)

    def _focal_point_of(self, submission: Submission | None) -> User | None:
        return focal_points_of(submission.respondent)[0] if submission else None


def _display_name(name: str, query: str) -> str:
    return NAMES.get(f"{name}?{query}") or NAMES.get(name, name.replace(":", " ").replace("_", " "))


def _submission_with_most_answers() -> Submission:
    submissions = Submission.everyones.exclude(participation__state=SubmissionStage.WITHDRAWN).order_by("pk")
    answered = [(counts["answered"], pk) for pk, counts in submissions.values_list("pk", "counts")]
    if not answered:
        raise MissingRows
    return Submission.everyones.select_related("respondent", "round").get(pk=max(answered)[1])


def _state_with_most_quotations() -> Respondent | None:
    states = Counter(Quotation.everyones.exclude(object_by=None).values_list("revision__record__respondent", flat=True))
    return Respondent.objects.get(pk=states.most_common(1)[0][0]) if states else None


def _row_with_most(rows: QuerySet, counted: str):
    return rows.annotate(length=Count(counted)).order_by("-length", "pk").first()
