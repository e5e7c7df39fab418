"""Every URL, as everyone, GET and POST: who may in, who is refused, and that nobody reads another State's word.

An address that is not in the table of tools/addresses.py fails the walk. A canary word stands in every field of State
XAA; whatever a person from elsewhere is answered, it is not in it.
"""

import io
import subprocess
import zipfile
from collections.abc import Callable, Collection

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from recommendations.models import Family, ImportedParagraph, Paper, PaperImport, Provenance, Recommendation, Theme
from tests.canaries import CANARY, HIDDEN, REPORTED, WALKERS, fill_with_canaries, walkers
from tests.conftest import arandia, belmara, make_person, with_second_factor
from tests.labels import bare_labels, text_of
from tests.pages import client_of
from tests.submissions import release_of_few
from tests.thorough import IS_WHOLE, in_turn
from tools.addresses import BRIEF_FILES, REPORT_FILES, URLS, Expected
from tracker.models import (
    AccessChange,
    Assignment,
    Draft,
    Evidence,
    Export,
    HeldUpload,
    Institution,
    Invitation,
    Membership,
    Proposal,
    Record,
    Respondent,
    Revision,
    Round,
    StatusReport,
    TranscriptionRequest,
    TreatyAct,
    User,
    Withdrawal,
)
from tracker.models.state_owned import StateOwned
from tracker.models.user import Role
from tracker.web.limits import VIEWS

pytestmark = pytest.mark.django_db


DECIDE = {"decision": "refuse"}
POSTED = {"withdrawal": DECIDE, "withdrawal_decide": DECIDE, "status_report_answer": {"decline": "yes"}}

# The focal point gets all of these files; by default the others of the State, who get the same, a part of them.
SHORT = {
    **dict.fromkeys((*REPORT_FILES, *(f"submission_{name}" for name in REPORT_FILES)), "?part=gaps"),
}

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}


def app_of(model_name: str) -> str:
    return "tracker" if model_name in (*OF_ADMINISTRATORS, "respondent") else "recommendations"


def named_patterns(patterns, namespace: str = "", prefix: str = ""):
    """(name, pattern) of every URL of the site."""
    for entry in patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from named_patterns(entry.url_patterns, inner, prefix + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name}", prefix + str(entry.pattern)


@pytest.fixture(scope="module")
def site(for_the_module):
    """State XAA with its canaries, State XBB, and the people of the walk: made once, and each test leaves them so."""
    xaa, xbb = arandia(), belmara()
    alice, charlie = make_person("alice", Role.FOCAL_POINT, xaa), make_person("charlie", Role.FOCAL_POINT, xbb)
    secretariat = {"bob": Role.REVIEWER, "dana": Role.CURATOR, "erin": Role.ADMINISTRATOR}
    bob, dana, erin = (with_second_factor(make_person(name, role)) for name, role in secretariat.items())
    people = walkers(xaa, alice, charlie, bob, dana, erin)
    fill_with_canaries(xaa, alice, bob)
    release_of_few(Round.objects.get(), bob)
    return xaa, xbb, people


@pytest.fixture
def canary_state(site) -> Respondent:
    return site[0]


@pytest.fixture
def xaa(site) -> Respondent:
    return site[0]


@pytest.fixture
def xbb(site) -> Respondent:
    return site[1]


@pytest.fixture
def people(site) -> dict[str, User | None]:
    return site[2]


@pytest.fixture(scope="module")
def adopted(site) -> list[str]:
    """Items with their labels, as adopted, and the sources and notes of curators, the longest first."""
    items = Recommendation.objects.with_text().filter(parent__kind="chapeau")
    written = [f"{item.label} {item.text}" for item in items]
    for model, field in ((Theme, "basis"), (Family, "note"), (Provenance, "source")):
        written += model.objects.values_list(field, flat=True)
    return sorted(filter(None, written), key=len, reverse=True)


# The terms of use and the search have examples, and the file of the catalogue columns between; of what was submitted
# the files are as those of the current answers.
HAS_LABELS_ALONE = {
    *("data", "search", "recommendations:csv", "recommendations:xlsx"),
    *(f"submission_{name}" for name in REPORT_FILES),
}
SEARCHED = {"recommendations:list", "record_list", "evidence_list", "report"}  # pages with a search or a filter
ADMIN_SITE = {
    f"admin:{name}"
    for name in ("index", "login", "logout", "password_change", "password_change_done", "autocomplete", "jsi18n")
} | {"admin:view_on_site", "admin:app_list"}
OF_ADMINISTRATORS = ("user", "membership", "accesschange", "readingrestriction")
OF_CURATORS = (
    *("body", "meeting", "theme", "family", "lineage", "provision", "recordedaction", "takenup", "synonym"),
    *("provenance", "currency", "paper", "translation", "addressee", "footnote", "wording", "recommendation"),
)
ADMIN_OF = {
    **dict.fromkeys(OF_ADMINISTRATORS, ("administrator",)),
    "respondent": ("curator", "administrator"),
    **dict.fromkeys(OF_CURATORS, ("curator",)),
}
NEVER_DELETED = {*OF_ADMINISTRATORS, "respondent", "recommendation", "wording", "footnote"}
ADMIN_PAGES = ("changelist", "add", "history", "delete", "change")
CURATORS_OWN = {
    f"admin:recommendations_recommendation_{page}"
    for page in ("wording", "standing", "structure", "import", "process_import", "export")
} | {f"admin:recommendations_translation_{page}" for page in ("import", "process_import", "export")}
ADMIN = (
    ADMIN_SITE | {f"admin:{app_of(model)}_{model}_{page}" for model in ADMIN_OF for page in ADMIN_PAGES} | CURATORS_OWN
)


KEYS: dict[str, Callable[[], int]] = {
    "MEMBERSHIP": lambda: Membership.objects.exclude(document="").get().pk,
    "ACCESS": lambda: AccessChange.objects.get().pk,
    "INVITATION": lambda: Invitation.everyones.get().pk,
    "WITHDRAWAL": lambda: Withdrawal.everyones.get().pk,
    "EXPORT": lambda: Export.objects.get().pk,
    "ASSIGNMENT": lambda: Assignment.everyones.earliest("pk").pk,
    "ASSIGNEE": lambda: Assignment.everyones.earliest("pk").assignee_key,
    "INSTITUTION": lambda: Institution.everyones.earliest("pk").pk,
    "CONTRIBUTOR": lambda: Membership.objects.get(role=Role.CONTRIBUTOR).pk,
    "WORKBOOK": lambda: HeldUpload.everyones.get(downloaded_at__isnull=False).pk,
    "STATUS_REPORT": lambda: StatusReport.everyones.get().pk,
    "TREATY_ACT": lambda: TreatyAct.objects.get().pk,
    "PAPER": lambda: Paper.objects.earliest("pk").pk,
    "IMPORT": lambda: PaperImport.objects.get().pk,
    "IMPORT_TEXT": lambda: ImportedParagraph.objects.earliest("pk").pk,
    "TRANSCRIPTION": lambda: TranscriptionRequest.everyones.earliest("pk").pk,
    "DRAFT": lambda: Draft.everyones.earliest("pk").pk,
    "PROPOSAL": lambda: Proposal.everyones.earliest("pk").pk,
}


def address(name: str, **changed) -> str:
    """Of a URL in the table, with the keys that its things have in the database; `changed`: other parts of it."""
    kwargs = {key: KEYS[value]() if value in KEYS else value for key, value in URLS[name][0].items()}
    return reverse(name, kwargs=kwargs | changed)


def words_of(response) -> str:
    """Everything that an answer says, the cells of a workbook and the pages of a PDF included."""
    content = b"".join(response)
    if response.streaming:
        response.streaming_content = [content]  # for who reads it again
    if content.startswith(b"%PDF-"):
        content = subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True).stdout
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"\n".join(archive.read(name) for name in archive.namelist())
    return content.decode(errors="replace") + str(response.headers)


NO_FILES = {"session_end"}  # JSON for a script of the page


def is_file(response) -> bool:
    return "Content-Disposition" in response or not response.get("Content-Type", "text/").startswith("text/")


def left_to_get(expected: Expected, people: dict, place: int) -> set[str]:
    """Who does not post by default: what takes no POST from one who is signed in takes none from the others."""
    refused = [walker for walker, code in zip(people, expected.post.split(), strict=True) if code == "405"]
    return set(refused) - set(in_turn(refused, place)) if refused else set()


def code_of(responses: dict[str, HttpResponse], method: str) -> str:
    return str(responses[method].status_code) if method in responses else "405"


def answers(
    person, url: str, data: dict | None = None, methods: Collection[str] = ("get", "post")
) -> dict[str, HttpResponse]:
    """Responses to a GET and to a POST; nothing of XAA's words in them unless they are this person's to read."""
    responses = {}
    for method in methods:
        sent = data if method == "post" else None
        response = responses[method] = getattr(client_of(person), method)(url, sent)
        assert {name: response[name] for name in HEADERS} == HEADERS
        words = words_of(response)
        assert HIDDEN not in words
        if person is None or "XAA" not in [respondent.code for respondent in person.respondents]:
            assert CANARY not in words
            assert REPORTED not in words or (person and person.has_role(Role.CURATOR))
    return responses


def codes_of(person, url: str) -> dict[str, int]:
    return {method: response.status_code for method, response in answers(person, url).items()}


def test_every_url_is_in_the_walk():
    site = {name for name, _pattern in named_patterns(get_resolver().url_patterns)}
    assert {name for name in site if not name.startswith("admin:")} == URLS.keys()
    assert {name for name in site if name.startswith("admin:")} == ADMIN | {"admin:None"}


@pytest.mark.parametrize("name", URLS)
def test_who_may(name, people, canary_state, adopted):
    """On no page and in no file does a label stand without its title, but where curators or adopted texts name it.
    A user gets files within a limit.
    """
    url, (_kwargs, expected) = address(name), URLS[name]
    short = {} if IS_WHOLE else dict.fromkeys(("contributor", "viewer"), SHORT.get(name, ""))
    without_post = left_to_get(expected, people, list(URLS).index(name))
    got = {
        walker: answers(
            person,
            url + short.get(walker, ""),
            POSTED.get(name),
            methods=("get",) if walker in without_post else ("get", "post"),
        )
        for walker, person in people.items()
    }
    codes = (" ".join(code_of(both, method) for both in got.values()) for method in ("get", "post"))
    assert Expected(*codes) == expected
    is_limited = name in VIEWS or name in NO_FILES
    assert is_limited or not any(is_file(response) for both in got.values() for response in both.values())
    readers = [walker for walker in ("focal point", *WALKERS) if got[walker]["get"].status_code == 200]
    if readers and name not in HAS_LABELS_ALONE:
        text = text_of(got[readers[0]]["get"])
        for words in adopted:
            text = text.replace(words, "")
        assert bare_labels(text) == []


@pytest.mark.parametrize("model_name", ADMIN_OF)
def test_who_may_in_the_admin(model_name, people, canary_state):
    """The catalogue is the curators', people the administrators'; nobody deletes; no page holds a State's words."""
    model = apps.get_model(app_of(model_name), model_name)
    pk = model._default_manager.order_by("pk").first().pk
    for place, (walker, person) in enumerate(people.items(), start=list(ADMIN_OF).index(model_name)):
        for page in ADMIN_PAGES if walker in ADMIN_OF[model_name] else in_turn(ADMIN_PAGES, place):
            arguments = [] if page in {"changelist", "add"} else [pk]
            codes = codes_of(person, reverse(f"admin:{app_of(model_name)}_{model_name}_{page}", args=arguments))
            if walker not in ADMIN_OF[model_name]:
                assert set(codes.values()) <= {302, 403}
            elif page in {"changelist", "change"}:
                assert codes["get"] == 200
            elif page == "delete" and model_name in NEVER_DELETED:
                assert codes["get"] == 403


@pytest.mark.parametrize("name", sorted(CURATORS_OWN))
def test_only_curators_import_export_and_change_texts(name, people, canary_state):
    is_of_a_text = name.endswith(("wording", "standing", "structure"))
    url = reverse(name, args=[Recommendation.objects.get(label="IV.46(i)").pk] if is_of_a_text else [])
    for walker, person in people.items():
        codes = codes_of(person, url)
        if walker == "curator":
            assert codes["get"] == (405 if name.endswith("process_import") else 200)
        else:
            assert set(codes.values()) <= {302, 403, 405}


@pytest.mark.parametrize("name", sorted(ADMIN_SITE - {"admin:view_on_site", "admin:app_list"}))
def test_only_curators_and_administrators_enter_the_admin_site(name, people, canary_state):
    for walker, person in people.items():
        codes = codes_of(person, reverse(name))
        if walker not in {"curator", "administrator"}:
            assert set(codes.values()) <= {302, 403}


def test_no_word_of_a_state_is_found_by_another(people, canary_state, xbb):
    """By search, filter or guess: in the public record, another State's lists, and the admin."""
    charlie, dana = client_of(people["stranger"]), client_of(people["curator"])
    urls = (
        "recommendations:list",
        "record_list",
        "evidence_list",
        "report",
        *REPORT_FILES,
        *BRIEF_FILES,
        "workbook_xlsx",
        "handover",
        "handover_pdf",
        "provision_list",
        "provisions_csv",
        "provisions_docx",
    )
    searches = ({"q": CANARY}, {"text": CANARY}, {"status": "considered_not_taken_up"}, {"evidence": "with"})
    for place, url in enumerate(urls):
        kwargs = {} if url == "recommendations:list" else {"code": "XBB"}
        for parameters in searches if url in SEARCHED else in_turn(searches, place):
            response = charlie.get(reverse(url, kwargs=kwargs), {"show": "all", "open": "all", **parameters})
            assert response.status_code == 200 or (url == "workbook_xlsx" and response.status_code == 302)  # of no unit
            said = words_of(response).replace(f"value=&quot;{CANARY}&quot;", "")
            assert f"{CANARY} again" not in said
            assert f"{CANARY} law" not in said
    for model_name in ("recommendation", "respondent"):
        url = reverse(f"admin:{app_of(model_name)}_{model_name}_changelist")
        assert dana.get(url, {"q": "IV.46"}).status_code == 200
        for guess in ("records__current__measures", "records__note", "evidence__versions__title"):
            response = dana.get(url, {f"{guess}__contains": CANARY})
            assert response.status_code in {302, 400}


def test_the_admin_counts_no_rows_of_a_state(people, canary_state):
    """What refers to a respondent or a recommendation is no filter: not even that it is there is told."""
    for model, model_admin in admin.site._registry.items():
        for relation in model._meta.related_objects:
            if issubclass(relation.related_model, StateOwned):
                for look_up in ("isnull", "exact", "id__gte", "pk__in"):
                    for person in (people["curator"], people["administrator"]):
                        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
                        response = client_of(person).get(url, {f"{relation.name}__{look_up}": "1"})
                        assert response.status_code == (
                            400 if model_admin.has_view_permission(response.wsgi_request) else 403
                        )


def test_the_admin_is_not_asked_by_what_refers_to_a_row(people, canary_state):
    dana = client_of(people["curator"])
    for model in (Respondent, Recommendation):
        changelist = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for relation in model._meta.related_objects:
            about = {"app_label": model._meta.app_label, "model_name": model._meta.model_name}
            asked = about | {"field_name": relation.name, "term": ""}
            assert dana.get(reverse("admin:autocomplete"), asked).status_code in {403, 404}
            assert dana.get(changelist, {"_to_field": relation.name}).status_code == 400


def test_the_admin_leads_to_no_row_of_a_state(people, canary_state):
    """Its way from any row to the page of it on the site would tell which there are."""
    for model in (Record, Evidence, Revision, Respondent):
        kind = ContentType.objects.get_for_model(model).pk
        for pk in (model._base_manager.earliest("pk").pk, 0):
            for walker in ("curator", "administrator"):
                assert client_of(people[walker]).get(reverse("admin:view_on_site", args=[kind, pk])).status_code == 404
