from django.db import migrations, models
from django.db.models import F

from recommendations.append_only import remove_triggers


def fill(apps, schema_editor):
    """Of new wordings that stand already. The triggers stand again after the migrations."""
    wordings = apps.get_model("recommendations", "Wording")
    new = wordings.objects.filter(kind="new_wording")
    if not new.exists():
        return
    remove_triggers([wordings], schema_editor.connection.alias)
    new.update(since=F("created_at"))
    for wording in wordings.objects.filter(kind="correction").order_by("number"):
        corrected = wordings.objects.get(recommendation=wording.recommendation_id, number=wording.number - 1)
        wordings.objects.filter(pk=wording.pk).update(since=corrected.since)


class Migration(migrations.Migration):
    dependencies = [("recommendations", "0005_intake")]

    operations = [
        migrations.AddField(
            model_name="wording",
            name="since",
            field=models.DateTimeField(blank=True, null=True, verbose_name="new wording since"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
