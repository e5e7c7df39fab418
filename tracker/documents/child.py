"""Run a program of the site in a child process of its own, within limits of time, memory and output.

As a program, without Django, it sets the limits and becomes the other program. Its arguments are seconds, bytes of
memory, a path, and the arguments of the program at that path.
"""

import math
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import IO

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
    limits = (str(math.ceil(seconds)), str(memory))
    try:
        done = subprocess.run(  # noqa: S603 - our own programs, which get no argument of a user
            [sys.executable, "-I", __file__, *limits, str(program), *arguments],
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


def _become(seconds: str, memory: str, program: str, *arguments: str) -> None:
    limits = {"DATA": int(memory), "CPU": int(seconds) * THREADS, "FSIZE": OUTPUT, "CORE": 0, "NOFILE": 64}
    for name, limit in limits.items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (limit, limit))
    os.execv(sys.executable, [sys.executable, "-I", program, *arguments])  # noqa: S606 - as above


if __name__ == "__main__":
    _become(*sys.argv[1:])
