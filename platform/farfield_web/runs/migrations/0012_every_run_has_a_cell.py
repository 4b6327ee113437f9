"""A run always has a cell, and no other run of its submission has the same."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0011_carry_cells_evidence_digests"),
    ]
    operations = [
        migrations.RemoveField("RunEvidence", "sizes"),
        migrations.AlterField("Run", "cell", models.JSONField(default=dict)),
        migrations.AddConstraint(
            "Run", models.UniqueConstraint(fields=("submission", "cell"), name="one_run_per_cell")
        ),
    ]
