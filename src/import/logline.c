#include "import/logline.h"

#include <string.h>

#include "base/utf8.h"
#include "record/rtime.h"

#define PREFIX_MAX	512	/* bytes in front of what a program printed */

/* CSI, OSC and two-byte sequences of ECMA-48; the offset behind it. */
static size_t
sequence(const char *p, size_t n, size_t i)
{
	if (++i >= n)
		return n;
	if (p[i] == '[') {
		for (i++; i < n && (unsigned char)p[i] < 0x40; i++)
			;
		return i < n ? i + 1 : n;
	}
	if (p[i] == ']') {
		for (i++; i < n && p[i] != '\a' && p[i] != '\033'; i++)
			;
		if (i < n && p[i] == '\033')
			i++;
		return i < n ? i + 1 : n;
	}
	return i + 1;
}

void
logline_plain(struct buf *b, const char *p, size_t n)
{
	size_t from = 0, i = 0;

	while (i < n) {
		if (p[i] != '\033' && p[i] != '\r') {
			i++;
			continue;
		}
		buf_add(b, p + from, i - from);
		i = from = p[i] == '\r' ? i + 1 : sequence(p, n, i);
	}
	buf_add(b, p + from, n - from);
}

void
logline_utf8(struct buf *b, const char *p, size_t n)
{
	const char *end = p + n, *q;

	while (p < end) {
		q = utf8_valid_until(p, end);
		buf_add(b, p, (size_t)(q - p));
		p = q;
		if (p < end) {
			buf_adds(b, "\357\277\275");
			p++;
		}
	}
}

static bool
digits(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] < '0' || p[i] > '9')
			return false;
	return true;
}

/* The time, and where it ends. */
static uint64_t
find_time(const char *p, size_t n, size_t *end)
{
	uint64_t ns;
	size_t len;

	if (n > PREFIX_MAX)
		n = PREFIX_MAX;
	for (size_t i = 0; i + 20 <= n; i++) {
		if (p[i + 4] != '-' || p[i + 7] != '-' || p[i + 10] != 'T' ||
		    !digits(p + i, 4))
			continue;
		for (len = 11; i + len < n && memchr("0123456789:.+-Z",
		    p[i + len], 15) != NULL; len++)
			;
		*end = i + len;
		if (rtime_parse(p + i, len, &ns) == 0)
			return ns;
	}
	return 0;
}

uint64_t
logline_time(const char *p, size_t n)
{
	size_t end;

	return find_time(p, n, &end);
}

/* What stands between the time and the text: "] ", " 00O ". */
static bool
is_mark(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (memchr(" ]\t|0123456789OE+", p[i], 17) == NULL)
			return false;
	return true;
}

bool
logline_is_prefix(const char *p, size_t n)
{
	size_t end;

	if (n == 0)
		return true;
	if (n > PREFIX_MAX)
		return false;
	if (find_time(p, n, &end) != 0)
		return is_mark(p + end, n - end);
	if (p[n - 1] != ' ' && p[n - 1] != '\t')
		return false;
	while (n > 0 && (p[n - 1] == ' ' || p[n - 1] == '\t'))
		n--;
	return n == 0 || p[n - 1] == '|' || (p[0] == '[' && p[n - 1] == ']');
}

size_t
logline_goes_on(const char *p, size_t n)
{
	const char *s = n > 27 ? memchr(p, ' ', 32 < n ? 32 : n) : NULL;
	size_t i = s != NULL ? (size_t)(s - p) : n;

	/* "2026-11-21T00:03:42.123456Z 00O+" and the text. */
	if (i + 5 > n || !digits(p, 4) || p[4] != '-' || p[i - 1] != 'Z')
		return 0;
	if ((p[i + 3] != 'O' && p[i + 3] != 'E') || p[i + 4] != '+')
		return 0;
	return i + 5;
}
