#include "view/term.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TERM_DEFAULT	80
#define TERM_MAX	10000

size_t
term_width(int fd, size_t wanted)
{
	const char *columns = getenv("COLUMNS"), *why = "unset";
	struct winsize ws;
	long long v = 0;

	if (wanted != 0)
		return wanted;
	if (columns != NULL)
		v = strtonum(columns, 1, TERM_MAX, &why);
	if (why == NULL)
		return (size_t)v;
	if (ioctl(fd, TIOCGWINSZ, &ws) == 0 && ws.ws_col > 0)
		return ws.ws_col;
	return TERM_DEFAULT;
}

bool
term_color(int fd, enum term_color mode)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (mode != TERM_AUTO)
		return mode == TERM_ALWAYS;
	if (no != NULL && *no != '\0')
		return false;
	return isatty(fd) && term != NULL && strcmp(term, "dumb") != 0;
}
