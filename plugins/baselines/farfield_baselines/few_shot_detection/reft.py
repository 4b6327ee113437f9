"""RefT, Reference Twice (Han et al. 2023, arXiv 2301.01156), read from its description, for no code was released.

A query-based segmenter that looks at the support set twice: class centres under the support masks re-weight the
features of an image, all classes at once, and the support images' best object queries are linked to the image's own.
"""

from farfield_baselines.few_shot_detection.reft_config import LargeReftConfig, ReftConfig
from farfield_baselines.few_shot_detection.reft_declare import declare

SPEC = declare(
    "reft",
    "Reference Twice on a query-based segmenter, an interpretation of its description",
    ("Han et al. 2023, arXiv 2301.01156",),
    settings=ReftConfig,
    large=LargeReftConfig,
)
