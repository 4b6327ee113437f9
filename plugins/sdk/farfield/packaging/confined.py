"""The runner without some installed distributions: `python -m farfield.packaging.confined NAMES IN OUT`.

`farfield check` runs a method where more is installed than on a site; a method that leans on it would pass here and
fail there. NAMES is a JSON file, a list of the distributions that may be imported.
"""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.metadata import packages_distributions
from pathlib import Path

from farfield.packaging.package import RESERVED
from farfield.packaging.versions import normal_name
from farfield.runtime.run import main as run_main


class Fence(MetaPathFinder):
    """Refuses top-level modules of other distributions, as if they were not installed."""

    def __init__(self, foreign: Mapping[str, str]) -> None:
        self.foreign = foreign

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Raises ModuleNotFoundError, which says whose module it is."""
        owner = self.foreign.get(name)
        if owner is not None:
            raise ModuleNotFoundError(
                f"No module named {name!r} on a site: it is of {owner}, which is installed here, but is neither in the "
                "base environment nor among what the package requires",
                name=name,
            )


def foreign_modules(allowed: Iterable[str]) -> dict[str, str]:
    """Top-level module -> its distribution, of all that is installed here and not allowed."""
    known = {normal_name(name) for name in allowed}
    found = {
        module: owners[0]
        for module, owners in packages_distributions().items()
        if module not in sys.stdlib_module_names and not any(normal_name(owner) in known for owner in owners if owner)
    }
    # What is installed from its sources lists no modules; of the platform's own it is known how they are called.
    ours = {module for module in RESERVED if module.startswith("farfield_") and normal_name(module) not in known}
    return {module: owner or module for module, owner in found.items()} | dict.fromkeys(ours, "the platform")


def main(argv: Sequence[str]) -> int:
    """Run the job with the fence up; returns the runner's exit status."""
    allowed = json.loads(Path(argv[0]).read_text(encoding="utf-8"))
    sys.meta_path.insert(0, Fence(foreign_modules(allowed)))
    return run_main(list(argv[1:]))


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    sys.exit(main(sys.argv[1:]))
