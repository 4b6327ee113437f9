"""Data sets in the official folder layout: what is imported, and what is said when something is wrong."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from tests.suites.domainbed.data.trees import PER_CLASS, grow, tiny

from farfield_evaluators.data.packs import PackError, list_packs, open_pack, verify
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.suites.domainbed.data import folders
from farfield_evaluators.suites.domainbed.data.folders import import_folders
from farfield_evaluators.suites.domainbed.data.official import (
    DOMAIN_NET,
    OFFICE_HOME,
    OFFICIAL,
    PACS,
    TERRA_INCOGNITA,
    VLCS,
)

SMALL = tiny(PACS)


def problems_of(spec, root: Path, tmp_path: Path, *, subset: bool = False) -> list[str]:
    with pytest.raises(ImportProblems) as caught:
        import_folders(spec, root, tmp_path / "packs", subset=subset)
    assert list_packs(tmp_path / "packs") == []
    assert all(problem in str(caught.value) for problem in caught.value.problems)
    return list(caught.value.problems)


# --- what the releases are -------------------------------------------------------------------------------------------


def test_the_published_totals() -> None:
    totals = {spec.name: [sum(release.values()) for release in spec.releases.values()] for spec in OFFICIAL}
    assert totals == {
        "domainbed/vlcs": [10729],
        "domainbed/pacs": [9991],
        "domainbed/office-home": [15588],
        "domainbed/terra-incognita": [24788, 24330],
        "domainbed/domain-net": [586575],
        "domainbed/sviro": [],  # none is published
    }


@pytest.mark.parametrize("spec", OFFICIAL, ids=lambda spec: spec.name)
def test_a_release_is_described_in_domainbeds_order(spec) -> None:
    assert len(spec.environments) == len(spec.domains)
    assert list(spec.classes) == sorted(spec.classes)
    assert len(spec.classes) in {0, spec.class_count}
    assert all(tuple(sorted(release)) == spec.domains for release in spec.releases.values())
    assert not (spec.releases and spec.uncounted)
    pairs = zip(spec.environments, spec.domains, strict=True)
    assert all(short[0].lower() == domain[0].lower() for short, domain in pairs)


def test_environments_are_sorted_by_folder() -> None:
    assert PACS.domains == ("art_painting", "cartoon", "photo", "sketch")
    assert OFFICE_HOME.domains == ("Art", "Clipart", "Product", "Real World")
    assert TERRA_INCOGNITA.domains == ("location_100", "location_38", "location_43", "location_46")
    assert VLCS.domains == ("Caltech101", "LabelMe", "SUN09", "VOC2007")


# --- a whole release -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", OFFICIAL, ids=lambda spec: spec.name)
def test_a_whole_release_is_imported(spec, tmp_path: Path) -> None:
    small = tiny(spec)
    pack = import_folders(small, grow(small, tmp_path), tmp_path / "packs")
    assert (pack.name, pack.official, pack.release) == (spec.name, True, "domainbed")
    assert pack.domains == spec.domains
    assert [c.name for c in pack.classes] == ["dog", "horse"]
    for number in range(len(spec.domains)):
        assert pack.labels[pack.environment(number)].tolist() == [0, 0, 1, 1]
    verify(pack)


def test_an_environment_lies_in_the_order_of_classes_and_file_names(tmp_path: Path) -> None:
    root = grow(SMALL, tmp_path)
    pack = import_folders(SMALL, root, tmp_path / "packs")
    found = []
    for start, end in pack.spans[pack.environment(2)].tolist():
        (tmp_path / "one").write_bytes(pack.blob.read_bytes()[start:end])
        found.append(Image.open(tmp_path / "one").convert("RGB").getpixel((4, 4)))
    wanted = [Image.open(p).convert("RGB").getpixel((4, 4)) for p in sorted((root / "photo").glob("*/*"))]
    assert found == wanted


def test_class_names_read_as_words(tmp_path: Path) -> None:
    spec = tiny(OFFICE_HOME, ("Alarm_Clock", "TV"))
    pack = import_folders(spec, grow(spec, tmp_path), tmp_path / "packs")
    assert [c.name for c in pack.classes] == ["Alarm Clock", "TV"]


@pytest.mark.parametrize("folder", ["PACS", "kfold", "."])
def test_the_folder_or_the_one_around_it_will_do(folder: str, tmp_path: Path) -> None:
    grow(SMALL, tmp_path / "around").rename(tmp_path / "around" / "moved")
    if folder == ".":
        root = tmp_path / "around" / "moved"
    else:
        (tmp_path / "around" / "moved").rename(tmp_path / "around" / folder)
        root = tmp_path / "around"
    assert import_folders(SMALL, root, tmp_path / "packs").official


def test_importing_twice_is_a_no_op(tmp_path: Path) -> None:
    root = grow(SMALL, tmp_path)
    first = import_folders(SMALL, root, tmp_path / "packs")
    before = {path: path.stat().st_mtime_ns for path in first.folder.rglob("*")}
    assert import_folders(SMALL, root, tmp_path / "packs") == first
    assert {path: path.stat().st_mtime_ns for path in first.folder.rglob("*")} == before
    assert sorted(p.name for p in first.folder.parent.iterdir()) == sorted(["current", first.fingerprint])


def test_hidden_files_and_what_systems_leave_behind_do_not_matter(tmp_path: Path) -> None:
    root = grow(SMALL, tmp_path)
    plain = import_folders(SMALL, root, tmp_path / "p").fingerprint
    for clutter in (".DS_Store", "photo/Thumbs.db", "photo/dog/._pic_0.jpg", "photo/dog/desktop.ini"):
        (root / clutter).write_bytes(b"?")
    (root / "__MACOSX").mkdir()
    assert import_folders(SMALL, root, tmp_path / "q").fingerprint == plain


def test_either_release_of_terra_incognita_is_official(tmp_path: Path) -> None:
    spec = tiny(TERRA_INCOGNITA)
    one = next(iter(spec.releases.values()))
    both = replace(spec, releases={"old": {d: n + 1 for d, n in one.items()}, "new": one})
    root = grow(spec, tmp_path)
    assert import_folders(both, root, tmp_path / "packs").release == "new"
    extra = root / "location_38" / "dog" / "pic_9.png"
    Image.new("RGB", (5, 5)).save(extra)
    assert problems_of(both, root, tmp_path / "again") == [
        "the domains are of different releases (old, new); take all from one"
    ]


# --- what is wrong ---------------------------------------------------------------------------------------------------


def test_a_missing_domain(tmp_path: Path) -> None:
    root = grow(SMALL, tmp_path)
    remove(root / "photo")
    assert problems_of(SMALL, root, tmp_path) == ["domain photo: missing; expected the folder photo"]


def test_an_empty_domain(tmp_path: Path) -> None:
    root = grow(SMALL, tmp_path)
    remove(root / "photo")
    (root / "photo").mkdir()
    empty = "domain photo: empty; no image lies in a class folder of it"
    assert problems_of(SMALL, root, tmp_path) == [empty]
    assert problems_of(SMALL, root, tmp_path, subset=True) == [empty]


def test_a_class_in_one_domain_only(tmp_path: Path) -> None:
    root = grow(SMALL, tmp_path)
    for domain in ("art_painting", "cartoon", "sketch"):
        remove(root / domain / "horse")
    only = "class horse: only in domain photo; a class needs images in at least two domains"
    assert problems_of(SMALL, root, tmp_path) == [
        only,
        *(f"class horse in domain {d}: missing" for d in ("art_painting", "cartoon", "sketch")),
        *(f"domain {d}: 2 images, not 4; 2 missing" for d in ("art_painting", "cartoon", "sketch")),
    ]
    assert problems_of(SMALL, root, tmp_path, subset=True) == [only]


def test_extra_files_and_folders(tmp_path: Path) -> None:
    root = grow(SMALL, tmp_path)
    (root / "notes.txt").write_text("mine")
    (root / "photo" / "list.csv").write_text("mine")
    (root / "photo" / "dog" / "pic.gif").write_bytes(b"GIF")
    (root / "photo" / "dog" / "more").mkdir()
    (root / "photo" / "cat").mkdir()
    (root / "clipart" / "dog").mkdir(parents=True)
    Image.new("RGB", (4, 4)).save(root / "clipart" / "dog" / "x.png")
    expected = [
        "notes.txt: extra; only images in <domain>/<class>/ belong here",
        "photo/dog/more: extra; only images in <domain>/<class>/ belong here",
        "photo/dog/pic.gif: extra; only images in <domain>/<class>/ belong here",
        "photo/list.csv: extra; only images in <domain>/<class>/ belong here",
        "domain clipart: extra; PACS has art_painting, cartoon, photo, sketch",
        "class cat in domain photo: extra; PACS has no such class",
    ]
    assert sorted(problems_of(SMALL, root, tmp_path)) == sorted(expected)
    assert sorted(problems_of(SMALL, root, tmp_path, subset=True)) == sorted(expected)


def test_the_releases_own_files_are_not_extra(tmp_path: Path) -> None:
    spec = tiny(OFFICE_HOME)
    root = grow(spec, tmp_path)
    (root / "ImageInfo.csv").write_text("x")
    (root / "imagelist.txt").write_text("x")
    assert import_folders(spec, root, tmp_path / "packs").official


@pytest.mark.parametrize("change", [-1, 1])
def test_too_few_and_too_many_images(change: int, tmp_path: Path) -> None:
    root = grow(SMALL, tmp_path)
    if change < 0:
        (root / "sketch" / "dog" / "pic_0.jpg").unlink()
        expected = "domain sketch: 3 images, not 4; 1 missing"
    else:
        Image.new("RGB", (4, 4)).save(root / "sketch" / "dog" / "pic_9.png")
        expected = "domain sketch: 5 images, not 4; 1 too many"
    assert problems_of(SMALL, root, tmp_path) == [expected]


def test_every_unreadable_file_is_named(tmp_path: Path) -> None:
    root = grow(SMALL, tmp_path)
    cut = root / "photo" / "horse" / "pic_1.png"
    cut.write_bytes(cut.read_bytes()[:40])
    (root / "photo" / "dog" / "pic_0.jpg").write_bytes(b"not an image")
    (root / "sketch" / "dog" / "pic_0.jpg").unlink()
    (root / "sketch" / "dog" / "pic_0.jpg").symlink_to("nowhere")
    first, second, third = problems_of(SMALL, root, tmp_path)
    read = "read are JPEG, PNG, WEBP, GIF, BMP, PPM"
    assert first == f"photo/dog/pic_0.jpg: unreadable: not an image of a known kind; {read}"
    assert second.startswith("photo/horse/pic_1.png: unreadable: ")
    assert third.startswith("sketch/dog/pic_0.jpg: unreadable: No such file")


def test_unreadable_files_are_named_along_with_everything_else(tmp_path: Path) -> None:
    root = grow(SMALL, tmp_path)
    (root / "photo" / "dog" / "pic_0.jpg").write_bytes(b"not an image")
    remove(root / "sketch")
    first, second = problems_of(SMALL, root, tmp_path)
    assert first == "domain sketch: missing; expected the folder sketch"
    assert second.startswith("photo/dog/pic_0.jpg: unreadable: not an image of a known kind; read are JPEG, PNG")


def test_a_very_large_tree_is_not_read_before_its_folders_are_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "READ_AT_MOST", 3)
    root = grow(SMALL, tmp_path)
    remove(root / "sketch")
    assert problems_of(SMALL, root, tmp_path)[-1] == "the 12 images were not read; mend the above first"


def test_a_long_list_is_cut_in_the_message_and_whole_in_the_error(tmp_path: Path) -> None:
    root = grow(SMALL, tmp_path)
    for number in range(70):
        (root / "photo" / f"{number:02}.txt").write_text("")
    with pytest.raises(ImportProblems) as caught:
        import_folders(SMALL, root, tmp_path / "packs")
    assert len(caught.value.problems) == 70
    assert "photo/49.txt" in str(caught.value)
    assert "photo/50.txt" not in str(caught.value)
    assert str(caught.value).endswith("and 20 more; --report FILE writes all of them")


def test_the_message_says_where_what_and_what_to_do(tmp_path: Path) -> None:
    root = grow(SMALL, tmp_path)
    remove(root / "photo")
    with pytest.raises(ImportProblems) as caught:
        import_folders(SMALL, root, tmp_path / "packs")
    assert caught.value.code == "data.problems"
    assert str(caught.value) == (
        f"{root} is not domainbed/pacs, nothing was imported: 1 problem; mend them, or import a part of the data as "
        "what it is with --subset\n  domain photo: missing; expected the folder photo"
    )


@pytest.mark.parametrize(("name", "found"), [("nothing", "is no folder"), ("wrong", "has none of the domains")])
def test_another_folder_altogether(name: str, found: str, tmp_path: Path) -> None:
    (tmp_path / "wrong" / "stuff").mkdir(parents=True)
    with pytest.raises(PackError) as caught:
        import_folders(PACS, tmp_path / name, tmp_path / "packs")
    assert str(caught.value) == (
        f"{tmp_path / name} {found}; give the folder of PACS, with art_painting, cartoon, photo, sketch in it"
    )


def test_a_folder_that_cannot_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = grow(SMALL, tmp_path)

    listed = os.scandir

    def refused(folder: Path) -> object:
        if folder == root / "photo":
            raise PermissionError(13, "Permission denied", str(folder))
        return listed(folder)

    monkeypatch.setattr(os, "scandir", refused)
    with pytest.raises(PackError, match="photo: cannot be listed: Permission denied; make it a readable folder"):
        import_folders(SMALL, root, tmp_path / "packs")


def test_odd_file_names_stay_on_one_printable_line(tmp_path: Path) -> None:
    root = grow(SMALL, tmp_path)
    (root / "photo" / "a\nb\x1b[31m.txt").write_text("")
    (root / "photo" / os.fsdecode(b"caf\xe9.txt")).write_text("")
    found = problems_of(SMALL, root, tmp_path)
    assert found[0].startswith(r"photo/a\nb\x1b[31m.txt: extra")
    assert found[1].startswith(r"photo/caf\udce9.txt: extra")
    "\n".join(found).encode()


# --- a part of the release -------------------------------------------------------------------------------------------


def test_a_subset_says_what_it_is_and_has_another_fingerprint(tmp_path: Path) -> None:
    root = grow(SMALL, tmp_path)
    whole = import_folders(SMALL, root, tmp_path / "p")
    (root / "sketch" / "dog" / "pic_0.jpg").unlink()
    remove(root / "cartoon")
    part = import_folders(SMALL, root, tmp_path / "q", subset=True)
    assert (part.official, part.release) == (False, "subset")
    assert part.domains == ("art_painting", "photo", "sketch")
    assert len(part.labels) == 11
    assert part.fingerprint != whole.fingerprint
    assert json.loads((part.folder / "manifest.json").read_text())["official"] is False


def test_the_whole_release_is_official_even_when_asked_for_as_a_subset(tmp_path: Path) -> None:
    root = grow(SMALL, tmp_path)
    whole = import_folders(SMALL, root, tmp_path / "p")
    assert import_folders(SMALL, root, tmp_path / "q", subset=True).fingerprint == whole.fingerprint


def test_a_subset_needs_two_domains(tmp_path: Path) -> None:
    root = grow(SMALL, tmp_path)
    for domain in ("art_painting", "cartoon", "sketch"):
        remove(root / domain)
    assert problems_of(SMALL, root, tmp_path, subset=True) == [
        "one domain only, photo; a data set of domains needs at least two"
    ]


# --- lists -----------------------------------------------------------------------------------------------------------


def write_lists(spec, root: Path, names: tuple[str, ...]) -> None:
    for domain in spec.domains:
        paths = sorted(p.relative_to(root).as_posix() for p in (root / domain).glob("*/*"))
        for part, name in enumerate(names):
            (root / name.format(domain=domain)).write_text("".join(f"{p} 1\n" for p in paths[part :: len(names)]))


def test_domain_nets_duplicates_are_left_out(tmp_path: Path) -> None:
    spec = tiny(DOMAIN_NET)
    root = grow(spec, tmp_path)
    plain = import_folders(spec, root, tmp_path / "p")
    for domain in ("infograph", "real"):
        Image.new("RGB", (7, 7)).save(root / domain / "dog" / "twin.png")
    assert problems_of(spec, root, tmp_path) == [
        "domain infograph: 5 images, not 4; 1 too many",
        "domain real: 5 images, not 4; 1 too many",
    ]
    (root / "domain_net_duplicates.txt").write_text("infograph/dog/twin.png\nreal/dog/twin.png\nreal/dog/gone.png\n\n")
    pack = import_folders(spec, root, tmp_path / "q")
    assert pack.fingerprint == plain.fingerprint
    assert pack.notes == ("listed duplicates left out: 2",)


def test_domain_nets_own_lists_leave_out_what_was_withdrawn(tmp_path: Path) -> None:
    spec = tiny(DOMAIN_NET)
    root = grow(spec, tmp_path)
    write_lists(spec, root, spec.lists)
    Image.new("RGB", (7, 7)).save(root / "real" / "dog" / "twin.png")
    pack = import_folders(spec, root, tmp_path / "packs")
    assert (pack.official, pack.notes) == (True, ("listed duplicates left out: 1",))


@pytest.mark.parametrize("spec", [PACS, DOMAIN_NET], ids=["pacs", "domain-net"])
def test_with_the_releases_lists_every_missing_file_is_named(spec, tmp_path: Path) -> None:
    small = tiny(spec)
    root = grow(small, tmp_path)
    write_lists(small, root, spec.lists)
    victim = root / spec.domains[0] / "dog" / "pic_0.jpg"
    victim.unlink()
    assert problems_of(small, root, tmp_path) == [
        f"domain {spec.domains[0]}: 3 images, not 4; 1 missing",
        f"{spec.domains[0]}/dog/pic_0.jpg: missing; the release's list names it",
    ]


def test_with_pacs_lists_a_file_under_another_name_is_named_twice(tmp_path: Path) -> None:
    root = grow(SMALL, tmp_path)
    write_lists(SMALL, root, PACS.lists)
    (root / "photo" / "dog" / "pic_0.jpg").rename(root / "photo" / "dog" / "mine.jpg")
    assert problems_of(SMALL, root, tmp_path) == [
        "photo/dog/pic_0.jpg: missing; the release's list names it",
        "photo/dog/mine.jpg: extra; the release's list does not name it",
    ]


# --- interruption ----------------------------------------------------------------------------------------------------

KILLED = """
    import sys, time
    from pathlib import Path
    from farfield_evaluators.data import build as packs
    from farfield_evaluators.suites.domainbed.data.folders import import_folders
    from farfield_evaluators.suites.domainbed.data.official import PACS
    from tests.suites.domainbed.data.trees import tiny

    def stop(*args, **kwargs):
        print("half-done", flush=True)
        time.sleep(60)

    setattr(packs, sys.argv[3], stop)
    import_folders(tiny(PACS), Path(sys.argv[1]), Path(sys.argv[2]))
"""


@pytest.mark.parametrize("step", ["_write_blob", "write_json", "set_current"])
def test_killed_half_way_nothing_counts_and_the_next_import_is_whole(step: str, tmp_path: Path) -> None:
    root = grow(SMALL, tmp_path)
    packs = tmp_path / "packs"
    command = [sys.executable, "-c", textwrap.dedent(KILLED), str(root), str(packs), step]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[4]) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "half-done\n"
        os.kill(child.pid, signal.SIGKILL)
        child.wait(timeout=10)
    assert any((packs / SMALL.name).iterdir())  # it was half-done indeed
    assert list_packs(packs) == []
    with pytest.raises(PackError, match="is not imported here"):
        open_pack(packs, SMALL.name)
    pack = import_folders(SMALL, root, packs)
    verify(pack)
    assert sorted(p.name for p in pack.folder.parent.iterdir()) == sorted(["current", pack.fingerprint])
    assert len(pack.labels) == PER_CLASS * 2 * 4


def remove(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    folder.rmdir()
