"""A second body, invented, beside the first: six texts, some with the labels of the first."""

import datetime
from typing import NamedTuple

from django.utils import timezone

from recommendations.models import Addressee, Body, Meeting, Paper, Recommendation, Theme, Wording

SLUG = "smuggling-x"
WORD = "Xylocanary"  # stands in each of its texts and in nothing of the first body


class Said(NamedTuple):
    label: str
    parent: str
    text: str
    addressees: tuple[str, ...] = ("states_parties",)


TEXTS = (
    Said("I.1", "", f"States parties should register {WORD} vessels."),
    Said("I.2", "", f"States parties should, as regards {WORD} documents:", ()),
    Said("I.2(a)", "I.2", f"Print {WORD} marks in them;"),
    Said("I.2(b)", "I.2", f"Read {WORD} marks at borders."),
    Said("I.3", "", f"UNODC should collect {WORD} laws.", ("unodc",)),
    Said("IX.1", "", f"States should consider {WORD} exercises.", ("states",)),
)
ASKED_OF_PARTIES = ["I.1", "I.2(a)", "I.2(b)", "IX.1"]


def add_second_body() -> Body:
    """Published; its themes are those of the catalogue."""
    body = Body.objects.create(
        slug=SLUG,
        name="Working Group on Invented Smuggling",
        parent_name="Conference of the Invented Parties",
    )
    paper = Paper.objects.create(
        body=body,
        symbol="INVENTED/2024/1",
        title="What it adopted",
        date=datetime.date(2024, 5, 6),
        kind="report",
        opened_at=timezone.now(),
    )
    meetings = {numeral: _meeting(body, number) for numeral, number in (("I", 1), ("IX", 9))}
    nodes: dict[str, Recommendation] = {}
    for position, said in enumerate(TEXTS, start=1):
        node = Recommendation.objects.create(
            body=body,
            paper=paper,
            meeting=meetings[said.label.partition(".")[0]],
            parent=nodes.get(said.parent),
            position=position,
            label=said.label,
            slug=body.slug_of(said.label),
            kind="recommendation" if said.addressees else "chapeau",
            is_unit=bool(said.addressees),
            basis="stated" if said.addressees else "",
            strength="should",
            primary_theme=Theme.objects.get(slug="legislation") if said.addressees else None,
        )
        node.addressees.set(Addressee.objects.filter(code__in=said.addressees))
        node.current_wording = Wording.objects.create(recommendation=node, number=1, text=said.text, kind="adopted")
        node.published_at = timezone.now()
        node.save()
        nodes[said.label] = node
    return body


def _meeting(body: Body, number: int) -> Meeting:
    return Meeting.objects.create(
        body=body,
        number=number,
        heading=f"Meeting {number}, Vienna, 2 to 4 May 20{20 + number}",
        place="Vienna",
        starts=datetime.date(2020 + number, 5, 2),
        ends=datetime.date(2020 + number, 5, 4),
    )
