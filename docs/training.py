"""Trains two models on an exported sample, and says how well they tell who will be bad.

DIR is what `lastro export amostra --to DIR` wrote:

    python docs/training.py DIR

Made on `desenvolvimento`; judged on `validacao`, which holds other customers, and on
`fora_do_tempo`, which holds later months.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_selection import VarianceThreshold
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score, roc_curve
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

JUDGED = ("validacao", "fora_do_tempo")
BINS = 10


def models() -> dict[str, Pipeline]:
    """The two models, by name.

    A variable is null where a customer has no such invoice, and none is negative. So for the
    regression null is 0, and large amounts are drawn in by a logarithm; the trees take the values
    as they are.
    """
    regression = make_pipeline(
        SimpleImputer(strategy="constant", fill_value=0, keep_empty_features=True),
        FunctionTransformer(np.log1p, feature_names_out="one-to-one"),
        VarianceThreshold(),
        StandardScaler(),
        LogisticRegression(C=0.001, max_iter=5_000),
    )
    boosting = make_pipeline(
        HistGradientBoostingClassifier(
            learning_rate=0.05, max_iter=150, max_leaf_nodes=8, min_samples_leaf=40, random_state=0
        )
    )
    return {"logistic regression": regression, "gradient boosting": boosting}


def separation(target: pd.Series, score: np.ndarray) -> tuple[float, float]:
    """Area under the ROC curve, and the largest distance of the shares of bad and good (KS)."""
    false_alarms, hits, _ = roc_curve(target, score, drop_intermediate=False)
    return float(roc_auc_score(target, score)), float(np.max(np.abs(hits - false_alarms)))


def reliability(target: pd.Series, score: np.ndarray) -> pd.DataFrame:
    """By tenths of the score: how many were said to be bad, in percent, and how many were."""
    tenth = pd.Series(score).rank(method="first").sub(1).mul(BINS).floordiv(len(score))
    table = pd.DataFrame({"tenth": tenth.astype(int) + 1, "said": score, "were": target.to_numpy()})
    return table.groupby("tenth").agg(
        rows=("said", "size"),
        predicted=("said", lambda said: 100 * said.mean()),
        observed=("were", lambda were: 100 * were.mean()),
    )


def main(folder: Path) -> None:
    """Train, judge, and print what came of it."""
    manifest = json.loads((folder / "_manifest.json").read_text(encoding="utf-8"))
    rows = pd.read_parquet(folder)
    rows = rows[rows["exclusao"].isna()]  # with --all the others are there, too
    variables = [c for c in rows.columns if c[0] == "u" and c[1].isdigit()]
    parts = {name: part for name, part in rows.groupby("particao", observed=True)}
    print(f"target: {manifest['definicoes']['alvo']}")
    for name, part in parts.items():
        print(f"{name}: {len(part):,} rows, {100 * part['alvo'].mean():.1f} % bad")
    made_on = parts["desenvolvimento"]
    print(f"\n{'model':<22}{'part':<16}{'AUC':>7}{'KS':>7}")
    for name, model in models().items():
        model.fit(made_on[variables], made_on["alvo"])
        for judged in JUDGED:
            if judged not in parts:
                continue
            score = model.predict_proba(parts[judged][variables])[:, 1]
            auc, ks = separation(parts[judged]["alvo"], score)
            print(f"{name:<22}{judged:<16}{auc:>7.3f}{ks:>7.3f}")
        print(f"\nreliability of the {name}, {judged}: in percent")
        print(reliability(parts[judged]["alvo"], score).to_string(float_format="%.1f"), end="\n\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
