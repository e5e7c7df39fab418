from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class RecommendationConfig(AppConfig):
    name = "recommendations"
    verbose_name = _("Recommendations")

    def ready(self):
        from recommendations.append_only import drop_triggers, install_triggers
        from recommendations.stamp_triggers import drop_stamp_triggers, install_stamp_triggers

        pre_migrate.connect(drop_triggers, sender=self)
        pre_migrate.connect(drop_stamp_triggers, sender=self)
        post_migrate.connect(install_triggers, sender=self)
        post_migrate.connect(install_stamp_triggers, sender=self)
