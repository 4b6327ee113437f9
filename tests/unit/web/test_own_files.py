"""A benchmark's file is on both sides or on none: what differs is said with what to copy where."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.evaluators.own.made import FOLDERS, installed

from farfield_evaluators.catalog import catalog
from farfield_web.runs.suites import hold
from farfield_workers.suites import announced_suites


@pytest.fixture(autouse=True)
def own(tmp_path: Path) -> Iterator[None]:
    with installed(tmp_path / "site", toys=FOLDERS):
        yield


def test_the_same_file_on_both_is_taken(tmp_path: Path) -> None:
    said = announced_suites(catalog())
    assert hold(said.offered).refused == ()
    assert {"own-toys"} <= {suite["name"] for suite in said.offered}


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"toys": FOLDERS.replace('"accuracy"', '"ece"')}, "copy the same file to both, and restart"),
        ({"toys": f'version = "2"\n{FOLDERS}'}, "the worker has toys.toml 2, the site 1"),
        ({"others": FOLDERS}, "the site has no others.toml: copy it to the site's folder of benchmarks, and restart"),
    ],
)
def test_another_file_is_refused_with_what_to_do(tmp_path: Path, files: dict[str, str], says: str) -> None:
    with installed(tmp_path / "worker", **files):
        said = announced_suites(catalog())
    with installed(tmp_path / "site"):
        [refused] = hold(said.offered).refused
    assert says in refused.message


def test_a_broken_file_of_the_worker_is_kept_with_its_reason(tmp_path: Path) -> None:
    with installed(tmp_path / "worker", broken="title = 1"):
        said = announced_suites(catalog())
    assert [row["refused"] for row in hold((), said.refused).rows if "broken.toml" in row["refused"]]
