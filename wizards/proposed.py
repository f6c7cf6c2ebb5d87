"""What a dialog proposes, and whoever has it before them may change."""

#: options of such a field, beside how it is computed. With the rights of the user: a dialog shows what they may read.
PROPOSED = {"store": True, "compute_sudo": False, "readonly": False}
