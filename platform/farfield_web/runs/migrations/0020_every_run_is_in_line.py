"""A run always has a line, and what waits is read in its order."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runs", "0019_runs_get_in_line")]
    operations = [
        migrations.AlterField(
            "Run",
            "line",
            models.ForeignKey("runs.line", django.db.models.deletion.RESTRICT, related_name="runs", db_index=False),
        ),
        migrations.AddIndex(
            "Run",
            models.Index(
                condition=models.Q(("status", "queued")),
                fields=["priority", "line", "queued_at", "trial", "id"],
                name="runs_in_line",
            ),
        ),
        migrations.RemoveField("Run", "woken_at"),
    ]
