"""What our models share: steps and their table, deadlines, petitioner, readers, files, notes, shared records."""
