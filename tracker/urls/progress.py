"""Addresses of the progress of a round: below /progress/."""

from django.urls import path

from tracker.views import answers, assistance, behind, paper, practice, progress, quotation
from tracker.web.topics import Topic

urlpatterns = [
    *Topic("secretariat-officer#progress").pages(
        path("", progress.progress, name="progress"),
        path("figures.csv", progress.progress_file, {"kind": "csv"}, name="progress_csv"),
        path("figures.xlsx", progress.progress_file, {"kind": "xlsx"}, name="progress_xlsx"),
        path("changes/", progress.progress_changes, name="progress_changes"),
        path("regions/", progress.progress_regions, name="progress_regions"),
        path("states/", progress.progress_states, name="progress_states"),
        path("rounds/", progress.progress_rounds, name="progress_rounds"),
        path("gaps/", progress.progress_gaps, name="progress_gaps"),
        path("themes/<slug:slug>/", progress.progress_theme, name="progress_theme"),
        path("families/<slug:slug>/", progress.progress_family, name="progress_family"),
        path("recommendations/<node:slug>/", progress.progress_recommendation, name="progress_recommendation"),
    ),
    *Topic("secretariat-officer#behind-a-figure", menu="progress").pages(
        path("behind/", behind.progress_behind, name="progress_behind"),
    ),
    *Topic("secretariat-officer#download-answers").pages(
        path("answers/", answers.answers, name="answers"),
        path("answers.csv", answers.answers_csv, name="answers_csv"),
    ),
    *Topic("secretariat-officer#the-progress-report").pages(
        path("paper/", paper.progress_paper, name="progress_paper"),
        path("paper/changes/", paper.progress_paper_changes, name="progress_paper_changes"),
        path("paper.docx", paper.progress_paper_file, {"kind": "docx"}, name="progress_paper_docx"),
        path("paper.pdf", paper.progress_paper_file, {"kind": "pdf"}, name="progress_paper_pdf"),
    ),
    *Topic("secretariat-officer#quotations").pages(
        path("paper/quotations/", quotation.quotation_list, name="quotation_list"),
        path(
            "paper/quotations/<slug:round_code>/<int:pk>/move/",
            quotation.quotation_move,
            name="quotation_move",
        ),
        path(
            "paper/quotations/<slug:round_code>/<int:pk>/remove/",
            quotation.quotation_remove,
            name="quotation_remove",
        ),
        path(
            "paper/quotations/<slug:round_code>/<str:respondent_code>/<node:slug>/<slug:field>/",
            quotation.quotation_choose,
            name="quotation_choose",
        ),
    ),
    *Topic("secretariat-officer#technical-assistance").pages(
        path("assistance/", assistance.progress_assistance, name="progress_assistance"),
        path("assistance.csv", assistance.needs_file, {"kind": "csv"}, name="progress_assistance_csv"),
        path("assistance.xlsx", assistance.needs_file, {"kind": "xlsx"}, name="progress_assistance_xlsx"),
        path("assistance/<slug:code>/<node:slug>/", assistance.need_mark, name="need_mark"),
    ),
    *Topic("secretariat-officer#good-practices").pages(
        path("practices/", practice.progress_practices, name="progress_practices"),
    ),
]
