"""What the type check finds, and what a request may carry."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
CODE = [path for app in ("recommendations", "tracker") for path in (ROOT / app).rglob("*.py")]
DECLARED = {
    "recommendations": {"HttpRequest"},
    "tracker": {"Request", "SignedInRequest", "TranscriptionRequest"},
}

SNIPPET = """
from tracker.web.request import Request, SignedInRequest

def desks(request: SignedInRequest) -> list:
    return request.user.respondents

def misspelt(request: SignedInRequest) -> list:
    return request.user.respondentz

def anonymous(request: Request) -> list:
    return request.user.respondents

def signed_in(request: Request) -> list:
    return request.user.respondents if request.user.is_authenticated else []

def put_on_a_request(request: Request) -> None:
    request.desk = request.user
"""


def test_the_type_check_knows_the_user_of_a_request():
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-error-summary", "-c", SNIPPET],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    found = [line.removeprefix("<string>:").partition("; maybe")[0] for line in done.stdout.splitlines()]
    assert found == [
        '8: error: "User" has no attribute "respondentz"',
        '11: error: Item "AnonymousUser" of "User | AnonymousUser" has no attribute "respondents"  [union-attr]',
        '17: error: "Request" has no attribute "desk"  [attr-defined]',
    ], done.stdout + done.stderr


def test_every_function_declares_its_request():
    assert [where for path in CODE for where in undeclared(path.read_text(), path.relative_to(ROOT))] == []


@pytest.mark.parametrize(
    ("code", "is_declared"),
    [
        ("def view(request: SignedInRequest): ...", True),
        ("def view(request): ...", False),
        ("def view(*, request: HttpRequest): ...", False),
        ("def view(code: str, request: Request | None = None): ...", False),
        ("class Form(Form):\n    def save(self, request: HttpRequest): ...", True),
        ("class Form(Form):\n    def save(self, request): ...", False),
    ],
)
def test_an_undeclared_request_is_found(code, is_declared):
    assert (list(undeclared(code, Path("tracker/views/home.py"))) == []) == is_declared


def undeclared(code: str, path: Path) -> Iterator[str]:
    """Yield the functions whose request has no type of ours; a method may have Django's, as it overrides Django's."""
    tree = ast.parse(code)
    methods = {id(each) for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for each in node.body}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            known = DECLARED[path.parts[0]] | (
                {"HttpRequest"} if id(node) in methods or path.name == "admin.py" else set()
            )
            for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
                written = ast.unparse(argument.annotation) if argument.annotation else ""
                if argument.arg == "request" and written not in known:
                    yield f"{path}:{node.lineno} {node.name}"


def test_nothing_is_put_on_a_request():
    assert [where for path in CODE for where in put_on_requests(path.read_text(), path.relative_to(ROOT))] == []


@pytest.mark.parametrize(
    "code",
    [
        "request.desk = desk",
        "request.bodies: list = []",
        "request.body, request.round = body, round",
        "request.count += 1",
        "setattr(request, 'desk', desk)",
        "self.request.desk = desk",
    ],
)
def test_what_is_put_on_a_request_is_found(code):
    assert list(put_on_requests(code, Path("tracker/views/home.py")))


def put_on_requests(code: str, path: Path) -> Iterator[str]:
    """Yield the assignments to an attribute of a request; below the web a request is that of a State to transcribe."""
    if path.parts[1] in ("actions", "audit"):
        return
    for node in ast.walk(ast.parse(code)):
        is_set = isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
        is_setattr = isinstance(node, ast.Call) and ast.unparse(node.func) == "setattr"
        of = node.value if is_set else node.args[0] if is_setattr else None
        if of is not None and ast.unparse(of).rpartition(".")[2] == "request":
            yield f"{path}:{node.lineno}"
