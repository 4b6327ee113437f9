"""Which domains are forgotten, and which images are to learn from: a choice is a set of domains, by one name.

Kawamura et al., Approximate Domain Unlearning for Vision-Language Models, NeurIPS 2025 (arXiv 2510.08132): every choice
of one, of two and of three domains is made in turn, and figures are means over the choices of a number.
"""

from dataclasses import dataclass
from itertools import combinations

from farfield_evaluators.suites.domainbed.data.official import OFFICE_HOME, Official

LEARN, TEST = "learn", "test"
COUNTS = {1: "one", 2: "two", 3: "three"}


@dataclass(frozen=True, kw_only=True)
class Unlearning:
    """Of one data set: its domains in sorted order, and how many images of a class and domain are to learn from."""

    name: str
    domains: tuple[str, ...]
    shots: int = 8
    official: Official | None = None

    def choices(self, count: int) -> dict[str, tuple[str, ...]]:
        """Every choice of so many domains to forget, by its name."""
        return {name_of(chosen): chosen for chosen in combinations(self.domains, count)}

    @property
    def every_choice(self) -> dict[str, tuple[str, ...]]:
        """The choices of each number that leaves a domain to be kept."""
        return {name: chosen for count in self.counts for name, chosen in self.choices(count).items()}

    @property
    def counts(self) -> tuple[int, ...]:
        """How many domains may be forgotten."""
        return tuple(count for count in COUNTS if count < len(self.domains))

    def joined(self) -> dict[str, tuple[str, ...]]:
        """The sets of every choice, each of the sets that make it."""
        sets = {}
        for name, forgotten in self.every_choice.items():
            kept = [domain for domain in self.domains if domain not in forgotten]
            sets[f"train-{name}"] = tuple(f"{domain}/{LEARN}" for domain in kept)
            sets[f"forget-{name}"] = tuple(f"{domain}/{LEARN}" for domain in forgotten)
            sets[f"kept-{name}"] = tuple(f"{domain}/{TEST}" for domain in kept)
            sets[f"forgotten-{name}"] = tuple(f"{domain}/{TEST}" for domain in forgotten)
        return sets


def name_of(chosen: tuple[str, ...]) -> str:
    """One name for a choice.

    >>> name_of(("clipart", "sketch"))
    'clipart-and-sketch'
    """
    return "-and-".join(chosen)


DRAWINGS = Unlearning(name="unlearning/drawings", domains=("fluent", "noto", "openmoji", "photographs"), shots=4)
UNLEARN_OFFICE_HOME = Unlearning(
    name="unlearning/office-home",
    domains=tuple(domain.replace(" ", "-") for domain in OFFICE_HOME.domains),
    official=OFFICE_HOME,
)
MINI_DOMAIN_NET = Unlearning(name="unlearning/mini-domain-net", domains=("clipart", "painting", "real", "sketch"))
DATA_SETS = (DRAWINGS, UNLEARN_OFFICE_HOME, MINI_DOMAIN_NET)
