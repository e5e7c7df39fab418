from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict

from django.db.models import F, Model, OuterRef, Subquery
from django.utils import timezone

from recommendations.groups import group_pairs
from recommendations.models import (
    Addressee,
    Body,
    Footnote,
    ImportedParagraph,
    Meeting,
    Paper,
    PaperImport,
    Recommendation,
    Wording,
    WordingKind,
)
from recommendations.models.recommendation import AnnotatedText
from recommendations.paper_import import notation

OUT_OF_THE_WAY = 1_000_000  # places, so that no two texts have one while they move


def make_room(
    body: Body, meetings: Mapping[int, Meeting], labels: Iterable[str], of: Collection[int] = ()
) -> tuple[dict[str, int], list[Model]]:
    """Return a position for each new label, and the published texts that moved to make room.

    A text of one of the `meetings` goes to its place by label: `X.3 bis` between `X.3` and `X.4`. Others follow all
    texts of the body, in the order given. `of`: the keys of the texts that get the labels, if they are published; until
    the caller saves their positions, they are out of the way.
    """
    known = list(body.recommendations.exclude(pk__in=of).select_related("meeting").order_by("position"))
    new = group_pairs((_count_before(known, meetings, label), label) for label in labels)
    positions: dict[str, int] = {}
    moved, next_position = [], 1
    for count in range(len(known) + 1):
        for label in new[count]:
            positions[label] = next_position
            next_position += 1
        if count < len(known):
            node = known[count]
            if node.position < next_position:
                node.position = next_position
                moved.append(node)
            next_position = node.position + 1
    moved_keys = [node.pk for node in moved]
    body.recommendations.filter(pk__in=[*moved_keys, *of]).update(position=F("position") + OUT_OF_THE_WAY)
    Recommendation.objects.bulk_update(moved, ["position"])
    return positions, list(moved)


def _count_before(known: Sequence[Recommendation], meetings: Mapping[int, Meeting], label: str) -> int:
    parts = notation.parse_label(label)
    meeting = meetings.get(parts.meeting) if parts else None
    if meeting is None:
        return len(known)
    order = notation.label_order(label)
    beside = [place for place, node in enumerate(known) if node.meeting_id == meeting.pk]
    before = [place for place in beside if notation.label_order(known[place].label) < order]
    if beside:
        return before[-1] + 1 if before else beside[0]
    earlier = [place for place, node in enumerate(known) if node.meeting.number < meeting.number]
    return earlier[-1] + 1 if earlier else 0


def add_nodes(
    paper: Paper,
    meetings: Mapping[int, Meeting],
    new: Collection[ImportedParagraph],
    positions: Mapping[str, int],
    by=None,
    paper_import: PaperImport | None = None,
) -> list[Model]:
    """Publish texts of a paper with wordings and footnotes, in about twenty queries, and return all added rows.

    `positions` are those of the texts by label. Call it in a transaction, as a part of an action, which announces the
    change.
    """
    body = paper.body
    known = {node.label: node for node in body.recommendations.all()}
    added: list[Recommendation] = []
    for depth in range(notation.DEEPEST + 1):  # a chapeau before its items
        rows = [
            _new_recommendation(paper, meetings, known, node, positions[node.label], paper_import)
            for node in new
            if len(notation.read_label(node.label).items) == depth
        ]
        added += Recommendation.objects.bulk_create(rows)
        known |= {node.label: node for node in rows}
    return [
        *added,
        *_add_wordings(body, added, {node.label: node for node in new}, by),
        *_add_addressees(added, {node.label: node.addressees for node in new}),
    ]


def _new_recommendation(
    paper: Paper, meetings, known, node: ImportedParagraph, position: int, paper_import: PaperImport | None
) -> Recommendation:
    """Make a text; its parent, meeting and marker follow from its label."""
    parts = notation.read_label(node.label)
    return Recommendation(
        body=paper.body,
        paper=paper,
        paper_import=paper_import,
        position=position,
        label=node.label,
        meeting=meetings[parts.meeting],
        parent=known[parts.parent] if parts.parent else None,
        slug=paper.body.slug_of(node.label),
        marker=parts.marker,
        **{field.name: getattr(node, field.name) for field in AnnotatedText._meta.local_fields},
    )


def _add_wordings(body: Body, added: list[Recommendation], new: Mapping[str, ImportedParagraph], by) -> list[Model]:
    kind, wordings, footnotes = WordingKind.ADOPTED, list[Wording](), list[Footnote]()
    for node in added:
        draft = new[node.label]
        text, notes, _alone = notation.split_footnotes(draft.text, notation.parse_footnotes(draft.footnotes))
        wordings.append(Wording(recommendation=node, number=1, text=text, kind=kind, author=by))
        footnotes += [Footnote(recommendation=node, **asdict(note)) for note in notes]
    Wording.objects.bulk_create(wordings)
    Footnote.objects.bulk_create(footnotes)
    now = timezone.now()
    first = Wording.objects.filter(recommendation=OuterRef("pk"), number=1).values("pk")
    body.recommendations.filter(current_wording=None).update(current_wording=Subquery(first), published_at=now)
    for node, wording in zip(added, wordings, strict=True):
        node.current_wording, node.published_at = wording, now
    return [*wordings, *footnotes]


def _add_addressees(added: list[Recommendation], codes: Mapping[str, Collection[str]]) -> list[Addressee]:
    """Address the texts, and return the addressees that were not there before."""
    known = {addressee.code for addressee in Addressee.objects.all()}
    new = Addressee.objects.bulk_create(Addressee(code=code) for code in Addressee.Code.values if code not in known)
    found = {addressee.code: addressee for addressee in Addressee.objects.all()}
    through = Recommendation.addressees.through
    through.objects.bulk_create(
        through(recommendation=node, addressee=found[code]) for node in added for code in codes[node.label]
    )
    return new
