"""How large forms and their answers may be, so that no workbook and no telephone can fill a server."""

from __future__ import annotations

from typing import Final

WORKBOOK_BYTES: Final = 1024 * 1024
QUESTIONS: Final = 300
CHOICES: Final = 2_000
GROUP_DEPTH: Final = 5
REPEAT_ROWS: Final = 50
EXPRESSION_LETTERS: Final = 1_000
EXPRESSION_NODES: Final = 300
EXPRESSION_DEPTH: Final = 30
PATTERN_VALUE_LETTERS: Final = 200
PATTERN_STEPS: Final = 1_000_000
TEXT_LETTERS: Final = 2_000
LABEL_LETTERS: Final = 2_000
ANSWER_BYTES: Final = 64 * 1024
PHOTOS: Final = 6
PHOTO_BYTES: Final = 3 * 1024 * 1024
PHOTO_PX: Final = 1_600
FORMS: Final = 100
RULES: Final = 40
ROUND_SUBJECTS: Final = 100_000
OUTWARD_ROWS: Final = 20_000
PACKAGE_SUBJECTS: Final = 300
