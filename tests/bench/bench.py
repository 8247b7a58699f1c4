#!/usr/bin/env python3
"""What every stage costs, beside cat, wc and jq, in one run.

usage: bench.py BUILD-DIRECTORY SOURCE-DIRECTORY [MEGABYTES]

CPU time (user and system, of all processes of a row), median of five rounds
in which the rows alternate. MB is 10^6 bytes of input. Bounds are ratios: both
sides are measured here, so another machine or another mood gives the same.

AITRACE_BENCH_SPOOL_MB is the size of the spool that is shipped (2000 shows what
becomes of memory), AITRACE_BENCH_HISTORY_MB those of the histories that are
reported on. AITRACE_BENCH_CCUSAGE names a folder with ccusage.
"""
import glob
import json
import os
import re
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import generate     # noqa: E402
import history      # noqa: E402
import shipping     # noqa: E402

ROUNDS = 5
MODELS = 3000       # in the price book
PATHOLOGICAL = ('a@', 'sk-', 'eyJ', 'eyJ.', '-----BEGIN ',
                '-----BEGIN PRIVATE KEY-----', 'password=', "password='",
                'pwd:pwd:', '://', '1.', '1:', '::', '1', '1 ', '+1', '+',
                '/home/', 'Bearer ', 'Basic a', 'cookie:', '%25', '%', '{',
                '[REDACTED:', 'sk-ant-api03-aaaaaaaaaaaaaaaaaaaaaaaa ',
                '--token ', 'ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
                '\\')


def cpu(command, cwd):
    """CPU seconds of a shell command and all it starts; -1 if it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    rc = subprocess.run(['bash', '-o', 'pipefail', '-c', command], cwd=cwd,
                        stderr=subprocess.PIPE)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if rc.returncode != 0:
        sys.stderr.write('%s: %s\n' % (command, rc.stderr.decode()[:500]))
        return None
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def peak_rss(command, path):
    """Peak resident memory in MiB of a program that has read path from its
    standard input. (Not from its resource usage at the end: that counts what
    this process was before it became the program.)"""
    with open(os.devnull, 'w') as null, open(path, 'rb') as f:
        p = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=null,
                             stderr=null)
        shutil.copyfileobj(f, p.stdin)
        p.stdin.flush()
        with open('/proc/%d/status' % p.pid) as status:
            peak = [int(x.split()[1]) for x in status
                    if x.startswith('VmHWM')]
        p.stdin.close()
        p.wait()
    return peak[0] / 1024


def peak_to_end(command, cwd):
    """Peak resident memory in MiB of a command that reads files, to its end;
    started by a small process, whose own size would count otherwise."""
    small = ('import resource, subprocess, sys\n'
             'subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL,'
             ' stderr=subprocess.DEVNULL, check=True)\n'
             'print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)')
    out = subprocess.run([sys.executable, '-c', small] + command, cwd=cwd,
                         stdout=subprocess.PIPE, check=True).stdout
    return int(out) / 1024


def start_up(command, cwd):
    """Milliseconds of wall time of one run on one line, best of 50."""
    best = 1e9
    for _ in range(50):
        t = time.perf_counter()
        subprocess.run(command, cwd=cwd, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        best = min(best, time.perf_counter() - t)
    return best * 1000


class Bench:
    def __init__(self, build, top, megabytes):
        self.build, self.top = build, top
        self.dir = tempfile.mkdtemp(prefix='aitrace-bench.')
        self.rows, self.cpu, self.over = [], {}, 0
        os.environ['PATH'] = build + ':' + os.environ['PATH']
        os.environ['AITRACE_DATADIR'] = self.path('book')
        os.environ['AITRACE_RULES'] = top + '/src/redact/redact.json'
        self.count = megabytes * 1000 * 1000 // 2600

    def cpu_of(self, command):
        return cpu(command, self.dir)

    def path(self, name):
        return os.path.join(self.dir, name)

    def has(self, program):
        return shutil.which(program) is not None

    def make_book(self):
        """All prices of this bench are looked up in it, at start-up, too."""
        with open(self.top + '/src/price/prices.json', encoding='utf-8') as f:
            text = generate.book(f.read(), MODELS)
        count = len(json.loads(text)['models'])
        if count < MODELS:
            sys.exit('the book has %d models' % count)
        os.mkdir(self.path('book'))
        with open(self.path('book/prices.json'), 'w', encoding='utf-8') as f:
            f.write(text)
        print('a price book of %d models' % count)

    def make(self):
        self.make_book()
        spans = generate.spans(self.count)
        with open(self.path('spans'), 'w', encoding='utf-8') as f:
            for i, s in enumerate(spans):
                f.write(generate.record_line(s, i) + '\n')
        with open(self.path('one'), 'w', encoding='utf-8') as f:
            f.write(generate.record_line(spans[1], 1) + '\n')
        with open(self.path('head'), 'w', encoding='utf-8') as f:
            for i, s in enumerate(spans[:self.count // 4]):
                f.write(generate.record_line(s, i) + '\n')
        # Requests of 28 spans, as clients send them.
        os.mkdir(self.path('req'))
        for i in range(0, len(spans), 28):
            for suffix, encode in (('pb', generate.otlp_pb),
                                   ('json', generate.otlp_json)):
                with open(self.path('req/%06d-traces.%s' % (i, suffix)),
                          'wb') as f:
                    f.write(encode(spans[i:i + 28]))
        with open(self.path('post.pb'), 'wb') as f:
            f.write(generate.otlp_pb(spans[:4]))
        if self.has('aitrace-recv'):
            self.make_raw()
        if self.has('aitrace-price'):
            subprocess.run('aitrace-price spans >priced', shell=True,
                           check=True, cwd=self.dir)
            subprocess.run('head -n %d priced >priced-head' %
                           (self.count // 4), shell=True, check=True,
                           cwd=self.dir)
        self.make_rival()

    def make_raw(self):
        run = self.top + '/tests/fixtures/captures/claude-code/basic-http-json'
        files = sorted(f for f in glob.glob(run + '/0*.json')
                       if 'headers' not in f)
        out = subprocess.run(['aitrace-recv'] + files, check=True,
                             stdout=subprocess.PIPE).stdout.decode()
        records = out.splitlines()
        copies = 20 * 10**6 // len(out)
        with open(self.path('raw'), 'w', encoding='utf-8') as f:
            f.writelines(generate.repeated(records, copies))
        with open(self.path('raw')) as f:
            self.raw_lines = sum(1 for _ in f)

    def row(self, name, command, size, records, against=None, bound=None,
            per_mb=False, need=()):
        if all(self.has(n) for n in need):
            self.rows.append((name, command, size, records, against, bound,
                              per_mb))
        else:
            print('%-34s not here' % name)

    def make_rival(self):
        """What protobuf-c and cJSON need; both as their users call them."""
        here = self.top + '/tests/bench'
        if not (self.has('protoc-c') and self.has('cc')):
            print('rival: protobuf-c-compiler is not installed')
            return
        build = ('protoc-c --c_out=. -I%s otlp-trace.proto && cc -O2 -o rival '
                 '-I. %s/rival.c otlp-trace.pb-c.c -lprotobuf-c -lcjson' % (
                     here, here))
        done = subprocess.run(build, shell=True, cwd=self.dir,
                              stderr=subprocess.PIPE)
        if done.returncode != 0:
            print('rival: not built: ' + done.stderr.decode()[:300])
        os.environ['PATH'] = self.dir + ':' + os.environ['PATH']

    def size(self, name):
        return os.path.getsize(self.path(name)) / 1e6

    def total(self, suffix):
        return sum(os.path.getsize(f) for f in glob.glob(
            self.path('req/*.' + suffix))) / 1e6

    def plan(self):
        whole, n = self.size('spans'), self.count
        r = self.row
        r('cat', 'cat spans >/dev/null', whole, n)
        r('wc -l', 'wc -l <spans >/dev/null', whole, n)
        r('cat | cat | cat | cat', 'cat spans | cat | cat | cat >/dev/null',
          whole, n)
        r('jq -c, one key added (a quarter)',
          'jq -c ".x=1" head >/dev/null', self.size('head'), n // 4,
          need=['jq'])
        r('cJSON, eight added (a quarter)',
          'rival cjson-stage head >/dev/null', self.size('head'), n // 4,
          need=['rival'])
        r('aitrace-enrich', 'aitrace-enrich spans >/dev/null', whole, n,
          'wc -l', 4.0, need=['aitrace-enrich'])
        r('aitrace-price, two of three to price',
          'aitrace-price spans >/dev/null', whole, n, 'wc -l', 4.0,
          need=['aitrace-price'])
        if self.has('aitrace-price'):
            r('wc -l, priced', 'wc -l <priced >/dev/null',
              self.size('priced'), n)
            r('aitrace-price, priced already',
              'aitrace-price priced >/dev/null', self.size('priced'), n,
              'wc -l, priced', 4.0)
            r('aitrace-report, by day and model',
              'aitrace-report --by day,model priced >/dev/null',
              self.size('priced'), n, 'wc -l, priced', 5.0,
              need=['aitrace-report'])
            r('jq, sums by day and model (a quarter)',
              'jq -n \'reduce (inputs | select(.attributes."gen_ai.usage.cost"'
              ')) as $r ({}; (.[$r.start_time[:10]][$r.attributes.'
              '"gen_ai.request.model"]) |= [.[0] + 1, .[1] + $r.attributes.'
              '"gen_ai.usage.cost"])\' priced-head >/dev/null',
              self.size('priced-head'), n // 4, need=['jq'])
        choose = '\'provider == "anthropic" && cost > 0.05 && ' \
            'tool =~ "^mcp__"\''
        r('aitrace-filter, three conditions', 'aitrace-filter %s spans '
          '>/dev/null' % choose, whole, n, 'wc -l', 4.0,
          need=['aitrace-filter'])
        r('aitrace-filter --sample, one in ten',
          'aitrace-filter --sample=10% true spans >/dev/null', whole, n,
          'wc -l', 4.0, need=['aitrace-filter'])
        r('jq -c select, the same (a quarter)',
          'jq -c \'select(.attributes | ."gen_ai.provider.name" == '
          '"anthropic" and ."gen_ai.usage.cost" > 0.05 and '
          '(."gen_ai.tool.name" // "" | test("^mcp__")))\' head >/dev/null',
          self.size('head'), n // 4, need=['jq'])
        r('aitrace-redact, all rules', 'aitrace-redact spans >/dev/null',
          whole, n, 'wc -l', 25.0, need=['aitrace-redact'])
        r('sed, three of its rules (a quarter)',
          "sed -E 's/(AKIA|ASIA)[A-Z0-9]{16}/[X]/g; s/gh[pousr]_[A-Za-z0-9]"
          "{30,}/[X]/g; s/sk-ant-[A-Za-z0-9_-]{16,}/[X]/g' head >/dev/null",
          self.size('head'), n // 4)
        r('aitrace-ship --to stdout', 'aitrace-ship --to stdout spans >/dev/null',
          whole, n, 'wc -l', None, need=['aitrace-ship'])
        r('aitrace-tree', 'aitrace-tree spans >/dev/null', whole, n, 'wc -l',
          None, need=['aitrace-tree'])
        r('enrich | price | cat',
          'aitrace-enrich spans | aitrace-price | cat >/dev/null', whole, n,
          'cat | cat | cat | cat', 3.5,
          need=['aitrace-enrich', 'aitrace-price'])
        if self.has('aitrace-recv'):
            for kind, suffix, rival, mode, bound in (
                    ('protobuf', 'pb', 'protobuf-c, unpacking alone',
                     'protobuf-c', 1 / 2),
                    ('OTLP/JSON', 'json', 'cJSON, parsing alone',
                     'cjson-parse', 1 / 3)):
                r(rival, 'rival %s req/*.%s' % (mode, suffix),
                  self.total(suffix), n, need=['rival'])
                r('aitrace-recv, ' + kind,
                  'aitrace-recv req/*.%s >/dev/null' % suffix,
                  self.total(suffix), n, rival, bound)
            r('wc -l, raw Claude Code', 'wc -l <raw >/dev/null',
              self.size('raw'), self.raw_lines)
            r('enrich, raw Claude Code', 'aitrace-enrich raw >/dev/null',
              self.size('raw'), self.raw_lines, 'wc -l', 12.0, per_mb=True,
              need=['aitrace-enrich'])
            r('recv | enrich | price | cat',
              'aitrace-recv req/*.pb | aitrace-enrich | aitrace-price | '
              'cat >/dev/null', self.total('pb'), n,
              need=['aitrace-enrich', 'aitrace-price'])

    def measure(self):
        times = {name: [] for name, *_ in self.rows}
        for _ in range(ROUNDS):
            for name, command, *_ in self.rows:
                t = cpu(command, self.dir)
                if t is not None:
                    times[name].append(t)
        self.cpu = {k: statistics.median(v) for k, v in times.items() if v}

    def verdict(self, ratio, bound):
        if bound is None:
            return ''
        if ratio <= bound:
            return '<= %.3g ok' % bound
        self.over += 1
        return '<= %.3g OVER' % bound

    def report(self):
        print('%-34s %8s %9s %10s  %s' % ('', 'CPU s', 'MB/s',
                                          'records/s', 'CPU ratio'))
        sizes = {name: size for name, _, size, *_ in self.rows}
        for name, _, size, records, against, bound, per_mb in self.rows:
            t = self.cpu.get(name)
            if t is None:
                print('%-34s failed' % name)
                self.over += 1
                continue
            t = max(t, 0.001)
            line = '%-34s %8.3f %9.0f %10.0f' % (name, t, size / t,
                                                 records / t)
            if against is not None and against in self.cpu:
                base = max(self.cpu[against], 0.001)
                ratio = t / base
                if per_mb:
                    ratio *= sizes[against] / size
                line += '  %5.2f x %s  %s' % (ratio, against,
                                              self.verdict(ratio, bound))
            print(line)
        for name, least in (('jq -c, one key added (a quarter)', 30),
                            ('cJSON, eight added (a quarter)', 12)):
            for p in ('aitrace-enrich', 'aitrace-price, priced already'):
                if name not in self.cpu or p not in self.cpu:
                    continue
                ratio = 4 * self.cpu[name] / self.cpu[p]
                print('%-34s %31.0f x less than %s  >= %d %s' % (
                    p, ratio, name.split(',')[0], least,
                    'ok' if ratio >= least else 'OVER'))
                self.over += ratio < least

    def memory_and_start(self):
        print()
        for p in ('aitrace-enrich', 'aitrace-price', 'aitrace-report'):
            if not self.has(p):
                continue
            rss = peak_rss([p], self.path('spans'))
            ms = start_up([p, 'one'], self.dir)
            print('%-34s peak memory %5.1f MiB  %s   start-up %5.1f ms  %s' % (
                p, rss, self.verdict(rss, 8.0), ms, self.verdict(ms, 3.0)))

        if self.has('aitrace-enrich') and self.has('aitrace-recv'):
            self.sessions()
        if self.has('aitrace-report'):
            self.status_line()

    def sessions(self):
        """Ten thousand sessions at once, none of which ends before all do."""
        for name, run in (('Claude Code', 'claude-code/logs-only-defaults'),
                          ('Codex', 'codex/basic-json'),
                          ('Gemini CLI', 'gemini-cli/basic-http')):
            files = sorted(glob.glob('%s/tests/fixtures/captures/%s/*-logs.*'
                                     % (self.top, run)))
            out = subprocess.run(
                ['aitrace-recv'] + [f for f in files if 'headers' not in f and
                                    'decoded' not in f],
                check=True, stdout=subprocess.PIPE).stdout.decode()
            with open(self.path('many'), 'w', encoding='utf-8') as f:
                f.writelines(generate.interleaved(out.splitlines(), 10000))
            rss = peak_to_end(['aitrace-enrich', 'many'], self.dir)
            print('%-34s peak memory %5.1f MiB  %s' % (
                '10,000 sessions of %s at once' % name, rss,
                self.verdict(rss, 200.0)))
            os.unlink(self.path('many'))

    def status_line(self):
        """With as many sessions to remember as there can be, and however
        long the history is: it is in no file that is read."""
        os.environ['XDG_CACHE_HOME'] = self.path('cache')
        with open(self.path('status'), 'w') as f:
            json.dump({'session_id': 'a', 'cost': {'total_cost_usd': 1.5}}, f)
        status = 'aitrace-report --statusline <status'
        subprocess.run(status, shell=True, check=True, cwd=self.dir,
                       stdout=subprocess.DEVNULL)
        with open(self.path('cache/aitrace/report')) as f:
            lines = f.read().split('\n')
        lines[-2:-2] = ['session s%d 1 1 1' % i for i in range(499)]
        with open(self.path('cache/aitrace/report'), 'w') as f:
            f.write('\n'.join(lines))
        ms = start_up(['sh', '-c', status], self.dir)
        print('%-34s %6.1f ms with its shell  %s' % (
            'aitrace-report --statusline', ms, self.verdict(ms, 10.0)))

    def pathological(self):
        """Text that begins a secret again and again, in sixteen lines and in
        one: what takes the square of a line's length takes sixteen times."""
        if not self.has('aitrace-redact'):
            return
        worst, which = 0, ''
        for unit in PATHOLOGICAL:
            for name, lines in (('many', 16), ('long', 1)):
                with open(self.path(name), 'w') as f:
                    text = unit * ((1 << 20) // lines // len(unit))
                    f.writelines([json.dumps({'a': text}) + '\n'] * lines)
            many, long = (min(cpu('aitrace-redact %s >/dev/null' % name,
                                  self.dir) for _ in range(3))
                          for name in ('many', 'long'))
            if long / many > worst:
                worst, which = long / many, unit
        print('aitrace-redact, one line of 1 MB   %.2f x sixteen of a '
              'sixteenth, at worst (%r)  %s' % (
                  worst, which, self.verdict(worst, 4.0)))

    def server(self):
        """Requests of four spans, from sixteen connections for five seconds:
        over HTTP by wrk, over gRPC by h2load."""
        if not self.has('aitrace-recv'):
            return
        with open(self.path('post.lua'), 'w') as f:
            f.write('wrk.method = "POST"\n'
                    'local f = io.open("post.pb", "rb")\n'
                    'wrk.body = f:read("*a")\n'
                    'wrk.headers["Content-Type"] = "application/x-protobuf"\n')
        with open(self.path('post.pb'), 'rb') as f:
            message = f.read()
        with open(self.path('post.grpc'), 'wb') as f:
            f.write(b'\0' + len(message).to_bytes(4, 'big') + message)
        self.load('aitrace-recv as a server', 'wrk', 0, [
            'wrk', '-t1', '-c16', '-d5s', '-s', 'post.lua',
            'http://%s/v1/traces'], r'(\d+) requests in', r'Non-2xx')
        self.load('aitrace-recv, gRPC', 'h2load', 1, [
            'h2load', '-t1', '-c16', '-m4', '-D5', '-d', 'post.grpc', '-H',
            'content-type: application/grpc', '-H', 'te: trailers',
            'http://%s/opentelemetry.proto.collector.trace.v1.TraceService/'
            'Export'], r'(\d+) succeeded', r'[1-9]\d* (failed|errored)')
        self.load('aitrace-recv, to a spool', 'wrk', 0, [
            'wrk', '-t1', '-c16', '-d5s', '-s', 'post.lua',
            'http://%s/v1/traces'], r'(\d+) requests in', r'Non-2xx',
            ['--spool', self.path('kept'), '--retain-size', '256M'])

    def load(self, name, tool, which, command, count, wrong, kept=()):
        if not self.has(tool):
            print('%s: %s is not installed' % (name, tool))
            return
        r, w = os.pipe()
        with open(os.devnull, 'w') as null:
            p = subprocess.Popen(
                ['aitrace-recv', '--listen', '127.0.0.1:0', '--grpc',
                 '127.0.0.1:0', '--ready-fd', str(w), *kept], pass_fds=[w],
                stdout=null)
        os.close(w)
        with os.fdopen(r) as ready:
            address = [line.split()[-1] for line in ready][which]
        command[-1] = command[-1] % address
        said = subprocess.run(command, cwd=self.dir,
                              stdout=subprocess.PIPE).stdout.decode()
        with open('/proc/%d/status' % p.pid) as status:
            peak = [int(x.split()[1]) for x in status
                    if x.startswith('VmHWM')][0]
        p.send_signal(signal.SIGTERM)
        _, _, usage = os.wait4(p.pid, 0)
        p.returncode = 0
        done = re.search(count, said)
        if not done or not int(done.group(1)):
            print('%s: no answer\n%s' % (name, said))
            self.over += 1
            return
        used = usage.ru_utime + usage.ru_stime
        per_span = used / int(done.group(1)) / 4 * 1e6
        # Fluent Bit needs 60 to 72 us a span for the like; a fifth is asked.
        # It keeps nothing, so that of a spool is only told.
        print('%-34s %d requests/s of 4 spans, CPU %.1f us a span  %s, '
              'peak memory %.1f MiB' % (
                  name, int(done.group(1)) / 5, per_span,
                  self.verdict(per_span, None if kept else 13.0),
                  peak / 1024))
        if re.search(wrong, said):
            print(said)

    def run(self):
        try:
            self.make()
            self.plan()
            self.measure()
            self.report()
            self.memory_and_start()
            self.pathological()
            self.server()
            if self.has('aitrace-ship'):
                shipping.report(self, ROUNDS, int(os.environ.get(
                    'AITRACE_BENCH_SPOOL_MB', '256')))
            if self.has('aitrace-import'):
                history.report(self, ROUNDS, [int(n) for n in os.environ.get(
                    'AITRACE_BENCH_HISTORY_MB', '200,2000').split(',')])
        finally:
            shutil.rmtree(self.dir)
        print('\n%s' % ('all bounds are kept' if self.over == 0 else
                        '%d over its bound' % self.over))
        return 0


if __name__ == '__main__':
    sys.exit(Bench(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]),
                   int(sys.argv[3]) if len(sys.argv) > 3 else 100).run())
