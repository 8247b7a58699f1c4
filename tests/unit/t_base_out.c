/* The writer: order of copied bytes and slices, errors that stick. */
#include "base/out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "tests/unit/tap.h"

static void
read_back(int fd, struct buf *b)
{
	ssize_t n;
	char *to;

	buf_reset(b);
	while ((to = buf_room(b, 4096)) != NULL &&
	    (n = read(fd, to, 4096)) > 0)
		b->n += (size_t)n;
}

static void
test_order(size_t cap)
{
	static const char memory[] = "line one\nline two\nline three\n";
	struct buf got = { 0 };
	struct out o;
	int fd[2];

	if (pipe(fd) == -1 || out_init(&o, fd[1], cap) == -1)
		exit(99);
	out_write(&o, "a", 1);
	out_slice(&o, memory, 9);
	out_slice(&o, memory + 9, 9);
	out_putc(&o, 'b');
	out_slice(&o, memory + 18, 11);
	is_int(out_settle(&o), 0, "settle");
	out_write(&o, "end\n", 4);
	is_int(out_flush(&o), 0, "flush");
	is_int((intmax_t)o.bytes, 35, "bytes are counted");
	close(fd[1]);
	read_back(fd[0], &got);
	ok(strcmp(buf_cstr(&got),
	    "aline one\nline two\nbline three\nend\n") == 0,
	    "in order with a block of %zu: %s", cap, buf_cstr(&got));
	out_fini(&o);
	close(fd[0]);
	buf_fini(&got);
}

static void
test_full_disk(void)
{
	struct out o;
	int fd = open("/dev/full", O_WRONLY);

	if (fd == -1 || out_init(&o, fd, 16) == -1)
		exit(99);
	is_int(out_write(&o, "0123456789", 10), 0, "buffered");
	is_int(out_write(&o, "0123456789", 10), -1, "the disk is full");
	is_int(o.err, ENOSPC, "which is remembered");
	is_int(out_write(&o, "x", 1), -1, "for the next write");
	is_int(out_slice(&o, "x", 1) | out_flush(&o), -1, "slice and flush");
	out_fini(&o);
	close(fd);
}

int
main(void)
{
	for (size_t cap = 1; cap < 64; cap = cap * 2 + 1)
		test_order(cap);
	test_full_disk();
	return done_testing();
}
