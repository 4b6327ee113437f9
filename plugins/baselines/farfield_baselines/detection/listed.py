"""The methods of this folder, in the order of the documentation."""

from farfield_baselines.detection import domain_penalisation, faster_rcnn, groupdro, noisy_student

SPECS = (faster_rcnn.SPEC, groupdro.SPEC, domain_penalisation.SPEC, noisy_student.SPEC)
