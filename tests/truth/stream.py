"""Reads a stream of records, and the traces in it, for the checkers.

Knows aitrace-record(5) and the attribute names of the three vocabularies, and
nothing of how the programs work.
"""
import json
import sys
from decimal import Decimal


def load(path):
    """The records of an NDJSON file ('-': stdin). Numbers keep their value."""
    stream = sys.stdin if path == '-' else open(path, encoding='utf-8',
                                                newline='\n')
    with stream:
        return [json.loads(line, parse_float=Decimal)
                for line in stream.read().split('\n') if line]


def decoded(text):
    """An attribute that may be JSON in a string: its value, else itself."""
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text, parse_float=Decimal)
    except ValueError:
        return text


class Span:
    def __init__(self, record):
        self.record = record
        self.attr = {k: v for k, v in record.get('attributes', {}).items()
                     if v is not None}
        self.name = record.get('name')
        self.trace_id = record.get('trace_id')
        self.id = record.get('span_id')
        self.parent = record.get('parent_span_id')
        self.start = record.get('start_time', '')
        self.end = record.get('end_time', '')
        self.type = self.attr.get('langfuse.observation.type')
        self.agent = self.attr.get('aitrace.agent')
        self.level = self.attr.get('langfuse.observation.level', 'DEFAULT')
        self.is_error = record.get('status', {}).get('code') == 'ERROR'

    @property
    def call_id(self):
        return self.attr.get('gen_ai.tool.call.id')

    @property
    def tool_name(self):
        return self.attr.get('gen_ai.tool.name',
                             self.attr.get('aitrace.tool.name'))

    @property
    def usage(self):
        """The disjoint token buckets, or None."""
        details = self.attr.get('langfuse.observation.usage_details')
        return None if details is None else decoded(details)

    @property
    def cost(self):
        """Total cost in USD, or None."""
        details = self.attr.get('langfuse.observation.cost_details')
        return None if details is None else Decimal(decoded(details)['total'])

    @property
    def input(self):
        return decoded(self.attr.get('langfuse.observation.input'))

    @property
    def output(self):
        return decoded(self.attr.get('langfuse.observation.output'))

    def __repr__(self):
        return '%s %r %s' % (self.type, self.name, self.id)


def spans(records):
    return [Span(r) for r in records if r.get('record') == 'span']


def enriched(records):
    """The finished spans: those that say which agent they are from."""
    return [s for s in spans(records) if s.agent is not None]


def by_start(some):
    return sorted(some, key=lambda s: (s.start, s.end, s.id or ''))


def content_text(value):
    """The plain text of a message content: string, or list of parts."""
    if value is None:
        return ''
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ''.join(content_text(part) for part in value)
    if isinstance(value, dict):
        kind = value.get('type')
        if kind in ('tool_use', 'tool_call', 'thinking', 'reasoning',
                    'redacted_thinking'):
            return ''
        for key in ('text', 'content', 'parts'):
            if key in value:
                return content_text(value[key])
        return ''
    return str(value)


def message_text(value):
    """The text of what stands in an input or output attribute: a string, a
    message or a list of messages (then the last one's)."""
    if isinstance(value, list) and value and all(
            isinstance(m, dict) and 'role' in m for m in value):
        return content_text(value[-1])
    return content_text(value)


def attributes(pairs):
    """OTLP/JSON attributes as a dict of plain values."""
    out = {}
    for pair in pairs or []:
        value = pair.get('value') or {}
        for kind, v in value.items():
            out[pair['key']] = int(v) if kind == 'intValue' else v
    return out
