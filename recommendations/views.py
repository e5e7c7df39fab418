"""The adopted texts, open to everybody."""

import csv
from collections.abc import Iterator

from django.contrib.auth.decorators import login_not_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from recommendations import queries
from recommendations.catalogue import export_catalogue
from recommendations.filters import RecommendationFilter
from recommendations.models import Family, FamilyMember, Lineage, Recommendation, Theme
from recommendations.spreadsheets import mark_as_text


@login_not_required
@require_safe
def recommendation_list(request: HttpRequest, slug=""):
    """The record of a body, the first where none is named, by meeting, as in the paper, or by theme. A label typed
    into the search goes to its text.
    """
    bodies = queries.by_body(queries.published_nodes())
    body = next((body for body in bodies if body.slug == slug or (body.is_first and not slug)), None)
    if slug and (body is None or body.is_first):
        raise Http404
    nodes = bodies[body] if body else []
    if found := queries.find(nodes, request.GET.get("q", "")):
        return redirect(found)
    filter_ = RecommendationFilter(request.GET, nodes)
    key = (lambda node: node.primary_theme) if filter_.by_theme else (lambda node: node.meeting)
    context = {
        "body": body,
        "bodies": [(one.get_absolute_url(), one) for one in bodies],
        "filter": filter_,
        "form": filter_.form,
        "groups": queries.grouped(filter_.shown, key),
        "total": len(nodes),
        "kinds": queries.count_kinds(nodes),
        "tab": "catalogue",
    }
    return render(request, "recommendations/list.html", context)


@login_not_required
@require_safe
@vary_on_headers("Accept-Language")
def recommendation(request: HttpRequest, slug):
    nodes = queries.published_nodes()
    place = next((place for place, node in enumerate(nodes) if node.slug == slug), None)
    if place is None:
        raise Http404
    node = nodes[place]
    mine = FamilyMember.objects.filter(recommendation=node).values("family")
    memberships = FamilyMember.objects.filter(family__in=mine).select_related("family")
    references = Lineage.objects.filter(Q(source=node) | Q(target=node))
    kinships = queries.kinships(nodes, memberships)
    by_id = {node.pk: node for node in nodes}
    context = {
        "node": node,
        "before": _neighbour(node, nodes[place - 1 : place]),
        "after": _neighbour(node, nodes[place + 1 : place + 2]),
        "beside": queries.beside(nodes, node),
        "kinships": kinships,
        "see_also": list(_see_also(node, kinships)),
        "refers_to": [(link, by_id[link.target_id]) for link in references if link.source_id == node.pk],
        "referred_from": [(link, by_id[link.source_id]) for link in references if link.target_id == node.pk],
        "wordings": queries.wordings(node),
        "acts": queries.acts_on(node),
        "translated": queries.translated(
            node,
            [*node.chapeaux, *queries.below(node)],
            request.GET.get("text", ""),
            request.headers.get("Accept-Language", ""),
        ),
        "provenance": queries.provenance(node),
        "taken_up": node.taken_up.all() if node.is_topic or node.topic_clause else [],
        "serves": queries.served_by([node])[node.pk],
        "done": queries.what_was_done(node),
        "address": request.build_absolute_uri(node.get_absolute_url()),
        "tab": "catalogue",
    }
    return render(request, "recommendations/detail.html", context)


def _neighbour(node: Recommendation, found: list[Recommendation]) -> dict[str, str] | None:
    """The next text of the paper, or that before, as the pager wants it."""
    of_the_paper = [other for other in found if other.body == node.body]
    return {"url": of_the_paper[0].get_absolute_url(), "label": of_the_paper[0].label} if of_the_paper else None


def _see_also(node: Recommendation, kinships: list[queries.FamilyTexts]) -> Iterator[tuple[str, str, str]]:
    """(address, words, why): what is related to a member of a family, and the families that a text is related to."""
    for kinship in kinships:
        for other, membership in kinship.related:
            if other == node:
                yield kinship.family.get_absolute_url(), kinship.family.name, membership.note
            elif any(member == node for member, _membership in kinship.members):
                yield other.get_absolute_url(), other.full_label, membership.note


@login_not_required
@require_safe
def theme(request: HttpRequest, slug):
    """The texts of a theme: those of which it is the primary theme, and those which it also concerns."""
    theme = get_object_or_404(Theme, slug=slug)
    nodes = queries.published_nodes()
    primary = [node for node in nodes if node.primary_theme == theme]
    secondary = [node for node in nodes if node.secondary_theme == theme]
    context = {
        "theme": theme,
        "serves": theme.serves.select_related("provision"),
        "primary": queries.TextGroup(theme, list(queries.rows(primary)), len(primary)),
        "secondary": queries.TextGroup(theme, list(queries.rows(secondary)), len(secondary)),
        "tab": "catalogue",
    }
    return render(request, "recommendations/theme.html", context)


@login_not_required
@require_safe
def family(request: HttpRequest, slug):
    """The texts of one substance in the order of the meetings, with what differs where they say nearly the same; and
    what is near to it and deliberately no member.
    """
    family = get_object_or_404(Family, slug=slug)
    kinships = queries.kinships(queries.published_nodes(), family.members.select_related("family"))
    kinship = kinships[0] if kinships else None
    meetings = queries.members_by_meeting(kinship) if kinship else []
    context = {"family": family, "kinship": kinship, "meetings": meetings, "tab": "catalogue"}
    return render(request, "recommendations/family.html", context)


@login_not_required
@require_safe
def fact_list(request: HttpRequest):
    """What the Conference and others without a desk did: of each the texts that address it, with what is recorded."""
    return render(request, "recommendations/facts.html", {"doers": queries.doers(), "tab": "catalogue"})


@login_not_required
@require_safe
def workplan(request: HttpRequest):
    """The topics proposed for future meetings, with whether and where a meeting took them up."""
    return render(request, "recommendations/workplan.html", {"topics": queries.workplan(), "tab": "catalogue"})


@login_not_required
@require_safe
def catalogue_json(request: HttpRequest):
    """What `manage.py export_catalogue` writes."""
    return JsonResponse(export_catalogue(), safe=False, json_dumps_params={"ensure_ascii": False})


@login_not_required
@require_safe
def catalogue_csv(request: HttpRequest):
    """The same as a table; several codes in a cell stand between semicolons."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="recommendations.csv"'
    response.write("\N{BYTE ORDER MARK}")
    entries = export_catalogue()
    writer = csv.writer(response)
    writer.writerow(entries[0] if entries else [])
    writer.writerows([mark_as_text(_cell(value)) for value in entry.values()] for entry in entries)
    return response


def _cell(value) -> str:
    if isinstance(value, list):
        return "; ".join(_cell(each) for each in value)
    if isinstance(value, dict):
        return ", ".join(str(each) for each in value.values() if each)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
