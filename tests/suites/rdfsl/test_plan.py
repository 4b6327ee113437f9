"""What a run of episodes is given, what is hidden from it, and what becomes of what it says."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.suites.rdfsl.made import BASE_CLASSES, PLAN, SIDE, board, pack, pictures

from farfield.errors import SpecError
from farfield.families.few_shot_classification import Episode
from farfield_evaluators.data.packs import Pack, PackError
from farfield_evaluators.outcomes import judged, rescore
from farfield_evaluators.plans.means import spread_of
from farfield_evaluators.run_plan import Chosen, Entrant, NotRunnable, Staged, Staging, cell_title, cells_of
from farfield_evaluators.staged_features import FeatureSource
from farfield_evaluators.suites.rdfsl.plan import Episodes
from farfield_evaluators.suites.rdfsl.staging import NO_DOMAIN

ENTRANT = Entrant(identity="a", benchmark="own/squares", method="any")


@pytest.fixture(scope="module")
def squares(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return pack(tmp_path_factory.mktemp("packs"))


def staged(
    squares: Pack, folder: Path, plan: Episodes = PLAN, run: int = 1, features: FeatureSource | None = None
) -> Staged:
    cell = cells_of(plan, "", ENTRANT)[run]
    staging = Staging(
        benchmark=board(plan),
        pack=squares,
        tier="",
        cell=cell,
        entrant=ENTRANT,
        description={"name": "any", "inputs": {"kind": "images"}},
        config={},
        folder=folder,
        features=features,
    )
    return plan.stage(staging)


def test_an_entry_has_a_run_for_each_number_of_shots() -> None:
    cells = cells_of(PLAN, "", ENTRANT)
    assert [cell.at for cell in cells] == [{"shots": 1}, {"shots": 2}]
    assert len({cell.seed for cell in cells}) == 2
    assert [cell_title(PLAN, cell.at) for cell in cells] == ["1 shot", "2 shots"]


def test_the_key_says_what_an_episode_is() -> None:
    others = [
        replace(PLAN, shots=(2, 3)),
        replace(PLAN, way=5),
        replace(PLAN, queries=5),
        replace(PLAN, episodes=5),
        replace(PLAN, seed=5),
    ]
    keys = [board(plan).comparability_key("f") for plan in (PLAN, *others)]
    assert len(set(keys)) == len(keys)
    facts = PLAN.facts("")["plan"]
    assert (facts["kind"], facts["spread"], facts["seed"]) == ("episodes", "ci95", 10)


@pytest.mark.parametrize(
    ("changes", "says"),
    [({"way": 0}, "from 1"), ({"shots": (2, 2)}, "twice"), ({"shots": (2, 0)}, "from 1")],
)
def test_what_is_no_plan_is_refused(changes: dict[str, object], says: str) -> None:
    with pytest.raises(SpecError, match=says):
        board(replace(PLAN, **changes))  # type: ignore[arg-type]


def test_a_run_is_given_support_by_class_and_then_queries_in_a_secret_order(squares: Pack, tmp_path: Path) -> None:
    first, second = (staged(squares, tmp_path / name) for name in "ab")
    episode = Episode(way=3, shots=2, queries=2)
    assert first.examples == 6 * len(episode) == 72
    assert first.job["schedule"] == {"way": 3, "shots": 2, "queries": 2}
    labels, domains = (array.reshape(6, -1) for array in (first.truth.labels, first.truth.domains))
    assert (labels[:, : episode.support] == [0, 0, 1, 1, 2, 2]).all()
    assert (domains[:, : episode.support] == NO_DOMAIN).all()
    assert (domains[:, episode.support :] == 0).all()
    assert (np.sort(labels[:, episode.support :], axis=1) == [0, 0, 1, 1, 2, 2]).all()
    assert not (first.truth.labels == second.truth.labels).all()
    for one, other in zip(np.split(first.truth.positions, 6), np.split(second.truth.positions, 6), strict=True):
        assert (one[: episode.support] == other[: episode.support]).all()
        assert set(one.tolist()) == set(other.tolist())


def test_queries_are_of_other_images_than_any_support_and_labels_are_right(squares: Pack, tmp_path: Path) -> None:
    truth = staged(squares, tmp_path / "in").truth
    support, queries = truth.positions[truth.domains < 0], truth.positions[truth.domains >= 0]
    assert set(support.tolist()) <= set(squares.members("support-dark").tolist())
    assert set(queries.tolist()) <= set(squares.members("query-dark").tolist())
    for positions, labels in zip(np.split(truth.positions, 6), np.split(truth.labels, 6), strict=True):
        classes = squares.labels[positions]
        assert len(set(zip(labels.tolist(), classes.tolist(), strict=True))) == 3
        assert len(set(positions.tolist())) == len(positions)


def test_no_file_of_the_run_tells_a_query_and_only_base_classes_have_names(squares: Pack, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    job = staged(squares, folder).job
    assert job["class_names"] == BASE_CLASSES
    assert sorted(path.name for path in (folder / "test").iterdir()) == ["images.npy"]
    assert np.load(folder / "test" / "images.npy").shape == (72, SIDE, SIDE, 3)
    assert set(np.load(folder / "base" / "labels.npy").tolist()) == {0, 1, 2}


def test_a_run_on_features_is_given_those_of_support_and_queries_and_of_the_base_set(
    squares: Pack, tmp_path: Path
) -> None:
    """Support images are in no set of a test domain. Features here are the images' places in the pack."""
    images = pictures(tmp_path / "packs", tmp_path / "images")
    source = FeatureSource(of=lambda pack, positions: positions[:, None].astype(np.float32))
    made = staged(images, tmp_path / "in", features=source)
    given = np.load(tmp_path / "in" / "test" / "features.npy")
    assert given[:, 0].tolist() == made.truth.positions.tolist()
    assert np.load(tmp_path / "in" / "base" / "features.npy")[:, 0].tolist() == images.members("base").tolist()
    with pytest.raises(NotRunnable, match="of which no features are computed"):
        staged(squares, tmp_path / "arrays", features=source)


def test_figures_are_means_over_episodes_and_come_again_from_outcomes(squares: Pack, tmp_path: Path) -> None:
    """An implementation that knows nothing of ours: accuracies by episode in plain Python."""
    made = staged(squares, tmp_path / "in")
    truth = made.truth
    logits = np.random.default_rng(1).normal(size=(len(truth), 3)).astype(np.float32)
    evidence = judged(board(), squares, truth, {"logits": logits})
    hits = (logits.argmax(axis=1) == truth.labels).tolist()
    by_episode = [sum(hits[start + 6 : start + 12]) / 6 for start in range(0, len(truth), 12)]
    chosen = PLAN.digest("", [(cells_of(PLAN, "", ENTRANT)[1], evidence)])
    figures = {figure.domain: figure for figure in PLAN.figures(chosen)}
    assert figures.keys() == {"dark[shots=2]", "shifts[shots=2]"}
    figure = figures["dark[shots=2]"]
    assert figure.value == pytest.approx(np.mean(by_episode))
    assert (figure.trials, figure.n) == (6, 36)
    assert spread_of(figure, PLAN.spread) == pytest.approx(1.96 * np.std(by_episode) / math.sqrt(6))
    assert evidence.outcomes is not None
    assert rescore(board(), squares, evidence.outcomes) == evidence.figures


@given(st.lists(st.floats(0, 1), min_size=2, max_size=50))
def test_the_interval_is_the_releases(values: list[float]) -> None:
    """Its test.py has 1.96 * np.std(acc) / np.sqrt(episodes), with ddof 0."""
    plan = replace(PLAN, episodes=len(values))
    error = float(np.std(values, ddof=1)) / math.sqrt(len(values))
    chosen = Chosen(metric="accuracy", domain="dark", value=float(np.mean(values)), stderr=error, at={"shots": 2})
    (figure,) = plan.figures([chosen])
    assert spread_of(figure, plan.spread) == pytest.approx(1.96 * np.std(values) / math.sqrt(len(values)), abs=1e-12)


def test_a_pack_with_too_little_for_an_episode_is_refused(squares: Pack, tmp_path: Path) -> None:
    with pytest.raises(PackError, match="v has 5 support and 4 query images, and an episode takes 2 and 5"):
        staged(squares, tmp_path / "a", replace(PLAN, queries=5))
    with pytest.raises(PackError, match="query-dark has 4 classes, and an episode 5"):
        staged(squares, tmp_path / "b", replace(PLAN, way=5))
