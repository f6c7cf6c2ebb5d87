"""What a process answers: drafts, approval, requests, commitments, legal review, letter, rating."""
