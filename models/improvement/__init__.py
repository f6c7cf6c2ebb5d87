"""Findings and action plans."""
