from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class RecommendationConfig(AppConfig):
    name = "recommendations"
    # Translators: The texts of the recommendations as adopted.
    verbose_name = _("Adopted texts")

    def ready(self):
        from recommendations.append_only import create_triggers, drop_triggers
        from recommendations.changes import catalogue_changed
        from recommendations.search.index import index_catalogue_later
        from recommendations.search.tables import create_full_text
        from recommendations.stamp_triggers import create_stamp_triggers, drop_stamp_triggers

        pre_migrate.connect(drop_triggers, sender=self)
        pre_migrate.connect(drop_stamp_triggers, sender=self)
        post_migrate.connect(create_triggers, sender=self)
        post_migrate.connect(create_stamp_triggers, sender=self)
        post_migrate.connect(create_full_text, sender=self)
        catalogue_changed.connect(index_catalogue_later)
