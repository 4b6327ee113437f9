"""What is fuzzed, by name: everything that takes what strangers send."""

from fuzz.case import Target
from fuzz.targets.coco import Coco
from fuzz.targets.commands import Commands
from fuzz.targets.own import Own
from fuzz.targets.packages import Packages
from fuzz.targets.predictions import Predictions
from fuzz.targets.readers import Readers
from fuzz.targets.records import Records

TARGETS: dict[str, Target] = {
    target.name: target for target in (Packages(), Predictions(), Records(), Readers(), Commands(), Own(), Coco())
}
