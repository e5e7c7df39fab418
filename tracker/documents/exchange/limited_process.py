import math
import subprocess
import sys
from pathlib import Path
from typing import IO


def run_program(program: Path, *arguments: str, content: IO[bytes], output: IO[bytes], seconds: float) -> int | None:
    """Run a program that reads a hostile file and limits itself to `seconds`. Return how it ends, None if too late.

    The program is a child process without an argument, a variable or a folder that users choose.
    """
    if seconds <= 0:
        return None
    try:
        done = subprocess.run(  # noqa: S603 - our own program, which gets no argument of a user
            [sys.executable, "-I", str(program), *arguments, str(math.ceil(seconds))],
            stdin=content,
            stdout=output,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            env={},
            cwd="/",
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    return done.returncode
