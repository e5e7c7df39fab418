"""Addresses of the people of a desk and of what they give to each other: below /desk/CODE/."""

from django.urls import path

from tracker.views import (
    access_change,
    assignment,
    directory,
    handover,
    institution,
    invitation,
    membership,
    proposal,
    transcription,
)
from tracker.web.topics import Topic

urlpatterns = [
    *Topic("focal-point#people").pages(
        path("people/", membership.people, name="people"),
        path("people/invite/", invitation.invitation_add, name="invitation_add"),
        path("people/two-step/", membership.people_second_factor, name="people_second_factor"),
        path("people/directory/", directory.directory_respondent, name="directory_respondent"),
        path("people/invitations/<int:pk>/", invitation.invitation_step, name="invitation_step"),
        path("people/requests/<int:pk>/", access_change.access_step, name="access_step"),
        path("people/<int:pk>/", membership.membership, name="membership"),
    ),
    *Topic("focal-point#assignments").pages(
        path("assignments/", assignment.assignment_list, name="assignment_list"),
        path("assignments/add/", assignment.assignment_add, name="assignment_add"),
        path("assignments/check/", assignment.assignment_check, name="assignment_check"),
        path("assignments/accept/", assignment.assignment_accept, name="assignment_accept"),
        path("assignments/take-back/", assignment.assignment_take_back, name="assignment_take_back"),
        path("assignments/remind/<slug:key>/", assignment.assignment_remind, name="assignment_remind"),
        path("assignments/<slug:key>.docx", assignment.assignment_file, name="assignment_docx"),
        path("assignments/<int:pk>/return/", assignment.assignment_return, name="assignment_return"),
    ),
    *Topic("focal-point#assignments").pages(
        path("institutions/", institution.institution_list, name="institution_list"),
        path("institutions/opening/", institution.institution_open, name="institution_opening"),
        path("institutions/people/<int:pk>/", institution.institution_person, name="institution_person"),
        path("institutions/<int:pk>/", institution.institution, name="institution"),
    ),
    *Topic("focal-point#suggestions", menu="assignment_list").pages(
        path("proposals/", proposal.offered_list, name="offered_list")
    ),
    *Topic("focal-point-reference#handover").pages(
        path("handover/", handover.handover_page, name="handover"),
        path("handover.pdf", handover.handover_file, name="handover_pdf"),
        path("drafts/<int:pk>/take-over/", handover.draft_take_over, name="draft_take_over"),
    ),
    *Topic("focal-point-reference#on-paper").pages(
        path("transcriptions/", transcription.desk_transcriptions, name="desk_transcriptions"),
        path("transcriptions/<int:pk>/end/", transcription.desk_transcription_end, name="desk_transcription_end"),
    ),
]
