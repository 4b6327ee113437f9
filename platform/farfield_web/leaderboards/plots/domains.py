"""The first entries domain by domain, as parallel coordinates; and the curves of entries that have one."""

from collections.abc import Sequence

from farfield_evaluators.benchmark import Column
from farfield_web.leaderboards.axes import axes_of
from farfield_web.leaderboards.plots import specs
from farfield_web.leaderboards.plots.base import Drawn, Field, Json, Plot, entry_of, error_of, trust_in, value_of

FIRST = 8  # entries that colours tell apart
LEAST_DOMAINS = 3
CURVES = 8


def parallel(drawn: Drawn) -> Sequence[Plot]:
    """A line for each of the first entries through its figures on all domains, in the metric of the headline."""
    column = drawn.board.columns[drawn.board.ranked_by]
    rows = _by_domain(drawn, column)
    if len({row["domain"] for row in rows}) < LEAST_DOMAINS:
        return ()
    metric = drawn.benchmark.metric(column.metric)
    title = f"{metric.title} on each domain"
    return (
        Plot(
            name="domains",
            title="Domain by domain",
            description=f"{title}: a line for each of the first {FIRST} entries of the board.",
            about=("Lines that cross are entries whose order depends on the domain.", "Dashed: not run here."),
            columns=(
                Field(name="entry", title="Entry"),
                Field(name="trust", title="Where from"),
                Field(name="domain", title="Domain"),
                Field(name="value", title=metric.title, unit=metric.unit),
                Field(name="error", title="Standard error", unit=metric.unit),
            ),
            rows=tuple(rows),
            spec=_parallel_spec(title, rows, metric.title, metric.unit),
        ),
    )


def curves(drawn: Drawn) -> Sequence[Plot]:
    """The curves of the first entries that have one: the same training, read at other points."""
    axes = axes_of(drawn.board)
    if axes is None:
        return ()
    rows: list[Json] = []
    having = [row for row in drawn.rows if len(row.entry.curve) > 1][:CURVES]
    for row in having:
        known = [point for point in row.entry.curve if axes.id in point.figures and axes.ood in point.figures]
        rows += [
            {
                **entry_of(row),
                "point": point.point,
                "x": point.figures[axes.id].value,
                "y": point.figures[axes.ood].value,
            }
            for point in known
        ]
    if len(rows) < 2:
        return ()
    titles = (axes.id_title, axes.ood_title)
    title = f"{titles[1]} against {titles[0]} along the curves of entries"
    return (
        Plot(
            name="curves",
            title="Curves",
            description=f"{title}: a line for each of the first {CURVES} entries that have one.",
            about=("A curve is one training, read at other points, such as WiSE-FT's weights. It is never ranked.",),
            columns=(
                Field(name="entry", title="Entry"),
                Field(name="point", title="Point"),
                Field(name="x", title=titles[0], unit="%"),
                Field(name="y", title=titles[1], unit="%"),
            ),
            rows=tuple(rows),
            spec=_curves_spec(title, rows, titles),
        ),
    )


def _by_domain(drawn: Drawn, column: Column) -> list[Json]:
    rows: list[Json] = []
    for row in drawn.rows[:FIRST]:
        for domain in drawn.benchmark.domains:
            key = (column.metric, domain.name)
            if (value := value_of(row, key)) is not None:
                rows.append({**entry_of(row), "domain": domain.title, "value": value, "error": error_of(row, key)})
    return rows


def _parallel_spec(title: str, rows: Sequence[Json], of: str, unit: str) -> Json:
    x = {
        "field": "domain",
        "type": "nominal",
        "title": None,
        "sort": None,
        "axis": {"labelAngle": -35, "labelOverlap": False},
    }
    y = specs.unit_axis("value", of, unit)
    return _lines_spec(title, rows, {"x": x, "y": y}, [("domain", "Domain", "text"), ("value", of, unit)])


def _curves_spec(title: str, rows: Sequence[Json], titles: tuple[str, str]) -> Json:
    encoding = {
        "x": specs.percent_axis("x", titles[0]),
        "y": specs.percent_axis("y", titles[1]),
        "order": {"field": "point", "type": "quantitative"},
    }
    told = [("point", "Point", ""), ("x", titles[0], "%"), ("y", titles[1], "%")]
    return _lines_spec(title, rows, encoding, told)


def _lines_spec(title: str, rows: Sequence[Json], encoding: Json, told: Sequence[tuple[str, str, str]]) -> Json:
    """A line for each entry, in colours, with a mark at each of its rows."""
    named = _told_apart(rows)
    colour = {"field": "line", "type": "nominal", "sort": None, "legend": {"symbolType": "stroke"}}
    dash = {
        "field": "trust",
        "type": "nominal",
        "scale": {"domain": list(specs.TRUST), "range": [[1, 0], [5, 4], [2, 2]]},
    }
    line = {"mark": {"type": "line"}, "encoding": {**encoding, "color": colour, "strokeDash": {**dash, "legend": None}}}
    tooltip = specs.tooltip(("entry", "Entry", "text"), ("trust", "Where from", "text"), *told)
    points = specs.marks(trust_in(rows), **encoding, tooltip=tooltip)
    for channel in ("fill", "stroke"):
        del points["encoding"][channel]
    points["mark"]["filled"] = True
    points["encoding"] |= {"color": colour, "shape": {**points["encoding"]["shape"], "legend": None}}
    return specs.chart(title, [line, points], data=specs.data(named))


def _told_apart(rows: Sequence[Json]) -> list[Json]:
    """The rows with what their line is called: the entry, with its rank or its key where names are not enough."""
    names = {row["submission"]: row["entry"] for row in rows}
    ranked = {row["submission"]: f"{row['entry']} (rank {row['rank']})" for row in rows}
    for called in (ranked, {key: f"{name} ({key[:8]})" for key, name in ranked.items()}):
        twice = {name for name in names.values() if list(names.values()).count(name) > 1}
        names = {key: called[key] if name in twice else name for key, name in names.items()}
    return [{**row, "line": names[row["submission"]]} for row in rows]
