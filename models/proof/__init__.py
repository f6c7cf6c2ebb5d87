"""What proves a case: acts, verification, case file, evidence packs, access of auditors."""
