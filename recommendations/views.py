from collections import Counter
from collections.abc import Iterator

from django.contrib.auth.decorators import login_not_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from recommendations import queries
from recommendations.catalogue_file import read_catalogue_file
from recommendations.currency import adoption_codes, list_currencies
from recommendations.filters import RecommendationFilter
from recommendations.models import Currency, Family, FamilyMember, Lineage, Recommendation, Theme
from recommendations.search.query import find_labelled
from recommendations.text_cache import list_items

# In the query of the page of a text that a decision replaces: shows the text itself.
AS_ADOPTED = "adopted"
MEDIA_TYPES = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@login_not_required
@require_safe
def recommendation_list(request: HttpRequest, slug=""):
    bodies = queries.group_by_body(queries.published_nodes())
    body = next((body for body in bodies if body.slug == slug or (body.is_first and not slug)), None)
    if slug and (body is None or body.is_first):
        raise Http404
    nodes = bodies[body] if body else []
    node = find_labelled(nodes, request.GET.get("q", ""))
    if node and "HX-Request" not in request.headers:
        return redirect(node)
    filter_ = RecommendationFilter(request.GET, nodes)
    key = (lambda node: node.primary_theme) if filter_.by_theme else (lambda node: node.meeting)
    context = {
        "body": body,
        "bodies": [(each.get_absolute_url(), each) for each in bodies],
        "filter": filter_,
        "form": filter_.form,
        "groups": queries.group_nodes(filter_.shown, key),
        "total": len(nodes),
        "kinds": Counter(node.kind for node in nodes),
    }
    return render(request, "recommendations/list.html", context)


@login_not_required
@require_safe
@vary_on_headers("Accept-Language")
def recommendation(request: HttpRequest, slug):
    nodes = queries.published_nodes()
    place = next((place for place, node in enumerate(nodes) if node.slug == slug), None)
    if place is None:
        return _redirect_former_address(slug)
    node = nodes[place]
    by_id = {node.pk: node for node in nodes}
    merged_into = by_id.get(node.merged_into_id or 0)
    if merged_into and queries.is_replaced(node) and AS_ADOPTED not in request.GET:
        return redirect(merged_into)
    own = FamilyMember.objects.filter(recommendation=node).values("family")
    memberships = FamilyMember.objects.filter(family__in=own).select_related("family")
    references = Lineage.objects.filter(Q(source=node) | Q(target=node))
    families = queries.list_families(nodes, memberships)
    items = list_items(node)
    context = {
        "node": node,
        "items": items,
        "before": _page_link(node, nodes[place - 1 : place]),
        "after": _page_link(node, nodes[place + 1 : place + 2]),
        "neighbours": queries.find_next_texts(nodes, node),
        "families": families,
        "related": list(_family_links(node, families)),
        "refers_to": [(link, by_id[link.target_id]) for link in references if link.source_id == node.pk],
        "referred_from": [(link, by_id[link.source_id]) for link in references if link.target_id == node.pk],
        "wordings": queries.list_wordings(node),
        "translations": queries.find_translation_set(
            node,
            [*node.chapeaux, *items],
            request.GET.get("text", ""),
            request.headers.get("Accept-Language", ""),
        ),
        "provenance": queries.find_provenance(node),
        "currencies": node.all_currencies,
        "adoption": adoption_codes(node)[0],
        "is_replaced": list_currencies(node, Currency.Kind.REPLACEMENT) != [],
        "replaces": [other for other in nodes if other.merged_into_id == node.pk and queries.is_replaced(other)],
        "merged_into": merged_into,
        "taken_up": node.taken_up.all() if node.is_topic or node.topic_clause else [],
        "serves": queries.served_provisions([node])[node.pk],
        "actions": [entry for entry in queries.actions_by_addressee(node) if entry.actions],
        "address": request.build_absolute_uri(node.get_absolute_url()),
    }
    return render(request, "recommendations/detail.html", context)


def _redirect_former_address(slug: str) -> HttpResponse:
    node = queries.find_former_address(slug)
    if node is None:
        raise Http404
    return redirect(node, permanent=True)


def _page_link(node: Recommendation, others: list[Recommendation]) -> dict[str, object] | None:
    of_paper = [other for other in others if other.body == node.body]
    return {"url": of_paper[0].get_absolute_url(), "unit": of_paper[0]} if of_paper else None


def _family_links(node: Recommendation, families: list[queries.FamilyTexts]) -> Iterator[tuple[str, str, str]]:
    """Yield (address, words, reason): texts related to a family of this text, and families related to this text."""
    for family in families:
        for other, membership in family.related:
            if other == node:
                yield family.family.get_absolute_url(), family.family.name, membership.note
            elif any(member == node for member, _membership in family.members):
                yield other.get_absolute_url(), other.label_with_title, membership.note


@login_not_required
@require_safe
def theme(request: HttpRequest, slug):
    theme = get_object_or_404(Theme, slug=slug)
    nodes = queries.published_nodes()
    primary = [node for node in nodes if node.primary_theme == theme]
    secondary = [node for node in nodes if node.secondary_theme == theme]
    context = {
        "theme": theme,
        "serves": theme.serves.select_related("provision"),
        "primary": queries.TextGroup(theme, list(queries.list_rows(primary)), len(primary)),
        "secondary": queries.TextGroup(theme, list(queries.list_rows(secondary)), len(secondary)),
    }
    return render(request, "recommendations/theme.html", context)


@login_not_required
@require_safe
def family(request: HttpRequest, slug):
    family = get_object_or_404(Family, slug=slug)
    families = queries.list_families(queries.published_nodes(), family.members.select_related("family"))
    texts = families[0] if families else None
    meetings = queries.members_by_meeting(texts) if texts else []
    context = {"family": family, "texts": texts, "meetings": meetings}
    return render(request, "recommendations/family.html", context)


@login_not_required
@require_safe
def recorded_action_list(request: HttpRequest):
    return render(request, "recommendations/recorded_action_list.html", {"addressees": queries.texts_by_addressee()})


@login_not_required
@require_safe
def workplan(request: HttpRequest):
    return render(request, "recommendations/workplan.html", {"topics": queries.list_workplan()})


@login_not_required
@require_safe
def catalogue_file(request: HttpRequest, ending: str):
    headers = {} if ending == "json" else {"Content-Disposition": f'attachment; filename="recommendations.{ending}"'}
    return HttpResponse(read_catalogue_file(ending), content_type=MEDIA_TYPES[ending], headers=headers)
