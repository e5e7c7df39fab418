"""Acts of several people at one moment."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier

from django.core.exceptions import ValidationError
from django.db import connection, connections


@contextmanager
def done_first(job):
    """Let another act be quicker once the first action of the block has begun."""
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
