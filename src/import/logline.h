/*
 * What stands around a line in the log of a CI service: time stamps, names of
 * jobs and steps, colours.
 *
 *	GitHub Actions	2026-11-21T00:03:42.1234567Z TEXT
 *	  downloaded	JOB<tab>STEP<tab>2026-11-21T00:03:42.1234567Z TEXT
 *	GitLab		2026-11-21T00:03:42.123456Z 00O TEXT; O+ continues a line
 *	Jenkins		[2026-11-21T00:03:42.123Z] TEXT, [BRANCH] TEXT
 *	Docker compose	NAME  | TEXT
 */
#ifndef IMPORT_LOGLINE_H
#define IMPORT_LOGLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Appends the text without terminal control sequences and without the \r. */
void logline_plain(struct buf *b, const char *p, size_t n);

/* Appends the text; bytes that are no UTF-8 become U+FFFD. */
void logline_utf8(struct buf *b, const char *p, size_t n);

/* The time that stands in p[0..n), ns since 1970; 0: none. */
uint64_t logline_time(const char *p, size_t n);

/*
 * Is p[0..n) something that a service puts in front of a line: empty, with a
 * time in it, or "[name] ", "name | "?
 */
bool logline_is_prefix(const char *p, size_t n);

/*
 * Does GitLab's mark say that the line goes on where the one before it was
 * broken? The offset of its text; 0: no.
 */
size_t logline_goes_on(const char *p, size_t n);

#endif
