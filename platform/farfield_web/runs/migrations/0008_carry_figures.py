"""The figures of all submissions of before, computed once from what is stored of their runs.

What was reckoned at each reading is written down here as it was then: this must give the same for ever, so nothing is
imported that may change.
"""

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from django.db import migrations

Figure = dict[str, Any]
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
RULES = ("iid", "loo", "oracle", "variation")


def carry(apps: Any, _editor: Any) -> None:
    model = apps.get_model("runs", "SubmissionFigure")
    rows: list[Any] = []
    for submission in apps.get_model("submissions", "Submission").objects.order_by("created_at").iterator():
        figures = of_sweep(apps, submission) if submission.tier else of_trials(apps, submission)
        rows += [model(submission_id=submission.pk, **figure) for figure in figures]
        if len(rows) >= AT_ONCE:
            model.objects.bulk_create(rows)
            rows = []
    model.objects.bulk_create(rows)


def of_trials(apps: Any, submission: Any) -> Iterator[Figure]:
    """The mean over the trials that succeeded, of what each of them has."""
    scores = apps.get_model("runs", "Score").objects.filter(run__submission=submission.pk, run__status="succeeded")
    trials: dict[Any, dict[tuple[str, str], Any]] = defaultdict(dict)
    for score in scores.order_by("run__trial", "id"):
        trials[score.run_id][score.metric, score.domain] = score
    done = apps.get_model("runs", "Run").objects.filter(submission=submission.pk, status="succeeded").count()
    known = list(trials.values())
    for key, first in known[0].items() if known else ():
        members = [trial[key] for trial in known if key in trial]
        if len(members) == done:
            yield {"metric": first.metric, "domain": first.domain, **mean_of(members)}


def mean_of(scores: Sequence[Any]) -> Figure:
    if len(scores) == 1:
        return {"value": scores[0].value, "stderr": scores[0].stderr, "n": scores[0].n, "trials": 1}
    values = [score.value for score in scores]
    stderr = statistics.stdev(values) / math.sqrt(len(values))
    return figure(statistics.fmean(values), stderr, total([score.n for score in scores]), len(values))


def of_sweep(apps: Any, submission: Any) -> Iterator[Figure]:
    """By rule: the environments that have a choice, then their mean where each has one."""
    environments = ENVIRONMENTS.get(submission.benchmark, ())
    selected = apps.get_model("leaderboards", "Selected").objects.filter(submission=submission.pk)
    by_rule: dict[str, list[Any]] = defaultdict(list)
    for row in selected.order_by("trial_seed"):
        by_rule[row.rule].append(row)
    for rule in RULES:
        members = [[row for row in by_rule[rule] if row.test_env == e] for e in range(len(environments))]
        named = {name: of_environment(rows) for name, rows in zip(environments, members, strict=True) if rows}
        if environments and len(named) == len(environments):
            named["shifts"] = of_all(list(named.values()), members)
        yield from ({"metric": f"accuracy-{rule}", "domain": name, **values} for name, values in named.items())


def of_environment(rows: Sequence[Any]) -> Figure:
    values = [row.test for row in rows]
    stderr = over_trials(values) if len(values) > 1 else binomial(rows[0])
    return figure(float(np.mean(values)), stderr, total([row.n for row in rows]), len(rows))


def of_all(figures: Sequence[Mapping[str, Any]], members: Sequence[Sequence[Any]]) -> Figure:
    whole = set.intersection(*({row.trial_seed for row in rows} for rows in members))
    means = [statistics.fmean(r.test for rows in members for r in rows if r.trial_seed == t) for t in sorted(whole)]
    stderr = over_trials(means) if len(means) > 1 else of_mean([one["stderr"] for one in figures])
    value = float(np.mean([one["value"] for one in figures]))
    return figure(value, stderr, total([one["n"] for one in figures]), max(1, len(means)))


def figure(value: float, stderr: float | None, n: int | None, trials: int) -> Figure:
    return {"value": value, "stderr": stderr, "n": n, "trials": trials}


def over_trials(values: Sequence[float]) -> float:
    return float(np.std(np.asarray(values, np.float64) / np.sqrt(len(values))))


def binomial(row: Any) -> float | None:
    return float(np.sqrt(row.test * (1 - row.test) / row.n)) if row.n else None


def of_mean(errors: Sequence[float | None]) -> float | None:
    known = [error for error in errors if error is not None]
    return math.hypot(*known) / len(errors) if len(known) == len(errors) else None


def total(sizes: Iterable[int | None]) -> int | None:
    told = list(sizes)
    known = [size for size in told if size is not None]
    return sum(known) if len(known) == len(told) else None


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0007_submission_figures"),
        ("leaderboards", "0002_selected"),
    ]
    operations = [migrations.RunPython(carry, migrations.RunPython.noop)]
