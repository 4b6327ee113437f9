"""`python -m farfield` is the `farfield` command, for where scripts are not on the path."""

import sys

from farfield.cli import main

if __name__ == "__main__":
    sys.exit(main())
