from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class RecommendationsConfig(AppConfig):
    name = "recommendations"
    verbose_name = _("Recommendations")

    def ready(self):
        from recommendations.append_only import install_triggers, lift_triggers
        from recommendations.stamp_triggers import install_stamps, lift_stamps

        pre_migrate.connect(lift_triggers, sender=self)
        pre_migrate.connect(lift_stamps, sender=self)
        post_migrate.connect(install_triggers, sender=self)
        post_migrate.connect(install_stamps, sender=self)
