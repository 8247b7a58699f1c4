"""The truth about a run, in the form of expected.json (fixtures/captures/README),
either read from a capture or worked out from what the fake models wrote down
while a real client ran (live/README.md)."""
import glob
import json
import os

import expect_codex
import expect_live
from stream import attributes

# What becomes of a tool call in a live scenario, by the name of the tool. The
# fake models only know what they asked for.
OUTCOMES = {
    'toolfail': {'Bash': ('failed', 'nonzero_exit'),
                 'Read': ('failed', 'file_not_found')},
    'denied': {'Write': ('rejected', 'permission_denied')},
    'mcp': {'mcp__demo__boom': ('failed', None)},
}


def from_capture(folder):
    with open(os.path.join(folder, 'expected.json'), encoding='utf-8') as f:
        want = json.load(f)
    want['absent'] = set(want.get('not_in_telemetry', []))
    want['reported_cost'] = reported_costs(folder)
    return want


def reported_costs(folder):
    """request id -> [micro-dollars] that Claude Code itself sent, in order."""
    costs = {}
    files = sorted(glob.glob(os.path.join(folder, '*-logs.json')) +
                   glob.glob(os.path.join(folder, '*-logs.decoded.json')))
    for name in files:
        with open(name, encoding='utf-8') as f:
            request = json.load(f)
        for resource in request.get('resourceLogs', []):
            for scope in resource.get('scopeLogs', []):
                for record in scope.get('logRecords', []):
                    a = attributes(record.get('attributes'))
                    if 'cost_usd_micros' in a:
                        costs.setdefault(a['request_id'], []).append(
                            a['cost_usd_micros'])
    return costs


def from_truth(path, scenario, prompt):
    """One headless Claude Code run against the fake Anthropic API."""
    with open(path, encoding='utf-8') as f:
        lines = [json.loads(line) for line in f]
    if lines and lines[0]['client'].startswith('opencode'):
        return expect_live.from_opencode(lines, scenario, prompt)
    if lines and lines[0]['api'] == 'openai':
        return expect_codex.from_codex(lines, scenario, prompt)
    if lines and lines[0]['api'] == 'gemini':
        return expect_live.from_gemini(lines, scenario, prompt)
    want = {'client': 'claude-code', 'turns': [], 'llm_calls': [],
            'tool_calls': [], 'subagents': [], 'session_ids': None, 'absent': set(), 'reported_cost': None}
    refused, spawned, turn_open = 0, None, False
    main_turn = sub_turn = None
    for line in lines:
        if line['status'] != 200:
            refused += 1
            continue
        if line['role'] == 'side':
            continue
        if line['role'] == 'main':
            if not turn_open:
                main_turn = new_turn(want, 'client' if want['turns'] else
                                     'user', None if want['turns'] else prompt)
            turn_open = bool(line['tool_calls'])
            turn = main_turn
        else:
            if sub_turn is None:
                sub_turn = new_turn(want, 'subagent', None)
                want['subagents'].append({'agent_id': 'sub',
                                          'spawned_by_call_id': spawned})
            turn = sub_turn
        add_call(want, line, turn, refused, scenario)
        refused = 0
        for tool in line['tool_calls']:
            if tool['name'] in ('Agent', 'Task'):
                spawned = tool['id']
    return want


def new_turn(want, kind, prompt):
    want['turns'].append({
        'index': len(want['turns']), 'kind': kind, 'prompt': prompt,
        'session_id': None, 'final_text': None,
        'agent_id': 'sub' if kind == 'subagent' else None})
    return len(want['turns']) - 1


def add_call(want, line, turn, refused, scenario):
    t = line['tokens']
    index = len(want['llm_calls'])
    agent = want['turns'][turn]['agent_id']
    want['llm_calls'].append({
        'index': index, 'turn': turn, 'agent_id': agent,
        'purpose': 'main' if agent is None else 'subagent',
        'attempt_statuses': [429] * refused + [200],
        'attempt_count': refused + 1, 'model': line['model'],
        'input_tokens_uncached': t['fresh'],
        'cache_read_tokens': t['cacheRead'],
        'cache_write_tokens': t['write5m'] + t['write1h'],
        'cache_write_5m_tokens': t['write5m'],
        'cache_write_1h_tokens': t['write1h'],
        'input_tokens_total': t['fresh'] + t['cacheRead'] + t['write5m'] +
        t['write1h'],
        # As the API sends it: thinking inside output.
        'output_tokens': line['usage']['output_tokens'],
        'reasoning_tokens': None, 'tool_prompt_tokens': None,
        'http_status': 200, 'response_id': line['response_id'],
        'request_id': line['request_id'],
        'stop_reason': 'tool_use' if line['tool_calls'] else 'end_turn',
        'ok': True, 'error': None, 'text_bytes': line['text_bytes']})
    for tool in line['tool_calls']:
        status, why = OUTCOMES.get(scenario, {}).get(tool['name'],
                                                     ('ok', None))
        want['tool_calls'].append({
            'index': len(want['tool_calls']), 'turn': turn, 'llm_call': index,
            'agent_id': agent, 'parent_call_id': None, 'name': tool['name'],
            'call_id': tool['id'], 'arguments': tool['input'],
            'status': status, 'error_class': why})
