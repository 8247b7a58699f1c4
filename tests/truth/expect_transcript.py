"""What a transcript tells of a run, beside what its telemetry tells.

It tells more: whatever telemetry lacks. And less, by client:

  Claude Code attempts, in versions that do not write down their requests
  Codex CLI   attempts that were refused, the HTTP status
  Gemini CLI  also the router's calls, the ids of the answers, what ends a text
              without saying anything, and a request that was refused for good
  opencode    also the calls for titles and the two kinds of cache writes
"""

NO_CALLS = {'gemini-cli': ('router',), 'opencode': ('title',)}
NO_IDS = ('gemini-cli', 'opencode')


def adapted(want):
    """The truth as far as the client's own transcript can tell it."""
    client = want['client']
    want['absent'] = set()
    if client == 'claude-code':
        if want['client_version'] == '2.1.197':
            want['absent'].update('llm_calls[%d].attempt_count' % c['index']
                                  for c in want['llm_calls'])
        return want
    want['llm_calls'] = [c for c in want['llm_calls']
                         if c['purpose'] not in NO_CALLS.get(client, ())]
    want['side_session_ids'] = []
    for call in want['llm_calls']:
        path = 'llm_calls[%d].' % call['index']
        call['attempt_statuses'] = call['attempt_statuses'][-1:]
        want['absent'].add(path + 'attempt_count')
        if client in NO_IDS:
            want['absent'].update({path + 'response_id', path + 'request_id'})
        if client == 'opencode':
            want['absent'].add(path + 'cache_write_5m_tokens')
            want['absent'].add(path + 'stop_reason')
        if client == 'gemini-cli':
            want['absent'].add(path + 'stop_reason')
            if call.get('output_text'):
                call['output_text'] = call['output_text'].strip()
    return want
