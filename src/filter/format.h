/*
 * Templates of --format: "tsv:a,b,c" and "csv:a,b,c" with expressions between
 * the commas, or any text with {expression} in it.
 */
#ifndef FILTER_FORMAT_H
#define FILTER_FORMAT_H

#include <stddef.h>

#include "base/buf.h"
#include "filter/expr.h"

#define FORMAT_MAX	64	/* expressions in a template */

enum format_kind { FORMAT_FREE, FORMAT_TSV, FORMAT_CSV };

struct format {
	enum format_kind	 kind;
	struct expr		 expr[FORMAT_MAX];
	struct text_piece {
		const char	*p;
		size_t		 n;
	}			 before[FORMAT_MAX + 1];	/* FORMAT_FREE */
	size_t			 n;
};

/* s must outlive the format. 0, or -1 with e (the place is in s). */
int format_compile(struct format *f, const char *s, struct expr_error *e);
void format_fini(struct format *f);

/*
 * Appends the record's line, with a newline. What is unknown is empty. In
 * TSV and free text, control characters and the reverse solidus in values are
 * escaped (\t \n \r \\ \xHH); CSV is quoted as in RFC 4180.
 */
void format_put(struct buf *b, struct format *f, const struct record *r);

#endif
