"""Benchmarks of one's own: TOML files, and tables, JSON and Arrow of other people's data that somebody imports."""

import io
import json
import tomllib
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image
from pyarrow import ipc

from farfield import FarfieldError
from farfield_evaluators.own.board import benchmark_of
from farfield_evaluators.own.guess import guess
from farfield_evaluators.own.importer import import_own
from farfield_evaluators.own.reader import read_file, read_text
from farfield_evaluators.own.spec import OwnSpec
from farfield_evaluators.own.template import template
from fuzz import mutate, nonsense
from fuzz.case import Case, Wrong, refused

HEAD = 'title = "T"\n[train]\nwhere = { split = "train" }\n[[tests]]\nname = "t"\nwhere = { split = "test" }\n'
COLUMNS = '[[columns]]\nmetric = "accuracy"\non = "t"\nworst_over = ["class"]\n'
BOXES = '[[columns]]\nmetric = "ap"\non = "t"\n'
FILES = {
    "folders": f'{HEAD}{COLUMNS}[data]\nlayout = "{{split}}/{{class}}"\n',
    "table": f'{HEAD}{COLUMNS}[data]\nkind = "table"\ngroups = ["place"]\n',
    "coco": f'family = "few-shot-detection"\n{HEAD.replace("[train]", "[support]")}{BOXES}[data]\nkind = "coco"\n',
    "datasets": f'{HEAD}{COLUMNS}[data]\nkind = "datasets"\nlabel = "class"\ngroups = ["place"]\n',
}


def _picture(number: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4), (number, 7, 7)).save(buffer, "PNG")
    return buffer.getvalue()


ROWS = [
    {
        "path": f"{n}.png",
        "class": "cat" if n % 2 else "dog",
        "split": "train" if n < 4 else "test",
        "place": f"p{n % 3}",
    }
    for n in range(8)
]
CSV = "path,class,split,place\n" + "".join(",".join(row.values()) + "\n" for row in ROWS)
COCO = {
    "images": [{"id": n, "file_name": f"{n}.png"} for n in range(4)],
    "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}],
    "annotations": [{"image_id": n % 4, "category_id": 1 + n % 2, "bbox": [0, 0, n, 1.5], "area": 2} for n in range(6)],
}
TABLE = pa.Table.from_pylist(
    [{**row, "image": {"bytes": _picture(n), "path": None}, "class": n % 2} for n, row in enumerate(ROWS)]
).replace_schema_metadata(
    {b"huggingface": json.dumps({"info": {"features": {"class": {"names": ["dog", "cat"]}}}}).encode()}
)


class Own:
    """A file is read, what it describes is built, and the data beside it are looked at and imported."""

    name = "own"
    seconds = 60.0

    def make(self, rng: Random) -> Case:
        kind = rng.choice(list(FILES))
        text = FILES[kind].encode()
        if rng.random() < 0.4:
            text = _toml(rng, FILES[kind])
        return Case(words=(kind,), files={"toys.toml": text, **_data(rng, kind)})

    def run(self, case: Case, folder: Path) -> str:
        [kind] = case.words
        said = []
        spec = None
        try:
            spec = read_file(folder / "toys.toml")
            said.append(benchmark_of(spec).family.value)
        except FarfieldError as error:
            said.append(refused(error.code))
        spec = spec or read_text(FILES[kind], "toys", "toys.toml")
        return " ".join([*said, self._imported(spec, kind, folder), _guessed(_place(kind, folder))])

    def _imported(self, spec: OwnSpec, kind: str, folder: Path) -> str:
        try:
            pack = import_own(spec, _place(kind, folder), folder / "packs", subset=True)
        except FarfieldError as error:
            return refused(error.code)
        if not len(pack.spans) == len(pack.labels) == sum(pack.counts().values()):
            raise Wrong("the columns of the pack do not fit one another")
        return "imported"


def _place(kind: str, folder: Path) -> Path:
    names = {"folders": "data", "table": "data/index.csv", "coco": "data/train.json", "datasets": "data"}
    parquet = folder / "data" / "index.parquet"
    return parquet if kind == "table" and parquet.is_file() else folder / names[kind]


def _guessed(path: Path) -> str:
    """A file for these data is written, and is valid, whatever they are."""
    try:
        read_text(template("toys", guess(path)), "toys", "toys.toml")
    except FarfieldError as error:
        if error.code == "benchmark.bad_file":
            raise Wrong(f"what was written is not valid: {error}") from error
        return refused(error.code)
    return "written"


def _toml(rng: Random, text: str) -> bytes:
    if rng.random() < 0.3:
        return mutate.damaged(rng, text.encode())
    if rng.random() < 0.3:
        return nonsense.text(rng).encode(errors="surrogatepass")
    values = mutate.document(rng, tomllib.loads(text))
    return _written(values).encode(errors="surrogatepass")


def _written(values: object) -> str:
    """As TOML, as far as it can be said: inline tables and JSON's texts."""
    if not isinstance(values, dict):
        return f"title = {_inline(values)}\n"
    return "".join(f"{json.dumps(str(key))} = {_inline(value)}\n" for key, value in values.items())


def _inline(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(str(key))} = {_inline(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_inline, value))}]"
    return json.dumps(value)


def _data(rng: Random, kind: str) -> dict[str, bytes]:
    pictures = {f"data/{n}.png": _picture(n) for n in range(8)}
    if kind == "folders":
        return {f"data/{row['split']}/{row['class']}/{n}.png": _odd(rng, _picture(n)) for n, row in enumerate(ROWS)}
    if kind == "coco":
        return {**pictures, "data/train.json": _json(rng, COCO)}
    if kind == "table":
        if rng.random() < 0.5:
            return {**pictures, "data/index.csv": _odd(rng, mutate.lines(rng, CSV).encode(errors="surrogatepass"))}
        return {**pictures, "data/index.parquet": _odd(rng, _parquet(pa.Table.from_pylist(ROWS)))}
    if rng.random() < 0.5:
        return {"data/train-00000-of-00001.parquet": _odd(rng, _parquet(TABLE))}
    return {
        "data/train/data-0.arrow": _odd(rng, _arrow()),
        "data/train/dataset_info.json": _json(rng, {"features": {}}),
    }


def _odd(rng: Random, data: bytes) -> bytes:
    return mutate.damaged(rng, data) if rng.random() < 0.5 else data


def _json(rng: Random, values: object) -> bytes:
    text = nonsense.json_text(rng) if rng.random() < 0.1 else json.dumps(mutate.document(rng, values))
    return text.encode(errors="surrogatepass")


def _parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, row_group_size=3)
    return sink.getvalue()


def _arrow() -> bytes:
    sink = io.BytesIO()
    with ipc.new_stream(sink, TABLE.schema) as out:
        out.write_table(TABLE, max_chunksize=3)
    return sink.getvalue()
