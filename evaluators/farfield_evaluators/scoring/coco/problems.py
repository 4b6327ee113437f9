"""What can be wrong with files of COCO's JSON that are to be scored: codes, and the error that lists every problem."""

from farfield_evaluators.problems import FilesRefused

NOT_ANNOTATIONS = "results.annotations"
BAD_ANNOTATION = "results.bad_annotation"
NOT_A_LIST = "results.not_a_list"
TOO_LARGE = "results.too_large"
MISSING_KEY = "results.missing_key"
UNKNOWN_IMAGE = "results.unknown_image"
UNKNOWN_CATEGORY = "results.unknown_category"
BAD_VALUE = "results.bad_value"
BAD_MASK = "results.bad_mask"
OTHER_IDS = "results.other_ids"
SEVERAL = "results.several"
MOST_PROBLEMS = 1000


class CocoRefused(FilesRefused):
    """Annotations or results that cannot be scored; lists the problems, each with its place in the file."""

    code = SEVERAL
