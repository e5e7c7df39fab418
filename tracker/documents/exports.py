"""List the kinds of file that are made as a task and stored for the user who asked (`tracker.models.export`).

A view checks a form and redirects to what `request_export` returns: a page with the progress and then the file.
"""

from collections.abc import Callable
from typing import IO, NamedTuple

from tracker.documents import answers
from tracker.models import Export

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ExportKind(NamedTuple):
    """`title` and `file_name` are called with the parameters.

    `may` decides by what is permitted today: before the export is requested, when it starts, and at each download, then
    with its `sources`. `write` writes into an open, empty file, in no transaction, and returns the keys of the included
    submissions, which become the `sources`. After an exception the owner is notified that the file was not made.
    """

    title: Callable[[dict], str]
    file_name: Callable[[dict], str]
    content_type: str
    may: Callable[[Export], bool]
    write: Callable[[Export, IO[bytes], answers.ReportSteps], list[int]]


KINDS = {
    "answers_xlsx": ExportKind(
        title=answers.title,
        file_name=lambda parameters: answers.file_name(parameters["rounds"], "xlsx"),
        content_type=XLSX,
        may=answers.can_use_export,
        write=answers.write_workbook,
    )
}
