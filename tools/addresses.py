"""The table of all addresses of the site outside its admin: an example of each, and who may open it.

The walk (tests/test_walk.py) and the bench (tools/bench/) read it.
"""

from collections.abc import Mapping
from typing import NamedTuple

from tracker.documents.report.files import BRIEF_WRITERS, FILE_KINDS

WALKERS = ("anonymous", "focal point", "contributor", "viewer", "stranger", "reviewer", "curator", "administrator")


class Expected(NamedTuple):
    """Status codes in the order of WALKERS, of a GET and of a POST."""

    get: str
    post: str


NOBODY = "405 405 405 405 405 405 405 405"
TO_SIGN_IN = "302 405 405 405 405 405 405 405"
EVERYBODY = "200 200 200 200 200 200 200 200"
SIGNED_IN = "302 200 200 200 200 200 200 200"
OF_THE_DESK = "302 200 200 200 404 404 404 404"
WRITERS = "302 200 200 403 404 404 404 404"
FOCAL_POINTS = "302 200 403 403 404 404 404 404"

PUBLIC = Expected(EVERYBODY, NOBODY)
NOT_FOUND = "404 404 404 404 404 404 404 404"
UNPUBLISHED = Expected(NOT_FOUND, NOBODY)
ANYONE = Expected(SIGNED_IN, TO_SIGN_IN)
DESK = Expected(OF_THE_DESK, TO_SIGN_IN)
DESK_FORM = Expected(OF_THE_DESK, WRITERS)
DESK_WRITING = Expected(WRITERS, WRITERS)

ROUND = {"code": "XAA", "round_code": "2026"}
SUBMISSION = ROUND | {"number": 1}
RELEASE = {"round_code": "2026"}
UNIT = {"code": "XAA", "slug": "IV-46-i"}
PROPOSAL = UNIT | {"pk": "PROPOSAL"}
PIECE = {"code": "XAA", "number": 1}
PROVIDER = {"provider_id": "none"}
IMPORT = {"pk": "IMPORT"}
IMPORT_TEXT = IMPORT | {"text_pk": "IMPORT_TEXT"}
TRANSCRIPTION = {"respondent_code": "XAA", "pk": "TRANSCRIPTION"}

REPORT_FILES = [f"report_{kind}" for kind in FILE_KINDS]
BRIEF_FILES = [f"brief_{kind}" for kind in BRIEF_WRITERS]
ROUND_MAKERS = "302 403 403 403 403 200 200 403"
TO_POST_ALONE = "302 405 405 405 405 405 405 405"
SUBMITTED = Expected("302 200 200 200 404 200 404 404", TO_SIGN_IN)
FOCAL_POINT_OF_IT = "302 200 403 403 404 403 404 404"
DONE_BY_FOCAL_POINTS_OF_IT = "302 302 403 403 404 404 404 404"
DONE_BY_FOCAL_POINTS = "302 302 403 403 404 403 404 404"
DONE_ON_THE_DESK = "302 302 403 403 404 404 404 404"
REVIEWERS = "302 403 403 403 404 200 404 404"
DONE_BY_REVIEWERS = "302 403 403 403 404 302 404 404"
OWNER_ALONE = "302 404 404 404 404 200 404 404"
DONE_BY_OWNER = "302 404 404 404 404 302 404 404"
DESK_REDIRECT = "302 302 302 403 404 404 404 404"
AWAY = "302 302 302 302 302 302 302 302"
STRANGERS_ALONE = "200 302 302 302 302 302 302 302"
WITH_SECOND_FACTOR = "302 302 302 302 302 200 200 200"
OWN_PASSKEY = "302 404 404 404 404 404 404 404"
TO_DEACTIVATE = "302 404 404 404 404 200 200 200"
DEACTIVATED = "302 404 404 404 404 302 302 302"
NEW_CODES = "302 200 200 200 200 302 302 302"
NO_CODES_YET = "302 404 404 404 404 404 404 404"
ADMINISTRATORS = "302 403 403 403 403 403 403 200"
TO_ADMINISTRATORS = "302 403 403 403 403 403 403 302"
CURATORS = "302 403 403 403 403 403 200 403"
DONE_BY_CURATORS = "302 403 403 403 403 403 302 403"

URLS: dict[str, tuple[Mapping[str, object], Expected]] = {
    "home": ({}, Expected("200 302 302 302 302 302 302 302", NOBODY)),
    "about": ({}, PUBLIC),
    "data": ({}, PUBLIC),
    "help": ({}, PUBLIC),
    "search": ({}, PUBLIC),
    "search_suggestions": ({}, PUBLIC),
    "answer_guide": ({}, PUBLIC),
    "verification_script": ({}, PUBLIC),
    "guide": ({"slug": "focal-point"}, PUBLIC),
    "figures": ({}, PUBLIC),
    "figures_csv": ({}, PUBLIC),
    "figures_json": ({}, PUBLIC),
    "release": (RELEASE, PUBLIC),
    "release_file": (RELEASE | {"kind": "csv"}, PUBLIC),
    "accessibility": ({}, PUBLIC),
    "privacy": ({}, PUBLIC),
    "security_contact": ({}, UNPUBLISHED),
    "welcome": ({}, Expected(SIGNED_IN, AWAY)),
    "account": ({}, ANYONE),
    "language": ({}, Expected(NOBODY, AWAY)),
    "notifications": ({}, Expected(SIGNED_IN, AWAY)),
    "directory": ({}, ANYONE),
    "directory_choice": ({}, Expected(SIGNED_IN, "302 302 403 403 302 403 403 403")),
    "directory_respondent": ({"code": "XAA"}, Expected(TO_POST_ALONE, DONE_BY_FOCAL_POINTS_OF_IT)),
    "people": ({"code": "XAA"}, Expected(FOCAL_POINTS, TO_SIGN_IN)),
    "membership": ({"code": "XAA", "pk": "MEMBERSHIP"}, Expected(FOCAL_POINTS, DONE_BY_FOCAL_POINTS_OF_IT)),
    "appointing_document": ({"pk": "MEMBERSHIP"}, Expected("302 200 404 404 404 404 404 200", TO_SIGN_IN)),
    "access_document": ({"pk": "ACCESS"}, Expected("302 200 404 404 404 404 404 200", TO_SIGN_IN)),
    "access_step": ({"code": "XAA", "pk": "ACCESS"}, Expected(TO_POST_ALONE, "302 302 403 403 404 404 404 404")),
    "access_stop": ({"token": "1:A"}, Expected(AWAY, NOBODY)),
    "access_stop_confirm": ({}, Expected(EVERYBODY, EVERYBODY)),
    "designations": ({}, Expected(ADMINISTRATORS, ADMINISTRATORS)),
    "designations_preview": ({"pk": 1}, Expected(TO_ADMINISTRATORS, TO_ADMINISTRATORS)),  # nothing is uploaded
    "designations_confirm": ({}, Expected(TO_POST_ALONE, TO_ADMINISTRATORS)),
    "state_list": ({}, Expected("302 403 403 403 403 200 200 200", TO_SIGN_IN)),
    "round_remind": ({"code": "2026"}, Expected(ROUND_MAKERS, ROUND_MAKERS.replace("200", "302"))),
    "invitation_add": ({"code": "XAA"}, Expected(FOCAL_POINTS, FOCAL_POINTS)),
    "invitation_step": (
        {"code": "XAA", "pk": "INVITATION"},
        Expected(TO_POST_ALONE, DONE_BY_FOCAL_POINTS_OF_IT),
    ),
    "invitation": ({"token": "A" * 43}, Expected(AWAY, NOBODY)),
    "invitation_accept": ({}, Expected(EVERYBODY, EVERYBODY)),
    "session_list": ({}, Expected(SIGNED_IN, AWAY)),
    "session_end": ({}, Expected(EVERYBODY, EVERYBODY)),
    "desks": ({}, ANYONE),
    "recommendations:list": ({}, PUBLIC),
    "recommendations:json": ({}, PUBLIC),
    "recommendations:csv": ({}, PUBLIC),
    "recommendations:xlsx": ({}, PUBLIC),
    "recommendations:recorded_actions": ({}, PUBLIC),
    "recommendations:workplan": ({}, PUBLIC),
    "recommendations:theme": ({"slug": "compensation"}, PUBLIC),
    "recommendations:family": ({"slug": "non-punishment"}, PUBLIC),
    "recommendations:body": ({"slug": "wgtip"}, UNPUBLISHED),  # the first has none; another's: test_bodies.py
    "recommendations:detail": ({"slug": "IV-46-i"}, PUBLIC),
    "respondent_desk": ({"code": "XAA"}, DESK),
    "units_asked": ({"code": "XAA"}, DESK),
    "record_list": ({"code": "XAA"}, DESK),
    "record": (UNIT, DESK_FORM),
    "record_history": (UNIT, DESK),
    "record_compare": (UNIT, DESK),
    "record_note": (UNIT, Expected("302 405 405 405 405 405 405 405", DESK_REDIRECT)),
    "draft": (UNIT, Expected("302 405 405 405 405 405 405 405", DESK_REDIRECT)),
    "draft_discard": (UNIT, Expected("302 405 405 405 405 405 405 405", DESK_REDIRECT)),
    "comment_list": (UNIT, DESK_FORM),
    "courtesy_translation": (UNIT, DESK_FORM),
    "offered_list": ({"code": "XAA"}, DESK),
    "proposal_list": (UNIT, DESK),
    "proposal_add": (UNIT, DESK_WRITING),
    "proposal_take": (PROPOSAL, Expected(TO_POST_ALONE, DONE_ON_THE_DESK)),
    "proposal_decline": (PROPOSAL, Expected(TO_POST_ALONE, FOCAL_POINTS)),
    "proposal_take_back": (PROPOSAL, Expected(TO_POST_ALONE, DONE_ON_THE_DESK)),
    "bulk": ({"code": "XAA"}, DESK_WRITING),
    "copy": (UNIT, DESK_WRITING),
    "update": (UNIT, Expected("302 302 302 302 404 404 404 404", "302 302 403 403 404 404 404 404")),
    "record_restore": (UNIT | {"number": 1}, Expected("302 405 405 405 405 405 405 405", DESK_REDIRECT)),
    "assignment_undo": (UNIT, Expected(TO_POST_ALONE, "302 403 403 403 404 404 404 404")),
    "assignment_list": ({"code": "XAA"}, DESK),
    "assignment_check": ({"code": "XAA"}, Expected(FOCAL_POINTS, TO_SIGN_IN)),
    "assignment_add": ({"code": "XAA"}, Expected(FOCAL_POINTS, FOCAL_POINTS)),
    "assignment_accept": ({"code": "XAA"}, Expected(TO_POST_ALONE, DONE_ON_THE_DESK)),
    "assignment_take_back": ({"code": "XAA"}, Expected(TO_POST_ALONE, DONE_ON_THE_DESK)),
    "assignment_remind": ({"code": "XAA", "key": "ASSIGNEE"}, Expected(FOCAL_POINTS, FOCAL_POINTS)),
    "assignment_docx": ({"code": "XAA", "key": "ASSIGNEE"}, Expected(FOCAL_POINTS, TO_SIGN_IN)),
    "assignment_return": ({"code": "XAA", "pk": "ASSIGNMENT"}, Expected(FOCAL_POINTS, FOCAL_POINTS)),
    "institution_list": ({"code": "XAA"}, Expected(OF_THE_DESK, FOCAL_POINTS)),
    "institution": ({"code": "XAA", "pk": "INSTITUTION"}, Expected(FOCAL_POINTS, FOCAL_POINTS)),
    "institution_person": ({"code": "XAA", "pk": "CONTRIBUTOR"}, Expected(TO_POST_ALONE, DONE_ON_THE_DESK)),
    "institution_opening": ({"code": "XAA"}, Expected(TO_POST_ALONE, DONE_ON_THE_DESK)),
    "evidence_list": ({"code": "XAA"}, DESK),
    "evidence": (PIECE, DESK),
    "evidence_add": ({"code": "XAA"}, DESK_WRITING),
    "evidence_edit": (PIECE, DESK_WRITING),
    "evidence_file": (PIECE | {"version": 1}, DESK),
    "handover": ({"code": "XAA"}, Expected(FOCAL_POINTS, TO_SIGN_IN)),
    "handover_pdf": ({"code": "XAA"}, Expected(FOCAL_POINTS, TO_SIGN_IN)),
    "draft_take_over": (
        {"code": "XAA", "pk": "DRAFT"},
        Expected(TO_POST_ALONE, "302 302 403 403 404 404 404 404"),
    ),
    "provision_list": ({"code": "XAA"}, DESK),
    "provision": ({"code": "XAA", "slug": "protocol-6-6"}, DESK),
    "provisions_csv": ({"code": "XAA"}, DESK),
    "provisions_docx": ({"code": "XAA"}, DESK),
    "status_report_add": ({"code": "XAA"}, Expected(FOCAL_POINTS, FOCAL_POINTS)),
    "status_report_answer": (
        {"respondent_code": "XAA", "pk": "STATUS_REPORT"},
        Expected(TO_POST_ALONE, CURATORS),  # without a reason: the page again
    ),
    "paper_import_list": ({}, Expected(CURATORS, TO_SIGN_IN)),
    "paper_import_add": ({}, Expected(CURATORS, CURATORS)),
    "official_texts_add": ({}, Expected(CURATORS, CURATORS)),
    "paper_import": (IMPORT, Expected(CURATORS, DONE_BY_CURATORS)),
    "paper_import_text": (IMPORT_TEXT, Expected(CURATORS, CURATORS)),
    "paper_import_details": (IMPORT, Expected(CURATORS, CURATORS)),
    "paper_import_annotations": (IMPORT, Expected(CURATORS, CURATORS)),
    "paper_import_annotations_csv": (IMPORT, Expected(CURATORS, TO_SIGN_IN)),
    "paper_import_page": (
        IMPORT | {"number": 1},
        Expected(ROUND_MAKERS.replace("200", "404"), TO_SIGN_IN),
    ),  # it is text
    "paper_import_publish": (IMPORT, Expected(ROUND_MAKERS, "302 403 403 403 403 302 302 403")),
    "paper_import_delete": (IMPORT, Expected(CURATORS, DONE_BY_CURATORS)),
    "paper_import_retract": (IMPORT, Expected(DONE_BY_CURATORS, DONE_BY_CURATORS)),  # it is a draft
    "treaty_act_list": ({}, Expected(CURATORS, DONE_BY_CURATORS)),
    "treaty_act_import": ({}, Expected(CURATORS, CURATORS)),
    "treaty_standing": ({"respondent_code": "XAA"}, Expected(CURATORS, CURATORS)),
    "treaty_act_confirm": ({"respondent_code": "XAA"}, Expected(TO_POST_ALONE, DONE_BY_CURATORS)),
    "treaty_act_decline": (
        {"respondent_code": "XAA", "pk": "TREATY_ACT"},
        Expected(TO_POST_ALONE, DONE_BY_CURATORS),
    ),
    "desk_transcriptions": ({"code": "XAA"}, Expected(FOCAL_POINTS, TO_SIGN_IN)),
    "desk_transcription_end": (
        {"code": "XAA", "pk": "TRANSCRIPTION"},
        Expected(TO_POST_ALONE, "302 302 403 403 404 404 404 404"),
    ),
    "transcription_list": ({}, Expected("302 403 403 403 403 200 403 403", TO_SIGN_IN)),
    "transcription_add": (
        {},
        Expected("302 403 403 403 403 200 403 403", "302 403 403 403 403 200 403 403"),
    ),
    "transcription": (TRANSCRIPTION, Expected(OWNER_ALONE, TO_SIGN_IN)),
    "transcription_end": (TRANSCRIPTION, Expected(TO_POST_ALONE, DONE_BY_OWNER)),
    "transcription_unit": (TRANSCRIPTION | {"slug": "IV-46-i"}, Expected(OWNER_ALONE, OWNER_ALONE)),
    "transcription_take_back": (TRANSCRIPTION | {"slug": "IV-46-i"}, Expected(TO_POST_ALONE, DONE_BY_OWNER)),
    "event_list": ({"code": "XAA"}, Expected(FOCAL_POINTS, TO_SIGN_IN)),
    "site_event_list": ({}, Expected(ADMINISTRATORS, TO_SIGN_IN)),
    "workbook": ({"code": "XAA"}, Expected(WRITERS, TO_SIGN_IN)),
    "workbook_xlsx": ({"code": "XAA"}, Expected(WRITERS, TO_SIGN_IN)),
    "workbook_upload": (
        {"code": "XAA", "pk": "WORKBOOK"},
        Expected("302 200 404 403 404 404 404 404", "302 302 404 403 404 404 404 404"),
    ),
    "returned_file": ({"code": "XAA"}, DESK_WRITING),
    "questionnaire_answers": ({"code": "XAA"}, Expected(WRITERS, FOCAL_POINTS)),
    "report": ({"code": "XAA"}, Expected(OF_THE_DESK, DONE_BY_FOCAL_POINTS_OF_IT)),
    **{f"brief_{kind}": ({"code": "XAA"}, DESK) for kind in BRIEF_WRITERS},
    **{f"report_{kind}": ({"code": "XAA"}, DESK) for kind in FILE_KINDS},
    "withdrawal_list": ({"code": "XAA"}, DESK),
    "withdrawal_request": ({"code": "XAA"}, Expected(FOCAL_POINTS, FOCAL_POINTS)),
    "withdrawal": ({"code": "XAA", "pk": "WITHDRAWAL"}, Expected(OF_THE_DESK, "302 302 302 403 404 404 404 404")),
    "withdrawal_queue": ({}, Expected(ADMINISTRATORS, TO_SIGN_IN)),
    "withdrawal_decide": (
        {"pk": "WITHDRAWAL"},
        Expected("302 404 404 404 404 404 404 200", "302 404 404 404 404 404 404 302"),
    ),
    "progress": ({}, Expected(ROUND_MAKERS, TO_SIGN_IN)),
    "progress_behind": ({}, Expected("302 403 403 403 403 200 403 403", TO_SIGN_IN)),
    "progress_changes": ({}, Expected(ROUND_MAKERS, TO_SIGN_IN)),
    "progress_regions": ({}, Expected(ROUND_MAKERS, TO_SIGN_IN)),
    "progress_states": ({}, Expected(ROUND_MAKERS, TO_SIGN_IN)),
    "progress_rounds": ({}, Expected(ROUND_MAKERS, TO_SIGN_IN)),
    "progress_assistance": ({}, Expected(ROUND_MAKERS, TO_SIGN_IN)),
    "progress_assistance_csv": ({}, Expected("302 403 403 403 403 200 403 403", TO_SIGN_IN)),
    "progress_assistance_xlsx": ({}, Expected("302 403 403 403 403 200 403 403", TO_SIGN_IN)),
    "progress_practices": ({}, Expected(ROUND_MAKERS, TO_SIGN_IN)),
    "need_mark": (
        {"code": "XAA", "slug": "I-13"},
        Expected(TO_POST_ALONE, "302 403 403 403 403 302 403 403"),
    ),
    "assistance": ({"code": "XAA"}, DESK),
    "need_close": ({"code": "XAA", "slug": "I-13"}, Expected(TO_POST_ALONE, "302 302 403 403 404 404 404 404")),
    "practice_list": ({}, PUBLIC),
    "practice_unit": ({"slug": "IV-46-i"}, PUBLIC),
    **{f"practices_{kind}": ({}, PUBLIC) for kind in ("docx", "pdf", "csv", "json")},
    "practice_evidence_file": (
        {"slug": "I-13", "respondent_code": "XAA", "round_code": "2026", "number": 1, "position": 1},
        Expected("302 404 404 404 404 404 404 404", TO_SIGN_IN),
    ),
    "progress_gaps": ({}, Expected(ROUND_MAKERS, TO_SIGN_IN)),
    "progress_theme": ({"slug": "compensation"}, Expected(ROUND_MAKERS, TO_SIGN_IN)),
    "progress_family": ({"slug": "non-punishment"}, Expected(ROUND_MAKERS, TO_SIGN_IN)),
    "progress_recommendation": ({"slug": "IV-46-i"}, Expected(ROUND_MAKERS, TO_SIGN_IN)),
    "progress_csv": ({}, Expected(ROUND_MAKERS, TO_SIGN_IN)),
    "progress_xlsx": ({}, Expected(ROUND_MAKERS, TO_SIGN_IN)),
    "answers": ({}, Expected("302 403 403 403 403 200 403 403", "302 403 403 403 403 302 403 403")),
    "answers_csv": ({}, Expected("302 403 403 403 403 200 403 403", TO_SIGN_IN)),
    "export_list": ({}, ANYONE),
    "export": ({"pk": "EXPORT"}, Expected(OWNER_ALONE, TO_SIGN_IN)),
    "export_file": ({"pk": "EXPORT"}, Expected(OWNER_ALONE, TO_SIGN_IN)),
    "export_again": ({"pk": "EXPORT"}, Expected(TO_POST_ALONE, DONE_BY_OWNER)),
    "export_discard": ({"pk": "EXPORT"}, Expected(TO_POST_ALONE, DONE_BY_OWNER)),
    "progress_paper": ({}, Expected(ROUND_MAKERS, TO_SIGN_IN)),
    "progress_paper_changes": ({}, Expected(ROUND_MAKERS, TO_SIGN_IN)),
    "quotation_list": ({}, Expected("302 403 403 403 403 200 403 403", "302 403 403 403 403 200 403 403")),
    "quotation_choose": (
        RELEASE | {"respondent_code": "XAA", "slug": "I-13", "field": "measures"},
        Expected("302 403 403 403 403 404 403 403", "302 403 403 403 403 404 403 403"),
    ),
    "quotation_move": (RELEASE | {"pk": 1}, Expected(TO_POST_ALONE, "302 403 403 403 403 404 403 403")),
    "quotation_remove": (RELEASE | {"pk": 1}, Expected(TO_POST_ALONE, "302 403 403 403 403 404 403 403")),
    "quotations_of_state": ({"code": "XAA"}, Expected(OF_THE_DESK, TO_SIGN_IN)),
    "quotation_object": (
        {"code": "XAA", "pk": 1},
        Expected("302 404 403 403 404 404 404 404", "302 404 403 403 404 404 404 404"),
    ),
    "progress_paper_docx": ({}, Expected(ROUND_MAKERS, TO_SIGN_IN)),
    "progress_paper_pdf": ({}, Expected(ROUND_MAKERS, TO_SIGN_IN)),
    "paper_opening": ({"pk": "PAPER"}, Expected(ROUND_MAKERS, ROUND_MAKERS)),
    "round_list": ({}, Expected(ROUND_MAKERS, TO_SIGN_IN)),
    "round_add": ({}, Expected(ROUND_MAKERS, ROUND_MAKERS)),
    "round": ({"code": "2026"}, Expected(ROUND_MAKERS, ROUND_MAKERS)),
    "check": (ROUND, Expected(OF_THE_DESK, "302 302 403 403 404 404 404 404")),
    "check_answer": (ROUND | {"slug": "IV-46-i"}, Expected(OF_THE_DESK, DONE_ON_THE_DESK)),
    "check_sheet": (ROUND, DESK),
    "still_correct": (ROUND, Expected(FOCAL_POINTS, FOCAL_POINTS)),
    "mark_ready": (ROUND, Expected(TO_POST_ALONE, DONE_ON_THE_DESK)),
    "submission_list": ({"code": "XAA"}, DESK),
    "submission": (SUBMISSION, SUBMITTED),
    "receipt_pdf": (SUBMISSION, SUBMITTED),
    "submission_json": (SUBMISSION, SUBMITTED),
    "submission_report": (SUBMISSION, SUBMITTED),
    **{f"submission_report_{kind}": (SUBMISSION, SUBMITTED) for kind in FILE_KINDS},
    "submission_items": (SUBMISSION, SUBMITTED),
    "submission_changes": (SUBMISSION, SUBMITTED),
    "submission_questions": (
        SUBMISSION,
        Expected("302 200 200 200 404 403 404 404", "302 200 403 403 404 403 404 404"),
    ),
    "submission_complete": (SUBMISSION, Expected(TO_POST_ALONE, "302 302 403 403 404 403 404 404")),
    "submission_withdraw": (SUBMISSION, Expected(FOCAL_POINT_OF_IT, FOCAL_POINT_OF_IT)),
    "submission_use": (SUBMISSION, Expected(FOCAL_POINT_OF_IT, "302 302 403 403 404 403 404 404")),
    "review_queue": ({}, Expected("302 403 403 403 403 200 403 403", "302 403 403 403 403 200 403 403")),
    "review": (SUBMISSION, Expected(REVIEWERS, TO_SIGN_IN)),
    "review_take": (SUBMISSION, Expected(TO_POST_ALONE, DONE_BY_REVIEWERS)),
    "review_release": (SUBMISSION, Expected(TO_POST_ALONE, DONE_BY_REVIEWERS)),
    "review_send": (SUBMISSION, Expected("302 403 403 403 404 403 404 404", DONE_BY_REVIEWERS)),
    "review_close": (SUBMISSION, Expected("302 403 403 403 404 403 404 404", DONE_BY_REVIEWERS)),
    "review_remark": (
        SUBMISSION | {"slug": "I-13"},
        Expected(DONE_BY_REVIEWERS, "302 403 403 403 404 409 404 404"),
    ),
    "review_translation": (SUBMISSION | {"slug": "I-13"}, Expected(OWNER_ALONE, OWNER_ALONE)),
    "review_note_rest": (SUBMISSION | {"theme_slug": "compensation"}, Expected(TO_POST_ALONE, DONE_BY_REVIEWERS)),
    "submission_evidence_file": (
        SUBMISSION | {"slug": "I-13", "position": 1},
        Expected("302 404 404 404 404 404 404 404", TO_SIGN_IN),
    ),
    "submission_publish": (SUBMISSION, Expected(FOCAL_POINT_OF_IT, FOCAL_POINT_OF_IT)),
    "submission_take_back": (SUBMISSION, Expected(DONE_BY_FOCAL_POINTS, DONE_BY_FOCAL_POINTS)),
    "published_list": ({}, PUBLIC),
    "published": (SUBMISSION, UNPUBLISHED),
    "published_csv": (SUBMISSION, UNPUBLISHED),
    "published_json": (SUBMISSION, UNPUBLISHED),
    "published_evidence_file": (SUBMISSION | {"slug": "I-13", "position": 1}, UNPUBLISHED),
    "verify": ({}, PUBLIC),
    "daily_list": ({}, Expected(EVERYBODY, EVERYBODY)),
    "daily_list_log": ({}, PUBLIC),
    "daily_list_day": ({"day": "2026-11-28"}, UNPUBLISHED),
    "verified": ({"code": "A" * 26}, UNPUBLISHED),
    "account_login": ({}, Expected(STRANGERS_ALONE, STRANGERS_ALONE)),
    "account_logout": ({}, Expected(SIGNED_IN, AWAY)),
    "account_inactive": ({}, PUBLIC),
    "account_reauthenticate": ({}, Expected(SIGNED_IN, SIGNED_IN)),
    "account_change_password": ({}, Expected(SIGNED_IN, SIGNED_IN)),
    "account_set_password": ({}, Expected(AWAY, AWAY)),
    "openid_connect_login": (PROVIDER, Expected(NOBODY, NOT_FOUND)),  # with a provider: web/test_single_sign_on.py
    "openid_connect_callback": (PROVIDER, Expected(NOT_FOUND, NOBODY)),
    "openid_connect_confirm": (PROVIDER, Expected("302 404 404 404 404 404 404 404", TO_SIGN_IN)),
    "account_reset_password": ({}, Expected(EVERYBODY, EVERYBODY)),
    "account_reset_password_done": ({}, PUBLIC),
    "account_reset_password_from_key": ({"uidb36": "1", "key": "set-password"}, Expected(EVERYBODY, EVERYBODY)),
    "account_reset_password_from_key_done": ({}, PUBLIC),
    "mfa_index": ({}, Expected(AWAY, AWAY)),
    "mfa_authenticate": ({}, Expected(AWAY, AWAY)),
    "mfa_reauthenticate": ({}, Expected(WITH_SECOND_FACTOR, WITH_SECOND_FACTOR)),
    "mfa_list_webauthn": ({}, Expected(AWAY, AWAY)),
    "mfa_login_webauthn": ({}, Expected(AWAY, AWAY)),
    "mfa_add_webauthn": ({}, Expected(SIGNED_IN, SIGNED_IN)),
    "mfa_reauthenticate_webauthn": ({}, Expected(AWAY, AWAY)),
    "mfa_edit_webauthn": ({"pk": 1}, Expected(OWN_PASSKEY, OWN_PASSKEY)),
    "mfa_remove_webauthn": ({"pk": 1}, Expected(OWN_PASSKEY, OWN_PASSKEY)),
    "second_factor": ({}, Expected(AWAY, AWAY)),
    "people_second_factor": ({"code": "XAA"}, Expected(TO_POST_ALONE, DONE_ON_THE_DESK)),
    "mfa_activate_totp": ({}, Expected(SIGNED_IN, SIGNED_IN)),
    "mfa_deactivate_totp": ({}, Expected(TO_DEACTIVATE, DEACTIVATED)),
    "mfa_view_recovery_codes": ({}, Expected(NO_CODES_YET, TO_SIGN_IN)),
    "mfa_generate_recovery_codes": ({}, Expected(SIGNED_IN, NEW_CODES)),
    "mfa_download_recovery_codes": ({}, Expected(NO_CODES_YET, NO_CODES_YET)),
}
