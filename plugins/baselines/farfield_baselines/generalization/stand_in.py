"""Networks that a step may change without changing the algorithm's own: MLDG and Fish try their steps on them."""

from __future__ import annotations

import copy
from typing import Any

from farfield_baselines.generalization.core import Algorithm


class WithStandIn(Algorithm):
    """An algorithm that looks ahead on a copy of its networks."""

    _stand_in: Any = None

    def stand_in(self) -> Any:
        """A copy of the networks that a step may change. It is made once, and takes the present tensors each time."""
        if self._stand_in is None:
            self._stand_in = copy.deepcopy(self.parts)
        self._stand_in.load_state_dict(self.parts.state_dict())
        return self._stand_in.train(self.parts.training)
