"""Features that another pack's images have already are copied: the same numbers, and nothing is computed twice."""

import json
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.unit.workers.conftest import Recorder, whole

from farfield_evaluators.data.packs import Example, Pack, PackClass, Source, build
from farfield_workers.backbones import Backbone
from farfield_workers.failures import RunFailure
from farfield_workers.feature_files import IMAGES
from farfield_workers.features import FeatureCache
from farfield_workers.sandbox.base import Ending, Execution, Finished, Stopped, Tick
from farfield_workers.shared_features import digests_of, neighbours

BACKBONE = Backbone(name="sums", plugin="sums", version="1")
WIDTH = 3


class Sums:
    """A sandbox whose backbone gives each image its bytes' sum, and which counts the images."""

    name, isolates, runs_images = "sums", True, False

    def __init__(self, width: int = WIDTH) -> None:
        self.width = width
        self.counts: list[int] = []
        self.begun, self.goes_on = threading.Event(), threading.Event()
        self.goes_on.set()

    def run(self, execution: Execution, tick: Tick) -> Finished:
        assert execution.source is not None
        assert json.loads((execution.source / "job.json").read_text())["kind"] == "features"
        self.begun.set()
        assert self.goes_on.wait(20)
        spans = np.load(execution.source / "test" / "spans.npy")
        self.counts.append(len(spans))
        blob = (execution.source / "test" / "images.bin").read_bytes()
        sums = [[sum(blob[start:end])] * self.width for start, end in spans.tolist()]
        np.save(execution.output / "features.npy", np.array(sums, np.float32))
        return Finished(ending=Ending.COMPLETED, status=0, seconds=0.1)


def pack_of(folder: Path, name: str, shades: Sequence[int], prepared: int = 0) -> Pack:
    """A pack of one image for each shade of grey, which may be said to be resized already."""
    (folder / "images").mkdir(exist_ok=True)
    examples = []
    for shade in shades:
        path = folder / "images" / f"{shade}.png"
        Image.fromarray(np.full((4, 4, 3), shade, np.uint8)).save(path)
        examples.append(Example(path=path, set="test", label=0))
    source = Source(
        name=name,
        title=name,
        licence="CC0",
        classes=(PackClass(name="grey"),),
        domains=("all",),
        examples=tuple(examples),
        prepared=(("test", prepared),) if prepared else (),
    )
    return build(source, folder / "packs")


def looked(pack: Pack, backbone: Backbone, home: Path, sandbox: Sums, observer: Recorder) -> np.ndarray:
    return FeatureCache(home=home / "features", sandbox=sandbox).look(whole(pack), backbone, observer).features


def expected(pack: Pack, width: int = WIDTH) -> np.ndarray:
    blob = pack.blob.read_bytes()
    return np.array([[sum(blob[start:end])] * width for start, end in pack.spans.tolist()], np.float32)


def test_only_images_that_no_pack_has_are_computed_and_all_lie_in_their_places(tmp_path: Path) -> None:
    sandbox, observer = Sums(), Recorder()
    packs = [
        pack_of(tmp_path, "first", range(40)),
        pack_of(tmp_path, "second", range(30, 90, 2)),
        pack_of(tmp_path, "third", [35, 7, 50, 200]),
    ]
    for pack in packs:
        features = looked(pack, BACKBONE, tmp_path / "cache", sandbox, observer)
        assert (features == expected(pack)).all()
    assert sandbox.counts == [40, 25, 1]
    assert "3 images are of other packs" in observer.text


def test_a_pack_within_another_costs_nothing(tmp_path: Path) -> None:
    sandbox = Sums()
    large, part = pack_of(tmp_path, "whole", range(20)), pack_of(tmp_path, "part", range(5, 15))
    looked(large, BACKBONE, tmp_path / "cache", sandbox, Recorder())
    features = looked(part, BACKBONE, tmp_path / "cache", sandbox, Recorder())
    assert (features == expected(part)).all()
    assert sandbox.counts == [20]


def test_another_version_or_another_way_of_reading_shares_nothing(tmp_path: Path) -> None:
    sandbox, cache = Sums(), tmp_path / "cache"
    looked(pack_of(tmp_path, "first", range(8)), BACKBONE, cache, sandbox, Recorder())
    newer = Backbone(name="sums", plugin="sums", version="2")
    looked(pack_of(tmp_path, "first", range(8)), newer, cache, sandbox, Recorder())
    looked(pack_of(tmp_path, "second", range(8), prepared=224), BACKBONE, cache, sandbox, Recorder())
    assert sandbox.counts == [8, 8, 8]


@pytest.mark.parametrize("harm", ["digests", "features", "fewer"])
def test_a_damaged_neighbour_is_passed_over(tmp_path: Path, harm: str) -> None:
    sandbox, cache = Sums(), tmp_path / "cache"
    first, second = pack_of(tmp_path, "first", range(8)), pack_of(tmp_path, "second", range(4, 12))
    looked(first, BACKBONE, cache, sandbox, Recorder())
    folder = cache / "features" / first.fingerprint
    if harm == "fewer":
        np.save(folder / "sums-1.npy", np.zeros((3, WIDTH), np.float32))
    else:
        (folder / {"digests": IMAGES, "features": "sums-1.npy"}[harm]).write_bytes(b"\x93NUMPY")
    features = looked(second, BACKBONE, cache, sandbox, Recorder())
    assert (features == expected(second)).all()
    assert sandbox.counts == [8, 8]
    assert (folder / "sums-1.npy").exists()  # it is another's to remove


def test_what_a_gpu_computed_is_no_processors(tmp_path: Path) -> None:
    pack, sandbox = pack_of(tmp_path, "first", range(8)), Sums()
    caches = [FeatureCache(home=tmp_path / "cache", sandbox=sandbox, gpu=gpu) for gpu in ("GPU-1", None, "GPU-2")]
    assert [cache.look(whole(pack), BACKBONE, Recorder()).cached for cache in caches] == [0.0, 0.0, 1.0]


def test_who_computes_side_by_side_takes_turns(tmp_path: Path) -> None:
    cache = FeatureCache(home=tmp_path / "cache", sandbox=Sums())
    with cache.turn, pytest.raises(Stopped):
        cache.look(whole(pack_of(tmp_path, "first", range(8))), BACKBONE, Recorder(stop_when=lambda _: True))
    assert looked(pack_of(tmp_path, "second", range(4)), BACKBONE, tmp_path, Sums(), Recorder()).shape == (4, WIDTH)


def test_a_backbone_that_changes_its_width_under_one_version_is_the_platforms_failure(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    looked(pack_of(tmp_path, "first", range(8)), BACKBONE, cache, Sums(), Recorder())
    with pytest.raises(RunFailure, match="unusable features") as caught:
        looked(pack_of(tmp_path, "second", range(4, 12)), BACKBONE, cache, Sums(width=5), Recorder())
    assert (caught.value.code, caught.value.infrastructure) == ("platform.features", True)


def test_who_needs_what_is_being_computed_waits_and_computes_nothing(tmp_path: Path) -> None:
    slow, other = Sums(), Sums()
    slow.goes_on.clear()
    large, part = pack_of(tmp_path, "whole", range(20)), pack_of(tmp_path, "part", range(5, 15))
    results: dict[str, np.ndarray] = {}

    def compute(pack: Pack, sandbox: Sums) -> None:
        results[pack.name] = np.array(looked(pack, BACKBONE, tmp_path / "cache", sandbox, Recorder()))

    threads = [
        threading.Thread(target=compute, args=(large, slow)),
        threading.Thread(target=compute, args=(part, other)),
    ]
    threads[0].start()
    assert slow.begun.wait(20)
    threads[1].start()
    threads[1].join(0.7)
    assert threads[1].is_alive()  # it waits
    slow.goes_on.set()
    for thread in threads:
        thread.join(20)
    assert (results["part"] == expected(part)).all()
    assert (slow.counts, other.counts) == ([20], [])


def test_who_needs_little_of_what_is_being_computed_does_not_wait(tmp_path: Path) -> None:
    slow, other = Sums(), Sums()
    slow.goes_on.clear()
    large, small = pack_of(tmp_path, "large", range(20)), pack_of(tmp_path, "small", range(18, 28))
    computing = threading.Thread(target=looked, args=(large, BACKBONE, tmp_path / "cache", slow, Recorder()))
    computing.start()
    assert slow.begun.wait(20)
    features = looked(small, BACKBONE, tmp_path / "cache", other, Recorder())
    assert (features == expected(small)).all()
    assert other.counts == [10]
    slow.goes_on.set()
    computing.join(20)


def test_digests_tell_images_apart_and_know_them_again(tmp_path: Path) -> None:
    first, second = pack_of(tmp_path, "first", range(6)), pack_of(tmp_path, "second", [5, 4, 99])
    assert len(set(digests_of(whole(first)).tolist())) == 6
    assert len(set(digests_of(whole(first)).tolist()) & set(digests_of(whole(second)).tolist())) == 2
    path = tmp_path / "cache" / "features" / "none" / "sums-1.npy"
    path.parent.mkdir(parents=True)
    assert list(neighbours(path)) == []
