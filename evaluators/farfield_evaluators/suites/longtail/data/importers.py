"""Every long-tailed data set that `farfield data import` brings, by name."""

from functools import partial

from farfield_evaluators.suite import Importer, OwnImporter
from farfield_evaluators.suites.longtail.data import drawings, glt, lists, releases

IMPORTERS: tuple[Importer | OwnImporter, ...] = (
    OwnImporter(
        name=drawings.NAME, build=drawings.import_drawings, source="comes with the distribution `farfield-demo`"
    ),
    *(Importer(name=release.pack, build=partial(lists.import_lists, release)) for release in releases.RELEASES),
    *(Importer(name=spec.pack, build=partial(glt.import_annotations, spec)) for spec in glt.SPECS),
)
