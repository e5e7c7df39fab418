"""The house keeps its own rules: arrows, isolation, migrations, style sheets, templates."""

import ast
import copy
import io
import re
import subprocess
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import grimp
import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.template.base import Lexer, TokenType
from importlinter.application.use_cases import read_user_options
from importlinter.configuration import configure
from importlinter.contracts.acyclic_siblings import AcyclicSiblingsContract
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.independence import IndependenceContract
from importlinter.contracts.layers import LayersContract

from tests.thorough import quick
from tracker.models.state_owned import StateOwned, StateOwnedQuerySet
from tracker.queries.help import MARKDOWN

ROOT = Path(settings.BASE_DIR)
CODE = [path for app in ("recommendations", "tracker", "tools") for path in (ROOT / app).rglob("*.py")]
TEMPLATES = list((ROOT / "templates").rglob("*.html"))
STYLE_SHEETS = list((ROOT / "tracker" / "static").rglob("*.css"))
STATE_OWNED = [model for model in apps.get_models() if issubclass(model, StateOwned)]
CONTRACTS = {
    contract.type_name: contract
    for contract in (AcyclicSiblingsContract, ForbiddenContract, IndependenceContract, LayersContract)
}
NAMED_BY_DJANGO = {"Command", "Migration"}  # commands and migrations are classes of these names
# What a process keeps: how many places in which module, and why. Three kinds, and what cannot change while it runs.
KEPT_IN_MEMORY = {
    "queries/suggestions.py": (1, "texts by stamp"),
    "web/parts.py": (1, "parts of rows"),
    "figures/sealed.py": (1, "statuses of what is sealed"),
    "queries/help.py": (2, "guides: files of the code, read once"),
    "web/passwords.py": (1, "the thread that hashes: no data"),
    "actions/kept_file.py": (1, "digest of the files of the code"),
    "documents/typeset.py": (1, "fonts: files of the code"),
}
KEEPS = r"@(?:\w+\.)?cache\b|lru_cache\b(?! *(?:,|$))|OrderedDict\b.*\(|\w(?<!Session)Store\("
READERS_ROOMS = ("queries", "figures", "documents")
EVERYONES_AT_MOST = 3  # in these rooms
# Licences that trust their caller to have checked the permission.
TRUSTING = {
    "for_readers_of",
    "for_whole_desk",
    "for_receipt_of",
    "of_submissions",
    "of_items",
    "cited_by",
    "of_words",
    "same_as",
    "counted_in",
    "of_catalogue",
    "of_files",
    "of_reminders",
}
LICENCES = TRUSTING | {
    "visible_to",
    "to_be_read_by",
    "to_transcribe",
    "published",
    "published_to_date",
    "shared_practices",
    "of_shared_practices",
    "published_practices",
    "for_paper",
    "headers_for",
    "of_code",
    "of_link",
    "of_releases",
    "none",
}
BELOW_FORMS = (
    "models",
    "migrations",
    "actions",
    "audit",
    "queries",
    "figures",
    "documents",
    "management",
    "demo",
    "tools",
)


def run(*command: str, **environment: str) -> str:
    """Standard output of a command that succeeds; its whole output in the failure otherwise."""
    done = subprocess.run(
        [sys.executable, "-m", *command] if command[0] != "manage.py" else [sys.executable, *command],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def lines_matching(paths, pattern: str) -> list[str]:
    found = re.compile(pattern)
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in paths
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if found.search(line)
    ]


@pytest.fixture(scope="module")
def contracts():
    """The rules of imports in pyproject.toml, by name."""
    configure()
    options = read_user_options(config_filename=str(ROOT / "pyproject.toml"))
    return {
        rule["name"]: CONTRACTS[rule["type"]](rule["name"], options.session_options, rule)
        for rule in options.contracts_options
    }


@pytest.fixture(scope="module")
def imports():
    return grimp.build_graph("recommendations", "tracker", "tools", include_external_packages=True, cache_dir=None)


def broken(contracts, imports) -> list[str]:
    return [name for name, rule in contracts.items() if not rule.check(copy.deepcopy(imports), verbose=False).kept]


def test_imports_go_one_way(contracts, imports):
    assert broken(contracts, imports) == []


@pytest.mark.parametrize(
    ("importer", "imported", "rule"),
    [
        ("tracker.documents.report.chapters", "tracker.actions.record", "Imports go one way"),
        ("tracker.figures.progress", "tracker.actions.round", "Imports go one way"),
        ("tracker.figures.progress", "tracker.documents.tree", "Imports go one way"),
        ("tracker.queries.desk.units", "tracker.documents.tree", "Imports go one way"),
        ("tracker.queries.desk.units", "tracker.figures.answers", "Imports go one way"),
        ("tracker.queries.desk.units", "tracker.actions.record", "Imports go one way"),
        ("tracker.audit.seal", "tracker.queries.desk.units", "Imports go one way"),
        ("tracker.permissions", "tracker.audit.trail", "Imports go one way"),
        ("tracker.workflow", "tracker.queries.desk.units", "Imports go one way"),
        ("tracker.models.record", "tracker.permissions", "Imports go one way"),
        ("tracker.models.record", "tracker.queries.desk.units", "Imports go one way"),
        ("tracker.models.record", "tracker.actions.record", "Imports go one way"),
        ("tracker.actions.record", "tracker.web.middleware", "Imports go one way"),
        ("tracker.actions.record", "tracker.forms.record", "Imports go one way"),
        ("tracker.forms.record", "tracker.views.record", "Imports go one way"),
        ("tracker.views.record", "tracker.demo.sample", "Imports go one way"),
        ("tracker.management.commands.demo", "tools.world", "Two commands alone use the tools"),
        ("tracker.views.home", "tools.addresses", "Two commands alone use the tools"),
        ("tracker.views.record", "tracker.views.evidence", "No view module imports another"),
        ("recommendations.catalogue", "tracker.models.record", "The catalogue knows nothing of the site"),
        ("recommendations.paper_import.notation", "django", "The paper is read without Django"),
        ("tracker.models.evidence", "tracker.models.record", "No modules import each other in a circle"),
    ],
)
def test_a_forbidden_import_is_found(contracts, imports, importer, imported, rule):
    assert {importer, imported} <= imports.modules
    tried = copy.deepcopy(imports)
    tried.add_import(importer=importer, imported=imported)
    assert rule in broken(contracts, tried)


def test_no_import_hides_in_a_function():
    """`AppConfig.ready` alone imports what needs the models, as Django's documentation of it asks."""
    hidden = [
        f"{path.relative_to(ROOT)}:{inner.lineno}"
        for path in CODE
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name != "ready"
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


def test_no_two_classes_have_one_name():
    classes = [
        node.name for path in CODE for node in ast.parse(path.read_text()).body if isinstance(node, ast.ClassDef)
    ]
    assert {name for name, count in Counter(classes).items() if count > 1} == NAMED_BY_DJANGO


def test_no_module_of_addresses_is_long():
    modules = [*(ROOT / "tracker" / "urls").glob("*.py"), ROOT / "recommendations" / "urls.py"]
    assert [path.name for path in modules if len(path.read_text().splitlines()) > 120] == []


def test_a_status_is_named_in_few_files():
    """Its words, symbol and colours are in models/status.py; what needs it elsewhere has a name for the reason."""
    files = [*CODE, *TEMPLATES, *STYLE_SHEETS, *(ROOT / "templates").rglob("*.svg"), *ROOT.rglob("docs/**/*.md")]
    naming = [path for path in files if re.search("considered_not_taken_up", path.read_text(), re.IGNORECASE)]
    naming = [path for path in naming if not {"migrations", "demo"} & set(path.parts)]
    assert len(naming) <= 9, naming


GENDERED = r"s?he|hers?|his|him|himself|herself"
OLD = "whoever|whereof|lest|anew|besides|thereof|mend|mends|mended"
LITERARY = rf"{OLD}|of whom|take (?:it |them )?home|bring back|brought back|let in"


# Further words that names of tests replace by plain ones.
REPLACED_IN_TESTS = (
    "told|tells?|telling|alone|beside|meanwhile|mending|hand(?:ed|ing)|hands? (?:in|back)|hand ins?"
    "|t(?:ake|akes|aken|ook) (?:\\w+ )?home|lets? in|letting in|stands?|stood|standing|said|facts?"
)


# Words that the pages replace by those of docs/reference/glossary.md.
REPLACED = (
    "hand(?:s|ed|ing)? (?:in|back)|t(?:ake|akes|aken|ook) back|asked of|counted States|living records?|those who"
    "|desks?|offer(?:s|ed)?|overdue|pieces?|revisions?|second factor|suppressed|tells?|tick(?:s|ed)?|told|transcri\\w+"
    "|units?|(?<!Trafficking in )persons|reviews?(?! Mechanism| of the Implementation)"
)
TRANSLATED = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|<[^>]*>|`[^`]*`")
IN_A_TAG = re.compile(r"""(?:^translate|_\()\s*(["'])(.*?)\1""")
GUIDES = [ROOT / "docs" / f"{name}.md" for name in ("administrator", "contributor", "curator", "focal-point", "public")]
GUIDES += [ROOT / "docs" / "focal-point-reference.md", ROOT / "docs" / "reviewer.md", ROOT / "docs" / "glossary.md"]


LONGEST_SENTENCE = 25  # words, in documentation
WORDS_OF_TOKEN = {"code_inline": "Code", "softbreak": " "}
SENTENCE_END = re.compile(r"""(?<=[.?!])[)”"]*\s+(?=[A-Z0-9“(])""")


def messages_of_code(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in TRANSLATED:
            yield from (
                text.value for text in node.args if isinstance(text, ast.Constant) and str(text.value) == text.value
            )


def messages_of_template(path: Path) -> Iterator[str]:
    is_inside = False
    for token in Lexer(path.read_text()).tokenize():
        if token.token_type == TokenType.BLOCK and "blocktranslate" in token.contents:
            is_inside = token.contents.startswith("blocktranslate")
        elif token.token_type == TokenType.TEXT and is_inside:
            yield token.contents
        else:
            yield from (text for _quote, text in IN_A_TAG.findall(token.contents))


def written_for_developers(path: Path) -> Iterator[str]:
    """Yield the docstrings and comments of a module, and every name that it defines, in words."""
    source = path.read_text()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            yield ast.get_docstring(node) or ""
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node.name.replace("_", " ")
        if isinstance(node, ast.arg):
            yield node.arg.replace("_", " ")
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def test_names_docstrings_and_comments_are_plain_and_of_no_gender():
    found = re.compile(rf"\b(?:{GENDERED}|{LITERARY})\b", re.IGNORECASE)
    texts = [(path, text) for path in CODE if "migrations" not in path.parts for text in written_for_developers(path)]
    assert [f"{path.relative_to(ROOT)}: {text}" for path, text in texts if found.search(text)] == []


def test_names_of_tests_are_plain_and_of_no_gender():
    found = re.compile(rf"\b(?:{GENDERED}|{LITERARY}|{REPLACED_IN_TESTS})\b", re.IGNORECASE)
    names = [
        (path, name)
        for path in (ROOT / "tests").rglob("*.py")
        for name in re.findall(r"^ *def (test_\w+)", path.read_text(), re.MULTILINE)
    ]
    assert len(names) > 4000
    assert [f"{path.relative_to(ROOT)}: {name}" for path, name in names if found.search(name.replace("_", " "))] == []


def test_messages_have_the_words_of_the_glossary():
    found = re.compile(rf"\b(?:{GENDERED}|{LITERARY}|{REPLACED})\b", re.IGNORECASE)
    templates = [*TEMPLATES, *(ROOT / "templates").rglob("*.txt")]
    messages = [(path, text) for path in templates for text in messages_of_template(path)]
    messages += [(path, text) for path in CODE for text in messages_of_code(path)]
    assert len(messages) > 3000
    assert [f"{path.name}: {text}" for path, text in messages if found.search(PLACEHOLDER.sub(" ", text))] == []


def test_documentation_is_plain_and_of_no_gender():
    pages = [page for page in (ROOT / "docs").rglob("*.md") if page.parts[-2:] != ("reference", "glossary.md")]
    assert lines_matching([*pages, ROOT / "README.md"], rf"\b(?i:{GENDERED}|{LITERARY})\b") == []
    lines = [(page.name, PLACEHOLDER.sub(" ", line)) for page in GUIDES for line in page.read_text().splitlines()]
    assert [found for found in lines if re.search(rf"\b(?:{REPLACED})\b", found[1], re.IGNORECASE)] == []


def sentences(page: Path) -> Iterator[str]:
    """Yield the sentences of paragraphs, items of lists and cells of tables; a piece of code counts as one word."""
    for token in MARKDOWN.parse(page.read_text()):
        if token.type == "inline":
            parts = (WORDS_OF_TOKEN.get(part.type, part.content) for part in token.children)
            yield from SENTENCE_END.split("".join(parts))


def test_documentation_has_short_sentences():
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
    found = [(page.name, sentence) for page in pages for sentence in sentences(page)]
    assert len(found) > 2500
    assert [(name, sentence) for name, sentence in found if len(sentence.split()) > LONGEST_SENTENCE] == []


def test_the_glossary_has_every_model():
    models = {
        model.__name__ for label in ("recommendations", "tracker") for model in apps.get_app_config(label).get_models()
    }
    glossary = (ROOT / "docs" / "reference" / "glossary.md").read_text()
    assert set(re.findall(r"^\| `(\w+)` \|", glossary, re.MULTILINE)) == models


def test_the_code_that_documentation_names_exists():
    missing = []
    for page in (ROOT / "docs").rglob("*.md"):
        for path, name in re.findall(r"`((?:\w+/)+\w+\.py)(?:: (\w+))?`", page.read_text()):
            if "NOUN" in path or "AREA" in path:  # in a recipe
                continue
            file = next((ROOT / part / path for part in ("", "tracker") if (ROOT / part / path).exists()), None)
            if file is None or (name and not re.search(rf"^(?:def|class) {name}\b", file.read_text(), re.MULTILINE)):
                missing.append(f"{page.name}: {path} {name}")
    assert missing == []


@pytest.mark.django_db
def test_migrations_say_what_the_models_say():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_a_deployment_has_no_warning():
    said = run(
        "manage.py",
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
        SECOND_FACTOR_KEYS="y" * 50,
        SIGNING_KEY="0123456789abcdef" * 4,
        SECRET_KEY="x" * 25 + "0123456789abcdefghijklmnopq",
        ALLOWED_HOSTS="tracker.example.org",
        CLAMAV_SOCKET="/run/clamav/clamd.ctl",
    )
    assert "no issues" in said


def test_nothing_starts_without_a_secret_key():
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert "SECRET_KEY" in done.stderr


@pytest.mark.parametrize("model", STATE_OWNED, ids=lambda model: model.__name__)
def test_state_owned_models_fail_closed(model):
    assert issubclass(model._default_manager._queryset_class, StateOwnedQuerySet)
    assert model._meta.base_manager_name == "everyones"
    assert model._base_manager.name == "everyones"


def test_everyones_is_used_only_below_forms():
    elsewhere = [path for path in CODE if not set(path.relative_to(ROOT).parts) & set(BELOW_FORMS)]
    assert lines_matching(elsewhere, r"\beveryones\b|_base_manager|\.raw\(|\.extra\(") == []


def test_licences_that_trust_their_caller_are_used_only_below_forms():
    elsewhere = [path for path in CODE if not set(path.relative_to(ROOT).parts) & set(BELOW_FORMS)]
    assert lines_matching(elsewhere, rf"\.({'|'.join(sorted(TRUSTING))})\(") == []


def test_everyones_is_rare_where_readers_are_served_and_says_why():
    without_reason, found = [], 0
    for path in of_readers_rooms():
        lines = ["", *path.read_text().splitlines()]
        for before, line in pairwise(lines):
            if re.search(r"\beveryones\b", line):
                found += 1
                if "# " not in line and not before.strip().startswith("# "):
                    without_reason.append(f"{path.relative_to(ROOT)}: {line.strip()}")
    assert without_reason == []
    assert found <= EVERYONES_AT_MOST


def test_query_sets_are_named_for_their_licence_where_readers_are_served():
    assert {path.name: found for path in of_readers_rooms() if (found := unlicensed(path.read_text()))} == {}


@pytest.mark.parametrize(
    ("code", "is_licensed"),
    [
        ("Record.objects.visible_to(reader).filter(pk=1)", True),
        ("Record.objects.none()", True),
        ('Record.objects.filter(recommendation=OuterRef("unit"))', True),
        ("Record.objects.filter(pk=1)", False),
        ("Record.objects.all()", False),
        ("records = Record.objects", False),
        ("_records = Record.objects.filter(pk=1)\nfound = _records.visible_to(reader)", True),
        ("_records = Record.objects.filter(pk=1)\nfound = _records.filter(pk=2)", False),
        ("Round.objects.all()", True),
    ],
)
def test_a_query_set_without_a_licence_is_found(code, is_licensed):
    assert (unlicensed(code) == []) == is_licensed


def of_readers_rooms() -> list[Path]:
    return [path for path in CODE if path.relative_to(ROOT).parts[1] in READERS_ROOMS]


def unlicensed(code: str) -> list[str]:
    """Return the uses of `objects` of a model that a State owns to which no licence is added.

    What refers to a row outside needs none: it is a part of that query, and Django refuses to evaluate it alone. A
    private query that a module puts together once gets its licence where it is used.
    """
    names = {model.__name__ for model in STATE_OWNED}
    tree = ast.parse(code)
    licensed = {
        id(call.func.value)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and (call.func.attr in LICENCES or (call.func.attr == "filter" and "OuterRef(" in ast.unparse(call)))
    }

    def has_rows(node: ast.AST) -> bool:
        return isinstance(node, ast.Attribute) and node.attr == "objects" and ast.unparse(node.value) in names

    prepared, uses = set(), []
    for statement in tree.body:
        found = [node for node in ast.walk(statement) if has_rows(node) and id(node) not in licensed]
        target = ast.unparse(statement.targets[0]) if found and isinstance(statement, ast.Assign) else ""
        if target.startswith("_"):
            prepared.add(target)
        else:
            uses += found
    uses += [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Name)
        and node.id in prepared
        and isinstance(node.ctx, ast.Load)
        and id(node) not in licensed
    ]
    return list(map(ast.unparse, uses))


def test_state_owned_models_are_not_in_the_admin():
    from django.contrib import admin

    assert [model for model in STATE_OWNED if model in admin.site._registry] == []


def test_only_texts_by_stamp_parts_of_rows_and_sealed_statuses_stay_in_memory():
    kept = Counter(line.split(":")[0] for line in lines_matching(CODE, KEEPS) if line.startswith("tracker/"))
    allowed = {f"tracker/{path}": count for path, (count, _reason) in KEPT_IN_MEMORY.items()}
    assert dict(kept) == allowed
    assert lines_matching(CODE, r"import .*cache as |cachetools") == []


@pytest.mark.parametrize(
    "line", ["@cache", "@functools.cache", "@lru_cache(3)", "of = lru_cache(9)(read)", "X: A = BoundedStore(2)"]
)
def test_a_line_that_keeps_something_in_memory_is_found(line):
    assert re.search(KEEPS, line)


def test_style_sheets_use_logical_properties():
    physical = (
        r"(margin|padding|border|inset|scroll-margin|scroll-padding)-(left|right|top|bottom)\b"
        r"|text-align:\s*(left|right)|float:\s*(left|right)|^\s*(left|right):"
    )
    assert lines_matching(STYLE_SHEETS, physical) == []


def test_templates_have_no_inline_script_or_style():
    inline = r"<style\b|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=[\"']"
    assert lines_matching(TEMPLATES, inline) == []


def test_a_part_that_is_included_once_is_in_the_file_of_its_page():
    name = re.compile(r'{% include "([^"#]+\.html)')
    included = Counter(part for path in TEMPLATES for part in name.findall(path.read_text()))
    code = "".join(path.read_text() for path in CODE)
    assert included
    assert [part for part, times in included.items() if times == 1 and part not in code] == []


def test_nothing_is_switched_off():
    assert lines_matching([*CODE, *TEMPLATES], r"csrf_exempt|mark_safe|\|safe\b|autoescape off") == []


def test_a_run_that_names_no_test_has_a_case_of_each_except_those_of_the_browser_and_thorough_ones(request):
    items = request.session.items
    left_out = {item for item in items if any(map(item.get_closest_marker, ("browser", "thorough")))}
    assert left_out & {*quick(items)} == set()
    assert {item.function for item in quick(items)} == {item.function for item in items if item not in left_out}
