"""The six data sets of RD-FSL: what their folders are called in the release, and their titles."""

FOLDERS = {
    "animal": "animal",
    "insect": "insect",
    "mineral": "minet",
    "oracle": "oracle",
    "fungus": "fungus",
    "plant-virus": "plant_virus",
}
"""By the name of the test domain."""
TITLES = {
    "animal": "Animals",
    "insect": "Insects",
    "mineral": "Minerals",
    "oracle": "Oracle script",
    "fungus": "Fungi",
    "plant-virus": "Plant viruses",
}
PACK = "rdfsl"
