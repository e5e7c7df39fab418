"""The admin of the catalogue. A text changes only by another wording; the audit trail has every change."""

from collections.abc import Callable
from copy import copy
from typing import NamedTuple

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from recommendations import catalogue
from recommendations.forms import (
    CorrectedLabelForm,
    IssuedPaperForm,
    RecommendationForm,
    StructureForm,
    UnitReinstateForm,
    UnitWithdrawalForm,
    WordingForm,
    form_errors,
)
from recommendations.intake.texts import RecommendationResource, TranslationResource
from recommendations.lists import format_html_list, format_list, format_phrases
from recommendations.model_admin import (
    BaseAdmin,
    ChangeOnly,
    FileAdmin,
    HistoryAdmin,
    ReadOnly,
    TextsByLabel,
    typed_input,
)
from recommendations.models import (
    Addressee,
    Body,
    Currency,
    Family,
    FamilyMember,
    Footnote,
    Lineage,
    Meeting,
    Paper,
    Provenance,
    Provision,
    Recommendation,
    RecordedAction,
    ServedProvision,
    Synonym,
    TakenUp,
    Theme,
    Translation,
    Wording,
)
from recommendations.models.recommendation import RecommendationQuerySet
from recommendations.undo import change_structure, correct_label


@admin.register(Body)
class BodyAdmin(HistoryAdmin):
    list_display = ("name", "slug", "is_first")
    fixed_fields = ("slug", "is_first")

    def has_delete_permission(self, request: HttpRequest, obj=None):
        return False


@admin.register(Meeting)
class MeetingAdmin(ChangeOnly, HistoryAdmin):
    readonly_fields = ("body", "number", "part")


@admin.register(Paper)
class PaperAdmin(HistoryAdmin):
    form = IssuedPaperForm
    list_display = ("title", "symbol", "date", "kind", "body")
    list_filter = ("body", "kind")
    list_select_related = ("body",)
    search_fields = ("title", "symbol")
    fixed_fields = ("body",)


@admin.register(Theme)
class ThemeAdmin(HistoryAdmin):
    list_display = ("name", "basis", "position")
    search_fields = ("name", "basis")
    fixed_fields = ("slug",)


class FamilyMemberInline(TextsByLabel, admin.StackedInline):
    model = FamilyMember
    fields = (("recommendation", "kind"), "note")
    formfield_overrides = {models.TextField: {"widget": forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"})}}
    extra = 1  # without JavaScript no button adds a row

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).select_related("recommendation")


@admin.register(Family)
class FamilyAdmin(TextsByLabel, HistoryAdmin):
    list_display = ("name", "relation", "confidence")
    list_filter = ("confidence", "relation")
    search_fields = ("name", "note", "recommendations__label", "recommendations__title")
    search_slugs = ("recommendations__slug",)
    inlines = (FamilyMemberInline,)
    fixed_fields = ("slug",)


@admin.register(Lineage)
class LineageAdmin(TextsByLabel, HistoryAdmin):
    list_display = ("source", "kind", "target", "confidence")
    list_filter = ("kind", "confidence")
    list_select_related = ("source", "target")
    search_fields = ("source__label", "source__title", "target__label", "target__title", "quote")
    search_slugs = ("source__slug", "target__slug")


class ServedProvisionInline(TextsByLabel, admin.StackedInline):
    model = ServedProvision
    fields = (("theme", "recommendation"), "reason")
    extra = 1  # without JavaScript no button adds a row

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).select_related("theme", "recommendation")


@admin.register(Provision)
class ProvisionAdmin(TextsByLabel, HistoryAdmin):
    list_display = ("__str__", "title", "position")
    list_filter = ("instrument",)
    search_fields = ("article", "title")
    inlines = (ServedProvisionInline,)


@admin.register(Synonym)
class SynonymAdmin(HistoryAdmin):
    list_display = ("words", "phrases", "language")
    list_filter = ("language",)
    search_fields = ("words", "meanings")

    @admin.display(description="Words in the texts")
    def phrases(self, synonym: Synonym) -> str:
        return format_phrases(synonym.meaning_list)


class OfTextAdmin(TextsByLabel, HistoryAdmin):
    list_select_related: tuple[str, ...] = ("recommendation",)
    search_slugs = ("recommendation__slug",)


@admin.register(RecordedAction)
class RecordedActionAdmin(OfTextAdmin):
    list_display = ("recommendation", "by", "what", "symbol", "date")
    list_filter = ("by", "date")
    search_fields = ("recommendation__label", "recommendation__title", "what", "symbol")

    def get_texts(self) -> RecommendationQuerySet:
        return super().get_texts().open_to_recorded_actions()


@admin.register(TakenUp)
class TakenUpAdmin(OfTextAdmin):
    list_display = ("topic", "at", "what", "symbol", "date")
    list_select_related = ("topic",)
    search_fields = ("topic__label", "topic__title", "at", "what", "symbol")
    search_slugs = ("topic__slug",)

    def get_texts(self) -> RecommendationQuerySet:
        return super().get_texts().topic_texts()


@admin.register(Provenance)
class ProvenanceAdmin(OfTextAdmin):
    list_display = ("recommendation", "document_symbol", "document_place", "proposed_at")
    list_select_related = ("recommendation", "proposed_at")
    search_fields = ("recommendation__label", "recommendation__title", "document_symbol")
    fixed_fields = ("recommendation",)


@admin.register(Currency)
class CurrencyAdmin(OfTextAdmin):
    list_display = ("recommendation", "kind", "words", "symbol", "date")
    list_filter = ("kind", "date")
    search_fields = ("recommendation__label", "recommendation__title", "words", "symbol")
    fixed_fields = ("recommendation",)


@admin.register(Addressee)
class AddresseeAdmin(ReadOnly, BaseAdmin):
    list_display = ("__str__", "code")


@admin.register(Footnote)
class FootnoteAdmin(ReadOnly, BaseAdmin):
    list_display = ("number", "recommendation", "text")
    list_select_related = ("recommendation",)


@admin.register(Wording)
class WordingAdmin(ReadOnly, BaseAdmin):
    list_display = ("recommendation", "number", "kind", "reason", "author", "created_at")
    list_filter = ("kind", "created_at")
    list_select_related = ("recommendation", "author")
    search_fields = ("recommendation__label", "recommendation__title", "text", "reason")
    search_slugs = ("recommendation__slug",)


class UnitChangePage(NamedTuple):
    text: str
    button: str
    message: str
    form: type[UnitWithdrawalForm] | type[UnitReinstateForm]
    action: Callable[..., None]


# By whether the unit is withdrawn.
UNIT_CHANGES = {
    False: UnitChangePage(
        "The site will no longer request answers to this text. Its page stays available and says so. "
        "Existing answers are not moved: their States can still read them, and submissions keep them. "
        "Rounds already opened keep the text. The adopted text is unchanged.",
        "Stop requesting answers",
        "The site no longer requests answers to this text.",
        UnitWithdrawalForm,
        catalogue.withdraw_unit,
    ),
    True: UnitChangePage(
        "Answers are requested again from now on. Existing answers are unchanged.",
        "Request answers again",
        "The site requests answers to this text again.",
        UnitReinstateForm,
        catalogue.reinstate_unit,
    ),
}


class WordingInline(ReadOnly, admin.StackedInline):
    model = Wording
    fields = readonly_fields = ("number", "kind", "text", "reason", "author", "created_at")


class FootnoteInline(ReadOnly, admin.StackedInline):
    model = Footnote
    fields = readonly_fields = ("number", "text", "offset")


@admin.register(Translation)
class TranslationAdmin(FileAdmin, TextsByLabel, HistoryAdmin):
    list_display = ("wording", "language", "source", "of_current_wording")
    list_filter = ("language", "wording__recommendation__body", "wording__recommendation__meeting")
    search_fields = ("wording__recommendation__label", "wording__recommendation__title", "text", "source")
    search_slugs = ("wording__recommendation__slug",)
    resource_classes = (TranslationResource,)
    fixed_fields = ("wording", "language")

    @admin.display(description="Of the current wording", boolean=True)
    def of_current_wording(self, translation):
        return translation.wording.since == translation.wording.recommendation.current_wording.since

    def get_queryset(self, request: HttpRequest):
        return Translation.objects.select_related("wording__recommendation__current_wording")


@admin.register(Recommendation)
class RecommendationAdmin(ChangeOnly, FileAdmin, HistoryAdmin):
    form = RecommendationForm
    list_display = (
        *("full_label", "title", "first_words", "kind", "is_unit", "addressee_names", "strength", "primary_theme"),
    )
    list_filter = (
        "body",
        ("paper", admin.RelatedOnlyFieldListFilter),
        ("meeting", admin.RelatedOnlyFieldListFilter),
        "kind",
        "is_unit",
        "is_topic",
        "addressees",
        "basis",
        "strength",
        "asks_to_consider",
        "primary_theme",
        "secondary_theme",
        "families",
    )
    list_per_page = 50
    search_fields = ("label", "corrected_label", "title", "current_wording__text", "guidance")
    search_slugs = ("slug", "text_changes__slug")
    fieldsets = (
        # Translators: Heading of fields with the text as adopted.
        (
            _("As adopted"),
            {"fields": (("full_label", "parent", "meeting"), "paper", ("kind", "is_unit", "is_topic"), "words")},
        ),
        ("Classification", {"fields": (*catalogue.ANNOTATIONS, "member_of")}),
    )
    readonly_fields = ("full_label", "meeting", "parent", "paper", "kind", "is_unit", "is_topic", "words", "member_of")
    inlines = (WordingInline, FootnoteInline)

    resource_classes = (RecommendationResource,)

    @admin.display(description=_("Label"))
    def full_label(self, node):
        return node.full_shown_label

    # Translators: Name of a field: the words of an adopted text.
    @admin.display(description=_("Text"))
    def words(self, node):
        return node.text

    @admin.display(description=_("Text"), ordering="current_wording__text")
    def first_words(self, node):
        return format_html('<span lang="en" dir="ltr">{}</span>', Truncator(node.text).words(15))

    # Translators: Heading: to whom the recommendations are addressed.
    @admin.display(description=_("Addressees"))
    def addressee_names(self, node):
        return format_list(node.addressees.all())

    @admin.display(description=_("Groups of similar recommendations"))
    def member_of(self, node):
        page = "admin:recommendations_family_change"
        links = (
            format_html('<a href="{}">{}</a>', reverse(page, args=[family.pk]), family)
            for family in node.families.all()
        )
        return format_html_list(links) or "-"

    def get_queryset(self, request: HttpRequest):
        return Recommendation.objects.with_annotations()

    def lookup_allowed(self, lookup, value, request: HttpRequest):
        """Allow what the page of a published import links to."""
        return lookup == "paper_import" or super().lookup_allowed(lookup, value, request)

    def save_model(self, request: HttpRequest, obj, form, change):
        annotations = {name: form.cleaned_data[name] for name in catalogue.ANNOTATIONS}
        catalogue.change_annotations(recommendation=obj, by=request.user, **annotations)

    # Wordings

    def get_urls(self):
        views = {"wording": self.wording_view, "standing": self.unit_status_view, "structure": self.structure_view}
        paths = [
            path(
                f"<path:object_id>/{page}/",
                self.admin_site.admin_view(view),
                name=f"recommendations_recommendation_{page}",
            )
            for page, view in views.items()
        ]
        return [*paths, *super().get_urls()]

    def _get_node(self, request: HttpRequest, object_id) -> Recommendation:
        node = self.get_object(request, unquote(object_id))
        if node is None:
            raise Http404
        if not self.has_change_permission(request, node):
            raise PermissionDenied
        return node

    def _node_page(self, request: HttpRequest, template: str, node: Recommendation, context: dict) -> TemplateResponse:
        shared = self.admin_site.each_context(request) | {"opts": self.opts, "original": node}
        return TemplateResponse(request, f"admin/recommendations/{template}.html", shared | context)

    def wording_view(self, request: HttpRequest, object_id):
        node = self._get_node(request, object_id)
        typed = typed_input(request)
        form = WordingForm(typed.dict() if typed is not None else None, node=node)
        if request.method == "POST" and form.is_valid() and form.is_shown:
            with form_errors(form):
                wording = catalogue.add_wording(recommendation=node, by=request.user, **form.values)
                message = "Wording %(number)d added: %(reason)s"
                values = {"number": wording.number, "reason": wording.reason}
                self.log_change(request, node, message % values)
                self.message_user(request, message % values, messages.SUCCESS)
                return redirect("admin:recommendations_recommendation_change", node.pk)
        is_valid = form.is_valid()  # an error of the action among them
        context = {
            "title": f"Change the text · {node.label_with_title}",
            "form": form.to_confirm() if is_valid else form,
            "becomes": form.cleaned_data["text"] if is_valid else "",
        }
        return self._node_page(request, "wording", node, context)

    # Label and kind

    def structure_view(self, request: HttpRequest, object_id):
        node = self._get_node(request, object_id)
        is_open = node.paper.opened_at is not None
        form_class, act = (CorrectedLabelForm, correct_label) if is_open else (StructureForm, change_structure)
        form = form_class(typed_input(request), instance=copy(node))
        if request.method == "POST" and form.is_valid():
            with form_errors(form):
                is_changed = act(text=node, by=request.user, **form.cleaned_data)
                if is_changed:
                    self.log_change(request, node, f"{node.label}: {form.cleaned_data['reason']}")
                self.message_user(request, "The text was changed." if is_changed else "Nothing was changed.")
                return redirect("admin:recommendations_recommendation_change", node.pk)
        heading = "Correct the label" if is_open else "Change label or kind"
        title = f"{heading} · {node.label_with_title}"
        return self._node_page(request, "structure", node, {"title": title, "form": form, "is_open": is_open})

    # Requests for answers

    def unit_status_view(self, request: HttpRequest, object_id):
        node = self._get_node(request, object_id)
        change = UNIT_CHANGES[node.withdrawn_on is not None]
        form = change.form(typed_input(request), node=node)
        if request.method == "POST" and form.is_valid():
            with form_errors(form):
                change.action(unit=node, by=request.user, **form.cleaned_data)
                self.log_change(request, node, f"{change.message} {form.cleaned_data['reason']}")
                self.message_user(request, change.message, messages.SUCCESS)
                return redirect("admin:recommendations_recommendation_change", node.pk)
        context = {"title": f"{change.button} · {node.label_with_title}", "form": form, "change": change}
        return self._node_page(request, "act", node, context)
