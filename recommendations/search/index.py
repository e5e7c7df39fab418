"""Write the index: rows of terms, and how far they are."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Q

from recommendations.groups import group_pairs
from recommendations.models import (
    OF_CATALOGUE,
    Family,
    FamilyMember,
    IndexedText,
    IndexState,
    Provision,
    Recommendation,
    ServedProvision,
    TextKind,
    TextReader,
    Theme,
    Translation,
    read_stamp,
)
from recommendations.queries import ORIGINAL
from recommendations.search.analyser import VERSION, find_terms
from recommendations.search.tables import FIELDS
from recommendations.text_cache import published_at

CATALOGUE = ""  # the chain of the catalogue in IndexState
MOST_TERMS = 20_000  # of a field
MOST_BYTES = 700_000  # of the terms of a row, as `_size` counts them: PostgreSQL indexes up to 1 MB
BESIDE_TERM = 8  # bytes
BATCH = 500
PLACE = ("key", "kind", "language", "part")
COMPARED = ("owner", "unit", "readers", "licence", *FIELDS)


def make_row(
    kind: str,
    key: int,
    language: str,
    *,
    readers: str = TextReader.PUBLIC,
    owner: int | None = None,
    unit: int | None = None,
    part: int = 0,
    **texts: Any,
) -> IndexedText:
    """Return a row of the index, not saved. `texts` are the words of each of FIELDS, as people wrote them."""
    fields, room = {}, MOST_BYTES
    for name, text in texts.items():
        fields[name] = _first_terms(text, language, room)
        room -= _size(fields[name])
    licence = " ".join(licences_of(readers, owner))
    return IndexedText(
        kind=kind,
        key=key,
        language=language,
        part=part,
        owner=owner,
        unit=unit,
        readers=readers,
        licence=licence,
        **fields,
    )


def _first_terms(text: str, language: str, room: int) -> str:
    """Return as many terms of the text as there is room for; a very long text is not analysed to its end."""
    terms = []
    for term in islice(find_terms(text, language), MOST_TERMS):
        room -= _size(term.text)
        if room < 0:
            break
        terms.append(term.text)
    return " ".join(terms)


def _size(terms: str) -> int:
    """Return the bytes that PostgreSQL takes at most for terms and their places."""
    return len(terms.encode()) + BESIDE_TERM * (terms.count(" ") + 1) if terms else 0


def licences_of(readers: str, owner: int | None) -> list[str]:
    """Return the terms of which a reader needs one."""
    return [f"z{readers}"] if owner is None or readers in SHARED else [f"z{readers}", team_licence(owner)]


SHARED = (TextReader.PUBLIC, TextReader.USERS)


def team_licence(owner: int) -> str:
    return f"zowner{owner}"


def replace_rows(rows: Iterable[IndexedText], where: Q) -> None:
    """Make these the only rows that match `where`, and write only what differs."""
    known = {_place(row): row for row in IndexedText.objects.filter(where)}
    changed = [row for row in rows if _differs(row, known.pop(_place(row), None))]
    if known:
        IndexedText.objects.filter(pk__in=[row.pk for row in known.values()]).delete()
    write_rows(changed)


def write_rows(rows: list[IndexedText]) -> None:
    """Write rows, each over the one that has its place."""
    if rows:
        IndexedText.objects.bulk_create(
            rows, batch_size=BATCH, update_conflicts=True, unique_fields=PLACE, update_fields=COMPARED
        )


def _differs(row: IndexedText, before: IndexedText | None) -> bool:
    return before is None or any(getattr(row, name) != getattr(before, name) for name in COMPARED)


def _place(row: IndexedText) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in PLACE)


@transaction.atomic
def index_catalogue() -> None:
    """Bring the rows of the catalogue up to its stamp."""
    IndexState.objects.get_or_create(chain=CATALOGUE, defaults={"number": 0, "version": 0})
    state = IndexState.objects.select_for_update().get(chain=CATALOGUE)
    stamp = read_stamp()
    if stamp is None or (state.number, state.version) != (stamp, VERSION):
        replace_rows(_rows_of_catalogue(stamp), Q(owner=None, kind__in=OF_CATALOGUE))
        state.number, state.version = stamp or 0, VERSION
        state.save()


def index_catalogue_later(sender, **kwargs) -> None:
    """Receive `catalogue_changed`: the texts are indexed after the commit, so that nobody waits for it."""
    transaction.on_commit(index_catalogue, robust=True)


def is_catalogue_behind() -> bool:
    state = IndexState.objects.filter(chain=CATALOGUE).first()
    if state is None:
        return Recommendation.objects.published().exists()
    return (state.number, state.version) != (read_stamp(), VERSION)


def _rows_of_catalogue(stamp: int | None) -> Iterator[IndexedText]:
    nodes = published_at(stamp)
    members = FamilyMember.objects.filter(kind__in=FamilyMember.OF_THE_FAMILY).order_by("family__name")
    groups = group_pairs(members.values_list("recommendation", "family__name"))
    for node in nodes:
        yield make_row(TextKind.TEXT, node.pk, ORIGINAL, unit=node.pk, **_texts_of(node, groups[node.pk]))
    published = {node.current_wording_id: node for node in nodes}
    for translation in Translation.objects.filter(wording__in=published):
        node = published[translation.wording_id]
        yield make_row(TextKind.TEXT, node.pk, translation.language, unit=node.pk, words=translation.text)
    for family in Family.objects.all():
        yield make_row(TextKind.FAMILY, family.pk, ORIGINAL, title=family.name)
    for theme in Theme.objects.all():
        yield make_row(TextKind.THEME, theme.pk, ORIGINAL, title=theme.name, context=theme.basis)
    for provision in Provision.objects.filter(pk__in=ServedProvision.objects.values("provision")):
        yield make_row(TextKind.PROVISION, provision.pk, ORIGINAL, title=provision.title, heading=str(provision))


def _texts_of(node: Recommendation, groups: list[str]) -> dict[str, Any]:
    """Return the words of a text, by the field of the index in which they are."""
    notes = [note.text for note in node.notes]
    themes = [theme.name for theme in node.themes]
    return {
        "title": node.title,
        "heading": "\n".join([*themes, *groups]),
        "words": "\n".join([node.text, *notes]),
        "context": "\n".join([*(chapeau.text for chapeau in node.chapeaux), node.guidance, node.evidence_hint]),
    }
