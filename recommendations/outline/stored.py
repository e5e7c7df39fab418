"""Write the paragraphs of a document as JSON without fractions, and read them again. No Django."""

from collections.abc import Iterable
from dataclasses import asdict

from recommendations.outline.source import Note, PrintedPart, Run, SourceParagraph

LENGTHS = ("size", "indent")  # in points; stored in hundredths


def write_paragraphs(paragraphs: Iterable[SourceParagraph]) -> list[dict]:
    rows = [asdict(paragraph) for paragraph in paragraphs]
    return [row | {name: round(100 * row[name]) for name in LENGTHS} for row in rows]


def read_paragraphs(rows: Iterable[dict]) -> list[SourceParagraph]:
    return [
        SourceParagraph(
            **row
            | {name: row[name] / 100 for name in LENGTHS}
            | {
                "runs": [Run(**run) for run in row["runs"]],
                "notes": [Note(**note) for note in row["notes"]],
                "part": PrintedPart(row["part"]),
                "cell": tuple(row["cell"]) if row["cell"] else None,
            }
        )
        for row in rows
    ]
