"""Addresses of the Secretariat: curating, rounds, readings, transcriptions, removals, events and files."""

from django.urls import include, path

from tracker.views import (
    designation,
    directory,
    event,
    export,
    official_texts,
    paper_import,
    paper_opening,
    paper_publication,
    retraction,
    review,
    round,
    transcription,
    treaty_act,
    withdrawal,
)
from tracker.web.topics import Topic

paper_imports = [
    *Topic("curator#import-a-paper", menu="paper_import_list").pages(
        path("", paper_import.paper_import, name="paper_import"),
        path("texts/<int:text_pk>/", paper_import.paper_import_text, name="paper_import_text"),
        path("details/", paper_import.paper_import_details, name="paper_import_details"),
        path("annotations/", paper_import.paper_import_annotations, name="paper_import_annotations"),
        path("annotations.csv", paper_import.paper_import_annotations_csv, name="paper_import_annotations_csv"),
        path("delete/", paper_import.paper_import_delete, name="paper_import_delete"),
    ),
    *Topic("secretariat-officer#confirm-the-publication-of-a-paper", menu="paper_import_list").pages(
        path("publish/", paper_publication.paper_import_publish, name="paper_import_publish"),
        path("pages/<int:number>/", paper_publication.paper_import_page, name="paper_import_page"),
    ),
    *Topic("curator#retract-an-import", menu="paper_import_list").pages(
        path("retract/", retraction.paper_import_retract, name="paper_import_retract"),
    ),
]

transcriptions = [
    path("", transcription.transcription, name="transcription"),
    path("end/", transcription.transcription_end, name="transcription_end"),
    path("units/<node:slug>/", transcription.transcription_unit, name="transcription_unit"),
    path("units/<node:slug>/take-back/", transcription.transcription_take_back, name="transcription_take_back"),
]

treaty_acts = Topic("curator#treaty-status").pages(
    path("", treaty_act.treaty_act_list, name="treaty_act_list"),
    path("import/", treaty_act.treaty_act_import, name="treaty_act_import"),
    path("<str:respondent_code>/", treaty_act.treaty_standing, name="treaty_standing"),
    path("<str:respondent_code>/reports/<int:pk>/", treaty_act.status_report_answer, name="status_report_answer"),
    path("<str:respondent_code>/confirm/", treaty_act.treaty_act_confirm, name="treaty_act_confirm"),
    path("<str:respondent_code>/<int:pk>/decline/", treaty_act.treaty_act_decline, name="treaty_act_decline"),
)

urlpatterns = [
    *Topic("focal-point#people").pages(path("directory/", directory.directory, name="directory")),
    *Topic("secretariat-officer#states").pages(
        path("states/", round.state_list, name="state_list"),
        path("rounds/<slug:code>/remind/", round.round_remind, name="round_remind"),
    ),
    *Topic("administrator#designations", menu="designations").pages(
        path("administration/designations/", designation.designations, name="designations"),
        path("administration/designations/<int:pk>/", designation.designations_preview, name="designations_preview"),
        path("administration/designations/confirm/", designation.designations_confirm, name="designations_confirm"),
    ),
    *Topic("administrator#removal-requests").pages(
        path("withdrawals/", withdrawal.withdrawal_queue, name="withdrawal_queue"),
        path("withdrawals/<int:pk>/", withdrawal.withdrawal_decide, name="withdrawal_decide"),
    ),
    *Topic("secretariat-officer#enter-answers-that-a-state-sends-on-paper").pages(
        path("transcriptions/", transcription.transcription_list, name="transcription_list"),
        path("transcriptions/add/", transcription.transcription_add, name="transcription_add"),
        path("transcriptions/<str:respondent_code>/<int:pk>/", include(transcriptions)),
    ),
    *Topic("curator#import-a-paper").pages(
        path("curate/intake/", paper_import.paper_import_list, name="paper_import_list"),
        path("curate/intake/add/", paper_import.paper_import_add, name="paper_import_add"),
    ),
    *Topic("curator#add-an-official-text-in-another-language", menu="paper_import_list").pages(
        path("curate/official-texts/", official_texts.official_texts_add, name="official_texts_add"),
    ),
    path("curate/intake/<int:pk>/", include(paper_imports)),
    path("curate/treaty-acts/", include(treaty_acts)),
    *Topic("administrator#the-audit-trail").pages(path("events/", event.site_event_list, name="site_event_list")),
    *Topic("secretariat-officer#submissions-to-read").pages(path("review/", review.review_queue, name="review_queue")),
    *Topic("secretariat-officer#download-answers", menu="answers").pages(
        path("exports/", export.export_list, name="export_list"),
        path("exports/<int:pk>/", export.export, name="export"),
        path("exports/<int:pk>/file/", export.export_file, name="export_file"),
        path("exports/<int:pk>/again/", export.export_again, name="export_again"),
        path("exports/<int:pk>/discard/", export.export_discard, name="export_discard"),
    ),
    *Topic("secretariat-officer#open-a-paper-to-answers", menu="round_list").pages(
        path("papers/<int:pk>/opening/", paper_opening.paper_opening, name="paper_opening"),
    ),
    *Topic("secretariat-officer#rounds").pages(
        path("rounds/", round.round_list, name="round_list"),
        path("rounds/add/", round.round_add, name="round_add"),
        path("rounds/<slug:code>/", round.round, name="round"),
    ),
]
