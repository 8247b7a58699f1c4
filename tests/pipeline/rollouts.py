#!/usr/bin/env python3
"""Rollouts of Codex that other tools count wrong, made again from what they
are known to look like.

usage: rollouts.py CASE DIR

Writes the files of the case into DIR and prints the tokens that were really
used: calls, input, output, total.
"""
import json
import os
import sys

T0 = 1795219518000      # ms; 2026-11-21T00:05:18Z


def uuid7(ms, n):
    """An id as Codex makes them: its first 48 bits are a time."""
    h = '%012x' % ms
    return '%s-%s-7%03x-8000-%012x' % (h[:8], h[8:], n & 0xfff, n)


def stamp(ms):
    s, ms = divmod(ms, 1000)
    h, s = divmod(s - (T0 - T0 % 86400000) // 1000, 3600)
    return '2026-11-21T%02d:%02d:%02d.%03dZ' % (h, s // 60, s % 60, ms)


class Thread:
    """A thread and its rollout, as versions with marked turns write it, or as
    older ones do."""

    def __init__(self, begun, n, old=False, records=True, **meta):
        self.id, self.now, self.old = uuid7(begun, n), begun, old
        self.records = records
        self.total = dict.fromkeys(('input_tokens', 'cached_input_tokens',
                                    'output_tokens',
                                    'reasoning_output_tokens',
                                    'total_tokens'), 0)
        self.lines, self.turns, self.n = [], 0, n
        self.line('session_meta', dict(
            {'id': self.id, 'timestamp': stamp(begun),
             'cwd': '/home/me/work/demo-project', 'originator': 'codex_exec',
             'cli_version': '0.100.0' if old else '0.145.0',
             'source': 'exec', 'model_provider': 'openai'}, **meta))

    def line(self, kind, payload, step=1):
        self.now += step
        self.lines.append({'timestamp': stamp(self.now), 'type': kind,
                           'payload': payload})

    def event(self, kind, **more):
        self.line('event_msg', dict(type=kind, **more))

    def begin(self, prompt):
        self.turns += 1
        self.turn = uuid7(self.now + 1, self.n * 100 + self.turns)
        if not self.old:
            self.event('task_started', turn_id=self.turn,
                       started_at=self.now // 1000)
        self.line('turn_context', {'cwd': '/', 'model': 'gpt-5.4'})
        self.line('response_item', {
            'type': 'message', 'role': 'user',
            'content': [{'type': 'input_text', 'text': prompt}]})
        self.event('user_message', message=prompt)

    def call(self, used, cached, out, reasoning, text):
        self.line('response_item', {
            'type': 'message', 'role': 'assistant',
            'content': [{'type': 'output_text', 'text': text}]}, 200)
        last = {'input_tokens': used, 'cached_input_tokens': cached,
                'output_tokens': out, 'reasoning_output_tokens': reasoning,
                'total_tokens': used + out}
        for key, n in last.items():
            self.total[key] += n
        if self.records and not self.old:
            self.line('token_usage_record', {
                'thread_id': self.id, 'turn_id': self.turn,
                'response_id': 'resp_%d_%d' % (self.n, len(self.lines)),
                'usage': last})
        self.count(last)

    def count(self, last):
        """Again when nothing but a limit has changed."""
        self.event('token_count', info={
            'total_token_usage': dict(self.total),
            'last_token_usage': last}, rate_limits={'used': len(self.lines)})

    def done(self, text):
        if not self.old:
            self.event('task_complete', turn_id=self.turn,
                       last_agent_message=text)

    def turn_of(self, prompt, calls):
        self.begin(prompt)
        for i, (used, cached, out, reasoning) in enumerate(calls):
            self.call(used, cached, out, reasoning, 'answer %d' % i)
        self.done('answer')

    def replay(self, other, restamped, records=False):
        """Another thread's history, as a fork carries it."""
        for line in other.lines:
            if line['type'] == 'token_usage_record' and not records:
                continue
            line = json.loads(json.dumps(line))
            if restamped:
                line['timestamp'] = stamp(self.now)
            self.lines.append(line)
        self.total = dict(other.total)

    def write(self, folder):
        name = 'rollout-%s-%s.jsonl' % (
            stamp(self.now)[:19].replace(':', '-'), self.id)
        with open(os.path.join(folder, name), 'w', encoding='utf-8') as f:
            for line in self.lines:
                f.write(json.dumps(line) + '\n')


PARENT = [(5000, 4096, 120, 64), (5200, 4992, 25, 8)]
OWN = (3000, 1024, 20, 0)
SPAWN = {'subagent': {'thread_spawn': {'parent_thread_id': None, 'depth': 1}}}


def said(calls):
    return (len(calls), sum(c[0] for c in calls), sum(c[2] for c in calls),
            sum(c[0] + c[2] for c in calls))


def parent(**how):
    t = Thread(T0, 1, **how)
    t.turn_of('the question', PARENT)
    return t


def child(of, n, later, **meta):
    return Thread(T0 + later, n, old=of.old, **meta)


def spawned(of, n, later):
    source = json.loads(json.dumps(SPAWN))
    source['subagent']['thread_spawn']['parent_thread_id'] = of.id
    return child(of, n, later, source=source, parent_thread_id=of.id)


def subagents(folder, restamped, old=False, count=16):
    """One parent, many sub-agents that begin with its whole history."""
    p = parent(old=old)
    p.write(folder)
    for i in range(count):
        c = spawned(p, 10 + i, 60000 + 1000 * i)
        c.replay(p, restamped)
        c.now += 5000
        c.turn_of('do it', [OWN])
        c.write(folder)
    return said(PARENT + count * [OWN])


def fork(folder, restamped, old=False, own=(OWN,)):
    p = parent(old=old)
    p.write(folder)
    c = child(p, 2, 60000, forked_from_id=p.id)
    c.replay(p, restamped, records=True)
    c.now += 5000
    if own:
        c.turn_of('go on', list(own))
    c.write(folder)
    return said(PARENT + list(own))


def limits(folder):
    """Told again and again, though nothing was used."""
    t = Thread(T0, 1, old=True)
    t.begin('the question')
    for i, (used, cached, out, reasoning) in enumerate(PARENT):
        t.call(used, cached, out, reasoning, 'answer %d' % i)
        for _ in range(20):
            t.event('token_count', info={
                'total_token_usage': dict(t.total),
                'last_token_usage': {'input_tokens': used,
                                     'cached_input_tokens': cached,
                                     'output_tokens': out,
                                     'reasoning_output_tokens': reasoning,
                                     'total_tokens': used + out}})
        t.event('token_count', info=None)
    t.write(folder)
    return said(PARENT)


def resumed(folder):
    """The same file goes on: its sums, too."""
    t = parent()
    t.now += 3600000
    t.turn_of('and now', [OWN])
    t.write(folder)
    return said(PARENT + [OWN])


def twice(folder):
    """Both kinds of counts for each call."""
    parent(records=True).write(folder)
    return said(PARENT)


def old(folder):
    """Only token_count, and no marks of turns."""
    t = parent(old=True)
    t.turn_of('and now', [OWN])
    t.write(folder)
    return said(PARENT + [OWN])


CASES = {
    'subagents': lambda d: subagents(d, True),
    'subagents-original-times': lambda d: subagents(d, False),
    'subagents-without-ids': lambda d: subagents(d, True, old=True),
    'fork': lambda d: fork(d, True),
    'fork-original-times': lambda d: fork(d, False),
    'fork-without-ids': lambda d: fork(d, True, old=True),
    'fork-of-nothing': lambda d: fork(d, True, own=()),
    'limits': limits,
    'resumed': resumed,
    'twice': twice,
    'old': old,
}


def main():
    os.makedirs(sys.argv[2], exist_ok=True)
    print('calls=%d input=%d output=%d total=%d' %
          CASES[sys.argv[1]](sys.argv[2]))


if __name__ == '__main__':
    if len(sys.argv) == 1:
        print('\n'.join(CASES))
    else:
        main()
