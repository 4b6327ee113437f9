"""The benchmark that a TOML file describes, as every other benchmark is written in Python."""

from farfield import TaskFamily
from farfield_evaluators import tracks
from farfield_evaluators.benchmark import TRAIN, Benchmark, Column, Domain, Plot
from farfield_evaluators.metric import Metric
from farfield_evaluators.own.scores import scorer_of, words_of
from farfield_evaluators.own.spec import OwnSpec, Shown
from farfield_evaluators.plans.folds import FOLD, Folds
from farfield_evaluators.plans.trials import Trials
from farfield_evaluators.scoring.groups import per_group
from farfield_evaluators.scoring.scorer import Scorer

_TRACKS = {track.name: track for track in (tracks.OPEN, tracks.IMAGENET, tracks.SCRATCH)}


def benchmark_of(spec: OwnSpec) -> Benchmark:
    """Raises SpecError for what fits no board."""
    asked = [(column, *_asked(spec, column)) for column in spec.columns]
    of_fold = f"/{{{FOLD}}}" if spec.folds else ""
    groups = [spec.data.attribute(name) for c in spec.columns for name in (*c.worst_over, *c.mean_over)]
    return Benchmark(
        name=spec.benchmark_name,
        version=spec.version,
        family=TaskFamily(spec.family),
        title=spec.title,
        summary=spec.summary or spec.title,
        description=spec.description or spec.summary or spec.title,
        pack=spec.benchmark_name,
        train_set=None if spec.train is None else f"{TRAIN}{of_fold}",
        domains=tuple(Domain(name=t.name, title=t.title, role=t.role, set=f"{t.set}{of_fold}") for t in spec.tests),
        metrics=tuple({metric.name: metric for _, _, metric in asked}.values()),
        columns=tuple(Column(metric=metric.name, domain=c.on, title=c.title) for c, _, metric in asked),
        tracks=tuple(_TRACKS[name] for name in spec.tracks),
        licence=spec.licence,
        citations=spec.citations,
        plan=Folds(spec.folds.names) if spec.folds else Trials(spec.trials, stochastic=spec.stochastic_trials),
        scorers=tuple(dict.fromkeys([*(scorer for _, scorer, _ in asked), *_by_group(spec)])),
        groups=tuple(dict.fromkeys(groups)),
        parts={name: name for name in spec.parts},
        audience=spec.audience,
        masks=spec.masks,
        budget=spec.budget,
        plots=tuple(_plot(spec, plain, worst) for plain, worst in _compared(spec)),
    )


def _compared(spec: OwnSpec) -> list[tuple[Shown, Shown]]:
    """Columns of a worst group, each with the column of the same figure without groups, where the file has both."""
    plain = {(c.metric, c.on): c for c in spec.columns if not (c.worst_over or c.mean_over)}
    worst = [c for c in spec.columns if c.worst_over]
    return [(plain[c.metric, c.on], c) for c in worst if (c.metric, c.on) in plain]


def _by_group(spec: OwnSpec) -> list[Scorer]:
    """The figure of every group behind a worst one. Of metrics that have a column, so that no key depends on it."""
    words = words_of(spec)
    return [
        per_group(words[worst.metric].scorer, [spec.data.attribute(name) for name in worst.worst_over])
        for _, worst in _compared(spec)
    ]


def _plot(spec: OwnSpec, plain: Shown, worst: Shown) -> Plot:
    x, y = (Column(metric=_asked(spec, c)[1].name, domain=c.on, title=c.title) for c in (plain, worst))
    equal = "As good in the worst group as on average; the further below, the more the worst group loses."
    return Plot(x=x, y=y, title=f"{plain.title} and {worst.title}", equal=equal)


def _asked(spec: OwnSpec, column: Shown) -> tuple[Scorer, Metric]:
    worst, mean = ([spec.data.attribute(name) for name in names] for names in (column.worst_over, column.mean_over))
    return scorer_of(words_of(spec)[column.metric], worst, mean)
