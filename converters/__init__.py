"""Trained model in, targets out. Never imports the runtime."""
