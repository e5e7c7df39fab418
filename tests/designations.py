"""Archives of designations, as an administrator uploads them."""

import io
import zipfile

from django.core.files.uploadedfile import SimpleUploadedFile

from tracker.forms.designation import COLUMNS

PAGE = "/administration/designations/"


def row(code: str, email: str, note: str = "12/2026", **typed: str) -> dict[str, str]:
    """The focal point of a State, with what a test says instead."""
    usual = {"state": code, "name": "Ada Noor", "office": "Ministry of Justice", "email": email, "language": "en"}
    usual |= {"role": "Focal point", "note_verbale": note, "date": "3 March 2026", "last_day": "2099-12-31"}
    return usual | typed


def table(*rows: dict[str, str], columns=COLUMNS) -> bytes:
    lines = [columns, *([each.get(column, "") for column in columns] for each in rows)]
    return "\r\n".join(",".join(f'"{cell}"' for cell in line) for line in lines).encode()


def archive(*rows: dict[str, str], files: dict[str, bytes] | None = None, notes: bool = True) -> SimpleUploadedFile:
    """A ZIP with the table of the rows and a text for each note verbale; `files` are added or replace these."""
    content = {
        f"notes/{each['note_verbale'].replace('/', '-')}.txt": f"We appoint {each['email']}.".encode() for each in rows
    }
    found = ({"people.csv": table(*rows)} | (content if notes else {})) | (files or {})
    return zipped(found)


def zipped(files: dict[str, bytes], name: str = "designations.zip") -> SimpleUploadedFile:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as made:
        for each, content in files.items():
            made.writestr(each, content)
    return SimpleUploadedFile(name, written.getvalue(), "application/zip")
