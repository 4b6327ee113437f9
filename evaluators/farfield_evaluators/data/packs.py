"""Packs: an imported data set as a memory-mapped file set with a manifest and a fingerprint over its contents.

    <packs>/<name>/current                  the fingerprint in use
    <packs>/<name>/<fingerprint>/manifest.json
                                 inputs/images.bin, inputs/spans.npy     all a sandbox may ever see
                                 hidden/labels.npy, sets.npy, domains.npy  never mounted anywhere
                                 hidden/order.npy                          where the source's own order matters
                                 hidden/columns/<name>.npy                 groups, targets, boxes, where there are any

A name may hold one slash: `domainbed/pacs`. Examples lie in the order of the hash of their content: it is the same
wherever the pack is built, and tells nothing of classes, sets or file names. This module is what the rest of the
evaluators imports of it.
"""

from farfield_evaluators.data.build import build
from farfield_evaluators.data.columns import Attribute, ColumnData, PackColumn
from farfield_evaluators.data.errors import PackError, UnreadableFiles
from farfield_evaluators.data.fingerprint import FORMAT
from farfield_evaluators.data.pack import Ints, Pack, Pixels, read_pack
from farfield_evaluators.data.shelf import current, imported, is_imported, list_packs, open_pack, verify
from farfield_evaluators.data.source import ArrayExample, Example, Lent, PackClass, Placed, Source

__all__ = [
    "FORMAT",
    "ArrayExample",
    "Attribute",
    "ColumnData",
    "Example",
    "Ints",
    "Lent",
    "Pack",
    "PackClass",
    "PackColumn",
    "PackError",
    "Pixels",
    "Placed",
    "Source",
    "UnreadableFiles",
    "build",
    "current",
    "imported",
    "is_imported",
    "list_packs",
    "open_pack",
    "read_pack",
    "verify",
]
