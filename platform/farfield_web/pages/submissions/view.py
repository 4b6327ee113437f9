"""A submission as its page shows it: everything computed here, so that the templates only lay it out."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.standing import Standing
from farfield_web.accounts.models import User
from farfield_web.entries.models import Change
from farfield_web.entries.names import by_whom
from farfield_web.entries.withdrawn import withdrawal_of
from farfield_web.leaderboards.labels import is_verified, labels_for
from farfield_web.leaderboards.progress import why_unranked
from farfield_web.leaderboards.queries import entry_of
from farfield_web.pages.boards.selections import tier_title
from farfield_web.pages.describe import domain_title, members_of
from farfield_web.pages.hosting.answers import answers_of
from farfield_web.pages.runs.advice import advice_for
from farfield_web.pages.runs.groups import run_title
from farfield_web.pages.runs.phases import Stage, Strip, Use, stages_of, strip_of, uses_of
from farfield_web.pages.runs.queue_words import NO_TAKER, queue_sentence
from farfield_web.pages.submissions.curve import CurveView, curve_view
from farfield_web.pages.submissions.entry_groups import EntryGroups, entry_groups, group_domains
from farfield_web.pages.submissions.package import KINDS, PackageView, package_of, probe_sentences
from farfield_web.pages.submissions.plan import PlanView, plan_view
from farfield_web.pages.submissions.reproduce import Reproduction, reproduction_of
from farfield_web.pages.submissions.summary import AllFigures, Summary, all_figures, summary_of
from farfield_web.pages.templatetags.figures import shown, shown_error
from farfield_web.runs.asked_labels import labels_of, labels_sentence
from farfield_web.runs.cached import cached_sentence
from farfield_web.runs.failures import for_operator
from farfield_web.runs.logs import read
from farfield_web.runs.memory import memory_sentence
from farfield_web.runs.models import Run, RunEvent, Score
from farfield_web.runs.plain import finished, plain
from farfield_web.runs.queue import outlook
from farfield_web.runs.status import Status, overall
from farfield_web.runs.takers import has_taker
from farfield_web.runs.verbs import can_cancel, can_retry
from farfield_web.submissions.kinds import Kind
from farfield_web.submissions.models import Submission
from farfield_web.submissions.plan import plan_for
from farfield_web.submissions.written import setting_value

TITLES = {status: status.value.capitalize() for status in Status}
# Predictions are staged, run and scored otherwise than methods; what stands here wins over SENTENCES.
OF_PREDICTIONS = {
    Status.PREPARING: "A worker has the file, and checks it.",
    Status.RUNNING: "The predictions are being scored.",
    Status.SCORING: "The predictions are being scored.",
}
OF_MANY_RUNS = {
    Status.PREPARING: "Its runs are evaluated one by one; what they give so far is below.",
    Status.RUNNING: "Its runs are evaluated one by one; what they give so far is below.",
    Status.SCORING: "Its runs are evaluated one by one; what they give so far is below.",
    Status.SUCCEEDED: "All of its runs are done, and its figures are on the board.",
    Status.FAILED: "Not all of its runs are done, so it has no rank.",
    Status.CANCELLED: "It was ended before all of its runs were done, so it has no rank.",
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
LOG_SHOWN = 20_000
MOST_GROUPS = 200  # on a page; the API has all
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
    memory: str
    has_usage: bool
    cached: str
    labels: str
    events: tuple[Event, ...]
    strip: Strip | None
    stages: tuple[Stage, ...]
    uses: tuple[Use, ...]
    attempt: int
    log: str
    log_end: int
    log_skipped: int
    title: str = ""

    @property
    def seen(self) -> str:
        """What its live part shows, in short."""
        parts = [self.status, asdict(self.progress) if self.progress else None, self.queue, len(self.events)]
        return f"{self.status}.{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]}"


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
    hidden: bool
    author: str
    withdrawal: Change | None
    can_cancel: bool
    can_retry: bool
    kind: str
    labels: tuple[str, ...]
    verified: bool
    package: PackageView | None
    answers: tuple[tuple[str, str], ...]
    settings: tuple[tuple[str, str], ...]
    runs: tuple[RunView, ...]
    plan: PlanView | None = None
    curve: CurveView | None = None
    standing: Standing | None = None
    unranked: str = ""
    groups: tuple[EntryGroups, ...] = ()

    @property
    def seen(self) -> str:
        """What the live part shows, in short: a poll that brings it back is answered with nothing new."""
        parts = [run.seen for run in self.runs] + [self.plan.seen if self.plan else ""]
        return f"{self.status}.{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]}"

    @cached_property
    def summary(self) -> Summary | None:
        """What the page begins with; made when it is laid out, since a poll without news needs none of it."""
        return summary_of(self.submission, self.benchmark, hidden=self.hidden) if self.benchmark else None

    @property
    def bars_say_all(self) -> bool:
        """Whether a table of the scores would only repeat the bars."""
        scores = self.runs[0].scores if len(self.runs) == 1 else None
        bars = len(self.summary.bars) if self.summary else 0
        return scores is not None and len(scores.titles) == 1 and 1 < len(scores.rows) <= bars

    @cached_property
    def figures(self) -> AllFigures | None:
        """Every stored figure; None before there is one."""
        every = all_figures(self.submission, self.benchmark) if self.benchmark else None
        return every if every and every.total else None

    @cached_property
    def reproduction(self) -> Reproduction | None:
        """How to make it again; None for a benchmark that was withdrawn."""
        runs = list(self.submission.runs.all())
        return reproduction_of(self.submission, self.benchmark, runs) if self.benchmark else None

    @property
    def further_groups(self) -> bool:
        """Whether there are tables by group that are not of the headline's test domain."""
        return any(not table.headline for table in self.groups)

    @property
    def every(self) -> str:
        """How often the live part asks for news: a large one less often."""
        return "5s" if self.plan else "2s"


def view_of(submission: Submission, user: User | AnonymousUser, *, hidden: bool) -> SubmissionView:
    """Everything the page of a submission shows to this person. Of many runs it tells only where they stand.

    `hidden`: scores of its benchmark are hidden from them, so that of their own entry no rank is told.
    """
    benchmark = submission.known_benchmark
    runs = list(submission.runs.all())
    many = benchmark is not None and is_of_many(benchmark, submission)
    status = overall(run.status for run in runs)
    mine = submission.owner_id == user.pk
    entry = entry_of(submission) if benchmark and (benchmark.standing or not many) else None
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
        hidden=hidden,
        author=by_whom(submission, user),
        withdrawal=withdrawal_of(submission),
        can_cancel=can_cancel(submission, user),
        can_retry=can_retry(submission, user),
        kind=KINDS[Kind(submission.kind)],
        labels=labels_for(submission, [run.probes for run in runs], noted=submission.is_noted),
        verified=status is Status.SUCCEEDED and is_verified(submission.kind),
        package=package_of(submission, runs),
        answers=answers_of(submission),
        settings=tuple((name, setting_value(value)) for name, value in sorted(submission.config.items())),
        runs=tuple(run_view(run, submission, benchmark, groups=False) for run in runs if not (many and run.cell)),
        plan=plan_view(submission, benchmark, runs) if many and benchmark else None,
        curve=curve_view(entry.published, benchmark) if entry and benchmark and not many else None,
        standing=entry.standing if entry and entry.figures else None,
        groups=entry_groups(submission, benchmark) if benchmark else (),
        unranked="" if not many or submission.taken_off or withdrawal_of(submission) else why_unranked(submission),
    )


def is_of_many(benchmark: Benchmark, submission: Submission) -> bool:
    """Whether its runs are too many to be shown whole on one page, or some of them are selected."""
    plan = plan_for(submission, benchmark)
    return bool(plan.selections) or plan.count(submission.tier) > 1


def _sentence(status: Status, submission: Submission) -> str:
    text = SENTENCES[status]
    benchmark = submission.known_benchmark
    if benchmark and submission.kind != Kind.PREDICTIONS and is_of_many(benchmark, submission):
        text = OF_MANY_RUNS.get(status, text)
    elif submission.kind == Kind.PREDICTIONS:
        text = OF_PREDICTIONS.get(status, text)
    elif status is Status.PREPARING and not submission.is_introduced:
        text = "A worker has it: it builds it, looks inside and tests its protocol, before any image is shown to it."
    return f"{text} {quota_sentence(submission)}" if status is Status.CANCELLED else text


def track_title(benchmark: Benchmark | None, name: str) -> str:
    """A track's title; its name when the benchmark no longer has it."""
    return {track.name: track.title for track in benchmark.tracks}.get(name, name) if benchmark else name


def run_view(run: Run, submission: Submission, benchmark: Benchmark | None, *, groups: bool = True) -> RunView:
    """One run with its log, scores and timeline; without `groups` figures by group are left to tables of their own."""
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
        scores=_scores(run, benchmark, groups=groups),
        probes=tuple(probe_sentences(run.probes)),
        memory=memory_sentence(run.memory),
        has_usage=bool(run.usage),
        cached=cached_sentence(run.cached),
        labels=labels_sentence(labels_of(run.environment)),
        events=tuple(_event(event) for event in run.events.all()),
        strip=strip_of(run.events.all()),
        stages=stages_of(run),
        uses=uses_of(run, submission.method.chosen(submission.config).spec if submission.method else {}),
        attempt=run.attempt,
        log=log.text,
        log_end=log.end,
        log_skipped=log.skipped,
        title=run_title(run, benchmark.plan if benchmark else None),
    )


def log_tail(run: Run, offset: int) -> LogTail:
    """What was logged from `offset` on, at most the last LOG_SHOWN characters of it, as plain text."""
    part = read(run, offset)
    whole = finished(part.text) if run.is_open else part.text
    text = whole[-LOG_SHOWN:]
    end = part.length - (len(part.text) - len(whole))
    return LogTail(text=plain(text, continues=offset > 0), end=end, skipped=max(end - part.offset - len(text), 0))


def _queue(run: Run) -> str:
    if not run.is_open:
        return ""
    return NO_TAKER if run.state is Status.QUEUED and not has_taker(run) else queue_sentence(outlook(run))


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


def _scores(run: Run, benchmark: Benchmark | None, *, groups: bool) -> Scores | None:
    if run.state is not Status.SUCCEEDED or benchmark is None:
        return None
    found = {(s.metric, s.domain): s for s in run.scores.all() if s.attempt == run.attempt}
    metrics = [m for m in benchmark.metrics if any(metric == m.name for metric, _ in found)]
    present = {domain for _, domain in found}
    every = [*(aggregate.name for aggregate in benchmark.aggregates), *(d.name for d in benchmark.domains)]
    names = [name for name in every if name in present and not _repeats_one_domain(benchmark, name, present)]
    others = present.difference(every)
    tabled = frozenset() if groups else group_domains(benchmark, others)
    names += sorted(others - tabled)[:MOST_GROUPS]
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
    return Figure(text=shown(score.value, unit), error=shown_error(score.stderr, unit))


@dataclass(frozen=True, kw_only=True)
class ListItem:
    """A submission in a list. `done` tells how many of its runs are; it is empty where there is only one."""

    submission: Submission
    benchmark_title: str
    track: str
    status: str
    status_title: str
    done: str
    verified: bool


def list_items(submissions: Sequence[Submission]) -> list[ListItem]:
    """The lines of a list of submissions; wants `method` and `upload` fetched."""
    found = Run.objects.filter(submission__in=submissions).order_by().values_list("submission", "status")
    counts: dict[Any, dict[str, int]] = defaultdict(dict)
    for key, status, count in found.annotate(Count("pk")):
        counts[key][status] = count
    return [_list_item(submission, counts[submission.pk]) for submission in submissions]


def _list_item(submission: Submission, counts: Mapping[str, int]) -> ListItem:
    benchmark, status = submission.known_benchmark, overall(counts)
    tier = tier_title(benchmark, submission.tier)
    done, total = counts.get(Status.SUCCEEDED, 0), sum(counts.values())
    return ListItem(
        submission=submission,
        benchmark_title=benchmark.title if benchmark else submission.benchmark,
        track=" \N{MIDDLE DOT} ".join(part for part in (tier, track_title(benchmark, submission.track)) if part),
        status=status.value,
        status_title=TITLES[status],
        done=f"{done} of {total} runs" if total > 1 else "",
        verified=is_verified(submission.kind),
    )
