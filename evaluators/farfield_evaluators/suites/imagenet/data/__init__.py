"""ImageNet, its shifted and corrupted sets, and the OOD sets tested against it, as packs."""
