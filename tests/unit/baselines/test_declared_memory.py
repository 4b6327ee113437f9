"""Kind: limits that limit the wrong thing. What baselines declare is what they hold and half as much again.

What they hold was measured by `python -m bench.memory --write`, which keeps it in bench/memory.json.
"""

from pathlib import Path

import pytest
from bench.memory import MARGIN, Bench, Measured, declared_by, table

from farfield.choices import called
from farfield_local.demo.entries import Part, entries
from farfield_workers.installed import Installed, describe_installed
from farfield_workers.sandbox.process import ProcessSandbox

# An interpreter with numpy and what a batch of images takes: less is not worth declaring.
LEAST_GIB = 0.5
MOST_TIMES = 4.0
ROWS = table()
# Whoever measures one of these takes it out here; nobody adds one.
UNMEASURED = frozenset(
    {
        "clip-car-ft",
        "clip-ft",
        "clip-lp-ft",
        "loki",
        "mini-clip-wise-ft",
        "mtfa",
        "nmtune",
    }
)


@pytest.fixture(scope="module")
def installed() -> Installed:
    return describe_installed(ProcessSandbox())


@pytest.fixture(scope="module")
def declared_memory(installed: Installed) -> dict[str, float]:
    """GiB by the method's name."""
    return declared_by(installed)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.method} on {row.on}")
def test_a_method_declares_what_it_holds_and_half_as_much_again(
    row: Measured, declared_memory: dict[str, float]
) -> None:
    declared = declared_memory[row.method]
    assert declared >= row.peak_gib * MARGIN
    assert declared <= max(LEAST_GIB, row.peak_gib * MOST_TIMES)


def test_every_method_of_the_demo_was_measured_and_the_default_of_domainbed(installed: Installed) -> None:
    wanted = {called(installed.method(entry.method), entry.config) for entry in entries(Part.MORE)} | {"erm"}
    assert wanted - {row.method for row in ROWS} == UNMEASURED


@pytest.mark.parametrize("name", ["constant", "constant-detector"])
def test_measured_again_it_is_the_same(
    name: str, installed: Installed, declared_memory: dict[str, float], tmp_path: Path
) -> None:
    """The light ones, so that the table cannot drift away from the code."""
    (again,) = Bench(installed=installed, var=tmp_path).runs([name])
    known = next(row for row in ROWS if row.method == name)
    assert again.peak_gib * MARGIN <= declared_memory[name]
    assert again.peak_gib == pytest.approx(known.peak_gib, rel=0.5)
