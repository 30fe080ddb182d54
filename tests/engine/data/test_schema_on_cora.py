"""Cora's features through the schema: the same from a long table and from 1,433 columns."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from engine.data.options import DataOptions
from engine.data.roles import ColumnKind
from engine.data.schema import FeatureSchema
from tests.support.data import data_folder
from tests.support.relational import relational


@pytest.fixture(scope="module")
def long() -> pd.DataFrame:
    return pd.read_csv(data_folder("cora") / "features_sparse.csv.gz", dtype={"id": str, "feature": str})


def test_rows_of_cora_sum_to_one_over_the_features_in_use(long: pd.DataFrame) -> None:
    rows, names = pd.factorize(long["id"])[0], pd.factorize(long["feature"])
    matrix = sp.csr_matrix((long["value"].to_numpy(np.float32), (rows, names[0])))
    data = relational(num_nodes=2708, features=matrix, feature_names=list(names[1]))
    x = FeatureSchema.fit(data, DataOptions(tables=())).transform(data)
    assert x.shape == (2708, 1432)
    np.testing.assert_allclose(np.asarray(x.sum(axis=1)).ravel(), 1, rtol=1e-5)
    # Every value of a row is 1 / number of its words, as Kipf and Welling prepare them.
    np.testing.assert_allclose(x.data, np.repeat(1 / np.diff(x.indptr), np.diff(x.indptr)), rtol=1e-5)


def test_columns_of_zeros_and_ones_give_what_the_long_table_gives(long: pd.DataFrame) -> None:
    wide = pd.read_csv(data_folder("cora") / "nodes_wide.csv.gz", dtype=str)
    words = [name for name in wide.columns if name.startswith("w")]
    data = relational({name: (ColumnKind.BOOLEAN, wide[name].tolist()) for name in words}, ids=wide["id"].tolist())
    schema = FeatureSchema.fit(data, DataOptions(tables=()))
    x = schema.transform(data)
    place = {name: column for column, name in enumerate(schema.names)}
    rows = pd.Index(wide["id"]).get_indexer(long["id"])
    columns = np.array([place[f"w{feature}"] for feature in long["feature"]])
    assert x.shape == (2708, 1432)
    assert x.nnz == len(long)
    assert (np.asarray(x[rows, columns]).ravel() > 0).all()
