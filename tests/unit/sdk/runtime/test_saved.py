"""A method's states at its checkpoints: kept, bounded, restored; and what cannot be kept says why."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from farfield.runtime.saved import NotSaved, SavedStates


class Learner:
    """Remembers how often it was taught, and its context, of which there is one."""

    def __init__(self, context: object) -> None:
        self.context, self.taught, self.weights = context, 0, np.zeros(1000, np.float32)

    def predict(self, inputs: Any) -> Any:
        return inputs + self.taught + random.random() + np.random.rand()


class Context:
    """What nobody can pickle."""

    def __init__(self) -> None:
        self.log = lambda text: text


@pytest.fixture
def learner() -> Learner:
    return Learner(Context())


def states(folder: Path, learner: Learner, planned: int = 3, room: int = 1 << 20) -> SavedStates:
    return SavedStates(folder / "states", learner.context, planned, room)


def test_states_are_as_they_were_and_share_the_context(tmp_path: Path, learner: Learner) -> None:
    kept = states(tmp_path, learner)
    for taught in range(3):
        learner.taught = taught
        kept.add(learner)
    assert len(kept) == 3
    assert [kept.load(number).taught for number in range(3)] == [0, 1, 2]
    assert kept.load(1).context is learner.context
    kept.remove()
    assert not (tmp_path / "states").exists()


def test_trying_out_draws_nothing(tmp_path: Path, learner: Learner) -> None:
    kept = states(tmp_path, learner)
    kept.add(learner)
    random.seed(1)
    np.random.seed(1)
    expected = random.random(), np.random.rand()
    random.seed(1)
    np.random.seed(1)
    kept.try_out(np.zeros(2))
    assert (random.random(), np.random.rand()) == expected


def test_the_configuration_is_the_same_and_classes_made_while_running_are_known(tmp_path: Path) -> None:
    made = type("Made", (), {"__module__": "nowhere"})
    context = Context()
    context.config = made()  # type: ignore[attr-defined]
    learner = Learner(context)
    learner.config, learner.other = context.config, made()  # type: ignore[attr-defined]
    kept = states(tmp_path, learner)
    kept.add(learner)
    restored = kept.load(0)
    assert restored.config is context.config  # type: ignore[attr-defined]
    assert type(restored.other) is made
    assert restored.other is not learner.other  # type: ignore[attr-defined]


def test_a_state_that_cannot_be_pickled_says_why(tmp_path: Path, learner: Learner) -> None:
    learner.stream = iter(lambda: 0, 1)  # type: ignore[attr-defined]
    learner.twice = lambda value: 2 * value  # type: ignore[attr-defined]
    with pytest.raises(NotSaved, match="its state cannot be kept: "):
        states(tmp_path, learner).add(learner)


def test_a_state_that_is_too_large_is_not_even_written_to_its_end(tmp_path: Path, learner: Learner) -> None:
    with pytest.raises(NotSaved, match="more room than there is"):
        states(tmp_path, learner, room=2000).add(learner)
    assert (tmp_path / "states" / "0000.state").stat().st_size <= 2000


def test_states_that_will_not_fit_all_together_are_refused_at_the_first(tmp_path: Path, learner: Learner) -> None:
    with pytest.raises(NotSaved, match=r"its states at 100 checkpoints take .* GiB, and there is room for"):
        states(tmp_path, learner, planned=100, room=100_000).add(learner)


def test_a_method_that_does_not_predict_once_restored_is_found_at_once(tmp_path: Path, learner: Learner) -> None:
    kept = states(tmp_path, learner)
    kept.add(learner)
    with pytest.raises(NotSaved, match="restored, it does not predict: "):
        kept.try_out(object())


def test_optimizers_stay_behind_unless_the_whole_is_kept(tmp_path: Path, learner: Learner) -> None:
    torch = pytest.importorskip("torch")
    learner.network = torch.nn.Linear(2, 2)  # type: ignore[attr-defined]
    learner.optimizer = torch.optim.Adam(learner.network.parameters())  # type: ignore[attr-defined]
    for name, whole in (("part", False), ("whole", True)):
        kept = SavedStates(tmp_path / name, learner.context, 1, 1 << 20, whole=whole)
        kept.add(learner)
        restored = kept.load(0)
        assert torch.equal(restored.network.weight, learner.network.weight)  # type: ignore[attr-defined]
        assert (restored.optimizer is not None) is whole
