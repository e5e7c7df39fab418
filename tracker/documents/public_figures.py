"""Write the files of a release (docs/public.md has the columns)."""

import json
from collections.abc import Callable

from tracker.documents.csv import csv_with_statements
from tracker.documents.report.columns import as_cell, plain
from tracker.documents.statements import ROUNDED
from tracker.models import Release


def _head(release: Release) -> dict[str, object]:
    return {
        "round": release.round.code,
        "body": release.round.body.slug,
        "data_as_at": release.made_at,
    }


def figures_csv(release: Release) -> str:
    head = _head(release)
    rows = ([as_cell(plain(value)) for value in (head | row).values()] for row in release.figures)
    return csv_with_statements([*head, *release.figures[0]], rows, ROUNDED)


def figures_json(release: Release) -> str:
    document = {
        **{name: plain(value) for name, value in _head(release).items()},
        "states_covered": release.covered,
        "states_invited": release.invited,
        "statements": list(map(str, ROUNDED)),
        "figures": release.figures,
    }
    return json.dumps(document, ensure_ascii=False, indent=1)


RELEASE_WRITERS: dict[str, Callable[[Release], str]] = {"csv": figures_csv, "json": figures_json}
