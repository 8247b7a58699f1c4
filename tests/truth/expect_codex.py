"""The truth of a live run of Codex CLI, from what the fake models wrote down
(live/README.md), in the form of expected.json."""
from expect_live import OUTCOMES, Run

REJECTED = ('rejected', 'permission_denied')


def openai(line):
    """Input holds what was cached and written, output the reasoning."""
    t = line['tokens']
    written = t['write5m'] + t['write1h']
    return {'model': line['model'], 'input_tokens_uncached': t['fresh'],
            'cache_read_tokens': t['cacheRead'],
            'cache_write_tokens': written,
            'input_tokens_total': t['fresh'] + t['cacheRead'] + written,
            'output_tokens': t['output'], 'reasoning_tokens': t['reasoning']}


def outcome(scenario, tool, number):
    """The file that does not exist is read by a command, which exits 1."""
    if scenario == 'toolfail':
        return 'failed', 'nonzero_exit', (3, 1)[number]
    if scenario == 'denied':
        return REJECTED + (None,)
    if tool == 'mcp__demo__boom':
        return OUTCOMES['mcp'][tool] + (None,)
    return 'ok', None, 0


def from_codex(lines, scenario, prompt):
    run = Run('codex', prompt, scenario, lambda name: name,
              lambda tool: tool['id'], ('spawn_agent',))
    want, sides, sub = run.want, 0, None
    for line in lines:
        if line['status'] != 200:
            run.refused.append(line['status'])
            model = line['model']
            continue
        if line['role'] == 'side':
            sides += 1
            continue
        for tool in line['tool_calls']:
            space = tool.get('namespace') or ''
            if space.startswith('mcp__'):
                tool['name'] = space + '__' + tool['name']
        if line['role'] == 'sub' and sub is None:
            sub = run.thread('sub')
        run.add(line, sub if line['role'] == 'sub' else run.main, 'main',
                openai(line))
    if run.refused:
        run.add(None, run.main, 'main', {
            'model': model, 'input_tokens_uncached': None})
    want['side_session_ids'] = [None] * sides
    for tool in want['tool_calls']:
        tool['status'], tool['error_class'], tool['exit_code'] = outcome(
            scenario, tool['name'], tool['index'])
    # No record carries what the model wrote, nor any id of a request.
    for call in want['llm_calls']:
        call.pop('text_bytes', None)
        want['absent'] |= {'llm_calls[%d].%s' % (call['index'], what)
                           for what in ('response_id', 'request_id')}
        if not call['ok']:
            want['absent'].add('llm_calls[%d].attempt_count' % call['index'])
    return want
