import django.core.validators
from django.db import migrations, models

NOTHING = {"printed": "", "footnotes": "", "page": None, "depth": 0, "doubts": []}
SUGGESTED = ("label", "kind", "is_unit", "is_topic", "addressees", "basis", "strength", "asks_to_consider", "paragraph")


def read_papers(apps, schema_editor):
    """Make an outline of each paper that was imported as lines: a paragraph for each text, and one for the lines above."""
    for paper_import in apps.get_model("recommendations", "PaperImport").objects.all():
        lines = paper_import.paper.splitlines()
        nodes = list(paper_import.nodes.order_by("number", "pk"))
        starts = sorted({1, *(node.number for node in nodes)})
        numbers = {start: number for number, start in enumerate(starts, start=1)}
        first = {node.number: node for node in reversed(nodes)}
        rows, source = [], []
        for start, end in zip(starts, [*starts[1:], len(lines) + 1], strict=True):
            text = " ".join(" ".join(lines[start - 1 : end - 1]).split())
            row = NOTHING | {"number": numbers[start], "text": text, "words": len(text.split())}
            node = first.get(start)
            if node is None or node.is_left_out:
                row["reason"] = "introduction" if node is None else "curator"
            else:
                values = {name: getattr(node, name) for name in SUGGESTED}
                row |= {
                    "reason": None,
                    "becomes": values | {"primary_theme": node.primary_theme_id, "topic_heading": ""},
                }
            rows.append(row)
            source.append(
                {
                    "runs": [{"text": text, "is_bold": False, "is_italic": False}],
                    "label": "",
                    "list_level": 0,
                    "notes": [],
                    "part": "body",
                    "page": 0,
                    "size": 0,
                    "indent": 0,
                    "heading": 0,
                    "is_contents": False,
                    "tab": 0,
                    "cell": None,
                    "rejoined": [],
                }
            )
        for node in nodes:
            node.is_added = node.pk != first[node.number].pk
            node.number, node.doubts = numbers[node.number], []
            node.save(update_fields=["is_added", "number", "doubts"])
        paper_import.outline, paper_import.source = rows, source
        paper_import.save(update_fields=["outline", "source"])


class Migration(migrations.Migration):
    dependencies = [("recommendations", "0002_initial")]

    operations = [
        migrations.RemoveConstraint("paperimport", "paper_import_has_body"),
        migrations.AddField("paperimport", "source", models.JSONField(default=list, editable=False)),
        migrations.AddField("paperimport", "outline", models.JSONField(default=list, editable=False)),
        migrations.AddField("paperimport", "first", models.PositiveIntegerField(editable=False, null=True)),
        migrations.AddField("paperimport", "last", models.PositiveIntegerField(editable=False, null=True)),
        migrations.AddField("paperimport", "decisions", models.JSONField(default=dict, editable=False)),
        migrations.AlterModelOptions("importednode", {}),
        migrations.RenameField("importednode", "line", "number"),
        migrations.AlterModelOptions("importednode", {"ordering": ["paper_import", "number", "pk"]}),
        migrations.AddField("importednode", "is_added", models.BooleanField(default=False, editable=False)),
        migrations.AddField("importednode", "settled", models.JSONField(default=list, editable=False)),
        migrations.AddField(
            model_name='importednode',
            name='topic_heading',
            field=models.CharField(blank=True, editable=False, max_length=300, verbose_name='Topic heading'),
        ),
        migrations.AddField(
            model_name='paperimport',
            name='starts_at',
            field=models.PositiveSmallIntegerField(default=1, help_text='Number of the first recommendation in its label: IX.1 with 1.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(900)], verbose_name='Numbering begins at'),
        ),
        migrations.AlterField(
            model_name='importednode',
            name='label',
            field=models.CharField(blank=True, max_length=40, verbose_name='Label'),
        ),
        migrations.AlterField(
            model_name='paperimport',
            name='paper_date',
            field=models.DateField(blank=True, null=True, verbose_name='Date of the paper'),
        ),
        migrations.AlterField(
            model_name='paperimport',
            name='paper_kind',
            field=models.CharField(blank=True, choices=[('consolidated_record', 'Consolidated record'), ('report', 'Report of a meeting'), ('decision', 'Decision')], max_length=20, verbose_name='Kind of paper'),
        ),
        migrations.AlterField(
            model_name='paperimport',
            name='paper_symbol',
            field=models.CharField(blank=True, max_length=100, verbose_name='Document symbol'),
        ),
        migrations.AlterField(
            model_name='paperimport',
            name='paper_title',
            field=models.CharField(blank=True, max_length=300, verbose_name='Title of the paper'),
        ),
        migrations.AddField(
            model_name='recommendation',
            name='topic_heading',
            field=models.CharField(blank=True, editable=False, max_length=300, verbose_name='Topic heading'),
        ),
        migrations.RunPython(read_papers, migrations.RunPython.noop, elidable=True),
        migrations.RemoveField("paperimport", "paper"),
        migrations.RemoveField("importednode", "is_settled"),
    ]
