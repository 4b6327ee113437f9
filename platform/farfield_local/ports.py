"""The site's address: a socket bound here and handed down, so that nobody can take the port in between."""

import contextlib
import errno
import socket

import psutil

from farfield_local.errors import PortTaken

HOST = "127.0.0.1"
FIRST = 8000
TRIES = 200
BACKLOG = 256


def listen(port: int | None) -> socket.socket:
    """Listen on `port`, or on the first free one from 8000. Raises PortTaken."""
    if port is not None:
        found = _try(port)
        if found is None:
            raise PortTaken(
                f"port {port} of {HOST} is taken{_by_whom(port)}; choose another with --port (PORT= in make)"
            )
        return found
    for number in range(FIRST, FIRST + TRIES):
        found = _try(number)
        if found is not None:
            return found
    raise PortTaken(f"all ports of {HOST} from {FIRST} to {FIRST + TRIES - 1} are taken; choose one with --port")


def address(listening: socket.socket) -> str:
    """The URL that the socket serves."""
    return f"http://{HOST}:{listening.getsockname()[1]}"


def _try(port: int) -> socket.socket | None:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # Connections of an earlier start that linger in TIME_WAIT must not push the next start to another port.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            return None
        raise
    return listening


def _by_whom(port: int) -> str:
    """The process that listens there, where the system lets us know."""
    with contextlib.suppress(psutil.Error, OSError):
        for found in psutil.net_connections("tcp4"):
            if found.status == psutil.CONN_LISTEN and found.pid and found.laddr and found.laddr[1] == port:
                return f" by {psutil.Process(found.pid).name()} (process {found.pid})"
    return ""
