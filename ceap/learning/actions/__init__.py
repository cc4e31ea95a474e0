"""Train versions of the model, put one to use, score customers by it."""

from ceap.learning.actions.comparing import compare, start_comparison
from ceap.learning.actions.deploying import deploy
from ceap.learning.actions.evaluating import evaluate, start_evaluation
from ceap.learning.actions.files import decide, delete_file, look, upload
from ceap.learning.actions.recommending import restore_recommendations, set_recommendations
from ceap.learning.actions.schedule import claim, set_schedule
from ceap.learning.actions.scoring import check_file, score
from ceap.learning.actions.training import retrain, start_training, train

__all__ = [
    "check_file", "claim", "compare", "decide", "delete_file", "deploy", "evaluate", "look",
    "restore_recommendations", "retrain", "score", "set_recommendations", "set_schedule", "start_comparison",
    "start_evaluation", "start_training", "train", "upload",
]  # fmt: skip
