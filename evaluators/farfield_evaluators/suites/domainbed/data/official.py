"""What the official releases hold: folders, domains, classes and counts, each with its source.

Counts: Gulrajani & Lopez-Paz, section 3 and appendix; PACS: Li et al., ICCV 2017; VLCS: Fang et al., ICCV 2013;
Office-Home: Venkateswara et al., CVPR 2017; DomainNet: the row "#Cleaned" of its project page (ai.bu.edu/M3SDA), which
sums to DomainBed's 586,575. Terra Incognita exists in two releases, because its annotations were revised; the counts of
the first were published by MIRO's authors (github.com/khanrc/miro, issue 9). SVIRO (Dias Da Cruz et al., WACV 2020):
seven classes; no count by vehicle of the images that DomainBed takes is published.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Official:
    """One data set in its official layout: `folder/<domain>/<class>/<image>`.

    environments: DomainBed's short names, in the order of the sorted domain folders.
    classes: their names, or () where only their number is published here.
    releases: images by domain folder, of each release by its name; none where no counts are published.
    uncounted: the domain folders where there are no counts.
    companions: files that may lie beside the domain folders, as patterns; lists: those naming all images of a domain.
    leaves_out_unlisted: the lists' authors withdrew what they do not name.
    unpacked_as: names its archive unpacks to, besides `folder`.
    """

    name: str
    title: str
    licence: str
    folder: str
    environments: tuple[str, ...]
    releases: Mapping[str, Mapping[str, int]]
    classes: tuple[str, ...] = ()
    class_count: int
    companions: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    leaves_out_unlisted: bool = False
    unpacked_as: tuple[str, ...] = ()
    uncounted: tuple[str, ...] = ()

    @property
    def domains(self) -> tuple[str, ...]:
        """Domain folders, sorted as DomainBed sorts them: by code points."""
        return tuple(sorted(self.uncounted or [*next(iter(self.releases.values()))]))


_OFFICE_HOME = (
    "Alarm_Clock Backpack Batteries Bed Bike Bottle Bucket Calculator Calendar Candles Chair Clipboards Computer "
    "Couch Curtains Desk_Lamp Drill Eraser Exit_Sign Fan File_Cabinet Flipflops Flowers Folder Fork Glasses Hammer "
    "Helmet Kettle Keyboard Knives Lamp_Shade Laptop Marker Monitor Mop Mouse Mug Notebook Oven Pan Paper_Clip Pen "
    "Pencil Postit_Notes Printer Push_Pin Radio Refrigerator Ruler Scissors Screwdriver Shelf Sink Sneakers Soda "
    "Speaker Spoon TV Table Telephone ToothBrush Toys Trash_Can Webcam"
)
_VEHICLES = ("aclass", "escape", "hilux", "i3", "lexus", "tesla", "tiguan", "tucson", "x5", "zoe")
VLCS = Official(
    name="domainbed/vlcs",
    title="VLCS: photographs of four collections",
    licence="by collection: Caltech-101, LabelMe, SUN09 and PASCAL VOC 2007, each with its own terms; for research",
    folder="VLCS",
    environments=("C", "L", "S", "V"),
    releases={"domainbed": {"Caltech101": 1415, "LabelMe": 2656, "SUN09": 3282, "VOC2007": 3376}},
    classes=("bird", "car", "chair", "dog", "person"),
    class_count=5,
)
PACS = Official(
    name="domainbed/pacs",
    title="PACS: photographs, art paintings, cartoons and sketches",
    licence="none stated by its authors; collected from the web and from other data sets, for research",
    folder="PACS",
    environments=("A", "C", "P", "S"),
    releases={"domainbed": {"art_painting": 2048, "cartoon": 2344, "photo": 1670, "sketch": 3929}},
    classes=("dog", "elephant", "giraffe", "guitar", "horse", "house", "person"),
    class_count=7,
    companions=("*_kfold.txt",),
    lists=("{domain}_train_kfold.txt", "{domain}_crossval_kfold.txt"),
    unpacked_as=("kfold",),
)
OFFICE_HOME = Official(
    name="domainbed/office-home",
    title="Office-Home: things of offices and homes as art, clip art, products and photographs",
    licence="for non-commercial research and education, under its authors' fair-use notice",
    folder="office_home",
    environments=("A", "C", "P", "R"),
    releases={"domainbed": {"Art": 2427, "Clipart": 4365, "Product": 4439, "Real World": 4357}},
    classes=tuple(_OFFICE_HOME.split()),
    class_count=65,
    companions=("ImageInfo.csv", "imagelist.txt"),
    unpacked_as=("OfficeHomeDataset_10072016",),
)
TERRA_INCOGNITA = Official(
    name="domainbed/terra-incognita",
    title="Terra Incognita: camera traps at four places",
    licence="CDLA-Permissive-1.0 (Caltech Camera Traps)",
    folder="terra_incognita",
    environments=("L100", "L38", "L43", "L46"),
    releases={
        "domainbed-2020": {"location_100": 4879, "location_38": 9767, "location_43": 4020, "location_46": 6122},
        "annotations-2021": {"location_100": 4741, "location_38": 9736, "location_43": 3970, "location_46": 5883},
    },
    classes=("bird", "bobcat", "cat", "coyote", "dog", "empty", "opossum", "rabbit", "raccoon", "squirrel"),
    class_count=10,
)
DOMAIN_NET = Official(
    name="domainbed/domain-net",
    title="DomainNet: 345 kinds of things in six domains, duplicates left out",
    licence="for non-commercial research and education, under its authors' fair-use notice",
    folder="domain_net",
    environments=("clip", "info", "paint", "quick", "real", "sketch"),
    releases={
        "domainbed": {
            "clipart": 48129,
            "infograph": 51605,
            "painting": 72266,
            "quickdraw": 172500,
            "real": 172947,
            "sketch": 69128,
        }
    },
    class_count=345,
    companions=("domain_net_duplicates.txt", "*_train.txt", "*_test.txt"),
    lists=("{domain}_train.txt", "{domain}_test.txt"),
    leaves_out_unlisted=True,
)
SVIRO = Official(
    name="domainbed/sviro",
    title="SVIRO: rear seats of ten vehicles, synthetic",
    licence="the authors' own, at sviro.kl.dfki.de",
    folder="sviro",
    environments=_VEHICLES,
    releases={},
    uncounted=_VEHICLES,
    class_count=7,
    unpacked_as=("SVIRO_DOMAINBED",),
)
OFFICIAL: tuple[Official, ...] = (VLCS, PACS, OFFICE_HOME, TERRA_INCOGNITA, DOMAIN_NET, SVIRO)
