"""Methods of detection, one a file, on the core that they share."""

from farfield_baselines.detection import domain_penalisation, faster_rcnn, groupdro, noisy_student

SPECS = (faster_rcnn.SPEC, groupdro.SPEC, domain_penalisation.SPEC, noisy_student.SPEC)
