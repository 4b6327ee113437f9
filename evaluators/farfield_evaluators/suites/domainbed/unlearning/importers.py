"""The importers of unlearning boards, apart from what they make of images."""

from functools import partial

from farfield_evaluators.suite import Importer, OwnImporter
from farfield_evaluators.suites.domainbed.unlearning.choices import DATA_SETS, DRAWINGS, MINI_DOMAIN_NET
from farfield_evaluators.suites.domainbed.unlearning.data import import_drawings, import_official
from farfield_evaluators.suites.domainbed.unlearning.mini_domain_net import import_mini_domain_net

IMPORTERS: tuple[Importer | OwnImporter, ...] = (
    OwnImporter(name=DRAWINGS.name, build=import_drawings, source="comes with the distribution `farfield-demo`"),
    *(
        Importer(name=data.name, build=partial(import_official, data, data.official))
        for data in DATA_SETS
        if data.official is not None
    ),
    Importer(name=MINI_DOMAIN_NET.name, build=import_mini_domain_net),
)
