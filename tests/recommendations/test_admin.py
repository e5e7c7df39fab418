"""The curators' admin: who may enter, what may be changed there, and how."""

import json
import re
from datetime import date

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from recommendations import catalogue
from recommendations.models import (
    Addressee,
    Body,
    Currency,
    Family,
    FamilyMember,
    Footnote,
    Lineage,
    Meeting,
    Paper,
    Provision,
    Recommendation,
    Theme,
    Wording,
)
from tests.catalogue_events import actions_on, rows_about
from tests.languages import PSEUDO
from tests.pages import seen_at
from tracker.models import EventRow

pytestmark = pytest.mark.django_db

LIST = "/admin/recommendations/recommendation/"
IMPORT = f"{LIST}import/"


def change_page(node) -> str:
    return reverse("admin:recommendations_recommendation_change", args=[node.pk])


def annotations(node, **changed) -> dict:
    """The form of a node's page as it is posted when only `changed` is changed."""
    management = {
        f"{prefix}-{name}": 0 for prefix in ("wordings", "footnotes") for name in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    themes = {"primary_theme": node.primary_theme_id or "", "secondary_theme": node.secondary_theme_id or ""}
    flag = {"asks_to_consider": "on"} if node.asks_to_consider else {}
    names = ("paragraph", "title", "basis", "strength", "guidance", "evidence_kinds", "evidence_hint")
    said = {name: getattr(node, name) for name in names}
    addressees = {"addressees": [addressee.pk for addressee in node.addressees.all()]}
    return management | said | themes | addressees | flag | changed


def save(curator, node, **changed):
    """Open a node's page, change only `changed`, and save."""
    return curator.post(change_page(node), annotations(node, **changed) | seen_at(curator, change_page(node)))


def upload(client, content: str | bytes, format_: int = 0):
    """The page that shows what a file would change."""
    content = content.encode() if isinstance(content, str) else content
    file = SimpleUploadedFile("catalogue.csv", content)
    return client.post(IMPORT, {"import_file": file, "format": format_, "resource": "0"})


def apply(client, shown):
    return client.post(f"{LIST}process_import/", shown.context["confirm_form"].initial)


def problems(shown) -> list[tuple[int, str, str]]:
    return [(problem.number, problem.label, problem.column) for problem in shown.context["result"].problems]


@pytest.mark.parametrize("model", [Meeting, Recommendation, Addressee, Footnote, Wording])
def test_what_came_with_a_paper_is_neither_added_nor_deleted(curator, model):
    name = f"admin:recommendations_{model._meta.model_name}"
    assert curator.get(reverse(f"{name}_add")).status_code == 403
    assert curator.post(reverse(f"{name}_delete", args=[model.objects.first().pk]), {"post": "yes"}).status_code == 403
    refused = curator.post(
        reverse(f"{name}_changelist"),
        {"action": "delete_selected", "_selected_action": [model.objects.first().pk], "post": "yes"},
    )
    assert "deleted" not in refused.text
    assert model.objects.first() is not None


def test_the_list_is_searched_and_filtered(curator):
    page = curator.get(LIST, {"q": "IV.46(i)", "kind__exact": "chapeau", "strength__exact": "should"})
    assert [node.label for node in page.context["cl"].queryset] == ["IV.46(i)"]


def test_the_text_is_shown_and_is_no_field(curator, unit):
    page = curator.get(change_page(unit("II.44")))
    assert "provisions for the non-punishment" in page.text
    fields = set(page.context["adminform"].form.fields)
    assert fields == {
        "paragraph",
        "page",
        "title",
        "addressees",
        "basis",
        "strength",
        "asks_to_consider",
        "primary_theme",
        "secondary_theme",
        "topic_clause",
        "guidance",
        "evidence_kinds",
        "evidence_hint",
        "seen",
    }


def test_a_change_is_one_line_of_history_with_its_author(curator, dana, unit):
    node = unit("II.44")
    states = [Addressee.objects.get(code=code).pk for code in ("states", "states_parties")]
    save(curator, node, guidance="Say\r\nwhere.", strength="may", addressees=states)
    node = unit("II.44")
    assert (node.guidance, node.strength) == ("Say\nwhere.", "may")
    assert {addressee.code for addressee in node.addressees.all()} == {"states", "states_parties"}
    row, first = rows_about(node)
    assert (row.event.action, row.event.actor) == ("catalogue entry changed", dana)
    changed = {name for name in row.content if row.content[name] != first.content[name]}
    assert changed == {"guidance", "strength", "addressees"}


def test_what_another_curator_changed_since_is_not_replaced_unseen(curator, dana, unit):
    node = unit("I.7(a)")
    seen = curator.get(change_page(node)).context["adminform"].form["seen"].value()
    assert f'name="seen" value="{seen}"' in curator.get(change_page(node)).text
    catalogue.change_annotations(recommendation=node, title="Of another curator", by=dana)
    states = [Addressee.objects.get(code=code).pk for code in ("states", "states_parties")]
    typed = annotations(node, guidance="Say where.", addressees=states, seen=seen)
    page = curator.post(change_page(node), typed)
    assert "The page changed after you opened it, so nothing was done." in page.text
    form = page.context["adminform"].form
    assert (form["guidance"].value(), form["addressees"].value()) == ("Say where.", [str(pk) for pk in states])
    assert (unit("I.7(a)").title, unit("I.7(a)").guidance) == ("Of another curator", node.guidance)
    assert curator.post(change_page(node), typed | {"seen": form["seen"].value()}).status_code == 302
    assert (unit("I.7(a)").title, unit("I.7(a)").guidance) == (node.title, "Say where.")


def inputs_of(page) -> dict:
    """What a browser sends of a page of the administration whose boxes are not selected."""
    forms = [page.context["adminform"].form]
    for inline in page.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    fields = [form[name] for form in forms for name in form.fields if name != "DELETE"]
    return {field.html_name: "" if field.value() is None else field.value() for field in fields}


@pytest.mark.parametrize(
    ("model", "field", "typed"),
    [
        (Theme, "basis", "name"),
        (Family, "relation", "members-0-note"),
        (Family, "relation", "members-0-DELETE"),
        (Provision, "position", "served_by-0-reason"),
        (Lineage, "confidence", "quote"),
        (Paper, "symbol", "title"),
        (Currency, "date", "words"),
    ],
)
def test_no_page_of_the_catalogue_replaces_a_change_that_it_did_not_show(curator, dana, model, field, typed):
    row = model.objects.filter(**{"served_by__isnull": False} if model is Provision else {}).first()
    address = reverse(f"admin:recommendations_{model._meta.model_name}_change", args=[row.pk])
    page = curator.get(address)
    sent = inputs_of(page) | {typed: "Typed"}
    assert page.text.count(f'name="seen" value="{sent["seen"]}"') == 1
    setattr(row, field, {"position": 7, "confidence": "low", "date": date(2010, 1, 1)}.get(field, "Other"))
    catalogue.save_instance(instance=row, by=dana)
    page = curator.post(address, sent)
    assert "The page changed after you opened it, so nothing was done." in page.text
    shown = inputs_of(page)
    assert {name: str(shown[name]) for name in shown if name != "seen"} == {
        name: str(sent[name]) for name in shown if name != "seen"
    }
    assert "Typed" in page.text or 'name="members-0-DELETE" id="id_members-0-DELETE" checked' in page.text
    assert str(getattr(model.objects.get(pk=row.pk), field)) == str(getattr(row, field))


def test_a_group_is_not_changed_by_a_page_that_did_not_show_its_members(curator, dana):
    family = Family.objects.get(slug="reflection-period")
    address = reverse("admin:recommendations_family_change", args=[family.pk])
    sent = inputs_of(curator.get(address)) | {"note": "Typed"}
    member = family.members.first()
    member.note = "Of another curator"
    catalogue.save_instance(instance=member, by=dana)
    page = curator.post(address, sent)
    assert "The page changed after you opened it, so nothing was done." in page.text
    member.refresh_from_db()
    assert (member.note, Family.objects.get(pk=family.pk).note) == ("Of another curator", family.note)
    assert curator.post(address, inputs_of(page)).status_code == 302
    assert Family.objects.get(pk=family.pk).note == "Typed"


def test_saving_without_a_change_leaves_no_history(curator, unit):
    node = unit("II.44")
    assert save(curator, node).status_code == 302
    assert len(rows_about(node)) == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"addressees": []}, "addressees"),
        ({"basis": ""}, "basis"),
        ({"strength": "must"}, "strength"),
        ({"guidance": "\x00"}, "guidance"),
        ({"primary_theme": "0"}, "primary_theme"),
        ({"primary_theme": "1" * 30}, "primary_theme"),
    ],
)
def test_an_invalid_change_has_an_error_at_its_field(curator, unit, changed, field):
    node = unit("II.44")
    page = save(curator, node, **changed)
    assert list(page.context["adminform"].form.errors) == [field]
    assert len(rows_about(node)) == 1


def test_the_second_theme_is_another_than_the_first(curator, unit):
    node = unit("II.44")
    page = save(curator, node, secondary_theme=node.primary_theme_id)
    assert list(page.context["adminform"].form.errors) == ["secondary_theme"]


def test_history_is_read_and_not_gone_back_to(curator, unit):
    node = unit("II.44")
    save(curator, node, guidance="Say where.")
    page = curator.get(reverse("admin:recommendations_recommendation_history", args=[node.pk]))
    assert "Say where." in page.text
    assert "→ Say where.</p>" in page.text
    assert curator.get(f"{LIST}none/history/").status_code == 302


def test_the_text_changes_by_a_further_wording(curator, dana, unit):
    node = unit("II.44")
    page = reverse("admin:recommendations_recommendation_wording", args=[node.pk])
    assert curator.get(page).context["form"].initial == {"text": node.text}
    shown = curator.post(page, {"text": "As corrected.", "kind": "correction", "reason": "A slip of ours."})
    assert "As corrected.</ins>" in shown.text
    assert unit("II.44").current_wording == node.current_wording, "shown, and not added yet"
    done = curator.post(page, shown.context["form"].data)
    assert done.status_code == 302
    wording = unit("II.44").current_wording
    assert (wording.number, wording.text, wording.kind, wording.reason, wording.author) == (
        2,
        "As corrected.",
        "correction",
        "A slip of ours.",
        dana,
    )
    assert node.wordings.get(number=1).text == node.text


@pytest.mark.parametrize("changed", [{"text": "Another."}, {"kind": "new_wording"}, {"shown": "0" * 64}])
def test_a_wording_is_added_only_as_its_difference_was_shown(curator, unit, changed):
    node = unit("II.44")
    page = reverse("admin:recommendations_recommendation_wording", args=[node.pk])
    shown = curator.post(page, {"text": "As corrected.", "kind": "correction", "reason": "A slip of ours."})
    assert curator.post(page, shown.context["form"].data | changed).status_code == 200
    assert node.wordings.count() == 1


def test_of_two_curators_the_second_sees_what_the_first_made_of_the_text(curator, dana, unit):
    node = unit("II.44")
    page = reverse("admin:recommendations_recommendation_wording", args=[node.pk])
    shown = curator.post(page, {"text": "As corrected.", "kind": "correction", "reason": "A slip of ours."})
    catalogue.add_wording(recommendation=node, text="Otherwise.", kind="correction", reason="A slip.", by=dana)
    again = curator.post(page, shown.context["form"].data)
    assert "Otherwise" in again.text
    assert unit("II.44").text == "Otherwise."


def test_a_text_that_another_curator_wrote_at_the_same_moment_is_refused_at_the_field(curator, dana, unit):
    node = unit("II.44")
    page = reverse("admin:recommendations_recommendation_wording", args=[node.pk])
    shown = curator.post(page, {"text": "As corrected.", "kind": "correction", "reason": "A slip of ours."})
    wording = {"text": "As corrected.", "kind": "correction", "reason": "A slip."}
    others = [lambda: catalogue.add_wording(recommendation=node, by=dana, **wording)]

    def interrupt(execute, sql, *args):
        """Let the other curator be quicker once the action has begun."""
        if sql.startswith("SAVEPOINT") and others:
            others.pop()()
        return execute(sql, *args)

    with connection.execute_wrapper(interrupt):
        refused = curator.post(page, shown.context["form"].data)

    assert list(refused.context["form"].errors) == ["text"]
    assert node.wordings.count() == 2


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "\x00"}, "text"),
        ({"text": "as it is"}, "text"),
        ({"kind": "adopted"}, "kind"),
        ({"reason": "  "}, "reason"),
    ],
)
def test_a_wording_says_what_and_why(curator, unit, typed, field):
    node = unit("II.44")
    page = reverse("admin:recommendations_recommendation_wording", args=[node.pk])
    typed = {"text": "Other.", "kind": "correction", "reason": "A slip."} | typed
    shown = curator.post(page, typed | ({"text": node.text} if typed["text"] == "as it is" else {}))
    assert list(shown.context["form"].errors) == [field]
    assert node.wordings.count() == 1


def test_a_changed_row_is_shown_before_it_is_applied(curator, dana, unit):
    shown = upload(curator, "label,guidance\nI.5,Say how.\nI.7,\n")
    assert "<ins>" in shown.text
    assert "Say how." in shown.text
    assert shown.context["result"].totals["update"] == 1
    assert unit("I.5").guidance == ""
    assert apply(curator, shown).status_code == 302
    assert unit("I.5").guidance == "Say how."
    assert actions_on(unit("I.5"))[0] == ("catalogue entries imported", dana)


def test_nothing_is_applied_where_one_row_is_wrong(curator, unit):
    shown = upload(curator, "label,guidance,strength\nI.5,Say how.,\nIX.99,,\nI.3,,must\n")
    assert problems(shown) == [(3, "IX.99", "label"), (4, "I.3", "strength")]
    assert "confirm_form" not in shown.context
    assert unit("I.5").guidance == ""


def test_what_was_shown_is_refused_when_it_no_longer_holds(curator, dana, unit):
    shown = upload(curator, "label,guidance,secondary_theme\nI.4,Say how.,legislation\n")
    node = unit("I.4")
    assert shown.context["result"].totals["update"] == 1
    Recommendation.objects.filter(pk=node.pk).update(
        primary_theme=Theme.objects.get(slug="legislation"), secondary_theme=None
    )
    assert problems(apply(curator, shown)) == [(2, "I.4", "secondary_theme")]
    assert unit("I.4").guidance == node.guidance


def test_the_result_of_an_import_is_shown_in_words(curator):
    shown = upload(curator, "label;title\nI.4;Another title\nI.5;Another title\n")
    page = curator.get(apply(curator, shown)["Location"])
    assert [str(message) for message in page.context["messages"]] == ["Rows imported: 2."]


@pytest.mark.parametrize(
    "forged",
    [
        {"import_file_name": "/etc/passwd"},
        {"import_file_name": ""},
        {"format": "7"},
        {"format": "x"},
        {"resource": "9"},
    ],
)
def test_only_what_was_shown_is_applied(curator, unit, forged):
    shown = upload(curator, "label,guidance\nI.5,Say how.\n")
    page = curator.post(f"{LIST}process_import/", shown.context["confirm_form"].initial | forged)
    assert "No changes were made" in page.text
    assert unit("I.5").guidance == ""


@pytest.mark.parametrize(("format_", "first"), [(0, "body,label"), (1, "[")])
def test_an_exported_file_changes_nothing_when_it_comes_back(curator, dana, unit, format_, first):
    node = unit("I.4")
    save(curator, node, guidance="=1+1")
    before = EventRow.everyones.count()
    exported = curator.post(f"{LIST}export/", {"format": format_, "resource": "0"})
    assert exported.content.decode("utf-8-sig").startswith(first)
    shown = upload(curator, exported.content, format_)
    assert dict(shown.context["result"].totals) == {
        "new": 0,
        "update": 0,
        "delete": 0,
        "skip": 317,
        "error": 0,
        "invalid": 0,
    }
    assert apply(curator, shown).status_code == 302
    assert EventRow.everyones.count() == before
    assert Wording.objects.count() == 317


def test_a_spreadsheet_takes_no_guidance_for_a_formula(curator, unit):
    node = unit("I.4")
    save(curator, node, guidance="=1+1")
    exported = curator.post(f"{LIST}export/?q=I.4", {"format": 0, "resource": "0"}).content.decode("utf-8-sig")
    assert ",'=1+1," in exported
    as_json = json.loads(curator.post(f"{LIST}export/", {"format": 1, "resource": "0"}).content)
    assert next(row["guidance"] for row in as_json if row["label"] == "I.4") == "=1+1"


def test_an_export_holds_what_the_list_shows(curator):
    exported = curator.post(f"{LIST}export/?meeting__id__exact={Meeting.objects.get(number=3).pk}", {"format": 1})
    assert [row["label"] for row in json.loads(exported.content)] == ["III"]


def test_members_of_a_family_are_edited_with_it(curator, dana, unit):
    family = Family.objects.get(slug="reflection-period")
    page = reverse("admin:recommendations_family_change", args=[family.pk])
    members = list(family.members.all())
    form = {"name": family.name, "relation": family.relation, "confidence": "low", "note": ""}
    form |= {"members-TOTAL_FORMS": len(members) + 1, "members-INITIAL_FORMS": len(members)}
    for index, member in enumerate(members):
        form |= {f"members-{index}-id": member.pk, f"members-{index}-family": family.pk}
        form |= {f"members-{index}-recommendation": str(member.recommendation)}
        form |= {f"members-{index}-kind": member.kind, f"members-{index}-note": member.note}
    new = f"members-{len(members)}"
    form |= seen_at(curator, page)
    form |= {f"{new}-family": family.pk, f"{new}-recommendation": "I.4", f"{new}-kind": "partial"}
    form |= {f"{new}-note": ""}
    assert "Enter the part of the text that matches." in curator.post(page, form).text
    form |= {f"{new}-note": "legislative assistance", "members-0-DELETE": "on"}
    assert curator.post(page, form).status_code == 302
    assert actions_on(members[0])[0] == ("catalogue entry deleted", dana)
    added = FamilyMember.objects.get(family=family, recommendation__label="I.4")
    assert (added.kind, actions_on(added)) == ("partial", [("catalogue entry added", dana)])
    assert rows_about(family)[0].content["confidence"] == "low"
    page = curator.get(reverse("admin:recommendations_family_history", args=[family.pk])).text
    assert "I.4" in page and "Partial match" in page and "legislative assistance" in page


def test_a_removed_member_is_in_the_history_of_the_family(curator, dana):
    member = FamilyMember.objects.get(family__slug="reflection-period", recommendation__label="VIII.1(i)")
    catalogue.delete_instance(instance=member, by=dana)
    page = curator.get(reverse("admin:recommendations_family_history", args=[member.family_id])).text
    assert "VIII.1(i)" in page and "Catalogue entry deleted" in page and str(dana) in page


LINEAGE = {"kind": "reaffirms", "confidence": "high"}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"source": "II.43", "target": "II.43"}, "Choose a different text: a text cannot refer to itself."),
        (
            {"source": "II.44", "target": "I.11", "quote": "as decided"},
            "These words are not in the text that refers, or in its chapeau. Copy them exactly.",
        ),
        ({"source": "II.43", "target": "I.11"}, "This is already recorded. Change the recorded one."),
    ],
)
def test_a_reference_that_cannot_be_is_refused_at_its_field(curator, changed, message):
    page = curator.post(reverse("admin:recommendations_lineage_add"), LINEAGE | changed)
    assert message in page.text
    assert Lineage.objects.count() == 10


def test_a_reference_is_added_and_changed_with_its_history(curator, dana, unit):
    ends = {"source": "II.44", "target": "I.11"}
    add = reverse("admin:recommendations_lineage_add")
    assert curator.post(add, LINEAGE | ends | {"quote": "were clearly stated"}).status_code == 302
    link = Lineage.objects.get(source=unit("II.44"))
    change = reverse("admin:recommendations_lineage_change", args=[link.pk])
    typed = LINEAGE | ends | {"quote": "were clearly stated", "confidence": "low"} | seen_at(curator, change)
    curator.post(change, typed)
    assert [(row.content["confidence"], row.event.actor) for row in rows_about(link)] == [("low", dana), ("high", dana)]
    assert "High → Low" in curator.get(reverse("admin:recommendations_lineage_history", args=[link.pk])).text
    assert "· Reaffirms: “were clearly stated”" in " ".join(curator.get("/recommendations/I-11/").text.split()).replace(
        '<span class="law" lang="en" dir="ltr">', ""
    )


def test_a_theme_in_use_is_not_deleted(curator):
    theme = Theme.objects.get(slug="prevention")
    curator.post(reverse("admin:recommendations_theme_delete", args=[theme.pk]), {"post": "yes"})
    assert Theme.objects.filter(pk=theme.pk).exists()


@pytest.mark.parametrize(
    "query",
    ["?q=%00", "?strength__exact=%00", "?meeting__id__exact=9999999999999999999999", "?nonsense=1", "?p=x", "?o=9.9"],
)
def test_no_address_breaks_the_list(curator, query):
    for page in (LIST, f"{LIST}export/"):
        assert curator.get(page + query, follow=True).status_code in (200, 400, 404)


@pytest.mark.parametrize(
    ("model", "field"), [("paper", "id_languages"), ("recommendation", "id_evidence_kinds")], ids=str
)
def test_the_help_of_a_group_of_boxes_is_linked(curator, model, field):
    found = (Paper if model == "paper" else Recommendation).objects.first()
    page = curator.get(reverse(f"admin:recommendations_{model}_change", args=[found.pk])).text
    described = re.findall(r'aria-describedby="([^"]+)"', page)
    assert f"{field}_helptext" in described
    assert [each for each in described if f'id="{each}"' not in page] == []


@pytest.mark.parametrize("object_id", ["none", "0", "9" * 30, "_00"])
def test_no_address_breaks_a_page(curator, object_id):
    for page in ("change", "history", "wording", "delete"):
        assert curator.get(f"{LIST}{object_id}/{page}/").status_code in (302, 403, 404)


def test_a_curator_adds_a_body_whose_address_then_never_changes(curator):
    add = reverse("admin:recommendations_body_add")
    said = {"name": "Another", "parent_name": ""}
    assert curator.post(add, said | {"slug": "smuggling-x"}).status_code == 302
    body = Body.objects.get(slug="smuggling-x")
    assert not body.is_first
    change = reverse("admin:recommendations_body_change", args=[body.pk])
    curator.post(change, said | {"slug": "other", "name": "Renamed", "is_first": "on"} | seen_at(curator, change))
    body.refresh_from_db()
    assert (body.slug, body.name, body.is_first) == ("smuggling-x", "Renamed", False)


@pytest.mark.parametrize(
    "slug", ["themes", "families", "recorded-actions", "Smuggling", "2024", "-x", "smuggling/x", "wgtip", "ф"]
)
def test_a_body_has_no_address_of_another_page(curator, slug):
    said = {"slug": slug, "name": "Another"}
    page = curator.post(reverse("admin:recommendations_body_add"), said)
    assert list(page.context["adminform"].form.errors) == ["slug"]


# The log


@pytest.mark.thorough
def test_the_log_says_in_english_what_a_curator_did(languages_of_tests, curator, dana, unit):
    dana.language = PSEUDO
    dana.save()
    node = unit("II.44")
    page = reverse("admin:recommendations_recommendation_wording", args=[node.pk])
    shown = curator.post(page, {"text": "As corrected.", "kind": "correction", "reason": "A slip of ours."})
    curator.post(page, shown.context["form"].data)
    page = reverse("admin:recommendations_recommendation_standing", args=[node.pk])
    curator.post(page, {"on": "2026-01-30", "reason": "Superseded."} | seen_at(curator, page))
    curator.post(page, {"reason": "An error."} | seen_at(curator, page))
    assert list(LogEntry.objects.order_by("pk").values_list("change_message", flat=True)) == [
        "Wording 2 added: A slip of ours.",
        "The site no longer requests answers to this text. Superseded.",
        "The site requests answers to this text again. An error.",
    ]
