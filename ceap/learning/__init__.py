"""Learning from what customers do: features, model versions, training, evaluation, deployment."""
