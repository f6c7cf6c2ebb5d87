"""Questionnaires, on core surveys."""
