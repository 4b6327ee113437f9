"""Features of a frozen backbone are computed once, and who waits for them can still be stopped."""

import fcntl
from pathlib import Path

import numpy as np
import pytest

from farfield_evaluators.data.demo import import_demo
from farfield_workers.features import Backbone, backbone_features
from farfield_workers.quiet import Quiet
from farfield_workers.sandbox.base import Stopped
from farfield_workers.sandbox.process import ProcessSandbox

BACKBONE = Backbone(name="lite0", plugin="baselines", version="0.1.0")


class Cancelled(Quiet):
    """A run that somebody cancels while it waits."""

    looks = 0

    def alive(self) -> None:
        self.looks += 1
        if self.looks == 3:
            raise Stopped


def test_a_run_that_waits_for_another_workers_computation_can_be_cancelled(tmp_path: Path) -> None:
    pack = import_demo(tmp_path / "packs")
    lock = tmp_path / "features" / pack.fingerprint / "lite0-0.1.0.lock"
    lock.parent.mkdir(parents=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Stopped):
            backbone_features(pack, BACKBONE, tmp_path, ProcessSandbox(), Cancelled())


def test_what_another_worker_computed_is_taken(tmp_path: Path) -> None:
    pack = import_demo(tmp_path / "packs")
    computed = np.zeros((len(pack.spans), 2), dtype=np.float32)
    path = tmp_path / "features" / pack.fingerprint / "lite0-0.1.0.npy"
    path.parent.mkdir(parents=True)
    np.save(path, computed)
    assert backbone_features(pack, BACKBONE, tmp_path, ProcessSandbox(), Quiet()).shape == computed.shape


def test_what_a_killed_computation_left_is_removed_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = import_demo(tmp_path / "packs")
    home = tmp_path / "features" / pack.fingerprint
    stale, of_another = home / "features-x~lite0-0.1.0", home / "features-x~other-0.1.0"
    for folder in (stale, of_another):
        folder.mkdir(parents=True)

    def stop(*_: object) -> None:
        raise Stopped

    monkeypatch.setattr("farfield_workers.features.execute", stop)
    with pytest.raises(Stopped):
        backbone_features(pack, BACKBONE, tmp_path, ProcessSandbox(), Quiet())
    assert sorted(p.name for p in home.iterdir() if p.is_dir()) == [of_another.name]
