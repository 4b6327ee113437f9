"""Trains mini CLIP: contrastive learning of a text tower and a projection on frozen features.

python train_mini_clip.py --cache FOLDER --output FILE
"""

import argparse
import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import captions
import corpus
import features
import open_clip
import torch
from farfield_demo_build import names, sources
from safetensors.torch import save_file
from vocabulary import Vocabulary

import architecture

HERE = Path(__file__).resolve().parent
MAPS = HERE.parents[2] / "demo" / "build"
STEPS, BATCH, RATE, WARM_UP, SEED = 1000, 256, 1e-3, 50, 0
FEATURE_DROPOUT = 0.2
LARGEST_SCALE = 4.6052  # log 100, as in CLIP
TABLE = "text.token_embedding.weight"


class Sampler:
    """Batches of distinct concepts: two pictures of one concept are no negatives."""

    def __init__(self, data: features.Features, concepts: Sequence[names.Concept], seed: int) -> None:
        self._data, self._concepts = data, concepts
        self._random = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self._rows: dict[int, list[int]] = defaultdict(list)
        for row, concept in enumerate(data.concepts):
            self._rows[concept].append(row)

    def batch(self) -> tuple[torch.Tensor, list[str]]:
        """Features and captions, row by row."""
        chosen = self._random.sample(sorted(self._rows), k=BATCH)
        rows = [self._random.choice(self._rows[number]) for number in chosen]
        texts = [self._caption(row) for row in rows]
        return self._data.values[rows], texts

    def _caption(self, row: int) -> str:
        concept = self._concepts[self._data.concepts[row]]
        return captions.caption(concept, self._data.styles[row], self._random)


def rate_at(step: int) -> float:
    """Warm-up, then half a cosine, as a share of the full rate."""
    if step < WARM_UP:
        return (step + 1) / WARM_UP
    progress = torch.tensor((step - WARM_UP) / (STEPS - WARM_UP))
    return float(0.5 * (1 + torch.cos(torch.pi * progress)))


def trained_parameters(model: Any) -> list[torch.nn.Parameter]:
    """All but the trunk."""
    model.visual.trunk.requires_grad_(False)
    return [each for each in model.parameters() if each.requires_grad]


def train(model: Any, sampler: Sampler, vocabulary: Vocabulary) -> None:
    """CLIP's symmetric cross-entropy between captions and projected features."""
    loss_of = open_clip.ClipLoss()
    optimiser = torch.optim.AdamW(trained_parameters(model), lr=RATE, weight_decay=0.1)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, rate_at)
    for step in range(STEPS):
        values, texts = sampler.batch()
        values = torch.nn.functional.dropout(values, p=FEATURE_DROPOUT)
        images = torch.nn.functional.normalize(model.visual.head(values), dim=-1)
        sentences = model.encode_text(vocabulary(texts), normalize=True)
        loss = loss_of(images, sentences, model.logit_scale.exp())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        model.logit_scale.data.clamp_(0, LARGEST_SCALE)
        if step % 100 == 0 or step == STEPS - 1:
            print(f"step {step}: loss {loss.item():.3f}", flush=True)


@torch.no_grad()
def save(model: Any, vocabulary: Vocabulary, path: Path) -> None:
    """Half precision, with the full embedding table."""
    state = dict(model.state_dict())
    size = architecture.CONFIG["text_cfg"]["vocab_size"]
    state[TABLE] = vocabulary.expanded(state[TABLE], size)
    save_file({name: _half(value) for name, value in state.items()}, path, metadata={"format": "pt"})


def _half(value: torch.Tensor) -> torch.Tensor:
    small = value.half() if value.is_floating_point() else value
    if value.is_floating_point() and not small.isfinite().all() and value.isfinite().all():
        raise ValueError("a weight does not fit half precision")
    return small.contiguous().clone()


def cached_features(
    path: Path, model: Any, preprocess: Any, concepts: list[names.Concept], cache: Path
) -> features.Features:
    """Features from an earlier run, or extracted now."""
    if path.exists():
        return features.Features(**torch.load(path, weights_only=True))
    pictures = features.drawings(concepts, corpus.STYLES, cache)
    data = features.extract(pictures, model.visual.trunk, preprocess)
    torch.save({"values": data.values, "concepts": data.concepts, "styles": data.styles}, path)
    return data


def main() -> None:
    """Renders, extracts, trains and saves."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cache", type=Path, required=True, help="folder for tarballs and features")
    parser.add_argument("--output", type=Path, required=True, help="mini_clip.safetensors")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.manual_seed(SEED)
    torch.set_num_threads(options.threads)
    model, preprocess = architecture.create(options.output.parent)
    every = names.load(sources.unpacked(options.cache, *sources.NAMES))
    concepts = corpus.allowed(every, MAPS, HERE / "left_out.csv")
    print(f"{len(concepts)} concepts", flush=True)
    data = cached_features(options.cache / "mini_clip_features.pt", model, preprocess, concepts, options.cache)
    print(f"{len(data.concepts)} views", flush=True)
    model.train()
    model.visual.trunk.eval()
    vocabulary = Vocabulary(open_clip.get_tokenizer(architecture.NAME), captions.phrases(concepts))
    vocabulary.shrink(model)
    train(model, Sampler(data, concepts, SEED), vocabulary)
    save(model, vocabulary, options.output)


if __name__ == "__main__":
    main()
