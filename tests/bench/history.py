"""A history of Claude Code to a report of tokens and cost by day and model,
beside ccusage, which is found in the folder that AITRACE_BENCH_CCUSAGE names
(with node_modules, or folders with node_modules, of its versions 20 and 17) or
installed with npm."""
import decimal
import glob
import json
import os
import random
import shutil
import statistics
import subprocess
import threading
import time

VERSIONS = '20.0.24', '17.2.1'
MODELS = 'claude-opus-5-5', 'claude-sonnet-5', 'claude-haiku-4-5'
START = 1795219200              # 2026-11-21
CALLS = 195                     # in a file; 1.7 MB
FILES_PER_MB = 0.6
REPORT = ['--by', 'day,model', '-f', 'csv', '--columns', 'input_tokens,'
          'cache_read_tokens,cache_write_tokens,output_tokens,cost_usd']
# What is held against ccusage, and the same in three programs.
ONE, THREE = 'report --transcripts', 'import | price | report'
LINES = ('    def check(self, path):', '\treturn rc == 0 ? NULL : &list[n];',
         'PASS: tests/unit/t_lines 12 - a line without an end',
         'src/net/url.c:118:\tif (strcmp(scheme, "https") == 0)',
         '        print("größe: %d, 数据 %s" % (n, name))  # naïve',
         'drwxr-xr-x 4 me me 4096 Nov 21 09:12 build', '', '}',
         '  "version": "2.1.329", "path": "C:\\\\Users\\\\me",',
         '+const result = await fetch(`${base}/v1/items?id=${id}`);',
         '👍 12 passed, 1 failed → see "build/test.log"', '@@ -14,7 +14,9 @@')


def inner(text):
    """As it stands between the quotes of a JSON string."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def texts(rng, least, most, count):
    out = []
    for _ in range(count):
        # Many are short and few are long.
        size = least * (most / least) ** (rng.random() ** 1.85)
        lines, n = [], 0
        while n < size:
            lines.append(rng.choice(LINES))
            n += len(lines[-1].encode()) + 2
        out.append(inner('\n'.join(lines)))
    return out


class Words:
    """What is said, made once; lines are put together of it."""

    def __init__(self, rng):
        self.rng = rng
        self.results = texts(rng, 500, 8000, 200)
        self.answers = texts(rng, 60, 2500, 100)
        self.commands = texts(rng, 40, 1300, 100)
        self.signature = 'c2lnbmF0dXJl' * 30


class Transcript:
    def __init__(self, words, n, agent):
        self.words, self.rng, self.agent = words, words.rng, agent
        self.mark = '%s%06d' % ('a' if agent else 'm', n)
        self.session = '%08x-0000-4000-8000-%012x' % (n, n)
        self.n, self.lines, self.count, self.parent = n, [], 0, 'null'
        self.model = MODELS[2] if agent else MODELS[n % 2]
        # From nine to five, so that no call is on two days.
        self.now = START + n % 10 * 86400 + 9 * 3600 + n % 977
        side = 'true,"agentId":"%s"' % agent if agent else 'false'
        self.head = '{"parentUuid":%s,"isSidechain":' + side
        self.tail = (
            ',"userType":"external","entrypoint":"cli","cwd":"/home/me/src/'
            'p%d","sessionId":"%s","version":"2.1.329","gitBranch":"main"}\n'
            % (n % 20, self.session))

    def line(self, middle):
        self.count += 1
        self.now += self.rng.randrange(1, 37)
        uuid = '"%08x-%04x-4000-8000-%012x"' % (
            self.n, self.count, self.count + (1 << 40 if self.agent else 0))
        self.lines.append('%s,%s,"uuid":%s,"timestamp":"%s"%s' % (
            self.head % self.parent, middle, uuid, time.strftime(
                '%Y-%m-%dT%H:%M:%S.123Z', time.gmtime(self.now)), self.tail))
        self.parent = uuid

    def user(self, content, more=''):
        self.line('"promptId":"%08x-5555-4000-8000-%012x","type":"user",'
                  '"message":{"role":"user","content":%s}%s' % (
                      self.n, self.prompt, content, more))

    def attachment(self, kind):
        self.line('"attachment":{"type":"%s","content":"%s","isInitial":true},'
                  '"type":"attachment","rendered":[{"content":"<system-'
                  'reminder>\\n%s\\n</system-reminder>"}],"renderedRole":'
                  '"system"' % (kind, kind, self.rng.choice(
                      self.words.commands)))

    def call(self, k, blocks):
        """A line for each block, each with the usage of the whole."""
        rng, ident = self.rng, '%s%06d' % (self.mark, k)
        short, hour = rng.randrange(4000), rng.choice((0, 0, 1500))
        usage = (
            '"usage":{"input_tokens":%d,"cache_creation_input_tokens":%d,'
            '"cache_read_input_tokens":%d,"output_tokens":%d,"output_tokens_'
            'details":{"thinking_tokens":0},"server_tool_use":{"web_search_'
            'requests":0,"web_fetch_requests":0},"service_tier":"standard",'
            '"cache_creation":{"ephemeral_1h_input_tokens":%d,"ephemeral_5m_'
            'input_tokens":%d},"inference_geo":"","iterations":[],"speed":'
            '"standard"}' % (rng.randrange(1, 200), short + hour,
                             rng.randrange(150000), rng.randrange(10, 3000),
                             hour, short))
        stop = 'tool_use' if 'tool_use' in blocks[-1] else 'end_turn'
        for i, block in enumerate(blocks):
            self.line(
                '"message":{"id":"msg_%s","type":"message","role":"assistant",'
                '"model":"%s","content":[%s],"stop_reason":"%s","stop_sequence'
                '":null,%s,"stop_details":null},"apiBlockIndex":%d,"requestId"'
                ':"req_%s","requestedModel":"%s","promptCacheRequested":"5m",'
                '"type":"assistant","effort":"medium","madeBy":"model"' % (
                    ident, self.model, block, stop, usage, i, ident,
                    self.model))

    def tool(self, k, i, name='Bash', member='command'):
        return ('{"type":"tool_use","id":"toolu_%s%06d%d","name":"%s","input"'
                ':{"%s":"%s","description":"Look at it"}}' % (
                    self.mark, k, i, name, member,
                    self.rng.choice(self.words.commands)))

    def result(self, k, i):
        text = self.rng.choice(self.words.results)
        # What a command printed stands there twice, of what was read or
        # written another form.
        again = text if len(text) < 2000 else text[:200].rstrip('\\')
        what = '"stdout":"%s","stderr":"","interrupted":false' % again
        if k == 1 and i == 0 and self.delegates():
            what = '"status":"completed","agentId":"a%07x"' % self.n
        self.user('[{"tool_use_id":"toolu_%s%06d%d","type":"tool_result",'
                  '"content":"%s","is_error":false}]' % (
                      self.mark, k, i, text),
                  ',"toolUseResult":{%s},"sandboxed":false,'
                  '"permissionDecision":{"decision":"accept","source":"config"'
                  '}' % what)

    def delegates(self):
        return not self.agent and self.n % 6 == 4

    def say(self, kind):
        text = self.rng.choice(self.words.answers)
        if kind == 'thinking':
            return '{"type":"thinking","thinking":"%s","signature":"%s"}' % (
                text, self.words.signature)
        return '{"type":"text","text":"%s"}' % text

    def make(self):
        self.prompt = 0
        for k in range(CALLS):
            if k % 10 == 0:
                self.prompt += 1
                self.user('"%s"' % self.rng.choice(self.words.commands))
                self.attachment('date')
                self.attachment('session_context')
            if k % 10 == 9 or k == CALLS - 1:
                self.call(k, [self.say('thinking'), self.say('text')])
            elif k % 3 == 0:
                self.call(k, [self.say('text'), self.tool(k, 1)])
                self.result(k, 1)
            else:
                name = ('Agent', 'prompt') if k == 1 and self.delegates() \
                    else ('Bash', 'command')
                self.call(k, [self.tool(k, 0, *name), self.tool(k, 1)])
                self.result(k, 0)
                self.result(k, 1)
        return ''.join(self.lines)


def make(folder, megabytes, seed=7):
    """Transcripts; every sixth file is that of a sub-agent. (MB, files,
    lines)"""
    words, total, lines = Words(random.Random(seed)), 0, 0
    files = max(2, round(megabytes * FILES_PER_MB))
    for i in range(files):
        agent = i % 6 == 5
        n = i - agent               # it belongs to the session before
        t = Transcript(words, n, 'a%07x' % n if agent else None)
        where = '%s/-home-me-work-p%d/' % (folder, n % 20)
        where += '%s/subagents/agent-%s' % (t.session, t.agent) if agent \
            else t.session
        os.makedirs(os.path.dirname(where), exist_ok=True)
        with open(where + '.jsonl', 'w', encoding='utf-8') as f:
            f.write(t.make())
        total += os.path.getsize(where + '.jsonl')
        lines += t.count
    return total / 1e6, files, lines


# -- ccusage

def installed(folder):
    """The program of each version below a folder."""
    found = {}
    for root in (folder, folder + '/*'):
        for path in glob.glob(root + '/node_modules/ccusage/package.json'):
            with open(path) as f:
                package = json.load(f)
            modules = os.path.dirname(os.path.dirname(path))
            program = [os.path.join(modules, '.bin/ccusage')]
            if package['version'].startswith('20.'):
                # Without the script that starts it; but that makes it
                # executable when it first does.
                script = program[0]
                program = glob.glob(modules + '/@ccusage/*/bin/ccusage')
                if program and not os.access(program[0], os.X_OK):
                    subprocess.run([script, '--version'], stdout=subprocess.
                                   DEVNULL, stderr=subprocess.DEVNULL)
            if program and os.access(program[0], os.X_OK):
                found[package['version'].split('.')[0]] = [program[0]]
    return found


def ccusage(bench):
    folder = os.environ.get('AITRACE_BENCH_CCUSAGE')
    if folder:
        return installed(folder)
    folder = bench.path('ccusage')
    for version in VERSIONS if bench.has('npm') else ():
        where = folder + '/' + version
        os.makedirs(where)
        try:
            subprocess.run(['npm', 'install', '--silent', '--no-fund',
                            '--no-audit', '--fetch-retries=1',
                            'ccusage@' + version], cwd=where, timeout=300,
                           stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            pass
    return installed(folder)


def ccusage_row(text):
    """(day, model, tokens...) as aitrace-report -f csv has them."""
    return sorted(
        (day['date'], m['modelName'], m['inputTokens'], m['cacheReadTokens'],
         m['cacheCreationTokens'], m['outputTokens'])
        for day in json.loads(text)['daily'] for m in day['modelBreakdowns'])


def report_row(text):
    """(day, model, tokens...), each with its cost."""
    out = []
    for line in text.splitlines()[1:]:
        day, model, *tokens, cost = line.split(',')
        out.append(((day, model) + tuple(int(n) for n in tokens),
                    decimal.Decimal(cost)))
    return sorted(out)


# -- measuring

class Peaks(threading.Thread):
    """The peak memory of processes, as the system keeps it, read until they
    have ended. (Not their resource usage: see peak_rss() of bench.py.)"""

    def __init__(self, processes):
        super().__init__(daemon=True)
        self.peak = {p.pid: 0 for p in processes}
        self.ended = threading.Event()

    def run(self):
        while not self.ended.wait(0.01):
            for pid in self.peak:
                try:
                    with open('/proc/%d/status' % pid) as f:
                        got = [int(x.split()[1]) for x in f
                               if x.startswith('VmHWM')]
                except OSError:
                    continue
                self.peak[pid] = max([self.peak[pid]] + got)


def run(commands, env):
    """A pipeline: (CPU seconds, wall seconds, peak MiB of its largest process,
    of all, output)"""
    began, processes, feed = time.perf_counter(), [], subprocess.DEVNULL
    for c in commands:
        p = subprocess.Popen(c, stdin=feed, stdout=subprocess.PIPE, env=env,
                             stderr=subprocess.DEVNULL)
        if processes:
            feed.close()
        feed = p.stdout
        processes.append(p)
    peaks = Peaks(processes)
    peaks.start()
    text, cpu = feed.read().decode(), 0
    feed.close()
    for p in processes:
        _, status, usage = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
        cpu += usage.ru_utime + usage.ru_stime
        if p.returncode != 0:
            raise RuntimeError('%s ended with %d' % (p.args[0], p.returncode))
    wall = time.perf_counter() - began
    peaks.ended.set()
    peaks.join()
    sizes = [kib / 1024 for kib in peaks.peak.values()]
    return cpu, wall, max(sizes), sum(sizes), text


def a_second(commands, env):
    """Runs of it until they took a second: short ones vary the most."""
    got = [run(commands, env)]
    while sum(cpu for cpu, *_ in got) < 1 and len(got) < 5:
        got.append(run(commands, env))
    return got


def measure(rows, rounds, env):
    """Medians, from rounds in which the rows alternate; the slow one once.
    And what each row printed."""
    got = {name: [] for name in rows}
    for i in range(rounds):
        for name, commands in rows.items():
            if i == 0 or name != 'ccusage 17':
                got[name] += a_second(commands, env)
    return ({name: [statistics.median(column) for column in
                    list(zip(*of_rounds))[:4]]
             for name, of_rounds in got.items()},
            {name: of_rounds[0][4] for name, of_rounds in got.items()})


def report(bench, rounds, sizes):
    """Prints the rows for each size in MB; bench has path(), has(), count and
    verdict()."""
    found = ccusage(bench)
    for megabytes in sizes:
        home = bench.path('home')
        report_size(bench, rounds, megabytes, home, found)
        shutil.rmtree(home)
    for version in ('20', '17'):
        if version not in found:
            print('ccusage %s: not here' % version)


def report_size(bench, rounds, megabytes, home, found):
    folder = home + '/claude/projects'
    size, files, lines = make(folder, megabytes)
    env = {'PATH': os.environ['PATH'], 'HOME': home, 'TZ': 'UTC',
           'AITRACE_DATADIR': os.environ['AITRACE_DATADIR'],
           'CLAUDE_CONFIG_DIR': home + '/claude', 'LC_ALL': 'C.UTF-8'}
    daily = {'20': ['claude', 'daily', '--offline', '--json'],
             '17': ['daily', '--offline', '--json']}
    rows = {ONE: [['aitrace-report', '--transcripts'] + REPORT + [folder]],
            THREE: [['aitrace-import', '--content', 'none', folder],
                    ['aitrace-price', '-q'], ['aitrace-report'] + REPORT]}
    for version in ('20', '17'):
        # The older one takes minutes for two gigabytes.
        if version in found and (version == '20' or size < 1000):
            rows['ccusage ' + version] = [found[version] + daily[version]]
    print('\na history of Claude Code: %.0f MB, %d files, %d lines' % (
        size, files, lines))
    show(bench, rows, rounds, env, size)


def show(bench, rows, rounds, env, size):
    got, printed = measure(rows, rounds, env)
    for name, (cpu, wall, largest, together) in got.items():
        line = '%-34s %8.3f %9.0f  %.2f s of wall, peak memory %.1f MiB' % (
            name, cpu, size / cpu, wall, largest)
        if name == THREE:
            line += ', of the three %.1f MiB' % together
        print(line)
    ours = {name: report_row(printed[name]) for name in (ONE, THREE)}
    compare_ours(bench, ours)
    for name, bound in (('ccusage 20', 1 / 4), ('ccusage 17', 1 / 50)):
        if name in got:
            theirs = ccusage_row(printed[name])
            for own in ours:
                equal = theirs != [] and theirs == [t for t, _ in ours[own]]
                bench.over += not equal
                compare(bench, got, own, name, bound, equal)


def compare(bench, got, own, name, bound, equal):
    """Only the one program has bounds."""
    cpu, wall, _, together = [a / b for a, b in zip(got[own], got[name])]
    print('%-34s %5.3f x %s  %s, wall %.2f x, memory %.2f x, tokens %s' % (
        own, cpu, name, bench.verdict(cpu, bound) if own == ONE else
        'no bound', wall, together, 'equal' if equal else 'DIFFERENT'))


def compare_ours(bench, ours):
    """The one program and the three count the same."""
    tokens = [[t for t, _ in rows] for rows in ours.values()]
    costs = [[c for _, c in rows] for rows in ours.values()]
    for what, (one, three) in (('tokens', tokens), ('costs', costs)):
        equal = one != [] and one == three
        bench.over += not equal
        print('%-34s %s of %s %s' % (ONE, what, THREE, 'equal' if equal else
                                     'DIFFERENT'))
