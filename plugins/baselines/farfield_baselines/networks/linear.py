"""Several multinomial logistic regressions at once, deterministic: full-batch L-BFGS in double precision from zero.

One alone is `farfield.logistic`, which needs no torch.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

Floats = npt.NDArray[np.float64]
MAX_ITERATIONS = 500


def fit_each(features: npt.NDArray[np.floating], labels: npt.NDArray[np.int64], l2: float) -> tuple[Floats, Floats]:
    """Weights [P, K, D] and biases [P, K] of P problems with the same labels [N], as `logistic.fit_softmax` has one's.

    features [P, N, D]. They are minimised together, which changes none of them.
    """
    inputs = torch.from_numpy(np.asarray(features, np.float64))
    targets = torch.from_numpy(np.asarray(labels, np.int64))
    problems, classes = len(inputs), int(targets.max()) + 1
    weight = torch.zeros(problems, classes, inputs.shape[2], dtype=torch.float64, requires_grad=True)
    bias = torch.zeros(problems, classes, dtype=torch.float64, requires_grad=True)

    def loss() -> torch.Tensor:
        logits = inputs @ weight.transpose(1, 2) + bias[:, None]
        errors = functional.cross_entropy(logits.flatten(0, 1), targets.repeat(problems), reduction="sum")
        return errors + 0.5 * l2 * weight.square().sum()

    minimise(loss, [weight, bias])
    return weight.detach().numpy(), bias.detach().numpy()


def minimise(loss: Callable[[], torch.Tensor], parameters: list[torch.Tensor]) -> None:
    """Full-batch L-BFGS with a strong Wolfe line search on the parameters, in place."""
    optimiser = torch.optim.LBFGS(
        parameters,
        max_iter=MAX_ITERATIONS,
        tolerance_grad=1e-6,
        tolerance_change=1e-12,
        history_size=20,
        line_search_fn="strong_wolfe",
    )

    def closure() -> float:
        optimiser.zero_grad()
        value = loss()
        value.backward()  # type: ignore[no-untyped-call]
        return float(value.detach())

    optimiser.step(closure)  # type: ignore[no-untyped-call]
