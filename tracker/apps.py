from django.apps import AppConfig
from django.core.checks import Tags, register
from django.core.management import call_command
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _

from recommendations.error_messages import replace_library_messages


class TrackerConfig(AppConfig):
    name = "tracker"
    verbose_name = _("People and States")

    def import_models(self):
        """Replace the messages of libraries before any field copies them."""
        replace_library_messages()
        super().import_models()

    def ready(self):
        from allauth.account.signals import password_changed, password_reset
        from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
        from django.contrib.auth.signals import user_logged_in

        from recommendations.append_only import create_triggers, drop_triggers
        from recommendations.changes import catalogue_changed, requests_changed
        from recommendations.serving_role import check_serving_role, grant_privileges
        from recommendations.words import check_words
        from tracker.actions.event import record_catalogue_change
        from tracker.actions.paper_opening import notify_of_requests
        from tracker.audit.daily_list import check_signing_key
        from tracker.demo.check import check_no_demonstration
        from tracker.documents.exchange.clamav import check_clamav_socket
        from tracker.queries.second_factor import check_second_factor_keys
        from tracker.web.account_adapters import (
            password_set,
            recovery_codes_created,
            second_factor_added,
            second_factor_removed,
            signed_in,
        )

        register(check_second_factor_keys, Tags.database)
        register(check_serving_role, Tags.database, deploy=True)
        register(check_no_demonstration, Tags.database, deploy=True)
        register(check_signing_key, Tags.security)
        register(check_words, Tags.translation)
        register(check_clamav_socket, Tags.security, deploy=True)
        catalogue_changed.connect(record_catalogue_change)
        requests_changed.connect(notify_of_requests)
        authenticator_added.connect(second_factor_added)
        authenticator_removed.connect(second_factor_removed)
        authenticator_reset.connect(recovery_codes_created)
        password_changed.connect(password_set)
        password_reset.connect(password_set)
        user_logged_in.connect(signed_in)
        pre_migrate.connect(drop_triggers, sender=self)
        post_migrate.connect(create_triggers, sender=self)
        post_migrate.connect(create_cache_table, sender=self)
        post_migrate.connect(grant_privileges, sender=self)


def create_cache_table(sender, using, **kwargs) -> None:
    """Receive `post_migrate`, so that `migrate` alone prepares a database."""
    call_command("createcachetable", database=using, verbosity=0)
