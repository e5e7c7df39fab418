import re

from django.conf import settings

from tracker.management.commands.style_statuses import write_styles

SHEETS = settings.BASE_DIR / "tracker" / "static" / "tracker" / "css"
SITE, ADMIN = ((SHEETS / name).read_text(encoding="utf-8") for name in ("site.css", "admin.css"))


def test_the_style_sheet_has_the_looks_of_the_statuses():
    assert write_styles() in SITE


def test_the_admin_has_the_values_of_the_site():
    values = re.findall(r"(--[\w-]+): ([^;]+);", ADMIN[: ADMIN.index("html[data-theme]")])
    values_of_site = {name: " ".join(value.split()) for name, value in re.findall(r"(--[\w-]+): ([^;]+);", SITE)}
    assert {name: " ".join(value.split()) for name, value in values}.items() <= values_of_site.items()
    assert ADMIN[ADMIN.index("@layer reset {") : ADMIN.index(":root {")] in SITE
