#!/usr/bin/env python3
"""The script of a step or job in one of the workflows of contrib/ci: the block
below `key: |` or `key:` behind the line that names it.

usage: step.py FILE NAME KEY
"""
import re
import sys


def indent(line):
    return len(line) - len(line.lstrip())


def main():
    path, name, key = sys.argv[1:]
    with open(path, encoding='utf-8') as f:
        lines = f.read().split('\n')
    at = next(i for i, x in enumerate(lines) if name in x)
    at = next(i for i in range(at, len(lines))
              if re.match(r'\s*%s:( \|)?$' % key, lines[i]))
    deep = indent(lines[at])
    block = []
    for line in lines[at + 1:]:
        if line.strip() and indent(line) <= deep:
            break
        block.append(line)
    # A list with one block in it, as GitLab has it.
    if block and block[0].strip() == '- |':
        block = block[1:]
    least = min(indent(x) for x in block if x.strip())
    print('\n'.join(x[least:] for x in block))


if __name__ == '__main__':
    main()
