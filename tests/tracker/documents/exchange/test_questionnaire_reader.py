"""What an institution sent back is read box by box, whatever word processor saved it; anything else is refused."""

import datetime
import json
import os
import re
import subprocess
import sys
from zipfile import ZIP_STORED

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import translation

from tests.documents import OLE, PDF, archive, packed, parts_of, upload, word
from tests.questionnaires import DOCUMENT, PROPERTIES, SOFFICE, filled, made, saved_by_libreoffice, with_part
from tests.thorough import some
from tracker.actions.record import Answer, save_answer
from tracker.documents.exchange.questionnaire import Letter
from tracker.documents.exchange.questionnaire_reader import (
    DOCUMENT_LIMIT,
    READERS,
    BoxError,
    SentBackUnit,
    changed,
    clean_lines,
    read,
)

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

EMPTY: dict = {}
SECONDS, MEMORY = 5, 200 * 1024 * 1024


@pytest.fixture
def ask(xaa, alice):
    return lambda *labels, **letter: made(xaa, alice, *labels, letter=Letter(**letter))


def test_attack_a_program_leaves_the_hint_flag_on_typed_text(ask):
    """Only the text of the hint makes a box empty, in the language of the file; text beside it counts."""
    file = ask("I.13")
    document = parts_of(file)[DOCUMENT].decode()
    hint = "Enter text here"
    first = document.index(hint, document.index("I-13/measures"))
    typed = document[:first] + "The Act of 2016." + document[first + len(hint) :]
    assert typed.count("showingPlcHdr") == document.count("showingPlcHdr")
    values = boxes_of(with_part(file, DOCUMENT, typed)).values
    assert (values["measures"], values["difficulties"]) == ("The Act of 2016.", "")
    assert boxes_of(with_part(file, DOCUMENT, document.replace("<w:showingPlcHdr/>", ""))).values["measures"] == ""
    with translation.override("fr"):
        assert boxes_of(ask("I.13")).values["measures"] == ""


@pytest.mark.parametrize("form", [1, 2])
def test_attack_an_old_file_that_names_no_institution_is_read(ask, form):
    parts = parts_of(ask("I.13"))
    said = re.sub(r'(name="questionnaire/form">.*?)3(<)', rf"\g<1>{form}\2", parts[PROPERTIES].decode())
    said = re.sub(r'<property[^>]*name="questionnaire/hint">.*?</property>', "", said)
    sent_back = read(upload("old.docx", packed(parts | {PROPERTIES: said})))
    assert (sent_back.institution, sent_back.units[0].values["measures"]) == (None, "")


def boxes_of(file: bytes, label: str = "I-13") -> SentBackUnit:
    return next(boxes for boxes in read(upload("sent.docx", file)).units if boxes.slug == label)


def new_in(file: bytes, sent: dict = EMPTY, items: dict = EMPTY, label: str = "I-13") -> dict:
    """What the boxes of a unit say otherwise than they were sent, where all of them can be read."""
    new, faults = changed(boxes_of(file, label), sent, items)
    assert faults == []
    return new


def refusal(file: bytes, name: str = "sent.docx") -> str:
    with pytest.raises(ValidationError) as refused:
        read(upload(name, file))
    return " ".join(refused.value.messages)


# Reading


def test_it_says_of_which_state_and_revisions_it_is(ask, xaa, alice, unit):
    save_answer(respondent=xaa, unit=unit("I.13"), base=0, answer=Answer(status="implemented"), by=alice)
    sent_back = read(upload("sent.docx", ask("I.13", "II.49")))
    assert (sent_back.respondent, sent_back.has_answers) == ("XAA", True)
    assert {boxes.slug: boxes.base for boxes in sent_back.units} == {"II-49": 0, "I-13": 1}
    assert not read(upload("sent.docx", ask("I.13", with_answers=False))).has_answers


def test_each_box_is_read_as_its_field_says_it(ask, unit):
    items = {item.slug: item.label for item in unit("IV.46(i)").items.all()}
    file = filled(
        ask("IV.46(i)"),
        {
            "IV-46-i/status/not_applicable": True,
            "IV-46-i/reason_code/other": True,
            "IV-46-i/reasons": "Law No. 17\n\nA fund: <&> ",
            "IV-46-i/items_met/IV-46-i-ii": True,
            "IV-46-i/assistance_kinds/data": True,
            "IV-46-i/assistance_kinds/training": True,
            "IV-46-i/good_practice": True,
            "IV-46-i/lead_institution": "وزارة العدل",
            "IV-46-i/target_date": "14 April 2009",
            "IV-46-i/evidence": "Act of 2016",
        },
    )
    assert new_in(file, items=items, label="IV-46-i") == {
        "status": "not_applicable",
        "reason_code": "other",
        "reasons": "Law No. 17\n\nA fund: <&>",
        "items_met": ["IV.46(i)(ii)"],
        "assistance_kinds": ["training", "data"],
        "good_practice": True,
        "lead_institution": "وزارة العدل",
        "target_date": datetime.date(2009, 4, 14),
        "evidence": "Act of 2016",
    }


def test_every_box_is_in_the_documentation():
    page = (settings.BASE_DIR / "docs" / "reference" / "questionnaire.md").read_text(encoding="utf-8")
    boxes = page.split("## Boxes")[1].split("## Properties")[0]
    assert set(re.findall(r"`IV-46-i/(\w+)", boxes)) == set(READERS)


FULL = Answer(
    status="partially_implemented",
    measures="Law No. 17 of 2019.\n\n  Loi n°\u00a012 :\tл'закон  «два» \n<&> 受害者",
    difficulties="وزارة العدل No. 4 (2019) Ministry\nتم",
    assistance_kinds=["data", "training"],
    assistance="x" * 5000,
    good_practice=True,
    lead_institution="Ministry of Justice",
    target_date=datetime.date(2027, 6, 30),
)


@pytest.fixture
def answered(xaa, alice, unit):
    save_answer(respondent=xaa, unit=unit("I.13"), base=0, answer=FULL, by=alice)


def test_what_nobody_touched_says_nothing_new(answered, ask):
    assert new_in(ask("I.13"), FULL.as_fields()) == {}
    assert new_in(ask("I.13", with_answers=False)) == {}


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
def test_what_libreoffice_saved_is_read_as_what_was_sent(answered, ask, tmp_path):
    file = filled(ask("I.13"), {"I-13/reasons": "One.\nTwo.", "I-13/good_practice": False})
    saved = saved_by_libreoffice(file, tmp_path)
    assert saved != file
    assert new_in(saved, FULL.as_fields()) == {"reasons": "One.\nTwo.", "good_practice": False}
    assert boxes_of(saved).base == 1


def test_an_emptied_box_is_empty(answered, ask):
    assert new_in(filled(ask("I.13"), {"I-13/measures": ""}), FULL.as_fields()) == {"measures": ""}


def test_a_second_selected_status_replaces_the_status_sent(answered, ask):
    file = filled(ask("I.13"), {"I-13/status/implemented": True})
    assert new_in(file, FULL.as_fields()) == {"status": "implemented"}


def edited(file: bytes, *changes: tuple[str, str]) -> bytes:
    text = parts_of(file)[DOCUMENT].decode()
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    return with_part(file, DOCUMENT, text)


BOX = "<w:sdtContent><w:r><w:t>A law.</w:t></w:r></w:sdtContent></w:sdt>"


@pytest.fixture
def law(ask):
    """A file whose box of measures says "A law."."""
    return filled(ask("I.13"), {"I-13/measures": "A law."})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            "<w:sdtContent><w:p><w:r><w:t>A</w:t></w:r></w:p><w:p><w:r><w:t>B</w:t></w:r></w:p></w:sdtContent></w:sdt>",
            "A\nB",
        ),
        (f"{BOX}<w:r><w:t xml:space='preserve'> And more.</w:t></w:r>", "A law. And more."),
        (BOX.replace("</w:t>", "</w:t><w:cr/><w:t>B</w:t><w:tab/><w:t>C</w:t>"), "A law.\nB\tC"),
        (BOX.replace("<w:r>", "<w:del><w:r><w:delText>No</w:delText></w:r></w:del><w:r>"), "A law."),
        (BOX.replace("<w:r>", "<w:ins><w:r><w:t>So: </w:t></w:r></w:ins><w:r>"), "So: A law."),
        (BOX.replace("<w:r>", "<w:moveFrom><w:r><w:t>No</w:t></w:r></w:moveFrom><w:r>"), "A law."),
    ],
    ids=["paragraphs", "beside the box", "breaks", "struck out", "inserted", "moved away"],
)
def test_words_are_read_as_they_look(law, content, said):
    assert new_in(edited(law, (BOX, content))) == {"measures": said}


def test_a_box_that_was_broken_in_two_in_its_cell_is_one(law):
    begin = '<w:sdt><w:sdtPr><w:tag w:val="I-13/measures"/></w:sdtPr>'
    second = f"{begin}<w:sdtContent><w:r><w:t>B</w:t></w:r></w:sdtContent></w:sdt>"
    assert new_in(edited(law, (BOX, f"{BOX}</w:p><w:p>{second}"))) == {"measures": "A law.\nB"}


# What cannot be read is told at its field


@pytest.mark.parametrize("said", ["summer 2027", "1/7/2027", "31 June 2027", "1 Julember 2027", "2027", "0000-01-01"])
def test_an_unreadable_date_is_reported_with_the_typed_text(ask, said):
    new, faults = changed(boxes_of(filled(ask("I.13"), {"I-13/target_date": said})), EMPTY, EMPTY)
    assert new == {}
    assert faults == [BoxError("target_date", "Enter the date as 30 June 2027.", said)]


def test_two_selected_statuses_are_reported_by_name(ask):
    file = filled(ask("I.13"), {"I-13/status/implemented": True, "I-13/status/in_progress": True})
    assert changed(boxes_of(file), EMPTY, EMPTY)[1] == [BoxError("status", "Select one.", "Implemented; In progress")]


def test_a_box_that_appears_twice_is_reported(law):
    row = '<w:tbl><w:tr><w:tc><w:p><w:sdt><w:sdtPr><w:tag w:val="I-13/measures"/></w:sdtPr>' + BOX.replace(
        "law", "fund"
    )
    file = edited(law, ("<w:body>", f"<w:body>{row}</w:p></w:tc></w:tr></w:tbl>"))
    assert [fault.box for fault in changed(boxes_of(file), EMPTY, EMPTY)[1]] == ["measures"]


@pytest.mark.parametrize(
    "tag",
    [
        "I-13/secret",
        "I-13/status",
        "I-13/status/done",
        "I-13/measures/x",
        "I-13/good_practice/x",
        "I-13/items_met/I-13",
    ],
)
def test_a_box_that_is_not_in_the_questionnaire_is_reported(law, tag):
    file = edited(law, ('w:val="I-13/measures"', f'w:val="{tag}"'))
    _new, faults = changed(boxes_of(file), EMPTY, EMPTY)
    assert [str(fault.problem) for fault in faults] == [
        "This box is not part of the questionnaire. Remove it from the document."
    ]


# Other files and damaged ones


def test_a_plain_document_for_word_is_none(ask):
    parts = parts_of(ask("I.13"))
    without = {name: part for name, part in parts.items() if name != PROPERTIES}
    without["_rels/.rels"] = parts["_rels/.rels"].replace(b"custom-properties", b"extended-properties")
    assert "This document is not a questionnaire from this site" in refusal(packed(without))


def test_a_questionnaire_without_its_boxes_is_refused_with_advice(ask):
    document = parts_of(ask("I.13"))[DOCUMENT].replace(b"w:sdt>", b"w:was>")
    assert "This questionnaire has lost its boxes" in refusal(with_part(ask("I.13"), DOCUMENT, document))


def test_a_questionnaire_of_another_format_is_refused(ask):
    properties = parts_of(ask("I.13"))[PROPERTIES].replace(b"<vt:i4>3<", b"<vt:i4>9<")
    assert "has a format that cannot be read" in refusal(with_part(ask("I.13"), PROPERTIES, properties))


def test_only_documents_for_word_are_read(ask):
    assert "Choose the Word document (.docx)" in refusal(PDF, "sent.pdf")
    assert "older Office format" in refusal(OLE)
    assert "contains macros" in refusal(ask("I.13"), "sent.docm")
    assert "contains macros" in refusal(with_part(ask("I.13"), "word/vbaProject.bin", OLE))


def test_what_takes_in_something_from_outside_is_refused(ask):
    where = 'Target="http://x.example/a.dotm" TargetMode="External"'
    template = f'<Relationship Id="rId99" Type="http://x/attachedTemplate" {where}/>'
    link = template.replace("attachedTemplate", "hyperlink")
    name = "word/_rels/document.xml.rels"
    for added, is_refused in ((template, True), (link, False)):
        references = parts_of(ask("I.13"))[name].decode().replace("</Relationships>", f"{added}</Relationships>")
        file = with_part(ask("I.13"), name, references)
        if is_refused:
            assert "includes content from outside the file" in refusal(file)
        else:
            assert boxes_of(file).base == 0


def broken(file: bytes) -> dict[str, bytes]:
    """A hundred files that are no questionnaire any more, by what is wrong with them."""
    document = parts_of(file)[DOCUMENT].decode()
    head, body = document[: document.index("<w:body>") + 8], document[document.index("<w:body>") + 8 :]
    entity = '<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    laughs = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
    start = document.index("<w:document")
    step = len(file) // 60
    found = {f"cut after {size} bytes": file[:size] for size in range(0, len(file) - 1, step)}
    found |= {f"of zeros from {at}": file[:at] + bytes(len(file) - at) for at in range(step, len(file), step * 4)}
    found |= {
        f"document cut after {n}": with_part(file, DOCUMENT, document[: len(document) * n // 20]) for n in range(20)
    }
    found |= {
        "zip bomb": with_part(file, "word/media/a.xml", bytes(300 * 1024 * 1024)),
        "large document": with_part(file, DOCUMENT, head + os.urandom(DOCUMENT_LIMIT // 2).hex() + body),
        "a million paragraphs": with_part(file, DOCUMENT, head + "<w:p/>" * 1_000_000 + body, ZIP_STORED),
        "three million runs in a cell": with_part(file, DOCUMENT, head + "<w:tc>" + "<w:r/>" * 3_000_000, ZIP_STORED),
        "twenty million letters in a box": with_part(
            file, DOCUMENT, document.replace("Status", "x" * 20_000_000, 1), ZIP_STORED
        ),
        "depth": with_part(file, DOCUMENT, head + "<w:tbl><w:tr><w:tc>" * 100_000, ZIP_STORED),
        "boxes in boxes": with_part(file, DOCUMENT, head + "<w:sdt>" * 200 + "<w:p/>" * 700_000, ZIP_STORED),
        "external entity": with_part(
            file, DOCUMENT, document[:start] + entity + document[start:].replace("Status", "&x;", 1)
        ),
        "entities of entities": with_part(
            file,
            DOCUMENT,
            f'{document[:start]}<!DOCTYPE w [<!ENTITY a0 "ha">{laughs}]>'
            + document[start:].replace("Status", "&a9;", 1),
        ),
        "entities in properties": with_part(file, PROPERTIES, entity + "<Properties>&x;</Properties>"),
        "no document": packed({name: part for name, part in parts_of(file).items() if name != DOCUMENT}),
        "many parts": packed(parts_of(file) | {f"x/{n}.xml": "<x/>" for n in range(2000)}),
        "another archive": archive({"a.txt": "law"}),
        "another document": word(),
        "PDF": PDF,
        "OLE": OLE,
        "text": b"Ministry of Justice",
    }
    return found


MEASURE = """
import json, resource, sys, time
import django
from django.conf import settings
django.setup()
from pathlib import Path
from django.core.exceptions import ValidationError
from django.core.files import File
from tracker.documents.exchange.questionnaire_reader import read
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + int(sys.argv[2]),) * 2)
for path in sorted(Path(sys.argv[1]).iterdir()):
    began, said = time.perf_counter(), ""
    with path.open("rb") as file:
        try:
            read(File(file, name="sent.docx"))
        except ValidationError as error:
            said = " ".join(error.messages)
    print(json.dumps([path.name, said, time.perf_counter() - began]))
"""


@pytest.mark.thorough
def test_a_hundred_broken_files_are_refused_at_once_and_in_little_memory(ask, tmp_path):
    files = broken(ask("I.13"))
    assert len(files) >= 100
    files = dict(some(list(files.items())))
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(tmp_path), str(MEMORY)],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(told) == len(files)
    assert [name for name, said, _seconds in told if not said] == []
    assert [(name, seconds) for name, _said, seconds in told if seconds > SECONDS] == []


def test_lines_stay_lines():
    assert clean_lines("  a \r\nb\r\rc \n\n") == "a\nb\n\nc"
