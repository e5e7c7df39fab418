"""State XAA with a canary word in every field that takes words, and the people before whom it is looked for."""

import dataclasses
import datetime
import io

import pytest
from django.core.files import File
from django.utils import timezone

from recommendations.models import Recommendation, RecordedAction, TakenUp, Translation, slug_of
from tests.access import keep_note, note_verbale, requested_role
from tests.conftest import make_person
from tests.evidence_items import add_item
from tests.papers import taken_in
from tests.submissions import opened_round, submit_ready
from tests.suggestions import decline
from tests.workbooks import downloaded, filled, rows_in
from tools.addresses import WALKERS
from tracker.actions.assignment import assign
from tracker.actions.comment import write_comment
from tracker.actions.courtesy_translation import save_translations
from tracker.actions.draft import Tab, save_draft
from tracker.actions.export import request_export
from tracker.actions.institution import add_institution
from tracker.actions.invitation import send_invitation
from tracker.actions.proposal import add_proposal
from tracker.actions.questionnaire import add_questionnaire
from tracker.actions.reading_restriction import add_restriction
from tracker.actions.record import Answer, save_answer, save_note
from tracker.actions.status_report import report_status
from tracker.actions.tasks import write_export
from tracker.actions.transcription import add_request, transcribe
from tracker.actions.withdrawal import request_withdrawal
from tracker.actions.workbook import save_workbook
from tracker.documents.exchange.questionnaire_reader import SentBack, SentBackUnit
from tracker.documents.exchange.uploads import check_upload
from tracker.models import Assignment, Respondent, TreatyAct, User
from tracker.models.answer_fields import TEXTS
from tracker.models.draft import new_tab
from tracker.models.institution import InstitutionKind
from tracker.models.record import ReceivedDetails
from tracker.models.status import Status
from tracker.models.user import Role
from tracker.models.withdrawal import WithdrawalReason
from tracker.queries.difference import EVIDENCE

CANARY = "Quetzalcanary"
REPORTED = "Coatlcanary"  # in what is told to the curators, and to nobody else
HIDDEN = "Tlaloccanary"  # what a pending request hides from everybody


@pytest.fixture
def people(xaa, alice, charlie, bob, dana, erin):
    return walkers(xaa, alice, charlie, bob, dana, erin)


@pytest.fixture
def canary_state(xaa, alice, bob, erin):
    """With erin, who can confirm the removal that alice requests."""
    fill_with_canaries(xaa, alice, bob)
    return xaa


def walkers(xaa: Respondent, alice: User, charlie: User, bob: User, dana: User, erin: User) -> dict[str, User | None]:
    """By name, in the order of WALKERS; beside them ben, a reviewer who is barred from XAA, a fact of curators,
    a topic taken up, a text in another language, a treaty act, and a paper that is taken in."""
    add_restriction(user=make_person("ben", Role.REVIEWER), respondent=xaa, by=erin)
    carol, victor = make_person("carol", Role.CONTRIBUTOR, xaa), make_person("victor", Role.VIEWER, xaa)
    RecordedAction.objects.create(
        recommendation=_unit("I.3"), by="conference", what="A decision.", symbol="5/2", date=datetime.date(2026, 11, 24)
    )
    day = datetime.date(2020, 1, 1)
    Translation.objects.create(
        wording=_unit("V.43").current_wording, language="fr", text="Texte inventé.", source="INVENTED/1"
    )
    TakenUp.objects.create(topic=_unit("V.43"), at="An invented meeting", date=day, symbol="INVENTED/1")
    TreatyAct.objects.create(
        respondent=xaa, instrument="convention", act="accession", date=day, source="A source.", as_at=day
    )
    requested_role(victor, Role.CONTRIBUTOR, xaa, by=erin, **note_verbale())
    taken_in(dana)
    return dict(zip(WALKERS, (None, alice, carol, victor, charlie, bob, dana, erin), strict=True))


def fill_with_canaries(xaa: Respondent, alice: User, bob: User) -> None:
    """The canary in every field that takes words, in an answer, a note, evidence and a request. What XAA submitted is
    one answer without the canary, which cites evidence kept to the State with it.
    """
    law = add_item(
        xaa,
        alice,
        f"{CANARY} law",
        upload=check_upload(File(io.BytesIO(f"{CANARY} text".encode()), name=f"{CANARY}.txt")),
    )
    for label in ("IV.46(i)", "I.5(b)"):
        base = 0
        for text in (CANARY, f"{CANARY} again"):
            revision = save_answer(
                respondent=xaa,
                unit=_unit(label),
                base=base,
                answer=Answer(
                    status=Status.CONSIDERED_NOT_TAKEN_UP,
                    **dict.fromkeys(TEXTS, text),
                    assistance_kinds=["training"],
                    good_practice=True,
                    good_practice_shared=True,
                    target_date=datetime.date(2027, 6, 30),
                    citations=[(law, text)],
                ),
                by=alice,
                change_reason=text,
                received=ReceivedDetails(text, datetime.date(2026, 3, 3)),
            )
            base = revision.number
        save_note(respondent=xaa, unit=_unit(label), note=CANARY, by=alice)
        save_translations(revision=revision, language="fr", texts={"measures": f"{CANARY} translated"}, by=alice)
        typed = {"status": ["implemented"], "measures": [f"{CANARY} draft"]}
        save_draft(respondent=xaa, unit=_unit(label), tab=Tab(new_tab()), base=2, fields=typed, by=alice)
        offered = Answer(status=Status.IMPLEMENTED, measures=f"{CANARY} proposed", citations=[(law, f"{CANARY} page")])
        received = ReceivedDetails(f"{CANARY} court", datetime.date(2026, 3, 3))
        said = dataclasses.replace(offered, difficulties=f"{CANARY} declined")
        proposal = add_proposal(respondent=xaa, unit=_unit(label), base=2, answer=said, by=alice, received=received)
        decline(proposal, reason=f"{CANARY} reason", by=alice)
        if label == "IV.46(i)":  # on the other, one institution alone suggests something
            add_proposal(respondent=xaa, unit=_unit(label), base=2, answer=offered, by=alice, received=received)
        write_comment(respondent=xaa, unit=_unit(label), text=f"{CANARY} comment", after=0, by=alice)
        boxes = {"measures": f"{CANARY} proposed", EVIDENCE: f"{CANARY} gazette"}
        sent_back = SentBack(xaa.code, None, True, [SentBackUnit(slug_of(label), 2, boxes, set())])
        [_proposal] = add_questionnaire(respondent=xaa, sent_back=sent_back, received=received, by=alice).offered
    write_comment(respondent=xaa, unit=_unit("I.5(b)"), text=f"{HIDDEN} comment", after=1, by=alice)
    request_withdrawal(respondent=xaa, words=HIDDEN, files=[], reason=WithdrawalReason.NAME, by=alice)
    submitted_answer = Answer(status=Status.IMPLEMENTED, measures="An act.", ready=True, citations=[(law, CANARY)])
    save_answer(
        respondent=xaa,
        unit=_unit("I.13"),
        base=0,
        answer=submitted_answer,
        by=alice,
        change_reason=f"{CANARY} wanted it",
    )
    submit_ready(xaa, opened_round(bob, meetings=[1, 4]), alice)
    write_export.call(request_export(rounds=[], by=bob).pk)
    ministry = add_institution(respondent=xaa, name=f"{CANARY} ministry", kind=InstitutionKind.MINISTRY, by=alice)
    assign(respondent=xaa, units=[_unit("I.5(b)")], to=ministry, note=CANARY, by=alice)
    Assignment.everyones.update(return_reason=CANARY)
    content = filled(downloaded(xaa, alice, "I.14"), "I.14", status="Implemented", measures=CANARY)
    received = ReceivedDetails(CANARY, datetime.date(2026, 3, 3))
    rows = rows_in(content, xaa, alice)
    save_workbook(respondent=xaa, by=alice, downloaded_at=timezone.now(), rows=rows, received=received)
    send_invitation(respondent=xaa, email=f"{CANARY}@example.org", role=Role.VIEWER, institution=ministry, by=alice)
    keep_note(alice, b"Arandia appoints Alice.")
    paper, day = Answer(status=Status.IMPLEMENTED, measures="As on paper."), datetime.date(2026, 3, 3)
    rita = make_person("rita", Role.REVIEWER)  # another reviewer than who walks
    for reviewer, reference, words in ((bob, "Note verbale 12", "As on paper."), (rita, CANARY, CANARY)):
        request = add_request(
            respondent=xaa, reference=reference, requested_on=day, ends_on=timezone.localdate(), by=reviewer
        )
        said = dataclasses.replace(paper, measures=words)
        transcribe(request=request, unit=_unit("IV.46(i)"), answer=said, by=reviewer)
    report_status(respondent=xaa, wrong=f"{REPORTED} wrong", right=REPORTED, reference=REPORTED, by=alice)


def _unit(label: str) -> Recommendation:
    return Recommendation.objects.with_text().get(label=label)
