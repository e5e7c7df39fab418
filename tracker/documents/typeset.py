"""Write PDF/UA with typst, from a tree of plain data whose every letter has a font."""

import json
import re
import tempfile
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import fontpkg
import pylopdf_fonts_zh_cn
from django.utils.translation import gettext_lazy

from recommendations.child import make_in_child
from tracker.models.validators import UNKEEPABLE

WRITER = Path(__file__).with_name("pdf_writer.py")
LETTER_READER = Path(__file__).with_name("letter_reader.py")
SECONDS = 30
MEMORY = 1024 * 1024 * 1024  # bytes
UNSHOWN = "\N{REPLACEMENT CHARACTER}"
UNSHOWN_NOTE = gettext_lazy("Characters that this file cannot show appear as �.")
BREAK = "\N{ZERO WIDTH SPACE}"

# Amiri, since copying its letters or reading them aloud gives the words; with Noto, dots come apart.
FAMILIES = ("Noto Sans", "Noto Serif", "Amiri")
CHINESE = (pylopdf_fonts_zh_cn.sans_path(), pylopdf_fonts_zh_cn.serif_path())
FONTS = [str(file.path) for family in FAMILIES for file in fontpkg.family(family).files] + list(map(str, CHINESE))
# Of packages and of typst only, so that no font of a machine changes a report.
FONT_FOLDERS = sorted({str(Path(font).parent) for font in FONTS})
OF_TYPST = "✔✗✘☐☑☒"  # in DejaVu Sans Mono, which comes with it

# What no line could hold, unless it may be broken: Chinese may, everywhere.
UNBROKEN = re.compile(r"[^\s\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff]{31,}")
DIGEST = re.compile(r"(\d+:)?[0-9a-f]{64}\W?")
ADDRESS = re.compile(r"\W{0,2}https?://")  # typst breaks it between its parts: copying gives it whole
PART_OF_AN_ADDRESS = re.compile(r"\w{31,}")
HELD_TOGETHER = 10  # characters, as many as the narrowest column holds
KEPT_WHOLE = {"kind", "code", "anchor", "to", "digest", "language", "direction", "looks"}
INVISIBLE = {"Cc", "Cf", "Zl", "Zp", "Zs"}
# Variation selectors, which have no letter of their own.
VARIANTS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"


def make_pdf(template: bytes, tree: dict[str, Any]) -> bytes:
    """Return tagged PDF/UA. The template finds the tree as `document` among its inputs.

    The tree gets `unshown`, a note on characters without a letter. Raise NotMade where it takes too much.
    """
    unshown = _without_letter(json.dumps(tree, ensure_ascii=False, default=str))
    tree["unshown"] = str(UNSHOWN_NOTE) if unshown else ""
    shown = _shown(tree, dict.fromkeys(unshown, UNSHOWN))
    inputs = {"document": json.dumps(shown, ensure_ascii=False, default=str)}
    return _run(WRITER, {"template": template.decode(), "inputs": inputs, "fonts": FONT_FOLDERS})


def _run(program: Path, job: Any) -> bytes:
    with tempfile.TemporaryFile() as content, tempfile.TemporaryFile() as written:
        content.write(json.dumps(job).encode())
        make_in_child(program, content=content, output=written, seconds=SECONDS, memory=MEMORY)
        written.seek(0)
        return written.read()


def _without_letter(text: str) -> set[int]:
    found = set(_pattern_without_letter().findall(text))
    return {ord(letter) for letter in found if unicodedata.category(letter) not in INVISIBLE}


def _shown(tree: Any, unshown: dict[int, str]) -> Any:
    if isinstance(tree, str):
        words = UNKEEPABLE.sub("", tree.replace("\r\n", "\n")).translate(unshown)
        return UNBROKEN.sub(_split_word, words)
    if isinstance(tree, dict):
        return {name: value if name in KEPT_WHOLE else _shown(value, unshown) for name, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [_shown(value, unshown) for value in tree]
    return tree


def _split_word(found: re.Match) -> str:
    word = found[0]
    if DIGEST.fullmatch(word):
        return word
    return PART_OF_AN_ADDRESS.sub(_split_text, word) if ADDRESS.match(word) else _split_text(found)


def _split_text(found: re.Match) -> str:
    word = found[0]
    return BREAK.join(word[start : start + HELD_TOGETHER] for start in range(0, len(word), HELD_TOGETHER))


@cache
def _pattern_without_letter() -> re.Pattern[str]:
    """Match a character without a letter. The pattern is small, and as quick as a set of all letters."""
    ranges = json.loads(_run(LETTER_READER, FONTS))
    letters = "".join(f"{re.escape(chr(first))}-{re.escape(chr(last))}" for first, last in ranges)
    return re.compile(f"[^{letters}{VARIANTS}{OF_TYPST}]")
