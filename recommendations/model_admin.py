from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.db import models
from django.http import HttpRequest, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from import_export.admin import ImportExportMixin
from import_export.forms import ExportForm

from recommendations import catalogue
from recommendations.formats import FORMATS, FileFormatError
from recommendations.forms import (
    CurrentWordingField,
    DayField,
    DayInput,
    ImportConfirmForm,
    ImportFileForm,
    LabelField,
    SeenRowForm,
    SignedFile,
)
from recommendations.models import Recommendation, Wording
from recommendations.models.recommendation import RecommendationQuerySet
from recommendations.queries import label_pattern

UNSAVED_INPUT = "recommendations.unsaved_input"  # in the environment of a request


def typed_input(request: HttpRequest) -> QueryDict | None:
    """Return what is posted, or what was posted before a fresh sign-in was asked for, None where there is neither."""
    return request.POST if request.method == "POST" else request.META.get(UNSAVED_INPUT)


class BaseAdmin(admin.ModelAdmin):
    """Show nothing of what refers to a row, which can be of a State: a list takes only its own filters.

    The log names rows in English, whatever language its writer reads.
    """

    search_slugs: tuple[str, ...] = ()  # paths to slugs of texts, which a label in any spelling finds
    formfield_overrides = {models.DateField: {"form_class": DayField, "widget": DayInput}}

    def lookup_allowed(self, lookup, value, request: HttpRequest):
        filters = [each[0] if isinstance(each, tuple) else each for each in self.get_list_filter(request)]
        names = [name for name in (self.date_hierarchy, *filters) if name]
        is_own = any(f"{lookup}__".startswith(f"{name}__") for name in names)
        return is_own and super().lookup_allowed(lookup, value, request)

    def get_changelist_instance(self, request: HttpRequest):
        """Treat a year beyond the integers of C as any other wrong parameter."""
        try:
            return super().get_changelist_instance(request)
        except OverflowError as error:
            raise IncorrectLookupParameters(error) from None

    def changelist_view(self, request: HttpRequest, extra_context=None):
        return super().changelist_view(request, {"title": self.opts.verbose_name_plural} | (extra_context or {}))

    def get_formset_kwargs(self, request: HttpRequest, obj, inline, prefix):
        typed = typed_input(request)
        unsaved = {"data": typed.copy()} if typed is not None else {}
        return super().get_formset_kwargs(request, obj, inline, prefix) | unsaved

    def render_change_form(self, request: HttpRequest, context, *args, **kwargs):
        """Show the unsaved input of the form, if any. It is not bound: that would do what it asks for."""
        typed = typed_input(request)
        if typed is not None and request.method != "POST":
            form = context["adminform"].form
            form.initial |= {
                name: field.widget.value_from_datadict(typed, {}, form.add_prefix(name))
                for name, field in form.fields.items()
            }
            text = _(
                "Your text is below. If a file that you chose is not listed, choose it again. Check the form and save."
            )
            self.message_user(request, text, messages.WARNING)
        return super().render_change_form(request, context, *args, **kwargs)

    def changeform_view(self, request: HttpRequest, object_id=None, form_url="", extra_context=None):
        title = {"title": self.opts.verbose_name} if object_id else {}
        return super().changeform_view(request, object_id, form_url, title | (extra_context or {}))

    def get_search_results(self, request: HttpRequest, queryset, search_term):
        """Return the texts with the label that was typed, in any spelling, and their items; or what has the words."""
        if pattern := label_pattern(search_term):
            slugs = models.Q.create([(f"{path}__iregex", pattern) for path in self.search_slugs], models.Q.OR)
            labelled = queryset.filter(slugs) if self.search_slugs else queryset.none()
            if labelled.exists():
                return labelled, True
        return super().get_search_results(request, queryset, search_term)

    def to_field_allowed(self, request: HttpRequest, to_field):
        return to_field == self.opts.pk.name

    def get_view_on_site_url(self, obj=None):
        return obj.get_absolute_url() if hasattr(obj, "get_absolute_url") else None


class TextsByLabel:
    """Ask for a text by its label, which needs no script and no list of all texts in each row."""

    change_form_template = "admin/recommendations/label_form.html"

    def get_texts(self) -> RecommendationQuerySet:
        return Recommendation.objects.published()

    def formfield_for_dbfield(self, db_field, request: HttpRequest, **kwargs):
        field = {Recommendation: LabelField, Wording: CurrentWordingField}.get(db_field.related_model)
        if field and not db_field.many_to_many:
            return db_field.formfield(form_class=field, queryset=self.get_texts())
        return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]


class ChangeOnly:
    def has_add_permission(self, request: HttpRequest, obj=None):
        return False

    def has_delete_permission(self, request: HttpRequest, obj=None):
        return False


class ReadOnly(ChangeOnly):
    def has_change_permission(self, request: HttpRequest, obj=None):
        return False


class HistoryAdmin(BaseAdmin):
    object_history_template = "admin/recommendations/history.html"
    fixed_fields: tuple[str, ...] = ()  # once a row is saved

    def get_readonly_fields(self, request: HttpRequest, obj=None):
        return (*self.readonly_fields, *(self.fixed_fields if obj else ()))

    def get_form(self, request: HttpRequest, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        if obj is None:
            return form
        rows_below = property(lambda _form: self._list_rows_below(request, obj))
        return type(form.__name__, (SeenRowForm, form), {"rows_below": rows_below})

    def _list_rows_below(self, request: HttpRequest, obj) -> list:
        formsets = self.get_formsets_with_inlines(request, obj)
        changed_here = [formset for formset, inline in formsets if inline.has_change_permission(request, obj)]
        return [list(formset(instance=obj).get_queryset().values()) for formset in changed_here]

    def save_model(self, request: HttpRequest, obj, form, change):
        catalogue.save_instance(instance=obj, by=request.user)

    def save_formset(self, request: HttpRequest, form, formset, change):
        for instance in formset.save(commit=False):
            catalogue.save_instance(instance=instance, by=request.user)
        for instance in formset.deleted_objects:
            catalogue.delete_instance(instance=instance, by=request.user)

    def delete_model(self, request: HttpRequest, obj):
        catalogue.delete_instance(instance=obj, by=request.user)

    def delete_queryset(self, request: HttpRequest, queryset):
        for instance in queryset:
            catalogue.delete_instance(instance=instance, by=request.user)


class FileAdmin(ImportExportMixin):
    """Download and upload files. An upload is shown first, then applied as a whole or not at all."""

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

    def add_success_message(self, result, request: HttpRequest):
        messages.success(request, f"Rows imported: {result.changed}.")

    def get_import_data_kwargs(self, **kwargs):
        return {"rollback_on_validation_errors": True}

    def add_data_read_fail_error_to_form(self, form, error):
        if not isinstance(error, FileFormatError):
            raise error
        form.add_error("import_file", str(error))

    def process_result(self, result, request: HttpRequest):
        """Apply nothing, and say why, if the catalogue changed after the changes were shown."""
        if not (result.has_errors() or result.has_validation_errors()):
            return super().process_result(result, request)
        context = {
            **self.admin_site.each_context(request),
            "title": "Import",
            "opts": self.opts,
            "form": ImportFileForm(self.get_import_formats(), self.get_import_resource_classes(request)),
            "result": result,
        }
        return TemplateResponse(request, self.import_template_name, context)
