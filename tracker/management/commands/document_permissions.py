from collections.abc import Callable, Iterator
from inspect import getdoc, signature
from types import ModuleType

from django.core.management.base import BaseCommand
from django.utils.translation import override

from tracker import disclosure, permissions
from tracker.models import Membership, Respondent, User
from tracker.models.user import RESPONDENT_ROLES, Role

HEAD = """\
# Permissions

Who may do what. `manage.py document_permissions` writes this page from `tracker/permissions.py` and
`tracker/disclosure.py`; a test compares them. What the stage of a thing allows is another question: see the
[workflow](workflow.md).

Roles of a State are meant for that State alone. A user without a role may do none of this.
"""


class Command(BaseCommand):
    help = "Writes docs/reference/permissions.md to standard output, from the functions that decide."

    def handle(self, *args, **options):
        self.stdout.write(write_page(), ending="")


def write_page() -> str:
    with override("en"):
        parts = [
            _section("To write, and to open pages", permissions),
            _section("To read what a State submitted or keeps", disclosure),
        ]
        return "\n".join([HEAD, *parts])


def _section(title: str, module: ModuleType) -> str:
    rows = [f"| `{name}` | {_describe_roles(function)} |" for name, function in _permission_items(module)]
    return "\n".join([f"## {title}", "", "| permission | roles, or the rule |", "| --- | --- |", *rows, ""])


def _permission_items(module: ModuleType) -> Iterator[tuple[str, Callable]]:
    for name, value in vars(module).items():
        if name.startswith("can_") and (module is disclosure or name not in vars(disclosure)):
            yield name, value


def _describe_roles(function: Callable) -> str:
    """Return the rule in the words of its docstring; or, where a role alone decides, the roles that pass."""
    rule = getdoc(function) or ""
    if rule.startswith("Allow "):
        return " ".join(rule.split())
    return ", ".join(str(role.label) for role in Role if _has_permission(function, role))


def _has_permission(function: Callable, role: Role) -> bool:
    state = Respondent(pk=1)
    user = User()
    is_of_state = role in RESPONDENT_ROLES
    user.__dict__["current_memberships"] = [Membership(role=role, respondent=state if is_of_state else None)]
    return function(user, state) if len(signature(function).parameters) > 1 else function(user)
