"""Addresses of one answer: below /desk/CODE/recommendations/SLUG/."""

from django.urls import path

from tracker.views import assignment, comment, copy, courtesy_translation, draft, proposal, record, record_history
from tracker.web.topics import Topic

urlpatterns = [
    *Topic("focal-point#answer", menu="record_list", in_part="contributor#write-an-answer").pages(
        path("", record.record, name="record"),
        path("history/", record_history.record_history, name="record_history"),
        path("compare/", record_history.record_compare, name="record_compare"),
        path("note/", record.record_note, name="record_note"),
        path("restore/<int:number>/", record_history.record_restore, name="record_restore"),
        path("draft/", draft.draft, name="draft"),
        path("draft/discard/", draft.draft_discard, name="draft_discard"),
        path("undo-sending/", assignment.assignment_undo, name="assignment_undo"),
    ),
    *Topic("focal-point-reference#copy-an-answer", menu="record_list").pages(
        path("copy/", copy.copy, name="copy"),
        path("update/", copy.update, name="update"),
    ),
    *Topic("focal-point-reference#courtesy-translations", menu="record_list").pages(
        path("translation/", courtesy_translation.courtesy_translation, name="courtesy_translation")
    ),
    *Topic("focal-point-reference#comments", menu="record_list").pages(
        path("comments/", comment.comment_list, name="comment_list")
    ),
    *Topic("focal-point#suggestions", menu="record_list", in_part="contributor#suggest-an-answer").pages(
        path("proposals/", proposal.proposal_list, name="proposal_list"),
        path("proposals/add/", record.record, name="proposal_add"),
        path("proposals/<int:pk>/take/", proposal.proposal_take, name="proposal_take"),
        path("proposals/<int:pk>/decline/", proposal.proposal_decline, name="proposal_decline"),
        path("proposals/<int:pk>/take-back/", proposal.proposal_take_back, name="proposal_take_back"),
    ),
]
