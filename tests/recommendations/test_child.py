"""A program in a child process has limits, and leaves nothing; a file that exceeds them is not made."""

import io
import logging
import tempfile
from pathlib import Path

import pikepdf
import pytest

from recommendations import child
from recommendations.child import NotMade, run_child
from tests.open_files import open_files, open_files_before
from tracker.documents import typeset
from tracker.documents.typeset import make_pdf

pytestmark = pytest.mark.one_database

MEGABYTE = 1024 * 1024


@pytest.fixture
def run(tmp_path):
    """Run lines of Python as the child; return its exit status and what it wrote."""

    def run_(program: str, seconds: float = 30, memory: int = 200 * MEGABYTE) -> tuple[int | None, bytes]:
        path = tmp_path / "program.py"
        path.write_text(program)
        with tempfile.TemporaryFile() as content, tempfile.TemporaryFile() as output:
            content.write(b"what it reads")
            content.seek(0)
            status = run_child(path, "an argument", content=content, output=output, seconds=seconds, memory=memory)
            output.seek(0)
            return status, output.read()

    return run_


def test_the_child_reads_and_writes_and_knows_no_setting(run):
    program = (
        "import os, sys; print(sys.stdin.read(), sys.argv[1:], [n for n in os.environ if 'KEY' in n or 'URL' in n])"
    )
    assert run(program) == (0, b"what it reads ['an argument'] []\n")


def test_attack_a_child_that_takes_all_memory_is_stopped(run):
    assert run("x = bytearray(100 * 1024 * 1024)")[0] == 0
    assert run("x = bytearray(400 * 1024 * 1024)")[0] == 1


def test_attack_a_child_that_never_ends_is_stopped_and_leaves_no_process(run):
    status, output = run("import os; print(os.getpid(), flush=True)\nwhile True: pass", seconds=1)
    assert status is None
    assert not Path(f"/proc/{int(output)}").exists()


def test_attack_a_child_in_many_threads_takes_no_more_processor_time(run):
    program = "import resource; print(resource.getrlimit(resource.RLIMIT_CPU)[0])"
    assert run(program, seconds=7) == (0, b"14\n")


def test_a_child_that_is_killed_is_a_failure(run):
    assert run("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")[0] == -9


def test_attack_a_child_fills_the_disk(run, monkeypatch):
    status, output = run(f"import sys; sys.stdout.buffer.write(bytes({child.OUTPUT} + 1))")
    assert status != 0
    assert len(output) <= child.OUTPUT


# PDF


def pdf(text: str = "words") -> bytes:
    return make_pdf(b"#json(bytes(sys.inputs.document)).text", {"text": text})


@pytest.fixture
def errors(caplog):
    caplog.set_level(logging.ERROR, logger="recommendations.child")
    return caplog


@pytest.mark.parametrize(
    ("limit", "value", "said"),
    [("SECONDS", 0.01, "too much time"), ("MEMORY", 20 * MEGABYTE, "status ")],
    ids=["over time", "over memory"],
)
def test_a_pdf_over_a_limit_is_not_made_and_one_line_says_so(errors, monkeypatch, limit, value, said):
    pdf()
    before = open_files_before()
    with monkeypatch.context() as patch:
        patch.setattr(typeset, limit, value)
        with pytest.raises(NotMade):
            pdf("a word of an answer " * 20_000)
    assert [record.levelname for record in errors.records] == ["ERROR"]
    assert said in errors.text
    assert "word of an answer" not in errors.text
    assert open_files() == before
    assert pdf().startswith(b"%PDF-")


def test_attack_a_pdf_needs_more_memory_than_the_site_allows(errors):
    """With the limits of the site, which end it long before the memory of a machine does."""
    with pytest.raises(NotMade):
        make_pdf(b"#range(1000000000).len()", {})
    assert "status -" in errors.text


def test_typst_refuses_what_is_not_accessible_and_the_pdf_is_made_all_the_same():
    untitled = make_pdf(b'#image(bytes("<svg xmlns=\\"http://www.w3.org/2000/svg\\"/>"), alt: none)', {})
    assert untitled.startswith(b"%PDF-1.7")


def test_the_structure_of_a_large_pdf_is_compressed():
    """It is half of a report."""
    content = make_pdf(b"#for n in range(3000) [= A heading #n]", {})
    with pikepdf.open(io.BytesIO(content)) as document:
        types = {each.get("/Type") for each in document.objects if isinstance(each, pikepdf.Stream)}
        assert (document.Root.MarkInfo.Marked, "/ObjStm" in types) == (True, True)
    assert b"/StructElem" not in content
    assert b"/StructElem" in make_pdf(b"= A heading", {})
