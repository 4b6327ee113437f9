"""The benchmark that a TOML file describes, as every other benchmark is written in Python."""

from farfield import TaskFamily
from farfield_evaluators import tracks
from farfield_evaluators.benchmark import Benchmark, Column, Domain
from farfield_evaluators.own.scores import METRICS
from farfield_evaluators.own.spec import OwnSpec
from farfield_evaluators.plans.trials import Trials

TRAIN = "train"
_TRACKS = {track.name: track for track in (tracks.OPEN, tracks.IMAGENET, tracks.SCRATCH)}


def benchmark_of(spec: OwnSpec) -> Benchmark:
    """Raises SpecError for what fits no board."""
    metrics = METRICS[spec.family]
    used = dict.fromkeys(column.metric for column in spec.columns)
    return Benchmark(
        name=spec.benchmark_name,
        version=spec.version,
        family=TaskFamily(spec.family),
        title=spec.title,
        summary=spec.summary or spec.title,
        description=spec.description or spec.summary or spec.title,
        pack=spec.benchmark_name,
        train_set=None if spec.train is None else TRAIN,
        domains=tuple(Domain(name=t.name, title=t.title, role=t.role, set=t.set) for t in spec.tests),
        metrics=tuple(metrics[name] for name in used),
        columns=tuple(Column(metric=c.metric, domain=c.on, title=c.title) for c in spec.columns),
        tracks=tuple(_TRACKS[name] for name in spec.tracks),
        licence=spec.licence,
        citations=spec.citations,
        plan=Trials(spec.trials),
        audience=spec.audience,
    )
