"""One supervised child process: it ends with its parent, is stopped within seconds, and writes to a log."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from farfield_local.logs import open_log
from farfield_local.osuser import OsUser

LAUNCHER = Path(__file__).with_name("launcher.py")


@dataclass(frozen=True, kw_only=True)
class Command:
    """What to start. `args[0]` is the full path of a program; secrets travel in `env`, never in `args`.

    stop_signal asks it to end; orphan_signal is what the kernel sends when the supervisor itself is gone.
    """

    name: str
    args: tuple[str, ...]
    log: Path
    folder: Path
    env: Mapping[str, str] = field(repr=False)
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGKILL
    user: OsUser | None = None
    inherit: tuple[int, ...] = ()


class Child:
    """A running command. Start it from the main thread: its life is tied to the thread that made it."""

    def __init__(self, command: Command) -> None:
        self.command = command
        with open_log(command.log) as log:
            self._process = subprocess.Popen(
                _launch(command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=command.folder,
                env=dict(command.env),
                # A session of its own: Ctrl-C in the terminal reaches the supervisor alone, which ends things in order.
                start_new_session=True,
                pass_fds=command.inherit,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def status(self) -> int | None:
        """Its exit status (negative: the signal that ended it), or None while it runs."""
        return self._process.poll()

    def ask_to_stop(self) -> None:
        """Send the stop signal and return at once, so that several children can end at the same time."""
        if self.status() is None:
            self._process.send_signal(self.command.stop_signal)

    def stop(self, grace: float) -> None:
        """Ask, wait up to `grace` seconds, then kill whatever is left of its process group. Safe to repeat."""
        self.ask_to_stop()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(max(grace, 0.0))
        self._kill_group()
        self._process.wait()

    def wait(self, seconds: float) -> int | None:
        """Its exit status, or None if it still runs after that time."""
        end = time.monotonic() + seconds
        while self.status() is None and time.monotonic() < end:
            time.sleep(0.02)
        return self.status()

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)


def _launch(command: Command) -> list[str]:
    user = command.user
    who = "-" if user is None else f"{user.uid}:{user.gid}"
    reach = "1" if user is not None and user.needs_reach() else "0"
    ties = [str(os.getpid()), str(int(command.orphan_signal)), who, reach]
    return [sys.executable, "-I", "-S", str(LAUNCHER), *ties, *command.args]
