"""Management review and monthly report: one model, two kinds; frozen when closed."""
