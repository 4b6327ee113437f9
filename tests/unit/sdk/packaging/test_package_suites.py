"""Suites in a submitted package: named, and never loaded."""

from pathlib import Path

from tests.unit.sdk.packaging.test_package import SDIST
from tests.wheelhouse import make_wheel, write_sdist

from farfield.packaging.intake import look_into_package
from farfield.packaging.package import inspect_package


def test_suites_of_benchmarks_in_a_package_are_not_looked_at_and_that_is_said(tmp_path: Path) -> None:
    """What such an entry point names need not even be there: nobody on a site or a worker loads it."""
    points = "[farfield]\na = toy_method\n[farfield.suites]\nmine = no_such_module:SUITE\n" + "".join(
        f"s{number} = no_such_module\n" for number in range(100)
    )
    package = inspect_package(make_wheel(tmp_path, "toy-method", points=points))
    assert package.suites[:2] == ("mine", "s0")
    assert len(package.suites) == 10
    assert package.ignored.startswith("its suites of benchmarks are not loaded (mine, s0, ")
    project = SDIST["toy_method-1.0/pyproject.toml"] + b"[project.entry-points.'farfield.suites']\nmine = 'm:S'\n"
    sdist = write_sdist(tmp_path, {**SDIST, "toy_method-1.0/pyproject.toml": project})
    assert inspect_package(sdist).suites == ("mine",)
    assert look_into_package(sdist).suites == ("mine",)
