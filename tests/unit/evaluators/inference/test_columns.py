from dataclasses import replace

from farfield_evaluators.benchmark import Column
from farfield_evaluators.catalog import find
from farfield_evaluators.inference.columns import Basis, basis_of
from farfield_evaluators.plans.trials import Trials


def column(metric: str, domain: str) -> Column:
    return Column(metric=metric, domain=domain, title="")


def test_a_mean_of_hits_on_a_domain_and_over_shifts() -> None:
    benchmark = find("imagenet-ood/imagenet")
    shifts = tuple(domain.name for domain in benchmark.domains if domain.role == "shift")
    assert basis_of(benchmark, column("accuracy", shifts[0])) == Basis(outcome="hit", domains=shifts[:1])
    assert basis_of(benchmark, column("accuracy", "shifts")) == Basis(outcome="hit", domains=shifts)
    assert basis_of(benchmark, column("nll", shifts[0])) == Basis(outcome="nll", domains=shifts[:1])


def test_what_is_no_mean_over_examples() -> None:
    benchmark = find("imagenet-ood/imagenet")
    assert basis_of(benchmark, column("ece", benchmark.domains[0].name)) is None
    assert basis_of(benchmark, column("accuracy", "no such")) is None
    detection = find("ood-detection/mini")
    assert basis_of(detection, detection.columns[0]) is None


def test_runs_on_test_sets_of_their_own_share_no_examples() -> None:
    folds = find("wilds/poverty")
    assert basis_of(folds, folds.columns[0]) is None


def test_a_test_set_of_each_trial_is_not_the_same_examples() -> None:
    benchmark = find("imagenet-ood/imagenet")
    first, *others = benchmark.domains
    drawn = replace(benchmark, domains=(replace(first, set="val-{trial}"), *others), plan=Trials(3))
    assert basis_of(drawn, column("accuracy", first.name)) is None
    assert basis_of(drawn, column("accuracy", others[0].name)) is not None
