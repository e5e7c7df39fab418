"""The house keeps its own rules: arrows, isolation, migrations, style sheets, templates."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command

from tracker.models.state_owned import StateOwned, StateOwnedQuerySet

ROOT = Path(settings.BASE_DIR)
CODE = [path for app in ("recommendations", "tracker") for path in (ROOT / app).rglob("*.py")]
TEMPLATES = list((ROOT / "templates").rglob("*.html"))
STYLE_SHEETS = list((ROOT / "tracker" / "static").rglob("*.css"))
STATE_OWNED = [model for model in apps.get_models() if issubclass(model, StateOwned)]
MAY_ASK_EVERYONES = ("models", "migrations", "actions", "reports", "management")


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


def test_arrows_point_one_way():
    from importlinter import configuration
    from importlinter.application.use_cases import lint_imports  # its command would silence the other tests' loggers

    configuration.configure()
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), cache_dir=None) is True


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
        SECRET_KEY="x" * 25 + "0123456789abcdefghijklmnopq",
        ALLOWED_HOSTS="tracker.example.org",
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


def test_everyones_is_asked_in_models_actions_reports_and_commands_alone():
    elsewhere = [path for path in CODE if not set(path.relative_to(ROOT).parts) & set(MAY_ASK_EVERYONES)]
    assert lines_matching(elsewhere, r"\beveryones\b|_base_manager|\.raw\(|\.extra\(") == []


def test_state_owned_models_are_not_in_the_admin():
    from django.contrib import admin

    assert [model for model in STATE_OWNED if model in admin.site._registry] == []


def test_style_sheets_use_logical_properties():
    physical = (
        r"(margin|padding|border|inset|scroll-margin|scroll-padding)-(left|right|top|bottom)\b"
        r"|text-align:\s*(left|right)|float:\s*(left|right)|^\s*(left|right):"
    )
    assert lines_matching(STYLE_SHEETS, physical) == []


def test_templates_have_no_inline_script_or_style():
    inline = r"<style\b|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=[\"']"
    assert lines_matching(TEMPLATES, inline) == []


def test_nothing_is_switched_off():
    assert lines_matching([*CODE, *TEMPLATES], r"csrf_exempt|mark_safe|\|safe\b|autoescape off") == []
