#!/usr/bin/env python3
"""Every spelling of a model in both public tables, as records to be priced.

    spellings.py make LITELLM.json.xz LANGFUSE.json.xz   records on stdout
    spellings.py check < PRICED                          TAP on stdout

Each of them is known: no estimate may come back. Langfuse's are the names its
patterns match, made by walking through the patterns.
"""

import json
import lzma
import re
import sys

try:
    from re import _parser as sre
except ImportError:
    import sre_parse as sre

PAID = {"chat", "completion", "embedding", "responses", "realtime"}


def expand(parts):
    """Some strings that a parsed pattern matches: each branch once."""
    out = [""]
    for op, arg in parts:
        name = str(op)
        if name == "LITERAL":
            more = [chr(arg)]
        elif name == "BRANCH":
            more = [s for b in arg[1] for s in expand(b)]
        elif name == "SUBPATTERN":
            more = expand(arg[3])
        elif name == "MAX_REPEAT":
            low, _, what = arg
            once = expand(what)
            # Four digits are a date of OpenAI's; any will not do.
            more = ["1106"] if low == 4 else [s * max(low, 1) for s in once]
            more = more if low else [""] + more
        elif name == "IN":
            more = ["1"]
        elif name == "ANY":
            more = ["."]
        elif name == "AT":
            more = [""]
        else:
            raise ValueError(name)
        out = [a + b for a in out for b in more]
    return out


def spellings(lite, lang):
    for key, v in lite.items():
        if key == "sample_spec" or v.get("mode") not in PAID:
            continue
        prices = [x for k, x in v.items() if "cost_per_token" in k]
        if ("input_cost_per_token" in v and any(prices)) or \
           v.get("tiered_pricing"):
            yield key
    for m in lang:
        for s in expand(sre.parse(m["matchPattern"].replace("(?i)", ""))):
            yield s


def make(paths):
    lite, lang = (json.load(lzma.open(p, "rt", encoding="utf-8"))
                  for p in paths)
    for n, name in enumerate(sorted(set(spellings(lite, lang)))):
        for spelt in {name, name.upper()}:
            print(json.dumps({"record": "span", "attributes": {
                "langfuse.observation.type": "generation",
                "gen_ai.request.model": spelt,
                "gen_ai.usage.input_tokens": 1000000}}))


def check():
    bad, n = [], 0
    for line in sys.stdin:
        a = json.loads(line)["attributes"]
        n += 1
        if a.get("aitrace.cost.source") != "book":
            bad.append("%s: %s" % (a["gen_ai.request.model"],
                                   a.get("aitrace.cost.basis")))
    print("%sok 1 - all %d spellings are known" % ("not " if bad else "", n))
    for b in bad[:60]:
        print("# " + b)
    print("%sok 2 - they are thousands" % ("" if n > 4000 else "not "))
    print("1..2")
    sys.exit(1 if bad or n <= 4000 else 0)


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(sys.argv[2:4])
    else:
        check()
