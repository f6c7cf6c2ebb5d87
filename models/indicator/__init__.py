"""Indicators and their measures, the register of cases."""
