/* Buffers: the ceiling, the sticky error, who owns what. */
#include "base/buf.h"

#include <errno.h>
#include <stdlib.h>

#include "tests/unit/tap.h"

static void
test_grow(void)
{
	struct buf b;
	size_t n;
	char *p;

	buf_init(&b, 0);
	for (int i = 0; i < 100000; i++)
		buf_addc(&b, (char)('a' + i % 26));
	is_int(b.err, 0, "a buffer without ceiling takes 100000 bytes");
	is_int((intmax_t)b.n, 100000, "and counts them");
	is_int(b.p[99999], 'a' + 99999 % 26, "and keeps the last one");
	p = buf_take(&b, &n);
	is_int((intmax_t)n, 100000, "take tells the length");
	is_int(p[n], '\0', "and ends with NUL");
	ok(b.p == NULL && b.n == 0, "the buffer is empty afterwards");
	free(p);
	buf_fini(&b);
	buf_fini(NULL);
	ok(true, "fini takes NULL");
}

static void
test_ceiling(void)
{
	struct buf b;

	buf_init(&b, 10);
	buf_add(&b, "0123456789", 10);
	is_int(b.err, 0, "exactly the ceiling fits");
	buf_addc(&b, 'x');
	is_int(b.err, EMSGSIZE, "one byte more does not");
	is_mem(b.p, b.n, "0123456789", 10, "the content stays");
	buf_addc(&b, 'x');
	is_int((intmax_t)b.n, 10, "the error sticks");
	ok(buf_take(&b, NULL) == NULL, "and nothing is handed out");
	buf_fini(&b);
}

static void
test_numbers(void)
{
	struct buf b = { 0 };

	buf_addi(&b, INT64_MIN);
	buf_addc(&b, ' ');
	buf_addi(&b, INT64_MAX);
	buf_addc(&b, ' ');
	buf_addu(&b, UINT64_MAX);
	buf_addc(&b, ' ');
	buf_addu(&b, 0);
	is_str(buf_cstr(&b), "-9223372036854775808 9223372036854775807 "
	    "18446744073709551615 0", "the ends of the integers");
	buf_reset(&b);
	buf_addf(&b, "%s-%d", "x", 7);
	is_str(buf_cstr(&b), "x-7", "formatted text");
	buf_drop(&b, 2);
	is_str(buf_cstr(&b), "7", "dropped from the front");
	buf_drop(&b, 99);
	is_int((intmax_t)b.n, 0, "no more than there is");
	buf_fini(&b);
}

int
main(void)
{
	test_grow();
	test_ceiling();
	test_numbers();
	return done_testing();
}
