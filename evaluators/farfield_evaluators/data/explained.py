"""Building a pack of somebody's copy of a release: what cannot be read is told by its place in the copy."""

from pathlib import Path

from farfield_evaluators.data.build import build
from farfield_evaluators.data.errors import UnreadableFiles
from farfield_evaluators.data.pack import Pack
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.data.source import Source


def build_or_explain(source: Source, packs: Path, root: Path) -> Pack:
    """Build; images that cannot be decoded are named relative to the release's folder. Raises ImportProblems."""
    try:
        return build(source, packs)
    except UnreadableFiles as error:
        told = [p.removeprefix(f"{root}/").replace(": ", ": unreadable: ", 1) for p in error.problems]
        raise ImportProblems(root, source.name, told) from error
