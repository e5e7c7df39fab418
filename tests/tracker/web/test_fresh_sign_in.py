"""A fresh sign-in for acts that nobody should do in a session that somebody else left open. Nothing typed is lost."""

import datetime
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.http import HttpResponse
from django.urls import path, resolve, reverse

from recommendations.models import Family
from tests.client import Client
from tests.conftest import PASSWORD, find_person, make_person, save_for_xaa, with_second_factor
from tests.passkeys import add_passkey
from tests.submissions import submit_ready
from tests.test_walk import BRIEF_FILES, REPORT_FILES, URLS
from tests.tracker.web.test_accounts import code, sign_in
from tracker.actions.treaty_act import add_acts
from tracker.models import AccessChange, Invitation, Membership, Submission, TreatyAct, Withdrawal
from tracker.models.session import BEGAN
from tracker.models.user import Role
from tracker.urls import urlpatterns as site_urls
from tracker.web.fresh_sign_in import WhenAsked, choice_of
from tracker.web.limits import VIEWS

pytestmark = pytest.mark.django_db

PASSWORD_PAGE = "/accounts/reauthenticate/"
INVITE = "/desk/XAA/people/invite/"
LINK = {"referer": "http://testserver/desk/XAA/"}


@pytest.fixture
def left_open(client, alice):
    """Alice signed in 16 minutes ago and went away."""
    return leave_open(client, alice)


def leave_open(client, person, minutes: int = 16):
    client.force_login(person)
    make_older(client, minutes)
    return client


def make_older(client, minutes: int = 16) -> None:
    session = client.session
    began = time.time() - minutes * 60
    session[BEGAN] = session[BEGAN] | {"at": time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(began))}
    for record in session.get("account_authentication_methods", []):
        record["at"] = began
    session.save()


def next_of(response) -> str:
    """The page to which a person goes back; the response must ask for a fresh sign-in."""
    assert response.status_code == 302
    address = urlsplit(response["Location"])
    assert address.path in (PASSWORD_PAGE, "/accounts/2fa/reauthenticate/", "/accounts/2fa/passkeys/reauthenticate/")
    return parse_qs(address.query)["next"][0]


def confirm(client, response) -> str:
    return client.post(PASSWORD_PAGE, {"password": PASSWORD, "next": next_of(response)})["Location"]


def token_of(client, page: str) -> str:
    return client.get(page).content.decode().partition('name="author_token" value="')[2].partition('"')[0]


# The choices


CHOICES = {
    WhenAsked.NEVER: {
        # signing in and out, and what needs no sign-in; a new password needs the current one
        *("account_login", "account_logout", "account_reauthenticate", "account_change_password"),
        *("account_reset_password", "account_reset_password_from_key", "account_set_password"),
        *("mfa_authenticate", "mfa_index", "mfa_list_webauthn", "mfa_login_webauthn", "mfa_reauthenticate"),
        *("mfa_reauthenticate_webauthn", "openid_connect_login", "second_factor", "session_end"),
        *("access_stop_confirm", "daily_list", "language", "notifications", "welcome"),
        # writing answers, evidence, notes and replies
        *("assignment_accept", "assignment_remind", "assignment_return", "assignment_undo", "bulk", "check_answer"),
        *("comment_list", "copy", "courtesy_translation", "draft", "evidence_add", "evidence_edit", "workbook_upload"),
        *("institution_list", "mark_ready", "proposal_add", "proposal_decline", "proposal_take"),
        *("questionnaire_answers", "returned_file", "record", "record_note", "record_restore", "report"),
        *("status_report_add", "still_correct", "submission_complete", "submission_questions", "update"),
        # reading, planning, and drafts of the Secretariat
        *("need_mark", "paper_import", "paper_import_add", "paper_import_annotations", "paper_import_details"),
        *("paper_import_text", "quotation_choose", "quotation_list"),
        *("quotation_move", "review_close", "review_note_rest", "review_queue", "review_release", "review_remark"),
        *("review_send", "review_take", "review_translation", "round_add", "status_report_answer"),
        *("transcription_unit", "treaty_act_import", "treaty_standing"),
    },
    WhenAsked.TO_POST: {
        # roles, assignments, and what they open
        *("access_step", "assignment_add", "assignment_take_back", "designations_confirm", "draft_take_over"),
        "institution",
        *("institution_opening", "institution_person", "invitation_accept", "invitation_step"),
        *("people_second_factor", "session_list"),
        # submitting, publishing, and their end
        *("check", "directory_choice", "directory_respondent", "need_close", "paper_import_publish", "paper_opening"),
        *("round", "round_remind", "submission_take_back", "treaty_act_confirm", "treaty_act_decline"),
        "treaty_act_list",
        # what is withdrawn, ended or destroyed
        *("desk_transcription_end", "draft_discard", "export_discard", "paper_import_delete", "proposal_take_back"),
        *("quotation_remove", "transcription_end", "transcription_take_back", "withdrawal", "withdrawal_decide"),
        # files of everything, by a task
        *("answers", "export_again"),
    },
    WhenAsked.TO_OPEN: {
        *(
            "designations",
            "designations_preview",
            "invitation_add",
            "membership",
            "mfa_activate_totp",
            "mfa_add_webauthn",
            "mfa_deactivate_totp",
        ),
        *("mfa_download_recovery_codes", "mfa_edit_webauthn", "mfa_generate_recovery_codes", "mfa_remove_webauthn"),
        *("official_texts_add", "paper_import_retract", "quotation_object", "submission_publish", "submission_use"),
        *("submission_withdraw", "transcription_add", "withdrawal_request"),
    },
    WhenAsked.TO_DOWNLOAD: {
        *("answers_csv", "export_file", "handover_pdf", "provisions_csv", "provisions_docx", "workbook_xlsx"),
        "assignment_docx",
        *REPORT_FILES,
        *BRIEF_FILES,
    },
}
ASKED = sorted(set().union(*CHOICES.values()) - CHOICES[WhenAsked.NEVER])
TO_READ = sorted(
    set().union(*(CHOICES[when] for when in WhenAsked if when not in (WhenAsked.NEVER, WhenAsked.TO_POST)))
)


def address_of(name: str) -> str:
    """Whatever its keys name: the sign-in is asked for first."""
    kwargs = {key: 1 if isinstance(value, int) or key.endswith("pk") else value for key, value in URLS[name][0].items()}
    return reverse(name, kwargs=kwargs)


def choice(name: str) -> WhenAsked | None:
    return choice_of(resolve(address_of(name)).func)


def page_after(name: str) -> str:
    """The form that asks before it opens; otherwise the page with the button or the link."""
    return address_of(name) if name in CHOICES[WhenAsked.TO_OPEN] else "/desk/XAA/"


def accepts_post(name: str) -> bool:
    """By the walk of all roles, of the people who are signed in."""
    return set(URLS[name][1].post.split()[1:]) != {"405"}


def test_the_choices_are_these():
    """Submitting replies and marking what is read ask for nothing: they are read before anything follows."""
    assert {when: {name for name in URLS if choice(name) == when} for when in WhenAsked} == CHOICES


def test_each_view_that_accepts_a_post_has_chosen():
    assert {name for name in URLS if accepts_post(name) and choice(name) is None} == set()


def test_each_file_of_a_desk_with_current_answers_is_asked_for():
    of_desks = {name for name, limit in VIEWS.items() if limit == "file" and address_of(name).startswith("/desk/")}
    assert of_desks == {name for name in TO_READ if address_of(name).startswith("/desk/") and not accepts_post(name)}


@pytest.mark.parametrize("name", ASKED)
def test_a_session_left_open_does_none_of_these(left_open, name):
    for method in (left_open.post, left_open.put, left_open.delete):
        assert next_of(method(address_of(name), headers=LINK)) == page_after(name)
    assert left_open.post(address_of(name), headers={"HX-Request": "true"}).status_code == 403


@pytest.mark.parametrize("name", TO_READ)
def test_no_form_and_no_file_opens_before(left_open, name):
    for method in (left_open.get, left_open.head):
        assert next_of(method(address_of(name), headers=LINK)) == page_after(name)


urlpatterns = [path("act/", lambda _request: HttpResponse("done"), name="act"), *site_urls]


def test_a_view_that_has_not_chosen_asks_before_it_acts(left_open, settings):
    settings.ROOT_URLCONF = __name__
    assert next_of(left_open.post("/act/")) == "/"
    assert left_open.get("/act/").content == b"done"


@pytest.mark.parametrize("page", ["user", "membership", "readingrestriction"])
def test_a_session_left_open_changes_nobody_in_the_admin(client, erin, page):
    leave_open(client, erin)
    assert client.get(f"/admin/tracker/{page}/").status_code == 200
    assert next_of(client.get(f"/admin/tracker/{page}/add/")) == f"/admin/tracker/{page}/add/"
    for address in (f"/admin/tracker/{page}/", f"/admin/tracker/{page}/add/"):
        posted = client.post(address, {"name": "x"}, headers={"referer": f"http://testserver{address}"})
        assert next_of(posted) == address


SECOND_FACTOR_PAGES = ["passkeys/add/", "totp/activate/", "totp/deactivate/", "recovery-codes/generate/"]


@pytest.mark.parametrize("page", SECOND_FACTOR_PAGES)
def test_a_session_left_open_changes_no_second_factor(client, alice, page):
    leave_open(client, with_second_factor(alice))
    for answer in (client.get(f"/accounts/2fa/{page}"), client.post(f"/accounts/2fa/{page}", {"code": code()})):
        assert next_of(answer) == f"/accounts/2fa/{page}"
    assert [row.type for row in Authenticator.objects.filter(user=alice)] == ["totp"]


@pytest.mark.parametrize("page", ["recovery-codes/", "recovery-codes/download/"])
def test_a_session_left_open_shows_no_recovery_code(client, alice, page):
    printed = RecoveryCodes.activate(with_second_factor(alice)).get_unused_codes()
    leave_open(client, alice)
    said = client.get(f"/accounts/2fa/{page}").content.decode()
    assert [number for number in printed if number in said] == []


@pytest.mark.parametrize("name", ["theme/add/", "family/add/", "recommendation/import/", "recommendation/1/standing/"])
def test_a_session_left_open_changes_nothing_in_the_catalogue(client, dana, name):
    leave_open(client, dana)
    page = f"/admin/recommendations/{name}"
    assert next_of(client.post(page, {"name": "x"}, headers={"referer": f"http://testserver{page}"})) == page


def test_reading_needs_none(left_open, round_):
    for page in ("/desk/XAA/", "/desk/XAA/people/", "/desk/XAA/rounds/2026/check/", "/account/"):
        assert left_open.get(page).status_code == 200


# What is fresh


@pytest.mark.parametrize(("minutes", "status"), [(0, 200), (14, 200), (15, 302), (600, 302), (-60, 302)])
def test_a_sign_in_is_fresh_for_15_minutes(client, alice, minutes, status):
    leave_open(client, alice, minutes)
    assert client.get(INVITE).status_code == status


def test_after_signing_in_nothing_is_asked(client, alice):
    sign_in(client, alice.email)
    assert client.get(INVITE).status_code == 200


def test_a_password_makes_it_fresh_again(left_open):
    asked = left_open.get(INVITE)
    assert left_open.post(PASSWORD_PAGE, {"password": "wrong", "next": INVITE}).status_code == 200
    assert left_open.get(INVITE).status_code == 302
    assert confirm(left_open, asked) == INVITE
    assert left_open.get(INVITE).status_code == 200
    make_older(left_open)
    assert left_open.get(INVITE).status_code == 302


def test_a_code_makes_it_fresh_again(client, alice, settings):
    settings.MFA_TOTP_TOLERANCE = 1
    leave_open(client, with_second_factor(alice))
    assert client.get(INVITE).status_code == 302
    assert client.post("/accounts/2fa/reauthenticate/", {"code": code(), "next": INVITE})["Location"] == INVITE
    assert client.get(INVITE).status_code == 200


def test_the_page_knows_all_ways_that_the_person_has(left_open, alice):
    def offered() -> list[bool]:
        page = left_open.get(PASSWORD_PAGE).content.decode()
        return ["Use a code from the authenticator app, or a recovery code" in page, "Use a passkey</a>" in page]

    assert offered() == [False, False]
    with_second_factor(alice)
    assert offered() == [True, False]
    add_passkey(alice)
    assert offered() == [True, True]
    page = left_open.get("/accounts/2fa/passkeys/reauthenticate/").content.decode()
    assert "Use your password instead" in page


def test_the_way_that_was_used_last_comes_first(client, alice, settings):
    settings.MFA_TOTP_TOLERANCE = 1
    with_second_factor(alice)
    sign_in(client, alice.email)
    client.post("/accounts/2fa/authenticate/", {"code": code()})
    make_older(client)
    assert urlsplit(client.get(INVITE)["Location"]).path == "/accounts/2fa/reauthenticate/"


def test_the_confirmation_of_another_session_does_not_count(left_open, alice):
    other = Client()
    leave_open(other, alice)
    confirm(other, other.get(INVITE))
    assert left_open.get(INVITE).status_code == 302


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_it_leads_to_no_other_site(left_open, elsewhere):
    posted = left_open.post("/desk/XAA/people/two-step/", headers={"referer": elsewhere})
    assert next_of(posted) == "/"
    assert left_open.post(PASSWORD_PAGE, {"password": PASSWORD, "next": elsewhere})["Location"] == "/"


# Nothing typed is lost


def test_an_invitation_that_was_typed_is_there_after_the_confirmation(desk):
    token = token_of(desk, INVITE)
    make_older(desk)
    typed = {"author_token": token, "email": "frida@example.org", "role": "contributor", "until": "", "language": "en"}
    page = confirm(desk, desk.post(INVITE, typed))
    assert page == INVITE
    assert Invitation.everyones.exists() is False
    form = desk.get(page).context["form"]
    assert (form["email"].value(), form["role"].value()) == ("frida@example.org", "contributor")
    assert desk.post(INVITE, typed)["Location"] == "/desk/XAA/people/"
    assert Invitation.everyones.get().email == "frida@example.org"


def test_what_was_typed_before_submitting_is_there_after_the_confirmation(desk, alice, xaa, unit, round_):
    save_for_xaa("I.13", measures="The Act.", ready=True)
    check = f"/desk/XAA/rounds/{round_.code}/check/"
    shown = desk.get(check).context["form"]
    names = list(shown.fields)
    typed = {name: shown[name].value() or "on" for name in names} | {"author_token": token_of(desk, check)}
    make_older(desk)
    back = confirm(desk, desk.post(check, typed))
    assert (back, Submission.everyones.exists()) == (check, False)
    form = desk.get(back).context["form"]
    assert {name: form.data[name] for name in names} == {name: str(typed[name]) for name in names}


def test_what_an_administrator_typed_is_there_after_the_confirmation(administrator, xaa):
    frida, add = make_person("frida"), "/admin/tracker/membership/add/"
    typed = {"author_token": token_of(administrator, add), "user": frida.pk, "role": "viewer", "respondent": xaa.pk}
    typed |= {"since": "1 March 2026", "appointing_document": "NV 12/2026"}
    make_older(administrator)
    page = administrator.get(confirm(administrator, administrator.post(add, typed)))
    assert (page.request["PATH_INFO"], AccessChange.objects.exists()) == (add, False)
    form = page.context["adminform"].form
    assert {name: str(form[name].value()) for name in typed if name in form.fields} == {
        name: str(value) for name, value in typed.items() if name in form.fields
    }
    assert "Your text is below." in page.content.decode()
    administrator.post(add, typed)
    assert AccessChange.objects.get().user == frida


def test_an_address_that_an_administrator_typed_is_there_too(administrator, alice):
    change = f"/admin/tracker/user/{alice.pk}/change/"
    typed = {"author_token": token_of(administrator, change), "name": "Alice", "email": "a.smith@example.org"}
    make_older(administrator)
    form = administrator.get(confirm(administrator, administrator.post(change, typed))).context["adminform"].form
    assert form["email"].value() == "a.smith@example.org"


def test_a_membership_is_not_changed_by_a_session_left_open(client, alice, carol):
    membership = Membership.objects.get(user=carol)
    leave_open(client, alice)
    client.post(f"/desk/XAA/people/{membership.pk}/", {"step": "end"})
    membership.refresh_from_db()
    assert membership.ended_at is None


def test_nothing_is_published_by_a_session_left_open(client, alice, bob, xaa, unit, round_):
    save_for_xaa("I.13", measures="The Act.", ready=True)
    submission = submit_ready(xaa, round_, alice)
    leave_open(client, alice)
    publish = reverse("submission_publish", args=["XAA", round_.code, submission.number])
    asked = client.post(publish, {"seen": "on"}, headers={"referer": f"http://testserver{publish}"})
    assert confirm(client, asked) == publish
    assert Submission.objects.published().exists() is False
    client.post(publish, {"seen": "on"})
    assert Submission.objects.published().exists() is True


def test_an_export_of_everything_is_not_downloaded_in_a_session_left_open(client, bob):
    leave_open(client, bob)
    answers = "/progress/answers/"
    asked = client.get(
        "/progress/answers.csv?rounds=2026", headers={"referer": f"http://testserver{answers}?rounds=2026"}
    )
    assert confirm(client, asked) == f"{answers}?rounds=2026"


@pytest.fixture
def submission(alice, bob, xaa, unit, round_) -> Submission:
    save_for_xaa("I.13", measures="The Act.", ready=True)
    return submit_ready(xaa, round_, alice)


def test_attack_a_session_of_40_minutes_withdraws_a_submission(desk, submission):
    withdraw = reverse("submission_withdraw", args=["XAA", submission.round.code, submission.number])
    typed = {"author_token": token_of(desk, withdraw), "reason": "An error."}
    make_older(desk, 40)
    assert next_of(desk.post(withdraw, typed)) == withdraw
    assert Submission.everyones.get().is_withdrawn is False
    form = desk.get(confirm(desk, desk.post(withdraw, typed))).context["form"]
    assert form["reason"].value() == "An error."
    desk.post(withdraw, typed)
    assert Submission.everyones.get().is_withdrawn is True


def test_a_removal_that_was_previewed_is_previewed_again_after_the_confirmation(desk, submission):
    request = "/desk/XAA/withdrawals/request/"
    typed = {"author_token": token_of(desk, request), "words": "The Act", "reason": "name"}
    [remainder] = desk.post(request, typed).context["remaining"].remainders
    make_older(desk)
    page = desk.get(confirm(desk, desk.post(request, typed | {remainder.key: "on", "ask": ""})))
    assert Withdrawal.everyones.exists() is False
    assert (len(page.context["found"]["places"]), page.context["remaining"][remainder.key].value()) == (1, True)


def test_a_reason_to_decline_a_treaty_act_is_there_after_the_confirmation(curator, dana, xaa):
    day = datetime.date(2020, 1, 1)
    act = TreatyAct(respondent=xaa, instrument="convention", act="accession", date=day, source="A.", as_at=day)
    [act] = add_acts(acts=[act], by=dana)
    standing, decline = reverse("treaty_standing", args=["XAA"]), reverse("treaty_act_decline", args=["XAA", act.pk])
    typed = {"author_token": token_of(curator, standing), "reason": "Another State."}
    make_older(curator)
    assert confirm(curator, curator.post(decline, typed)) == standing
    assert (act, "Another State.") in curator.get(standing).context["acts"]
    act.refresh_from_db()
    assert act.state == "to_be_confirmed"


def test_a_choice_for_the_directory_is_there_after_the_confirmation(desk, alice):
    page = "/account/directory/"
    typed = {"author_token": token_of(desk, page), "listed": "on"}
    make_older(desk)
    assert desk.get(confirm(desk, desk.post(page, typed))).context["form"]["listed"].value() is True
    alice.refresh_from_db()
    assert alice.in_directory is False


def test_a_draft_is_not_discarded_and_what_was_typed_is_there(desk):
    answer = "/desk/XAA/recommendations/IV-46-i/"
    typed = {"author_token": token_of(desk, answer), "measures": "Bill 7.", "language": "en", "base": "0"}
    make_older(desk)
    assert "Bill 7." in desk.get(confirm(desk, desk.post(f"{answer}draft/discard/", typed))).content.decode()


def test_what_a_curator_typed_in_rows_is_there_after_the_confirmation(curator):
    page = f"/admin/recommendations/family/{Family.objects.get(slug='reflection-period').pk}/change/"
    context = curator.get(page).context
    typed = {"author_token": token_of(curator, page), "name": "Time to reflect", "relation": "same", "note": "Two."}
    typed["seen"] = context["adminform"].form["seen"].value()
    [formset] = [rows.formset for rows in context["inline_admin_formsets"]]
    for form in (formset.management_form, *formset.forms):
        typed |= {field.html_name: value for field in form if (value := field.value()) is not None}
    typed |= {"members-0-note": "One.", "members-0-DELETE": "on"}
    make_older(curator)
    context = curator.get(confirm(curator, curator.post(page, typed))).context
    form, [rows] = context["adminform"].form, context["inline_admin_formsets"]
    assert (form["name"].value(), form["note"].value()) == ("Time to reflect", "Two.")
    assert (rows.formset.forms[0]["note"].value(), rows.formset.forms[0]["DELETE"].value()) == ("One.", True)
    assert form["seen"].value() == typed["seen"]
    assert Family.objects.get(slug="reflection-period").name != "Time to reflect"


def test_a_wording_that_a_curator_typed_is_there_after_the_confirmation(curator, unit):
    page = reverse("admin:recommendations_recommendation_wording", args=[unit("II.44").pk])
    typed = {
        "author_token": token_of(curator, page),
        "text": "Another text.",
        "kind": "correction",
        "reason": "A typo.",
    }
    make_older(curator)
    form = curator.get(confirm(curator, curator.post(page, typed))).context["form"]
    assert (form["text"].value(), form["reason"].value()) == ("Another text.", "A typo.")
    assert unit("II.44").current_wording.number == 1


# Files of answers that are not submitted


def test_attack_a_session_of_40_minutes_downloads_the_current_answers(client, alice):
    leave_open(client, alice, 40)
    for name in sorted({*REPORT_FILES, *BRIEF_FILES, "workbook_xlsx", "handover_pdf", "assignment_docx"}):
        assert next_of(client.get(address_of(name), headers=LINK)) == "/desk/XAA/"


def test_what_a_report_includes_is_chosen_still_after_the_confirmation(left_open):
    page = {"referer": "http://testserver/desk/XAA/report/"}
    chosen = "?part=gaps&by=meeting&authority=Ministry+of+Justice"
    back = confirm(left_open, left_open.get(f"/desk/XAA/report.docx{chosen}", headers=page))
    form = left_open.get(back).context["form"]
    assert (form["part"].value(), form["authority"].value()) == (["gaps"], "Ministry of Justice")


def test_another_site_chooses_nothing_for_a_report(left_open):
    for headers in ({}, {"referer": "https://evil.example/"}):
        asked = left_open.get("/desk/XAA/report.docx?part=gaps", headers=headers)
        assert confirm(left_open, asked) == "/"
        make_older(left_open)
    assert left_open.get("/desk/XAA/report/").context["form"]["part"].value() != ["gaps"]


def test_a_person_without_any_way_to_confirm_signs_in_again(client, xaa):
    frida = make_person("frida", Role.FOCAL_POINT, xaa)
    frida.set_unusable_password()
    frida.save()
    leave_open(client, find_person("frida"))
    assert client.get(INVITE, follow=True).status_code == 403
