"""Long tails: ImageNet-LT, Places-LT, iNaturalist 2018, GLT's protocols, and a long-tailed cut of the drawings."""
