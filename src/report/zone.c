#include "report/zone.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/opt.h"
#include "record/rtime.h"

#define NS		UINT64_C(1000000000)
#define QUARTER		(900 * NS)
#define ZONE_DIR	"/usr/share/zoneinfo"

/* Is it a file of compiled zone data (RFC 8536)? */
static bool
is_zone_file(const char *path)
{
	char magic[4];
	bool yes;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		return false;
	yes = read(fd, magic, sizeof(magic)) == (ssize_t)sizeof(magic) &&
	    memcmp(magic, "TZif", 4) == 0;
	(void)close(fd);
	return yes;
}

/* "UTC0", "CET-1CEST", "<+0530>-5:30": a name and an offset. */
static bool
is_posix(const char *s)
{
	const char *p = s;

	if (*p == '<') {
		p += strcspn(p, ">");
		if (*p == '\0')
			return false;
		p++;
	} else {
		while (isalpha((unsigned char)*p))
			p++;
		if (p - s < 3)
			return false;
	}
	if (*p == '+' || *p == '-')
		p++;
	return isdigit((unsigned char)*p) != 0;
}

static bool
is_known(const char *name)
{
	const char *dir = getenv("TZDIR");
	char path[1024];

	if (*name == ':')
		name++;
	if (*name == '\0' || strcmp(name, "UTC") == 0 || is_posix(name))
		return true;
	if (*name == '/')
		return is_zone_file(name);
	if (strstr(name, "..") != NULL || snprintf(path, sizeof(path), "%s/%s",
	    dir != NULL ? dir : ZONE_DIR, name) >= (int)sizeof(path))
		return false;
	return is_zone_file(path);
}

int
zone_set(const char *name, struct err *e)
{
	const char *env = getenv("TZ");

	if (name != NULL && *name != '\0' &&
	    setenv("TZ", name, 1) == -1)
		return err_set(e, "%s: %s", name, strerror(errno));
	tzset();
	if (name == NULL || *name == '\0')
		name = env;
	if (name != NULL && !is_known(name))
		return err_set(e, "unknown time zone '%s'%s", name,
		    access(ZONE_DIR, R_OK) == -1 ?
		    "; the package tzdata is not installed" : "");
	return 0;
}

const char *
zone_name(void)
{
	const char *name = getenv("TZ");

	if (name == NULL)
		return "local time";
	return *name != '\0' ? name : "UTC";
}

static void
local(uint64_t ns, struct tm *tm)
{
	time_t t = (time_t)(ns / NS);

	if (localtime_r(&t, tm) == NULL)
		memset(tm, 0, sizeof(*tm));
}

static size_t
make_label(char out[ZONE_LABEL], enum zone_unit unit, uint64_t ns)
{
	const size_t room = ZONE_LABEL - 1;
	struct tm tm;
	size_t n = 0;

	local(ns, &tm);
	switch (unit) {
	case ZONE_HOUR:
		n = strftime(out, room, "%Y-%m-%dT%H:00%z", &tm);
		if (n < 3)
			break;
		/* +0200: a colon into it */
		memmove(out + n - 1, out + n - 2, 2);
		out[n - 2] = ':';
		n++;
		break;
	case ZONE_DAY:
		n = strftime(out, room, "%Y-%m-%d", &tm);
		break;
	case ZONE_WEEK:
		n = strftime(out, room, "%G-W%V", &tm);
		break;
	case ZONE_MONTH:
		n = strftime(out, room, "%Y-%m", &tm);
		break;
	case ZONE_YEAR:
		n = strftime(out, room, "%Y", &tm);
		break;
	}
	return n;
}

size_t
zone_label(struct zone_labels *z, enum zone_unit unit, uint64_t ns,
    const char **text)
{
	uint64_t quarter = ns / QUARTER;
	size_t i = quarter % 64;

	/* Offsets from UTC only change at quarters of an hour. */
	if (z->cell[i].quarter != quarter + 1) {
		z->cell[i].quarter = quarter + 1;
		z->cell[i].len = (unsigned char)make_label(z->cell[i].text,
		    unit, ns);
	}
	*text = z->cell[i].text;
	return z->cell[i].len;
}

/* Minutes east of UTC behind the 16 characters of an hour. */
static int
offset_of(const char *s, size_t n)
{
	int v;

	if (n != 22)
		return 0;
	v = ((s[17] - '0') * 10 + s[18] - '0') * 60 + (s[20] - '0') * 10 +
	    s[21] - '0';
	return s[16] == '-' ? -v : v;
}

int
zone_order(enum zone_unit unit, const char *a, size_t alen, const char *b,
    size_t blen)
{
	size_t n = alen < blen ? alen : blen;
	int c;

	if (unit == ZONE_HOUR && n > 16) {
		c = memcmp(a, b, 16);
		if (c != 0)
			return c;
		/* The larger offset comes first: it is further from UTC. */
		return offset_of(b, blen) - offset_of(a, alen);
	}
	c = n != 0 ? memcmp(a, b, n) : 0;
	return c != 0 ? c : (alen > blen) - (alen < blen);
}

/*
 * mktime's midnight, made the first instant of its day: where the clock is set
 * forward at midnight there is none, and where it is set back soon after, there
 * are two.
 */
static time_t
first_of_day(time_t t)
{
	struct tm tm, before;
	time_t hour_ago = t - 3600;

	if (localtime_r(&t, &tm) == NULL ||
	    localtime_r(&hour_ago, &before) == NULL)
		return t;
	if (tm.tm_hour >= 12)	/* still the day before */
		return t + (24 - tm.tm_hour) * 3600 - tm.tm_min * 60;
	return before.tm_mday == tm.tm_mday ? hour_ago : t;
}

/* The first instant of the unit that lies `ahead` units after that of ns. */
static uint64_t
edge(enum zone_unit unit, uint64_t ns, int ahead)
{
	struct tm tm;
	time_t t;

	local(ns, &tm);
	if (unit == ZONE_HOUR) {
		uint64_t into = (uint64_t)(tm.tm_min * 60 + tm.tm_sec) * NS +
		    ns % NS;

		return ns - into + (uint64_t)ahead * 3600 * NS;
	}
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_isdst = -1;
	if (unit == ZONE_DAY)
		tm.tm_mday += ahead;
	else if (unit == ZONE_WEEK)
		tm.tm_mday += 7 * ahead - (tm.tm_wday + 6) % 7;
	else
		tm.tm_mday = 1;
	if (unit == ZONE_MONTH)
		tm.tm_mon += ahead;
	if (unit == ZONE_YEAR) {
		tm.tm_mon = 0;
		tm.tm_year += ahead;
	}
	t = first_of_day(mktime(&tm));
	return t < 0 ? 0 : (uint64_t)t * NS;
}

uint64_t
zone_begin(enum zone_unit unit, uint64_t ns)
{
	return edge(unit, ns, 0);
}

uint64_t
zone_end(enum zone_unit unit, uint64_t ns)
{
	return edge(unit, ns, 1);
}

/* The digits of s as format has them ('0' is a digit), into v in order. */
static bool
digits(const char *s, const char *format, int *v)
{
	int n = -1;
	bool within = false;

	if (strlen(s) != strlen(format))
		return false;
	for (; *s != '\0'; s++, format++) {
		if (*format != '0') {
			if (*s != *format)
				return false;
			within = false;
			continue;
		}
		if (!isdigit((unsigned char)*s))
			return false;
		if (!within)
			v[++n] = 0;
		v[n] = v[n] * 10 + (*s - '0');
		within = true;
	}
	return true;
}

static int
civil(const int *v, uint64_t *ns)
{
	struct tm tm = { .tm_year = v[0] - 1900, .tm_mon = v[1] - 1,
	    .tm_mday = v[2], .tm_hour = v[3], .tm_min = v[4], .tm_sec = v[5],
	    .tm_isdst = -1 };
	struct tm same = tm;
	time_t t;

	if (v[0] < 1970 || v[1] < 1 || v[1] > 12 || v[2] < 1 || v[3] > 23 ||
	    v[4] > 59 || v[5] > 60)
		return -1;
	t = mktime(&tm);
	/* The 31st of a month of 30 days is another month's. */
	if (t < 0 || tm.tm_mon != same.tm_mon)
		return -1;
	*ns = (uint64_t)t * NS;
	return 0;
}

/* RFC 3339, or the same without seconds. */
static int
with_offset(const char *text, uint64_t *ns)
{
	size_t n = strlen(text);
	char full[64];
	int v[6];

	if (rtime_parse(text, n, ns) == 0)
		return 0;
	if (n < 17 || n > 22)
		return -1;
	memcpy(full, text, 16);
	full[16] = '\0';
	if (!digits(full, "0000-00-00T00:00", v) ||
	    snprintf(full + 16, sizeof(full) - 16, ":00%s", text + 16) < 0)
		return -1;
	return rtime_parse(full, strlen(full), ns);
}

int
zone_parse(const char *text, uint64_t now, bool end, uint64_t *ns)
{
	int v[6] = { 0, 1, 1, 0, 0, 0 };
	int64_t ago;

	if (strcmp(text, "now") == 0) {
		*ns = now;
		return 0;
	}
	if (strcmp(text, "today") == 0 || strcmp(text, "yesterday") == 0) {
		uint64_t t = zone_begin(ZONE_DAY, now);

		if (*text == 'y')
			t = zone_begin(ZONE_DAY, t - 1);
		*ns = end ? zone_end(ZONE_DAY, t) : t;
		return 0;
	}
	if (digits(text, "0000-00-00", v) || digits(text, "0000-00", v)) {
		enum zone_unit u = strlen(text) == 7 ? ZONE_MONTH : ZONE_DAY;

		v[3] = 12;	/* there is a noon in every day */
		if (civil(v, ns) == -1)
			return -1;
		*ns = end ? zone_end(u, *ns) : zone_begin(u, *ns);
		return 0;
	}
	if (digits(text, "0000-00-00T00:00", v) ||
	    digits(text, "0000-00-00 00:00", v) ||
	    digits(text, "0000-00-00T00:00:00", v) ||
	    digits(text, "0000-00-00 00:00:00", v))
		return civil(v, ns);
	if (with_offset(text, ns) == 0)
		return 0;
	if (isdigit((unsigned char)*text) && strlen(text) > 1 &&
	    opt_duration(text, &ago) == 0 &&
	    !isdigit((unsigned char)text[strlen(text) - 1])) {
		*ns = (uint64_t)ago < now ? now - (uint64_t)ago : 0;
		return 0;
	}
	return -1;
}
