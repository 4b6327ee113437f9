"""Measure what `udim.json` holds by running UDIM's release: `python measure_udim.py FOLDER > udim.json`.

FOLDER is `UDIM_main` of a checkout of https://github.com/aailabkaist/UDIM (the committed figures are of 808f1b2). What
it imports beyond torch is stood in for: the gradients of single images, which it has from BackPACK, are the case's.
"""

import json
import sys
from collections import OrderedDict
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import torch

sys.path.insert(0, str(Path(__file__).parents[4]))
from tests.unit.baselines.generalization import udim_case as case

STOOD_IN = (
    *("backpack", "backpack.extensions", "functorch", "functorch.experimental", "torchvision", "torchvision.utils"),
    *("iada", "iada.util", "iada.functorch_module"),
)


def release(folder: Path) -> Any:
    file = folder / "domainbed" / "iada" / "iada_final.py"
    spec = spec_from_file_location("iada.iada_final", file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    missing = {name: mock.MagicMock() for name in STOOD_IN}
    with mock.patch.dict(sys.modules, missing):
        spec.loader.exec_module(module)
    return module.IADA_FINAL


def main() -> None:
    theirs = release(Path(sys.argv[1]))
    errors, features = (torch.tensor(part) for part in case.gradients())
    weights = (errors[:, :, None] * features[:, None, :-1]).flatten(1)
    single = OrderedDict([("weight", weights), ("bias", errors)])
    lengths = OrderedDict((name, rows.square().sum(1, keepdim=True)) for name, rows in single.items())
    self = SimpleNamespace()
    self.l2_between_dicts = lambda one, other: theirs.l2_between_dicts(self, one, other)
    variances = theirs._get_grads_var(self, single)
    loss = theirs._compute_distance_grads_var(self, variances) + theirs._grads_norm_syn(self, lengths)
    json.dump({"inconsistency": float(loss)}, sys.stdout)
    print()


if __name__ == "__main__":
    main()
