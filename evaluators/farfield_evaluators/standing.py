"""Whether an entry keeps the rules by which a benchmark's authors compare results: standard, or not and why.

What breaks such a rule may be ranked all the same, and says so. Rules are data, and what follows from them is a pure
function of what is known of an entry; they are no part of a comparability key, since no figure depends on them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from farfield import TrackClaims
from farfield.departures import BATCH_STATISTICS, DEPARTURES

STANDARD, NOT_STANDARD = "standard", "not-standard"
PROBED = "a probe found that its predictions depend on the test batch"


@dataclass(frozen=True, kw_only=True)
class EntryFacts:
    """What is known of an entry.

    claims: what its method's author says. replicates: over how many repeats its headline is, 0 where it has none.
    run_here: whether the site ran it; else all is its author's word. transductive: the method declares that its
    predictions may depend on the other images of a batch. batch_dependent: a probe found that they do.
    """

    claims: TrackClaims
    replicates: int
    run_here: bool = True
    transductive: bool = False
    batch_dependent: bool = False


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What an entry is by the rules `of` somebody: `standard`, or `not-standard` for all of these reasons."""

    of: str
    reasons: tuple[str, ...] = ()
    run_here: bool = True

    @property
    def name(self) -> str:
        return NOT_STANDARD if self.reasons else STANDARD

    @property
    def sentence(self) -> str:
        """
        >>> Standing(of="WILDS", reasons=("it has 1 of 3 replicates",)).sentence
        'not standard by the rules of WILDS: it has 1 of 3 replicates'
        >>> Standing(of="WILDS", run_here=False).sentence
        "standard by the rules of WILDS, by its author's word"
        """
        if self.reasons:
            return f"not standard by the rules of {self.of}: {'; '.join(self.reasons)}"
        return f"standard by the rules of {self.of}" + ("" if self.run_here else ", by its author's word")


@dataclass(frozen=True, kw_only=True)
class StandingRules:
    """The rules `of` a benchmark's authors, with their `source`.

    replicates: of how many repeats an entry must be at least. extra_data: whether it may have any. forbids: departures
    (`farfield.departures`) of what is not standard. refuses: those of what may not be entered at all.
    """

    of: str
    source: str
    replicates: int = 1
    extra_data: bool = False
    forbids: tuple[str, ...] = ()
    refuses: tuple[str, ...] = ()

    def problems(self) -> list[str]:
        """What keeps these from being rules."""
        strange = [name for name in (*self.forbids, *self.refuses) if name not in DEPARTURES]
        found = [f"its rules name {name!r}, which is none of {', '.join(DEPARTURES)}" for name in strange]
        return found + ([] if self.replicates >= 1 else ["its rules ask for fewer than 1 replicate"])

    def refusals(self, claims: TrackClaims) -> list[str]:
        """Why a method with these claims may not enter at all; empty when it may."""
        broken = [name for name in self.refuses if name in claims.departs]
        return [f"by the rules of {self.of} it is no entry: {DEPARTURES[name]}" for name in broken]

    def standing(self, entry: EntryFacts) -> Standing:
        """What an entry is by these rules."""
        return Standing(of=self.of, reasons=tuple(self._reasons(entry)), run_here=entry.run_here)

    def _reasons(self, entry: EntryFacts) -> Iterator[str]:
        if entry.replicates < self.replicates:
            yield f"it has {entry.replicates} of {self.replicates} replicates"
        if entry.claims.extra_data and not self.extra_data:
            yield f"it uses extra data ({', '.join(entry.claims.extra_data)})"
        declared = {*entry.claims.departs, *((BATCH_STATISTICS,) if entry.transductive else ())}
        broken = [name for name in DEPARTURES if name in (*self.forbids, *self.refuses)]
        yield from (DEPARTURES[name] for name in broken if name in declared)
        if BATCH_STATISTICS in broken and entry.batch_dependent and BATCH_STATISTICS not in declared:
            yield PROBED
