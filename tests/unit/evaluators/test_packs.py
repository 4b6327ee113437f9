"""Packs: reproducible, fingerprinted, labels apart, and nothing half-done."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from farfield_evaluators.data import build as build_module
from farfield_evaluators.data.packs import Example, PackClass, PackError, Source, build, list_packs, open_pack, verify


def source(folder: Path, *, prefix: str = "x", count: int = 6) -> Source:
    folder.mkdir(exist_ok=True)
    examples = []
    for number in range(count):
        path = folder / f"{prefix}{number}.png"
        Image.new("RGB", (8, 8), (number * 20, 0, 0)).save(path)
        label, where = (number % 2, "id/test") if number < 4 else (-1, "far/x")
        examples.append(Example(path=path, set=where, label=label, domain=number % 2))
    classes = (PackClass(name="cat", synsets=("n1",)), PackClass(name="dog"))
    return Source(name="toy", title="Toy", licence="CC0", classes=classes, domains=("a", "b"), examples=tuple(examples))


def test_a_pack_gives_back_what_went_in(tmp_path: Path) -> None:
    pack = build(source(tmp_path / "src"), tmp_path / "packs")
    assert pack.counts() == {"far/x": 2, "id/test": 4}
    assert pack.classes[0] == PackClass(name="cat", synsets=("n1",))
    assert set(pack.labels[pack.members("far/x")]) == {-1}
    reds = []
    blob = pack.blob.read_bytes()
    for start, end in pack.spans:
        (tmp_path / "one.png").write_bytes(blob[start:end])
        reds.append(np.asarray(Image.open(tmp_path / "one.png"))[0, 0, 0] // 20)
    assert sorted(reds) == list(range(6))
    assert [int(r) % 2 for r in reds] == pack.domain_numbers.tolist()


def test_importing_twice_is_a_no_op(tmp_path: Path) -> None:
    first = build(source(tmp_path / "src"), tmp_path / "packs")
    before = first.blob.stat().st_mtime_ns
    assert build(source(tmp_path / "src"), tmp_path / "packs") == first
    assert first.blob.stat().st_mtime_ns == before
    assert [p.name for p in list_packs(tmp_path / "packs")] == ["toy"]


def test_file_names_and_order_leave_no_trace(tmp_path: Path) -> None:
    plain = source(tmp_path / "a")
    renamed = source(tmp_path / "b", prefix="other")
    backwards = Source(**{**vars(renamed), "examples": renamed.examples[::-1]})
    one, two = build(plain, tmp_path / "p"), build(backwards, tmp_path / "q")
    assert one.fingerprint == two.fingerprint
    assert one.blob.read_bytes() == two.blob.read_bytes()


def test_a_changed_label_changes_the_fingerprint(tmp_path: Path) -> None:
    plain = source(tmp_path / "a")
    first, *rest = plain.examples
    changed = Source(**{**vars(plain), "examples": (Example(**{**vars(first), "label": 1}), *rest)})
    assert build(plain, tmp_path / "p").fingerprint != build(changed, tmp_path / "q").fingerprint


@pytest.mark.parametrize("victim", ["inputs/images.bin", "hidden/labels.npy"])
def test_verify_finds_damage(tmp_path: Path, victim: str) -> None:
    pack = build(source(tmp_path / "src"), tmp_path / "packs")
    verify(pack)
    path = pack.folder / victim
    path.write_bytes(path.read_bytes()[:-1] + bytes([path.read_bytes()[-1] ^ 1]))
    with pytest.raises(PackError, match="is damaged"):
        verify(pack)


def test_every_unreadable_file_is_named_and_nothing_stays(tmp_path: Path) -> None:
    broken = source(tmp_path / "src")
    broken.examples[1].path.write_bytes(b"not an image")
    broken.examples[2].path.write_bytes(broken.examples[2].path.read_bytes()[:40])
    broken.examples[3].path.unlink()
    with pytest.raises(PackError, match="3 of 6 images cannot be read") as caught:
        build(broken, tmp_path / "packs")
    assert all(broken.examples[i].path.name in str(caught.value) for i in (1, 2, 3))
    assert list((tmp_path / "packs" / "toy").iterdir()) == []


def test_an_interrupted_import_is_swept_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(build_module.shutil, "rmtree", lambda *a, **k: None)  # as if killed before the clean-up
    monkeypatch.setattr(build_module, "_write_blob", killed)
    with pytest.raises(KeyboardInterrupt):
        build(source(tmp_path / "src"), tmp_path / "packs")
    monkeypatch.undo()
    assert len(list((tmp_path / "packs" / "toy").iterdir())) == 1
    with pytest.raises(PackError, match="not imported"):
        open_pack(tmp_path / "packs", "toy")
    pack = build(source(tmp_path / "src"), tmp_path / "packs")
    assert sorted(p.name for p in pack.folder.parent.iterdir()) == sorted(["current", pack.fingerprint])


def test_unknown_sets_and_formats_are_named(tmp_path: Path) -> None:
    pack = build(source(tmp_path / "src"), tmp_path / "packs")
    with pytest.raises(PackError, match="no set 'val'; it has far/x, id/test"):
        pack.members("val")
    manifest = pack.folder / "manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "format": 99}))
    with pytest.raises(PackError, match="format 99"):
        open_pack(tmp_path / "packs", "toy")
