#!/usr/bin/env python3
"""Shapes of Codex runs that no capture holds, written by hand from what its
sources and documentation say; logs without ids, as without trace exporter.

usage: codex_shapes.py, with aitrace-enrich on PATH
"""
import json
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'truth'))
from stream import Span, by_start     # noqa: E402
from tap import Tap                   # noqa: E402

RESOURCE = {'service.name': 'codex_exec', 'service.version': '0.169.0'}


class Run:
    """Builds log records; the clock is in milliseconds."""

    def __init__(self):
        self.at, self.records = 0, []

    def log(self, name, conv='c1', step=10, **attr):
        self.at += step
        when = '2026-11-21T00:00:%02d.%03d' % divmod(self.at, 1000)
        attr = {k.replace('__', '.'): v for k, v in attr.items()}
        self.records.append({
            'record': 'log', 'observed_time': when + '007001Z',
            'resource': RESOURCE, 'scope': {'name': 'codex_otel.log_only'},
            'attributes': dict({
                'event.name': 'codex.' + name, 'conversation.id': conv,
                'event.timestamp': when + 'Z', 'model': 'gpt-5.6'}, **attr)})
        return self

    def prompt(self, text='go', **kw):
        return self.log('user_prompt', prompt=text,
                        prompt_length=str(len(text)), **kw)

    def request(self, status=200, **kw):
        if status >= 400:
            kw['error__message'] = 'http %d' % status
        return self.log('api_request', duration_ms='5', attempt=0,
                        http__response__status_code=status, **kw)

    def ttft(self, **kw):
        return self.log('turn_ttft', duration_ms='20', **kw)

    def usage(self, total=100, **kw):
        return self.log('sse_event', event__kind='response.completed',
                        input_token_count=str(total), output_token_count='9',
                        cached_token_count=40, cache_write_token_count=10,
                        reasoning_token_count=4,
                        tool_token_count=str(total + 9), ttft_ms=3, **kw)

    def tool(self, call_id, name='exec_command', ms=5, output='ok', **kw):
        kw.setdefault('success', 'true')
        return self.log('tool_result', call_id=call_id, tool_name=name,
                        tool_namespace='functions', duration_ms=str(ms),
                        arguments='{}', output=output, **kw)

    def spans(self):
        text = ''.join(json.dumps(r) + '\n' for r in self.records)
        out = self.enrich(text)
        mixed = list(self.records)
        random.Random(1).shuffle(mixed)
        again = self.enrich(''.join(json.dumps(r) + '\n' for r in mixed))
        assert sorted(out) == sorted(again), 'another order, other spans'
        return by_start([Span(json.loads(line)) for line in out])

    @staticmethod
    def enrich(text):
        p = subprocess.run(['aitrace-enrich'], input=text, text=True,
                           capture_output=True, check=True)
        assert p.stderr == '', p.stderr
        return [line for line in p.stdout.splitlines()
                if '"record":"span"' in line]


def of(spans, kind):
    return [s for s in spans if s.type == kind]


def parent(spans, span):
    return next((s for s in spans if s.id == span.parent), None)


def code_mode(tap):
    s = Run().prompt().request().tool('exec-1').tool('exec-2', ms=8) \
        .tool('call_a', 'exec', 40).usage().request() \
        .tool('exec-3').tool('call_b', 'exec', 20).usage().request() \
        .usage().spans()
    tools = {t.call_id: t for t in of(s, 'tool')}
    for nested, script in (('exec-1', 'call_a'), ('exec-2', 'call_a'),
                           ('exec-3', 'call_b')):
        tap.equal(parent(s, tools[nested]).call_id, script,
                  '%s stands under the script that called it' % nested)
        tap.equal(tools[nested].attr.get('aitrace.inferred'), 'parent',
                  'which is a guess')
    tap.equal([parent(s, tools[t]) for t in ('call_a', 'call_b')],
              of(s, 'generation')[:2], 'a script under the call that wrote it')


def no_first_token(tap):
    s = Run().prompt('one').request().usage().request(500).request().usage() \
        .spans()
    tap.equal(len(of(s, 'chain')), 1, 'one prompt is one turn')
    s = Run().prompt('one').request().tool('a', step=20).usage().request() \
        .usage().prompt('two').request().usage().spans()
    tap.equal([c.input for c in of(s, 'chain')], ['one', 'two'],
              'an answer without tools ends a turn that was not timed')


def prompts(tap):
    run = Run().prompt('one').request().ttft().tool('a').usage() \
        .prompt('and this').request().usage()
    s = run.spans()
    tap.equal(len(of(s, 'chain')), 1, 'a prompt typed meanwhile is no turn')
    tap.equal([e['attributes']['content'] for e in
               of(s, 'chain')[0].record.get('events', [])], ['and this'],
              'but an event of the one that runs')
    s = run.prompt('three').request().ttft().usage().spans()
    tap.equal([c.input for c in of(s, 'chain')], ['one', 'three'],
              'a first token timed again is a turn')
    s = Run().prompt('one').request(500).request(500).prompt('again') \
        .request().ttft().usage().spans()
    tap.equal([(c.input, c.level) for c in of(s, 'chain')],
              [('one', 'ERROR'), ('again', 'DEFAULT')],
              'a prompt after a failure is a turn')


def broken_stream(tap):
    s = Run().prompt().request().ttft().log(
        'sse_event', event__kind='response.failed', error__message='server '
        'overloaded').request().usage().spans()
    gens = of(s, 'generation')
    tap.equal([g.level for g in gens], ['ERROR', 'DEFAULT'],
              'an answer that broke off failed, and was asked for again')
    tap.equal(gens[0].attr.get('error.type'), 'rate_limit',
              'its words tell why')
    tap.ok(gens[0].attr['aitrace.call.id'] == gens[1].attr['aitrace.call.id']
           and gens[1].attr['aitrace.attempts'] == 2,
           'both are attempts of one request')
    tap.ok(gens[0].usage is None, 'of which one used nothing')
    tap.equal(of(s, 'chain')[0].level, 'DEFAULT', 'the turn is well')


def tokens(tap):
    g = of(Run().prompt().request().usage().spans(), 'generation')[0]
    tap.equal(g.usage, {
        'input': 50, 'input_cached_tokens': 40, 'input_cache_creation': 10,
        'output': 5, 'output_reasoning_tokens': 4, 'total': 109},
        'the buckets are disjoint, the total is counted once')


def cut_short(tap):
    s = Run().prompt().request().ttft().spans()
    gen, root = of(s, 'generation'), of(s, 'chain')
    tap.ok(len(gen) == 1 and gen[0].level == 'ERROR' and
           gen[0].usage is None, 'a call without answer is one that failed')
    tap.ok(root[0].attr.get('aitrace.incomplete') is True,
           'and its turn is incomplete')
    s = Run().prompt().request().ttft().log(
        'tool_decision', call_id='a', tool_name='exec_command',
        decision='approved').usage().spans()
    tap.equal(of(s, 'tool')[0].level, 'ERROR', 'a tool without result, too')


def outcomes(tap):
    head = 'Chunk ID: 1\nWall time: 0.1 seconds\n'
    s = Run().prompt().request() \
        .tool('a', output=head + 'Process exited with code 3\nOutput:\n') \
        .tool('b', output=head + 'Process exited with code 0\nOutput:\n'
              'Process exited with code 7\n') \
        .tool('c', success='false', output='exec_command failed: Rejected('
              '"by policy")') \
        .tool('d', success='false', output='no such file') \
        .log('tool_decision', call_id='e', tool_name='exec_command',
             decision='denied', source='User') \
        .usage().request().usage().spans()
    got = {t.call_id: (t.level, t.attr.get('aitrace.tool.exit_code'),
                       t.attr.get('langfuse.observation.status_message'))
           for t in of(s, 'tool')}
    tap.equal(got, {'a': ('WARNING', 3, 'exit code 3'),
                    'b': ('DEFAULT', 0, None),
                    'c': ('WARNING', None, 'rejected'),
                    'd': ('ERROR', None, 'no such file'),
                    'e': ('WARNING', None, 'rejected by User')},
              'exit codes, rejections and failures')


def answers(tap):
    s = Run().prompt().request().log(
        'agent_response', response='All done.').usage() \
        .spans()
    tap.ok(len(of(s, 'generation')) == 1 and
           of(s, 'chain')[0].output == 'All done.',
           'an answer that is told is the output of call and turn')


def agents(tap):
    """A sub-agent of a sub-agent; its records come before the outputs."""
    def spawn(child):
        return dict(name='spawn_agent', output=json.dumps(
            {'agent_id': child, 'nickname': 'N' + child}))
    s = Run().prompt().request() \
        .prompt('sub', conv='c2').tool('s', **spawn('c2')).usage() \
        .request(conv='c2').prompt('subsub', conv='c3') \
        .tool('ss', conv='c2', **spawn('c3')).usage(conv='c2') \
        .request(conv='c3').usage(conv='c3').request(conv='c2') \
        .usage(conv='c2').request().usage().spans()
    tap.equal(len(of(s, 'chain')), 1, 'sub-agents are no turns')
    names = [g.attr.get('aitrace.thread.id') for g in of(s, 'generation')]
    tap.equal(sorted(map(str, names)), ['None', 'None', 'c2', 'c2', 'c3'],
              'their calls name their threads')
    inner = next(a for a in of(s, 'agent') if a.call_id == 'ss')
    outer = parent(s, parent(s, inner))
    tap.equal((outer.type, outer.call_id), ('agent', 's'),
              'and nest in one another')
    tap.equal({x.attr['session.id'] for x in s}, {'c1'},
              'all in the session of the root')


def main():
    tap = Tap()
    for test in (code_mode, no_first_token, prompts, broken_stream, tokens,
                 cut_short, outcomes, answers, agents):
        test(tap)
    tap.done()


if __name__ == '__main__':
    main()
