#!/usr/bin/env python3
"""Every file of a room includes only rooms and libraries that the room may know (the table below).

Header-only libraries make this invisible to CMake, so it is read from the #include lines.
Usage: room_dependencies.py SOURCE_DIR
"""
import pathlib
import re
import sys

# Room -> rooms it may know. The order is the order of the layers; nobody may know a later one.
ROOMS = {
    "base": [],
    "api": ["base"],  # the headers right in include/dbcord, for embedding programs
    "protocol": ["base"],
    "actor": ["base"],
    "database": ["base", "protocol", "actor"],
    "discord": ["base", "protocol", "actor", "database"],  # database: the message_store port, see PORTS
    "commands": ["base", "protocol", "actor", "database"],
    "bot": ["base", "protocol", "actor", "database", "commands", "discord"],
    "guild": ["base", "protocol", "actor"],
    "simulation": ["base", "protocol", "actor", "database", "discord", "commands", "bot", "guild"],
    "app": ["base", "protocol", "actor", "database", "discord", "commands", "bot", "guild"],
}
# Where a room knows only a port of another room, not its inside.
PORTS = {("discord", "database"): {"database/message_store.hpp", "database/thread_store.hpp", "database/errors.hpp"}}

# Library header prefix -> rooms that may include it.
EVERYWHERE_ABOVE_ACTOR = ["api", "actor", "database", "discord", "commands", "bot", "guild", "simulation", "app"]
LIBRARIES = {
    "boost/asio": EVERYWHERE_ABOVE_ACTOR,
    "boost/beast": ["discord", "guild"],
    "boost/json": [room for room in ROOMS if room not in ("base", "api", "actor")],
    "openssl/": ["base", "discord", "guild"],  # guild: the signatures of attachment URLs
    "absl/": ["database"],
    "zlib.h": ["discord", "guild"],
    "spdlog/": ["app"],
    "CLI/": ["app"],
    "histedit.h": ["app"],
}
# Files of `discord` and `guild` that are allowed to see Beast (and through it TLS): the port's implementation.
BEAST_FILES = re.compile(r"src/(discord/beast_|discord/beast/|discord/tls|guild/)")
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')


def room_of(include):
    """The room that an include path names, or None for anything else."""
    parts = include.split("/")
    if parts[0] == "dbcord" and len(parts) > 2:
        return parts[1]
    return parts[0] if len(parts) > 1 and parts[0] in ROOMS else None


def problems_of(path, relative, room):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        include = match.group(1)
        where = f"{relative}:{number}: {room}"
        other = room_of(include)
        if other and other != room:
            if other not in ROOMS[room]:
                yield f"{where} may not know {other} ({include})"
            elif include not in PORTS.get((room, other), {include}):
                yield f"{where} may know only the ports of {other}, not {include}"
        for prefix, allowed in LIBRARIES.items():
            if include.startswith(prefix) and room not in allowed:
                yield f"{where} may not include <{include}>"
        if include.startswith("boost/beast") and room in ("discord", "guild") and not BEAST_FILES.match(relative):
            yield f"{where}: <{include}> belongs into the implementation of the transport port only"


def files(root):
    for folder in ("src", "include/dbcord"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".hpp", ".cpp"):
                parts = path.relative_to(root / folder).parts
                yield path, parts[0] if len(parts) > 1 else "api"


def main():
    root = pathlib.Path(sys.argv[1])
    found = []
    for path, room in files(root):
        relative = path.relative_to(root).as_posix()
        if room not in ROOMS:
            found.append(f"{relative}: {room} is no room; see the table in {pathlib.Path(__file__).name}")
            continue
        found.extend(problems_of(path, relative, room))
    print("\n".join(found) if found else "rooms know only what they may")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
