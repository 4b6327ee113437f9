"""What a benchmark's data are, as Croissant 1.1 (MLCommons), so that searches for data sets find it.

It describes: the card as a file, the test domains as records, and no example, so that no label of a hidden set leaves.
"""

import hashlib
from typing import Any

from farfield_evaluators.benchmark import Benchmark
from farfield_web.submissions.models import BenchmarkData

Json = dict[str, Any]
CONFORMS_TO = "http://mlcommons.org/croissant/1.1"
CONTEXT: Json = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "prov": "http://www.w3.org/ns/prov#",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
    "unArchive": "cr:unArchive",
    "value": "cr:value",
}
_FIELDS = {"name": "sc:Text", "title": "sc:Text", "role": "sc:Text", "examples": "sc:Integer"}
_DOMAINS = "domains"


def as_croissant(benchmark: Benchmark, card: str, data: BenchmarkData | None, page: str) -> Json:
    """The description as JSON-LD; `page` is the address of the benchmark's page, `card` the text of its card."""
    described: Json = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": benchmark.name.replace("/", "-"),
        "alternateName": benchmark.title,
        "description": f"{benchmark.summary} {benchmark.description}",
        "license": benchmark.licence,
        "url": page,
        "version": _version(benchmark.version),
        "creator": {"@type": "sc:Organization", "name": "Farfield", "url": page.partition("/benchmarks/")[0]},
        "distribution": [_card(card, page)],
        "recordSet": [_record_set(benchmark, data)],
    }
    if benchmark.citations:
        described["citeAs"] = "; ".join(benchmark.citations)
    if data is not None:
        described["datePublished"] = f"{data.announced_at:%Y-%m-%d}"
        described["identifier"] = f"farfield:{data.fingerprint}"
    return described


def _version(text: str) -> str:
    """A version of three numbers, as Croissant wants it.

    >>> _version("2"), _version("1.1")
    ('2.0.0', '1.1.0')
    """
    parts = text.split(".")
    return ".".join([*parts, *["0"] * (3 - len(parts))])


def _card(card: str, page: str) -> Json:
    content = card.encode()
    return {
        "@type": "cr:FileObject",
        "@id": "card.md",
        "name": "card.md",
        "description": "The card of the benchmark: what its data are, where they come from, and how they are scored.",
        "contentUrl": f"{page}card.md",
        "contentSize": f"{len(content)} B",
        "encodingFormat": "text/markdown",
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def _record_set(benchmark: Benchmark, data: BenchmarkData | None) -> Json:
    counts = data.counts if data is not None else {}
    rows = [
        {
            f"{_DOMAINS}/name": domain.name,
            f"{_DOMAINS}/title": domain.title,
            f"{_DOMAINS}/role": domain.role,
            f"{_DOMAINS}/examples": counts.get(domain.name, 0),
        }
        for domain in benchmark.domains
    ]
    return {
        "@type": "cr:RecordSet",
        "@id": _DOMAINS,
        "name": _DOMAINS,
        "description": "The test domains, and how many examples the site's data have of each; 0 before that is known.",
        "key": {"@id": f"{_DOMAINS}/name"},
        "field": [
            {"@type": "cr:Field", "@id": f"{_DOMAINS}/{name}", "name": name, "dataType": kind}
            for name, kind in _FIELDS.items()
        ],
        "data": rows,
    }
