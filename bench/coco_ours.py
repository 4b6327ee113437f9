"""Our side of `bench.coco`: prints the twelve figures in pycocotools' order."""

import json
import sys
from pathlib import Path

from farfield_evaluators.scoring.coco.figures import metrics_of
from farfield_evaluators.scoring.coco.files import score_files

ORDER = (
    "ap",
    "ap50",
    "ap75",
    "ap-small",
    "ap-medium",
    "ap-large",
    "ar1",
    "ar10",
    "ar",
    "ar-small",
    "ar-medium",
    "ar-large",
)


def main(annotations: str, results: str, iou_type: str) -> None:
    """All twelve must be there."""
    masks = iou_type == "segm"
    scored = score_files(Path(annotations), Path(results), lambda ids: {"": ids}, masks=masks)
    values, metrics = {figure.metric: figure.value for figure in scored.scores}, metrics_of(masks=masks)
    print(json.dumps([values[metrics[name].name] for name in ORDER]))


if __name__ == "__main__":
    main(*sys.argv[1:])
