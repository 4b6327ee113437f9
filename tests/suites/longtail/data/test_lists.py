"""ImageNet-LT, Places-LT and iNaturalist 2018 in their official layouts: what is imported, and what is wrong."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.suites.imagenet.data.trees import picture
from tests.suites.longtail.data import trees

from farfield_evaluators.data import imagenet_classes
from farfield_evaluators.data.packs import Pack, PackError, list_packs, verify
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.evaluate import evaluate
from farfield_evaluators.staging import stage
from farfield_evaluators.suites.longtail import benchmarks
from farfield_evaluators.suites.longtail.data.lists import Release, import_lists
from farfield_evaluators.suites.longtail.data.releases import IMAGENET_LT, INATURALIST18, PLACES_LT, place_name
from farfield_evaluators.suites.longtail.shots import BUCKETS, DECOUPLING, OLTR

BENCHMARKS = {
    trees.SMALL_IMAGENET.pack: benchmarks.IMAGENET_LT,
    trees.SMALL_PLACES.pack: benchmarks.PLACES_LT,
    trees.SMALL_INATURALIST.pack: benchmarks.INATURALIST,
}
RELEASES = [trees.SMALL_IMAGENET, trees.SMALL_PLACES, trees.SMALL_INATURALIST]
Grown = Callable[[Release], Path]


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Grown:
    """The tree of a release, written once; it is copied before something in it is changed."""
    made: dict[str, Path] = {}

    def grown(release: Release) -> Path:
        if release.pack not in made:
            made[release.pack] = trees.grow(release, tmp_path_factory.mktemp(release.pack))
        return made[release.pack]

    return grown


@pytest.fixture
def grown(once: Grown, tmp_path: Path) -> Grown:
    return lambda release: Path(shutil.copytree(once(release), tmp_path / "tree" / release.pack))


def refused(release: Release, root: Path, packs: Path, **options: object) -> tuple[str, ...]:
    with pytest.raises(ImportProblems) as caught:
        import_lists(release, root, packs, **options)
    assert list_packs(packs) == []
    return caught.value.problems


def buckets(pack: Pack, column: str, name: str) -> dict[int, str]:
    """The bucket of each class, by the images of a set."""
    members = pack.members(name)
    numbers = pack.column(column).at(members).values
    return {int(label): BUCKETS[number] for label, number in zip(pack.labels[members], numbers, strict=True)}


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.pack)
def test_a_release_is_imported_with_the_buckets_of_both_conventions(
    release: Release, once: Grown, tmp_path: Path
) -> None:
    pack = import_lists(release, once(release), tmp_path)
    verify(pack)
    assert pack.official
    assert pack.counts()["train"] == sum(trees.COUNTS)
    assert np.bincount(pack.labels[pack.members("train")]).tolist() == list(trees.COUNTS)
    for name in ("train", "test"):
        assert list(buckets(pack, OLTR.column, name).values()).count("many") == 2
        assert buckets(pack, OLTR.column, name) == dict(enumerate(["many"] * 2 + ["medium"] * 2 + ["few"] * 2))
        assert buckets(pack, DECOUPLING.column, name) == dict(enumerate(["many"] + ["medium"] * 4 + ["few"]))
    assert any("training images per class: 19 to 101" in note for note in pack.notes)


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.pack)
def test_a_run_on_it_has_every_figure_of_its_board(release: Release, once: Grown, tmp_path: Path) -> None:
    """A method that knows the many-shot classes of OLTR, and takes everything else for the first class."""
    pack = import_lists(release, once(release), tmp_path / "packs")
    benchmark = BENCHMARKS[release.pack]
    truth = stage(benchmark, pack, tmp_path / "staged", None)
    answers = np.where(truth.labels < 2, truth.labels, 0)
    figures = {f.metric: f.value for f in evaluate(benchmark, truth, {"logits": np.eye(truth.classes)[answers]})}
    assert {column.metric for column in benchmark.columns} <= figures.keys()
    assert figures["accuracy"] == pytest.approx(2 / 6)
    assert [figures[f"{bucket}-accuracy-{OLTR.bounds[bucket]}"] for bucket in BUCKETS] == [1, 0, 0]
    assert [figures[f"{bucket}-accuracy-{DECOUPLING.bounds[bucket]}"] for bucket in BUCKETS] == [1, 0.25, 0]


def test_validation_images_are_handed_to_a_fit_that_asks(once: Grown, tmp_path: Path) -> None:
    pack = import_lists(trees.SMALL_PLACES, once(trees.SMALL_PLACES), tmp_path / "packs")
    stage(benchmarks.PLACES_LT, pack, tmp_path / "staged", None)
    assert sorted(np.load(tmp_path / "staged" / "val" / "labels.npy").tolist()) == list(range(trees.CLASSES))
    assert benchmarks.INATURALIST.parts == {}


def test_places_are_named_by_their_folders(once: Grown, tmp_path: Path) -> None:
    pack = import_lists(trees.SMALL_PLACES, once(trees.SMALL_PLACES), tmp_path)
    assert [c.name for c in pack.classes] == [place_name(folder) for folder in trees.PLACES]
    assert pack.classes[2].name == "athletic field, outdoor"


def test_validation_images_without_class_folders_are_the_same_pack(once: Grown, grown: Grown, tmp_path: Path) -> None:
    """The lists that circulate name `val/<wnid>/` or `val/`, and so do copies of the images; each goes with each."""
    whole = import_lists(trees.SMALL_IMAGENET, once(trees.SMALL_IMAGENET), tmp_path / "packs")
    root = grown(trees.SMALL_IMAGENET)
    for image in list((root / "val").glob("*/*")):
        image.rename(root / "val" / image.name)
    assert import_lists(trees.SMALL_IMAGENET, root, tmp_path / "packs").fingerprint == whole.fingerprint
    file = root / "ImageNet_LT_test.txt"
    lines = [line.split("/") for line in file.read_text().splitlines()]
    file.write_text("".join(f"{line[0]}/{line[2]}\n" for line in lines))
    assert import_lists(trees.SMALL_IMAGENET, root, tmp_path / "packs").fingerprint == whole.fingerprint
    shutil.rmtree(root / "val")
    shutil.copytree(once(trees.SMALL_IMAGENET) / "val", root / "val")
    assert import_lists(trees.SMALL_IMAGENET, root, tmp_path / "packs").fingerprint == whole.fingerprint


def test_inaturalists_json_gives_the_pack_of_its_lists(once: Grown, grown: Grown, tmp_path: Path) -> None:
    listed = import_lists(trees.SMALL_INATURALIST, once(trees.SMALL_INATURALIST), tmp_path)
    root = trees.as_json(grown(trees.SMALL_INATURALIST))
    assert import_lists(trees.SMALL_INATURALIST, root, tmp_path).fingerprint == listed.fingerprint


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("[", "is no file of images and annotations"),
        ('{"images": []}', "'annotations' is missing"),
        ('{"images": [{"id": "1", "file_name": "a/0/b.jpg"}], "annotations": []}', "'1' is no whole number"),
        ('{"images": [{"id": 5, "file_name": "a/0/b.jpg"}], "annotations": []}', "image 5 has no annotation"),
    ],
)
def test_a_json_that_is_none_is_named(grown: Grown, tmp_path: Path, content: str, says: str) -> None:
    root = trees.as_json(grown(trees.SMALL_INATURALIST))
    (root / "train2018.json").write_text(content)
    problems = refused(trees.SMALL_INATURALIST, root, tmp_path / "packs")
    assert any(says in problem and problem.startswith("train2018.json") for problem in problems)


def test_everything_that_is_wrong_with_a_line_is_named(grown: Grown, tmp_path: Path) -> None:
    root = grown(trees.SMALL_IMAGENET)
    wnids = imagenet_classes.wnids()
    file = root / "ImageNet_LT_val.txt"
    kept = file.read_text().splitlines()
    wrong = [
        f"train/{wnids[0]}/no-such.JPEG 0",
        f"{kept[1].rpartition(' ')[0]} 2",
        "no-label",
        "../x.JPEG 1",
        f"train/{wnids[1]}/a.JPEG 1000",
        kept[5],
    ]
    file.write_text("\n".join(wrong) + "\n")
    problems = refused(trees.SMALL_IMAGENET, root, tmp_path / "packs")
    assert problems[:5] == (
        f"ImageNet_LT_val.txt line 1: train/{wnids[0]}/no-such.JPEG: missing in {root.name}",
        f"ImageNet_LT_val.txt line 2: {kept[1].rpartition(' ')[0]}: label 2 is of the folder {wnids[2]}",
        "ImageNet_LT_val.txt line 3: no-label: is not `relpath label`",
        "ImageNet_LT_val.txt line 4: ../x.JPEG: leads out of the folder of images",
        f"ImageNet_LT_val.txt line 5: train/{wnids[1]}/a.JPEG: label 1000 is not from 0 to 5",
    )
    assert "ImageNet_LT_val.txt: 1 images, not 6; 5 missing" in problems


def test_a_place_with_two_labels_is_named(grown: Grown, tmp_path: Path) -> None:
    root = grown(trees.SMALL_PLACES)
    file = root / "Places_LT_val.txt"
    file.write_text(file.read_text().replace("train/bar/val_0.jpg 3", "train/bar/val_0.jpg 4"))
    problems = refused(trees.SMALL_PLACES, root, tmp_path / "packs")
    assert "Places_LT_val.txt line 4: train/bar/val_0.jpg: label 4 is of the folder barn in another line" in problems


def test_an_image_in_two_lists_is_named(grown: Grown, tmp_path: Path) -> None:
    root = grown(trees.SMALL_PLACES)
    train = (root / "Places_LT_train.txt").read_text().splitlines()
    test = root / "Places_LT_test.txt"
    test.write_text("\n".join([train[0], *test.read_text().splitlines()[1:]]) + "\n")
    problems = refused(trees.SMALL_PLACES, root, tmp_path / "packs", subset=True)
    assert problems == (f"{train[0].rpartition(' ')[0]}: is listed in train and in test",)


def test_a_list_that_is_missing_and_a_count_that_is_wrong(grown: Grown, tmp_path: Path) -> None:
    root = grown(trees.SMALL_PLACES)
    (root / "Places_LT_val.txt").unlink()
    train = root / "Places_LT_train.txt"
    train.write_text("".join(train.read_text().splitlines(keepends=True)[1:]))
    problems = refused(trees.SMALL_PLACES, root, tmp_path / "packs")
    assert "Places_LT_val.txt: missing; it is the list of val" in problems
    assert "Places_LT_train.txt: 359 images, not 360; 1 missing" in problems


def test_a_number_that_nobody_confirmed_is_said_and_not_enforced(once: Grown, tmp_path: Path) -> None:
    release = replace(trees.SMALL_IMAGENET, remembered={"train": 115_846})
    pack = import_lists(release, once(trees.SMALL_IMAGENET), tmp_path)
    assert pack.notes[-1] == "train has 360 images; 115,846 were expected, a number that is not confirmed"


def test_a_part_is_imported_as_what_it_is(grown: Grown, tmp_path: Path) -> None:
    root = grown(trees.SMALL_PLACES)
    train = root / "Places_LT_train.txt"
    kept = [line for line in train.read_text().splitlines() if not line.endswith(" 2")]
    train.write_text("\n".join(kept) + "\n")
    pack = import_lists(trees.SMALL_PLACES, root, tmp_path / "packs", subset=True)
    assert (pack.official, pack.release, pack.counts()["train"]) == (False, "subset", 261)


def test_a_part_without_a_bucket_is_refused_with_its_name(grown: Grown, tmp_path: Path) -> None:
    """Its figure would be undefined, and every run would end without the board's columns."""
    root = grown(trees.SMALL_PLACES)
    train = root / "Places_LT_train.txt"
    train.write_text("".join(train.read_text().splitlines(keepends=True)[1:]))  # class 0 has exactly 100 now
    problems = refused(trees.SMALL_PLACES, root, tmp_path / "packs", subset=True)
    assert problems == ("test: no image of a class that is many by shots-gt100-lt20",)


def test_a_folder_that_is_none_of_it(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"has none of Places_LT_train.txt, .*give the folder with the lists"):
        import_lists(trees.SMALL_PLACES, tmp_path, tmp_path / "packs")
    with pytest.raises(PackError, match=r"or train2018.json, val2018.json"):
        import_lists(trees.SMALL_INATURALIST, tmp_path, tmp_path / "packs")


def test_an_image_that_cannot_be_read_is_named(grown: Grown, tmp_path: Path) -> None:
    root = grown(trees.SMALL_INATURALIST)
    where = trees.path_of(trees.SMALL_INATURALIST, "train", 3, 0)
    (root / where).write_bytes(b"no image")
    problems = refused(trees.SMALL_INATURALIST, root, tmp_path / "packs")
    assert [problem.partition(": unreadable")[0] for problem in problems] == [where]


def test_images_may_lie_where_the_release_unpacks_them(grown: Grown, tmp_path: Path) -> None:
    root = grown(trees.SMALL_IMAGENET)
    home = root / "ILSVRC" / "Data" / "CLS-LOC"
    home.mkdir(parents=True)
    for name in ("train", "val"):
        (root / name).rename(home / name)
    lists = root / "data" / "ImageNet_LT"
    lists.mkdir(parents=True)
    for file in root.glob("*.txt"):
        file.rename(lists / file.name)
    assert import_lists(trees.SMALL_IMAGENET, root, tmp_path / "packs").official


def test_the_releases_have_the_counts_of_their_lists() -> None:
    assert PLACES_LT.counts == {"train": 62_500, "val": 7_300, "test": 36_500}
    assert (IMAGENET_LT.counts["val"], IMAGENET_LT.counts["test"]) == (20 * 1000, 50 * 1000)
    assert INATURALIST18.counts["test"] == 3 * INATURALIST18.class_count
    assert {release.pack for release in (IMAGENET_LT, PLACES_LT, INATURALIST18)} == BENCHMARKS.keys()


def test_an_extra_image_beside_the_lists_is_not_looked_at(grown: Grown, tmp_path: Path) -> None:
    root = grown(trees.SMALL_PLACES)
    picture(root / "train" / "airfield" / "not-listed.jpg")
    (root / "Places_LT_open.txt").write_text("train/airfield/not-listed.jpg -1\n")
    assert sum(import_lists(trees.SMALL_PLACES, root, tmp_path / "packs").counts().values()) == 360 + 6 + 12
