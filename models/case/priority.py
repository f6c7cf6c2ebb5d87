"""Values of the priority of a case, and of what a reason proposes. Their order as text is their order."""

NORMAL = "0"
HIGH = "1"
#: danger to life or integrity: told at once, at any hour (Ley 1755 de 2015, art. 20)
URGENT = "2"


def highest(*priorities):
    """The highest of some priorities; what is empty is normal."""
    return max(priority or NORMAL for priority in priorities)
