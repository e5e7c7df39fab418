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

# What only pages and papers in English show: tracker/web/middleware.py says which they are.
in_english := "\
  --ignore 'paper_import*' --ignore paper_details.py --ignore 'official_texts*' --ignore missing_entries.py \
  --ignore tracker/forms/treaty_act.py --ignore tracker/views/treaty_act.py --ignore templates/tracker/treaty_act \
  --ignore tracker/documents/paper --ignore tracker/forms/paper.py --ignore 'templates/tracker/progress/paper*' \
  --ignore templates/tracker/quotation/list.html --ignore templates/tracker/quotation/choose.html"

# Write the messages of the sources into the files of all languages in locale/, for translators.
messages:
    uv run manage.py makemessages --all --no-wrap --no-obsolete --add-location file --ignore tests {{ in_english }}

# Check the translations in locale/, as the tests do.
check-translations *args:
    uv run tools/check_translations.py {{ args }} locale/*/LC_MESSAGES/django.po

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
