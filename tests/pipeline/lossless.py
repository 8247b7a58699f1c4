#!/usr/bin/env python3
"""OTLP -> record -> OTLP keeps everything: checks requests against an
independent reading of them.

usage: lossless.py CONVERTER REQUEST...      *.pb or *.json, the signal in the
                                             name
"""
import os
import subprocess
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, '..', 'truth'))
import otlp_message as otlp     # noqa: E402
from tap import Tap             # noqa: E402


def convert(program, signal, form, to, data):
    p = subprocess.run([program, signal, form, to], input=data,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if p.returncode != 0:
        raise RuntimeError(p.stderr.decode(errors='replace'))
    return p.stdout


def first_difference(a, b):
    for i, (x, y) in enumerate(zip(a, b)):
        if x != y:
            return 'at %d\ngot:  %r\nwant: %r' % (i, x, y)
    return 'lengths %d and %d' % (len(a), len(b))


def check(tap, program, path):
    name = '/'.join(path.split('/')[-3:])
    form = 'pb' if path.endswith('.pb') else 'json'
    signal = next(s for s in otlp.ITEMS if s in os.path.basename(path))
    with open(path, 'rb') as f:
        data = f.read()
    want = otlp.read(data, form, signal)
    groups = otlp.grouped(want, signal)

    lines = convert(program, signal, form, 'record', data).decode()
    lines = lines.split('\n')
    tap.ok(lines.pop() == '', name + ': records end with a newline')
    got = [otlp.parse_record(x) for x in lines]
    wanted = list(otlp.records(want, signal))
    tap.ok(got == wanted, name + ': the records of the manual page',
           first_difference(got, wanted))

    def same(what, reply, form):
        back = otlp.grouped(otlp.read(reply, form, signal), signal)
        if not tap.ok(list(back) == list(groups), '%s: %s: groups' %
                      (name, what), first_difference(list(back),
                                                     list(groups))):
            return
        for key in groups:
            if back[key] != groups[key]:
                tap.ok(False, '%s: %s' % (name, what),
                       first_difference(back[key], groups[key]))
                return
        tap.ok(True, '%s: %s' % (name, what))
    to_pb = convert(program, signal, form, 'pb', data)
    to_json = convert(program, signal, form, 'json', data)
    same('to protobuf', to_pb, 'pb')
    same('to JSON', to_json, 'json')
    same('to JSON and on to protobuf',
         convert(program, signal, 'json', 'pb', to_json), 'pb')
    same('to protobuf and on to JSON',
         convert(program, signal, 'pb', 'json', to_pb), 'json')
    # Twice is once, to the byte: order and spelling have settled.
    tap.ok(convert(program, signal, 'pb', 'pb', to_pb) == to_pb,
           name + ': protobuf settles')
    tap.ok(convert(program, signal, 'json', 'json', to_json) == to_json,
           name + ': JSON settles')


def main():
    tap = Tap()
    for path in sys.argv[2:]:
        check(tap, sys.argv[1], path)
    tap.done()


if __name__ == '__main__':
    main()
