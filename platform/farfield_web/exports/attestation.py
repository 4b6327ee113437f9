"""What the site says of a run that has ended well, as a signed statement: figures as they are published, never more."""

import math
from datetime import datetime
from typing import Any

from django.conf import settings

from farfield_evaluators.attestation.envelope import signed
from farfield_evaluators.attestation.statement import digest_of, statement_of
from farfield_web import published
from farfield_web.errors import ExportError
from farfield_web.exports.signing import signer_at
from farfield_web.exports.standing import state_of
from farfield_web.leaderboards.labels import is_verified
from farfield_web.runs.models import Run, Score
from farfield_web.runs.status import Status
from farfield_web.submissions.models import BenchmarkData, Submission

Json = dict[str, Any]
_LARGEST = 2**53 - 1  # beyond it JSON's numbers are not exact, and RFC 8785 has no form for them


def attested(run: Run, now: datetime) -> Json:
    """The DSSE envelope of a run. Raises ExportError while it has no scores, and where the site has no key."""
    return signed(statement_about(run, now), signer_at(now))


def statement_about(run: Run, now: datetime) -> Json:
    """The in-toto statement of a run, as of now. Raises ExportError while it has no scores."""
    if run.state is not Status.SUCCEEDED:
        raise ExportError("run.no_scores", "This run has no scores to sign: only one that has succeeded has.")
    submission = run.submission
    data = data_of(submission, run.comparability_key)
    predicate = {
        "benchmark": {
            "name": submission.benchmark,
            "version": submission.benchmark_version,
            "tier": submission.tier,
            "track": submission.track,
            "key": run.comparability_key,
        },
        "data": {"fingerprint": data.fingerprint if data else None},
        "method": _method(run, submission),
        "config": {"digest": {"sha256": digest_of(exact(submission.config))}, "value": exact(submission.config)},
        "run": {"id": str(run.pk), "trial": run.trial, "seed": run.seed, "cell": run.cell, "attempt": run.attempt},
        "environment": exact(run.environment),
        "verified": is_verified(submission.kind),
        "scores": [_score(score) for score in run.scores.all() if score.attempt == run.attempt],
        "entry": {"id": str(submission.pk), **state_of(submission)},
        "startedOn": _moment(run.started_at),
        "finishedOn": _moment(run.finished_at),
        "signedOn": now.isoformat(),
        "builder": {"id": settings.SITE_URL, "worker": run.worker},
    }
    return statement_of(predicate, files_of(submission))


def data_of(submission: Submission, key: str) -> BenchmarkData | None:
    """The data that have this comparability key in the entry's tier; None where the site knows none."""
    benchmark, tier = submission.known_benchmark, submission.tier
    for data in BenchmarkData.objects.filter(benchmark=submission.benchmark, version=submission.benchmark_version):
        if key == (benchmark.comparability_key(data.fingerprint, tier) if benchmark and tier else data.key):
            return data
    return None


def files_of(submission: Submission) -> dict[str, str]:
    """SHA-256 of what was handed in, by what it is; nothing of an installed method.

    By its kind and not by its name: that may tell whose it is.
    """
    digest = submission.upload.sha256 if submission.upload else submission.image.rpartition("sha256:")[2]
    return {submission.kind: digest} if digest else {}


def exact(value: Any) -> Any:
    """JSON that RFC 8785 has a form for: a number that is none is null, and one beyond 2^53 a text."""
    if isinstance(value, dict):
        return {str(name): exact(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [exact(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    beyond = isinstance(value, int) and abs(value) > _LARGEST
    return str(value) if beyond else value


def _method(run: Run, submission: Submission) -> Json:
    return {
        "name": submission.display_name,
        "version": run.method_version or submission.method_version,
        "distribution": submission.method.distribution if submission.method else "",
        "digest": files_of(submission),
    }


def _score(score: Score) -> Json:
    return {
        "metric": score.metric,
        "domain": score.domain,
        "value": exact(published.figure(score.value)),
        "stderr": exact(published.error(score.stderr)),
        "n": score.n,
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
