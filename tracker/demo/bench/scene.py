"""What a generated world lacks, made through the forms of the site so that every page has something to show."""

import datetime
import io
import zipfile

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from recommendations.models import Body
from tracker.demo.bench.browser import FIRST, Clients
from tracker.demo.bench.visits import Subjects, Visit
from tracker.demo.sample import PASSWORD
from tracker.disclosure import readers_of
from tracker.models import Record, Revision, Submission, User
from tracker.models.remark import RemarkKind
from tracker.models.submission import SubmissionStage
from tracker.permissions import focal_points_of

ANSWER = {"status": "implemented", "measures": "A law was adopted.", "ready": "on"}
EVIDENCE = {"title": "Law on Trafficking in Persons", "kind": FIRST, "disclosure": FIRST}
STATEMENTS = {"names_no_victim": "on", "gaps_confirmed": "on"}
PAPER = """IX. Ninth meeting, Vienna, 9 to 11 September 2019

1. States parties should:
 (a) Criminalize trafficking in persons;
 (b) Consider establishing a fund for victims.
2. The Secretariat should compile good practices.
"""


class Scene:
    """Forms that the users of a world send."""

    def __init__(self, clients: Clients, subjects: Subjects):
        self.clients, self.subjects = clients, subjects
        self.state, self.focal_point = subjects.state, subjects.focal_point

    def prepare(self) -> None:
        """Send one form of each kind whose result a page shows."""
        self.focal_point.set_password(PASSWORD)
        self.focal_point.save()
        self._prepare_state()
        self._return_workbook()
        self._prepare_secretariat()
        self._read_submission()

    def forms(self) -> list[Visit]:
        """Return the forms whose sending is measured."""
        by, place = self.focal_point, self.state.code
        content = b"Law on Trafficking in Persons, as amended.\n" * 1000
        return [
            self._filled("save an answer", by, "record", place, self.subjects.unit.slug, measures="Another law."),
            self._filled(
                "upload evidence", by, "evidence_add", place, **EVIDENCE, upload=SimpleUploadedFile("law.txt", content)
            ),
            self._filled("submit", by, "check", place, self.subjects.round.code, **STATEMENTS),
            self._filled("sign in", None, "account_login", login=by.email, password=PASSWORD),
        ]

    def _prepare_state(self) -> None:
        code, unit, by = self.state.code, self.subjects.unit, self.focal_point
        self._send(by, "record", code, unit.slug, **ANSWER)
        self._send(by, "institution_list", code, name="Ministry of Labour")
        self._send(by, "assignment_add", code, to=FIRST, unit=unit.slug, act="")
        self._send(by, "invitation_add", code, email="invited@state.example", role=FIRST)
        self._send(by, "comment_list", code, unit.slug, text="Which year is this?")
        self._send(by, "withdrawal_request", code, words="the", reason=FIRST, ask="")
        self._send(by, "status_report_add", code, wrong="The date.", right="1 May 2004")

    def _return_workbook(self) -> None:
        """Upload the workbook with another lead institution in some rows."""
        answers = Revision.everyones.filter(record__respondent=self.state, record__current=F("pk"))
        institution = answers.latest("lead_institution").lead_institution
        workbook = self.clients.read(_page(self.focal_point, "workbook_xlsx", self.state.code))
        upload = SimpleUploadedFile("answers.xlsx", _with_full_stop(workbook, institution))
        self._send(self.focal_point, "workbook", self.state.code, workbook=upload)

    def _prepare_secretariat(self) -> None:
        reviewer, today = self.subjects.reviewer, timezone.localdate()
        self._send(
            self.subjects.curator,
            "paper_import_add",
            pasted=PAPER,
            body=Body.objects.get(is_first=True).pk,
            paper_title="Recommendations of the ninth meeting",
            paper_date="7 October 2019",
        )
        self._send(
            reviewer,
            "transcription_add",
            respondent=self.state.code,
            reference="Note verbale 12",
            requested_on=today - datetime.timedelta(days=3),
            ends_on=today + datetime.timedelta(days=30),
        )
        self._send(reviewer, "answers")

    def _read_submission(self) -> None:
        """Submit for another State; take the submission, and write a request for clarification that is not sent yet."""
        round_ = self.subjects.round
        record = Record.everyones.exclude(current=None).exclude(respondent__submissions__round=round_).earliest("pk")
        state, [by, *_others] = record.respondent, focal_points_of(record.respondent)
        self._send(by, "record", state.code, record.recommendation.slug, **ANSWER)
        self._send(by, "check", state.code, round_.code, **STATEMENTS)
        submission = Submission.everyones.filter(standing__state=SubmissionStage.SUBMITTED).latest("pk")
        item = submission.items(manager="everyones").exclude(revision=None)[0]
        reviewer, place = readers_of(state)[0], [state.code, round_.code, submission.number]
        self._post(_page(reviewer, "review_take", *place)._replace(data={}))
        question = {"kind": RemarkKind.CLARIFICATION, "question": "Which article?"}
        self._post(_page(reviewer, "review_remark", *place, item.unit.slug)._replace(data=question))

    def _send(self, by: User | None, url_name: str, /, *arguments, **values) -> None:
        self._post(self.clients.fill_in(_page(by, url_name, *arguments), **values))

    def _post(self, form: Visit) -> None:
        with TestCase.captureOnCommitCallbacks(execute=True):
            self.clients.request(form)

    def _filled(self, title: str, by: User | None, url_name: str, /, *arguments, **values) -> Visit:
        return self.clients.fill_in(_page(by, url_name, *arguments), **values)._replace(name=title)


def _page(by: User | None, url_name: str, *arguments) -> Visit:
    return Visit(url_name, by, reverse(url_name, args=arguments))


def _with_full_stop(workbook: bytes, text: str) -> bytes:
    """Add a full stop to every cell that ends with a text."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as before, zipfile.ZipFile(file, "w") as after:
        for name in before.namelist():
            after.writestr(name, before.read(name).replace(f"{text}</t>".encode(), f"{text}.</t>".encode()))
    return file.getvalue()
