"""The kinds of file that are made as a task and kept for whoever asked (`tracker.models.export`).

To add one: write a function that writes it, and an entry in KINDS. A view checks what was asked for by a form, and then

    export = request_export(kind="answers_xlsx", parameters={"rounds": ["2026"]}, by=request.user)
    return redirect(export)  # its page, with the progress and then the file

Everything else is done: the pages under /exports/, the task, the file in storage, and its removal after seven days.
"""

from collections.abc import Callable
from typing import IO, NamedTuple, Protocol

from tracker.documents import answers
from tracker.models import Export

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Tell(Protocol):
    """How far it is: `done` of `total` steps. To be called once a minute at least: it writes once a second at most, and
    raises to end the work when nobody wants the file any more.
    """

    def __call__(self, done: int, total: int) -> None: ...


class ExportKind(NamedTuple):
    """`title` and `file_name` are given the parameters.

    `may`: whether the owner of an export may have it: asked before it is made, when it is begun, and at each download,
    then with its `sources`. It must be true of what is permitted *today*: roles, bars, submissions that she may still
    read and that may still be used. The owner comes fresh from the database each time.

    `write` writes the file into an open, empty one, in no transaction, and returns the keys of the submissions that are
    in it, which become the `sources`. What it raises is logged, and she is told that the file was not made.
    """

    title: Callable[[dict], str]
    file_name: Callable[[dict], str]
    content_type: str
    may: Callable[[Export], bool]
    write: Callable[[Export, IO[bytes], Tell], list[int]]


KINDS = {
    "answers_xlsx": ExportKind(
        title=answers.title,
        file_name=lambda parameters: answers.file_name(parameters["rounds"], "xlsx"),
        content_type=XLSX,
        may=answers.may_have,
        write=answers.write_workbook,
    ),
}
