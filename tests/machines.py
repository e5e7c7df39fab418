"""Another machine that writes into the database of a test, and dies in the middle of it."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.database import database_url

SET_UP = """
import os, sys
import tracker.wsgi
"""
SERVE = """
print("ready", flush=True)
for line in sys.stdin:
    child = os.fork()
    if not child:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        act(line.strip())
        os._exit(0)
    print(child, flush=True)
    print(os.waitpid(child, 0)[1], flush=True)
"""


@contextmanager
def another_machine(source: str) -> Iterator[subprocess.Popen]:
    """A process that is set up once; each time that it is told to, a child of it does `act(line)` of the source."""
    environment = os.environ | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "bufsize": 0}
    with subprocess.Popen([sys.executable, "-c", SET_UP + source + SERVE], env=environment, **pipes) as process:
        assert process.stdout.readline() == b"ready\n"
        yield process
        process.stdin.close()


def act_there(machine: subprocess.Popen, line: object = "", killed_after: float | None = None) -> tuple[float, int]:
    """Act, and die of SIGKILL after so many seconds; return how many it took, and the status of its end."""
    machine.stdin.write(f"{line}\n".encode())
    began, process = time.perf_counter(), int(machine.stdout.readline())
    if not select.select([machine.stdout], [], [], killed_after)[0]:
        with suppress(ProcessLookupError):  # it ended at this very moment
            os.kill(process, signal.SIGKILL)
    status = int(machine.stdout.readline())
    return time.perf_counter() - began, status
