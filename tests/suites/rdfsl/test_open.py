"""Open episodes: queries of other classes beside the known ones, hidden among them, and figures of each kind."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from tests.suites.rdfsl.made import OPEN_PLAN, PLAN, board, pack
from tests.suites.rdfsl.test_plan import ENTRANT, staged

from farfield.errors import PredictionsError, SpecError
from farfield.families.few_shot_classification import Episode
from farfield_evaluators.catalog import find
from farfield_evaluators.data.packs import Pack, PackError
from farfield_evaluators.outcomes import judged, rescore
from farfield_evaluators.plans.means import spread_of
from farfield_evaluators.run_plan import cells_of
from farfield_evaluators.suites.rdfsl.plan import Episodes
from farfield_evaluators.suites.rdfsl.staging import UNKNOWN

EPISODE = Episode(way=3, shots=2, queries=2, others=1)


@pytest.fixture(scope="module")
def squares(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return pack(tmp_path_factory.mktemp("packs"))


def test_an_episode_has_queries_of_the_other_class_hidden_among_its_own(squares: Pack, tmp_path: Path) -> None:
    first, second = (staged(squares, tmp_path / name, OPEN_PLAN) for name in "ab")
    assert first.examples == 6 * len(EPISODE) == 6 * 14
    assert first.job["schedule"] == {"way": 3, "shots": 2, "queries": 2, "others": 1}
    truth = first.truth
    labels, positions = truth.labels.reshape(6, -1), truth.positions.reshape(6, -1)
    queries = labels[:, EPISODE.support :]
    assert (np.sort(queries, axis=1) == [UNKNOWN, UNKNOWN, 0, 0, 1, 1, 2, 2]).all()
    assert (truth.domains.reshape(6, -1)[:, EPISODE.support :] == 0).all()
    assert len({tuple(row) for row in (queries == UNKNOWN).tolist()}) > 1
    assert not (truth.labels == second.truth.labels).all()
    for of_episode, places in zip(labels, positions, strict=True):
        classes = squares.labels[places]
        assert not set(classes[of_episode == UNKNOWN].tolist()) & set(classes[of_episode != UNKNOWN].tolist())
        assert len(set(classes[of_episode == UNKNOWN].tolist())) == 1
        assert len(set(places.tolist())) == len(places)


def test_the_known_part_is_that_of_the_board_without_other_classes(squares: Pack, tmp_path: Path) -> None:
    opened, closed = staged(squares, tmp_path / "a", OPEN_PLAN).truth, staged(squares, tmp_path / "b", PLAN).truth
    known = opened.positions[opened.labels != UNKNOWN].reshape(6, -1)
    for one, other in zip(known, closed.positions.reshape(6, -1), strict=True):
        assert (one[: EPISODE.support] == other[: EPISODE.support]).all()
        assert set(one.tolist()) == set(other.tolist())


def test_figures_are_those_of_scikit_learn_episode_by_episode(squares: Pack, tmp_path: Path) -> None:
    """An implementation that knows nothing of ours, with ties among the scores."""
    truth, benchmark = staged(squares, tmp_path / "in", OPEN_PLAN).truth, board(OPEN_PLAN)
    rng = np.random.default_rng(1)
    logits = rng.normal(size=(len(truth), 3)).astype(np.float32)
    scores = rng.integers(0, 4, len(truth)).astype(float)
    evidence = judged(benchmark, squares, truth, {"logits": logits, "scores": scores})
    areas, accuracies = [], []
    for start in range(0, len(truth), len(EPISODE)):
        rows = slice(start + EPISODE.support, start + len(EPISODE))
        labels = truth.labels[rows]
        areas.append(roc_auc_score(labels == UNKNOWN, -scores[rows]))
        right = logits[rows].argmax(axis=1) == labels
        accuracies.append(right[labels != UNKNOWN].mean())
    chosen = OPEN_PLAN.digest("", [(cells_of(OPEN_PLAN, "", ENTRANT)[1], evidence)])
    figures = {(figure.metric, figure.domain): figure for figure in OPEN_PLAN.figures(chosen)}
    for metric, of_each, count in (("auroc", areas, 48), ("accuracy", accuracies, 36)):
        figure = figures[metric, "dark[shots=2]"]
        assert (figure.n, figure.trials) == (count, 6)
        assert figure.value == pytest.approx(np.mean(of_each), abs=1e-12)
        assert spread_of(figure, OPEN_PLAN.spread) == pytest.approx(1.96 * np.std(of_each) / math.sqrt(6))
    assert evidence.outcomes is not None
    assert rescore(benchmark, squares, evidence.outcomes) == evidence.figures
    with pytest.raises(PredictionsError, match="'scores' is missing"):
        judged(benchmark, squares, truth, {"logits": logits})


def test_it_is_ranked_by_auroc_and_the_key_says_that_it_is_open() -> None:
    opened = board(OPEN_PLAN)
    assert [(c.title, c.metric) for c in opened.columns[:2]] == [
        ("Mean, 2 shots, AUROC", "auroc"),
        ("Mean, 2 shots, Accuracy", "accuracy"),
    ]
    plans = (PLAN, OPEN_PLAN, replace(OPEN_PLAN, others=2))
    assert len({board(plan).comparability_key("f") for plan in plans}) == 3
    assert ("others" in PLAN.facts("")["plan"], OPEN_PLAN.facts("")["plan"]["others"]) == (False, 1)
    with pytest.raises(SpecError, match="from 1"):
        board(replace(PLAN, others=-1))


def test_a_pack_without_other_classes_is_refused(squares: Pack, tmp_path: Path) -> None:
    with pytest.raises(PackError, match="query-dark has 4 classes, and an episode 5"):
        staged(squares, tmp_path / "a", replace(OPEN_PLAN, others=2))


def test_the_board_of_drawings_has_the_known_episodes_of_the_other() -> None:
    opened, closed = find("rdfsl/drawings-open"), find("rdfsl/drawings")
    assert isinstance(closed.plan, Episodes)
    assert opened.plan == replace(closed.plan, others=5)
    assert (opened.pack, opened.domains, opened.parts) == (closed.pack, closed.domains, closed.parts)
    assert (opened.columns[0].title, opened.columns[0].domain) == ("Mean, 5 shots, AUROC", "shifts[shots=5]")
