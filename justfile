# The commands of this repository: `uv run just`, then a name. Arguments are passed on, as in `uv run just test tests/test_house.py`.

# Show this list.
default:
    @just --list --unsorted

# Prepare a demonstration and serve it at http://127.0.0.1:8000/.
demo *args:
    uv run manage.py demo {{ args }}

# Test all parts in some five minutes, or every case of the tests that are named. DATABASE_URL switches to PostgreSQL.
test *args:
    uv run pytest {{ args }}

# Run every test, as `.ci/run` does.
test-all *args:
    CI=true uv run pytest {{ args }}

# Check style, formatting, types, and which part may import which.
check:
    uv run ruff check .
    uv run ruff format --check --quiet .
    uv run mypy --no-error-summary recommendations tracker tools
    uv run lint-imports --no-cache

# Fix what the checks of style and formatting can fix.
format:
    uv run ruff check --fix .
    uv run ruff format .

# Measure pages and files on a world of 20 invented States and 2 rounds, in a database of its own.
bench *args:
    #!/usr/bin/env bash
    set -euo pipefail
    folder=$(mktemp -d)
    trap 'rm -r "$folder"' EXIT
    export SECRET_KEY=bench SECOND_FACTOR_KEYS=bench DATABASE_URL="sqlite:///$folder/db.sqlite3" FILES_DIR="$folder/files"
    uv run manage.py migrate --verbosity 0
    uv run manage.py make_world --respondents 20 --rounds 2
    uv run manage.py bench {{ args }}
