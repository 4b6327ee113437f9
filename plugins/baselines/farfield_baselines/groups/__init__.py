"""Methods for data with groups, as WILDS has them, one a file.

They differ from those of the same name by DomainBed's contract: here a run is one fit over epochs, and validation
chooses between them. Nothing imports torch at its top, so that listing the methods takes no time.
"""
