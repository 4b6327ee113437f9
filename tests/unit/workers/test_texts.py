"""Text embeddings between a worker and a run: computed once, kept with the features, and told to no liar."""

import os
import random
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.unit.workers.conftest import Recorder
from tests.unit.workers.test_parts import benchmark, installed_of, make

from farfield import TaskFamily
from farfield.runtime.asking_texts import (
    ANSWER,
    HEAD,
    MAGIC,
    MOST_NETWORK_BYTES,
    TEXTS,
    Question,
    announced,
    open_texts,
    request,
    understood,
)
from farfield.runtime.pipes import ASK, GIVE
from farfield.texts import LONGEST_PROMPT, MOST_PROMPTS, MOST_QUESTIONS, MOST_TEXT_BYTES, Embedded, Texts
from farfield_evaluators.locks import alone
from farfield_evaluators.run_plan import Cell
from farfield_evaluators.scoring.classification import ACCURACY
from farfield_workers.backbones import Backbone
from farfield_workers.evaluation import Evaluator, Outcome, Request
from farfield_workers.execution import Observer
from farfield_workers.failures import RunFailure
from farfield_workers.feature_files import Features
from farfield_workers.features import FeatureCache
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.process import ProcessSandbox
from farfield_workers.text_desk import MOST_UNREAD, TextDesk, text_desk
from farfield_workers.texts import TextCache

PATIENCE = 10.0
TOWER = Backbone(name="tower", plugin="words", version="1", texts=True, settings={"model": "a"})
WORDS = '''
import numpy as np
from farfield import BackboneSpec, Frozen, Images, MethodSpec, TaskFamily, TextTower, TrackClaims, hookimpl, setting
from dataclasses import dataclass

def colours(device, *, model):
    return lambda images: images.reshape(len(images), -1, 3).mean(axis=1).astype(np.float32)

def letters(device, *, model):
    def embed(prompts):
        print("embedding", len(prompts), "for", model)
        return np.array([[len(p), ord(p[0]) / 3, 1.0] for p in prompts], np.float32)
    return TextTower(embed=embed, scale=7.25)

@dataclass(frozen=True, kw_only=True)
class Config:
    model: str = setting("a", help="Which.")
    asked: str = setting("a", help="Of which it asks.")

class Names:
    """Says of every image how long the names of the classes are, as the tower has it."""

    def __init__(self, context):
        told = context.texts.embed("words-tower", {"model": context.config.asked}, context.class_names)
        if told is None:
            context.log("nothing was told")
        self.logits = told.embeddings[:, 0] * told.scale if told else np.arange(context.class_count) * 0.5
    def predict(self, features):
        assert features.ndim == 2, features.shape
        return np.tile(self.logits, (len(features), 1))

@hookimpl
def farfield_backbones():
    return [BackboneSpec(name="words-tower", dim=0, build=colours, texts=letters, inputs=Images(size=8),
                         settings=("model",), pretraining=(), licence="MIT")]

@hookimpl
def farfield_methods():
    frozen = (Frozen(model="model", backbones={"": "words-tower"}, learns=False),)
    return [MethodSpec(name="names", family=TaskFamily.CLASSIFICATION, summary="Names.", build=Names, config=Config,
                       inputs=Images(size=8), frozen=frozen, claims=TrackClaims(backbone="none"))]
'''


def test_they_are_computed_once_and_equal_to_the_last_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox, pack = ProcessSandbox(), make(tmp_path / "src")
    installed = installed_of("words", WORDS, sandbox, tmp_path, monkeypatch)
    evaluator = Evaluator(installed, sandbox, tmp_path / "var")

    def run(config: Mapping[str, str]) -> tuple[Outcome, str]:
        observer = Recorder()
        request = Request(
            benchmark=benchmark(TaskFamily.CLASSIFICATION, ACCURACY, ACCURACY.gives),
            pack=pack,
            runnable=Runnable(description=installed.method("names")),
            cell=Cell(at={"trial": 0}),
            config=config,
        )
        return evaluator.run(request, observer), observer.text

    cold, said = run({})
    assert cold.arrays["logits"].tolist() == [[3 * 7.25, 3 * 7.25]] * 4
    assert cold.cached == {"features": 0.0, "texts": 0.0}
    assert "computing text embeddings of words-tower for 2 prompts, once" in said
    warm, said = run({})
    assert warm.arrays["logits"].tobytes() == cold.arrays["logits"].tobytes()
    assert warm.cached == {"features": 1.0, "texts": 1.0}
    assert "computing" not in said
    # Of a network that is none of the run's nothing is told, and nothing computed.
    other, said = run({"asked": "b"})
    assert other.arrays["logits"].tolist() == [[0.0, 0.5]] * 4
    assert ("nothing was told" in said, "computing" in said) == (True, False)
    assert other.cached == {"features": 1.0}


class Counts(TextCache):
    """Has embeddings of its own, and counts how often it is asked."""

    def look(self, prompts: Any, backbone: Backbone, observer: Observer) -> tuple[Features, bool]:
        ASKED.append(len(prompts))
        if prompts[0] == "no such weights":
            raise RunFailure("plugin.config", "no such weights")
        while prompts[0] == "for ever":
            observer.alive()
            time.sleep(0.01)
        rows = np.arange(3 * (1 + len(prompts)), dtype=np.float32).reshape(-1, 3) + 0.5
        return rows, prompts[0] == "kept"


ASKED: list[int] = []


@dataclass
class Run:
    """A desk, and the folder that the run sees."""

    folder: Path
    desk: TextDesk

    @property
    def texts(self) -> Texts:
        texts = open_texts(self.folder)
        assert texts is not None
        return texts

    def embed(self, *prompts: str, backbone: str = "tower", model: str = "a") -> Embedded | None:
        return self.texts.embed(backbone, {"model": model}, prompts)

    def say(self, data: bytes) -> None:
        ask = os.open(self.folder / TEXTS / ASK, os.O_WRONLY)
        os.write(ask, data)
        os.close(ask)

    def refused(self) -> RunFailure:
        """Why the run ends, waited for."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                self.desk.check()
            except RunFailure as failure:
                return failure
            time.sleep(0.01)
        raise AssertionError("nothing was refused")


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    ASKED.clear()
    cache = Counts(features=FeatureCache(home=tmp_path / "cache", sandbox=ProcessSandbox()))
    desk = text_desk(tmp_path, [replace(TOWER, settings={"model": "a", "images": {"size": 9}})], cache)
    assert desk is not None
    with desk:
        yield Run(tmp_path, desk)


def test_what_is_told_comes_through_the_pipe_and_is_counted(run: Run) -> None:
    told = run.embed("kept", "or not")
    assert told is not None
    assert (told.scale, told.embeddings.tolist()) == (0.5, [[3.5, 4.5, 5.5], [6.5, 7.5, 8.5]])
    assert run.embed("fresh", "and", "more") is not None
    assert run.desk.cached == {"texts": 0.4}


def test_of_other_networks_weights_that_are_not_there_and_long_prompts_nothing_is_told(run: Run) -> None:
    assert run.embed("zebra", model="b") is None
    assert run.embed("zebra", backbone="other") is None
    assert run.embed("z" * (LONGEST_PROMPT + 1)) is None
    assert run.embed() is None
    assert run.embed("\ud800", "zebra") is None
    assert run.embed("zebra", model="a" * MOST_NETWORK_BYTES) is None
    assert run.embed(*["z" * LONGEST_PROMPT] * (MOST_TEXT_BYTES // LONGEST_PROMPT + 1)) is None
    assert ASKED == []
    assert run.embed("no such weights") is None
    assert run.desk.cached == {}
    assert "not to be had: no such weights" in run.desk.notes[0]
    run.desk.check()


def test_a_run_is_told_so_often_and_no_more(run: Run) -> None:
    assert [run.embed("zebra") is None for _ in range(MOST_QUESTIONS + 2)] == [False] * MOST_QUESTIONS + [True] * 2
    assert len(ASKED) == MOST_QUESTIONS


def test_a_method_that_asks_on_and_on_is_told_nothing_and_costs_nothing(run: Run) -> None:
    texts = run.texts
    told = [texts.embed("tower", {"model": "a"}, ["zebra"]) for _ in range(MOST_QUESTIONS + 2 * MOST_UNREAD)]
    assert [each is None for each in told] == [False] * MOST_QUESTIONS + [True] * 2 * MOST_UNREAD
    run.desk.check()


def test_what_is_asked_after_that_is_not_parsed_and_ends_the_run(run: Run) -> None:
    """What would be no question is answered as one, with nothing, so often and no more."""
    for _ in range(MOST_QUESTIONS):
        assert run.embed("zebra") is not None
    give = os.open(run.folder / TEXTS / GIVE, os.O_RDONLY)
    for _ in range(MOST_UNREAD):
        run.say(HEAD.pack(MAGIC, 30_000, 1, 5) + b"[" * 30_000 + bytes(4) + b"\xff" * 5)
        assert ANSWER.unpack(os.read(give, ANSWER.size)) == (MAGIC, 0, 0)
    os.close(give)
    run.desk.check()
    run.say(HEAD.pack(MAGIC, 2, 1, 0) + b"{}" + bytes(4))
    assert run.refused().code == "plugin.protocol"
    assert len(ASKED) == MOST_QUESTIONS


def asked(network: bytes, lengths: list[int], text: bytes) -> bytes:
    """A request whose parts are anything."""
    return HEAD.pack(MAGIC, len(network), len(lengths), len(text)) + network + np.array(lengths, "<u4").tobytes() + text


def test_prompts_come_as_they_were_said() -> None:
    prompts = ["ein Äpfelchen", "", "縞馬 \0 🦓", "zebra"]
    sent = request("tower", {"model": "é"}, prompts)
    assert sent is not None
    said = announced(sent[: HEAD.size])
    assert HEAD.size + said.size == len(sent)
    assert understood(sent[HEAD.size :], said) == Question(backbone="tower", settings={"model": "é"}, prompts=prompts)


NETWORK = b'{"backbone": "tower", "settings": {"model": "a"}}'


@pytest.mark.parametrize(
    "said",
    [
        b"FFL1" + bytes(12),
        HEAD.pack(MAGIC, MOST_NETWORK_BYTES + 1, 1, 1),
        HEAD.pack(MAGIC, 2, 0, 0),
        HEAD.pack(MAGIC, 2, MOST_PROMPTS + 1, 1),
        HEAD.pack(MAGIC, 2, 1, MOST_TEXT_BYTES + 1),
        asked(b"[]", [1], b"z"),
        asked(b'{"backbone": "tower"}', [1], b"z"),
        asked(b"\xff{}", [1], b"z"),
        asked(b"[" * 30_000, [1], b"z"),
        asked(NETWORK, [2], b"z"),
        asked(NETWORK, [1, 1], b"z"),
        asked(NETWORK, [2**32 - 1, 2], b"z"),
        asked(NETWORK, [1, 1], "é".encode()),
        random.Random(64).randbytes(64),
    ],
)
def test_a_runner_that_says_what_is_no_question_ends_the_run(run: Run, said: bytes) -> None:
    """By hand, as hostile code would."""
    run.say(said)
    failure = run.refused()
    assert (failure.code, failure.infrastructure, ASKED) == ("plugin.protocol", False, [])


def test_what_is_computed_for_a_run_ends_with_it(tmp_path: Path) -> None:
    cache = Counts(features=FeatureCache(home=tmp_path / "cache", sandbox=ProcessSandbox()))
    desk = TextDesk(tmp_path / TEXTS, [TOWER], cache)
    started, before = time.monotonic(), threading.active_count()
    with desk:
        question = request("tower", {"model": "a"}, ["for ever"])
        assert question is not None
        Run(tmp_path, desk).say(question)
        while not desk._questions and time.monotonic() < started + PATIENCE:
            time.sleep(0.01)
    assert desk._questions == 1
    assert threading.active_count() == before


def test_a_run_does_not_wait_for_what_others_compute(tmp_path: Path) -> None:
    """Neither for its turn, nor for the same prompts: it is told nothing, and computes them itself."""
    features = FeatureCache(home=tmp_path / "cache", sandbox=ProcessSandbox(), turn=threading.Lock())
    cache = TextCache(features=features, patience=0.0)
    desk = TextDesk(tmp_path / TEXTS, [TOWER], cache)
    lock = cache.path_of(["zebra"], TOWER).with_suffix(".lock")
    lock.parent.mkdir(parents=True)
    with desk:
        with features.turn:
            assert Run(tmp_path, desk).embed("zebra") is None
        with alone(lock):
            assert Run(tmp_path, desk).embed("zebra") is None
        desk.check()
    assert ["others compute on this machine" in note for note in desk.notes] == [True, True]
    assert not list(lock.parent.glob("*.npy"))
