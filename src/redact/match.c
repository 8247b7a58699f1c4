#include "redact/match.h"

#include <stdlib.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "redact/shape.h"
#include "redact/token.h"

void
match_list_add(struct match_list *l, size_t beg, size_t end,
    const struct rule *rule)
{
	size_t want = l->cap != 0 ? 2 * l->cap : 64;
	struct match *v;

	if (l->n == l->cap) {
		v = reallocarray(l->v, want, sizeof(*v));
		if (v == NULL) {
			l->nomem = true;
			return;
		}
		l->v = v;
		l->cap = want;
	}
	l->v[l->n++] = (struct match){ beg, end, rule };
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Most text is lower-case letters and blanks; these are the others. */
static bool
is_rare(unsigned char c)
{
	return c < 0x80 && c != ' ' && !(c >= 'a' && c <= 'z');
}

static unsigned
hash(uint16_t pair)
{
	return (pair * 0x9e37U >> 8) & 0xff;
}

static uint16_t
pair_at(const char *p)
{
	return (uint16_t)((unsigned char)p[0] | (unsigned char)p[1] << 8);
}

static void
add(struct matcher *m, uint16_t pair, size_t off, struct literal lit)
{
	size_t want = m->cap != 0 ? 2 * m->cap : 512;
	struct trigger *t;

	if (m->n == m->cap) {
		t = want > UINT16_MAX ? NULL :
		    reallocarray(m->trigger, want, sizeof(*t));
		if (t == NULL) {
			m->nomem = true;
			return;
		}
		m->trigger = t;
		m->cap = want;
	}
	m->trigger[m->n++] = (struct trigger){ pair, (uint16_t)off, lit };
	m->bit[pair >> 3] |= (uint8_t)(1U << (pair & 7));
}

/* How often the byte stands in texts, roughly. */
static int
commonness(unsigned char c)
{
	if (c >= 'a' && c <= 'z')
		return 8;
	if (c == ' ')
		return 9;
	if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'))
		return 3;
	return c >= 0x80 ? 7 : strchr("-./_\"", c) != NULL ? 3 : 2;
}

/* Looks for the literal by its rarest pair. */
static void
add_literal(struct matcher *m, struct literal lit)
{
	const unsigned char *p = (const unsigned char *)lit.p;
	size_t best = 0;
	int least = 100;

	for (size_t i = 0; i + 1 < lit.n && i < 64; i++) {
		int k = commonness(p[i]) + commonness(p[i + 1]);

		if (!is_rare(p[i]) && !is_rare(p[i + 1]))
			k += 50;
		if (k < least) {
			least = k;
			best = i;
		}
	}
	m->every_byte = m->every_byte || least >= 50;
	add(m, pair_at(lit.p + best), best, lit);
}

/* All pairs of a byte of the one class and one of the other. */
static void
add_pairs(struct matcher *m, const struct rule *rule, const char *first,
    const char *second)
{
	for (const char *a = first; *a != '\0'; a++)
		for (const char *b = second; *b != '\0'; b++) {
			char c[2] = { *a, *b };

			add(m, pair_at(c), 0, (struct literal){ .rule = rule });
		}
}

#define DIGITS	"0123456789"
#define HEX	DIGITS "abcdefABCDEF"
#define LOWER	"abcdefghijklmnopqrstuvwxyz"
#define UPPER	"ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static void
add_rule(struct matcher *m, const struct rule *r)
{
	switch (r->kind) {
	case RULE_TOKEN: case RULE_JWT: case RULE_BASIC:
		for (size_t i = 0; i < r->nprefix; i++)
			add_literal(m, (struct literal){ r->prefix[i],
			    strlen(r->prefix[i]), r, false });
		break;
	case RULE_BLOCK:
		add_literal(m, (struct literal){ "-----BEGIN ", 11, r,
		    false });
		break;
	case RULE_URL:
		add_pairs(m, r, ":", "/");
		break;
	case RULE_NAMED:
		m->named = r;
		add_pairs(m, r, LOWER UPPER DIGITS "_\"' ]", "=:");
		add_pairs(m, r, "-", "-");
		break;
	case RULE_EMAIL:
		add_pairs(m, r, LOWER UPPER DIGITS "._%+-", "@");
		break;
	case RULE_IPV4:
		add_pairs(m, r, DIGITS, ".");
		break;
	case RULE_IPV6:
		add_pairs(m, r, HEX ":", ":");
		break;
	case RULE_CARD:
		add_pairs(m, r, DIGITS, DIGITS);
		break;
	case RULE_PHONE:
		add_pairs(m, r, "+(", DIGITS);
		add_pairs(m, r, DIGITS, DIGITS);
		break;
	case RULE_EXACT: case RULE_WORD: case RULE_MARK:
		break;
	}
}

/* Marks are passed over: [REDACTED:rule], [REDACTED:rule:0123456789abcdef] */
static const struct rule mark_rule = { .name = "mark", .kind = RULE_MARK };

static int
by_hash(const void *a, const void *b)
{
	const struct trigger *x = a, *y = b;
	int h = (int)hash(x->pair) - (int)hash(y->pair);

	return h != 0 ? h : (int)x->pair - (int)y->pair;
}

int
matcher_init(struct matcher *m, const struct rules *r,
    const struct literal *lit, size_t n)
{
	memset(m, 0, sizeof(*m));
	m->rules = r;
	names_init(&m->names, r);
	for (size_t i = 0; i < r->n; i++)
		if (!r->rule[i]->off)
			add_rule(m, r->rule[i]);
	for (size_t i = 0; i < n; i++)
		add_literal(m, lit[i]);
	add_literal(m, (struct literal){ TOKEN_MARK, sizeof(TOKEN_MARK) - 1,
	    &mark_rule, false });
	if (m->nomem)
		return -1;
	if (m->n > 0)
		qsort(m->trigger, m->n, sizeof(*m->trigger), by_hash);
	for (size_t i = 0, h = 0; h <= 256; h++) {
		while (i < m->n && hash(m->trigger[i].pair) < h)
			i++;
		m->head[h] = (uint16_t)i;
	}
	return 0;
}

void
matcher_fini(struct matcher *m)
{
	free(m->trigger);
	memset(m, 0, sizeof(*m));
}

/* The pair of t stands at at. */
static bool
look(const struct matcher *m, const struct trigger *t, struct shape *s,
    size_t at)
{
	const struct literal *lit = &t->lit;

	if (lit->p != NULL && (at < t->off || s->n - (at - t->off) < lit->n ||
	    memcmp(s->p + at - t->off, lit->p, lit->n) != 0))
		return false;
	switch (lit->rule->kind) {
	case RULE_TOKEN: case RULE_JWT: case RULE_BASIC:
		return token_look(s, lit, at - t->off);
	case RULE_EXACT: case RULE_WORD:
		return token_exact(s, lit, at - t->off);
	case RULE_MARK:
		s->end = token_mark(m->rules, s, at - t->off);
		return s->end > at - t->off;
	case RULE_BLOCK:
		return shape_block(s, at - t->off);
	case RULE_URL:
		return at + 2 < s->n && s->p[at + 2] == '/' &&
		    shape_url(s, at);
	case RULE_NAMED:
		return shape_named(s, &m->names, s->p[at] == '-' &&
		    s->p[at + 1] == '-' ? at : at + 1);
	case RULE_EMAIL:
		return shape_email(s, at + 1) && !token_excepted(lit->rule,
		    s->p + s->beg, s->end - s->beg);
	case RULE_IPV4:
		return shape_ipv4(s, at);
	case RULE_IPV6:
		return shape_ipv6(s, s->p[at] == ':' ? at : at + 1);
	case RULE_CARD:
		return shape_card(s, at);
	case RULE_PHONE:
		return shape_phone(s, at);
	}
	return false;
}

/* A pair that is looked for stands at at: where to go on. */
static size_t
at_pair(const struct matcher *m, struct shape *s, size_t at,
    enum match_scope scope, struct match_list *out)
{
	uint16_t pair = pair_at(s->p + at);
	unsigned h = hash(pair);
	size_t next = at + 1;
	/* Inside of a number nothing that is a number begins. */
	bool digit = at > 0 && is_digit(s->p[at - 1]) && is_digit(s->p[at]);

	for (size_t i = m->head[h]; i < m->head[h + 1]; i++) {
		const struct trigger *t = &m->trigger[i];
		const struct rule *r = t->lit.rule;

		if (t->pair != pair || (digit && (r->kind == RULE_CARD ||
		    r->kind == RULE_PHONE)) || (scope == MATCH_KEYS && (r->personal ||
		    r->kind == RULE_NAMED)) || !look(m, t, s, at))
			continue;
		if (r->kind != RULE_MARK)
			match_list_add(out, s->beg, s->end, r);
		/* Inside of what is gone nothing else need be found. */
		if (s->end > next)
			next = s->end;
	}
	return next;
}

static bool
has(const struct matcher *m, const char *p)
{
	uint16_t pair = pair_at(p);

	return (m->bit[pair >> 3] >> (pair & 7) & 1) != 0;
}

#ifdef __SSE2__
/* Bytes of p[0..16) that is_rare is true for, a bit each. */
static unsigned
rare_mask(const char *p)
{
	__m128i v, letter, rare;

	memcpy(&v, p, 16);
	/* c - 'a' wrapped below -128 + 26: a to z */
	letter = _mm_cmplt_epi8(_mm_add_epi8(v, _mm_set1_epi8(
	    (char)(-'a' - 128))), _mm_set1_epi8(-128 + 26));
	rare = _mm_or_si128(letter, _mm_cmpeq_epi8(v, _mm_set1_epi8(' ')));
	return ~(unsigned)_mm_movemask_epi8(_mm_or_si128(rare, v)) & 0xffff;
}
#endif

void
matcher_find(const struct matcher *m, const char *p, size_t n,
    enum match_scope scope, struct match_list *out)
{
	struct shape s = { .p = p, .n = n };
	size_t i = 0;

#ifdef __SSE2__
	size_t done = 0;	/* pairs that begin before were looked at */

	while (!m->every_byte && i + 17 <= n) {
		unsigned mask = rare_mask(p + i);

		while (mask != 0) {
			size_t at = i + (size_t)__builtin_ctz(mask);

			mask &= mask - 1;
			if (at > done && has(m, p + at - 1))
				done = at_pair(m, &s, at - 1, scope, out);
			if (at >= done && has(m, p + at))
				done = at_pair(m, &s, at, scope, out);
		}
		i += 16;
		if (done > i)
			i = done;
	}
	/* The pair over the end of the last block. */
	if (i > done && i > 0)
		i--;
#endif
	while (i + 1 < n)
		i = has(m, p + i) ? at_pair(m, &s, i, scope, out) : i + 1;
}
