"""Addresses of the admin, and which section of help and which link of the menu belong to its pages."""

from django.contrib import admin
from django.urls import path

from tracker.web.topics import MENU_PAGES, SECTIONS, find_names

CATALOGUE = {
    "add-an-official-text-in-another-language": "translation",
    "add-another-body": "body",
    "assign-treaty-provisions": "provision",
    "change-a-label-or-a-kind": "recommendation_structure",
    "change-a-text": "recommendation_wording wording",
    "correct-a-paper": "paper",
    "edit-the-information-about-a-text": "recommendation theme meeting addressee footnote",
    "export-and-import": "recommendation_import recommendation_process_import recommendation_export",
    "groups-and-references": "family lineage",
    "maintain-synonyms": "synonym",
    "maintain-the-workplan": "takenup",
    "record-decisions-and-dates": "currency",
    "record-the-action-of-the-conference": "recordedaction",
    "record-the-origin-of-a-text": "provenance",
    "stop-requesting-answers": "recommendation_standing",
}
PEOPLE = {"people": "user", "roles": "membership", "reading-restrictions": "readingrestriction"}

for app, guide, sections in (("recommendations", "curator", CATALOGUE), ("tracker", "administrator", PEOPLE)):
    for section, names in sections.items():
        SECTIONS.update({f"admin:{app}_{name}": f"{guide}#{section}" for name in names.split()})

urlpatterns = [path("admin/", admin.site.urls)]
MENU_PAGES.update(dict.fromkeys(find_names(urlpatterns), "admin:index"))
