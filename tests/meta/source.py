#!/usr/bin/env python3
"""The rules of src/README, checked: who may include whom, one door per foreign
library, who may exit or write to stderr, sizes, banned functions, names.

usage: source.py TREE
"""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'truth'))
from tap import Tap     # noqa: E402

# A folder may include from itself and from these, never upward.
LAYERS = {
    'base': [],
    'json': ['base'],
    'record': ['base', 'json'],
    'net': ['base'],
    'otlp': ['base', 'json', 'record'],
    'agent': ['base', 'json', 'record', 'otlp'],
    'price': ['base', 'json', 'record', 'otlp'],
    'sink': ['base', 'json', 'record', 'otlp', 'net'],
    # Rules are expressions; neither sinks nor filters know of them.
    'route': ['base', 'json', 'record', 'otlp', 'net', 'filter', 'sink'],
    'ship': ['base', 'json', 'record', 'otlp', 'net', 'filter', 'sink',
             'route'],
    'recv': ['base', 'json', 'record', 'otlp', 'net', 'redact'],
    'cred': ['base', 'json', 'net'],
    'view': ['base', 'json', 'record', 'price'],
    'report': ['base', 'json', 'record', 'price', 'view'],
    'filter': ['base', 'json', 'record'],
    'redact': ['base', 'json', 'record'],
    'import': ['base', 'json', 'record', 'otlp', 'agent', 'net'],
    'spent': ['base', 'json', 'record', 'otlp', 'agent', 'net', 'import',
              'price', 'view', 'report'],
    'cmd': ['base', 'json', 'record', 'net', 'otlp', 'agent', 'price', 'sink',
            'route', 'recv', 'cred', 'view', 'filter', 'redact', 'import',
            'report', 'spent', 'ship'],
}

# foreign header -> the one file that may include it
DOORS = {
    'cjson/cJSON.h': 'src/json/doc.c',
    'curl/curl.h': 'src/net/client.c',
    'microhttpd.h': 'src/net/httpd.c',
    'sha2.h': 'src/record/ids.c',
    'pcre2.h': 'src/filter/regex.c',
    'gnutls/gnutls.h': 'src/net/tls.c',
    'seccomp.h': 'src/base/sandbox.c',
    'nghttp2/nghttp2.h': 'src/net/grpcsess.c',
    'zlib.h': 'src/net/inflate.c',
    'zstd.h': 'src/net/zstd.c',
    'libdeflate.h': 'src/net/deflate.c',
    'sqlite3.h': 'src/import/db.c',
}
# What the system has: the C library, the kernel's headers, the compiler's, and
# libbsd where it stands in for a C library that lacks them.
SYSTEM = re.compile(r'(sys|net|netinet|arpa|linux)/\w+\.h$|'
                    r'(ctype|dirent|emmintrin|errno|fcntl|getopt|grp|inttypes|'
                    r'langinfo|libgen|limits|locale|math|netdb|poll|pthread|'
                    r'pwd|readpassphrase|sched|signal|spawn|stdalign|stdarg|'
                    r'stdbool|stddef|stdint|stdio|stdlib|string|strings|'
                    r'syslog|termios|time|tmmintrin|unistd|wchar|wctype)\.h$')

# Ends the process or the argument: only programs may.
EXITS = re.compile(r'(?<![\w.>])(exit|_exit|_Exit|quick_exit|abort|err|errx|'
                   r'verr|verrx)\s*\(')
# base/sig: a second INT or TERM ends the process from inside the handler.
MAY_EXIT = {'src/base/sig.c': {'_exit'}}

SPEAKS = re.compile(r'(?<!\w)(stderr|STDERR_FILENO|perror|warn|warnx|vwarn|'
                    r'vwarnx|syslog)(?!\w)')
# Asking whether somebody looks at it is not writing to it.
ASKS = re.compile(r'isatty\(STDERR_FILENO\)')

# name -> why not
BANNED = {
    'strcpy': 'no bound', 'strcat': 'no bound', 'sprintf': 'no bound',
    'vsprintf': 'no bound', 'gets': 'no bound', 'strncpy': 'no terminator',
    'strncat': 'bound of the wrong thing', 'strtok': 'hidden state',
    'atoi': 'no errors', 'atol': 'no errors', 'atoll': 'no errors',
    'atof': 'no errors', 'scanf': 'no bound', 'sscanf': 'overflow is silent',
    'fscanf': 'no bound', 'alloca': 'no ceiling', 'system': 'a shell',
    'popen': 'a shell', 'tmpnam': 'a race', 'mktemp': 'a race',
    'tempnam': 'a race', 'signal': 'sigaction says what happens',
    'setjmp': 'control flow', 'longjmp': 'control flow', 'rand': 'base/clock',
    'random': 'base/clock', 'srand': 'base/clock', 'localtime': 'not reentrant',
    'gmtime': 'not reentrant', 'ctime': 'not reentrant',
    'asctime': 'not reentrant', 'sleep': 'waits without its descriptors',
    'usleep': 'waits without its descriptors',
}
FILE_LINES, FUNCTION_LINES, COLUMNS = 500, 80, 100
# Tables, by name and reason.
LONG_FILES = {}
NO_HELPERS = re.compile(r'^(util|utils|common|misc|helper|helpers)\.[ch]$')


def code_of(text):
    """The source without comments and the inside of strings; lines stay."""
    def blank(m):
        s = m.group(0)
        if s[0] in '"\'':
            return s[0] + s[0]
        return re.sub(r'[^\n]', ' ', s)
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'
                  r"'(?:\\.|[^'\\\n])*'", blank, text, flags=re.S)


class Source:
    def __init__(self, top, path):
        self.path = path
        self.name = os.path.basename(path)
        self.layer = path.split('/')[1]
        with open(os.path.join(top, path), encoding='utf-8') as f:
            self.text = f.read()
        self.lines = self.text.split('\n')
        self.code = code_of(self.text)
        self.includes = re.findall(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]',
                                   self.text, flags=re.M)

    def calls(self, pattern):
        for i, line in enumerate(self.code.split('\n'), 1):
            for m in pattern.finditer(line):
                yield i, m.group(1)


def sources(top):
    for folder, dirs, files in os.walk(os.path.join(top, 'src')):
        dirs.sort()
        for name in sorted(files):
            if name.endswith(('.c', '.h')):
                path = os.path.relpath(os.path.join(folder, name), top)
                if path.count('/') == 2:
                    yield Source(top, path)
                else:
                    yield path


def check_layers(tap, files):
    bad = []
    for f in files:
        for mark, name in f.includes:
            if mark != '"' or name == 'config.h':
                continue
            folder = name.split('/')[0]
            if '/' not in name:
                bad.append('%s: "%s" without its folder' % (f.path, name))
            elif folder != f.layer and folder not in LAYERS.get(f.layer, []):
                bad.append('%s: "%s" points upward' % (f.path, name))
    tap.ok(not bad, 'includes point downward', '\n'.join(bad))
    unknown = sorted({f.layer for f in files} - set(LAYERS))
    tap.equal(unknown, [], 'every folder has its place in the layers')


def check_doors(tap, files):
    for header, door in DOORS.items():
        bad = [f.path for f in files
               if ('<', header) in f.includes and f.path != door]
        tap.ok(not bad, 'one door for ' + header, '\n'.join(bad))
    bad = ['%s: <%s>' % (f.path, name) for f in files
           for mark, name in f.includes if mark == '<' and
           name not in DOORS and not SYSTEM.match(name)]
    tap.ok(not bad, 'every foreign library has a door', '\n'.join(bad))


def check_voice(tap, files):
    bad = []
    for f in files:
        if f.layer != 'cmd':
            bad += ['%s:%d: %s()' % (f.path, i, w) for i, w in f.calls(EXITS)
                    if w not in MAY_EXIT.get(f.path, ())]
    tap.ok(not bad, 'only programs end the process', '\n'.join(bad))
    for f in files:
        f.code = ASKS.sub('isatty()', f.code)
    bad = ['%s:%d: %s' % (f.path, i, w) for f in files
           if f.path != 'src/base/log.c' for i, w in f.calls(SPEAKS)]
    tap.ok(not bad, 'only base/log speaks to stderr', '\n'.join(bad))


def functions(f):
    """(name, lines) of every function: KNF puts its braces in column 0."""
    start = None
    for i, line in enumerate(f.code.split('\n'), 1):
        if line == '{':
            start = i
        elif line.startswith('}') and start is not None:
            if line.rstrip() == '}':
                yield start, i - start + 1
            start = None


def check_sizes(tap, files):
    bad = ['%s: %d lines' % (f.path, len(f.lines)) for f in files
           if len(f.lines) > FILE_LINES and f.path not in LONG_FILES]
    tap.ok(not bad, 'no file over %d lines' % FILE_LINES, '\n'.join(bad))
    bad = ['%s:%d: %d lines' % (f.path, at, n) for f in files
           for at, n in functions(f) if n > FUNCTION_LINES]
    tap.ok(not bad, 'no function over %d lines' % FUNCTION_LINES,
           '\n'.join(bad))
    bad = ['%s:%d' % (f.path, i) for f in files
           for i, line in enumerate(f.lines, 1)
           if len(line.expandtabs(8)) > COLUMNS]
    tap.ok(not bad, 'no line over %d columns' % COLUMNS, '\n'.join(bad))
    bad = ['%s:%d' % (f.path, i) for f in files
           for i, line in enumerate(f.lines, 1) if line != line.rstrip()]
    tap.ok(not bad, 'no white space at the end of lines', '\n'.join(bad))


def check_words(tap, files):
    banned = re.compile(r'(?<![\w.>])(%s)\s*\(' % '|'.join(BANNED))
    bad = ['%s:%d: %s, %s' % (f.path, i, w, BANNED[w]) for f in files
           for i, w in f.calls(banned)]
    tap.ok(not bad, 'no banned function', '\n'.join(bad))
    money = re.compile(r'(?<!\w)(double|float|strtod|strtof)(?!\w)')
    bad = ['%s:%d: %s' % (f.path, i, w) for f in files if f.layer == 'price'
           for i, w in f.calls(money)]
    tap.ok(not bad, 'no floating point touches money', '\n'.join(bad))
    macro = re.compile(r'^[ \t]*#[ \t]*define\b(?:[^\n]*\\\n)*[^\n]*', re.M)
    flow = re.compile(r'\b(return|goto|if|for|while|break|continue|case)\b')
    bad = ['%s: %s' % (f.path, m.group(0).split('\n')[0]) for f in files
           for m in macro.finditer(f.code) if flow.search(m.group(0))]
    tap.ok(not bad, 'no macro hides control flow', '\n'.join(bad))
    bad = [f.path for f in files if NO_HELPERS.match(f.name)]
    tap.equal(bad, [], 'no file named for nothing in particular')


def check_headers(tap, files):
    bad = []
    for f in files:
        if f.name.endswith('.h'):
            guard = '%s_%s_H' % (f.layer.upper(), re.sub(
                r'\W', '_', f.name[:-2]).upper())
            if '#ifndef %s\n#define %s\n' % (guard, guard) not in f.text:
                bad.append('%s: guard should be %s' % (f.path, guard))
            if not f.text.lstrip().startswith('/*'):
                bad.append('%s: says nothing about itself' % f.path)
            if re.search(r'^extern\s+(?!.*const)', f.code, flags=re.M):
                bad.append('%s: a global variable' % f.path)
    tap.ok(not bad, 'headers: guarded, explained, no globals', '\n'.join(bad))
    # A header speaks for its source; a program says it in its summary.
    headers = {f.path for f in files}
    bad = [f.path for f in files if f.name.endswith('.c') and
           f.layer != 'cmd' and f.path[:-1] + 'h' not in headers and
           not f.text.lstrip().startswith('/*')]
    tap.ok(not bad, 'every source file says what it is', '\n'.join(bad))


def main():
    tap = Tap()
    found = list(sources(sys.argv[1]))
    odd = [f for f in found if isinstance(f, str)]
    files = [f for f in found if isinstance(f, Source)]
    tap.ok(len(files) > 20, 'there are sources')
    tap.equal(odd, [], 'every source stands in a folder of src')
    check_layers(tap, files)
    check_doors(tap, files)
    check_voice(tap, files)
    check_sizes(tap, files)
    check_words(tap, files)
    check_headers(tap, files)
    tap.done()


if __name__ == '__main__':
    main()
