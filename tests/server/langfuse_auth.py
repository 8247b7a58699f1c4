"""langfuse-auth against a scripted server, and what can be seen of it."""
import base64
import json
import os
import resource
import subprocess
import sys
import tempfile
import time

from fakeserver import Server
from recvlib import done, ok, same

PROGRAM = os.environ.get("LANGFUSE_AUTH", "langfuse-auth")
PK, SK = "pk-lf-xxx", "sk-lf-yyy"
BASIC = "Basic cGstbGYteHh4OnNrLWxmLXl5eQ=="
KEYS = {"LANGFUSE_PUBLIC_KEY": PK, "LANGFUSE_SECRET_KEY": SK}
BASE = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}


def run(*args, env=KEYS, **kw):
    return subprocess.run([PROGRAM] + list(args), env=dict(BASE, **env),
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60, **kw)


def fails(name, status, pattern, *args, **kw):
    p = run(*args, **kw)
    ok(p.returncode == status and pattern in p.stderr and p.stdout == "",
       name, p.returncode, p.stdout, p.stderr)
    ok("yyy" not in p.stderr and "hidden" not in p.stderr,
       name + ": shows no key", p.stderr)


def prints(name, want, *args, **kw):
    p = run(*args, **kw)
    ok(p.returncode == 0 and p.stdout == want, name, p.returncode, p.stdout,
       p.stderr)
    same(p.stderr, "", name + ": nothing on stderr")


def forms():
    prints("header", BASIC + "\n")
    prints("--export", 'export LANGFUSE_AUTH_HEADER="%s"\n' % BASIC,
           "--export")
    otel = ("Authorization=Basic%20cGstbGYteHh4OnNrLWxmLXl5eQ%3D%3D,"
            "x-langfuse-ingestion-version=4")
    prints("--otel-headers", otel + "\n", "--otel-headers")
    prints("--otel-headers --export",
           'export OTEL_EXPORTER_OTLP_HEADERS="%s"\n' % otel,
           "--otel-headers", "--export")
    prints("--netrc", "machine lf.example login %s password %s\n" % (PK, SK),
           "--netrc", "--base-url", "https://lf.example:8443/x")
    same(json.loads(run("--json").stdout),
         {"Authorization": BASIC, "x-langfuse-ingestion-version": "4"},
         "--json")
    env = json.loads(run("--claude", "--base-url",
                         "http://lf.example/api/public/otel").stdout)["env"]
    same(env["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"],
         "http://lf.example/api/public/otel/v1/traces",
         "--claude: the whole path, once")
    same(env["OTEL_EXPORTER_OTLP_TRACES_HEADERS"], otel, "--claude: headers")
    same(env["CLAUDE_CODE_ENABLE_TELEMETRY"], "1", "--claude: telemetry on")
    toml = run("--codex").stdout
    try:
        import tomllib
        exporter = tomllib.loads(toml)["otel"]["trace_exporter"]["otlp-http"]
        same(exporter, {
            "endpoint": "https://cloud.langfuse.com"
                        "/api/public/otel/v1/traces",
            "protocol": "binary",
            "headers": {"Authorization": BASIC,
                        "x-langfuse-ingestion-version": "4"}},
             "--codex is TOML with the whole endpoint")
    except ImportError:
        ok(BASIC in toml, "--codex holds the header")
    long_key = "sk-lf-" + "z" * 500
    got = run(env=dict(KEYS, LANGFUSE_SECRET_KEY=long_key)).stdout
    same(got, "Basic " + base64.b64encode(
        ("%s:%s" % (PK, long_key)).encode()).decode() + "\n",
        "a long key is one line")


def refusals(tmp):
    fails("no keys", 77, "no Langfuse keys", env={})
    fails("one key", 77, "no secret key",
          env={"LANGFUSE_PUBLIC_KEY": PK})
    fails("wrong form", 77, "does not begin with sk-lf-",
          env=dict(KEYS, LANGFUSE_SECRET_KEY="hidden"))
    fails("mixed up", 77, "a secret key stands where",
          env={"LANGFUSE_PUBLIC_KEY": SK, "LANGFUSE_SECRET_KEY": PK})
    fails("a line break", 77, "LANGFUSE_SECRET_KEY: holds a character",
          env=dict(KEYS, LANGFUSE_SECRET_KEY="sk-lf-a\nhidden"))
    fails("operands", 64, "command line", PK, SK, env={})
    fails("unknown option", 64, "", "--no-such")
    fails("two forms", 64, "one form", "--curl", "--netrc")
    fails("--export --curl", 64, "one form", "--export", "--curl")
    fails("bad URL", 78, "http", "--base-url", "ftp://x")
    fails("password in URL", 78, "user name", "--base-url",
          "http://u:hidden@h/")
    p = run("--any-form", env=dict(KEYS, LANGFUSE_SECRET_KEY="other"))
    same(p.returncode, 0, "--any-form takes other keys")
    with open("/dev/full", "w") as full:
        p = subprocess.run([PROGRAM], env=dict(BASE, **KEYS), stdout=full,
                           stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    same(p.returncode, 74, "a full disk")


def places(tmp):
    path = os.path.join(tmp, "secret")
    with open(path, "w") as f:
        f.write(SK + "\n")
    os.chmod(path, 0o600)
    prints("files", BASIC + "\n", "--public-key", PK, "--secret-key-file",
           path, env={})
    os.chmod(path, 0o640)
    fails("a file open to others", 77, "others may read it",
          "--public-key", PK, "--secret-key-file", path, env={})
    os.chmod(path, 0o600)
    os.rename(path, os.path.join(tmp, "langfuse-secret-key"))
    prints("credentials directory", BASIC + "\n",
           env={"LANGFUSE_PUBLIC_KEY": PK, "CREDENTIALS_DIRECTORY": tmp})
    prints("a command", BASIC + "\n", "--from-command",
           "printf '%s\\n' " + PK + " " + SK, env={})
    prints("two commands", BASIC + "\n", "--from-command", "echo " + PK,
           "--from-command", "echo " + SK, env={})
    prints("with a shell", BASIC + "\n", "--shell", "--from-command",
           "echo %s; echo %s" % (PK, SK), env={})
    fails("a command that fails", 77, "false: exit status 1",
          "--from-command", "false hidden", env={})
    tools = os.path.join(tmp, "bin")
    os.mkdir(tools)
    for name, text in (
            ("op", '#!/bin/sh\n[ "$1" = read ] || exit 9\n'
             'case $2 in\n'
             'op://Development/Langfuse/public_key) echo %s ;;\n'
             'op://x/secret) echo %s ;;\n*) exit 8 ;;\nesac\n' % (PK, SK)),
            ("az", '#!/bin/sh\n[ "$1 $2 $3 $4 $5" = '
             '"keyvault secret show --vault-name vlt" ] || exit 9\n'
             'case $7 in\nLANGFUSE-PUBLIC-KEY) echo %s ;;\n'
             'LANGFUSE-SECRET-KEY) echo %s ;;\n*) exit 8 ;;\nesac\n'
             % (PK, SK))):
        with open(os.path.join(tools, name), "w") as f:
            f.write(text)
        os.chmod(os.path.join(tools, name), 0o755)
    env = {"PATH": tools + ":" + BASE["PATH"]}
    prints("1Password", BASIC + "\n", "--from-1password",
           env=dict(env, LANGFUSE_1P_SECRET_KEY_REF="op://x/secret"))
    fails("1Password without that item", 77, "op: exit status 8",
          "--from-1password", env=env)
    fails("1Password is not there", 77, "op: no such program",
          "--from-1password", env={"PATH": "/nonexistent"})
    prints("Azure", BASIC + "\n", "--from-azure",
           env=dict(env, AZURE_KEYVAULT_NAME="vlt"))
    fails("Azure without a vault", 77, "AZURE_KEYVAULT_NAME must be set",
          "--from-azure", env=env)


def server():
    s = Server(auth=BASIC)
    p = run("--check", env=dict(KEYS, LANGFUSE_BASE_URL=s.url + "/"))
    same((p.returncode, p.stdout), (0, BASIC + "\n"), "--check: known")
    same(p.stderr, "langfuse-auth: info: project My \\x1bproject (prj-1) "
         "at 127.0.0.1\n", "--check: says whose they are, escaped")
    same(s.requests[0]["path"], "/api/public/projects", "--check: path")
    p = run("--validate", env=dict(
        KEYS, LANGFUSE_BASE_URL=s.url + "/api/public/otel/v1/traces"))
    same(p.returncode, 0, "--validate, base with a path")
    fails("--check: refused", 77, "refuses the keys (status 401)", "--check",
          env=dict(KEYS, LANGFUSE_BASE_URL=s.url,
                   LANGFUSE_PUBLIC_KEY="pk-lf-other"))
    for rule, status, text in (
            ({"status": 403}, 77, "status 403"),
            ({"status": 500}, 69, "status 500"),
            ({"status": 302, "headers": {"Location": "/l"}}, 69,
             "status 302"),
            ({"status": 200, "body": "<html>"}, 69, "not like Langfuse"),
            ({"status": 200, "body": '{"data":[]}'}, 69,
             "not like Langfuse")):
        s.script = [rule]
        fails("--check: %r" % rule, status, text, "--check",
              env=dict(KEYS, LANGFUSE_BASE_URL=s.url))
    fails("--check: no such certificates", 78, "/nonexistent/ca", "--check",
          "--cacert", "/nonexistent/ca",
          env=dict(KEYS, LANGFUSE_BASE_URL="https://" + s.address))
    s.close()
    fails("--check: nobody there", 69, "127.0.0.1", "--check",
          env=dict(KEYS, LANGFUSE_BASE_URL=s.url))


def unseen(tmp):
    """The secret in no argument of any process, and no core is left."""
    hold = os.path.join(tmp, "hold")
    os.mkfifo(hold)
    secret = "sk-lf-" + "unseen" + "-1234"
    key = os.path.join(tmp, "k")
    with open(key, "w") as f:
        f.write(secret)
    os.chmod(key, 0o600)
    p = subprocess.Popen(
        [PROGRAM, "--secret-key-file", key, "--shell", "--from-command",
         "cat %s; echo %s" % (hold, PK)], env=dict(BASE),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL, cwd=tmp, preexec_fn=lambda:
        resource.setrlimit(resource.RLIMIT_CORE,
                           (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2))

    def children(pid):
        with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
            return [int(x) for x in f.read().split()]

    end = time.monotonic() + 10
    while not children(p.pid) and time.monotonic() < end:
        time.sleep(0.01)
    seen = [open("/proc/%d/cmdline" % x, "rb").read()
            for x in [p.pid] + children(p.pid)]
    ok(len(seen) > 1 and not any(b"unseen-1234" in s for s in seen),
       "in no argument", seen)
    with open("/proc/%d/limits" % p.pid) as f:
        core = [x for x in f if x.startswith("Max core")][0].split()
    same(core[4:6], ["0", "0"], "no core is written")
    kids = children(p.pid)
    p.kill()
    with open(hold, "w"):       # lets the shell and cat go
        pass
    _, err = p.communicate(timeout=20)
    ok(b"unseen" not in err, "not on stderr")
    for k in kids:
        end = time.monotonic() + 5
        while os.path.exists("/proc/%d" % k) and time.monotonic() < end:
            time.sleep(0.01)
    same([f for f in os.listdir(tmp) if f.startswith("core")], [],
         "no core is left")
    q = subprocess.Popen(
        [PROGRAM, "--insecure-secret-key", secret, "--shell",
         "--from-command", "cat %s; echo %s" % (hold, PK)],
        env=dict(BASE), stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    while not children(q.pid):
        time.sleep(0.01)
    with open("/proc/%d/cmdline" % q.pid, "rb") as f:
        ok(b"unseen" not in f.read(),
           "an argument is wiped before anything is done")
    with open(hold, "w"):
        pass
    out, _ = q.communicate(timeout=20)
    same(out.decode().strip(), "Basic " + base64.b64encode(
        ("%s:%s" % (PK, secret)).encode()).decode(), "and used")


with tempfile.TemporaryDirectory() as tmp:
    forms()
    refusals(tmp)
    places(tmp)
    server()
    unseen(tmp)
done()
