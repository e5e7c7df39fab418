"""What a generated world lacks, made through the forms of the site so that every page has something to show."""

import datetime
import io
import itertools
import json
import re
import zipfile
from urllib.parse import urlencode

import typst
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from recommendations.models import Body, PaperImport
from tools.bench.browser import FIRST, UserSessions
from tools.bench.rows import MissingRows, PageRequest, Rows
from tracker.demo.people import PASSWORD
from tracker.disclosure import readers_of
from tracker.models import Record, Revision, Submission, User
from tracker.models.remark import RemarkKind
from tracker.models.submission import SubmissionStage
from tracker.permissions import focal_points_of

ANSWER = {"status": "implemented", "measures": "A law was adopted.", "ready": "on"}
EVIDENCE = {"title": "Law on Trafficking in Persons", "kind": FIRST, "disclosure": FIRST}
STATEMENTS = {"names_no_victim": "on", "in_aggregates": "on"}
MEETING = "IX. Ninth meeting, Vienna, 9 to 11 September 2019"
REPORT_DETAILS = {
    "paper_symbol": "CTOC/COP/WG.4/2019/6",
    "paper_kind": "report",
    "paper_title": "Report on the ninth meeting",
    "paper_date": "7 October 2019",
    "headings": MEETING,
}
PAGES = 80  # of a report
WORDS_ON_A_PAGE = 450
TOPICS = [chr(letter) for letter in range(ord("A"), ord("U"))]


class WorldForms:
    def __init__(self, sessions: UserSessions, rows: Rows):
        self.sessions, self.rows, self.state, self.focal_point = sessions, rows, rows.state, rows.focal_point

    def prepare(self) -> None:
        self.focal_point.set_password(PASSWORD)
        self.focal_point.save()
        self._prepare_state()
        self._return_workbook()
        self._prepare_secretariat()
        self._read_submission()

    def requests(self) -> list[PageRequest]:
        by, code, slug = self.focal_point, self.state.code, self.rows.unit.slug
        upload = SimpleUploadedFile("law.txt", b"Law on Trafficking in Persons, as amended.\n" * 1000)
        answer = self._fill_in(by, "record", code, slug, measures="Another law.")
        forms = {
            "save an answer": answer,
            "save a draft": answer._replace(url=reverse("draft", args=[code, slug])),
            "save an answer and a note": self._fill_in(by, "record", code, slug, note="Ask.", measures="A new law."),
            "write a comment": self._fill_in(by, "comment_list", code, slug, text="Who knows?"),
            "mark answers ready": self._mark_ready(),
            "upload evidence": self._fill_in(by, "evidence_add", code, **EVIDENCE, upload=upload),
            "submit": self._fill_in(by, "check", code, self.rows.round.code, **STATEMENTS),
            "reply to a clarification": self._reply(),
            "import a document of 80 pages": self._import_document(),
            "sign in": self._fill_in(None, "account_login", login=by.email, password=PASSWORD),
        }
        return [form._replace(name=name) for name, form in forms.items()]

    def _import_document(self) -> PageRequest:
        upload = SimpleUploadedFile("report.pdf", report_pdf())
        return self._fill_in(self.rows.users["curator"], "paper_import_add", upload=upload)

    def _mark_ready(self) -> PageRequest:
        answers = Record.everyones.filter(respondent=self.state, current__ready=False)
        query = urlencode(
            {"mark_ready": "yes", "unit": answers.values_list("recommendation__slug", flat=True)}, doseq=True
        )
        page = _page(self.focal_point, "bulk", self.state.code)
        return self.sessions.fill_in(page._replace(url=f"{page.url}?{query}"), act="change")

    def _reply(self) -> PageRequest:
        page = Rows().request("submission_questions")
        field = page and re.search(r'name="([^"]+-text)"', self.sessions.read(page).decode())
        if not page or not field:
            raise MissingRows("No request for clarification is open.")
        return self.sessions.fill_in(page, **{field[1]: "Article 3.", "names_no_victim": "on"})

    def _prepare_state(self) -> None:
        code, unit, by = self.state.code, self.rows.unit, self.focal_point
        self._send(by, "record", code, unit.slug, **ANSWER)
        self._send(by, "institution_list", code, name="Ministry of Labour")
        self._send(by, "assignment_add", code, to=FIRST, unit=unit.slug)
        self._send(by, "invitation_add", code, email="invited@state.example", role=FIRST)
        self._send(by, "comment_list", code, unit.slug, text="Which year is this?")
        self._send(by, "withdrawal_request", code, words="Which year", reason=FIRST, ask="")
        self._send(by, "status_report_add", code, wrong="The date.", right="1 May 2004")

    def _return_workbook(self) -> None:
        answers = Revision.everyones.filter(record__respondent=self.state, record__current=F("pk"))
        institution = answers.latest("lead_institution").lead_institution
        workbook = self.sessions.read(_page(self.focal_point, "workbook_xlsx", self.state.code))
        upload = SimpleUploadedFile("answers.xlsx", _change_cells(workbook, institution))
        self._send(self.focal_point, "returned_file", self.state.code, upload=upload)

    def _prepare_secretariat(self) -> None:
        curator, reviewer, today = self.rows.users["curator"], self.rows.reviewer, timezone.localdate()
        self._send(curator, "paper_import_add", pasted="\n\n".join(report_paragraphs()))
        draft, body = PaperImport.objects.latest("pk"), Body.objects.get(is_first=True)
        self._send(curator, "paper_import_details", draft.pk, body=body.pk, **REPORT_DETAILS)
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
        round_ = self.rows.round
        record = Record.everyones.exclude(current=None).exclude(respondent__submissions__round=round_).earliest("pk")
        state, [by, *_others] = record.respondent, focal_points_of(record.respondent)
        self._send(by, "record", state.code, record.recommendation.slug, **ANSWER)
        self._send(by, "check", state.code, round_.code, **STATEMENTS)
        submission = Submission.everyones.filter(participation__state=SubmissionStage.SUBMITTED).latest("pk")
        item = submission.items(manager="everyones").exclude(revision=None)[0]
        reviewer, place = readers_of(state)[0], [state.code, round_.code, submission.number]
        self._send_form(_page(reviewer, "review_take", *place)._replace(data={}))
        question = {"kind": RemarkKind.CLARIFICATION, "question": "Which article?"}
        self._send_form(_page(reviewer, "review_remark", *place, item.unit.slug)._replace(data=question))

    def _send(self, by: User | None, url_name: str, /, *arguments, **values) -> None:
        self._send_form(self._fill_in(by, url_name, *arguments, **values))

    def _fill_in(self, by: User | None, url_name: str, /, *arguments, **values) -> PageRequest:
        return self.sessions.fill_in(_page(by, url_name, *arguments), **values)

    def _send_form(self, form: PageRequest) -> None:
        with TestCase.captureOnCommitCallbacks(execute=True):
            self.sessions.send(form)


def _page(by: User | None, url_name: str, *arguments) -> PageRequest:
    return PageRequest(url_name, by, reverse(url_name, args=arguments))


def _change_cells(workbook: bytes, text: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as before, zipfile.ZipFile(file, "w") as after:
        for name in before.namelist():
            after.writestr(name, before.read(name).replace(f"{text}</t>".encode(), f"{text}.</t>".encode()))
    return file.getvalue()


def report_paragraphs() -> list[str]:
    """Return the paragraphs of a report of 80 pages, with 380 recommendations in 20 topics."""
    number = itertools.count(1)
    paragraphs = ["Report on the ninth meeting", "I. Introduction", f"{next(number)}. The meeting was held in Vienna."]
    paragraphs.append("II. Recommendations adopted by the Working Group")
    for topic in TOPICS:
        paragraphs.append(f"{topic}. Identification of victims in sector {topic}")
        paragraphs += [
            f"{next(number)}. States parties should train labour inspectors in sector {topic}, in particular the "
            f"inspectors of undertakings of kind {kind}, to identify victims of trafficking in persons."
            for kind in range(12)
        ]
        paragraphs.append(f"{next(number)}. The Secretariat is requested:")
        paragraphs += [
            f"({letter}) To compile good practices of kind {letter} in sector {topic};" for letter in "abcdef"
        ]
    paragraphs.append("III. Summary of deliberations")
    missing = PAGES * WORDS_ON_A_PAGE - sum(len(paragraph.split()) for paragraph in paragraphs)
    told = "Several speakers described the measures that their Governments had taken, and the results of the measures."
    return paragraphs + [f"{next(number)}. {told} {told}" for _paragraph in range(missing // (2 * len(told.split())))]


def report_pdf() -> bytes:
    page = "#set page(width: 210mm, height: 297mm, footer: context counter(page).display())"
    paragraphs = [f"#par[#{json.dumps(paragraph)}]" for paragraph in report_paragraphs()]
    return typst.compile("\n\n".join([page, "#set text(size: 10.5pt)", *paragraphs]).encode())
