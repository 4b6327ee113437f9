"""Inputs kept outside the sandbox until a run asks for them: where they lie, and what the run sees instead."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from farfield.method import Images
from farfield.runtime.dataset import GROUPS
from farfield.runtime.exchange import LARGEST
from farfield.runtime.pipes import ASK
from farfield_workers.feed import Feed, Store, Terms
from farfield_workers.pixel_store import Decoder
from farfield_workers.stores import EncodedStore, RowStore

TEST = "test"
# How often a fitted method may see each input: to predict it, and twice for the probes.
PASSES = 3
# What a run of several checkpoints holds decoded at once, so that each of them is loaded seldom.
WINDOW_BYTES = 64 << 20
IMAGES = ("images.bin", "spans.npy", "prepared.npy")
NO_END = 1 << 62  # how often it looks at what it learns from is a method's own affair


def feed_of(
    folder: Path,
    description: Mapping[str, Any],
    *,
    points: int = 0,
    checkpoints: int = 0,
    begun: Callable[[], None] | None = None,
    decoder: Decoder | None = None,
) -> Feed:
    """The feed of a method's run that is staged in `folder`/in: its test inputs are taken out, to `folder`/held.

    points: how many of a curve it may predict. checkpoints: how many predict all of them, 0 where the fitted method
    does; a method that predicts from whole groups of inputs, as it declares, is given any at any time then.
    begun: see `Feed`. decoder: what decodes images for it.
    """
    store = withhold(folder / "in", folder / "held")
    batch = int(description["batch_size"])
    if not checkpoints:
        terms = Terms(window=batch, most=store.count * (PASSES + points))
    else:
        whole, window = bool(description["transductive"]), batch * max(1, WINDOW_BYTES // (batch * _bytes(description)))
        terms = Terms(window=min(window, LARGEST), most=store.count * checkpoints, whole=whole, early=not whole)
    return Feed(folder / "in" / TEST, store, terms, begun, _pixels(decoder, store, ahead=not terms.whole))


def part_feeds(folder: Path, decoder: Decoder) -> Iterator[Feed]:
    """Feeds of the images to learn from, of each part that is staged in `folder`/in: they are taken out, too.

    A part with pipes of its own, such as the pool's, keeps them.
    """
    parts = sorted(path.parent for path in (folder / "in").glob(f"*/{IMAGES[0]}"))
    for part in [part for part in parts if not (part / ASK).exists()]:
        held = folder / "held-parts" / part.name
        held.mkdir(parents=True)
        for name in IMAGES:
            if (part / name).exists():
                (part / name).rename(held / name)
        store, terms = EncodedStore(held), Terms(window=LARGEST, most=NO_END, whole=True, noun="training image")
        yield Feed(part, store, terms, pixels=_pixels(decoder, store, ahead=False))


def _pixels(decoder: Decoder | None, store: Store, *, ahead: bool) -> Callable[[Images], Store] | None:
    """What gives the images of a store as pixels, where it has images that can be decoded."""
    if decoder is None or not isinstance(store, EncodedStore):
        return None
    return lambda how: decoder.store(store, how, ahead=ahead)


def withhold(source: Path, beside: Path) -> Store:
    """Take the test inputs out of the staged job folder `source`, to `beside`."""
    (source / TEST).rename(beside)
    (source / TEST).mkdir()
    if (beside / GROUPS).exists():
        shutil.copyfile(beside / GROUPS, source / TEST / GROUPS)
    for name in ("images.npy", "features.npy"):
        if (beside / name).exists():
            return RowStore(beside / name)
    return EncodedStore(beside)


def _bytes(description: Mapping[str, Any]) -> int:
    """What an input takes once it is decoded."""
    inputs = description["inputs"]
    return int(4 * inputs["dim"] if inputs["kind"] == "features" else 3 * inputs["size"] ** 2)
