/*
 * Takes out of records what must not leave, before they are written anywhere:
 * the engine of aitrace-redact inside the receiver.
 */
#ifndef RECV_CLEAN_H
#define RECV_CLEAN_H

#include "base/buf.h"
#include "base/err.h"
#include "otlp/otlp.h"
#include "recv/conf.h"

struct clean;

/*
 * 0 and *c: the engine as conf asks, or NULL when it asks for none; -1 with
 * the cause in e (rules that are wrong, a variable that is not set).
 */
int clean_new(struct clean **c, const struct recv_conf *conf, struct err *e);
void clean_free(struct clean *c);

/*
 * Redacts the lines in place. A line that cannot be redacted is left out and
 * counted as refused in t. c may be NULL: nothing happens. 0, or -1 when out
 * of memory (the lines must not be written then).
 */
int clean_lines(struct clean *c, struct buf *lines, struct otlp_tally *t);

#endif
