"""What the company already knows: the words of its cases, and which cases are alike."""
