"""Room for what every plan needs: evidence in place of records, digests of groups of runs."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0009_worker_suites"),
        ("submissions", "0009_rulings"),
    ]
    operations = [
        migrations.RenameModel("RunRecords", "RunEvidence"),
        migrations.AddField("RunEvidence", "facts", models.JSONField(default=dict)),
        migrations.AlterField(
            "RunEvidence",
            "run",
            models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name="evidence", to="runs.run"),
        ),
        migrations.CreateModel(
            name="Digest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("group", models.CharField(max_length=200)),
                ("chosen", models.JSONField(default=list)),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="digests",
                        to="submissions.submission",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("submission", "group"), name="one_digest_per_group"),
                ],
            },
        ),
    ]
