"""Measure what `coverage_names.json` holds: `python measure_coverage_names.py DOMAINBED OPENOOD CLIP_BENCHMARK > ...`.

The arguments are checkouts of facebookresearch/DomainBed (the committed names are of b93c22a), Jingkang50/OpenOOD
(3c35632) and LAION-AI/CLIP_benchmark (48de38c). Names are read in their registries, of which nothing is imported.
"""

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Names = dict[str, list[str]]
SEED = re.compile(r"_seed\d+")
OF_TESTS = ("_ood", "_fsood", "_osr")


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def assigned(module: ast.AST, *names: str) -> Iterator[ast.expr]:
    """The values that are given to these names, wherever in the module."""
    for node in ast.walk(module):
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id in names for t in node.targets):
            yield node.value


def keys(module: ast.AST, *names: str) -> list[str]:
    values = [value for value in assigned(module, *names) if isinstance(value, ast.Dict)]
    return unique(key.value for value in values for key in value.keys if isinstance(key, ast.Constant))


def unique(values: Any) -> list[str]:
    return list(dict.fromkeys(str(value) for value in values))


def domainbed(root: Path) -> Names:
    package = root / "domainbed"
    chosen = tree(package / "model_selection.py")
    selections = [ast.literal_eval(value) for value in assigned(chosen, "name") if isinstance(value, ast.Constant)]
    return {
        "algorithm": ast.literal_eval(next(assigned(tree(package / "algorithms.py"), "ALGORITHMS"))),
        "data set": ast.literal_eval(next(assigned(tree(package / "datasets.py"), "DATASETS"))),
        "selection": unique(selections),
    }


def openood(root: Path) -> Names:
    package = root / "openood"
    rules = [package / "postprocessors" / "utils.py", package / "evaluation_api" / "postprocessor.py"]
    files = sorted((root / "configs" / "datasets").glob("*/*.yml"))
    stems = unique(SEED.sub("", path.stem) for path in files if path.stem.endswith(OF_TESTS) or "mvtec" in path.parts)
    told = ast.literal_eval(next(assigned(tree(package / "evaluation_api" / "datasets.py"), "DATA_INFO")))
    parts = [part for each in told.values() for part in (each["csid"], each["ood"]["near"], each["ood"]["far"])]
    metrics = tree(package / "evaluators" / "metrics.py")
    [given] = [value for value in assigned(metrics, "results") if isinstance(value, ast.List)]
    return {
        "post-processor": unique(name for path in rules for name in keys(tree(path), "postprocessors")),
        "trainer": keys(tree(package / "trainers" / "utils.py"), "trainers"),
        "preprocessor": keys(tree(package / "preprocessors" / "utils.py"), "train_preprocessors"),
        "benchmark": unique([*told, *stems]),
        "data set": unique(name for part in parts for name in part["datasets"]),
        "metric": [*(name.id for name in given.elts if isinstance(name, ast.Name)), "ccr_fpr", "detection", "ece"],
    }


def clip_benchmark(root: Path) -> Names:
    package = root / "clip_benchmark"
    builder = tree(package / "datasets" / "builder.py")
    collections = ast.literal_eval(next(assigned(builder, "dataset_collection")))
    compared = [node for node in ast.walk(builder) if isinstance(node, ast.Compare)]
    values = [text for node in compared if ast.unparse(node.left) == "dataset_name" for text in texts(node)]
    vtab = {name.partition("/")[2] for name in collections["vtab"] + collections["vtab+"]}
    by_itself = [name for name in values if name not in vtab or name in collections["vtab+"]]
    listed = [line.removeprefix("wds/") for line in (root / "benchmark" / "webdatasets.txt").read_text().split()]
    tasks = {"zeroshot_classification", "zeroshot_retrieval", "linear_probe", "image_caption_selection", "captioning"}
    figures = unique(name for task in sorted(tasks) for name in figures_of(tree(package / "metrics" / f"{task}.py")))
    return {
        "task": sorted(tasks),
        "data set": unique([*by_itself, *(name for names in collections.values() for name in names), *listed]),
        "metric": figures,
    }


def texts(*nodes: ast.AST | None) -> list[str]:
    every = [each for node in nodes if node for each in ast.walk(node) if isinstance(each, ast.Constant)]
    return [each.value for each in every if isinstance(each.value, str)]


def figures_of(module: ast.Module) -> Iterator[str]:
    """Names in what is returned as figures, in what they are stored under, and in lists of a caption's scorers."""
    for node in ast.walk(module):
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Dict):
            yield from filter(is_figure, texts(*node.value.keys))
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and ast.unparse(node.value) == "metrics":
            yield re.sub(r"\{\w+\}", "k", ast.unparse(node.slice)).strip("f'\"")
    for value in assigned(module, "scorers"):
        yield from texts(value)


def is_figure(name: str) -> bool:
    return name not in {"weight_decay", "epochs", "seed", "fewshot_k", "normalized", "classification_report"}


if __name__ == "__main__":
    readers = {"domainbed": domainbed, "openood": openood, "clip-benchmark": clip_benchmark}
    found = {name: read(Path(folder)) for (name, read), folder in zip(readers.items(), sys.argv[1:], strict=True)}
    print(json.dumps(found, indent=1))
