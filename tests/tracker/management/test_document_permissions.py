from django.conf import settings

from tracker.management.commands.document_permissions import write_page

PAGE = settings.BASE_DIR / "docs" / "reference" / "permissions.md"


def test_the_reference_page_says_what_the_code_decides():
    assert PAGE.read_text(encoding="utf-8") == write_page()


def test_roles_are_named_and_rules_are_quoted():
    lines = write_page().splitlines()
    assert "| `can_submit` | Focal point |" in lines
    assert "| `can_manage_people` | Administrator |" in lines
    assert (
        "| `can_read_for` | Allow reviewers who have no role in the State and no reading restriction for it. |" in lines
    )
