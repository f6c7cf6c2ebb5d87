"""What is told to a petitioner, and by them: notices, delivery of the answer, messages, the view of the client."""
