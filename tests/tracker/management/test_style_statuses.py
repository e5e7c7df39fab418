from django.conf import settings

from tracker.management.commands.style_statuses import write_styles


def test_the_style_sheet_has_the_looks_of_the_statuses():
    written = settings.BASE_DIR / "tracker" / "static" / "tracker" / "css" / "statuses.css"
    assert written.read_text(encoding="utf-8") == write_styles()
