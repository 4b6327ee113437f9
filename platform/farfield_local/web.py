"""The web process of a site on one machine: migrates, then serves on a socket that it inherited.

Called as `python -m farfield_local.web FILE_DESCRIPTOR`.
"""

import os
import socket
import sys

THREADS = 8


def main(argv: list[str]) -> None:
    """Bring the database up to date, then serve until told to stop."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "farfield_web.settings")
    # Django reads its settings while these are imported.
    import waitress
    from django.core.management import call_command

    from farfield_web.wsgi import application

    call_command("migrate", interactive=False, verbosity=0)
    waitress.serve(application, sockets=[socket.socket(fileno=int(argv[0]))], threads=THREADS, ident=None)


if __name__ == "__main__":
    main(sys.argv[1:])
