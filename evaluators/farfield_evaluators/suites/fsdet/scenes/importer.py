"""The importer of the scenes, apart from what the site reads: it decodes drawings."""

from farfield_evaluators.suite import OwnImporter
from farfield_evaluators.suites.fsdet.scenes.names import NAME
from farfield_evaluators.suites.fsdet.scenes.pack import import_scenes

IMPORTER = OwnImporter(name=NAME, build=import_scenes, source="is drawn from the distribution `farfield-demo`")
