"""Corrections of boards: rows that are only ever added."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("submissions", "0008_name_rules")]

    operations = [
        migrations.CreateModel(
            name="Ruling",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "verb",
                    models.CharField(choices=[("invalidate", "invalidate"), ("restore", "restore")], max_length=20),
                ),
                ("role", models.CharField(max_length=60)),
                ("reason", models.CharField(max_length=500)),
                ("at", models.DateTimeField()),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rulings",
                        to="submissions.submission",
                    ),
                ),
            ],
            options={"ordering": ["id"]},
        ),
    ]
