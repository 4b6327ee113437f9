"""The wrong clock is one process's own."""

import os
import subprocess
import sys
import time
from pathlib import Path

from chaos.scene import Clock

from farfield_local.child import Command

SCRIPT = """
import datetime, time
now = datetime.datetime.now(datetime.UTC)
assert isinstance(now, datetime.datetime) and now - datetime.timedelta(hours=1) < now
print(time.time(), now.timestamp(), datetime.datetime.utcnow().replace(tzinfo=datetime.UTC).timestamp())
"""


def test_both_clocks_of_python_are_shifted(tmp_path: Path) -> None:
    clock = Clock(folder=tmp_path, shift=-3600)
    plain = Command(name="x", args=(), log=tmp_path / "log", folder=tmp_path, env=dict(os.environ))
    command = [sys.executable, "-W", "ignore", "-c", SCRIPT]
    shown = subprocess.run(command, env=dict(clock.command(plain).env), check=True, capture_output=True, text=True)
    for seconds in shown.stdout.split():
        assert abs(float(seconds) + 3600 - time.time()) < 60


def test_a_right_clock_changes_nothing(tmp_path: Path) -> None:
    plain = Command(name="x", args=(), log=tmp_path / "log", folder=tmp_path, env={})
    assert Clock(folder=tmp_path).command(plain) is plain
