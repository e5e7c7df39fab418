"""How fast the pages and files are that people wait for, measured on whatever the database holds."""

import statistics
import time
from collections.abc import Collection, Iterator
from math import ceil
from typing import NamedTuple

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse

from recommendations.models import Family
from tracker.disclosure import readers_of
from tracker.documents.report.files import FILE_KINDS
from tracker.models import Evidence, Record, Round, Submission, User
from tracker.models.round import RoundStage
from tracker.models.submission import SubmissionStage
from tracker.permissions import focal_points_of
from tracker.views.report import WHOLE
from tracker.web.garbage_collection import spare_what_is_loaded


class NothingToMeasure(Exception):
    """The database lacks what the pages show."""


class Page(NamedTuple):
    """A page or a file, and who asks for it; nobody where everybody may."""

    name: str
    by: User | None
    url: str


class Measured(NamedTuple):
    """`queries` of one answer, `bytes` as they travel, compressed where pages are; times in milliseconds."""

    name: str
    queries: int
    median_ms: float
    p95_ms: float
    bytes: int


def measure(times: int, parts: Collection[str] = ()) -> Iterator[Measured]:
    """Each page, or those whose name has one of the parts, asked for so many times after a first time. The database is
    left as it was found. Raises NothingToMeasure.
    """
    with as_served(), transaction.atomic():
        wanted = pages()
        spare_what_is_loaded()  # as in a process that serves
        for page in wanted:
            if parts and not any(part in page.name for part in parts):
                continue
            yield _measured(page, _signed_in(page.by), times)
        transaction.set_rollback(True)


def as_served() -> override_settings:
    """Without DEBUG, with which every query is kept, and whether or not the static files have been collected."""
    static = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    return override_settings(DEBUG=False, ALLOWED_HOSTS=["*"], STORAGES={**settings.STORAGES, "staticfiles": static})


def pages() -> list[Page]:
    """Those of the State that handed in the fullest submission, those of who reads it, and those of everybody."""
    submission = _fullest_submission()
    state, round_ = submission.respondent, Round.objects.filter(state=RoundStage.OPEN).first() or submission.round
    focal_points, readers = focal_points_of(state), readers_of(state)
    answers = Record.everyones.filter(respondent=state, current__isnull=False)
    record = _longest(answers.exclude(recommendation__primary_theme=None), "revisions")
    piece = _longest(Evidence.everyones.filter(respondent=state), "versions")
    family = _longest(Family.objects.all(), "members")
    if not (focal_points and readers and record and piece and family):
        raise NothingToMeasure
    unit = record.recommendation
    of_state, of_unit = [state.code], [state.code, unit.slug]
    of_submission = [state.code, submission.round.code, submission.number]
    by_state: list[tuple[str, str, list]] = [
        ("desk", "respondent_desk", of_state),
        ("task list", "record_list", of_state),
        ("answer", "record", of_unit),
        ("history of an answer", "record_history", of_unit),
        ("evidence list", "evidence_list", of_state),
        ("evidence", "evidence", [state.code, piece.number]),
        ("questionnaire", "questionnaire", of_state),
        ("questionnaire docx", "questionnaire_docx", of_state),
        ("offline workbook", "workbook", of_state),
        ("offline workbook xlsx", "workbook_xlsx", of_state),
        ("assignments", "assignment_list", of_state),
        ("institutions", "institution_list", of_state),
        ("handover pack", "handover", of_state),
        ("handover pack pdf", "handover_pdf", of_state),
        ("answers by provision", "provision_list", of_state),
        ("check before handing in", "check", [state.code, round_.code]),
        ("submissions", "submission_list", of_state),
        ("submission", "submission", of_submission),
        ("items of a submission", "submission_items", of_submission),
        ("changes in a submission", "submission_changes", of_submission),
        ("receipt pdf", "receipt_pdf", of_submission),
        ("submission json", "submission_json", of_submission),
        ("needs for assistance", "assistance", of_state),
        ("practices of others", "practice_list", []),
        ("practices of others on a unit", "practice_unit", [unit.slug]),
        ("audit trail", "event_list", of_state),
        ("report", "report", of_state),
        *((f"report {kind}", f"report_{kind}", of_state) for kind in FILE_KINDS),
        *((f"report of a submission {kind}", f"submission_report_{kind}", of_submission) for kind in FILE_KINDS),
    ]
    by_secretariat: list[tuple[str, str, list]] = [
        ("review queue", "review_queue", []),
        ("reading of a submission", "review", of_submission),
        ("rounds", "round_list", []),
        ("round", "round", [round_.code]),
        ("catalogue", "recommendations:list", []),
        ("exports", "export_list", []),
    ]
    of_round: list[tuple[str, str, list]] = [
        ("progress", "progress", []),
        ("progress of a theme", "progress_theme", [unit.primary_theme.slug]),
        ("progress of a family", "progress_family", [family.slug]),
        ("progress of a recommendation", "progress_recommendation", [unit.slug]),
        ("progress: gaps", "progress_gaps", []),
        ("progress: regions and themes", "progress_regions", []),
        ("progress: States in numbers", "progress_states", []),
        ("progress: changes", "progress_changes", []),
        ("progress: all rounds", "progress_rounds", []),
        ("progress: assistance", "progress_assistance", []),
        ("progress: practices", "progress_practices", []),
        ("progress: answers", "answers", []),
        ("progress report", "progress_paper", []),
        ("progress report docx", "progress_paper_docx", []),
        ("progress report pdf", "progress_paper_pdf", []),
        ("progress figures csv", "progress_csv", []),
        ("progress figures xlsx", "progress_xlsx", []),
        ("progress assistance csv", "progress_assistance_csv", []),
        ("progress assistance xlsx", "progress_assistance_xlsx", []),
    ]
    most = Round.objects.annotate(handed_in=Count("submissions")).latest("handed_in", "opens_on")
    return [
        *(Page(name, focal_points[0], reverse(url, args=args)) for name, url, args in by_state),
        *(
            Page(name, focal_points[0], reverse("report", args=of_state, query={"show": show}))
            for name, show in (("report: its longest theme", "4"), ("report: all on one page", WHOLE))
        ),
        *(Page(name, readers[0], reverse(url, args=args)) for name, url, args in by_secretariat),
        *(Page(name, readers[0], reverse(url, args=args, query={"round": most.code})) for name, url, args in of_round),
        *(Page(name, None, reverse(url, args=args)) for name, url, args in _of_everybody()),
    ]


def _of_everybody() -> list[tuple[str, str, list]]:
    published = Submission.objects.published().select_related("respondent", "round").order_by("pk").last()
    if published is None:
        return []
    place = [published.respondent.code, published.round.code, published.number]
    return [
        ("front page", "home", []),
        ("published submissions", "published_list", []),
        ("published submission", "published", place),
        ("published submission csv", "published_csv", place),
        ("published submission json", "published_json", place),
    ]


def _fullest_submission() -> Submission:
    """Of those that stand; a later one before an earlier one that is as full."""
    standing = Submission.everyones.exclude(standing__state=SubmissionStage.WITHDRAWN).order_by("pk")
    answered = [(counts["answered"], pk) for pk, counts in standing.values_list("pk", "counts")]
    if not answered:
        raise NothingToMeasure
    return Submission.everyones.select_related("respondent", "round").get(pk=max(answered)[1])


def _longest(rows, counted: str):
    return rows.annotate(length=Count(counted)).order_by("-length", "pk").first()


def _signed_in(user: User | None) -> Client:
    client = Client(headers={"accept-encoding": "gzip"})
    if user is None:
        return client
    if user.is_secretariat and not is_mfa_enabled(user, [Authenticator.Type.TOTP]):
        TOTP.activate(user, generate_totp_secret())
    client.force_login(user)
    return client


def _measured(page: Page, client: Client, times: int) -> Measured:
    with CaptureQueriesContext(connection) as captured:
        size, _took = _ask(client, page)
    # Now: the next request begins a new log. Savepoints are of the transaction in which this is measured.
    queries = sum(not query["sql"].startswith(("SAVEPOINT", "RELEASE")) for query in captured)
    took = [_ask(client, page)[1] for _time in range(times)]
    return Measured(
        page.name,
        queries,
        round(statistics.median(took), 1),
        round(sorted(took)[ceil(0.95 * times) - 1], 1),
        size,
    )


def _ask(client: Client, page: Page) -> tuple[int, float]:
    """The size of what is answered, and the milliseconds until the last of it was there."""
    begun = time.perf_counter()
    response = client.get(page.url, secure=True)
    size = len(b"".join(response) if response.streaming else response.content)
    took = (time.perf_counter() - begun) * 1000
    if response.status_code != 200:
        raise NothingToMeasure(f"{page.name}: {page.url} answers {response.status_code}")
    return size, took
