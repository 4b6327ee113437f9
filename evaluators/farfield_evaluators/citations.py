"""The papers and terms that cards of several suites name."""

IMAGENET_TERMS = "ImageNet's terms of access: non-commercial research and education. "
HENDRYCKS_C = "Hendrycks & Dietterich, Benchmarking Neural Network Robustness, ICLR 2019 (arXiv 1903.12261)"
V2_PAPER = "Recht et al., Do ImageNet Classifiers Generalize to ImageNet?, ICML 2019 (arXiv 1902.10811)"
R_PAPER = "Hendrycks et al., The Many Faces of Robustness, ICCV 2021 (arXiv 2006.16241)"
