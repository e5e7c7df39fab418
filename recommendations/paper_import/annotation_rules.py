"""Derive annotations of the texts of a paper from their words, without Django.

`recommendations/outline/asks.py` has the rules. A curator corrects what they give before anything is published. A test
counts how often they agree with what the curators of the first eight meetings decided.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from recommendations.outline.asks import NOTHING, Above, Asks, asks_of, names_topic
from recommendations.paper_import.parser import ParsedKind, ParsedNode


@dataclass(frozen=True)
class NodeAnnotations:
    """Codes are those of the catalogue; empty where nothing is derived."""

    is_unit: bool
    is_topic: bool
    addressees: tuple[str, ...]
    basis: str
    strength: str
    asks_to_consider: bool


def find_annotations(nodes: Iterable[ParsedNode]) -> dict[str, NodeAnnotations]:
    """Return annotations by label. An item follows its chapeau where its own words say nothing."""
    found: dict[str, NodeAnnotations] = {}
    above: dict[str, Above] = {}
    for node in nodes:
        over = above.get(node.parent or "")
        is_chapeau = node.kind == ParsedKind.CHAPEAU
        is_topic = names_topic(node.text, is_chapeau) or bool(over and over.is_topic)
        asks = (
            NOTHING if node.kind == ParsedKind.NOTE else asks_of(node.text, over, is_topic=is_topic and not is_chapeau)
        )
        above[node.label] = Above(node.text, asks, is_topic)
        is_answered_above = node.parent in found and found[node.parent].is_unit
        is_unit = bool(asks.addressees) and (over is not None if is_chapeau else not is_topic and not is_answered_above)
        found[node.label] = _annotations(node, asks, is_unit, is_topic and not is_chapeau)
    return found


def _annotations(node: ParsedNode, asks: Asks, is_unit: bool, is_topic: bool) -> NodeAnnotations:
    if node.kind == ParsedKind.NOTE:
        return NodeAnnotations(False, False, (), "", "", False)
    considers = is_unit and asks.asks_to_consider
    return NodeAnnotations(is_unit, is_topic, asks.addressees, asks.basis, asks.strength, considers)
