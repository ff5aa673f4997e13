"""The sample city's geometry, made from the inputs: ``python -m data.bontang.generator OUTDIR``.

Public: `generate`. Everything is deterministic: the same inputs give the same coordinates and values.
"""

from .city import generate

__all__ = ["generate"]
