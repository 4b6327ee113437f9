"""What a run used over time: its memory, and how many processors were busy; the same of its GPU."""

from dataclasses import dataclass

from farfield_web import published
from farfield_web.leaderboards.plots import specs
from farfield_web.leaderboards.plots.base import Field, Json, Plot
from farfield_web.runs.memory import GIB
from farfield_web.runs.models import Run

NAME, TITLE = "usage", "What it used over time"
SECONDS = "Seconds since its first sandbox was started"
ABOUT = (
    "It is the most memory and the mean number of busy processors, as the worker saw them from outside of the sandbox. "
    "What is inspected, and learned before the run itself, is in it; staging and scoring are not."
)
OF_GPU = "Of the GPU it is the memory that the run's processes held, and the share of the time in which it computed."


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of the plot, by the name of its values; those of memory are read on the left, the others on the right."""

    name: str
    title: str
    colour: str
    dash: tuple[int, ...] = ()


MEMORY = Line(name="memory", title="Memory (GiB)", colour=specs.COLOURS[0])
PROCESSORS = Line(name="cpu", title="Processors", colour=specs.COLOURS[1], dash=(4, 3))
GPU_MEMORY = Line(name="gpu_memory", title="GPU memory (GiB)", colour=specs.COLOURS[3])
GPU = Line(name="gpu", title="GPU", colour=specs.COLOURS[5], dash=(4, 3))


def usage_plot(run: Run) -> Plot | None:
    """None of a run of which nothing was seen."""
    usage = run.usage
    if not usage:
        return None
    sides = ((MEMORY, GPU_MEMORY), (PROCESSORS, GPU)) if "gpu" in usage else ((MEMORY,), (PROCESSORS,))
    rows = _rows(usage)
    return Plot(
        name=NAME,
        title=TITLE,
        description="Lines for memory, read on the left, and for processors, read on the right, against time.",
        about=(f"A point stands for {usage['every']:g} seconds.", ABOUT, *((OF_GPU,) if "gpu" in usage else ())),
        columns=(
            Field(name="seconds", title="Seconds"),
            *(Field(name=line.name, title=line.title) for side in sides for line in side),
        ),
        rows=rows,
        spec=_spec(sides, rows),
    )


def _rows(usage: Json) -> tuple[Json, ...]:
    values = {"memory": _gib(usage["memory"]), "cpu": usage["cpu"]}
    if "gpu" in usage:
        values |= {"gpu_memory": _gib(usage["gpu"]["memory"]), "gpu": usage["gpu"]["busy"]}
    return tuple(
        {
            "seconds": round((at + 1) * usage["every"], 1),
            **{name: published.figure(value) for name, value in zip(values, point, strict=True)},
        }
        for at, point in enumerate(zip(*values.values(), strict=True))
    )


def _gib(sizes: list[int]) -> list[float]:
    return [size / GIB for size in sizes]


def _spec(sides: tuple[tuple[Line, ...], ...], rows: tuple[Json, ...]) -> Json:
    told = specs.tooltip(("seconds", "Seconds", ""), *((line.name, line.title, "") for side in sides for line in side))
    layers = [{"layer": [_drawn(line, side, told) for line in side]} for side in sides]
    return specs.chart(TITLE, layers, data=specs.data(rows), height=260, resolve={"scale": {"y": "independent"}})


def _drawn(line: Line, side: tuple[Line, ...], told: list[Json]) -> Json:
    from_zero = {"zero": True, "padding": 0}
    title = ", ".join(each.title for each in side)
    y = specs.axis(line.name, title, scale=from_zero, axis={"titleColor": side[0].colour})
    dots = {"color": line.colour, "size": 14}
    mark = {"type": "line", "color": line.colour, "strokeDash": list(line.dash), "point": dots}
    return {"mark": mark, "encoding": {"x": specs.axis("seconds", SECONDS, scale=from_zero), "y": y, "tooltip": told}}
