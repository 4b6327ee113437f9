"""The Docker backend: each execution is a container without a network, a writable root, or a privilege.

The runtime is either this host's, bound read-only into an image that holds nothing, or an image that brings its own:
the operator's, or one that a person submitted by its digest.
"""

import contextlib
import io
import os
import signal
import socket
import struct
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import requests
from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from docker.types import DeviceRequest, LogConfig, Ulimit

from farfield_workers.failures import RunFailure
from farfield_workers.sandbox import seccomp
from farfield_workers.sandbox.base import MIB, OUT, Ending, Execution, Finished, Stopped, Tick
from farfield_workers.sandbox.children import cpu_seconds, ending_of, memory_of
from farfield_workers.sandbox.disk import RunDisk
from farfield_workers.sandbox.gauge import reading_of
from farfield_workers.sandbox.log import LogPump
from farfield_workers.sandbox.memory.containers import ContainerMeter
from farfield_workers.sandbox.runtime import LAUNCHER, LAUNCHER_INSIDE, Runtime, command, environment, folders
from farfield_workers.sandbox.usage import tree
from farfield_workers.sandbox.volume import attach

EMPTY_IMAGE = "farfield-empty:1"
LABEL = "farfield.sandbox"
POLL_SECONDS = 0.1
TICK_SECONDS = 0.5
LOG_SECONDS = 10.0
USER = 61183  # a number that no distribution gives to a person or a service
ANSWER_SECONDS = 120
KILLED, LATE_SECONDS = 128 + signal.SIGKILL, 1.0
Look = Callable[[], Ending | None]


class DockerSandbox:
    """Runs each command in a container of its own."""

    name = "docker"
    isolates = True
    runs_images = True

    def __init__(self, runtime: Runtime, client: "docker.DockerClient | None" = None) -> None:
        self._runtime = runtime
        self._client = client or docker.from_env(timeout=ANSWER_SECONDS)

    def run(self, execution: Execution, tick: Tick) -> Finished:
        image = self._image(execution)
        if execution.own_disk and _sees_our_mounts():
            attach(execution.output, execution.limits)
        _let_write(execution.output)
        try:
            container = self._client.containers.create(image, **self._options(execution))
        except (DockerException, requests.RequestException) as error:
            raise _unanswered(error) from error
        try:
            return self._follow(container, execution, tick)
        except requests.RequestException as error:
            raise _unanswered(error) from error
        finally:
            _remove(container)

    def containers(self) -> list[str]:
        """Ids of this process's containers that are there, running or not."""
        mine = f"{LABEL}={socket.gethostname()}/{os.getpid()}"
        return [str(c.id) for c in self._client.containers.list(all=True, filters={"label": mine})]

    def remove_leftovers(self) -> int:
        """Remove containers whose worker on this host is gone; how many there were."""
        gone = 0
        for container in self._client.containers.list(all=True, filters={"label": LABEL}):
            host, _, pid = container.labels[LABEL].rpartition("/")
            if host == socket.gethostname() and not Path(f"/proc/{pid}").exists():
                _remove(container)
                gone += 1
        return gone

    def _image(self, execution: Execution) -> str:
        if execution.image is None:
            _make_empty(self._client)
            return EMPTY_IMAGE
        return _fetch(self._client, execution.image)

    def _options(self, execution: Execution) -> dict[str, Any]:
        limits, own_image = execution.limits, execution.image is not None
        host = {} if own_image else self._runtime.binds | _real_links(self._runtime) | {LAUNCHER_INSIDE: LAUNCHER}
        read_only = {**host, **folders(execution)}
        sizes = {"/tmp": limits.tmp_bytes, **({} if own_image else dict.fromkeys(self._runtime.hidden, MIB))}  # noqa: S108
        options: dict[str, Any] = {
            "command": self._command(execution),
            "environment": _environment(execution, self._runtime),
            "working_dir": OUT,
            "user": _user(),
            "network_mode": "bridge" if execution.network else "none",
            "read_only": True,
            "cap_drop": ["ALL"],
            "security_opt": _security(),
            "mem_limit": limits.memory_bytes,
            "memswap_limit": limits.memory_bytes,
            "pids_limit": limits.processes,
            "shm_size": limits.shared_bytes,
            "tmpfs": {path: f"size={size},mode=1777,exec" for path, size in sizes.items()},
            "volumes": [*(f"{path}:{place}:ro" for place, path in read_only.items()), f"{execution.output}:{OUT}:rw"],
            "ulimits": _ulimits(execution),
            "log_config": LogConfig(type="none"),
            "hostname": "farfield",
            "labels": {LABEL: f"{socket.gethostname()}/{os.getpid()}"},
            "stdin_open": False,
            "detach": True,
        }
        if execution.gpu:
            options["device_requests"] = [DeviceRequest(device_ids=[execution.gpu], capabilities=[["gpu"]])]
        if not own_image:
            options["entrypoint"] = []
        return options

    def _command(self, execution: Execution) -> list[str]:
        wanted = command(execution, self._runtime.python)
        if execution.image is not None:
            return wanted
        return [self._runtime.python, "-I", "-S", LAUNCHER_INSIDE, "0", *wanted]

    def _follow(self, container: Any, execution: Execution, tick: Tick) -> Finished:
        log = _attach(container, execution)
        started = time.monotonic()
        killed, meter = [False], ContainerMeter(container, execution.limits.memory_bytes)
        disk = RunDisk(execution, lambda: _processes(container))

        def look() -> Ending | None:
            disk.look()
            killed[0] |= meter.over()
            if killed[0]:
                return Ending.MEMORY
            return Ending.TIME if time.monotonic() - started > execution.limits.seconds else None

        def told() -> None:
            execution.watch(reading_of(meter, _processes(container), execution.gpu))
            tick()

        _start(container, execution)
        try:
            broken = _watch(container, execution, told, look, disk)
            look()
        finally:
            with contextlib.suppress(APIError, requests.RequestException):
                container.kill()
            log.join(LOG_SECONDS)
        seconds = time.monotonic() - started
        state = _state(container) if broken else _last_state(container)
        status = int(state.get("ExitCode", -1))
        ending = broken or ending_of(status)
        if (state.get("OOMKilled") or killed[0]) and broken in (None, Ending.TIME):
            ending = Ending.MEMORY  # the kernel ended one of its processes; the others may have waited for that one
        elif broken in (None, Ending.TIME) and disk.was_over():
            ending = Ending.OUTPUT
        memory = memory_of(meter, execution.limits, ending)
        return Finished(ending=ending, status=status, seconds=seconds, disk_full=disk.full, memory=memory)


def unusable() -> str:
    """Why Docker cannot be used here, in a sentence; empty when it can."""
    try:
        docker.from_env(timeout=10).ping()
    except (DockerException, requests.RequestException) as error:
        return f"no Docker engine answers ({error}); start it, or give this user access to its socket"
    return ""


def _security() -> list[str]:
    """Our own filter in the place of the engine's, which is looser on old engines and may be switched off."""
    profile = seccomp.profile()
    return ["no-new-privileges:true", *([] if profile is None else [f"seccomp={profile}"])]


def _start(container: Any, execution: Execution) -> None:
    """An image whose entry point is no program is its author's to mend; anything else is the engine's failure."""
    try:
        container.start()
    except APIError as error:
        if execution.image is None:
            raise
        text = f"the image's entry point cannot be started: {error.explanation or error}"
        raise RunFailure("plugin.image_unavailable", text) from error


def _watch(container: Any, execution: Execution, tick: Tick, look: Look, disk: RunDisk) -> Ending | None:
    """The limit that was broken, or None when the command ended by itself.

    `look` is called all the while, and says whether memory or time ran out.
    """
    ended = threading.Event()

    def wait() -> None:
        with contextlib.suppress(DockerException, requests.RequestException):
            while not ended.is_set():
                with contextlib.suppress(requests.ReadTimeout, requests.ConnectionError):
                    container.wait(timeout=30)
                    ended.set()

    waiter = threading.Thread(target=wait, name="sandbox-wait", daemon=True)
    waiter.start()
    next_tick = 0.0
    try:
        while not ended.wait(POLL_SECONDS):
            if broken := look():
                return broken
            now = time.monotonic()
            if now >= next_tick:
                next_tick = now + TICK_SECONDS
                if disk.is_over():
                    return Ending.OUTPUT
                if not waiter.is_alive() and not ended.is_set():
                    raise _unanswered(Stopped("the engine was asked how the container is, and went away"))
                tick()
        return None
    finally:
        ended.set()


def _processes(container: Any) -> list[int]:
    """The container's processes as this host numbers them; orphans inside belong to its first one."""
    pid = int(_state(container).get("Pid", 0))
    return tree(pid) if pid > 0 else []


def _sees_our_mounts() -> bool:
    """Whether the engine lives among the same mounts as we, so that it binds what we mount and not what is below."""
    scheme, _, path = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock").partition("://")
    if scheme != "unix":
        return False
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as asked:
        asked.connect(path)
        pid, _, _ = struct.unpack("=3i", asked.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        return Path(f"/proc/{pid}/ns/mnt").readlink() == Path("/proc/self/ns/mnt").readlink()
    return False


def _attach(container: Any, execution: Execution) -> LogPump:
    """The container's output, from its first byte, through the same pump as any other log."""
    reading, writing = os.pipe()
    stream = container.attach(stdout=True, stderr=True, stream=True, logs=False)

    def copy() -> None:
        try:
            with os.fdopen(writing, "wb", buffering=0) as pipe, contextlib.suppress(Exception):
                for chunk in stream:
                    pipe.write(chunk)
        finally:
            _hang_up(stream)

    pump = LogPump(reading, execution.log, execution.limits.log_bytes)
    pump.start()
    threading.Thread(target=copy, name="sandbox-attach", daemon=True).start()
    return pump


def _hang_up(stream: Any) -> None:
    """The stream's own `close` leaves the connection's descriptor open, so the response behind it is closed as well."""
    with contextlib.suppress(Exception):
        stream.close()
    with contextlib.suppress(Exception):
        stream._response.close()


def _environment(execution: Execution, runtime: Runtime) -> dict[str, str]:
    found = environment(execution, runtime.path)
    if execution.image is not None:  # its interpreter finds its own packages
        for name in ("PATH", "PYTHONPATH"):
            found.pop(name)
    return found


def _ulimits(execution: Execution) -> list[Ulimit]:
    limits = execution.limits
    values = {
        "nofile": limits.open_files,
        "fsize": limits.output_bytes,
        "cpu": cpu_seconds(limits),
        "core": 0,
    }
    return [Ulimit(name=name, soft=value, hard=value) for name, value in values.items()]


def _user() -> str:
    """Its own number when the worker is root; else the worker's, so that it can remove what was written.

    FARFIELD_SANDBOX_USER overrides it: a rootless engine maps 0 to the unprivileged person it runs as.
    """
    chosen = os.environ.get("FARFIELD_SANDBOX_USER")
    return chosen or (f"{USER}:{USER}" if os.getuid() == 0 else f"{os.getuid()}:{os.getgid()}")


def _let_write(folder: Path) -> None:
    user, _, group = _user().partition(":")
    if os.getuid() == 0:
        os.chown(folder, int(user), int(group or user))


def _real_links(runtime: Runtime) -> dict[str, Path]:
    """Docker makes no links, so what a link leads to is bound in its place."""
    return {place: Path(place).resolve() for place in runtime.links}


def _make_empty(client: "docker.DockerClient") -> None:
    with contextlib.suppress(ImageNotFound):
        client.images.get(EMPTY_IMAGE)
        return
    nothing = io.BytesIO()
    tarfile.open(fileobj=nothing, mode="w").close()
    name, _, tag = EMPTY_IMAGE.partition(":")
    client.api.import_image_from_data(nothing.getvalue(), repository=name, tag=tag)


def _fetch(client: "docker.DockerClient", image: str) -> str:
    """The image by its digest, pulled when it is not here. Raises RunFailure `plugin.image_unavailable`."""
    try:
        with contextlib.suppress(ImageNotFound):
            return str(client.images.get(image).id)
        if image.startswith("sha256:"):
            raise RunFailure("plugin.image_unavailable", f"this worker's operator has loaded no image {image}")
        return str(client.images.pull(image).id)
    except (APIError, NotFound) as error:
        text = f"the image {image} cannot be pulled: {error.explanation or error}"
        raise RunFailure("plugin.image_unavailable", text) from error
    except requests.RequestException as error:
        raise _unanswered(error) from error


def _state(container: Any) -> dict[str, Any]:
    container.reload()
    state: dict[str, Any] = container.attrs["State"]
    return state


def _last_state(container: Any) -> dict[str, Any]:
    """The state of a container that ended by itself: that the kernel had killed it may be known a moment later."""
    end = time.monotonic() + LATE_SECONDS
    while True:
        state = _state(container)
        if state.get("OOMKilled") or state.get("ExitCode") != KILLED or time.monotonic() > end:
            return state
        time.sleep(POLL_SECONDS)


def _remove(container: Any) -> None:
    """Gone, whatever state it is in; an engine that does not answer now is asked again at the next start."""
    for _ in range(3):
        try:
            container.remove(force=True, v=True)
        except NotFound:
            return
        except (APIError, requests.RequestException):
            time.sleep(1.0)
        else:
            return


def _unanswered(error: Exception) -> RunFailure:
    return RunFailure("platform.sandbox", f"the Docker engine failed: {error}", infrastructure=True)


@contextlib.contextmanager
def docker_client() -> Iterator["docker.DockerClient"]:
    """The engine, for those who look after its images."""
    client = docker.from_env(timeout=ANSWER_SECONDS)
    try:
        yield client
    finally:
        client.close()
