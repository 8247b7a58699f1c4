#!/usr/bin/env python3
"""Control-C on a terminal ends a whole pipeline: nothing it has taken is lost.

usage: interrupt.py CAPTURE     (a run of Claude Code over http/json)

The terminal signals every program at once. The receiver stops, and those
behind it must go on until what is in the pipes has come through; a signal that
somebody sends to one of them ends that one.
"""
import glob
import json
import os
import pty
import re
import select
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'truth'))
import tap  # noqa: E402

LIMIT = 60


class Terminal:
    """A shell on a terminal of its own, running one pipeline."""

    def __init__(self, script):
        self.seen = b''
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvp('bash', ['bash', '-c', 'trap : INT; ' + script])

    def read(self, limit):
        """Reads a little; False once the shell has ended."""
        if select.select([self.fd], [], [], limit)[0]:
            try:
                some = os.read(self.fd, 65536)
            except OSError:
                some = b''
            self.seen += some
            return some != b''
        return True

    def interrupt(self):
        os.write(self.fd, b'\x03')
        end = time.monotonic() + LIMIT
        while time.monotonic() < end and self.read(0.2):
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def post(address, path):
    signal = re.search('-(traces|logs|metrics)', path).group(1)
    with open(path, 'rb') as f:
        urllib.request.urlopen(urllib.request.Request(
            'http://%s/v1/%s' % (address, signal), f.read(),
            {'Content-Type': 'application/json'})).read()


def spans(path):
    """The spans of a file of records: name and span id."""
    with open(path) as f:
        records = [json.loads(line) for line in f]
    return {(r['name'], r['span_id']) for r in records
            if r['record'] == 'span'}


def main():
    t = tap.Tap()
    requests = sorted(f for f in glob.glob(sys.argv[1] + '/0*.json')
                      if 'headers' not in f)
    with tempfile.TemporaryDirectory() as d:
        terminal = Terminal(
            'exec 9>%s/ready; aitrace-recv --listen 127.0.0.1:0 '
            '--ready-fd 9 | aitrace-enrich --idle=1h --linger=1h | '
            'aitrace-price | aitrace-filter true >%s/out; '
            'echo "status: ${PIPESTATUS[*]}"' % (d, d))
        end = time.monotonic() + LIMIT
        address = ''
        while time.monotonic() < end and not address.endswith('\n'):
            terminal.read(0.1)
            if os.path.exists(d + '/ready'):
                with open(d + '/ready') as f:
                    address = f.read()
        for r in requests:
            post(address.split()[0], r)
        terminal.interrupt()
        status = re.search(rb'status: ([0-9 ]+)', terminal.seen)
        t.equal(status and status.group(1).decode(), '0 0 0 0',
                'every program of the pipeline ends well')
        with open(d + '/whole', 'wb') as f:
            subprocess.run(['bash', '-c', 'aitrace-recv "$@" | aitrace-enrich',
                            'bash', *requests], stdout=f, check=True)
        whole = spans(d + '/whole')
        t.ok(len(whole) > 3, '%d spans are to come' % len(whole))
        t.equal(spans(d + '/out'), whole, 'and all of them came through')
    t.done()


if __name__ == '__main__':
    main()
