"""Read the text of a stored file, whatever its kind and however hostile it is."""

import codecs
import json
import logging
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from recommendations.child import run_child
from tracker.documents.exchange.uploads import ODF, OOXML, TEXT_TYPES, TYPES
from tracker.models import EvidenceFile, HeldUpload
from tracker.models.matching import holds

logger = logging.getLogger(__name__)

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "cp1252", "cp1251", "cp1256", "gb18030")
PIECE = 1024 * 1024  # bytes
SECONDS = 20  # for one file
ALL_SECONDS = 60  # for all files of a search
MEMORY = 512 * 1024 * 1024  # bytes
UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")  # by a database
EXTRACTOR = Path(__file__).with_name("text_extractor.py")
PDF = TYPES[".pdf"]
ARCHIVES = {kind for kind in TYPES.values() if kind.startswith((OOXML, ODF))}


class OutOfTime(Exception):
    """The text of a file was not read within the given seconds."""


class FileSearch:
    """Search files for words until the time is over.

    `unsearched` are files whose whole text could not be read, and `unread` those that the storage did not give.
    """

    def __init__(self, words: str):
        self.words = words
        self.unsearched: list[EvidenceFile | HeldUpload] = []
        self.unread: list[EvidenceFile | HeldUpload] = []
        self._end = time.monotonic() + ALL_SECONDS

    def finds(self, file: EvidenceFile | HeldUpload) -> bool:
        try:
            if file.content_type in TEXT_TYPES.values():
                return any(holds(_decode(file, encoding), self.words) for encoding in ENCODINGS)
            found, is_complete = self._search_document(file)
        except FileNotFoundError:
            logger.exception("a file is missing in storage")
            return False
        except Exception:  # storage backends have no error class in common
            logger.exception("reading a file failed")
            found, is_complete = False, False
            self.unread.append(file)
        if not found and not is_complete:
            self.unsearched.append(file)
        return found

    def _search_document(self, file: EvidenceFile | HeldUpload) -> tuple[bool, bool]:
        """Return whether the words are in the text, and whether that is all of the text."""
        seconds = min(SECONDS, self._end - time.monotonic())
        if file.content_type not in (PDF, *ARCHIVES) or seconds <= 0:
            return False, False
        with tempfile.TemporaryFile() as text:
            status = _extract(file, "everything", text, seconds)
            pieces = codecs.iterdecode(iter(lambda: text.read(PIECE), b""), "utf-8", errors="replace")
            return holds(pieces, self.words), status == 0


def read_pages(file: EvidenceFile, seconds: float) -> list[str]:
    """Return what the file shows: the text of each page of a PDF, or one text; nothing where none can be read.

    Of a very long file it is the beginning. Raise OutOfTime, and what the storage raises.
    """
    if file.content_type in TEXT_TYPES.values():
        pages = [_decode_beginning(file)]
    elif file.content_type in (PDF, *ARCHIVES):
        with tempfile.TemporaryFile() as text:
            if _extract(file, "pages", text, seconds) is None:
                raise OutOfTime
            pages = [json.loads(line) for line in text if line.endswith(b"\n")]
    else:
        pages = []
    return [UNSTORABLE.sub("", page) for page in pages] if any(map(str.strip, pages)) else []


def _extract(file: EvidenceFile | HeldUpload, form: str, output: IO[bytes], seconds: float) -> int | None:
    """Write the text in a form of `text_extractor.py`, from the start of `output`; return the status of the child."""
    kind = "pdf" if file.content_type == PDF else "archive"
    with tempfile.TemporaryFile() as content:
        for piece in _read(file):
            content.write(piece)
        content.seek(0)
        status = run_child(EXTRACTOR, kind, form, content=content, output=output, seconds=seconds, memory=MEMORY)
    output.seek(0)
    return status


def _decode_beginning(file: EvidenceFile) -> str:
    """Return the text in Unicode where it is, else in the encoding of Windows in Western Europe."""
    with file.file.storage.open(str(file.file.name)) as stream:
        content = stream.read(PIECE)
    encoding = "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        return codecs.getincrementaldecoder(encoding)().decode(content)  # a letter may be cut at the end
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _decode(file: EvidenceFile | HeldUpload, encoding: str) -> Iterator[str]:
    return codecs.iterdecode(_read(file), encoding, errors="replace")


def _read(file: EvidenceFile | HeldUpload) -> Iterator[bytes]:
    with file.file.storage.open(str(file.file.name)) as stream:
        yield from stream.chunks(PIECE)
