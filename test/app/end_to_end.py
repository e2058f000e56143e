#!/usr/bin/env python3
"""The program as people use it: real processes, real sockets on loopback, a real directory.

Usage: end_to_end.py DBCORD [NAME]...     runs all cases, or those whose names contain NAME
Prints Boost.Test's closing line so that tools/count_results counts the cases.
"""
import csv
import fcntl
import http.server
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
import traceback
import urllib.error
import urllib.request

DBCORD = sys.argv[1]
PATIENCE = 60  # seconds; generous, the machine may be busy
CASES = []


def case(function):
    CASES.append(function)
    return function


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_until(condition, what):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"waited {PATIENCE} s for: {what}")


class Server:
    """A dbcord serve or guild process; its log is kept for the checks."""

    def __init__(self, folder, *arguments, environment=None, cwd=None):
        self.folder = pathlib.Path(folder)
        self.out = open(self.folder / "out.txt", "w+")
        self.log = open(self.folder / "log.txt", "a+")
        self.start = self.log.tell()
        self.process = subprocess.Popen(
            [DBCORD, *map(str, arguments)], stdout=self.out, stderr=self.log, stdin=subprocess.DEVNULL,
            env={**clean_environment(), **(environment or {})}, cwd=cwd)

    def stdout(self):
        return (self.folder / "out.txt").read_text()

    def stderr(self):
        return (self.folder / "log.txt").read_text()[self.start:]

    def ready(self):
        wait_until(lambda: self.stdout().startswith("ready") or self.process.poll() is not None, "ready")
        assert self.process.poll() is None, f"exited with {self.process.returncode}: {self.stderr()}"
        return self

    def wait(self):
        return self.process.wait(PATIENCE)

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        return self.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.out.close()
        self.log.close()


def clean_environment():
    return {k: v for k, v in os.environ.items() if not k.startswith(("DBCORD_", "DISCORD_"))} | {
        "XDG_STATE_HOME": tempfile.gettempdir() + "/dbcord-test-state"}


def run(*arguments, environment=None, cwd=None, stdin=None):
    return subprocess.run([DBCORD, *map(str, arguments)], capture_output=True, text=True, timeout=PATIENCE, input=stdin,
                          env={**clean_environment(), **(environment or {})}, cwd=cwd)


def serve(folder, *more, **options):
    return Server(folder, "serve", "--local", folder / "guild", "--listen", "127.0.0.1:0", "--limits", "none", *more, **options)


def execute(folder, *commands):
    return run("exec", "--local", folder / "guild", *commands)


def succeed(folder, *commands):
    done = execute(folder, *commands)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def rows_in(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def make_users(folder):
    succeed(folder, "/dbc_init database:shop", "/dbc_table_create database:shop table:users pk:id")


def insert(folder, **row):
    return succeed(folder, "/dbc_insert database:shop table:users value_json:" + json.dumps(row))


def get(folder, key):
    return rows_in(succeed(folder, f"/dbc_get database:shop table:users key:{key}"))[0]


def credentials(folder):
    return json.loads((folder / "guild" / "credentials.json").read_text())


def only_sentence(done, *words):
    """Exit 1, one line on standard error that says all of the words."""
    lines = [line for line in done.stderr.splitlines() if line.startswith("dbcord: ")]
    assert done.returncode == 1, (done.returncode, done.stderr)
    assert len(lines) == 1, done.stderr
    for word in words:
        assert word in lines[0], (word, lines[0])


@case
def exec_prints_replies_and_its_status_tells_whether_all_were_done(folder):
    with serve(folder).ready():
        make_users(folder)
        insert(folder, id="u_1", name="Zoë", price=1.10)
        assert get(folder, "u_1") == {"id": "u_1", "name": "Zoë", "price": 1.10}
        assert "1.1}" in succeed(folder, "/dbc_get database:shop table:users key:u_1")
        mixed = execute(folder, "/dbc_get database:shop table:users key:nobody", "/dbc_get database:shop table:users key:u_1")
        assert mixed.returncode == 1 and "u_1" in mixed.stdout
        unknown = execute(folder, "/dbc_nonsense")
        assert unknown.returncode == 1 and "dbc_nonsense" in unknown.stderr
        with open("/dev/full", "w") as full:
            lost = subprocess.run([DBCORD, "exec", "--local", folder / "guild", "/dbc_get database:shop table:users key:u_1"], stdout=full,
                                  stderr=subprocess.PIPE, text=True, timeout=PATIENCE, env=clean_environment())
        only_sentence(lost, "standard output cannot be written")


@case
def what_cannot_be_printed_does_not_stop_an_import_and_is_told(folder):
    (folder / "rows.jsonl").write_text('{"id":"a"}\n{"id":"b"}\n')
    with serve(folder).ready():
        succeed(folder, "/dbc_init database:shop")
        with open("/dev/full", "w") as full:
            def bring(table, **streams):
                return subprocess.run([DBCORD, "import", "--local", folder / "guild", "--database", "shop", "--table", table, "--key", "id", folder / "rows.jsonl"],
                                      text=True, timeout=PATIENCE, env=clean_environment(), **streams)
            untold = bring("untold", stdout=subprocess.PIPE, stderr=full)
            assert untold.returncode == 0 and "Imported 2 of 2 rows" in untold.stdout, untold
            unshown = bring("unshown", stdout=full, stderr=subprocess.PIPE)
            assert unshown.returncode == 1 and "standard output cannot be written" in unshown.stderr, unshown
        for table in ("untold", "unshown"):
            assert "`b`" in succeed(folder, f"/dbc_get database:shop table:{table} key:b")


@case
def the_session_that_the_project_began_with_works_as_it_is_typed(folder):
    typed = """/dbc_init database:prod
/dbc_table_create database:prod table:users pk:id
/dbc_schema_set database:prod table:users schema_json:{"required":["id","email"],"properties":{"id":"str","email":"str","role":"str"}}
/dbc_index_create database:prod table:users field:email unique:true
/dbc_insert database:prod table:users key:u_1 value_json:{"id":"u_1","email":"a@example.com","role":"student"}
/dbc_find database:prod table:users where_json:{"role":"student"}
/dbc_update database:prod table:users key:u_1 patch_json:{"role":"admin"}
/dbc_verify database:prod table:users
/dbc_snapshot database:prod table:users
"""
    before = {"id": "u_1", "email": "a@example.com", "role": "student"}
    with serve(folder).ready():
        done = run("exec", "--local", folder / "guild", "-", stdin=typed)
        assert done.returncode == 0 and not done.stderr, done.stdout + done.stderr
        assert [row for row in rows_in(done.stdout) if "email" in row] == [before, {**before, "role": "admin"}], done.stdout
        found = succeed(folder, '/dbc_find database:prod table:users where_json:{"role":"admin","email":{"$prefix":"a@"}}')
        assert found.startswith("1 row of `prod.users` matches") and rows_in(found) == [{**before, "role": "admin"}], found
        twin = execute(folder, '/dbc_insert database:prod table:users key:u_2 value_json:{"id":"u_2","email":"a@example.com"}')
        assert twin.returncode == 1 and "email" in twin.stdout, twin.stdout
        without = execute(folder, '/dbc_insert database:prod table:users key:u_3 value_json:{"id":"u_3"}')
        assert without.returncode == 1 and "the field email is missing" in without.stdout, without.stdout
        kept = re.search(r"snapshot:(\d+)", done.stdout).group(1)
        succeed(folder, f"/dbc_restore database:prod snapshot:{kept} table:copy")
        assert rows_in(succeed(folder, "/dbc_get database:prod table:copy key:u_1")) == [{**before, "role": "admin"}]


@case
def exec_shows_some_of_many_refusals_and_says_how_many_more_there_are(folder):
    with serve(folder).ready():
        make_users(folder)
        (folder / "bad.jsonl").write_text("".join(f'{{"id":"r{i}"}}\n{{"id":true}}\n' for i in range(1000)))
        done = execute(folder, f"/dbc_import database:shop table:users file:{folder / 'bad.jsonl'}")
        assert "Imported 1000 rows into `shop.users`, refused 1000." in done.stdout, done.stdout[:500]
        assert done.stdout.count('"reason"') == 20 and "… and 980 more lines" in done.stdout and len(done.stdout) < 8000, done.stdout[:3000]
        url = re.search(r"All of them: (\S+)", done.stdout).group(1)
        with urllib.request.urlopen(url) as whole:
            assert whole.read().count(b'"reason"') == 1000


@case
def roles_that_the_guild_does_not_have_get_no_access(folder):
    with serve(folder).ready():
        make_users(folder)
        shut_out = execute(folder, "/dbc_access database:shop level:read roles:99999")
        assert shut_out.returncode == 1 and "this server has no role with the id `99999`" in shut_out.stdout, shut_out.stdout
        guild = json.loads((folder / "guild" / "credentials.json").read_text())["guild_id"]
        everyone = execute(folder, f"/dbc_access database:shop level:read roles:{guild}")
        assert everyone.returncode == 1 and "is @everyone" in everyone.stdout, everyone.stdout
        assert "read: everybody" in succeed(folder, "/dbc_access database:shop")


@case
def an_import_into_a_database_that_is_not_there_says_so_and_nothing_else(folder):
    with serve(folder).ready():
        make_users(folder)
        (folder / "rows.jsonl").write_text('{"id":"a"}\n')
        done = run("import", "--local", folder / "guild", "--database", "shpo", "--table", "users", "--key", "id", folder / "rows.jsonl")
        only_sentence(done, "There is no database `shpo`", "Did you mean `shop`?")
        assert "❌" not in done.stderr and not done.stdout, done.stdout + done.stderr
        named = run("import", "--local", folder / "guild", "--database", "shop", "--table", "Bad", "--key", "id", folder / "rows.jsonl")
        only_sentence(named, 'table: `Bad` is not usable as a name')
        keyed = run("import", "--local", folder / "guild", "--database", "shop", "--table", "t", "--key", "$id", folder / "rows.jsonl")
        only_sentence(keyed, "--key: `$id` is not usable as a field")
        other = run("import", "--local", folder / "guild", "--database", "shop", "--table", "users", "--key", "email", folder / "rows.jsonl")
        only_sentence(other, "--key: `email` is not what tells the rows of `users` apart; its primary key is `id`. Give that, ")


@case
def exec_refuses_an_argument_longer_than_discord_takes(folder):
    with serve(folder).ready():
        make_users(folder)
        long = execute(folder, "/dbc_insert database:shop table:users value_json:" + json.dumps({"id": "a", "text": "x" * 7000}))
        only_sentence(long, "value_json: it has 70", "at most 6000", "give file: with its path")
        (folder / "row.json").write_text(json.dumps({"id": "a", "text": "x" * 7000}, indent=2))
        succeed(folder, f"/dbc_insert database:shop table:users file:{folder / 'row.json'}")
        (folder / "patch.json").write_text(json.dumps({"more": "y" * 50_000}))
        succeed(folder, f"/dbc_update database:shop table:users key:a file:{folder / 'patch.json'}")
        assert "1 row" in succeed(folder, '/dbc_find database:shop table:users where_json:{"more": {"$prefix": "yyyy"}, "text": {"$prefix": "xx"}} count:true')
        (folder / "row.json").write_text(json.dumps({"id": "a", "text": "z" * 7000}))
        succeed(folder, f"/dbc_edit database:shop table:users key:a file:{folder / 'row.json'}")
        assert "no row" in succeed(folder, '/dbc_find database:shop table:users where_json:{"more": {"$exists": true}} count:true').lower()


@case
def exec_json_prints_one_message_object_per_command(folder):
    with serve(folder).ready():
        done = run("exec", "--local", folder / "guild", "--json", "/dbc_init database:shop", "/dbc_nonsense", "/dbc_inspect")
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        assert done.returncode == 1 and len(lines) == 3, done.stdout
        assert "shop" in lines[0]["content"] and lines[0]["interaction_metadata"]["name"] == "dbc_init"
        assert "error" in lines[1]
        assert "```json" in lines[2]["content"]


@case
def exec_reads_commands_from_standard_input(folder):
    with serve(folder).ready():
        done = run("exec", "--local", folder / "guild", "-", stdin="\ufeff/dbc_init database:a\n\n # a comment\n/dbc_init database:b\n")
        assert done.returncode == 0 and "`a`" in done.stdout and "`b`" in done.stdout, done.stdout + done.stderr
        succeed(folder, "/dbc_table_create database:a table:t pk:id")
        commented = run("exec", "--local", folder / "guild", "-", stdin='/dbc_insert database:a table:t value_json:{"id": "x",\n\n# why\n"n": 1}\n')
        assert commented.returncode == 0 and "Inserted `x`" in commented.stdout, commented
        quoted = run("exec", "--local", folder / "guild", "-", stdin='/dbc_get database:a table:t key:"x\n# y"\n')
        assert quoted.returncode == 1 and "# y" in quoted.stdout, quoted


def transfer():
    """The README's transaction, as it stands there, and what it needs."""
    readme = (pathlib.Path(__file__).parents[2] / "README.md").read_text()
    return readme[readme.index("/dbc_txn database:bank"):].split("```")[0]


BANK = """/dbc_init database:bank
/dbc_table_create database:bank table:accounts pk:id
/dbc_insert database:bank table:accounts value_json:{"id": "ann", "balance": 100}
/dbc_insert database:bank table:accounts value_json:{"id": "bob",
                                                     "balance": 0}
"""


@case
def commands_over_several_lines_are_read_as_they_stand_in_the_readme(folder):
    with serve(folder).ready():
        for client, database in (("exec", "bank"), ("shell", "other")):
            script = (BANK + transfer() + "/dbc_get database:bank table:accounts key:ann\n").replace(":bank", f":{database}")
            done = run(client, "--local", folder / "guild", *(["-"] if client == "exec" else []), stdin=script)
            assert done.returncode == 0 and not done.stderr and {"id": "ann", "balance": 69.75} in rows_in(done.stdout), done.stdout + done.stderr
            open_end = run(client, "--local", folder / "guild", *(["-"] if client == "exec" else []),
                           stdin='/dbc_inspect\n/dbc_get database:shop table:"users\n/dbc_inspect\n')
            only_sentence(open_end, "the input ends within /dbc_get", "not sent")
            assert open_end.stdout.count("```json") <= 1, open_end.stdout


@case
def a_session_with_schema_index_verify_and_snapshot(folder):
    with serve(folder).ready():
        succeed(folder, "/dbc_init database:shop", "/dbc_table_create database:shop table:people pk:id",
                '/dbc_schema_set database:shop table:people schema_json:{"required":["id","mail"],"properties":{"id":"str","mail":"str","age":"int"}}',
                "/dbc_index_create database:shop table:people field:mail unique:true",
                '/dbc_insert database:shop table:people key:ann value_json:{"id":"ann","mail":"ann@example.org","age":31}',
                '/dbc_insert database:shop table:people value_json:{"id":"bob","mail":"bob@example.org","age":17}')
        twice = execute(folder, '/dbc_insert database:shop table:people value_json:{"id":"eve","mail":"ann@example.org"}')
        assert twice.returncode != 0 and "unique" in twice.stdout, twice
        unfit = execute(folder, '/dbc_update database:shop table:people key:bob patch_json:{"age":"old"}')
        assert unfit.returncode != 0 and "must be of type int" in unfit.stdout, unfit
        adults = succeed(folder, '/dbc_find database:shop table:people where_json:{"age":{"$gte":18}} fields:id')
        assert rows_in(adults) == [{"id": "ann"}], adults
        assert "unique index on mail" in succeed(
            folder, '/dbc_find database:shop table:people where_json:{"mail":"bob@example.org"} explain:true')
        assert "All is well" in succeed(folder, "/dbc_verify database:shop table:people")
        kept = re.search(r"snapshot:(\d+)", succeed(folder, "/dbc_snapshot database:shop table:people")).group(1)
        succeed(folder, "/dbc_delete database:shop table:people key:ann")
        succeed(folder, f"/dbc_restore database:shop snapshot:{kept} table:people-before")
        before = succeed(folder, "/dbc_find database:shop table:people-before where_json:{} sort:age desc")
        assert [row["id"] for row in rows_in(before)] == ["ann", "bob"], before


@case
def only_databases_as_declared_are_opened_and_columns_are_altered(folder):
    file = folder / "declared.json"
    declared = {"users": {"pk": "id", "indexes": [{"field": "mail", "unique": True}]}}
    with serve(folder).ready():
        succeed(folder, "/dbc_init database:shop")
    file.write_text(json.dumps({"databases": {"shop": {"tables": declared}}}))
    with serve(folder, "--descriptor", file).ready():
        closed = execute(folder, "/dbc_table_list database:shop")
        assert closed.returncode != 0 and "not as its descriptor declares: table users is missing" in closed.stdout, closed
    with serve(folder, "--descriptor", file, "--create-missing").ready():
        succeed(folder, '/dbc_insert database:shop table:users value_json:{"id":"ann","mail":"ann@example.org"}',
                '/dbc_insert database:shop table:users value_json:{"id":"bob","mail":"bob@example.org"}')
        told = succeed(folder, "/dbc_schema_alter database:shop table:users rename:mail to:contact.mail")
        assert "calls its field `mail` `contact.mail` now" in told, told
        found = succeed(folder, '/dbc_find database:shop table:users where_json:{"contact.mail":"bob@example.org"}')
        assert rows_in(found) == [{"id": "bob", "contact": {"mail": "bob@example.org"}}], found
    with serve(folder, "--descriptor", file).ready():
        closed = execute(folder, "/dbc_table_list database:shop")
        assert "table users has no index on mail; table users has an index on contact.mail that is not declared" in closed.stdout, closed
    file.write_text('{"databases": {"shop": {"tables": {"users": {}}}}}')
    only_sentence(run("serve", "--local", folder / "guild", "--listen", "127.0.0.1:0", "--descriptor", file), "databases.shop.tables.users.pk: it is missing")


@case
def a_table_is_dropped_with_its_name_typed_and_the_name_is_free(folder):
    with serve(folder).ready():
        make_users(folder)
        insert(folder, id="u_1")
        for json_too in ([], ["--json"]):
            asked = run("exec", "--local", folder / "guild", *json_too, "/dbc_drop database:shop table:users")
            assert "confirm:users" in asked.stdout and "1 row" in asked.stdout, asked.stdout
            only_sentence(asked, "nothing was done yet", "confirm:")
        wrong = execute(folder, "/dbc_drop database:shop table:users confirm:user")
        assert wrong.returncode == 1 and "confirm: `user`" in wrong.stdout, wrong.stdout
        assert get(folder, "u_1") == {"id": "u_1"}
        assert "Dropped" in succeed(folder, "/dbc_drop database:shop table:users confirm:users")
        assert execute(folder, "/dbc_get database:shop table:users key:u_1").returncode == 1
        succeed(folder, "/dbc_table_create database:shop table:users pk:id")
        insert(folder, id="u_2")
    with serve(folder).ready():
        assert rows_in(succeed(folder, "/dbc_find database:shop table:users where_json:{}")) == [{"id": "u_2"}]


@case
def an_edit_says_what_to_type_and_refuses_an_old_version(folder):
    with serve(folder).ready():
        make_users(folder)
        insert(folder, id="u_1", n=1)
        form = execute(folder, "/dbc_edit database:shop table:users key:u_1")
        assert form.returncode == 1 and "row_json" in form.stdout and '"n": 1' in form.stdout, form.stdout
        succeed(folder, '/dbc_edit database:shop table:users key:u_1 row_json:{"id":"u_1","n":2} expected_version:1')
        late = execute(folder, '/dbc_edit database:shop table:users key:u_1 row_json:{"id":"u_1","n":3} expected_version:1')
        assert late.returncode == 1 and "has version 2, not 1" in late.stdout, late.stdout
        assert get(folder, "u_1")["n"] == 2


@case
def the_doctor_finds_a_local_guild_healthy_and_leaves_nothing_there(folder):
    with serve(folder).ready():  # without rate limits
        done = run("doctor", "--local", folder / "guild")
        assert done.returncode == 0, done.stdout + done.stderr
        lines = done.stdout.splitlines()[1:]
        unlike = [line for line in lines if not line.startswith("ok ")]
        assert len(lines) > 10 and len(unlike) == 1 and unlike[0].startswith("warning  rate limits"), done.stdout
        again = run("doctor", "--local", folder / "guild")
        room = [next(line for line in d.stdout.splitlines() if " room " in line) for d in (done, again)]
        assert room[0] == room[1], room
    only_sentence(run("doctor", "--local", folder / "nowhere"), "no local guild")
    only_sentence(run("doctor", "--guild", "1"), "DISCORD_BOT_TOKEN")
    gone = run("doctor", "--local", folder / "guild")
    assert gone.returncode == 1 and "FAILED" in gone.stdout, gone.stdout + gone.stderr


@case
def the_bots_metrics_are_prometheus_text(folder):
    with serve(folder, "--metrics", "127.0.0.1:0").ready() as server:
        port = re.search(r"^metrics at http://127.0.0.1:(\d+)/metrics$", server.stdout(), re.M)[1]
        make_users(folder)
        insert(folder, id="u_1")
        text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE).read().decode()
        assert 'dbcord_rows{database="shop",table="users"} 1' in text, text
        assert 'dbcord_command_seconds_count{command="dbc_insert"} 1' in text, text
        only_sentence(run("serve", "--local", folder / "other", "--listen", "127.0.0.1:0", "--metrics", f"127.0.0.1:{port}"), "--metrics", str(port))
        only_sentence(run("serve", "--local", folder / "other", "--listen", "127.0.0.1:0", "--metrics", "bad"), "--metrics", "bad")
        assert not (folder / "other").exists()  # it is looked at before anything is made


@case
def a_large_row_comes_back_byte_for_byte_as_an_attachment(folder):
    with serve(folder).ready():
        make_users(folder)
        text = "".join(chr(32 + i % 90) for i in range(5000)) + "äöü😀"
        insert(folder, id="big", text=text)
        assert get(folder, "big")["text"] == text


@case
def an_import_replaces_rows_if_it_is_told_to(folder):
    with serve(folder).ready():
        make_users(folder)
        common = ("import", "--local", folder / "guild", "--database", "shop", "--table", "t", "--key", "id", "--chunk-rows", "2")
        rows = folder / "rows.jsonl"
        rows.write_text('{"id":"a","n":1}\n{"id":"b","n":1}\n{"id":"c","n":1}\n')
        assert run(*common, rows).returncode == 0
        rows.write_text('{"id":"a","n":2}\n{"id":"d","n":2}\n{"id":"a","n":3}\n')
        refused = run(*common, rows)
        assert refused.returncode == 1 and "refused 2" in refused.stdout, refused.stdout
        done = run(*common, "--mode", "upsert", rows)
        assert done.returncode == 0 and "Imported 3 of 3 rows" in done.stdout, done.stdout + done.stderr
        found = rows_in(succeed(folder, "/dbc_find database:shop table:t where_json:{}"))
        assert found == [{"id": "a", "n": 3}, {"id": "b", "n": 1}, {"id": "c", "n": 1}, {"id": "d", "n": 2}], found


@case
def import_tells_which_rows_were_refused_and_why(folder):
    with serve(folder).ready():
        succeed(folder, "/dbc_init database:shop")
        file = folder / "rows.jsonl"
        file.write_text('{"id":"a"}\n{"id":"b"\n\n{"id":"a"}\n{"x":1}\n{"id":"c"}\n')
        outcomes = folder / "outcomes.jsonl"
        done = run("import", "--local", folder / "guild", "--database", "shop", "--table", "t", "--key", "id",
                   "--chunk-rows", "2", "--outcomes", outcomes, file)
        assert done.returncode == 1 and "Imported 2 of 5 rows" in done.stdout, done.stdout + done.stderr
        for line in ("line 2", "line 4, key a", "line 5"):
            assert line in done.stdout, done.stdout
        told = [(o["line"], o["outcome"]) for o in map(json.loads, outcomes.read_text().splitlines())]
        assert told == [(1, "accepted"), (2, "refused"), (4, "refused"), (5, "refused"), (6, "accepted")], told
        assert {r["id"] for r in rows_in(succeed(folder, "/dbc_find database:shop table:t where_json:{}"))} == {"a", "c"}


@case
def csv_is_imported_in_parts_by_the_schema_and_an_export_comes_back_as_it_was(folder):
    with serve(folder).ready():
        succeed(folder, "/dbc_init database:shop", "/dbc_table_create database:shop table:t pk:id",
                '/dbc_schema_set database:shop table:t schema_json:{"properties":{"age":"int"}}')
        file, outcomes = folder / "rows.csv", folder / "outcomes.jsonl"
        common = ("import", "--local", folder / "guild", "--database", "shop", "--key", "id")
        file.write_bytes('\ufeffid,age,"address.city","te""xt"\r\na,1.0,"Zürich","x,\r\n""y"""\r\n\r\nb,old,,\r\n"3",,,"12"\r\nd,4,,007,\r\na,5,,\r\n"""[1]""",6,null,"{""k"": [1, null]}"'.encode())
        done = run(*common, "--table", "t", "--chunk-rows", "2", "--outcomes", outcomes, file)
        assert done.returncode == 1 and "Imported 3 of 6 rows" in done.stdout, done.stdout + done.stderr
        for line in ('line 5: the field age must be of type int, not "old"', "line 7: it has 5 cells, but the header names 4 fields", "line 8, key a"):
            assert line in done.stdout, done.stdout
        told = [(o["line"], o["outcome"]) for o in map(json.loads, outcomes.read_text().splitlines())]
        assert told == [(2, "accepted"), (5, "refused"), (6, "accepted"), (7, "refused"), (8, "refused"), (9, "accepted")], told
        rows = '/dbc_find database:shop table:{} where_json:{{}}'
        expected = [{"id": "3", 'te"xt': "12"}, {"id": "[1]", "age": 6, "address": {"city": None}, 'te"xt': {"k": [1, None]}},
                    {"id": "a", "age": 1.0, "address": {"city": "Zürich"}, 'te"xt': 'x,\r\n"y"'}]
        assert rows_in(succeed(folder, rows.format("t"))) == expected
        message = json.loads(execute(folder, "--json", "/dbc_export database:shop table:t format:csv").stdout)
        with urllib.request.urlopen(message["attachments"][0]["url"]) as exported:
            file.write_bytes(exported.read())
        done = run(*common, "--table", "again", file)
        assert done.returncode == 0 and "Imported 3 of 3 rows" in done.stdout, done.stdout + done.stderr
        assert rows_in(succeed(folder, rows.format("again"))) == expected
        for wrong, why in (("id,n\nb,\"1\n", "line 2, character 3"), ("id,n,id\n", "`id` twice"), ("n\n1\n", "no column `id`"), ("id;n\n", "comma"), ("", "empty")):
            file.write_text(wrong)
            only_sentence(run(*common, "--table", "never", file), str(file), why)
        assert "never" not in succeed(folder, "/dbc_table_list database:shop")


@case
def an_export_of_many_parts_comes_back_as_one_file(folder):
    with serve(folder).ready():
        make_users(folder)
        text = "x" * 900_000
        rows = [{"id": f"u {i:02}:`\"\u202e", "n": i, "text": text} for i in range(20)]  # three files of 8 MiB, and keys that are typed in quotes
        source = folder / "rows.jsonl"
        source.write_text("".join(json.dumps(row) + "\n" for row in rows))
        assert run("import", "--local", folder / "guild", "--database", "shop", "--table", "users", "--key", "id", source).returncode == 0
        common = ("export", "--local", folder / "guild", "--database", "shop", "--table", "users")
        done = run(*common, folder / "out.jsonl")
        assert done.returncode == 0 and "Exported 20 rows of shop.users" in done.stdout, done.stdout + done.stderr
        assert [json.loads(line) for line in (folder / "out.jsonl").read_text().splitlines()] == rows
        assert run(*common, "--format", "json", folder / "out.json").returncode == 0
        assert json.loads((folder / "out.json").read_text()) == rows
        few = run(*common, "--format", "csv", "--where", '{"n": {"$lt": 2}}', folder / "out.csv")
        assert few.returncode == 0 and "Exported 2 rows" in few.stdout, few.stdout + few.stderr
        csv.field_size_limit(1_000_000)
        with open(folder / "out.csv", newline="") as file:
            assert [int(row["n"]) for row in csv.DictReader(file)] == [0, 1]
        assert run(*common, "--format", "json", "--where", '{"n": -1}', folder / "none.json").returncode == 0
        assert json.loads((folder / "none.json").read_text()) == []
        only_sentence(run(*common, folder / "out.json"), "exists already")
        only_sentence(run(*common, "--where", "{", folder / "bad.json"), "where_json")
        assert not (folder / "bad.json").exists() and not (folder / "bad.json.unfinished").exists()


@case
def a_backup_comes_back_in_another_guild_and_a_damaged_one_is_refused(folder):
    file = folder / "shop.backup"
    here, there = folder / "here", folder / "there"
    for f in (here, there):
        f.mkdir()
    with serve(here).ready():
        make_users(here)
        succeed(here, "/dbc_table_create database:shop table:notes pk:n", "/dbc_index_create database:shop table:users field:mail unique:true channel:true",
                "/dbc_history_set database:shop table:users versions:3 days:2",
                '/dbc_schema_set database:shop table:users schema_json:{"required":["mail"]}')
        rows = folder / "rows.jsonl"
        rows.write_text("".join(f'{{"id":"u_{i}","mail":"m{i}","price":1.{i:03}0,"name":"Zoë"}}\n' for i in range(6000)))
        done = run("import", "--local", here / "guild", "--database", "shop", "--table", "users", "--key", "id", rows)
        assert done.returncode == 0, done.stdout + done.stderr
        succeed(here, '/dbc_insert database:shop table:notes value_json:{"n":12345678901234567890}')
        done = run("backup", "--local", here / "guild", "--database", "shop", file)
        assert done.returncode == 0 and "6,001 rows of 2 tables" in done.stdout and done.stderr == "", done.stdout + done.stderr
        only_sentence(run("backup", "--local", here / "guild", "--database", "shop", file), "exists already")
        only_sentence(run("backup", "--local", here / "guild", "--database", "nowhere", folder / "x"), "nowhere")
        only_sentence(run("restore", "--local", here / "guild", file), "shop", "exists already", "--database NEW")
        only_sentence(run("restore", "--local", here / "guild", "--database", "x", rows), "no usable backup", "dbcord backup has not made this file")
        assert not (folder / "x").exists() and not list(folder.glob("*.unfinished"))
        done = run("restore", "--local", here / "guild", "--database", "shop-2", file)
        assert done.returncode == 0 and "Restored shop-2 (6,001 rows of 2 tables" in done.stdout, done.stdout + done.stderr
        kept = re.search(r"snapshot:(\d+)", succeed(here, "/dbc_snapshot database:shop")).group(1)
        assert "6,001 rows of 2 tables" in succeed(here, f"/dbc_restore database:shop snapshot:{kept} as:shop-3")
        begun = succeed(here, "/dbc_init database:half restore:begin")
        half = re.search(r"commands for `(half#\w+)`", begun).group(1)
        succeed(here, f"/dbc_table_create database:{half} table:users pk:id")
        assert "`half`: being restored by" in succeed(here, "/dbc_database_list")
    with serve(here).ready():
        refused = execute(here, "/dbc_table_list database:half")
        assert refused.returncode == 1 and "its restore was interrupted" in refused.stdout, refused.stdout
        done = run("restore", "--local", here / "guild", "--database", "half", file)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "2 tables" in execute(here, "/dbc_database_drop database:half").stdout
        assert "Dropped" in succeed(here, "/dbc_database_drop database:half confirm:half")
        assert "half" not in succeed(here, "/dbc_database_list")
    with serve(there).ready():
        whole = file.read_bytes()
        for damaged in (whole[:-1], whole[: len(whole) // 2], whole + b"x", whole[:100] + bytes([whole[100] ^ 1]) + whole[101:], b""):
            (folder / "damaged").write_bytes(damaged)
            only_sentence(run("restore", "--local", there / "guild", folder / "damaged"), "no usable backup")
        assert "shop" not in succeed(there, "/dbc_database_list")
        only_sentence(run("restore", "--local", there / "guild", folder / "absent"), "absent")
        done = run("restore", "--local", there / "guild", file)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "The index `users.mail` is shown in" in succeed(there, "/dbc_inspect database:shop")
        exported = {}
        for where in ("users", "notes"):
            exported[where] = succeed(there, f"/dbc_find database:shop table:{where} where_json:{{}} limit:10000")
        assert '{"n":12345678901234567890}' in exported["notes"]
        assert exported["users"].splitlines()[-1] == '{"id":"u_999","mail":"m999","price":1.9990,"name":"Zoë"}', exported["users"][-300:]
        assert len(rows_in(exported["users"])) == 6000
        twice = execute(there, '/dbc_insert database:shop table:users value_json:{"id":"x","mail":"m7"}')
        assert "unique" in twice.stdout and twice.returncode == 1, twice.stdout
        again = folder / "again.backup"
        done = run("backup", "--local", there / "guild", "--database", "shop", "--keep-snapshot", again)
        assert done.returncode == 0, done.stdout + done.stderr
        lines = [subprocess.run(["zstd", "-dc", f], capture_output=True, check=True).stdout.splitlines()[1:-1] for f in (file, again)] if shutil.which("zstd") else ([], [])
        assert lines[0] == lines[1]


@case
def a_row_that_is_too_large_is_refused_by_its_line_and_the_others_go_on(folder):
    def imported(name, text):
        (folder / name).write_text(text)
        outcomes = folder / "outcomes"
        done = run("import", "--local", folder / "guild", "--database", "shop", "--table", "users", "--key", "id", "--outcomes", outcomes, folder / name)
        return done.stdout, [json.loads(line)["outcome"] for line in outcomes.read_text().splitlines()]

    mebibyte = 1024 * 1024
    with serve(folder).ready():
        make_users(folder)
        lines = [json.dumps({"id": f"j{i}", "text": "x" * size}) for i, size in enumerate((1, 9 * mebibyte, 2, 12 * mebibyte, 3))]
        out, outcomes = imported("rows.jsonl", "\n".join(lines) + "\n")
        assert "Imported 3 of 5 rows" in out and "refused 2." in out, out
        assert all(f"line {n}: the row has {len(lines[n - 1])} bytes; at most 8388608 are allowed" in out for n in (2, 4)), out
        assert outcomes == ["accepted", "refused", "accepted", "refused", "accepted"], outcomes
        out, outcomes = imported("rows.csv", "id,text\nc1,a\nc2," + "y" * 12 * mebibyte + "\nc3,b\n")
        assert "Imported 2 of 3 rows" in out and "line 3: the row has" in out and outcomes == ["accepted", "refused", "accepted"], out
        file = folder / "rows.jsonl"
        file.write_text("".join(json.dumps({"id": f"k{i}", "text": "x" * 1000}) + "\n" for i in range(14000)))
        refused = execute(folder, f"/dbc_import database:shop table:users file:{file}")
        assert refused.returncode == 1 and refused.stderr.rstrip().endswith("larger than Discord accepts; dbcord import takes files of any size"), refused.stderr


@case
def an_export_to_standard_output_is_the_rows_alone(folder):
    with serve(folder).ready():
        make_users(folder)
        insert(folder, id="u_1", role="student")
        done = run("export", "--local", folder / "guild", "--database", "shop", "--table", "users", "-", cwd=folder)
        assert done.returncode == 0 and done.stdout == '{"id":"u_1","role":"student"}\n' and done.stderr == "Exported 1 row of shop.users.\n", done.stdout + done.stderr
        assert not (folder / "-").exists()
        only_sentence(run("backup", "--local", folder / "guild", "--database", "shop", "-", cwd=folder), "standard output", "name a file")
        assert not (folder / "-").exists() and not list(folder.glob("*.unfinished"))


@case
def import_into_an_unknown_database_or_of_no_json_says_so(folder):
    with serve(folder).ready():
        file = folder / "rows.json"
        file.write_text('[{"id":"a"}]')
        common = ("import", "--local", folder / "guild", "--table", "t", "--key", "id")
        done = run(*common, "--database", "nowhere", file)
        assert done.returncode == 1 and "no database `nowhere`" in done.stderr, done.stdout + done.stderr
        file.write_text('{"rows": [{"id":"a"},]}')
        only_sentence(run(*common, "--database", "nowhere", "--at", "rows", file), str(file))
        only_sentence(run(*common, "--database", "nowhere", folder / "absent.json"), "absent.json")


@case
def an_acknowledged_row_survives_kill_9_and_a_deleted_one_stays_deleted(folder):
    with serve(folder).ready() as server:
        make_users(folder)
        for i in range(20):
            insert(folder, id=f"u_{i}", n=i)
        succeed(folder, '/dbc_update database:shop table:users key:u_3 patch_json:{"n": 300}',
                "/dbc_delete database:shop table:users key:u_4")
        server.stop(signal.SIGKILL)
    with serve(folder).ready():
        rows = rows_in(succeed(folder, "/dbc_find database:shop table:users where_json:{} limit:100"))
        assert {r["id"]: r["n"] for r in rows} == {f"u_{i}": 300 if i == 3 else i for i in range(20) if i != 4}


@case
def a_signal_ends_it_in_order_with_status_0(folder):
    for how in (signal.SIGTERM, signal.SIGINT):
        with serve(folder).ready() as server:
            assert server.stop(how) == 0, server.stderr()
            log = server.stderr()
            assert "event=stopping" in log and "level=error" not in log, log


@case
def a_second_signal_ends_it_at_once(folder):
    port = free_port()
    with socket.socket() as mute:  # accepts connections and says nothing: the start hangs in its first request
        mute.bind(("127.0.0.1", port))
        mute.listen()
        environment = {"DISCORD_API_URL": f"http://127.0.0.1:{port}/api/v10", "DISCORD_BOT_TOKEN": "aaaa.bbbb.cccc",
                       "DBCORD_GUILD_ID": "1400000000000000001"}
        with Server(folder, "serve", environment=environment) as server:
            held = mute.accept()
            server.process.send_signal(signal.SIGTERM)
            wait_until(lambda: "event=stopping" in server.stderr(), "the first signal")
            begun = time.monotonic()
            assert server.stop() == 128 + signal.SIGTERM, server.process.returncode
            assert time.monotonic() - begun < 5
            held[0].close()


@case
def an_api_that_hangs_does_not_hold_up_the_end(folder):
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        environment = {"DISCORD_API_URL": f"http://127.0.0.1:{mute.getsockname()[1]}/api/v10",
                       "DISCORD_BOT_TOKEN": "aaaa.bbbb.cccc", "DBCORD_GUILD_ID": "1400000000000000001"}
        with Server(folder, "serve", environment=environment) as server:
            held = [mute.accept()]
            wait_until(lambda: "does not answer" in server.stderr(), "a word about it")
            held.append(mute.accept())  # the second attempt waits longer than the end may take
            begun = time.monotonic()
            assert server.stop() == 0, server.stderr()
            assert time.monotonic() - begun < 20
            del held


@case
def no_token_gets_into_the_log(folder):
    with serve(folder, "--log-level", "debug").ready() as server:
        make_users(folder)
        insert(folder, id="u_1")
        assert server.stop() == 0
        log = server.stderr()
        secret = credentials(folder)
        assert "event=command" in log
        for token in (secret["bot_token"], secret["owner_token"], "aW50ZXJhY3Rpb246"):
            assert token not in log
    assert (folder / "guild" / "credentials.json").stat().st_mode & 0o077 == 0


@case
def a_directory_in_use_and_a_port_in_use_are_refused(folder):
    with serve(folder).ready():
        only_sentence(run("serve", "--local", folder / "guild", "--listen", "127.0.0.1:0"), "in use", "guild")
        port = credentials(folder)["api_url"].split(":")[2].split("/")[0]
        only_sentence(run("serve", "--local", folder / "other", "--listen", f"127.0.0.1:{port}"), "in use", port)
        only_sentence(run("guild", "--data", folder / "other", "--listen", "nonsense"), "--listen", "nonsense")


def log_files(folder):
    credentials_file = folder / "guild" / "credentials.json"
    files = [f for f in (folder / "guild").rglob("*") if f.is_file() and f != credentials_file]
    return sorted((f for f in files if f.suffix == ".log" or "log" in f.name), key=lambda f: f.stat().st_size)


@case
def a_torn_tail_is_cut_with_a_warning_and_damage_in_the_middle_is_refused_with_its_offset(folder):
    with serve(folder).ready() as server:
        make_users(folder)
        for i in range(5):
            insert(folder, id=f"u_{i}")
        server.stop()
    log = log_files(folder)[-1]
    whole = log.read_bytes()
    log.write_bytes(whole + b"\x17\x00\x00\x00torn")
    with serve(folder).ready() as server:
        assert "level=warning" in server.stderr(), server.stderr()
        assert get(folder, "u_4")["id"] == "u_4"
        server.stop()
    damaged = bytearray(log.read_bytes())
    damaged[len(whole) // 3] ^= 0xFF
    log.write_bytes(damaged)
    refused = run("serve", "--local", folder / "guild", "--listen", "127.0.0.1:0")
    only_sentence(refused, log.name)
    assert re.search(r"\b(offset|byte)\b.*\d", refused.stderr), refused.stderr


def remote_environment(folder):
    secret = credentials(folder)
    return {"DISCORD_API_URL": secret["api_url"], "DISCORD_BOT_TOKEN": secret["bot_token"], "DBCORD_GUILD_ID": secret["guild_id"]}


def two_folders(folder):
    for name in ("g", "b"):
        (folder / name).mkdir()
    return folder / "g", folder / "b"


def guild_only(folder, port):
    return Server(folder, "guild", "--data", folder / "guild", "--listen", f"127.0.0.1:{port}", "--limits", "none")


@case
def guild_and_bot_run_as_two_processes(folder):
    g, b = two_folders(folder)
    with guild_only(g, free_port()).ready() as guild, Server(b, "serve", environment=remote_environment(g)).ready() as bot:
        make_users(g)
        insert(g, id="u_1")
        assert bot.stop() == 0
        failed = execute(g, "/dbc_get database:shop table:users key:u_1")
        assert failed.returncode == 1 and "did not answer" in failed.stderr, failed.stderr
        with Server(b, "serve", environment=remote_environment(g)).ready():
            assert get(g, "u_1") == {"id": "u_1"}
        assert guild.stop() == 0


@case
def a_second_bot_is_refused_unless_it_is_told_to_take_over(folder):
    g, b = two_folders(folder)
    (folder / "second").mkdir()
    with guild_only(g, free_port()).ready():
        environment = remote_environment(g) | {"DBCORD_LEASE": "7"}
        with Server(b, "serve", environment=environment).ready() as first:
            make_users(g)
            insert(g, id="u_1")
            only_sentence(run("serve", environment=environment), "is in use", "--take-over")
            assert get(g, "u_1") == {"id": "u_1"}
            with Server(folder / "second", "serve", "--take-over", environment=environment).ready():
                assert first.wait() == 1
                assert "another dbcord process has taken this database over" in first.stderr(), first.stderr()
                insert(g, id="u_2")
                assert get(g, "u_1") == {"id": "u_1"}


@case
def a_guild_that_is_not_there_at_start_is_waited_for_and_said_once(folder):
    g, b = two_folders(folder)
    port = free_port()
    with guild_only(g, port).ready() as guild:
        environment = remote_environment(g)
        guild.stop()
    with Server(b, "serve", environment=environment) as bot:
        wait_until(lambda: "does not answer" in bot.stderr(), "a word that the guild does not answer")
        time.sleep(3)
        assert bot.process.poll() is None
        assert bot.stderr().count("does not answer") == 1, bot.stderr()
        with guild_only(g, port).ready():
            bot.ready()
            make_users(g)


class ClocklessProxy(http.server.ThreadingHTTPServer):
    """Hands a guild's API on; while `dated` is false no answer says what time it is."""

    def __init__(self, api_url):
        self.upstream = api_url
        self.dated = False
        super().__init__(("127.0.0.1", 0), ClocklessProxy.Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def hand_on(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked = urllib.request.Request(self.server.upstream + self.path, data=body or None, method=self.command)
            for name, value in self.headers.items():
                if name.lower() not in ("host", "connection", "content-length", "accept-encoding"):
                    asked.add_header(name, value)
            try:
                answer = urllib.request.urlopen(asked, timeout=PATIENCE)
            except urllib.error.HTTPError as refused:
                answer = refused
            content = answer.read()
            self.send_response_only(answer.status)
            for name, value in answer.headers.items():
                if name.lower() not in ("connection", "transfer-encoding", "content-length") and (self.server.dated or name.lower() != "date"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = hand_on

        def log_message(self, *_):
            pass


@case
def a_start_that_no_answer_tells_the_time_says_what_it_waits_for(folder):
    g, b = two_folders(folder)
    with guild_only(g, free_port()).ready():
        environment = remote_environment(g)
        with Server(b, "serve", environment=environment).ready() as bot:
            make_users(g)
            assert bot.stop() == 0
        with ClocklessProxy(environment["DISCORD_API_URL"]) as proxy:
            with Server(b, "serve", environment=environment | {"DISCORD_API_URL": proxy.url()}) as bot:
                wait_until(lambda: "waiting for an answer of " in bot.stdout(), "a word of what is waited for")
                assert "says what time it is" in bot.stdout() and "level=warning" in bot.stderr(), bot.stdout() + bot.stderr()
                assert "ready" not in bot.stdout(), bot.stdout()
                proxy.dated = True
                wait_until(lambda: "\nready" in bot.stdout(), "ready")
            proxy.shutdown()


@case
def a_guild_that_restarts_is_found_again(folder):
    g, b = two_folders(folder)
    port = free_port()
    with guild_only(g, port).ready() as guild:
        environment = remote_environment(g)
        with Server(b, "serve", environment=environment).ready():
            make_users(g)
            guild.stop(signal.SIGKILL)
            with guild_only(g, port).ready():
                def works():
                    return execute(g, "/dbc_insert database:shop table:users value_json:{\"id\":\"again\"}").returncode == 0
                wait_until(works, "the bot to be back")
                assert get(g, "again")["id"] == "again"


@case
def a_wrong_token_ends_it_with_one_sentence_and_no_retries(folder):
    with serve(folder).ready():
        environment = remote_environment(folder) | {"DISCORD_BOT_TOKEN": "MTQw.wrong.token"}
        begun = time.monotonic()
        done = run("serve", environment=environment)
        assert time.monotonic() - begun < 10
        only_sentence(done, "token", "DISCORD_BOT_TOKEN")
        assert "MTQw.wrong.token" not in done.stderr


@case
def missing_settings_are_named(folder):
    only_sentence(run("serve", cwd=folder), "DISCORD_BOT_TOKEN")
    only_sentence(run("serve", cwd=folder, environment={"DISCORD_BOT_TOKEN": "a.b.c"}), "DBCORD_GUILD_ID")
    only_sentence(run("serve", "--api-url", "discord.com", cwd=folder, environment={"DISCORD_BOT_TOKEN": "a.b.c", "DBCORD_GUILD_ID": "1"}), "https://")


@case
def dot_env_is_read_and_the_environment_wins(folder):
    with serve(folder).ready():
        secret = credentials(folder)
        (folder / ".env").write_text(f"DISCORD_BOT_TOKEN='{secret['bot_token']}'\nDBCORD_GUILD_ID=nonsense\n")
        only_sentence(run("serve", "--api-url", secret["api_url"], cwd=folder), "DBCORD_GUILD_ID")
        done = run("serve", "--api-url", secret["api_url"], cwd=folder, environment={"DISCORD_BOT_TOKEN": "not.the.one",
                   "DBCORD_GUILD_ID": secret["guild_id"]})
        only_sentence(done, "token")


@case
def a_misspelt_setting_in_dot_env_is_told_with_the_right_one(folder):
    (folder / ".env").write_text("DBCORD_GILD_ID=1\n")
    done = run("serve", cwd=folder, environment={"DISCORD_BOT_TOKEN": "a.b.c"})
    assert done.returncode == 1, done.stderr
    assert "dbcord: .env: DBCORD_GILD_ID is no setting of dbcord and is ignored; did you mean DBCORD_GUILD_ID?" in done.stderr, done.stderr
    only_sentence(run("exec", "--url", "http://127.0.0.1:1", "/dbc_inspect", cwd=folder.parent, environment={"DBCORD_USER_TOKEN": "x", "DBCORD_APPLICATION_ID": "no"}), "DBCORD_APPLICATION_ID")


@case
def a_client_without_a_guild_says_what_to_start(folder):
    only_sentence(execute(folder, "/dbc_inspect"), "dbcord serve --local")
    with serve(folder).ready() as server:
        server.stop(signal.SIGKILL)
    only_sentence(execute(folder, "/dbc_inspect"), "dbcord serve --local")


@case
def a_client_finds_the_guild_by_url_and_token(folder):
    with serve(folder).ready():
        secret = credentials(folder)
        done = run("exec", "--url", secret["api_url"], "/dbc_init database:shop",
                   environment={"DBCORD_USER_TOKEN": secret["owner_token"], "DBCORD_LOCAL": str(folder / "elsewhere")})
        assert done.returncode == 0 and "shop" in done.stdout, done.stdout + done.stderr
        only_sentence(run("exec", "--url", secret["api_url"], "/dbc_inspect"), "DBCORD_USER_TOKEN")


@case
def rows_are_messages_that_anybody_can_read(folder):
    with serve(folder).ready():
        make_users(folder)
        insert(folder, id="u_1", role="student")
        secret = credentials(folder)

        def get_json(path):
            request = urllib.request.Request(secret["api_url"] + path, headers={"Authorization": secret["owner_token"]})
            return json.load(urllib.request.urlopen(request, timeout=PATIENCE))

        channels = get_json(f"/guilds/{secret['guild_id']}/channels")
        table = next(c for c in channels if "users" in c["name"])
        messages = wait_until(lambda: get_json(f"/channels/{table['id']}/messages"), "the row's message")
        assert '"role":"student"' in messages[0]["content"], messages[0]["content"]


@case
def a_transfer_is_one_transaction_and_its_rows_keep_their_history(folder):
    with serve(folder).ready() as server:
        make_users(folder)
        steps = [{"op": "insert", "table": "users", "value": {"id": name, "balance": 100}} for name in ("ann", "bob")]
        succeed(folder, "/dbc_txn database:shop operations_json:" + json.dumps(steps))
        transfer = json.dumps([
            {"op": "update", "table": "users", "key": "ann", "add": {"balance": -60.5}, "where": {"balance": {"$gte": 60.5}}},
            {"op": "update", "table": "users", "key": "bob", "add": {"balance": 60.5}}])
        assert "2 steps in one transaction" in succeed(folder, "/dbc_txn database:shop operations_json:" + transfer)
        again = execute(folder, "/dbc_txn database:shop operations_json:" + transfer)
        assert again.returncode == 1 and "Step 1: row \"ann\"" in again.stdout and "nothing was changed" in again.stdout, again.stdout
        server.process.kill()
    with serve(folder).ready():
        assert get(folder, "ann")["balance"] == 39.5 and get(folder, "bob")["balance"] == 160.5
        history = succeed(folder, "/dbc_history database:shop table:users key:ann")
        assert [row["balance"] for row in rows_in(history)] == [39.5, 100] and "with `/dbc_txn`" in history, history
        first = re.search(r"version 1, (\S+), LSN (\d+)", history)
        for moment in first.groups():
            assert rows_in(succeed(folder, f"/dbc_get database:shop table:users key:ann as_of:{moment}"))[0]["balance"] == 100


@case
def a_row_whose_message_a_person_deletes_is_written_again(folder):
    with serve(folder).ready():
        make_users(folder)
        insert(folder, id="u_1", role="student")
        secret = credentials(folder)

        def message():
            shown = succeed(folder, "/dbc_get database:shop table:users key:u_1")
            return re.search(r"channels/\d+/(\d+)/(\d+)", shown).groups()

        table = rows_in(succeed(folder, "/dbc_inspect database:shop"))[0]["channel"]
        channel, deleted = wait_until(lambda: message() if message()[0] == table else None, "the row's own message")
        request = urllib.request.Request(f"{secret['api_url']}/channels/{channel}/messages/{deleted}", method="DELETE",
                                         headers={"Authorization": secret["owner_token"]})
        assert urllib.request.urlopen(request, timeout=PATIENCE).status == 204
        wait_until(lambda: message()[0] == channel and message()[1] != deleted, "another message of the row")
        assert get(folder, "u_1")["role"] == "student"
        assert "All is well" in succeed(folder, "/dbc_verify database:shop table:users")


class Terminal:
    """dbcord shell on a pseudo terminal."""

    def __init__(self, folder):
        pid, self.fd = pty.fork()
        if pid == 0:
            os.environ.update(clean_environment() | {"TERM": "xterm", "LC_ALL": "C", "XDG_STATE_HOME": str(folder / "state")})
            os.execv(DBCORD, [DBCORD, "shell", "--local", str(folder / "guild")])
        self.pid = pid
        self.seen = ""
        self.expect("dbcord> ")

    def send(self, text):
        os.write(self.fd, text.encode())

    def read(self):
        while select.select([self.fd], [], [], 0.05)[0]:
            try:
                chunk = os.read(self.fd, 65536)
            except OSError:
                return
            if not chunk:
                return
            self.seen += chunk.decode(errors="replace")

    def expect(self, text):
        def there():
            self.read()
            return text in self.seen
        try:
            wait_until(there, text)
        except AssertionError as e:
            raise AssertionError(f"{e}; seen: {self.seen!r}") from None
        self.seen = self.seen.split(text, 1)[1]

    def become_wide(self, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def suspend_and_go_on(self):
        """As Ctrl-Z and `fg` do: meanwhile another program had the terminal."""
        os.kill(self.pid, signal.SIGSTOP)
        mode = termios.tcgetattr(self.fd)
        mode[3] |= termios.ICANON | termios.ECHO
        termios.tcsetattr(self.fd, termios.TCSANOW, mode)
        os.kill(self.pid, signal.SIGCONT)

    def leave(self):
        self.send("\x04")
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@case
def the_shell_completes_commands_arguments_and_names_and_keeps_history(folder):
    with serve(folder).ready():
        make_users(folder)
        insert(folder, id="u_1")
        t = Terminal(folder)
        t.send("/dbc_ge\tda\tsh\tta\tus\tke\tu\t\n")
        t.expect("`u_1` in `shop.users`, version 1")
        t.expect('{"id":"u_1"}')
        t.expect("dbcord> ")
        t.send("nonsense\x03")  # Ctrl-C drops the line, not the shell
        t.expect("dbcord> ")
        t.send("\x1b[A\n")  # arrow up: the last command again
        t.expect('{"id":"u_1"}')
        t.expect("dbcord> ")
        assert t.leave() == 0


@case
def the_shell_on_a_terminal_takes_every_character_and_completes_any_key(folder):
    """Without a locale, as in a container."""
    with serve(folder).ready():
        make_users(folder)
        t = Terminal(folder)
        t.send('/dbc_insert database:shop table:users value_json:{"id":"Zoë","name":"André 日本 😀"}\n')
        t.expect("Inserted")
        t.expect("dbcord> ")
        assert get(folder, "Zoë") == {"id": "Zoë", "name": "André 日本 😀"}
        for key in ('q', '"q"', "aa table:t", "bb ", "Zo"):
            insert(folder, id=key)
        for typed, key in (('"\\"', '"q"'), ("a", "aa table:t"), ("b", "bb "), ("Zoë", "Zoë")):
            t.send(f"/dbc_delete database:shop table:users key:{typed}\t")
            t.send("\n")
            t.expect("Deleted")
            t.expect("dbcord> ")
            gone = execute(folder, f"/dbc_get database:shop table:users key:{json.dumps(key, ensure_ascii=False)}")
            assert "has no row" in gone.stdout, (key, gone)
        for key in ("q", "Zo"):
            assert get(folder, key) == {"id": key}
        assert t.leave() == 0


@case
def the_shell_explains_a_command_and_its_arguments(folder):
    with serve(folder).ready():
        t = Terminal(folder)
        for line in ("help dbc_find", "help /dbc_find", "/dbc_find help", "? dbc_find", "dbc_find --help"):
            t.send(line + "\n")
            t.expect("/dbc_find database:")
            t.expect("Show the rows that match.")
            t.expect("where_json: ")
            t.expect("sort: ")
            t.expect("dbcord> ")
        t.send("help dbc_fin\n")
        t.expect("there is no command /dbc_fin to explain; `help` lists all")
        t.expect("dbcord> ")
        t.send("help\n")
        t.expect("/dbc_verify")
        t.expect("dbcord> ")
        assert t.leave() == 0


@case
def shells_at_once_keep_each_others_history(folder):
    with serve(folder).ready():
        one, other = Terminal(folder), Terminal(folder)
        for t, database in ((one, "first"), (other, "second")):
            t.send(f"/dbc_init database:{database}\n")
            t.expect(f"`{database}`")
            t.expect("dbcord> ")
            assert t.leave() == 0
        t = Terminal(folder)
        t.send("\x1b[A")
        t.expect("database:second")
        t.send("\x1b[A")
        t.expect("first")
        t.send("\x03")
        t.expect("dbcord> ")
        assert t.leave() == 0


@case
def a_database_that_is_restored_says_whose_roles_it_has(folder):
    with serve(folder).ready():
        make_users(folder)
        snapshot = re.search(r"snapshot:(\d+)", succeed(folder, "/dbc_snapshot database:shop")).group(1)
        assert "may read" not in succeed(folder, f"/dbc_restore database:shop snapshot:{snapshot} as:same")
        role = call(folder, "POST", f"/guilds/{credentials(folder)['guild_id']}/roles", {"name": "Editors"})[1]["id"]
        succeed(folder, f"/dbc_access database:shop level:read roles:{role}")
        assert "as the snapshot says" in succeed(folder, f"/dbc_restore database:shop snapshot:{snapshot} as:older")


@case
def the_shell_draws_its_line_again_behind_ctrl_z_and_in_another_size(folder):
    with serve(folder).ready():
        make_users(folder)
        insert(folder, id="u_1")
        t = Terminal(folder)
        t.send("/dbc_get da")
        t.expect("/dbc_get da")
        t.suspend_and_go_on()
        t.expect("dbcord> /dbc_get da")
        t.send("\tsh\tta\tus\t")
        t.expect("ers ")
        t.become_wide(60)
        t.expect("dbcord> /dbc_get database:shop table:users ")
        t.send("key:u_1\n")
        t.expect('{"id":"u_1"}')
        t.expect("dbcord> ")
        t.become_wide(70)
        t.expect("dbcord> ")
        assert t.leave() == 0


@case
def the_shell_reads_a_script_and_fails_if_a_command_failed(folder):
    with serve(folder).ready():
        good = run("shell", "--local", folder / "guild", stdin="/dbc_init database:shop\nhelp\n")
        assert good.returncode == 0 and "/dbc_find" in good.stdout, good.stdout + good.stderr
        assert run("shell", "--local", folder / "guild", stdin="/dbc_init database:shop\n").returncode == 1


def call(folder, method, path, body=None, who="bot"):
    """(status, JSON) of a request to the guild's API, or to /dbcord/…"""
    secret = credentials(folder)
    base = secret["api_url"] if not path.startswith("/dbcord/") else secret["api_url"].rsplit("/api/", 1)[0]
    token = "Bot " + secret["bot_token"] if who == "bot" else secret["owner_token"]
    request = urllib.request.Request(base + path, method=method, data=None if body is None else json.dumps(body).encode(), headers={
        "Authorization": token, "Content-Type": "application/json", "User-Agent": "DiscordBot (end-to-end, 1)"})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as e:
        text = e.read()
        return e.code, json.loads(text) if text.startswith(b"{") else text.decode()


def messages_path(folder):
    return f"/channels/{credentials(folder)['channel_id']}/messages"


def guild_with(folder, *more):
    return Server(folder, "guild", "--data", folder / "guild", "--listen", "127.0.0.1:0", "--limits", "none", *more)


@case
def guild_check_tells_what_a_healthy_directory_holds_and_changes_nothing(folder):
    with guild_with(folder).ready() as guild:
        for i in range(3):
            assert call(folder, "POST", messages_path(folder), {"content": f"message {i}"})[0] == 200
        in_use = run("guild", "--check", folder / "guild")
        only_sentence(in_use, "in use", "stop the guild first")
        guild.stop()
    before = {f: f.read_bytes() for f in (folder / "guild").rglob("*") if f.is_file()}
    done = run("guild", "--check", folder / "guild")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 messages" in done.stdout and "log-000001.dbl" in done.stdout, done.stdout
    assert {f: f.read_bytes() for f in (folder / "guild").rglob("*") if f.is_file()} == before
    only_sentence(run("guild", "--check", folder / "nowhere"), "nowhere")


@case
def guild_check_names_file_and_offset_of_damage_and_ends_with_status_1(folder):
    with guild_with(folder).ready() as guild:
        for i in range(3):
            assert call(folder, "POST", messages_path(folder), {"content": f"message {i}"})[0] == 200
        guild.stop()
    log = folder / "guild" / "log-000001.dbl"
    damaged = bytearray(log.read_bytes())
    at = damaged.index(b"message 1")
    damaged[at] ^= 0xFF
    log.write_bytes(damaged)
    done = run("guild", "--check", folder / "guild")
    assert done.returncode == 1, done.stdout + done.stderr
    named = re.search(r"log-000001\.dbl is damaged at offset (\d+)", done.stdout + done.stderr)
    assert named and at - 400 < int(named[1]) <= at, done.stdout + done.stderr
    assert log.read_bytes() == damaged


@case
def a_killed_guild_has_kept_everything_with_every_fsync_mode(folder):
    for mode in ("always", "interval", "never"):
        place = folder / mode
        place.mkdir()
        with guild_with(place, "--fsync", mode).ready() as guild:
            ids = [call(place, "POST", messages_path(place), {"content": f"m{i}"})[1]["id"] for i in range(20)]
            guild.stop(signal.SIGKILL)
        with guild_with(place, "--fsync", mode).ready() as guild:
            status, found = call(place, "GET", messages_path(place) + "?limit=100")
            assert status == 200 and [m["id"] for m in reversed(found)] == ids, (mode, found)
            assert guild.stop() == 0
        assert run("guild", "--check", place / "guild").returncode == 0, mode
    only_sentence_of_arguments = run("guild", "--data", folder / "x", "--fsync", "sometimes")
    assert only_sentence_of_arguments.returncode != 0 and "--fsync" in only_sentence_of_arguments.stderr


@case
def a_fault_plan_from_a_file_is_in_force_and_what_it_cannot_mean_is_refused(folder):
    plan = folder / "faults.json"
    plan.write_text('{"error_before": 1, "at_most": 2, "only": ["POST /channels/{}/messages"]}')
    with guild_with(folder, "--faults", plan).ready() as guild:
        statuses = [call(folder, "POST", messages_path(folder), {"content": "x"})[0] for _ in range(3)]
        assert statuses[0] >= 500 and statuses[1] >= 500 and statuses[2] == 200, statuses
        status, shown = call(folder, "GET", "/dbcord/faults", who="owner")
        assert status == 200 and shown["counters"] == {"error_before": 2}, shown
        assert call(folder, "GET", "/dbcord/faults")[0] == 401
        status, refused = call(folder, "POST", "/dbcord/faults", {"only": ["POST /channel/{}/messages"]}, who="owner")
        assert status == 400 and "POST /channel/{}/messages" in refused["message"], refused
        status, shown = call(folder, "POST", "/dbcord/faults", {"search_lost": 1, "search_lag_ms": 5}, who="owner")
        assert status == 200 and shown["plan"]["search_lost"] == 1 and shown["plan"]["search_lag_ms"] == 5, shown
        guild.stop()
    for text, word in (('{"reply_loss": 1}', "reply_loss"), ('{"only": ["GET /nowhere"]}', "GET /nowhere"), ("{", "JSON")):
        plan.write_text(text)
        only_sentence(run("guild", "--data", folder / "guild", "--listen", "127.0.0.1:0", "--faults", plan), "faults.json", word)


@case
def a_deleted_record_of_the_log_is_told_and_an_accepted_loss_goes_on(folder):
    with serve(folder).ready() as server:
        make_users(folder)
        for name in ("a", "b", "c"):
            insert(folder, id=name)
        table = rows_in(succeed(folder, "/dbc_inspect database:shop"))[0]["channel"]
        in_messages = lambda: call(folder, "GET", f"/channels/{table}/messages")[1]
        wait_until(lambda: any('"id":"b"' in m["content"] for m in in_messages()), "row b has a message, where it outlives its record")
        log = rows_in(succeed(folder, "/dbc_inspect"))[0]["log_channel"]
        _, records = call(folder, "GET", f"/channels/{log}/messages?limit=100")
        of_b = next(m["id"] for m in records if '"put":"b"' in m["content"])
        assert call(folder, "DELETE", f"/channels/{log}/messages/{of_b}", who="owner")[0] == 204
        server.stop(signal.SIGKILL)
    with serve(folder).ready() as server:
        shown = rows_in(succeed(folder, "/dbc_inspect"))[0]["state"]
        assert "read-only" in shown and "is gone" in shown and "--accept-loss shop" in shown, shown
        assert get(folder, "a")["id"] == "a"
        assert "Part of this database's log is lost" in succeed(folder, "/dbc_get database:shop table:users key:b")
        refused = execute(folder, '/dbc_insert database:shop table:users value_json:{"id":"d"}')
        assert refused.returncode == 1 and "is gone" in refused.stdout + refused.stderr, refused
        assert server.stop() == 0
    with serve(folder, "--accept-loss", "shop").ready() as server:
        assert "is gone" in succeed(folder, "/dbc_inspect database:shop")
        insert(folder, id="d")
        assert server.stop(signal.SIGKILL) != 0
    with serve(folder).ready() as server:
        assert rows_in(succeed(folder, "/dbc_inspect"))[0]["state"] == "open"
        found = [r["id"] for r in rows_in(succeed(folder, "/dbc_find database:shop table:users where_json:{}"))]
        assert found == ["a", "b", "c", "d"], found
        assert server.stop() == 0


@case
def a_purged_row_is_nowhere_and_a_vacuum_says_what_it_removed(folder):
    with serve(folder).ready() as server:
        make_users(folder)
        insert(folder, id="keep")
        insert(folder, id="gone", secret="tangerine")
        opened = succeed(folder, "/dbc_history database:shop table:users key:gone thread:true")
        thread = re.search(r"<#(\d+)>, a new thread with 1 version", opened).group(1)
        shown = call(folder, "GET", f"/channels/{thread}/messages")[1]
        assert "tangerine" in shown[0]["content"] and "with `/dbc_insert`" in shown[0]["content"], shown
        assert "all of them already" in succeed(folder, "/dbc_history database:shop table:users key:gone thread:true")
        succeed(folder, "/dbc_history_set database:shop table:users versions:10 days:3 history:thread")
        assert "have threads" in succeed(folder, "/dbc_inspect database:shop")
        succeed(folder, '/dbc_update database:shop table:users key:gone patch_json:{"n":2}')
        wait_until(lambda: len(call(folder, "GET", f"/channels/{thread}/messages")[1]) == 2, "the thread follows")
        asked = execute(folder, "/dbc_purge database:shop table:users key:gone").stdout
        assert "Erase row" in asked and "cannot be undone" in asked, asked
        told = succeed(folder, "/dbc_purge database:shop table:users key:gone confirm:gone")
        assert "Erased row" in told and "thread: 1 thread deleted" in told and "not yet" not in told, told
        assert call(folder, "GET", f"/channels/{thread}")[0] == 404
        guild = credentials(folder)["guild_id"]
        for channel in call(folder, "GET", f"/guilds/{guild}/channels")[1]:
            if channel["type"] == 0 and channel["name"].startswith(("dbc-", "table-")):
                text = json.dumps(call(folder, "GET", f"/channels/{channel['id']}/messages?limit=100")[1])
                assert "tangerine" not in text, channel["name"]
        assert get(folder, "keep")["id"] == "keep"
        assert "`shop`" in succeed(folder, "/dbc_vacuum database:shop scan:true")
        assert server.stop() == 0


def main():
    chosen = [c for c in CASES if not sys.argv[2:] or any(n in c.__name__ for n in sys.argv[2:])]
    failed = 0
    for c in chosen:
        begun = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="dbcord-e2e-") as folder:
            try:
                c(pathlib.Path(folder))
                print(f"ok     {c.__name__} ({time.monotonic() - begun:.1f} s)", flush=True)
            except Exception as e:  # a failed case must not hide the others
                failed += 1
                frames = traceback.extract_tb(e.__traceback__)
                where = next(f for f in frames[1:] if f.name == c.__name__) if len(frames) > 1 else frames[0]
                print(f"FAILED {c.__name__}, line {where.lineno}: {where.line}\n       {type(e).__name__}: {e}", flush=True)
    if failed:
        print(f"  {failed} test cases out of {len(chosen)} failed")
    print(f"  {len(chosen) - failed} test cases out of {len(chosen)} passed")
    return 1 if failed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
