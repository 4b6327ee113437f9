"""The web process of a site on one machine: migrates, then serves on a socket that it inherited.

Called as `python -m farfield_local.web FILE_DESCRIPTOR`. With FARFIELD_DEBUG it starts anew whenever a file of the
site changes.
"""

import os
import socket
import sys


def main(argv: list[str]) -> None:
    """Bring the database up to date, see to the key that signs results, then serve until told to stop."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "farfield_web.settings")
    # Django reads its settings while these are imported.
    from django.conf import settings
    from django.utils import autoreload

    descriptor = int(argv[0])
    if not settings.DEBUG:
        _serve(descriptor)
        return
    # Each process that the reloader starts takes the socket over, so that no connection is refused in between.
    os.set_inheritable(descriptor, True)
    autoreload.run_with_reloader(_serve, descriptor)


def _serve(descriptor: int) -> None:
    from django.core.management import call_command
    from django.utils import timezone

    from farfield_web.exports.signing import ensure_key
    from farfield_web.serving import serve
    from farfield_web.wsgi import application  # noqa: F401 - it refuses unsafe settings before anything is migrated

    call_command("migrate", interactive=False, verbosity=0)
    ensure_key(timezone.now())
    serve(socket.socket(fileno=descriptor))


if __name__ == "__main__":
    main(sys.argv[1:])
