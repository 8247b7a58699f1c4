#!/usr/bin/env python3
"""What aitrace-redact hides and what it leaves, told apart from the program:
TAP on standard output.

usage: redact.py cases CASES | captures RECORDS | modes | lines
"""
import base64
import hashlib
import hmac
import json
import os
import random
import re
import subprocess
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'truth'))
from tap import Tap     # noqa: E402

MARK = re.compile(r'\[REDACTED:([a-z0-9-]+)(?::[0-9a-f]{16})?\]')
KNOWN = 'tiger "lily"/7+blue?x'


def redact(lines, *options, env=None):
    run = subprocess.run(['aitrace-redact', *options], input='\n'.join(
        lines) + '\n', stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        universal_newlines=True, env=dict(os.environ, **(env or {})))
    return run.returncode, run.stdout.split('\n')[:-1], run.stderr


def span(text, name='note'):
    return json.dumps({'record': 'span', 'attributes': {name: text}},
                      separators=(',', ':'))


def cases(tap, path):
    rows = []
    with open(path, encoding='utf-8') as f:
        for line in f:
            if line.startswith('#'):
                continue
            row = line.rstrip('\n').split('\t')
            row[1] = row[1].replace('\\\\', '\0').replace(
                '\\n', '\n').replace('\0', '\\')
            rows.append(row)
    rc, out, _ = redact([span(r[1]) for r in rows])
    tap.equal((rc, len(out)), (0, len(rows)), 'every case comes back')
    for row, line in zip(rows, out):
        text = json.loads(line)['attributes']['note']
        if row[0] == '-':
            tap.equal(text, row[1], 'left alone: %r' % row[1][:50])
            continue
        tap.ok(row[0] in MARK.findall(text) and row[2] not in text,
               '%s: hidden: %r' % (row[0], row[2]), text)
    again = redact(out)[1]
    tap.equal(again, out, 'twice is once')


def strings(value, path=()):
    """The places of all texts, also in JSON in texts."""
    if isinstance(value, str):
        yield path
        if value[:1] in '{[' and value[:1]:
            try:
                inner = json.loads(value)
            except ValueError:
                return
            for p in strings(inner):
                yield path + (None,) + p
    elif isinstance(value, dict):
        for k, v in value.items():
            yield from strings(v, path + (k,))
    elif isinstance(value, list):
        for i, v in enumerate(value):
            yield from strings(v, path + (i,))


def put(value, path, change):
    if not path:
        return change(value)
    if path[0] is None:
        return json.dumps(put(json.loads(value), path[1:], change))
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = put(value[path[0]], path[1:], change)
    return copy


SECRETS = [
    ('ghp_9aK2mPq7RtX4vWz1Yb8Nc5Lf3Hg6Jd0SeUiO', 'mPq7RtX4vWz1Yb8N'),
    ('sk-ant-api03-Q7vR2mXk9LpTz4WnB8cYd1FgHs6JuEaN', 'mXk9LpTz4WnB8c'),
    ('AKIAQ7RZ2WXM4KT9BV6N', 'Q7RZ2WXM4KT9'),
    ('postgres://svc:q7Wx-E2rT9yKl@db.example.net/a', 'q7Wx-E2rT9yKl'),
    (KNOWN, KNOWN),
    (base64.b64encode(b'x:' + KNOWN.encode() + b'!').decode(),
     base64.b64encode(KNOWN.encode()[1:16]).decode()[:12]),
    (urllib.parse.quote(KNOWN, safe=''), KNOWN),
    (json.dumps(KNOWN)[1:-1], KNOWN),
]


def all_said(line):
    """Everything the line says, in every layer, as one text."""
    said, texts = [], [line]
    for _ in range(4):
        nxt = []
        for t in texts:
            said.append(t)
            for u in (urllib.parse.unquote(t), re.sub(
                    r'\\u([0-9a-fA-F]{4})', lambda m: chr(int(m[1], 16)), t),
                    t.replace('\\"', '"').replace('\\\\', '\\').replace(
                        '\\/', '/')):
                if u != t:
                    nxt.append(u)
        texts = nxt
    return '\n'.join(said)


def captures(tap, path):
    with open(path, encoding='utf-8') as f:
        lines = [line.rstrip('\n') for line in f]
    rng = random.Random(7)
    places = []
    for line in lines:
        if line.startswith('{') and '"record"' in line:
            record = json.loads(line)
            found = [p for p in strings(record) if p and
                     p[-1] not in ('record', 'process.command_args')]
            places += [(record, p) for p in rng.sample(found, min(
                4, len(found)))]
    rng.shuffle(places)
    places = places[:6000]
    planted, cores = [], []
    for i, (record, path_) in enumerate(places):
        secret, core = SECRETS[i % len(SECRETS)]
        way = i // len(SECRETS) % 3
        if way == 0:
            def change(old):
                return secret
        elif way == 1:
            def change(old):
                return str(old)[:40].rstrip('[{"\\%') + ' ' + secret + ' end'
        else:
            def change(old):
                return json.dumps({'a': [secret]})
        planted.append(json.dumps(put(record, path_, change)))
        cores.append(core)
    rc, out, err = redact(planted, '--secret-env', 'KNOWN',
                          env={'KNOWN': KNOWN})
    tap.equal((rc, len(out)), (0, len(planted)),
              'records with secrets planted come back')
    seen = [(i, c) for i, (line, c) in enumerate(zip(out, cores))
            if c in all_said(line)]
    tap.ok(len(planted) > 1000 and not seen,
           'none of %d planted secrets survives' % len(planted),
           '\n'.join('%s: %s' % (c, planted[i][:1500])
                     for i, c in seen[:3]))
    rc, out, err = redact(lines)
    tap.equal((rc, len(out)), (0, len(lines)), 'the captures come back')
    marks = {}
    for line in out:
        for m in MARK.findall(line):
            marks[m] = marks.get(m, 0) + 1
    # The home folder of the recordings is /home/me: those are right.
    print('# marks in %d records: %s' % (len(lines), marks))
    tap.equal(sorted(set(marks) - {'user'}), [],
              'nothing in the captures is taken for a secret')
    untouched(tap, lines, out)
    tap.equal(redact(out)[1], out, 'twice is once')
    for options in (('--mode=drop',), ('--drop-content',),
                    ('--mode=hash', '--key-env', 'KNOWN')):
        rc, out, err = redact(lines + planted[:1000], *options,
                              env={'KNOWN': KNOWN})
        good = [line for line in out if is_object(line)]
        tap.equal((rc, len(good)), (0, len(lines) + min(1000, len(planted))),
                  '%s: JSON stays JSON' % options[0])
        tap.equal(redact(out, *options, env={'KNOWN': KNOWN})[1], out,
                  '%s: twice is once' % options[0])


def is_object(line):
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


NEVER = re.compile(r'(^|[._])(id|uuid|tokens|cost|time)$|^gen_ai\.usage\.|'
                   r'usage_details|cost_details|token_count|_usd')


def untouched(tap, before, after):
    bad = []
    for a, b in zip(before, after):
        if a == b:
            continue
        a, b = json.loads(a), json.loads(b)
        for k in a:
            if NEVER.search(k) and a[k] != b.get(k):
                bad.append(k)
        for k, v in a.get('attributes', {}).items():
            if NEVER.search(k) and v != b['attributes'].get(k):
                bad.append(k)
    tap.equal(bad, [], 'ids, usage, cost and times are as they were')


def one(options, record, env=None):
    rc, out, err = redact([record], *options, env=env)
    return out[0] if out else None


def modes(tap):
    key = 'ghp_9aK2mPq7RtX4vWz1Yb8Nc5Lf3Hg6Jd0SeUiO'
    env = {'KEY': 'Jefe-and-more', 'S': 'what do ya want for nothing?'}
    want = hmac.new(env['KEY'].encode(), env['S'].encode(),
                    hashlib.sha256).hexdigest()[:16]
    got = one(['--mode=hash', '--key-env=KEY', '--secret-env=S'],
              span('a %s b' % env['S']), env)
    tap.equal(json.loads(got)['attributes']['note'],
              'a [REDACTED:s:%s] b' % want, 'a hash is the HMAC')
    for n, m, name in ((0, '{"attributes":{"b":1}}', 'the first member'),
                       (1, '{"attributes":{"b":1}}', 'the last member')):
        line = '{"attributes":{"k":"%s","b":1}}' % key if n == 0 else \
            '{"attributes":{"b":1,"k":"%s"}}' % key
        tap.equal(one(['--mode=drop'], line), m, 'drop ' + name)
    line = '{"x":{"a":"%s","b":"%s"},"y":["%s",1]}' % (key, key, key)
    tap.equal(one(['--mode=drop'], line), '{"x":{},"y":[null,1]}',
              'drop all members; an element becomes null')
    line = json.dumps({'record': 'span', 'attributes': {
        'a.x': 1, 'b.y': '2', 'session.id': 's', 'process.command_args': []}},
        separators=(',', ':'))
    tap.equal(json.loads(one([], line))['attributes'],
              {'a.x': 1, 'b.y': '2', 'session.id': 's'},
              'command lines go by themselves')
    tap.equal(json.loads(one(['--deny=a.*'], line))['attributes'],
              {'b.y': '2', 'session.id': 's'}, 'deny')
    tap.equal(json.loads(one(['--allow=a.x'], line))['attributes'],
              {'a.x': 1, 'session.id': 's'}, 'allow: ids stay')
    line = json.dumps({'record': 'span', 'name': 'Turn #3: fix it',
                       'attributes': {
        'input.value': 'größe', 'gen_ai.usage.input_tokens': 5,
        'gen_ai.input.messages': json.dumps([
            {'role': 'user', 'parts': [{'type': 'text', 'content': 'abcd'},
                                       {'type': 'text', 'content': 'e'}]}]),
        'tool_input': '{"pin":1234}'}})
    got = json.loads(one(['--drop-content'], line))
    tap.equal(got['name'], 'Turn #3', 'no prompt in the name')
    a = got['attributes']
    tap.equal(a['input.value'], '[DROPPED:7 bytes]', 'length in bytes')
    tap.equal(a['tool_input'], '[DROPPED:12 bytes]', 'an unknown shape goes')
    tap.equal(json.loads(a['gen_ai.input.messages']), [
        {'role': 'user', 'parts': [
            {'type': 'text', 'content': '[DROPPED:4 bytes]'},
            {'type': 'text', 'content': '[DROPPED:1 bytes]'}]}],
        'messages and parts are still counted')
    tap.equal(a['gen_ai.usage.input_tokens'], 5, 'and usage')
    split = json.dumps({'attributes': {'m': json.dumps([
        {'type': 'text', 'text': 'my ' + key[:9]}, {'type': 'text',
                                                   'text': key[9:] + ' x'}])}})
    got = json.loads(json.loads(one([], split))['attributes']['m'])
    tap.equal([p['text'] for p in got],
              ['my [REDACTED:github-token]', ' x'], 'split over parts')
    pieces = json.dumps({'attributes': {'m': [{'text': c} for c in key]}})
    got = json.loads(one([], pieces))['attributes']['m']
    tap.equal(''.join(p['text'] for p in got), '[REDACTED:github-token]',
              'split into single characters')
    line = '{"attributes":{"a":1.0,"u":"\\u0061 %s \\u00e9","n":' \
        '9007199254740993}, "x" : [ ]}'
    tap.equal(one([], line % ('\\u0067' + key[1:])),
              line % '[REDACTED:github-token]',
              'what stands around is spelled as it was')


def lines(tap):
    deep = '{"a":' + '[' * 200 + ']' * 200 + '}'
    text = '1'
    for _ in range(12):
        text = json.dumps({'a': text})
    nested = json.dumps({'a': text})
    good = '{"record":"log"}'
    bad = ['{"a":"ghp_9aK2mPq7RtX4vWz1Yb8Nc5Lf3Hg6Jd0SeUiO"', deep, nested,
           '[1]', 'ghp_9aK2mPq7RtX4vWz1Yb8Nc5Lf3Hg6Jd0SeUiO']
    path = os.path.join(os.environ['tmp'], 'rejected')
    rc, out, err = redact([good] + bad + [good], '--reject', path)
    tap.equal((rc, out), (65, [good, good]), 'bad lines do not go on')
    with open(path) as f:
        tap.equal(f.read().split('\n')[:-1], bad, 'but to --reject')
    tap.equal(os.stat(path).st_mode & 0o777, 0o600, 'which is private')
    tap.ok('ghp_' not in err and 'left out' in err, 'told without them', err)
    os.unlink(path)
    long_one = '{"a":"%s"}' % ('ghp_9aK2mPq7RtX4vWz1Yb8Nc5Lf3Hg6Jd0SeUiO ' *
                               200)
    rc, out, err = redact([good, long_one, good], '--max-line=1K', '--reject',
                          path)
    tap.equal((rc, out), (65, [good, good]), 'nor does a long one')
    with open(path) as f:
        tap.equal(f.read(), long_one + '\n', 'which is rejected whole')
    rc, out, err = redact([good, 'x', good], '--strict')
    tap.equal((rc, out), (65, [good]), '--strict ends at it')
    for options, want in ((['--mode=hash'], 64),
                          (['--secret-env=NOT_SET_AT_ALL'], 64),
                          (['--secret-env=SHORT'], 64),
                          (['--off=no-such'], 78),
                          (['--rules=/nonexistent'], 78)):
        rc, out, err = redact([good], *options, env={'SHORT': 'abc'})
        tap.equal((rc, out), (want, []), '%s is refused' % options[0])
        tap.ok('abc' not in err, 'without the value')


def main():
    tap = Tap()
    what = sys.argv[1]
    if what == 'cases':
        cases(tap, sys.argv[2])
    elif what == 'captures':
        captures(tap, sys.argv[2])
    elif what == 'modes':
        modes(tap)
    else:
        lines(tap)
    tap.done()


if __name__ == '__main__':
    main()
