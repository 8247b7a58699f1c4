/* One line for the status bar of Claude Code. */
#ifndef REPORT_STATUS_H
#define REPORT_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "report/budget.h"
#include "report/cache.h"

#define STATUS_INPUT_MAX	(1024 * 1024)

/* What Claude Code tells a status line, as far as it is used here. */
struct status {
	struct buf	session, model;		/* empty: not told */
	bool		has_cost;
	money		cost;			/* of the session */
	uint64_t	duration_ms;		/* of the session; 0: not told */
	int		context;		/* percent used; -1: not told */
	bool		over_200k;
};

/*
 * Reads the JSON document p[0..n). Members that are missing or of another
 * kind count as not told. 0, or -1 with a constant text in *why. A zeroed
 * struct status may be read into.
 */
int status_read(struct status *s, const char *p, size_t n, const char **why);
void status_fini(struct status *s);

struct status_look {
	const struct budget	*budget;	/* per day or session; or NULL */
	bool			 color, ascii;
};

/*
 * Appends the line, with a newline: model, session's cost, today's, dollars
 * an hour, part of the context used. c already knows of the session's cost.
 */
void status_line(struct buf *b, const struct status *s, const struct cache *c,
    const struct status_look *look);

/* Reads the cache of path into c; what is not there or damaged is empty. */
void status_load(struct cache *c, const char *path);

/*
 * Reads what is new in a file of records and adds what was spent today to
 * the cache in path, under its lock, in steps so that nobody waits long.
 * today: begin and end of the day, day its name. 0, or -1 with the cause in e.
 */
struct status_day {
	uint64_t	begin, end;
	const char	*name;
	size_t		 n;
};
int status_update(const char *path, const char *records,
    const struct status_day *day, struct err *e);

#endif
