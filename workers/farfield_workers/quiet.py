"""An observer that lets everything pass."""

from farfield_workers.execution import Progress
from farfield_workers.sandbox.gauge import Reading


class Quiet:
    """For executions nobody watches."""

    def stage(self, name: str) -> None:
        return None

    def progress(self, progress: Progress) -> None:
        return None

    def log(self, text: str) -> None:
        return None

    def used(self, reading: Reading) -> None:
        return None

    def alive(self) -> None:
        return None
