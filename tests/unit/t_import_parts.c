/*
 * The parts that importing stands on: what is counted once, what is found by a
 * hash, and what a CI service puts around a line.
 */
#include <string.h>

#include "base/buf.h"
#include "import/logline.h"
#include "import/map.h"
#include "import/once.h"
#include "tests/unit/tap.h"

static void
test_once(void)
{
	struct once o = { 0 };
	uint64_t h;
	size_t wrong = 0;

	is_int(once_put(&o, 5, 1), 0, "new");
	is_int(once_put(&o, 5, 1), 1, "there, the same owner's");
	is_int(once_put(&o, 5, 2), 2, "there, another's");
	is_int(once_put(&o, 5, 1), 1, "which does not make it his");
	for (uint64_t i = 1; i <= 100000; i++)
		wrong += once_put(&o, i * UINT64_C(0x9e3779b97f4a7c15), i) != 0;
	is_int((intmax_t)wrong, 0, "a hundred thousand more are new");
	for (uint64_t i = 1; i <= 100000; i++)
		wrong += once_put(&o, i * UINT64_C(0x9e3779b97f4a7c15), i) != 1;
	is_int((intmax_t)wrong, 0, "and all are there");
	once_fini(&o);
	/* FNV-1a of "foobar", from the tables of its authors. */
	ok(once_hash(0, "foobar", 6) == UINT64_C(0x85944171f73967e8),
	    "FNV-1a");
	h = once_hash(0, "foo", 3);
	ok(once_hash(h, "bar", 3) == once_hash(0, "foobar", 6), "in parts");
}

/* Each byte counts, wherever it stands, and no more of them. */
static void
test_map_hash(void)
{
	unsigned wrong = 0, moved = 0;
	char text[48], other[48];

	for (size_t n = 0; n <= 40; n++) {
		memset(text, 'x', sizeof(text));
		memset(other, 'y', sizeof(other));
		memcpy(other + 3, text, n);
		moved += map_hash(7, text, n) != map_hash(7, other + 3, n);
		wrong += map_hash(7, text, n) == map_hash(8, text, n);
		wrong += map_hash(7, text, n) == map_hash(7, text, n + 1);
		for (size_t i = 0; i < n; i++) {
			memcpy(other, text, sizeof(text));
			other[i] = 'z';
			wrong += map_hash(7, text, n) == map_hash(7, other, n);
		}
	}
	is_int(moved, 0, "a hash is that of the bytes, wherever they are");
	is_int(wrong, 0, "and of all of them");
}

static void
test_map(void)
{
	static int thing[1000];
	struct map m = { 0 };
	size_t wrong = 0;

	ok(map_get(&m, 1) == NULL, "an empty map has nothing");
	for (size_t i = 0; i < 1000; i++)
		wrong += map_put(&m, i * 4096 + 1, &thing[i]) != 0;
	for (size_t i = 0; i < 1000; i++)
		wrong += map_get(&m, i * 4096 + 1) != &thing[i];
	is_int((intmax_t)wrong, 0, "each is found, alike as their hashes are");
	ok(map_get(&m, 2) == NULL, "and no other");
	ok(map_put(&m, 1, &thing[7]) == 0 && map_get(&m, 1) == &thing[7],
	    "the later takes the place");
	map_fini(&m);
}

static void
prefix(const char *s, bool want)
{
	ok(logline_is_prefix(s, strlen(s)) == want, "%s before a line: '%s'",
	    want ? "may stand" : "never", s);
}

static void
time_in(const char *s, uint64_t want)
{
	ok(logline_time(s, strlen(s)) == want, "the time in '%s'", s);
}

/* Seconds from date(1): date -u -d 2026-11-21T00:03:42 +%s is 1795219422 */
static void
test_logline(void)
{
	struct buf b = { 0 };

	prefix("", true);
	prefix("2026-11-21T00:03:42.1234567Z ", true);
	prefix("build\trun\t2026-11-21T00:03:42.1234567Z ", true);
	prefix("2026-11-21T00:03:42.123456Z 00O ", true);
	prefix("[2026-11-21T00:03:42.123Z] ", true);
	prefix("[branch-1] ", true);
	prefix("claude-1  | ", true);
	prefix("the object is ", false);
	time_in("2026-11-21T00:03:42.1234567Z ", 1795219422123456700);
	time_in("build\trun\t2026-11-21T00:03:42.5Z ", 1795219422500000000);
	time_in("[2026-11-21T00:03:42.123Z] ", 1795219422123000000);
	time_in("[branch-1] ", 0);
	time_in("", 0);
	is_int((intmax_t)logline_goes_on("2026-11-21T00:03:42.123456Z 00O+rest",
	    36), 32, "GitLab: a line goes on");
	is_int((intmax_t)logline_goes_on("2026-11-21T00:03:42.123456Z 00O text",
	    36), 0, "or begins");
	logline_plain(&b, "\033[1;31mred\033[0m \033]0;title\007x\r", 27);
	is_mem(b.p, b.n, "red x", 5, "no colours, no titles, no \\r");
	buf_reset(&b);
	logline_plain(&b, "cut\033[3", 6);
	is_mem(b.p, b.n, "cut", 3, "a sequence that is cut off");
	buf_reset(&b);
	logline_utf8(&b, "a\xff\xc3\xa9\xc3", 5);
	is_mem(b.p, b.n, "a\357\277\275\xc3\xa9\357\277\275", 9,
	    "bytes that are no UTF-8");
	buf_fini(&b);
}

int
main(void)
{
	test_once();
	test_map_hash();
	test_map();
	test_logline();
	return done_testing();
}
