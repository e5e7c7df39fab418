"""What is sealed already says what its answers say, and what States share already stands as shared."""

from django.db import migrations
from django.db.models import Exists, OuterRef, Q

from recommendations.append_only import remove_triggers


def fill(apps, schema_editor):
    """The triggers stand again after the migrations."""
    tables = {name: apps.get_model("tracker", name).everyones for name in ("Submission", "SubmissionItem", "Revision")}
    if not tables["SubmissionItem"].exists():
        return
    remove_triggers([apps.get_model("tracker", "SubmissionItem")], schema_editor.connection.alias)
    items, revisions = tables["SubmissionItem"], tables["Revision"].filter(pk=OuterRef("revision"))
    is_withdrawn = Q(withdrawal__isnull=False, field_digests__has_key="assistance") & ~Q(salts__has_key="assistance")
    asks = ~Q(assistance_kinds=[]) | ~Q(assistance="") | is_withdrawn
    items.filter(Exists(revisions.filter(asks))).update(asks_for_assistance=True)
    items.filter(Exists(revisions.filter(good_practice=True))).update(good_practice=True)

    later = tables["Submission"].filter(respondent=OuterRef("submission__respondent"), pk__gt=OuterRef("submission"))
    later_on_the_unit = items.filter(
        unit=OuterRef("unit"),
        submission__respondent=OuterRef("submission__respondent"),
        submission__gt=OuterRef("submission"),
    )
    shared = items.filter(
        ~Exists(later.filter(round=OuterRef("submission__round"))),
        ~Exists(later_on_the_unit),
        revision__good_practice_shared=True,
    ).values_list("pk", "submission__respondent", "unit")
    SharedPractice = apps.get_model("tracker", "SharedPractice")
    SharedPractice.everyones.bulk_create(
        SharedPractice(item_id=item, respondent_id=respondent, unit_id=unit) for item, respondent, unit in shared
    )


class Migration(migrations.Migration):

    dependencies = [
        ("tracker", "0022_items_say_what_they_say"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
