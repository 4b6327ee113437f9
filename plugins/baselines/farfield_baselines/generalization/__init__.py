"""Domain generalisation by DomainBed's contract, one algorithm a file.

These modules import no torch at their top, so that listing the methods takes no time: what needs it is imported when
a method is built or run.
"""
