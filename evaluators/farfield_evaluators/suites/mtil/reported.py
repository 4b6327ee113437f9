"""Published figures on MTIL: the paper's table, which the result files of its release give again."""

from farfield_evaluators.reported import Reported, percent
from farfield_evaluators.suites.mtil.plan import AVERAGE, LAST, ORDER, TRANSFER

_SOURCE = "[V] result files of ZSCL's release b96e714, CLIP ViT-B/16 (Zheng et al. 2023, arXiv 2303.06628)"
_ROWS: dict[str, tuple[tuple[float, float, float], tuple[float, float, float]]] = {
    "Zero-shot": ((69.4, 65.3, 65.3), (65.4, 65.3, 65.3)),
    "Continual fine-tuning": ((44.6, 55.9, 77.3), (46.6, 56.2, 67.4)),
    "LwF": ((56.9, 64.7, 74.6), (53.2, 62.2, 71.9)),
    "iCaRL": ((50.4, 65.7, 80.1), (50.9, 56.9, 71.6)),
    "LwF-VR": ((57.2, 65.1, 76.6), (53.1, 60.6, 68.3)),
    "WiSE-FT": ((52.3, 60.7, 77.7), (51.0, 61.5, 72.2)),
    "ZSCL without weight averaging": ((62.2, 72.6, 84.5), (59.8, 71.8, 83.3)),
    "ZSCL": ((68.1, 75.4, 83.6), (64.2, 74.5, 83.4)),
}
REPORTED: tuple[Reported, ...] = tuple(
    Reported(
        benchmark="mtil/official",
        method=method,
        source=_SOURCE,
        figures=percent(
            {
                ("accuracy", f"{name}[{ORDER}={number}]"): value
                for number, values in enumerate(orders, 1)
                for name, value in zip((TRANSFER, AVERAGE, LAST), values, strict=True)
            }
        ),
    )
    for method, orders in _ROWS.items()
)
