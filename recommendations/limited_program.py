"""Run another program within limits: what `child.py` starts, without Django and with few imports.

Its arguments are seconds, bytes of memory, bytes of output, threads, a path, and the arguments of the program there.
"""

import resource
import runpy
import sys


def main(seconds: str, memory: str, output: str, threads: str, program: str, *arguments: str) -> None:
    limits = {"DATA": int(memory), "CPU": int(seconds) * int(threads), "FSIZE": int(output), "CORE": 0, "NOFILE": 64}
    for name, limit in limits.items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (limit, limit))
    sys.argv = [program, *arguments]
    runpy.run_path(program, run_name="__main__")


if __name__ == "__main__":
    main(*sys.argv[1:])
