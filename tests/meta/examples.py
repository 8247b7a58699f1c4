#!/usr/bin/env python3
"""The commands that the README and the manual show, a block of them as one
script: file<TAB>line<TAB>script, its newlines as "\\n".

usage: examples.py README PAGE...

In the README a command stands four columns in; what stands eight in is the
content of a file, or goes on from a line before. In a page it is a .Dl line or
a literal display of EXAMPLES; a display that begins with a brace is a record,
one that begins with '#' is a file.
"""
import re
import sys


def in_readme(text):
    blocks, last = [], 0
    for n, line in enumerate(text.split('\n'), 1):
        joins = bool(blocks) and last == n - 1
        if re.match(r' {4}\S', line) or re.match(r' {8}\S', line) and joins:
            if joins:
                blocks[-1][1].append(line[4:])
            else:
                blocks.append((n, [line[4:]]))
            last = n
    return blocks


def unescaped(line):
    line = re.sub(r'^\.Dl ', '', line)
    line = re.sub(r'^\\&', '', line)
    return line.replace('\\e', '\\').replace('\\-', '-').replace(
        '\\(aq', "'").replace('\\(dq', '"').replace('\\&', '').replace(
        '\\(ha', '^').replace('\\(ti', '~')


def in_page(text):
    blocks, inside, display = [], False, False
    for n, line in enumerate(text.split('\n'), 1):
        if line.startswith('.Sh '):
            inside = line.startswith('.Sh EXAMPLES')
        elif inside and line.startswith('.Bd '):
            display = '-literal' in line
            blocks.append((n + 1, []))
        elif inside and line.startswith('.Ed'):
            display = False
        elif inside and line.startswith('.Dl '):
            blocks.append((n, [unescaped(line)]))
        elif inside and display and not line.startswith('.'):
            blocks[-1][1].append(unescaped(line))
    return [b for b in blocks if b[1] and b[1][0][0] not in '{#']


def main():
    for path in sys.argv[1:]:
        with open(path, encoding='utf-8') as f:
            text = f.read()
        name = path.split('/')[-1]
        find = in_page if re.search(r'\.[1-9]$', name) else in_readme
        for n, lines in find(text):
            print('%s\t%d\t%s' % (name, n, '\\n'.join(
                line.replace('\\', '\\\\') for line in lines)))


if __name__ == '__main__':
    main()
