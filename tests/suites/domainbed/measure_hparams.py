"""Measure what `hparams.json` holds by asking DomainBed: `python measure_hparams.py FOLDER > hparams.json`.

FOLDER is a checkout of https://github.com/facebookresearch/DomainBed (the committed values are of b93c22a). Of each
algorithm stand there those hyperparameters that ERM has not, or has otherwise: the default, and one random draw.
"""

import json
import sys
from types import ModuleType
from typing import Any

SEED = 5
DATASETS = ("ColoredMNIST", "PACS", "TerraIncognita", "DomainNet")


def main(folder: str) -> None:
    sys.path.insert(0, folder)
    for missing in ("timm", "torchvision.models", "wilds"):
        sys.modules.setdefault(missing, ModuleType(missing))
    from domainbed import algorithms, hparams_registry  # type: ignore[import-not-found]

    def values(algorithm: str, dataset: str) -> dict[str, Any]:
        defaults = hparams_registry.default_hparams(algorithm, dataset)
        drawn = hparams_registry.random_hparams(algorithm, dataset, SEED)
        return {name: [plain(defaults[name]), plain(drawn[name])] for name in defaults}

    def beyond_erm(algorithm: str, dataset: str) -> dict[str, Any]:
        common = {} if algorithm == "ERM" else values("ERM", dataset)
        return {name: pair for name, pair in values(algorithm, dataset).items() if common.get(name) != pair}

    of_each = {name: {dataset: beyond_erm(name, dataset) for dataset in DATASETS} for name in algorithms.ALGORITHMS}
    rows = [f" {json.dumps(name)}: {json.dumps(of_one, sort_keys=True)}" for name, of_one in of_each.items()]
    print("{", ",\n".join(rows), "}", sep="\n")


def plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


if __name__ == "__main__":
    main(sys.argv[1])
