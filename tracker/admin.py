"""Manage people in the admin. What a State owns is not there; its treaty acts are confirmed on pages of the site."""

from typing import cast

from allauth.account.admin import EmailAddress
from allauth.account.decorators import secure_admin_login
from allauth.mfa.admin import Authenticator
from allauth.socialaccount.admin import SocialAccount, SocialApp, SocialToken
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin import ActionLocation
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth.admin import Group  # type: ignore[attr-defined]
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Case, Prefetch, When
from django.forms import ModelChoiceField
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.generic import RedirectView

from recommendations.lists import format_list, format_phrases
from recommendations.model_admin import BaseAdmin, ReadOnly
from tracker.actions import access_change
from tracker.actions import user as people
from tracker.actions.reading_restriction import add_restriction, end_restriction
from tracker.forms.access_change import ActionForm, PersonChangeForm, PersonForm, RoleRequestForm
from tracker.models import AccessChange, Membership, ReadingRestriction, Respondent, User
from tracker.models.access_change import AccessChangeStage
from tracker.models.user import Role
from tracker.permissions import can_confirm_access_change
from tracker.queries.desk.team import without_focal_point
from tracker.queries.identity import identity_providers
from tracker.queries.second_factor import fetch_second_factors, second_factors
from tracker.queries.treaty_acts import complete_acts, describe_status_lists, treaty_source
from tracker.web.fresh_sign_in import TO_OPEN, asks

# Translators: Name of the site.
admin.site.site_header = admin.site.site_title = _("Recommendations tracker")
admin.site.index_title = _("Administration pages")
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.password_change = RedirectView.as_view(pattern_name="account_change_password")  # type: ignore[assignment, method-assign]
index = admin.site.index


def index_with_warning(request: HttpRequest, extra_context=None):
    """Show the first page of the administration; warn administrators where uploaded files are not scanned."""
    if _user(request).has_role(Role.ADMINISTRATOR) and not settings.CLAMAV_SOCKET:
        text = "Uploaded files are not scanned for malware. Ask the people who run the site to set up ClamAV."
        messages.warning(request, text)
    return index(request, extra_context)


admin.site.index = index_with_warning  # type: ignore[method-assign]


class FieldSearchView(AutocompleteJsonView):
    """Refuse a field that refers to a model from the other side, on which Django's own view fails."""

    def process_request(self, request: HttpRequest):
        term, model_admin, field, to_field = super().process_request(request)
        if not field.concrete:
            raise PermissionDenied
        return term, model_admin, field, to_field


admin.site.autocomplete_view = FieldSearchView.as_view(admin_site=admin.site)  # type: ignore[assignment, method-assign]

# Registered by the modules that they are imported from. Roles are memberships, a person has one address, a second
# factor is private, and identities are bound by their owners or by two administrators.
admin.site.unregister([Group, EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken])


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)


def row_action(description, action, noun, done, location=ActionLocation.CHANGE_LIST):
    """Make an admin action that does `action` to each selected row and shows which rows were refused and why.

    `done` says how many were not.
    """

    @admin.action(permissions=["act"], description=description, location=location)
    def run(model_admin, request: HttpRequest, rows):
        count = 0
        for row in rows:
            try:
                action(**{noun: row}, by=_user(request))
                count += 1
            except ValidationError as error:
                model_admin.message_user(request, f"{row}: {' '.join(error.messages)}", messages.ERROR)
        if count:
            model_admin.message_user(request, done % {"count": count}, messages.SUCCESS)
            model_admin.say_after(request)

    run.__name__ = action.__name__
    return run


def end_membership_of_last_focal_point(*, membership: Membership, by: User) -> None:
    people.end_membership(membership=membership, by=by, leaves_desk=True)


def show_desks_without_focal_point(model_admin, request: HttpRequest) -> None:
    if names := format_list(respondent.name for respondent in without_focal_point()):
        model_admin.message_user(request, f"No focal point today: {names}.", messages.WARNING)


class ActionAdmin(BaseAdmin, admin.ModelAdmin):
    """Write through actions alone, and show what they refuse. Nothing is deleted."""

    @asks(TO_OPEN)
    def add_view(self, request: HttpRequest, *args, **kwargs):
        return super().add_view(request, *args, **kwargs)

    @asks(TO_OPEN)
    def change_view(self, request: HttpRequest, *args, **kwargs):
        return super().change_view(request, *args, **kwargs)

    def changeform_view(self, request: HttpRequest, *args, **kwargs):
        try:
            return super().changeform_view(request, *args, **kwargs)
        except ValidationError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
            return redirect(request.get_full_path())

    def say_after(self, request: HttpRequest):
        pass

    def get_form(self, request: HttpRequest, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        if issubclass(form, ActionForm):
            form = type(form.__name__, (form,), {"act": lambda bound: self.act(bound, _user(request))})
        return form

    def act(self, form: ActionForm, by: User):
        raise NotImplementedError

    def show_request(self, request: HttpRequest, change: AccessChange) -> None:
        text = _("Another administrator must confirm: you made the request, or it concerns you.")
        self.message_user(request, text, messages.SUCCESS)

    def has_delete_permission(self, request: HttpRequest, obj=None):
        return False

    def has_act_permission(self, request: HttpRequest):
        return super().has_change_permission(request)


@admin.register(User)
class PersonAdmin(ActionAdmin):
    say_after = show_desks_without_focal_point
    list_display = ["name", "email", "roles", "two_step", "is_active", "last_login"]
    list_filter = ["is_active", "memberships__role"]
    search_fields = ["name", "email"]
    readonly_fields = ["roles", "two_step", "is_active", "joined_at", "last_login"]
    actions = [
        row_action(
            "Deactivate accounts: these people can no longer sign in",
            people.close_account,
            "user",
            "Accounts deactivated: %(count)s.",
        ),
        row_action(
            "Request to reactivate accounts: these people can sign in again",
            access_change.request_reactivation,
            "user",
            "Reactivations requested: %(count)s. Another administrator must confirm.",
        ),
        row_action(
            "Request to reset two-step sign-in for people who lost the device",
            access_change.request_second_factor_reset,
            "user",
            "Resets requested: %(count)s. Another administrator must confirm.",
        ),
    ]

    def get_queryset(self, request: HttpRequest):
        today = Prefetch("memberships", Membership.objects.current().select_related("respondent"))
        return super().get_queryset(request).prefetch_related(today, fetch_second_factors())

    def get_fields(self, request: HttpRequest, obj=None):
        identity = ["provider", "subject"] if identity_providers() else []
        return ["name", "email", *([*identity, *self.readonly_fields] if obj else [])]

    def get_form(self, request: HttpRequest, obj=None, change=False, **kwargs):
        kwargs["form"] = PersonChangeForm if change else PersonForm
        return super().get_form(request, obj, change=change, **kwargs)

    @admin.display(description="Current roles")
    def roles(self, user):
        return format_phrases(membership.title for membership in user.memberships.all()) or "-"

    @admin.display(description=_("Two-step sign-in"))
    def two_step(self, user):
        """Write each kind with its first day."""
        return format_phrases(f"{found.kind} ({date_format(found.since)})" for found in second_factors(user)) or "-"

    def act(self, form: ActionForm, by: User):
        typed = dict(form.cleaned_data)
        if form.instance.pk is None:
            return people.add_person(**typed, by=by)
        user, name = User.objects.get(pk=form.instance.pk), typed.pop("name")
        if name != user.name:
            people.correct_name(user=user, name=name, by=by)
        identity, request = {field: typed.pop(field) for field in ("provider", "subject")}, None
        if identity["subject"]:
            request = access_change.request_identity(user=user, **identity, by=by)
        if typed["email"].lower() == user.email:
            return request
        return access_change.request_address(user=user, **typed, by=by)

    def save_model(self, request: HttpRequest, obj, form, change):
        if change:
            if form.outcome:
                self.show_request(request, form.outcome)
            return
        obj.pk = form.outcome.pk
        self.message_user(request, f"A link to set a password was sent to {obj.email}.")


ROLES_ENDED = "Roles ended: %(count)s."


class PersonField(ModelChoiceField):
    def label_from_instance(self, obj):
        return f"{obj.name} ({obj.email})"


class UserRowAdmin(ActionAdmin):
    """Manage what a person has. To change a row, end it and add another."""

    def has_change_permission(self, request: HttpRequest, obj=None):
        return False

    def formfield_for_foreignkey(self, db_field, request: HttpRequest, **kwargs):
        if db_field.name == "user":
            kwargs["form_class"] = PersonField
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Membership)
class MembershipAdmin(UserRowAdmin):
    say_after = show_desks_without_focal_point
    form = RoleRequestForm
    list_display = ["user", "role", "respondent", "since", "until", "ended_at"]
    list_filter = ["role"]
    list_select_related = ["user", "respondent"]
    search_fields = ["user__name", "user__email", "respondent__name", "respondent__code"]
    date_hierarchy = "since"
    readonly_fields = ["appointing_file", "granted_by", "confirmed_by", "ended_at"]
    actions = [
        row_action("End these roles now", people.end_membership, "membership", ROLES_ENDED),
        row_action(
            "End these roles now, even of a State’s last focal point",
            end_membership_of_last_focal_point,
            "membership",
            ROLES_ENDED,
        ),
    ]

    def get_fields(self, request: HttpRequest, obj=None):
        typed = ["user", "role", "respondent", "since", "until", "appointing_document", "appointed_on"]
        return [*typed, *(self.readonly_fields if obj else ["file"])]

    @admin.display(description=_("File of the appointing document"))
    def appointing_file(self, membership):
        if not membership.document:
            return "-"
        url = reverse("appointing_document", args=[membership.pk])
        return format_html('<a href="{}">{}</a>', url, membership.document_name)

    def act(self, form: ActionForm, by: User):
        return access_change.request_role(**form.cleaned_data, by=by)

    def save_model(self, request: HttpRequest, obj, form, change):
        obj.request = form.outcome

    def log_addition(self, request: HttpRequest, obj, message):
        return super().log_addition(request, obj.request, message)

    def response_add(self, request: HttpRequest, obj, post_url_continue=None):
        self.show_request(request, obj.request)
        return redirect("admin:tracker_accesschange_change", obj.request.pk)


@admin.register(AccessChange)
class AccessChangeAdmin(ActionAdmin):
    """List what one administrator requests and another confirms. It is requested at the person or as a role."""

    list_display = ["kind", "state", "user", "role", "respondent", "requested_by", "requested_at"]
    list_filter = ["state", "kind"]
    list_select_related = ["user", "respondent", "requested_by"]
    search_fields = ["user__name", "user__email", "respondent__name", "respondent__code"]
    ordering = [Case(When(state=AccessChangeStage.REQUESTED, then=0), default=1), "-requested_at"]
    actions = [
        row_action(action, does, "change", done, [ActionLocation.CHANGE_LIST, ActionLocation.CHANGE_FORM])
        for action, does, done in (
            (
                _("Confirm"),
                access_change.confirm_access_change,
                "Requests confirmed: %(count)s.",
            ),
            (
                _("Decline"),
                access_change.decline_access_change,
                "Requests declined: %(count)s.",
            ),
        )
    ]

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).select_related("user", "respondent", "requested_by", "confirmed_by")

    def get_fieldsets(self, request: HttpRequest, obj=None):
        """Leave all of it to templates/admin/tracker/accesschange/, in the words of pages and mails."""
        return []

    def has_add_permission(self, request: HttpRequest):
        return False

    def has_change_permission(self, request: HttpRequest, obj=None):
        return False

    def render_change_form(self, request: HttpRequest, context, *args, obj=None, **kwargs):
        context["may_confirm"] = obj is not None and can_confirm_access_change(_user(request), obj)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)


@admin.register(ReadingRestriction)
class ReadingRestrictionAdmin(UserRowAdmin):
    list_display = ["user", "respondent", "set_by", "set_at", "lifted_at"]
    list_select_related = ["user", "respondent", "set_by"]
    search_fields = ["user__name", "user__email", "respondent__name", "respondent__code"]
    actions = [
        row_action(
            "Lift these reading restrictions now",
            end_restriction,
            "restriction",
            "Reading restrictions lifted: %(count)s.",
        )
    ]

    def get_fields(self, request: HttpRequest, obj=None):
        return ["user", "respondent", *(["set_by", "set_at", "lifted_at"] if obj else [])]

    def save_model(self, request: HttpRequest, obj, form, change):
        obj.pk = add_restriction(**form.cleaned_data, by=_user(request)).pk


@admin.register(Respondent)
class RespondentAdmin(ReadOnly, BaseAdmin):
    search_fields = ["name", "code"]
    readonly_fields = ["source_of_status"]

    def get_list_display(self, request: HttpRequest):
        """Give no treaty status before the acts are confirmed as complete."""
        status = ["treaty_status", "protocol_acted"] if complete_acts() else []
        return ["name", "code", "kind", *status, "status_as_at"]

    def get_list_filter(self, request: HttpRequest):
        return ["kind", *(["treaty_status"] if complete_acts() else []), "regional_group"]

    def changelist_view(self, request: HttpRequest, extra_context=None):
        return super().changelist_view(
            request, {"subtitle": describe_status_lists(complete_acts())} | (extra_context or {})
        )

    @admin.display(description="Source of the treaty status")
    def source_of_status(self, respondent):
        return treaty_source(respondent) or "-"

    def get_view_on_site_url(self, obj=None):
        pass
