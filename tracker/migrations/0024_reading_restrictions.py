from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tracker", "0023_what_items_say")]

    operations = [migrations.RenameModel("Bar", "ReadingRestriction")]
