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

/*
 * The same for the first file of a book, but of its models only the names are
 * read: a run that prices one call is not to wait for the prices of thousands.
 * The file is valid JSON then, and has models. Before a model's rows are asked
 * for, bookfile_rows reads them: 0, or -1 as above.
 */
int bookfile_read_names(struct book *b, const char *path, struct err *e);
int bookfile_parse_names(struct book *b, struct buf *text, const char *name,
    struct err *e);
int bookfile_rows(struct book *b, const struct book_model *m, struct err *e);

#endif
