"""Where the process that runs submitted code begins: `python -m farfield.runner INPUT OUTPUT`, a name that images use.

What it does is in `farfield.runtime.run`.
"""

import sys

from farfield.runtime.run import main

if __name__ == "__main__":
    # The log is read while the method runs, so a line must not wait in a buffer.
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    sys.exit(main(sys.argv[1:]))
