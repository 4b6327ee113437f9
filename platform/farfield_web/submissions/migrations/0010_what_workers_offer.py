"""Workers, and the data that they have, are what can be submitted to: they lie below runs and boards now.

The tables keep their rows, and get the names of where they are.
"""

from django.db import migrations, models
from django.db.models import Q

RENAMED = {"runs_worker": "submissions_worker", "leaderboards_benchmarkdata": "submissions_benchmarkdata"}
KEY = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")
WORKER = migrations.CreateModel(
    name="Worker",
    fields=[
        ("id", KEY),
        ("name", models.CharField(max_length=200, unique=True)),
        ("resource", models.CharField(max_length=20)),
        ("sandbox", models.JSONField(default=dict)),
        ("accepts", models.JSONField(default=list)),
        ("methods", models.JSONField(default=list)),
        ("base", models.JSONField(null=True)),
        ("benchmarks", models.JSONField(default=list)),
        ("suites", models.JSONField(default=list)),
        ("announced_at", models.DateTimeField()),
        ("seen_at", models.DateTimeField(db_index=True)),
        ("called_at", models.DateTimeField(null=True)),
    ],
    options={"ordering": ["name"]},
)
DATA = migrations.CreateModel(
    name="BenchmarkData",
    fields=[
        ("id", KEY),
        ("benchmark", models.CharField(max_length=100)),
        ("version", models.CharField(max_length=40)),
        ("fingerprint", models.CharField(max_length=128)),
        ("key", models.CharField(max_length=64)),
        ("counts", models.JSONField(default=dict)),
        ("classes", models.JSONField(default=list)),
        ("announced_at", models.DateTimeField()),
        ("current", models.BooleanField(default=False)),
    ],
    options={
        "constraints": [
            models.UniqueConstraint(fields=("benchmark", "key"), name="one_row_per_key"),
            models.UniqueConstraint(condition=Q(("current", True)), fields=("benchmark",), name="one_current_key"),
        ]
    },
)


def renamed(old: str, new: str) -> migrations.RunSQL:
    return migrations.RunSQL(f"ALTER TABLE {old} RENAME TO {new}", f"ALTER TABLE {new} RENAME TO {old}")


class Migration(migrations.Migration):
    dependencies = [
        ("submissions", "0009_rulings"),
        ("runs", "0012_every_run_has_a_cell"),
        ("leaderboards", "0003_delete_selected"),
    ]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[renamed(old, new) for old, new in RENAMED.items()], state_operations=[WORKER, DATA]
        ),
    ]
