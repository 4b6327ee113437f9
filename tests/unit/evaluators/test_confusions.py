"""Counts of what was taken for what, against counting one by one."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from farfield_evaluators import confusions
from farfield_evaluators.catalog import find
from farfield_evaluators.confusions import confusion, confusions_of, total
from farfield_evaluators.evaluate import Truth

PREDICTED = st.integers(1, 6).flatmap(
    lambda size: st.lists(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)), max_size=60).map(
        lambda rows: (size, rows)
    )
)


@given(PREDICTED)
def test_it_is_what_counting_one_by_one_gives(drawn: tuple[int, list[tuple[int, int]]]) -> None:
    size, rows = drawn
    labels, said = (np.array([row[at] for row in rows], np.int64) for at in (0, 1))
    made = confusion("d", tuple(range(size)), labels, said)
    counted = Counter(rows)
    assert {(a, b): n for a, b, n in made.pairs} == {pair: n for pair, n in counted.items() if pair[0] != pair[1]}
    assert list(made.hits) == [counted[c, c] for c in range(size)]
    assert list(made.counts) == [sum(label == c for label, _ in rows) for c in range(size)]
    assert list(made.said) == [sum(other == c for _, other in rows) for c in range(size)]
    assert [n for *_, n in made.pairs] == sorted((n for *_, n in made.pairs), reverse=True)
    twice = total([made.as_json(), made.as_json()])
    assert twice is not None
    assert list(twice.counts) == [2 * n for n in made.counts]
    assert {(a, b): n for a, b, n in twice.pairs} == {(a, b): 2 * n for a, b, n in made.pairs}


def test_domains_of_other_classes_are_not_one() -> None:
    one, other = (confusion("d", classes, np.zeros(2, np.int64), np.zeros(2, np.int64)) for classes in ((0, 1), (0, 2)))
    assert total([one.as_json(), other.as_json()]) is None
    assert total([]) is None


def staged(labels: list[int]) -> Truth:
    return Truth(labels=np.array(labels), domains=np.zeros(len(labels), np.int64), classes=3)


def test_of_a_run_it_is_by_domain_and_nothing_where_there_are_no_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    benchmark, logits = find("imagenet-ood/mini"), np.eye(3, dtype=np.float32)[[0, 1, 1, 2]]
    (made,) = confusions_of(benchmark, staged([0, 0, 1, 2]), {"logits": logits})
    assert (made.domain, made.counts, made.hits) == (benchmark.domains[0].name, (2, 1, 1), (1, 1, 1))
    assert made.pairs == ((0, 1, 1),)
    assert not list(confusions_of(benchmark, staged([0, 0, 1, -1]), {"logits": logits}))
    assert not list(confusions_of(benchmark, staged([0, 0, 1, 2]), {"score": logits[:, 0]}))
    assert not list(confusions_of(benchmark, staged([0]), {"logits": logits}))
    monkeypatch.setattr(confusions, "MOST_NUMBERS", made.size - 1)
    assert not list(confusions_of(benchmark, staged([0, 0, 1, 2]), {"logits": logits}))
