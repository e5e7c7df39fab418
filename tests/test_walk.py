"""Every URL, as everyone, GET and POST: who may in, who is told no, and that nobody reads another State's word.

A URL that stands in no table here fails the walk. A canary word stands in every field of State XAA; whatever a
person from elsewhere is answered, it is not in it.
"""

import io
import subprocess
import zipfile
from collections.abc import Callable, Collection
from typing import NamedTuple

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from recommendations.models import Family, ImportedNode, PaperImport, Provenance, Recommendation, Theme
from tests.canaries import CANARY, HIDDEN, REPORTED, WALKERS, fill_with_canaries, walkers
from tests.conftest import arandia, belmara, make_person, with_second_factor
from tests.labels import bare_labels, text_of
from tests.pages import client_of
from tests.submissions import release_of_few
from tests.thorough import IS_WHOLE, in_turn
from tracker.documents.report.files import BRIEF_WRITERS, FILE_KINDS
from tracker.models import (
    AccessChange,
    Assignment,
    Draft,
    Evidence,
    Export,
    HeldUpload,
    Institution,
    Invitation,
    Membership,
    Proposal,
    Record,
    Respondent,
    Revision,
    Round,
    StatusReport,
    TranscriptionRequest,
    TreatyAct,
    User,
    Withdrawal,
)
from tracker.models.state_owned import StateOwned
from tracker.models.user import Role
from tracker.web.limits import VIEWS

pytestmark = pytest.mark.django_db


class Expected(NamedTuple):
    """Status codes in the order of canaries.WALKERS, of a GET and of a POST, empty unless POSTED has something."""

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
HANDED_IN = Expected("302 200 200 200 404 200 404 404", TO_SIGN_IN)
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
CURATORS = "302 403 403 403 403 403 200 403"
DONE_BY_CURATORS = "302 403 403 403 403 403 302 403"

URLS = {
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
    "desks_without_focal_point": ({}, Expected(ADMINISTRATORS, TO_SIGN_IN)),
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
    "recommendations:facts": ({}, PUBLIC),
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
    "paper_import_edit": (IMPORT, Expected(CURATORS, DONE_BY_CURATORS)),
    "paper_import_text": (IMPORT_TEXT, Expected(CURATORS, CURATORS)),
    "paper_import_text_add": (IMPORT_TEXT, Expected(CURATORS, CURATORS)),
    "paper_import_details": (IMPORT, Expected(CURATORS, CURATORS)),
    "paper_import_annotations": (IMPORT, Expected(CURATORS, CURATORS)),
    "paper_import_annotations_csv": (IMPORT, Expected(CURATORS, TO_SIGN_IN)),
    "paper_import_publish": (IMPORT, Expected(CURATORS, "302 403 403 403 403 403 409 403")),
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
    "workbook": ({"code": "XAA"}, DESK_WRITING),
    "workbook_xlsx": ({"code": "XAA"}, Expected(WRITERS, TO_SIGN_IN)),
    "workbook_upload": (
        {"code": "XAA", "pk": "WORKBOOK"},
        Expected("302 200 404 403 404 404 404 404", "302 302 404 403 404 404 404 404"),
    ),
    "questionnaire": ({"code": "XAA"}, Expected(WRITERS, TO_SIGN_IN)),
    "questionnaire_docx": ({"code": "XAA"}, Expected(WRITERS, TO_SIGN_IN)),
    "questionnaire_return": ({"code": "XAA"}, DESK_WRITING),
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
    "round_list": ({}, Expected(ROUND_MAKERS, TO_SIGN_IN)),
    "round_add": ({}, Expected(ROUND_MAKERS, ROUND_MAKERS)),
    "round": ({"code": "2026"}, Expected(ROUND_MAKERS, ROUND_MAKERS)),
    "check": (ROUND, Expected(OF_THE_DESK, "302 302 403 403 404 404 404 404")),
    "check_answer": (ROUND | {"slug": "IV-46-i"}, Expected(OF_THE_DESK, DONE_ON_THE_DESK)),
    "check_sheet": (ROUND, DESK),
    "confirm_selected": (ROUND, Expected(FOCAL_POINTS, FOCAL_POINTS)),
    "confirm_answers": (ROUND, Expected(TO_POST_ALONE, "302 200 403 403 404 404 404 404")),
    "mark_ready": (ROUND, Expected(TO_POST_ALONE, DONE_ON_THE_DESK)),
    "submission_list": ({"code": "XAA"}, DESK),
    "submission": (SUBMISSION, HANDED_IN),
    "receipt_pdf": (SUBMISSION, HANDED_IN),
    "submission_json": (SUBMISSION, HANDED_IN),
    "submission_report": (SUBMISSION, HANDED_IN),
    **{f"submission_report_{kind}": (SUBMISSION, HANDED_IN) for kind in FILE_KINDS},
    "submission_items": (SUBMISSION, HANDED_IN),
    "submission_changes": (SUBMISSION, HANDED_IN),
    "submission_questions": (
        SUBMISSION,
        Expected("302 200 200 200 404 403 404 404", "302 200 403 403 404 403 404 404"),
    ),
    "submission_complete": (SUBMISSION, Expected(TO_POST_ALONE, "302 302 403 403 404 403 404 404")),
    "submission_withdraw": (SUBMISSION, Expected(FOCAL_POINT_OF_IT, FOCAL_POINT_OF_IT)),
    "submission_use": (SUBMISSION, Expected(FOCAL_POINT_OF_IT, "302 302 403 403 404 403 404 404")),
    "review_queue": ({}, Expected("302 403 403 403 403 200 403 403", TO_SIGN_IN)),
    "review": (SUBMISSION, Expected(REVIEWERS, TO_SIGN_IN)),
    "review_take": (SUBMISSION, Expected(TO_POST_ALONE, DONE_BY_REVIEWERS)),
    "review_release": (SUBMISSION, Expected(TO_POST_ALONE, DONE_BY_REVIEWERS)),
    "review_send": (SUBMISSION, Expected("302 403 403 403 404 403 404 404", DONE_BY_REVIEWERS)),
    "review_close": (SUBMISSION, Expected("302 403 403 403 404 403 404 404", DONE_BY_REVIEWERS)),
    "review_remark": (
        SUBMISSION | {"slug": "I-13"},
        Expected(DONE_BY_REVIEWERS, "302 403 403 403 404 409 404 404"),
    ),
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

DECIDE = {"decision": "refuse"}
POSTED = {"withdrawal": DECIDE, "withdrawal_decide": DECIDE, "status_report_answer": {"decline": "yes"}}

# The focal point gets all of these files; by default the others of the State, who get the same, a part of them.
SHORT = {
    "questionnaire_docx": "?unit=I-13",
    **dict.fromkeys((*REPORT_FILES, *(f"submission_{name}" for name in REPORT_FILES)), "?part=gaps"),
}

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}


def app_of(model_name: str) -> str:
    of_people = {"user", "membership", "accesschange", "readingrestriction", "respondent"}
    return "tracker" if model_name in of_people else "recommendations"


def named_patterns(patterns, namespace: str = "", prefix: str = ""):
    """(name, pattern) of every URL of the site."""
    for entry in patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from named_patterns(entry.url_patterns, inner, prefix + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name}", prefix + str(entry.pattern)


@pytest.fixture(scope="module")
def site(for_the_module):
    """State XAA with its canaries, State XBB, and the people of the walk: made once, and each test leaves them so."""
    xaa, xbb = arandia(), belmara()
    alice, charlie = make_person("alice", Role.FOCAL_POINT, xaa), make_person("charlie", Role.FOCAL_POINT, xbb)
    secretariat = {"bob": Role.REVIEWER, "dana": Role.CURATOR, "erin": Role.ADMINISTRATOR}
    bob, dana, erin = (with_second_factor(make_person(name, role)) for name, role in secretariat.items())
    people = walkers(xaa, alice, charlie, bob, dana, erin)
    fill_with_canaries(xaa, alice, bob)
    release_of_few(Round.objects.get(), bob)
    return xaa, xbb, people


@pytest.fixture
def canary_state(site) -> Respondent:
    return site[0]


@pytest.fixture
def xaa(site) -> Respondent:
    return site[0]


@pytest.fixture
def xbb(site) -> Respondent:
    return site[1]


@pytest.fixture
def people(site) -> dict[str, User | None]:
    return site[2]


@pytest.fixture(scope="module")
def adopted(site) -> list[str]:
    """Items with their labels, as adopted, and the sources and notes of curators, the longest first."""
    items = Recommendation.objects.with_text().filter(parent__kind="chapeau")
    written = [f"{item.label} {item.text}" for item in items]
    for model, field in ((Theme, "basis"), (Family, "note"), (Provenance, "source")):
        written += model.objects.values_list(field, flat=True)
    return sorted(filter(None, written), key=len, reverse=True)


# The terms of use and the search have examples, and the file of the catalogue columns between; of what was submitted
# the files are as those of the current answers.
HAS_LABELS_ALONE = {
    *("data", "search", "recommendations:csv", "recommendations:xlsx"),
    *(f"submission_{name}" for name in REPORT_FILES),
}
SEARCHED = {"recommendations:list", "record_list", "evidence_list", "report"}  # pages with a search or a filter
ADMIN_SITE = {
    f"admin:{name}"
    for name in ("index", "login", "logout", "password_change", "password_change_done", "autocomplete", "jsi18n")
} | {"admin:view_on_site", "admin:app_list"}
ADMIN_OF = {
    "user": {"administrator"},
    "membership": {"administrator"},
    "accesschange": {"administrator"},
    "readingrestriction": {"administrator"},
    "respondent": {"curator", "administrator"},
    "body": {"curator"},
    "meeting": {"curator"},
    "theme": {"curator"},
    "family": {"curator"},
    "lineage": {"curator"},
    "provision": {"curator"},
    "recordedaction": {"curator"},
    "takenup": {"curator"},
    "synonym": {"curator"},
    "provenance": {"curator"},
    "currency": {"curator"},
    "paper": {"curator"},
    "translation": {"curator"},
    "addressee": {"curator"},
    "footnote": {"curator"},
    "wording": {"curator"},
    "recommendation": {"curator"},
}
NEVER_DELETED = {
    "user",
    "membership",
    "accesschange",
    "readingrestriction",
    "respondent",
    "recommendation",
    "wording",
    "footnote",
}
ADMIN_PAGES = ("changelist", "add", "history", "delete", "change")
ADMIN = (
    ADMIN_SITE
    | {f"admin:{app_of(model)}_{model}_{page}" for model in ADMIN_OF for page in ADMIN_PAGES}
    | {
        f"admin:recommendations_recommendation_{page}"
        for page in ("wording", "standing", "structure", "import", "process_import", "export")
    }
    | {f"admin:recommendations_translation_{page}" for page in ("import", "process_import", "export")}
)


KEYS: dict[str, Callable[[], int]] = {
    "MEMBERSHIP": lambda: Membership.objects.exclude(document="").get().pk,
    "ACCESS": lambda: AccessChange.objects.get().pk,
    "INVITATION": lambda: Invitation.everyones.get().pk,
    "WITHDRAWAL": lambda: Withdrawal.everyones.get().pk,
    "EXPORT": lambda: Export.objects.get().pk,
    "ASSIGNMENT": lambda: Assignment.everyones.earliest("pk").pk,
    "ASSIGNEE": lambda: Assignment.everyones.earliest("pk").assignee_key,
    "INSTITUTION": lambda: Institution.everyones.earliest("pk").pk,
    "CONTRIBUTOR": lambda: Membership.objects.get(role=Role.CONTRIBUTOR).pk,
    "WORKBOOK": lambda: HeldUpload.everyones.get(downloaded_at__isnull=False).pk,
    "STATUS_REPORT": lambda: StatusReport.everyones.get().pk,
    "TREATY_ACT": lambda: TreatyAct.objects.get().pk,
    "IMPORT": lambda: PaperImport.objects.get().pk,
    "IMPORT_TEXT": lambda: ImportedNode.objects.earliest("pk").pk,
    "TRANSCRIPTION": lambda: TranscriptionRequest.everyones.earliest("pk").pk,
    "DRAFT": lambda: Draft.everyones.earliest("pk").pk,
    "PROPOSAL": lambda: Proposal.everyones.earliest("pk").pk,
}


def address(name: str, **changed) -> str:
    """Of a URL in the table, with the keys that its things have in the database; `changed`: other parts of it."""
    kwargs = {key: KEYS[value]() if value in KEYS else value for key, value in URLS[name][0].items()}
    return reverse(name, kwargs=kwargs | changed)


def words_of(response) -> str:
    """Everything that an answer says, the cells of a workbook and the pages of a PDF included."""
    content = b"".join(response)
    if response.streaming:
        response.streaming_content = [content]  # for who reads it again
    if content.startswith(b"%PDF-"):
        content = subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True).stdout
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"\n".join(archive.read(name) for name in archive.namelist())
    return content.decode(errors="replace") + str(response.headers)


NO_FILES = {"session_end"}  # JSON for a script of the page


def is_file(response) -> bool:
    return "Content-Disposition" in response or not response.get("Content-Type", "text/").startswith("text/")


def left_to_get(expected: Expected, people: dict, place: int) -> set[str]:
    """Who does not post by default: what takes no POST from one who is signed in takes none from the others."""
    refused = [walker for walker, code in zip(people, expected.post.split(), strict=True) if code == "405"]
    return set(refused) - set(in_turn(refused, place)) if refused else set()


def code_of(responses: dict[str, HttpResponse], method: str) -> str:
    return str(responses[method].status_code) if method in responses else "405"


def answers(
    person, url: str, data: dict | None = None, methods: Collection[str] = ("get", "post")
) -> dict[str, HttpResponse]:
    """Responses to a GET and to a POST; nothing of XAA's words in them unless they are this person's to read."""
    responses = {}
    for method in methods:
        sent = data if method == "post" else None
        response = responses[method] = getattr(client_of(person), method)(url, sent)
        assert {name: response[name] for name in HEADERS} == HEADERS
        words = words_of(response)
        assert HIDDEN not in words
        if person is None or "XAA" not in [respondent.code for respondent in person.respondents]:
            assert CANARY not in words
            assert REPORTED not in words or (person and person.has_role(Role.CURATOR))
    return responses


def codes_of(person, url: str) -> dict[str, int]:
    return {method: response.status_code for method, response in answers(person, url).items()}


def test_every_url_is_in_the_walk():
    site = {name for name, _pattern in named_patterns(get_resolver().url_patterns)}
    assert {name for name in site if not name.startswith("admin:")} == URLS.keys()
    assert {name for name in site if name.startswith("admin:")} == ADMIN | {"admin:None"}


@pytest.mark.parametrize("name", URLS)
def test_who_may(name, people, canary_state, adopted):
    """On no page and in no file does a label stand without its title, but where curators or adopted texts name it.
    A user gets files within a limit.
    """
    url, (_kwargs, expected) = address(name), URLS[name]
    short = {} if IS_WHOLE else dict.fromkeys(("contributor", "viewer"), SHORT.get(name, ""))
    without_post = left_to_get(expected, people, list(URLS).index(name))
    got = {
        walker: answers(
            person,
            url + short.get(walker, ""),
            POSTED.get(name),
            methods=("get",) if walker in without_post else ("get", "post"),
        )
        for walker, person in people.items()
    }
    codes = (" ".join(code_of(both, method) for both in got.values()) for method in ("get", "post"))
    assert Expected(*codes) == expected
    is_limited = name in VIEWS or name in NO_FILES
    assert is_limited or not any(is_file(response) for both in got.values() for response in both.values())
    readers = [walker for walker in ("focal point", *WALKERS) if got[walker]["get"].status_code == 200]
    if readers and name not in HAS_LABELS_ALONE:
        text = text_of(got[readers[0]]["get"])
        for words in adopted:
            text = text.replace(words, "")
        assert bare_labels(text) == []


@pytest.mark.parametrize("model_name", ADMIN_OF)
def test_who_may_in_the_admin(model_name, people, canary_state):
    """The catalogue is the curators', people the administrators'; nobody deletes; no page holds a State's words."""
    model = apps.get_model(app_of(model_name), model_name)
    pk = model._default_manager.order_by("pk").first().pk
    for place, (walker, person) in enumerate(people.items(), start=list(ADMIN_OF).index(model_name)):
        for page in ADMIN_PAGES if walker in ADMIN_OF[model_name] else in_turn(ADMIN_PAGES, place):
            arguments = [] if page in {"changelist", "add"} else [pk]
            codes = codes_of(person, reverse(f"admin:{app_of(model_name)}_{model_name}_{page}", args=arguments))
            if walker not in ADMIN_OF[model_name]:
                assert set(codes.values()) <= {302, 403}
            elif page in {"changelist", "change"}:
                assert codes["get"] == 200
            elif page == "delete" and model_name in NEVER_DELETED:
                assert codes["get"] == 403


@pytest.mark.parametrize("page", ["import", "process_import", "export"])
def test_who_may_import_and_export_texts_in_other_languages(page, people, canary_state):
    for walker, person in people.items():
        codes = codes_of(person, reverse(f"admin:recommendations_translation_{page}"))
        if walker == "curator":
            assert codes["get"] == (405 if page == "process_import" else 200)
        else:
            assert set(codes.values()) <= {302, 403, 405}


@pytest.mark.parametrize("page", ["wording", "standing", "structure", "import", "process_import", "export"])
def test_who_may_import_and_export(page, people, canary_state):
    arguments = (
        [Recommendation.objects.get(label="IV.46(i)").pk] if page in {"wording", "standing", "structure"} else []
    )
    url = reverse(f"admin:recommendations_recommendation_{page}", args=arguments)
    for walker, person in people.items():
        codes = codes_of(person, url)
        if walker == "curator":
            assert codes["get"] == (405 if page == "process_import" else 200)
        else:
            assert set(codes.values()) <= {302, 403, 405}


@pytest.mark.parametrize("name", sorted(ADMIN_SITE - {"admin:view_on_site", "admin:app_list"}))
def test_the_admin_site_lets_its_people_in_alone(name, people, canary_state):
    for walker, person in people.items():
        codes = codes_of(person, reverse(name))
        if walker not in {"curator", "administrator"}:
            assert set(codes.values()) <= {302, 403}


def test_no_word_of_a_state_is_found_by_another(people, canary_state, xbb):
    """By search, filter or guess: in the public record, another State's lists, and the admin."""
    charlie, dana = client_of(people["stranger"]), client_of(people["curator"])
    urls = (
        "recommendations:list",
        "record_list",
        "evidence_list",
        "report",
        *REPORT_FILES,
        *BRIEF_FILES,
        "questionnaire_docx",
        "workbook_xlsx",
        "handover",
        "handover_pdf",
        "provision_list",
        "provisions_csv",
        "provisions_docx",
    )
    searches = ({"q": CANARY}, {"text": CANARY}, {"status": "considered_not_taken_up"}, {"evidence": "with"})
    for place, url in enumerate(urls):
        kwargs = {} if url == "recommendations:list" else {"code": "XBB"}
        for parameters in searches if url in SEARCHED else in_turn(searches, place):
            response = charlie.get(reverse(url, kwargs=kwargs), {"show": "all", **parameters})  # all of a report
            assert response.status_code == 200 or (url == "workbook_xlsx" and response.status_code == 302)  # of no unit
            said = words_of(response).replace(f"value=&quot;{CANARY}&quot;", "")
            assert f"{CANARY} again" not in said
            assert f"{CANARY} law" not in said
    for model_name in ("recommendation", "respondent"):
        url = reverse(f"admin:{app_of(model_name)}_{model_name}_changelist")
        assert dana.get(url, {"q": "IV.46"}).status_code == 200
        for guess in ("records__current__measures", "records__note", "evidence__versions__title"):
            response = dana.get(url, {f"{guess}__contains": CANARY})
            assert response.status_code in {302, 400}


def test_the_admin_counts_no_rows_of_a_state(people, canary_state):
    """What refers to a respondent or a recommendation is no filter: not even that it is there is told."""
    for model, model_admin in admin.site._registry.items():
        for relation in model._meta.related_objects:
            if issubclass(relation.related_model, StateOwned):
                for look_up in ("isnull", "exact", "id__gte", "pk__in"):
                    for person in (people["curator"], people["administrator"]):
                        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
                        response = client_of(person).get(url, {f"{relation.name}__{look_up}": "1"})
                        assert response.status_code == (
                            400 if model_admin.has_view_permission(response.wsgi_request) else 403
                        )


def test_the_admin_is_not_asked_by_what_refers_to_a_row(people, canary_state):
    dana = client_of(people["curator"])
    for model in (Respondent, Recommendation):
        changelist = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for relation in model._meta.related_objects:
            about = {"app_label": model._meta.app_label, "model_name": model._meta.model_name}
            asked = about | {"field_name": relation.name, "term": ""}
            assert dana.get(reverse("admin:autocomplete"), asked).status_code in {403, 404}
            assert dana.get(changelist, {"_to_field": relation.name}).status_code == 400


def test_the_admin_leads_to_no_row_of_a_state(people, canary_state):
    """Its way from any row to the page of it on the site would tell which there are."""
    for model in (Record, Evidence, Revision, Respondent):
        kind = ContentType.objects.get_for_model(model).pk
        for pk in (model._base_manager.earliest("pk").pk, 0):
            for walker in ("curator", "administrator"):
                assert client_of(people[walker]).get(reverse("admin:view_on_site", args=[kind, pk])).status_code == 404
