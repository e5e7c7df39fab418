"""A stranger recomputes the digest of a download with the script that the documentation names."""

import copy
import hashlib
import json
import runpy
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from tests.conftest import find_person, find_state, find_unit, open_round_for_arandia
from tests.database import lifted_triggers
from tests.submissions import asked_about, reply_to, submit_ready
from tracker.actions.evidence import EvidenceDetails, add_evidence
from tracker.actions.record import Answer, save_answer
from tracker.actions.withdrawal import confirm_withdrawal, request_withdrawal
from tracker.documents.submission_json import write_submission_json
from tracker.management.commands.verify_submission import LARGEST
from tracker.models import Submission, SubmissionItem
from tracker.models.change import Change, ChangeCode
from tracker.models.record import ReceivedDetails

pytestmark = pytest.mark.one_database

SCRIPT = settings.BASE_DIR / "docs" / "verify" / "verify.py"
RECOMPUTE = runpy.run_path(str(SCRIPT))
WORDS = 'Victims get a lawyer.\n"Tab":\t\\ 受害者有律师。 Пострадавшие 🕊'


@pytest.fixture(scope="module", autouse=True)
def submitted(for_the_module):
    """XAA/2026/1: two answers with evidence shown and kept, asked about; XAA/2026/2: with an answer in words."""
    round_ = open_round_for_arandia(meetings=[4])
    xaa, alice, bob = find_state("XAA"), find_person("alice"), find_person("bob")
    cited = [
        (add_evidence(respondent=xaa, by=alice, details=EvidenceDetails(kind="law", language="en", **said)), pinpoint)
        for said, pinpoint in (
            ({"title": "Act", "citation": "OG 12", "disclosure": "public"}, "article 9"),
            ({"title": "Secret file", "citation": "OG 13", "disclosure": "state"}, "page 3"),
            ({"title": "Report", "url": "https://example.org/r", "disclosure": "secretariat"}, ""),
        )
    ]
    for label in ("IV.46(i)", "IV.46(c)"):
        answer = Answer(status="implemented", measures=WORDS, ready=True, citations=cited)
        about = {
            "change": Change.of(ChangeCode.SUGGESTION, ["Somebody"]),
            "change_reason": "The ministry insisted.",
            "received": ReceivedDetails("Ministry", date(2026, 3, 3)),
        }
        save_answer(respondent=xaa, unit=find_unit(label), base=0, answer=answer, by=alice, **about)
    [remark] = asked_about(submit_ready(xaa, round_, alice), {"IV.46(c)": "Which article?"}, bob).values()
    reply_to(remark, "Article 9.", alice)


@pytest.fixture
def first(db):
    return Submission.everyones.get(number=1)


@pytest.fixture
def second(db):
    return Submission.everyones.get(number=2)


@pytest.fixture
def script(tmp_path) -> Path:
    """The script, as a stranger copies it."""
    return Path(shutil.copy(SCRIPT, tmp_path))


def run(script: Path, text: str) -> tuple[int, str]:
    path = script.with_name("download.json")
    path.write_text(text, encoding="utf-8")
    command = [sys.executable, "-I", script, path]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", env={"PYTHONUTF8": "1"}, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_the_documentation_names_the_script():
    documentation = settings.BASE_DIR / "docs" / "reference" / "submission-json.md"
    assert "(../verify/verify.py)" in documentation.read_text(encoding="utf-8")


def test_a_stranger_recomputes_the_digest(script, first, second):
    for submission in (first, second):
        assert run(script, write_submission_json(submission)) == (
            0,
            f"{submission.reference} matches: {submission.digest}\n",
        )


def test_the_description_is_sufficient_to_compute_the_same_digest(first, second, xaa, alice, erin):
    for submission in (first, second):
        assert described(json.loads(write_submission_json(submission))) == submission.digest
    request = request_withdrawal(respondent=xaa, by=alice, words="a lawyer", files=[], reason="name")
    assert described(json.loads(write_submission_json(second))) == second.digest  # while the words are hidden
    confirm_withdrawal(pk=request.pk, by=erin)
    assert described(json.loads(write_submission_json(second))) == second.digest


ESCAPES = {'"': r"\"", "\\": r"\\", "\b": r"\b", "\t": r"\t", "\n": r"\n", "\f": r"\f", "\r": r"\r"}


def form(value) -> str:
    """The canonical form, written out by hand."""
    match value:
        case None | bool():
            return {None: "null", True: "true", False: "false"}[value]
        case int():
            return str(value)
        case str():
            told = (ESCAPES.get(c) or (f"\\u{ord(c):04x}" if ord(c) < 32 else c) for c in value)
            return f'"{"".join(told)}"'
        case list():
            return f"[{','.join(map(form, value))}]"
    return "{" + ",".join(f"{form(name)}:{form(value[name])}" for name in sorted(value)) + "}"


def hashed(value) -> str:
    return hashlib.sha256(form(value).encode("utf-8")).hexdigest()


def described(document: dict) -> str:
    """The digest of a submission as docs/reference/submission-json.md describes it, from its leaves: no digest that
    stands in the file is believed but of what is withheld, withdrawn or not submitted.
    """

    def rest(node, *replaced):
        return {name: part for name, part in node.items() if name not in ("digest", *replaced)}

    def fields(node):
        told = node["fields"].items()
        return {n: f["digest"] if "value" not in f else hashed([f["random"], f["value"]]) for n, f in told}

    def wording(text):
        return [text[0], text[1], hashed(text[2])]

    def whole(node, **added):
        return hashed({**rest(node, "fields"), "fields": fields(node), **added})

    def citation(piece):
        pinpoint = fields({"fields": {"pinpoint": piece["pinpoint"]}})
        return hashed({"evidence": whole(piece["version"]), "fields": pinpoint})

    def piece(of, cited):
        if of["withheld"]:
            return of["digest"], cited
        return hashed([of["random"], citation(of), False]), citation(of)

    items, content = [], []
    for item in document["items"]:
        answer = item["revision"]
        pieces = [piece(*pair) for pair in zip(item["evidence"], answer["citations"] if answer else [], strict=True)]
        cited = [digest for _own, digest in pieces]
        revision = whole({**answer, "citations": cited}, wording=wording(item["wording"])) if answer else ""
        kept = [[digest, of["withheld"]] for digest, of in zip(cited, item["evidence"], strict=True)]
        content.append([item["label"], revision, item["still_correct_as_at"], kept])
        items.append(
            hashed(
                {
                    **rest(item),
                    "wording": wording(item["wording"]),
                    "chapeaux": [wording(text) for text in item["chapeaux"]],
                    "answered_with": [wording(text) for text in item["answered_with"]],
                    "revision": revision,
                    "evidence": [own for own, _digest in pieces],
                }
            )
        )
    replies = [whole(reply, remark=whole(reply["remark"])) for reply in document["replies"]]
    stated = {**document["submission"], "content": hashed({"items": content, "replies": replies})}
    return hashed({**stated, "items": items, "replies": replies})


def test_the_file_is_identical_every_time_and_contains_everything_submitted(second):
    text = write_submission_json(second)
    assert write_submission_json(Submission.everyones.get(pk=second.pk)) == text
    document = json.loads(text)
    assert len(document["items"]) == SubmissionItem.everyones.filter(submission=second).count()
    item = next(item for item in document["items"] if item["label"] == "IV.46(i)")
    fields = item["revision"]["fields"]
    said = [fields[name]["value"] for name in ("measures", "received_from", "received_on")]
    assert said == [WORDS, "Ministry", "2026-03-03"]
    assert [label for label, _number, _text in item["answered_with"]] == [
        "IV.46(i)(i)",
        "IV.46(i)(ii)",
        "IV.46(i)(iii)",
    ]
    assert [piece["withheld"] for piece in item["evidence"]] == [False, True, False]
    assert [reply["fields"]["text"]["value"] for reply in document["replies"]] == ["Article 9."]


def test_evidence_the_state_keeps_is_only_a_digest(second):
    text = write_submission_json(second)
    for kept in ("Secret file", "OG 13", "page 3", "suggestion", "Somebody", "The ministry insisted."):
        assert kept not in text
    pieces = [piece for item in json.loads(text)["items"] for piece in item["evidence"] if piece["withheld"]]
    assert [sorted(piece) for piece in pieces] == [["digest", "withheld"]] * 2


def test_withdrawn_words_are_gone_and_the_digest_holds(script, second, xaa, alice, erin):
    request = request_withdrawal(respondent=xaa, by=alice, words="a lawyer", files=[], reason="name")
    confirm_withdrawal(pk=request.pk, by=erin)
    text = write_submission_json(second)
    assert "lawyer" not in text
    assert run(script, text) == (0, f"{second.reference} matches: {second.digest}\n")


# Whatever is changed in a file is found


def leaves(node, path=()):
    """Paths to every value that is no object or list."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from leaves(child, (*path, key))
    if not isinstance(node, (dict, list)):
        yield path


def sealed_leaves(document):
    """Those of one answered item and of one that is not, and all others but what is under no digest."""
    answered = next(place for place, item in enumerate(document["items"]) if item["revision"])
    for leaf in leaves(document):
        if leaf[0] != "not_sealed" and (leaf[0] != "items" or leaf[1] in (0, answered)):
            yield leaf


def at(document, path):
    for key in path:
        document = document[key]
    return document


def altered(value):
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case str():
            return f"{value}x"
    return "x"


def test_every_altered_value_is_found(second):
    document = json.loads(write_submission_json(second))
    for path in sealed_leaves(document):
        forged = copy.deepcopy(document)
        at(forged, path[:-1])[path[-1]] = altered(at(document, path))
        assert RECOMPUTE["checked"](json.dumps(forged))[1] != [], path


def test_every_missing_and_every_added_part_is_found(second):
    document = json.loads(write_submission_json(second))
    for path in {leaf[:length] for leaf in sealed_leaves(document) for length in range(len(leaf))}:
        parts = at(document, path)
        for key in parts if isinstance(parts, dict) else range(len(parts)):
            forged = copy.deepcopy(document)
            del at(forged, path)[key]
            assert RECOMPUTE["checked"](json.dumps(forged))[1] != [], (path, key)
        forged = copy.deepcopy(document)
        if isinstance(parts, dict):
            at(forged, path)["added"] = "x"
        else:
            at(forged, path).append("x")
        assert RECOMPUTE["checked"](json.dumps(forged))[1] != [], path


def test_a_form_that_the_script_does_not_know_is_not_called_altered(script, second):
    document = json.loads(write_submission_json(second))
    answered = next(item for item in document["items"] if item["revision"])
    [reply] = document["replies"]
    shown = next(piece for piece in answered["evidence"] if not piece["withheld"])
    for part in (document["submission"], answered["revision"], shown["version"], reply, reply["remark"]):
        part["form"] = 2
        assert run(script, json.dumps(document)) == (
            1,
            "form 2 is unknown: a newer script from the site can verify it\n",
        )
        part["form"] = 1


def test_a_download_of_another_form_may_have_other_parts(script):
    code, printed = run(script, '{"submission": {"form": 2}, "answers": []}')
    assert (code, printed) == (1, "form 2 is unknown: a newer script from the site can verify it\n")


@pytest.mark.parametrize(
    ("forge", "said"),
    [
        (lambda document: document["items"].reverse(), "the digest of the submission does not match"),
        (lambda document: document["replies"].clear(), "the digest of the submission does not match"),
        (
            lambda document: document["submission"]["counts"].update(answered=200),
            "the counts are not those of the items",
        ),
    ],
    ids=["order", "replies", "counts"],
)
def test_the_script_names_the_fault_of_a_forged_file(script, second, forge, said):
    document = json.loads(write_submission_json(second))
    forge(document)
    code, printed = run(script, json.dumps(document))
    assert code == 1
    assert said in printed.splitlines()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "null",
        '{"submission": 1, "submission": 2}',
        "{" * 10_000,
        "[" * 200_000,
        '{"submission":' * 100_000,
    ],
)
def test_a_file_that_is_no_download_is_reported_as_invalid(script, text):
    code, printed = run(script, text)
    assert code == 1
    assert printed != ""


# The command


def test_a_submission_of_an_unknown_form(second):
    with lifted_triggers():
        Submission.everyones.filter(pk=second.pk).update(canonical_form=2)
    assert {line.partition(":")[0] for line in verify(second.code).splitlines()} == {"form 2 is unknown"}


def verify(given) -> str:
    with pytest.raises(CommandError) as error:
        call_command("verify_submission", str(given))
    return str(error.value)


def test_the_command_takes_a_file_or_a_code(second, tmp_path, capsys):
    path = tmp_path / "XAA-2026-2.json"
    path.write_text(write_submission_json(second), encoding="utf-8")
    call_command("verify_submission", str(path))
    call_command("verify_submission", second.code)
    assert capsys.readouterr().out == f"XAA/2026/2 matches: {second.digest}\n" * 2


def test_a_consistent_file_that_was_never_submitted_is_not_found(second, tmp_path):
    document = json.loads(write_submission_json(second))
    document["submission"]["note_verbale"] = "No. 1"
    items, replies = ([part["digest"] for part in document[name]] for name in ("items", "replies"))
    document["digest"] = RECOMPUTE["sha256"]({**document["submission"], "items": items, "replies": replies})
    path = tmp_path / "forged.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert RECOMPUTE["checked"](path.read_text(encoding="utf-8"))[1] == []
    assert verify(path) == "No submission on this site has this digest."


def test_a_tampered_file_and_a_tampered_row(second, tmp_path):
    path = tmp_path / "XAA-2026-2.json"
    path.write_text(write_submission_json(second).replace("Which article?", "Which law?"), encoding="utf-8")
    assert verify(path) == "clarification on IV.46(c): the digest of the request does not match"
    with lifted_triggers():
        Submission.everyones.filter(pk=second.pk).update(late=not second.late)
    assert verify(second.code) == "the digest does not match\nthe digest of the submission does not match"


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe{}", b"%PDF-1.7", b"[" * 200_000, b"{}", b'{"digest": NaN}'], ids=range(6)
)
def test_a_file_that_is_damaged_or_another(db, tmp_path, content, script):
    path = tmp_path / "XAA-2026-2.json"
    path.write_bytes(content)
    assert "\n" not in verify(path)
    command = [sys.executable, "-I", script, path]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", env={"PYTHONUTF8": "1"}, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("this is not ")


def test_a_file_that_is_too_large(db, tmp_path):
    path = tmp_path / "XAA-2026-2.json"
    with path.open("wb") as file:
        file.truncate(LARGEST + 1)
    assert verify(path) == "The file is too large for the download of a submission."


@pytest.mark.parametrize("given", ["/nowhere.json", "ABCDEFGHJKLMNPQRSTUVWXYZ23"])
def test_neither_a_file_nor_a_code(db, given):
    assert "neither the verification code of a submission nor a file that can be read" in verify(given)
