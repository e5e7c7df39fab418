"""`manage.py read_document` prints what the import understands, and writes nothing."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

SAMPLES = Path(__file__).parents[2] / "samples"


def test_it_prints_coverage_and_texts_as_json(capsys):
    call_command("read_document", str(SAMPLES / "A.docx"), "--json")

    found = json.loads(capsys.readouterr().out)
    assert sorted(found) == ["coverage", "left_out", "nodes"]
    assert sorted(found["coverage"]) == ["in_doubt", "in_texts", "left_out", "words"]
    assert found["nodes"][4] == {
        "label": "5(b)(i)",
        "kind": "recommendation",
        "text": "The issuance of replacement travel documents, free of charge;",
        "parent_text": "Adopt, in cooperation with the countries of nationality, procedures for:",
        "footnotes": [],
        "addressees": ["states_parties"],
        "basis": "inherited",
        "strength": "should",
        "asks_to_consider": False,
        "is_topic": False,
        "topic_heading": "A. Victims and survivors > 1. Early identification and referral",
    }
    assert found["left_out"][-1] == {"text": "List of participants", "part": "Document symbol", "asks": True}


def test_without_json_it_prints_an_outline(capsys):
    call_command("read_document", str(SAMPLES / "C.pdf"))

    lines = capsys.readouterr().out.splitlines()
    assert "chapeau          p. 4   6. Encourages States parties:" in lines
    assert lines[-1].endswith("to decide")


@pytest.mark.parametrize("name, words", [("missing.pdf", "No such file"), ("A.json", "A.json: ")])
def test_a_refusal_is_one_line(name, words):
    with pytest.raises(CommandError, match=words) as refused:
        call_command("read_document", str(SAMPLES / name))

    assert "\n" not in str(refused.value)
