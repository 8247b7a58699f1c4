/*
 * --statusline and --update-cache: what Claude Code asks for all the time,
 * and what tells it of history.
 */
#ifndef REPORT_BAR_H
#define REPORT_BAR_H

#include "base/out.h"
#include "report/conf.h"

/*
 * Reads the status JSON from standard input, notes what the session cost in
 * the cache, and writes the line. The line is written even when something is
 * wrong. An exit code; what is wrong is told. A cache that cannot be written
 * is told alone: of a program that fails Claude Code shows no line.
 */
int bar_show(struct conf *x, struct out *out);

/* Reads what is new in the files into the cache. An exit code. */
int bar_update(struct conf *x);

#endif
