"""Every URL, as a contributor of one ministry: to him the desk is the units of his ministry, and nothing else of it.

The canary stands in every field of State XAA but in what the Ministry of Justice has: one unit, which cites one law of
its own, and which has been answered. He reads that; the rest he can neither read nor guess.
"""

import re

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from recommendations.models import Recommendation
from tests.canaries import CANARY, REPORTED, WALKERS, fill_with_canaries, walkers
from tests.conftest import arandia, belmara, make_person, with_second_factor
from tests.documents import PDF, upload
from tests.evidence_items import add_item
from tests.pages import client_of, without_tokens
from tests.submissions import release_of_few, send_answer
from tests.test_walk import POSTED, URLS, address, words_of
from tracker.actions.assignment import accept_assignments, assign
from tracker.actions.comment import write_comment
from tracker.actions.draft import Tab, save_draft
from tracker.actions.evidence import EvidenceDetails, add_evidence
from tracker.actions.institution import add_institution, open_desk, set_institution
from tracker.actions.invitation import send_invitation
from tracker.actions.proposal import add_proposal
from tracker.actions.record import Answer, save_answer
from tracker.actions.withdrawal import request_withdrawal
from tracker.documents.exchange.uploads import check_upload
from tracker.models import (
    Assignment,
    Citation,
    EvidenceVersion,
    Institution,
    RequestCount,
    Respondent,
    Revision,
    Round,
    User,
)
from tracker.models.draft import new_tab
from tracker.models.state_owned import StateOwned
from tracker.models.status import Status
from tracker.models.user import Role

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def site(for_the_module):
    """State XAA with its canaries, alice, its focal point, and carol, of the Ministry of Justice: made once. The list
    of institutions is read by all people of a State: the canary is not in it.
    """
    xaa, xbb = arandia(), belmara()
    alice, charlie = make_person("alice", Role.FOCAL_POINT, xaa), make_person("charlie", Role.FOCAL_POINT, xbb)
    secretariat = {"bob": Role.REVIEWER, "dana": Role.CURATOR, "erin": Role.ADMINISTRATOR}
    bob, dana, erin = (with_second_factor(make_person(name, role)) for name, role in secretariat.items())
    carol = walkers(xaa, alice, charlie, bob, dana, erin)["contributor"]
    fill_with_canaries(xaa, alice, bob)
    release_of_few(Round.objects.get(), bob)
    Institution.everyones.update(name="Ministry of Health")
    open_desk(respondent=xaa, opens_all=False, by=alice)
    justice = add_institution(respondent=xaa, name="Ministry of Justice", kind="ministry", by=alice)
    set_institution(membership=carol.memberships.get(), institution=justice, by=alice)
    law = add_item(xaa, alice, "Code of procedure", citation="Gazette 4.")
    answer = Answer(status=Status.IN_PROGRESS, measures="A bill.", citations=[(law, "art. 4")])
    his = Recommendation.objects.with_text().get(label="I.14")
    save_answer(respondent=xaa, unit=his, base=0, answer=answer, by=alice)
    assign(respondent=xaa, units=[his], to=justice, note="By article.", by=alice)
    return xaa, alice, carol


@pytest.fixture
def xaa(site) -> Respondent:
    return Respondent.objects.get(pk=site[0].pk)


@pytest.fixture
def alice(site) -> User:
    return site[1]


@pytest.fixture
def carol(site) -> User:
    return User.objects.get(pk=site[2].pk)


# To him the site is as to a stranger, but for these: codes of a GET and of a POST.
OPENED = {
    "respondent_desk": "200 405",
    "units_asked": "200 405",
    "record_list": "200 405",
    "evidence_list": "200 405",
    "evidence_add": "200 200",
    "event_list": "403 405",
    "draft": "405 403",
    "draft_discard": "405 403",
    "draft_take_over": "405 403",
    "assignment_undo": "405 403",
    "directory_choice": "200 403",
    "handover": "403 405",
    "handover_pdf": "403 405",
    "offered_list": "200 405",
    "returned_file": "200 200",
    "questionnaire_answers": "200 403",
    "desk_transcriptions": "403 405",
    "desk_transcription_end": "405 403",
    "workbook": "200 405",
    "bulk": "200 200",
    "workbook_xlsx": "200 405",
}
OF_HIS_UNIT = {
    "record": "200 200",
    "record_history": "200 405",
    "record_compare": "200 405",
    "record_note": "405 302",
    "copy": "200 200",
    "update": "302 403",
    "draft": "405 302",
    "draft_discard": "405 302",
    "comment_list": "200 200",
    "courtesy_translation": "200 200",
    "proposal_list": "200 405",
    "proposal_add": "200 200",
    "record_restore": "405 302",
    "assignment_undo": "405 302",
    "need_close": "405 404",
    "need_mark": "405 403",
    "submission_evidence_file": "404 405",
    "published_evidence_file": "404 405",
    "practice_evidence_file": "404 405",
    "review_remark": "404 404",
}


def walk(person, url: str, data: dict | None = None) -> str:
    """Codes of a GET and of a POST; no word of what is not opened in them."""
    codes = []
    RequestCount.objects.all().delete()  # nobody asks for a file of each kind in ten minutes
    for method in ("get", "post"):
        response = getattr(client_of(person), method)(url, data if method == "post" else None)
        words = words_of(response).casefold()
        assert CANARY.casefold() not in words
        assert REPORTED.casefold() not in words
        codes.append(str(response.status_code))
    return " ".join(codes)


def of_a_stranger(name: str) -> str:
    return " ".join(codes.split()[WALKERS.index("stranger")] for codes in URLS[name][1])


def said(person, name: str, *args, **parameters) -> str:
    response = client_of(person).get(reverse(name, args=args), parameters)
    words = words_of(response).replace(f'value="{CANARY}"', "").replace(f"“{CANARY}”", "")
    assert response.status_code == 200
    assert CANARY.casefold() not in words.casefold()
    return " ".join(words.split())


def test_contributors_open_only_assigned_urls_and_urls_open_to_strangers(carol):
    found = {name: walk(carol, address(name), POSTED.get(name)) for name in URLS}
    assert found == {name: OPENED.get(name) or of_a_stranger(name) for name in URLS}


def test_a_contributor_handles_assigned_answers_but_reads_no_submission(carol):
    names = [name for name, (kwargs, _expected) in URLS.items() if kwargs.get("code") == "XAA" and "slug" in kwargs]
    found = {}
    for name in names:
        found[name] = walk(carol, address(name, slug="I-14"), POSTED.get(name))
    assert {name: codes for name, codes in found.items() if name in OF_HIS_UNIT} == {
        name: codes for name, codes in OF_HIS_UNIT.items() if name in found
    }
    assert {codes for name, codes in found.items() if name not in OF_HIS_UNIT} <= {"404 404", "404 405", "405 404"}


def test_a_contributor_sees_only_rows_of_the_assigned_unit(carol):
    """Whatever model is added: without a way to its unit it shows nothing."""
    for model in apps.get_models():
        if issubclass(model, StateOwned):
            rows = list(model.objects.visible_to(carol).values())
            assert CANARY.casefold() not in str(rows).casefold(), model
            assert REPORTED.casefold() not in str(rows).casefold(), model
            assert len(rows) <= 2, model


def test_counts_of_a_contributor_include_only_their_items(carol):
    desk = said(carol, "respondent_desk", "XAA")
    assert "Assigned to you: 1 of 1 recommendation answered" in desk
    assert "230" not in desk
    assert "Assigned and answered: 1 of 1 · Ready: 0" in said(carol, "record_list", "XAA")
    for words in (
        "Submissions",
        "Check and submit",
        "Submitted",
        "Round 2026",
        "Assignments",
        "Remove identifying information",
    ):
        assert words not in desk


@pytest.mark.parametrize(
    ("parameters", "shown"),
    [
        ({"q": CANARY}, 0),
        ({"q": "IV.46"}, 0),
        ({"status": "considered_not_taken_up"}, 0),
        ({"status": "implemented"}, 0),
        ({"status": "in_progress"}, 1),
        ({"evidence": "yes"}, 1),
        ({"ready": "yes"}, 0),
        ({"ready": "came_back"}, 0),
        ({"units": "others"}, 0),
    ],
)
def test_no_filter_finds_more_than_a_contributors_items(carol, parameters, shown):
    listed = re.findall(
        'class="task" id="([^"]+)"', client_of(carol).get("/desk/XAA/recommendations/", parameters).content.decode()
    )
    assert listed == ["I-14"] * shown
    said(carol, "record_list", "XAA", **parameters)


def test_what_is_not_opened_is_answered_as_what_was_never_there(carol, alice, xaa, unit):
    """An answered unit as one without an answer, a piece of evidence as none, a history as none."""
    pairs = [
        (reverse(name, args=["XAA", *rest("I-5-b", 1)]), reverse(name, args=["XAA", *rest("I-6", 999)]))
        for name, rest in {
            "record": lambda slug, number: [slug],
            "record_history": lambda slug, number: [slug],
            "record_compare": lambda slug, number: [slug],
            "evidence": lambda slug, number: [number],
            "evidence_edit": lambda slug, number: [number],
            "evidence_file": lambda slug, number: [number, 1],
        }.items()
    ]
    client = client_of(carol)
    for there, nowhere in pairs:
        found, missing = client.get(there), client.get(nowhere)
        assert (found.status_code, without_tokens(found)) == (404, without_tokens(missing))


def test_a_contributor_cannot_cite_restore_or_write_unreadable_rows(carol, xaa, unit):
    law = EvidenceVersion.everyones.get(title=f"{CANARY} law")
    revision = Revision.everyones.filter(record__recommendation__label="I.5(b)").first()
    client = client_of(carol)
    cited = {"status": "implemented", "language": "en", "base": 1, f"pinpoint_{law.pk}": "9"}
    for button in ({}, {"cite": law.pk}, {"search": "yes"}):
        assert CANARY not in words_of(client.post(reverse("record", args=["XAA", "I-14"]), cited | button))
    assert client.post(reverse("record_restore", args=["XAA", "I-5-b", revision.number])).status_code == 404
    for label in ("I.5(b)", "I.13", "I.6"):
        with pytest.raises(PermissionDenied):
            save_answer(respondent=xaa, unit=unit(label), base=0, answer=Answer("implemented"), by=carol)
    assert Citation.everyones.filter(evidence_version=law).exclude(revision__author__name="Alice").count() == 0


def test_a_contributor_reads_no_notes_to_another_ministry(carol, alice, xaa, unit):
    health = Institution.everyones.get(name="Ministry of Health")
    assign(respondent=xaa, units=[unit("I.14")], to=health, note=f"{CANARY} note", by=alice)
    Assignment.everyones.filter(institution=health).update(return_reason=CANARY)
    for name, args in {"respondent_desk": ["XAA"], "record": ["XAA", "I-14"], "record_list": ["XAA"]}.items():
        assert "Health" not in said(carol, name, *args).replace('<option value="Ministry of Health">', "")


def test_an_accepted_assignment_is_closed_to_the_contributor(carol, alice, xaa, unit):
    send_answer(respondent=xaa, unit=unit("I.14"), by=carol)
    accept_assignments(
        respondent=xaa, assignments=Assignment.everyones.filter(institution__name="Ministry of Justice"), by=alice
    )
    assert walk(carol, reverse("record", args=["XAA", "I-14"])) == "404 404"
    assert "You have no assignments." in said(carol, "respondent_desk", "XAA")


def pages() -> list[str]:
    """Addresses of all that is opened to him."""
    own = [reverse(name, args=["XAA", "I-14"]) for name, codes in OF_HIS_UNIT.items() if codes.startswith("200")]
    listed = [address(name) for name, codes in OPENED.items() if codes.startswith("200") and name != "workbook_xlsx"]
    return [*own, *listed, *(f"{url}?page=2" for url in listed)]


def test_actions_of_others_elsewhere_change_no_page_of_a_contributor(carol, alice, xaa, unit):
    """So no count, no number and no order tells of it either."""
    client, urls = client_of(carol), pages()
    before = {url: without_tokens(client.get(url)) for url in urls}
    carl = make_person("carl", Role.CONTRIBUTOR, xaa)
    health = Institution.everyones.get(name="Ministry of Health")
    law = add_item(xaa, alice, "Act", citation="Gazette 5.")
    for label in ("II.8", "II.9"):
        place = {"respondent": xaa, "unit": unit(label)}
        save_answer(**place, base=0, answer=Answer(Status.IN_PROGRESS, citations=[(law, "")]), by=alice)
        assign(respondent=xaa, units=[place["unit"]], to=health if label == "II.8" else carl, by=alice)
        save_draft(**place, tab=Tab(new_tab()), base=1, fields={"measures": ["An act."]}, by=alice)
        add_proposal(**place, base=1, answer=Answer(Status.IMPLEMENTED), by=alice)
        write_comment(**place, text="Who knows?", by=alice, after=0)
    send_invitation(respondent=xaa, email="ian@example.org", role=Role.VIEWER, by=alice)
    request_withdrawal(respondent=xaa, by=alice, words="Gazette 5", files=[], reason="name")
    assert [url for url in urls if without_tokens(client.get(url)) != before[url]] == []


def test_hidden_evidence_does_not_prevent_adding_the_same_evidence(carol, alice, xaa, unit):
    details = EvidenceDetails(title="Penal Code", kind="law", language="en", url="https://law.example/penal-code")
    theirs = add_evidence(respondent=xaa, by=alice, details=details)
    his = add_evidence(respondent=xaa, by=carol, details=details)
    assert his.evidence != theirs.evidence
    assert add_evidence(respondent=xaa, by=carol, details=details) == his
    answer = Answer(Status.IN_PROGRESS, measures="A bill.", citations=[(his, "art. 9")])
    assert save_answer(respondent=xaa, unit=unit("I.14"), base=1, answer=answer, by=carol).number == 2


def test_a_full_library_does_not_show_a_contributor_its_size(carol, alice, xaa, settings):
    settings.EVIDENCE_QUOTA = 1
    details = EvidenceDetails(title="Act", kind="law", language="en", upload=check_upload(upload("act.pdf", PDF)))
    refusals = {}
    for person in (alice, carol):
        with pytest.raises(ValidationError) as refused:
            add_evidence(respondent=xaa, by=person, details=details)
        refusals[person.name] = refused.value.messages[0]
    assert refusals["Alice"].startswith("This file is ")
    assert refusals["Carol"] == "There is not enough space for this file. Enter a link or a citation instead."
