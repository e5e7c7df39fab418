from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from tracker.reports.files import FILE_KINDS
from tracker.views import (
    answers,
    check,
    draft,
    event,
    evidence,
    export,
    health,
    home,
    notification,
    paper,
    progress,
    publication,
    question,
    questionnaire,
    record,
    record_list,
    report,
    respondent,
    review,
    round,
    submission,
    user,
    verify,
    withdrawal,
)

# Of allauth, what is needed and no more: nobody signs up here, nor manages addresses.
accounts = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("2fa/", RedirectView.as_view(pattern_name="account"), name="mfa_index"),
    path("2fa/authenticate/", mfa.authenticate, name="mfa_authenticate"),
    path("2fa/reauthenticate/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("2fa/totp/activate/", totp.activate_totp, name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("2fa/recovery-codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("2fa/recovery-codes/generate/", recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("2fa/recovery-codes/download/", recovery_codes.download_recovery_codes, name="mfa_download_recovery_codes"),
]

# Of one submission.
submissions = [
    path("", submission.submission, name="submission"),
    path("receipt.pdf", submission.receipt_pdf_file, name="receipt_pdf"),
    path("submission.json", submission.submission_json, name="submission_json"),
    path("report/", report.submission_report_choice, name="submission_report"),
    *(
        path(f"report.{kind}", report.submission_report_file, {"kind": kind}, name=f"submission_report_{kind}")
        for kind in FILE_KINDS
    ),
    path("items/", submission.submission_items, name="submission_items"),
    path("changes/", submission.submission_changes, name="submission_changes"),
    path("questions/", question.submission_questions, name="submission_questions"),
    path("withdraw/", submission.submission_withdraw, name="submission_withdraw"),
    path("use/", submission.submission_use, name="submission_use"),
    path("publish/", publication.submission_publish, name="submission_publish"),
    path("take-back/", publication.submission_take_back, name="submission_take_back"),
    path("review/", review.review, name="review"),
    path("review/take/", review.review_take, name="review_take"),
    path("review/release/", review.review_release, name="review_release"),
    path("review/send/", review.review_send, name="review_send"),
    path("review/close/", review.review_close, name="review_close"),
    path("review/items/<slug:slug>/remark/", review.review_remark, name="review_remark"),
    path("review/sections/<slug:theme_slug>/note/", review.review_note_rest, name="review_note_rest"),
    path(
        "items/<slug:slug>/evidence/<int:position>/", review.submission_evidence_file, name="submission_evidence_file"
    ),
]

# Of one submission that its State publishes.
published = [
    path("", publication.published, name="published"),
    path("answers.csv", publication.published_csv, name="published_csv"),
    path("answers.json", publication.published_json, name="published_json"),
    path(
        "answers/<slug:slug>/evidence/<int:position>/",
        publication.published_evidence_file,
        name="published_evidence_file",
    ),
]

urlpatterns = [
    path("", home.home, name="home"),
    path("about/", home.about, name="about"),
    path("data/", home.data, name="data"),
    path("accessibility/", home.accessibility, name="accessibility"),
    path("privacy/", home.privacy, name="privacy"),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("accounts/", include(accounts)),
    path("account/", user.account, name="account"),
    path("account/notifications/", notification.notifications, name="notifications"),
    path("welcome/", user.welcome, name="welcome"),
    path("recommendations/", include("recommendations.urls")),
    path("desk/", home.desks, name="desks"),
    path("desk/<str:code>/", respondent.respondent_desk, name="respondent_desk"),
    path("desk/<str:code>/units/", respondent.units_asked, name="units_asked"),
    path("desk/<str:code>/recommendations/", record_list.record_list, name="record_list"),
    path("desk/<str:code>/recommendations/<slug:slug>/", record.record, name="record"),
    path("desk/<str:code>/recommendations/<slug:slug>/history/", record.record_history, name="record_history"),
    path("desk/<str:code>/recommendations/<slug:slug>/compare/", record.record_compare, name="record_compare"),
    path("desk/<str:code>/recommendations/<slug:slug>/note/", record.record_note, name="record_note"),
    path(
        "desk/<str:code>/recommendations/<slug:slug>/restore/<int:number>/",
        record.record_restore,
        name="record_restore",
    ),
    path("desk/<str:code>/recommendations/<slug:slug>/draft/", draft.draft, name="draft"),
    path("desk/<str:code>/recommendations/<slug:slug>/draft/discard/", draft.draft_discard, name="draft_discard"),
    path("desk/<str:code>/evidence/", evidence.evidence_list, name="evidence_list"),
    path("desk/<str:code>/evidence/add/", evidence.evidence_add, name="evidence_add"),
    path("desk/<str:code>/evidence/<int:number>/", evidence.evidence, name="evidence"),
    path("desk/<str:code>/evidence/<int:number>/edit/", evidence.evidence_edit, name="evidence_edit"),
    path("desk/<str:code>/evidence/<int:number>/file/<int:version>/", evidence.evidence_file, name="evidence_file"),
    path("desk/<str:code>/withdrawals/", withdrawal.withdrawal_list, name="withdrawal_list"),
    path("desk/<str:code>/withdrawals/request/", withdrawal.withdrawal_request, name="withdrawal_request"),
    path("desk/<str:code>/withdrawals/<int:pk>/", withdrawal.withdrawal, name="withdrawal"),
    path("withdrawals/", withdrawal.withdrawal_queue, name="withdrawal_queue"),
    path("withdrawals/<int:pk>/", withdrawal.withdrawal_decide, name="withdrawal_decide"),
    path("desk/<str:code>/events/", event.event_list, name="event_list"),
    path("events/", event.site_event_list, name="site_event_list"),
    path("desk/<str:code>/questionnaire/", questionnaire.questionnaire, name="questionnaire"),
    path("desk/<str:code>/questionnaire.docx", questionnaire.questionnaire_file, name="questionnaire_docx"),
    path("desk/<str:code>/report/", report.report, name="report"),
    *(
        path(f"desk/<str:code>/report.{kind}", report.report_file, {"kind": kind}, name=f"report_{kind}")
        for kind in FILE_KINDS
    ),
    path("review/", review.review_queue, name="review_queue"),
    path("progress/", progress.progress, name="progress"),
    path("progress/figures.csv", progress.progress_csv, name="progress_csv"),
    path("progress/figures.xlsx", progress.progress_xlsx, name="progress_xlsx"),
    path("progress/answers/", answers.answers, name="answers"),
    path("progress/answers.csv", answers.answers_csv, name="answers_csv"),
    path("progress/changes/", progress.progress_changes, name="progress_changes"),
    path("progress/regions/", progress.progress_regions, name="progress_regions"),
    path("progress/states/", progress.progress_states, name="progress_states"),
    path("progress/rounds/", progress.progress_rounds, name="progress_rounds"),
    path("progress/gaps/", progress.progress_gaps, name="progress_gaps"),
    path("progress/paper/", paper.progress_paper, name="progress_paper"),
    path("progress/paper.docx", paper.progress_paper_docx, name="progress_paper_docx"),
    path("progress/paper.pdf", paper.progress_paper_pdf, name="progress_paper_pdf"),
    path("progress/themes/<slug:slug>/", progress.progress_theme, name="progress_theme"),
    path("progress/families/<slug:slug>/", progress.progress_family, name="progress_family"),
    path("progress/recommendations/<slug:slug>/", progress.progress_recommendation, name="progress_recommendation"),
    path("exports/", export.export_list, name="export_list"),
    path("exports/<int:pk>/", export.export, name="export"),
    path("exports/<int:pk>/file/", export.export_file, name="export_file"),
    path("exports/<int:pk>/again/", export.export_again, name="export_again"),
    path("exports/<int:pk>/discard/", export.export_discard, name="export_discard"),
    path("rounds/", round.round_list, name="round_list"),
    path("rounds/add/", round.round_add, name="round_add"),
    path("rounds/<slug:code>/", round.round, name="round"),
    path("desk/<str:code>/rounds/<slug:round_code>/check/", check.check, name="check"),
    path("desk/<str:code>/rounds/<slug:round_code>/confirm/", check.confirm, name="confirm_still_correct"),
    path("desk/<str:code>/submissions/", submission.submission_list, name="submission_list"),
    path("submissions/<slug:code>/<slug:round_code>/<int:number>/", include(submissions)),
    path("published/", publication.published_list, name="published_list"),
    path("published/<slug:code>/<slug:round_code>/<int:number>/", include(published)),
    path("verify/", verify.verify, name="verify"),
    path("verify/<str:code>/", verify.verified, name="verified"),
    path("admin/", admin.site.urls),
]
