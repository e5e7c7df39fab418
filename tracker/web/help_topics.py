"""Say which section of help belongs to which pages."""

from typing import NamedTuple

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tracker.queries.help import guide_address


class HelpTopic(NamedTuple):
    """`guide`: empty for the first page of help. `pages`: names of addresses, with spaces between them; a name of the
    admin may end after the model.
    """

    label: str | Promise
    guide: str
    section: str
    pages: str

    @property
    def url(self) -> str:
        return guide_address(self.guide, self.section) if self.guide else reverse("help")


# For users who read a part of what their State records: before TOPICS.
CONTRIBUTOR_TOPICS = (
    HelpTopic(_("Help: Your answers"), "contributor", "your-answers", "respondent_desk record_list"),
    HelpTopic(_("Help: Write an answer"), "contributor", "write-an-answer", "record record_history record_compare"),
    # Translators: Link to a section of the help.
    HelpTopic(_("Help: Suggestions"), "contributor", "suggest-an-answer", "proposal_list"),
)
TOPICS = (
    HelpTopic(_("Help: Sign in"), "focal-point", "sign-in", "account_login account notifications session_list"),
    # Translators: Link to a section of the help.
    HelpTopic(_("Help: Overview"), "focal-point", "overview", "respondent_desk units_asked status_report_add"),
    HelpTopic(_("Help: By treaty provision"), "focal-point", "by-treaty-provision", "provision_list provision"),
    # Translators: Link to a section of the help.
    HelpTopic(_("Help: Recommendations"), "focal-point", "recommendations", "record_list"),
    # Translators: Link to a section of the help.
    HelpTopic(_("Help: Answer"), "focal-point", "answer", "record record_history record_compare"),
    HelpTopic(
        # Translators: Link to a section of the help.
        _("Help: Questionnaires"),
        "focal-point",
        "questionnaires",
        "questionnaire questionnaire_return questionnaire_answers",
    ),
    HelpTopic(_("Help: Offline workbook"), "focal-point", "the-offline-workbook", "workbook workbook_upload"),
    HelpTopic(_("Help: Copy an answer"), "focal-point", "copy-an-answer", "copy update"),
    HelpTopic(_("Help: Edit several answers"), "focal-point", "edit-several-answers", "bulk"),
    HelpTopic(
        # Translators: Link to a section of the help.
        _("Help: Assignments"),
        "focal-point",
        "assignments",
        "assignment_list assignment_add assignment_return institution_list institution",
    ),
    # Translators: Link to a section of the help.
    HelpTopic(_("Help: Comments"), "focal-point", "comments", "comment_list"),
    HelpTopic(
        # Translators: Link to a section of the help.
        _("Help: People"),
        "focal-point",
        "people",
        "people membership invitation_add directory directory_choice",
    ),
    HelpTopic(_("Help: Suggestions"), "focal-point", "suggestions", "offered_list proposal_list proposal_decline"),
    # Translators: Link to a section of the help.
    HelpTopic(_("Help: Evidence"), "focal-point", "evidence", "evidence_list evidence evidence_add evidence_edit"),
    HelpTopic(
        _("Help: Information that identifies a victim"),
        "focal-point",
        "information-that-identifies-a-victim",
        "withdrawal_list withdrawal_request withdrawal",
    ),
    HelpTopic(
        # Translators: Link to a section of the help.
        _("Help: Submit"),
        "focal-point",
        "submit",
        "check confirm_answers submission_list submission_items submission_changes submission_use submission_withdraw",
    ),
    # Translators: Link to a section of the help.
    HelpTopic(_("Help: Receipt"), "focal-point", "the-receipt", "submission"),
    # Translators: Link to a section of the help.
    HelpTopic(_("Help: Publish"), "focal-point", "publish", "submission_publish"),
    HelpTopic(
        _("Help: Requests for clarification"), "focal-point", "requests-for-clarification", "submission_questions"
    ),
    HelpTopic(_("Help: Technical assistance"), "focal-point", "technical-assistance", "assistance"),
    HelpTopic(_("Help: Good practices"), "focal-point", "good-practices", "practice_list practice_unit"),
    # Translators: Link to a section of the help.
    HelpTopic(_("Help: Report"), "focal-point", "the-report", "report submission_report"),
    HelpTopic(_("Help: Answers on paper"), "focal-point", "on-paper", "desk_transcriptions"),
    # Translators: Link to a section of the help.
    HelpTopic(_("Help: Handover"), "focal-point", "handover", "handover"),
    HelpTopic(_("Help: Audit trail"), "focal-point", "the-audit-trail", "event_list"),
    # Translators: Link to a section of the help.
    HelpTopic(_("Help: Rounds"), "secretariat-officer", "rounds", "round_list round_add round"),
    HelpTopic(_("Help: Submissions to read"), "secretariat-officer", "submissions-to-read", "review_queue"),
    # Translators: Link to a section of the help.
    HelpTopic(_("Help: Reading"), "secretariat-officer", "reading", "review review_remark"),
    HelpTopic(
        _("Help: Requests for clarification"), "secretariat-officer", "requests-for-clarification", "review_send"
    ),
    HelpTopic(_("Help: Close the reading"), "secretariat-officer", "close-the-reading", "review_close"),
    HelpTopic(
        _("Help: Answers on paper"),
        "secretariat-officer",
        "enter-answers-that-a-state-sends-on-paper",
        "transcription_list transcription_add transcription transcription_unit",
    ),
    HelpTopic(
        # Translators: Link to a section of the help.
        _("Help: Progress"),
        "secretariat-officer",
        "progress",
        "progress progress_changes progress_regions progress_states progress_rounds progress_gaps progress_theme "
        "progress_family progress_recommendation progress_reasons",
    ),
    HelpTopic(
        _("Help: Technical assistance"), "secretariat-officer", "technical-assistance", "progress_assistance need_mark"
    ),
    HelpTopic(_("Help: Good practices"), "secretariat-officer", "good-practices", "progress_practices"),
    HelpTopic(_("Help: Progress report"), "secretariat-officer", "the-progress-report", "progress_paper"),
    HelpTopic(_("Help: Download answers"), "secretariat-officer", "download-answers", "answers export_list export"),
    HelpTopic(
        _("Help: Import a paper"),
        "curator",
        "import-a-paper",
        "paper_import_list paper_import_add paper_import paper_import_edit paper_import_text paper_import_text_add "
        "paper_import_details paper_import_annotations paper_import_publish paper_import_delete",
    ),
    HelpTopic(
        _("Help: Treaty status"),
        "curator",
        "treaty-status",
        "treaty_act_list treaty_act_import treaty_standing treaty_act_decline status_report_answer",
    ),
    HelpTopic(
        _("Help: A State without a focal point"),
        "administrator",
        "a-state-without-a-focal-point",
        "desks_without_focal_point",
    ),
    HelpTopic(_("Help: Removal requests"), "administrator", "removal-requests", "withdrawal_queue withdrawal_decide"),
    HelpTopic(_("Help: Audit trail"), "administrator", "the-audit-trail", "site_event_list"),
    HelpTopic(_("Help: People"), "administrator", "people", "admin:tracker_user"),
    # Translators: Link to a section of the help.
    HelpTopic(_("Help: Roles"), "administrator", "roles", "admin:tracker_membership"),
    HelpTopic(
        _("Help: Reading restrictions"), "administrator", "reading-restrictions", "admin:tracker_readingrestriction"
    ),
    HelpTopic(
        _("Help: Information about a text"),
        "curator",
        "edit-the-information-about-a-text",
        "admin:recommendations_recommendation admin:recommendations_theme admin:recommendations_meeting "
        "admin:recommendations_addressee admin:recommendations_footnote",
    ),
    HelpTopic(
        _("Help: Change a text"),
        "curator",
        "change-a-text",
        "admin:recommendations_recommendation_wording admin:recommendations_wording",
    ),
    HelpTopic(
        _("Help: Withdraw or merge"),
        "curator",
        "withdraw-or-merge-a-recommendation",
        "admin:recommendations_recommendation_standing",
    ),
    HelpTopic(
        _("Help: Export and import"),
        "curator",
        "export-and-import",
        "admin:recommendations_recommendation_import admin:recommendations_recommendation_process_import "
        "admin:recommendations_recommendation_export",
    ),
    HelpTopic(
        _("Help: Recorded actions"),
        "curator",
        "record-the-action-of-the-conference",
        "admin:recommendations_recordedaction",
    ),
    # Translators: Link to a section of the help.
    HelpTopic(_("Help: Workplan"), "curator", "maintain-the-workplan", "admin:recommendations_takenup"),
    # Translators: Link to a section of the help.
    HelpTopic(_("Help: Origins"), "curator", "record-the-origin-of-a-text", "admin:recommendations_provenance"),
    HelpTopic(
        _("Help: Official texts in other languages"),
        "curator",
        "add-an-official-text-in-another-language",
        "admin:recommendations_translation",
    ),
    # Translators: Link to a section of the help.
    HelpTopic(_("Help: Bodies"), "curator", "add-another-body", "admin:recommendations_body"),
    # Translators: Link to a section of the help.
    HelpTopic(_("Help: Provisions"), "curator", "assign-treaty-provisions", "admin:recommendations_provision"),
    HelpTopic(
        _("Help: Groups and references"),
        "curator",
        "groups-and-references",
        "admin:recommendations_family admin:recommendations_lineage",
    ),
    HelpTopic(
        _("Help: Adopted texts"),
        "public",
        "the-adopted-texts",
        "recommendations:list recommendations:detail recommendations:theme recommendations:family "
        "recommendations:body recommendations:facts recommendations:workplan",
    ),
    HelpTopic(_("Help: Published answers"), "public", "published-answers", "published_list published"),
    # Translators: Link to a section of the help.
    HelpTopic(_("Help: Figures"), "public", "figures", "figures"),
    # Translators: Link to a section of the help.
    HelpTopic(_("Help: Data"), "public", "data", "data"),
    HelpTopic(_("Help: Verify a receipt"), "public", "verify-a-receipt", "verify verified"),
)
# Translators: Link to the help.
FIRST_PAGE = HelpTopic(_("Help"), "", "", "")


def _by_page(topics: tuple[HelpTopic, ...]) -> dict[str, HelpTopic]:
    return {page: topic for topic in topics for page in topic.pages.split()}


TOPIC_OF_PAGE = _by_page(TOPICS)
CONTRIBUTOR_TOPIC_OF_PAGE = _by_page(CONTRIBUTOR_TOPICS)


def help_topic(page: str, is_in_part: bool) -> HelpTopic:
    """Return the topic of a page; `is_in_part`: the user reads a part of what the State records."""
    if is_in_part and page in CONTRIBUTOR_TOPIC_OF_PAGE:
        return CONTRIBUTOR_TOPIC_OF_PAGE[page]
    model = page.rpartition("_")[0] if page.startswith("admin:") else page
    return TOPIC_OF_PAGE.get(page) or TOPIC_OF_PAGE.get(model) or FIRST_PAGE
