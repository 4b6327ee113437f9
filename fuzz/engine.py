"""Runs cases one after the other, each in a process of its own with an end to its memory and its time."""

import json
import os
import resource
import shutil
import signal
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from fuzz.case import Case, Target, Wrong

MEMORY_BYTES = 4 << 30
SEEDS = Path(__file__).with_name("seeds")
LONGEST_WORD = 100


@dataclass(kw_only=True)
class Outcome:
    """What came out of a target's cases: how often which word, and what must never come out, by the case's digest."""

    words: Counter[str] = field(default_factory=Counter)
    wrong: dict[str, str] = field(default_factory=dict)
    largest_bytes: int = 0
    longest_seconds: float = 0.0

    @property
    def cases(self) -> int:
        return sum(self.words.values()) + len(self.wrong)


def kept_cases(target: Target) -> list[Case]:
    """What once came out wrong, and stays so that it never does again."""
    return [Case.from_json(path.read_text(encoding="utf-8")) for path in sorted((SEEDS / target.name).glob("*.json"))]


def fuzz(target: Target, seed: int, seconds: float, keep: Path, now: Callable[[], float] = time.monotonic) -> Outcome:
    """The kept cases, and new ones until the time is over. A case that comes out wrong is written below `keep`."""
    outcome = Outcome()
    limit = now() + seconds
    for case in _cases(target, seed, lambda: now() < limit):
        _try(target, case, outcome, keep)
    return outcome


def _cases(target: Target, seed: int, go_on: Callable[[], bool]) -> Iterator[Case]:
    yield from kept_cases(target)
    number = 0
    while go_on():
        yield target.make(Random(f"{target.name}:{seed}:{number}"))
        number += 1


def _try(target: Target, case: Case, outcome: Outcome, keep: Path) -> None:
    begun = time.monotonic()
    word, wrong, used = in_child(target, case)
    outcome.longest_seconds = max(outcome.longest_seconds, time.monotonic() - begun)
    outcome.largest_bytes = max(outcome.largest_bytes, used)
    if not wrong:
        outcome.words[word] += 1
        return
    keep.mkdir(parents=True, exist_ok=True)
    (keep / f"{case.digest}.json").write_text(case.to_json(), encoding="utf-8")
    outcome.wrong[case.digest] = wrong


def in_child(target: Target, case: Case) -> tuple[str, str, int]:
    """(what came out, what is wrong with that if anything is, most bytes of memory) of one case."""
    folder = Path(tempfile.mkdtemp(prefix="farfield-fuzz-"))
    try:
        for name, data in case.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            _child(target, case, folder, writing)
        os.close(writing)
        return _watched(pid, reading, target.seconds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _child(target: Target, case: Case, folder: Path, answer: int) -> None:
    """Never returns."""
    os.setsid()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    try:
        said = (target.run(case, folder)[:LONGEST_WORD], "")
    except Wrong as error:
        said = ("", str(error))
    except BaseException:
        said = ("", traceback.format_exc()[-4000:])
    with suppress(OSError):
        os.write(answer, json.dumps(said).encode())
    os._exit(0)


def _watched(pid: int, reading: int, seconds: float) -> tuple[str, str, int]:
    timer = _Alarm(pid, seconds)
    with timer, os.fdopen(reading, "rb") as answer:
        text = answer.read()
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    _, status, used = os.wait4(pid, 0)
    most = used.ru_maxrss * 1024
    if timer.rang:
        return "", f"it took longer than {seconds:g} s", most
    if not text:
        return "", f"the process ended without a word (status {status})", most
    word, wrong = json.loads(text)
    return word, wrong, most


class _Alarm:
    """Kills a process group when its time is over."""

    def __init__(self, pid: int, seconds: float) -> None:
        self._pid = pid
        self._seconds = seconds
        self.rang = False

    def __enter__(self) -> "_Alarm":
        signal.signal(signal.SIGALRM, self._ring)
        signal.setitimer(signal.ITIMER_REAL, self._seconds)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _ring(self, *_: object) -> None:
        self.rang = True
        with suppress(ProcessLookupError):
            os.killpg(self._pid, signal.SIGKILL)
