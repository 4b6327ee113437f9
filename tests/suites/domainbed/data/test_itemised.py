"""Data sets whose images are named one by one: what is imported of a copy, and what is said when it is not whole."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.suites.domainbed.data import domainbed_case as case

from farfield_evaluators.data.packs import Pack, PackError, list_packs
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.suite import ImportRequest
from farfield_evaluators.suites.domainbed import datasets
from farfield_evaluators.suites.domainbed.data import spawrious
from farfield_evaluators.suites.domainbed.data.importers import IMPORTERS
from farfield_evaluators.suites.domainbed.plan import DomainBed
from farfield_evaluators.suites.domainbed.staging import environment_sizes, environments, stage_run
from farfield_evaluators.suites.domainbed.sweep import Cell

BY_NAME = {importer.name: importer for importer in IMPORTERS}
EASY = "domainbed/spawrious-o2o-easy"


def imported(name: str, root: Path | None, tmp_path: Path, *, subset: bool = False) -> Pack:
    return BY_NAME[name].run(ImportRequest(path=root, packs=tmp_path / "packs", subset=subset))


def dogs(root: Path, each: int = 2) -> Path:
    """Spawrious with so few images of a breed and place."""
    for number, place in enumerate(f"{half}/{place}" for half in (0, 1) for place in case.LOCATIONS):
        for breed in spawrious.BREEDS:
            folder = root / "spawrious224" / place / breed
            folder.mkdir(parents=True)
            for image in range(each):
                colour = (20 * number, 50 * spawrious.BREEDS.index(breed), 90 * image)
                Image.new("RGB", (4, 4), colour).save(folder / f"{image}.png")
    return root


def test_a_part_of_spawrious(tmp_path: Path) -> None:
    pack = imported(EASY, dogs(tmp_path), tmp_path, subset=True)
    assert (pack.official, pack.release) == (False, "subset")
    assert environment_sizes(datasets.find(EASY), pack) == {"Test": 16, "SC_group_1": 16, "SC_group_2": 16}
    assert pack.labels[pack.environment(0)].tolist() == 2 * [0, 0, 2, 2, 3, 3, 1, 1]  # in the order of its places
    assert [c.name for c in pack.classes] == list(spawrious.BREEDS)


def test_training_images_that_are_given_on_request_are_linked(tmp_path: Path) -> None:
    """And those that the run sees hold no image of the environment that is tested on."""
    pack = imported(EASY, dogs(tmp_path), tmp_path, subset=True)
    cell = Cell(dataset="Spawrious", algorithm="ERM", test_envs=(0,), hparams_seed=0, trial_seed=0)
    found = environments(datasets.find(EASY), pack, cell)
    images = []
    for on_request in (True, False):
        folder = tmp_path / str(on_request)
        stage_run(found, pack, cell, folder, on_request=on_request)
        blob = (folder / "train" / "images.bin").read_bytes()
        images.append([blob[start:stop] for start, stop in np.load(folder / "train" / "spans.npy").tolist()])
    assert images[0] == images[1]
    assert (tmp_path / "True" / "train" / "images.bin").samefile(pack.blob)
    assert (tmp_path / "False" / "train" / "images.bin").stat().st_size == sum(map(len, images[1]))


def test_spawrious_must_be_whole(tmp_path: Path) -> None:
    with pytest.raises(ImportProblems, match=r"0/beach/bulldog: 2 images, not 3,168; 3,166 missing"):
        imported(EASY, dogs(tmp_path), tmp_path)
    with pytest.raises(PackError, match="no folder 0"):
        imported(EASY, tmp_path / "spawrious224" / "0", tmp_path)


def test_an_image_of_the_table_that_is_not_there(tmp_path: Path) -> None:
    name, root = "domainbed/wilds-camelyon", case.WILDS["WILDSCamelyon"](tmp_path)
    with pytest.raises(ImportProblems, match="metadata.csv has 8 images, not 455,954"):
        imported(name, root.parent, tmp_path)
    gone = next(root.glob("patches/*/*.png"))
    gone.unlink()
    with pytest.raises(ImportProblems, match=f"{gone.name}: missing"):
        imported(name, root, tmp_path)
    assert list_packs(tmp_path / "packs") == []


def test_noise_is_the_same_everywhere(tmp_path: Path) -> None:
    first, second = (imported("domainbed/debug-28", None, tmp_path / name) for name in ("one", "two"))
    assert first.fingerprint == second.fingerprint
    assert [len(first.environment(number)) for number in range(3)] == [16, 16, 16]
    assert abs(float(np.mean(first.pixels)) - 127.5) < 1
    plan = DomainBed(datasets.find("domainbed/debug-28"), titles=("0", "1", "2"))
    assert plan.classes(first) == ("0", "1")
