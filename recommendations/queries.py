import re
from collections.abc import Callable, Collection, Iterable, Iterator
from difflib import SequenceMatcher
from itertools import pairwise
from typing import NamedTuple

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation.trans_real import parse_accept_lang_header

from recommendations.currency import list_currencies
from recommendations.groups import group_pairs
from recommendations.models import (
    Addressee,
    Body,
    Currency,
    Family,
    FamilyMember,
    Lineage,
    Meeting,
    MemberKind,
    Provenance,
    Recommendation,
    RecommendationQuerySet,
    RecordedAction,
    ServedProvision,
    TextChange,
    Theme,
    Translation,
    TranslationLanguage,
    Wording,
    read_stamp,
)
from recommendations.paper_import.notation import ACT_WORDS, label_words
from recommendations.text_cache import published_at

ORIGINAL = "en"


def published_nodes() -> list[Recommendation]:
    """Return every published node in the order of its paper, from memory: do not change them. `children` are its
    items.
    """
    return published_at(read_stamp())


def group_by_body(nodes: Iterable[Recommendation]) -> dict[Body, list[Recommendation]]:
    return group_pairs((node.body, node) for node in nodes)


SIMILAR = 0.6  # share of the words of two texts; similar texts of the first paper share 0.7 and more, others 0.58


class TextRow(NamedTuple):
    node: Recommendation
    matched: bool

    @property
    def level(self) -> int:
        return len(self.node.chapeaux)


class TextGroup(NamedTuple):
    of: Meeting | Theme | None
    rows: list[TextRow]
    total: int


def list_rows(nodes: Iterable[Recommendation]) -> Iterator[TextRow]:
    """Yield the texts, each after its chapeaux unless these came before."""
    seen = set()
    for node in nodes:
        for chapeau in node.chapeaux:
            if chapeau.pk not in seen:
                seen.add(chapeau.pk)
                yield TextRow(chapeau, matched=False)
        seen.add(node.pk)
        yield TextRow(node, matched=True)


def group_nodes(
    nodes: Iterable[Recommendation], key: Callable[[Recommendation], Meeting | Theme | None]
) -> list[TextGroup]:
    groups = group_pairs((key(node), node) for node in nodes)
    known = sorted((of for of in groups if of), key=_group_order)
    ordered = [*known, None] if None in groups else known
    return [TextGroup(of, list(list_rows(groups[of])), len(groups[of])) for of in ordered]


def _group_order(of: Meeting | Theme) -> tuple[int, ...]:
    return (of.position,) if isinstance(of, Theme) else (of.body_id, of.number, of.part)


ACTION_TITLES = {
    Addressee.Code.CONFERENCE: _("Action by the Conference of the Parties"),
    Addressee.Code.WORKING_GROUP: _("Action by the Working Group"),
    Addressee.Code.UN_ENTITIES: _("Action by United Nations entities"),
}


class ActionsByAddressee(NamedTuple):
    by: str
    title: str | Promise
    actions: list[RecordedAction]


def actions_by_addressee(node: Recommendation) -> list[ActionsByAddressee]:
    actions, addressees = list(node.recorded_actions.all()), {addressee.code for addressee in node.addressees.all()}
    entries = [
        ActionsByAddressee(code, title, [action for action in actions if action.by == code])
        for code, title in ACTION_TITLES.items()
    ]
    return [entry for entry in entries if entry.actions or entry.by in addressees]


class TextsByAddressee(NamedTuple):
    """Hold an addressee without a desk, with the texts that address it or about which it did something."""

    by: str
    title: str | Promise
    texts: list[tuple[Recommendation, list[RecordedAction]]]

    @property
    def with_actions(self) -> int:
        return sum(bool(actions) for _node, actions in self.texts)


def texts_by_addressee() -> list[TextsByAddressee]:
    nodes = (
        Recommendation.objects.published()
        .filter(Q(addressees__code__in=Addressee.WITHOUT_DESK) | Q(recorded_actions__isnull=False))
        .distinct()
        .with_text()
        .prefetch_related("addressees", "recorded_actions")
    )
    texts: dict[str, list[tuple[Recommendation, list[RecordedAction]]]] = {code: [] for code in ACTION_TITLES}
    for node in nodes:
        for entry in actions_by_addressee(node):
            texts[entry.by].append((node, entry.actions))
    return [TextsByAddressee(code, title, texts[code]) for code, title in ACTION_TITLES.items()]


class TranslationSet(NamedTuple):
    """Texts in one language, by key of the node.

    `language`: empty for the original; `languages`: those in which the text itself can be read, without the original;
    `has_former_wording`: one of the texts is of a former wording.
    """

    language: str
    languages: list[tuple[str, str]]
    texts: dict[int, Translation]
    has_former_wording: bool

    def find(self, node: Recommendation) -> Translation | None:
        return self.texts.get(node.pk)

    @property
    def source_list(self) -> list[str]:
        return sorted({translation.source for translation in self.texts.values()})


def find_translation_set(
    node: Recommendation, others: Collection[Recommendation], language: str, accepted: str
) -> TranslationSet:
    """Read texts in `language`, or else in the first that the browser accepts (`accepted`), in one query."""
    shown = {each.pk: each for each in (node, *others)}
    translations = Translation.objects.filter(wording__recommendation__in=shown).select_related("wording")
    latest: dict[tuple[int, str], Translation] = {}
    for each in translations.order_by("wording__number"):
        latest[each.wording.recommendation_id, each.language] = each
    languages = [(code, name) for code, name in TranslationLanguage.choices if (node.pk, code) in latest]
    chosen = _choose_language(language, accepted, [code for code, _name in languages])
    texts = {pk: each for (pk, code), each in latest.items() if code == chosen}
    has_former = any(each.wording.since != shown[pk].current_wording.since for pk, each in texts.items())  # type: ignore[union-attr]
    return TranslationSet(chosen, languages, texts, has_former)


def _choose_language(language: str, accepted: str, codes: list[str]) -> str:
    if language:
        return language if language in codes else ""
    preferred = (code.partition("-")[0] for code, _quality in parse_accept_lang_header(accepted))
    first = next((code for code in preferred if code in (*codes, ORIGINAL)), ORIGINAL)
    return "" if first == ORIGINAL else first


def list_workplan() -> RecommendationQuerySet:
    """Return the texts that propose a topic, or have a clause that does, with the meetings that took them up."""
    topics = Recommendation.objects.published().topic_texts().with_text().select_related("body")
    return topics.prefetch_related("taken_up")


def find_provenance(node: Recommendation) -> Provenance | None:
    provenances = Provenance.objects.filter(recommendation__in=[node, *node.chapeaux]).select_related("proposed_at")
    return provenances.order_by("-recommendation__position").first()


def list_wordings(node: Recommendation) -> list[tuple[Wording, Wording | None]]:
    """Return (wording, wording before), the oldest first; empty where the text never changed."""
    if node.current_wording.number == 1:  # type: ignore[union-attr]  # published_has_wording
        return []
    wordings = list(node.wordings.select_related("author"))
    return list(zip(wordings, [None, *wordings], strict=False))


def find_labels(nodes: Iterable[Recommendation], typed: str) -> list[Recommendation]:
    """Return the text with the label that was typed, in any spelling, or else the text that had it before.

    There are two where people leave out whether they mean the resolution or the decision.
    """
    words, nodes = label_words(typed), list(nodes)
    found = [node for node in nodes if _is_one_of(words, (node.shown_label, node.full_shown_label))]
    found = found or [node for node in nodes if _is_one_of(words, _former_labels(node))][:1]
    return [node for node in found if node.body_id == found[0].body_id]


def _is_one_of(words: list[str], labels: Iterable[str]) -> bool:
    found = [label_words(label) for label in labels]
    return words in found or words in [[word for word in each if word not in ACT_WORDS] for each in found]


def _former_labels(node: Recommendation) -> list[str]:
    return [f"{body}{label}" for label in node.former_labels for body in ("", f"{node.body_slug}/")]


def find_former_address(slug: str) -> Recommendation | None:
    """Return the text that had this address until its label was changed; of several texts the last."""
    change = TextChange.objects.filter(slug=slug).select_related("recommendation").order_by("pk").last()
    return change.recommendation if change else None


def label_pattern(typed: str) -> str:
    """Return a regular expression for the slugs of a text and its items: `iv46 (a)`, `IV 46 a` and `iv.46(a)` are the
    same label. Empty where what was typed is no label.
    """
    words = label_words(typed)
    if not any(map(str.isdecimal, words)):
        return ""
    pattern = words[0]
    for before, word in pairwise(words):
        is_one_kind = before.isdecimal() == word.isdecimal()  # `2.2` is not 22
        pattern += f"[^a-z0-9]{'+' if is_one_kind else '*'}{word}"
    return f"(^|/|({'|'.join(ACT_WORDS)})-){pattern}([^a-z0-9]|$)"


def is_replaced(node: Recommendation) -> bool:
    """Return whether answers are requested to another text instead, and a decision says that it takes its place."""
    return bool(node.merged_into_id and list_currencies(node, Currency.Kind.REPLACEMENT))


def served_provisions(nodes: Iterable[Recommendation]) -> dict[int, list[ServedProvision]]:
    rows = ServedProvision.objects.select_related("provision")
    served = group_pairs(((row.recommendation_id, row.theme_id), row) for row in rows)  # by text or by theme
    return {node.pk: served[node.pk, None] or served[None, node.primary_theme_id] for node in nodes}


class NextTexts(NamedTuple):
    """Hold the texts next to a text; `total` counts all with the same chapeau, or at the same meeting."""

    nodes: list[Recommendation]
    total: int


def find_next_texts(nodes: list[Recommendation], node: Recommendation, reach: int = 2) -> NextTexts:
    siblings = [other for other in nodes if (other.parent_id, other.meeting_id) == (node.parent_id, node.meeting_id)]
    place = siblings.index(node)
    start = max(0, min(place - reach, len(siblings) - 2 * reach - 1))
    return NextTexts(siblings[start : start + 2 * reach + 1], len(siblings))


class FamilyTexts(NamedTuple):
    """`line`: members by meeting; `related`: texts that are deliberately no members."""

    family: Family
    line: list[tuple[Meeting, list[Recommendation]]]
    members: list[tuple[Recommendation, FamilyMember]]
    related: list[tuple[Recommendation, FamilyMember]]


def list_families(nodes: list[Recommendation], memberships: Iterable[FamilyMember]) -> list[FamilyTexts]:
    by_id = {node.pk: node for node in nodes}
    families = group_pairs(
        (membership.family, (by_id[membership.recommendation_id], membership))
        for membership in memberships
        if membership.recommendation_id in by_id
    )
    return [_family_texts(nodes, family, pairs) for family, pairs in families.items()]


def _family_texts(nodes, family, pairs) -> FamilyTexts:
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
    """`before`: the last similar member before; `references`: to texts that its text names."""

    node: Recommendation
    membership: FamilyMember
    before: Recommendation | None
    references: list[Lineage]


def members_by_meeting(family: FamilyTexts) -> list[tuple[Meeting, list[FamilyMemberText]]]:
    nodes = [node for node, _membership in family.members]
    links = Lineage.objects.filter(source__in=nodes).select_related("target")
    references = group_pairs((link.source_id, link) for link in links)
    meetings: dict[Meeting, list[FamilyMemberText]] = {}
    for place, (node, membership) in enumerate(family.members):
        before = next((other for other in reversed(nodes[:place]) if has_same_words(other.text, node.text)), None)
        meetings.setdefault(node.meeting, []).append(FamilyMemberText(node, membership, before, references[node.pk]))
    return list(meetings.items())


def has_same_words(text: str, other: str) -> bool:
    words, others = (re.findall(r"\w+", each.lower()) for each in (text, other))
    return SequenceMatcher(None, words, others, autojunk=False).ratio() >= SIMILAR
