"""Codes and versions of formats."""
