"""The offline workbook, from the page where it is taken home to the answers that it brings back."""

import datetime
import re
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from recommendations.catalogue import add_wording, withdraw_unit
from recommendations.models import Wording
from tests.conftest import make_person, reread
from tests.database import lifted_triggers
from tests.documents import packed, parts_of
from tests.labels import titled
from tests.libreoffice import SOFFICE, saved_by_libreoffice
from tests.pages import client_of, messages_on, words
from tests.removals import remove_words
from tests.submissions import save_many
from tests.workbooks import (
    ANSWERS,
    as_upload,
    column_of,
    downloaded,
    filled,
    replaced,
    row_of,
    with_cell,
    with_rows_filled,
)
from tracker.actions.institution import add_institution
from tracker.actions.record import Answer
from tracker.documents.exchange.spreadsheet_reader import open_workbook
from tracker.documents.exchange.workbook import FIRST, TOO_LONG
from tracker.models import Assignment, HeldUpload, Respondent, Revision
from tracker.models.record import ReceivedDetails
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

WORKBOOK = "xl/workbook.xml"
TEXTS = [
    "A law.",
    "قانون مكافحة الاتجار\nسطر ثانٍ",
    "《反对贩运人口法》",
    "=1+1",
    " spaced \r\nlines  \n\n",
    "_x000D_ & <b>",
]


@pytest.fixture
def send(client, alice):
    """Upload a workbook; what its uploader is answered."""

    def send(content, name="XAA-workbook.xlsx", by=alice, desk="XAA", **data):
        client.force_login(by)
        url = reverse("returned_file", args=[desk])
        return client.post(url, {"upload": as_upload(content, name), **data}, follow=True)

    return send


@pytest.fixture
def apply(client):
    """Save what a preview shows, with these decisions by label of the unit."""

    def apply(page, **decisions):
        asked, left_out = page.context["conflicts"], page.context["impossible"]
        data = {f"seen-{shown.row.slug}": shown.row.seen for shown in (*asked, *left_out)}
        data |= {f"decide-{shown.row.slug}": "site" for shown in left_out}
        data |= {f"decide-{slug.replace('_', '-')}": decision for slug, decision in decisions.items()}
        return client.post(page.redirect_chain[0][0], {"apply": "", **data}, follow=True)

    return apply


def some_rows(respondent, reader) -> bytes:
    """The workbook with the units that are filled here."""
    return downloaded(respondent, reader, "I.13", "I.14", "II.8", "II.9", "IV.46(i)")


def newest(label) -> Revision:
    return Revision.everyones.filter(record__recommendation__label=label).last()


def changes(page) -> dict[str, dict[str, tuple]]:
    """What a preview says that simply changes: by label and field, before and after."""
    return {
        shown.row.label: {change.name: (change.before, change.after) for change in shown.changes}
        for shown in page.context["simple"]
    }


def problem(response) -> str:
    return " ".join(response.context["form"].errors.get("upload", []))


def faults(response) -> list[tuple]:
    return [tuple(fault) for fault in response.context["form"].problems]


def nothing_was_kept() -> bool:
    return HeldUpload.everyones.count() == 0


# What is left as it is, and what is filled


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_left_as_it_is_changes_nothing(send, say, xaa, alice, text):
    say("I.13", measures=text, assistance_kinds=["training", "data"], target_date=datetime.date(2027, 6, 30))
    say("II.8", "not_applicable", reason_code="other", reasons=text)
    said = send(some_rows(xaa, alice))
    assert "No changes found" in said.content.decode()
    assert nothing_was_kept()


def test_what_is_left_as_it_is_changes_nothing_though_the_site_did(send, say, xaa, alice):
    content = some_rows(xaa, alice)
    say("I.13", measures="Meanwhile.")
    assert "No changes found" in send(content).content.decode()


def test_what_is_filled_is_shown_then_saved(send, apply, say, xaa, alice):
    say("I.13", measures="A law.", ready=True)
    content = filled(
        some_rows(xaa, alice), "I.13", measures="Two laws.", target_date=46568, assistance_kinds__data="yes"
    )
    content = filled(content, "II.8", status="In progress", measures="مشروع قانون")
    page = send(content)
    assert changes(page) == {
        "I.13": {
            "measures": ("A law.", "Two laws."),
            "target_date": ("", "30 June 2027"),
            "assistance_kinds": ("", "Data collection and research"),
        },
        "II.8": {
            "status": ("", "In progress"),
            "measures": ("", "مشروع قانون"),
            "language": ("", "English"),
        },
    }
    at = HeldUpload.everyones.get().downloaded_at
    assert f"Downloaded on {at:%-d %B %Y, %H:%M} UTC." in page.content.decode()
    assert newest("I.13").number == 1
    assert "2 answers saved." in apply(page).content.decode()
    revision = newest("I.13")
    assert (revision.measures, revision.assistance_kinds, revision.ready) == ("Two laws.", ["data"], True)
    assert revision.target_date == datetime.date(2027, 6, 30)
    assert revision.author == alice
    assert (newest("II.8").status, newest("II.8").measures) == ("in_progress", "مشروع قانون")


def test_a_revision_says_where_it_came_from(send, apply, xaa, alice):
    content = filled(some_rows(xaa, alice), "I.13", status="Implemented")
    apply(send(content, received_from="Ministry of Justice", received_on="3 March 2026"))
    revision = newest("I.13")
    day = timezone.localdate()
    assert (revision.change_code, revision.change_details) == ("workbook", day.isoformat())
    assert revision.change_text == f"From the workbook downloaded on {day:%-d %B %Y}"
    assert ReceivedDetails.of(revision) == ReceivedDetails("Ministry of Justice", datetime.date(2026, 3, 3))


def test_a_change_that_cannot_be_saved_is_named_with_its_reason_and_stays(send, apply, xaa, alice):
    preview = send(filled(some_rows(xaa, alice), "I.13", status="Implemented"))
    to_come = timezone.localdate() + datetime.timedelta(days=2)  # though midnight may pass
    HeldUpload.everyones.update(received_from="Ministry of Justice", received_on=to_come)
    refused = apply(preview)
    assert messages_on(refused) == [f"{titled('I.13')}: The date must be today or earlier."]
    assert refused.redirect_chain == [(preview.redirect_chain[0][0], 302)]
    assert (newest("I.13"), [shown.row.label for shown in refused.context["simple"]]) == (None, ["I.13"])


def test_an_emptied_cell_empties_its_part_and_the_rest_stays(send, apply, say, xaa, alice):
    say(
        "IV.46(i)",
        measures="A law.",
        difficulties="None.",
        items_met=["IV.46(i)(i)", "IV.46(i)(ii)"],
        good_practice=True,
    )
    content = filled(some_rows(xaa, alice), "IV.46(i)", measures="", items_met="IV.46(i)(ii)", good_practice="no")
    apply(send(content))
    said = newest("IV.46(i)")
    assert (said.measures, said.items_met, said.good_practice) == ("", ["IV.46(i)(ii)"], False)
    assert said.difficulties == "None."


@pytest.mark.parametrize(
    ("typed", "day"),
    [(46568, "2027-06-30"), ("30 June 2027", "2027-06-30"), ("2027-06-30", "2027-06-30"), ("46568", "")],
)
def test_a_date_is_read_however_it_is_written(send, xaa, alice, typed, day):
    page = send(filled(some_rows(xaa, alice), "I.13", status="In progress", target_date=typed))
    if day:
        assert page.context["simple"][0].row.changes["target_date"] == day
    else:
        assert faults(page)[0][3] == "Enter the date as 30 June 2027."


def test_it_is_applied_once(send, apply, xaa, alice):
    page = send(filled(some_rows(xaa, alice), "I.13", status="Implemented"))
    apply(page)
    assert "The changes in this workbook were already saved." in apply(page).content.decode()
    assert newest("I.13").number == 1
    assert HeldUpload.everyones.get().rows == []


def test_it_can_be_given_up(send, client, xaa, alice):
    page = send(filled(some_rows(xaa, alice), "I.13", status="Implemented"))
    client.post(page.redirect_chain[0][0], {"discard": ""})
    assert nothing_was_kept()
    assert newest("I.13") is None
    again = client.post(page.redirect_chain[0][0], {"discard": ""})
    assert again.status_code == 404
    assert "the page may have been deleted" in words(again)


# Both sides changed


@pytest.fixture
def both(send, say, xaa, alice):
    """Downloaded, then changed on the site and in the file."""
    say("I.13", measures="A law.", difficulties="Money.")
    content = filled(some_rows(xaa, alice), "I.13", measures="A law of the file.")
    say("I.13", "in_progress", measures="A law of the site.", difficulties="Money.")
    return content


def test_what_both_sides_changed_is_shown_three_ways(send, both):
    page = send(both)
    assert page.context["simple"] == []
    [shown] = page.context["conflicts"]
    found = {
        field.on_site.name: (field.at_download, field.on_site.after, field.in_file.after) for field in shown.fields
    }
    assert found == {"measures": ("A law.", "A law of the site.", "A law of the file.")}
    assert shown.changes == []


@pytest.mark.parametrize(
    ("decision", "measures", "number"), [("site", "A law of the site.", 2), ("file", "A law of the file.", 3)]
)
def test_conflicts_are_decided_and_changes_only_on_the_site_stay(send, apply, both, decision, measures, number):
    apply(send(both), I_13=decision)
    said = newest("I.13")
    assert (said.measures, said.status, said.number) == (measures, "in_progress", number)


def test_other_changes_of_the_file_are_saved_with_the_text_of_the_site(send, apply, both):
    page = send(filled(both, "I.13", difficulties="Time."))
    [shown] = page.context["conflicts"]
    assert [(change.name, change.after) for change in shown.changes] == [("difficulties", "Time.")]
    apply(page, I_13="combined")
    answer = newest("I.13")
    assert (answer.number, answer.measures, answer.difficulties) == (3, "A law of the site.", "Time.")


def test_what_only_one_side_changed_needs_no_choice(send, apply, say, xaa, alice):
    say("I.13", measures="A law.", difficulties="Money.", ready=True)
    content = filled(some_rows(xaa, alice), "I.13", measures="Two laws.")
    say("I.13", "in_progress", measures="A law.", difficulties="Time.", ready=True)
    page = send(content)
    assert changes(page) == {"I.13": {"measures": ("A law.", "Two laws."), "ready": ("Yes", "")}}
    apply(page)
    answer = newest("I.13")
    assert (answer.measures, answer.status, answer.difficulties) == ("Two laws.", "in_progress", "Time.")
    assert not answer.ready, "nobody marked the words of both"


def test_nothing_at_all_is_saved_before_each_is_decided(send, apply, both):
    page = apply(send(filled(both, "II.8", status="Implemented")))
    assert page.status_code == 409
    assert "Not saved." in page.content.decode()
    assert newest("II.8") is None


def test_what_changes_after_the_preview_is_shown_before_anything_is_saved(send, apply, say, both):
    page = send(filled(both, "II.8", status="Implemented"))
    say("I.13", "not_started", measures="A third.")
    say("II.8", "not_started")
    again = apply(page, I_13="file")
    assert again.status_code == 409
    assert [(shown.row.label, shown.decision) for shown in again.context["conflicts"]] == [
        ("I.13", None),
        ("II.8", None),
    ]
    assert newest("I.13").measures == "A third."
    assert newest("II.8").status == "not_started"


def test_where_both_say_the_same_there_is_nothing_to_decide(send, say, xaa, alice):
    say("I.13", measures="A law.")
    content = filled(some_rows(xaa, alice), "I.13", measures="Two laws.")
    say("I.13", measures="Two laws.")
    page = send(content)
    assert (page.context["simple"], page.context["conflicts"]) == ([], [])
    assert [row.label for row in page.context["same"]] == ["I.13"]


def test_changes_incompatible_with_the_site_are_omitted_and_listed(send, apply, say, xaa, alice):
    say("I.13", "in_progress", reasons="Time.")
    content = filled(some_rows(xaa, alice), "I.13", reasons="")
    say("I.13", "considered_not_taken_up", reasons="Time.")
    page = send(filled(content, "II.8", status="Implemented"))
    assert page.context["conflicts"] == []
    assert [(shown.row.label, shown.row.problems) for shown in page.context["impossible"]] == [
        ("I.13", ["Enter the reasons."])
    ]
    apply(page)
    assert (newest("I.13").number, newest("II.8").number) == (2, 1)


# Words withdrawn


def test_words_removed_after_the_download_are_not_restored(send, apply, say, xaa, alice):
    say("I.13", measures="The case of Jane Doe.", difficulties="Money.")
    content = some_rows(xaa, alice)
    touched = filled(content, "I.13", difficulties="Time.")
    decider = make_person("amir", Role.FOCAL_POINT, xaa)
    remove_words("Jane Doe", xaa, alice, decider)
    assert "No changes found" in send(content).content.decode()
    page = send(touched)
    assert "Jane Doe" not in page.content.decode()
    assert "Measures taken" in page.content.decode()
    apply(page, I_13="file")
    assert (newest("I.13").measures, newest("I.13").difficulties) == ("", "Time.")


def test_an_upload_that_holds_withdrawn_words_is_gone(send, say, xaa, alice):
    say("I.14", measures="Jane Doe.")
    send(filled(some_rows(xaa, alice), "I.13", status="Implemented", measures="Jane Doe and others."))
    decider = make_person("amir", Role.FOCAL_POINT, xaa)
    remove_words("Jane Doe", xaa, alice, decider)
    assert nothing_was_kept()


# Faults


def test_faults_are_named_by_sheet_row_and_column(send, xaa, alice):
    content = some_rows(xaa, alice)
    content = filled(content, "I.13", status="Done", target_date="soon", good_practice="perhaps")
    content = filled(content, "I.14", measures="No status.")
    content = filled(content, "IV.46(i)", status="Implemented", items_met="V.1")
    content = filled(content, "II.8", status="Not applicable")
    content = filled(content, "II.9", status="Implemented", measures="x" * 20_001, situation_as_at=3)
    page = send(content)
    found = faults(page)
    assert page.status_code == 200
    assert {(sheet, column.partition(", ")[2]) for sheet, _row, column, _why in found} == {
        ("Answers", header)
        for header in (
            "Status", "Target date", "Good practice", "Items met", "Why the recommendation does not apply",
            "Measures taken", "Situation as at",
        )
    }  # fmt: skip
    assert ("Answers", row_of(content, "I.14"), "D, Status", "Choose a status.") in found
    assert (
        "Answers",
        row_of(content, "I.13"),
        f"{column_of('target_date')}, Target date",
        "Enter the date as 30 June 2027.",
    ) in found
    assert nothing_was_kept()


def test_all_faults_are_listed_together(send, xaa, alice):
    content = some_rows(xaa, alice)
    content = filled(content, "I.14", measures="No status.", target_date="soon")
    content = filled(content, "II.8", status="Not applicable", target_date="0207-01-01", situation_as_at="soon")
    content = filled(content, "II.9", status="Done", reasons="Text", target_date="0207-01-01")
    place = f"{column_of('measures')}{row_of(content, 'I.13')}"
    content = with_cell(content, place, f'<c r="{place}"><f>1+1</f><v>2</v></c>'.encode())
    content = filled(content, "I.13", status="Considered, not taken up")
    beside = replaced(content, ANSWERS, "</row>", '<c r="AZ1" t="inlineStr"><is><t>Mine</t></is></c></row>')
    found = faults(send(beside))
    rows = [row for _sheet, row, _column, _why in found]
    assert rows == sorted(rows)
    named = {label: row_of(content, label) for label in ("I.13", "I.14", "II.8", "II.9")}
    assert {
        label: {column.partition(", ")[2] for _sheet, row, column, _why in found if row == number}
        for label, number in named.items()
    } == {
        "I.13": {"Measures taken", "Reasons"},
        "I.14": {"Status", "Target date"},
        "II.8": {"Why the recommendation does not apply", "Target date", "Situation as at"},
        "II.9": {"Status", "Target date"},
    }
    assert [column for _sheet, row, column, _why in found if row == 1] == ["AZ"]
    assert nothing_was_kept()


def test_a_formula_is_reported_with_its_place(send, xaa, alice):
    content = some_rows(xaa, alice)
    place = f"{column_of('measures')}{row_of(content, 'I.13')}"
    page = send(with_cell(content, place, f'<c r="{place}"><f>1+1</f><v>2</v></c>'.encode()))
    assert faults(page) == [
        (
            "Answers",
            row_of(content, "I.13"),
            "H, Measures taken",
            "This is a formula. Replace the formula with its value.",
        )
    ]


def test_a_sheet_that_was_renamed_is_named(send, xaa, alice):
    page = send(replaced(some_rows(xaa, alice), WORKBOOK, 'name="Answers"', 'name="Mine"'))
    assert "There is no sheet “Answers” in this workbook" in problem(page)


def test_a_column_that_was_added_is_named(send, xaa, alice):
    content = some_rows(xaa, alice)
    beside = replaced(content, ANSWERS, "</row>", '<c r="AZ1" t="inlineStr"><is><t>Mine</t></is></c></row>')
    assert faults(send(with_cell(content, "E1", "Mine")))[0][2:] == (
        "E",
        "This column must be “Why the recommendation does not apply”. "
        "Restore the original columns: do not add or remove any.",
    )
    assert faults(send(beside))[0][:3] == ("Answers", 1, "AZ")


def test_rows_that_were_mixed_up_are_reported(send, xaa, alice):
    content = downloaded(xaa, alice, "I.13", "I.14")
    swapped = with_cell(with_cell(content, "A2", "I.14"), "A3", "I.13")
    assert {fault[2] for fault in faults(send(filled(swapped, "I.14", status="Implemented")))} == {"C, Adopted text"}
    assert "An earlier row has the same label." in faults(send(with_cell(content, "A3", "I.13")))[0][3]
    assert (
        "This row was not in the workbook when it was downloaded."
        in faults(send(with_cell(content, "A3", "X.1")))[0][3]
    )


@pytest.mark.parametrize(("kind", "to_decide"), [("new_wording", ["I.13"]), ("correction", [])])
def test_a_text_that_the_site_changed_after_the_download_stops_nothing(send, xaa, alice, dana, unit, kind, to_decide):
    typed = {"status": "Implemented"}
    content = with_rows_filled(some_rows(xaa, alice), {"I.13": typed, "I.14": typed})
    add_wording(recommendation=unit("I.13"), text="Other words.", kind=kind, reason="Read again.", by=dana)
    page = send(content)
    assert [shown.row.label for shown in page.context["conflicts"] if shown.row.is_reworded] == to_decide
    assert list(changes(page)) == [label for label in ("I.13", "I.14") if label not in to_decide]


def test_a_text_that_got_the_label_after_the_download_is_another_text(send, xaa, alice, unit):
    content = filled(downloaded(xaa, alice, "I.13"), "I.13", status="Implemented")
    with lifted_triggers():
        Wording.objects.filter(recommendation=unit("I.13")).update(text="Another text.", created_at=timezone.now())
    assert [fault[2] for fault in faults(send(content))] == ["C, Adopted text"]


def test_the_rows_may_be_sorted_and_some_taken_out(send, xaa, alice):
    content = filled(downloaded(xaa, alice, "I.13", "I.14", "II.8"), "II.8", status="Implemented")
    sheet = parts_of(content)[ANSWERS].decode()
    before, third = sheet.partition('<row r="3"')[0], sheet.partition('<row r="4"')[2]
    moved = packed(parts_of(content) | {ANSWERS: f'{before}<row r="4"{third}'})
    assert list(changes(send(moved))) == ["II.8"]


def test_another_states_workbook_is_refused(send, xbb, charlie, xaa, alice):
    page = send(filled(some_rows(xbb, charlie), "I.13", status="Implemented"))
    assert "This workbook was downloaded for another State." in problem(page)
    assert nothing_was_kept()


@pytest.mark.parametrize("stamp", ["", "forged", "eyJhIjoxfQ:1a2b3c:sig"])
def test_a_forged_stamp_is_refused(send, xaa, alice, stamp):
    content = downloaded(xaa, alice, "I.13")
    parts = parts_of(content)
    hidden = "xl/worksheets/sheet3.xml"
    sheet = parts[hidden].decode().replace('<c r="A1" t="s">', '<c r="A1" t="inlineStr">', 1)
    before, _old, after = sheet.partition("<v>")
    forged = f"{before}<is><t>{stamp}</t></is>{after.partition('</v>')[2]}"
    assert "This workbook was not downloaded from this site" in problem(send(packed(parts | {hidden: forged})))


def test_without_the_hidden_sheet_it_is_refused(send, xaa, alice):
    page = send(replaced(some_rows(xaa, alice), WORKBOOK, 'name="stamp"', 'name="other"'))
    assert "This workbook was not downloaded from this site" in problem(page)


def test_a_sheet_of_ones_own_is_not_read(send, xaa, alice):
    content = replaced(some_rows(xaa, alice), WORKBOOK, 'name="Instructions"', 'name="My notes"')
    assert "No changes found" in send(content).content.decode()


def test_macros_are_refused_under_any_name(send, xaa, alice):
    content = downloaded(xaa, alice, "I.13")
    assert "This document contains macros." in problem(send(content, name="a.xlsm"))
    assert "This document contains macros." in problem(send(packed(parts_of(content) | {"xl/vbaProject.bin": b"x"})))


def test_input_with_a_refused_file_stays(send, xaa, alice):
    page = send(b"PK", received_from="Ministry of Justice")
    assert 'value="Ministry of Justice"' in page.content.decode()
    assert page.context["form"].errors.keys() == {"upload", "received_on"}


def test_a_file_sent_with_a_refused_date_is_requested_again(send, xaa, alice):
    page = send(filled(some_rows(xaa, alice), "I.13", status="Implemented"), received_from="Ministry of Justice")
    assert problem(page) == "Choose the file “XAA-workbook.xlsx” again: it was not saved."
    assert page.context["form"].errors.keys() == {"upload", "received_on"}


# What it looks like


def test_a_text_longer_than_a_cell_is_locked_and_marked(send, say, xaa, alice):
    say("I.13", measures="𝕏" * 20_000)
    content = downloaded(xaa, alice, "I.13", "I.14")
    [_headers, first, _second] = open_workbook(as_upload(content)).cells("Answers")
    assert first[-1] == str(TOO_LONG)
    assert first[FIRST:-1] == [""] * (len(first) - FIRST - 1)
    assert "No changes found" in send(with_cell(content, "H2", "Mine.")).content.decode()


def test_texts_are_locked_answers_are_open_and_words_are_chosen(say, xaa, alice):
    parts = parts_of(downloaded(xaa, alice, "I.13"))
    sheet = parts[ANSWERS].decode()
    assert '<sheetProtection sheet="1"' in sheet
    assert '<dataValidation type="list"' in sheet
    assert "stamp!$D$1:$D$6" in sheet
    assert 'name="stamp" sheetId="3" state="veryHidden"' in parts[WORKBOOK].decode()
    assert "rightToLeft" not in sheet


def test_the_sheets_of_a_right_to_left_language_go_that_way(xaa, alice):
    with translation.override("ar"):
        parts = parts_of(downloaded(xaa, alice, "I.13"))
    assert all('rightToLeft="1"' in parts[f"xl/worksheets/sheet{number}.xml"].decode() for number in (1, 2, 3))


def test_the_filters_of_the_list_choose_the_units(desk, say):
    say("I.13", "in_progress")
    file = desk.get(reverse("workbook_xlsx", args=["XAA"]) + "?status=in_progress")
    assert file["Content-Disposition"].startswith('attachment; filename="XAA-workbook-20')
    lines = open_workbook(as_upload(file.content)).cells("Answers")
    assert [line[0] for line in lines[1:]] == ["I.13"]
    page = desk.get(reverse("workbook", args=["XAA"]) + "?status=in_progress").content.decode()
    assert "workbook.xlsx?status=in_progress" in page
    file = desk.get(reverse("workbook_xlsx", args=["XAA"]) + "?status=not_started&unit=I-13&unit=II-8")
    lines = open_workbook(as_upload(file.content)).cells("Answers")
    assert [line[0] for line in lines[1:]] == ["I.13", "II.8"], "a selection stays while filters change"
    nothing = desk.get(reverse("workbook_xlsx", args=["XAA"]) + "?status=not_started", follow=True)
    assert "This selection has no recommendation that you can answer." in nothing.content.decode()


# Who


@pytest.fixture
def carol(xaa):
    """A contributor to whom the desk is opened in part."""
    Respondent.objects.filter(pk=xaa.pk).update(opens_all_to_contributors=False)
    return make_person("carol", Role.CONTRIBUTOR, xaa)


@pytest.fixture
def assign(xaa, alice, unit):
    def assign(label, person):
        return Assignment.everyones.create(respondent=xaa, unit=unit(label), assigned_by=alice, person=person)

    return assign


def test_a_contributor_downloads_assigned_answers_that_are_not_yet_sent(say, carol, assign):
    say("I.13", measures="Hers.")
    say("I.14", measures="The Ministry of Health's.")
    assign("I.13", carol)
    Assignment.everyones.filter(pk=assign("II.8", carol).pk).update(state="ready")
    content = client_of(carol).get(reverse("workbook_xlsx", args=["XAA"])).content
    lines = open_workbook(as_upload(content)).cells("Answers")
    assert [line[0] for line in lines[1:]] == ["I.13"]
    assert b"Ministry of Health" not in b"".join(parts_of(content).values())


def test_a_contributor_changes_only_assigned_units_in_a_received_workbook(send, say, carol, assign, xaa, alice):
    say("I.14", measures="Another ministry's.")
    assign("I.13", carol)
    content = filled(some_rows(xaa, alice), "I.13", status="Implemented")
    assert list(changes(send(content, by=reread(carol)))) == ["I.13"]
    for text in ("A guess.", "Another ministry's, guessed."):
        found = faults(send(filled(content, "I.14", measures=text), by=reread(carol)))
        assert [fault[1:3] for fault in found] == [(row_of(content, "I.14"), "A, Label")]
        assert "You cannot edit this answer" in found[0][3]


def test_a_contributor_marks_nothing_ready_by_a_workbook(send, say, carol, assign, xaa, alice):
    say("I.13", measures="A law.")
    assign("I.13", carol)
    place = f"{column_of('ready')}2"
    own, given = downloaded(xaa, reread(carol), "I.13"), downloaded(xaa, alice, "I.13")
    locked, opened = (style_of(content, place) for content in (own, given))
    assert (locked, opened) == (style_of(own, "A2"), style_of(given, column_of("measures") + "2"))
    why = "Only a focal point can mark an answer ready. Restore the cell as it was when you downloaded the workbook."
    for content in (own, given):
        page = send(filled(content, "I.13", measures="Two laws.", ready="Yes"), by=reread(carol))
        assert faults(page) == [("Answers", 2, f"{column_of('ready')}, Ready", why)]


def test_a_contributor_reads_that_the_mark_goes_with_other_words(send, apply, say, carol, assign, xaa):
    for label in ("I.13", "I.14"):
        say(label, measures="A law.", ready=True)
        assign(label, carol)
    carol = reread(carol)
    content = with_rows_filled(
        some_rows(xaa, carol), {"I.13": {"measures": "Two laws."}, "I.14": {"measures": "An act."}}
    )
    say("I.14", measures="An act.", ready=True)
    page = send(content, by=carol)
    assert changes(page) == {"I.13": {"measures": ("A law.", "Two laws."), "ready": ("Yes", "")}}
    apply(page)
    assert (newest("I.13").ready, newest("I.14").ready) == (False, True)


def style_of(content: bytes, place: str) -> str:
    """Number of the format of a cell."""
    return re.search(rf'<c r="{place}" s="(\d+)"', parts_of(content)[ANSWERS].decode())[1]


def test_a_row_that_is_not_requested_any_more_is_named_with_what_to_do(send, xaa, alice, dana, unit):
    content = filled(downloaded(xaa, alice, "I.13"), "I.13", status="Implemented")
    withdraw_unit(unit=unit("I.13"), on=timezone.localdate(), reason="Replaced.", by=dana)
    why = "You cannot edit this answer: it is not requested, not assigned to you, or already sent to the focal point."
    advice = "Restore the cells of the row, or unprotect the sheet and delete the row."
    assert [fault[3] for fault in faults(send(content))] == [f"{why} {advice}"]


def test_what_is_taken_away_after_the_upload_is_not_shown_and_not_saved(send, apply, say, carol, assign, xaa):
    say("I.13", measures="The site's own words.")
    assignment = assign("I.13", carol)
    carol = reread(carol)
    page = send(filled(some_rows(xaa, carol), "I.13", measures="Hers."), by=carol)
    Assignment.everyones.filter(pk=assignment.pk).update(state="ended")
    shown = client_of(reread(carol)).get(page.redirect_chain[0][0])
    assert "site's own words" not in shown.content.decode()
    assert [each.row.label for each in shown.context["impossible"]] == ["I.13"]
    assert apply(page).status_code == 409
    assert newest("I.13").number == 1


def test_only_the_uploader_opens_an_upload_and_for_one_day(send, xaa, alice):
    page = send(filled(some_rows(xaa, alice), "I.13", status="Implemented"))
    url = page.redirect_chain[0][0]
    assert client_of(make_person("amir", Role.FOCAL_POINT, xaa)).get(url).status_code == 404
    HeldUpload.everyones.update(expires_at=timezone.now())
    assert client_of(alice).get(url).status_code == 404


# How much


@pytest.fixture
def full(xaa, alice):
    """All 230 units answered at length."""
    answers = {}
    for unit in xaa.units_to_answer().with_text():
        measures = f"{unit.label}: " + "measures taken, in many words. " * 30
        answers[unit] = Answer(status="implemented", measures=measures, lead_institution="Ministry")
    save_many(xaa, answers, alice)


def test_of_230_units_every_second_is_changed(full, xaa, alice, send):
    content = downloaded(xaa, alice)
    changed = list(xaa.units_to_answer().values_list("label", flat=True)[::2])
    content = with_rows_filled(content, {label: {"measures": "Other measures."} for label in changed})
    assert [each.row.label for each in send(content).context["simple"]] == changed


def test_it_asks_the_database_as_often_at_20_rows_as_at_200(full, xaa, alice, desk, django_assert_max_num_queries):
    labels = list(xaa.units_to_answer().values_list("label", flat=True))
    for some in (labels[:2], labels[:40]):
        content = downloaded(xaa, alice, *labels[:40])
        content = with_rows_filled(content, {label: {"measures": "Other."} for label in some})
        with django_assert_max_num_queries(20):
            page = desk.post(reverse("returned_file", args=["XAA"]), {"upload": as_upload(content)})
        with django_assert_max_num_queries(15):
            assert len(desk.get(page["Location"]).context["simple"]) == len(some)
    for name in ("workbook", "workbook_xlsx"):
        with django_assert_max_num_queries(15):
            desk.get(reverse(name, args=["XAA"]))


def test_who_filled_it_is_chosen_from_the_states_institutions(xaa, xbb, alice, charlie, desk):
    for respondent, name, by in ((xaa, "Ministry of Health", alice), (xbb, "Ministry of the Sea", charlie)):
        add_institution(respondent=respondent, name=name, kind="ministry", by=by)
    page = desk.get(reverse("returned_file", args=["XAA"])).content.decode()
    assert re.findall('<datalist id="institutions">(.*)</datalist>', page) == ['<option value="Ministry of Health">']
    assert re.search('<input[^>]* name="received_from"[^>]* list="institutions"', page)


# In LibreOffice


SAVED_BY_LIBREOFFICE = Path(__file__).parents[2] / "workbook_saved_by_libreoffice.xlsx"
TYPED = {
    "I.13": {
        "status": "In progress",
        "measures": "قانون\nسطر",
        "target_date": "2028-01-31",
        "lead_institution": "2026",
    },
    "IV.46(i)": {"status": "Implemented", "items_met": "IV.46(i)(ii)", "assistance_kinds.training": "yes"},
}


def test_what_libreoffice_saved_is_read_where_it_is_not_installed(send, xaa, alice):
    """I.13, I.14 and IV.46(i) as downloaded without an answer, opened and saved by LibreOffice 25.2 with TYPED in them.

    To make it anew: `saved_by_libreoffice(downloaded(xaa, alice, …), tmp_path, *places_of(…))`.
    """
    page = send(SAVED_BY_LIBREOFFICE.read_bytes())
    assert {shown.row.label: shown.row.changes for shown in page.context["simple"]} == {
        "I.13": {
            "status": "in_progress",
            "measures": "قانون\nسطر",
            "target_date": "2028-01-31",
            "lead_institution": "2026",
            "language": "en",
        },
        "IV.46(i)": {
            "status": "implemented",
            "items_met": ["IV.46(i)(ii)"],
            "assistance_kinds.training": True,
            "language": "en",
        },
    }


def places_of(content: bytes, typed: dict) -> list[tuple]:
    return [
        ("Answers", f"{column_of(key)}{row_of(content, label)}", value)
        for label, cells in typed.items()
        for key, value in cells.items()
    ]


@pytest.mark.skipif(not SOFFICE, reason="LibreOffice is not installed")
def test_libreoffice_opens_it_and_saves_what_was_typed_and_nothing_else(send, apply, say, xaa, alice, tmp_path):
    for label, text in zip(xaa.units_to_answer().values_list("label", flat=True), TEXTS, strict=False):
        say(label, measures=text, assistance_kinds=["data"], target_date=datetime.date(2027, 6, 30), ready=True)
    say("II.8", "not_applicable", reason_code="other", reasons="سبب")
    say("IV.46(i)", items_met=["IV.46(i)(ii)"], measures="Two of three.")
    content = downloaded(xaa, alice)
    assert "No changes found" in send(saved_by_libreoffice(content, tmp_path)).content.decode()

    page = send(saved_by_libreoffice(content, tmp_path, *places_of(content, {"II.9": TYPED["I.13"]})))
    assert list(changes(page)) == ["II.9"]
    apply(page)
    said = newest("II.9")
    assert (said.status, said.measures, said.lead_institution) == ("in_progress", "قانون\nسطر", "2026")
    assert said.target_date == datetime.date(2028, 1, 31)
