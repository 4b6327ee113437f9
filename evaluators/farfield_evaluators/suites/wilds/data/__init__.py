"""The official layouts of the WILDS data sets, read and made into packs."""
