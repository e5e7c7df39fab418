from django.core.management.base import BaseCommand

from tracker.models.status import CONSIDERED, LOOKS, StatusStyle

HEAD = """\
/* Colours of the statuses. `manage.py style_statuses` writes these rules from LOOKS in models/status.py. */
@layer components {
"""
KINDS = {CONSIDERED.value: ("considered_where_asked", "considered_elsewhere")}  # they are drawn as their status


class Command(BaseCommand):
    help = "Writes the colours of the statuses to standard output: a block of tracker/static/tracker/css/site.css."

    def handle(self, *args, **options):
        self.stdout.write(write_styles(), ending="")


def write_styles() -> str:
    return HEAD + "\n".join(_status_lines(code, look) for code, look in LOOKS.items()) + "}\n"


def _status_lines(code: str, look: StatusStyle) -> str:
    part = f":is({', '.join(f'.{name}' for name in (code, *KINDS[code]))})" if code in KINDS else f".{code}"
    rules = {f".symbol-{code}": f"color: {look.ink}", f".bar {part} rect": f"fill: {look.fill}"}
    if not look.is_filled:
        rules[f".bar {part} rect"] += f";\n    stroke: {look.ink}"
        rules[f".bar {part} text"] = "fill: var(--ink)"
    return "".join(f"  {selector} {{\n    {declarations};\n  }}\n" for selector, declarations in rules.items())
