"""A tier says how many training images a run, such as a linear probe, is given; names and prompts come with it."""

from pathlib import Path

import numpy as np
import pytest

from farfield.runtime.job import Job
from farfield_evaluators.catalog import catalog, find
from farfield_evaluators.data.packs import Pack, PackError
from farfield_evaluators.run_plan import Entrant, Staging, cells_of
from farfield_evaluators.suite import ImportRequest
from farfield_evaluators.suites.clip_benchmark.drawings import PROMPTS

BOARD = find("clip-benchmark/drawings")
SHOTS = {"zero-shot": 0, "1-shot": 1, "8-shot": 8}


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    importer = catalog().importers[BOARD.pack]
    return importer.run(ImportRequest(path=None, packs=tmp_path_factory.mktemp("packs")))


def staging(pack: Pack, tier: str, folder: Path) -> Staging:
    entrant = Entrant(identity="a", benchmark=BOARD.name, method="m")
    (cell,) = cells_of(BOARD.plan, tier, entrant)
    folder.mkdir()
    description = {"name": "m", "config_schema": {}}
    return Staging(
        benchmark=BOARD,
        pack=pack,
        tier=tier,
        cell=cell,
        entrant=entrant,
        description=description,
        config={},
        folder=folder,
    )


@pytest.mark.parametrize(("tier", "number"), SHOTS.items())
def test_a_run_is_given_the_images_of_its_tier(pack: Pack, tmp_path: Path, tier: str, number: int) -> None:
    staged = BOARD.plan.stage(staging(pack, tier, tmp_path / "in"))
    assert (tmp_path / "in" / "train").exists() == bool(number)
    if number:
        labels = np.load(tmp_path / "in" / "train" / "labels.npy")
        assert np.bincount(labels).tolist() == [number] * len(pack.classes)
    Job(plugin="p", name="m", **dict(staged.job)).write(tmp_path)
    job = Job.read(tmp_path)
    assert job.prompt_templates == tuple(text.replace("{c}", "{}") for text in PROMPTS)
    assert job.class_names == tuple(each.name for each in pack.classes)
    assert len(staged.truth) == len(pack.members("test"))


def test_more_shots_than_a_class_has_are_refused(pack: Pack, tmp_path: Path) -> None:
    with pytest.raises(PackError, match="has no set 'shots-16'"):
        BOARD.plan.stage(staging(pack, "16-shot", tmp_path / "in"))


def test_tiers_are_never_compared_and_have_the_same_figures() -> None:
    assert [metric.name for metric in BOARD.metrics] == ["accuracy", "top5", "class-accuracy"]
    keys = {tier.name: BOARD.comparability_key("0", tier.name) for tier in BOARD.plan.tiers}
    assert len(set(keys.values())) == len(keys) == 7
