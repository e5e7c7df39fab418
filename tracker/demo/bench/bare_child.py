"""The program whose processor time is the unit of child processes: it works with text for a tenth of a second."""

import json

ROWS = {str(number): [str(column) * 3 for column in range(40)] for number in range(1000)}
TIMES = 12


def main() -> None:
    for _time in range(TIMES):
        rows = json.loads(json.dumps(ROWS))
        sorted(cell for row in rows.values() for cell in row)


if __name__ == "__main__":
    main()
