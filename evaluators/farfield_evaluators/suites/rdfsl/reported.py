"""Published figures on RD-FSL: CRLNet's own, as its release prints them."""

from farfield_evaluators.reported import Reported, percent
from farfield_evaluators.suites.rdfsl.plan import SHOTS

_SHOTS = (1, 5, 10)
_CRLNET: dict[str, tuple[float, float, float]] = {
    "animal": (46.71, 55.47, 60.14),
    "insect": (54.08, 64.89, 69.38),
    "mineral": (40.05, 57.37, 65.61),
    "oracle": (29.34, 38.52, 42.68),
    "fungus": (35.50, 51.52, 58.84),
    "plant-virus": (73.31, 82.77, 86.04),
}
REPORTED: tuple[Reported, ...] = (
    Reported(
        benchmark="rdfsl/official",
        method="CRLNet, ResNet-12",
        source="[V] table in the README of CRLNet's release (Guo et al. 2025, arXiv 2502.01183)",
        figures=percent(
            {
                ("accuracy", f"{name}[{SHOTS}={number}]"): value
                for name, values in _CRLNET.items()
                for number, value in zip(_SHOTS, values, strict=True)
            }
        ),
    ),
)
