"""Acts of several people at one moment."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier

from django.core.exceptions import ValidationError
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

LOCKS = [] if connection.vendor == "sqlite" else ["SELECT respondent"]  # transactions of SQLite take turns


@contextmanager
def done_first(job):
    """Let another act be quicker, when the first action of the block begins its transaction."""
    jobs = [job]

    def interrupt(execute, sql, *args):
        if sql.startswith("SAVEPOINT") and jobs:
            jobs.pop()()
        return execute(sql, *args)

    with connection.execute_wrapper(interrupt):
        yield


def results_at_once(*jobs, refusals: type[Exception] | tuple[type[Exception], ...] = ()) -> list:
    """What each job returns, or its refusal, when all begin together, each on a connection of its own."""
    together = Barrier(len(jobs))

    def run(job):
        together.wait()
        try:
            return job()
        except refusals as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def at_once(*actions) -> list[str]:
    """Whether each was `done` or `refused`, when all begin together."""
    results = results_at_once(*actions, refusals=ValidationError)
    return sorted("refused" if isinstance(result, ValidationError) else "done" for result in results)


def statements_of(action) -> tuple[list[str], list[str], list[str]]:
    """What it asks of the database before its first transaction, in it, and after: first words and tables."""
    with CaptureQueriesContext(connection) as captured:
        action()
    asked = [re.sub('^([A-Z]+)[^"]*("tracker_([a-z]+)")?.*', r"\1 \3", query["sql"]).strip() for query in captured]
    start, end = asked.index("BEGIN"), asked.index("COMMIT")
    return asked[:start], asked[start + 1 : end], asked[end + 1 :]
