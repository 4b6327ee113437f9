"""What the board says of the scenes, apart: the site reads boards, and need not have what decodes images."""

NAME = "fsdet-scenes"
SEEN_SET = "test-seen"
SHOTS, SHOT_SETS = (1, 5, 10), (0, 1, 2)
