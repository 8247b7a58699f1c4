#!/usr/bin/env python3
"""The shipped book against both public tables, written apart from the maker.

    check_book.py BOOK LITELLM.json.xz LANGFUSE.json.xz DIFFERENCES

Asks both sides the same question, "what does a token of this kind cost under
these conditions", for every model and every condition any side knows, and
compares the answers in exact fractions. A difference must stand in
DIFFERENCES (model, table, reason), and everything that stands there must be a
difference. Prints TAP.
"""

import json
import lzma
import re
import sys
from fractions import Fraction

LITE = {
    "input": ["input_cost_per_token"],
    "output": ["output_cost_per_token"],
    "cache_read": ["cache_read_input_token_cost",
                   "input_cost_per_token_cache_hit"],
    "cache_write_5m": ["cache_creation_input_token_cost"],
    "cache_write_1h": ["cache_creation_input_token_cost_above_1hr"],
    "reasoning": ["output_cost_per_reasoning_token"],
    "input_audio": ["input_cost_per_audio_token"],
    "output_audio": ["output_cost_per_audio_token"],
}
LANG = {
    "input": ("input", "input_tokens", "input_text_tokens"),
    "output": ("output", "output_tokens", "output_text_tokens"),
    "cache_read": ("input_cached_tokens", "cache_read_input_tokens",
                   "input_cached_text_tokens"),
    "cache_write_5m": ("input_cache_creation_5m", "input_cache_creation"),
    "cache_write_1h": ("input_cache_creation_1h",),
    "reasoning": ("output_reasoning_tokens",),
    "input_audio": ("input_audio_tokens", "input_audio"),
    "output_audio": ("output_audio_tokens", "output_audio"),
}
# Where a side has no price of its own for a kind, what is billed instead.
INSTEAD = {"cache_read": "input", "cache_write_5m": "input",
           "cache_write_1h": "cache_write_5m", "reasoning": "output",
           "input_audio": "input", "output_audio": "output"}
SERVICES = {"": "", "flex": "_flex", "priority": "_priority",
            "batch": "_batches"}
points = failed = 0


def point(good, name, why=()):
    global points, failed
    points += 1
    failed += not good
    print("%sok %d - %s" % ("" if good else "not ", points, name))
    for w in list(why)[:40]:
        print("# " + w)


def read(path):
    with (lzma.open if path.endswith(".xz") else open)(path, "rt",
                                                       encoding="utf-8") as f:
        return json.load(f, parse_float=Fraction, parse_int=Fraction)


def money(x):
    """A price per token as the book can hold it: 10^-12 USD."""
    n = x * 10**12
    return Fraction(round(n), 10**12)


# ---- what each side answers: None where it has no such price ---------------

def book_says(row, kind, above, service, fast):
    for t in row.get("tiers", ()):
        if "above" in t and not (above and above >= t["above"]):
            continue
        if t.get("service", service) != service:
            continue
        if "speed" in t and not fast:
            continue
        if kind in t:
            return Fraction(t[kind]) / 10**6
        break
    return Fraction(row[kind]) / 10**6 if kind in row else None


def lite_says(v, kind, above, service, fast):
    if fast:
        factor = (v.get("provider_specific_entry") or {}).get("fast", 1)
        base = lite_says(v, kind, None, "", False)
        return None if base is None else base * factor
    for t in reversed(v.get("tiered_pricing") or []):
        if (above or 0) >= t["range"][0]:
            return t.get(LITE[kind][0])
    if kind == "reasoning" and v.get(LITE[kind][0]) == v.get(
            "output_cost_per_token"):
        return None             # it says: as output, in every tier
    for f in LITE[kind]:
        if f not in v:
            continue
        limits = sorted((int(m.group(1)) for m in (
            re.match("^" + f + r"_above_(\d+)k_tokens$", k) for k in v)
            if m), reverse=True)
        for k in limits:
            if above and above >= k * 1000:
                long = "%s_above_%dk_tokens" % (f, k)
                return v.get(long + SERVICES[service], v[long])
        return v.get(f + SERVICES[service], v[f])
    return None


def holds(c, above, service, fast):
    if "usageDetailPattern" in c:
        return bool(above) and above >= c["value"]
    value = service if c["key"] == "service_tier" else \
        "fast" if fast else "normal"
    return value in c["values"]


def lang_says(m, kind, above, service, fast):
    """In Langfuse's order, but for long prompts, which are never priority."""
    tiers = sorted((t for t in m["pricingTiers"] if not t["isDefault"]),
                   key=lambda t: (-len(t["conditions"]), 0 if any(
                       "usageDetailPattern" in c for c in t["conditions"])
                       else 1, t["priority"]))
    base = next(t for t in m["pricingTiers"] if t["isDefault"])
    for t in tiers + [base]:
        if t is base or all(holds(c, above, service, fast)
                            for c in t["conditions"]):
            for k in LANG[kind]:
                if k in t["prices"]:
                    return t["prices"][k]
            if kind == "input" and "total" in t["prices"]:
                return t["prices"]["total"]
            if t is not base:
                return next((base["prices"][k] for k in LANG[kind]
                             if k in base["prices"]), None)
    return None


def billed(says, who, kind, cond):
    while kind:
        x = says(who, kind, *cond)
        # A written cache for nothing is a table's way to say: as input.
        if x is not None and not (x == 0 and kind.startswith("cache_write")):
            return money(x)
        kind = INSTEAD.get(kind)
    return None


# ---- comparing -------------------------------------------------------------

def limits(row, v=None, m=None):
    out = {int(t["above"]) for t in row.get("tiers", ()) if "above" in t}
    for k in v or ():
        found = re.search(r"_above_(\d+)k_tokens", k)
        if found:
            out.add(int(found.group(1)) * 1000)
    for t in (m or {}).get("pricingTiers", ()):
        out |= {int(c["value"]) for c in t["conditions"] if "value" in c}
    return [None] + sorted(out)


def differences(row, says, who, conds, kinds):
    out = []
    for cond in conds:
        for kind in kinds:
            if says(who, kind, None, "", False) is None:
                continue        # the other table may know more
            want = billed(says, who, kind, cond)
            got = billed(book_says, row, kind, cond)
            if want is not None and got != want:
                out.append("%s %s: book %s, table %s" % (
                    kind, cond, got and float(got * 10**6),
                    float(want * 10**6)))
    return out


def row_on(book, name, day="2026-08-20"):
    rows = book["models"].get(name)
    if rows is None:
        alias = book["aliases"].get(name)
        rows = book["models"].get(alias)
    if rows is None:
        return None
    return max((r for r in rows if r.get("from", "") <= day),
               key=lambda r: r.get("from", ""))


PAID = {"chat", "completion", "embedding", "responses", "realtime"}


def lite_models(table):
    for key, v in table.items():
        if key == "sample_spec" or v.get("mode") not in PAID:
            continue
        tiered = v.get("tiered_pricing")
        if "input_cost_per_token" not in v and not tiered:
            continue
        yield key, v


def is_free(v):
    return not v.get("tiered_pricing") and not any(
        v.get(k) for k in v if "_cost_per_token" in k or "token_cost" in k)


def check_litellm(book, table, known):
    missing, found, n = [], set(), 0
    problems = []
    for key, v in lite_models(table):
        name = key.lower()
        # The bare Gemini name is Google's own API, Vertex has its prefix.
        if "/" not in name and v["litellm_provider"].startswith("vertex_ai"):
            name = "vertex_ai/" + name
        row = row_on(book, name)
        if row is None:
            if not is_free(v):
                missing.append(key)
            continue
        n += 1
        conds = [(a, s, False) for a in limits(row, v) for s in SERVICES]
        # What this table is silent about, the other may know.
        conds = [c for c in conds if not c[1] or any(
            k.endswith(("k_tokens" if c[0] else "") + SERVICES[c[1]])
            for k in v)]
        conds = [c for c in conds if not c[0] or v.get("tiered_pricing") or
                 any("_above_%dk_" % (c[0] / 1000) in k for k in v)]
        conds.append((None, "", True))
        bad = differences(row, lite_says, v, conds, LITE)
        us = (v.get("provider_specific_entry") or {}).get("us")
        if us and Fraction(row.get("region", {}).get("us", 0)) != us:
            bad.append("region us")
        if bad:
            found.add(name)
            if (name, "litellm") not in known:
                problems.append(name + ": " + "; ".join(bad[:3]))
    point(not missing, "every paid model of LiteLLM is in the book (%d)" % n,
          missing)
    point(not problems, "every row equals LiteLLM's or says why not",
          problems)
    return {(x, "litellm") for x in found}


def check_langfuse(book, table, known):
    missing, found, problems = [], set(), []
    for m in table:
        name = m["modelName"].lower()
        pattern = re.compile(m["matchPattern"].replace("(?i)", ""), re.I)
        if not pattern.match(name) and pattern.match(name.replace(".", "-")):
            name = name.replace(".", "-")
        names = {name} | {n for n in book["models"] if "/" not in n and
                          "." not in n.split("-")[0] and pattern.match(n)}
        for n in sorted(names):
            row = row_on(book, n)
            if row is None:
                missing.append(n)
                continue
            conds = [(a, s, False) for a in limits({}, m=m)
                     for s in ("", "flex", "priority")
                     if not (a and s == "priority")]
            conds += [(None, "", True)]
            conds = [c for c in conds if not c[1] or any(
                c[1] in x.get("values", ()) for t in m["pricingTiers"]
                for x in t["conditions"])]
            fast = any("fast" in x.get("values", ()) and x["key"] == "speed"
                       for t in m["pricingTiers"] for x in t["conditions"])
            if not fast:
                conds = [c for c in conds if not c[2]]
            bad = differences(row, lang_says, m, conds, LANG)
            if bad:
                found.add(n)
                if (n, "langfuse") not in known:
                    problems.append(n + ": " + "; ".join(bad[:3]))
    point(not missing, "every model of Langfuse is in the book (%d)"
          % len(table), missing)
    point(not problems, "every row equals Langfuse's or says why not",
          problems)
    return {(x, "langfuse") for x in found}


def check_rows(book):
    bad = []
    for name, rows in book["models"].items():
        for r in rows:
            src = r.get("source", "").split()
            if not src or any(s not in book["sources"] for s in src):
                bad.append("%s: source %s" % (name, src))
            own = not set(src) & {"litellm", "langfuse"}
            if own and not r.get("note"):
                bad.append("%s: a row of our own without a note" % name)
            for t in [r] + r.get("tiers", []):
                for k, v in t.items():
                    if k in LITE and not re.match(r"^\d+(\.\d{1,6})?$", v):
                        bad.append("%s: %s %r" % (name, k, v))
    point(not bad, "every row has a known source and decimal prices", bad)
    loose = [a for a, to in book["aliases"].items()
             if to not in book["models"] or a in book["models"]]
    point(not loose, "every alias leads to a model", loose)


def main():
    book, lite, lang = (read(p) for p in sys.argv[1:4])
    known = {}
    with open(sys.argv[4], encoding="utf-8") as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                model, table, why = line.rstrip("\n").split("\t")
                known[(model, table)] = why
    check_rows(book)
    found = check_litellm(book, lite, known) | \
        check_langfuse(book, lang, known)
    stale = ["%s %s" % k for k in known if k not in found]
    point(not stale, "every listed difference is one (%d)" % len(known),
          stale)
    for s in ("litellm", "langfuse"):
        point("Copyright" in book["sources"][s]["copyright"] and
              book["sources"][s]["license"] == "MIT",
              "the book names the copyright of %s" % s)
    print("1..%d" % points)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
