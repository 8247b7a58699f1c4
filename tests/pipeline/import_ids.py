#!/usr/bin/env python3
"""A run that is imported and the same run received: the same spans, by their
trace ids, span ids and parents.

usage: import_ids.py CAPTURES CLIENT
"""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'truth'))
import tap  # noqa: E402



def run(*command, data=None):
    return subprocess.run(command, input=data, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=True).stdout


def spans(out):
    """{(trace, span, parent): (type, level, purpose)}"""
    found = {}
    for line in out.splitlines():
        r = json.loads(line)
        a = r.get('attributes') or {}
        if r.get('record') == 'span' and 'aitrace.agent' in a:
            found[r['trace_id'], r['span_id'], r.get('parent_span_id')] = (
                a['langfuse.observation.type'],
                a.get('langfuse.observation.level'), a.get('aitrace.purpose'))
    return found


def requests(folder, signal=''):
    return [f for f in sorted(glob.glob(folder + '/[0-9][0-9][0-9]-*'))
            if '.headers.' not in f and '.decoded.' not in f and
            '-%s' % signal in f]


def received(folder, signal=''):
    return run('aitrace-recv', *requests(folder, signal))


def imported(path):
    return spans(run('aitrace-import', path))


def enriched(records, *options):
    return spans(run('aitrace-enrich', '-q', '--drop-used', *options,
                     data=records))


def keeps(t, got, records, what):
    came = {json.loads(x).get('span_id') for x in records.splitlines()
            if b'"record":"span"' in x}
    t.equal([v for k, v in got.items() if v[0] != 'chain' and
             k[1] not in came], [], what)


def live(records, pause=0.03):
    """The same, one record after the other, from a client that runs."""
    p = subprocess.Popen(['aitrace-enrich', '-q', '--drop-used', '--settle',
                          '10ms', '--linger', '20s'], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE)
    out = []
    reader = threading.Thread(target=lambda: out.append(p.stdout.read()))
    reader.start()
    for line in records.splitlines(keepends=True):
        p.stdin.write(line)
        p.stdin.flush()
        time.sleep(pause)
    p.stdin.close()
    reader.join()
    p.wait()
    return spans(out[0])


def only(a, b):
    """What a has beyond b, in words."""
    return sorted(' '.join(x for x in a[k] if x) for k in set(a) - set(b))


class Without:
    """The run of a client that exports no spans: nobody knows trace ids."""

    def __init__(self, folder):
        self.dir = tempfile.mkdtemp()
        self.path = os.path.join(self.dir, 'transcript')
        shutil.copytree(os.path.join(folder, 'transcript'), self.path)
        for f in glob.glob(self.path + '/**/*.jsonl', recursive=True):
            os.chmod(f, 0o644)
            with open(f) as old:
                text = old.read()
            with open(f, 'w') as new:
                new.write(re.sub(r'"trace_id":"[0-9a-f]{32}"',
                                 '"trace_id":null', text))
        self.records = re.sub(rb'"(trace_id|span_id)":"[0-9a-f]*",', b'',
                              received(folder, 'logs'))

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        subprocess.run(['chmod', '-R', 'u+w', self.dir], check=False)
        shutil.rmtree(self.dir)


def codex(t, captures):
    # A rollout does not tell of attempts that were refused.
    more = {'err429': ['generation ERROR']}
    for name in sorted(os.listdir(captures)):
        folder = os.path.join(captures, name)
        kept = imported(folder + '/transcript')
        # The file of the second run holds the first, too.
        if name == 'resume-turn2':
            first = set(imported(folder.replace('2', '1') + '/transcript'))
            kept = {k: v for k, v in kept.items() if k not in first}
        for signal in ('', 'logs', 'traces'):
            got = enriched(received(folder, signal))
            what = '%s: %s' % (name, signal or 'logs and spans')
            t.equal(only(kept, got), [], what + ' lack nothing')
            t.equal(only(got, kept), more.get(name, []),
                    what + ' have no more')
    for name in ('basic-json', 'err429', 'mcp', 'openai-provider-ws',
                 'subagent-two'):
        with Without(os.path.join(captures, name)) as w:
            kept = imported(w.path)
            got = enriched(w.records)
            what = name + ': without trace ids'
            t.equal(only(kept, got), [], what + ' lack nothing')
            t.equal(only(got, kept), more.get(name, []),
                    what + ' have no more')
            t.equal(live(w.records), got, what + ' the same while it runs')
    # Both turns have answers of the same tokens.
    with Without(os.path.join(captures, 'resume-turn2')) as w, \
            Without(os.path.join(captures, 'resume-turn1')) as v:
        kept = imported(w.path)
        t.equal(len(kept), 10, 'two turns of the same tokens')
        t.equal(enriched(v.records + w.records), kept,
                'without trace ids are the same two turns')
        t.equal(live(v.records + w.records), kept,
                'also while they run')


def gemini_cli(t, captures):
    # A chat does not tell of routing, nor of attempts that were refused.
    more = {'err429': ['generation ERROR', 'generation router']}
    for name in sorted(os.listdir(captures)):
        folder = os.path.join(captures, name)
        kept = imported(folder + '/transcript')
        for signal in ('', 'logs', 'traces'):
            got = enriched(received(folder, signal))
            what = '%s: %s' % (name, signal or 'logs and spans')
            if name == 'privacy' and signal:
                continue
            t.equal(only(kept, got), [], what + ' lack nothing')
            t.equal(only(got, kept), more.get(name, ['generation router']),
                    what + ' have no more')
    for name in ('basic-http', 'err429'):
        records = received(os.path.join(captures, name))
        t.equal(live(records), enriched(records),
                name + ': the same while it runs')

    gemini_more(t, os.path.join(captures, '..', '..', 'gemini'))

    # Content switched off: logs without call ids, spans without tokens.
    folder = os.path.join(captures, 'privacy')
    kept = imported(folder + '/transcript')
    got = enriched(received(folder, 'logs'))
    t.equal(only(kept, got), ['tool', 'tool'],
            'logs without prompts: only tools have other ids')
    t.equal(only(got, kept), ['generation router', 'tool', 'tool'],
            'logs without prompts: and they are there')
    got = enriched(received(folder, 'traces'))
    t.equal(set(got) & set(kept), set(),
            'spans without content: nothing tells what they are')
    t.equal(sorted(x[0] for x in got.values() if x[2] is None),
            sorted(x[0] for x in kept.values()),
            'spans without content: but they are the same things')

    # A session that is resumed: another process, the same ids and tokens.
    folder = os.path.join(captures, 'basic-http')
    records = received(folder)
    again = re.sub(rb'"(trace_id|span_id|parent_span_id)":"....', rb'"\1":"ffff',
                   records.replace(b':25267', b':25268').replace(
                       b'T00:06:', b'T00:16:').replace(b'_1795', b'_1796'))
    kept = imported_again(folder, lambda line: line.replace(
        '_1795', '_1796').replace('T00:06:', 'T00:16:'))
    got = enriched(records + again)
    t.equal(len(kept), 10, 'a resumed session: two turns')
    t.equal(only(kept, got), [], 'a resumed session: lacks nothing')
    t.equal(only(got, kept), ['generation router'] * 2,
            'a resumed session: has no more')

    # The terminal interface: one trace, which only the CLI knows.
    kept = imported(folder + '/transcript')
    records = re.sub(rb'"(prompt_id|gen_ai.prompt.name)":"([^"]*)"',
                     rb'"\1":"\2########0"', records)
    got = enriched(records)
    t.equal({k[0] for k in got} & {k[0] for k in kept}, set(),
            'in the terminal: another trace')
    keeps(t, got, records, 'in the terminal: spans keep their ids')
    records = received(folder)
    keeps(t, enriched(records, '--hierarchy=native'), records,
          'and in a hierarchy of their own')


def gemini_more(t, folder):
    """Sub-agents, and turns that nothing answered: these are known by how
    much was asked; a chat does not tell of attempts."""
    for name, more in (
            ('subagent', ['generation router'] * 2),
            ('failed', ['generation ERROR'] * 3 + ['generation router']),
            ('cut', ['generation ERROR', 'generation router'])):
        run_of = os.path.join(folder, name)
        kept = roots(imported(run_of + '/transcript'))
        for signal in ('', 'logs', 'traces'):
            records = received(run_of, signal)
            got = roots(enriched(records))
            what = '%s: %s' % (name, signal or 'logs and spans')
            if (name, signal) == ('cut', 'traces'):
                # The span of the call that was cut off never came.
                t.equal(set(got) & set(kept), set(), what +
                        ': nothing tells what was asked')
                continue
            t.equal(only(kept, got), [], what + ' lack nothing')
            t.equal(only(got, kept), more, what + ' have no more')
        records = received(run_of)
        t.equal(live(records), enriched(records),
                name + ': the same while it runs')

    # The same prompt again in the same session, in vain again.
    run_of = os.path.join(folder, 'failed')
    first = roots(imported(run_of + '/transcript'))
    records = received(run_of)
    again = re.sub(rb'"(trace_id|span_id|parent_span_id)":"....', rb'"\1":"ffff',
                   records.replace(b'20952', b'20953').replace(
                       b'T12:29:', b'T12:39:'))
    kept = roots(imported_again(
        run_of, lambda line: line.replace('T12:29:', 'T12:39:')))
    t.equal((len(kept), set(first) - set(kept)), (2, set()),
            'the same prompt twice in vain: two turns')
    got = roots(enriched(records + again))
    t.equal(only(kept, got), [], 'twice in vain: lacks nothing')
    t.equal(only(got, kept),
            ['generation ERROR'] * 6 + ['generation router'] * 2,
            'twice in vain: has no more')

    # Prompts that are not logged: nothing is known of such a turn.
    bare = [json.loads(line) for line in records.splitlines()]
    for r in bare:
        for key in ('prompt', 'gen_ai.input.messages'):
            r['attributes'].pop(key, None)
    records = b''.join(json.dumps(r, separators=(',', ':')).encode() + b'\n'
                       for r in bare)
    got = enriched(records)
    t.equal({k[0] for k in got} & {k[0] for k in first}, set(),
            'in vain and without prompts: another trace')


def roots(found):
    """A chat does not tell that a turn failed; nor that it was cut off."""
    return {k: v if k[2] else v[:1] + (None,) + v[2:]
            for k, v in found.items()}


def imported_again(folder, change):
    """The chat of a session that was resumed: all its messages twice."""
    with tempfile.TemporaryDirectory() as tmp:
        chat, = glob.glob(folder + '/transcript/*/chats/session-*')
        with open(chat) as f:
            lines = f.read().splitlines()
        for old in [x for x in lines if '"$set"' not in x][1:]:
            m = json.loads(change(old))
            m['id'] += '-again'
            lines.append(json.dumps(m))
        path = os.path.join(tmp, 'chat.jsonl')
        with open(path, 'w') as f:
            f.write('\n'.join(lines) + '\n')
        return imported(path)


def opencode(t, captures):
    # Spans that came keep their ids, and opencode keeps none of them.
    folder = os.path.join(captures, 'basic')
    kept = imported(folder + '/transcript')
    got = enriched(received(folder))
    t.ok(kept and got, 'there are spans of both')
    for i, what in enumerate(('traces', 'spans')):
        t.equal({k[i] for k in got} & {k[i] for k in kept}, set(),
                'no %s are the same' % what)
    t.equal(imported(folder + '/transcript'), kept,
            'the same database read twice is the same spans')
    keeps(t, got, received(folder), 'calls and tools keep their ids')


def main():
    t = tap.Tap()
    check = {'codex': codex, 'gemini-cli': gemini_cli, 'opencode': opencode}
    check[sys.argv[2]](t, os.path.join(sys.argv[1], sys.argv[2]))
    t.done()


if __name__ == '__main__':
    main()
