"""The base environment of this release, as the SDK carries it: `python -m farfield_workers.bundled_base` writes it.

To be run, and its file committed, whenever a pinned version changes; a test says when that was forgotten.
"""

import json
import sys

from farfield.packaging.resolution.base import Base
from farfield.packaging.resolution.bases import BUNDLED
from farfield_workers.base_environment import installed_versions


def main() -> int:
    """Write the file, as a worker with a package index would publish it."""
    published = Base.of(installed_versions()).published()
    BUNDLED.write_text(json.dumps(published, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {len(published['distributions'])} distributions of Python {published['python']} to {BUNDLED}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
