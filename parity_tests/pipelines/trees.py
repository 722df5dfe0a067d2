"""Trees and their ensembles."""

from __future__ import annotations

from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from parity_tests.pipelines.case import Case

CASES = [
    Case(name="tree", model=DecisionTreeClassifier(random_state=0), on="iris"),
    Case(name="tree, missing", model=DecisionTreeClassifier(random_state=0), on="iris_missing"),
    Case(name="tree, regression", model=DecisionTreeRegressor(random_state=0), on="diabetes"),
    Case(name="forest", model=RandomForestClassifier(20, random_state=0), on="iris_missing"),
    Case(
        name="boosting, two classes",
        model=GradientBoostingClassifier(n_estimators=20, random_state=0),
        on="iris_binary",
    ),
]
