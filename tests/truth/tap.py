"""Test Anything Protocol for the checkers: points on stdout, plan at the end."""
import sys


class Tap:
    def __init__(self):
        self.count = self.failed = 0

    def ok(self, cond, name, why=None):
        self.count += 1
        if not cond:
            self.failed += 1
        print('%sok %d - %s' % ('' if cond else 'not ', self.count, name))
        if not cond and why is not None:
            for line in str(why).split('\n')[:40]:
                print('#', line[:400])
        return bool(cond)

    def equal(self, got, want, name):
        return self.ok(got == want, name, 'got:  %r\nwant: %r' % (got, want))

    def done(self):
        print('1..%d' % self.count)
        sys.exit(0 if self.failed == 0 and self.count > 0 else 1)
