"""In which phase of its benchmark an entry was made, and what it answered."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Nothing was asked, and there were no phases."""

    dependencies: ClassVar = [("submissions", "0011_groups_and_claims"), ("hosting", "0001_initial")]

    operations: ClassVar = [
        migrations.AddField("submission", "answers", models.JSONField(blank=True, default=dict)),
        migrations.AddField(
            "submission",
            "phase",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="submissions", to="hosting.phase"
            ),
        ),
    ]
