/* What a report asks of transcripts. */
#ifndef SPENT_WANTS_H
#define SPENT_WANTS_H

#include <stdbool.h>

#include "report/conf.h"
#include "report/report.h"

/*
 * Is everything that is asked for a figure of calls, by what a call is told
 * with (see struct import_call)?
 */
bool wants_calls(const struct conf *x, const struct report *r);

#endif
