#!/usr/bin/env python3
"""A page of aitrace-report, read without a browser: it is well-formed, asks
for nothing from outside, and its bars are as long as the figures say.

usage: page.py PAGE REPORT.json
"""
import json
import os
import re
import sys
from decimal import Decimal
from html.parser import HTMLParser

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'truth'))
from tap import Tap     # noqa: E402

VOID = {'meta', 'line', 'rect', 'br'}


class Page(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.bad, self.attrs, self.tags = [], [], [], []
        self.text, self.bars, self.chart = [], [], False
        self.label = None

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append(tag)
        self.attrs += attrs.items()
        if tag == 'svg':
            self.chart = 'chart' in attrs.get('class', '')
        if tag == 'title' and self.chart:
            self.label = ''
        if tag == 'rect' and self.chart:
            self.bars.append((self.label, attrs['class'],
                              Decimal(attrs['height'])))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.bad.append('</%s> at %s' % (tag, self.getpos()))

    def handle_data(self, data):
        self.text.append(data)
        if self.open and self.open[-1] == 'title' and self.chart:
            self.label += data


def check_bars(tap, page, report):
    day = next(t for t in report['tables'] if t['by'] == ['day'])
    heights = {}
    for label, _, height in page.bars:
        key = label.split(':')[0]
        heights[key] = heights.get(key, 0) + height
    costs = {r['key']['day']: r['cost_usd'] or 0 for r in day['rows']}
    tap.equal(sorted(heights), sorted(k for k, v in costs.items() if v),
              'a bar for every day with a cost')
    top = max(costs, key=lambda k: costs[k])
    wrong = [k for k in heights
             if abs(heights[k] - max(heights[top] * costs[k] / costs[top],
                                     1)) > Decimal('0.1')]
    tap.ok(not wrong and heights[top] > 100, 'as long as the cost says',
           '%s' % heights)
    guess = {b[0].split(':')[0] for b in page.bars if b[1] == 'guess'}
    tap.equal(guess, {r['key']['day'] for r in day['rows']
                      if r['cost_estimated_usd']},
              'what is estimated looks it')


def main():
    with open(sys.argv[1], encoding='utf-8') as f:
        text = f.read()
    with open(sys.argv[2], encoding='utf-8') as f:
        report = json.load(f, parse_float=Decimal)
    page, tap = Page(), Tap()
    page.feed(text)
    page.close()
    tap.ok(not page.bad and not page.open, 'well-formed',
           '%s %s' % (page.bad, page.open))
    outside = [a for a in page.attrs if a[0] in (
        'src', 'href', 'srcset', 'data', 'action', 'xlink:href', 'style') or
        a[0].startswith('on')]
    tap.equal(outside, [], 'nothing is linked, loaded or run')
    tap.equal(sorted({'script', 'link', 'img', 'iframe', 'object', 'base'} &
                     set(page.tags)), [], 'no tag that could')
    tap.ok(not re.search(r'url\(|@import|@font-face', text),
           'nor does the style')
    tap.ok("default-src 'none'" in text, 'and its policy forbids it')
    check_bars(tap, page, report)
    words = ' '.join(page.text)
    for table in report['tables']:
        if not any(v for r in table['rows'] for v in r['key'].values()):
            continue
        missing = [v for r in table['rows'] for v in r['key'].values()
                   if v is not None and v not in words]
        tap.equal(missing, [], 'every %s stands there' % table['by'][0])
    tap.done()


if __name__ == '__main__':
    main()
