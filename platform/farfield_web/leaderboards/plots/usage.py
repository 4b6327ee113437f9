"""What a run used over time: its memory below what it declares, and how many processors were busy."""

from farfield_web import published
from farfield_web.leaderboards.plots import specs
from farfield_web.leaderboards.plots.base import Field, Json, Plot
from farfield_web.runs.memory import GIB
from farfield_web.runs.models import Run

NAME, TITLE = "usage", "What it used over time"
MEMORY, PROCESSORS, SECONDS = "Memory (GiB)", "Processors", "Seconds since its first sandbox was started"
ABOUT = (
    "It is the most memory and the mean number of busy processors, as the worker saw them from outside of the sandbox. "
    "What is inspected, and learned before the run itself, is in it; staging and scoring are not."
)


def usage_plot(run: Run) -> Plot | None:
    """None of a run of which nothing was seen."""
    usage = run.usage
    if not usage:
        return None
    rows = tuple(
        {
            "seconds": round((at + 1) * usage["every"], 1),
            "memory": published.figure(memory / GIB),
            "cpu": published.figure(cpu),
        }
        for at, (memory, cpu) in enumerate(zip(usage["memory"], usage["cpu"], strict=True))
    )
    return Plot(
        name=NAME,
        title=TITLE,
        description="A line for memory, read on the left, and one for processors, read on the right, against time.",
        about=(f"A point stands for {usage['every']:g} seconds.", ABOUT),
        columns=(
            Field(name="seconds", title="Seconds"),
            Field(name="memory", title=MEMORY),
            Field(name="cpu", title=PROCESSORS),
        ),
        rows=rows,
        spec=_spec(rows),
    )


def _spec(rows: tuple[Json, ...]) -> Json:
    told = specs.tooltip(("seconds", "Seconds", ""), ("memory", MEMORY, ""), ("cpu", PROCESSORS, ""))
    layers = [
        _line("memory", MEMORY, specs.COLOURS[0], [], told),
        _line("cpu", PROCESSORS, specs.COLOURS[1], [4, 3], told),
    ]
    return specs.chart(TITLE, layers, data=specs.data(rows), height=260, resolve={"scale": {"y": "independent"}})


def _line(name: str, title: str, colour: str, dash: list[int], told: list[Json]) -> Json:
    from_zero = {"zero": True, "padding": 0}
    y = specs.axis(name, title, scale=from_zero, axis={"titleColor": colour})
    mark = {"type": "line", "color": colour, "strokeDash": dash, "point": {"color": colour, "size": 14}}
    return {"mark": mark, "encoding": {"x": specs.axis("seconds", SECONDS, scale=from_zero), "y": y, "tooltip": told}}
