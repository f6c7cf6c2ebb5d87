"""The case: data, types and reasons, filing, editing, triage, assignment, other endings."""
