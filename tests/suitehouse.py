"""Small distributions that bring suites, good and bad, written as an installer would leave them in a folder."""

from importlib.metadata import EntryPoint, distributions
from itertools import count
from pathlib import Path

from farfield_evaluators.catalog import catalog
from farfield_evaluators.suite import GROUP

catalog()  # it is kept for the process: what a test installs must not be in it
_NUMBER = count()
# A suite of one benchmark, on the demo's pack. What a test needs otherwise stands in `changes` of the benchmark.
MODULE = """
from dataclasses import replace
from farfield_evaluators.plans.trials import Trials
from farfield_evaluators.suite import Importer, Suite
from farfield_evaluators.suites.mini.classification import IMAGENET_OOD_MINI

BENCHMARK = replace(IMAGENET_OOD_MINI, name="{benchmark}")
SUITE = Suite(name="{name}", benchmarks=(BENCHMARK,))
"""


def install_suite(
    folder: Path, name: str, *, distribution: str = "", version: str = "1.0", benchmark: str = "", code: str = ""
) -> None:
    """A distribution with one suite; `code` follows the module, and may make SUITE anew."""
    distribution = distribution or f"dist-{name}"
    module = f"suite_{next(_NUMBER)}"  # what was imported once is not read again
    text = MODULE.format(name=name, benchmark=benchmark or f"{name}/one") + code
    (folder / f"{module}.py").write_text(text, encoding="utf-8")
    info = folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
    points = info / "entry_points.txt"
    before = points.read_text() if points.exists() else f"[{GROUP}]\n"
    points.write_text(f"{before}{name} = {module}:SUITE\n")


def points_in(folder: Path) -> list[EntryPoint]:
    """The entry points of suites of what is installed in a folder, which must be on the path to be loaded."""
    return [point for d in distributions(path=[str(folder)]) for point in d.entry_points if point.group == GROUP]
