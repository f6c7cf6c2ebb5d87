"""Privacy notices and consents, retention, legal hold, erasing, what is held on a person."""
