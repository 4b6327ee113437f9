"""Py150's scorers: the share of tokens of source code that are predicted right, of all and of each type.

The target `tokens` has every position of a file, -1 where there is nothing to predict, and `token-types` the number of
each token's type in WILDS' order. Shares are over tokens and not over files.
"""

from collections.abc import Callable, Mapping

import numpy as np

from farfield_evaluators.metric import Metric
from farfield_evaluators.metrics.calibration import Estimate
from farfield_evaluators.scoring.scorer import Each, each
from farfield_evaluators.scoring.test import Array, Outcome, Test
from farfield_evaluators.suites.wilds.scoring.classes import PREDICTED

TOKENS, TOKEN_TYPES = "tokens", "token-types"
TYPES = ("class", "method", "punctuation", "keyword", "builtin", "literal", "other_identifier")
NAMES = ("class", "method")
PADDING = -1
CLASS_METHOD = Metric(
    name="class-method-accuracy",
    title="Accuracy, classes and methods",
    higher_is_better=True,
    description="Share of the tokens that are names of classes or methods which are predicted right; WILDS' acc.",
)
ALL_TOKENS = Metric(
    name="token-accuracy",
    title="Accuracy, all tokens",
    higher_is_better=True,
    description="Share of all tokens that are predicted right; WILDS' Acc (Overall).",
)


def type_metric(name: str) -> Metric:
    """The accuracy on the tokens of one type."""
    words = name.replace("_", " ")
    return Metric(
        name=f"{words.replace(' ', '-')}-token-accuracy",
        title=f"Accuracy, {words}",
        higher_is_better=True,
        description=f"Share of the tokens of the type {words} that are predicted right; WILDS' Acc ({name}).",
    )


def positions(test: Test, name: str) -> Array:
    """A target or output of one value for each position, as [N, positions]."""
    arrays = test.outputs if name == PREDICTED else test.targets
    rows: Array = arrays[name].reshape(len(test), -1)
    return rows


def _column(what: str) -> tuple[str, str]:
    return f"{what}-right", f"{what}-tokens"


def _looked_at(test: Test) -> Mapping[str, Array]:
    """Of each file how many tokens there are, and how many are right: of all, and of each type [N]."""
    if not len(test):
        return {name: np.zeros(0, np.int64) for name in OUTCOME.columns}
    wanted, types = positions(test, TOKENS), positions(test, TOKEN_TYPES)
    right = positions(test, PREDICTED) == wanted
    chosen = {"all": wanted != PADDING, **{name: types == number for number, name in enumerate(TYPES)}}
    counts = {name: ((where & right).sum(axis=1), where.sum(axis=1)) for name, where in chosen.items()}
    return {column: count for name, both in counts.items() for column, count in zip(_column(name), both, strict=True)}


OUTCOME = Outcome(columns=tuple(name for what in ("all", *TYPES) for name in _column(what)), of=_looked_at)


def _share(*types: str) -> Callable[[Test], Estimate | None]:
    def of(test: Test) -> Estimate | None:
        """None where there is no token of these types. The error would take tokens of a file for independent."""
        looked_at = test.outcome(OUTCOME)
        right, every = (int(sum(looked_at[_column(name)[at]].sum() for name in types)) for at in (0, 1))
        return Estimate(value=right / every, stderr=None) if every else None

    return of


CLASS_METHOD_ACCURACY = each(CLASS_METHOD, _share(*NAMES), OUTCOME)
TOKEN_ACCURACY = each(ALL_TOKENS, _share("all"), OUTCOME)
OF_TYPES: tuple[Each, ...] = tuple(each(type_metric(name), _share(name), OUTCOME) for name in TYPES)
