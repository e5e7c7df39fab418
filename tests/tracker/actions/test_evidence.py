"""A piece is versioned, its bytes are kept once, and no library outgrows its quota."""

import datetime
import hashlib
from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import OperationalError

from tests.catalogue_events import later_events
from tests.conftest import save_for_xaa
from tests.documents import DOCUMENTS, PDF, upload
from tests.races import results_at_once
from tests.storages import FullStorage, break_storage
from tracker.actions.evidence import EvidenceDetails, StaleEvidence, add_evidence, change_evidence
from tracker.documents.exchange.uploads import check_upload
from tracker.models import Citation, Evidence, EvidenceFile, EvidenceVersion

LAW = EvidenceDetails(
    title="قانون ضحايا الجريمة",
    kind="law",
    language="ar",
    document_date=datetime.date(2016, 3, 3),
    disclosure="public",
    citation="Official Gazette No. 12 of 3 March 2016",
)
LINK = EvidenceDetails(title="Victims of Crime Act", kind="law", language="en", url="https://laws.example/17")


def file_details(name="law.pdf", content=PDF, **kwargs) -> EvidenceDetails:
    return EvidenceDetails(
        **{"title": "Law", "kind": "law", "language": "en"} | kwargs, upload=check_upload(upload(name, content))
    )


def stored() -> list[str]:
    """Names of the files in storage."""
    if not default_storage.exists("evidence/XAA"):
        return []
    return default_storage.listdir("evidence/XAA")[1]


@pytest.fixture
def add(xaa, alice):
    """Add a piece to the library of XAA, as alice; as it comes back from the database."""

    def add_(details=LAW) -> EvidenceVersion:
        version = add_evidence(respondent=xaa, by=alice, details=details)
        return EvidenceVersion.everyones.select_related("evidence", "file").get(pk=version.pk)

    return add_


def messages(error) -> dict:
    return {name: " ".join(problems) for name, problems in error.value.message_dict.items()}


def test_a_piece_says_what_was_given(add, alice):
    version = add()
    assert (version.evidence.number, version.number, version.form) == (1, 1, "citation")
    assert {name: getattr(version, name) for name in LAW.as_fields()} == LAW.as_fields()
    assert version.evidence.current == version
    assert version.author == alice
    assert version.holds() is True


def test_pieces_are_numbered_in_their_library(add, xbb, charlie):
    assert [add().evidence.number, add(LINK).evidence.number] == [1, 2]
    assert add_evidence(respondent=xbb, by=charlie, details=LAW).evidence.number == 1


def test_adding_and_changing_are_events_without_words(add, alice):
    first = add()
    second = change_evidence(evidence=first.evidence, base=first.base, by=alice, details=LINK)
    events = later_events().order_by("number").values_list("action", "target", "before", "after")
    assert list(events) == [
        ("evidence added", "evidence E1", "", f"version 1 {first.digest}"),
        ("evidence changed", "evidence E1", f"version 1 {first.digest}", f"version 2 {second.digest}"),
    ]


def test_an_item_has_a_file_a_link_and_a_citation(add, alice):
    url = "https://laws.example/17"
    version = add(replace(LAW, url=url, upload=check_upload(upload("law.pdf", PDF))))
    assert (version.form, version.file_name, version.url, version.citation) == ("file", "law.pdf", url, LAW.citation)
    assert version.holds() is True
    second = change_evidence(evidence=version.evidence, base=version.base, by=alice, details=replace(LAW, url=url))
    assert second is None, "the file stays"
    second = change_evidence(
        evidence=version.evidence, base=version.base, by=alice, details=replace(LAW, url=url, removes_file=True)
    )
    assert (second.form, second.file, second.file_name, second.url) == ("link", None, "", url)


def test_an_item_without_file_link_and_citation_is_refused(add, alice):
    with pytest.raises(ValidationError) as refused:
        add(replace(LAW, citation=""))
    assert messages(refused) == {"upload": "Provide a file, a link or a citation, or several of these."}
    law = add(file_details())
    with pytest.raises(ValidationError):
        change_evidence(
            evidence=law.evidence, base=law.base, by=alice, details=replace(LINK, url="", removes_file=True)
        )


def test_what_another_report_says_needs_its_reference(add):
    details = replace(LINK, kind="reported")
    with pytest.raises(ValidationError) as refused:
        add(details)
    assert messages(refused) == {
        "citation": "Enter the reference of the other report, such as its symbol and paragraphs."
    }
    assert add(replace(details, citation="CEDAW/C/XAA/7, paragraphs 41–44")).kind == "reported"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kind", "novel"),
        ("language", "tlh"),
        ("disclosure", "everybody"),
        ("title", " "),
        ("title", "x" * 301),
        ("title", "Law\x00"),
        ("url", "javascript:alert(1)"),
        ("url", "ftp://laws.example/17"),
        ("url", "https://laws.example/" + "x" * 2000),
    ],
)
def test_what_cannot_be_kept_is_refused_by_field(add, name, value):
    with pytest.raises(ValidationError) as refused:
        add(replace(LINK, **{name: value}))
    assert list(messages(refused)) == [name]


def test_a_double_click_adds_one_piece(add):
    assert add() == add()
    assert add(file_details()) == add(file_details())
    assert Evidence.everyones.count() == 2


# Versions


def test_a_change_is_the_next_version_and_leaves_the_first(add, alice):
    first = add()
    second = change_evidence(
        evidence=first.evidence, base=first.base, by=alice, details=replace(LAW, title="Law No. 17")
    )
    evidence = Evidence.everyones.get()
    assert (evidence.current, second.number, second.previous_digest) == (second, 2, first.digest)
    assert list(EvidenceVersion.everyones.values_list("title", flat=True)) == [LAW.title, "Law No. 17"]
    assert [version.holds() for version in EvidenceVersion.everyones.all()] == [True, True]


def test_a_change_that_says_nothing_new_is_none(add, alice):
    first = add()
    assert change_evidence(evidence=first.evidence, base=first.base, by=alice, details=LAW) is None
    assert change_evidence(evidence=first.evidence, base="older", by=alice, details=LAW) is None


def test_changing_an_older_version_is_refused_with_the_newer_version(add, alice):
    first = add()
    change = {"evidence": first.evidence, "base": first.base, "by": alice}
    second = change_evidence(**change, details=LINK)
    with pytest.raises(StaleEvidence) as stale:
        change_evidence(**change, details=file_details())
    assert stale.value.current == second
    assert stored() == []


def test_a_file_stays_where_nothing_else_is_given(add, alice):
    first = add(file_details("law.pdf"))
    second = change_evidence(
        evidence=first.evidence,
        base=first.base,
        by=alice,
        details=EvidenceDetails(title="Law No. 17", kind="law", language="en"),
    )
    assert (second.form, second.file, second.file_name, second.title) == ("file", first.file, "law.pdf", "Law No. 17")


def test_a_link_does_not_stay_where_nothing_is_given(add, alice):
    first = add(LINK)
    with pytest.raises(ValidationError):
        change_evidence(evidence=first.evidence, base=first.base, by=alice, details=replace(LINK, url=""))


def test_what_a_revision_cites_stays(add, xaa, alice, unit):
    first = add(file_details())
    save_for_xaa("I.13", citations=[(first, "art. 9")])
    change_evidence(evidence=first.evidence, base=first.base, by=alice, details=LINK)
    cited = Citation.everyones.get().evidence_version
    assert (cited, cited.title, cited.file.file.read()) == (first, "Law", PDF)


# Files


def test_files_are_stored_under_a_name_that_discloses_nothing(add):
    file = add(file_details("Jane Doe.pdf")).file
    assert file.file.name.startswith("evidence/XAA/")
    assert stored() == [file.file.name.removeprefix("evidence/XAA/")]
    assert len(stored()[0]) == 32
    assert "Jane" not in file.file.name
    assert (file.file.read(), file.size, file.sha256, file.content_type) == (
        PDF,
        len(PDF),
        hashlib.sha256(PDF).hexdigest(),
        "application/pdf",
    )


def test_the_same_bytes_are_kept_once(add, alice):
    first, second = add(file_details("law.pdf")), add(file_details("act.pdf", title="Act"))
    other = add(LINK)
    third = change_evidence(evidence=other.evidence, base=other.base, by=alice, details=file_details())
    assert first.file == second.file == third.file
    assert (first.file_name, second.file_name) == ("law.pdf", "act.pdf")
    assert len(stored()) == 1


def test_each_respondent_keeps_its_own_bytes(add, xbb, charlie):
    mine = add(file_details())
    theirs = add_evidence(respondent=xbb, by=charlie, details=file_details())
    assert mine.file != theirs.file
    assert mine.file.file.name != theirs.file.file.name


def test_the_quota_holds_to_the_byte(add, settings):
    settings.EVIDENCE_QUOTA = len(PDF) + len(DOCUMENTS[".png"])
    add(file_details())
    add(file_details("photo.png", DOCUMENTS[".png"]))
    add(file_details("again.pdf"))
    with pytest.raises(ValidationError) as refused:
        add(file_details("a.txt", "x"))
    assert messages(refused)["upload"].startswith("This file is 1\xa0byte, but the space left is 0\xa0bytes.")
    assert EvidenceFile.everyones.count() == len(stored()) == 2


def test_a_full_disk_loses_nothing_and_is_reported(add, settings):
    break_storage(settings, FullStorage)
    with pytest.raises(ValidationError) as refused:
        add(file_details())
    assert messages(refused) == {"upload": "A file could not be stored or read, so nothing was done. Try again later."}
    assert Evidence.everyones.count() == EvidenceFile.everyones.count() == 0


def test_bytes_go_again_when_what_follows_fails(add, monkeypatch):
    def fail(**kwargs):
        raise OperationalError

    monkeypatch.setattr("tracker.actions.evidence.record_event", fail)
    with pytest.raises(OperationalError):
        add(file_details())
    assert stored() == []
    assert EvidenceFile.everyones.count() == 0


# Many at once


@pytest.mark.django_db(transaction=True)
def test_two_uploads_do_not_pass_the_quota_together(xaa, alice, settings):
    settings.EVIDENCE_QUOTA = 1000
    details = [file_details(f"{n}.txt", str(n) * 600) for n in range(4)]
    results = results_at_once(
        *[lambda each=each: add_evidence(respondent=xaa, by=alice, details=each) for each in details],
        refusals=ValidationError,
    )
    assert sorted(type(result).__name__ for result in results) == ["EvidenceVersion"] + ["ValidationError"] * 3
    assert len(stored()) == EvidenceFile.everyones.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_bytes_at_once_are_kept_once(xaa, alice):
    details = [file_details(f"{n}.pdf", title=f"Law {n}") for n in range(4)]
    results = results_at_once(
        *[lambda each=each: add_evidence(respondent=xaa, by=alice, details=each) for each in details]
    )
    assert sorted(result.evidence.number for result in results) == [1, 2, 3, 4]
    assert len(stored()) == EvidenceFile.everyones.count() == 1
