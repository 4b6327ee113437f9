"""Measure what `osloprompt.json` holds with OSLoPrompt's release: `python measure_osloprompt.py FOLDER`, to that file.

FOLDER is a checkout of https://github.com/has97/Osloprompt (the committed figures are of d562097). Of its
`trainer/ours.py` the attention and the style loss run, without what loads models at import; the sum of the losses is
written down as its `pacs.py` has it.
"""

import ast
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from torch import nn
from torch.nn import functional

sys.path.insert(0, str(Path(__file__).parents[3]))
from tests.unit.baselines import osloprompt_case as case


def repeated(rows: torch.Tensor, pattern: str, k: int) -> torch.Tensor:
    """einops.repeat, for the one pattern that is asked for."""
    if pattern != "m n -> k m n":
        raise ValueError(pattern)
    return rows.expand(k, -1, -1)


def release(folder: Path, tower: Any) -> dict[str, Any]:
    """The names of the release's classes, of a module whose imports are stood in for."""
    tree = ast.parse((folder / "trainer" / "ours.py").read_text(encoding="utf-8"))
    wanted = [
        node for node in tree.body if isinstance(node, ast.ClassDef) and node.name in {"CrossAttention", "CustomCLIP"}
    ]
    known: dict[str, Any] = {
        "torch": torch,
        "nn": nn,
        "F": functional,
        "List": list,
        "Tuple": tuple,
        "einops": SimpleNamespace(repeat=repeated),
        "clip": SimpleNamespace(tokenize=lambda text: case.tokens([text])),
        "clip_model": SimpleNamespace(token_embedding=tower.token_embedding),
    }
    exec(compile(ast.Module(body=list(wanted), type_ignores=[]), "ours.py", "exec"), known)
    return known


def main() -> None:
    tower = case.clip().model.text
    theirs = release(Path(sys.argv[1]), tower)

    def encoded(embeddings: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        hidden = tower.transformer(embeddings + tower.positional_embedding, tower.attn_mask)
        return tower.ln_final(hidden)[torch.arange(len(tokens)), tokens.argmax(dim=-1)] @ tower.text_projection

    attention = theirs["CrossAttention"](case.WIDTH, 1)
    parts = {
        "self_attn": 10,
        "multihead_attn": 11,
        "out_proj": 12,
        "layer_norm": 13,
        "layer_norm1": 14,
        "layer_norm2": 15,
    }
    for name, seed in parts.items():
        case.filled(getattr(attention, name), seed)
    attention.eval()
    model = SimpleNamespace(
        cross_attention=attention,
        projector=case.filled(nn.Linear(case.WIDTH, case.WIDTH), 16),
        text_encoder=encoded,
        domainnames=[name.replace(" ", "_") for name in case.DOMAINS],
        classnames=[*case.KNOWN, "unknown"],
        dtype=torch.float32,
    )
    kind = theirs["CustomCLIP"]
    model._process_domain_features = lambda *given: kind._process_domain_features(model, *given)
    images, labels, domains, opened = case.batch()
    rows, hidden = case.attributes()
    with torch.no_grad():
        style, own = kind._compute_style_loss(model, images, domains, labels, rows, hidden, torch.tensor(case.SCALE))
        texts = case.texts()
        output = case.SCALE * torch.cat([images, opened]) @ texts.T
        wanted = torch.cat([labels, torch.tensor([len(case.KNOWN)])])
        invariant = texts[:-1].repeat(len(images), 1)
        told = functional.cross_entropy(output, wanted)
        loss = told + 0.33 * style + (1 - functional.cosine_similarity(invariant, own, dim=1)).mean()
    by_image = [[float(f"{value:.7g}") for value in row] for row in own.view(len(images), -1).tolist()]
    figures = {"style": float(style), "by_image": by_image, "loss": float(loss)}
    json.dump(figures, sys.stdout)
    print()


if __name__ == "__main__":
    main()
