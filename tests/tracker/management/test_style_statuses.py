from django.conf import settings

from tracker.management.commands.style_statuses import write_styles

SITE = settings.BASE_DIR / "tracker" / "static" / "tracker" / "css" / "site.css"


def test_the_style_sheet_has_the_looks_of_the_statuses():
    assert write_styles() in SITE.read_text(encoding="utf-8")
