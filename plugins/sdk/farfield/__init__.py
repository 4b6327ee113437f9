"""The author's whole API: describe a method, implement its protocol, register it, check it."""

from farfield.benchmark import Benchmark, Column, Domain, Tier, Track
from farfield.config import NoConfig, parse_config, schema_of, setting
from farfield.context import RunContext
from farfield.errors import FarfieldError
from farfield.hooks import hookimpl
from farfield.method import BackboneSpec, Features, Images, MethodSpec, Resources, TaskFamily, TrackClaims
from farfield.metric import Metric
from farfield.protocols import AnnotatedImage, Batch, Detections, TrainingSet

__all__ = [
    "AnnotatedImage",
    "BackboneSpec",
    "Batch",
    "Benchmark",
    "Column",
    "Detections",
    "Domain",
    "FarfieldError",
    "Features",
    "Images",
    "MethodSpec",
    "Metric",
    "NoConfig",
    "Resources",
    "RunContext",
    "TaskFamily",
    "Tier",
    "Track",
    "TrackClaims",
    "TrainingSet",
    "hookimpl",
    "parse_config",
    "schema_of",
    "setting",
]
