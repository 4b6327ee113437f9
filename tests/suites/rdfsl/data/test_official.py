"""RD-FSL's release as it lies on disk, in trees of a few images: what is taken, and what is told of what is wrong."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from farfield_evaluators.catalog import find
from farfield_evaluators.data.packs import Pack, PackError
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.suites.rdfsl.data.official import CLASSES, import_official
from farfield_evaluators.suites.rdfsl.names import FOLDERS
from farfield_evaluators.suites.rdfsl.plan import Episodes
from farfield_evaluators.suites.rdfsl.staging import pools, truth_of

SUPPORT, QUERY = 10, 15


def images(folder: Path, count: int, level: int) -> Path:
    folder.mkdir(parents=True)
    for number in range(count):
        Image.fromarray(np.full((8, 8, 3), (level * 7 + number) % 256, np.uint8)).save(folder / f"{number}.png")
    return folder


def classes(name: str) -> Iterator[tuple[str, str, str]]:
    """Folders as the release calls them: with counts at the class, at the folder, or nowhere."""
    for number in range(5):
        if name == "plant_virus":
            yield f"Tomato___Spot_{number}", f"support_{SUPPORT}", f"query_{QUERY}"
        elif name in ("fungus", "minet", "insect"):
            yield f"kind {number}_query_{QUERY}_support_{SUPPORT}", "support", "query"
        else:
            yield f"Kind{number}", "support", "query"


@pytest.fixture
def release(tmp_path: Path) -> Path:
    root, level = tmp_path / "rdfsl", 0
    for name in FOLDERS.values():
        for called, support, query in classes(name):
            images(root / name / called / support, SUPPORT, level)
            images(root / name / called / query, QUERY, level + 1)
            level += 2
    for name in ("n01532829", "n01558993"):
        images(root / "base" / name, 3, level)
    return root


@pytest.fixture
def pack(release: Path, tmp_path: Path) -> Pack:
    return import_official(release, tmp_path / "packs", subset=True)


def test_a_part_of_the_release_is_imported_as_one(pack: Pack) -> None:
    assert (pack.official, pack.release) == (False, "subset")
    names = [each.name for each in pack.classes]
    assert names[:3] == ["n01532829", "n01558993", "Animals: Kind0"]
    assert {"Fungi: kind 3", "Plant viruses: Tomato Spot 4"} <= {" ".join(name.split()) for name in names}
    assert pack.classes[0].synsets == ("n01532829",)
    counts = pack.counts()
    assert counts["base"] == 6
    assert (counts["support-mineral"], counts["query-mineral"]) == (5 * SUPPORT, 5 * QUERY)


def test_the_board_lays_out_its_episodes_of_it(pack: Pack) -> None:
    board = find("rdfsl/official")
    assert isinstance(board.plan, Episodes)
    episode = board.plan.episode({"shots": 10})
    truth = truth_of(board, pack, episode, 2, board.plan.seed)
    assert len(truth) == 6 * 2 * len(episode) == 6 * 2 * 125
    assert {len(pools(pack, domain, episode)) for domain in board.domains} == {5}
    assert set(truth.domains.tolist()) == {-1, 0, 1, 2, 3, 4, 5}


def test_all_that_is_wrong_is_told_at_once(release: Path, tmp_path: Path) -> None:
    shutil.rmtree(release / "base")
    shutil.rmtree(release / "oracle")
    (release / "animal" / "readme.txt").write_text("x")
    (release / "animal" / "Kind0" / "query" / "0.png").unlink()
    images(release / "animal" / "Kind1" / "support_2", 2, 3)
    images(release / "animal" / "Kind1" / "test", 2, 3)
    with pytest.raises(ImportProblems) as caught:
        import_official(release, tmp_path / "packs")
    problems = caught.value.problems
    assert problems[0].startswith("base: no folder")
    assert {
        "animal/readme.txt: not a folder of a class",
        "animal/Kind0: 14 images of query; an episode takes 15",
        "animal/Kind1/support_2: a second folder of support",
        "animal/Kind1/test: neither of support and query",
        "oracle: no folder",
    } <= set(problems)
    assert [f"{FOLDERS[name]}: 5 classes, not {count}" for name, count in CLASSES.items()] == list(problems[-5:])
    assert not (tmp_path / "packs" / "rdfsl").exists() or not list(
        (tmp_path / "packs" / "rdfsl").glob("*/manifest.json")
    )


def test_an_image_that_cannot_be_read_is_named(release: Path, tmp_path: Path) -> None:
    (release / "minet" / f"kind 0_query_{QUERY}_support_{SUPPORT}" / "query" / "1.png").write_bytes(b"no image")
    with pytest.raises(ImportProblems, match=r"minet/kind 0_query_15_support_10/query/1.png: unreadable"):
        import_official(release, tmp_path / "packs", subset=True)


def test_another_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="has none of the folders animal, insect, minet"):
        import_official(tmp_path, tmp_path / "packs")
