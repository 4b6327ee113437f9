"""Two figures of an entry against each other: accuracy on the line, and what a benchmark declares, such as groups."""

from collections.abc import Callable, Iterable, Sequence

from farfield_evaluators.benchmark import Plot as Declared
from farfield_evaluators.metrics.robustness import Line, fit_line
from farfield_web import published
from farfield_web.leaderboards.axes import Axes, axes_of
from farfield_web.leaderboards.plots import specs
from farfield_web.leaderboards.plots.base import (
    Drawn,
    Field,
    Json,
    Plot,
    entry_of,
    error_of,
    reported_entry,
    trust_in,
    value_of,
)
from farfield_web.runs.figures import Key

Expected = Callable[[float], float]
STEPS = 48
LEAST_REPORTED = 3  # published models that make a line; two always do
OF_TESTBED = (
    "The curve is what standard models reach at an ID accuracy, in the fits of the ImageNet testbed (Taori et al. "
    "2020): a line between the logits of both accuracies. The height above it is the effective robustness."
)
OF_REPORTED = (
    "The curve is a least-squares line between the logits of both accuracies of the {count} published models here "
    "(accuracy on the line, Miller et al. 2021). The height above it is the effective robustness against them."
)
EQUAL = "The dashed line is where both are equal: what is below it was lost away from the training data."


def on_the_line(drawn: Drawn) -> Sequence[Plot]:
    """OOD against ID accuracy on logit axes, where a board of classifiers has both."""
    axes = axes_of(drawn.board)
    rows = [] if axes is None else pairs(drawn, axes.id, axes.ood)
    if axes is None or not rows:
        return ()
    expected, said = expected_of(drawn, axes)
    title = f"{axes.ood_title} against {axes.id_title}"
    about = ("Both axes are logits, labelled in per cent.", EQUAL, *([said] if said else []))
    return (
        Plot(
            name="robustness",
            title="Accuracy on the line",
            description=f"{title}: a mark for each entry of the board, with the line on which the two are equal.",
            about=about,
            columns=columns_of(axes.id_title, "%", axes.ood_title, "%"),
            rows=tuple(rows),
            spec=_logit_spec(title, rows, (axes.id_title, axes.ood_title), expected),
        ),
    )


def declared(drawn: Drawn) -> Sequence[Plot]:
    """The pairs of figures that the benchmark declares, such as average and worst group."""
    made = (_declared(number, plot, drawn) for number, plot in enumerate(drawn.benchmark.plots, 1))
    return [plot for plot in made if plot is not None]


def pairs(drawn: Drawn, x: Key, y: Key) -> list[Json]:
    """A row for each entry that has both figures, and for each published model that has."""
    own = [
        {**entry_of(row), "x": first, "x_error": error_of(row, x), "y": second, "y_error": error_of(row, y)}
        for row in drawn.rows
        if (first := value_of(row, x)) is not None and (second := value_of(row, y)) is not None
    ]
    published_ones = [
        {**reported_entry(one), "x": one.figures[x], "x_error": None, "y": one.figures[y], "y_error": None}
        for one in drawn.reported
        if x in one.figures and y in one.figures
    ]
    return own + published_ones if own else []


def expected_of(drawn: Drawn, axes: Axes) -> tuple[Expected | None, str]:
    """What standard models reach, and where that is from; nothing where nothing is known of them."""
    known = [row.entry.figures for row in drawn.rows]
    with_robustness = [one for one in known if all(key in one for key in (axes.id, axes.ood, axes.robustness))]
    fitted = fit_line(
        [(one[axes.id].value, one[axes.ood].value - one[axes.robustness].value) for one in with_robustness], 0.0
    )
    if fitted is not None:
        return fitted, OF_TESTBED
    models = [(one.figures[axes.id], one.figures[axes.ood]) for one in drawn.reported if _has(one.figures, axes)]
    line: Line | None = fit_line(models, 0.0) if len(models) >= LEAST_REPORTED else None
    return line, OF_REPORTED.format(count=len(models)) if line else ""


def columns_of(x_title: str, x_unit: str, y_title: str, y_unit: str) -> tuple[Field, ...]:
    """The columns of a table of pairs."""
    return (
        Field(name="rank", title="Rank"),
        Field(name="entry", title="Entry"),
        Field(name="trust", title="Where from"),
        Field(name="x", title=x_title, unit=x_unit),
        Field(name="x_error", title="Standard error", unit=x_unit),
        Field(name="y", title=y_title, unit=y_unit),
        Field(name="y_error", title="Standard error", unit=y_unit),
    )


def _has(figures: Iterable[Key], axes: Axes) -> bool:
    return axes.id in figures and axes.ood in figures


def _declared(number: int, plot: Declared, drawn: Drawn) -> Plot | None:
    rows = pairs(drawn, (plot.x.metric, plot.x.domain), (plot.y.metric, plot.y.domain))
    if not rows:
        return None
    units = [drawn.benchmark.metric(each.metric).unit for each in (plot.x, plot.y)]
    title = f"{plot.y.title} against {plot.x.title}"
    return Plot(
        name=f"declared-{number}",
        title=plot.title,
        description=f"{title}: a mark for each entry of the board, with the line on which the two are equal.",
        about=(plot.equal,),
        columns=columns_of(plot.x.title, units[0], plot.y.title, units[1]),
        rows=tuple(rows),
        spec=_plain_spec(title, rows, (plot.x.title, plot.y.title), units[1]),
    )


def _plain_spec(title: str, rows: Sequence[Json], titles: tuple[str, str], unit: str) -> Json:
    x, y = specs.unit_axis("x", titles[0], unit), specs.unit_axis("y", titles[1], unit)
    values = [row[name] for row in rows for name in ("x", "y")]
    ends = [{"x": each, "y": each} for each in (min(values), max(values))]
    equal = specs.line(ends, x, y, strokeDash=[4, 4], color=specs.MUTED)
    bars = [_errors(name, _linear(name, rows), x, y) for name in ("x", "y")]
    points = specs.marks(trust_in(rows), x=x, y=y, tooltip=_tooltip(titles, unit))
    return specs.chart(title, [equal, *bars, points], data=specs.data(rows))


def _logit_spec(title: str, rows: Sequence[Json], titles: tuple[str, str], expected: Expected | None) -> Json:
    placed = [_on_logits(row) for row in rows]
    xs, ys = [row["x"] for row in rows], [row["y"] for row in rows]
    x, y = specs.logit_axis("at_x", titles[0], xs), specs.logit_axis("at_y", titles[1], ys)
    shared = (max(min(xs), min(ys)), min(max(xs), max(ys)))
    ends = [{"at_x": specs.logit(each), "at_y": specs.logit(each)} for each in shared]
    layers = [specs.line(ends, x, y, strokeDash=[4, 4], color=specs.MUTED, clip=True)] if shared[0] < shared[1] else []
    if expected is not None:
        layers.append(specs.line(_curve(expected, xs), x, y, color=specs.COLOURS[1], clip=True))
    layers += [_errors(name, placed, x, y) for name in ("x", "y")]
    layers.append(specs.marks(trust_in(rows), x=x, y=y, tooltip=_tooltip(titles, "%")))
    return specs.chart(title, layers, data=specs.data(placed))


def _on_logits(row: Json) -> Json:
    """The row with its places on logit axes, and those of the ends of its errors."""
    return {**row, **{f"at_{name}": round(specs.logit(row[name]), 5) for name in ("x", "y")}, **_ends(row)}


def _ends(row: Json) -> Json:
    ends = {}
    for name in ("x", "y"):
        if (error := row[f"{name}_error"]) is not None:
            ends[f"{name}_low"] = round(specs.logit(row[name] - error), 5)
            ends[f"{name}_high"] = round(specs.logit(row[name] + error), 5)
    return ends


def _errors(name: str, rows: Sequence[Json], x: Json, y: Json) -> Json:
    """Bars of one standard error along an axis, for the rows that have its ends."""
    there = [row for row in rows if f"{name}_low" in row]
    along, other = (x, {"y": y}) if name == "x" else (y, {"x": x})
    encoding = {name: {**along, "field": f"{name}_low"}, f"{name}2": {"field": f"{name}_high"}, **other}
    return {"data": specs.data(there), "mark": {"type": "rule", "color": specs.MUTED}, "encoding": encoding}


def _linear(name: str, rows: Sequence[Json]) -> list[Json]:
    """The rows that have an error, with its ends on a linear axis."""
    return [
        {**row, f"{name}_low": row[name] - error, f"{name}_high": row[name] + error}
        for row in rows
        if (error := row[f"{name}_error"]) is not None
    ]


def _curve(expected: Expected, xs: Sequence[float]) -> list[Json]:
    low, high = specs.logit(min(xs)) - 0.3, specs.logit(max(xs)) + 0.3
    places = (low + (high - low) * step / (STEPS - 1) for step in range(STEPS))
    return [
        {"at_x": round(place, 4), "at_y": round(specs.logit(published.figure(expected(specs.share(place)))), 4)}
        for place in places
    ]


def _tooltip(titles: tuple[str, str], unit: str) -> list[Json]:
    return specs.tooltip(
        ("entry", "Entry", "text"), ("trust", "Where from", "text"), ("x", titles[0], unit), ("y", titles[1], unit)
    )
