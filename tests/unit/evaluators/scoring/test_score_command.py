"""`farfield score ood-detection` and `farfield score imagenet-ood`, as a person types them."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.smallpack import small_pack

from farfield import TaskFamily
from farfield.cli import main
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import benchmarks, find
from farfield_evaluators.data.label_space import LabelSpace, subset
from farfield_evaluators.evaluate import Truth, as_tests, evaluate
from farfield_evaluators.figure import Figure
from farfield_evaluators.predictions import official_ids
from farfield_evaluators.scoring import classification, detection
from farfield_evaluators.scoring.corruption import CORRUPTION_ERRORS
from farfield_evaluators.scoring.files import OF_CLASSIFIERS
from farfield_evaluators.scoring.formats import FORMATS
from farfield_evaluators.scoring.remarks import Remarked
from farfield_evaluators.scoring.scorer import Scorer, Wanted, score_tests

MINI_OOD, IMAGENET, IMAGENET_C = (
    find(n) for n in ("ood-detection/mini", "imagenet-ood/imagenet", "imagenet-ood/imagenet-c")
)
Run = Callable[..., tuple[int, str, str]]
CLASSES, MINI_CLASSES = 1000, 36
OURS = {metric.name for scorer in OF_CLASSIFIERS for metric in scorer.gives}
# Files have no groups; what is called an ID set or a shift, and which of them has a line, is ImageNet's.
CLASSIFICATION = [
    benchmark
    for benchmark in benchmarks()
    if benchmark.name.startswith(("imagenet-ood/", "adaptation/"))
    and benchmark.name != "imagenet-ood/v2-variants"  # which gives no effective robustness on V2 alone
    and benchmark.family is TaskFamily.CLASSIFICATION
    and not benchmark.groups
    and {metric.name for metric in benchmark.metrics} <= OURS
]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def score(*words: object) -> tuple[int, str, str]:
        try:
            status = main(["score", *map(str, words)])
        except SystemExit as ended:
            status = int(ended.code or 0)
        shown = capsys.readouterr()
        return status, shown.out, shown.err

    return score


def staged(benchmark: Benchmark, classes: int, per_domain: int = 25, seed: int = 0) -> tuple[Truth, dict[str, Any]]:
    rng = np.random.default_rng(seed)
    domains = np.repeat(np.arange(len(benchmark.domains)), per_domain)
    is_ood = np.array([d.role in ("near", "far") for d in benchmark.domains])[domains]
    labels = np.where(is_ood, -1, rng.integers(0, classes, len(domains)))
    logits = rng.normal(size=(len(domains), classes)).astype(np.float32)
    logits[np.arange(len(domains)), labels] += 3
    scores = rng.normal(size=len(domains)) + ~is_ood
    return Truth(labels=labels, domains=domains, classes=classes), {"scores": scores, "logits": logits}


def detection_files(folder: Path, truth: Truth, arrays: dict[str, Any]) -> list[str]:
    """A file for each domain of ood-detection/mini, and the options that name them."""
    words = []
    for number, domain in enumerate(MINI_OOD.domains):
        inside, path = truth.domains == number, folder / f"{domain.name}.npz"
        extra = {"logits": arrays["logits"][inside], "label": truth.labels[inside]} if domain.role == "id" else {}
        np.savez(path, score=arrays["scores"][inside], **extra)
        words += ["--id", str(path)] if domain.role == "id" else ["--ood", f"{domain.name}={path}"]
        words += ["--near", domain.name] if domain.role == "near" else []
    return words


def figures(scores: tuple[Figure, ...]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(s["metric"], s["domain"]): s for s in as_objects(scores)}


def figures_of(run: Run, *words: str) -> dict[tuple[str, str], dict[str, Any]]:
    """What `farfield score imagenet-ood` prints, without a remark."""
    status, out, err = run("imagenet-ood", *words, "--json")
    assert (status, err) == (0, "")
    return {(s["metric"], s["domain"]): s for s in json.loads(out)["scores"]}


def as_objects(scores: tuple[Figure, ...]) -> list[dict[str, Any]]:
    return json.loads(FORMATS["json"](Remarked(scores=scores, remarks=())))["scores"]


def by_all_scorers(benchmark: Benchmark, truth: Truth, arrays: dict[str, Any]) -> tuple[Figure, ...]:
    """A run's figures of all metrics of its family; those relative to other models where the benchmark has them."""
    if benchmark is MINI_OOD:
        scorers: tuple[Scorer, ...] = (detection.CLASSIC, detection.ID_ACCURACY)
    else:
        declared = set(benchmark.metrics)
        relative = (classification.EFFECTIVE_ROBUSTNESS, CORRUPTION_ERRORS)
        scorers = tuple(s for s in OF_CLASSIFIERS if s not in relative or declared & set(s.gives))
    wanted = Wanted(metrics=frozenset(metric.name for scorer in scorers for metric in scorer.gives))
    every = score_tests(scorers, as_tests(benchmark, truth, arrays), wanted)
    assert set(evaluate(benchmark, truth, arrays)) <= set(every)
    return every


def test_detection_gives_the_servers_numbers(run: Run, tmp_path: Path) -> None:
    truth, arrays = staged(MINI_OOD, 36)
    words = detection_files(tmp_path, truth, arrays)
    status, out, err = run("ood-detection", *words, "--format", "json")
    assert (status, err) == (0, "")
    assert json.loads(out)["scores"] == as_objects(by_all_scorers(MINI_OOD, truth, arrays))


def test_scores_are_enough(run: Run, tmp_path: Path) -> None:
    truth, arrays = staged(MINI_OOD, 36)
    words = detection_files(tmp_path, truth, arrays)
    np.savez(tmp_path / "photographs.npz", score=arrays["scores"][truth.domains == 0])
    _, out, _ = run("ood-detection", *words, "--json")
    expected = as_objects(by_all_scorers(MINI_OOD, truth, arrays))
    assert json.loads(out)["scores"] == [s for s in expected if s["metric"] != "accuracy"]


def test_openoods_near_sets_are_known_by_name(run: Run, tmp_path: Path) -> None:
    for number, name in enumerate(("id", "ssb_hard", "ninco", "textures")):
        np.savez(tmp_path / f"{name}.npz", score=np.random.default_rng(number).normal(size=30) + (name == "id"))
    sets = [f"--ood={name}={tmp_path / name}.npz" for name in ("textures", "ssb_hard", "ninco")]
    _, out, _ = run("ood-detection", "--id", tmp_path / "id.npz", *sets, "--format", "csv")
    values = {(row["metric"], row["domain"]): float(row["value"]) for row in csv.DictReader(io.StringIO(out))}
    near = (values["auroc", "ssb_hard"] + values["auroc", "ninco"]) / 2
    assert values["auroc", "near"] == pytest.approx(near, abs=1e-15)
    assert values["auroc", "far"] == values["auroc", "textures"]


def test_full_spectrum_counts_shifted_images_as_id(run: Run, tmp_path: Path) -> None:
    parts = {name: np.random.default_rng(i).normal(size=40) for i, name in enumerate(("id", "v2", "far"))}
    for name, scores in parts.items():
        np.savez(tmp_path / f"{name}.npz", score=scores)
    words = ["--id", tmp_path / "id.npz", "--ood", f"f={tmp_path / 'far.npz'}", "--shift", f"v2={tmp_path / 'v2.npz'}"]
    _, out, _ = run("ood-detection", *words, "--json")
    found = {(s["metric"], s["domain"]): s for s in json.loads(out)["scores"]}
    np.savez(tmp_path / "both.npz", score=np.r_[parts["id"], parts["v2"]])
    _, out, _ = run("ood-detection", "--id", tmp_path / "both.npz", "--ood", f"f={tmp_path / 'far.npz'}", "--json")
    both = {(s["metric"], s["domain"]): s for s in json.loads(out)["scores"]}
    for metric in ("auroc", "fpr95", "aupr-in", "aupr-out"):
        assert found[f"{metric}-full-spectrum", "f"]["value"] == both[metric, "f"]["value"]
        assert found[f"{metric}-full-spectrum", "f"]["n"] == 120
        assert found[metric, "f"]["n"] == 80


def test_the_accuracy_with_shifts_needs_the_logits_of_all(run: Run, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for name in ("id", "v2", "r", "far"):
        logits, label = rng.normal(size=(40, 5)), rng.integers(0, 5, 40)
        named = {} if name == "far" else {"logits": logits, "label": label}
        np.savez(tmp_path / f"{name}.npz", score=rng.normal(size=40), **named)
    np.savez(tmp_path / "bare.npz", score=rng.normal(size=40))
    base = ["ood-detection", "--id", tmp_path / "id.npz", "--ood", f"f={tmp_path / 'far.npz'}", "--json"]

    def accuracies(*shifts: str) -> dict[str, tuple[float, int]]:
        _, out, _ = run(*base, *(f"--shift={name}={tmp_path / name}.npz" for name in shifts))
        scores = json.loads(out)["scores"]
        return {s["metric"]: (s["value"], s["n"]) for s in scores if s["metric"].startswith("accuracy")}

    hits = {}
    for name in ("id", "v2", "r"):
        arrays = np.load(tmp_path / f"{name}.npz")
        hits[name] = arrays["logits"].argmax(axis=1) == arrays["label"]
    whole = np.concatenate(list(hits.values()))
    assert accuracies("v2", "r") == {
        "accuracy": (hits["id"].mean(), 40),
        "accuracy-full-spectrum": (pytest.approx(whole.mean(), abs=1e-15), 120),
    }
    assert set(accuracies("v2", "bare")) == set(accuracies()) == {"accuracy"}


def classification_files(folder: Path, benchmark: Benchmark, truth: Truth, logits: Any) -> list[str]:
    words = []
    for number, domain in enumerate(benchmark.domains):
        inside, path = truth.domains == number, folder / f"{domain.name}.npz"
        space = truth.spaces.get(number)
        extra = {}
        if space is not None and space.kind == "max":
            extra["space"] = np.full(CLASSES, -1)
            for group_number, group in enumerate(space.groups):
                extra["space"][list(group)] = group_number
        np.savez(path, logits=logits[inside], label=truth.labels[inside], **extra)
        words += ["--set", f"{domain.name}={path}"]
    return words


def imagenet_truth() -> tuple[Truth, Any]:
    """R and A with their own 200 classes, ObjectNet with groups, and labels that are among them."""
    from farfield_evaluators.data import imagenet_classes as classes

    truth, arrays = staged(IMAGENET, CLASSES)
    names = [d.name for d in IMAGENET.domains]
    groups = tuple((3 * i, 3 * i + 1) if i % 9 == 0 else (3 * i,) for i in range(113))
    spaces = {
        names.index("r"): subset([classes.numbers()[w] for w in classes.imagenet_r()]),
        names.index("a"): subset([classes.numbers()[w] for w in classes.imagenet_a()]),
        names.index("objectnet"): LabelSpace(kind="max", groups=groups),
    }
    rng = np.random.default_rng(5)
    for number, space in spaces.items():
        inside = truth.domains == number
        members = space.classes if space.kind == "subset" else [g[0] for g in space.groups]
        truth.labels[inside] = rng.choice(members, inside.sum())
        arrays["logits"][inside, truth.labels[inside]] += 3
    return Truth(labels=truth.labels, domains=truth.domains, classes=CLASSES, spaces=spaces), arrays["logits"]


def truth_of(benchmark: Benchmark) -> tuple[Truth, Any]:
    if benchmark is IMAGENET:
        return imagenet_truth()
    truth, arrays = staged(benchmark, MINI_CLASSES if "mini" in benchmark.name else CLASSES)
    return truth, arrays["logits"]


@pytest.mark.parametrize("benchmark", CLASSIFICATION, ids=lambda b: b.name)
def test_classification_gives_the_servers_numbers_and_no_others(run: Run, benchmark: Benchmark, tmp_path: Path) -> None:
    truth, logits = truth_of(benchmark)
    words = classification_files(tmp_path, benchmark, truth, logits)
    status, out, err = run("imagenet-ood", *words, "--format", "json")
    assert (status, err) == (0, "")
    expected = by_all_scorers(benchmark, truth, {"logits": logits})
    assert json.loads(out) == {"scores": as_objects(expected), "remarks": []}


def test_the_official_shifts_have_all_their_figures(run: Run, tmp_path: Path) -> None:
    found = figures_of(run, *classification_files(tmp_path, IMAGENET, *imagenet_truth()))
    assert {d for m, d in found if m == "id-subset-accuracy"} == {"r", "a", "objectnet"}
    assert {d for m, d in found if m == "effective-robustness"} == {"v2", "r", "a", "sketch", "objectnet", "shifts"}


def test_all_corruptions_of_other_classes_have_an_mce(run: Run, tmp_path: Path) -> None:
    truth, arrays = staged(IMAGENET_C, 10)
    found = figures_of(run, *classification_files(tmp_path, IMAGENET_C, truth, arrays["logits"]))
    assert found == figures(by_all_scorers(IMAGENET_C, truth, arrays))


def test_corruptions_beside_shifts_are_no_shifts(run: Run, tmp_path: Path) -> None:
    truth, arrays = staged(IMAGENET_C, CLASSES)
    words = classification_files(tmp_path, IMAGENET_C, truth, arrays["logits"])
    server = figures(evaluate(IMAGENET_C, truth, arrays))
    extra = figures_of(run, *words, "--set", f"spatter={tmp_path / 'snow.npz'}")
    assert extra["accuracy", "shifts"] == server["accuracy", "shifts"]  # it never counts in a mean
    found = figures_of(run, *words, "--set", f"v2={tmp_path / 'snow.npz'}")
    assert found["accuracy", "shifts"]["value"] == found["accuracy", "v2"]["value"]
    assert found["mce", "shifts"] == server["mce", "shifts"]


ALIASES = {
    "val": ("Val", "VAL", "imagenet-val", "ImageNet_val", "imagenet/val"),
    "v2": ("V2", "imagenet-v2", "ImageNetV2", "imagenet_v2"),
    "r": ("R", "imagenet_r", "imagenet-r", "ImageNet-R"),
    "a": ("A", "imagenet_a", "imagenet-a", "ImageNetA"),
    "sketch": ("Sketch", "imagenet-sketch", "ImageNet_Sketch"),
    "objectnet": ("ObjectNet", "objectnet-1.0", "OBJECTNET"),
}


@pytest.mark.parametrize(("name", "alias"), [(n, a) for n, aliases in ALIASES.items() for a in aliases])
def test_every_spelling_of_a_set_is_read_as_that_set(run: Run, name: str, alias: str, tmp_path: Path) -> None:
    words = classification_files(tmp_path, IMAGENET, *imagenet_truth())
    expected = figures_of(run, *words)
    found = figures_of(run, *(w.replace(f"{name}=", f"{alias}=") if w.startswith(f"{name}=") else w for w in words))
    assert {(m, name if d == alias else d): s["value"] for (m, d), s in found.items()} == {
        key: s["value"] for key, s in expected.items()
    }


@pytest.mark.parametrize("alias", ["FOG", "c/fog", "C/Fog", "imagenet-c/fog", "ImageNet_C-fog"])
def test_every_spelling_of_a_corruption_is_that_corruption(run: Run, alias: str, tmp_path: Path) -> None:
    truth, arrays = staged(IMAGENET_C, CLASSES)
    words = classification_files(tmp_path, IMAGENET_C, truth, arrays["logits"])
    found = figures_of(run, *(w.replace("fog=", f"{alias}=") if w.startswith("fog=") else w for w in words))
    expected = figures(evaluate(IMAGENET_C, truth, arrays))
    for key in (("mce", "shifts"), ("corruption-error", "fog"), ("accuracy", "shifts")):
        assert found[key] == expected[key]


def test_a_set_that_is_read_as_a_plain_shift_for_its_unknown_name_is_named(run: Run, files: dict[str, Path]) -> None:
    words = "imagenet-ood --set valid={id} --set mine={id} --set v2={id} --set o={fits} --set openmoji={id}"
    status, out, err = run(*words.format(**files).split(), "--json")
    says = "valid, mine: no board has a set of this name; read as a shift with all 4 classes"
    assert (status, err.startswith(f"note: {says}")) == (0, True)
    assert err.rstrip().endswith("[scores.unknown_set]")
    [remark] = json.loads(out)["remarks"]
    assert (remark["code"], remark["says"] in err) == ("scores.unknown_set", True)


def test_near_sets_are_known_in_every_spelling(run: Run, files: dict[str, Path]) -> None:
    words = "ood-detection --id {id} --ood SSB_Hard={a} --ood Ninco={b} --ood sun={high}"
    _, out, _ = run(*words.format(**files).split(), "--json")
    found = {(s["metric"], s["domain"]): s["value"] for s in json.loads(out)["scores"]}
    assert found["auroc", "far"] == found["auroc", "sun"]
    assert found["auroc", "near"] == pytest.approx((found["auroc", "SSB_Hard"] + found["auroc", "Ninco"]) / 2)


def test_each_class_has_its_accuracy(run: Run, tmp_path: Path) -> None:
    logits, labels = np.eye(3)[[0, 0, 2, 1]], np.array([0, 1, 2, 1])
    np.savez(tmp_path / "val.npz", logits=logits, label=labels)
    np.savez(tmp_path / "o.npz", logits=logits[2:], label=labels[2:], space=np.array([-1, 7, 7]))
    sets = ["--set", f"val={tmp_path / 'val.npz'}", "--set", f"o={tmp_path / 'o.npz'}"]
    assert run("imagenet-ood", *sets, "--per-class", tmp_path / "classes.csv")[0] == 0
    rows = (tmp_path / "classes.csv").read_text().splitlines()
    assert rows == ["set,class,images,accuracy", "val,0,1,1.0", "val,1,2,0.5", "val,2,1,1.0", "o,1,2,1.0"]
    status, _, err = run("imagenet-ood", *sets, "--per-class", tmp_path / "absent" / "classes.csv")
    assert (status, "cannot be written: No such file" in err) == (1, True)


def test_a_file_of_classes_is_written_over_no_set(run: Run, files: dict[str, Path], tmp_path: Path) -> None:
    whole = files["id"].read_bytes()
    (tmp_path / "link.npz").symlink_to(files["id"])
    (tmp_path / "hard.npz").hardlink_to(files["id"])
    for target in (files["id"], tmp_path / "link.npz", tmp_path / "hard.npz"):
        status, out, err = run("imagenet-ood", "--set", f"val={files['id']}", "--per-class", target)
        assert (status, out, "--per-class would overwrite the set val" in err) == (2, "", True)
        assert files["id"].read_bytes() == whole


def test_what_fails_leaves_an_older_file_of_classes(run: Run, files: dict[str, Path], tmp_path: Path) -> None:
    older = tmp_path / "classes.csv"
    older.write_text("older")
    sets = ["--set", f"val={files['id']}", "--set", f"v2={files['wide']}"]
    assert run("imagenet-ood", *sets, "--per-class", older)[0] == 1
    assert older.read_text() == "older"


def test_text_and_latex_have_a_line_for_each_set(run: Run, tmp_path: Path) -> None:
    truth, arrays = staged(MINI_OOD, 36)
    words = detection_files(tmp_path, truth, arrays)
    _, text, _ = run("ood-detection", *words)
    lines = text.splitlines()
    assert [line.split("  ")[0] for line in lines[:4]] == ["Set", "near", "far", "id"]
    expected = {(s.metric, s.domain): s for s in evaluate(MINI_OOD, truth, arrays)}["auroc", "near"]
    assert f"{expected.value * 100:.1f} ± {expected.stderr * 100:.1f}" in lines[1]
    _, latex, _ = run("ood-detection", *words, "--format", "latex")
    assert rf"near & - & {expected.value * 100:.1f} $\pm$ {expected.stderr * 100:.1f} &" in latex
    assert latex.count(r"\\") == len(lines)
    assert r"AUROC, \%" in latex


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    rng = np.random.default_rng(0)
    logits, label = rng.normal(size=(20, 4)), rng.integers(0, 4, 20)
    found: dict[str, dict[str, Any]] = {
        "id": {"score": rng.normal(size=20) + 1, "logits": logits, "label": label},
        "a": {"score": rng.normal(size=20)},
        "b": {"score": rng.normal(size=20)},
        "nan": {"score": np.full(20, np.nan)},
        "one": {"score": np.ones(20)},
        "ones": {"score": np.ones(5)},
        "wide": {"score": rng.normal(size=20), "logits": rng.normal(size=(20, 5)), "label": label},
        "off": {"score": rng.normal(size=20), "logits": logits, "label": label + 1},
        "high": {"score": rng.normal(size=20) + 9},
        "higher": {"score": rng.normal(size=20) + 10},
        "thousand": {"logits": rng.normal(size=(20, 1000)), "label": np.full(20, 999)},
        "thin": {"logits": logits, "label": label, "space": np.array([0, 1])},
        "apart": {"logits": logits, "label": label, "space": np.array([0, 1, -1, -1])},
        "fits": {"logits": logits, "label": label, "space": np.array([0, 1, 1, 0])},
        "single": {"score": np.ones(1)},
    }
    for name, arrays in found.items():
        np.savez(tmp_path / f"{name}.npz", **arrays)
    np.savez(tmp_path / "object.npz", score=np.array([{}], dtype=object))
    return {name: tmp_path / f"{name}.npz" for name in [*found, "object", "absent"]}


@pytest.mark.parametrize(
    ("code", "words", "says"),
    [
        ("arrays.not_finite", "ood-detection --id {id} --ood a={nan}", "nan.npz: scores must be finite; 20 of 20"),
        (
            "arrays.classes",
            "ood-detection --id {id} --ood a={wide}",
            "wide.npz: logits has 5 classes, and that of id.npz 4",
        ),
        ("arrays.labels", "ood-detection --id {off} --ood a={a}", "labels are beyond 0 to 3, such as 4"),
        ("arrays.pickle", "ood-detection --id {id} --ood a={object}", "pickled Python objects"),
        ("arrays.not_a_file", "ood-detection --id {absent} --ood a={a}", "there is no file"),
        ("arrays.missing", "imagenet-ood --set val={a}", "a.npz lacks logits and label; it holds 'score'"),
        ("arrays.classes", "imagenet-ood --set val={id} --set v2={wide}", "all sets are of one model"),
        ("arrays.labels", "imagenet-ood --set val={off}", "off.npz"),
        ("arrays.label_space", "imagenet-ood --set r={thousand}", "label 999 is none of the classes that r has"),
        ("arrays.label_space", "imagenet-ood --set objectnet={thousand}", "ObjectNet has 113 classes"),
        ("arrays.label_space", "imagenet-ood --set objectnet-1.0={thousand}", "ObjectNet has 113 classes"),
        ("arrays.label_space", "imagenet-ood --set imagenet_r={thousand}", "classes that imagenet_r has"),
        ("arrays.name", "imagenet-ood --set c/fog/6={id}", "c/fog/6: a severity is 1 to 5, and not 6"),
        ("arrays.name", "imagenet-ood --set imagenet-c/fog/0={id}", "a severity is 1 to 5, and not 0"),
        ("arrays.name", "imagenet-ood --set v2={id} --set V2={id}", "v2 and V2 are names of one set"),
        ("arrays.name", "imagenet-ood --set val={id} --set imagenet_val={id}", "are names of one set"),
        ("arrays.name", "imagenet-ood --set fog={id} --set c/fog={id}", "fog and c/fog are names of one set"),
        ("arrays.name", "imagenet-ood --set c/fog/3={id} --set Fog-3={id}", "are names of one set"),
        ("arrays.name", "imagenet-ood --set c/fog/3={id} --set fog={id}", "fog holds all severities, and c/fog/3 one"),
        ("arrays.name", "ood-detection --id {id} --ood SSB_hard={a} --ood ssb-hard={b}", "are names of one set"),
        ("arrays.label_space", "imagenet-ood --set o={thin}", "for each of the 4 classes"),
        ("arrays.label_space", "imagenet-ood --set o={apart}", "is none of the classes that o has"),
    ],
)
def test_bad_input_is_named_with_a_code(run: Run, files: dict[str, Path], code: str, words: str, says: str) -> None:
    status, out, err = run(*words.format(**files).split())
    assert (status, out) == (1, "")
    assert err.rstrip().endswith(f"[{code}]")
    assert says in err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("ood-detection --id {id}", "takes --id FILE and --ood NAME=FILE"),
        ("ood-detection --ood a={a}", "takes --id FILE"),
        ("ood-detection --id {id} --ood a={a} --set b={b}", "and no --set"),
        ("ood-detection --id {id} --ood a={a} --near b", "--near b is not the name of an --ood set"),
        ("ood-detection --id {id} --ood {a}", "is not NAME=FILE"),
        ("ood-detection --id {id} --ood a=", "is not NAME=FILE"),
        ("ood-detection --id {id} --ood a={a} --ood a={b}", "'a' is the name of two sets"),
        ("imagenet-ood --set val={id} --no-bootstrap", "and no --id, --ood, --near, --shift or --no-bootstrap"),
        ("imagenet-ood/mini {id} --no-bootstrap", "are for ood-detection and imagenet-ood"),
        ("ood-detection --id {id} --ood a={a} --shift a={b}", "'a' is the name of two sets"),
        ("ood-detection {id} --id {id} --ood a={a}", "takes files by name"),
        ("imagenet-ood", "takes --set NAME=FILE"),
        ("imagenet-ood --set val={id} --id {id}", "and no --id"),
        ("imagenet-ood --set id={id}", "is the name of an aggregate"),
        ("imagenet-ood --set ID={id}", "is the name of an aggregate"),
        ("imagenet-ood/mini {id} --set val={id}", "--set and --per-class are for"),
        ("domainbed --records {id} --ood a={a}", "are for ood-detection and imagenet-ood"),
    ],
)
def test_what_is_typed_wrongly(run: Run, files: dict[str, Path], words: str, says: str) -> None:
    status, out, err = run(*words.format(**files).split())
    assert (status, out) == (2, "")
    assert says in err


@pytest.mark.parametrize(
    ("words", "auroc", "says"),
    [
        ("--id {ones} --ood a={ones}", 0.5, "the scores may be all equal [scores.all_equal]"),
        ("--id {id} --ood a={ones}", None, "every image has the same score in a (1.0); look at how"),
        ("--id {ones} --ood a={a}", None, "every image has the same score in id (1.0); look at how"),
        ("--id {id} --ood a={a} --shift b={ones}", None, "every image has the same score in b (1.0); look at how"),
    ],
)
def test_scores_that_are_all_equal_are_scored_and_remarked(run: Run, files, words: str, auroc, says: str) -> None:
    status, out, err = run("ood-detection", *words.format(**files).split(), "--json")
    assert (status, says in err) == (0, True)
    values = {(s["metric"], s["domain"]): s["value"] for s in json.loads(out)["scores"]}
    assert auroc is None or values["auroc", "a"] == auroc
    assert "scores.all_equal" in [remark["code"] for remark in json.loads(out)["remarks"]]


def test_sets_called_near_and_far_are_scored_beside_the_means_of_near_and_far(run: Run, files) -> None:
    sets = ["--ood", f"far={files['a']}", "--ood", f"Near={files['b']}", "--ood", f"x={files['high']}"]
    status, out, _ = run("ood-detection", "--id", files["id"], *sets, "--json")
    values = {s["domain"]: s["value"] for s in json.loads(out)["scores"] if s["metric"] == "auroc"}
    assert status == 0
    assert set(values) == {"far/far", "near/Near", "x", "near", "far"}
    assert values["near"] == values["near/Near"]
    assert values["far"] == pytest.approx((values["far/far"] + values["x"]) / 2)
    assert run("imagenet-ood", "--set", f"far={files['id']}")[0] == 0
    _, out, _ = run("ood-detection", "--id", files["id"], "--ood", f"far={files['a']}", "--near", "far", "--json")
    assert {s["domain"] for s in json.loads(out)["scores"]} >= {"near/far", "near"}


def test_without_the_bootstrap_the_figures_are_the_same_and_have_no_errors(run: Run, files) -> None:
    words = ["ood-detection", "--id", files["id"], "--ood", f"a={files['a']}", "--shift", f"b={files['b']}"]
    (_, whole, _), (_, quick, _) = run(*words, "--json"), run(*words, "--no-bootstrap", "--json")
    left, right = (json.loads(out)["scores"] for out in (whole, quick))
    assert [{**s, "stderr": None} for s in left] == [{**s, "stderr": s["stderr"] and None} for s in right]
    assert {s["stderr"] for s in right if not s["metric"].startswith("accuracy")} == {None}


def test_one_image_may_have_any_score(run: Run, files: dict[str, Path]) -> None:
    assert run("ood-detection", "--id", files["id"], "--ood", f"a={files['single']}")[0] == 0


def test_a_wrong_direction_is_said_and_scored(run: Run, files: dict[str, Path]) -> None:
    sets = ["--ood", f"a={files['high']}", "--ood", f"b={files['higher']}"]
    status, out, err = run("ood-detection", "--id", files["id"], *sets)
    assert (status, out.startswith("Set")) == (0, True)
    assert "AUROC is below 50% on every set" in err
    assert err.rstrip().endswith("negate the scores [scores.direction]")
    _, out, _ = run("ood-detection", "--id", files["id"], *sets, "--json")
    assert [remark["code"] for remark in json.loads(out)["remarks"]] == ["scores.direction"]
    _, _, quiet = run("ood-detection", "--id", files["id"], *sets, "--ood", f"c={files['a']}")
    assert quiet == ""  # on one set it is right


def test_an_official_file_has_the_same_remarks(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FARFIELD_VAR", str(tmp_path))
    pack = small_pack(tmp_path)
    ids = official_ids(MINI_OOD, pack)
    np.savez(tmp_path / "mine.npz", ids=ids, logits=np.zeros((len(ids), 4)), scores=np.zeros(len(ids)))
    status, _, err = run("ood-detection/mini", tmp_path / "mine.npz")
    assert (status, err.rstrip().endswith("may be all equal [scores.all_equal]")) == (0, True)


def test_a_terminal_of_ascii_gets_the_figures(files: dict[str, Path]) -> None:
    command = [sys.executable, "-m", "farfield", "score", "ood-detection", "--id", str(files["id"])]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [*command, "--ood", f"a={files['a']}"], capture_output=True, text=True, env=environment, check=False
    )
    assert (done.returncode, "+-" in done.stdout) == (0, True)
