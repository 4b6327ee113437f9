import numpy as np
import pytest
from tests.made_boards import hits

from farfield_evaluators.figure import Figure
from farfield_evaluators.inference import entries as module
from farfield_evaluators.inference.entries import Entered, estimates, paired
from farfield_evaluators.inference.pairs import compare
from farfield_evaluators.inference.resampling import Outcomes, bootstrap

SIZES = {"a": 300, "b": 700}


def made(accuracies: list[float], seed: int = 0) -> list[dict[str, np.ndarray]]:
    """The outcomes of runs on the domains of SIZES."""
    drawn = {name: hits(accuracies, size, seed + number) for number, (name, size) in enumerate(SIZES.items())}
    return [{name: values[:, run] for name, values in drawn.items()} for run in range(len(accuracies))]


def entered(key: str, *runs: dict[str, np.ndarray], value: float | None = None, stderr: float | None = 0.02) -> Entered:
    mean = float(np.mean([[values.mean() for values in run.values()] for run in runs])) if value is None else value
    figure = Figure(metric="accuracy", domain="shifts", value=mean, stderr=stderr, n=1000)
    return Entered(key=key, figure=figure, runs=runs)


def test_entries_with_outcomes_are_compared_on_the_same_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = made([0.5, 0.6, 0.65])
    together = bootstrap([Outcomes(values=np.column_stack([run[name] for run in runs])) for name in SIZES])
    listed = [entered(str(number), run) for number, run in enumerate(runs)]
    assert estimates(listed).draws == pytest.approx(together.draws)
    monkeypatch.setattr(module, "TOGETHER", 2)
    assert estimates(listed).draws == pytest.approx(together.draws)


def test_an_entry_without_outcomes_is_compared_by_its_error() -> None:
    one, two = made([0.5, 0.6])
    listed = [entered("1", one), entered("2", value=0.9, stderr=0.1), entered("3", two)]
    assert paired(listed) == (True, False, True)
    drawn = estimates(listed, resamples=4000)
    assert drawn.draws[:, 1].std() == pytest.approx(0.1, rel=0.05)
    assert abs(np.corrcoef(drawn.draws[:, 1], drawn.draws[:, 0])[0, 1]) < 0.06
    assert np.corrcoef(drawn.draws[:, 0], drawn.draws[:, 2])[0, 1] > 0.3


def test_what_chance_gives_an_entry_depends_on_no_other() -> None:
    run = made([0.5])[0]
    listed = [entered("1", run), entered("2", value=0.9), entered("3", value=0.8)]
    turned = estimates(listed[::-1])
    assert turned.draws[:, ::-1] == pytest.approx(estimates(listed).draws)


def test_outcomes_that_do_not_make_the_figure_are_not_believed() -> None:
    run = made([0.5])[0]
    assert paired([entered("1", run, value=0.7)]) == (False,)


def test_outcomes_on_other_examples_are_not_paired() -> None:
    run = made([0.5])[0]
    other = {"a": run["a"][:200], "b": run["b"]}
    assert paired([entered("1", run), entered("2", other)]) == (True, False)
    assert paired([entered("1", run), entered("2", run, other)]) == (True, False)


def test_trials_are_part_of_the_error() -> None:
    runs = made([0.4, 0.6, 0.8])
    alone, thrice = entered("1", runs[1]), entered("2", *runs)
    drawn = estimates([alone, thrice], resamples=4000)
    assert drawn.values == pytest.approx([alone.figure.value, thrice.figure.value])
    assert drawn.draws[:, 1].std() > 4 * drawn.draws[:, 0].std()


def test_a_figure_without_an_error_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="from 0 on"):
        estimates([entered("1", value=0.5, stderr=None)])


def test_a_better_entry_is_told_apart_by_pairing_alone() -> None:
    """By errors alone 2% are chance among a thousand images; image by image they are not."""
    base = made([0.6], 4)[0]
    rng = np.random.default_rng(0)
    better = {name: np.maximum(values, rng.random(len(values)) < 0.05) for name, values in base.items()}
    both = [entered("1", base), entered("2", better)]
    apart = [entered(each.key, value=each.figure.value) for each in both]
    assert compare(estimates(both), higher_is_better=True).better[1, 0]
    assert not compare(estimates(apart), higher_is_better=True).better[1, 0]
