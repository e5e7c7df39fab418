"""Needs for assistance as answers ask for them, and as the Secretariat's pages and files list them."""

import csv
import io

from python_calamine import CalamineWorkbook

from tests.conftest import find_unit
from tracker.actions.record import Answer, save_answer

LIST = "/progress/assistance/"
FILES = ("/progress/assistance.csv", "/progress/assistance.xlsx")


def ask_for_assistance(state, by, label="II.4", **said) -> None:
    answer = Answer(status="in_progress", measures="A bill.", ready=True, **said)
    save_answer(respondent=state, unit=find_unit(label), base=0, answer=answer, by=by)


def shown(response) -> list[str]:
    """`XAA II.4` of each need on the list."""
    return [f"{row.need.respondent.code} {row.need.unit.label}" for row in response.context["rows"]]


def cells(response) -> list[dict[str, str]]:
    """The rows of a file of needs, without what only one of the two has."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    if content.startswith(b"PK"):
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("Needs")
        head, *rows = [[str(cell) for cell in row] for row in sheet.to_python()]
        return [dict(zip(head, row, strict=True)) for row in rows]
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    return [{name: cell for name, cell in row.items() if name != "notice"} for row in rows]
