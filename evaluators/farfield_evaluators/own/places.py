"""Paths that files of other people name: followed below their folder, and nowhere else."""

from pathlib import PurePosixPath

LONGEST_VALUE = 1000  # characters of a class, a group or a path


def path_problem(path: str) -> str:
    """Why a path that a table holds is not followed; empty when it is."""
    parts = PurePosixPath(path.replace("\\", "/"))
    if not path or "\0" in path or len(path) > LONGEST_VALUE:
        return "is no path of a file"
    if parts.is_absolute() or ".." in parts.parts or path[1:2] == ":":
        return "leads out of the folder; paths must be relative to it, without `..`"
    return ""
