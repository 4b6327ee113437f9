"""The networks. These modules import torch at their top; methods import them when they are built, never before,

so that listing the installed methods needs no torch and takes no time.
"""
