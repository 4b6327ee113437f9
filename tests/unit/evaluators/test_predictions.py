"""The official predictions file: its scores are those of the run, and what does not fit is refused by name."""

import doctest
import hashlib
import io
import shutil
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.smallpack import DEMO_BENCHMARKS, PER_SET, small_pack

from farfield import TaskFamily
from farfield.errors import PredictionsError
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import find
from farfield_evaluators.data import ids as ids_module
from farfield_evaluators.data.ids import example_ids
from farfield_evaluators.data.packs import Example, Pack, PackClass, Source, build
from farfield_evaluators.evaluate import evaluate, expected_shapes
from farfield_evaluators.predictions import (
    memory_bound,
    official_ids,
    read_arrays,
    read_predictions,
    save_predictions,
    score_predictions,
    write_predictions,
)
from farfield_evaluators.staging import stage

CLASSIFICATION, DETECTION = (find(name) for name in ("imagenet-ood/mini", "ood-detection/mini"))
Arrays = dict[str, Any]


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return small_pack(tmp_path_factory.mktemp("pack"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "mine.npz"


def outputs(benchmark: Benchmark, count: int, classes: int, seed: int = 0) -> Arrays:
    rng = np.random.default_rng(seed)
    found = {n: rng.normal(size=s) for n, s in expected_shapes(benchmark.family, count, classes).items()}
    return {name: a.astype(np.float32) if name == "logits" else a for name, a in found.items()}


def valid(benchmark: Benchmark, pack: Pack) -> Arrays:
    ids = official_ids(benchmark, pack)
    return {"ids": ids, **outputs(benchmark, len(ids), len(pack.classes))}


def refused(benchmark: Benchmark, pack: Pack, path: Path) -> PredictionsError:
    with pytest.raises(PredictionsError) as caught:
        score_predictions(benchmark, pack, path)
    return caught.value


@pytest.mark.parametrize("benchmark", DEMO_BENCHMARKS, ids=lambda b: b.name)
def test_a_runs_saved_outputs_have_the_runs_scores(benchmark: Benchmark, pack: Pack, tmp_path: Path) -> None:
    for seed in range(3):
        truth = stage(benchmark, pack, tmp_path / str(seed), None)
        arrays = outputs(benchmark, len(truth), truth.classes, seed)
        path = tmp_path / f"{seed}.npz"
        assert save_predictions(path, pack, truth, benchmark.family, arrays) == 0
        assert score_predictions(benchmark, pack, path) == evaluate(benchmark, truth, arrays)


def test_an_id_is_the_hash_of_the_stored_image(pack: Pack) -> None:
    blob = pack.blob.read_bytes()
    start, end = pack.spans[3]
    expected = hashlib.sha256(blob[start:end]).hexdigest()[:32].encode()
    assert example_ids(pack, np.array([3]))[0] == expected
    assert doctest.testmod(ids_module).failed == 0


def test_ids_are_the_same_wherever_the_pack_is_built(pack: Pack, tmp_path: Path) -> None:
    again = small_pack(tmp_path)
    assert official_ids(DETECTION, again).tolist() == official_ids(DETECTION, pack).tolist()
    assert len(official_ids(DETECTION, pack)) == len(DETECTION.domains) * PER_SET


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("ids", ["S32", "U32"])
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_what_numpy_writes_in_any_order_is_read(pack: Pack, file: Path, dtype: type, ids: str, save: Any) -> None:
    good = valid(DETECTION, pack)
    shuffled = np.random.default_rng(5).permutation(len(good["ids"]))
    written = {name: a[shuffled] if name == "ids" else a[shuffled].astype(dtype) for name, a in good.items()}
    save(file, **written | {"ids": written["ids"].astype(ids), "logits": np.asfortranarray(written["logits"])})
    found = read_predictions(file, DETECTION, pack)
    assert found["ids"].tolist() == good["ids"].tolist()
    assert np.array_equal(found["logits"], good["logits"].astype(dtype))
    assert np.array_equal(found["scores"], good["scores"].astype(dtype))


def first(array: Any, value: Any) -> Any:
    changed = array.copy()
    changed[0] = value
    return changed


SPOILED: list[tuple[str, Callable[[Arrays], Arrays], str]] = [
    ("predictions.missing_ids", lambda a: {n: v[1:] for n, v in a.items()}, "1 ids of 56 have no row"),
    ("predictions.unknown_ids", lambda a: a | {"ids": first(a["ids"], b"f" * 32)}, "ffff"),
    ("predictions.unknown_ids", lambda a: a | {"ids": first(a["ids"], b"\x1b[31m")}, r"\\x1b\[31m"),
    ("predictions.unknown_ids", lambda a: a | {"ids": first(a["ids"].astype("U32"), "\N{SNOWMAN}" * 32)}, r"\?\?"),
    ("predictions.duplicate_ids", lambda a: a | {"ids": first(a["ids"], a["ids"][1])}, "more than one row"),
    ("predictions.duplicate_ids", lambda a: {n: np.r_[v, v[:2]] for n, v in a.items()}, "2 ids have"),
    ("predictions.too_large", lambda a: {n: np.repeat(v, 3, 0) for n, v in a.items()}, "168 rows"),
    ("predictions.shape", lambda a: a | {"logits": a["logits"][:, :3]}, r"\[56, 3\]; expected \[56, 4\]"),
    ("predictions.shape", lambda a: a | {"logits": a["logits"][:-1]}, r"\[55, 4\]"),
    ("predictions.shape", lambda a: a | {"logits": a["logits"].ravel()}, r"\[224\]"),
    ("predictions.shape", lambda a: a | {"scores": np.float64(1)}, r"\[\]"),
    ("predictions.shape", lambda a: a | {"ids": a["ids"][:, None]}, r"\[56, 1\]"),
    ("predictions.dtype", lambda a: a | {"logits": a["logits"].astype(np.int32)}, "'<i4'"),
    ("predictions.dtype", lambda a: a | {"logits": a["logits"].astype(">f4")}, "'>f4'"),
    ("predictions.dtype", lambda a: a | {"logits": a["logits"].astype(np.complex64)}, "'<c8'"),
    ("predictions.dtype", lambda a: a | {"scores": a["scores"] > 0}, r"'\|b1'"),
    ("predictions.dtype", lambda a: a | {"ids": a["ids"].astype("S31")}, r"'\|S31'"),
    ("predictions.dtype", lambda a: a | {"ids": np.zeros(56, [("a", "S32")])}, "plain array"),
    ("predictions.dtype", lambda a: a | {"ids": np.arange(56)}, "'<i8'"),
    ("predictions.not_finite", lambda a: a | {"logits": first(a["logits"], np.nan)}, "logits .* 1 of 56 rows"),
    ("predictions.not_finite", lambda a: a | {"scores": first(a["scores"], -np.inf)}, "scores must be finite"),
    ("predictions.members", lambda a: {n: v for n, v in a.items() if n != "scores"}, "scores.npy"),
    ("predictions.members", lambda a: a | {"labels": a["scores"]}, "labels.npy"),
    ("predictions.members", lambda a: a | {f"more{i}": a["scores"][:1] for i in range(200)}, "more members"),
]


@pytest.mark.parametrize(("code", "spoil", "says"), SPOILED)
def test_arrays_that_do_not_fit(pack: Pack, file: Path, code: str, spoil: Any, says: str) -> None:
    np.savez(file, **spoil(valid(DETECTION, pack)))
    error = refused(DETECTION, pack, file)
    assert error.code == code
    with pytest.raises(PredictionsError, match=says):
        raise error


def archived(file: Path, members: dict[str, bytes], **options: Any) -> None:
    with zipfile.ZipFile(file, "w", **options) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def plain(pack: Pack) -> dict[str, bytes]:
    found = {}
    for name, array in valid(DETECTION, pack).items():
        buffer = io.BytesIO()
        np.save(buffer, array)
        found[f"{name}.npy"] = buffer.getvalue()
    return found


def test_a_pickle_is_never_loaded(pack: Pack, file: Path, tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> Any:
            return Path.touch, (tmp_path / "ran",)

    np.savez(file, **valid(DETECTION, pack) | {"scores": np.array([Bomb()] * 56, dtype=object)})
    error = refused(DETECTION, pack, file)
    assert (error.code, (tmp_path / "ran").exists()) == ("predictions.dtype", False)
    assert "'|O'" in str(error)


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"\x93NUMPY", b"PK\x05\x06", b"PK\x05\x06" + bytes(18), b"\0" * 999]
)
def test_what_is_not_a_npz(pack: Pack, file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert refused(DETECTION, pack, file).code in {"predictions.not_a_file", "predictions.members"}


def test_what_is_not_a_file(pack: Pack, tmp_path: Path) -> None:
    assert refused(DETECTION, pack, tmp_path / "absent.npz").code == "predictions.not_a_file"
    assert refused(DETECTION, pack, tmp_path).code == "predictions.not_a_file"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_only_what_numpy_compresses_with(pack: Pack, file: Path, method: int) -> None:
    archived(file, plain(pack), compression=method)
    assert refused(DETECTION, pack, file).code == "predictions.not_a_file"


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("predictions.not_a_file", lambda data: data[:-1]),
        ("predictions.not_a_file", lambda data: data + b"x"),
        ("predictions.not_a_file", lambda data: data[:6] + b"\x02" + data[7:]),
        ("predictions.not_a_file", lambda data: data[:8] + b"\xff\xff" + data[10:]),
        ("predictions.dtype", lambda data: data.replace(b"False", b"Falze")),
        ("predictions.dtype", lambda data: data.replace(b"'<f8'", b"f(8) ")),
        ("predictions.dtype", lambda data: data.replace(b"(56,)", b"(9**9")),
        ("predictions.shape", lambda data: data.replace(b"(56,)", b"(99,)")),
    ],
)
def test_members_that_lie(pack: Pack, file: Path, code: str, change: Any) -> None:
    members = plain(pack)
    archived(file, members | {"scores.npy": change(members["scores.npy"])})
    assert refused(DETECTION, pack, file).code == code


def test_two_members_of_one_name(pack: Pack, file: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in plain(pack).items():
            archive.writestr(name, data)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("ids.npy", b"")
    assert refused(DETECTION, pack, file).code == "predictions.members"


def peak_of(work: Callable[[], Any]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_bomb_is_refused_by_what_it_says(pack: Pack, file: Path) -> None:
    archived(file, plain(pack) | {"scores.npy": bytes(64 << 20)}, compression=zipfile.ZIP_DEFLATED)
    peak = peak_of(lambda: refused(DETECTION, pack, file))
    assert refused(DETECTION, pack, file).code == "predictions.too_large"
    assert peak < 4 << 20


def test_a_bomb_that_lies_about_its_size_is_not_unpacked(pack: Pack, file: Path) -> None:
    members = plain(pack)
    bomb = members["scores.npy"] + bytes(32 << 20)
    archived(file, members | {"scores.npy": bomb}, compression=zipfile.ZIP_DEFLATED)
    honest, lie = len(bomb).to_bytes(4, "little"), len(members["scores.npy"]).to_bytes(4, "little")
    crc = zlib.crc32(bomb).to_bytes(4, "little"), zlib.crc32(members["scores.npy"]).to_bytes(4, "little")
    for suits in (False, True):
        data = file.read_bytes().replace(honest, lie)
        file.write_bytes(data.replace(*crc) if suits else data)
        peak = peak_of(lambda: score_or_refuse(DETECTION, pack, file))
        assert peak < 4 << 20


def score_or_refuse(benchmark: Benchmark, pack: Pack, path: Path) -> str:
    try:
        score_predictions(benchmark, pack, path)
    except PredictionsError as error:
        return error.code
    return ""


def test_a_file_that_is_too_long_is_not_opened(pack: Pack, file: Path) -> None:
    file.write_bytes(bytes(8 << 20))
    assert refused(DETECTION, pack, file).code == "predictions.too_large"


def test_a_directory_of_millions_is_not_listed(pack: Pack, file: Path) -> None:
    archived(file, {f"{i}": b"" for i in range(500)})
    assert peak_of(lambda: refused(DETECTION, pack, file)) < 1 << 20


def test_a_zip64_directory_is_not_followed(pack: Pack, file: Path) -> None:
    archived(file, plain(pack))
    data = file.read_bytes()
    locator = b"PK\x06\x07" + bytes(16)
    file.write_bytes(data[:-22] + locator + data[-22:])
    assert refused(DETECTION, pack, file).code == "predictions.not_a_file"


@pytest.mark.parametrize(("count", "classes"), [(20_000, 4), (2_000, 500)])
@pytest.mark.parametrize("rows", [1, 2])
def test_reading_stays_within_its_bound(tmp_path: Path, count: int, classes: int, rows: int) -> None:
    ids = np.unique(np.array([hashlib.sha256(str(i).encode()).hexdigest()[:32] for i in range(count)], "S32"))
    path = tmp_path / "large.npz"
    named = {"ids": np.tile(ids, rows).astype("U32"), "logits": np.ones((count, classes)), "scores": np.ones(count)}
    np.savez_compressed(path, **named)

    def read() -> None:
        if rows == 1:
            read_arrays(path, TaskFamily.OOD_DETECTION, ids, classes)
        else:
            with pytest.raises(PredictionsError, match=r"more than one row"):
                read_arrays(path, TaskFamily.OOD_DETECTION, ids, classes)

    assert peak_of(read) < memory_bound(TaskFamily.OOD_DETECTION, count, classes)


@pytest.fixture
def twins(tmp_path: Path, pack: Pack) -> Pack:
    """A pack whose photographs 0 and 1 are one image, as are photograph 0 and a shift's first drawing."""
    root = tmp_path / "source"
    small = small_pack(tmp_path)
    examples = []
    for benchmark_set in small.sets:
        for number in range(PER_SET):
            name = "id/test" if benchmark_set == "shift/openmoji" and number == 0 else benchmark_set
            image = 0 if (name, number) == ("id/test", 1) else number
            path = root / name / f"{image}.png"
            label = -1 if benchmark_set.startswith(("near", "far")) else number % 4
            examples.append(Example(path=path, set=benchmark_set, label=label))
    classes = tuple(PackClass(name=f"level {i}") for i in range(4))
    source = Source(
        name="twins", title="Twins", licence="CC0", classes=classes, domains=("one",), examples=tuple(examples)
    )
    return build(source, tmp_path / "twins")


@pytest.mark.parametrize("benchmark", DEMO_BENCHMARKS, ids=lambda b: b.name)
def test_identical_images_share_a_row_which_counts_for_each(benchmark: Benchmark, twins: Pack, tmp_path: Path) -> None:
    truth = stage(benchmark, twins, tmp_path / "in", None)
    ids, row = np.unique(example_ids(twins, truth.positions), return_inverse=True)
    assert len(ids) == len(truth) - (2 if benchmark is CLASSIFICATION else 1)
    arrays = {name: a[row] for name, a in outputs(benchmark, len(ids), 4).items()}
    assert save_predictions(tmp_path / "a.npz", twins, truth, benchmark.family, arrays) == 0
    assert score_predictions(benchmark, twins, tmp_path / "a.npz") == evaluate(benchmark, truth, arrays)


def test_twins_with_other_predictions_are_counted(twins: Pack, tmp_path: Path) -> None:
    truth = stage(CLASSIFICATION, twins, tmp_path / "in", None)
    arrays = outputs(CLASSIFICATION, len(truth), 4)
    assert save_predictions(tmp_path / "a.npz", twins, truth, CLASSIFICATION.family, arrays) == 2


def test_writing_is_whole_or_not_at_all(tmp_path: Path, pack: Pack) -> None:
    good = valid(CLASSIFICATION, pack)
    path = tmp_path / "a.npz"
    write_predictions(path, good["ids"], {"logits": good["logits"]})
    with pytest.raises(PredictionsError, match="cannot be written"):
        write_predictions(tmp_path / "no" / "a.npz", good["ids"], {"logits": good["logits"]})
    with pytest.raises(ValueError, match="allow_pickle"):
        write_predictions(path, good["ids"], {"logits": np.array([{}], dtype=object)})
    assert score_predictions(CLASSIFICATION, pack, path)
    assert [p.name for p in tmp_path.iterdir()] == ["a.npz"]


def test_messages_do_not_depend_on_the_labels(pack: Pack, file: Path, tmp_path: Path) -> None:
    shutil.copytree(pack.folder, tmp_path / "other")
    np.save(tmp_path / "other" / "hidden" / "labels.npy", np.roll(pack.labels, 7))
    other = replace(pack, folder=tmp_path / "other")
    for _, spoil, _ in SPOILED:
        np.savez(file, **spoil(valid(DETECTION, pack)))
        says = str(refused(DETECTION, pack, file))
        assert says == str(refused(DETECTION, other, file))
        assert str(file.parent) not in says
