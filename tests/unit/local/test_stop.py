"""`make clean` can remove the folder, whatever a run that was under way left there."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.unit.workers.test_disk import KILLED

from farfield_evaluators.mounts import mounts_below
from farfield_local.stop import stop


def test_what_a_killed_worker_left_mounted_is_no_obstacle(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == -9, done.stderr
    assert len(mounts_below(tmp_path)) == (done.stdout.strip() == "True")
    assert stop(tmp_path)
    assert mounts_below(tmp_path) == []
    shutil.rmtree(tmp_path)
