"""`make bench`: every module of bench/ with a `main()`, each in a process of its own so that none warms another. One JSON line a figure."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

START = "import asyncio, inspect, sys; from {module} import main; done = main(); asyncio.run(done) if inspect.iscoroutine(done) else None"


def modules(folder: Path) -> list[str]:
    return [path.stem for path in sorted(folder.glob("*.py")) if path.stem != "__init__" and "def main(" in path.read_text("utf-8")]


def main() -> None:
    root = Path(__file__).resolve().parents[1]
    names = modules(root / "bench")
    if not names:
        sys.exit("bench/ has no module with a main()")
    for name in names:
        done = subprocess.run([sys.executable, "-c", START.format(module=f"bench.{name}")], cwd=root, stdout=subprocess.PIPE, text=True)
        print(done.stdout, end="", flush=True)
        lines = [line for line in done.stdout.splitlines() if line.strip()]
        try:
            figures = [json.loads(line) for line in lines]
        except json.JSONDecodeError:
            sys.exit(f"bench/{name}.py printed something else than JSON lines")
        if done.returncode != 0 or not figures:
            sys.exit(f"bench/{name}.py failed or printed no figure (exit {done.returncode})")


if __name__ == "__main__":
    main()
