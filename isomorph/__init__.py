"""Convert a trained model, prove it equal, open the bundle, predict with it.

bundle = isomorph.convert(model, sample, name="churn")
bundle.verdict, bundle.signature, bundle.path
bundle.predict(frame)            # {"label": ..., "probabilities": ...}

isomorph.check(bundle, against="churn.joblib", sample="train.parquet")
"""

from isomorph.bundles import Bundle, open  # noqa: A004 - `isomorph.open` reads as gzip.open does
from isomorph.checking import Checked, check
from isomorph.converting import convert
from isomorph.own import converter

__all__ = ["Bundle", "Checked", "check", "convert", "converter", "open"]
