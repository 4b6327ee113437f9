"""`groups/drawings`: its figures against a count by hand."""

import numpy as np
import pytest

from farfield_evaluators.catalog import find
from farfield_evaluators.data.columns import Attribute
from farfield_evaluators.evaluate import Truth, evaluate
from farfield_evaluators.suites.groups.drawings import USUALLY
from farfield_evaluators.suites.groups.measures import ALIGNED, BIAS, CONFLICTING, WORST, bias_of

NAME = "groups/drawings"
TECHNIQUES, CLASSES = ("black-and-white", "colour"), ("animal", "object")


def figures_of(labels: list[int], techniques: list[int], right: list[bool]) -> dict[tuple[str, str], float]:
    """By metric and domain, of answers that are right or wrong."""
    biases = [bias_of(CLASSES[y], TECHNIQUES[t], USUALLY) for y, t in zip(labels, techniques, strict=True)]
    truth = Truth(
        labels=np.array(labels),
        domains=np.zeros(len(labels), np.int64),
        classes=2,
        positions=np.arange(len(labels)),
        attributes={
            "domain": Attribute(numbers=np.array(techniques), values=TECHNIQUES),
            BIAS.name: Attribute(numbers=np.array(biases), values=BIAS.values),
        },
        class_names=CLASSES,
    )
    answers = [label if hit else 1 - label for label, hit in zip(labels, right, strict=True)]
    figures = evaluate(find(NAME), truth, {"logits": np.eye(2)[answers]})
    return {figure.key: figure.value for figure in figures}


def test_the_worst_group_the_average_and_both_kinds_of_groups() -> None:
    """Right: of animals 3 of 3 line drawings and 1 of 2 in colour, of objects 1 of 4 line drawings and 1 of 1."""
    figures = figures_of(
        labels=[0, 0, 0, 0, 0, 1, 1, 1, 1, 1],
        techniques=[0, 0, 0, 1, 1, 0, 0, 0, 0, 1],
        right=[True, True, True, True, False, True, False, False, False, True],
    )
    assert figures[WORST, "test"] == 0.25
    assert figures["accuracy", "test"] == 0.6
    assert figures[ALIGNED.name, "test"] == 1.0  # animals in black and white, objects in colour
    assert figures[CONFLICTING.name, "test"] == pytest.approx((0.5 + 0.25) / 2)
    assert figures["accuracy", "test[domain=black-and-white, label=object]"] == 0.25
    assert figures["accuracy", "test[domain=colour, label=animal]"] == 0.5


def test_a_group_without_an_example_is_undefined_and_never_the_worst() -> None:
    figures = figures_of(labels=[0, 0, 1], techniques=[0, 1, 1], right=[True, True, True])
    assert figures[WORST, "test"] == 1.0
    assert ("accuracy", "test[domain=black-and-white, label=object]") not in figures


def test_the_headline_is_the_worst_group_and_methods_may_learn_from_the_validation_set() -> None:
    benchmark = find(NAME)
    assert (benchmark.columns[0].metric, benchmark.columns[0].domain) == (WORST, "test")
    assert benchmark.learned_from() == {"train": "train", "val": "val"}
    assert benchmark.groups == ("domain", "bias")
