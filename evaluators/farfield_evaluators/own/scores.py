"""What a TOML file may ask for by name: the metrics of each family, and the figures over several tests."""

from collections.abc import Mapping
from types import MappingProxyType

from farfield_evaluators.metric import Metric
from farfield_evaluators.metrics import catalog as m

METRICS: Mapping[str, Mapping[str, Metric]] = MappingProxyType(
    {
        "classification": {x.name: x for x in (m.ACCURACY, m.TOP5, m.CLASS_ACCURACY, m.ECE, m.BRIER, m.NLL)},
        "ood-detection": {x.name: x for x in (m.AUROC, m.FPR95, m.AUPR_IN, m.AUPR_OUT, m.ACCURACY)},
    }
)
AGGREGATES: Mapping[str, str] = MappingProxyType({"id": "id", "shifts": "shift", "near": "near", "far": "far"})
