#!/usr/bin/env python3
"""Transcripts of Claude Code whose members have values that are rare, odd,
wrong or missing.

usage: transcript_values.py CAPTURES FOLDER     each in its own folder

Prints the names, as transcript_forms.py does.
"""
from transcript_forms import answers, make_forms, one, text

VALUES = {}


def each(function, name='basic-http-json'):
    """A form of one session, of which every answer is changed."""
    def made(c):
        lines = c.lines(name)
        for i, v in enumerate(answers(lines)):
            function(i, v)
        return one(text(lines))
    return made


def table(name, rows):
    """A form for each row: what is done to the answers."""
    for key, function in rows.items():
        VALUES['%s_%s' % (name, key)] = each(function), ''


def usage(**values):
    return lambda i, v: v['message']['usage'].update(values)


def message(**values):
    return lambda i, v: v['message'].update(values)


def member(**values):
    return lambda i, v: v.update(values)


def without(*names):
    def change(_, v):
        for name in names:
            v.pop(name, None)
            v['message'].pop(name, None)
    return change


table('tokens', dict(
    float=usage(input_tokens=12.0), exponent=usage(input_tokens=1e22),
    half=usage(input_tokens=0.5), negative=usage(output_tokens=-5),
    string=usage(input_tokens='12'), null=usage(output_tokens=None),
    true=usage(input_tokens=True), list=usage(input_tokens=[12]),
    zero=usage(input_tokens=0, output_tokens=0, cache_read_input_tokens=0,
               cache_creation_input_tokens=0, cache_creation={}),
    large=usage(input_tokens=2 ** 53 + 1), larger=usage(input_tokens=10 ** 25),
    most=usage(input_tokens=2 ** 63 - 1), over=usage(output_tokens=2 ** 63),
    quadrillion=usage(output_tokens=10 ** 15 + 1),
    falling=lambda i, v: usage(output_tokens=500 - i)(i, v),
    rising=lambda i, v: usage(output_tokens=5 + i)(i, v)))
table('writes', dict(
    parts=usage(cache_creation=dict(ephemeral_5m_input_tokens=1,
                                    ephemeral_1h_input_tokens=1)),
    hour=usage(cache_creation=dict(ephemeral_1h_input_tokens=2048)),
    null=usage(cache_creation=None), string=usage(cache_creation='x'),
    nulls=usage(cache_creation=dict(ephemeral_5m_input_tokens=None,
                                    ephemeral_1h_input_tokens=None)),
    list=usage(cache_creation=[1024, 1024])))
table('usage', dict(
    null=message(usage=None), string=message(usage='x'), none=without('usage'),
    list=message(usage=[5]), empty=message(usage={}),
    fast=usage(speed='fast'), batch=usage(service_tier='batch'),
    priority=usage(service_tier='priority'), flex=usage(service_tier='flex'),
    region=usage(inference_geo='us'), number=usage(speed=5, service_tier=[]),
    odd=usage(speed='sl"ow', service_tier='\u00fc'),
    search=usage(server_tool_use=dict(web_search_requests=3)),
    changing=lambda i, v: usage(speed=('fast', 'standard')[i % 2])(i, v)))
table('model', dict(
    none=without('model'), null=message(model=None), empty=message(model=''),
    number=message(model=5), long=message(model='claude-' + 'x' * 400),
    wide=message(model='\u00e4' * 200), odd=message(model='a,"b"\n=c\t\\'),
    formula=message(model='=1+1'), unknown=message(model='gpt-9-unknown'),
    cloud=message(model='us.anthropic.claude-opus-4-8-v1:0'),
    dated=message(model='claude-haiku-4-5-20251001'),
    synthetic=message(model='<synthetic>'),
    changing=lambda i, v: message(model='claude-%s' % (
        'sonnet-5', 'haiku-4-5')[i % 2])(i, v)))
table('id', dict(
    none=lambda i, v: v['message'].pop('id'), null=message(id=None),
    number=message(id=5), empty=message(id=''), same=message(id='msg_1'),
    own=lambda i, v: message(id='msg_%d' % i)(i, v),
    request_none=without('requestId'), request_null=member(requestId=None),
    request_number=member(requestId=7), request_same=member(requestId='r'),
    request_own=lambda i, v: member(requestId='r%d' % i)(i, v),
    request_some=lambda i, v: i % 2 and without('requestId')(i, v),
    uuid_none=without('uuid'), uuid_same=member(uuid='u'),
    parent_none=without('parentUuid'), parent_null=member(parentUuid=None),
    parent_lost=member(parentUuid='lost'), session_none=without('sessionId'),
    session_null=member(sessionId=None), session_number=member(sessionId=5),
    session_empty=member(sessionId=''),
    session_two=lambda i, v: member(sessionId='s%d' % (i % 2))(i, v),
    session_other_name=lambda i, v: v.update(
        session_id=v.pop('sessionId'), request_id=v.pop('requestId'))))
table('time', dict(
    none=without('timestamp'), null=member(timestamp=None),
    word=member(timestamp='yesterday'), empty=member(timestamp=''),
    number=member(timestamp=1795219500000),
    offset=member(timestamp='2026-11-21T05:34:22.5+05:30'),
    west=member(timestamp='2026-11-20T19:04:22-05:00'),
    nanoseconds=member(timestamp='2026-11-21T00:04:22.123456789Z'),
    seconds=member(timestamp='2026-11-21T00:04:22Z'),
    space=member(timestamp='2026-11-21 00:04:22Z'),
    day=member(timestamp='2026-11-21'), bad=member(timestamp='2026-02-30T'
                                                             '00:00:00Z'),
    before=member(timestamp='1969-12-31T23:59:59Z'),
    early=member(timestamp='2026-11-20T10:00:00.000Z'),
    late=member(timestamp='2999-01-01T00:00:00.000Z'),
    backwards=lambda i, v: member(timestamp='2026-11-21T%02d:00:00Z' % (
        23 - i % 20))(i, v),
    hours=lambda i, v: member(timestamp='2026-11-%02dT%02d:59:59.999Z' % (
        21 + i % 3, i % 24))(i, v)))


def everywhere(**values):
    def made(c):
        lines = c.lines()
        for v in lines:
            if 'cwd' in v:
                v.update(values)
        return one(text(lines))
    return made, ''


VALUES.update(
    cwd_windows=everywhere(cwd='C:\\Users\\me\\my project'),
    cwd_root=everywhere(cwd='/'), cwd_empty=everywhere(cwd=''),
    cwd_slash=everywhere(cwd='/home/me/src/'), cwd_bare=everywhere(cwd='w'),
    cwd_null=everywhere(cwd=None), cwd_number=everywhere(cwd=5),
    cwd_long=everywhere(cwd='/home/' + 'd' * 300),
    cwd_odd=everywhere(cwd='/home/me/"a",\u00e9\u200b\n=b'),
    branch=everywhere(gitBranch='feature/x'),
    branch_empty=everywhere(gitBranch=''),
    branch_null=everywhere(gitBranch=None),
    branch_long=everywhere(gitBranch='b' * 254 + '\u00e9\u00e9'),
    version_null=everywhere(version=None), version_odd=everywhere(
        version='@2"1', gitBranch='+x'))


def moved(c):
    """The session changes its folder, branch and version: the first counts."""
    lines = c.lines('multiturn')
    for i, v in enumerate(v for v in lines if 'cwd' in v):
        v.update(cwd='/home/me/p%d' % i, gitBranch='b%d' % i,
                 version='2.1.%d' % i)
    return one(text(lines))


VALUES['moved'] = moved, ''

if __name__ == '__main__':
    make_forms(VALUES)
