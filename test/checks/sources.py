#!/usr/bin/env python3
"""Rules on the text of the sources that no compiler checks.

Usage: sources.py SOURCE_DIR RULE      (rules: see RULES; exit 1 lists every place that breaks the rule)
"""
import pathlib
import re
import sys

CODE = (".hpp", ".cpp")
COMMENT = re.compile(r"//.*$")

# Time, randomness and sleep are injected (a run must replay from its seed); only these files touch the real ones.
CLOCK_OWNERS = re.compile(r"(src|include/dbcord)/(base|actor)/|test/actor/")
CLOCKS = re.compile(
    r"_clock::now|\bclock_gettime\b|\bgettimeofday\b|\btime\(\s*(nullptr|NULL|0)\s*\)|\bstd::time\(|\brandom_device\b"
    r"|\bs?rand\(|\bgetrandom\b|\bgetentropy\b|\bRAND_bytes\b|\bthis_thread::sleep|\busleep\(|\bnanosleep\("
    r"|\b(steady|system|high_resolution|deadline)_timer\b"
)
DETACHED = re.compile(r"\basio::detached\b|\.detach\(\)")
LINES_MAX = 450
# Rooms whose files are compiled in batches that change with every new file (DBCORD_UNITY): two files of one may meet in a batch.
ROOMS_IN_BATCHES = ("app", "bot", "commands", "database", "discord", "guild", "protocol", "simulation")
BATCHED = tuple(f"{side}/{room}" for side in ("src", "test") for room in ROOMS_IN_BATCHES) + ("bench/support",)
UNNAMED = re.compile(r"^namespace \{\n(.*?)^\}  // namespace$", re.M | re.S)
CONSTANTS = re.compile(r"^(?:inline )?constexpr\b[^;{(]*", re.M)
NAMED = re.compile(r"([a-z_]\w*)(?:\[\])? =")
TYPES = re.compile(r"^(?:struct|class|enum class) (\w+)\b[^;]*\{", re.M)


def code_files(root, folders):
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in CODE:
                yield path, path.relative_to(root).as_posix()


def matching_lines(path, pattern):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if pattern.search(COMMENT.sub("", line)):
            yield number, line.strip()


def raw_clocks(root):
    for path, name in code_files(root, ("src", "include", "test", "bench", "tools")):
        if not CLOCK_OWNERS.match(name):
            for number, line in matching_lines(path, CLOCKS):
                yield f"{name}:{number}: use the clock, timers and randomness of actor::environment: {line}"


def detached(root):
    for path, name in code_files(root, ("src", "include", "test", "bench", "tools")):
        if not name.startswith("src/actor/"):
            for number, line in matching_lines(path, DETACHED):
                yield f"{name}:{number}: start it in an actor::task_group and join it: {line}"


def file_length(root):
    for path, name in code_files(root, ("src", "include", "test", "bench", "tools")):
        lines = len(path.read_text().splitlines())
        if lines > LINES_MAX:
            yield f"{name}: {lines} lines; split it (the limit is {LINES_MAX})"


def names_in_batches(root):
    for room in BATCHED:
        owners = {}
        for path, name in code_files(root, (room,)) if (root / room).exists() else ():
            for body in UNNAMED.findall(path.read_text()) if path.suffix == ".cpp" else ():
                constants = (own for line in CONSTANTS.findall(body) for own in NAMED.findall(line))
                for own in {*constants, *TYPES.findall(body)}:
                    other = owners.setdefault(own, name)
                    if other != name:
                        yield f"{name}: {own} is also in {other}; they may be compiled in one batch"


def header_guard(root):
    for path, name in code_files(root, ("src", "include")):
        if path.suffix == ".hpp" and "#pragma once" not in path.read_text():
            yield f"{name}: has no #pragma once"


def room_readme(root):
    for folder in sorted(p for p in (root / "src").iterdir() if p.is_dir()):
        if not (folder / "README.md").exists():
            yield f"src/{folder.name}: has no README.md that says what belongs here"


RULES = {f.__name__: f for f in (raw_clocks, detached, file_length, names_in_batches, header_guard, room_readme)}


def main():
    root, rule = pathlib.Path(sys.argv[1]), sys.argv[2]
    found = list(RULES[rule](root))
    print("\n".join(found) if found else f"{rule}: nothing found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
