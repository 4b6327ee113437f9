"""Class names and prompts of a data set: those beside the data, and where there are none the installed package's.

CLIP_benchmark exports both with the data. Its package is read as data and never imported: it would bring torch.
"""

import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from farfield_evaluators.data.errors import PackError

NAMES_FILE, PROMPTS_FILE = "classnames.txt", "zeroshot_classification_templates.txt"
DEFAULT = "imagenet1k"  # whose prompts CLIP_benchmark takes for a data set without any
PACKAGE = "clip_benchmark"


def class_names(root: Path, short: str) -> tuple[str, ...]:
    """One a class, in the order of labels. Raises PackError where nobody names them."""
    return _beside(root / NAMES_FILE) or _of_package("en_classnames.json", lambda listed: listed.get(short), short)


def prompts(root: Path, short: str) -> tuple[str, ...]:
    """With {} for the name, which CLIP_benchmark writes {c}. Raises PackError where there are none."""
    found = _beside(root / PROMPTS_FILE) or _of_package(
        "en_zeroshot_classification_templates.json", lambda listed: listed.get(short, listed[DEFAULT]), short
    )
    return tuple(text.replace("{c}", "{}") for text in found)


def _beside(path: Path) -> tuple[str, ...]:
    if not path.is_file():
        return ()
    return tuple(line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip())


def _of_package(file: str, choose: Callable[[dict[str, Any]], list[str] | None], short: str) -> tuple[str, ...]:
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        advice = "export the data with CLIP_benchmark's clip_benchmark_export_wds, or pip install clip-benchmark"
        raise PackError(f"the data of {short} come without {NAMES_FILE} or {PROMPTS_FILE}; {advice}")
    path = Path(spec.submodule_search_locations[0]) / "datasets" / file
    found = choose(json.loads(path.read_text(encoding="utf-8")))
    if not found:
        raise PackError(f"neither the data nor the package clip-benchmark name the classes of {short}")
    return tuple(found)
