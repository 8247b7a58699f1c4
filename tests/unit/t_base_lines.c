/* Lines from a descriptor: however the bytes are cut into reads. */
#include "base/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "tests/unit/tap.h"

/* What the reader gives of text written in pieces of the size given. */
static void
read_all(const char *text, size_t n, size_t piece, size_t max,
    struct buf *got)
{
	struct lines l;
	enum lines_res res;
	const char *p;
	size_t len, sent = 0;
	int fd[2];

	buf_reset(got);
	if (pipe(fd) == -1)
		exit(99);
	lines_init(&l, fd[0], max);
	for (;;) {
		res = lines_next(&l, &p, &len);
		if (res == LINES_OK) {
			buf_add(got, p, len);
			buf_addc(got, '|');
		} else if (res == LINES_PART || res == LINES_PART_END) {
			buf_addc(got, '<');
			buf_add(got, p, len);
			buf_addc(got, res == LINES_PART ? '>' : '!');
		} else if (res != LINES_MORE)
			break;
		if (res != LINES_MORE)
			continue;
		if (sent < n) {
			size_t k = n - sent < piece ? n - sent : piece;

			if (write(fd[1], text + sent, k) != (ssize_t)k)
				exit(99);
			sent += k;
			if (sent == n)
				close(fd[1]);
		}
		(void)lines_fill(&l);
	}
	buf_addf(got, "%llu", (unsigned long long)l.lineno);
	lines_fini(&l);
	close(fd[0]);
	if (n == 0)
		close(fd[1]);
}

static void
test_pieces(void)
{
	static const char text[] = "one\n\nthree\nfour";
	struct buf got = { 0 };

	for (size_t piece = 1; piece <= sizeof(text); piece++) {
		read_all(text, sizeof(text) - 1, piece, 100, &got);
		ok(strcmp(buf_cstr(&got), "one||three|four|4") == 0,
		    "in reads of %zu bytes: %s", piece, buf_cstr(&got));
	}
	buf_fini(&got);
}

/* The parts of a long line, put together, whatever the cuts were. */
static void
test_long(void)
{
	struct buf got = { 0 }, joined = { 0 };
	static const char text[] = "ab\n0123456789\ncd\n0123456789";

	for (size_t piece = 1; piece <= sizeof(text); piece += 3) {
		read_all(text, sizeof(text) - 1, piece, 5, &got);
		buf_reset(&joined);
		for (size_t i = 0; i < got.n; i++)
			if (strchr("<>", got.p[i]) == NULL)
				buf_addc(&joined, got.p[i]);
		ok(strcmp(buf_cstr(&joined),
		    "ab|0123456789!cd|0123456789!4") == 0,
		    "long lines in reads of %zu bytes: %s", piece,
		    buf_cstr(&joined));
	}
	read_all("12345\n", 6, 6, 5, &got);
	is_str(buf_cstr(&got), "12345|1", "a line of exactly the ceiling");
	buf_fini(&got);
	buf_fini(&joined);
}

static void
test_errors(void)
{
	struct lines l;
	const char *p;
	size_t n;
	int fd = open("/", O_RDONLY);

	lines_init(&l, fd, 10);
	is_int(lines_fill(&l), LINES_ERROR, "a directory cannot be read");
	is_int(l.error, EISDIR, "and the cause is kept");
	is_int(lines_next(&l, &p, &n), LINES_ERROR, "for whoever asks next");
	lines_fini(&l);
	close(fd);
}

static void
test_huge(void)
{
	size_t n = 3 * 1000 * 1000;
	char *text = malloc(n);
	struct buf got = { 0 };

	memset(text, 'x', n);
	text[n - 1] = '\n';
	read_all(text, n, 65536, n, &got);
	is_int((intmax_t)got.n, (intmax_t)n + 1, "a line of 3 MB, growing");
	free(text);
	buf_fini(&got);
}

int
main(void)
{
	test_pieces();
	test_long();
	test_errors();
	test_huge();
	return done_testing();
}
