"""The project stays about as small as it is: each run prints its figures beside those of limits.toml."""

import ast
import io
import tokenize
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
ROOM = 1.03  # above a limit: a small addition does not fail
LIMITS = tomllib.loads((ROOT / "limits.toml").read_text())
LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def code_lines(source: str) -> int:
    """Count the lines that have code: no blank line, comment or docstring."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    spans = ((token.start[0], token.end[0]) for token in tokens if token.type not in LAYOUT)
    lines = {line for first, last in spans for line in range(first, last + 1)}
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, DOCUMENTED)]
    texts = [node.body[0] for node in nodes if ast.get_docstring(node, clean=False) is not None]
    return len(lines - {line for text in texts for line in range(text.lineno, text.end_lineno + 1)})


def lines_in(folders: Iterable[str]) -> int:
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts]
    return sum(code_lines(path.read_text(encoding="utf-8")) for path in files)


def test_a_line_of_code_is_no_comment_and_no_docstring():
    assert code_lines('"""Say\nwhat."""\n\nx = """a\nb"""  # of two lines\n# none\n\n\ndef f():\n    """No."""\n') == 3


@pytest.mark.parametrize(
    ("limit", "count"),
    [
        ("code", lambda: lines_in(["recommendations", "tracker"])),
        ("tests", lambda: lines_in(["tests"])),
        ("models", lambda: sum(model._meta.app_label in {"recommendations", "tracker"} for model in apps.get_models())),
    ],
    ids=["code", "tests", "models"],
)
def test_the_project_is_within_its_limits(limit, count, record_property):
    counted = count()
    record_property(limit, f"{counted:,} of {LIMITS[limit]:,}")
    assert counted <= LIMITS[limit] * ROOM
