"""Data sets' facts and the runs of a sweep."""

from statistics import fmean

import pytest

from farfield.errors import UnknownName
from farfield_evaluators.suites.domainbed import published
from farfield_evaluators.suites.domainbed.datasets import (
    COLORED_MNIST,
    DATASETS,
    DOMAINBED,
    OURS,
    PACS,
    STYLES,
    checkpoint_steps,
    find,
)
from farfield_evaluators.suites.domainbed.further import SPAWRIOUS
from farfield_evaluators.suites.domainbed.selection import RULES
from farfield_evaluators.suites.domainbed.sweep import DEFAULTS, FULL, IID, SMOKE, TIERS, Tier, cells, held_out, tier


@pytest.mark.parametrize(
    ("name", "environments", "every", "batch", "lr"),
    [
        ("ColoredMNIST", 3, 100, 64, 1e-3),
        ("RotatedMNIST", 6, 100, 64, 1e-3),
        ("VLCS", 4, 300, 32, 5e-5),
        ("PACS", 4, 300, 32, 5e-5),
        ("OfficeHome", 4, 300, 32, 5e-5),
        ("TerraIncognita", 4, 300, 32, 5e-5),
        ("DomainNet", 6, 1000, 32, 5e-5),
    ],
)
def test_the_facts_of_the_seven(name: str, environments: int, every: int, batch: int, lr: float) -> None:
    dataset = find(name)
    assert len(dataset.environments) == environments
    assert (dataset.checkpoint_every, dataset.steps, dataset.batch_size, dataset.lr) == (every, 5001, batch, lr)


def test_environments_are_numbered_in_the_sorted_order_of_their_folders() -> None:
    with_folders = [d for d in DATASETS if d.folders]
    assert {d.name for d in with_folders} == {"VLCS", "PACS", "OfficeHome", "TerraIncognita", "DomainNet"}
    for dataset in with_folders:
        assert list(dataset.folders) == sorted(dataset.folders)
        assert len(dataset.folders) == len(dataset.environments)
        for folder, name in zip(dataset.folders, dataset.environments, strict=True):
            assert folder.replace("location_", "L").upper().startswith(name.upper())


def test_names_are_found_by_either_name_and_are_all_different() -> None:
    names = [n for d in DATASETS for n in (d.name, d.benchmark)]
    assert len(set(names)) == len(names)
    assert find("domainbed/pacs") is find("PACS") is PACS
    with pytest.raises(UnknownName, match=r"no DomainBed data set is called 'pacs'.*VLCS"):
        find("pacs")


def test_checkpoints_fall_on_every_kth_step_and_on_the_last() -> None:
    assert checkpoint_steps(5001, 300) == (*range(0, 5000, 300), 5000)
    assert checkpoint_steps(5001, 1000) == (0, 1000, 2000, 3000, 4000, 5000)
    assert checkpoint_steps(1, 300) == (0,)


@pytest.mark.parametrize(
    ("of", "counts"),
    [(FULL, {3: 360, 4: 600, 6: 1260}), (IID, {3: 180, 4: 240, 6: 360}), (DEFAULTS, {4: 12}), (SMOKE, {4: 4})],
)
def test_how_many_runs_a_tier_has(of: Tier, counts: dict[int, int]) -> None:
    for dataset in (*DOMAINBED, *OURS):
        runs = cells(dataset, "ERM", of)
        assert len(set(runs)) == len(runs) == counts.get(len(dataset.environments), len(runs))
        assert len({run.seed for run in runs}) == len(runs)


def test_the_runs_come_in_domainbeds_order() -> None:
    assert list(held_out(COLORED_MNIST, pairs=True)) == [(0,), (0, 1), (0, 2), (1,), (1, 2), (2,)]
    assert list(held_out(SPAWRIOUS[0], pairs=True)) == [(0,), (0, 1), (0, 2)]
    runs = cells(PACS, "ERM", FULL)
    order = [(r.trial_seed, r.test_envs, r.hparams_seed) for r in runs]
    assert order[:2] == [(0, (0,), 0), (0, (0,), 1)]
    assert order == sorted(order)
    assert {r.hparams_seed for r in cells(PACS, "ERM", DEFAULTS)} == {0}


def test_a_tier_is_found_by_name_and_smoke_takes_few_steps() -> None:
    assert [tier(t.name) for t in TIERS] == [*TIERS]
    assert (SMOKE.steps_of(PACS), SMOKE.checkpoints_of(PACS)) == (21, (0, 10, 20))
    assert (SMOKE.every_of(PACS), SMOKE.checkpoints_of(STYLES)) == (10, (0, 100, 200, 300))
    assert FULL.checkpoints_of(PACS) == checkpoint_steps(5001, 300)
    assert FULL.every_of(STYLES) == 300
    with pytest.raises(UnknownName, match="tier is called 'quick'"):
        tier("quick")


def test_published_averages_are_the_means_of_their_rows() -> None:
    parts = {dataset.name: len(dataset.environments) for dataset in DOMAINBED} | {published.ALL: 7}
    wanted = {(rule.name, name, a) for rule in RULES for name in parts for a in published.ALGORITHMS}
    assert published.PUBLISHED.keys() == wanted
    assert len(published.ALGORITHMS) == 14
    for (_, name, _), row in published.PUBLISHED.items():
        assert len(row.parts) == parts[name]
        assert abs(fmean(row.parts) - row.average) < 0.1
    assert [find(name) for name in published.DATASETS] == [*DOMAINBED]


def test_a_data_sets_published_average_is_its_figure_among_all() -> None:
    for (rule, name, algorithm), row in published.PUBLISHED.items():
        if name == published.ALL:
            found = [published.PUBLISHED[rule, d, algorithm].average for d in published.DATASETS]
            assert tuple(found) == row.parts
