"""Run a program of the site in a child process of its own, within limits of time, memory and output."""

import math
import subprocess
import sys
from pathlib import Path
from typing import IO

LIMITED = Path(__file__).with_name("limited_program.py")  # sets the limits and runs the program
OUTPUT = 64 * 1024 * 1024  # bytes
THREADS = 2  # that typst may use: each of them needs memory


def run_child(
    program: Path, *arguments: str, content: IO[bytes], output: IO[bytes], seconds: float, memory: int
) -> int | None:
    """Return the exit status, None when `seconds` are over. The child reads a file and writes to another.

    It has no access to the settings, ends with the call, and leaves nothing.
    """
    if seconds <= 0:
        return None
    limits = map(str, (math.ceil(seconds), memory, OUTPUT, THREADS))
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
