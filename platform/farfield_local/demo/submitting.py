"""Entries that are submitted as the site takes them: a person has no more than so many under way at once."""

import time
from collections.abc import Callable, Sequence

from farfield_local.demo.author import Author
from farfield_local.demo.entries import Entry

AGAIN_SECONDS = 2.0  # how long after a refusal the site is asked again


class Submitting:
    """What an author submits. `submitted` grows with each `further`; `left` are those that the site did not take yet.

    Of what was submitted at an earlier start, that for which `passes_over` says so is left out of `submitted`.
    """

    def __init__(
        self, author: Author, entries: Sequence[Entry], passes_over: Callable[[str], bool] = lambda _: False
    ) -> None:
        self.submitted: dict[str, Entry] = {}
        self.left = tuple(entries)
        self._author = author
        self._passes_over = passes_over
        self._refused_until = 0.0

    def further(self) -> bool:
        """Submit as many as the site takes now; returns whether some are left."""
        if self.left and time.monotonic() >= self._refused_until:
            taken = self._author.submit(self.left)
            self.left = self.left[len(taken) :]
            self.submitted |= {number: entry for number, entry in taken.items() if not self._passes_over(number)}
            self._refused_until = time.monotonic() + AGAIN_SECONDS
        return bool(self.left)
