"""Who asks sees what would be destroyed; who decides sees nothing of it."""

import re

import pytest
from django.core.files.storage import FileSystemStorage
from django.urls import reverse
from django.utils import timezone

from tests.conftest import make_person, save_for_xaa
from tests.documents import DOCUMENTS, PDF, all_text_of, upload
from tests.evidence_items import add_item
from tests.labels import titled
from tests.pages import client_of, messages_on, text_area, words
from tests.storages import SilentStorage, UndyingStorage, break_storage
from tracker.actions.draft import Tab, save_draft
from tracker.actions.remainder import without_sentences
from tracker.actions.withdrawal import request_withdrawal
from tracker.documents.exchange.uploads import check_upload
from tracker.models import EvidenceFile, EvidenceVersion, Membership, Revision, Withdrawal
from tracker.models.draft import new_tab
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

WORDS = "Jane Doe"


@pytest.fixture
def photo(xaa, alice) -> EvidenceFile:
    return add_item(xaa, alice, "Photo", kind="other", upload=check_upload(upload("photo.png", DOCUMENTS[".png"]))).file


@pytest.fixture(autouse=True)
def revision(xaa, alice, carol, unit) -> Revision:
    return save_for_xaa("I.13", measures=f"The case of {WORDS}.", difficulties="Funds.")


@pytest.fixture
def asked(xaa, alice, photo) -> Withdrawal:
    return request_withdrawal(respondent=xaa, by=alice, words=WORDS, files=[photo], reason="name")


REQUEST = "/desk/XAA/withdrawals/request/"
LIST = "/desk/XAA/withdrawals/"


def page_of(withdrawal, administrator=False) -> str:
    return reverse("withdrawal_decide", args=[withdrawal.pk]) if administrator else f"{LIST}{withdrawal.pk}/"


# Asking


def test_the_preview_shows_what_would_be_destroyed(alice, photo):
    response = client_of(alice).post(REQUEST, {"words": "jane doe", "chosen": [photo.pk], "reason": "name", "look": ""})
    page = words(response)
    assert "This would be hidden, then destroyed Places: 1 · Files: 1" in page
    assert f"{titled('I.13')}, version 1 Measures taken The case of Jane Doe ." in page
    assert "The case of <del>Jane Doe</del>." in response.content.decode()
    assert "File E1 Photo (photo.png)" in page
    assert 'value="jane doe"' in response.content.decode()
    assert Withdrawal.everyones.count() == 0


def test_who_asks_and_who_declines_read_what_declining_does_not_show_again(alice, carol, asked):
    warning = (
        "Uploads that are not saved yet, quotations, and reasons for objections are deleted at "
        "once. They are not shown again if the request is declined."
    )
    assert warning in words(client_of(alice).post(REQUEST, {"words": "Funds", "reason": "name", "look": ""}))
    page = words(client_of(carol).get(page_of(asked)))
    assert warning in page
    assert "Decline: show the words and files again" in page


def test_the_preview_shows_which_files_contain_the_words(alice, xaa):
    content = f"name\n{WORDS}\n"
    add_item(xaa, alice, "List", kind="other", upload=check_upload(upload("a.csv", content)))
    page = words(client_of(alice).post(REQUEST, {"words": WORDS, "reason": "name", "look": ""}))
    assert "Places: 1 · Files: 1" in page
    assert "File E1 List (a.csv)" in page


def test_files_that_cannot_be_searched_and_what_is_not_reached_are_named(alice, photo):
    page = words(client_of(alice).post(REQUEST, {"words": WORDS, "reason": "name", "look": ""}))
    assert "Places: 1 · Files: 0" in page
    assert "could not be searched completely" in page
    assert "E1 Photo (photo.png) Words in images Copies that were downloaded" in page
    assert "Requests for clarification that the Secretariat has not sent" in page


def test_a_removal_is_requested_after_the_preview(alice, photo):
    typed = {"words": WORDS, "chosen": [photo.pk], "reason": "court_order", "ask": ""}
    response = client_of(alice).post(REQUEST, typed, follow=True)
    withdrawal = Withdrawal.everyones.get()
    assert response.redirect_chain == [(page_of(withdrawal), 302)]
    assert messages_on(response) == ["The words and files are hidden. Another person must confirm the removal."]
    assert "These people can confirm the removal: Carol" in words(response)
    assert (Revision.everyones.get().measures, EvidenceFile.everyones.get().file.name) == ("", "")
    assert (withdrawal.words, withdrawal.reason) == (WORDS, "court_order")
    assert list(withdrawal.files(manager="everyones").all()) == [photo]


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"words": ""}, "__all__", "Enter the words, choose files, or do both."),
        ({"words": "."}, "words", "Enter at least two letters or digits."),
        ({"words": "John Roe"}, "words", "Nothing that your team recorded contains these words. Check the spelling."),
        ({"words": "x" * 301}, "words", "The text is too long: at most 300 characters. It has 301."),
        ({"reason": ""}, "reason", "Choose from the list."),
        ({"reason": "because"}, "reason", "Choose from the list."),
        ({"chosen": ["9" * 30]}, "chosen", None),
        ({"chosen": ["x"]}, "chosen", None),
    ],
)
@pytest.mark.parametrize("button", ["look", "ask"])
def test_an_invalid_removal_request_has_an_error_and_stays(alice, typed, field, message, button):
    response = client_of(alice).post(REQUEST, {"words": WORDS, "reason": "name", button: ""} | typed)
    assert response.status_code == 200
    errors = response.context["form"].errors[field]
    assert message is None or errors == [message]
    assert Withdrawal.everyones.count() == 0


def test_a_file_of_another_state_cannot_be_chosen(alice, xbb, charlie):
    theirs = add_item(xbb, charlie, "Law", upload=check_upload(upload("law.pdf", PDF))).file
    response = client_of(alice).post(REQUEST, {"chosen": [theirs.pk], "reason": "name", "ask": ""})
    assert list(response.context["form"].errors) == ["chosen"]
    assert "law.pdf" not in response.content.decode()


def test_a_file_of_a_storage_that_does_not_answer_counts_as_not_searched(alice, xaa, settings):
    add_item(xaa, alice, "Law", upload=check_upload(upload("law.txt", "Law")))
    break_storage(settings, SilentStorage)
    response = client_of(alice).post(REQUEST, {"words": WORDS, "reason": "name", "look": ""})
    page = words(response)
    assert "Places: 1 · Files: 0" in page
    assert "could not be searched completely" in page
    assert "E1 Law (law.txt)" in page


def test_what_remains_is_offered_as_the_next_version(alice, revision):
    look = client_of(alice).post(REQUEST, {"words": WORDS, "reason": "name", "look": ""})
    key = f"answer-{revision.pk}"
    assert text_area(look, f"{key}-measures") == "", "its one sentence has the words"
    typed = {"words": WORDS, "reason": "name", key: "on", f"{key}-measures": "A case of 2016.", "ask": ""}
    for _click in range(2):
        assert client_of(alice).post(REQUEST, typed).status_code == 302
    first, second = Revision.everyones.order_by("number")
    assert (first.measures, first.difficulties) == ("", "Funds.")
    assert (second.measures, second.difficulties, second.ready) == ("A case of 2016.", "Funds.", False)


@pytest.mark.parametrize(
    ("text", "remainder"),
    [
        ("A law. The case of JANE-doe. A decree.", "A law. A decree."),
        ("A law.\n\nJane Doe left.\n\nA decree.", "A law.\n\n\n\nA decree."),
        ("Jane Doe 获救。法律有效。", "法律有效。"),
        ("هل نجت Jane Doe؟ نعم.", "نعم."),
        ("Of Jane. Doe came.", ""),
        ("John Roe  left. ", "John Roe  left. "),
    ],
)
def test_what_remains_lacks_each_sentence_with_the_words(text, remainder):
    assert without_sentences(text, WORDS) == remainder


def test_attack_what_remains_does_not_have_the_words(alice, revision):
    key = f"answer-{revision.pk}"
    typed = {"words": WORDS, "reason": "name", key: "on", f"{key}-measures": "The case of JANE  DOE.", "ask": ""}
    response = client_of(alice).post(REQUEST, typed)
    why = "The text still has the words to remove. Remove them here too."
    assert response.context["form"].errors == {f"{key}-measures": [why]}
    assert text_area(response, f"{key}-measures") == "The case of JANE  DOE."
    assert not Withdrawal.everyones.exists()


def test_attack_only_texts_that_had_the_words_are_edited_here(alice, revision):
    key = f"answer-{revision.pk}"
    typed = {"words": WORDS, "reason": "name", key: "on", f"{key}-difficulties": "None.", "ask": ""}
    client_of(alice).post(REQUEST, typed)
    assert Revision.everyones.last().difficulties == "Funds."


def test_what_remains_of_an_evidence_item_is_offered_too(xaa, alice):
    version = add_item(xaa, alice, f"State v. {WORDS}", kind="judgment", citation=f"{WORDS}, para. 4")
    add_item(xaa, alice, WORDS, kind="judgment", citation="No. 5")
    look = client_of(alice).post(REQUEST, {"words": WORDS, "reason": "name", "look": ""})
    key = f"evidence-{version.pk}"
    assert text_area(look, f"{key}-title") == "State v."
    typed = {"words": WORDS, "reason": "name", key: "on", f"{key}-title": "", f"{key}-citation": "para. 4", "ask": ""}
    refused = client_of(alice).post(REQUEST, typed)
    assert refused.context["form"].errors == {f"{key}-title": ["Enter the title."]}
    assert client_of(alice).post(REQUEST, typed | {f"{key}-title": "State v."}).status_code == 302
    first, second = EvidenceVersion.everyones.filter(evidence=version.evidence).order_by("number")
    assert (first.title, first.citation) == ("", "")
    assert (second.title, second.citation, second.disclosure) == ("State v.", "para. 4", "state")


@pytest.mark.parametrize("key", ["0", "x", "answer-" + "9" * 30])
def test_what_remains_is_saved_only_of_answers_that_are_selected(alice, key):
    client_of(alice).post(REQUEST, {"words": WORDS, "reason": "name", key: "on", "ask": ""})
    assert Revision.everyones.count() == 1


def test_a_draft_of_another_person_is_named_and_not_shown(xaa, alice, carol, unit):
    typed = {"measures": [f"{WORDS}, as carol types"]}
    save_draft(respondent=xaa, unit=unit("I.14"), tab=Tab(new_tab()), base=0, fields=typed, by=carol)
    page = words(client_of(alice).post(REQUEST, {"words": WORDS, "reason": "name", "look": ""}))
    assert f"{titled('I.14')}: unsaved draft, Carol Draft text" in page
    assert "as carol types" not in page


def test_a_double_click_makes_one_request(alice, photo):
    typed = {"words": WORDS, "chosen": [photo.pk], "reason": "name", "ask": ""}
    first, second = client_of(alice).post(REQUEST, typed), client_of(alice).post(REQUEST, typed)
    assert (first.status_code, second.status_code, first.url) == (302, 302, second.url)
    assert Withdrawal.everyones.count() == 1
    assert "photo.png" not in client_of(alice).get(REQUEST).content.decode()


def test_where_nobody_could_confirm_nothing_is_requested(xaa, alice):
    Membership.objects.exclude(user=alice).update(ended_at=timezone.now())
    message = "No other person can confirm the removal. Invite another focal point, then request the removal."
    assert message in words(client_of(alice).get(REQUEST))
    response = client_of(alice).post(REQUEST, {"words": WORDS, "reason": "name", "ask": ""})
    assert response.context["form"].non_field_errors() == [message]
    assert Withdrawal.everyones.count() == 0
    assert WORDS in Revision.everyones.get().measures
    make_person("erin", Role.ADMINISTRATOR)
    assert "These people can confirm the removal: Erin" in words(client_of(alice).get(REQUEST))


def test_words_are_hidden_from_everybody_at_once(xaa, alice, bob, photo):
    current = client_of(alice).get("/desk/XAA/recommendations/I-13/").content.decode()
    assert WORDS in current
    request_withdrawal(respondent=xaa, by=alice, words=WORDS, files=[photo], reason="name")
    for url in ("recommendations/I-13/", "recommendations/I-13/history/", "report.json", "report.csv", "library/"):
        response = client_of(alice).get(f"/desk/XAA/{url}")
        assert response.status_code in (200, 404)
        assert WORDS not in all_text_of(response)
    response = client_of(alice).get(reverse("evidence_file", args=["XAA", 1, 1]))
    assert response.status_code == 410
    assert "Hidden: a request to remove identifying information is pending." in words(response)
    assert "The file was destroyed." not in words(response)


# Deciding


def test_the_list_says_who_asked_and_why_and_no_more(alice, asked):
    page = words(client_of(alice).get(LIST))
    assert "· Alice · Names a victim" in page
    assert "Pending" in page
    assert WORDS not in page


@pytest.mark.parametrize("decider", ["carol", "erin"])
def test_who_decides_sees_no_content(request, decider, asked, xaa):
    person = request.getfixturevalue(decider)
    response = client_of(person).get(page_of(asked, administrator=decider == "erin"))
    page = words(response)
    assert "State Arandia Requested by Alice Requested on" in page
    assert "Names a victim" in page
    main = response.content.decode().partition("<main")[2]
    for content in (WORDS, "I.13", "photo", "E1", "places", "1 "):
        assert content not in re.sub(r'csrfmiddlewaretoken" value="\w+"|\d+ \w+ 20\d\d|\d\d:\d\d', "", main)


@pytest.mark.parametrize("decider", ["carol", "erin"])
def test_confirming_destroys(request, decider, asked, django_capture_on_commit_callbacks):
    person = request.getfixturevalue(decider)
    page = page_of(asked, administrator=decider == "erin")
    with django_capture_on_commit_callbacks(execute=True):
        response = client_of(person).post(page, {"decision": "confirm"}, follow=True)
    assert response.redirect_chain == [(page, 302)]
    assert "Decision Confirmed" in words(response)
    assert (Revision.everyones.get().measures, EvidenceFile.everyones.get().file.name) == ("", "")
    asked.refresh_from_db()
    assert (asked.state, asked.words, asked.decided_by, asked.undestroyed) == ("confirmed", "", person, [])


def test_refusing_shows_everything_again(asked, carol):
    response = client_of(carol).post(page_of(asked), {"decision": "refuse"}, follow=True)
    assert "Decision Declined" in words(response)
    assert WORDS in Revision.everyones.get().measures


def test_who_asked_does_not_confirm_and_may_undo(asked, alice):
    page = client_of(alice).get(page_of(asked))
    assert "These people can confirm the removal: Carol" in words(page)
    assert (b'value="confirm"' in page.content, b'value="refuse"' in page.content) == (False, True)
    assert client_of(alice).post(page_of(asked), {"decision": "confirm"}).status_code == 403
    assert Revision.everyones.get().measures == ""
    response = client_of(alice).post(page_of(asked), {"decision": "refuse"}, follow=True)
    assert "Decision Declined" in words(response)
    assert WORDS in Revision.everyones.get().measures


def test_a_request_already_decided_shows_a_message(asked, carol, erin):
    client_of(carol).post(page_of(asked), {"decision": "refuse"})
    response = client_of(erin).post(page_of(asked, administrator=True), {"decision": "confirm"}, follow=True)
    assert messages_on(response) == [
        "The page changed after you opened it, so nothing was done. Check the page, and try again if needed."
    ]
    assert WORDS in Revision.everyones.get().measures


@pytest.mark.parametrize("typed", [{}, {"decision": "maybe"}, {"decision": "\x00"}])
def test_a_decision_that_is_none_is_not_understood(asked, carol, typed):
    assert client_of(carol).post(page_of(asked), typed).status_code == 400


@pytest.mark.parametrize("decider", ["carol", "erin"])
def test_bytes_that_were_not_deleted_are_reported_and_retried(
    request, decider, asked, settings, django_capture_on_commit_callbacks
):
    page, client = page_of(asked, decider == "erin"), client_of(request.getfixturevalue(decider))
    break_storage(settings, UndyingStorage)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(page, {"decision": "confirm"})
    assert "Not finished. Some files could not be deleted from storage." in words(client.get(page))
    assert "Not finished." in words(client.post(page, {"decision": "destroy"}, follow=True))
    break_storage(settings, FileSystemStorage)
    assert "Not finished." not in words(client.post(page, {"decision": "destroy"}, follow=True))


# Afterwards


def test_a_page_that_was_open_does_not_bring_the_words_back(xaa, alice, carol):
    answer, client = "/desk/XAA/recommendations/I-13/", client_of(alice)
    page = client.get(answer).content.decode()
    assert f"The case of {WORDS}." in page
    typed = {"base": 1, "status": "implemented", "measures": f"The case of {WORDS}. More.", "language": "en"}
    asked = request_withdrawal(respondent=xaa, by=alice, words=WORDS, files=[], reason="name")
    assert client.post(answer, typed).status_code == 409
    page = client.get(answer).content.decode()
    assert "Hidden: a request to remove identifying information is pending." in page
    assert WORDS not in page
    client_of(carol).post(page_of(asked), {"decision": "confirm"})
    assert client.post(answer, typed).status_code == 409
    assert Revision.everyones.count() == 1

    page = client.get(answer).content.decode()
    assert "Removed on" in page
    assert WORDS not in page
    typed |= {"withdrawn": re.search(r'name="withdrawn" value="(\d+)"', page)[1], "measures": "The case of the victim."}
    assert client.post(answer, typed).status_code == 302
    assert Revision.everyones.get(number=2).measures == "The case of the victim."


# The queue of the administrators


def test_the_queue_has_what_waits_and_nothing_of_what_it_is_about(asked, erin, xbb):
    response = client_of(erin).get("/withdrawals/")
    assert "Arandia · Requested on" in words(response)
    assert WORDS not in response.content.decode()
    client_of(erin).post(page_of(asked, administrator=True), {"decision": "refuse"})
    assert "Nothing pending" in words(client_of(erin).get("/withdrawals/"))


# Who


def test_a_viewer_reads_and_no_more(asked, victor):
    victor = client_of(victor)
    assert b'name="decision"' not in victor.get(page_of(asked)).content
    for decision in ("confirm", "refuse", "destroy"):
        assert victor.post(page_of(asked), {"decision": decision}).status_code == 403


@pytest.mark.parametrize("pk", [0, 2**63, 10**30])
def test_a_number_that_is_none_is_not_found(alice, erin, pk):
    assert client_of(alice).get(f"{LIST}{pk}/").status_code == 404
    assert client_of(erin).get(f"/withdrawals/{pk}/").status_code == 404


def test_pages_cost_few_queries(alice, erin, xaa, photo, django_assert_max_num_queries):
    for number in range(10):
        words_ = f"Jane Doe {'x' * number}".strip()
        Withdrawal.everyones.create(respondent=xaa, words=words_, reason="name", requested_by=alice)
    for client, page in ((client_of(alice), LIST), (client_of(alice), REQUEST), (client_of(erin), "/withdrawals/")):
        with django_assert_max_num_queries(15):
            client.get(page)
