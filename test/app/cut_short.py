#!/usr/bin/env python3
"""The clients when they are cut short: the guild's process dies under them, or a person presses Ctrl-C.

Usage: cut_short.py DBCORD [NAME]...     as end_to_end.py, whose means it uses
"""
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

import end_to_end
from end_to_end import (DBCORD, PATIENCE, Server, Terminal, case, clean_environment, execute, make_users, only_sentence, rows_in, run, serve,
                        succeed)

end_to_end.CASES.clear()
UNREACHED = "dbcord: interrupted before the guild was reached, so nothing was sent\n"
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
def an_import_whose_account_cannot_be_written_imports_nothing(folder):
    with serve(folder).ready():
        make_users(folder)
        done = run("import", "--local", folder / "guild", "--database", "shop", "--table", "users", "--key", "id", "--outcomes", folder / "nowhere" / "x", long_rows(folder, 100))
        assert done.returncode == 1 and done.stdout == "" and "cannot write" in done.stderr and "No such file" in done.stderr, done.stdout + done.stderr
        assert "r0000" not in execute(folder, "/dbc_find database:shop table:users where_json:{}").stdout


@case
def an_interrupted_backup_leaves_no_file_and_no_snapshot(folder):
    with serve(folder).ready():
        make_users(folder)
        run("import", "--local", folder / "guild", "--database", "shop", "--table", "users", "--key", "id", long_rows(folder, 40000))
    with serve(folder).ready():
        after = 0.0
        whole = at_work = False
        while not whole:  # at every stage, until it is done before the signal
            process = start(folder, "backup", "--local", folder / "guild", "--database", "shop", "shop.backup")
            try:
                process.wait(after)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=PATIENCE)
            whole = out.startswith("Backed up ")  # whatever ends the process after that
            assert whole or process.returncode in (130, -signal.SIGINT), (process.returncode, out, err)
            if process.returncode == 130 and UNREACHED not in err:
                at_work = True
                assert "the backup was interrupted, shop.backup was not made, and " in err, err
            assert [f.name for f in folder.glob("shop.backup*")] == (["shop.backup"] if whole else []), (after, out, err)
            listed = succeed(folder, "/dbc_snapshot_list database:shop")
            assert "snapshot:" not in listed, (after, out, err, listed)
            after = later(after)
        assert at_work


def later(seconds):
    """The next moment at which work is interrupted: the first ones, in which most begins, stand close."""
    return 1.1 * seconds + 0.04


def backup_of(folder, count):
    """Of a database `shop` that is dropped again."""
    make_users(folder)
    run("import", "--local", folder / "guild", "--database", "shop", "--table", "users", "--key", "id", long_rows(folder, count))
    done = run("backup", "--local", folder / "guild", "--database", "shop", folder / "shop.backup")
    assert done.returncode == 0, done.stdout + done.stderr
    succeed(folder, "/dbc_database_drop database:shop confirm:shop")
    return folder / "shop.backup"


@case
def an_interrupted_restore_leaves_nothing(folder):
    with serve(folder).ready():
        file = backup_of(folder, 40000)
        after = 0.0
        seen = set()
        while "whole" not in seen:  # at every stage, until it is done before the signal
            process = start(folder, "restore", "--local", folder / "guild", file)
            try:
                process.wait(after)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=PATIENCE)
            listed = succeed(folder, "/dbc_database_list")
            if process.returncode == 130 and UNREACHED not in err:
                assert "the restore was interrupted, and what there was of shop is dropped again" in err and out == "", (out, err)
            seen.add("whole" if out.startswith("Restored ") else "unreached" if UNREACHED in err else process.returncode)
            assert seen <= {"whole", "unreached", 130, -signal.SIGINT}, (process.returncode, out, err)  # by the signal itself: before anything was sent
            assert ("`shop`" in listed) == ("whole" in seen), (after, out, err, listed)
            after = later(after)
        assert 130 in seen
        assert succeed(folder, "/dbc_find database:shop table:users where_json:{} count:true").startswith("40000 ")


@case
def what_a_restore_that_was_killed_has_left_is_no_database(folder):
    insert = '/dbc_insert database:shop table:users value_json:{"id":"precious"}'
    find = "/dbc_find database:shop table:users where_json:{} count:true"

    def killed(file):
        process = start(folder, "restore", "--local", folder / "guild", file)
        end_to_end.wait_until(lambda: "being restored" in execute(folder, "/dbc_database_list").stdout, "the half database")
        process.kill()
        process.communicate(timeout=PATIENCE)

    with serve(folder).ready():
        file = backup_of(folder, 40000)
        killed(file)
        for command in (insert, find, "/dbc_verify database:shop", "/dbc_snapshot database:shop", "/dbc_init database:shop restore:end", "/dbc_table_list database:shop"):
            refused = execute(folder, command)
            assert refused.returncode == 1 and "being restored" in refused.stdout and "/dbc_database_drop database:shop" in refused.stdout, refused.stdout
        for arguments in (["backup", "--database", "shop", folder / "half"], ["export", "--database", "shop", "--table", "users", folder / "half"],
                          ["import", "--database", "shop", "--table", "users", "--key", "id", folder / "many.jsonl"]):
            refused = run(arguments[0], "--local", folder / "guild", *arguments[1:])
            assert refused.returncode == 1 and "being restored" in refused.stderr, refused.stdout + refused.stderr
        assert not (folder / "half").exists()
        done = run("restore", "--local", folder / "guild", file)
        assert done.returncode == 0, done.stdout + done.stderr
        succeed(folder, insert, "/dbc_database_drop database:shop confirm:shop")
        killed(file)
        succeed(folder, "/dbc_database_drop database:shop confirm:shop")
        killed(file)
    with serve(folder).ready() as server:
        assert "the restore of a database was interrupted" in server.stderr(), server.stderr()
        refused = execute(folder, find)
        assert refused.returncode == 1 and "its restore was interrupted" in refused.stdout, refused.stdout
        done = run("restore", "--local", folder / "guild", file)
        assert done.returncode == 0, done.stdout + done.stderr
        assert succeed(folder, find).startswith("40000 ")


@case
def ctrl_c_in_exec_names_the_job_that_goes_on(folder):
    with serve(folder).ready():
        make_users(folder)
        run("import", "--local", folder / "guild", "--database", "shop", "--table", "users", "--key", "id", long_rows(folder, 2000))
        succeed(folder, "/dbc_layout_set database:shop table:users layout:rows")
    with Server(folder, "serve", "--local", folder / "guild", "--listen", "127.0.0.1:0").ready():  # with Discord's limits
        vacuum = start(folder, "exec", "--local", folder / "guild", "/dbc_vacuum database:shop table:users full:true", "/dbc_drop database:shop table:users confirm:users")
        end_to_end.wait_until(lambda: "1 of" in execute(folder, "/dbc_jobs").stdout or "running" in execute(folder, "/dbc_jobs").stdout, "a job")
        time.sleep(3)  # what lasts longer than two seconds is told of as a job
        vacuum.send_signal(signal.SIGINT)
        out, err = vacuum.communicate(timeout=PATIENCE)
        assert vacuum.returncode == 130, (vacuum.returncode, out, err)
        assert "the command goes on as job 1; /dbc_jobs job:1 tells how it ends, and /dbc_jobs cancel:1 ends it" in err, err
        succeed(folder, "/dbc_jobs cancel:1", "/dbc_table_list database:shop")


@case
def ctrl_c_before_a_client_has_reached_its_guild_is_told_of(folder):
    nobody = {**clean_environment(), "DBCORD_USER_TOKEN": "x", "DBCORD_GUILD_ID": "1"}
    rows = long_rows(folder, 10)
    clients = (["exec", "/dbc_inspect"], ["shell"], ["import", "--database", "shop", "--table", "users", "--key", "id", rows],
               ["export", "--database", "shop", "--table", "users", folder / "users"], ["backup", "--database", "shop", folder / "shop.backup"])
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections and says nothing
        silent.settimeout(PATIENCE)
        for how, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            for command, *arguments in clients:
                process = subprocess.Popen([DBCORD, command, "--url", f"http://127.0.0.1:{silent.getsockname()[1]}/api/v10", *map(str, arguments)],
                                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder, env=nobody)
                connection, _ = silent.accept()
                process.send_signal(how)
                out, err = process.communicate(timeout=PATIENCE)
                connection.close()
                assert process.returncode == status and out == "", (command, process.returncode, out, err)
                assert err == UNREACHED, (command, err)
        assert sorted(f.name for f in folder.iterdir() if f.name not in ("many.jsonl",)) == [], list(folder.iterdir())
        os.mkfifo(folder / "pipe")  # a file that nobody writes
        process = start(folder, "import", "--url", "http://127.0.0.1:9/api/v10", "--database", "shop", "--table", "users", "--key", "id", folder / "pipe")
        end_to_end.wait_until(lambda: open_pipe(folder / "pipe"), "a reader")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 130 and err == UNREACHED, (process.returncode, err)


def open_pipe(path):
    try:
        os.open(path, os.O_WRONLY | os.O_NONBLOCK)  # kept, so that the reader waits
        return True
    except OSError:
        return False


@case
def a_signal_before_it_is_ready_ends_it_soon(folder):
    stages = ("event=\"guild serves\"", "event=\"database open\"")
    with serve(folder).ready():
        make_users(folder)
    for stage in stages * 5:  # no database is open yet; one is
        with serve(folder) as server:
            end_to_end.wait_until(lambda: stage in server.stderr(), stage)
            asked = time.monotonic()
            assert server.stop() == 0, server.stderr()
            assert time.monotonic() - asked < 9 and "cut off" not in server.stderr(), (time.monotonic() - asked, server.stderr())


@case
def a_guild_whose_disk_is_full_takes_the_bot_with_it(folder):
    limited = 'trap "" XFSZ; ulimit -f 4096; exec "$@"'  # of 512 bytes each; then a write fails
    log = open(folder / "log.txt", "w")
    process = subprocess.Popen(["sh", "-c", limited, "sh", DBCORD, "serve", "--local", folder / "guild", "--listen", "127.0.0.1:0", "--limits", "none"],
                               stdout=subprocess.PIPE, stderr=log, text=True, env=clean_environment())
    try:
        assert process.stdout.readline().startswith("ready")
        make_users(folder)
        row = folder / "row.json"
        for i in range(100):
            row.write_text(json.dumps({"id": f"r{i}", "text": os.urandom(50000).hex()}))
            if execute(folder, f"/dbc_insert database:shop table:users file:{row}").returncode != 0:
                break
        end_to_end.wait_until(lambda: "the guild cannot keep what it is told" in (folder / "log.txt").read_text(), "the full disk")
        told = time.monotonic()
        assert process.wait(PATIENCE) == 1
        assert time.monotonic() - told < 5, (folder / "log.txt").read_text()
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    sys.exit(end_to_end.main())
