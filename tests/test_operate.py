"""What the documents promise of running the site holds."""

import http.client
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command, find_commands, get_commands

ROOT = Path(settings.BASE_DIR)
OPERATE = (ROOT / "docs" / "operate.md").read_text()
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
RECIPES = set(re.findall(r"^([\w-]+)[^:\n]*:$", (ROOT / "justfile").read_text(), re.MULTILINE))
TEMPLATES = [path for folder in ("templates", "tracker", "recommendations") for path in (ROOT / folder).rglob("*.html")]
WORKER = Path(find_spec("django_tasks_db").origin).parent / "management"  # installed by a setting
KEYS = {"SECRET_KEY": "for this test alone", "SECOND_FACTOR_KEYS": "for this test alone"}
NO_DATABASE = "sqlite:////nowhere/db.sqlite3"

each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())


def test_every_variable_of_the_settings_is_documented_and_no_other():
    read = re.findall(r'\benv\.\w+\(\s*"(\w+)"', (ROOT / "tracker" / "settings.py").read_text())
    documented = re.findall(r"^\| `(\w+)` \|", OPERATE.partition("## Settings")[2].partition("\n## ")[0], re.MULTILINE)
    assert sorted(documented) == sorted(set(read))


@each_document
def test_every_command_that_is_named_exists(document):
    named = set(re.findall(r"manage\.py (\w+)", document.read_text()))
    assert named - set(get_commands()) - set(find_commands(WORKER)) == set()


@each_document
def test_every_recipe_that_is_named_exists(document):
    assert set(re.findall(r"uv run just ([\w-]+)", document.read_text())) <= RECIPES


@each_document
def test_every_link_leads_somewhere(document):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.fixture
def production_files(settings, tmp_path):
    """The static files of a deployment, collected."""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=["vendor", "import_export"])
    return tmp_path


@pytest.mark.thorough
def test_every_static_file_that_a_template_names_is_in_the_manifest(production_files):
    sources = [path.read_text() for path in TEMPLATES]
    tags = [tag for source in sources for tag in re.findall(r"{% static ['\"]([^'\"]+)", source)]
    assert len(tags) > 10
    stored = {name: staticfiles_storage.stored_name(name) for name in tags}  # raises where the manifest has none
    assert [name for name, hashed in stored.items() if name == hashed] == []
    assert [hashed for hashed in stored.values() if not (production_files / hashed).is_file()] == []


@pytest.fixture
def serve(tmp_path):
    """Starts gunicorn as docs/operate.md does; gives the process, whose log is its standard error."""
    started = []

    def serve_(**environment):
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:0"],
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin", **environment},
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield serve_
    for process in started:
        process.terminate()
        process.communicate(timeout=30)


@pytest.mark.thorough
def test_the_server_answers_without_a_database_and_says_what_is_wrong(serve):
    server = serve(**KEYS, ALLOWED_HOSTS="tracker.example.org", DATABASE_URL=NO_DATABASE)
    listening = next(line for line in server.stderr if "Listening at" in line)
    address = re.search(r"http://([\d.:]+)", listening)[1]

    def ask(path):
        connection = http.client.HTTPConnection(address, timeout=30)
        connection.request("GET", path, headers={"Host": "tracker.example.org"})
        response = connection.getresponse()
        return response.status, response.read()

    assert ask("/livez") == (200, b"alive\n")
    assert ask("/readyz") == (503, b"the database does not answer\n")
    assert ask("/")[0] == 301


@pytest.mark.parametrize("missing", KEYS)
def test_the_server_does_not_start_without_a_key(serve, missing):
    others = {name: value for name, value in KEYS.items() if name != missing}
    server = serve(**others, ALLOWED_HOSTS="tracker.example.org")
    _output, said = server.communicate(timeout=30)
    assert server.returncode in (1, 3)  # 1 where two workers fail at the same moment
    assert f"ImproperlyConfigured: Set the {missing} environment variable" in said
