"""Damage to packs: found by file, repaired, removed; two writers at once; nothing half-done and nothing left over."""

import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from farfield_evaluators.data import build as module
from farfield_evaluators.data.pack_use import LOCK, writing
from farfield_evaluators.data.packs import Example, Lent, PackClass, PackError, Source, build, open_pack, verify
from farfield_evaluators.data.repair import chosen_by, held, remove, repair
from farfield_evaluators.data.shelf import FINGERPRINT

FILES = ("manifest.json", "inputs/images.bin", "inputs/spans.npy", "hidden/labels.npy", "hidden/sets.npy")


def source(folder: Path, *, name: str = "toy", count: int = 6, lent: tuple[Lent, ...] = ()) -> Source:
    folder.mkdir(exist_ok=True)
    examples = []
    for number in range(count):
        path = folder / f"x{number}.png"
        if not path.exists():  # several processes call this at once
            Image.new("RGB", (8, 8), (number * 2, 0, 0)).save(path)
        examples.append(Example(path=path, set="train" if number % 2 else "test", label=number % 2))
    classes = (PackClass(name="cat"), PackClass(name="dog"))
    return Source(
        name=name, title="T", licence="CC0", classes=classes, domains=("a",), examples=tuple(examples), lent=lent
    )


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    build(source(tmp_path / "src"), tmp_path / "packs")
    return tmp_path / "packs"


def cut(path: Path) -> str:
    path.write_bytes(path.read_bytes()[:-5])
    return "cut short|cannot be read|is not as it was written"


def change(path: Path) -> str:
    data = bytearray(path.read_bytes())
    data[-9] ^= 1
    path.write_bytes(bytes(data))
    return "is changed|cannot be read|is damaged"


def lose(path: Path) -> str:
    path.unlink()
    return "missing|not here any more"


@pytest.mark.parametrize("harm", [cut, change, lose])
@pytest.mark.parametrize("victim", FILES)
def test_damage_names_the_file_and_importing_again_repairs_it(packs: Path, tmp_path: Path, victim, harm) -> None:
    pack = open_pack(packs, "toy")
    says = harm(pack.folder / victim)
    with pytest.raises(PackError, match=says) as caught:
        verify(open_pack(packs, "toy"))
    assert victim in str(caught.value) or harm is lose
    assert build(source(tmp_path / "src"), packs) == pack
    verify(open_pack(packs, "toy"))
    assert sorted(p.name for p in (packs / "toy").iterdir()) == sorted(["current", pack.fingerprint])


@pytest.mark.parametrize("harm", [cut, change, lose])
@pytest.mark.parametrize("victim", [f for f in FILES if f != "manifest.json"])
def test_damage_to_a_pack_of_an_earlier_version_is_found_too(packs: Path, victim, harm) -> None:
    manifest = open_pack(packs, "toy").folder / "manifest.json"
    values = json.loads(manifest.read_text())
    del values["files"]
    manifest.write_text(json.dumps(values))
    verify(open_pack(packs, "toy"))
    harm(manifest.parent / victim)
    with pytest.raises(PackError, match="is damaged"):
        verify(open_pack(packs, "toy"))


def test_damage_by_surplus_bytes_and_by_columns_that_do_not_fit_is_named(packs: Path) -> None:
    pack = open_pack(packs, "toy")
    labels = pack.folder / "hidden" / "labels.npy"
    whole = labels.read_bytes()
    np.save(labels, np.zeros((3, 2)))
    values = json.loads((pack.folder / "manifest.json").read_text())
    (pack.folder / "manifest.json").write_text(json.dumps({**values, "files": {}}))
    with pytest.raises(PackError, match=r"hidden/labels\.npy does not hold a whole number for each of 6"):
        verify(open_pack(packs, "toy"))
    labels.write_bytes(whole)
    with pack.blob.open("ab") as blob:
        blob.write(b"more")
    with pytest.raises(PackError, match=r"inputs/images\.bin has 4 bytes too many"):
        verify(open_pack(packs, "toy"))


def test_damage_is_repaired_with_an_intact_copy_and_not_with_a_damaged_or_another_one(packs: Path, tmp_path) -> None:
    pack = open_pack(packs, "toy")
    shutil.copytree(packs, tmp_path / "backup")
    cut(pack.blob)
    other = build(source(tmp_path / "other", name="other"), tmp_path / "else")
    with pytest.raises(PackError, match="holds other .*, not toy"):
        repair(packs, "toy", other.folder, lambda _: pack)
    says = repair(packs, "toy", tmp_path / "backup", lambda _: pytest.fail("nothing is imported"))
    assert "repaired with the copy" in says
    verify(open_pack(packs, "toy"))
    cut(pack.blob)
    change(tmp_path / "backup" / "toy" / pack.fingerprint / "hidden" / "labels.npy")
    with pytest.raises(PackError, match=r"is damaged too: hidden/labels\.npy is changed"):
        repair(packs, "toy", tmp_path / "backup", lambda _: pack)


def test_damage_is_repaired_with_the_release_and_an_intact_pack_needs_none(packs: Path, tmp_path: Path) -> None:
    pack = open_pack(packs, "toy")
    assert "nothing to repair" in repair(packs, "toy", None, lambda _: pytest.fail("it is intact"))
    (packs / "toy" / "current").write_text("nonsense\n")
    assert "in use again" in repair(packs, "toy", None, lambda _: pytest.fail("its files are intact"))
    lose(pack.folder / "hidden" / "sets.npy")
    assert repair(packs, "toy", tmp_path, lambda _: build(source(tmp_path / "src"), packs)).endswith("repaired")
    cut(pack.blob)
    says = repair(packs, "toy", tmp_path, lambda _: build(source(tmp_path / "src", count=4), packs))
    assert f"other contents than the damaged pack's; remove that with `farfield data remove {pack.fingerprint}`" in says

    def fail(_: Path | None) -> module.Pack:
        raise PackError("give PATH")

    cut(open_pack(packs, "toy").blob)
    with pytest.raises(PackError, match="cut short.*was not repaired: give PATH"):
        repair(packs, "toy", None, fail)
    with pytest.raises(PackError, match="not imported here"):
        repair(packs, "absent", None, fail)


def test_removing_takes_a_pack_by_name_or_fingerprint_damaged_or_not(packs: Path, tmp_path: Path) -> None:
    first = open_pack(packs, "toy")
    second = build(source(tmp_path / "src", count=4), packs)
    lose(first.folder / "manifest.json")
    assert {h.fingerprint for h in held(packs)} == {first.fingerprint, second.fingerprint}
    remove(packs, chosen_by(packs, first.fingerprint), "toy")
    assert open_pack(packs, "toy") == second
    remove(packs, chosen_by(packs, "toy"), "toy")
    assert list(packs.iterdir()) == []
    with pytest.raises(PackError, match="none is imported"):
        chosen_by(packs, "toy")


def test_removing_refuses_what_a_run_reads_or_another_pack_borrows(packs: Path, tmp_path: Path) -> None:
    pack = open_pack(packs, "toy")
    with pack.in_use(), pytest.raises(PackError, match="in use by a run"):
        remove(packs, chosen_by(packs, "toy"), "toy")
    lent = (Lent(set="train", pack="toy", fingerprint=pack.fingerprint),)
    borrower = build(source(tmp_path / "two", name="deep/borrower", lent=lent), packs)
    with pytest.raises(PackError, match="lends its training set to deep/borrower"):
        remove(packs, chosen_by(packs, "toy"), "toy")
    with borrower.in_use(), pytest.raises(PackError, match="in use by a run"):
        remove(packs, chosen_by(packs, "deep/borrower"), "deep/borrower")
    remove(packs, chosen_by(packs, "deep/borrower"), "deep/borrower")
    remove(packs, chosen_by(packs, "toy"), "toy")
    assert list(packs.iterdir()) == []
    with pytest.raises(PackError, match="removed"), pack.in_use():
        pass


def _import_at(start: float, folder: str, packs: str) -> None:
    time.sleep(max(0.0, start - time.time()))
    build(source(Path(folder), count=100), Path(packs))


def test_two_imports_of_the_same_pack_at_once_give_one_pack_and_two_successes(tmp_path: Path) -> None:
    source(tmp_path / "src", count=100)
    context, packs = multiprocessing.get_context("spawn"), tmp_path / "packs"
    arguments = (time.time() + 2, str(tmp_path / "src"), str(packs))
    importers = [context.Process(target=_import_at, args=arguments) for _ in range(3)]
    for each in importers:
        each.start()
    for each in importers:
        each.join(60)
    assert [each.exitcode for each in importers] == [0, 0, 0]
    pack = open_pack(packs, "toy")
    verify(pack)
    assert sorted(p.name for p in (packs / "toy").iterdir()) == sorted(["current", pack.fingerprint])


def test_an_import_leaves_the_draft_of_another_that_lives_and_sweeps_those_that_died(packs: Path, tmp_path) -> None:
    alive, dead = packs / "alive" / "incoming-x", packs / "deep" / "dead" / "incoming-y"
    for draft in (alive, dead):
        draft.mkdir(parents=True)
    (packs / "deep" / "dead" / LOCK).write_text("1\n")  # whose holder is gone
    holder = (
        "import sys, time; from pathlib import Path; from farfield_evaluators.data.pack_use import writing\n"
        "with writing(Path(sys.argv[1])):\n    print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", holder, str(alive.parent)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        build(source(tmp_path / "src"), packs)
        assert alive.exists()
        assert not dead.exists()
        process.send_signal(signal.SIGKILL)
    build(source(tmp_path / "src"), packs)
    assert not alive.exists()


def test_an_import_that_is_killed_leaves_no_half_pack_and_the_next_one_sweeps_up(tmp_path: Path) -> None:
    packs = tmp_path / "packs"
    script = (
        "import os, sys; from pathlib import Path; sys.path.insert(0, sys.argv[3])\n"
        "from test_pack_damage import source, build, module\n"
        "module._write_blob = lambda *_, **__: os.kill(os.getpid(), 9)\n"
        "build(source(Path(sys.argv[1])), Path(sys.argv[2]))"
    )
    arguments = [str(tmp_path / "src"), str(packs), str(Path(__file__).parent)]
    assert subprocess.run([sys.executable, "-c", script, *arguments], check=False).returncode == -signal.SIGKILL
    assert any((packs / "toy").glob("incoming-*"))
    with pytest.raises(PackError, match="not imported"):
        open_pack(packs, "toy")
    pack = build(source(tmp_path / "src"), packs)
    assert sorted(p.name for p in (packs / "toy").iterdir()) == sorted(["current", pack.fingerprint])


def test_an_import_onto_a_full_disk_says_so_and_leaves_nothing(tmp_path: Path, monkeypatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(module, "_write_blob", full)
    with pytest.raises(PackError, match="cannot be written in .*: No space left on device"):
        build(source(tmp_path / "src"), tmp_path / "packs")
    assert list((tmp_path / "packs" / "toy").iterdir()) == []


def test_an_import_that_is_interrupted_leaves_nothing(tmp_path: Path, monkeypatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    for step in ("_write_blob", "write_json", "set_current"):
        with monkeypatch.context() as patched:
            patched.setattr(module, step, interrupted)
            with pytest.raises(KeyboardInterrupt):
                build(source(tmp_path / "src"), tmp_path / "packs")
        assert not [p for p in (tmp_path / "packs" / "toy").iterdir() if not FINGERPRINT.fullmatch(p.name)]
        with pytest.raises(PackError, match="not imported"):
            open_pack(tmp_path / "packs", "toy")
    verify(build(source(tmp_path / "src"), tmp_path / "packs"))


def test_damage_by_a_failing_disk_is_named(packs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(path: Path) -> str:
        raise OSError(5, os.strerror(5), str(path))

    monkeypatch.setattr("farfield_evaluators.data.damage._sum", failing)
    with pytest.raises(PackError, match=r"domains\.npy cannot be read: Input/output error"):
        verify(open_pack(packs, "toy"))


def test_an_import_into_a_file_where_a_folder_should_be_says_so(tmp_path: Path) -> None:
    (tmp_path / "packs").write_text("no folder")
    with pytest.raises(PackError, match="cannot be written in .*packs"):
        build(source(tmp_path / "src"), tmp_path / "packs")
    with pytest.raises(PackError, match="not imported"):
        open_pack(tmp_path / "packs", "toy")


def test_who_waits_for_another_import_says_for_whom(packs: Path, caplog: pytest.LogCaptureFixture) -> None:
    script = (
        "import sys, time; from pathlib import Path; from farfield_evaluators.data.pack_use import writing\n"
        "with writing(Path(sys.argv[1])):\n    print('held', flush=True); time.sleep(1)"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(packs / "toy")], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with writing(packs / "toy"):
            pass
    assert f"process {process.pid} is at work on the pack" in caplog.text
