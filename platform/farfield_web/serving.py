"""The web server of a site: `python -m farfield_web.serving HOST:PORT`. What it bears is in `reception`."""

import argparse
import gc
import os
import resource
import socket
from collections.abc import Callable, Mapping
from typing import Any

THREADS = 8
# For the database, for bodies on disk, for static files; a server that runs out of descriptors accepts nobody.
SPARE_DESCRIPTORS, CEILING = 300, 4096


def serve(listening: socket.socket, threads: int = THREADS) -> None:
    """Serve the site on a socket until told to stop."""
    _server(listening, threads).run()


def _server(listening: socket.socket, threads: int) -> Any:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "farfield_web.settings")
    # Django reads its settings while these are imported.
    from django.conf import settings
    from waitress.adjustments import Adjustments

    from farfield_web.bodies import Bounds
    from farfield_web.reception import CONNECTIONS, Channel, Parser, Server
    from farfield_web.wsgi import application

    class SiteParser(Parser):
        bounds = Bounds(upload=settings.MAX_UPLOAD_BYTES, other=settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        cookie = settings.SESSION_COOKIE_NAME

    class SiteChannel(Channel):
        parser_class = SiteParser

    class SiteServer(Server):
        channel_class = SiteChannel
        connections = max(50, min(CONNECTIONS, _descriptors() - SPARE_DESCRIPTORS))
        known = staticmethod(_lookup())

    adjustments = Adjustments(
        sockets=[listening],
        threads=threads,
        ident=None,
        connection_limit=SiteServer.connections + 100,
        cleanup_interval=5,
        channel_timeout=60,
        max_request_body_size=SiteParser.bounds.of("/api/v1/uploads") + 1,
        asyncore_use_poll=True,  # select() knows 1024 descriptors
        # Only who trusts a proxy may believe what it says; waitress would take it away from the site.
        clear_untrusted_proxy_headers=not settings.PROXIES,
    )
    # What is loaded by now stays: no collection need look through it while a page makes many objects.
    gc.collect()
    gc.freeze()
    where = (listening.family, listening.type, listening.proto, listening.getsockname())
    return SiteServer(application, {}, True, listening, adj=adjustments, bind_socket=False, sockinfo=where)


def _descriptors() -> int:
    """How many files and connections this process may have open, once it has asked for all that it is allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CEILING if hard == resource.RLIM_INFINITY else min(hard, CEILING)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted


def _lookup() -> Callable[[Any, Mapping[str, str]], bool]:
    from django.db import Error, close_old_connections

    from farfield_web.bodies import Credential
    from farfield_web.senders import is_known

    def known(credential: Credential, headers: Mapping[str, str]) -> bool:
        close_old_connections()
        try:
            return is_known(credential, headers)
        except Error:
            return True  # the site itself will say that its database is away
        finally:
            close_old_connections()

    return known


def main() -> None:
    """`python -m farfield_web.serving [HOST:PORT]`."""
    parser = argparse.ArgumentParser(description="Serve the site.")
    parser.add_argument("address", nargs="?", default="127.0.0.1:8000", metavar="HOST:PORT")
    parser.add_argument("--threads", type=int, default=THREADS)
    args = parser.parse_args()
    host, _, port = args.address.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, int(port)), family=family, backlog=1024) as listening:
        listening.setblocking(False)
        serve(listening, args.threads)


if __name__ == "__main__":
    main()
