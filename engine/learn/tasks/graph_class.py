"""Predict a class for every graph."""

from __future__ import annotations

from engine.learn.class_task import ClassTask


class GraphClass(ClassTask):
    """Predict a class for every graph of a collection.

    Class names are those of the train items alone, in natural order. A class that occurs only outside train cannot
    be learnt: its items are not scored, and a notice names it. `metric = "auto"` is the accuracy, or the ROC-AUC for
    two classes of which the rarer one holds less than 40 % of the train items.

    Source: softmax and cross-entropy as in Kipf and Welling (2017), equations 9 and 10; balanced class weights
    n / (C · n_c) after King and Zeng (2001).
    """

    key = "graph_class"
    label = "Class of each graph"
    level = "graph"
    recommended = True
