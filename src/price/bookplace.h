/*
 * The price book that holds for a program: the installed one, what the
 * environment adds to it, what the user names; and what is told in the end of
 * the calls that were priced by it.
 */
#ifndef PRICE_BOOKPLACE_H
#define PRICE_BOOKPLACE_H

#include <stdbool.h>

#include "base/opt.h"
#include "price/pricer.h"

/*
 * Does the user name files of prices (book, prices, AITRACE_PRICES)? These are
 * read at once, so that a bad one is refused at the start. The installed book
 * may wait for the first model call, and its rows for the first call of their
 * model: most runs of a pipeline are short, and it is a third of a megabyte.
 */
bool bookplace_is_own(const char *book, const struct opt_list *prices);

/*
 * The book of the file, or if that is NULL the installed one (or the one in
 * $AITRACE_DATADIR); over it $AITRACE_PRICES and the prices, if not NULL.
 * names: the rows of a model of the installed book may wait until it is met.
 * The caller owns it; NULL after an error was told.
 */
struct book *bookplace_load(const char *book, const struct opt_list *prices,
    bool names);

/*
 * Warns of models and tokens without a price, and of costs that differ from
 * those reported. True: a model was unknown.
 */
bool bookplace_tell(const struct pricer *p);

#endif
