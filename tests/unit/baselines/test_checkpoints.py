"""Weights of strangers: which part of a checkpoint is taken, what its names mean, and what is no weights at all."""

import argparse
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest
import timm
import torch
from safetensors.torch import save_file
from timm.models import load_state_dict
from torch import nn

from farfield.errors import ConfigError
from farfield_baselines.networks import timm_models
from farfield_baselines.networks.checkpoints import plain_file, read_tensors
from farfield_baselines.networks.featurizers import load_tower
from farfield_baselines.networks.state_dicts import Ambiguous, choose, unwrapped

SMALL = "test_vit2"
NAMES = ("conv.weight", "head.weight", "head.bias")


def tensors(value: float = 0.0, prefix: str = "") -> dict[str, torch.Tensor]:
    return {prefix + name: torch.full((2, 3), value) for name in NAMES}


def value_of(found: Any) -> float:
    assert set(found) == set(NAMES)
    return float(found["head.bias"][0, 0])


def saved(path: Path, stored: object) -> str:
    torch.save(stored, path)
    return str(path)


# --- parts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("average", ["state_dict_ema", "model_ema"])
@pytest.mark.parametrize("plain", ["state_dict", "model"])
def test_averaged_weights_are_taken_as_timm_does_and_it_is_said(tmp_path: Path, capsys, average, plain) -> None:
    stored = {plain: tensors(1), "args": argparse.Namespace(lr=0.1), average: tensors(2), "epoch": 3}
    path = saved(tmp_path / "best.pth.tar", stored)
    assert value_of(read_tensors(path, "checkpoint")) == 2 == value_of(load_state_dict(path))
    says = f"checkpoint: best.pth.tar: took {average}, the averaged weights, as timm does; name another part behind the"
    assert capsys.readouterr().out.startswith(says)
    assert value_of(read_tensors(f"{path}#{plain}", "checkpoint")) == 1 == value_of(load_state_dict(path, False))
    assert capsys.readouterr().out == ""


def test_a_part_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    path = saved(tmp_path / "x.pth", {"state_dict": tensors(), "epoch": 1})
    with pytest.raises(ConfigError, match="it has no part 'ema'; it holds epoch, state_dict"):
        read_tensors(f"{path}#ema", "checkpoint")
    assert set(read_tensors(f"{path}#head", "checkpoint")) == {"weight", "bias"}
    odd = saved(tmp_path / "a#b.pth", tensors(5))
    assert value_of(read_tensors(odd, "checkpoint")) == 5


def test_a_teacher_and_a_student_are_asked_about(tmp_path: Path) -> None:
    path = saved(tmp_path / "dino.pth", {"student": tensors(1, "module.backbone."), "teacher": tensors(2, "backbone.")})
    with pytest.raises(
        ConfigError, match="holds teacher and student; name another part behind the path, such as FILE#"
    ):
        read_tensors(path, "checkpoint")
    assert value_of(read_tensors(f"{path}#teacher", "checkpoint")) == 2
    assert value_of(read_tensors(f"{path}#student", "checkpoint")) == 1


# --- prefixes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "prefix",
    [
        *("", "module.", "_orig_mod.", "module._orig_mod.", "_orig_mod.module.", "model.", "model._orig_mod."),
        *("model.module.", "backbone.", "encoder.", "student.", "teacher.", "student.backbone.", "net.", "network."),
    ],
)
def test_prefixes_of_compilers_and_trainers_come_off(prefix: str) -> None:
    assert value_of(unwrapped(tensors(4, prefix))) == 4
    beside = {**tensors(4, prefix), "loss.weight": torch.zeros(2)}
    assert set(NAMES) <= set(unwrapped(beside, NAMES[:2]))


def test_prefixes_of_compiled_parts_and_averages_come_off() -> None:
    compiled = {name.replace("head.", "head._orig_mod."): t for name, t in tensors(4).items()}
    assert value_of(unwrapped(compiled)) == 4
    assert value_of(unwrapped({**tensors(4, "module."), "n_averaged": torch.tensor(9)})) == 4


def test_prefixes_that_belong_to_the_model_stay() -> None:
    own = tensors(1, "encoder.")
    assert unwrapped(own, ["encoder.head.weight"]) == own
    both = {**tensors(1, "encoder."), **tensors(2, "decoder.")}
    assert unwrapped(both) == both
    mixed = {**tensors(1), **tensors(2, "backbone.")}
    assert unwrapped(mixed, NAMES) == mixed


def test_prefixes_of_two_that_would_both_do_are_asked_about() -> None:
    both = {**tensors(1, "student."), **tensors(2, "teacher.")}
    with pytest.raises(Ambiguous, match="teacher and student would both do"):
        unwrapped(both, NAMES)
    assert unwrapped(both) == both
    assert value_of(choose(both, "student", NAMES).tensors) == 1
    half = {**tensors(1, "student."), "teacher.conv.weight": torch.zeros(1)}
    assert value_of(unwrapped(half, NAMES)) == 1


@pytest.mark.parametrize("prefix", ["model.", "module.", "_orig_mod.", "student.backbone."])
def test_prefixes_of_a_whole_classifier_come_off(tmp_path: Path, prefix: str) -> None:
    own = timm.create_model(SMALL, num_classes=3).state_dict()
    stored = {prefix + name: tensor for name, tensor in own.items()}
    path = saved(tmp_path / "last.ckpt", {"state_dict": {**stored, "criterion.weight": torch.ones(3)}, "epoch": 3})
    if prefix in ("module.", "_orig_mod."):
        path = saved(tmp_path / "last.ckpt", {"state_dict": stored})
    network = timm_models.load(timm_models.Wanted(model=SMALL, checkpoint=path)).network
    assert all(torch.equal(tensor, own[name]) for name, tensor in network.state_dict().items())


def test_prefixes_come_off_for_a_tower_too(tmp_path: Path) -> None:
    tower = nn.Sequential(nn.Linear(2, 2))
    own = {name: torch.ones_like(t) for name, t in tower.state_dict().items()}
    path = saved(tmp_path / "x.pth", {"state_dict_ema": {f"model.{n}": t for n, t in own.items()}, "state_dict": {}})
    load_tower(tower, path)
    assert all(torch.equal(tensor, torch.ones_like(tensor)) for tensor in tower.state_dict().values())


def test_a_library_that_takes_a_path_gets_a_plain_file(tmp_path: Path) -> None:
    plain = saved(tmp_path / "plain.pth", tensors(1))
    with plain_file(plain, "checkpoint", tmp_path, NAMES) as file:
        assert str(file) == plain
    wrapped = saved(tmp_path / "w.pth", {"state_dict": tensors(3, "model."), "state_dict_ema": tensors(4, "model.")})
    with plain_file(wrapped, "checkpoint", tmp_path, NAMES) as file:
        assert value_of(read_tensors(str(file), "checkpoint")) == 4


# --- what is no weights ----------------------------------------------------------------------------------------------


def archive(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path, "w") as opened:
        opened.writestr(name, b"x" * 99)
    return path.read_bytes()


LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 9999\n"


@pytest.mark.parametrize("name", ["x.pth", "x.safetensors"])
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (LFS, "is a pointer of Git LFS; fetch the file itself with `git lfs pull`"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "is a web page; the download was answered with a page"),
        (b"", "is empty"),
        (bytes(4096), "is nothing but zeros"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 99, "is no file of weights: it begins with"),
        (b"hello world " * 9, "is no file of weights: it begins with"),
    ],
)
def test_what_is_no_weights_is_named_as_what_it_is(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        read_tensors(str(tmp_path / name), "checkpoint")
    assert f"checkpoint: {name} {says}" in str(caught.value)
    assert "pickle" not in str(caught.value)


def test_files_of_weights_that_are_cut_short_are_named_so(tmp_path: Path) -> None:
    save_file(tensors(), tmp_path / "whole.safetensors")
    torch.save(tensors(), tmp_path / "whole.pth")
    torch.save(tensors(), tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    for name, says in (
        ("whole.safetensors", ""),
        ("whole.pth", "is cut short: the end of its archive"),
        ("old.pth", ""),
    ):
        whole = (tmp_path / name).read_bytes()
        for length in (12, len(whole) // 2, len(whole) - 7):
            cut = tmp_path / f"cut-{name}"
            cut.write_bytes(whole[:length])
            with pytest.raises(ConfigError, match=f"checkpoint: {cut.name} .*{says}") as caught:
                read_tensors(str(cut), "checkpoint")
            assert "run code" not in str(caught.value)


def test_files_are_read_by_their_contents_and_not_by_their_names(tmp_path: Path) -> None:
    save_file(tensors(1), tmp_path / "x.bin")
    torch.save(tensors(2), tmp_path / "x.safetensors")
    torch.save(tensors(3), tmp_path / "old.safetensors", _use_new_zipfile_serialization=False)
    for name, value in (("x.bin", 1), ("x.safetensors", 2), ("old.safetensors", 3)):
        assert value_of(read_tensors(str(tmp_path / name), "checkpoint")) == value


def test_no_file_of_weights_is_named_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pth")
    archive(tmp_path / "x.zip", "readme.txt")
    cases = (
        ("pipe.pth", "it is a named pipe"),
        ("x.zip", "is a zip without weights"),
        ("absent.pth", "there is no file"),
    )
    for name, says in cases:
        with pytest.raises(ConfigError, match=says):
            read_tensors(str(tmp_path / name), "checkpoint")


def test_a_pickle_with_code_is_still_refused_beside_a_namespace(tmp_path: Path) -> None:
    path = saved(tmp_path / "x.pth", {"state_dict": tensors(), "path": Path("x")})
    with pytest.raises(ConfigError, match="is a pickle of more than tensors, which could run code"):
        read_tensors(path, "checkpoint")
