"""Rules of intake, and phases."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """A benchmark without a row is open, as all were."""

    initial = True
    dependencies: ClassVar = []

    operations: ClassVar = [
        migrations.CreateModel(
            name="Hosting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("benchmark", models.CharField(max_length=100, unique=True)),
                ("intake", models.CharField(default="open", max_length=10)),
                ("sentence", models.CharField(blank=True, max_length=500)),
                ("keep_days", models.PositiveIntegerField(null=True)),
                ("questions", models.JSONField(default=list)),
                ("changed_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Phase",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("benchmark", models.CharField(max_length=100)),
                ("name", models.SlugField(max_length=40)),
                ("title", models.CharField(max_length=100)),
                ("opens_at", models.DateTimeField()),
                ("closes_at", models.DateTimeField(null=True)),
                ("most", models.PositiveIntegerField(default=0)),
            ],
            options={"ordering": ["opens_at"]},
        ),
        migrations.AddConstraint(
            "phase", models.UniqueConstraint(fields=("benchmark", "name"), name="one_phase_of_a_name")
        ),
        migrations.AddConstraint(
            "phase",
            models.CheckConstraint(
                condition=models.Q(("closes_at", None), ("closes_at__gt", models.F("opens_at")), _connector="OR"),
                name="a_phase_closes_after_it_opens",
            ),
        ),
    ]
