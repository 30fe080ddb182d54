"""A task in one file: classes again, under another name."""

from engine.core.component import option
from engine.learn.tasks._base import TaskConfig
from engine.learn.tasks.node_class import NodeClass


class Throwaway(NodeClass):
    """Predicts a class for every node, judged by accuracy.

    Source: made up for a test.
    """

    key = "throwaway"
    label = "Throw-away"
    recommended = False

    class Config(TaskConfig):
        metric: str = option("accuracy", "What judges.")
        class_weights: str = option("none", "How classes weigh.")
        amount: int = option(3, "How much of it.", ge=1, le=9, unit="pieces")
