#!/usr/bin/env python3
"""Check a translated .po file of the site: what a machine can see before a native reader reads.

    uv run --with polib shared/tools/check_translations.py locale/fr/LC_MESSAGES/django.po
    … --partial            leave out empty and fuzzy messages (a batch in work)
    … --glossary FILE      default: ../data/glossary.csv beside this file
    … --latin FILE         words that stay in Latin letters, one a line, added to ALLOWED_LATIN
    … --accept FILE        findings that a reader has judged and accepted, one a line as `CODE<tab>msgid`
    … --only CODE,CODE     these checks alone          … --json       one finding a line as JSON
    … --summary            counts alone

Exit status: 0 no error, 1 errors (capital E), 2 wrong use. Warnings (capital W) are for the reader and never fail.

E-EMPTY        no translation, or a plural form is empty      E-FUZZY    marked fuzzy
E-PLURAL       number of forms or the Plural-Forms formula differs from Django's
E-PLACEHOLDER  a %(name)s is missing, added or of another type. A plural form may leave the number out only where the
               form stands for exactly one number (Arabic 0, 1, 2); French "singular" is for 0 and 1 and may not
E-PERCENT      a lone % in a message with placeholders        E-TAG      tags or attributes differ, or nested wrongly
E-SPACE        white space at an end differs, doubled blank, or another number of line breaks
E-END          ends with another kind of mark (. : ? ! …)     E-LATIN    Latin words left in ar, zh or ru
E-CONTROL      control characters of direction or zero width in the text (templates isolate names)
E-COPY         same as the English, and more than three words (fewer: W-COPY)
E-TERM         an English term of the glossary without its term in this language, or with one marked "not …"
E-COUNTRY      "State" in English, "country" in the translation
W-TYPE         marks that the language writes otherwise (French blanks before : ; ? !; Arabic ، ؛ ؟; Chinese ，。)
W-LONG         longer than buttons and column heads bear     W-SHORT    much shorter than the English: a part is lost
W-TWIN         one English text (but for capitals and the last mark) in two translations
W-SAME         two English labels in one translation         W-REGISTER familiar forms, signs for two genders
"""

import argparse
import csv
import json
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import polib

PLURALS = {  # as in Django's own catalogues; compared by their results for 0 to 1,000,000
    "ar": (6, "n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 && n%100<=99 ? 4 : 5"),
    "es": (3, "n == 1 ? 0 : n != 0 && n % 1000000 == 0 ? 1 : 2"),
    "fr": (3, "(n == 0 || n == 1) ? 0 : n != 0 && n % 1000000 == 0 ? 1 : 2"),
    "ru": (
        4,
        "(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : "
        "n%10==0 || (n%10>=5 && n%10<=9) || (n%100>=11 && n%100<=14) ? 2 : 3)",
    ),
    "zh": (1, "0"),
}
NUMBERS = (*range(1201), 10_000, 1_000_000, 2_000_000)
PLACEHOLDER = re.compile(r"%\((\w+)\)([sd])|%([sd])|\{(\w*)\}")
TAG = re.compile(r"<(/?)([a-zA-Z]\w*)([^<>]*)>")
ENTITY = re.compile(r"&(?:\w+|#\d+);")
CODE = re.compile(r"<code\b.*?</code>|https?://\S+|\S+@\S+|\b[IVX]+\.\d+(?:\([a-z]+\))*|“[^”]*”(?= \([A-Z])")
WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")
LATIN = re.compile(r"[A-Za-zÀ-ɏ]{2,}")
CONTROL = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
ALLOWED_LATIN = frozenset(
    {
        *(
            "UTC",
            "PDF",
            "CSV",
            "JSON",
            "XLSX",
            "DOCX",
            "TXT",
            "PNG",
            "JPEG",
            "TIFF",
            "SHA",
            "HTML",
            "URL",
            "API",
            "ISO",
        ),
        *("UNODC", "UNTC", "SHERLOC", "OpenDocument", "Word", "Excel", "PowerPoint", "RFC", "Ed", "TOTP", "QR", "MB"),
        *("KB", "GB", "ZIP", "ClamAV", "LibreOffice", "Office", "Microsoft", "bytes"),
    }
)
ENDS = {
    ".": ".。", ":": ":：", "?": "?؟？", "!": "!！", "…": "…", ";": ";؛；",
}  # fmt: skip
END_OF = {mark: kind for kind, marks in ENDS.items() for mark in marks}
# How much longer than English a label of up to four words may be, and the least length of a whole text, by language.
LONGEST = {"ar": 1.5, "es": 1.7, "fr": 1.7, "ru": 1.8, "zh": 1.2}
SHORTEST = {"ar": 0.45, "es": 0.6, "fr": 0.6, "ru": 0.6, "zh": 0.15}
SLACK = 8  # characters that any label may have more
COUNTRY = {
    "ar": r"(?:ال|لل)?(?:بلد|بلدان)\b",
    "es": r"\bpa[ií]s(?:es)?\b",
    "fr": r"\bpays\b",
    "ru": r"\bстран\w*",
    "zh": r"(?!)",
}
REGISTER = {
    "fr": r"\b(?:tu|toi|ton|ta|tes)\b|[a-zé]\([ens]+\)|\w·\w|s'il vous plaît",
    "es": r"\b(?:tú|tu|tus|vosotros|vuestr\w+)\b|\w\((?:a|as|es)\)|\w@\w|\w/a\b",
    "ru": r"\b(?:ты|тебя|твой|твоя|твои)\b|\w\((?:а|ла|ся)\)",
    "ar": r"\w/ة|\(ة\)",
    "zh": r"你",
}
TYPE = {
    "fr": (
        r"[^\u00a0\u202f\s]\s?(?<![\u00a0\u202f])[;?!](?!\w)|\w :|(?<=[^\W\d_]):(?!//)|\"|“|”|'"
        r"|«(?![\u00a0\u202f])|(?<![\u00a0\u202f])»",
        "no-break blank before : ; ? ! », after «; ’ for '",
    ),
    "es": (r"^[^¿]*\?|^[^¡]*!|\"|'", "¿ …? and “ ” or « »"),
    "ru": (r"\"|“|”|'", "« »"),
    "ar": (r"[,;?]|\"", "، ؛ ؟ and « »"),
    "zh": (r"(?<=[\u4e00-\u9fff])\s?[,;:?!.](?=\s|$|[\u4e00-\u9fff])|[\u4e00-\u9fff]\(|\"", "，；：？！。（）“”"),
}
ARABIC_PREFIX = re.compile(r"^(?:[وف]?(?:بال|كال|لل|ال)|[وف][بلك]?(?=\w{4})|[بلك](?=\w{4}))")
ARABIC_SUFFIX = re.compile(r"(?:ات|ون|ين|ان|تان|تين|ية|ها|ه|ة|ا)$")
ENGLISH_ENDS = re.compile(r"(?:s|’s|'s)$")


class Finding(NamedTuple):
    code: str
    line: int
    msgid: str
    detail: str


class GlossaryTerm(NamedTuple):
    """A row of the glossary in one language. `forms` are lists of stems, one list a wording; one of them is enough."""

    english: str
    pattern: re.Pattern[str]
    forms: tuple[tuple[str, ...], ...]
    forbidden: tuple[str, ...]
    cell: str


# The glossary


def read_terms(path: Path, language: str) -> list[GlossaryTerm]:
    found: dict[str, GlossaryTerm] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            cell = (row.get(language) or "").strip()
            english = re.sub(r"\s*\(.*?\)|[“”\"]", "", row["term"]).strip()
            # Long statements, lists of modal verbs, names of rows and what the site has no word for are for readers.
            if not cell or len(english) > 60 or ":" in english or "same substance" in row["term"] or "…" in english:
                continue
            if "do not check" in row["context"]:
                continue
            forbidden = tuple(
                word.strip(" '’\"") for word in re.findall(r"\bnot ['‘’]?([^);:,]+?)['’]?(?=[);:,]|$)", cell)
            )
            forms = tuple(stems for wording in wordings(cell) if (stems := stems_of(wording, language)))
            names = [name.strip() for name in re.split(r"\s/\s|, (?=[a-z]+$)", english) if name.strip()]
            parts = cell.split(" / ")
            for place, name in enumerate(names):
                own = forms
                if len(names) == len(parts) > 1:  # one wording for each name
                    own = tuple(stems for each in wordings(parts[place]) if (stems := stems_of(each, language)))
                if len(name) > 3 and own:
                    first = found.get(name.casefold())  # a second row adds wordings, such as a short form
                    if first:
                        own, forbidden, cell = first.forms + own, first.forbidden + forbidden, f"{first.cell}; {cell}"
                    found[name.casefold()] = GlossaryTerm(name, english_pattern(name), own, forbidden, cell)
    return sorted(found.values(), key=lambda term: -len(term.english))


def wordings(cell: str) -> Iterator[str]:
    """Split a cell: "a (b, c) / d (not e)" gives a, b, c and d. A question mark marks an unsure term."""
    for inside in re.findall(r"\(([^()]*)\)", cell):
        if not re.search(r"\bnot\b|check|Protocol|of (?:a|the) ", inside):
            yield from re.split(r"[,;،，/]|also:", inside)
    outside = re.sub(r"\([^()]*\)|（[^（）]*）|\[[^\]]*\]", " ", cell).replace("?", " ")
    yield from re.split(r"\s/\s|;|\d[:.] ", outside)


def english_pattern(term: str) -> re.Pattern[str]:
    """Find a noun also in the plural, and a verb, written with "to" in the glossary, in each of its forms."""
    verb = term.removeprefix("to ")
    words = [re.escape(ENGLISH_ENDS.sub("", word)) for word in verb.split()]
    ends = "s|es|e?d|ing|ted|ting" if verb != term else "s|es|’s"
    is_name = term[:1].isupper() and len(words) == 1
    return re.compile(r"\b" + r"s?\s+".join(words) + rf"(?:{ends})?\b", 0 if is_name else re.IGNORECASE)


def stems_of(wording: str, language: str) -> tuple[str, ...]:
    if language == "zh":
        return tuple(re.findall(r"[\u4e00-\u9fff]+", wording))
    shortest = 2 if language == "ar" else 3
    found = tuple(stem for word in WORD.findall(wording) if len(stem := stem_of(word, language)) >= shortest)
    return found or tuple(re.findall(r"%", wording))


def stem_of(word: str, language: str) -> str:
    word = fold(word)
    if language == "ar":
        word = ARABIC_SUFFIX.sub("", ARABIC_PREFIX.sub("", word)) or word
        return word[1:] if len(word) > 4 and word[0] in "يت" else word  # a verb in the present
    for article in ("l’", "d’", "l'", "d'", "qu’"):
        word = word.removeprefix(article)
    return word if len(word) < 5 else word[: max(4, len(word) - (3 if language in ("ru", "es") else 2))]


def fold(text: str) -> str:
    text = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in text if not unicodedata.combining(letter)).replace("ё", "е")


def has_form(text: str, forms: tuple[tuple[str, ...], ...], language: str) -> bool:
    if language == "zh":
        return any(all(stem in text for stem in stems) for stems in forms)
    found = [stem_of(word, language) for word in WORD.findall(text)]
    folded = [fold(word) for word in WORD.findall(text)]

    def is_in(stem: str) -> bool:
        if not any(map(str.isalpha, stem)):
            return stem in text
        if len(stem) < 4:
            return stem in found or any(each.startswith(stem) for each in found if len(stem) == 3)
        return any(stem in each for each in found + folded)

    def is_said(stems: tuple[str, ...]) -> bool:
        """A wording of more than three words may be inflected or shortened: two thirds of it are enough."""
        said = sum(is_in(stem) for stem in stems)
        return said == len(stems) or (len(stems) > 3 and said * 3 >= len(stems) * 2)

    return any(map(is_said, forms))


# Plural forms


def c_expression(formula: str):
    """Return the formula of a Plural-Forms header as a function: `a ? b : c` becomes `b if a else c`."""
    text = formula.strip().rstrip(";").replace("&&", " and ").replace("||", " or ")
    text = re.sub(r"!(?!=)", " not ", text)

    def convert(part: str) -> str:
        depth, mark = 0, -1
        for place, letter in enumerate(part):
            depth += (letter == "(") - (letter == ")")
            if letter == "?" and not depth:
                mark = place
                break
        if mark < 0:
            stripped = part.strip()
            if stripped.startswith("(") and stripped.endswith(")") and "?" in stripped:
                return f"({convert(stripped[1:-1])})"
            return part
        depth = nested = 0
        for place in range(mark + 1, len(part)):
            letter = part[place]
            depth += (letter == "(") - (letter == ")")
            nested += letter == "?" and not depth
            if letter == ":" and not depth:
                if not nested:
                    return f"({convert(part[mark + 1 : place])}) if ({part[:mark]}) else ({convert(part[place + 1 :])})"
                nested -= 1
        raise ValueError(formula)

    code = compile(convert(text), formula, "eval")
    return lambda n: int(eval(code, {"__builtins__": {}}, {"n": n}))  # noqa: S307 (only digits, n and signs: see below)


def numbers_by_form(language: str) -> list[list[int]]:
    count, formula = PLURALS[language]
    choose = c_expression(formula)
    found: list[list[int]] = [[] for _form in range(count)]
    for number in NUMBERS:
        found[choose(number)].append(number)
    return found


def plural_header_error(header: str, language: str) -> str:
    found = re.match(r"\s*nplurals\s*=\s*(\d+)\s*;\s*plural\s*=\s*(.*)", header, re.DOTALL)
    if not found:
        return "no Plural-Forms in the header"
    count, formula = PLURALS[language]
    if int(found[1]) != count:
        return f"nplurals={found[1]}; Django has {count}: {formula}"
    if not re.fullmatch(r"[\dn\s%()=!<>&|?:;]+", found[2]):
        return f"the formula cannot be read: {found[2]}"
    theirs, ours = c_expression(found[2]), c_expression(formula)
    different = [number for number in NUMBERS if theirs(number) != ours(number)]
    return f"the formula differs from Django's for {different[:5]}" if different else ""


# One message


def placeholders(text: str) -> Counter[str]:
    return Counter(match.group() for match in PLACEHOLDER.finditer(text))


def tags(text: str) -> Counter[str]:
    return Counter(
        f"<{end}{name.lower()}{' '.join(rest.split()) and ' ' + ' '.join(rest.split())}>"
        for end, name, rest in TAG.findall(text)
    )


def nesting_error(text: str) -> str:
    open_tags: list[str] = []
    for end, name, rest in TAG.findall(text):
        if rest.rstrip().endswith("/") or name.lower() in ("br", "wbr", "img"):
            continue
        if not end:
            open_tags.append(name)
        elif not open_tags or open_tags.pop() != name:
            return f"</{name}> closes what is not open"
    return f"<{open_tags[-1]}> is not closed" if open_tags else ""


def plain(text: str) -> str:
    """Return the text without placeholders, tags, code and addresses."""
    return ENTITY.sub(" ", TAG.sub(" ", PLACEHOLDER.sub(" ", CODE.sub(" ", text))))


def end_of(text: str) -> str:
    text = re.sub(r"(?:</\w+>|[\s”»\"')\]）])+$", "", text)
    return END_OF.get(text[-1:], "")


class Checker:
    def __init__(self, language: str, terms: list[GlossaryTerm], latin: frozenset[str]):
        self.language, self.terms, self.latin = language, terms, {word.casefold() for word in latin}
        self.numbers = numbers_by_form(language)

    def check_form(self, source: str, text: str, form: int | None, allowed: list[str]) -> Iterator[tuple[str, str]]:
        """Yield what is wrong with one translated text. `form`: number of the plural form, `allowed`: its sources."""
        where = "" if form is None else f"form {form}: "
        wanted, found = placeholders(source), placeholders(text)
        if found != wanted and not any(found == placeholders(other) for other in allowed if self._may_be(other, form)):
            missing, added = list((wanted - found).elements()), list((found - wanted).elements())
            one_number = form is not None and len(self.numbers[form]) == 1
            if added or not (one_number and all(name in self.counts for name in missing)):
                yield "E-PLACEHOLDER", f"{where}missing {missing}, added {added}"
        if placeholders(source) and re.search(r"%(?!\(\w+\)[sd]|[sd])", text.replace("%%", "")):
            yield "E-PERCENT", f"{where}write %% for %"
        if tags(source) != tags(text) and not any(tags(other) == tags(text) for other in allowed):
            lost, new = tags(source) - tags(text), tags(text) - tags(source)
            yield "E-TAG", f"{where}{sorted(lost.elements())} became {sorted(new.elements())}"
        elif error := nesting_error(text):
            yield "E-TAG", where + error
        yield from ((code, where + detail) for code, detail in self.check_words(source, text))

    def _may_be(self, other: str, form: int | None) -> bool:
        return form is None or placeholders(other) != Counter() or len(self.numbers[form]) == 1

    def check_words(self, source: str, text: str) -> Iterator[tuple[str, str]]:
        language, said, english = self.language, plain(text), plain(source)
        head, tail = source[: len(source) - len(source.lstrip())], source[len(source.rstrip()) :]
        own_head = text[: len(text) - len(text.lstrip(" \n\t"))]
        own_tail = text[len(text.rstrip(" \n\t")) :]
        has_letters = any(map(str.isalpha, english))
        if has_letters and (own_head, own_tail) != (head, tail):
            yield "E-SPACE", f"begins {own_head!r} and ends {own_tail!r}; the English {head!r} and {tail!r}"
        elif text.count("\n") != source.count("\n"):
            yield "E-SPACE", f"{text.count(chr(10))} line breaks; the English has {source.count(chr(10))}"
        elif "  " in text and "  " not in source:
            yield "E-SPACE", "doubled blank"
        if has_letters and end_of(source) != end_of(text):
            yield "E-END", f"ends with {end_of(text) or 'no mark'}; the English with {end_of(source) or 'no mark'}"
        if letters := CONTROL.findall(text):
            yield "E-CONTROL", " ".join(f"U+{ord(letter):04X}" for letter in letters)
        if text == source and has_letters:
            words = [word for word in WORD.findall(english) if word.casefold() not in self.latin]
            if words:
                yield "E-COPY" if len(words) > 3 else "W-COPY", "same as the English"
        elif language in ("ar", "zh", "ru") and (
            left := [word for word in LATIN.findall(said) if word.casefold() not in self.latin]
        ):
            yield "E-LATIN", ", ".join(left)
        yield from self.check_terms(english, said)
        names_state = re.search(r"\bStates?\b", english) and not re.search(r"countr", english, re.IGNORECASE)
        if names_state and (found := re.search(COUNTRY[language], said, re.IGNORECASE)):
            yield "E-COUNTRY", f"{found.group()!r}: the actor is the State"
        pattern, hint = TYPE[language]
        if found := re.search(pattern, said):
            yield "W-TYPE", f"{found.group()!r}: {hint}"
        if found := re.search(REGISTER[language], said, re.IGNORECASE):
            yield "W-REGISTER", repr(found.group())
        size, wanted = width(said), width(english)
        if len(WORD.findall(english)) <= 4 and wanted >= 3 and size > wanted * LONGEST[language] + SLACK:
            yield "W-LONG", f"{size} for {wanted}"
        if wanted >= 25 and size < wanted * SHORTEST[language]:
            yield "W-SHORT", f"{size} for {wanted}"

    def check_terms(self, english: str, said: str) -> Iterator[tuple[str, str]]:
        left = english
        for term in self.terms:
            if not term.pattern.search(left):
                continue
            left = term.pattern.sub("\0", left)  # "State party" is not also "State"
            if not has_form(said, term.forms, self.language):
                yield "E-TERM", f"{term.english} → {term.cell}"
            for word in term.forbidden:
                if len(word) > 2 and fold(word) in fold(said) and not has_form(word, term.forms, self.language):
                    yield "E-TERM", f"{term.english}: not {word!r}"

    def check(self, entry: polib.POEntry) -> Iterator[tuple[str, str]]:
        if not entry.msgid_plural:
            self.counts: set[str] = set()
            yield from self.check_form(entry.msgid, entry.msgstr, None, [entry.msgid])
            return
        forms = entry.msgstr_plural
        if len(forms) != len(self.numbers):
            yield "E-PLURAL", f"{len(forms)} forms; {len(self.numbers)} are needed"
        sources = [entry.msgid, entry.msgid_plural]
        # The number that is counted: in every form of the English plural, perhaps not in its singular.
        self.counts = set(placeholders(entry.msgid_plural))
        for form, text in sorted(forms.items()):
            if text and form < len(self.numbers):
                source = entry.msgid if set(self.numbers[form]) <= {0, 1} else entry.msgid_plural
                yield from self.check_form(source, text, form, sources)


def width(text: str) -> int:
    """Return the columns that a text takes: Chinese characters take two."""
    return sum(
        2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text.strip()
        if not unicodedata.combining(letter)
    )


# The whole file


def texts_of(entry: polib.POEntry) -> list[str]:
    return [text for _form, text in sorted(entry.msgstr_plural.items())] if entry.msgid_plural else [entry.msgstr]


def find_all(po: polib.POFile, checker: Checker, *, partial: bool) -> Iterator[Finding]:
    if error := plural_header_error(po.metadata.get("Plural-Forms", ""), checker.language):
        yield Finding("E-PLURAL", 0, "(header)", error)
    entries = [entry for entry in po if not entry.obsolete]
    done = []
    for entry in entries:
        if "fuzzy" in entry.flags:
            if not partial:
                yield Finding("E-FUZZY", entry.linenum, entry.msgid, "fuzzy")
        elif not all(texts_of(entry)):
            if not partial:
                yield Finding("E-EMPTY", entry.linenum, entry.msgid, "not translated")
        else:
            done.append(entry)
            yield from (Finding(code, entry.linenum, entry.msgid, detail) for code, detail in checker.check(entry))
    yield from find_inconsistent(done)


def find_inconsistent(entries: list[polib.POEntry]) -> Iterator[Finding]:
    by_source, by_target = defaultdict(list), defaultdict(list)
    for entry in entries:
        by_source[key_of(entry.msgid)].append(entry)
        if len(WORD.findall(plain(entry.msgid))) in range(1, 5):
            by_target[key_of(texts_of(entry)[-1])].append(entry)
    for same in by_source.values():
        if len({key_of(texts_of(entry)[-1]) for entry in same}) > 1 and len({entry.msgctxt for entry in same}) < len(
            same
        ):
            said = "; ".join(f"{entry.msgid!r} → {texts_of(entry)[0]!r}" for entry in same)
            yield Finding("W-TWIN", same[0].linenum, same[0].msgid, said)
    for target, same in by_target.items():
        if target and len({key_of(entry.msgid) for entry in same}) > 1:
            said = ", ".join(
                sorted({f"{entry.msgctxt + ': ' if entry.msgctxt else ''}{entry.msgid}" for entry in same})
            )
            yield Finding("W-SAME", same[0].linenum, same[0].msgid, f"{texts_of(same[0])[0]!r} for {said}")


def key_of(text: str) -> str:
    return re.sub(r"[\s\u00a0.:：。]+$", "", text).casefold()


def language_of(po: polib.POFile, path: Path) -> str:
    named = [po.metadata.get("Language", ""), *(part for part in reversed(path.parts)), path.stem]
    return next((code for name in named if (code := re.split(r"[-_.]", name)[0].lower()) in PLURALS), "")


def main() -> int:
    parser = argparse.ArgumentParser(description="Check translations (see the beginning of this file).")
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument(
        "--glossary", type=Path, default=Path(__file__).resolve().parent.parent / "locale" / "glossary.csv"
    )
    parser.add_argument("--latin", type=Path)
    parser.add_argument("--accept", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--partial", action="store_true")
    parser.add_argument("--summary", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    latin = ALLOWED_LATIN | frozenset(options.latin.read_text().split() if options.latin else ())
    accepted = set(options.accept.read_text().splitlines()) if options.accept else set()
    failed = False
    for path in options.files:
        po = polib.pofile(str(path))
        language = language_of(po, path)
        if not language:
            print(f"{path}: the header names none of {', '.join(PLURALS)}", file=sys.stderr)
            return 2
        checker = Checker(language, read_terms(options.glossary, language), latin)
        found = [
            each
            for each in find_all(po, checker, partial=options.partial)
            if (not options.only or each.code in options.only.split(","))
            and f"{each.code}\t{each.msgid}" not in accepted
        ]
        failed = failed or any(each.code.startswith("E") for each in found)
        for each in [] if options.summary else sorted(found, key=lambda each: (each.code, each.line)):
            if options.json:
                print(json.dumps({"file": str(path), **each._asdict()}, ensure_ascii=False))
            else:
                print(f"{path}:{each.line}: {each.code} {each.msgid[:60]!r}: {each.detail}")
        entries = [entry for entry in po if not entry.obsolete]
        done = sum(all(texts_of(entry)) and "fuzzy" not in entry.flags for entry in entries)
        counts = ", ".join(f"{code} {count}" for code, count in sorted(Counter(each.code for each in found).items()))
        print(f"{path}: {language}, {done} of {len(entries)} translated; {counts or 'nothing found'}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
