#include "base/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/utf8.h"

#define LOG_LINE	1024	/* longer messages are cut */
#define LOG_SUMMARY	8192
#define CLEAR		"\r\033[K"	/* the line: ECMA-48, EL */
#define LOG_SEEN	64	/* different messages whose repeats are summed */
#define LOG_AGAIN	60	/* seconds before a repeated message shows again */

static const char *program = "aitrace";
static int level = LOG_LEVEL_WARNING;
static bool shown;		/* a line of log_progress */
static struct seen {
	char		*text;
	uint64_t	 more;		/* repeats not told yet */
	time_t		 told;
	int		 level;
} seen[LOG_SEEN];

static const char *const level_name[] = { "error", "warning", "info",
    "debug" };

void
log_init(const char *name)
{
	program = name;
}

void
log_set_level(int l)
{
	if (l < LOG_LEVEL_ERROR)
		l = LOG_LEVEL_ERROR;
	if (l > LOG_LEVEL_DEBUG)
		l = LOG_LEVEL_DEBUG;
	level = l;
}

int
log_level(void)
{
	return level;
}

/* One write(2), so that lines of several processes do not mix. */
static void
emit(const char *lev, const char *text, uint64_t repeats)
{
	struct buf b = { 0 };
	ssize_t n;

	if (shown)
		buf_adds(&b, CLEAR);
	shown = false;
	buf_addf(&b, "%s: ", program);
	if (lev != NULL)
		buf_addf(&b, "%s: ", lev);
	utf8_vis(&b, text, strlen(text), false);
	if (repeats > 0)
		buf_addf(&b, " (repeated %llu times)",
		    (unsigned long long)repeats);
	buf_addc(&b, '\n');
	/* There is nowhere to report a stderr that cannot be written. */
	n = write(STDERR_FILENO, b.p != NULL ? b.p : "", b.n);
	(void)n;
	buf_fini(&b);
}

/* Has the message been shown? Remembers it if there is room. */
static bool
repeated(int lev, const char *text)
{
	time_t now = time(NULL);
	size_t i;

	for (i = 0; i < LOG_SEEN && seen[i].text != NULL; i++) {
		if (strcmp(seen[i].text, text) != 0)
			continue;
		seen[i].more++;
		if (now - seen[i].told >= LOG_AGAIN) {
			emit(level_name[lev], text, seen[i].more);
			seen[i].more = 0;
			seen[i].told = now;
		}
		return true;
	}
	if (i < LOG_SEEN) {
		seen[i].text = strdup(text);
		seen[i].told = now;
		seen[i].level = lev;
		seen[i].more = 0;
	}
	return false;
}

static void
say(int lev, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

static void
say(int lev, const char *fmt, va_list ap)
{
	char text[LOG_LINE];

	if (lev > level)
		return;
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		return;
	if (!repeated(lev, text))
		emit(level_name[lev], text, 0);
}

void
log_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(LOG_LEVEL_ERROR, fmt, ap);
	va_end(ap);
}

void
log_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(LOG_LEVEL_WARNING, fmt, ap);
	va_end(ap);
}

void
log_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(LOG_LEVEL_INFO, fmt, ap);
	va_end(ap);
}

void
log_debug(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(LOG_LEVEL_DEBUG, fmt, ap);
	va_end(ap);
}

void
log_always(const char *fmt, ...)
{
	char text[LOG_SUMMARY];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n >= 0)
		emit(NULL, text, 0);
}

bool
log_watched(void)
{
	return isatty(STDERR_FILENO) == 1;
}

void
log_progress(const char *text)
{
	struct buf b = { 0 };
	ssize_t n;

	if (!shown && *text == '\0')
		return;
	buf_adds(&b, CLEAR);
	buf_adds(&b, text);
	n = write(STDERR_FILENO, b.p != NULL ? b.p : "", b.n);
	(void)n;	/* as above */
	shown = *text != '\0';
	buf_fini(&b);
}

void
log_fini(void)
{
	for (size_t i = 0; i < LOG_SEEN && seen[i].text != NULL; i++) {
		if (seen[i].more > 0)
			emit(level_name[seen[i].level], seen[i].text,
			    seen[i].more);
		free(seen[i].text);
		seen[i].text = NULL;
	}
}
