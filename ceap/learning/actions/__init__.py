"""Train versions of the model, put one to use, score customers by it."""

from ceap.learning.actions.deploying import deploy
from ceap.learning.actions.scoring import score
from ceap.learning.actions.training import start_training, train

__all__ = ["deploy", "score", "start_training", "train"]
