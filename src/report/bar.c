#include "report/bar.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/file.h"
#include "base/log.h"
#include "report/place.h"
#include "report/status.h"
#include "report/zone.h"
#include "view/term.h"

#define CACHE_WAIT_MS	3	/* a status line does not wait */

static void
today(const struct conf *x, struct status_day *day,
    struct zone_labels *labels)
{
	day->begin = zone_begin(ZONE_DAY, x->plan.now);
	day->end = zone_end(ZONE_DAY, x->plan.now);
	day->n = zone_label(labels, ZONE_DAY, x->plan.now, &day->name);
}

/* Notes what the session cost, if nobody else is writing; else never mind. */
static int
note_session(const struct status *s, struct cache *c, const char *path,
    const struct status_day *day)
{
	int lock = place_lock(path, CACHE_WAIT_MS);
	struct buf b = { 0 };
	struct err e = { "" };
	int code = 0;

	if (lock == -1 && errno != EWOULDBLOCK) {
		log_error("%s.lock: %s", path, strerror(errno));
		code = EXIT_CANTCREATE;
	}
	status_load(c, path);
	cache_day(c, day->name, day->n);
	if (s->has_cost && s->session.n != 0 && cache_said(c, s->session.p,
	    s->session.n, s->cost) == -1)
		code = EXIT_SOFT;
	if (lock == -1)
		return code;
	cache_put(&b, c);
	if (b.err != 0)
		code = EXIT_SOFT;
	else if (place_write(path, b.p, b.n, &e) == -1) {
		log_error("%s", e.msg);
		code = EXIT_CANTCREATE;
	}
	buf_fini(&b);
	(void)close(lock);
	return code;
}

int
bar_show(struct conf *x, struct out *out)
{
	struct zone_labels labels = { 0 };
	struct status s = { .context = -1 };
	struct cache cache = { .nsession = 0 };
	struct status_look look = { .ascii = x->ascii,
	    .budget = x->budget_text != NULL ? &x->budget : NULL,
	    .color = term_color(STDOUT_FILENO, (enum term_color)x->color) };
	struct buf in = { 0 }, line = { 0 }, path = { 0 };
	struct status_day day;
	struct err e = { "" };
	const char *why = NULL;
	int code = 0, noted;

	today(x, &day, &labels);
	if (file_read("-", STATUS_INPUT_MAX, &in, &e) == -1) {
		log_error("%s", e.msg);
		code = EXIT_IO;
	} else if (status_read(&s, in.p, in.n, &why) == -1) {
		log_error("stdin: %s", why);
		code = EXIT_DATAERR;
	}
	if (place_file(&path, PLACE_CACHE, "report", &e) == -1) {
		log_error("%s", e.msg);
		noted = EXIT_CANTCREATE;
	} else
		noted = note_session(&s, &cache, buf_cstr(&path), &day);
	status_line(&line, &s, &cache, &look);
	if (line.err != 0)
		code = EXIT_SOFT;
	else if (out_write(out, line.p, line.n) == -1)
		code = EXIT_IO;
	status_fini(&s);
	cache_fini(&cache);
	buf_fini(&in);
	buf_fini(&line);
	buf_fini(&path);
	/* Of a program that fails, no line is shown: this is told alone. */
	return noted == EXIT_SOFT ? noted : code;
}

int
bar_update(struct conf *x)
{
	struct zone_labels labels = { 0 };
	struct buf path = { 0 };
	struct status_day day;
	struct err e = { "" };
	int code = 0;

	if (x->nfiles == 0) {
		log_error("--update-cache needs files");
		return EXIT_USAGE;
	}
	today(x, &day, &labels);
	if (place_file(&path, PLACE_CACHE, "report", &e) == -1) {
		log_error("%s", e.msg);
		code = EXIT_CANTCREATE;
	}
	for (int i = 0; i < x->nfiles && code != EXIT_CANTCREATE; i++) {
		if (status_update(buf_cstr(&path), x->files[i], &day,
		    &e) == -1) {
			log_error("%s", e.msg);
			code = EXIT_IO;
		}
	}
	buf_fini(&path);
	return code;
}
