"""Declared bases that write their own output and leave before the runner can. Only imported in a sandbox."""

import os
import pickle
import zipfile
from pathlib import Path

import numpy as np

from farfield import Base, Images, MethodSpec, Resources, TaskFamily, TrackClaims, hookimpl

OUT = Path("/farfield/out")
FOLDER = OUT / "base"


class Bomb:
    def __reduce__(self):
        return (os.system, ("touch /tmp/farfield-exploited",))


def harmless(context, train):
    return {"means": np.arange(context.class_count, dtype=np.float32)}


def leave():
    (OUT / "result.json").write_text('{"outputs": ["base"]}')
    os._exit(0)


def write_member(content):
    """An archive with these bytes in the place of an array."""
    FOLDER.mkdir()
    with zipfile.ZipFile(FOLDER / "arrays.npz", "w") as archive, archive.open("means.npy", "w") as member:
        content(member)
    leave()


def links_out(context, train):
    FOLDER.mkdir()
    (FOLDER / "arrays.npz").symlink_to("/etc/passwd")
    leave()


def pipes(context, train):
    """Opening it waits for a writer that never comes."""
    FOLDER.mkdir()
    os.mkfifo(FOLDER / "arrays.npz")
    leave()


def is_called_otherwise(context, train):
    FOLDER.mkdir()
    np.savez(FOLDER / "other.npz", means=np.zeros(3))
    leave()


def header_lies(context, train):
    """A header that claims four petabytes."""
    header = {"descr": "<f4", "fortran_order": False, "shape": (1 << 50,)}
    write_member(lambda member: np.lib.format.write_array_header_1_0(member, header))


def pickles(context, train):
    write_member(lambda member: np.lib.format.write_array(member, np.array([Bomb()], object), allow_pickle=True))


def is_a_pickle(context, train):
    FOLDER.mkdir()
    (FOLDER / "arrays.npz").write_bytes(pickle.dumps(Bomb()))
    leave()


class Brightness:
    def __init__(self, context):
        self.means = context.base["means"]

    def predict(self, images):
        bucket = (images.mean(axis=(1, 2, 3)) / 256 * len(self.means)).astype(int)
        return np.eye(len(self.means), dtype=np.float32)[bucket % len(self.means)]


@hookimpl
def farfield_methods():
    return [
        MethodSpec(
            name="hostile-declared",
            family=TaskFamily.CLASSIFICATION,
            summary="Brightness.",
            build=Brightness,
            inputs=Images(size=16),
            claims=TrackClaims(backbone="none"),
            resources=Resources(memory_gib=1, minutes=1),
            base=Base(train=harmless),
        )
    ]
