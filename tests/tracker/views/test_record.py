"""The answer page: what it shows and to whom, what a save does, and that nothing typed is lost."""

import re
from datetime import date

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.conftest import make_person, make_state
from tests.labels import titled
from tests.pages import answer_address, client_of, decide, hidden_input, messages_on, text_area, words
from tests.submissions import close_round, opened_round, revisions_of, save_many, submit_ready
from tests.thorough import times
from tracker.actions.assignment import assign
from tracker.actions.comment import write_comment
from tracker.actions.evidence import EvidenceDetails, add_evidence, change_evidence
from tracker.actions.record import Answer, save_note
from tracker.actions.submission import withdraw_from_round
from tracker.actions.withdrawal import confirm_withdrawal, request_withdrawal
from tracker.models import Evidence, EvidenceVersion, HeldUpload, Record, Revision
from tracker.models.respondent import Respondent, RespondentKind, TreatyStatus
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

PAGES = ("record", "record_history", "record_compare")


@pytest.fixture
def vera(xaa):
    return make_person("vera", Role.VIEWER, xaa)


@pytest.fixture
def law(xaa, alice):
    details = EvidenceDetails(title="Victims of Crime Act", kind="law", language="en", citation="Gazette 17")
    return add_evidence(respondent=xaa, by=alice, details=details)


# The page


def test_a_save_asks_only_what_it_needs(desk, say, send_answer, django_assert_max_num_queries):
    say()
    with django_assert_max_num_queries(22):
        send_answer(base=1, measures="A law.", note="", note_base=Record.NO_NOTE, follow=False)
    assert [revision.measures for revision in revisions_of("I.13")] == ["", "A law."]


def test_the_text_is_shown_next_to_the_form(desk, unit):
    page = words(desk.get(answer_address(slug="IV-46-i")))

    assert unit("IV.46(i)").text in page
    assert "Provisions allowing victims to sue offenders or others for civil damages;" in page
    assert "The Working Group endorsed, as orally amended" in page, "its chapeau"
    for_team = "Visible to your team only, until a focal point submits the answer."
    assert f"Answer: Arandia No information yet · {for_team}" in page
    assert "One answer for all 3 items" in page


def test_guidance_is_marked_as_no_part_of_the_adopted_text(desk, unit):
    guided = unit("IV.46(i)")
    page = words(desk.get(answer_address(slug="IV-46-i")))
    assert f"What an answer could include {guided.guidance} Kinds of evidence Law , Judgment , Statistics" in page
    assert f"Examples of evidence {guided.evidence_hint} Not part of the adopted text" in page


def test_the_short_title_is_the_heading_and_no_part_of_the_adopted_text(desk):
    page = words(desk.get(answer_address(slug="IV-46-i")))
    assert page.startswith("IV.46(i) At least one option for victim compensation · Answer: Arandia")
    heading = "IV.46(i) At least one option for victim compensation Titles are by the Secretariat"
    assert f"{heading} and not part of the adopted text." in page


def test_an_implied_addressee_is_marked_as_implied(desk):
    page = words(desk.get(answer_address(slug="VII-1-a")))
    assert "Addressed to States parties · Implied" in page
    assert "The paper does not say whether the Conference adopted it." in page


@pytest.mark.parametrize(
    ("label", "meaning"),
    [("V.4", "this recommendation asks States to consider a measure"), ("II.8", "counted separately")],
)
def test_what_considering_means_depends_on_the_text(desk, label, meaning):
    assert meaning in words(desk.get(answer_address(slug=label.replace(".", "-"))))


def test_the_strip_leads_to_the_unanswered_before_and_after(desk, say):
    say("I.13")
    say("II.49")
    page = words(desk.get(answer_address(slug="II-49")))

    assert f"Previous unanswered: {titled('II.48')}" in page
    assert f"Next unanswered: {titled('II.51')}" in page
    assert "Compensation, restitution and access to justice : 2 of 9 answered" in page


def test_the_family_is_shown_with_its_statuses(desk, say, unit):
    say("I.13", "in_progress")
    page = words(desk.get(answer_address(slug="IV-46-i")))
    related = [
        *("Related recommendations from other meetings", "I.13", unit("I.13").title, "In progress"),
        *("II.49", unit("II.49").title, "No information"),
    ]
    assert " ".join(related) in page


def test_evidence_says_where_else_it_is_cited(desk, say, law):
    say("I.13", citations=[(law, "art. 9")])
    say("II.49", citations=[(law, "")])
    say("II.48", citations=[(law, "")])
    say("II.48", base=1, measures="Not cited any more.")

    page = words(desk.get(answer_address()))
    assert "E1 Law Citation Victims of Crime Act" in page
    assert f"Also cited in the answers to: {titled('II.49')}" in page
    assert "II.48" not in page


def test_the_language_of_an_answer_is_that_of_the_last_one(desk, say):
    say("I.14", measures="قانون", language="ar")
    assert desk.get(answer_address()).context["answer"]["language"].value() == "ar"


def test_words_have_their_language_and_direction(desk, say):
    say(measures="قانون", language="ar")
    say(base=1, measures="قانون رقم ١٧", language="ar")
    page = desk.get(answer_address()).content.decode()

    assert '<div class="difference" lang="ar" dir="rtl">' in page
    assert re.search(r'<textarea name="measures"[^>]* dir="auto"[^>]* lang="ar"|lang="ar"[^>]* dir="auto"', page)


@pytest.mark.parametrize(
    ("slug", "leads_to"),
    [("IV-46-i-ii", "IV-46-i"), ("IV-46-j-vi", "IV-46-j")],
)
def test_an_item_leads_to_where_it_is_answered(desk, slug, leads_to):
    response = desk.get(answer_address(slug=slug))
    assert (response.status_code, response.url) == (302, answer_address(slug=leads_to))


@pytest.mark.parametrize("slug", ["IV-46", "IV-45-a", "III-1", "X-1"])
@pytest.mark.parametrize("name", PAGES)
def test_what_is_no_unit_is_not_found(desk, slug, name):
    assert desk.get(answer_address(name, slug)).status_code == 404


@pytest.mark.parametrize("slug", ["-", "0", "i-13", "wgtip/I-13", "wgtip/IV-46-i"])
def test_what_is_no_address_of_a_text_is_not_found(desk, slug):
    assert desk.get(f"/desk/XAA/recommendations/{slug}/").status_code == 404


def test_a_unit_that_is_open_but_not_asked_is_in_no_denominator(client):
    belmara = make_state("XBB", "Belmara", treaty_status=TreatyStatus.NOT_PARTY)
    client.force_login(make_person("charlie", Role.FOCAL_POINT, belmara))
    page = words(client.get(answer_address(slug="IV-46-i", code="XBB")))
    assert (
        "This recommendation is not addressed to you. An "
        "answer is listed separately and not counted in any figure." in page
    )


def test_an_open_unit_not_requested_has_the_same_side_panels(unit):
    belmara = make_state("XBB", "Belmara", treaty_status=TreatyStatus.NOT_PARTY)
    charlie = make_person("charlie", Role.FOCAL_POINT, belmara)
    write_comment(respondent=belmara, unit=unit("IV.46(i)"), text="To be answered?", after=0, by=charlie)
    response = client_of(charlie).get(answer_address(slug="IV-46-i", code="XBB"))
    assert "1 comment" in words(response)
    assert {each.code for each in response.context["addressees"]} == {"states_parties"}


@pytest.mark.parametrize("name", PAGES)
def test_a_unit_that_is_neither_asked_nor_open_is_not_found(client, name):
    union = Respondent.objects.create(code="XEU", name="A union", kind=RespondentKind.EUROPEAN_UNION)
    client.force_login(make_person("eve", Role.FOCAL_POINT, union))
    assert client.get(answer_address(name, "I-1", code="XEU")).status_code == 404
    assert client.get(answer_address(slug="I-13", code="XEU")).status_code == 200


def test_a_page_takes_as_many_queries_with_many_answers_as_with_few(
    desk, say, xaa, alice, law, django_assert_max_num_queries, django_assert_num_queries
):
    said = Answer(status="implemented", citations=[(law, "art. 9")], measures="Law No. 17")
    units = list(xaa.units_to_answer().with_text().order_by("position"))
    chapeau = next(node for node in units if node.label == "IV.46(i)")
    rest = [node for node in units if node != chapeau]
    for number in range(5):
        say(chapeau, base=number, measures=f"Law No. {number}", citations=[(law, f"art. {number}")])
    save_many(xaa, dict.fromkeys(rest[:20], said), alice)
    desk.get(answer_address(slug="IV-46-i"))  # reads the texts
    with django_assert_max_num_queries(15) as few:
        desk.get(answer_address(slug="IV-46-i"))
    save_many(xaa, dict.fromkeys(rest[20:200], said), alice)
    with django_assert_num_queries(len(few)):
        desk.get(answer_address(slug="IV-46-i"))


@pytest.mark.parametrize("name", ["record", "record_history"])
def test_a_history_takes_as_many_queries_as_it_is_long_or_short(desk, say, law, name, django_assert_max_num_queries):
    for number in range(times(12, 30)):
        say(base=number, measures=f"Law No. {number}", citations=[(law, f"art. {number}")])
    with django_assert_max_num_queries(15):
        desk.get(answer_address(name))


# Saving


def test_a_save_is_a_revision_and_leads_back(send_answer, alice):
    response = send_answer(measures="Law No. 17", ready="on")

    [saved] = revisions_of("I.13")
    assert (saved.number, saved.status, saved.measures, saved.ready, saved.author) == (
        1,
        "implemented",
        "Law No. 17",
        True,
        alice,
    )
    assert response.redirect_chain == [(answer_address(), 302)]
    assert messages_on(response) == [f"{titled('I.13')}: saved as version 1."]


def test_save_and_go_skips_what_others_have_and_says_so(send_answer, xaa, alice, carol):
    others = xaa.units_to_answer().with_text().exclude(label="I.13")
    assign(respondent=xaa, units=list(others), to=carol, by=alice)
    response = send_answer(next="yes")
    assert messages_on(response) == [
        f"{titled('I.13')}: saved as version 1.",
        "229 recommendations without an answer are assigned to others.",
    ]


def test_save_and_go_leads_to_the_next_unanswered(send_answer, say):
    say("I.14")
    assert send_answer(next="yes", follow=False).url == answer_address(slug="I-16-a")


def test_save_and_go_leads_to_the_list_when_nothing_is_left(send_answer, xaa, alice):
    others = xaa.units_to_answer().with_text().exclude(label="I.13")
    save_many(xaa, dict.fromkeys(others, Answer(status="implemented")), alice)
    response = send_answer(next="yes")
    assert response.redirect_chain == [(reverse("record_list", args=["XAA"]), 302)]
    assert messages_on(response) == [
        f"{titled('I.13')}: saved as version 1.",
        "Compensation, restitution and access to justice: all 9 recommendations are answered. "
        '<a href="/desk/XAA/recommendations/?theme=compensation">Have you completed this section?</a>',
        "All recommendations addressed to you are answered.",
    ]


def test_saving_the_same_again_says_so(send_answer):
    send_answer(measures="Law No. 17")
    response = send_answer(measures="Law No. 17", base=1)
    assert messages_on(response) == ["There are no changes to save."]
    assert len(revisions_of("I.13")) == 1


def test_a_double_click_saves_once(send_answer):
    click = {"measures": "Law No. 17", "new-title": "Act", "new-kind": "law", "new-language": "en"} | {
        "new-disclosure": "state",
        "new-citation": "Gazette 17",
        "new-pinpoint": "art. 9",
    }
    assert [send_answer(follow=False, **click).status_code for _press in range(2)] == [302, 302]
    assert len(revisions_of("I.13")) == 1
    assert Evidence.everyones.count() == 1


def test_a_double_click_says_once_what_was_saved_also_where_the_first_response_is_lost(send_answer, desk):
    send_answer(follow=False, measures="Law No. 17")
    assert messages_on(send_answer(measures="Law No. 17")) == [f"{titled('I.13')}: saved as version 1."]
    send_answer(follow=False, measures="Law No. 18", base=1)
    desk.cookies.pop(settings.MESSAGE_COOKIE_NAME)
    assert messages_on(send_answer(measures="Law No. 18", base=1)) == [f"{titled('I.13')}: saved as version 2."]


def test_everything_of_an_answer_is_saved(send_answer, law):
    send_answer(
        follow=False,
        slug="IV-46-i",
        status="partially_implemented",
        reasons="Funds.",
        items_met=["IV.46(i)(ii)", "IV.46(i)(iii)"],
        measures="Law No. 17\r\n\r\nA fund",
        difficulties="Few awards",
        lead_institution="Ministry of Justice",
        target_date="30 June 2027",
        situation_as_at="2026-10-20",
        language="fr",
        assistance_kinds=["training", "data"],
        assistance="Two trainers",
        good_practice="on",
        good_practice_shared="on",
        **{f"pinpoint_{law.pk}": "arts. 9 to 14"},
    )
    [saved] = revisions_of("IV.46(i)")
    assert Answer.of(saved) == Answer(
        status="partially_implemented",
        reasons="Funds.",
        items_met=["IV.46(i)(ii)", "IV.46(i)(iii)"],
        measures="Law No. 17\n\nA fund",
        difficulties="Few awards",
        lead_institution="Ministry of Justice",
        target_date=date(2027, 6, 30),
        situation_as_at=date(2026, 10, 20),
        language="fr",
        assistance_kinds=["training", "data"],
        assistance="Two trainers",
        good_practice=True,
        good_practice_shared=True,
        citations=[(law, "arts. 9 to 14")],
    )


def test_what_an_institution_sent_is_marked_where_the_answer_has_its_history(desk, send_answer):
    send_answer(follow=False, measures="Law No. 17")
    send_answer(
        follow=False, base=1, measures="Law No. 18", received_from="Ministry of Justice", received_on="3 March 2026"
    )
    marked = "Received from: Ministry of Justice , 3 March 2026"

    for name in ("record", "record_history", "record_compare"):
        assert words(desk.get(answer_address(name))).count(marked) == 1
    form = desk.get(answer_address()).context["answer"]
    assert (form["received_from"].value(), form["received_on"].value()) == (None, None)


def test_an_institution_without_a_date_has_an_error_and_stays(send_answer):
    response = send_answer(received_from="Ministry of Justice")
    form = response.context["answer"]

    assert form.errors == {"received_on": ["Enter the date when the information was received."]}
    assert form["received_from"].value() == "Ministry of Justice"
    assert '<details class="answer-more" open>' in response.content.decode()
    assert revisions_of("I.13") == []


def test_the_form_sent_back_untouched_changes_nothing(desk, send_answer, law):
    send_answer(
        follow=False,
        slug="IV-46-i",
        status="partially_implemented",
        items_met=["IV.46(i)(ii)"],
        measures="Law No. 17\r\n\r\nA fund",
        target_date="5 June 2027",
        language="ar",
        assistance_kinds=["training"],
        good_practice="on",
        **{f"pinpoint_{law.pk}": "art. 9"},
    )
    form = desk.get(answer_address(slug="IV-46-i")).context["answer"]
    fields = {field.html_name: field.value() for field in form if field.value() not in (None, False)}
    shown = {
        name: str(value).replace("2027-06-05", "5 June 2027") if isinstance(value, date) else value
        for name, value in fields.items()
    }
    response = send_answer(slug="IV-46-i", **shown | {"base": form.base, "wording": form.wording})

    assert messages_on(response) == ["There are no changes to save."]


def test_a_new_file_is_kept_and_cited(send_answer):
    upload = SimpleUploadedFile("act.txt", b"Article 9", "text/plain")
    details = {"new-title": "Act", "new-kind": "law", "new-language": "en", "new-disclosure": "state"}
    send_answer(follow=False, **details, **{"new-upload": upload, "new-pinpoint": "art. 9"})

    [(version, pinpoint)] = Answer.of(revisions_of("I.13")[0]).citations
    assert (version.title, version.file_name, pinpoint) == ("Act", "act.txt", "art. 9")


def test_a_wrong_form_keeps_what_was_typed_and_says_what_is_wrong(send_answer):
    response = send_answer(status="considered_not_taken_up", measures="Law No. 17", situation_as_at="31/6/27", base=0)
    page = words(response)

    assert response.status_code == 200
    assert f"Error: {titled('I.13')}" in page
    assert "There are 2 problems Reasons: Enter the reasons. Situation as at: Enter the date as 30 June 2027." in page
    assert text_area(response, "measures") == "Law No. 17"
    assert 'value="31/6/27"' in response.content.decode()
    assert revisions_of("I.13") == []


def test_an_item_is_found_in_the_library_and_cited_while_what_was_typed_stays(send_answer, law):
    page = send_answer(measures="Law No. 17", find=law.title, search="yes")
    assert [version.pk for version in page.context["answer"].found] == [law.pk]
    page = send_answer(measures="Law No. 17", find=law.title, cite=law.pk)
    assert f'name="pinpoint_{law.pk}"' in page.content.decode()
    assert (page.context["form"].errors, text_area(page), revisions_of("I.13")) == ({}, "Law No. 17", [])
    assert "No results" in words(page)


def test_the_newer_version_of_a_cited_item_is_cited_instead(desk, say, send_answer, law, alice):
    say(citations=[(law, "art. 9")])
    assert "Cite the newer version" not in words(desk.get(answer_address()))
    details = EvidenceDetails(title="Victims of Crime Act", kind="law", language="en", citation="Gazette 18")
    newer = change_evidence(evidence=law.evidence, base=law.base, by=alice, details=details)
    response = desk.get(answer_address())
    assert "Version 1 is cited; the library has a newer version. Cite the newer version" in words(response)
    assert f'name="cite" value="{newer.pk}"' in response.content.decode()
    page = send_answer(base=1, cite=newer.pk, **{f"pinpoint_{law.pk}": "art. 9"})
    assert "1 evidence item cited" in words(page)
    assert "Cite the newer version" not in words(page)
    assert f'name="pinpoint_{newer.pk}" value="art. 9"' in page.content.decode()
    assert len(revisions_of("I.13")) == 1


def test_a_file_is_held_while_something_else_of_the_form_is_wrong(send_answer, alice):
    upload = SimpleUploadedFile("act.txt", b"Article 9", "text/plain")
    details = {"new-title": "Act", "new-kind": "law", "new-language": "en", "new-disclosure": "state"}
    page = send_answer(status="", **details, **{"new-upload": upload})
    held = HeldUpload.objects.visible_to(alice).get()
    assert f'name="new-held" value="{held.key}"' in page.content.decode()
    assert Evidence.everyones.count() == 0
    send_answer(follow=False, status="implemented", **details, **{"new-held": held.key})
    assert EvidenceVersion.everyones.get().file.sha256 == held.sha256


def test_files_links_and_citations_are_added_in_one_save_of_one_version(send_answer):
    details = {"kind": "law", "language": "en", "disclosure": "state"}
    new = [
        details | {"title": "Act", "upload": SimpleUploadedFile("act.txt", b"Article 9"), "pinpoint": "art. 9"},
        details | {"title": "Bill", "upload": SimpleUploadedFile("bill.txt", b"Article 10")},
        details | {"title": "Site", "url": "https://laws.example/", "citation": "OG 12"},
    ]
    typed = {f"new{number}-{name}": value for number, item in enumerate(new, 1) for name, value in item.items()}
    send_answer(follow=False, **{name.replace("new1-", "new-"): value for name, value in typed.items()})
    [revision] = revisions_of("I.13")
    cited = [(version.title, version.form, pinpoint) for version, pinpoint in Answer.of(revision).citations]
    assert cited == [("Act", "file", "art. 9"), ("Bill", "file", ""), ("Site", "link", "")]


def test_each_of_several_files_chosen_at_once_becomes_an_item(send_answer):
    details = {"new-title": "Act", "new-kind": "law", "new-language": "ar", "new-disclosure": "public"}
    files = [SimpleUploadedFile(f"Part {number}.txt", b"Article %d" % number) for number in (1, 2, 3)]
    page = send_answer(status="", **details, **{"new-upload": files})
    assert [form["title"].value() for form in page.context["evidence"]] == ["Act", "Part 2", "Part 3"]
    assert [form.held.name for form in page.context["evidence"]] == ["Part 1.txt", "Part 2.txt", "Part 3.txt"]
    held = {form.held_name: form.held.key for form in page.context["evidence"]}
    more = {name.replace("new-", f"new{number}-"): value for name, value in details.items() for number in (2, 3)}
    more |= {f"new{number}-title": f"Act {number}" for number in (2, 3)}
    send_answer(follow=False, **details, **more, **held)
    found = EvidenceVersion.everyones.order_by("pk").values_list("kind", "language", "disclosure", "title")
    assert list(found) == [("law", "ar", "public", title) for title in ("Act", "Act 2", "Act 3")]


def test_files_for_which_there_is_no_room_are_named(send_answer):
    files = [SimpleUploadedFile(f"Part {number}.txt", b"Article %d" % number) for number in range(1, 13)]
    details = {"new-title": "Act", "new-kind": "law", "new-language": "en", "new-disclosure": "state"}
    page = send_answer(**details, **{"new-upload": files})
    first, *others = page.context["evidence"]
    assert first.errors == {
        "upload": [
            "At most 10 evidence items can be added at once. Not added: Part 11.txt, Part 12.txt. Add them later."
        ]
    }
    assert [form.held.name for form in (first, *others)] == [f"Part {number}.txt" for number in range(1, 11)]
    assert revisions_of("I.13") == []


def test_one_refused_file_does_not_affect_the_others(send_answer):
    files = [SimpleUploadedFile("Act.txt", b"Article 1"), SimpleUploadedFile("Act.exe", b"MZ")]
    page = send_answer(hold="yes", **{"new-title": "Act", "new-kind": "law", "new-upload": files})
    assert [(bool(form.held), list(form.errors)) for form in page.context["evidence"]] == [
        (True, []),
        (False, ["upload"]),
    ]


def test_at_most_ten_items_are_added_at_once(send_answer):
    typed = {f"new{number}-title": f"Act {number}" for number in range(2, 11)} | {"new-title": "Act"}
    page = send_answer(another="yes", **typed)
    assert len(page.context["evidence"]) == 10
    assert " data-new>" not in page.content.decode()


def test_adding_only_evidence_is_labelled_and_keeps_the_answer_ready(send_answer, desk, law):
    send_answer(follow=False, measures="Law No. 17", ready="on")
    send_answer(follow=False, base=1, measures="Law No. 17", ready="on", **{f"pinpoint_{law.pk}": ""})
    assert [(one.change_text, one.ready) for one in revisions_of("I.13")] == [("", True), ("Evidence added", True)]
    assert "Evidence added" in words(desk.get(answer_address()))


def test_another_form_for_an_item_keeps_what_was_typed_and_saves_nothing(send_answer):
    page = send_answer(measures="Law No. 17", another="yes", **{"new-title": "Act", "new-kind": ""})
    assert [form["title"].value() for form in page.context["evidence"]] == ["Act", None]
    assert (page.context["form"].errors, text_area(page)) == ({}, "Law No. 17")
    assert revisions_of("I.13") == []


@pytest.mark.parametrize(
    "said",
    [
        {"measures": "nul\x00"},
        {"measures": "\ud83d".encode("utf-8", "surrogatepass").decode("utf-8", "replace")},
        {"target_date": "9" * 4000},
        {"base": "9" * 4000},
        {"base": "x", "wording": "x", "note_base": "\x00"},
        {"cite": "9" * 4000, "search": "yes", "pinpoint_999999999999999999": "x", "pinpoint_x": "x"},
        {"items_met": "I.13", "assistance_kinds": ["x", ""], "reason_code": "x"},
        {"new-document_date": "0000-00-00", "new-url": "javascript:alert(1)"},
        {"note": "x" * 20_001, "change_reason": "x" * 5000},
    ],
)
def test_no_input_breaks_the_page(send_answer, say, law, said):
    say(citations=[(law, "")])
    assert send_answer(slug="IV-46-i", follow=False, **said).status_code in (200, 302, 409)
    assert send_answer(follow=False, **said).status_code in (200, 302, 409)


def test_no_answer_is_saved_if_the_text_changed_after_opening(send_answer):
    assert "The adopted text has changed since you opened this page." in words(send_answer(wording=7))
    assert revisions_of("I.13") == []


# Who may


def test_a_viewer_reads_the_answer_without_a_form(client, say, vera, law, xaa, alice, unit):
    say(measures="Law No. 17", ready=True, citations=[(law, "art. 9")])
    save_note(respondent=xaa, unit=unit("I.13"), note="Ask the ministry", by=alice)
    client.force_login(vera)
    response = client.get(answer_address())
    page = words(response)

    assert "Implemented Ready Measures taken Law No. 17" in page
    assert "Victims of Crime Act art. 9" in page
    assert "Ask the ministry" in page
    assert 'id="answer-form"' not in response.content.decode()
    assert "Restore" not in words(client.get(answer_address("record_history")))


# What was withdrawn


@pytest.fixture
def withdrawn(say, xaa, alice, carol):
    say(status="considered_not_taken_up", reasons="Because of Jane Roe", measures="Law No. 17")
    withdrawal = request_withdrawal(respondent=xaa, words="Jane Roe", files=[], reason="name", by=alice)
    confirm_withdrawal(pk=withdrawal.pk, by=carol)


def test_a_notice_of_removal_replaces_the_removed_words(desk, withdrawn, vera):
    page = words(desk.get(answer_address()))
    assert re.search(r"Removed on \d+ \w+ \d{4}", page)
    assert re.search(r"Reasons Removed on \d+ \w+ \d{4}", words(client_of(vera).get(answer_address())))


def test_an_answer_whose_reasons_were_withdrawn_asks_for_them_again(desk, send_answer, withdrawn):
    assert "Reasons: Enter the reasons." in words(send_answer(status="considered_not_taken_up", base=1))
    send_answer(status="not_started", base=1, withdrawn=Revision.everyones.get().withdrawal_id)
    response = desk.post(answer_address("record_restore", "I-13", 1), {"base": 2}, follow=True)
    assert messages_on(response) == ["Version 1 cannot be restored. Reason: Enter the reasons."]


@pytest.mark.parametrize(
    ("chosen", "reasons"),
    [
        ({"reasons": "both", "reasons_text": "Because of a victim"}, "Because of a victim"),
        ({"reasons": "mine"}, "Jane"),
    ],
)
def test_text_typed_before_a_removal_is_checked_field_by_field(desk, send_answer, withdrawn, chosen, reasons):
    page = send_answer(status="considered_not_taken_up", base=1, reasons="Jane", measures="Law No. 18", ready="on")
    assert page.status_code == 409
    assert "Text that identified a victim was removed from this answer after you opened it." in words(page)
    assert "Check that it no longer identifies a victim, then save. The current version is 1." in words(page)
    assert "saved version" not in words(page)
    assert [(row.label, row.mine, row.theirs) for row in page.context["form"].rows] == [
        ("Reasons", "Jane", ""),
        ("Measures taken", "Law No. 18", "Law No. 17"),
    ]
    assert desk.post(answer_address(), decide(page, measures="mine")).status_code == 409
    desk.post(answer_address(), decide(page, measures="mine", **chosen))
    saved = revisions_of("I.13")[-1]
    assert (saved.number, saved.reasons, saved.measures, saved.ready) == (2, reasons, "Law No. 18", False)


# The desk note


def test_a_note_is_saved_without_a_new_version(desk, xaa):
    response = desk.post(answer_address("record_note"), {"note": "Ask the ministry"}, follow=True)

    assert response.redirect_chain == [(answer_address(), 302)]
    assert text_area(response, "note") == "Ask the ministry"
    assert revisions_of("I.13") == []


def test_a_note_is_saved_with_the_answer(send_answer):
    send_answer(follow=False, note="Ask the ministry", measures="Law No. 17")
    record = Record.everyones.get()
    assert (record.note, record.current.measures) == ("Ask the ministry", "Law No. 17")


def test_saving_the_note_loses_nothing_of_the_answer(send_answer):
    response = send_answer(name="record_note", note="Ask the ministry", measures="Ten pages")

    assert messages_on(response) == ["The internal note was saved."]
    assert text_area(response, "measures") == "Ten pages"
    assert Record.everyones.get().note == "Ask the ministry"
    assert revisions_of("I.13") == []
    send_answer(
        follow=False, note="Ask the ministry", note_base=hidden_input(response, "note_base"), measures="Ten pages"
    )
    assert revisions_of("I.13")[0].measures == "Ten pages"


def test_a_note_changed_after_opening_is_shown_and_not_overwritten(desk, send_answer, xaa, carol, unit):
    save_note(respondent=xaa, unit=unit("I.13"), note="Carol's note", by=carol)
    response = send_answer(note="Alice's note", measures="Ten pages")

    assert "This note was changed after you opened the page. The note now reads: “Carol&#x27;s note”" in words(response)
    assert text_area(response, "note") == "Alice&#x27;s note"
    assert text_area(response, "measures") == "Ten pages"
    assert (Record.everyones.get().note, revisions_of("I.13")) == ("Carol's note", [])
    send_answer(follow=False, note="Both notes", note_base=hidden_input(response, "note_base"), measures="Ten pages")
    assert (Record.everyones.get().note, len(revisions_of("I.13"))) == ("Both notes", 1)


# Rounds after the first


def test_the_answer_of_the_last_round_is_compared_with_the_current_one(desk, say, xaa, alice, bob):
    say(measures="A bill of 2026.", ready=True)
    first = opened_round(bob, "2026", meetings=[1])
    submit_ready(xaa, first, alice)
    assert desk.get(answer_address()).context["page"].last_round is None, "the round is open still"
    close_round(first)
    second = opened_round(bob, "2028", meetings=[1])
    shown = words(desk.get(answer_address()))
    assert "Last round, 2026 : version 1 was submitted No changes" in shown

    say(base=1, measures="An Act of 2027.", ready=True)
    submit_ready(xaa, second, alice)
    for number in range(2, 8):
        say(base=number, measures="An Act of 2027.", ready=not number % 2, status="in_progress")
    response = desk.get(answer_address())
    last = response.context["page"].last_round
    assert (last.revision.number, [change.name for change in last.changes]) == (1, ["status", "measures"])
    assert len(response.context["page"].newest) == 4
    assert '?from=1&amp;to=8">Compare versions</a>' in response.content.decode()


def test_a_withdrawn_submission_is_not_the_answer_of_the_last_round(desk, say, xaa, alice, bob):
    say(measures="A bill.", ready=True)
    first = opened_round(bob, "2026", meetings=[1])
    withdraw_from_round(submission=submit_ready(xaa, first, alice), reason="Too early.", by=alice)
    close_round(first)
    assert desk.get(answer_address()).context["page"].last_round is None


def test_after_the_last_answer_of_a_theme_the_section_is_asked_about(desk, send_answer, unit, xaa, alice):
    theme = unit("I.13").primary_theme
    section = list(xaa.units_to_answer().with_text().filter(primary_theme=theme))
    rest = [node for node in section if node.label != "I.13"]
    save_many(xaa, dict.fromkeys(rest, Answer(status="implemented")), alice)
    asked = f"{theme}: all {len(section)} recommendations are answered. Have you completed this section?"
    response = send_answer(status="implemented")
    assert asked in words(response)
    assert f'<a href="/desk/XAA/recommendations/?theme={theme.slug}">' in response.content.decode()
    assert asked not in words(send_answer(base="1", status="in_progress"))
