/* Every stream is fed whole and byte by byte. */
#include "config.h"

#include "net/grpcmsg.h"
#include "tests/unit/tap.h"

struct fed {
	enum grpcmsg_res	res;
	struct grpcmsg		m;
	char			body[64];
	size_t			n;
};

static struct fed
feed(const char *p, size_t n, size_t step, uint32_t max)
{
	struct fed f = { .res = GRPCMSG_OK };

	for (size_t at = 0; at < n && f.res == GRPCMSG_OK; at += step) {
		const char *q = p + at;
		size_t k = n - at < step ? n - at : step;

		f.res = grpcmsg_take(&f.m, &q, &k, max);
		if (f.res == GRPCMSG_OK && f.n + k <= sizeof(f.body)) {
			memcpy(f.body + f.n, q, k);
			f.n += k;
		}
	}
	return f;
}

static void
check(const char *p, size_t n, enum grpcmsg_res res, bool whole,
    const char *body, const char *name)
{
	static const size_t step[] = { 1, 3, 1000 };

	for (size_t i = 0; i < sizeof(step) / sizeof(step[0]); i++) {
		struct fed f = feed(p, n, step[i], 20);

		ok(f.res == res && (res != GRPCMSG_OK ||
		    (grpcmsg_whole(&f.m) == whole && f.n == strlen(body) &&
		    memcmp(f.body, body, f.n) == 0)), "%s, in steps of %zu",
		    name, step[i]);
	}
}

int
main(void)
{
	unsigned char head[GRPCMSG_HEAD];
	struct grpcmsg m = { .nhead = 0 };

	check("", 0, GRPCMSG_OK, false, "", "nothing");
	check("\0\0\0\0", 4, GRPCMSG_OK, false, "", "half a head");
	check("\0\0\0\0\0", 5, GRPCMSG_OK, true, "", "an empty message");
	check("\0\0\0\0\3abc", 8, GRPCMSG_OK, true, "abc", "a message");
	check("\1\0\0\0\3abc", 8, GRPCMSG_OK, true, "abc", "a packed one");
	check("\0\0\0\0\3ab", 7, GRPCMSG_OK, false, "ab", "a short one");
	check("\0\0\0\0\3abcd", 9, GRPCMSG_SECOND, false, "", "a byte behind");
	check("\0\0\0\0\0\0", 6, GRPCMSG_SECOND, false, "",
	    "a byte behind an empty one");
	check("\2\0\0\0\3abc", 8, GRPCMSG_BAD_FLAGS, false, "", "flags");
	check("\0\0\0\0\25", 5, GRPCMSG_TOO_LONG, false, "",
	    "one byte over the limit");
	check("\0\377\377\377\377x", 6, GRPCMSG_TOO_LONG, false, "",
	    "an absurd length");
	ok(!grpcmsg_whole(&m), "a fresh one is not whole");
	grpcmsg_head(head, 0x01020304);
	is_mem(head, sizeof(head), "\0\1\2\3\4", 5, "a head is big-endian");
	return done_testing();
}
