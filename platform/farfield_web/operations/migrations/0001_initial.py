"""The tables of operators."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("submissions", "0011_groups_and_claims"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_index=True)),
                ("actor", models.CharField(blank=True, max_length=150)),
                ("role", models.CharField(max_length=60)),
                ("verb", models.CharField(max_length=40)),
                ("what", models.CharField(max_length=300)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("facts", models.JSONField(default=dict)),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Drain",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("worker", models.CharField(max_length=200)),
                ("reason", models.CharField(max_length=500)),
                ("at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("worker",), name="one_open_drain"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FrozenBoard",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("benchmark", models.CharField(max_length=100)),
                ("tier", models.CharField(blank=True, max_length=20)),
                ("name", models.CharField(max_length=80)),
                ("key", models.CharField(blank=True, max_length=64)),
                ("reason", models.CharField(max_length=500)),
                ("content", models.JSONField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [models.UniqueConstraint(fields=("benchmark", "name"), name="one_frozen_board_a_name")],
            },
        ),
        migrations.CreateModel(
            name="Pause",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sentence", models.CharField(max_length=500)),
                ("at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.Value(1), condition=models.Q(("ended_at", None)), name="one_open_pause"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Result",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(db_index=True, max_length=64)),
                (
                    "verdict",
                    models.CharField(
                        choices=[("first", "First"), ("reproduced", "Reproduced"), ("changed", "Changed")],
                        max_length=20,
                    ),
                ),
                ("changes", models.JSONField(default=list)),
                ("at", models.DateTimeField()),
                (
                    "decision",
                    models.CharField(blank=True, choices=[("keep", "Keep"), ("replace", "Replace")], max_length=20),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=500)),
                (
                    "against",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="repeated_by",
                        to="submissions.submission",
                    ),
                ),
                (
                    "submission",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="result", to="submissions.submission"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Ban",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=500)),
                ("at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="bans", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("person",), name="one_open_ban"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PersonalQuota",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("benchmark", models.CharField(blank=True, max_length=100)),
                ("limit", models.PositiveIntegerField()),
                ("reason", models.CharField(max_length=500)),
                ("at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="personal_quotas",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["person__username", "benchmark"],
                "constraints": [models.UniqueConstraint(fields=("person", "benchmark"), name="one_personal_quota")],
            },
        ),
    ]
