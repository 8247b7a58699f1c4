#!/usr/bin/env python3
"""Claude Code transcripts made by hand: what other tools count many times over
or not at all, each with the sum that is right.

usage: transcripts.py                 the names of the cases
       transcripts.py CASE FOLDER     makes it, prints what is to be counted
       transcripts.py history FOLDER SESSIONS   a history for benchmarks
"""
import json
import os
import sys


class Session:
    """A transcript in the making: time goes on by a second a line."""

    def __init__(self, folder, ident, start=1795220000, cwd='/home/me/demo'):
        self.path = os.path.join(folder, ident + '.jsonl')
        self.ident, self.now, self.cwd = ident, start, cwd
        self.lines, self.n, self.prompt_id, self.parent = [], 0, None, None

    def time(self):
        self.now += 1
        days, rest = divmod(self.now - 1795219200, 86400)    # 2026-11-21
        return '2026-11-%02dT%02d:%02d:%02d.000Z' % (
            21 + days, rest // 3600, rest // 60 % 60, rest % 60)

    def line(self, kind, **more):
        self.n += 1
        uuid = '%s-%04d' % (self.ident, self.n)
        v = dict(parentUuid=self.parent, isSidechain=False, type=kind,
                 uuid=uuid, timestamp=self.time(), cwd=self.cwd,
                 sessionId=self.ident, version='2.1.329', gitBranch='main')
        v.update(more)
        v = {k: x for k, x in v.items() if x != 'absent'}
        self.parent = uuid
        self.lines.append(v)
        return v

    def prompt(self, text, **more):
        self.prompt_id = '%s-p%d' % (self.ident, self.n)
        return self.line('user', promptId=self.prompt_id,
                         message=dict(role='user', content=text), **more)

    def block(self, block, n, usage, stop='end_turn', request=True, **more):
        message = dict(id='msg_%s_%d' % (self.ident, n), type='message',
                       role='assistant', model='claude-opus-5-5',
                       content=[block], stop_reason=stop, usage=usage)
        req = dict(requestId='req_%s_%d' % (self.ident, n)) if request else {}
        return self.line('assistant', message=message, **req, **more)

    def result(self, ident, text, **more):
        return self.line('user', promptId=self.prompt_id, message=dict(
            role='user', content=[dict(type='tool_result', tool_use_id=ident,
                                       content=text)]), **more)

    def turn(self, n, calls=2):
        """A prompt, a call with a tool, and an answer."""
        self.prompt('prompt %d' % n)
        for i in range(calls - 1):
            k = n * 10 + i
            for b in (dict(type='thinking', thinking='hm', signature='x'),
                      text('looking'), tool('t%s%d' % (self.ident, k))):
                self.block(b, k, usage(), 'tool_use')
            self.result('t%s%d' % (self.ident, k), 'seen')
        self.block(text('done'), n * 10 + 9, usage())

    def write(self, lines=None):
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        with open(self.path, 'w', encoding='utf-8') as f:
            f.write(compact(lines or self.lines))


def compact(lines):
    """Without spaces, as the client writes them."""
    return ''.join(json.dumps(v, separators=(',', ':')) + '\n'
                   for v in lines)


def usage(output=5, **more):
    """18 tokens: 1 fresh, 8 read, 4 written, 5 out."""
    u = dict(input_tokens=1, cache_read_input_tokens=8,
             cache_creation_input_tokens=4, output_tokens=output,
             cache_creation=dict(ephemeral_5m_input_tokens=3,
                                 ephemeral_1h_input_tokens=1),
             service_tier='standard', speed='standard')
    u.update(more)
    return u


def text(s):
    return dict(type='text', text=s)


def tool(ident, name='Bash', **args):
    return dict(type='tool_use', id=ident, name=name,
                input=args or dict(command='ls'))


def blocks(folder):
    """A usage repeated on every block of an answer (four times too much)."""
    s = Session(folder, 'blocks')
    s.turn(1)
    s.write()
    return 2, 26, 10


def last_row(folder):
    """An answer that is coming in: the first of its rows counts too little."""
    s = Session(folder, 'last')
    s.prompt('go')
    s.block(text('a'), 1, usage(1), None)
    s.block(text('b'), 1, usage(2), None)
    s.block(text('c'), 1, usage(40))
    s.write()
    return 1, 13, 40


def no_request(folder):
    """A gateway that gives no request ids."""
    s = Session(folder, 'gateway')
    s.prompt('go')
    for b in 'abc':
        s.block(text(b), 1, usage(), request=False)
    s.write()
    return 1, 13, 5


def fork(folder):
    """--fork-session: lines and their uuids are copied into a new file, all
    under one new prompt id."""
    a = Session(folder, 'a-original')
    a.turn(1)
    a.turn(2)
    a.write()
    os.utime(a.path, (1795220100, 1795220100))
    b = Session(folder, 'b-fork', 1795230000)
    b.turn(3)
    own = b.lines
    for v in own:
        if 'promptId' in v:
            v['promptId'] = 'fork-prompt'
    copy = [dict(v, sessionId='b-fork') for v in a.lines]
    for v in copy:
        if 'promptId' in v:
            v['promptId'] = 'fork-prompt'
    own[0]['parentUuid'] = copy[-1]['uuid']
    b.write(copy + own)
    return 6, 78, 30


def orphan_fork(folder):
    """The same, but what was copied from is gone: the copy counts."""
    want = fork(folder)
    os.remove(os.path.join(folder, 'a-original.jsonl'))
    return want


def subagent(folder, old=False):
    s = Session(folder, 'agents')
    s.prompt('delegate')
    s.block(tool('task1', 'Task', description='look', prompt='look around',
                 subagent_type='Explore'), 1, usage(), 'tool_use')
    main = s.parent
    where = s if old else Session(os.path.join(folder, 'agents',
                                               'subagents'), 'agent-f00')
    where.now = s.now
    where.parent = None
    side = dict(isSidechain=True, sessionId='agents')
    if not old:
        side['agentId'] = 'f00'
        side['promptId'] = s.prompt_id
    where.line('user', message=dict(role='user', content='look around'),
               **side)
    side.pop('promptId', None)
    where.block(tool('sub1'), 50, usage(), 'tool_use', **side)
    where.line('user', message=dict(role='user', content=[dict(
        type='tool_result', tool_use_id='sub1', content='x')]), **side)
    where.block(text('looked'), 51, usage(), **side)
    s.now = where.now
    s.parent = main
    s.result('task1', 'looked', toolUseResult=dict(
        status='completed', agentId='absent' if old else 'f00',
        totalTokens=999, usage=usage()))
    if old:
        del s.lines[-1]['toolUseResult']
    s.block(text('done'), 2, usage())
    s.write()
    if not old:
        where.write()
    return 4, 52, 20


def sidechains(folder):
    """Older versions: sub-agents in the main file."""
    return subagent(folder, True)


def synthetic(folder):
    """The client's own words are no answers; a request that failed is a call
    without usage."""
    s = Session(folder, 'synthetic')
    s.turn(1)
    s.prompt('again')
    s.line('system', subtype='api_error', error=dict(status=529))
    s.line('assistant', isApiErrorMessage=True, apiErrorStatus=529,
           requestId='req_x', message=dict(
               id='x1', role='assistant', model='<synthetic>',
               content=[text('API Error: 529 overloaded')],
               usage=usage(0, input_tokens=0)))
    s.prompt('and again')
    s.line('assistant', message=dict(
        id='x2', role='assistant', model='<synthetic>',
        content=[text('No response requested.')], usage=usage(77)))
    s.write()
    return 2, 26, 10


def resumed(folder):
    """-c goes on in the same file; the sums at its end are no calls."""
    s = Session(folder, 'resumed')
    s.turn(1)
    s.lines.append(dict(type='cost-state', sessionId='resumed',
                        totalCostUSD=1.0, modelUsage={'claude-opus-5-5': dict(
                            inputTokens=2, outputTokens=10)}))
    s.turn(2)
    s.lines.append(dict(type='summary', summary='what it was',
                        leafUuid=s.parent))
    s.write()
    return 4, 52, 20


def twice(folder):
    """One session in two folders, and a link to one of them."""
    for name in ('one', 'two'):
        s = Session(os.path.join(folder, name), 'twice')
        s.turn(1)
        s.write()
    os.symlink('twice.jsonl', os.path.join(folder, 'one', 'link.jsonl'))
    return 2, 26, 10


def split(folder):
    """A session that was moved while an answer came in: its end stands in one
    file, all of it in another."""
    for name, first in (('one', 2), ('two', 0)):
        s = Session(os.path.join(folder, name), 'split')
        s.prompt('go')
        s.block(text('a'), 1, usage())
        s.block(text('b'), 1, usage())
        s.write(s.lines[first:])
    return 1, 13, 5


def threads(folder):
    """A request of which some lines are marked as a sub-agent's, as a
    writer that lost its place would: one answer."""
    s = Session(folder, 'threads')
    s.prompt('go')
    for name, side in (('a', True), ('b', False), ('c', True)):
        s.block(text(name), 1, usage(), isSidechain=side)
    s.prompt('and')
    s.block(text('d'), 1, usage(), isSidechain=True)
    s.block(text('e'), 2, usage())
    s.write()
    return 2, 26, 10


def same_ids(folder):
    """A gateway that numbers from one in every session: all are counted."""
    for name in ('x', 'y'):
        s = Session(folder, name)
        s.prompt('go')
        v = s.block(text('a'), 1, usage(), request=False)
        v['message']['id'] = 'msg_1'
        s.write()
    return 2, 26, 10


def tool_ids(folder):
    """A gateway whose tool calls are all named call_0."""
    s = Session(folder, 'tools')
    s.prompt('go')
    for n in range(3):
        s.block(tool('call_0'), n, usage(), 'tool_use')
        s.result('call_0', 'seen %d' % n)
    s.block(text('done'), 9, usage())
    s.write()
    return 4, 52, 20


def interleaved(folder):
    """Two clients in one file: lines of one stand among the other's, and two
    objects on a line."""
    a, b = Session(folder, 'inter'), Session(folder, 'inter', 1795230000)
    a.turn(1)
    b.n = 500
    b.turn(2)
    mixed = [v for pair in zip(a.lines, b.lines) for v in pair]
    a.write(mixed)
    with open(a.path, encoding='utf-8') as f:
        lines = f.read().split('\n')
    lines[2:4] = [lines[2] + lines[3]]
    with open(a.path, 'w', encoding='utf-8') as f:
        f.write('\n'.join(lines))
    return 4, 52, 20


def midnight(folder):
    """Asked on one day, answered on the next."""
    s = Session(folder, 'midnight', 1795305590)
    s.turn(1, 4)
    s.write()
    return 4, 52, 20


CASES = dict(blocks=blocks, last_row=last_row, no_request=no_request,
             fork=fork, orphan_fork=orphan_fork, subagent=subagent,
             sidechains=sidechains, synthetic=synthetic, resumed=resumed,
             twice=twice, split=split, threads=threads, same_ids=same_ids,
             tool_ids=tool_ids, interleaved=interleaved, midnight=midnight)


HISTORY_MODELS = 'claude-opus-5-5', 'claude-sonnet-5', 'claude-haiku-4-5'


def history(folder, sessions):
    """Many sessions, on seven days and of three models: repeated blocks; one
    in ten is forked, one in a hundred has a sub-agent. They differ by name,
    minute, folder and model alone, so that ten thousand take seconds."""
    s = Session('', 's00000', cwd='/home/me/p0')
    for n in range(1, 4):
        s.turn(n, 3)
    f = Session('', 'f00000', s.now, '/home/me/p0')
    f.turn(9)
    side = Session('', 's00000', s.now, '/home/me/p0')
    side.n = 500
    side.turn(50)
    texts = (compact(s.lines),
             compact([dict(v, sessionId='f00000') for v in s.lines] +
                     f.lines),
             compact([dict(v, isSidechain=True, agentId='a00000')
                      for v in side.lines]))
    minute = s.lines[0]['timestamp'][:16]
    for i in range(sessions):
        ident, project = 's%05d' % i, 'p%d' % (i % 20)
        path = '%s/-home-me-%s/' % (folder, project)
        write_like(texts[0], minute, i, path + ident)
        if i % 10 == 0:
            write_like(texts[1], minute, i, path + 'f%05d' % i)
        if i % 100 == 50:
            write_like(texts[2], minute, i, path + ident +
                       '/subagents/agent-a%05d' % i)


def write_like(text, minute, i, path):
    """What the first session is, as session i."""
    hour, rest = divmod((13 + i) % 1440, 60)
    when = '2026-11-%02dT%02d:%02d' % (21 + i % 7, hour, rest)
    for old, new in (('s00000', 's%05d' % i), ('f00000', 'f%05d' % i),
                     ('a00000', 'a%05d' % i), ('/p0"', '/p%d"' % (i % 20)),
                     (minute, when),
                     (HISTORY_MODELS[0], HISTORY_MODELS[i % 3])):
        text = text.replace(old, new)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + '.jsonl', 'w', encoding='utf-8') as f:
        f.write(text)


def main():
    if len(sys.argv) == 1:
        print('\n'.join(CASES))
    elif sys.argv[1] == 'history':
        history(sys.argv[2], int(sys.argv[3]))
    else:
        calls, read, out = CASES[sys.argv[1]](sys.argv[2])
        print('calls=%d input=%d output=%d total=%d' % (calls, read, out,
                                                        read + out))


main()
