#!/usr/bin/env python3
"""The program that README shows keeps its accounts from one start to the next. Usage: bank.py PROGRAM"""
import subprocess
import sys
import tempfile


def shown(directory):
    return subprocess.run([sys.argv[1], directory], capture_output=True, text=True, timeout=120, check=False)


def main():
    with tempfile.TemporaryDirectory() as directory:
        for verdict, balance in (("paid", 15), ("paid", 5), ("Ann has too little", 5)):
            done = shown(directory)
            expected = verdict + '\n{"id":"ann","balance":%d}\n' % balance
            assert done.returncode == 0 and done.stdout == expected, (done.returncode, done.stdout, done.stderr)
    refused = shown("/dev/null")
    assert refused.returncode == 1 and "/dev/null" in refused.stderr, (refused.returncode, refused.stderr)
    print("accounts are kept from one start to the next")


if __name__ == "__main__":
    main()
