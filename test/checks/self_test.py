#!/usr/bin/env python3
"""The checks find what they promise to find: each is run on a small tree that breaks its rule."""
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent

UNNAMED = "namespace {\n\nconstexpr int rest = 1, pause = 2;\n\n}  // namespace\n"

# (check, its argument, file, text that breaks the rule, words that the report must have)
BREACHES = [
    ("room_dependencies.py", None, "src/guild/a.cpp", '#include "database/engine.hpp"', "may not know database"),
    ("room_dependencies.py", None, "src/protocol/a.hpp", "#include <boost/asio.hpp>", "may not include <boost/asio"),
    ("room_dependencies.py", None, "src/base/a.hpp", '#include "actor/gate.hpp"', "may not know actor"),
    ("room_dependencies.py", None, "include/dbcord/base/a.hpp", '#include "protocol/a.hpp"', "may not know protocol"),
    ("room_dependencies.py", None, "src/discord/a.cpp", '#include "database/engine.hpp"', "only the ports"),
    ("room_dependencies.py", None, "src/discord/a.cpp", "#include <boost/beast/core.hpp>", "transport port only"),
    ("room_dependencies.py", None, "src/kitchen/a.cpp", "", "is no room"),
    ("sources.py", "raw_clocks", "src/guild/a.cpp", "auto t = std::chrono::steady_clock::now();", "a.cpp:1"),
    ("sources.py", "raw_clocks", "test/guild/a.cpp", "std::this_thread::sleep_for(1s);", "a.cpp:1"),
    ("sources.py", "raw_clocks", "src/bot/a.cpp", "\nstd::random_device d;", "a.cpp:2"),
    ("sources.py", "detached", "src/bot/a.cpp", "co_spawn(x, y, asio::detached);", "a.cpp:1"),
    ("sources.py", "file_length", "src/bot/a.cpp", "\n" * 451, "451 lines"),
    ("sources.py", "names_in_batches", "src/database/a.cpp", UNNAMED, "pause is also in"),
    ("sources.py", "header_guard", "src/bot/a.hpp", "int x;", "pragma once"),
    ("sources.py", "room_readme", "src/bot/a.hpp", "", "src/bot"),
]
INNOCENT = [
    ("room_dependencies.py", None, "src/bot/a.cpp", '#include "commands/command.hpp"\n#include <vector>'),
    ("sources.py", "raw_clocks", "src/bot/a.cpp", "// steady_clock::now() is not for us\nauto t = env.now();"),
    ("sources.py", "raw_clocks", "src/actor/real_time.cpp", "return std::chrono::steady_clock::now();"),
    ("sources.py", "detached", "src/actor/task_group.hpp", "asio::detached"),
    ("sources.py", "names_in_batches", "src/database/a.cpp", UNNAMED.replace("pause", "patience")),
]


def run(check, rule, name, text):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
        if rule == "names_in_batches":
            path.with_name("z.cpp").write_text("namespace {\n\nconstexpr int pause = 3;\n\n}  // namespace\n")
        command = [sys.executable, str(HERE / check), folder] + ([rule] if rule else [])
        done = subprocess.run(command, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr


def main():
    failures = 0
    for check, rule, name, text, words in BREACHES:
        status, output = run(check, rule, name, text)
        if status != 1 or words not in output:
            failures += 1
            print(f"{check} {rule or ''} did not report {text!r} in {name}: exit {status}, {output}")
    for check, rule, name, text in INNOCENT:
        status, output = run(check, rule, name, text)
        if status != 0:
            failures += 1
            print(f"{check} {rule or ''} wrongly reports {text!r} in {name}: {output}")
    print(f"{len(BREACHES) + len(INNOCENT) - failures} checks behave, {failures} do not")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
