"""Join control groups and become a command, so that nothing of it was ever outside. Run by path, standard library only.

    python -I -S join.py COUNT ENTRANCE ... COMMAND [ARGUMENT ...]

Each ENTRANCE is the `cgroup.procs` of a group. Exit status 70: a group cannot be joined.
"""

import os
import sys


def main(argv: list[str]) -> None:
    """Never returns."""
    count = int(argv[0])
    entrances, command = argv[1 : 1 + count], argv[1 + count :]
    for entrance in entrances:
        try:
            descriptor = os.open(entrance, os.O_WRONLY | os.O_CLOEXEC)
            os.write(descriptor, b"0")
        except OSError as error:
            sys.stderr.write(f"the control group of this run cannot be joined: {error}\n")
            sys.exit(70)
    os.execv(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
