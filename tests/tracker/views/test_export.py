"""The files that were made for a person: for that person alone, while that person may have what is in them."""

from contextlib import ExitStack

import pytest
from django.utils import timezone

from recommendations import places
from tests.conftest import (
    belmara,
    find_person,
    find_state,
    find_unit,
    make_person,
    make_state,
    open_round_for_arandia,
    with_second_factor,
)
from tests.open_files import open_files, open_files_before
from tests.pages import client_of
from tests.submissions import submit_ready
from tracker.actions.export import request_export
from tracker.actions.reading_restriction import add_restriction
from tracker.actions.record import Answer, save_answer
from tracker.actions.submission import change_use, withdraw_from_round
from tracker.actions.tasks import write_export
from tracker.documents import answers
from tracker.models import Export, Membership, Submission
from tracker.models.export import LIFETIME, SILENT
from tracker.models.user import Role
from tracker.web import limits

pytestmark = pytest.mark.django_db

QUERIES = 15


def submit_answers(state, round_, by):
    answer = Answer(status="implemented", measures="An act.", ready=True)
    save_answer(respondent=state, unit=find_unit("I.13"), base=0, answer=answer, by=by)
    return submit_ready(state, round_, by)


@pytest.fixture(scope="module", autouse=True)
def submitted(for_the_module):
    """Submissions of XAA and XBB."""
    round_ = open_round_for_arandia(meetings=[1])
    submit_answers(find_state("XAA"), round_, find_person("alice"))
    xbb = belmara()
    submit_answers(xbb, round_, make_person("charlie", Role.FOCAL_POINT, xbb))


@pytest.fixture
def submissions(db):
    return list(Submission.everyones.select_related("respondent", "round").order_by("pk"))


@pytest.fixture
def export(submissions, bob) -> Export:
    export = request_export(rounds=[], by=bob)
    write_export.call(export.pk)
    export.refresh_from_db()
    return export


def change(export: Export, **to) -> None:
    Export.objects.filter(pk=export.pk).update(**to)


def under_way(export: Export, **to) -> None:
    change(export, state="running", file="", **to)


# Who has it


def test_its_owner_has_it(officer, export):
    assert "Submitted answers · All rounds" in officer.get("/exports/").content.decode()
    page = officer.get(export.get_absolute_url()).content.decode()
    assert "The file is ready." in page
    response = officer.get(f"{export.get_absolute_url()}file/")
    assert response["Content-Disposition"] == 'attachment; filename="answers-all.xlsx"'
    assert response["Cache-Control"] == "private, no-store"
    assert b"".join(response.streaming_content)[:2] == b"PK"


def test_nobody_else_has_it_whatever_their_role(export, alice, charlie, dana, erin, xaa):
    rebecca = with_second_factor(make_person("rebecca", Role.REVIEWER))
    for person in (alice, charlie, dana, erin, rebecca, make_person("victor", Role.VIEWER, xaa)):
        client = client_of(person)
        assert "Answers submitted" not in client.get("/exports/").content.decode()
        for way in ("", "file/"):
            assert client.get(f"{export.get_absolute_url()}{way}").status_code == 404
        for way in ("again/", "discard/"):
            assert client.post(f"{export.get_absolute_url()}{way}").status_code == 404
    assert Export.objects.get().is_ready


def role_ended(bob, **_things):
    Membership.objects.filter(user=bob).update(ended_at=timezone.now())


def barred(bob, erin, xbb, **_things):
    add_restriction(user=bob, respondent=xbb, by=erin)


def not_permitted_any_more(submission, charlie, **_things):
    change_use(submission=submission, in_aggregates=False, quoted=False, published=False, by=charlie)


def withdrawn(submission, charlie, **_things):
    withdraw_from_round(submission=submission, reason="An error.", by=charlie)


@pytest.mark.parametrize(
    "happens",
    [role_ended, barred, not_permitted_any_more, withdrawn],
    ids=lambda one: one.__name__,
)
def test_a_person_who_lost_permission_cannot_download_the_export(
    officer, happens, export, submissions, bob, charlie, erin, xaa, xbb
):
    assert officer.get(f"{export.get_absolute_url()}file/").status_code == 200
    happens(bob=bob, charlie=charlie, erin=erin, xaa=xaa, xbb=xbb, submission=submissions[1])
    assert officer.get(f"{export.get_absolute_url()}file/").status_code == 403
    page = officer.get(export.get_absolute_url()).content.decode()
    assert "This file is no longer available to you." in page
    assert f"{export.get_absolute_url()}file/" not in page


def test_a_later_submission_does_not_end_access_to_the_export(export, submissions, bob, xcc_hands_in):
    assert client_of(bob).get(f"{export.get_absolute_url()}file/").status_code == 200


@pytest.fixture
def xcc_hands_in(submissions):
    state = make_state("XCC", "Cormoria")
    return submit_answers(state, submissions[0].round, make_person("carla", Role.FOCAL_POINT, state))


def test_a_person_who_may_no_longer_export_is_refused(export, bob):
    role_ended(bob)
    assert client_of(bob).post(f"{export.get_absolute_url()}again/").status_code == 403


def test_after_a_week_it_is_no_more(export, bob):
    change(export, created_at=timezone.now() - LIFETIME)
    assert client_of(bob).get(f"{export.get_absolute_url()}file/").status_code == 404
    assert "No files" in client_of(bob).get("/exports/").content.decode()


# How far it is


def test_the_page_is_asked_for_again_with_and_without_a_script(export, bob):
    under_way(export, done=50, total=200)
    page = client_of(bob).get(export.get_absolute_url()).content.decode()
    assert "The file is being prepared: 25%." in page
    assert '<progress class="export-progress" aria-label="Progress of the file" value="50" max="200">' in page
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page
    assert f'hx-get="{export.get_absolute_url()}" hx-trigger="every 2s"' in page
    assert f"{export.get_absolute_url()}file/" not in page


def test_htmx_receives_only_the_progress_until_the_file_is_ready(officer, export):
    under_way(export, done=0, total=0)
    part = officer.get(export.get_absolute_url(), headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith("<div")
    assert "hx-get" in part
    change(export, state="done", file="exports/there")
    part = officer.get(export.get_absolute_url(), headers={"HX-Request": "true"}).content.decode()
    assert "hx-get" not in part
    assert "Download" in part


def test_what_waits_what_failed_and_what_stopped_say_so(officer, export):
    change(export, state="queued", file="", total=0)
    assert "The file is waiting to be prepared." in officer.get(export.get_absolute_url()).content.decode()
    for state in ({"state": "failed"}, {"state": "running", "alive_at": timezone.now() - SILENT}):
        change(export, **state)
        page = officer.get(export.get_absolute_url()).content.decode()
        assert "The file could not be created; nothing else was changed." in page
        assert "Request again" in page
        assert "refresh" not in page
        assert "Failed" in officer.get("/exports/").content.decode()


def test_a_file_that_storage_has_lost_says_so(export, bob):
    export.file.storage.delete(export.file.name)
    response = client_of(bob).get(f"{export.get_absolute_url()}file/")
    assert response.status_code == 404
    assert "The file cannot be read at the moment. Try again later, or create the file again." in response.text


# Asking


def test_an_export_of_answers_is_requested_made_and_downloaded(
    officer, submissions, django_capture_on_commit_callbacks
):
    page = officer.get("/progress/answers/?rounds=2026").content.decode()
    assert "2 submissions</b>" in page
    assert 'href="/progress/answers.csv?rounds=2026"' in page
    with django_capture_on_commit_callbacks(execute=True):
        response = officer.post("/progress/answers/", {"rounds": ["2026"]})
    assert response.url == Export.objects.get().get_absolute_url()
    assert "The file is ready." in officer.get(response.url).content.decode()
    assert officer.get(f"{response.url}file/")["Content-Disposition"] == 'attachment; filename="answers-2026.xlsx"'


def test_the_again_button_makes_a_new_export(export, bob):
    response = client_of(bob).post(f"{export.get_absolute_url()}again/")
    assert response.url != export.get_absolute_url()
    assert Export.objects.count() == 2


def test_it_is_discarded(export, bob):
    response = client_of(bob).post(f"{export.get_absolute_url()}discard/", follow=True)
    assert "The file was deleted." in response.content.decode()
    assert not Export.objects.exists()


def test_while_all_places_are_taken_no_file_of_all_answers_is_made(officer, export, submissions, monkeypatch):
    monkeypatch.setattr(places, "PATIENCE", 0.01)

    def statuses() -> list[int]:
        return [
            officer.post("/progress/answers/", {"rounds": ["2026"]}).status_code,
            officer.post(f"{export.get_absolute_url()}again/").status_code,
            officer.get("/progress/answers.csv").status_code,
        ]

    with ExitStack() as files:
        for _place in range(places.AT_ONCE):
            files.enter_context(places.place_for_file())
        assert statuses() == [503, 503, 503]
    assert Export.objects.count() == 1
    assert statuses() == [302, 302, 200]


def test_the_csv_is_read_and_then_sent(submissions, bob):
    response = client_of(bob).get("/progress/answers.csv?rounds=2026")
    assert response.streaming
    assert response["Content-Disposition"] == 'attachment; filename="answers-2026.csv"'
    lines = b"".join(response.streaming_content).decode().splitlines()
    assert lines[0].startswith("\ufeffround,submission,digest")
    assert {line.split(",")[1] for line in lines[1:]} == {"XAA/2026/1", "XBB/2026/1"}


@pytest.mark.parametrize(
    ("limit", "value", "reason"),
    [
        ("READING_SECONDS", 0, "all answers, too much time"),
        ("SIZE", 1_000, "all answers, too much output"),
    ],
    ids=["over time", "over output"],
)
def test_attack_a_csv_over_a_limit_is_refused_and_leaves_no_file(
    officer, limit, value, reason, submissions, monkeypatch, caplog
):
    before = open_files_before()
    with monkeypatch.context() as patch:
        patch.setattr(answers, limit, value)
        response = officer.get("/progress/answers.csv")
    assert (response.status_code, response["Retry-After"]) == (limits.TOO_LARGE, str(limits.TRY_AGAIN))
    assert "The file could not be created" in response.content.decode()
    assert caplog.messages[0].startswith(f"a file was not made: {reason}")
    assert open_files() == before
    assert officer.get("/progress/answers.csv").status_code == 200


@pytest.mark.parametrize("url", ["/progress/answers/", "/progress/answers.csv"])
@pytest.mark.parametrize("codes", ["2031", "%00", "2026&rounds=2031"])
def test_a_round_that_is_none_is_named_at_its_field(url, codes, submissions, bob):
    response = client_of(bob).get(f"{url}?rounds={codes}")
    assert response.status_code == 400
    assert "Choose from the list." in response.content.decode()
    assert client_of(bob).post("/progress/answers/", {"rounds": ["2031"]}).status_code == 400


# Size


def test_a_page_takes_as_many_queries_for_many_files(officer, export, bob, django_assert_max_num_queries):
    for number in range(8):
        Export.objects.create(owner=bob, rounds=[f"{number}"])
    for url in ("/exports/", export.get_absolute_url(), f"{export.get_absolute_url()}file/", "/progress/answers/"):
        with django_assert_max_num_queries(QUERIES):
            assert officer.get(url).status_code == 200
