#!/usr/bin/env python3
"""Transcripts of Claude Code in which threads, sessions and clients meet:
sub-agents, forks, failures, prompts of all kinds; and random mixtures.

usage: transcript_mixtures.py CAPTURES FOLDER          each in its own folder
       transcript_mixtures.py CAPTURES FOLDER COUNT    so many random ones

Prints the names, as transcript_forms.py does.
"""
import random
import sys

from transcript_forms import (Captures, NESTED, ORDERS, PROJECT, answers, dump,
                              kind, make, make_forms, one, results, text,
                              turned)

SEED = 20261121
MAIN = PROJECT + '/session.jsonl'
MEETINGS = {}


def form(function):
    MEETINGS[function.__name__] = function, ''
    return function


# -- sub-agents

def agent_path(lines):
    return '%s/%s/subagents/agent-%s.jsonl' % (
        PROJECT, lines[0]['sessionId'], lines[0]['agentId'])


def merged(c, keep=('agentId',), order='time'):
    """The sub-agent's lines in the main file."""
    lines, side = c.lines('subagent'), c.agent()
    for v in side:
        for name in set(('agentId', 'promptId', 'attributionAgent')) - \
                set(keep):
            v.pop(name, None)
    if order == 'time':
        lines = sorted(lines + side, key=lambda v: v.get('timestamp', ''))
    elif order == 'front':
        lines = side + lines
    else:
        lines += side
    return one(text(lines))


for _order in 'time', 'front', 'back':
    MEETINGS['side_' + _order] = (lambda c, o=_order: merged(c, order=o)), ''
    MEETINGS['side_old_' + _order] = (lambda c, o=_order: merged(c, (), o)), ''


@form
def agent_alone(c):
    side = c.agent()
    return {agent_path(side): text(side)}


@form
def agent_of_another(c):
    """Its session is another file's; nobody began it."""
    side = c.agent()
    for v in side:
        v['sessionId'] = 'lost'
    return {MAIN: text(c.lines('subagent')), agent_path(side): text(side)}


@form
def agent_in_agent(c):
    side = c.agent()
    inner = [dict(v, agentId='inner', uuid='i-%s' % v.get('uuid'),
                  requestId='i-%s' % v.get('requestId')) for v in c.agent()]
    return {MAIN: text(c.lines('subagent')), agent_path(side): text(side),
            agent_path(inner): text(inner)}


@form
def agent_without_ids(c):
    side = c.agent()
    path = agent_path(side)
    for v in side:
        del v['agentId']
    return {MAIN: text(c.lines('subagent')), path: text(side)}


@form
def agent_not_aside(c):
    side = c.agent()
    for v in side:
        v['isSidechain'] = False
    return {MAIN: text(c.lines('subagent')), agent_path(side): text(side)}


@form
def all_aside(c):
    lines = c.lines()
    for v in lines:
        v['isSidechain'] = True
    return one(text(lines))


# -- failures

def failed(words, status=None, model='<synthetic>', times=1, **more):
    def made(c):
        lines = c.lines('multiturn')
        k = lines.index(answers(lines)[-1])
        old, out = lines[k], []
        for i in range(times):
            out.append(dict(
                type='system', subtype='api_error', uuid='e%d' % i,
                parentUuid=old['parentUuid'], isSidechain=False, level='error',
                timestamp=old['timestamp'], sessionId=old['sessionId'],
                error=dict(status=status), retryAttempt=i + 1))
        last = dict(old, uuid='failed', isApiErrorMessage=True, error='x',
                    apiErrorStatus=status, requestId='req_failed')
        last['message'] = dict(id='m-failed', role='assistant', model=model,
                               content=words, usage=dict(input_tokens=0,
                                                         output_tokens=0))
        last.update(more)
        return one(text(lines[:k] + out + [last] + lines[k:]))
    return made, ''


def said(words):
    return [dict(type='text', text=words)]


MEETINGS.update(
    failed_401=failed(said('API Error: 401 invalid x-api-key'), 401),
    failed_403=failed(said('Please run /login'), 403, times=0),
    failed_429=failed(said('API Error: 429 rate limit'), 429, times=10),
    failed_400=failed(said('prompt is too long'), 400),
    failed_500=failed(said('API Error: 500'), 500, times=3),
    failed_529=failed('API Error: Overloaded', 529),
    failed_timeout=failed(said('Request timed out'), None, times=2),
    failed_network=failed(said('Connection error. \\u00e9 "x"'), None),
    failed_string=failed(said('API Error'), '503'),
    failed_model=failed(said('API Error'), 500, 'claude-opus-5-5'),
    failed_word=failed(said('API Error'), 500, isApiErrorMessage='yes'),
    failed_never=failed(said('API Error'), 500, isApiErrorMessage=False),
    failed_empty=failed([], 418), failed_null=failed(None, None),
    failed_parts=failed(said('API Error: ') + said('rate_limit_error'), None),
    failed_aside=failed(said('API Error: 500'), 500, isSidechain=True),
    failed_twice=failed(said('API Error: 500'), 500, times=2,
                        requestId='req_test_0002'))


@form
def retried(c):
    """Attempts that failed before each answer; some lines come twice."""
    out = []
    for i, v in enumerate(c.lines('err429')):
        out.append(v)
        if v['type'] == 'system':
            out += [v, dict(v, uuid='again-%d' % i), dict(v, uuid=None)]
    return one(text(out))


@form
def not_asked(c):
    """Without the lines that tell when a request was made."""
    return one(text(v for v in c.lines('multiturn')
                    if not v['type'].startswith('api-request')))


@form
def asked_late(c):
    lines = c.lines('multiturn')
    asked = kind(lines, 'api-request')
    return one(text([v for v in lines if v not in asked] + asked))


# -- prompts

def prompted(words, **more):
    def made(c):
        lines = c.lines('multiturn')
        k = lines.index(answers(lines)[-1])
        old = kind(lines, 'user')[0]
        new = dict(old, uuid='prompt', promptId='p2', parentUuid=lines[k].get(
            'parentUuid'), timestamp=lines[k]['timestamp'])
        new['message'] = dict(role='user', content=words)
        new.update(more)
        late = dict(new, uuid='late', promptId='p3',
                    timestamp='2026-11-23T05:06:07.890Z')
        return one(text(lines[:k] + [new] + lines[k:] + [late]))
    return made, ''


MEETINGS.update(
    prompt_late=prompted('and?'), prompt_parts=prompted(said('a') + said('b')),
    prompt_command=prompted('<command-name>/cost</command-name>'),
    prompt_slash=prompted('/compact now'),
    prompt_printed=prompted('<local-command-stdout>x</local-command-stdout>'),
    prompt_shell=prompted('<bash-input>ls</bash-input>'),
    prompt_caveat=prompted('Caveat: The messages below'),
    prompt_interrupted=prompted(said('[Request interrupted by user]')),
    prompt_meta=prompted('hidden', isMeta=True),
    prompt_summary=prompted('This session is', isCompactSummary=True),
    prompt_empty=prompted(''), prompt_null=prompted(None),
    prompt_picture=prompted([dict(type='image', source={})]),
    prompt_same=prompted('again', promptId=None),
    prompt_escaped=prompted('\\u003ccommand-name>'),
    prompt_task=prompted('<task-notification>\n<task-id>a</task-id>\n'
                         '<status>completed</status></task-notification>'))


@form
def prompts_alone(c):
    return {PROJECT + '/%d.jsonl' % i: text([dict(
        v, sessionId='s%d' % i, uuid='u%d' % i, cwd='/home/me/p%d' % i,
        timestamp='2026-12-%02dT10:00:00Z' % (i + 1))])
        for i, v in enumerate(kind(c.lines(), 'user')[:1] * 3)}


@form
def answers_alone(c):
    return one(text(answers(c.lines())))


@form
def queued(c):
    lines = c.lines('multiturn')
    for v in kind(lines, 'attachment'):
        v['attachment'] = dict(type='queued_command', prompt='and more')
    return one(text(lines))


@form
def results_lost(c):
    return one(text(v for v in c.lines() if 'toolUseResult' not in v))


@form
def results_twice(c):
    lines = c.lines()
    return one(text(lines + [dict(v, uuid='r') for v in results(lines)]))


# -- sessions

@form
def copied(c):
    """The same session in two projects and under another name."""
    data = text(c.lines('multiturn'))
    return {'-home-a/s.jsonl': data, '-home-b/s.jsonl': data,
            '-home-b/t.jsonl': data + text(c.lines())}


@form
def forked(c):
    lines = c.lines('multiturn')
    k = lines.index(answers(lines)[1])
    own = [dict(v, uuid='f-%s' % v.get('uuid'), sessionId='fork',
                parentUuid='f-%s' % v.get('parentUuid')) for v in lines[k:]]
    return {PROJECT + '/a.jsonl': text(lines), PROJECT + '/b.jsonl': text(
        [dict(v, sessionId='fork') for v in lines[:k]] + own)}


@form
def parts(c):
    """A session in two files, of which one has the end of an answer alone."""
    lines = c.lines('v2.1.197-basic')
    return {PROJECT + '/a.jsonl': text(answers(lines)[2:4]),
            PROJECT + '/b.jsonl': text(lines)}


@form
def two_in_one(c):
    a, b = c.lines(), c.lines('multiturn')
    out = [v for pair in zip(a, b) for v in pair]
    return one(text(out + a[len(b):] + b[len(a):]))


@form
def many_in_one(c):
    return one(b''.join(text(c.lines(name)) for name in c.session))


@form
def sorted_lines(c):
    return one(b''.join(sorted(text(c.lines('multiturn')).splitlines(True))))


@form
def turned_lines(c):
    return one(text(c.lines('subagent')[::-1]))


@form
def twice_all(c):
    return one(text(c.lines('multiturn')) * 2)


OTHERS = [
    dict(sessionId='g', projectHash='h', startTime='2026-11-21T01:00:00Z',
         lastUpdated='2026-11-21T01:00:09Z', kind='main'),
    dict(id='m1', timestamp='2026-11-21T01:00:01Z', type='user', content='x'),
    dict(id='m2', timestamp='2026-11-21T01:00:04Z', type='gemini',
         content='y', model='gemini-3.5-flash-lite', tokens=dict(
             input=10, output=5, cached=2, thoughts=1, tool=0, total=16)),
    dict(timestamp='2026-11-21T02:00:00Z', type='session_meta', payload=dict(
        id='c', cwd='/home/me', cli_version='1', originator='x')),
    dict(timestamp='2026-11-21T02:00:01Z', type='turn_context', payload=dict(
        turn_id='t', model='gpt-5.4', cwd='/home/me'))]


@form
def others_in_it(c):
    """Lines of other clients in the same file."""
    return one(text(OTHERS[:3] + c.lines() + OTHERS))


@form
def others_beside(c):
    return {MAIN: text(c.lines()), 'chats/session-1.jsonl': text(OTHERS[:3]),
            'sessions/rollout-1.jsonl': text(OTHERS[3:]),
            'notes.txt': b'{"type":"assistant"\nnot json {"\n',
            'data.json': b'{"a":\n{"type":"x","b":[}\n'}


@form
def printed_beside(c):
    """What the run printed, with its transcript."""
    lines = c.lines()
    out = []
    for v in lines:
        if v['type'] in ('user', 'assistant'):
            out.append(dict(v, session_id=v['sessionId'],
                            request_id=v.get('requestId')))
            del out[-1]['sessionId'], out[-1]['isSidechain']
            del out[-1]['parentUuid']
    return {MAIN: text(lines), PROJECT + '/z.log': text(out)}


@form
def nearly(_):
    """Objects that are nearly lines of a transcript."""
    return one(text([NESTED, dict(NESTED, isSidechain=None),
                     dict(NESTED, uuid=None), {'message': NESTED},
                     dict(sessionId='n', type=None, message=NESTED['message']),
                     dict(NESTED, projectHash='x'),
                     dict(type='assistant', parentUuid='x',
                          message=NESTED['message']),
                     dict(NESTED, agentId=5, uuid='o', requestId='o')]))


# -- random ones

class Mixer:
    """Does a few things to some sessions."""

    def __init__(self, captures, rng):
        self.captures, self.rng = captures, rng

    def some(self, items, part):
        return [v for v in items if self.rng.random() < part]

    def session(self):
        """The lines of a session, or with those of its sub-agents."""
        rng, c = self.rng, self.captures
        name = rng.choice(sorted(c.session))
        files = c.files(name)
        lines = c.lines(name)
        side = [v for f in files.values() for v in f if v.get('isSidechain')]
        if side and rng.random() < 0.7:
            at = sorted(rng.randrange(len(lines) + 1) for _ in side)
            for k, v in reversed(list(zip(at, side))):
                lines.insert(k, v)
        if rng.random() < 0.5:
            day = '2026-11-%02d' % rng.randrange(19, 25)
            for v in lines:
                if 'timestamp' in v:
                    v['timestamp'] = v['timestamp'].replace(
                        '2026-11-21', day).replace(
                            'T00', 'T%02d' % rng.randrange(24))
        return lines

    def reorder(self, lines):
        order = self.rng.choice(sorted(ORDERS))
        return [turned(v, ORDERS[order]) if self.rng.random() < 0.5 else v
                for v in lines]

    def shuffle_members(self, lines):
        def order(items):
            self.rng.shuffle(items)
            return items
        return [turned(v, order) for v in lines]

    def repeat(self, lines):
        return [x for v in lines for x in
                [v] * (1 + (self.rng.random() < 0.2))]

    def drop(self, lines):
        return self.some(lines, 0.85)

    def swap(self, lines):
        for _ in range(5):
            k = self.rng.randrange(max(1, len(lines) - 1))
            lines[k:k + 2] = lines[k:k + 2][::-1]
        return lines

    def aside(self, lines):
        for v in self.some(lines, 0.2):
            v['isSidechain'] = True
        return lines

    def forget(self, lines):
        """Members are lost."""
        names = ('uuid', 'parentUuid', 'requestId', 'timestamp', 'promptId',
                 'sessionId', 'cwd', 'message', 'agentId', 'type')
        for v in self.some(lines, 0.2):
            v.pop(self.rng.choice(names), None)
        return lines

    def count(self, lines):
        for v in answers(lines):
            usage = v.get('message', {}).get('usage', {})
            for name in self.some(sorted(usage), 0.2):
                usage[name] = self.rng.choice(
                    (0, 7, 10 ** 9, -1, 1.5, None, '3', {}))
        return lines

    def rename(self, lines):
        for v in self.some(answers(lines), 0.4):
            v.get('message', {})['model'] = self.rng.choice(
                ('claude-sonnet-5', 'claude-haiku-4-5', 'claude-opus-5-5[1m]',
                 '<synthetic>', None, 'caf\u00e9 "x"'))
        return lines

    def fail(self, lines):
        for v in self.some(answers(lines), 0.2):
            v.update(isApiErrorMessage=True, apiErrorStatus=self.rng.choice(
                (401, 429, 500, None)))
            v.get('message', {})['model'] = '<synthetic>'
        return lines

    def cut(self, data):
        return data[:self.rng.randrange(len(data))] if data else data

    def splice(self, data):
        a, b = sorted(self.rng.randrange(len(data) + 1) for _ in range(2))
        lines = data[:-1].split(b'\n')
        return data[:a] + self.rng.choice(lines) + data[a if a % 2 else b:]

    def join(self, data):
        return b''.join(line + (b'' if self.rng.random() < 0.2 else b'\n')
                        for line in data.split(b'\n'))

    def space(self, data):
        return b'\n'.join(
            self.rng.choice((b'', b' ', b'\t')) + line +
            self.rng.choice((b'', b'\r', b'  ')) for line in data.split(b'\n'))

    def make(self):
        rng, files = self.rng, {}
        steps = (self.reorder, self.shuffle_members, self.repeat, self.drop,
                 self.swap, self.aside, self.forget, self.count, self.rename,
                 self.fail)
        for k in range(rng.choice((1, 1, 2, 3))):
            lines = self.session()
            # A session in two files, one without its prompt, is another case.
            for v in lines:
                if 'sessionId' in v:
                    v['sessionId'] = '%d%s' % (k, v['sessionId'][1:])
            for step in rng.sample(steps, rng.randrange(1, 4)):
                lines = step(lines)
            data = text(lines)
            if rng.random() < 0.35:
                data = rng.choice((self.cut, self.splice, self.join,
                                   self.space))(data)
            # Some stand in one file.
            path = '%s/%d.jsonl' % (PROJECT, rng.choice((0, k)))
            files[path] = files.get(path, b'') + data
        return files


def mixtures(count):
    mixer = Mixer(Captures(sys.argv[1]), random.Random(SEED))
    for i in range(count):
        yield 'mixture_%03d' % i, mixer.make(), ''


if __name__ == '__main__':
    if len(sys.argv) > 3:
        make(sys.argv[2], mixtures(int(sys.argv[3])))
    else:
        make_forms(MEETINGS)
