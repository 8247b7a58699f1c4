/*
 * Reads a price file, aitrace-prices(5), into a book. Read with the scanner,
 * not as a document: a book of 3,000 models must not be felt at start-up.
 */
#ifndef PRICE_BOOKFILE_H
#define PRICE_BOOKFILE_H

#include "base/err.h"
#include "price/book.h"

#define BOOKFILE_MAX	((size_t)64 << 20)

/*
 * Adds the file's rows to the book; they count before rows read earlier.
 * 0, or -1 with file, line and reason in e: the book is then unusable (it may
 * hold a part of the file), so reload into a new one.
 */
int bookfile_read(struct book *b, const char *path, struct err *e);

/* The same from text the book takes over; name is for messages. */
int bookfile_parse(struct book *b, struct buf *text, const char *name,
    struct err *e);

#endif
