"""When an answer is due: days that do not count, terms derived from acts, their explanation and their steps."""
