"""The author's whole API: describe a method, implement its protocol, register it, check it."""

from farfield.base import Base
from farfield.config import NoConfig, parse_config, schema_of, setting
from farfield.context import RunContext
from farfield.errors import FarfieldError
from farfield.frozen import Frozen
from farfield.hooks import hookimpl
from farfield.labels import Budget, Labels
from farfield.method import BackboneSpec, Choice, Features, Images, MethodSpec, Resources, TaskFamily, TrackClaims
from farfield.protocols import AnnotatedImage, AnnotatedSet, Batch, Detections, TrainingSet
from farfield.texts import TextTower
from farfield.training_data import TrainingData

__all__ = [
    "AnnotatedImage",
    "AnnotatedSet",
    "BackboneSpec",
    "Base",
    "Batch",
    "Budget",
    "Choice",
    "Detections",
    "FarfieldError",
    "Features",
    "Frozen",
    "Images",
    "Labels",
    "MethodSpec",
    "NoConfig",
    "Resources",
    "RunContext",
    "TaskFamily",
    "TextTower",
    "TrackClaims",
    "TrainingData",
    "TrainingSet",
    "hookimpl",
    "parse_config",
    "schema_of",
    "setting",
]
