"""The groups of a benchmark's data, and what an entry's method claimed when it was entered."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Both are empty for what is there: groups come with the next announcement, claims are then its method's."""

    dependencies: ClassVar = [("submissions", "0010_what_workers_offer")]

    operations: ClassVar = [
        migrations.AddField("benchmarkdata", "groups", models.JSONField(default=list)),
        migrations.AddField("submission", "claims", models.JSONField(blank=True, default=dict)),
    ]
