"""Packs: imported data sets, fingerprinted, labels apart."""
