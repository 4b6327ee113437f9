"""Runs wait in lines: one for whose runs wait for what."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

KINDS = ["configuration", "plugin", "predictions", "container"]
SAME = ["owner", "resource", "kind", "method", "benchmark", "benchmark_version"]


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0017_what_a_run_used_over_time"),
        ("submissions", "0014_notes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            "Line",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "owner",
                    models.ForeignKey(settings.AUTH_USER_MODEL, django.db.models.deletion.CASCADE, related_name="+"),
                ),
                ("resource", models.CharField(max_length=20)),
                ("kind", models.CharField(choices=[(kind, kind) for kind in KINDS], max_length=20)),
                (
                    "method",
                    models.ForeignKey(
                        "submissions.method", django.db.models.deletion.PROTECT, null=True, related_name="+"
                    ),
                ),
                ("benchmark", models.CharField(max_length=100)),
                ("benchmark_version", models.CharField(max_length=40)),
                ("woken_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=SAME, name="one_line_for_the_same", nulls_distinct=False)
                ]
            },
        ),
        migrations.AddField(
            "Run",
            "line",
            models.ForeignKey(
                "runs.line", django.db.models.deletion.RESTRICT, null=True, related_name="runs", db_index=False
            ),
        ),
    ]
