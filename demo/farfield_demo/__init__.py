"""Curated, licensed images for a first look at Farfield. Not code: data and two names."""

from pathlib import Path

VERSION = "1.0.0"
ROOT = Path(__file__).resolve().parent

__all__ = ["ROOT", "VERSION"]
