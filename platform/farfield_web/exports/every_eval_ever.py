"""An entry as a record of Every Eval Ever, schema 0.3.0 (evaleval/every_eval_ever): its figures as they are published.

Never the file of single examples that the schema knows, too: it would give the labels away. Whose the entry is is not
in it, for entries may be anonymous. Every value of `additional_details` is text, as the schema has it.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib.metadata import version
from typing import Any

from django.conf import settings

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.figure import Figure
from farfield_evaluators.metric import Metric
from farfield_evaluators.plans.means import error_words
from farfield_web.exports.finished import Finished
from farfield_web.exports.standing import state_of
from farfield_web.leaderboards.rows import Entry
from farfield_web.submissions.models import BenchmarkData, Submission

Json = dict[str, Any]
VERSION = "0.3.0"


def record_of(done: Finished, now: datetime) -> Json:
    """The record of an entry that has figures; `now` is when this is made."""
    entry, one, at = done.entry, done.entry.submission, int(done.ended.timestamp())
    return {
        "schema_version": VERSION,
        "evaluation_id": f"farfield/{one.benchmark}@{one.benchmark_version}/{one.pk}/{at}",
        "evaluation_timestamp": str(at),
        "retrieved_timestamp": str(int(now.timestamp())),
        "source_metadata": _source(entry),
        "eval_library": _library(one, done.data),
        "model_info": _model(one),
        "evaluation_results": [_result(done.benchmark, figure) for figure in entry.published.figures.values()],
    }


def texts(values: Mapping[str, Any]) -> dict[str, str]:
    """Details as text; what there is nothing of is left out.

    >>> texts({"trials": 3, "note": "", "labels": ["a"]})
    {'trials': '3', 'labels': '["a"]'}
    """
    return dict(_texts(values))


def _texts(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if value not in (None, "", [], {}):
            yield name, value if isinstance(value, str) else json.dumps(value)


def _library(submission: Submission, data: BenchmarkData | None) -> Json:
    details = {
        "benchmark": submission.benchmark,
        "benchmark_version": submission.benchmark_version,
        "data_fingerprint": data.fingerprint if data else "",
    }
    return {"name": "farfield", "version": version("farfield"), "additional_details": texts(details)}


def _source(entry: Entry) -> Json:
    submission = entry.submission
    state = state_of(submission)
    return {
        "source_name": "Farfield",
        "source_type": "evaluation_run",
        "source_organization_name": settings.SITE_URL.partition("://")[2],
        "source_organization_url": settings.SITE_URL,
        "evaluator_relationship": "third_party" if entry.verified else "first_party",
        "additional_details": texts(
            {
                "submission": str(submission.pk),
                "track": submission.track,
                "tier": submission.tier,
                "kind": submission.kind,
                "comparability_key": min(entry.keys, default=""),
                "labels": list(entry.labels),
                "seen": entry.seen.value,
                "reproduced": entry.reproduced,
                "state": state["state"],
                "reason": state["reason"],
            }
        ),
    }


def _model(submission: Submission) -> Json:
    distribution = submission.method.distribution if submission.method else ""
    details = {
        "deployment_type": "self_deployed",
        "model_availability": "unknown",
        "method_version": submission.method_version,
        "config": submission.config,
    }
    name = submission.display_name
    return {"name": name, "id": f"{distribution or 'farfield'}/{name}", "additional_details": texts(details)}


def _result(benchmark: Benchmark, figure: Figure) -> Json:
    metric = benchmark.metric(figure.metric)
    n = {"samples_number": figure.n}
    return {
        "evaluation_result_id": f"{figure.domain}.{figure.metric}",
        "evaluation_name": f"{benchmark.name}: {metric.title} on {figure.domain}",
        "source_data": {
            "dataset_name": f"{benchmark.name}/{figure.domain}",
            "source_type": "other",
            "additional_details": texts(n),
        },
        "metric_config": _metric(metric),
        "score_details": {"score": figure.value, **_uncertainty(benchmark, figure)},
    }


def _metric(metric: Metric) -> Json:
    proportion = metric.unit == "%"
    return {
        "evaluation_description": metric.description,
        "metric_id": metric.name,
        "metric_name": metric.title,
        "metric_kind": metric.name,
        "metric_unit": "proportion" if proportion else "points",
        "lower_is_better": not metric.higher_is_better,
        "score_type": "continuous",
        "min_score": 0 if proportion else "-Infinity",
        "max_score": 1 if proportion else "Infinity",
    }


def _uncertainty(benchmark: Benchmark, figure: Figure) -> Json:
    """The standard error with what it is over; of a single trial it is over the test examples."""
    known: Json = {"num_samples": figure.n} if figure.n is not None else {}
    if figure.stderr is not None:
        over = error_words(benchmark.plan.stochastic, figure.trials) + (", ddof 1" if figure.trials > 1 else "")
        known["standard_error"] = {"value": figure.stderr, "method": over}
    details = {"trials": str(figure.trials)}
    return {"details": details, **({"uncertainty": known} if known else {})}
