"""A submission as its page shows it: everything computed here, so that the templates only lay it out."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser

from farfield import Benchmark
from farfield_web.accounts.models import User
from farfield_web.leaderboards.labels import labels_of
from farfield_web.pages.advice import advice_for
from farfield_web.pages.describe import AGGREGATES, domain_title, members_of, setting_value
from farfield_web.pages.package_view import KINDS, PackageView, package_of, probe_sentences
from farfield_web.pages.templatetags.figures import duration, shown
from farfield_web.runs.failures import for_operator
from farfield_web.runs.logs import read
from farfield_web.runs.models import Run, RunEvent, Score
from farfield_web.runs.queue import Outlook, outlook
from farfield_web.runs.status import Status, overall
from farfield_web.runs.verbs import can_cancel, can_retry
from farfield_web.submissions.kinds import Kind
from farfield_web.submissions.models import Submission
from farfield_web.submissions.offered import has_taker

TITLES = {status: status.value.capitalize() for status in Status}
# Predictions are staged, run and scored otherwise than methods; what stands here wins over SENTENCES.
OF_PREDICTIONS = {
    Status.PREPARING: "A worker has the file, and checks it.",
    Status.RUNNING: "The predictions are being scored.",
    Status.SCORING: "The predictions are being scored.",
}
SENTENCES = {
    Status.QUEUED: "Waiting for a worker.",
    Status.PREPARING: "A worker has it, and stages the images without their labels.",
    Status.RUNNING: "The method is running.",
    Status.SCORING: "The predictions are being scored, apart from the method.",
    Status.SUCCEEDED: "Its scores are on the board.",
    Status.FAILED: "It has no scores.",
    Status.CANCELLED: "It was ended before it had scores.",
}
NO_TAKER = "No worker that can run it has been heard of lately: it waits until one comes, or until it is cancelled."
LOG_SHOWN = 20_000
PHASES = {
    "stage": "Staging images",
    "fit": "Fitting",
    "predict": "Predicting",
    "score": "Scoring the test images",
    "features": "Computing features",
}


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far the present stage is."""

    phase: str
    done: int
    total: int
    percent: int


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a run has no scores, and what to do."""

    title: str
    message: str
    advice: str
    code: str
    quota: str
    operator: str


@dataclass(frozen=True, kw_only=True)
class Event:
    """A point of the timeline."""

    title: str
    at: datetime
    note: str
    status: str


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A value and its error, as text."""

    text: str
    error: str


@dataclass(frozen=True, kw_only=True)
class ScoreRow:
    """The figures of one domain or aggregate."""

    title: str
    cells: tuple[Figure, ...]


@dataclass(frozen=True, kw_only=True)
class Scores:
    """A run's figures: a column for each metric, a row for each domain."""

    titles: tuple[str, ...]
    rows: tuple[ScoreRow, ...]


@dataclass(frozen=True, kw_only=True)
class RunView:
    """One trial."""

    pk: Any
    number: int
    seed: int
    status: str
    status_title: str
    live: bool
    queue: str
    progress: Progress | None
    failure: Failure | None
    scores: Scores | None
    probes: tuple[str, ...]
    events: tuple[Event, ...]
    attempt: int
    log: str
    log_end: int
    log_skipped: int


@dataclass(frozen=True, kw_only=True)
class LogTail:
    """The end of a log, the position behind it, and how many characters before it are not in `text`."""

    text: str
    end: int
    skipped: int


@dataclass(frozen=True, kw_only=True)
class SubmissionView:
    """A submission and its runs."""

    submission: Submission
    benchmark: Benchmark | None
    benchmark_title: str
    track: str
    status: str
    status_title: str
    sentence: str
    live: bool
    mine: bool
    can_cancel: bool
    can_retry: bool
    kind: str
    labels: tuple[str, ...]
    package: PackageView | None
    settings: tuple[tuple[str, str], ...]
    runs: tuple[RunView, ...]

    @property
    def seen(self) -> str:
        """What the live part shows, in short: a poll that brings it back is answered with nothing new."""
        parts = [(r.status, asdict(r.progress) if r.progress else None, r.queue, len(r.events)) for r in self.runs]
        return f"{self.status}.{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]}"


def view_of(submission: Submission, user: User | AnonymousUser) -> SubmissionView:
    """Everything the page of a submission shows to this person."""
    benchmark = submission.known_benchmark
    runs = list(submission.runs.all())
    status = overall(run.status for run in runs)
    mine = submission.owner_id == user.pk
    return SubmissionView(
        submission=submission,
        benchmark=benchmark,
        benchmark_title=benchmark.title if benchmark else submission.benchmark,
        track=track_title(benchmark, submission.track),
        status=status.value,
        status_title=TITLES[status],
        sentence=_sentence(status, submission),
        live=any(run.is_open for run in runs),
        mine=mine,
        can_cancel=can_cancel(submission, user),
        can_retry=can_retry(submission, user),
        kind=KINDS[Kind(submission.kind)],
        labels=labels_of(submission.kind, [run.probes for run in runs]),
        package=package_of(submission, runs),
        settings=tuple((name, setting_value(value)) for name, value in sorted(submission.config.items())),
        runs=tuple(_run_view(run, submission, benchmark) for run in runs),
    )


def _sentence(status: Status, submission: Submission) -> str:
    text = SENTENCES[status]
    if submission.kind == Kind.PREDICTIONS:
        text = OF_PREDICTIONS.get(status, text)
    elif status is Status.PREPARING and not submission.is_introduced:
        text = "A worker has it: it builds it, looks inside and tests its protocol, before any image is shown to it."
    return f"{text} {quota_sentence(submission)}" if status is Status.CANCELLED else text


def track_title(benchmark: Benchmark | None, name: str) -> str:
    """A track's title; its name when the benchmark no longer has it."""
    return {track.name: track.title for track in benchmark.tracks}.get(name, name) if benchmark else name


def _run_view(run: Run, submission: Submission, benchmark: Benchmark | None) -> RunView:
    log = log_tail(run, 0)
    return RunView(
        pk=run.pk,
        number=run.trial + 1,
        seed=run.seed,
        status=run.status,
        status_title=TITLES[run.state],
        live=run.is_open,
        queue=_queue(run),
        progress=_progress(run),
        failure=_failure(run, submission),
        scores=_scores(run, benchmark),
        probes=tuple(probe_sentences(run.probes)),
        events=tuple(_event(event) for event in run.events.all()),
        attempt=run.attempt,
        log=log.text,
        log_end=log.end,
        log_skipped=log.skipped,
    )


def log_tail(run: Run, offset: int) -> LogTail:
    """What was logged from `offset` on, at most the last LOG_SHOWN characters of it."""
    part = read(run, offset)
    text = part.text[-LOG_SHOWN:]
    return LogTail(text=text, end=part.length, skipped=max(part.length - part.offset - len(text), 0))


def _queue(run: Run) -> str:
    if not run.is_open:
        return ""
    told = queue_sentence(outlook(run))
    return told if run.state is not Status.QUEUED or has_taker(run) else f"{told} {NO_TAKER}".strip()


def queue_sentence(prospect: Outlook) -> str:
    """The place in the queue and the estimate, in words."""
    took = f" Runs like it took about {duration(prospect.run_seconds)}." if prospect.run_seconds else ""
    if prospect.place is None:
        return took.strip()
    place = "Next" if prospect.place == 1 else f"Number {prospect.place} of {prospect.of}"
    wait = "" if prospect.wait_seconds is None else f", to start in about {duration(prospect.wait_seconds)}"
    return f"{place} in the queue{wait}.{took}"


def _progress(run: Run) -> Progress | None:
    values = run.progress
    if not run.is_leased or not values or not values.get("total"):
        return None
    total, phase = max(int(values["total"]), 1), str(values.get("phase", ""))
    done = min(max(int(values.get("done", 0)), 0), total)
    return Progress(
        phase=PHASES.get(phase, phase.capitalize() or TITLES[run.state]),
        done=done,
        total=total,
        percent=100 * done // total,
    )


def _failure(run: Run, submission: Submission) -> Failure | None:
    if run.state is not Status.FAILED:
        return None
    advice = advice_for(run.failure_code)
    return Failure(
        title=advice.title,
        message=run.failure_message,
        advice=advice.todo,
        code=run.failure_code,
        quota=quota_sentence(submission),
        operator=for_operator(run.failure_code),
    )


def quota_sentence(submission: Submission) -> str:
    """Whether a submission counts against its owner's quota, and why not."""
    if submission.quota_at is not None:
        return "It counts against your quota."
    because = submission.quota_returned_because
    return f"Your quota was given back: {because}." if because else "It does not count against your quota."


def _event(event: RunEvent) -> Event:
    if event.kind != "moved":
        return Event(title=event.kind.replace("_", " ").capitalize(), at=event.at, note=event.message, status="")
    return Event(title=_move_title(event.source, event.target), at=event.at, note=event.message, status=event.target)


def _move_title(source: str, target: str) -> str:
    if target == Status.QUEUED and source:
        again = source in (Status.FAILED, Status.CANCELLED)
        return "Queued again" if again else "Back in the queue"
    return TITLES[Status(target)]


def _scores(run: Run, benchmark: Benchmark | None) -> Scores | None:
    if run.state is not Status.SUCCEEDED or benchmark is None:
        return None
    found = {(s.metric, s.domain): s for s in run.scores.all() if s.attempt == run.attempt}
    metrics = [m for m in benchmark.metrics if any(metric == m.name for metric, _ in found)]
    present = {domain for _, domain in found}
    names = [name for name in (*AGGREGATES, *(d.name for d in benchmark.domains)) if name in present]
    names = [name for name in names if not _repeats_one_domain(benchmark, name, present)]
    rows = (
        ScoreRow(
            title=domain_title(benchmark, name),
            cells=tuple(score_figure(found.get((m.name, name)), m.unit) for m in metrics),
        )
        for name in names
    )
    return Scores(titles=tuple(m.title for m in metrics), rows=tuple(rows))


def _repeats_one_domain(benchmark: Benchmark, name: str, present: set[str]) -> bool:
    """Whether this is an aggregate over a single domain that has a row of its own."""
    members = members_of(benchmark, name)
    return len(members) == 1 and members[0] != name and members[0] in present


def score_figure(score: Score | None, unit: str) -> Figure:
    """A stored score as text; a dash when it is missing."""
    if score is None:
        return Figure(text=shown(None), error="")
    return Figure(text=shown(score.value, unit), error="" if score.stderr is None else shown(score.stderr, unit))


@dataclass(frozen=True, kw_only=True)
class ListItem:
    """A submission in a list."""

    submission: Submission
    benchmark_title: str
    track: str
    status: str
    status_title: str


def list_item(submission: Submission) -> ListItem:
    """One line of a list of submissions; wants `method`, `upload` and `runs` fetched."""
    benchmark = submission.known_benchmark
    status = overall(run.status for run in submission.runs.all())
    return ListItem(
        submission=submission,
        benchmark_title=benchmark.title if benchmark else submission.benchmark,
        track=track_title(benchmark, submission.track),
        status=status.value,
        status_title=TITLES[status],
    )
