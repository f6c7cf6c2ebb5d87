"""Values of priorities. They sort as text."""

NORMAL = "0"
HIGH = "1"
#: danger to life or integrity (Ley 1755 de 2015, art. 20)
URGENT = "2"


def highest(*priorities):
    return max(priority or NORMAL for priority in priorities)
