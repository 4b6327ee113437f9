"""Measure what `auto_lr.txt` holds by asking DomainBed: `python measure_auto_lr.py CHECKOUT > auto_lr.txt`.

CHECKOUT is one of https://github.com/facebookresearch/DomainBed (the committed text is of b93c22a). It prints what
`collect_results --auto_lr` prints of the runs of `auto_lr.py`, less the count of its lines and what fills columns up.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.suites.domainbed.auto_lr import write_runs

# Nothing is trained, so these packages are not needed.
START = (
    "import sys, runpy; from unittest.mock import MagicMock; "
    "[sys.modules.setdefault(n, MagicMock()) for n in {missing!r}]; "
    "sys.argv = ['collect_results', '--input_dir', {folder!r}, '--auto_lr']; "
    "runpy.run_module('domainbed.scripts.collect_results', run_name='__main__')"
)
MISSING = (
    *("wilds", "wilds.datasets", "wilds.datasets.camelyon17_dataset", "wilds.datasets.fmow_dataset"),
    *("backpack", "backpack.extensions"),
)


def main(checkout: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_runs(Path(folder))
        code = START.format(missing=MISSING, folder=folder)
        printed = subprocess.run([sys.executable, "-c", code], cwd=checkout, check=True, capture_output=True, text=True)
    print(*(line.rstrip() for line in printed.stdout.splitlines()[2:]), sep="\n")


if __name__ == "__main__":
    main(sys.argv[1])
