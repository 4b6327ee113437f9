"""A third party's plugin, from its sources to a wheel to an installed, listed and checked method."""

from pathlib import Path

from tests.specimen import SPECIMEN, run_python, specimen_site

__all__ = ["specimen_site"]


def test_the_wheel_is_what_is_imported(specimen_site: dict[str, str]) -> None:
    where = run_python("-c", "import farfield_specimen as f; print(f.__file__)", environment=specimen_site)
    assert Path(where.strip()).is_relative_to(specimen_site["PYTHONPATH"])


def test_it_is_listed_with_its_distribution(specimen_site: dict[str, str]) -> None:
    lines = run_python("-m", "farfield", "methods", environment=specimen_site).splitlines()
    listed = {line.split()[0]: line.split()[1:5] for line in lines}
    assert listed["colour-histogram"] == ["classification", "images", "farfield-specimen", "0.1.0"]
    assert listed["colour-histogram-detector"] == ["ood-detection", "images", "farfield-specimen", "0.1.0"]


def test_it_passes_the_check(specimen_site: dict[str, str]) -> None:
    for name, family in (("colour-histogram", "classification"), ("colour-histogram-detector", "ood-detection")):
        said = run_python("-m", "farfield", "check", name, environment=specimen_site)
        assert said == f"{name} keeps the {family} protocol\n"


def test_its_own_tests_pass_against_the_wheel(specimen_site: dict[str, str]) -> None:
    said = run_python("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests", environment=specimen_site, cwd=SPECIMEN)
    assert "4 passed" in said
