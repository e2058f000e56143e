#!/usr/bin/env python3
"""The clients when they are cut short: the guild's process dies under them, or a person presses Ctrl-C.

Usage: cut_short.py DBCORD [NAME]...     as end_to_end.py, whose means it uses
"""
import json
import re
import signal
import subprocess
import sys
import time

import end_to_end
from end_to_end import (DBCORD, PATIENCE, Server, Terminal, case, clean_environment, execute, make_users, only_sentence, rows_in, run, serve,
                        succeed)

end_to_end.CASES.clear()
SOON = 30  # seconds; a person waits (6 s on an idle machine), and far less than the 15 minutes that a reply may take


def port_of(server):
    return server.stdout().split("http://")[1].split("/")[0]


def die(server):
    server.process.send_signal(signal.SIGKILL)
    server.wait()


def start(folder, *arguments, **options):
    return subprocess.Popen([DBCORD, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder,
                            env=clean_environment(), **options)


def long_rows(folder, count):
    file = folder / "many.jsonl"
    file.write_text("".join(json.dumps({"id": f"r{i:06}", "text": "x" * 100}) + "\n" for i in range(count)))
    return file


@case
def a_command_to_a_guild_that_is_gone_is_told_of_soon_and_never_sent_later(folder):
    with serve(folder).ready() as guild:
        make_users(folder)
        t = Terminal(folder)
        t.expect("dbcord> ")
        address = port_of(guild)
        die(guild)
        begun = time.monotonic()
        for key in "ab":
            t.send('/dbc_insert database:shop table:users value_json:{"id":"%s"}\n' % key)
            t.expect(f"no guild answers at http://{address}/api/v10 any more, so nothing was sent")
        assert time.monotonic() - begun < SOON
        t.expect("dbcord> ")
    with Server(folder, "serve", "--local", folder / "guild", "--listen", address, "--limits", "none").ready():
        t.send('/dbc_insert database:shop table:users value_json:{"id":"c"}\n')  # the shell finds the guild again by itself
        t.expect("`c`")
        t.expect("dbcord> ")
        assert t.leave() == 0
        assert [r["id"] for r in rows_in(succeed(folder, "/dbc_find database:shop table:users where_json:{}"))] == ["c"]


@case
def an_import_whose_guild_dies_ends_with_what_was_done_so_far(folder):
    file, outcomes = long_rows(folder, 40000), folder / "outcomes.jsonl"
    with serve(folder).ready() as guild:
        make_users(folder)
        begun = time.monotonic()
        process = start(folder, "import", "--local", folder / "guild", "--database", "shop", "--table", "users", "--key", "id",
                        "--chunk-rows", "20", "--outcomes", outcomes, file)
        end_to_end.wait_until(lambda: "r0000" in execute(folder, "/dbc_find database:shop table:users where_json:{} limit:1").stdout, "rows")
        die(guild)
        out, err = process.communicate(timeout=PATIENCE)
    told = [json.loads(line)["outcome"] for line in outcomes.read_text().splitlines()]
    assert process.returncode == 1 and time.monotonic() - begun < SOON + 10, (process.returncode, err)
    assert len(told) == 40000 and told.count("accepted") >= 20 and told.count("not sent") > 0 and told.count("refused") == 0, (out, err)
    assert told.count("unknown") <= 40 and "rows into shop.users" in out and "Not sent: " in out, out
    with serve(folder).ready():
        there = int(succeed(folder, "/dbc_find database:shop table:users where_json:{} count:true").split()[0])
        assert told.count("accepted") <= there <= told.count("accepted") + told.count("unknown"), (there, out)


@case
def the_shell_goes_on_with_the_next_line_while_a_value_is_open(folder):
    with serve(folder).ready():
        t = Terminal(folder)
        t.expect("dbcord> ")
        for line in end_to_end.BANK.splitlines():
            t.send(line + "\n")
            t.expect("      > " if line.endswith('"bob",') else "dbcord> ")
        t.send("/dbc_txn database:bank operations_json:[\n")
        t.expect("      > ")
        t.send("\x03")  # drops all of it
        t.expect("dbcord> ")
        t.send(end_to_end.transfer())
        t.expect("dbcord> ")
        t.send("/dbc_get database:bank table:accounts key:ann\n")
        t.expect('"balance":69.75')
        t.send("\x1b[A\x1b[A\n")  # the transaction is one entry of the history
        t.expect("dbcord> ")
        t.send("/dbc_get database:bank table:accounts key:ann\n")
        t.expect('"balance":39.5')
        t.send('/dbc_get database:"bank\n')
        t.expect("      > ")
        assert t.leave() == 0
        t.read()
        assert "the input ends within /dbc_get" in t.seen, t.seen


@case
def ctrl_c_in_the_shell_leaves_the_command_to_the_guild_and_comes_back_to_the_prompt(folder):
    with serve(folder).ready() as guild:
        make_users(folder)
        t = Terminal(folder)
        t.expect("dbcord> ")
        guild.process.send_signal(signal.SIGSTOP)
        t.send('/dbc_insert database:shop table:users value_json:{"id":"a"}\n')
        t.expect("\n")
        time.sleep(1)  # the guild has the command, and is at rest
        t.send("\x03")
        time.sleep(1)
        guild.process.send_signal(signal.SIGCONT)
        t.expect("the command was sent and goes on in the guild, but its reply is no longer waited for")
        t.expect("dbcord> ")
        t.send("nonsense\x03")
        t.expect("dbcord> ")
        end_to_end.wait_until(lambda: "1 row of" in execute(folder, "/dbc_find database:shop table:users where_json:{}").stdout, "the row")
        die(guild)
        t.send("/dbc_inspect\n")
        t.expect("\n")
        time.sleep(1)
        begun = time.monotonic()
        t.send("\x03")  # while it looks for its guild
        t.expect("it was interrupted before it was sent, so nothing was done")
        assert time.monotonic() - begun < 4
        t.expect("dbcord> ")
        assert t.leave() == 0


@case
def ctrl_c_in_the_shell_names_the_job_that_goes_on(folder):
    with serve(folder).ready():
        make_users(folder)
        run("import", "--local", folder / "guild", "--database", "shop", "--table", "users", "--key", "id", long_rows(folder, 2000))
        succeed(folder, "/dbc_layout_set database:shop table:users layout:rows")
    with Server(folder, "serve", "--local", folder / "guild", "--listen", "127.0.0.1:0").ready():  # with Discord's limits
        t = Terminal(folder)
        t.expect("dbcord> ")
        t.send("/dbc_vacuum database:shop table:users full:true\n")
        time.sleep(4)  # what lasts longer than two seconds is told of as a job
        t.send("\x03")
        t.expect("the command goes on as job 1; /dbc_jobs job:1 tells how it ends, and /dbc_jobs cancel:1 ends it")
        t.expect("dbcord> ")
        t.send("/dbc_jobs cancel:1\n")
        t.expect("Job 1 (`dbc_vacuum shop.users`) ends after what it is doing now")
        t.expect("dbcord> ")
        assert t.leave() == 0


@case
def a_signal_ends_long_work_where_it_can_go_on(folder):
    with serve(folder).ready():
        make_users(folder)
        run("import", "--local", folder / "guild", "--database", "shop", "--table", "users", "--key", "id", long_rows(folder, 2000))
        succeed(folder, "/dbc_layout_set database:shop table:users layout:rows")
    for begun in (r"running", r"[1-9]\d* of \d"):  # at its beginning, and in its midst
        with Server(folder, "serve", "--local", folder / "guild", "--listen", "127.0.0.1:0").ready() as server:  # with Discord's limits: it would take an hour
            vacuum = start(folder, "exec", "--local", folder / "guild", "/dbc_vacuum database:shop table:users full:true")
            end_to_end.wait_until(lambda: re.search(begun, execute(folder, "/dbc_jobs").stdout), f"a job that is {begun}")
            asked = time.monotonic()
            assert server.stop() == 0, server.stderr()
            assert time.monotonic() - asked < 13, server.stderr()  # 10, and 3 more until everything is cut off
            assert not any(wrong in server.stderr() for wrong in ("bug:", "cut off", "log not released")), server.stderr()
            out, err = vacuum.communicate(timeout=PATIENCE)
            assert vacuum.returncode == 1 and "give the command again later" in out + err, (out, err)
    with serve(folder).ready():
        assert succeed(folder, "/dbc_find database:shop table:users where_json:{} count:true").startswith("2000 ")


@case
def an_interrupted_import_tells_what_was_done(folder):
    outcomes = folder / "outcomes.jsonl"
    with serve(folder).ready():
        make_users(folder)
        process = start(folder, "import", "--local", folder / "guild", "--database", "shop", "--table", "users", "--key", "id",
                        "--chunk-rows", "20", "--outcomes", outcomes, long_rows(folder, 40000))
        end_to_end.wait_until(lambda: "r0000" in execute(folder, "/dbc_find database:shop table:users where_json:{} limit:1").stdout, "rows")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
        told = [json.loads(line)["outcome"] for line in outcomes.read_text().splitlines()]
        assert process.returncode == 130 and "the import was interrupted" in err, (process.returncode, out, err)
        assert len(told) == 40000 and set(told) == {"accepted", "not sent"}, out
        assert "Not sent: " in out and f"Imported {told.count('accepted'):,} of 40,000 rows" in out, out
        there = int(succeed(folder, "/dbc_find database:shop table:users where_json:{} count:true").split()[0])
        assert there == told.count("accepted"), (there, out)


@case
def an_interrupted_backup_leaves_no_file_and_no_snapshot(folder):
    with serve(folder).ready():
        make_users(folder)
        run("import", "--local", folder / "guild", "--database", "shop", "--table", "users", "--key", "id", long_rows(folder, 40000))
    with serve(folder).ready():
        after = 0.0
        whole = False
        while not whole:  # at every stage, until it is done before the signal
            process = start(folder, "backup", "--local", folder / "guild", "--database", "shop", "shop.backup")
            try:
                process.wait(after)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=PATIENCE)
            whole = out.startswith("Backed up ")  # whatever ends the process after that
            assert whole or process.returncode in (130, -signal.SIGINT), (process.returncode, out, err)
            if process.returncode == 130:
                assert "the backup was interrupted, shop.backup was not made, and " in err, err
            assert [f.name for f in folder.glob("shop.backup*")] == (["shop.backup"] if whole else []), (after, out, err)
            listed = succeed(folder, "/dbc_snapshot_list database:shop")
            assert "snapshot:" not in listed, (after, out, err, listed)
            after += 0.1


if __name__ == "__main__":
    sys.exit(end_to_end.main())
