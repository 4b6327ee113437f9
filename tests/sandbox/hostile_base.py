"""Hostile few-shot detectors, whose attacks are in their base phase or on what it left. Only imported in a sandbox."""

import json
import os
import pickle
from pathlib import Path

import numpy as np

import farfield.runtime.base_phase as sdk
from farfield import Detections, Images, MethodSpec, Resources, TaskFamily, TrackClaims, hookimpl

IN, OUT = Path("/farfield/in"), Path("/farfield/out")
SHARE = np.array([0.25, 0.25, 0.75, 0.75])


def sides(image):
    return np.array(image.shape[:2])[[1, 0, 1, 0]]


class Harmless:
    """A box in the middle, as large as those of the base set."""

    def __init__(self, context):
        self.context = context
        self.share = SHARE * 0

    def fit_base(self, base):
        print("BASE of", len(base), flush=True)
        self.share = np.concatenate([scene.boxes / sides(scene.image) for scene in base]).mean(axis=0)

    def save_base(self, folder):
        np.save(folder / "share.npy", self.share)
        self.attack(folder)

    def attack(self, folder):
        pass

    def load_base(self, folder):
        if (IN / "base").exists():
            print("GOT base images", flush=True)
        self.share = np.load(folder / "share.npy")
        if not np.allclose(self.share, SHARE):
            print("GOT a poisoned model", flush=True)

    def fit_novel(self, support):
        self.label = int(support[0].labels[0])

    def detect(self, images):
        one = np.ones(1, np.int64)
        return [
            Detections(boxes=(self.share * sides(image))[None], scores=one * 0.5, labels=one * self.label)
            for image in images
        ]


class Poisons(Harmless):
    """Writes another model into the folder that it is given, in every way there is."""

    def load_base(self, folder):
        super().load_base(folder)
        path, other = folder / "share.npy", OUT / "other.npy"
        np.save(other, SHARE / 100)
        for name, write in {
            "chmod": lambda: path.chmod(0o777),
            "write": lambda: path.write_bytes(other.read_bytes()),
            "truncate": lambda: os.truncate(path, 0),
            "replace": lambda: os.replace(other, path),
            "link": lambda: os.link(path, OUT / "linked.npy"),
            "unlink": path.unlink,
            "rename": lambda: folder.rename(IN / "gone"),
            "add": lambda: (folder / "more").write_text("x"),
            "through a descriptor": lambda: os.open(f"/proc/self/fd/{os.open(path, os.O_RDONLY)}", os.O_RDWR),
        }.items():
            try:
                write()
                print("GOT to", name, flush=True)
            except OSError as error:
                print(name, "is refused:", error.strerror, flush=True)


class Unchecked(Harmless):
    """The runner's own look at what is saved is switched off: it is in the hand of whoever runs beside it."""

    def save_base(self, folder):
        sdk.check_saved = lambda folder: None
        super().save_base(folder)


class SavesALink(Unchecked):
    def attack(self, folder):
        (folder / "passwd").symlink_to("/etc/passwd")


class SavesAPipe(Unchecked):
    def attack(self, folder):
        os.mkfifo(folder / "pipe")


class SavesManyFiles(Unchecked):
    def attack(self, folder):
        for number in range(1500):
            (folder / f"f{number}").touch()


class SavesAFolderThatIsALink(Unchecked):
    def attack(self, folder):
        folder.rename(OUT / "elsewhere")
        folder.symlink_to("elsewhere")


class LocksWhatItSaves(Unchecked):
    def attack(self, folder):
        (folder / "deep").mkdir()
        (folder / "deep" / "w").write_text("x")
        for path in (folder / "deep" / "w", folder / "deep", folder):
            path.chmod(0)


class Bomb:
    def __reduce__(self):
        return (os.system, ("touch /tmp/farfield-exploited",))


class SavesAPickle(Harmless):
    """Whoever opens it outside is lost; it is bytes, and nobody does."""

    def attack(self, folder):
        (folder / "model.pkl").write_bytes(pickle.dumps(Bomb()))
        (folder / "manifest.json").write_text('{"format": 1, "made_of": {}, "files": []}')


class AnswersOtherwise(Harmless):
    def __init__(self, context):
        super().__init__(context)
        (OUT / "result.json").write_text(json.dumps({"base": ["apart"]}))
        os._exit(0)


class SavesNothing(Harmless):
    def save_base(self, folder):
        (OUT / "result.json").write_text('{"outputs": ["base"]}')
        folder.rmdir()
        os._exit(0)


def spec(kind):
    name = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in kind.__name__)
    return MethodSpec(
        name=f"hostile-base{name}",
        family=TaskFamily.FEW_SHOT_DETECTION,
        summary=kind.__name__,
        build=kind,
        inputs=Images(crop="none"),
        claims=TrackClaims(backbone="none"),
        resources=Resources(memory_gib=1, minutes=1),
    )


@hookimpl
def farfield_methods():
    return [spec(kind) for kind in (Harmless, *Harmless.__subclasses__(), *Unchecked.__subclasses__())]
