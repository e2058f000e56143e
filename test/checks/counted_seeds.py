#!/usr/bin/env python3
"""tools/count_results counts each seed of a real sweep as a test case, those that fail too.

Usage: counted_seeds.py SEED_SWEEP COUNT_RESULTS
"""
import pathlib
import subprocess
import sys
import tempfile


def counted(sweep, count, *arguments):
    """What count_results says of one sweep, and that sweep's output."""
    with tempfile.TemporaryDirectory() as folder:
        output = subprocess.run([sweep, "--first", "1", "--seeds", "3", "--seconds", "10", *arguments], capture_output=True, text=True).stdout
        (pathlib.Path(folder) / "seeds.log").write_text(output)
        told = subprocess.run([sys.executable, count, folder], capture_output=True, text=True).stdout
        return told.strip().splitlines()[-1], output


def main():
    sweep, count = sys.argv[1:]
    wrong = 0
    for arguments, expected in (((), "3 passed, 0 failed"), (("--bug", "acknowledge_before_log"), "0 passed, 3 failed")):
        told, output = counted(sweep, count, *arguments)
        if told != expected:
            print(f"{arguments}: {told!r}, not {expected!r}, of\n{output}")
            wrong = 1
    return wrong


if __name__ == "__main__":
    sys.exit(main())
