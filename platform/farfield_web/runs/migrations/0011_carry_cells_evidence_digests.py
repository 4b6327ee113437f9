"""Every run has a cell, every sweep's choices are digests, and every trial's scores are one.

What was so is written down here: this must give the same for ever, so nothing is imported that may change.
"""

from collections import defaultdict
from typing import Any

from django.db import migrations
from django.db.models import F
from django.db.models.functions import JSONObject

AT_ONCE = 500
STYLES = ("emojione", "fluent", "noto", "openmoji", "photographs", "symbola", "twemoji")
COLORED, ROTATED = ("+90%", "+80%", "-90%"), ("0", "15", "30", "45", "60", "75")
ENVIRONMENTS = {
    "domainbed/colored-mnist": COLORED,
    "domainbed/rotated-mnist": ROTATED,
    "domainbed/vlcs": ("C", "L", "S", "V"),
    "domainbed/pacs": ("A", "C", "P", "S"),
    "domainbed/office-home": ("A", "C", "P", "R"),
    "domainbed/terra-incognita": ("L100", "L38", "L43", "L46"),
    "domainbed/domain-net": ("clip", "info", "paint", "quick", "real", "sketch"),
    "domainbed/colored-fashion": COLORED,
    "domainbed/rotated-fashion": ROTATED,
    "domainbed/styles": STYLES,
}
HANDED_IN = "predictions"


def carry(apps: Any, _editor: Any) -> None:
    _cells(apps)
    _facts(apps)
    model = apps.get_model("runs", "Digest")
    rows: list[Any] = []
    for submission in apps.get_model("submissions", "Submission").objects.order_by("created_at").iterator():
        groups = _of_sweep(apps, submission) if submission.tier else _of_trials(apps, submission)
        rows += [model(submission_id=submission.pk, group=name, chosen=chosen) for name, chosen in groups.items()]
        if len(rows) >= AT_ONCE:
            model.objects.bulk_create(rows)
            rows = []
    model.objects.bulk_create(rows)


def _cells(apps: Any) -> None:
    runs = apps.get_model("runs", "Run").objects.filter(cell__isnull=True)
    runs.filter(submission__kind=HANDED_IN).update(cell={})
    runs.update(cell=JSONObject(trial=F("trial")))


def _facts(apps: Any) -> None:
    evidence = apps.get_model("runs", "RunEvidence").objects
    evidence.exclude(sizes=[]).update(facts=JSONObject(sizes=F("sizes")))


def _of_trials(apps: Any, submission: Any) -> dict[str, list[dict[str, Any]]]:
    """The scores of each trial that succeeded, as what its group gives."""
    scores = apps.get_model("runs", "Score").objects.filter(run__submission=submission.pk, run__status="succeeded")
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for score in scores.select_related("run").order_by("run__trial", "id"):
        group = "" if submission.kind == HANDED_IN else f"trial {score.run.trial + 1}"
        values = {name: getattr(score, name) for name in ("metric", "domain", "value", "stderr", "n")}
        groups[group].append({**values, "at": score.run.cell, "facts": {}})
    return groups


def _of_sweep(apps: Any, submission: Any) -> dict[str, list[dict[str, Any]]]:
    """What each rule chose; of what was handed in all belongs to one group, as it came in one run."""
    environments = ENVIRONMENTS.get(submission.benchmark, ())
    selected = apps.get_model("leaderboards", "Selected").objects.filter(submission=submission.pk)
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in selected.order_by("test_env", "trial_seed", "id"):
        if row.test_env >= len(environments):
            continue
        group = "" if submission.kind == HANDED_IN else f"held out {row.test_env}, trial {row.trial_seed}"
        facts = {name: getattr(row, name) for name in ("test_env", "hparams_seed", "step", "validation")}
        groups[group].append(
            {
                "metric": f"accuracy-{row.rule}",
                "domain": environments[row.test_env],
                "value": row.test,
                "stderr": None,
                "n": row.n,
                "at": {"test_envs": [row.test_env], "trial_seed": row.trial_seed},
                "facts": facts,
            }
        )
    return groups


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0010_cells_evidence_digests"),
        ("leaderboards", "0002_selected"),
    ]
    operations = [migrations.RunPython(carry, migrations.RunPython.noop)]
