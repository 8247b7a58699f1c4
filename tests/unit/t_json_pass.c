/*
 * A value passed over ends where the scanner that checks everything says, and
 * nothing behind the text is read: it stands before a page that is not there.
 */
#include "json/pass.h"
#include "json/quotes.h"

#include <ftw.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "json/scan.h"
#include "tests/unit/tap.h"

#define ROOM	((size_t)4 << 20)

static char *wall;		/* the first byte that must not be read */
static char *room;		/* as long, at the start of a page */
static size_t wrong;		/* answers since the last test point */

/* A page that cannot be read behind ROOM bytes that can. */
static bool
build_wall(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *p = mmap(NULL, ROOM + page, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mprotect(p + ROOM, page, PROT_NONE) != 0)
		return false;
	wall = p + ROOM;
	room = mmap(NULL, ROOM, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return room != MAP_FAILED;
}

static const char *
before_wall(const char *p, size_t n)
{
	return memcpy(wall - n, p, n);
}

static void
want(const char *got, const char *end, const char *p, const char *what)
{
	ptrdiff_t shown = p >= room && p < room + ROOM ? room + ROOM - p :
	    wall - p;

	if (got == end)
		return;
	if (wrong++ == 0)
		note("%s: %td, not %td, of %.*s", what,
		    got == NULL ? (ptrdiff_t)-1 : got - p,
		    end == NULL ? (ptrdiff_t)-1 : end - p,
		    (int)(shown < 100 ? shown : 100), p);
}

static void
none_wrong(const char *what)
{
	ok(wrong == 0, "%s", what);
	if (wrong != 0)
		note("%zu wrong", wrong);
	wrong = 0;
}

/* ---- generated ------------------------------------------------------------ */

/* One valid value, with nothing behind it, with more, and cut everywhere. */
static void
value(const char *s, size_t n)
{
	static const char more[] = ",\"]}\\\"[{ \"";
	const char *p = before_wall(s, n), *why;
	bool word = strchr("\"{[", *s) == NULL;

	want(json_skip(p, wall, JSON_MAX_DEPTH, NULL, &why), wall, p,
	    "the scanner's end");
	want(json_pass(p, wall), wall, p, "the text's end");
	memcpy(room, s, n);
	for (size_t i = 1; i < sizeof(more); i++) {
		memcpy(room + n, more, i);
		p = before_wall(room, n + i);
		want(json_pass(p, wall), p + n, p, "with more behind");
	}
	for (size_t i = 0; i < n; i++) {
		p = before_wall(s, i);
		want(json_pass(p, wall), word && i > 0 ? wall : NULL, p,
		    "cut");
	}
}

/* A string in an array, in an object, as a name, and by itself. */
static void
string(const char *s, size_t n)
{
	static const struct { const char *before, *behind; } in[] = {
		{ "\"", "\"" }, { "[\"", "\"]" }, { "{\"\":\"", "\"}" },
		{ "{\"", "\":[1,{}]}" }, { "[[],\"\\\\\",\"", "\",{\"]\":\"[\"}]" },
	};
	struct buf b = { 0 };

	for (size_t i = 0; i < sizeof(in) / sizeof(in[0]); i++) {
		b.n = 0;
		buf_adds(&b, in[i].before);
		buf_add(&b, s, n);
		buf_adds(&b, in[i].behind);
		value(b.p, b.n);
	}
	buf_fini(&b);
}

static void
test_words(void)
{
	static const char *const word[] = { "0", "-1", "1.5e-300", "true",
	    "false", "null",
	    "1234567890123456789012345678901234567890123456789012345678901234567",
	    "\"\"", "{}", "[]", "[[]]",
	    "[{}]", "{\"\":{}}", "[ ]", "[\n\"\"\t,\r{ } ]" };
	static const char *const behind[] = { ",", "}", "]", " ", "\t", "\n",
	    "\r", "" };

	for (size_t i = 0; i < sizeof(word) / sizeof(word[0]); i++) {
		size_t n = strlen(word[i]);

		value(word[i], n);
		for (size_t k = 0; k < sizeof(behind) / sizeof(behind[0]); k++) {
			const char *p;

			memcpy(room, word[i], n);
			memcpy(room + n, behind[k], strlen(behind[k]));
			p = before_wall(room, n + strlen(behind[k]));
			want(json_pass(p, wall), p + n, p, "behind it");
		}
	}
	none_wrong("numbers, literals, and what is short");
	ok(json_pass(wall, wall) == NULL, "no text");
}

/* Strings of each length, so that they end at each place of a block. */
static void
test_lengths(void)
{
	char s[300];

	memset(s, 'a', sizeof(s));
	for (size_t n = 0; n < 200; n++)
		string(s, n);
	none_wrong("strings of each length");
	for (size_t n = 0; n < sizeof(s); n++)
		s[n] = "[{]},:"[n % 6];
	for (size_t n = 0; n < 200; n++)
		string(s, n);
	none_wrong("brackets in strings");
	for (size_t n = 0; n < sizeof(s); n++)
		s[n] = "\\\""[n % 2];
	for (size_t n = 0; n < 200; n += 2)
		string(s, n);
	none_wrong("nothing but escaped quotes");
}

/* An escape at each place of a block. */
static void
test_escapes(void)
{
	static const char *const escape[] = { "\\\"", "\\\\", "\\n", "\\u0022",
	    "\\\\\\\"", "\\\"\\\\" };
	char s[256];

	for (size_t i = 0; i < sizeof(escape) / sizeof(escape[0]); i++) {
		size_t n = strlen(escape[i]);

		for (size_t at = 0; at < 140; at++) {
			memset(s, 'a', sizeof(s));
			memcpy(s + at, escape[i], n);
			string(s, at + n);
			string(s, at + n + 1);
			if (at % 7 == 0)
				string(s, 200);
		}
	}
	none_wrong("escapes at each place");
}

/* Runs of backslashes; an odd one has a quote escaped behind it. */
static void
test_backslashes(void)
{
	char s[512];

	for (size_t n = 0; n <= 130; n++) {
		for (size_t at = 0; at < 66; at += n < 4 ? 1 : 5) {
			memset(s, 'a', at);
			memset(s + at, '\\', n);
			s[at + n] = '"';
			string(s, at + n + n % 2);
			memset(s + at + n + n % 2, '[', 70);
			string(s, at + n + n % 2 + 70);
		}
	}
	none_wrong("runs of backslashes");
}

/* Brackets that open and close over blocks; deeper than the scanner goes. */
static void
test_deep(void)
{
	for (size_t n = 1; n <= JSON_MAX_DEPTH; n++) {
		char s[2 * JSON_MAX_DEPTH];

		memset(s, '[', n);
		memset(s + n, ']', n);
		value(s, 2 * n);
	}
	none_wrong("deep arrays");
	for (size_t n = 1; n <= ROOM / 2; n *= 2) {
		char *p = wall - 2 * n;

		memset(p, '[', n);
		memset(p + n, ']', n);
		want(json_pass(p, wall), wall, p, "deeper");
		want(json_pass(p, wall - 1), NULL, p, "deeper, and cut");
		want(json_pass(p + 1, wall), wall - 1, p + 1, "less by one");
	}
	none_wrong("deeper ones");
}

static uint64_t
random_next(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

/* Values of random parts. */
static void
test_random(void)
{
	static const char *const part[] = { "\\\"", "\\\\", "[", "]", "{", "}",
	    "\\n", "a", "some words of text ", "\\u00e9", "\",\"", "\",[\"",
	    "\",{\"a\":1,\"b\":\"" };
	static const size_t parts = sizeof(part) / sizeof(part[0]);
	uint64_t x = 88172645463325252u;
	struct buf b = { 0 };

	for (int i = 0; i < 2000; i++) {
		char open[100];
		size_t depth = 0;

		b.n = 0;
		open[depth++] = ']';
		buf_adds(&b, "[\"");
		for (uint64_t n = random_next(&x) % 40; n > 0; n--) {
			size_t k = random_next(&x) % parts;

			/* A list's end, sometimes where one may begin. */
			if (k == 10 && depth > 1 && (n & 1) != 0) {
				buf_adds(&b, "\"");
				buf_add(&b, &open[--depth], 1);
				buf_adds(&b, open[depth - 1] == '}' ?
				    ",\"k\":\"" : ",\"");
				continue;
			}
			if (k >= 10 && open[depth - 1] == '}')
				buf_adds(&b, "\",\"k\":\"");
			else
				buf_adds(&b, part[k]);
			if (k == 11 && open[depth - 1] == ']')
				open[depth++] = ']';
			else if (k == 12 && open[depth - 1] == ']')
				open[depth++] = '}';
		}
		buf_adds(&b, "\"");
		while (depth > 0)
			buf_add(&b, &open[--depth], 1);
		value(b.p, b.n);
	}
	buf_fini(&b);
	none_wrong("random values");
}

/*
 * A line that another writer has put into the middle of a text: its first quote
 * ends the string. Wherever it stands in a block.
 */
static void
test_written_into(void)
{
	static const char *const into[] = { "{\"type\":\"user\"}\n", "\"b",
	    "\"\"", "\"{", "\"-1" };
	const char *p;

	for (size_t k = 0; k < sizeof(into) / sizeof(into[0]); k++) {
		for (size_t at = 0; at < 200; at++) {
			struct buf b = { 0 };

			buf_adds(&b, "{\"a\":[\"");
			for (size_t i = 0; i < at; i++)
				buf_addc(&b, 'x');
			buf_adds(&b, into[k]);
			buf_adds(&b, "x\",\"y\",\"\"]}");
			p = before_wall(b.p, b.n);
			want(json_pass(p, wall), NULL, p, "written into");
			buf_fini(&b);
		}
	}
	none_wrong("what is written into a text is seen");
}

/* The same between the texts, at every place of a value and of a block. */
static void
test_written_between(void)
{
	static const char *const into[] = { "{\"type\":\"user\"}", "{}" };
	static const char whole[] = ":[{\"b\":{},\"c\":12,\"d\":[true,\"x\"],"
	    "\"f\":[[],-1.5e3]},{},[{\"g\":[]}]],\"e\":null,\"h\":{\"i\":0}}";
	size_t seen = 0;
	const char *p, *why;

	for (size_t k = 0; k < 2 * sizeof(whole); k++) {
		for (size_t at = 0; at < QUOTES_BLOCK + 6; at++) {
			const size_t cut = k / 2;
			struct buf b = { 0 };

			buf_adds(&b, "{\"");
			for (size_t i = 0; i < at; i++)
				buf_addc(&b, 'x');
			buf_adds(&b, "\"");
			buf_add(&b, whole, cut);
			buf_adds(&b, into[k % 2]);
			buf_adds(&b, whole + cut);
			p = before_wall(b.p, b.n);
			why = NULL;
			/* Behind all of it nothing belongs to it. */
			if (cut < sizeof(whole) - 1 && json_skip(p, wall,
			    JSON_MAX_DEPTH, NULL, &why) == NULL) {
				seen++;
				want(json_pass(p, wall), NULL, p,
				    "written between");
			}
			buf_fini(&b);
		}
	}
	/* All places but those in a list that is empty, or its own first. */
	ok(seen > 2 * (sizeof(whole) - 20) * QUOTES_BLOCK, "there are many");
	none_wrong("and what is written between texts");
}

/* What is no JSON: anything, but in the text; and in time. */
static void
test_invalid(void)
{
	static const char c[] = "\"\\{}[]a,";
	uint64_t x = 2463534242u;
	const char *p, *q;

	for (int i = 0; i < 100000; i++) {
		size_t n = 1 + random_next(&x) % 300;

		for (size_t k = 0; k < n; k++)
			room[k] = c[random_next(&x) % (sizeof(c) - 1)];
		p = before_wall(room, n);
		q = json_pass(p, wall);
		if (q != NULL && (q < p || q > wall))
			want(q, NULL, p, "out of bounds");
	}
	for (const char *first = "{[\"\\"; *first != '\0'; first++) {
		memset(wall - ROOM, '\\', ROOM);
		wall[-(ptrdiff_t)ROOM] = *first;
		q = json_pass(wall - ROOM, wall);
		if (q != NULL)
			want(q, wall, wall - ROOM, "only backslashes");
	}
	none_wrong("no valid JSON");
}

/* ---- fixtures ------------------------------------------------------------- */

/* All values of a text, from one walk of it. */
struct found {
	size_t	at[65536], n[65536];
	size_t	count;
};

static struct found found;
static size_t texts, values;

static void
find(const char *start, struct json_val v, int depth)
{
	struct json_iter it;
	struct json_member m;
	struct json_val elem;

	if (found.count == sizeof(found.at) / sizeof(found.at[0]))
		return;
	found.at[found.count] = (size_t)(v.p - start);
	found.n[found.count++] = v.n;
	if (depth == 0 || (v.type != JSON_ARRAY && v.type != JSON_OBJECT))
		return;
	json_iter(&it, v);
	if (v.type == JSON_ARRAY) {
		while (json_next_elem(&it, &elem))
			find(start, elem, depth - 1);
	} else {
		while (json_next_member(&it, &m))
			find(start, m.val, depth - 1);
	}
}

static void
same_ends(const char *p, const char *end)
{
	for (size_t i = 0; i < found.count; i++) {
		const char *v = p + found.at[i];

		want(json_pass(v, end), v + found.n[i], v, "a fixture's end");
	}
}

/* Cut before its end a value has none. */
static void
no_ends(const char *p)
{
	for (size_t i = 0; i < found.count; i++) {
		const char *v = p + found.at[i], *q;
		size_t n = found.n[i];

		if (strchr("\"{[", *v) == NULL || n > 700)
			continue;
		for (size_t k = 0; k < n; k++) {
			q = before_wall(v, k);
			want(json_pass(q, wall), NULL, q, "a fixture, cut");
		}
	}
}

static bool
one_text(const char *p, size_t n, bool closely)
{
	struct json_val v;
	const char *why;

	if (n == 0 || n + 64 > ROOM || !json_parse(p, n, &v, &why))
		return false;
	found.count = 0;
	find(p, v, JSON_MAX_DEPTH);
	texts++;
	values += found.count;
	same_ends(before_wall(p, n), wall);
	for (size_t at = 0; closely && at < 64; at++) {
		memcpy(room + at, p, n);
		same_ends(room + at, room + at + n);
	}
	if (closely)
		no_ends(p);
	return true;
}

/* A file is one value, or one in each line. */
static void
one_file(const char *p, size_t n)
{
	const char *end = p + n, *nl;
	size_t i = 0;

	if (one_text(p, n, n < 3000))
		return;
	for (; p < end; p = nl + 1, i++) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (nl == NULL)
			nl = end;
		(void)one_text(p, (size_t)(nl - p), nl - p < 3000 || i == 7);
		if (nl == end)
			break;
	}
}

static int
visit(const char *path, const struct stat *st, int type, struct FTW *at)
{
	const char *dot = strrchr(path + at->base, '.');
	struct buf b = { 0 };
	struct err e;

	(void)st;
	if (type == FTW_F && dot != NULL && (strcmp(dot, ".json") == 0 ||
	    strcmp(dot, ".jsonl") == 0 || strcmp(dot, ".ndjson") == 0) &&
	    file_read(path, ROOM, &b, &e) == 0)
		one_file(b.p, b.n);
	buf_fini(&b);
	return 0;
}

static void
test_fixtures(void)
{
	const char *top = getenv("srcdir");
	struct buf b = { 0 };

	buf_addf(&b, "%s/tests/fixtures", top != NULL ? top : ".");
	ok(nftw(buf_cstr(&b), visit, 16, FTW_PHYS) == 0, "fixtures are read");
	buf_fini(&b);
	ok(texts > 1000 && values > 50000, "there are many: %zu values in %zu",
	    values, texts);
	none_wrong("values of fixtures");
}

int
main(void)
{
	if (!ok(build_wall(), "room for texts"))
		return done_testing();
	test_words();
	test_lengths();
	test_escapes();
	test_backslashes();
	test_deep();
	test_random();
	test_written_into();
	test_written_between();
	test_invalid();
	test_fixtures();
	return done_testing();
}
