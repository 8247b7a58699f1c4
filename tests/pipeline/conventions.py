#!/usr/bin/env python3
"""Spans of emitters without a table of their own.

usage: conventions.py make            the spans, as records
       conventions.py check FILE      what must have become of them

The expected values come from the conventions: OpenTelemetry's input includes
what was cached and its output what was thought; OpenInference counts alike;
the AI SDK's usage on an outer span repeats that of the inner one.
"""
import json
import sys

BASE = {'record': 'span', 'trace_id': 'a' * 32,
        'start_time': '2026-11-21T00:00:00.000000000Z',
        'end_time': '2026-11-21T00:00:01.000000000Z'}
USAGE = 'langfuse.observation.usage_details'
TYPE = 'langfuse.observation.type'
KIND = 'openinference.span.kind'

# name: (scope, status, attributes, what must be there, what must not)
SPANS = {
    'genai-new': ('x', None, {
        'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'anthropic',
        'gen_ai.request.model': 'claude-opus-5', 'gen_ai.conversation.id':
        'c1', 'gen_ai.usage.input_tokens': 120,
        'gen_ai.usage.output_tokens': 50,
        'gen_ai.usage.cache_read.input_tokens': 60,
        'gen_ai.usage.cache_creation.input_tokens': 40,
        'gen_ai.usage.reasoning.output_tokens': 30}, {
        TYPE: 'generation', KIND: 'LLM', 'session.id': 'c1',
        'gen_ai.system': 'anthropic', 'llm.token_count.prompt': 120,
        'llm.token_count.completion': 50, 'llm.token_count.total': 170,
        'llm.token_count.prompt_details.cache_read': 60,
        USAGE: {'input': 20, 'input_cached_tokens': 60,
                'input_cache_creation': 40, 'output': 50, 'total': 170}}, ()),
    'genai-old': ('x', None, {
        'gen_ai.operation.name': 'chat', 'gen_ai.system': 'openai',
        'gen_ai.response.model': 'gpt-5.5', 'gen_ai.usage.prompt_tokens': 100,
        'gen_ai.usage.completion_tokens': 30,
        'gen_ai.usage.cache_read_input_tokens': 10,
        'gen_ai.usage.cache_creation_input_tokens': 5}, {
        TYPE: 'generation', 'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-5.5', 'gen_ai.usage.input_tokens': 100,
        'gen_ai.usage.output_tokens': 30, 'gen_ai.usage.prompt_tokens': 100,
        USAGE: {'input': 85, 'input_cached_tokens': 10,
                'input_cache_creation': 5, 'output': 30, 'total': 130}}, ()),
    'before-conventions': ('x', None, {
        'llm.request.type': 'chat', 'gen_ai.system': 'openai',
        'gen_ai.usage.prompt_tokens': 7,
        'gen_ai.usage.completion_tokens': 2}, {
        TYPE: 'generation', USAGE: {'input': 7, 'output': 2, 'total': 9}}, ()),
    'openinference-llm': ('x', None, {
        KIND: 'LLM', 'llm.model_name': 'gpt-5.5', 'llm.provider': 'openai',
        'llm.token_count.prompt': 90, 'llm.token_count.completion': 40,
        'llm.token_count.total': 130,
        'llm.token_count.prompt_details.cache_read': 30,
        'llm.token_count.prompt_details.cache_write': 10,
        'llm.token_count.completion_details.reasoning': 15}, {
        TYPE: 'generation', 'gen_ai.request.model': 'gpt-5.5',
        'gen_ai.provider.name': 'openai', 'gen_ai.usage.input_tokens': 90,
        'gen_ai.usage.output_tokens': 40,
        USAGE: {'input': 50, 'input_cached_tokens': 30,
                'input_cache_creation': 10, 'output': 25,
                'output_reasoning_tokens': 15, 'total': 130}}, ()),
    'openinference-tool': ('x', None, {KIND: 'TOOL', 'tool.name': 'search'}, {
        TYPE: 'tool', 'gen_ai.tool.name': 'search'}, (USAGE,)),
    'openinference-chain': ('x', None, {KIND: 'CHAIN'}, {TYPE: 'chain'},
                            (USAGE,)),
    'agent': ('x', None, {'gen_ai.operation.name': 'invoke_agent'}, {
        TYPE: 'agent', KIND: 'AGENT'}, (USAGE,)),
    'ai.streamText': ('ai', None, {
        'ai.operationId': 'ai.streamText', 'ai.model.id': 'gpt-5.5',
        'ai.usage.inputTokens': 100, 'ai.usage.outputTokens': 30,
        'gen_ai.usage.input_tokens': 100,
        'gen_ai.usage.output_tokens': 30}, {
        TYPE: 'span', KIND: 'CHAIN', 'ai.usage.inputTokens': 100},
        (USAGE, 'gen_ai.usage.input_tokens', 'gen_ai.usage.output_tokens',
         'llm.token_count.prompt')),
    'ai.streamText.doStream': ('ai', None, {
        'ai.operationId': 'ai.streamText.doStream', 'ai.model.id': 'gpt-5.5',
        'ai.model.provider': 'openai', 'ai.usage.inputTokens': 100,
        'ai.usage.outputTokens': 30, 'ai.usage.cachedInputTokens': 20,
        'ai.usage.reasoningTokens': 10,
        'ai.telemetry.metadata.sessionId': 's1',
        'ai.telemetry.metadata.userId': 'u1'}, {
        TYPE: 'generation', KIND: 'LLM', 'session.id': 's1', 'user.id': 'u1',
        'gen_ai.request.model': 'gpt-5.5', 'gen_ai.usage.input_tokens': 100,
        'gen_ai.usage.output_tokens': 30, 'llm.token_count.total': 130,
        USAGE: {'input': 80, 'input_cached_tokens': 20, 'output': 20,
                'output_reasoning_tokens': 10, 'total': 130}}, ()),
    'ai.generateText.doGenerate': ('ai', None, {
        'ai.operationId': 'ai.generateText.doGenerate', 'ai.model.id': 'm',
        'ai.usage.promptTokens': 11, 'ai.usage.completionTokens': 3}, {
        TYPE: 'generation', USAGE: {'input': 11, 'output': 3, 'total': 14}},
        ()),
    'ai.toolCall': ('ai', None, {
        'ai.operationId': 'ai.toolCall', 'ai.toolCall.name': 'read',
        'ai.toolCall.id': 't1'}, {
        TYPE: 'tool', 'gen_ai.tool.name': 'read', 'gen_ai.tool.call.id': 't1',
        KIND: 'TOOL'}, (USAGE,)),
    'failed': ('x', {'code': 'ERROR', 'message': 'Too many requests'}, {
        'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm'}, {
        TYPE: 'generation', 'error.type': 'rate_limit'}, (USAGE,)),
    'failed-status': ('x', {'code': 'ERROR', 'message': 'no'}, {
        'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm',
        'http.response.status_code': 503}, {'error.type': 'server'}, ()),
    'failed-said': ('x', {'code': 'ERROR', 'message': '429'}, {
        'gen_ai.operation.name': 'chat', 'error.type': 'MyError'}, {
        'error.type': 'MyError'}, ()),
    'explicit': ('x', None, {
        TYPE: 'generation', KIND: 'CHAIN', 'gen_ai.operation.name': 'chat',
        USAGE: '{"input":1}', 'gen_ai.usage.input_tokens': 9,
        'gen_ai.usage.output_tokens': 1, 'session.id': 'mine',
        'gen_ai.conversation.id': 'other'}, {
        TYPE: 'generation', KIND: 'CHAIN', USAGE: {'input': 1},
        'session.id': 'mine'}, ()),
    # as they came, byte for byte
    'langfuse-sdk': ('langfuse-sdk', None, {
        TYPE: 'generation', 'langfuse.observation.model.name': 'm',
        USAGE: '{"input":5,"output":1}', 'gen_ai.usage.input_tokens': 5},
        None, ()),
    'unknown': ('x', None, {'http.request.method': 'GET', 'prompt': 'p'},
                None, ()),
    'unknown-type': ('x', None, {TYPE: 'EVENT', 'model': 'm'}, None, ()),
    'nothing': ('x', None, None, None, ()),
}


def record(i, name, scope, status, attributes):
    r = dict(BASE, span_id='%016x' % (i + 1), name=name,
             scope={'name': scope})
    if status:
        r['status'] = status
    if attributes is not None:
        r['attributes'] = attributes
    # Spelled as nobody else would, to see that bytes stay.
    return json.dumps(r, separators=(', ', ' : '))


def lines():
    return {name: record(i, name, *span[:3])
            for i, (name, span) in enumerate(SPANS.items())}


def point(n, cond, name, why):
    print('%sok %d - %s' % ('' if cond else 'not ', n, name))
    if not cond:
        print('#', why)
    return cond


def check(path):
    n, good = 0, True
    with open(path, encoding='utf-8') as f:
        came = {json.loads(line)['name']: line.rstrip('\n') for line in f}
    for name, line in lines().items():
        want, absent = SPANS[name][3:]
        got = came.get(name, '{}')
        n += 1
        if want is None:
            good &= point(n, got == line, name + ': not a byte changed', got)
            continue
        a = json.loads(got).get('attributes', {})
        if isinstance(a.get(USAGE), str):
            a[USAGE] = json.loads(a[USAGE])
        bad = {k: a.get(k) for k in want if a.get(k) != want[k]}
        bad.update({k: a[k] for k in absent if k in a})
        # What the emitter set is there, but for usage said twice.
        bad.update({k: a.get(k) for k, v in SPANS[name][2].items()
                    if k not in absent and k != USAGE and a.get(k) != v})
        good &= point(n, not bad, name, bad)
    print('1..%d' % n)
    return 0 if good else 1


if __name__ == '__main__':
    if sys.argv[1] == 'make':
        print('\n'.join(lines().values()))
    else:
        sys.exit(check(sys.argv[2]))
