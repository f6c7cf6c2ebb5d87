"""A wave of the survey: recipients, launch, progress, reminders, delivery."""
