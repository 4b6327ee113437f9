"""Measure `dinov2.json` by asking DINOv2's own code: `python measure_dinov2.py CHECKOUT > dinov2.json`.

CHECKOUT is one of https://github.com/facebookresearch/dinov2 (the committed values are of b8931f7). A network of five
small blocks, made as its hub makes them, sees two images of fewer patches than it has positions; what DomainBed takes
of it is kept to five places.
"""

import json
import sys

import torch
from tests.unit.baselines.generalization.dinov2_case import DEPTH, HEADS, PATCH, SIDE, WIDTH, images, tensors


def main(checkout: str) -> None:
    sys.path.insert(0, checkout)
    from dinov2.models.vision_transformer import DinoVisionTransformer  # type: ignore[import-not-found]

    network = DinoVisionTransformer(
        img_size=SIDE,
        patch_size=PATCH,
        embed_dim=WIDTH,
        depth=DEPTH,
        num_heads=HEADS,
        init_values=1.0,
        block_chunks=0,
        interpolate_offset=0.1,
    ).eval()
    network.load_state_dict(tensors({name: tensor.shape for name, tensor in network.state_dict().items()}))
    with torch.no_grad():
        x = network.get_intermediate_layers(images(), n=4, return_class_token=True)
    features = torch.cat([x[0][1], x[1][1], x[2][1], x[3][1], x[3][0].mean(1)], dim=1)
    print(json.dumps([[round(value, 5) for value in row] for row in features.tolist()]))


if __name__ == "__main__":
    main(sys.argv[1])
