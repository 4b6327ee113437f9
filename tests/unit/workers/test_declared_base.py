"""Declared bases on the real path, in a process of its own: trained once for all that declare them alike."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.basedplugin import install_based_plugin
from tests.unit.workers.conftest import Recorder

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import find
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.plans.trials import Trials
from farfield_evaluators.run_plan import Cell, Entrant, Staged, Staging
from farfield_workers import base_phase
from farfield_workers.base_phase import BasePhases, BaseRun
from farfield_workers.evaluation import Evaluator, Outcome, Request
from farfield_workers.failures import RunFailure
from farfield_workers.installed import Installed, describe_installed
from farfield_workers.made_of import hash_of
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.base import Limits
from farfield_workers.sandbox.process import ProcessSandbox
from farfield_workers.sandbox.runtime import THREADS


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install_based_plugin(tmp_path_factory.mktemp("plugin"))


@pytest.fixture(autouse=True)
def based(plugin: Path, toy_plugin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FARFIELD_PLUGIN_PATH", str(plugin))


class Site:
    """A worker's evaluation path on one data folder."""

    def __init__(self, var: Path, pack: Pack, installed: Installed) -> None:
        self.var, self.pack, self.board, self.installed = var, pack, find("imagenet-ood/mini"), installed

    def run(
        self, name: str, trial: int = 0, board: Benchmark | None = None, **config: object
    ) -> tuple[Outcome, Recorder]:
        observer = Recorder()
        request = Request(
            benchmark=board or self.board,
            pack=self.pack,
            runnable=Runnable(description=self.installed.method(f"based-{name}")),
            cell=Cell(at={"trial": trial}, seed=trial + 100),
            config=config,
        )
        return Evaluator(self.installed, ProcessSandbox(), self.var).run(request, observer), observer

    def staging(self, name: str, **config: object) -> Staging:
        return Staging(
            benchmark=self.board, pack=self.pack, tier="", cell=Cell(at={"trial": 0}), folder=self.var / "in",
            entrant=Entrant(identity="", benchmark="b", method="m"), config=config,
            description=self.installed.method(f"based-{name}"),
        )  # fmt: skip

    def key(
        self,
        name: str,
        *,
        runnable: Runnable | None = None,
        environment: str = "e",
        threads: int | None = None,
        **config: object,
    ) -> str:
        """The hash by which the base of a method is kept."""
        staging = self.staging(name, **config)
        part = staging.benchmark.plan.base_part(staging)
        assert part is not None
        run = BaseRun(
            part=part, runnable=runnable or Runnable(description=dict(staging.description)), gpu=None, folder=self.var,
            machine={"plugin": "farfield-based", "device": "cpu", "threads": 2},
            limits=Limits(memory_bytes=1 << 30, seconds=60), withheld=False,
        )  # fmt: skip
        sandbox, shelf = ProcessSandbox(threads=threads), base_phase.shelf_of(self.var)
        return hash_of(BasePhases(sandbox=sandbox, shelf=shelf, environment=environment).made_of(run))

    @property
    def shelf(self) -> list[Path]:
        return sorted((self.var / "cache" / "base-models").glob("*/model/files/arrays.npz"))


@pytest.fixture(scope="module")
def known(plugin: Path) -> Installed:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("FARFIELD_PLUGIN_PATH", str(plugin))
        return describe_installed(ProcessSandbox())


@pytest.fixture
def site(tmp_path: Path, pack: Pack, known: Installed) -> Site:
    return Site(tmp_path, pack, known)


def test_methods_that_declare_the_same_share_it_and_say_the_same_with_it(site: Site) -> None:
    """The second of them tries to change its copy for whoever comes next."""
    (cold, told), (_, harm), (warm, again), (other, others) = (
        site.run(name) for name in ("nearest", "poisons", "nearest", "farthest")
    )
    assert [each.text.count("FIRST of") for each in (told, harm, again, others)] == [1, 0, 0, 0]
    assert "FIRST of 8 images, ['job.json', 'train']" in told.text
    assert "training the base model, once for all runs that begin with it" in told.text
    assert "BEGINS WITH ['means', 'noise'], ['base-model', 'job.json', 'test', 'train']" in others.text
    assert [outcome.cached["base"] for outcome in (cold, warm, other)] == [0.0, 1.0, 1.0]
    by_position = [outcome.arrays["logits"][np.argsort(outcome.staged.truth.positions)] for outcome in (cold, warm)]
    assert by_position[0].tobytes() == by_position[1].tobytes()
    assert cold.evidence.figures == warm.evidence.figures != other.evidence.figures
    assert len(site.shelf) == 1


def test_a_run_whose_plan_says_nothing_of_bases_trains_its_own(site: Site) -> None:
    """By the run's seed: nobody shares it."""
    outcome, told = site.run("nearest", board=replace(site.board, plan=LaysOutItself(1)))
    assert "FIRST of 8 images, ['job.json', 'test', 'train'], seed 100" in told.text
    assert "base" not in outcome.cached
    assert site.shelf == []


class LaysOutItself(Trials):
    def stage(self, staging: Staging) -> Staged:
        return super().stage(staging)


def test_trials_have_bases_of_their_own(site: Site) -> None:
    parts = [site.board.plan.base_part(replace(site.staging("nearest"), cell=Cell(at={"trial": n}))) for n in (0, 1)]
    seeds = [part.job["seed"] for part in parts if part]
    assert len(set(seeds)) == 2


def test_only_what_is_declared_makes_another_base(site: Site) -> None:
    usual = site.key("nearest")
    assert usual == site.key("farthest") == site.key("nearest", shift=2.0) == site.key("nearest", scale=1.0)
    description = site.installed.method("based-nearest")
    changed = {**description, "base": {**description["base"], "train": "farfield_based:others"}}
    assert usual == site.key("sometimes") == site.key("chosen") == site.key("chosen", input="eight")
    others = [
        site.key("nearest", scale=2.0),
        site.key("pickles"),
        site.key("nearest", environment="another"),
        site.key("nearest", runnable=Runnable(description={**description, "version": "1.1"})),
    ]
    site.installed = replace(site.installed, methods={**site.installed.methods, "based-nearest": changed})
    others.append(site.key("nearest"))
    assert len({usual, *others}) == 1 + len(others)


def test_where_nothing_comes_first_the_run_does_without(site: Site) -> None:
    settings = {"shift": 1.0}
    assert site.board.plan.base_part(site.staging("sometimes", **settings)) is None
    outcome, told = site.run("sometimes", **settings)
    assert "BEGINS WITH None" in told.text
    assert "FIRST" not in told.text
    assert "base" not in outcome.cached
    _, told = site.run("sometimes")
    assert "BEGINS WITH ['means', 'noise']" in told.text


def test_other_threads_make_another_base(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of a run's arithmetic, whether its worker has them or the operator says so for all of the machine."""
    one, two = (site.key("nearest", threads=number) for number in (1, 2))
    assert one != two
    for number, key in (("1", one), ("2", two)):
        monkeypatch.setenv(THREADS, number)
        assert site.key("nearest") == key


def test_no_package_gets_what_another_trained(site: Site, plugin: Path) -> None:
    """The same names and declarations in another archive, or as the operator's, make another hash."""
    description = site.installed.method("based-nearest")
    packages = [Runnable(description=description, plugin=plugin, record={"sha256": sha}) for sha in "12"]
    image = Runnable(description=description, image="sha256:1")
    keys = {site.key("nearest", runnable=each) for each in (*packages, image, Runnable(description=description))}
    assert len(keys) == 4


def test_the_shelf_holds_its_bound_and_the_oldest_goes(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.run("nearest")
    (first,) = site.shelf
    size = sum(path.stat().st_size for path in first.parents[1].rglob("*") if path.is_file())
    monkeypatch.setenv(base_phase.SHELF_GIB, str((size + 1) / (1 << 30)))
    site.run("nearest", scale=2.0)
    assert len(site.shelf) == 1
    assert site.shelf != [first]


def test_pixels_that_a_base_was_given_count_as_its_runs(site: Site) -> None:
    site.run("nearest")
    shutil.rmtree(site.var / "cache" / "pixels")
    again, _ = site.run("nearest")
    assert again.cached == {"pixels": 0.0, "base": 1.0}  # of the images that it is tested on alone
    tested = len(again.staged.truth)
    other, _ = site.run("nearest", scale=2.0)
    assert other.cached == {"pixels": tested / (tested + 8), "base": 0.0}


def test_what_is_no_array_of_numbers_ends_the_run(site: Site) -> None:
    with pytest.raises(RunFailure, match="^in the base phase: the base's 'means' must be a numpy array of num") as got:
        site.run("pickles")
    assert (got.value.code, site.shelf) == ("plugin.protocol", [])


def test_a_base_is_of_no_use_without_its_training_set(site: Site) -> None:
    staging = site.staging("nearest")
    nothing: Any = replace(staging, benchmark=replace(site.board, train_set=None))
    assert site.board.plan.base_part(nothing) is None
