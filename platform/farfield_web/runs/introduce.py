"""A worker has looked inside a package or an image: the submission learns which method it is.

What arrives here was said by submitted code, inside a sandbox. It is rebuilt before it is kept, and it decides
nothing about other people's methods.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from farfield_evaluators.benchmark import Benchmark
from farfield_web.errors import PluginRefused
from farfield_web.runs.lease import held_run
from farfield_web.runs.lines import line_of
from farfield_web.runs.models import Run
from farfield_web.runs.outcomes import requeue
from farfield_web.runs.status import Status
from farfield_web.runs.submit import add_runs
from farfield_web.submissions import description
from farfield_web.submissions.claims import claims_of, entered_config
from farfield_web.submissions.kinds import Kind, Origin
from farfield_web.submissions.models import Method, Submission
from farfield_web.submissions.names import normalised, one_at_a_time, take, why_taken
from farfield_web.submissions.plan import Planned, tier_part
from farfield_web.submissions.request import digest
from farfield_web.words import capitalised

ORIGINS = {Kind.PLUGIN: Origin.PACKAGE, Kind.CONTAINER: Origin.CONTAINER}


@dataclass(frozen=True, kw_only=True)
class Introduced:
    """`requeue` says that the run went back to the queue, for workers that have what the method needs."""

    method: str
    requeue: bool


def introduce(run_id: uuid.UUID, token: str, described: Mapping[str, Any]) -> Introduced:
    """Link the submission to the method that its content brings; made or brought up to date by this.

    Before: preparing (or running), under this token. After: the same; or queued, without a loss, when the method
    needs a GPU and the run was queued for workers without one. Safe to repeat. Raises LeaseError when the worker
    must stop, PluginRefused when the method may not run; both change nothing.
    """
    with transaction.atomic():
        run = held_run(run_id, token, "submission__method", "submission__upload__content")
        # The runs of a submission may be introduced at the same time, by several workers.
        submission = Submission.objects.select_for_update(of=("self",)).get(pk=run.submission_id)
        method = submission.method
        if method is None:
            method = _first(submission, described)
            _add_trials(run, submission)
        elif described.get("name") != method.name:
            raise PluginRefused("plugin.which_method", f"It was {method.name!r} before; one content has one method.")
        _correct_seeds(run, submission)
        return Introduced(method=method.name, requeue=_requeue(run, method.chosen(submission.config)))


def _first(submission: Submission, described: Mapping[str, Any]) -> Method:
    spec = description.read(described)
    benchmark = _check_entered(submission, spec)
    packaging = _packaging(submission, described)
    one_at_a_time()
    reason = why_taken(submission.owner, spec["name"], packaging["distribution"])
    if reason:
        raise PluginRefused("plugin.name_taken", f"{capitalised(reason)}.")
    method = _candidate(submission, spec, packaging)
    chosen = method.chosen(submission.config)
    _check_track(submission, chosen)
    problems = benchmark.plan.setting_problems(chosen.description, submission.config)
    if problems:
        raise PluginRefused("plugin.bad_config", f"The settings do not fit {method.name}: {'; '.join(problems)}.")
    if not _is_outdated(submission, method):
        if method.pk is None:
            take(submission.owner, method.name)
        method.save()
    _link(submission, benchmark, method, packaging["version"])
    return method


def _check_entered(submission: Submission, spec: Mapping[str, Any]) -> Benchmark:
    """The benchmark; what the person said about the method must be so."""
    if submission.method_name and submission.method_name != spec["name"]:
        text = f"{submission.method_name!r} was entered, but the method is called {spec['name']!r}."
        raise PluginRefused("plugin.which_method", text)
    benchmark = submission.known_benchmark
    if benchmark is None or benchmark.family.value != spec["family"]:
        wanted = f"a benchmark of {benchmark.family.value}" if benchmark else "gone"
        text = f"{spec['name']} is a method for {spec['family']}, but {submission.benchmark} is {wanted}."
        raise PluginRefused("plugin.wrong_family", text)
    return benchmark


def _packaging(submission: Submission, described: Mapping[str, Any]) -> dict[str, str]:
    """For a package, what the site read itself out of the archive counts more than what its code says."""
    said = description.packaging(described)
    upload = submission.upload
    if upload is None:
        return said
    if upload.distribution and normalised(said["distribution"]) != normalised(upload.distribution):
        text = f"The method came out of {said['distribution']!r}, but the package is {upload.distribution!r}."
        raise PluginRefused("plugin.no_method", text)
    return {
        **said,
        "distribution": upload.distribution or said["distribution"],
        "version": upload.version or said["version"],
    }


def _candidate(submission: Submission, spec: dict[str, Any], packaging: Mapping[str, str]) -> Method:
    """The method as this content has it, under the key of the one that it brings up to date."""
    held = Method.objects.filter(name=spec["name"], owner=submission.owner).first()
    method = Method(
        name=spec["name"],
        family=spec["family"],
        spec=spec,
        owner=submission.owner,
        origin=ORIGINS[Kind(submission.kind)].value,
        upload=submission.upload,
        image=submission.image,
        available=True,
        announced_at=timezone.now(),
        **packaging,
    )
    if held is not None:
        method.pk = held.pk
        method._state.adding = False
    return method


def _is_outdated(submission: Submission, method: Method) -> bool:
    """Whether a later submission has described the method already: what is shown is the newest."""
    later = Submission.objects.filter(method=method.pk, created_at__gt=submission.created_at) if method.pk else None
    return later is not None and later.filter(kind__in=list(ORIGINS)).exists()


def _check_track(submission: Submission, method: Method) -> None:
    benchmark = submission.known_benchmark
    tracks = {track.name: track for track in benchmark.tracks} if benchmark else {}
    if submission.track not in tracks:
        raise PluginRefused(
            "plugin.track_refused", f"{submission.benchmark} has no track {submission.track!r} any more."
        )
    reasons = benchmark.refusals(submission.track, claims_of(method)) if benchmark else []
    if reasons:
        raise PluginRefused("plugin.track_refused", f"{method.name} may not enter: {'; '.join(reasons)}.")


def _link(submission: Submission, benchmark: Benchmark, method: Method, version: str) -> None:
    config = entered_config(benchmark, method, submission.config)
    submission.method, submission.method_name, submission.method_version = method, method.name, version
    submission.config, submission.claims = config, method.chosen(config).spec["claims"]
    parts = [method.name, version, submission.content, config, submission.track, *tier_part(submission.tier)]
    submission.identity = digest(parts)
    submission.save(update_fields=["method", "method_name", "method_version", "config", "claims", "identity"])


def _add_trials(run: Run, submission: Submission) -> None:
    """A method that is declared stochastic may have more runs than were written before anybody knew it."""
    benchmark = submission.known_benchmark
    if benchmark is not None and run.cell:
        plan = Planned(benchmark=benchmark, tier=submission.tier)
        add_runs(submission, plan, run.resource, "its method is declared stochastic")


def _correct_seeds(run: Run, submission: Submission) -> None:
    """Seeds may depend on the method's name. Runs that are held right now are corrected when they come here.

    To wait for them, while they may wait for this submission, could block both for good.
    """
    benchmark = submission.known_benchmark
    if benchmark is None or not run.cell:
        return
    free = submission.runs.exclude(pk=run.pk).select_for_update(skip_locked=True, of=("self",)).order_by("pk")
    cells = Planned(benchmark=benchmark, tier=submission.tier).cells(submission)
    changed = [one for one in (run, *free) if one.trial < len(cells) and one.seed != cells[one.trial].seed]
    for one in changed:
        one.seed = cells[one.trial].seed
    Run.objects.bulk_update(changed, ["seed"])


def _requeue(run: Run, method: Method) -> bool:
    if method.resource == run.resource or method.resource != "gpu":
        return False
    siblings = Run.objects.filter(submission=run.submission_id, status=Status.QUEUED)
    # A sibling that is held right now comes here itself.
    free = siblings.select_for_update(skip_locked=True, of=("self",)).order_by("pk").values_list("pk", flat=True)
    place: dict[str, Any] = {"resource": method.resource, "line": line_of(run.submission, method.resource)}
    siblings.filter(pk__in=list(free)).update(**place)
    requeue(run, f"{method.name} needs a GPU", losses=run.losses, **place)
    return True
