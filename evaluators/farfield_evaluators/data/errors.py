"""What is wrong with packs and with what they are imported from; apart, so that all of their code can raise it."""

from collections.abc import Sequence

from farfield import FarfieldError

SHOWN_PROBLEMS = 10


class PackError(FarfieldError):
    """A pack that is missing, damaged, or cannot be built; says which files and what to do."""

    code = "data.pack"


class UnreadableFiles(PackError):
    """Images of a source that cannot be decoded; `problems` has a sentence for each."""

    code = "data.unreadable_image"

    def __init__(self, problems: Sequence[str], examples: int) -> None:
        shown = "\n  ".join(problems[:SHOWN_PROBLEMS])
        super().__init__(f"{len(problems)} of {examples} images cannot be read; replace them:\n  {shown}")
        self.problems = tuple(problems)
