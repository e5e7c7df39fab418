"""Say which section of help belongs to which pages."""

from django.urls import reverse

from tracker.queries.help import guide_address

# By guide and section: names of addresses, with spaces between them; a name of the admin may end after the model.
PAGES = {
    "focal-point": {
        "overview": "respondent_desk units_asked status_report_add",
        "by-treaty-provision": "provision_list provision",
        "recommendations": "record_list",
        "answer": "record record_history record_compare",
        "questionnaires": "questionnaire questionnaire_return questionnaire_answers",
        "the-offline-workbook": "workbook workbook_upload",
        "copy-an-answer": "copy update",
        "edit-several-answers": "bulk",
        "assignments": (
            "assignment_list assignment_check assignment_remind assignment_add assignment_return institution_list "
            "institution"
        ),
        "comments": "comment_list",
        "people": "people membership invitation_add directory directory_choice",
        "suggestions": "offered_list proposal_list proposal_add proposal_decline",
        "evidence": "evidence_list evidence evidence_add evidence_edit",
        "information-that-identifies-a-victim": "withdrawal_list withdrawal_request withdrawal",
        "submit": (
            "check check_answer check_sheet confirm_answers confirm_selected mark_ready submission_list "
            "submission_items submission_changes submission_use submission_withdraw"
        ),
        "the-receipt": "submission",
        "publish": "submission_publish",
        "requests-for-clarification": "submission_questions",
        "quotations": "quotations_of_state quotation_object",
        "technical-assistance": "assistance",
        "good-practices": "practice_list practice_unit",
        "the-report": "report submission_report",
        "on-paper": "desk_transcriptions",
        "handover": "handover",
        "the-audit-trail": "event_list",
    },
    "secretariat-officer": {
        "rounds": "round_list round_add round",
        "submissions-to-read": "review_queue",
        "reading": "review review_remark",
        "requests-for-clarification": "review_send",
        "close-the-reading": "review_close",
        "enter-answers-that-a-state-sends-on-paper": (
            "transcription_list transcription_add transcription transcription_unit"
        ),
        "progress": (
            "progress progress_changes progress_regions progress_states progress_rounds progress_gaps "
            "progress_theme progress_family progress_recommendation"
        ),
        "behind-a-figure": "progress_behind",
        "technical-assistance": "progress_assistance need_mark",
        "good-practices": "progress_practices",
        "the-progress-report": "progress_paper",
        "quotations": "quotation_list quotation_choose",
        "download-answers": "answers export_list export",
    },
    "curator": {
        "import-a-paper": (
            "paper_import_list paper_import_add paper_import paper_import_edit paper_import_text "
            "paper_import_text_add paper_import_details paper_import_annotations paper_import_publish "
            "paper_import_delete"
        ),
        "retract-an-import": "paper_import_retract",
        "treaty-status": "treaty_act_list treaty_act_import treaty_standing treaty_act_decline status_report_answer",
        "edit-the-information-about-a-text": (
            "admin:recommendations_recommendation admin:recommendations_theme admin:recommendations_meeting "
            "admin:recommendations_addressee admin:recommendations_footnote"
        ),
        "change-a-text": "admin:recommendations_recommendation_wording admin:recommendations_wording",
        "stop-requesting-answers": "admin:recommendations_recommendation_standing",
        "change-a-label-or-a-kind": "admin:recommendations_recommendation_structure",
        "export-and-import": (
            "admin:recommendations_recommendation_import admin:recommendations_recommendation_process_import "
            "admin:recommendations_recommendation_export"
        ),
        "maintain-synonyms": "admin:recommendations_synonym",
        "record-the-action-of-the-conference": "admin:recommendations_recordedaction",
        "maintain-the-workplan": "admin:recommendations_takenup",
        "record-the-origin-of-a-text": "admin:recommendations_provenance",
        "correct-a-paper": "admin:recommendations_paper",
        "record-decisions-and-dates": "admin:recommendations_currency",
        "add-an-official-text-in-another-language": "official_texts_add admin:recommendations_translation",
        "add-another-body": "admin:recommendations_body",
        "assign-treaty-provisions": "admin:recommendations_provision",
        "groups-and-references": "admin:recommendations_family admin:recommendations_lineage",
    },
    "administrator": {
        "a-state-without-a-focal-point": "desks_without_focal_point",
        "removal-requests": "withdrawal_queue withdrawal_decide",
        "the-audit-trail": "site_event_list",
        "people": "admin:tracker_user",
        "roles": "admin:tracker_membership",
        "reading-restrictions": "admin:tracker_readingrestriction",
    },
    "public": {
        "your-account": "account_login account notifications session_list session_end",
        "the-adopted-texts": (
            "recommendations:list recommendations:detail recommendations:theme recommendations:family "
            "recommendations:body recommendations:facts recommendations:workplan"
        ),
        "published-answers": "published_list published",
        "figures": "figures",
        "data": "data",
        "verify-a-receipt": "verify verified daily_list",
    },
}
# For users who read a part of what their State records: before PAGES.
PAGES_IN_PART = {
    "contributor": {
        "your-answers": "respondent_desk record_list",
        "write-an-answer": "record record_history record_compare",
        "suggest-an-answer": "proposal_list proposal_add",
    },
}


def _section_of_page(pages: dict[str, dict[str, str]]) -> dict[str, tuple[str, str]]:
    """Return (guide, section) by page."""
    return {
        page: (guide, section)
        for guide, sections in pages.items()
        for section, names in sections.items()
        for page in names.split()
    }


SECTION_OF_PAGE = _section_of_page(PAGES)
SECTION_OF_PAGE_IN_PART = SECTION_OF_PAGE | _section_of_page(PAGES_IN_PART)


def help_address(page: str, is_in_part: bool) -> str:
    """Return the address of the section for a page; `is_in_part`: the user reads a part of what the State records."""
    sections = SECTION_OF_PAGE_IN_PART if is_in_part else SECTION_OF_PAGE
    model = page.rpartition("_")[0] if page.startswith("admin:") else page
    section = sections.get(page) or sections.get(model)
    return guide_address(*section) if section else reverse("help")
