"""A package that was installed by hand, as a worker lays a submitted one out for its sandbox."""

import shutil
from pathlib import Path


def laid_out(folder: Path, source: Path, *beside: Path) -> Path:
    """The folder with the module `source`, modules beside it, and a distribution and an entry point by its name."""
    name = source.stem.replace("_", "-")
    info = folder / f"{source.stem}-1.0.dist-info"
    info.mkdir(parents=True)
    for file in (source, *beside):
        shutil.copy(file, folder / file.name)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[farfield]\n{name} = {source.stem}\n")
    for path in (folder, info):
        path.chmod(0o755)
    return folder
