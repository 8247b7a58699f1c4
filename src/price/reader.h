/*
 * Reads the text of a price file in one pass, without a tree: a cursor that
 * steps into objects and arrays and knows on which line it is when something
 * is wrong. All functions return -1 after filling in the error.
 */
#ifndef PRICE_READER_H
#define PRICE_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "json/scan.h"
#include "price/book.h"

struct reader {
	struct book	*b;		/* what the file is read into */
	struct buf	*text;
	const char	*name;		/* of the file, for messages */
	const char	*p, *end;	/* what is read next */
	size_t		 old_rows;	/* rows of files read before */
	bool		 names;		/* rows stay text for now */
	struct err	*e;
};

extern const struct book_text reader_nothing;

/* Fills in file, line of p, and why; and `what` if it is not empty. */
int reader_bad(struct reader *r, const char *p, const char *why,
    struct book_text what);

/* A string without escapes; why is told when something else stands there. */
int reader_string(struct reader *r, struct book_text *out, const char *why);

/* Passes over a value; v may be NULL. */
int reader_skip(struct reader *r, struct json_val *v);

/* Steps into an object or array by its opening bracket. */
int reader_enter(struct reader *r, char bracket, const char *why);

/*
 * Steps to the next element of an array or object that ends in close: 1, or 0
 * when it has ended. *first is true before the first one.
 */
int reader_more(struct reader *r, char close, bool *first);

/* The same for an object; also reads the name and the colon. */
int reader_member(struct reader *r, bool *first, struct book_text *key);

/* Makes a part of the text lower case. */
void reader_lower(struct reader *r, struct book_text t);

bool reader_is(struct book_text t, const char *s);

#endif
