"""The rules of a benchmark's hosting as of a moment: pure values, read once per request or submission."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from farfield_evaluators.benchmark import Benchmark
from farfield_web.errors import SubmissionError
from farfield_web.hosting.models import Hosting, Phase
from farfield_web.hosting.questions import Question, read_questions

OPEN, PAUSED, CLOSED = "open", "paused", "closed"
INTAKES = {
    OPEN: "entries are taken",
    PAUSED: "new entries are refused for now; those that wait go on",
    CLOSED: "no more entries are taken; those that wait go on",
}


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What holds for a benchmark. Without phases the intake alone says whether entries are taken."""

    benchmark: str
    intake: str = OPEN
    sentence: str = ""
    keep_days: int | None = None
    questions: tuple[Question, ...] = ()
    phases: tuple[Phase, ...] = ()
    hidden_until: datetime | None = None
    authors_see: bool = True

    def phase_at(self, now: datetime) -> Phase | None:
        """The one that is open."""
        return next((phase for phase in self.phases if is_open(phase, now)), None)

    def next_phase(self, now: datetime) -> Phase | None:
        """The one that opens next."""
        return next((phase for phase in self.phases if phase.opens_at > now), None)

    def why_refused(self, now: datetime) -> SubmissionError | None:
        """Why no entry is taken now, with what to do; None when one is."""
        if self.intake != OPEN:
            said = f"{self.sentence} " if self.sentence else ""
            waits = "Try again later." if self.intake == PAUSED else "What is on its board stays there."
            text = f"{said}The intake of {self.benchmark} is {self.intake}."
            return SubmissionError(f"benchmark.{self.intake}", text, "benchmark", waits)
        if self.phases and self.phase_at(now) is None:
            return SubmissionError("benchmark.no_phase", _between(self.benchmark, self.next_phase(now)), "benchmark")
        return None


def is_open(phase: Phase, now: datetime) -> bool:
    """Whether entries of that moment are of this phase."""
    return phase.opens_at <= now and (phase.closes_at is None or now < phase.closes_at)


def rules_of(benchmark: str) -> Rules:
    """As the database has them now."""
    row = Hosting.objects.filter(benchmark=benchmark).first()
    phases = tuple(Phase.objects.filter(benchmark=benchmark))
    if row is None:
        return Rules(benchmark=benchmark, phases=phases)
    return Rules(
        benchmark=benchmark,
        intake=row.intake,
        sentence=row.sentence,
        keep_days=row.keep_days,
        questions=read_questions(row.questions),
        phases=phases,
        hidden_until=row.hidden_until,
        authors_see=row.authors_see,
    )


def questions_of(benchmark: str) -> tuple[Question, ...]:
    """What its hosts ask now."""
    row = Hosting.objects.filter(benchmark=benchmark).first()
    return read_questions(row.questions) if row is not None else ()


def hosts_of(benchmark: Benchmark) -> Sequence[str]:
    """The names of the people who may change the rules; operators may as well."""
    return benchmark.audience.owners if benchmark.audience is not None else ()


def _between(benchmark: str, following: Phase | None) -> str:
    if following is None:
        return f"The last phase of {benchmark} is over."
    return f"{benchmark} is between phases: {following.title} opens at {following.opens_at:%Y-%m-%d %H:%M} UTC."
