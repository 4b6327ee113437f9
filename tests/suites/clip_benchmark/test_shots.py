"""Which training images are the shots of a class: nested, as many as asked, of every class."""

import numpy as np

from farfield_evaluators.suites.clip_benchmark.shots import ALL, SHOTS, joins, learned_set, step_sets

LABELS = np.repeat(np.arange(3), (20, 9, 40))


def test_a_set_of_shots_has_so_many_images_of_each_class_and_holds_all_smaller_ones() -> None:
    steps, joined = np.array(step_sets(LABELS)), dict(joins(LABELS))
    chosen = {name: np.isin(steps, parts) for name, parts in joined.items()}
    assert list(joined) == [learned_set(number) for number in (1, 2, 4, 8, ALL)]  # one class has nine images
    for number in (1, 2, 4, 8):
        assert np.bincount(LABELS[chosen[learned_set(number)]]).tolist() == [number] * 3
    assert chosen[learned_set(ALL)].all()
    assert all((chosen[learned_set(4)] | ~chosen[learned_set(few)]).all() for few in (1, 2))


def test_every_draw_is_the_same_and_a_pack_without_training_images_has_none() -> None:
    assert step_sets(LABELS) == step_sets(LABELS)
    assert step_sets(LABELS) != step_sets(LABELS, seed=1)
    assert joins(np.zeros(0, np.int64)) == ()
    assert [name for name, _ in joins(np.zeros(16, np.int64))] == [learned_set(n) for n in (*SHOTS, ALL)]
