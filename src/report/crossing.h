/*
 * A command for each budget that is crossed, once: what was told is kept in a
 * file, a line each, and a command that fails is tried again the next time.
 */
#ifndef REPORT_CROSSING_H
#define REPORT_CROSSING_H

#include <stdint.h>

#include "base/err.h"
#include "report/budget.h"

#define CROSSING_KEEP	5000	/* crossings remembered */

struct crossing_count {
	unsigned	ran, failed, known;
};

/*
 * Runs command with /bin/sh for each line of the result that was not told
 * before; AITRACE_LEVEL (warning or over), AITRACE_PER, AITRACE_KEY,
 * AITRACE_COST, AITRACE_BUDGET and AITRACE_MESSAGE tell it which. What it
 * prints goes to standard error. path: the file. Two processes do not run it
 * for the same crossing. 0, or -1 with the cause in e.
 */
int crossing_run(const char *path, const char *command,
    const struct budget *b, const struct budget_result *res,
    struct crossing_count *n, struct err *e);

#endif
