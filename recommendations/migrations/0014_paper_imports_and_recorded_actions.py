import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recommendations", "0013_catalogue_stamp"),
    ]

    operations = [
        migrations.RemoveConstraint("Fact", "fact_by_who_has_no_desk"),
        migrations.RemoveConstraint("Fact", "fact_can_be_looked_up"),
        migrations.RenameModel("Fact", "RecordedAction"),
        migrations.RenameModel("HistoricalFact", "HistoricalRecordedAction"),
        migrations.RemoveConstraint("Intake", "intake_has_body"),
        migrations.RemoveConstraint("Intake", "intake_published_by_somebody"),
        migrations.RemoveConstraint("IntakeMeeting", "meeting_once_in_intake"),
        migrations.RemoveConstraint("IntakeMeeting", "intake_meeting_ends_after_start"),
        migrations.AlterModelOptions("IntakeMeeting", {}),
        migrations.AlterModelOptions("IntakeNode", {}),
        migrations.RenameModel("Intake", "PaperImport"),
        migrations.RenameModel("IntakeMeeting", "ImportedMeeting"),
        migrations.RenameModel("IntakeNode", "ImportedNode"),
        migrations.RenameField("ImportedMeeting", "intake", "paper_import"),
        migrations.RenameField("ImportedNode", "intake", "paper_import"),
        migrations.AlterModelOptions(
            name='importedmeeting',
            options={'ordering': ['paper_import', 'number'], 'verbose_name': 'meeting of an intake', 'verbose_name_plural': 'meetings of intakes'},
        ),
        migrations.AlterModelOptions(
            name='importednode',
            options={'ordering': ['paper_import', 'line', 'pk'], 'verbose_name': 'text of an intake', 'verbose_name_plural': 'texts of intakes'},
        ),
        migrations.AlterField(
            model_name='paperimport',
            name='body',
            field=models.ForeignKey(blank=True, help_text='Empty: a body that does not stand in the catalogue yet, which the publication adds.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='paper_imports', to='recommendations.body', verbose_name='body'),
        ),
        migrations.AddConstraint(
            model_name='importedmeeting',
            constraint=models.UniqueConstraint(fields=('paper_import', 'number'), name='meeting_once_in_paper_import'),
        ),
        migrations.AddConstraint(
            model_name='importedmeeting',
            constraint=models.CheckConstraint(condition=models.Q(('ends__gte', models.F('starts'))), name='paper_import_meeting_ends_after_start'),
        ),
        migrations.AddConstraint(
            model_name='paperimport',
            constraint=models.CheckConstraint(condition=models.Q(('body__isnull', False), models.Q(models.Q(('body_slug', ''), _negated=True), models.Q(('body_name', ''), _negated=True)), _connector='OR'), name='paper_import_has_body'),
        ),
        migrations.AddConstraint(
            model_name='paperimport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('published_at__isnull', True), ('published_by__isnull', True)), models.Q(('body__isnull', False), ('published_at__isnull', False), ('published_by__isnull', False)), _connector='OR'), name='paper_import_published_by_somebody'),
        ),
        migrations.AlterField(
            model_name='recordedaction',
            name='recommendation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recorded_actions', to='recommendations.recommendation', verbose_name='recommendation'),
        ),
        migrations.AddConstraint(
            model_name='recordedaction',
            constraint=models.CheckConstraint(condition=models.Q(('by__in', ('conference', 'working_group', 'un_entities'))), name='recorded_action_by_addressee_without_desk'),
        ),
        migrations.AddConstraint(
            model_name='recordedaction',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('symbol', ''), _negated=True), models.Q(('link', ''), _negated=True), _connector='OR'), name='recorded_action_has_source', violation_error_message='Give a symbol or a link, so that it can be looked up.'),
        ),
    ]
