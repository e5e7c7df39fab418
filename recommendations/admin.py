"""The catalogue, for its curators. Text changes by a further wording only; all else is told in a history."""

from collections.abc import Callable
from typing import NamedTuple

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.http import Http404, HttpRequest
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from import_export.admin import ImportExportMixin
from import_export.forms import ExportForm
from simple_history.admin import SimpleHistoryAdmin

from recommendations import catalogue
from recommendations.formats import FORMATS, UnreadableFile
from recommendations.forms import (
    ImportConfirmForm,
    ImportFileForm,
    RecommendationForm,
    SignedFile,
    UnitReinstateForm,
    UnitWithdrawalForm,
    WordingForm,
)
from recommendations.models import (
    Addressee,
    Body,
    Family,
    FamilyMember,
    Footnote,
    Lineage,
    Meeting,
    Provenance,
    Provision,
    Recommendation,
    RecordedAction,
    ServedProvision,
    TakenUp,
    Theme,
    Translation,
    Wording,
)
from recommendations.resources import RecommendationResource, TranslationResource


class BaseAdmin(admin.ModelAdmin):
    """Tells nothing of what refers to a row, which may be a State's: a list is asked by its own filters alone."""

    def lookup_allowed(self, lookup, value, request: HttpRequest):
        own = [name for name in (self.date_hierarchy, *self.get_list_filter(request)) if name]
        asks_one = any(f"{lookup}__".startswith(f"{name}__") for name in own)
        return asks_one and super().lookup_allowed(lookup, value, request)

    def to_field_allowed(self, request: HttpRequest, to_field):
        return to_field == self.opts.pk.name

    def get_view_on_site_url(self, obj=None):
        return obj.get_absolute_url() if hasattr(obj, "get_absolute_url") else None


class ReadOnly:
    def has_add_permission(self, request: HttpRequest, obj=None):
        return False

    def has_change_permission(self, request: HttpRequest, obj=None):
        return False

    def has_delete_permission(self, request: HttpRequest, obj=None):
        return False


class ChangeOnly:
    """It came with a paper and stays."""

    def has_add_permission(self, request: HttpRequest):
        return False

    def has_delete_permission(self, request: HttpRequest, obj=None):
        return False


class HistoryAdmin(BaseAdmin, SimpleHistoryAdmin):
    """History is for reading: what was changed is changed back by a further change, and that is told too."""

    object_history_list_template = "admin/recommendations/history.html"

    def get_urls(self):
        return super(SimpleHistoryAdmin, self).get_urls()

    def revert_disabled(self, request: HttpRequest, obj=None):
        return True

    def save_model(self, request: HttpRequest, obj, form, change):
        catalogue.save_instance(thing=obj, by=request.user)

    def save_formset(self, request: HttpRequest, form, formset, change):
        for thing in formset.save(commit=False):
            catalogue.save_instance(thing=thing, by=request.user)
        for thing in formset.deleted_objects:
            catalogue.delete_instance(thing=thing, by=request.user)

    def delete_model(self, request: HttpRequest, obj):
        catalogue.delete_instance(thing=obj, by=request.user)

    def delete_queryset(self, request: HttpRequest, queryset):
        for thing in queryset:
            catalogue.delete_instance(thing=thing, by=request.user)

    def history_view(self, request: HttpRequest, object_id, extra_context=None):
        if self.get_object(request, unquote(object_id)) is None:
            raise Http404
        return super().history_view(request, object_id, extra_context)


@admin.register(Body)
class BodyAdmin(HistoryAdmin):
    list_display = ("name", "slug", "is_first")

    def has_delete_permission(self, request: HttpRequest, obj=None):
        return False

    def get_readonly_fields(self, request: HttpRequest, obj=None):
        return ("slug", "is_first") if obj else ()


@admin.register(Meeting)
class MeetingAdmin(ChangeOnly, HistoryAdmin):
    readonly_fields = ("body", "number")


@admin.register(Theme)
class ThemeAdmin(HistoryAdmin):
    list_display = ("name", "basis", "position")
    search_fields = ("name", "basis")

    def get_readonly_fields(self, request: HttpRequest, obj=None):
        return ("slug",) if obj else ()


class FamilyMemberInline(admin.StackedInline):
    model = FamilyMember
    fields = (("recommendation", "kind"), "note")
    formfield_overrides = {models.TextField: {"widget": forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"})}}
    extra = 0

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).select_related("recommendation")


@admin.register(Family)
class FamilyAdmin(HistoryAdmin):
    list_display = ("name", "relation", "confidence")
    list_filter = ("confidence", "relation")
    search_fields = ("name", "note", "recommendations__label")
    inlines = (FamilyMemberInline,)

    def get_readonly_fields(self, request: HttpRequest, obj=None):
        return ("slug",) if obj else ()

    def history_view(self, request: HttpRequest, object_id, extra_context=None):
        """Also who was taken in and out, and when."""
        members = FamilyMember.history.filter(family=unquote(object_id)).select_related(
            "recommendation", "history_user"
        )
        context = {"members": members.order_by("-history_date", "-history_id")}
        return super().history_view(request, object_id, context | (extra_context or {}))


@admin.register(Lineage)
class LineageAdmin(HistoryAdmin):
    list_display = ("source", "kind", "target", "confidence")
    list_filter = ("kind", "confidence")
    list_select_related = ("source", "target")
    search_fields = ("source__label", "target__label", "quote")


class ServedProvisionInline(admin.StackedInline):
    model = ServedProvision
    fields = (("theme", "recommendation"), "reason")
    extra = 0

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).select_related("theme", "recommendation")


@admin.register(Provision)
class ProvisionAdmin(HistoryAdmin):
    list_display = ("__str__", "title", "position")
    list_filter = ("instrument",)
    search_fields = ("article", "title")
    inlines = (ServedProvisionInline,)


@admin.register(RecordedAction)
class RecordedActionAdmin(HistoryAdmin):
    list_display = ("recommendation", "by", "what", "symbol", "date")
    list_filter = ("by", "date")
    list_select_related = ("recommendation",)
    search_fields = ("recommendation__label", "what", "symbol")

    def formfield_for_foreignkey(self, db_field, request: HttpRequest, **kwargs):
        kwargs["queryset"] = Recommendation.objects.published().open_to_recorded_actions()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj, form, change):
        catalogue.record_action(action=obj, by=request.user)


class CheckedAdmin(HistoryAdmin):
    def save_model(self, request: HttpRequest, obj, form, change):
        catalogue.save_checked_instance(thing=obj, by=request.user)


@admin.register(TakenUp)
class TakenUpAdmin(CheckedAdmin):
    list_display = ("topic", "at", "what", "symbol", "date")
    list_select_related = ("topic",)
    search_fields = ("topic__label", "at", "what", "symbol")

    def formfield_for_foreignkey(self, db_field, request: HttpRequest, **kwargs):
        kwargs["queryset"] = Recommendation.objects.published().topics()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Provenance)
class ProvenanceAdmin(CheckedAdmin):
    list_display = ("recommendation", "document_symbol", "document_place", "proposed_at", "adoption")
    list_filter = ("adoption",)
    list_select_related = ("recommendation", "proposed_at")
    search_fields = ("recommendation__label", "document_symbol", "adoption_symbol")

    def get_readonly_fields(self, request: HttpRequest, obj=None):
        return ("recommendation",) if obj else ()

    def formfield_for_foreignkey(self, db_field, request: HttpRequest, **kwargs):
        if db_field.name == "recommendation":
            kwargs["queryset"] = Recommendation.objects.published()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


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
    search_fields = ("recommendation__label", "text", "reason")


class UnitChange(NamedTuple):
    """What a curator does about whether a unit is asked, by a page of its own."""

    title: Promise
    told: Promise
    button: Promise
    done: Promise
    form: type[UnitWithdrawalForm] | type[UnitReinstateForm]
    do: Callable[..., None]


# By whether the unit is withdrawn.
ACTS = {
    False: UnitChange(
        _("Withdraw or merge %(label)s"),
        _(
            "From then on it is asked of nobody. Its address goes on to work and says so. Answers stay with it, "
            "readable to their States and in what was handed in; none is moved. Rounds that were opened keep it."
        ),
        _("Withdraw or merge it"),
        _("It is asked no longer."),
        UnitWithdrawalForm,
        catalogue.withdraw_unit,
    ),
    True: UnitChange(
        _("Ask %(label)s again"),
        _("It is asked again from now on. Its answers are where they were."),
        _("Ask it again"),
        _("It is asked again."),
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


class FileAdmin(ImportExportMixin):
    """Leaves the admin and comes back to it in files: shown first, then applied, all of it or nothing."""

    formats = FORMATS
    import_form_class = ImportFileForm
    confirm_form_class = ImportConfirmForm
    export_form_class = ExportForm
    tmp_storage_class = SignedFile

    def has_import_permission(self, request: HttpRequest):
        return self.has_change_permission(request)

    def has_export_permission(self, request: HttpRequest):
        return self.has_view_permission(request)

    def export_action(self, request: HttpRequest):
        try:
            return super().export_action(request)
        except IncorrectLookupParameters:
            return redirect(f"admin:recommendations_{self.opts.model_name}_export")

    def get_import_data_kwargs(self, **kwargs):
        return {"rollback_on_validation_errors": True}

    def add_data_read_fail_error_to_form(self, form, error):
        if not isinstance(error, UnreadableFile):
            raise error
        form.add_error("import_file", str(error))

    def process_result(self, result, request: HttpRequest):
        """The catalogue may have changed since it was shown what would be applied: then nothing is, and why is said."""
        if not (result.has_errors() or result.has_validation_errors()):
            return super().process_result(result, request)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Import"),
            "opts": self.opts,
            "form": ImportFileForm(self.get_import_formats(), self.get_import_resource_classes(request)),
            "result": result,
        }
        return TemplateResponse(request, self.import_template_name, context)


@admin.register(Translation)
class TranslationAdmin(FileAdmin, CheckedAdmin):
    list_display = ("wording", "language", "source", "of_current_wording")
    list_filter = ("language", "wording__recommendation__body", "wording__recommendation__meeting")
    search_fields = ("wording__recommendation__label", "text", "source")
    resource_classes = (TranslationResource,)

    @admin.display(description=_("of the wording of today"), boolean=True)
    def of_current_wording(self, translation):
        return translation.wording.since == translation.wording.recommendation.current_wording.since

    def get_queryset(self, request: HttpRequest):
        return Translation.objects.select_related("wording__recommendation__current_wording")

    def get_readonly_fields(self, request: HttpRequest, obj=None):
        return ("wording", "language") if obj else ()

    def formfield_for_foreignkey(self, db_field, request: HttpRequest, **kwargs):
        nodes = Recommendation.objects.published()
        current = Wording.objects.filter(pk__in=nodes.values("current_wording")).select_related("recommendation")
        kwargs["queryset"] = current.order_by("recommendation__body", "recommendation__position")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Recommendation)
class RecommendationAdmin(ChangeOnly, FileAdmin, HistoryAdmin):
    form = RecommendationForm
    list_display = ("full_label", "beginning", "kind", "is_unit", "addressed_to", "strength", "primary_theme")
    list_filter = (
        "body",
        "meeting",
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
    search_fields = ("label", "current_wording__text", "guidance")
    fieldsets = (
        (_("As adopted"), {"fields": (("full_label", "parent", "meeting"), ("kind", "is_unit", "is_topic"), "words")}),
        (_("What is said of it"), {"fields": (*catalogue.ANNOTATIONS, "member_of")}),
    )
    readonly_fields = ("full_label", "meeting", "parent", "kind", "is_unit", "is_topic", "words", "member_of")
    inlines = (WordingInline, FootnoteInline)

    resource_classes = (RecommendationResource,)

    @admin.display(description=_("text"))
    def words(self, node):
        return node.text

    @admin.display(description=_("text"), ordering="current_wording__text")
    def beginning(self, node):
        return Truncator(node.text).words(15)

    @admin.display(description=_("addressees"))
    def addressed_to(self, node):
        return ", ".join(str(addressee) for addressee in node.addressees.all())

    @admin.display(description=_("families"))
    def member_of(self, node):
        families = (
            (reverse("admin:recommendations_family_change", args=[family.pk]), family) for family in node.families.all()
        )
        return format_html_join(", ", '<a href="{}">{}</a>', families) or "-"

    def get_queryset(self, request: HttpRequest):
        return Recommendation.objects.with_annotations()

    def save_model(self, request: HttpRequest, obj, form, change):
        annotations = {name: form.cleaned_data[name] for name in catalogue.ANNOTATIONS}
        catalogue.change_annotations(recommendation=obj, by=request.user, **annotations)

    # Wordings

    def get_urls(self):
        views = {"wording": self.wording_view, "standing": self.standing_view}
        own = [
            path(
                f"<path:object_id>/{page}/",
                self.admin_site.admin_view(view),
                name=f"recommendations_recommendation_{page}",
            )
            for page, view in views.items()
        ]
        return [*own, *super().get_urls()]

    def _to_change(self, request: HttpRequest, object_id) -> Recommendation:
        node = self.get_object(request, unquote(object_id))
        if node is None:
            raise Http404
        if not self.has_change_permission(request, node):
            raise PermissionDenied
        return node

    def wording_view(self, request: HttpRequest, object_id):
        """Change the text, by a further wording, once the difference was shown."""
        node = self._to_change(request, object_id)
        form = WordingForm(request.POST.dict() or None, node=node)
        is_shown = form.is_valid()
        if is_shown and form.was_shown and self._add_wording(request, node, form):
            return redirect("admin:recommendations_recommendation_change", node.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Change the text of %(label)s") % {"label": node.label},
            "opts": self.opts,
            "original": node,
            "form": form.to_confirm() if is_shown else form,
            "becomes": form.cleaned_data["text"] if is_shown else "",
        }
        return TemplateResponse(request, "admin/recommendations/wording.html", context)

    def _add_wording(self, request: HttpRequest, node, form) -> bool:
        try:
            wording = catalogue.add_wording(recommendation=node, by=request.user, **form.said)
        except ValidationError as error:
            form.add_error(None, error)
            return False
        message = _("Wording %(number)d added: %(reason)s") % {"number": wording.number, "reason": wording.reason}
        self.log_change(request, node, str(message))
        self.message_user(request, message, messages.SUCCESS)
        return True

    # Whether a unit is asked

    def standing_view(self, request: HttpRequest, object_id):
        """Withdraw a unit, merge it into another, or put it back. Its answers stay where they are."""
        node = self._to_change(request, object_id)
        if not node.is_unit:
            raise Http404
        act = ACTS[node.withdrawn_on is not None]
        form = act.form(request.POST or None, node=node)
        if form.is_valid() and self._act_on(request, node, act, form):
            return redirect("admin:recommendations_recommendation_change", node.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": act.title % {"label": node.label},
            "opts": self.opts,
            "original": node,
            "form": form,
            "act": act,
        }
        return TemplateResponse(request, "admin/recommendations/act.html", context)

    def _act_on(self, request: HttpRequest, node, act, form) -> bool:
        try:
            act.do(unit=node, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
            return False
        self.log_change(request, node, f"{act.done} {form.cleaned_data['reason']}")
        self.message_user(request, act.done, messages.SUCCESS)
        return True
