"""`make clean` can remove the folder, whatever a run that was under way left there; and it unmounts nobody's disk."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.workers.test_disk import KILLED

from farfield_local.stop import stop
from farfield_workers.leftovers import scratch_folder
from farfield_workers.sandbox import volume


def test_what_a_killed_worker_left_mounted_is_no_obstacle(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == -9, done.stderr
    assert len(volume._mounts_below(tmp_path)) == (done.stdout.strip() == "True")
    assert stop(tmp_path)
    assert volume._mounts_below(tmp_path) == []
    shutil.rmtree(tmp_path)


def test_what_a_living_worker_holds_stays(tmp_path: Path) -> None:
    with scratch_folder(tmp_path, "run") as folder:
        assert stop(tmp_path)
        assert folder.is_dir()


@pytest.mark.parametrize("place", ["", "packs", "scratch"])
def test_a_disk_of_the_operators_stays_mounted(tmp_path: Path, place: str) -> None:
    """Where no disk can be mounted here nothing is, before and after."""
    folder = tmp_path / "var" / place
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "tmpfs", str(folder)]
    mounted = not subprocess.run(mount, capture_output=True, check=False).returncode
    try:
        assert stop(tmp_path / "var")
        assert volume._mounts_below(tmp_path) == [str(folder)] * mounted
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)
