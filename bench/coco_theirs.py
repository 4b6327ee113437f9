"""The other side of `bench.coco`: pycocotools as its own demonstration runs it; prints its twelve figures."""

import contextlib
import io
import json
import sys

from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval


def main(annotations: str, results: str, iou_type: str) -> None:
    """What pycocotools says of its progress is left out."""
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(annotations)
        judged = COCOeval(truth, truth.loadRes(results), iou_type)
        judged.evaluate()
        judged.accumulate()
        judged.summarize()
    print(json.dumps(judged.stats.tolist()))


if __name__ == "__main__":
    main(*sys.argv[1:])
