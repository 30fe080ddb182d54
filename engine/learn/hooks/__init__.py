"""What may steer the training loop, one idea a file."""
