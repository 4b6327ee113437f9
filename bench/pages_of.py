"""One measurement of pages in a process of its own, whose Django knows one database: see `bench.pages`."""

import json
import sys
from dataclasses import asdict

from bench.pages import measured

if __name__ == "__main__":
    found = measured(int(sys.argv[1]), int(sys.argv[2]))
    print(json.dumps({name: asdict(one) for name, one in found.items()}))
