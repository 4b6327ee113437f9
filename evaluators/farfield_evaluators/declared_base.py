"""What a method declares that it trains first: what makes it, and how what it learns from is laid out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from farfield.choices import INPUT
from farfield.config import settings_of
from farfield.frozen import holds
from farfield_evaluators.benchmark import TRAIN, Benchmark
from farfield_evaluators.run_plan import BasePart, Json, Staging
from farfield_evaluators.seeds import shared_seed
from farfield_evaluators.staged_features import Given
from farfield_evaluators.staging import numbers_of, stage_part, told, training_domains


def declared_part(
    staging: Staging, benchmark: Benchmark, declared: Json, features: Callable[[], Given | None]
) -> BasePart | None:
    """That of a method whose description has `declared`, at one place of a plan; None where it is trained in its run.

    It is so with settings with which nothing comes first, where the platform gives features in the place of images,
    which it may not have the next time, and where there is no training set. Raises PackError as `stage` does.
    """
    source, pack = staging.features, staging.pack
    if benchmark.train_set is None or (source is not None and not source.needed):
        return None
    if not holds(declared.get("only", {}), _settings(staging.description, staging.config)):
        return None
    parts = [part for part in benchmark.learned_from() if part in (TRAIN, *declared["parts"])]
    sets = {part: benchmark.learned_from()[part] for part in parts}
    lenders = {part: pack.training(name)[0].fingerprint for part, name in sets.items()}
    data = {"sets": sets, "fingerprints": lenders, "features": [] if source is None else list(source.networks)}
    job = {
        "config": chosen_settings(staging.description, staging.config, declared),
        "seed": shared_seed(data, staging.cell.at),
        "class_names": tuple(c.name for c in pack.classes),
        "class_synsets": tuple(c.synsets for c in pack.classes),
        "domain_names": training_domains(benchmark, pack),
        **told(benchmark, pack, numbers_of(pack)),
    }

    def lay_out(folder: Path) -> None:
        given = features()
        for part in parts:
            stage_part(benchmark, pack, part, folder, given, alone=not staging.on_request)

    shared = {name: value for name, value in declared.items() if name != "only"}
    inputs = dict(staging.description["inputs"])
    return BasePart(job=job, data=data, lay_out=lay_out, declared={**shared, "inputs": inputs})


def chosen_settings(description: Json, config: Json, declared: Json) -> dict[str, Any]:
    """The values of the settings that a base depends on, defaults too, and of `input` where there is a choice."""
    values = _settings(description, config)
    names = [INPUT, *declared["settings"]] if INPUT in values else declared["settings"]
    return {name: values[name] for name in names}


def _settings(description: Json, config: Json) -> dict[str, Any]:
    """The values of all settings of a method, defaults too."""
    known = {name: schema["default"] for name, schema in settings_of(dict(description["config_schema"]))}
    return {**known, **config}
