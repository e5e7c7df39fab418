"""The library: what it shows and to whom, that nothing typed is lost, and how its files leave it."""

import re
from dataclasses import replace
from urllib.parse import unquote

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse

from tests.conftest import make_person, save_for_xaa
from tests.documents import DOCUMENTS, MACRO_WORD, PDF, upload
from tests.labels import titled
from tests.pages import client_of, messages_on, words
from tests.storages import FullStorage, SilentStorage, break_storage
from tracker.actions.evidence import EvidenceDetails, add_evidence, change_evidence
from tracker.actions.withdrawal import confirm_withdrawal, request_withdrawal
from tracker.documents.exchange.uploads import check_upload
from tracker.models import Evidence, EvidenceVersion, HeldUpload, Membership, Revision
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

LINK = {
    "title": "Victims of Crime Act",
    "kind": "law",
    "document_date": "2016-03-03",
    "language": "en",
    "disclosure": "public",
    "url": "https://laws.example/17",
    "citation": "",
}
FILE = LINK | {"url": ""}
ANSWER = {"status": "implemented", "measures": "A law.", "language": "en", "base": 2}


def address(name: str, *args) -> str:
    return reverse(name, args=["XAA", *args])


@pytest.fixture
def add(xaa, alice):
    def add_(title="Law", **given) -> EvidenceVersion:
        if "file" in given:
            given["upload"] = check_upload(upload(*given.pop("file")))
        details = {"title": title, "kind": "law", "language": "en"} | (given or {"citation": "OG 12"})
        return add_evidence(respondent=xaa, by=alice, details=EvidenceDetails(**details))

    return add_


@pytest.fixture
def cite(xaa, alice, unit):
    """Save an answer of XAA that cites."""

    def cite_(label: str, *citations, base=0):
        return save_for_xaa(label, base=base, measures=f"Version {base + 1}", citations=list(citations))

    return cite_


@pytest.fixture
def withdraw(xaa, alice):
    def withdraw_(words="", files=()):
        decider = make_person("carol", Role.CONTRIBUTOR, xaa)
        pk = request_withdrawal(respondent=xaa, by=alice, words=words, files=files, reason="name").pk
        return confirm_withdrawal(pk=pk, by=decider)

    return withdraw_


# The list


def test_an_empty_library_says_how_to_begin(desk):
    page = words(desk.get(address("evidence_list")))
    assert "No evidence" in page
    assert "0 bytes of 2.0 GB used".replace("\xa0", " ") in page.replace("\xa0", " ")


def test_the_list_says_where_each_piece_is_cited(desk, add, cite):
    law, act = add(), add("Act", file=("act.pdf", PDF))
    cite("II.25(b)", (law, "art. 9"), (act, ""))
    cite("I.13", (law, ""))
    cite("I.14", (act, ""))
    cite("I.14", (law, ""), base=1)
    rows = desk.get(address("evidence_list")).context["rows"]
    assert [(str(version), [unit.label for unit in cited]) for version, cited in rows] == [
        ("Act", ["II.25(b)"]),
        ("Law", ["I.13", "I.14", "II.25(b)"]),
    ]
    page = desk.get(address("evidence_list")).content.decode()
    assert f'<a href="{address("record", "II-25-b")}"><bdi class="label">II.25(b)</bdi></a>' in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["قانون", "Закон", "Report"]),
        ("q=ЗАКОН", ["Закон"]),
        ("q=annual+report", ["Report"]),
        ("q=e2", ["Закон"]),
        ("q=laws.example", ["Закон"]),
        ("q=stats", ["Report"]),
        ("q=gazette", ["قانون"]),
        ("q=nothing", []),
        ("kind=law", ["قانون", "Закон"]),
        ("kind=report&q=annual", ["Report"]),
        ("page=99", ["قانون", "Закон", "Report"]),
        ("kind=law&kind=report&page=-1&q=%ff", ["Report"]),
    ],
)
def test_search_and_kind_narrow_the_list(desk, add, query, found):
    add("قانون", citation="Official Gazette 12")
    add("Закон", url="https://laws.example/17")
    add("Report", kind="report", file=("annual stats.pdf", PDF), disclosure="public")
    rows = desk.get(f"{address('evidence_list')}?{query}").context["rows"]
    assert [str(version) for version, _cited in rows] == found[::-1]


@pytest.mark.parametrize(("query", "field"), [("kind=novel", "kind"), ("q=%00", "q")])
def test_an_unknown_value_of_a_filter_is_an_error_at_its_field_and_shows_nothing(desk, add, query, field):
    add("Act")
    response = desk.get(f"{address('evidence_list')}?{query}")
    assert (response.context["rows"], list(response.context["form"].errors)) == ([], [field])
    assert f'<a href="#id_{field}">' in response.content.decode()


def test_kinds_that_occur_are_offered_with_their_count(desk, add):
    add(), add("Act"), add("Report", kind="report", citation="R")
    choices = desk.get(address("evidence_list")).context["form"].fields["kind"].choices
    assert choices == [("", "All kinds"), ("law", "Law (2)"), ("report", "Report (1)")]


def test_a_long_library_has_pages(desk, add):
    for number in range(51):
        add(f"Law {number}")
    first = desk.get(f"{address('evidence_list')}?kind=law")
    assert len(first.context["rows"]) == 50
    assert 'href="?kind=law&amp;page=2"' in first.content.decode()
    assert len(desk.get(f"{address('evidence_list')}?kind=law&page=2").context["rows"]) == 1


def test_ten_times_the_pieces_cost_no_more_queries(desk, add, cite, django_assert_max_num_queries):
    counts = []
    for start, stop in ((0, 3), (3, 30)):
        pieces = [add(f"Law {number}") for number in range(start, stop)]
        cite("I.13" if start else "I.14", *[(piece, "") for piece in pieces])
        with django_assert_max_num_queries(15) as queries:
            desk.get(address("evidence_list"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


# One piece


def test_a_piece_shows_its_versions_and_what_cites_it(desk, add, cite, alice):
    first = add()
    cite("I.13", (first, "art. 9"))
    cite("I.14", (first, "art. 10"))
    cite("I.14", base=1)
    change_evidence(
        evidence=first.evidence,
        base=first.base,
        by=alice,
        details=EvidenceDetails(title="Law No. 17", kind="law", language="en", url="https://laws.example/17"),
    )
    response = desk.get(address("evidence", 1))
    page = words(response)
    assert "E1 Law No. 17" in page
    assert f"{titled('I.13')} art. 9 Version 1" in page
    assert f"Cited in earlier versions of the answers to: {titled('I.14')}" in page
    assert [version.number for version in response.context["versions"]] == [2, 1]
    assert 'href="https://laws.example/17" rel="noreferrer external"' in response.content.decode()


def test_a_piece_costs_few_queries_however_often_it_is_cited(desk, add, cite, django_assert_max_num_queries):
    law = add()
    counts = []
    for labels in (["I.13"], ["I.14", "II.25(b)", "IV.46(i)", "II.25(a)", "IV.46(j)"]):
        for label in labels:
            cite(label, (law, "art. 9"))
        with django_assert_max_num_queries(15) as queries:
            desk.get(address("evidence", 1))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_markup_in_what_was_typed_stays_text(desk, add):
    add("<script>alert(1)</script>", url="https://laws.example/?a=1&b='\"><b>")
    page = desk.get(address("evidence", 1)).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "'\"><b>" not in page


# Adding


def test_a_link_is_added(desk, xaa):
    response = desk.post(address("evidence_add"), LINK, follow=True)
    assert response.redirect_chain == [(address("evidence", 1), 302)]
    assert messages_on(response) == ["Saved as version 1."]
    version = EvidenceVersion.everyones.get()
    assert (version.title, version.form, version.url, str(version.document_date)) == (
        LINK["title"],
        "link",
        LINK["url"],
        "2016-03-03",
    )


@pytest.mark.parametrize("suffix", DOCUMENTS)
def test_a_file_is_added(desk, suffix):
    desk.post(address("evidence_add"), FILE | {"upload": upload(f"قانون 17{suffix}", DOCUMENTS[suffix])})
    version = EvidenceVersion.everyones.get()
    assert (version.form, version.file_name) == ("file", f"قانون 17{suffix}")
    assert version.file.file.read() == DOCUMENTS[suffix]


def test_a_large_file_is_added(desk):
    """Larger than what Django holds in memory: it comes from a file on disk."""
    content = b"Law No. 17\n" * 400_000
    desk.post(address("evidence_add"), FILE | {"upload": upload("law.txt", content)})
    assert EvidenceVersion.everyones.get().file.size == len(content)


def test_a_file_that_is_already_in_the_library_is_named(desk, add):
    add(file=("law.pdf", PDF))
    response = desk.post(address("evidence_add"), FILE | {"upload": upload("law.pdf", PDF)}, follow=True)
    assert messages_on(response)[1] == "The same file is already in the library, as E1. It is stored only once."
    assert EvidenceVersion.everyones.values("file").distinct().count() == 1


ENTER_LINK = (
    "Enter a link that begins with https:// or http:// and has no spaces, such as https://www.example.org/law. "
    "The name of the site needs a full stop and cannot have an underscore."
)


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"title": ""}, "title", "Enter the title."),
        (
            {"title": "Law\x00"},
            "title",
            "Remove the invisible character U+0000 after “Law”: it cannot be saved.",
        ),
        ({"title": "x" * 301}, "title", "The text is too long: at most 300 characters. It has 301."),
        ({"kind": ""}, "kind", "Choose a kind of evidence."),
        ({"kind": "novel"}, "kind", "Choose a kind of evidence."),
        ({"document_date": "31/31/2016"}, "document_date", "Enter the date as 30 June 2027."),
        ({"url": "javascript:alert(1)"}, "url", ENTER_LINK),
        ({"url": "ftp://laws.example"}, "url", ENTER_LINK),
        ({"url": "https://example.org/a b"}, "url", ENTER_LINK),
        ({"url": "https://intranet/x"}, "url", ENTER_LINK),
        ({"url": "https://example_ministry.example.org/a"}, "url", ENTER_LINK),
        (
            {"url": f"https://example.org/{'x' * 2100}"},
            "url",
            "The text is too long: at most 2000 characters. It has 2120.",
        ),
        ({"url": ""}, "upload", "Provide a file, a link or a citation, or several of these."),
        (
            {"kind": "reported"},
            "citation",
            "Enter the reference of the other report, such as its symbol and paragraphs.",
        ),
    ],
)
def test_invalid_evidence_has_errors_at_the_field_and_stays(desk, typed, field, message):
    response = desk.post(address("evidence_add"), LINK | typed)
    assert response.status_code == 200
    assert response.context["form"].errors[field] == [message]
    assert response.context["form"]["language"].value() == "en"
    assert "There is 1 problem" in words(response) or "There are 2 problems" in words(response)
    assert Evidence.everyones.count() == 0


def test_a_file_that_cannot_be_kept_is_refused_with_advice(desk):
    response = desk.post(address("evidence_add"), FILE | {"upload": upload("law.docx", MACRO_WORD)})
    assert "This document contains macros. Save it without macros" in words(response)
    assert Evidence.everyones.count() == 0


def test_a_chosen_file_is_held_while_something_else_is_wrong(desk, alice):
    response = desk.post(address("evidence_add"), FILE | {"title": "", "upload": upload("law.pdf", PDF)})
    assert set(response.context["form"].errors) == {"title"}
    held = HeldUpload.objects.visible_to(alice).get()
    assert f"law.pdf {len(PDF)} bytes Remove the file Uploaded, not saved yet." in words(response).replace("\xa0", " ")
    assert f'name="held" value="{held.key}"' in response.content.decode()
    desk.post(address("evidence_add"), FILE | {"held": held.key})
    assert EvidenceVersion.everyones.get().file.sha256 == held.sha256


def test_a_file_is_held_at_once_and_discarded_and_nothing_else_is_found_wrong(desk, alice):
    response = desk.post(address("evidence_add"), {"hold": "yes", "upload": upload("law.pdf", PDF)})
    assert response.context["form"].errors == {}
    held = HeldUpload.objects.visible_to(alice).get()
    response = desk.post(address("evidence_add"), {"discard": "evidence", "held": held.key, "title": "Act"})
    assert response.context["form"].errors == {}
    assert 'type="file"' in response.content.decode()
    assert 'value="Act"' in response.content.decode()
    assert HeldUpload.everyones.count() == Evidence.everyones.count() == 0


def test_a_file_that_is_refused_when_it_is_uploaded_is_refused_with_advice(desk):
    response = desk.post(address("evidence_add"), {"hold": "yes", "upload": upload("law.docx", MACRO_WORD)})
    assert "This document contains macros. Save it without macros" in words(response)
    assert HeldUpload.everyones.count() == 0


def test_a_full_disk_is_reported_and_no_input_is_lost(desk, settings):
    break_storage(settings, FullStorage)
    response = desk.post(address("evidence_add"), FILE | {"upload": upload("law.pdf", PDF)})
    assert response.context["form"].errors["upload"] == [
        "A file could not be stored or read, so nothing was done. Try again later."
    ]
    assert 'value="Victims of Crime Act"' in response.content.decode()


@pytest.mark.parametrize(
    ("opened", "size"), [("django.core.files.temp.NamedTemporaryFile", 3_000_000), ("tempfile.TemporaryFile", 0)]
)
def test_lack_of_temporary_space_is_reported_and_input_is_kept(opened, size, desk, monkeypatch):
    """A large file arrives in one. A program reads a copy of a PDF."""
    monkeypatch.setattr(opened, lambda **_kwargs: open("/dev/full", "w+b"))  # noqa: SIM115  # closed as it is
    response = desk.post(address("evidence_add"), FILE | {"upload": upload("law.pdf", PDF + b"\n" * size)})
    assert response.context["form"].errors["upload"] == [
        "A file could not be stored or read, so nothing was done. Try again later."
    ]
    assert 'value="Victims of Crime Act"' in response.content.decode()
    assert EvidenceVersion.everyones.count() == 0


# Changing


def test_a_change_begins_with_what_there_is(desk, add):
    add(file=("قانون.pdf", PDF))
    response = desk.get(address("evidence_edit", 1))
    assert 'value="Law"' in response.content.decode()
    assert (
        f"Current file: “قانون.pdf” (PDF, {len(PDF)} bytes). It is kept unless you provide another file or remove it."
        in words(response).replace("\xa0", " ")
    )


def test_a_change_is_saved_as_the_next_version(desk, add):
    first = add(file=("law.pdf", PDF))
    response = desk.post(address("evidence_edit", 1), FILE | {"base": first.base}, follow=True)
    assert messages_on(response) == ["Saved as version 2."]
    assert EvidenceVersion.everyones.get(number=2).file == first.file


def test_a_change_that_says_nothing_new_is_not_saved(desk, add):
    first = add(url="https://laws.example/17", disclosure="state")
    typed = {"title": "Law", "kind": "law", "language": "en", "disclosure": "state", "url": first.url}
    response = desk.post(address("evidence_edit", 1), typed | {"base": first.base}, follow=True)
    assert messages_on(response) == ["There are no changes to save."]


def test_two_editors_lose_nothing(desk, add, xaa, carol):
    first = add()
    details = EvidenceDetails(title="Carol's title", kind="law", language="en", citation="OG 12")
    change_evidence(evidence=first.evidence, base=first.base, by=carol, details=details)

    response = desk.post(address("evidence_edit", 1), LINK | {"base": first.base, "upload": ""})
    page = words(response)
    assert response.status_code == 409
    assert "Carol saved version 2 while you were editing." in page
    assert "Carol's title" in page.replace("&#x27;", "'")
    assert f'value="{LINK["title"]}"' in response.content.decode()
    assert 'name="base" value="2.0"' in response.content.decode()

    response = desk.post(address("evidence_edit", 1), LINK | {"base": "2.0"}, follow=True)
    assert messages_on(response) == ["Saved as version 3."]
    assert list(EvidenceVersion.everyones.order_by("number").values_list("title", flat=True)) == [
        "Law",
        "Carol's title",
        LINK["title"],
    ]


def test_a_file_chosen_for_a_change_that_came_too_late_is_held(desk, add, alice):
    first = add()
    details = EvidenceDetails(title="Newer", kind="law", language="en", citation="OG 12")
    change_evidence(evidence=first.evidence, base=first.base, by=alice, details=details)
    response = desk.post(address("evidence_edit", 1), FILE | {"base": first.base, "upload": upload("law.pdf", PDF)})
    assert response.status_code == 409
    held = HeldUpload.objects.visible_to(alice).get()
    assert f'name="held" value="{held.key}"' in response.content.decode()


def test_withdrawn_words_do_not_come_back_with_a_form_that_was_open(desk, add, withdraw):
    first = add("Jane Doe's case", citation="OG 12")
    open_form = {
        "title": "Jane Doe's case",
        "kind": "law",
        "language": "en",
        "disclosure": "public",
        "citation": "OG 12",
    }
    withdraw("Jane Doe")
    response = desk.post(address("evidence_edit", 1), open_form | {"base": first.base})
    assert response.status_code == 409
    assert EvidenceVersion.everyones.count() == 1


@pytest.mark.parametrize("base", ["", "x", "9" * 400, "1.0\x00"])
def test_a_broken_base_is_no_error_of_ours(desk, add, base):
    add()
    assert desk.post(address("evidence_edit", 1), LINK | {"base": base}).status_code in (200, 409)
    assert EvidenceVersion.everyones.count() == 1


# Files


@pytest.mark.parametrize(
    "name", ["law.pdf", "قانون ضحايا الجريمة.pdf", "法律.pdf", 'a"b;c\\d.pdf', "закон – №17, 100%.pdf", "naïve.pdf"]
)
def test_a_file_leaves_as_an_attachment_under_its_own_name(desk, add, name):
    add(upload=replace(check_upload(upload("law.pdf", PDF)), name=name))
    response = desk.get(address("evidence_file", 1, 1))
    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Length"] == str(len(PDF))
    assert name_of(response["Content-Disposition"]) == name


def name_of(disposition: str) -> str:
    """The name that a browser reads from the header (RFC 6266)."""
    assert disposition.startswith("attachment; filename")
    if encoded := re.search(r"filename\*=utf-8''(.*)$", disposition):
        return unquote(encoded[1])
    return re.sub(r"\\(.)", r"\1", re.search(r'filename="(.*)"$', disposition)[1])


@pytest.mark.parametrize("name", ["page.html.txt", "x.csv"])
def test_text_never_opens_as_a_page_of_ours(desk, add, name):
    add(file=(name, "Law <script>alert(1)</script>\n"))
    response = desk.get(address("evidence_file", 1, 1))
    assert response["Content-Type"] in ("text/plain", "text/csv")
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'


def test_an_older_version_of_a_file_can_still_be_had(desk, add, alice):
    first = add(file=("law.pdf", PDF))
    details = EvidenceDetails(title="Law", kind="law", language="en", citation="OG 12", removes_file=True)
    change_evidence(evidence=first.evidence, base=first.base, by=alice, details=details)
    assert b"".join(desk.get(address("evidence_file", 1, 1)).streaming_content) == PDF
    assert desk.get(address("evidence_file", 1, 2)).status_code == 404
    assert desk.get(address("evidence_file", 1, 3)).status_code == 404


def test_a_withdrawn_file_is_gone_and_the_page_says_so(desk, add, withdraw):
    withdraw(files=[add(file=("law.pdf", PDF)).file])
    response = desk.get(address("evidence_file", 1, 1))
    assert response.status_code == 410
    assert "The file was destroyed." in words(response)
    page = words(desk.get(address("evidence", 1)))
    assert re.search(r"Removed on \d.* because it identified a victim\.", page)
    assert "File removed" in words(desk.get(address("evidence_list")))


def test_withdrawn_words_leave_a_tombstone(desk, add, withdraw):
    add("Jane Doe's case", citation="Jane Doe v. State")
    withdraw("jane doe")
    for page in (address("evidence_list"), address("evidence", 1), address("evidence_edit", 1)):
        assert "Jane" not in desk.get(page).content.decode()
    assert words(desk.get(address("evidence", 1))).count("because it identified a victim") >= 3
    assert desk.get(f"{address('evidence_list')}?q=jane").context["rows"] == []


def test_a_missing_file_is_reported_without_a_server_error(desk, add):
    default_storage.delete(add(file=("law.pdf", PDF)).file.file.name)
    response = desk.get(address("evidence_file", 1, 1))
    assert response.status_code == 404
    assert "This file cannot be opened" in words(response)


def test_a_storage_that_does_not_answer_is_reported(desk, add, settings):
    add(file=("law.pdf", PDF))
    break_storage(settings, SilentStorage)
    assert "This file cannot be opened" in words(desk.get(address("evidence_file", 1, 1)))


# Who


PAGES = [("evidence_list",), ("evidence", 1), ("evidence_file", 1, 1)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page[0])
def test_a_viewer_reads(xaa, add, page):
    add(file=("law.pdf", PDF))
    response = client_of(make_person("victor", Role.VIEWER, xaa)).get(address(*page))
    assert response.status_code == 200
    if not response.streaming:
        assert address("evidence_add") not in response.content.decode()
        assert address("evidence_edit", 1) not in response.content.decode()


@pytest.mark.parametrize(
    ("page", "sent"),
    [
        (("evidence_add",), LINK),
        (("evidence_edit", 1), LINK),
        (("record", "I-13"), ANSWER),
        (("record_restore", "I-13", 1), {"base": 2}),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_viewer_writes_nothing(add, cite, victor, page, sent):
    version = add()
    cite("I.13")
    cite("I.13", base=1)
    assert client_of(victor).post(address(*page), {"base": version.base} | sent).status_code == 403
    assert (EvidenceVersion.everyones.count(), Revision.everyones.count()) == (1, 2)


def test_a_user_with_two_desks_sees_each_with_its_evidence(client, xaa, add, charlie):
    add()
    Membership.objects.create(user=charlie, role=Role.VIEWER, respondent=xaa)
    client.force_login(charlie)
    assert len(client.get("/desk/XAA/evidence/").context["rows"]) == 1
    assert client.get("/desk/XBB/evidence/").context["rows"] == []
    assert client.get("/desk/XBB/evidence/1/").status_code == 404


@pytest.mark.parametrize("number", [0, 2, 2**63, 10**30])
def test_a_number_that_is_none_is_not_found(desk, add, number):
    add()
    assert desk.get(address("evidence", number)).status_code == 404
    assert desk.get(address("evidence_file", number, 1)).status_code == 404
    assert desk.get(address("evidence_file", 1, number)).status_code == 404
