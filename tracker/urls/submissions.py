"""Addresses of one submission, and of one that its State publishes."""

from django.urls import path

from tracker.documents.report.files import FILE_KINDS
from tracker.views import courtesy_translation, publication, question, report, review, submission
from tracker.web.topics import Topic

submission_patterns = [
    *Topic("focal-point#the-receipt", menu="submission_list").pages(
        path("", submission.submission, name="submission"),
        path("receipt.pdf", submission.receipt_file, name="receipt_pdf"),
        path("submission.json", submission.submission_json, name="submission_json"),
    ),
    *Topic("focal-point#the-report", menu="submission_list").pages(
        path("report/", report.submission_report_choice, name="submission_report"),
        *(
            path(f"report.{kind}", report.submission_report_file, {"kind": kind}, name=f"submission_report_{kind}")
            for kind in FILE_KINDS
        ),
    ),
    *Topic("focal-point#submit", menu="submission_list").pages(
        path("items/", submission.submission_items, name="submission_items"),
        path("changes/", submission.submission_changes, name="submission_changes"),
        path("complete/", submission.submission_complete, name="submission_complete"),
        path("withdraw/", submission.submission_withdraw, name="submission_withdraw"),
        path("use/", submission.submission_use, name="submission_use"),
    ),
    *Topic("focal-point#requests-for-clarification", menu="submission_list").pages(
        path("questions/", question.submission_clarifications, name="submission_questions"),
    ),
    *Topic("focal-point#publish", menu="submission_list").pages(
        path("publish/", publication.submission_publish, name="submission_publish"),
        path("take-back/", publication.submission_take_back, name="submission_take_back"),
    ),
    *Topic("secretariat-officer#reading", menu="review_queue").pages(
        path("review/", review.review, name="review"),
        path("review/take/", review.review_take, name="review_take"),
        path("review/release/", review.review_return, name="review_release"),
        path("review/items/<node:slug>/remark/", review.review_remark, name="review_remark"),
        path(
            "review/items/<node:slug>/translation/",
            courtesy_translation.review_translation,
            name="review_translation",
        ),
        path("review/sections/<slug:theme_slug>/note/", review.review_note_items, name="review_note_rest"),
        path(
            "items/<node:slug>/evidence/<int:position>/",
            review.submission_evidence_file,
            name="submission_evidence_file",
        ),
    ),
    *Topic("secretariat-officer#requests-for-clarification", menu="review_queue").pages(
        path("review/send/", review.review_send, name="review_send"),
    ),
    *Topic("secretariat-officer#close-the-reading", menu="review_queue").pages(
        path("review/close/", review.review_close, name="review_close"),
    ),
]

published_patterns = Topic("public#published-answers", menu="published_list").pages(
    path("", publication.published, name="published"),
    path("answers.csv", publication.published_file, {"kind": "csv"}, name="published_csv"),
    path("answers.json", publication.published_file, {"kind": "json"}, name="published_json"),
    path(
        "answers/<node:slug>/evidence/<int:position>/",
        publication.published_evidence_file,
        name="published_evidence_file",
    ),
)
