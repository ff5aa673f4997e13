"""``python -m app.operations.command ...``: the ``ruang`` command of this interpreter, installed or not."""

from __future__ import annotations

from app.cli import main

if __name__ == "__main__":
    main()
