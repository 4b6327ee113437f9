"""The networks, and what is computed with torch.

These modules import torch at their top. Methods import them when they are built, never before, so that listing the
installed methods needs no torch and takes no time.
"""
