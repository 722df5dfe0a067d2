"""Trees and forests."""

from __future__ import annotations

from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
    RandomTreesEmbedding,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.tree import (
    DecisionTreeClassifier,
    DecisionTreeRegressor,
    ExtraTreeClassifier,
    ExtraTreeRegressor,
)

from parity_tests.pipelines.case import Case, since

NUMBERS = make_column_selector(dtype_include="number")
TEXT = make_column_selector(dtype_exclude="number")
ONE_HOT = ColumnTransformer(
    [
        ("numbers", StandardScaler(), NUMBERS),
        ("text", OneHotEncoder(handle_unknown="ignore", sparse_output=False), TEXT),
    ]
)
ORDINAL = ColumnTransformer(
    [
        (
            "text",
            OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
            TEXT,
        ),
        ("numbers", SimpleImputer(strategy="median"), NUMBERS),
    ]
)

CASES = [
    Case(name="DecisionTreeClassifier", model=DecisionTreeClassifier(random_state=0), on="iris"),
    Case(
        name="DecisionTreeClassifier, missing",
        model=DecisionTreeClassifier(random_state=0),
        on="iris_missing",
    ),
    Case(
        name="DecisionTreeClassifier, entropy, bools",
        model=DecisionTreeClassifier(criterion="entropy", max_depth=3, random_state=0),
        on="iris_bools",
    ),
    Case(
        name="DecisionTreeClassifier, log_loss, class_weight, floats",
        model=DecisionTreeClassifier(
            criterion="log_loss", class_weight="balanced", min_samples_leaf=5, random_state=0
        ),
        on="iris_floats",
    ),
    Case(
        name="DecisionTreeClassifier, integers",
        model=DecisionTreeClassifier(max_depth=2, ccp_alpha=0.01, random_state=0),
        on="iris_integers",
    ),
    Case(
        name="DecisionTreeClassifier, one class",
        model=DecisionTreeClassifier(),
        on="iris_one_class",
    ),
    Case(
        name="DecisionTreeClassifier, single leaf",
        model=DecisionTreeClassifier(max_depth=1, min_impurity_decrease=1.0),
        on="iris",
    ),
    Case(
        name="DecisionTreeClassifier, two targets",
        model=DecisionTreeClassifier(max_depth=3, random_state=0),
        on="multioutput_classes",
    ),
    Case(
        name="DecisionTreeClassifier, two text targets, missing",
        model=DecisionTreeClassifier(max_depth=4, random_state=0),
        on="iris_two_targets",
    ),
    Case(
        name="DecisionTreeClassifier, multilabel",
        model=DecisionTreeClassifier(max_depth=4, random_state=0),
        on="multilabel",
    ),
    Case(
        name="DecisionTreeClassifier, monotonic",
        model=DecisionTreeClassifier(max_depth=4, monotonic_cst=[1, -1, 0, 0], random_state=0),
        on="iris_binary",
    ),
    Case(
        name="DecisionTreeClassifier, best first",
        model=DecisionTreeClassifier(max_leaf_nodes=7, splitter="random", random_state=0),
        on="positive",
    ),
    Case(
        name="DecisionTreeClassifier after one-hot",
        model=make_pipeline(ONE_HOT, DecisionTreeClassifier(max_depth=5, random_state=0)),
        on="penguins",
    ),
    Case(
        name="DecisionTreeClassifier after ordinal",
        model=make_pipeline(ORDINAL, DecisionTreeClassifier(max_depth=5, random_state=0)),
        on="penguins",
    ),
    Case(name="ExtraTreeClassifier", model=ExtraTreeClassifier(random_state=0), on="iris"),
    Case(
        name="ExtraTreeClassifier, missing",
        model=since("1.6", lambda: ExtraTreeClassifier(max_features=None, random_state=0)),
        on="iris_missing",
    ),
    Case(
        name="ExtraTreeClassifier, two targets",
        model=ExtraTreeClassifier(max_depth=4, random_state=0),
        on="multioutput_classes",
    ),
    Case(
        name="DecisionTreeRegressor",
        model=DecisionTreeRegressor(max_depth=6, random_state=0),
        on="diabetes",
    ),
    Case(
        name="DecisionTreeRegressor, absolute error, missing",
        model=since(
            "1.9",
            lambda: DecisionTreeRegressor(criterion="absolute_error", max_depth=4, random_state=0),
        ),
        on="diabetes_missing",
    ),
    Case(
        name="DecisionTreeRegressor, poisson",
        model=DecisionTreeRegressor(criterion="poisson", max_depth=5, random_state=0),
        on="counts",
    ),
    Case(
        name="DecisionTreeRegressor, monotonic",
        model=DecisionTreeRegressor(max_depth=4, monotonic_cst=[0, 0, 1, -1, 0], random_state=0),
        on="diabetes_array",
    ),
    Case(
        name="DecisionTreeRegressor, single leaf",
        model=DecisionTreeRegressor(min_impurity_decrease=1e9),
        on="diabetes",
    ),
    Case(
        name="DecisionTreeRegressor, two targets, missing",
        model=DecisionTreeRegressor(max_depth=5, random_state=0),
        on="two_regressions_missing",
    ),
    Case(
        name="DecisionTreeRegressor, three targets",
        model=DecisionTreeRegressor(max_depth=3, random_state=0),
        on="linnerud",
    ),
    Case(
        name="DecisionTreeRegressor after scaling",
        model=make_pipeline(StandardScaler(), DecisionTreeRegressor(max_depth=6, random_state=0)),
        on="diabetes_array",
    ),
    Case(
        name="ExtraTreeRegressor",
        model=since("1.6", lambda: ExtraTreeRegressor(max_depth=6, random_state=0)),
        on="diabetes_missing",
    ),
    Case(
        name="ExtraTreeRegressor, two targets",
        model=ExtraTreeRegressor(max_depth=5, random_state=0),
        on="multi_regression",
    ),
    Case(
        name="RandomForestClassifier",
        model=RandomForestClassifier(10, random_state=0),
        on="iris_missing",
    ),
    Case(
        name="RandomForestClassifier, class_weight, bools",
        model=RandomForestClassifier(
            10, class_weight="balanced_subsample", max_depth=4, random_state=0
        ),
        on="iris_bools",
    ),
    Case(
        name="RandomForestClassifier, entropy, max_samples, floats",
        model=RandomForestClassifier(
            8, criterion="entropy", max_samples=0.6, max_features=None, random_state=0
        ),
        on="iris_floats",
    ),
    Case(
        name="RandomForestClassifier, one class",
        model=RandomForestClassifier(3, random_state=0),
        on="iris_one_class",
    ),
    Case(
        name="RandomForestClassifier, two text targets, missing",
        model=RandomForestClassifier(6, max_depth=4, random_state=0),
        on="iris_two_targets",
    ),
    Case(
        name="RandomForestClassifier, multilabel",
        model=RandomForestClassifier(6, class_weight="balanced", random_state=0),
        on="multilabel",
    ),
    Case(
        name="RandomForestClassifier, monotonic",
        model=RandomForestClassifier(6, max_depth=4, monotonic_cst=[1, 0, 0, 0], random_state=0),
        on="iris_binary",
    ),
    Case(
        name="RandomForestClassifier after one-hot",
        model=make_pipeline(ONE_HOT, RandomForestClassifier(6, max_depth=5, random_state=0)),
        on="penguins",
    ),
    Case(
        name="RandomForestRegressor",
        model=RandomForestRegressor(10, max_depth=6, random_state=0),
        on="diabetes",
    ),
    Case(
        name="RandomForestRegressor, absolute error, missing",
        model=since(
            "1.9",
            lambda: RandomForestRegressor(
                5, criterion="absolute_error", max_depth=4, random_state=0
            ),
        ),
        on="diabetes_missing",
    ),
    Case(
        name="RandomForestRegressor, poisson",
        model=RandomForestRegressor(5, criterion="poisson", max_depth=5, random_state=0),
        on="counts",
    ),
    Case(
        name="RandomForestRegressor, two targets, missing",
        model=RandomForestRegressor(6, max_depth=5, random_state=0),
        on="two_regressions_missing",
    ),
    Case(
        name="RandomForestRegressor on categories",
        model=make_pipeline(ORDINAL, RandomForestRegressor(6, max_depth=5, random_state=0)),
        on="penguins_mass",
    ),
    Case(
        name="ExtraTreesClassifier",
        model=since("1.6", lambda: ExtraTreesClassifier(8, random_state=0)),
        on="iris_missing",
    ),
    Case(
        name="ExtraTreesClassifier, bootstrap, class_weight",
        model=ExtraTreesClassifier(
            8, bootstrap=True, class_weight={"no": 1, "yes": 3}, max_depth=4, random_state=0
        ),
        on="iris_binary",
    ),
    Case(
        name="ExtraTreesClassifier, two targets",
        model=ExtraTreesClassifier(6, max_depth=5, random_state=0),
        on="multioutput_classes",
    ),
    Case(
        name="ExtraTreesRegressor",
        model=since("1.6", lambda: ExtraTreesRegressor(8, max_depth=6, random_state=0)),
        on="diabetes_missing",
    ),
    Case(
        name="ExtraTreesRegressor, monotonic",
        model=ExtraTreesRegressor(6, max_depth=4, monotonic_cst=[0, 0, 1, 0, 0], random_state=0),
        on="diabetes_array",
    ),
    Case(
        name="ExtraTreesRegressor, three targets",
        model=ExtraTreesRegressor(6, max_depth=3, random_state=0),
        on="linnerud",
    ),
    Case(
        name="RandomTreesEmbedding",
        model=RandomTreesEmbedding(6, max_depth=3, random_state=0),
        on="iris",
    ),
    Case(
        name="RandomTreesEmbedding, dense, leaves",
        model=RandomTreesEmbedding(
            4, max_depth=None, max_leaf_nodes=9, sparse_output=False, random_state=0
        ),
        on="iris_array",
    ),
    Case(
        name="RandomTreesEmbedding before a model",
        model=make_pipeline(
            RandomTreesEmbedding(6, max_depth=3, random_state=0), LogisticRegression()
        ),
        on="iris_binary",
    ),
]
