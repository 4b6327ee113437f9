"""How the packs of the suite `groups` are made."""
