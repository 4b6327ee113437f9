"""The one spelling of a test set's name, which people and releases write in several ways."""

import re


def canonical(name: str) -> str:
    """In lower case and with hyphens, without a leading "imagenet" and without ObjectNet's version.

    >>> canonical("ImageNet_R"), canonical("imagenetv2"), canonical("imagenet-c/Fog/1"), canonical("objectnet-1.0")
    ('r', 'v2', 'c/fog/1', 'objectnet')
    """
    spelled = name.lower().replace("_", "-")
    return re.sub(r"^imagenet[-/]?(?=.)", "", spelled).removesuffix("-1.0")
