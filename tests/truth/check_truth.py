#!/usr/bin/env python3
"""Compares a finished stream with what really happened.

usage: check_truth.py --capture DIR [--subset] [--transcript] [--no-price] FILE
       check_truth.py --live TRUTH.jsonl --scenario NAME [--prompt TEXT] ... FILE

FILE is the output of recv | enrich | price. Works on runs of Claude Code, Codex,
Gemini CLI and opencode. --subset: only some of the signals were fed in, so a fact that one of the
others carries may be missing, but none may be wrong, and the tree must be
whole. --transcript: FILE was made from what the client itself keeps.
"""
import argparse
import re
from decimal import Decimal

import expect
import expect_transcript
from stream import (by_start, content_text, decoded, enriched, load,
                    message_text, spans)
from tap import Tap

CUT = re.compile(r'(.{40,}?)[\ud800-\udfff\ufffd]?…\[(\d+) chars\]$', re.S)
REDACTED = ('', '<REDACTED>', '[REDACTED]')


class Checker:
    def __init__(self, tap, want, records, subset, price):
        self.tap, self.want = tap, want
        self.subset, self.price = subset, price
        self.client = want['client']
        self.sides = []
        self.records = records
        self.spans = enriched(records)
        self.by_id = {(s.trace_id, s.id): s for s in self.spans}
        self.absent = want['absent']
        # Calls of which nothing was exported: the client was cut off.
        self.lost = [c for c in want['llm_calls']
                     if 'llm_calls[%d]' % c['index'] in self.absent]
        # opencode's titles are of the session, and of no turn.
        self.titles = [c for c in want['llm_calls']
                       if self.client == 'opencode' and
                       c['purpose'] == 'title']
        want['llm_calls'] = [c for c in want['llm_calls']
                             if c not in self.lost + self.titles]
        # call index -> generation, turn index -> root
        self.calls, self.roots = {}, {}

    def kind(self, *types):
        return [s for s in self.spans if s.type in types]

    def within(self, span):
        """The agent span or the root that a span hangs below."""
        at = self.by_id.get((span.trace_id, span.parent))
        while at is not None and at.type not in ('agent', 'chain'):
            at = self.by_id.get((at.trace_id, at.parent))
        return at

    def fact(self, got, want, path, name):
        """A fact that must be right where the telemetry carries it."""
        if want is None:
            return
        if path in self.absent:
            self.tap.ok(got is None, name + ' is not made up',
                        'got %r' % (got,))
        elif got is None and self.subset:
            return
        else:
            self.tap.equal(got, want, name)

    def text(self, got, want, path, name):
        """The same for content: where it was left out, what stands there may
        be what the client put in its place."""
        if path in self.absent:
            self.tap.ok(got in REDACTED, name + ' is not made up',
                        'got %r' % got)
        elif got in REDACTED and self.subset:
            return
        else:
            self.tap.equal(got, want, name)

    # -- turns

    def turns(self):
        tap = self.tap
        roots = by_start(self.kind('chain'))
        # What the client did for itself stands apart and says so.
        self.sides = [r for r in roots if 'aitrace.purpose' in r.attr]
        tap.equal(len(self.sides), len(self.titles) +
                  len(self.want.get('side_session_ids', [])),
                  'number of side threads')
        for root, call in zip(self.sides, self.titles):
            gens = [s for s in self.spans if s.parent == root.id]
            tap.equal([s.attr.get('aitrace.purpose') for s in gens],
                      ['title'], 'a title is one call')
            for gen in gens:
                self.generation(gen, call)
        roots = [r for r in roots if r not in self.sides]
        beside = {r.trace_id for r in self.sides}
        self.spans = [s for s in self.spans if s.trace_id not in beside]
        want = [t for t in self.want['turns'] if t['kind'] != 'subagent']
        # Without their text a client's own turns look like a user's.
        told = 'turns[0].prompt' not in self.absent
        if not tap.equal(len(roots), len(want), 'number of turns'):
            return False
        for root, turn in zip(roots, want):
            i = turn['index']
            self.roots[i] = root
            name = 'turn %d: ' % i
            if told and turn['kind'] == 'client':
                tap.equal(root.attr.get('aitrace.turn.kind'), 'client',
                          name + 'was begun by the client')
            elif turn['kind'] == 'user':
                tap.ok('aitrace.turn.kind' not in root.attr,
                       name + 'was begun by the user')
            if turn['session_id'] is not None:
                tap.equal(root.attr.get('session.id'), turn['session_id'],
                          name + 'session')
            if turn['prompt'] is not None:
                raw = root.attr.get('langfuse.observation.input')
                quoted = raw in (turn['prompt'], '"%s"' % turn['prompt'])
                self.text(turn['prompt'] if quoted else
                          message_text(root.input), turn['prompt'],
                          'turns[%d].prompt' % i, name + 'prompt')
            if turn['final_text'] is not None:
                self.text(message_text(root.output), turn['final_text'],
                          'turns[%d].final_text' % i, name + 'answer')
            self.mid_turn(root, turn, name)
            # Logs alone may lack the mark that the turn has ended.
            if turn.get('failed'):
                tap.equal(root.level, 'ERROR', name + 'ended badly')
                continue
            tap.ok(root.level != 'ERROR' and (
                self.subset or
                ('aitrace.incomplete' in root.attr) == bool(self.lost)),
                name + 'ended well', root.attr)
        return True

    def mid_turn(self, root, turn, name):
        prompts = [e.get('attributes', {}).get('content')
                   for e in root.record.get('events', [])
                   if e.get('name') == 'aitrace.prompt']
        want = turn.get('mid_turn_prompts', [])
        if self.subset and not prompts:
            return
        self.tap.equal(prompts, want, name + 'prompts typed meanwhile')

    # -- model calls

    def threads(self):
        """(turn, agent id) -> its generations, in order."""
        spawned = {a['agent_id']: a['spawned_by_call_id']
                   for a in self.want['subagents']}
        agents = {s.call_id: s for s in self.kind('agent')}
        out = {}
        for call in self.want['llm_calls']:
            key = (call['turn'], call['agent_id'])
            if key in out:
                continue
            home = self.roots.get(call['turn'])
            if call['agent_id'] is not None:
                home = agents.get(spawned[call['agent_id']])
            out[key] = by_start([
                g for g in self.kind('generation')
                if home is not None and self.within(g) is home])
        return out

    def generations(self):
        tap = self.tap
        # An attempt that the client reports by itself is one, too.
        attempts = [self.refused(c) for c in self.want['llm_calls']]
        tap.equal(len(self.kind('generation')), len(attempts) +
                  sum(map(len, attempts)), 'number of model calls')
        threads = self.threads()
        for key, gens in threads.items():
            want = [c for c in self.want['llm_calls']
                    if (c['turn'], c['agent_id']) == key]
            where = 'turn %d%s' % (key[0], ' (sub-agent)' if key[1] else '')
            if not tap.equal(len(gens), len(want) + sum(
                    len(self.refused(c)) for c in want),
                    'model calls of ' + where):
                continue
            for call in want:
                tries = [gens.pop(0) for _ in self.refused(call)]
                gen = gens.pop(0)
                self.calls[call['index']] = gen
                self.attempts(tries, gen, call)
                self.generation(gen, call)
        return len(self.calls) == len(self.want['llm_calls'])

    def refused(self, call):
        """The statuses of attempts that stand for themselves: Codex tells of
        each, Claude Code only counts them."""
        return [] if self.client == 'claude-code' else \
            call['attempt_statuses'][:-1]

    def attempts(self, tries, gen, call):
        tap, name = self.tap, 'call %d: ' % call['index']
        for one, status in zip(tries, self.refused(call)):
            tap.ok(one.level == 'ERROR' and one.usage is None,
                   name + 'a refused attempt failed and used nothing', one)
            if self.client != 'opencode':   # it tells the message alone
                tap.equal(one.attr.get('http.response.status_code'), status,
                          name + 'status of the refused attempt')
            tap.equal(one.attr.get('error.type'), {
                401: 'auth', 403: 'auth', 429: 'rate_limit',
                500: 'server'}.get(status), name + 'class of its error')
            tap.ok(one.attr.get('aitrace.call.id') ==
                   gen.attr.get('aitrace.call.id', ''),
                   name + 'its attempts are of one request')

    def generation(self, gen, call):
        i, tap = call['index'], self.tap
        name, path = 'call %d: ' % i, 'llm_calls[%d].' % i
        known = {gen.attr.get('gen_ai.response.id'),
                 gen.attr.get('aitrace.call.id')}
        if path + 'response_id' in self.absent and (
                call['request_id'] is None or
                path + 'request_id' in self.absent):
            tap.ok('gen_ai.response.id' not in gen.attr,
                   name + 'its id is not made up', known)
        else:
            tap.ok(known & {call['request_id'], call['response_id']},
                   name + 'is that request', '%r of %r' % (known, call))
        for attr in ('gen_ai.request.model', 'langfuse.observation.model.name'):
            tap.equal(gen.attr.get(attr), call['model'], name + attr)
        tap.equal(gen.level == 'ERROR', not call['ok'], name + 'success')
        self.tokens(gen, call, name, path)
        if self.client == 'gemini-cli':
            tap.equal(gen.attr.get('aitrace.purpose'), 'router' if
                      call['purpose'] == 'router' else None, name + 'purpose')
        reasons = gen.attr.get('gen_ai.response.finish_reasons')
        if self.client == 'gemini-cli' and reasons:
            reasons = [r.upper() for r in reasons]  # it lower-cases them
        if self.client != 'opencode':       # the SDK has words of its own
            self.fact(reasons, call['stop_reason'] and [call['stop_reason']],
                      path + 'stop_reason', name + 'why it stopped')
        self.fact(gen.attr.get('aitrace.attempts'), call['attempt_count'],
                  path + 'attempt_count', name + 'attempts')
        if 'http.response.status_code' in gen.attr:
            tap.equal(gen.attr['http.response.status_code'],
                      call['http_status'], name + 'HTTP status')
        got = message_text(gen.output)
        if call.get('output_text') is not None:
            self.text(got, call['output_text'], path + 'output_text',
                      name + 'text')
        elif 'text_bytes' in call and not (self.subset and got in REDACTED):
            size = len(got.encode())
            # Claude Code cuts long answers; never may one grow.
            tap.ok(size == call['text_bytes'] or
                   call['text_bytes'] > 50000 and
                   0 < size <= call['text_bytes'],
                   name + 'size of the text', '%d of %d bytes' % (
                       size, call['text_bytes']))
        if self.price:
            self.cost(gen, call, name)

    def tokens(self, gen, call, name, path):
        tap, usage = self.tap, gen.usage
        if not call['ok']:
            tap.ok(usage is None, name + 'a failed call used nothing', usage)
            return
        if usage is None and self.subset and self.client == 'gemini-cli':
            return      # its spans lack what was cached and thought
        if not tap.ok(isinstance(usage, dict), name + 'has usage'):
            return
        usage = dict(usage)
        # Google counts these beside the prompt; they are read, too.
        tool = call['tool_prompt_tokens'] or 0
        tap.equal(usage.pop('input_tool_tokens', 0), tool,
                  name + 'tool prompt')
        tap.equal(usage.pop('input', 0), call['input_tokens_uncached'],
                  name + 'uncached input')
        tap.equal(usage.pop('input_cached_tokens', 0),
                  call['cache_read_tokens'] or 0, name + 'cache read')
        split = [usage.pop('input_cache_creation_' + k, None)
                 for k in ('5m', '1h')]
        whole = usage.pop('input_cache_creation', 0)
        tap.equal(whole + sum(v or 0 for v in split),
                  call['cache_write_tokens'] or 0, name + 'cache write')
        if path + 'cache_write_5m_tokens' in self.absent:
            tap.equal(split, [None, None], name + 'no split is made up')
        elif split != [None, None] or not self.subset:
            tap.equal([v or 0 for v in split],
                      [call['cache_write_5m_tokens'] or 0,
                       call['cache_write_1h_tokens'] or 0],
                      name + 'cache write by duration')
        tap.equal(usage.pop('output', 0), call['output_tokens'],
                  name + 'output')
        tap.equal(usage.pop('output_reasoning_tokens', 0),
                  call['reasoning_tokens'] or 0, name + 'reasoning')
        tap.equal(usage.pop('total', None), call['input_tokens_total'] +
                  call['output_tokens'] + (call['reasoning_tokens'] or 0) +
                  tool, name + 'total')
        tap.equal(usage, {}, name + 'no other tokens')
        tap.equal(gen.attr.get('gen_ai.usage.input_tokens'),
                  call['input_tokens_total'] + tool, name + 'gen_ai input')
        tap.equal(gen.attr.get('llm.token_count.prompt'),
                  call['input_tokens_total'] + tool, name + 'llm prompt')

    def cost(self, gen, call, name):
        tap = self.tap
        if gen.cost is None:
            tap.ok(not call['ok'] or self.subset and gen.usage is None,
                   name + 'has a cost')
            return
        reported = self.want['reported_cost']
        if reported is None:
            return self.own_cost(gen, call, name)
        micros = reported.get(call['request_id'])
        if not micros:
            return None
        if self.subset and 'aitrace.cost.reported' not in gen.attr:
            return None
        # Request ids come again after a resumption: any of its reports.
        return tap.ok(any(abs(gen.cost * 10**6 - m) <= Decimal('0.5')
                          for m in micros),
                      name + 'cost to the micro-dollar',
                      '%s, client said %r micro-dollars' % (gen.cost, micros))

    def own_cost(self, gen, call, name):
        """Live runs: the client's default model, per million tokens 4 in,
        20 out, 0.20 cache read, 5 and 8 cache write (telemetry facts 1.4)."""
        want = Decimal(
            40 * call['input_tokens_uncached'] +
            2 * call['cache_read_tokens'] +
            50 * call['cache_write_5m_tokens'] +
            80 * call['cache_write_1h_tokens'] +
            200 * call['output_tokens']) / 10**7
        if call['model'].startswith('claude-opus-5-5') and not (
                self.subset and 'aitrace.cost.reported' not in gen.attr):
            self.tap.ok(abs(gen.cost - want) < Decimal('0.000001'),
                        name + 'cost to the micro-dollar',
                        '%s, should be %s' % (gen.cost, want))

    # -- tools

    def tools(self):
        tap = self.tap
        found = self.kind('tool', 'agent')
        tap.equal(len(found), len(self.want['tool_calls']),
                  'number of tool calls')
        for call in self.want['tool_calls']:
            name = 'tool %d (%s): ' % (call['index'], call['name'])
            asker = self.calls.get(call['llm_call'])
            mine = [s for s in found if s.call_id == call['call_id'] and
                    (asker is None or s.trace_id == asker.trace_id)]
            if not mine and self.subset and self.client == 'gemini-cli':
                # Logs without content have no ids.
                mine = [s for s in found if s.tool_name == call['name'] and
                        s.call_id is None][:1]
            if tap.equal(len(mine), 1, name + 'is there once'):
                self.tool(mine[0], call, asker, name)

    def tool(self, span, call, asker, name):
        tap, path = self.tap, 'tool_calls[%d].' % call['index']
        agent = any(a['spawned_by_call_id'] == call['call_id']
                    for a in self.want['subagents'])
        tap.equal(span.type, 'agent' if agent else 'tool', name + 'type')
        hidden = ['mcp_tool'] if self.subset else []
        tap.ok(span.tool_name in [call['name']] + hidden, name + 'name',
               span.tool_name)
        if agent:
            tap.ok('gen_ai.tool.name' not in span.attr,
                   name + 'keeps its own name in Langfuse')
        if call['parent_call_id'] is not None:
            asker = self.by_id.get((span.trace_id, span.parent))
            tap.equal(asker and asker.call_id, call['parent_call_id'],
                      name + 'stands under the tool that called it')
        else:
            tap.ok(asker is not None and span.parent == asker.id,
                   name + 'stands under the call that asked', span.parent)
        self.arguments(span, call, path, name)
        self.outcome(span, call, name)
        self.result(span, call, path, name)

    def arguments(self, span, call, path, name):
        given = span.input
        if isinstance(given, dict) and 'input' in given:
            given = given['input']
        if not isinstance(given, dict):
            given = None
        want = call['arguments']
        if path + 'arguments' in self.absent:
            # The client's default gates leave some members; no wrong ones.
            self.tap.ok(all(k not in want or v in REDACTED or want[k] == v
                            for k, v in (given or {}).items()),
                        name + 'no arguments are made up', given)
            return
        if given is None and (self.subset or call['status'] == 'rejected'):
            return
        for key, value in want.items():
            got = (given or {}).get(key)
            if got is None and (self.subset or call['status'] == 'rejected'):
                continue    # of a denied tool the spans carry some members
            self.tap.ok(got == value or self.is_cut(got, value),
                        name + 'argument ' + key,
                        'got %r\nwant %r' % (got, value))

    @staticmethod
    def is_cut(got, value):
        """The client itself cuts a value at some count of UTF-16 units, perhaps inside
        a character, and says how long it was."""
        m = isinstance(got, str) and CUT.match(got)
        return bool(m) and isinstance(value, str) and \
            value.startswith(m.group(1)) and \
            len(value.encode('utf-16-le')) // 2 == int(m.group(2))

    def outcome(self, span, call, name):
        tap = self.tap
        code = span.attr.get('aitrace.tool.exit_code')
        if call['status'] == 'ok':
            tap.ok(span.level in ('DEFAULT', 'DEBUG') and not span.is_error,
                   name + 'succeeded', span.level)
        elif call['status'] == 'rejected':
            tap.ok(span.level == 'WARNING' and not span.is_error,
                   name + 'was rejected', span.level)
        elif call.get('error_class') == 'nonzero_exit':
            # Claude Code tells that a command failed, not always its code,
            # Codex only in the output, which its spans lack.
            tap.ok(span.level == 'WARNING' or
                   span.level == 'ERROR' and code is None or
                   self.subset and span.output is None,
                   name + 'its command failed', span.level)
            tap.ok(code == call.get('exit_code', 3) or code is None and (
                self.subset or self.client == 'claude-code'),
                name + 'exit code', code)
        else:
            tap.ok(span.level == 'ERROR' and span.is_error,
                   name + 'failed', span.level)

    def result(self, span, call, path, name):
        want = call.get('output')
        if want is None or path + 'output' in self.absent or \
                call['status'] != 'ok':
            return
        got = span.output
        if isinstance(got, dict):
            for key in ('output', 'content', 'result'):
                if key in got:
                    got = got[key]
                    break
        got = content_text(got) if isinstance(got, list) else got
        if got in (None, {}) and self.subset:
            return
        if span.type == 'agent':
            return      # its output is its last text, checked below
        if not isinstance(got, str):
            got = str(got)
        if self.client == 'gemini-cli':     # {"output":…} goes to the model
            said = decoded(want)
            want = said.get('output', want) if isinstance(said, dict) else want
        # Without raw bodies Read's output comes without line numbers.
        bare = '\n'.join(line.split('\t', 1)[-1]
                         for line in want.split('\n')).strip()
        self.tap.ok(got.strip() in (want.strip(), bare), name + 'output',
                    'got %r\nwant %r' % (got, want))

    # -- sub-agents, and what else is there

    def subagents(self):
        for sub in self.want['subagents']:
            name = 'sub-agent of %s: ' % sub['spawned_by_call_id']
            mine = [s for s in self.kind('agent')
                    if s.call_id == sub['spawned_by_call_id']]
            if not self.tap.equal(len(mine), 1, name + 'is there once'):
                continue
            if sub['agent_id'] != 'sub':
                self.tap.equal(mine[0].attr.get('gen_ai.agent.id'),
                               sub['agent_id'], name + 'id')
            texts = [t['final_text'] for t in self.want['turns']
                     if t['kind'] == 'subagent' and
                     t['agent_id'] == sub['agent_id']]
            told = ['turns[%d].final_text' % t['index']
                    for t in self.want['turns']
                    if t['agent_id'] == sub['agent_id']]
            if self.client == 'codex' and texts[0]:
                self.text(message_text(mine[0].output), texts[0], told[0],
                          name + 'last text')
            elif texts[0] and not self.subset and not any(
                    'output_text' in p for p in self.absent):
                self.tap.equal(message_text(mine[0].output), texts[0],
                               name + 'last text')

    def nothing_else(self):
        sessions = self.want['session_ids']
        if sessions:
            self.tap.equal({s.attr.get('session.id') for s in self.spans},
                           set(sessions), 'every span is of the session')
        self.tap.equal({s.agent for s in self.spans}, {self.client},
                       'every span names its agent')
        turns = {r.trace_id for r in self.roots.values()}
        turns |= {s.trace_id for s in self.sides}
        # A slash command is a span by itself, and no turn.
        beside = [s for s in self.spans if s.trace_id not in turns and not (
            s.type == 'span' and s.parent is None)]
        self.tap.equal(beside, [], 'no trace beside the turns')
        raw = [s for s in spans(self.records)
               if s.agent is None and s.trace_id in turns]
        self.tap.ok(not raw, 'no unfinished span in a turn', raw)
        used = [r for r in self.records if r.get('record') == 'log' and
                r.get('attributes', {}).get('aitrace.used')]
        self.tap.ok(all((r.get('trace_id'), r.get('span_id')) in self.by_id
                        for r in used),
                    'used logs point at the span they became')

    def run(self):
        if self.turns():
            self.generations()
            self.tools()
            self.subagents()
        self.nothing_else()


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--capture')
    p.add_argument('--live')
    p.add_argument('--scenario')
    p.add_argument('--prompt')
    p.add_argument('--subset', action='store_true')
    p.add_argument('--no-price', action='store_true')
    p.add_argument('--transcript', action='store_true')
    p.add_argument('file')
    args = p.parse_args()
    tap = Tap()
    want = (expect.from_capture(args.capture) if args.capture else
            expect.from_truth(args.live, args.scenario, args.prompt))
    if args.transcript:
        want = expect_transcript.adapted(want)
    try:
        records = load(args.file)
    except (ValueError, OSError) as e:
        tap.ok(False, 'the stream is JSON, line by line', e)
        tap.done()
    Checker(tap, want, records, args.subset, not args.no_price).run()
    tap.done()


if __name__ == '__main__':
    main()
