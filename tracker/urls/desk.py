"""Addresses of one desk: below /desk/CODE/. Those of its team are in team.py."""

from django.urls import include, path

from tracker.documents.report.files import BRIEF_WRITERS, FILE_KINDS
from tracker.views import (
    assistance,
    bulk,
    check,
    event,
    evidence,
    provision,
    questionnaire,
    quotation,
    record_list,
    report,
    respondent,
    status_report,
    submission,
    withdrawal,
    workbook,
)
from tracker.web.topics import Topic

urlpatterns = [
    path("", include("tracker.urls.team")),
    path("recommendations/<node:slug>/", include("tracker.urls.answer")),
    *Topic("focal-point#overview", in_part="contributor#your-answers").pages(
        path("", respondent.respondent_desk, name="respondent_desk"),
    ),
    *Topic("focal-point#overview", menu="respondent_desk").pages(
        path("units/", respondent.units_to_answer, name="units_asked"),
        path("status-reports/add/", status_report.status_report_add, name="status_report_add"),
    ),
    *Topic("focal-point#recommendations", in_part="contributor#your-answers").pages(
        path("recommendations/", record_list.record_list, name="record_list"),
    ),
    *Topic("focal-point-reference#edit-several-answers", menu="record_list").pages(
        path("bulk/", bulk.bulk, name="bulk")
    ),
    *Topic("focal-point#evidence").pages(
        path("evidence/", evidence.evidence_list, name="evidence_list"),
        path("evidence/add/", evidence.evidence_add, name="evidence_add"),
        path("evidence/<int:number>/", evidence.evidence, name="evidence"),
        path("evidence/<int:number>/edit/", evidence.evidence_edit, name="evidence_edit"),
        path("evidence/<int:number>/file/<int:version>/", evidence.evidence_file, name="evidence_file"),
    ),
    *Topic("focal-point#information-that-identifies-a-victim").pages(
        path("withdrawals/", withdrawal.withdrawal_list, name="withdrawal_list"),
        path("withdrawals/request/", withdrawal.withdrawal_request, name="withdrawal_request"),
        path("withdrawals/<int:pk>/", withdrawal.withdrawal, name="withdrawal"),
    ),
    *Topic("focal-point-reference#the-audit-trail").pages(path("events/", event.event_list, name="event_list")),
    *Topic("focal-point#questionnaires").pages(
        path("returned/", questionnaire.returned_file, name="returned_file"),
        path("questionnaire/answers/", questionnaire.questionnaire_answers, name="questionnaire_answers"),
    ),
    *Topic("focal-point-reference#the-offline-workbook").pages(
        path("workbook/", workbook.workbook, name="workbook"),
        path("workbook.xlsx", workbook.workbook_file, name="workbook_xlsx"),
        path("workbook/<int:pk>/", workbook.workbook_upload, name="workbook_upload"),
    ),
    *Topic("focal-point-reference#by-treaty-provision").pages(
        path("provisions/", provision.provision_list, name="provision_list"),
        path("provisions.csv", provision.provisions_file, {"kind": "csv"}, name="provisions_csv"),
        path("provisions.docx", provision.provisions_file, {"kind": "docx"}, name="provisions_docx"),
        path("provisions/<slug:slug>/", provision.provision, name="provision"),
    ),
    *Topic("focal-point#the-report").pages(
        path("report/", report.report, name="report"),
        *(path(f"report/brief.{kind}", report.brief_file, {"kind": kind}, f"brief_{kind}") for kind in BRIEF_WRITERS),
        *(path(f"report.{kind}", report.report_file, {"kind": kind}, f"report_{kind}") for kind in FILE_KINDS),
    ),
    *Topic("focal-point#submit").pages(
        path("submissions/", submission.submission_list, name="submission_list"),
        path("rounds/<slug:round_code>/check/", check.check, name="check"),
        path("rounds/<slug:round_code>/ready/", check.ready, name="mark_ready"),
        path("rounds/<slug:round_code>/check/sheet/", check.check_sheet, name="check_sheet"),
        path("rounds/<slug:round_code>/check/answers/<node:slug>/", check.check_answer, name="check_answer"),
    ),
    *Topic("focal-point#submit", menu="record_list").pages(
        path("rounds/<slug:round_code>/still-correct/", bulk.still_correct, name="still_correct"),
    ),
    *Topic("focal-point-reference#technical-assistance").pages(
        path("assistance/", assistance.assistance, name="assistance"),
        path("assistance/<node:slug>/close/", assistance.need_close, name="need_close"),
    ),
    *Topic("focal-point-reference#quotations").pages(
        path("quotations/", quotation.quotations_of_state, name="quotations_of_state"),
        path("quotations/<int:pk>/object/", quotation.quotation_object, name="quotation_object"),
    ),
]
