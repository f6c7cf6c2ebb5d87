"""What a wave found: answers, figures, comparison, publication, workbook."""
