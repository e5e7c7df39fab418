"""Answer once: what may be chosen, what is shown before it is saved, and the update that copies are offered."""

import re
from dataclasses import replace

import pytest
from django.urls import reverse

from tests.conftest import make_person
from tests.evidence_items import add_item
from tests.labels import titled
from tests.pages import answer_address, messages_on, words
from tests.submissions import revisions_of
from tests.thorough import times
from tracker.actions.assignment import assign
from tracker.actions.copy import copy_answer
from tracker.actions.record import Answer, SeenAnswer, save_answer
from tracker.models import Record
from tracker.models.status import Status
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

BILL = Answer(status="in_progress", measures="A bill on non-punishment.")
ACT = replace(BILL, measures="An act on non-punishment.")
CONSIDERED = Answer(status=Status.CONSIDERED_NOT_TAKEN_UP, reasons="Another law does it.")
QUERIES = 15


def boxes(response) -> dict[str, str]:
    """By slug what stands in the tag of each box."""
    box = r'<input type="checkbox" name="unit" id="[^"]+" value="([^"]+)"([^>]*)>'
    return dict(re.findall(box, response.content.decode()))


def seen_on(response) -> dict[str, str]:
    """What the preview would send: the answers as they were shown."""
    stamp = r'<input type="hidden" name="(source|seen|seen-[^"]+)" value="([^"]*)"'
    return dict(re.findall(stamp, response.content.decode()))


@pytest.fixture
def say(xaa, alice, unit):
    """Save an answer of XAA as alice, on top of what there is."""

    def say(label, answer=BILL):
        return save_answer(respondent=xaa, unit=unit(label), base=len(revisions_of(label)), answer=answer, by=alice)

    return say


@pytest.fixture
def preview(desk):
    def preview(*slugs, of="II-43"):
        return desk.post(answer_address("copy", of), {"unit": slugs})

    return preview


@pytest.fixture
def copied(say, xaa, alice, unit):
    """II.43, copied to II.44, is answered anew."""
    say("II.43")
    copy_answer(respondent=xaa, source=SeenAnswer(unit("II.43"), 1), to=[SeenAnswer(unit("II.44"))], by=alice)
    return say("II.43", ACT)


# Choosing


def test_the_link_to_copy_appears_once_an_answer_exists(desk, say):
    assert "Copy this answer to related recommendations" not in words(desk.get(answer_address(slug="II-43")))
    say("II.43")
    assert "Copy this answer to related recommendations" in words(desk.get(answer_address(slug="II-43")))
    response = desk.get(answer_address("copy", "VII-1-f"), follow=True)
    assert f"Answer {titled('VII.1(f)')} first. You can then copy the answer." in words(response)


def test_the_group_is_listed_unselected_with_wording_strength_and_answer(desk, say, unit):
    say("II.43")
    say("V.35", CONSIDERED)
    response = desk.get(answer_address("copy", "II-43"))

    assert boxes(response) == dict.fromkeys(["I-11-b", "II-44", "V-35", "VII-2-b", "VIII-1-c"], "")
    assert all(unit(label).text in words(response) for label in ("I.11(b)", "V.35"))
    assert "Strength of wording: should consider. In the group “Non-punishment" in words(response)
    assert "Current answer · Version 1 Another law does it." in words(response)


def test_what_cannot_be_copied_is_disabled_with_the_reason(desk, say):
    say("II.43", CONSIDERED)
    response = desk.get(answer_address("copy", "II-43"))

    disabled = [slug for slug, tag in boxes(response).items() if "disabled" in tag]
    assert disabled == ["II-44", "V-35"]
    assert words(response).count("cannot be copied to a recommendation that asks for more than consideration.") == 2


def test_not_applicable_leaves_nothing_to_choose(desk, say):
    say("II.43", Answer(status=Status.NOT_APPLICABLE, reason_code="condition_does_not_arise"))
    response = desk.get(answer_address("copy", "II-43"))

    assert all("disabled" in tag for tag in boxes(response).values())
    assert "Preview changes" not in words(response)


def test_a_partial_match_is_shown_with_its_part(desk, say):
    say("V.25")
    assert "Partial match · second limb: reviewing public procurement practices" in words(
        desk.get(answer_address("copy", "V-25"))
    )


def test_an_option_represents_its_unit(desk, say):
    say("II.49")
    response = desk.get(answer_address("copy", "II-49"))
    assert "IV-46-i" in boxes(response)
    assert f"In the group “Compensation fund or State-funded scheme” through {titled('IV.46(i)(iii)')} ." in words(
        response
    )


def test_an_empty_selection_has_an_error_at_the_field(preview, say):
    say("II.43")
    response = preview()
    assert "Select at least one recommendation." in words(response)
    assert response.context["form"].errors


@pytest.mark.parametrize("slug", ["I-14", "II-43", "no-such", "%00"])
def test_what_is_not_of_the_family_is_refused_at_the_field(preview, say, slug):
    say("II.43")
    assert preview(slug).context["form"].errors
    assert revisions_of("I.14") == []


# Before it is saved, and then


def test_the_preview_shows_the_changes_and_saves_nothing(preview, say):
    say("II.43")
    say("II.44", Answer(status="in_progress", measures="A bill on trafficking.", ready=True))
    response = preview("II-44", "V-35")

    assert "2 answers will change" in words(response)
    assert "Measures taken: A bill on removed: trafficking added: non-punishment ." in words(response)
    assert "Ready: removed: Yes" in words(response)
    assert len(revisions_of("II.44")) == 1 and revisions_of("V.35") == []


def test_saving_makes_a_revision_in_each_and_says_so(desk, preview, say):
    say("II.43")
    shown = seen_on(preview("II-44", "V-35"))
    response = desk.post(
        answer_address("copy", "II-43"), shown | {"unit": ["II-44", "V-35"], "act": "copy"}, follow=True
    )

    labels = f"{titled('II.44')}, {titled('V.35')}"
    assert f"The answer to {titled('II.43')} was copied to 2 recommendations: {labels}." in words(response)
    assert [revisions_of(label)[0].measures for label in ("II.44", "V.35")] == [BILL.measures] * 2
    assert f"Copied from {titled('II.43')} · Version 1" in words(desk.get(answer_address("record_history", "II-44")))
    assert f"Copied from {titled('II.43')} · Version 1" in words(desk.get(answer_address(slug="II-44")))


def test_a_double_click_and_an_answer_that_became_the_same_are_no_error(desk, preview, say):
    say("II.43")
    typed = seen_on(preview("II-44", "V-35")) | {"unit": ["II-44", "V-35"], "act": "copy"}
    say("II.44")
    copied = f"The answer to {titled('II.43')} was copied to 1 recommendation: {titled('V.35')}."
    for expected in (f"{copied} Check it, then mark it ready.", "There are no changes to save."):
        response = desk.post(answer_address("copy", "II-43"), typed, follow=True)
        assert response.redirect_chain == [(answer_address(slug="II-43"), 302)]
        assert messages_on(response) == [expected]
    assert [len(revisions_of(label)) for label in ("II.44", "V.35")] == [1, 1]


def test_where_a_colleague_was_quicker_nothing_is_saved_and_the_newer_is_shown(desk, preview, say):
    say("II.43")
    shown = seen_on(preview("II-44", "V-35"))
    say("II.44", CONSIDERED)
    response = desk.post(answer_address("copy", "II-43"), shown | {"unit": ["II-44", "V-35"], "act": "copy"})

    assert response.status_code == 409
    why = "Alice saved version 1 while you were working. Nothing was saved. Check the new version and try again."
    assert f"{titled('II.44')}: {why}" in words(response)
    assert "removed: Another law does it." in words(response)
    assert (len(revisions_of("II.44")), revisions_of("V.35")) == (1, [])

    again = seen_on(response) | {"unit": ["II-44", "V-35"], "act": "copy"}
    desk.post(answer_address("copy", "II-43"), again)
    assert [len(revisions_of(label)) for label in ("II.44", "V.35")] == [2, 1]


def test_where_the_source_was_changed_nothing_is_saved(desk, preview, say):
    say("II.43")
    shown = seen_on(preview("II-44"))
    say("II.43", ACT)
    response = desk.post(answer_address("copy", "II-43"), shown | {"unit": ["II-44"], "act": "copy"})

    assert f"{titled('II.43')}: Alice saved version 2 while you were working." in words(response)
    assert revisions_of("II.44") == []


@pytest.mark.parametrize("stamp", ["", "x", "1", "9" * 30, "1.0\n", "-1.0"])
def test_a_stamp_that_is_none_saves_nothing(desk, preview, say, stamp):
    say("II.43")
    response = desk.post(answer_address("copy", "II-43"), {"unit": ["II-44"], "act": "copy", "source": stamp})
    assert response.status_code == 409
    assert revisions_of("II.44") == []


# An update


def test_it_is_offered_on_its_page_on_the_desk_and_in_the_list(desk, copied):
    assert f"The answer to {titled('II.43')}, from which this answer was copied, has changed. Preview changes" in words(
        desk.get(answer_address(slug="II-44"))
    )
    assert "Updates available" in words(desk.get(reverse("respondent_desk", args=["XAA"])))
    listed = desk.get(reverse("record_list", args=["XAA"]), {"ready": "update"})
    assert "1 of 230 shown" in words(listed)
    assert "In progress Update available" in words(listed)


def test_it_is_taken(desk, copied):
    page = desk.get(answer_address("update", "II-44"))
    assert "Measures taken: removed: A bill added: An act on non-punishment." in words(page)
    response = desk.post(answer_address("update", "II-44"), seen_on(page) | {"take": "yes"}, follow=True)

    assert f"{titled('II.44')} now has the same answer as {titled('II.43')}." in words(response)
    assert [one.measures for one in revisions_of("II.44")] == [BILL.measures, ACT.measures]
    assert "The page changed after you opened it, so nothing was done." in words(
        desk.get(answer_address("update", "II-44"), follow=True)
    )


def test_without_a_decision_nothing_changes(desk, copied):
    page = desk.get(answer_address("update", "II-44"))
    response = desk.post(answer_address("update", "II-44"), seen_on(page))
    assert "Accept update" in words(response)
    assert [revision.number for revision in revisions_of("II.44")] == [1]
    assert Record.everyones.get(recommendation__label="II.44").update_declined is None


def test_it_is_declined(desk, copied):
    page = desk.get(answer_address("update", "II-44"))
    response = desk.post(answer_address("update", "II-44"), seen_on(page) | {"decline": "yes"}, follow=True)

    assert f"Update declined: {titled('II.44')}." in words(response)
    assert "from which this answer was copied, has changed" not in words(desk.get(answer_address(slug="II-44")))
    assert [one.measures for one in revisions_of("II.44")] == [BILL.measures]


def test_what_was_changed_on_its_own_is_shown_first(desk, copied, say):
    say("II.44", replace(BILL, measures="A bill on non-punishment of children."))
    page = words(desk.get(answer_address("update", "II-44")))
    assert "Changed here since it was copied" in page
    assert "non-punishment added: of children ." in page


@pytest.mark.parametrize("changed", ["II.43", "II.44"])
@pytest.mark.parametrize("decision", ["take", "decline"])
def test_what_changed_after_it_was_shown_is_looked_at_again(desk, copied, say, changed, decision):
    shown = seen_on(desk.get(answer_address("update", "II-44")))
    say(changed, replace(BILL, measures="Something else."))
    response = desk.post(answer_address("update", "II-44"), shown | {decision: "yes"})

    if (changed, decision) == ("II.44", "decline"):
        assert response.status_code == 302, "that it stays as it is holds of what it says now"
        return
    assert response.status_code == 409
    assert f"{titled(changed)}: Alice saved version {len(revisions_of(changed))} while you were working." in words(
        response
    )
    assert [one.source_id for one in revisions_of("II.44")][1:] in ([], [None])
    assert Record.everyones.get(recommendation__label="II.44").update_declined is None


# Who may


def test_a_contributor_sees_it_and_does_not_decide(client, copied, xaa):
    client.force_login(make_person("carol", Role.CONTRIBUTOR, xaa))
    page = client.get(answer_address("update", "II-44"))
    assert "Only a focal point can accept or decline the update." in words(page) and "Accept update" not in words(page)
    assert client.post(answer_address("update", "II-44"), {"take": "yes"}).status_code == 403


@pytest.fixture
def ministry(xaa, carol, alice, unit):
    """A contributor of whom II.44 and V.35 are asked, and nothing else."""
    xaa.opens_all_to_contributors = False
    xaa.save()
    assign(respondent=xaa, units=[unit("II.44"), unit("V.35")], to=carol, by=alice)
    return carol


def test_from_what_is_not_opened_nothing_is_named_or_offered(client, copied, ministry):
    client.force_login(ministry)
    for name in ("record", "record_history"):
        page = words(client.get(answer_address(name, "II-44")))
        assert "Copied from an answer you cannot open" in page
        assert "II.43" not in page
    assert client.get(answer_address("update", "II-44")).status_code == 302
    assert "Update available" not in words(client.get(reverse("record_list", args=["XAA"])))


def test_a_contributor_copies_only_to_assigned_units(client, copied, ministry):
    client.force_login(ministry)
    assert boxes(client.get(answer_address("copy", "II-44"))) == {"V-35": ""}
    assert client.get(answer_address("copy", "II-43")).status_code == 404


# How much it takes


@pytest.mark.parametrize("count", [1, times(8, 40)])
def test_queries(count, desk, copied, say, xaa, alice, unit, django_assert_max_num_queries):
    law = add_item(xaa, alice, citation="Gazette 17")
    for label in xaa.units_to_answer().exclude(label__in=["II.43", "II.44"]).values_list("label", flat=True)[:count]:
        say(label, replace(ACT, citations=[(law, "art. 9")]))
    for path in (
        answer_address("copy", "II-43"),
        answer_address("update", "II-44"),
        reverse("record_list", args=["XAA"]),
    ):
        desk.get(path)
        with django_assert_max_num_queries(QUERIES):
            assert desk.get(path).status_code == 200
    with django_assert_max_num_queries(QUERIES):
        desk.post(answer_address("copy", "II-43"), {"unit": ["V-35", "VII-2-b"]})
