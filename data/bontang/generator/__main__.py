"""``python -m data.bontang.generator OUTDIR``: write the sample city's layers into a folder."""

import sys
from pathlib import Path

from .city import generate


def main(arguments: list[str]) -> int:
    """Run the generator; exit code 2 when the folder is not given."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m data.bontang.generator OUTDIR\n")
        return 2
    generate(Path(arguments[0]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
