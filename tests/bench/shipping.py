"""What aitrace-ship costs: to a server of its own on this machine that takes
all and keeps nothing. Its own CPU and memory count, not the server's."""
import os
import re
import shutil
import socket
import subprocess
import threading
import time

KEYS = {'LANGFUSE_PUBLIC_KEY': 'pk-lf-bench', 'LANGFUSE_SECRET_KEY':
        'sk-lf-bench'}
SEGMENT = 64 * 10**6


class Sink:
    def __init__(self):
        self.listen = socket.create_server(('127.0.0.1', 0))
        self.url = 'http://127.0.0.1:%d' % self.listen.getsockname()[1]
        self.bytes = 0
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            c, _ = self.listen.accept()
            threading.Thread(target=self.serve, args=(c,),
                             daemon=True).start()

    def serve(self, c):
        room = memoryview(bytearray(1 << 18))
        head = b''
        while True:
            while b'\r\n\r\n' not in head:
                n = c.recv_into(room)
                if not n:
                    return
                head += room[:n]
            text, _, body = head.partition(b'\r\n\r\n')
            if b'100-continue' in text:
                c.sendall(b'HTTP/1.1 100 Continue\r\n\r\n')
            left = int(re.search(rb'(?i)content-length: *(\d+)', text)[1])
            self.bytes += left
            left -= len(body)
            while left > 0:
                n = c.recv_into(room, min(left, len(room)))
                if not n:
                    return
                left -= n
            head = b''
            c.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}')


def run(args, url, cwd):
    """(CPU seconds, wall seconds, peak resident MiB) of aitrace-ship."""
    began = time.perf_counter()
    p = subprocess.Popen(['aitrace-ship'] + args, cwd=cwd, stdin=subprocess.
                         DEVNULL, env=dict(os.environ, LANGFUSE_BASE_URL=url,
                                           **KEYS))
    peak = 0
    while True:
        pid, status, usage = os.wait4(p.pid, os.WNOHANG)
        if pid:
            break
        try:
            with open('/proc/%d/status' % p.pid) as f:
                got = re.search(r'VmHWM:\s+(\d+)', f.read())
            peak = max(peak, int(got[1]) if got else 0)
        except OSError:
            pass
        time.sleep(0.02)
    p.returncode = os.waitstatus_to_exitcode(status)
    if p.returncode != 0:
        raise RuntimeError('aitrace-ship ended with %d' % p.returncode)
    return (usage.ru_utime + usage.ru_stime, time.perf_counter() - began,
            peak / 1024)


def fill(spool, source, megabytes):
    """Segments of that size, of the same records again and again."""
    os.mkdir(spool)
    with open(source, 'rb') as f:
        block = f.read(SEGMENT)
    block = block[:block.rindex(b'\n') + 1]
    n = max(1, megabytes * 10**6 // len(block))
    for i in range(n):
        with open('%s/20261121T030000Z-%06d.ndjson' % (spool, i + 1),
                  'wb') as f:
            f.write(block)
    return n * len(block) / 1e6


def report(bench, rounds, megabytes):
    """Prints the rows; bench has path(), size(), count and verdict()."""
    sink = Sink()
    size = bench.size('spans')
    gzip = min(bench.cpu_of('gzip -1 <spans >/dev/null')
               for _ in range(rounds))
    for name, args in (('gzip', []), ('no compression',
                                      ['--compress', 'none'])):
        cpu, wall, rss = sorted(run(args + ['spans'], sink.url, bench.dir)
                                for _ in range(rounds))[rounds // 2]
        line = '%-34s %8.3f %9.0f %10.0f' % (
            'aitrace-ship, ' + name, cpu, size / cpu, bench.count / cpu)
        if not args:
            line += '  %5.2f x gzip -1  %s' % (cpu / gzip, bench.verdict(
                cpu / gzip, 1.0))
        print(line + ', peak memory %.1f MiB' % rss)
    spool = bench.path('spool')
    size = fill(spool, bench.path('spans'), megabytes)
    try:
        cpu, wall, rss = run(['--spool', spool, '--once'], sink.url,
                             bench.dir)
        left = [f for f in os.listdir(spool) if f.endswith('.ndjson')]
    finally:
        shutil.rmtree(spool)
    print('%-34s %8.3f %9.0f  %.1f s of wall, peak memory %.1f MiB  %s%s' % (
        'aitrace-ship, a spool of %.0f MB' % size, cpu, size / cpu, wall, rss,
        bench.verdict(rss, 64.0), ', NOT EMPTY' if left else ''))
