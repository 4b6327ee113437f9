"""Calling addresses that people name, and nothing of ours: by HTTPS, on the open network, no redirects, in bounds.

The name is resolved once, and the connection goes to what was looked at, so that an answer of the moment after changes
nothing. A server that answers drop by drop is left at the deadline.
"""

import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from urllib.parse import SplitResult, urlsplit

PORT, SECONDS, LONGEST_LINE = 443, 10.0, 1024
AGENT = "Farfield-Webhook/1"


class Unreachable(Exception):
    """Why an address is not called, or did not take what was sent; the message is for its owner."""


def why_not(url: str) -> str:
    """What is wrong with an address as it is written; empty when nothing is."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "This is no address."
    if parts.scheme != "https" or not parts.hostname:
        return "The address must begin with https:// and name a host."
    if parts.username or parts.password or parts.fragment or port not in (None, PORT):
        return f"The address may have no user, no fragment, and no port but {PORT}."
    if not url.isascii() or any(character.isspace() or ord(character) < 32 for character in url):
        return "The address may have only characters of ASCII that can be seen."
    return ""


def is_public(address: str) -> bool:
    """Whether an IP address is somebody's on the open network: not ours, not a private one, not of a machine itself.

    >>> is_public("192.0.2.1"), is_public("::ffff:10.0.0.1"), is_public("93.184.216.34")
    (False, False, True)
    """
    known = ipaddress.ip_address(address.partition("%")[0])
    inner = _embedded(known) if known.version == 6 else None
    return known.is_global and not known.is_multicast and (inner is None or is_public(str(inner)))


def resolved(host: str) -> str:
    """One address of a host. Raises Unreachable where it has none, or any that is not public."""
    try:
        found = sorted({str(each[4][0]) for each in socket.getaddrinfo(host, PORT, type=socket.SOCK_STREAM)})
    except (OSError, UnicodeError) as error:
        raise Unreachable("Its host is not known.") from error
    if not found or not all(is_public(address) for address in found):
        raise Unreachable("Its host is not on the open network.")
    return next((address for address in found if ":" not in address), found[0])


def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """The status that is answered; nothing else of the answer is read. Raises Unreachable."""
    problem = why_not(url)
    if problem:
        raise Unreachable(problem)
    parts = urlsplit(url)
    address = resolved(str(parts.hostname))
    try:
        with _connected(address, str(parts.hostname)) as stream:
            stream.sendall(_head(parts, headers, len(body)) + body)
            return _status(stream)
    except (OSError, ValueError) as error:
        raise Unreachable(f"It could not be reached: {type(error).__name__}.") from error


def trusted() -> ssl.SSLContext:
    """Whose certificates are believed: those of the system."""
    return ssl.create_default_context()


@contextmanager
def _connected(address: str, host: str) -> Iterator[ssl.SSLSocket]:
    raw = socket.create_connection((address, PORT), timeout=SECONDS)
    deadline = threading.Timer(SECONDS, _shut, [raw])
    deadline.start()
    try:
        with trusted().wrap_socket(raw, server_hostname=host) as stream:
            yield stream
    finally:
        deadline.cancel()
        raw.close()


def _shut(raw: socket.socket) -> None:
    """From another thread: whoever waits for this connection waits no longer."""
    with suppress(OSError):
        socket.socket.shutdown(raw, socket.SHUT_RDWR)


def _head(parts: SplitResult, headers: Mapping[str, str], length: int) -> bytes:
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    fixed = {"Host": parts.hostname, "User-Agent": AGENT, "Content-Type": "application/json"}
    every = {**fixed, **headers, "Content-Length": length, "Connection": "close"}
    return "".join((f"POST {path} HTTP/1.1\r\n", *_lines(every.items()), "\r\n")).encode("ascii")


def _lines(headers: Iterable[tuple[str, object]]) -> Iterator[str]:
    return (f"{name}: {value}\r\n" for name, value in headers)


def _status(stream: ssl.SSLSocket) -> int:
    line = b""
    while b"\n" not in line and len(line) < LONGEST_LINE:
        some = stream.recv(LONGEST_LINE)
        if not some:
            break
        line += some
    words = line.partition(b"\n")[0].split()
    if len(words) < 2 or not words[0].startswith(b"HTTP/1."):
        raise ValueError("no answer of HTTP")
    return int(words[1])


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that one of IPv6 stands for."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    return address.teredo[1] if address.teredo is not None else _of_nat64(address)


def _of_nat64(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    well_known = ipaddress.ip_network("64:ff9b::/96")
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in well_known else None
