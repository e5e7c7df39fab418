"""What a State publishes everybody reads, and nothing else of it: at every address that a stranger may ask for."""

import datetime
import io
import re

import pytest
from django.core.files import File
from django.urls import reverse

from recommendations.models import Theme
from tests.canaries import people  # noqa: F401
from tests.conftest import make_person, save_for_xaa
from tests.evidence_items import add_item
from tests.pages import client_of
from tests.submissions import asked_about, opened_round, reply_to, submit_ready
from tests.test_walk import words_of
from tools.addresses import SUBMISSION, URLS
from tracker.actions.draft import Tab, save_draft
from tracker.actions.record import Answer, save_answer, save_note
from tracker.actions.submission import Statements, change_use, withdraw_from_round
from tracker.documents.exchange.uploads import check_upload
from tracker.models import EvidenceVersion, Submission, User
from tracker.models.draft import new_tab
from tracker.models.record import ReceivedDetails
from tracker.models.status import Status
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

PRIVATE = "Privatecanary"
TOLD = "Toldcanary"


@pytest.fixture
def publication(people, bob, xaa, unit) -> Submission:  # noqa: F811
    """What XAA publishes has the word TOLD in its answer and its public evidence; whatever else there is of it, or came
    of it, has the word PRIVATE, with the name of who wrote it.
    """
    author = make_person("penelope", Role.FOCAL_POINT, xaa)
    User.objects.filter(pk=author.pk).update(name=f"{PRIVATE} Author", email=f"{PRIVATE}@example.org".lower())
    author = User.objects.get(pk=author.pk)

    def evidence(word: str, disclosure: str) -> EvidenceVersion:
        upload = check_upload(File(io.BytesIO(f"{word} {disclosure}".encode()), name=f"{word}-{disclosure}.txt"))
        return add_item(xaa, author, word, disclosure=disclosure, upload=upload)

    def save(base: int, text: str, *citations, **said) -> None:
        answer = Answer(status=Status.IMPLEMENTED, measures=text, citations=list(citations), **said)
        save_answer(
            respondent=xaa,
            unit=unit("I.13"),
            base=base,
            answer=answer,
            by=author,
            change_reason=f"{PRIVATE} wish",
            received=ReceivedDetails(f"{PRIVATE} ministry", datetime.date(2026, 3, 3)),
        )

    save(0, f"{PRIVATE} before")
    open_, inner, own = evidence(TOLD, "public"), evidence(PRIVATE, "secretariat"), evidence(PRIVATE, "state")
    save(1, TOLD, (open_, TOLD), (inner, PRIVATE), (own, PRIVATE), lead_institution=TOLD, ready=True)
    save_note(respondent=xaa, unit=unit("I.13"), note=PRIVATE, by=author)
    round_ = opened_round(bob)
    stated = Statements(
        names_no_victim=True,
        in_aggregates=True,
        published=True,
        authority=PRIVATE,
        cleared_by=PRIVATE,
        note_verbale=PRIVATE,
    )
    first = submit_ready(xaa, round_, author, stated)
    reply_to(asked_about(first, {"I.13": f"{PRIVATE}?"}, bob)["I.13"], PRIVATE, author)
    next_round = opened_round(bob, "2027", meetings=[1])
    save(2, f"{PRIVATE} later", ready=True)
    withdraw_from_round(submission=submit_ready(xaa, next_round, author), reason=PRIVATE, by=author)
    typed = {"status": ["implemented"], "measures": [PRIVATE]}
    save_draft(respondent=xaa, unit=unit("I.13"), tab=Tab(new_tab()), base=3, fields=typed, by=author)
    save_for_xaa("I.1", Status.IMPLEMENTED, by=author, measures=f"{PRIVATE} not submitted")
    return first


def public_paths(submission: Submission) -> list[str]:
    """Every address of the site that a stranger may ask for, those of the publication among them, theme by theme."""
    paths = [reverse(name, kwargs=kwargs) for name, (kwargs, expected) in URLS.items() if expected.get[:3] == "200"]
    paths += [reverse(name, kwargs=SUBMISSION) for name in ("published", "published_csv", "published_json")]
    paths += [reverse("verified", args=[submission.code])]
    paths += [f"{submission.get_public_url()}?section={slug}" for slug in Theme.objects.values_list("slug", flat=True)]
    paths += [reverse("recommendations:detail", args=[slug]) for slug in ("I-13", "I-1")]
    return paths + [
        reverse("published_evidence_file", kwargs=SUBMISSION | {"slug": "I-13", "position": position})
        for position in (1, 2, 3)
    ]


@pytest.mark.parametrize("walker", ["anonymous", "stranger"])
def test_what_a_state_publishes_is_read_by_all_and_nothing_else_of_it(walker, people, publication):  # noqa: F811
    client = client_of(people[walker])
    said = {path: words_of(client.get(path)) for path in public_paths(publication)}
    assert [path for path, told in said.items() if PRIVATE.casefold() in told.casefold()] == []
    assert {path.partition("?")[0] for path, told in said.items() if TOLD in told} == {
        reverse("published", kwargs=SUBMISSION),
        reverse("published_csv", kwargs=SUBMISSION),
        reverse("published_json", kwargs=SUBMISSION),
        reverse("published_evidence_file", kwargs=SUBMISSION | {"slug": "I-13", "position": 1}),
    }


@pytest.mark.thorough
def test_what_is_taken_back_is_read_by_nobody(publication):
    client, paths = client_of(None), public_paths(publication)
    change_use(submission=publication, published=False, by=publication.sealed_by)
    said = {path: words_of(client.get(path)) for path in paths}
    assert [path for path, words in said.items() if TOLD in words or PRIVATE in words] == []
    assert [path for path, words in said.items() if publication.digest in words and "/verify/" not in path] == []


@pytest.mark.thorough
def test_attack_two_readings_of_every_public_page_around_a_submission_are_equal(xaa, alice, bob, unit):
    """A State that saves, submits, permits figures and is read, and publishes nothing, changes no page of strangers."""
    round_ = opened_round(bob, meetings=[1])
    before = public_pages()
    save_for_xaa("I.13", Status.IMPLEMENTED, measures=PRIVATE, assistance=PRIVATE, ready=True)
    found = submit_ready(xaa, round_, alice)
    asked_about(found, {"I.13": "Which article?"}, bob)
    assert len(before) > 20
    after = public_pages()
    assert [name for name in before if after[name] != before[name]] == []


def public_pages() -> dict[str, str]:
    """Every page that a stranger gets, without what differs each time; a workbook has the rows of the CSV."""
    names = [name for name, (_kwargs, expected) in URLS.items() if expected.get.startswith("200")]
    for name in ("recommendations:xlsx", "practices_docx", "practices_pdf"):  # which say when they were made
        names.remove(name)
    found = {name: client_of(None).get(reverse(name, kwargs=URLS[name][0])) for name in names}
    return {name: re.sub(r"csrfmiddlewaretoken\W+value\W+\w+", "", page.text) for name, page in found.items()}
