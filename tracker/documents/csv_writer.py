"""Write a long CSV file with a byte order mark: the program of a child process, without Django (`answers.py`).

A line of its input is a part of rows, as JSON, or the numbers of the parts of one row, with commas between them.
"""

import json
import sys


def main() -> None:
    sys.stdout.buffer.write("\N{ZERO WIDTH NO-BREAK SPACE}".encode())
    parts: list[bytes] = []
    for line in sys.stdin.buffer:
        if line.startswith(b'"'):
            parts.append(json.loads(line).encode())
        else:
            sys.stdout.buffer.write(b",".join([parts[int(number)] for number in line.split(b",")]) + b"\r\n")


if __name__ == "__main__":
    main()
