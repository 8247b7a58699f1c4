"""The truth of a live run of Gemini CLI or opencode, from what the fake models
wrote down (live/README.md), in the form of expected.json."""

# What becomes of a tool call, by the name of the tool.
OUTCOMES = {
    'toolfail': {'run_shell_command': ('failed', 'nonzero_exit'),
                 'read_file': ('failed', 'file_not_found'),
                 'bash': ('failed', 'nonzero_exit'),
                 'read': ('failed', 'file_not_found')},
    'denied': {'write_file': ('rejected', 'permission_denied'),
               'write': ('rejected', 'permission_denied')},
    'mcp': {'mcp__demo__boom': ('failed', None),
            'demo_boom': ('failed', None)},
}


def gemini_name(name):
    """mcp_<server>_<tool>; the demo server's name has no underscore."""
    if name.startswith('mcp_') and not name.startswith('mcp__'):
        return 'mcp__' + name[4:].replace('_', '__', 1)
    return name


class Run:
    def __init__(self, client, prompt, scenario, name, call_id, agents):
        self.want = {'client': client, 'turns': [], 'llm_calls': [],
                     'tool_calls': [], 'subagents': [], 'session_ids': None,
                     'absent': set(), 'reported_cost': None}
        self.scenario, self.name, self.call_id = scenario, name, call_id
        self.agents = agents
        self.refused, self.sub, self.spawned = [], None, None
        self.main = self.turn('user', prompt)

    def turn(self, kind, prompt):
        self.want['turns'].append({
            'index': len(self.want['turns']), 'kind': kind, 'prompt': prompt,
            'session_id': None, 'final_text': None,
            'agent_id': 'sub' if kind == 'subagent' else None})
        return len(self.want['turns']) - 1

    def add(self, line, turn, purpose, usage):
        index = len(self.want['llm_calls'])
        statuses = self.refused + ([line['status']] if line else [])
        self.refused = []
        self.want['llm_calls'].append(dict({
            'index': index, 'turn': turn, 'purpose': purpose,
            'agent_id': self.want['turns'][turn]['agent_id'],
            'attempt_statuses': statuses, 'attempt_count': len(statuses),
            'http_status': statuses[-1], 'request_id': None,
            'response_id': line and line['response_id'],
            'ok': line is not None, 'error': None, 'stop_reason': None,
            'cache_write_tokens': 0, 'cache_write_5m_tokens': 0,
            'cache_write_1h_tokens': 0, 'tool_prompt_tokens': 0,
            'reasoning_tokens': 0}, **usage))
        if line is None:
            self.want['turns'][turn]['failed'] = True
            return
        if 'text_bytes' in line and purpose != 'title':
            self.want['llm_calls'][-1]['text_bytes'] = line['text_bytes']
        for tool in line['tool_calls']:
            name = self.name(tool['name'])
            status, why = OUTCOMES.get(self.scenario, {}).get(
                name, ('ok', None))
            call_id = self.call_id(tool)
            self.want['tool_calls'].append({
                'index': len(self.want['tool_calls']), 'turn': turn,
                'llm_call': index, 'parent_call_id': None, 'name': name,
                'agent_id': self.want['turns'][turn]['agent_id'],
                'call_id': call_id, 'arguments': tool['input'],
                'status': status, 'error_class': why})
            if tool['name'] in self.agents:
                self.spawned = call_id

    def thread(self, role):
        """Whose request it is; a router asks for whoever comes next."""
        if role == 'main':
            self.sub = self.spawned = None
            return self.main
        if self.spawned is not None and self.sub is None:
            self.sub = self.turn('subagent', None)
            self.want['subagents'].append({
                'agent_id': 'sub', 'spawned_by_call_id': self.spawned})
        return self.main if self.sub is None else self.sub


def google(line):
    t = line['tokens']
    return {'model': line['model'], 'stop_reason': 'STOP',
            'input_tokens_uncached': t['fresh'],
            'cache_read_tokens': t['cacheRead'],
            'input_tokens_total': t['fresh'] + t['cacheRead'],
            'output_tokens': t['output'], 'reasoning_tokens': t['reasoning'],
            'tool_prompt_tokens': t['toolUse']}


def from_gemini(lines, scenario, prompt):
    run = Run('gemini-cli', prompt, scenario, gemini_name,
              lambda t: '%s__%s' % (t['name'], t['id']), ('invoke_agent',))
    for line in lines:
        if line['status'] != 200:
            run.refused.append(line['status'])
            model = line['model']
            continue
        turn = run.thread(line['role'])
        run.add(line, turn, 'router' if line['role'] == 'side' else 'main',
                google(line))
    if run.refused:
        run.add(None, run.main, 'main', {
            'model': model, 'input_tokens_uncached': None})
    return run.want


def anthropic(line):
    """The AI SDK counts what was thought as output."""
    t = line['tokens']
    written = t['write5m'] + t['write1h']
    return {'model': line['model'],
            'input_tokens_uncached': t['fresh'],
            'cache_read_tokens': t['cacheRead'],
            'cache_write_tokens': written,
            'cache_write_5m_tokens': t['write5m'],
            'cache_write_1h_tokens': t['write1h'],
            'input_tokens_total': t['fresh'] + t['cacheRead'] + written,
            'output_tokens': line['usage']['output_tokens']}


def from_opencode(lines, scenario, prompt):
    # Tools of MCP are <server>_<tool>, like any name with an underscore.
    run = Run('opencode', prompt, scenario, lambda name: name,
              lambda t: t['id'], ('task',))
    for line in lines:
        if line['status'] != 200:
            run.refused.append(line['status'])
            continue
        role = line['role']
        turn = run.main if role == 'side' else run.thread(role)
        run.add(line, turn, 'title' if role == 'side' else 'main',
                anthropic(line))
    return run.want
