"""Features on disk: whole or not there, bounded, the least recently used goes first; no run fails for the cache."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from tests.unit.workers.conftest import Recorder, whole
from tests.unit.workers.test_shared_features import BACKBONE, Sums, expected, looked, pack_of

from farfield_evaluators.locks import locked
from farfield_workers.backbones import Backbone
from farfield_workers.feature_files import IMAGES, NotKept, keep, read
from farfield_workers.feature_locks import deserted, staying
from farfield_workers.features import FEATURES_GIB, FeatureCache
from farfield_workers.shared_features import Chosen

ROWS = 8
Put = Callable[..., Path]
SIZE = 128 + 4 * ROWS  # of a file: numpy's header, and one column


@pytest.fixture
def put(tmp_path: Path) -> Put:
    def put(name: str, used: int, room: float = 2.5) -> Path:
        draft, path = tmp_path / "draft.npy", tmp_path / "home" / name / "toy-1.npy"
        path.parent.mkdir(parents=True)
        np.save(draft, np.ones((ROWS, 1), np.float32))
        keep(draft, path, {"images": name}, int(room * SIZE))
        os.utime(path, (used, used))
        return path

    return put


def test_what_was_used_longest_ago_goes_first(put: Put) -> None:
    first, second = put("a", 1), put("b", 2)
    assert read(first, ROWS) is not None  # and so b is the oldest now
    third = put("c", 3)
    assert [read(path, ROWS) is not None for path in (first, second, third)] == [True, False, True]


def test_what_is_too_large_removes_nothing(put: Put) -> None:
    first = put("a", 1)
    with pytest.raises(NotKept, match="the cache holds"):
        put("b", 2, room=0.5)
    assert read(first, ROWS) is not None


def test_what_has_no_digest_is_counted_and_goes(put: Put) -> None:
    first, second = put("a", 1), put("b", 2)
    first.with_suffix(".json").unlink()  # as of a worker that was killed just then
    np.save(first.parent / IMAGES, np.zeros(ROWS, "S32"))
    third = put("c", 3)
    assert [path.parent.exists() for path in (first, second, third)] == [False, True, True]


def test_what_killed_workers_left_goes_and_what_is_at_work_stays(put: Put) -> None:
    home = put("a", 1).parents[1]
    dead, alive = home / "dead" / "features-1~toy-1", home / "alive" / "features-2~toy-1"
    for folder in (dead, alive):
        (folder / "out").mkdir(parents=True)
        folder.with_name("toy-1.lock").touch()
    with staying(alive.parent), locked(alive.with_name("toy-1.lock"), Recorder().alive):
        put("b", 2)
        assert (dead.parent.exists(), alive.exists()) == (False, True)
    put("c", 3)
    assert not alive.parent.exists()


def test_who_waits_for_a_folder_that_goes_makes_it_anew(tmp_path: Path) -> None:
    folder, entered = tmp_path / "images", threading.Event()

    def enter() -> bool:
        entered.set()
        with staying(folder):
            return folder.exists()

    folder.mkdir()
    with ThreadPoolExecutor(1) as threads, deserted(folder) as free:
        coming = threads.submit(enter)
        assert entered.wait(10)
        folder.rmdir()
        assert free
    assert coming.result(10)


def test_many_who_keep_at_once_hold_the_bound(tmp_path: Path) -> None:
    paths = [tmp_path / "home" / str(number) / "toy-1.npy" for number in range(8)]
    for path in paths:
        path.parent.mkdir(parents=True)
        np.save(path.parent / "draft.part", np.ones((ROWS, 1), np.float32))
        (path.parent / "draft.part.npy").rename(tmp_path / path.parent.name)

    def put(path: Path) -> None:
        with staying(path.parent):
            keep(tmp_path / path.parent.name, path, {}, 3 * SIZE)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(put, paths))
    left = list(tmp_path.glob("home/*/*.npy"))
    assert 2 <= len(left) <= 3


@pytest.mark.parametrize("harm", ["changed", "short", "other rows", "no digest"])
def test_a_damaged_file_is_none(put: Put, harm: str) -> None:
    path = put("a", 1)
    whole = path.read_bytes()
    if harm == "no digest":
        path.with_suffix(".json").unlink()
    else:
        path.write_bytes({"changed": whole[:-1] + b"\x01", "short": whole[:-4], "other rows": whole}[harm])
    assert read(path, ROWS + (harm == "other rows")) is None
    assert path.exists() == (harm == "no digest")


def test_damaged_features_are_computed_again_and_whole_ones_are_not(tmp_path: Path) -> None:
    pack, sandbox = pack_of(tmp_path, "first", range(8)), Sums()
    cache = FeatureCache(home=tmp_path / "cache", sandbox=sandbox)
    shares = [cache.look(whole(pack), BACKBONE, Recorder()).cached for _ in range(2)]
    path = cache.home / pack.fingerprint / "sums-1.npy"
    path.write_bytes(path.read_bytes()[:-8])
    again = cache.look(whole(pack), BACKBONE, Recorder())
    assert (again.features == expected(pack)).all()
    assert ([*shares, again.cached], sandbox.counts) == ([0.0, 1.0, 0.0], [8, 8])


def test_some_images_of_a_pack_are_computed_alone_and_lent_to_the_whole(tmp_path: Path) -> None:
    pack, sandbox = pack_of(tmp_path, "first", range(8)), Sums()
    cache = FeatureCache(home=tmp_path / "cache", sandbox=sandbox)
    some = Chosen(pack=pack, positions=np.array([1, 2, 6]))
    assert (cache.look(some, BACKBONE, Recorder()).features == expected(pack)[[1, 2, 6]]).all()
    everything = cache.look(whole(pack), BACKBONE, Recorder())
    assert (everything.features == expected(pack)).all()
    assert (everything.cached, sandbox.counts) == (3 / 8, [3, 5])


@pytest.mark.parametrize("trouble", ["no room", "full disk"])
def test_features_that_find_no_place_are_used_all_the_same(
    tmp_path: Path, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    if trouble == "no room":
        monkeypatch.setenv(FEATURES_GIB, "0")
    else:
        monkeypatch.setattr("farfield_workers.feature_files.write_json", full)
    pack, observer = pack_of(tmp_path, "first", range(8)), Recorder()
    features = looked(pack, BACKBONE, tmp_path, Sums(), observer)
    assert (features == expected(pack)).all()
    assert "note: the features are not kept for other runs" in observer.text
    assert list(tmp_path.glob("features/*/*.npy*")) == [tmp_path / "features" / pack.fingerprint / "images.npy"]


def test_many_at_once_compute_once(tmp_path: Path) -> None:
    pack, sandbox = pack_of(tmp_path, "first", range(8)), Sums()
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: looked(pack, BACKBONE, tmp_path, sandbox, Recorder()), range(4)))
    assert all((features == expected(pack)).all() for features in found)
    assert sandbox.counts == [8]


def test_another_network_or_other_weights_share_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is known by what is in it, where a sandbox shows it; one that it does not show is no backbone's."""
    file = tmp_path / "operator" / "w.safetensors"
    file.parent.mkdir()
    file.write_bytes(b"one")
    monkeypatch.setenv("FARFIELD_PLUGIN_PATH", str(file.parent))
    clip = Backbone(name="clip", plugin="ours", version="1", takes=("model", "checkpoint"))
    settings = {"model": "ViT-B-32", "checkpoint": "/farfield/operator/0/w.safetensors"}
    first = clip.of(settings, isolated=True)
    assert first is not None
    assert first == clip.of(settings, isolated=True)
    file.write_bytes(b"another")
    other, small = clip.of(settings, isolated=True), clip.of({"model": "RN50"}, isolated=True)
    assert other is not None
    assert small is not None
    assert len({first.word, other.word, small.word, clip.word}) == 4
    for hidden in (str(file), "/farfield/operator/0/../w", "/farfield/operator/1/w", "/farfield/plugin/w"):
        assert clip.of({**settings, "checkpoint": hidden}, isolated=True) is None
    assert clip.of({**settings, "checkpoint": str(file)}, isolated=False) is not None
    assert clip.of({"views": "flip"}, isolated=True) is None
    for place in ("local-dir:/models/vit", "weights/w.pt", "hf-hub:a/b/../c", "file:w", "~/w.pt", "..\\w"):
        assert clip.of({"model": place}, isolated=False) is None
    assert clip.of({"model": "hf-hub:laion/CLIP-ViT-B-32", "checkpoint": ""}, isolated=True) is not None
