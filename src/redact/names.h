/*
 * Names of secrets: DB_PASSWORD, apiKey, x-api-key. A name is taken apart into
 * words in lower case and judged by its last ones.
 */
#ifndef REDACT_NAMES_H
#define REDACT_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "redact/rules.h"

enum names_verdict {
	NAMES_NO,
	NAMES_WEAK,	/* secret if the value looks like it */
	NAMES_YES,
	NAMES_LINE	/* in a text, all that stands behind it on the line */
};

struct names {
	const struct rules	*rules;
	uint8_t			 last[8192];	/* last two letters */
};

void names_init(struct names *x, const struct rules *r);
enum names_verdict names_look(const struct names *x, const char *p, size_t n);

/* Is the value worth hiding, under a name of that verdict? */
bool names_value(const struct names *x, enum names_verdict verdict,
    const char *p, size_t n);

#endif
