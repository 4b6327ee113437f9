"""One step of a build: a command of the installer `uv` in the sandbox, and what its end means.

uv itself is trusted; what it downloads is not, and nothing of that is executed while there is a network: wheels are
unpacked, never built. Exit status 1 of uv says that the request cannot be met, 2 that something else went wrong.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from farfield.packaging.resolution import command
from farfield.packaging.resolution.command import MESSAGE_LENGTH, masked
from farfield_workers.failures import RunFailure
from farfield_workers.packages.settings import BuildSettings
from farfield_workers.sandbox.base import GIB, IN, OUT, PYTHON, Ending, Execution, Finished, Sandbox

UV = "/farfield/uv"
CERTIFICATES = "/farfield/certificates.pem"
CONFIG = "uv.toml"
SHOWN_LINES = 12
SHOWN_BYTES = 64 << 10


class Observer(Protocol):
    """Who is told of a build while it goes on; `alive` is called about twice a second and may raise `Stopped`."""

    def log(self, text: str) -> None: ...

    def alive(self) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Step:
    """A finished step: its output folder, and what it printed."""

    ending: Ending
    status: int | None
    output: Path
    printed: str


@dataclass(frozen=True, kw_only=True)
class Bench:
    """Where the steps of one build are made; `folder` goes when the build ends, with all but what was built."""

    folder: Path
    sandbox: Sandbox
    settings: BuildSettings
    observer: Observer
    binds: Mapping[str, Path] = field(default_factory=dict)

    def run(
        self, name: str, *command: str, network: bool = False, plugin: Path | None = None, own_disk: bool = False
    ) -> Step:
        """Run uv; raises RunFailure for a broken limit."""
        output, log = self.folder / name, self.folder / f"{name}.txt"
        output.mkdir()
        log.touch()
        limits = self.settings.limits()
        execution = Execution(
            command=(UV, "--config-file", f"{IN}/{CONFIG}", *command, "--python", PYTHON),
            source=self.online if network else self.offline,
            output=output,
            log=log,
            limits=limits,
            plugin=plugin,
            binds=self.binds,
            environment=_environment(self.binds),
            network=network,
            own_disk=own_disk,
        )
        finished = self.sandbox.run(execution, self.observer.alive)
        printed = masked(_tail(log))
        self.observer.log(printed)
        _check_limits(finished, self.settings)
        return Step(ending=finished.ending, status=finished.status, output=output, printed=printed)

    @property
    def online(self) -> Path:
        """What steps with a network see at IN. No foreign code runs there: the configuration may hold passwords."""
        return self.folder / "online"

    @property
    def offline(self) -> Path:
        """What steps without a network see at IN: the package, and no address of any index."""
        return self.folder / "offline"


def bench(folder: Path, sandbox: Sandbox, settings: BuildSettings, observer: Observer) -> Bench:
    """A bench in `folder`, with its configuration written. Raises RunFailure where there is no uv."""
    binds = {UV: find_uv()}
    if settings.certificates is not None:
        binds[CERTIFICATES] = settings.certificates
    made = Bench(folder=folder, sandbox=sandbox, settings=settings, observer=observer, binds=binds)
    for inputs, indexes in ((made.online, settings.indexes), (made.offline, ())):
        inputs.mkdir()
        (inputs / CONFIG).write_text(_configuration(indexes), encoding="utf-8")
    return made


def find_uv() -> Path:
    """The installer's program. Raises RunFailure where there is none."""
    found = command.find_uv()
    if found is None:
        message = "this worker cannot build packages, for it has no uv; its operator installs it with `pip install uv`"
        raise RunFailure("platform.no_uv", message, infrastructure=True)
    return found


def last_lines(printed: str) -> str:
    """The end of a log, as it may stand in a message."""
    lines = [line for line in printed.splitlines() if line.strip() and not line.startswith("hint:")]
    return "\n".join(lines[-SHOWN_LINES:])[-MESSAGE_LENGTH:]


def unreachable(step: Step) -> RunFailure:
    """The failure of a step that needed the index: the platform's, so it is tried again."""
    message = f"the package index did not answer as it should: {last_lines(step.printed)}"
    return RunFailure("platform.index_unreachable", message, infrastructure=True)


def _environment(binds: Mapping[str, Path]) -> dict[str, str]:
    given = {
        "UV_CACHE_DIR": f"{OUT}/cache",
        "UV_NO_PROGRESS": "1",
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_KEYRING_PROVIDER": "disabled",
        "UV_LINK_MODE": "copy",
        "NO_COLOR": "1",
    }
    return given | ({"SSL_CERT_FILE": CERTIFICATES} if CERTIFICATES in binds else {})


def _configuration(indexes: tuple[str, ...]) -> str:
    """uv.toml. The addresses may hold passwords, which must be neither arguments nor variables of a process.

    The last index is the default one, which stands in for the public index that uv would ask otherwise.
    """
    if not indexes:
        return "no-index = true\n"
    lines = ["keyring-provider = 'disabled'"]
    for index in indexes:
        lines += ["[[index]]", f"url = {_quoted(index)}", f"default = {str(index == indexes[-1]).lower()}"]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _tail(log: Path) -> str:
    with log.open("rb") as opened:
        size = opened.seek(0, 2)
        opened.seek(max(0, size - SHOWN_BYTES))
        return opened.read(SHOWN_BYTES).decode("utf-8", errors="replace")


def _check_limits(finished: Finished, settings: BuildSettings) -> None:
    messages: dict[Ending, Callable[[], RunFailure]] = {
        Ending.TIME: lambda: RunFailure(
            "resources.time", f"making the package ready took longer than {settings.seconds / 60:g} minutes"
        ),
        Ending.MEMORY: lambda: RunFailure(
            "resources.memory", f"making the package ready took more than {settings.memory_bytes / GIB:g} GiB of memory"
        ),
        Ending.OUTPUT: lambda: RunFailure(
            "resources.disk", f"the package and what it needs take more than {settings.output_bytes / GIB:g} GiB"
        ),
    }
    if finished.ending in messages:
        raise messages[finished.ending]()
