"""Run a program of the site in a child process of its own, within limits of time, memory and output."""

import logging
import math
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

logger = logging.getLogger(__name__)

LIMITED = Path(__file__).with_name("limited_program.py")  # sets the limits and runs the program
OUTPUT = 64 * 1024 * 1024  # bytes
THREADS = 2  # that typst may use: each of them needs memory


class NotMade(Exception):
    """The file takes more time or memory than the site allows."""


def make_in_child(
    program: Path, *, content: IO[bytes], output: IO[bytes], seconds: float, memory: int, size: int = OUTPUT
) -> None:
    """Have a program make a file from all that was written to `content`; raise NotMade where it makes none."""
    content.seek(0)
    status = run_child(program, content=content, output=output, seconds=seconds, memory=memory, size=size)
    if status != 0:
        reason = "too much time" if status is None else f"status {status}"
        logger.error("a file was not made: %s, %s", program.name, reason)
        raise NotMade(reason)


def read_in_child(
    program: Path, *arguments: str, file: IO[bytes], seconds: float, memory: int
) -> tuple[int | None, list[bytes]]:
    """Have a program read a file from outside; return the status of `run_child`, and the lines that were written."""
    file.seek(0)
    with tempfile.TemporaryFile() as content, tempfile.TemporaryFile() as written:
        shutil.copyfileobj(file, content)
        content.seek(0)
        status = run_child(program, *arguments, content=content, output=written, seconds=seconds, memory=memory)
        written.seek(0)
        return status, written.readlines()


def run_child(
    program: Path,
    *arguments: str,
    content: IO[bytes],
    output: IO[bytes],
    seconds: float,
    memory: int,
    size: int = OUTPUT,
) -> int | None:
    """Return the exit status, None when `seconds` are over. The child reads a file and writes to another.

    `memory` and the `size` of its output are in bytes.

    It has no access to the settings, ends with the call, and leaves nothing.
    """
    if seconds <= 0:
        return None
    limits = map(str, (math.ceil(seconds), memory, size, THREADS))
    try:
        done = subprocess.run(  # noqa: S603 - our own programs, which get no argument of a user
            [sys.executable, "-I", str(LIMITED), *limits, str(program), *arguments],
            stdin=content,
            stdout=output,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            env={"RAYON_NUM_THREADS": str(THREADS)},
            cwd="/",
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    return done.returncode
