"""OpenOOD's small images as packs: CIFAR-10 and CIFAR-100 against other sets, and the open-set splits."""
