#!/usr/bin/env python3
"""Transcripts of Claude Code in the forms that writers, versions, crashes and
other tools give them, made from captured ones.

usage: transcript_forms.py CAPTURES FOLDER      each form in its own folder

Prints the names; behind a tab "hidden" where what is damaged stands in a text
that is no figure, so that whoever passes over it need not notice it.
"""
import copy
import gzip
import json
import os
import sys

PROJECT = '-home-me-work-demo-project'
FORMS = {}


def form(function):
    FORMS[function.__name__] = function, ''
    return function


def hidden(function):
    FORMS[function.__name__] = function, 'hidden'
    return function


class Link(str):
    """What a symbolic link points to."""


class Captures:
    """What was recorded; each form gets copies of its own."""

    def __init__(self, folder):
        self.session = {}
        for name in sorted(os.listdir(folder + '/claude-code')):
            files = {}
            root = '%s/claude-code/%s/transcript' % (folder, name)
            for where, dirs, found in os.walk(root):
                dirs.sort()
                for f in sorted(found):
                    if f.endswith('.jsonl') and f != 'history.jsonl':
                        files[os.path.relpath(where, root) + '/' + f] = \
                            load(where + '/' + f)
            if files:
                self.session[name] = files

    def files(self, name):
        return copy.deepcopy(self.session[name])

    def lines(self, name='basic-http-json'):
        """Of the main thread."""
        files = self.files(name)
        return files[min(files, key=len)]

    def agent(self):
        files = self.files('subagent')
        return files[max(files, key=len)]


def load(path):
    with open(path, encoding='utf-8') as f:
        return [json.loads(line) for line in f]


def dump(v, **how):
    how.setdefault('separators', (',', ':'))
    return json.dumps(v, ensure_ascii=False, **how).encode()


def text(lines, **how):
    return b''.join(dump(v, **how) + b'\n' for v in lines)


def one(data, name='session.jsonl'):
    return {PROJECT + '/' + name: data}


def kind(lines, name):
    return [v for v in lines if v.get('type') == name]


def answers(lines):
    return kind(lines, 'assistant')


def results(lines):
    return [v for v in kind(lines, 'user') if 'toolUseResult' in v]


def line_of(data, what):
    """The number of the first line that holds it."""
    return next(i for i, x in enumerate(data) if what in x)


# -- damage

@form
def torn(c):
    return one(text(answers(c.lines())[:-1] + c.lines()[-1:])[:-30])


@form
def torn_answer(c):
    lines = c.lines()
    k = lines.index(answers(lines)[-1])
    return one(text(lines[:k + 1])[:-400])


@form
def torn_twice(c):
    data = text(c.lines()).split(b'\n')
    for k in 3, len(data) - 4:
        data[k] = data[k][:len(data[k]) // 2]
    return one(b'\n'.join(data))


@form
def two_on_a_line(c):
    data = text(c.lines()).split(b'\n')
    k = line_of(data, b'"assistant"')
    data[k:k + 3] = [data[k] + data[k + 1] + b' \t' + data[k + 2]]
    return one(b'\n'.join(data))


@form
def all_on_a_line(c):
    return one(text(c.lines()[3:]).replace(b'\n', b''))


@form
def ten_on_a_line(c):
    data = text(c.lines()).split(b'\n')
    return one(b'\n'.join(b' '.join(data[k:k + 10])
                          for k in range(0, len(data), 10)))


@form
def written_into(c):
    """Another writer's object stands in the middle of a line."""
    lines = c.lines()
    a = [dump(v) for v in answers(lines)]
    data = text(lines).split(b'\n')
    k, m = data.index(a[0]), data.index(a[-1])
    cut = data[k].index(b'"usage"') + 30
    data[k] = data[k][:cut] + data[m] + data[k][cut:]
    return one(b'\n'.join(data[:m] + data[m + 1:]))


@form
def written_into_text(c):
    lines = c.lines()
    a = dump(answers(lines)[-1])
    data = text(lines).split(b'\n')
    k = line_of(data, b'tool_result')
    cut = data[k].index(b'tool_result","content":"') + 26
    data[k] = data[k][:cut] + a + data[k][cut:]
    return one(b'\n'.join(x for x in data if x != a))


@form
def halves(c):
    """Half a line, and another writer's behind it."""
    data = text(c.lines()).split(b'\n')
    k = line_of(data, b'"assistant"')
    data[k] = data[k][:200] + data[-3]
    return one(b'\n'.join(data))


def raw(what, old, new, alone=True, count=1, seen=True):
    """A form: bytes of the first line that holds both are replaced. Alone: an
    answer has no other line."""
    def made(c):
        lines = c.lines()
        ids = [v.get('message', {}).get('id') for v in lines]
        if alone:
            lines = [v for i, v in enumerate(lines) if v['type'] !=
                     'assistant' or ids[i] not in ids[:i]]
        data = text(lines).split(b'\n')
        k = next(i for i, x in enumerate(data) if what in x and old in x)
        data[k] = data[k].replace(old, new, count)
        return one(b'\n'.join(data))
    return made, '' if seen else 'hidden'


FORMS.update(
    utf8_model=raw(b'"assistant"', b'claude-opus', b'claude-\xffopus'),
    utf8_answer=raw(b'"type":"text"', b'I will', b'I \xc3will', False),
    utf8_result=raw(b'tool_result', b'","is_err', b'\xe2\x82","is_err',
                    False),
    utf8_cwd=raw(b'"cwd"', b'work/demo', b'work/d\x80mo'),
    utf8_branch=raw(b'gitBranch', b'"gitBranch":"HEAD', b'"gitBranch":"\xfe'),
    utf8_name=raw(b'"assistant"', b'"effort"', b'"\xc0ffort"'),
    utf8_usage=raw(b'"assistant"', b'"service_tier":"', b'"service_tier":"\xf5'),
    escape_result=raw(b'tool_result', b'","is_err', b'\\x","is_err', False, seen=False),
    escape_model=raw(b'"assistant"', b'claude-opus', b'claude\\-opus'),
    control_result=raw(b'tool_result', b'","is_err', b'\x01","is_err', False),
    control_model=raw(b'"assistant"', b'claude-opus', b'claude\x02opus'),
    control_usage=raw(b'"assistant"', b'"usage":{', b'"usage":{\x01'),
    no_comma=raw(b'"assistant"', b',"usage"', b'"usage"'),
    no_colon=raw(b'"assistant"', b'"usage":', b'"usage"'),
    one_brace_more=raw(b'"assistant"', b'"usage":{', b'"usage":{{'),
    one_brace_less=raw(b'"assistant"', b'"iterations":[]', b'"iterations":[}'),
    number_bad=raw(b'"assistant"', b'"input_tokens":', b'"input_tokens":0'),
    number_word=raw(b'"assistant"', b'"input_tokens":', b'"input_tokens":x'),
    bare_word=raw(b'"assistant"', b'"stop_sequence":null',
                  b'"stop_sequence":nul'),
    ends_in_name=raw(b'"assistant"', b'"gitBranch":"HEAD"}', b'"gitBra'),
    behind_it=raw(b'"assistant"', b'"gitBranch":"HEAD"}',
                  b'"gitBranch":"HEAD"} and more'),
    before_it=raw(b'"assistant"', b'{"parentUuid"', b'more: {"parentUuid"'),
    brace_before=raw(b'"assistant"', b'{"parentUuid"', b'{"a":{"parentUuid"'),
    nul=raw(b'"assistant"', b'{"parentUuid"', b'\0\0\0{"parentUuid"'))


@form
def utf8_folder(c):
    return {b'-home-\xff-\xe2\x82/s\xfe.jsonl': text(c.lines()),
            b'-home-\xff-\xe2\x82/torn\xfe.jsonl':
            text(c.lines('multiturn'))[:-9]}


@form
def hole(c):
    """Zeros where the system lost what was written."""
    data = text(c.lines()).split(b'\n')
    return one(b'\n'.join(data[:9] + [b'\0' * 4096 + b'{"type":\0'] +
                          data[9:]))


@hidden
def deep(c):
    lines = c.lines()
    results(lines)[0]['toolUseResult'] = 'DEEP'
    return one(text(lines).replace(b'"DEEP"', b'[' * 200 + b']' * 200))


@form
def garbage(c):
    data = text(c.lines()).split(b'\n')
    odd = [b'', b'null', b'[]', b'{}', b'}{', b'42', b'"assistant"', b'{',
           b'Error: disk full', b'[{"type":"assistant"}]', b'{"type":"user"}',
           b'\xef\xbb\xbf', b'   ', b'{"usage":{"input_tokens":5}}']
    return one(b'\n'.join(x for k, line in enumerate(data)
                          for x in (line, odd[k % len(odd)])))


FORMS.update({name: (lambda c, f=f: one(f(text(c.lines()))), '') for name, f in
              dict(crlf=lambda t: t.replace(b'\n', b'\r\n'),
                   cr=lambda t: t.replace(b'\n', b'\r'),
                   blanks=lambda t: t.replace(b'\n', b' \t\n\n  '),
                   bom=lambda t: b'\xef\xbb\xbf' + t,
                   no_end=lambda t: t[:-1],
                   escapes_of_terminals=lambda t: t.replace(
                       b'{"parentUuid"', b'\x1b[1m{"parentUuid"'),
                   a_list=lambda t: b'[' + t[:-1].replace(b'\n', b',') +
                   b']\n',
                   packed=lambda t: gzip.compress(t, mtime=0),
                   packed_torn=lambda t: gzip.compress(t, mtime=0)[:-200],
                   stamped=lambda t: t.replace(
                       b'{"parentUuid"', b'2026-11-21T10:00:00.5Z {"parent'
                       b'Uuid"')).items()})


@form
def empty(c):
    return dict(one(b''), **one(text(c.lines()), 'other.jsonl'))


@form
def nothing(_):
    return one(b'')


@form
def loop(c):
    return {PROJECT + '/session.jsonl': text(c.lines()),
            PROJECT + '/up': Link('..')}


@form
def links(c):
    return {PROJECT + '/session.jsonl': text(c.lines()),
            PROJECT + '/again.jsonl': Link('session.jsonl'),
            PROJECT + '/gone.jsonl': Link('nothing.jsonl')}


# -- other ways to write the same

def turned(v, order):
    """An object with its members, and those of its message, in an order."""
    v = dict(v)
    if isinstance(v.get('message'), dict):
        m = v['message'] = dict(order(list(v['message'].items())))
        if isinstance(m.get('usage'), dict):
            m['usage'] = dict(order(list(m['usage'].items())))
    return dict(order(list(v.items())))


def first(*names):
    return lambda items: sorted(items, key=lambda kv: kv[0] not in names)


def last(*names):
    return lambda items: sorted(items, key=lambda kv: kv[0] in names)


ORDERS = dict(
    type_first=first('type'), type_last=last('type'),
    message_first=first('message'), message_last=last('message'),
    usage_first=first('usage'), content_last=last('content', 'message'),
    session_last=last('sessionId', 'id', 'model'),
    sorted=sorted, reversed=lambda items: items[::-1],
    old=lambda items: sorted(items, key=lambda kv: OLD.index(kv[0])
                             if kv[0] in OLD else 99))
# The layout of the first versions.
OLD = ['parentUuid', 'isSidechain', 'userType', 'cwd', 'sessionId', 'version',
       'gitBranch', 'type', 'message', 'requestId', 'toolUseResult', 'uuid',
       'timestamp']
for _name, _order in ORDERS.items():
    FORMS['order_' + _name] = (lambda c, o=_order: one(text(
        [turned(v, o) for v in c.lines()])), '')

for _name, _how in dict(spaced=dict(separators=(', ', ': ')),
                        wide=dict(separators=('\t,  ', ' :\r ')),
                        ascii=dict(separators=(',', ':'))).items():
    FORMS['written_' + _name] = (lambda c, h=_how: one(text(c.lines(), **h)),
                                 '')


@form
def brace_and_space(c):
    return one(text(c.lines(), separators=(', ', ': ')).replace(
        b'{"', b'{ "').replace(b'}\n', b' }\n'))


@form
def pretty(c):
    """Each object over many lines."""
    return one(b''.join(dump(v, indent=2) + b'\n' for v in c.lines()))


@form
def pretty_list(c):
    return one(dump(c.lines(), indent=2))


def named(old, new):
    return lambda c: one(text(c.lines()).replace(old, new))


FORMS.update({'name_' + k: (f, '') for k, f in dict(
    type=named(b'"type":', b'"\\u0074ype":'),
    message=named(b'"message":', b'"mess\\u0061ge":'),
    usage=named(b'"usage":', b'"us\\u0061ge":'),
    input=named(b'"input_tokens"', b'"input\\u005ftokens"'),
    session=named(b'"sessionId"', b'"session\\u0049d"'),
    assistant=named(b'"type":"assistant"', b'"type":"\\u0061ssistant"'),
    model=named(b'claude-opus-5-5', b'claude\\u002dopus-5-5'),
    slash=named(b'/demo-project', b'\\/demo\\u002dproject'),
    long=named(b'"effort":', b'"%s":' % (b'e' * 5000)),
    prefix=named(b'"usage":', b'"usage_":{"input_tokens":7},"usage":')
).items()})


def doubled(name, other, where='message'):
    """A member twice, with another value before or behind."""
    def made(c, behind):
        lines = c.lines()
        for v in answers(lines):
            inner = {'line': v, 'message': v['message'],
                     'usage': v['message']['usage']}[where]
            old = dump(name) + b':' + dump(inner[name])
            new = dump(name) + b':' + other
            v['DATA'] = dump(v).replace(old, old + b',' + new if behind else
                                        new + b',' + old, 1)
        return one(b''.join((v['DATA'] if 'DATA' in v else dump(v)) + b'\n'
                            for v in lines))
    FORMS['twice_' + name] = (lambda c: made(c, False)), ''
    FORMS['twice_%s_behind' % name] = (lambda c: made(c, True)), ''


doubled('type', b'"user"', 'line')
doubled('timestamp', b'"2026-11-20T23:00:00Z"', 'line')
doubled('sessionId', b'"another"', 'line')
doubled('requestId', b'null', 'line')
doubled('message', b'{"id":"x","usage":{"input_tokens":9}}', 'line')
doubled('isSidechain', b'true', 'line')
doubled('model', b'"claude-haiku-4-5"')
doubled('id', b'"msg_other"')
doubled('usage', b'{"input_tokens":900}')
doubled('input_tokens', b'800', 'usage')
doubled('output_tokens', b'null', 'usage')


# -- long texts, and texts that look like something else

@form
def long_line(c):
    lines = c.lines()
    k = lines.index(answers(lines)[-1])
    line = dict(results(lines)[0], uuid='long')
    line['toolUseResult'] = {'stdout': 'x"\\\n\u00e9' * 350000}
    lines.insert(k, line)
    return one(text(lines))


def said(words):
    """A form: texts of results and answers, none of which is a figure."""
    def made(c):
        lines = c.lines()
        for k, v in enumerate(results(lines)):
            v['toolUseResult'] = {w: [w, {w: i}] for i, w in enumerate(words)}
            v['message']['content'][0]['content'] = words[k:]
        for k, v in enumerate(answers(lines)):
            for block in v['message']['content']:
                block['text'] = ' '.join(words[k:])
                block['input'] = dict(command=words)
            if k % 2:
                v['message']['content'] = ''.join(words)
        return text(lines)
    return made


BACKSLASHES = said([' ' * (n % 17) + '\\' * n + '"' for n in range(80)])
BRACKETS = said(['{"a":[', ']}', '}]}}', '"usage":{"input_tokens":5}', '[[',
                 '"type":"assistant"', ',', '"}}\n{"type":"user"', '\0', '\x7f'])
SURROGATES = said(['LOW', 'HIGH', 'PAIR', '\U0001f600', '\ufeff', '\u2028'])
NUMBERS = b'[-0,0.5,1e5,-1E-7,1.25e+300,12345678901234567890123,true,null]'
FORMS.update(
    backslashes=(lambda c: one(BACKSLASHES(c)), ''),
    brackets=(lambda c: one(BRACKETS(c)), ''),
    surrogates=(lambda c: one(SURROGATES(c).replace(b'LOW', b'\\udc00').replace(
        b'HIGH', b'\\ud83d').replace(b'PAIR', b'\\ud83d\\ude00')), ''),
    numbers_inside=(lambda c: one(text(c.lines()).replace(
        b'"toolUseResult":{', b'"toolUseResult":{"n":' + NUMBERS + b',')), ''),
    number_bad_inside=(lambda c: one(text(c.lines()).replace(
        b'"toolUseResult":{', b'"toolUseResult":{"n":01,', 1)), 'hidden'))


@form
def lines_of_sizes(c):
    """Around the sizes of buffers."""
    lines = []
    for i, v in enumerate(c.lines('multiturn')):
        lines += [v, dict(type='summary', summary='y' * (4000 + 4096 * i),
                          leafUuid=str(i))]
    return one(text(lines))


NESTED = dict(type='assistant', sessionId='nested', uuid='n', requestId='n',
              timestamp='2026-11-21T00:00:00Z', isSidechain=False,
              message=dict(id='nested', role='assistant', model='nested',
                           content=[], usage=dict(input_tokens=10 ** 6,
                                                  output_tokens=10 ** 6)))


@form
def nested_results(c):
    lines = c.lines()
    for v in results(lines):
        v['toolUseResult'] = dict(NESTED, message=NESTED)
        v['message']['content'][0]['content'] = [
            dict(type='text', text=dump(NESTED).decode() + '\n')]
    return one(text(lines))


@form
def nested_answers(c):
    lines = c.lines()
    for v in answers(lines):
        for block in v['message']['content']:
            block['usage'] = NESTED['message']['usage']
            if 'input' in block:
                block['input'] = dict(NESTED, usage=NESTED['message'])
        v['usage'] = NESTED['message']['usage']
        v['model'] = 'another'
        v['cwd_'] = dict(cwd='/no', usage=dict(output_tokens=5))
    return one(text(lines))


@form
def nested_progress(c):
    lines = c.lines()
    k = lines.index(answers(lines)[-1])
    for i in range(4):
        lines.insert(k, dict(
            parentUuid=lines[k]['parentUuid'], isSidechain=False, cwd='/home',
            sessionId=lines[k]['sessionId'], version='2.1.100',
            type='progress', uuid='p%d' % i, toolUseID='t',
            timestamp=lines[k]['timestamp'], data=dict(
                type='agent_progress', message=NESTED, agentId='a1',
                normalizedMessages=[NESTED, NESTED])))
    return one(text(lines))


@form
def other_lines(c):
    """What stands between, and means nothing for a figure."""
    lines = c.lines()
    ident = answers(lines)[0]['sessionId']
    more = [dict(type='summary', summary='a "b" \\', leafUuid='x'),
            dict(type='file-history-snapshot', messageId='m', isSnapshotUpdate=
                 False, snapshot=dict(messageId='m', trackedFileBackups={},
                                      timestamp='2026-11-21T05:00:00Z')),
            dict(type='custom-title', customTitle='t', sessionId=ident),
            dict(type='cost-state', sessionId=ident, totalCostUSD=9,
                 modelUsage={'claude-opus-5-5': dict(inputTokens=7)}),
            dict(type='unknown', sessionId=ident, usage=dict(input_tokens=3),
                 timestamp='2026-11-21T09:00:00Z'),
            dict(type='user', sessionId=ident), dict(sessionId=ident),
            dict(type='assistant', sessionId=ident, message=None),
            dict(type=['assistant'], sessionId=ident, message=NESTED)]
    return one(text(x for i, v in enumerate(lines)
                    for x in (v, more[i % len(more)])))


def write(folder, files):
    for path, data in files.items():
        path = os.path.join(os.fsencode(folder), os.fsencode(path))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if isinstance(data, Link):
            os.symlink(os.fsencode(data), path)
            continue
        with open(path, 'wb') as f:
            f.write(data)
        # Later than all that is in it (2026-12-31).
        os.utime(path, (1798675200, 1798675200))


def make(folder, made):
    for name, files, mark in made:
        write(os.path.join(folder, name), files)
        print('%s\t%s' % (name, mark))


def make_forms(forms):
    captures = Captures(sys.argv[1])
    make(sys.argv[2], ((name, function(captures), mark)
                       for name, (function, mark) in forms.items()))


if __name__ == '__main__':
    make_forms(FORMS)
