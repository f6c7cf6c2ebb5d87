"""What is changed in core's models, one file a model."""
