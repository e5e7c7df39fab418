"""The catalogue as it is read: one list of its nodes, from which every public page is made."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation.trans_real import parse_accept_lang_header

from recommendations.models import (
    Addressee,
    Body,
    Family,
    FamilyMember,
    Lineage,
    Meeting,
    MemberKind,
    Provenance,
    Recommendation,
    RecordedAction,
    ServedProvision,
    TakenUp,
    Theme,
    Translation,
    TranslationLanguage,
    Wording,
)

ORIGINAL = "en"


def published_nodes() -> list[Recommendation]:
    """Every published node, body by body in the order of its paper, in three queries.

    Each has its text, body, meeting, themes, addressees and footnotes, its chapeaux, and in `children` its items.
    """
    nodes = list(
        Recommendation.objects.published()
        .select_related("body", "current_wording", "meeting__body", "primary_theme", "secondary_theme")
        .prefetch_related("addressees", "footnotes")
    )
    by_id = {node.pk: node for node in nodes}
    for node in nodes:
        node.children = []
        node.parent = by_id.get(node.parent_id)
        if node.parent:
            node.parent.children.append(node)
    return nodes


def by_body(nodes: Iterable[Recommendation]) -> dict[Body, list[Recommendation]]:
    """The texts of each body that has some, the first body first."""
    bodies: dict[Body, list[Recommendation]] = {}
    for node in nodes:
        bodies.setdefault(node.body, []).append(node)
    return bodies


NEARLY = 0.6  # of the words of two texts; the near-verbatim ones of the first paper share 0.7 and more, others 0.58


class TextRow(NamedTuple):
    """A text in a list. `matched`: the list is about it; else it stands there to introduce its items."""

    node: Recommendation
    matched: bool

    @property
    def depth(self) -> int:
        return len(self.node.chapeaux)


class TextGroup(NamedTuple):
    """Texts of one meeting or theme; `of` is None for texts without a theme."""

    of: Meeting | Theme | None
    rows: list[TextRow]
    total: int


def rows(nodes: Iterable[Recommendation]) -> Iterator[TextRow]:
    """The texts, each introduced by its chapeaux unless they stand above it already."""
    met = set()
    for node in nodes:
        for chapeau in node.chapeaux:
            if chapeau.pk not in met:
                met.add(chapeau.pk)
                yield TextRow(chapeau, matched=False)
        met.add(node.pk)
        yield TextRow(node, matched=True)


def grouped(
    nodes: Iterable[Recommendation], key: Callable[[Recommendation], Meeting | Theme | None]
) -> list[TextGroup]:
    """The texts under what `key` says of each; those under None come last."""
    groups: dict[Meeting | Theme | None, list[Recommendation]] = {}
    for node in nodes:
        groups.setdefault(key(node), []).append(node)
    known = sorted((of for of in groups if of), key=_place)
    ordered = [*known, None] if None in groups else known
    return [TextGroup(of, list(rows(groups[of])), len(groups[of])) for of in ordered]


def _place(of: Meeting | Theme) -> tuple[int, ...]:
    return (of.position,) if isinstance(of, Theme) else (of.body_id, of.number)


DID = {
    Addressee.Code.CONFERENCE: _("What the Conference did"),
    Addressee.Code.WORKING_GROUP: _("What the Working Group did"),
    Addressee.Code.UN_ENTITIES: _("What United Nations entities did"),
}


class ActionsByAddressee(NamedTuple):
    """What one of those without a desk did about a text."""

    by: str
    title: str | Promise
    actions: list[RecordedAction]


def what_was_done(node: Recommendation) -> list[ActionsByAddressee]:
    """By who did it, and by whom the text asks though nothing is recorded; in the order of addressees."""
    actions, addressees = list(node.recorded_actions.all()), {addressee.code for addressee in node.addressees.all()}
    found = [
        ActionsByAddressee(code, title, [action for action in actions if action.by == code])
        for code, title in DID.items()
    ]
    return [did for did in found if did.actions or did.by in addressees]


class TextsByAddressee(NamedTuple):
    """One of those without a desk, with the texts that address it, or about which it did something."""

    by: str
    title: str | Promise
    texts: list[tuple[Recommendation, list[RecordedAction]]]

    @property
    def with_actions(self) -> int:
        return sum(bool(actions) for _node, actions in self.texts)


def doers() -> list[TextsByAddressee]:
    """Their texts in the order of the paper, in three queries."""
    nodes = (
        Recommendation.objects.published()
        .filter(Q(addressees__code__in=Addressee.WITHOUT_DESK) | Q(recorded_actions__isnull=False))
        .distinct()
        .with_text()
        .prefetch_related("addressees", "recorded_actions")
    )
    texts: dict[str, list[tuple[Recommendation, list[RecordedAction]]]] = {code: [] for code in DID}
    for node in nodes:
        for did in what_was_done(node):
            texts[did.by].append((node, did.actions))
    return [TextsByAddressee(code, title, texts[code]) for code, title in DID.items()]


class TextTranslations(NamedTuple):
    """Texts as they are read in one language: by key of a node what stands in it, of the wording of today or a former.

    `offered`: the languages in which the text itself can be read, besides the original; `former`: what is of a former.
    """

    language: str
    offered: list[tuple[str, str]]
    texts: dict[int, Translation]
    former: list[Translation]

    def text_of(self, node: Recommendation) -> Translation | None:
        return self.texts.get(node.pk)

    @property
    def sources(self) -> list[str]:
        return sorted({one.source for one in self.texts.values()})

    @property
    def is_of_former_wording(self) -> bool:
        """Whether one of them is."""
        return bool(self.former)


def translated(node: Recommendation, around: Collection[Recommendation], asked: str, accepted: str) -> TextTranslations:
    """A text and those around it in the language that was `asked` for, else in the first that the reader's browser
    accepts; in none where that is the original or the text is not in it. One query.
    """
    shown = {one.pk: one for one in (node, *around)}
    found = Translation.objects.filter(wording__recommendation__in=shown).select_related("wording")
    latest: dict[tuple[int, str], Translation] = {}
    for one in found.order_by("wording__number"):
        latest[one.wording.recommendation_id, one.language] = one
    offered = [(code, name) for code, name in TranslationLanguage.choices if (node.pk, code) in latest]
    language = _language(asked, accepted, [code for code, _name in offered])
    texts = {pk: one for (pk, code), one in latest.items() if code == language}
    former = [one for pk, one in texts.items() if one.wording.since != shown[pk].current_wording.since]  # type: ignore[union-attr]
    return TextTranslations(language, offered, texts, former)


def _language(asked: str, accepted: str, offered: list[str]) -> str:
    """Its code; empty for the original."""
    if asked:
        return asked if asked in offered else ""
    preferred = (code.partition("-")[0] for code, _quality in parse_accept_lang_header(accepted))
    wanted = next((code for code in preferred if code in (*offered, ORIGINAL)), ORIGINAL)
    return "" if wanted == ORIGINAL else wanted


def below(node) -> list[Recommendation]:
    """The items of a published node, and theirs."""
    return [*node.children, *(part for item in node.children for part in item.children)]


class WorkplanTopic(NamedTuple):
    """What was proposed for a future meeting, a text or `words` of it, and where a meeting took it up."""

    node: Recommendation
    words: str
    taken_up: list[TakenUp]


def workplan() -> list[WorkplanTopic]:
    """In the order of the papers, in two queries."""
    nodes = Recommendation.objects.published().topics().with_text().select_related("body").prefetch_related("taken_up")
    return [WorkplanTopic(node, node.topic_clause or node.text, list(node.taken_up.all())) for node in nodes]


def provenance(node: Recommendation) -> Provenance | None:
    """What is known of where it comes from: its own, else that of its nearest chapeau."""
    found = Provenance.objects.filter(recommendation__in=[node, *node.chapeaux]).select_related("proposed_at")
    return found.order_by("-recommendation__position").first()


def acts_on(node: Recommendation) -> list:
    """When it was withdrawn, merged or put back, the first time first: rows of its history."""
    acts = node.history.filter(history_change_reason__gt="").select_related("history_user", "merged_into__body")
    return list(acts.order_by("history_date", "pk"))


def wordings(node: Recommendation) -> list[tuple[Wording, Wording | None]]:
    """Its texts, the first one first, each with that which it followed; none where it never changed."""
    if node.current_wording.number == 1:  # type: ignore[union-attr]  # published_has_wording
        return []
    found = list(node.wordings.select_related("author"))
    return list(zip(found, [None, *found], strict=False))


def find(nodes: Iterable[Recommendation], typed: str) -> Recommendation | None:
    """The node, of nodes of one body, whose label was typed: `iv.46 (i)`, `IV-46-i`; or its full label."""
    wanted = _typed(typed)
    return next((node for node in nodes if wanted in (_typed(node.label), _typed(node.full_label))), None)


def _typed(label: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", label.lower())


def served_by(nodes: Iterable[Recommendation]) -> dict[int, list[ServedProvision]]:
    """By node, the provisions that it serves and why, in their order: its own, or else those of its primary theme."""
    by_text, by_theme = defaultdict(list), defaultdict(list)
    for served in ServedProvision.objects.select_related("provision"):
        if served.recommendation_id:
            by_text[served.recommendation_id].append(served)
        else:
            by_theme[served.theme_id].append(served)
    return {node.pk: by_text.get(node.pk) or by_theme.get(node.primary_theme_id, []) for node in nodes}


class TextNeighbours(NamedTuple):
    """The texts next to one: `total` have the same chapeau, or stand by themselves at the same meeting."""

    nodes: list[Recommendation]
    total: int


def beside(nodes: list[Recommendation], node: Recommendation, reach: int = 2) -> TextNeighbours:
    """A text between those that stand nearest to it, `reach` on either side."""
    siblings = [other for other in nodes if (other.parent_id, other.meeting_id) == (node.parent_id, node.meeting_id)]
    place = siblings.index(node)
    start = max(0, min(place - reach, len(siblings) - 2 * reach - 1))
    return TextNeighbours(siblings[start : start + 2 * reach + 1], len(siblings))


class FamilyTexts(NamedTuple):
    """A family as it is read: `line` has the members of each meeting of the bodies that have some, `related` what is
    deliberately no member.
    """

    family: Family
    line: list[tuple[Meeting, list[Recommendation]]]
    members: list[tuple[Recommendation, FamilyMember]]
    related: list[tuple[Recommendation, FamilyMember]]


def kinships(nodes: list[Recommendation], memberships: Iterable[FamilyMember]) -> list[FamilyTexts]:
    """The families of these memberships, every membership of each among them."""
    by_id = {node.pk: node for node in nodes}
    families: dict[Family, list[tuple[Recommendation, FamilyMember]]] = {}
    for membership in memberships:
        if membership.recommendation_id in by_id:
            families.setdefault(membership.family, []).append((by_id[membership.recommendation_id], membership))
    return [_kinship(nodes, family, pairs) for family, pairs in families.items()]


def _kinship(nodes, family, pairs) -> FamilyTexts:
    place = {node.pk: place for place, node in enumerate(nodes)}
    pairs = sorted(pairs, key=lambda pair: place[pair[0].pk])
    members = [pair for pair in pairs if pair[1].kind != MemberKind.RELATED]
    related = [pair for pair in pairs if pair[1].kind == MemberKind.RELATED]
    bodies = {node.body_id for node, _membership in members}
    meetings: dict[Meeting, list[Recommendation]] = {node.meeting: [] for node in nodes if node.body_id in bodies}
    for node, _membership in members:
        meetings[node.meeting].append(node)
    return FamilyTexts(family, list(meetings.items()), members, related)


class FamilyMemberText(NamedTuple):
    """A member of a family on its page. `before` is the last member before it that says the same in nearly the same
    words; `references`: where its text itself refers to another.
    """

    node: Recommendation
    membership: FamilyMember
    before: Recommendation | None
    references: list[Lineage]


def members_by_meeting(kinship: FamilyTexts) -> list[tuple[Meeting, list[FamilyMemberText]]]:
    """The members in the order of the meetings, in one query."""
    nodes = [node for node, _membership in kinship.members]
    references = defaultdict(list)
    for link in Lineage.objects.filter(source__in=nodes).select_related("target"):
        references[link.source_id].append(link)
    meetings: dict[Meeting, list[FamilyMemberText]] = {}
    for place, (node, membership) in enumerate(kinship.members):
        before = next((other for other in reversed(nodes[:place]) if says_nearly(other.text, node.text)), None)
        meetings.setdefault(node.meeting, []).append(FamilyMemberText(node, membership, before, references[node.pk]))
    return list(meetings.items())


def says_nearly(text: str, other: str) -> bool:
    """Whether two texts share most of their words, in the same order."""
    words, others = (re.findall(r"\w+", each.lower()) for each in (text, other))
    return SequenceMatcher(None, words, others, autojunk=False).ratio() >= NEARLY


def count_kinds(nodes: Iterable[Recommendation]) -> Counter[str]:
    """How many chapeaux, recommendations and notes there are."""
    return Counter(node.kind for node in nodes)
