"""The base phase of few-shot detection, which is the same for many runs: what it is of, and how it is laid out."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from farfield_evaluators.benchmark import BASE, Benchmark
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.run_plan import BasePart
from farfield_evaluators.staging import stage_part, told, training_domains


def base_part(benchmark: Benchmark, pack: Pack, config: Mapping[str, Any], seed: int) -> BasePart | None:
    """That of a benchmark at one place of its plan; None without base images.

    Nothing in it is of the support set, except which classes are novel. Raises PackError for another pack.
    """
    if BASE not in benchmark.parts:
        return None
    name = benchmark.parts[BASE]
    alone = replace(benchmark, train_set=None, parts={BASE: name})
    lender, _ = pack.training(name)
    job = {
        "config": dict(config),
        "seed": seed,
        "class_names": tuple(c.name for c in pack.classes),
        "class_synsets": tuple(c.synsets for c in pack.classes),
        "domain_names": training_domains(alone, pack),
        **told(benchmark, pack),
    }

    def lay_out(folder: Path) -> None:
        stage_part(alone, pack, BASE, folder)

    return BasePart(job=job, data={"fingerprint": lender.fingerprint, "set": name}, lay_out=lay_out)
