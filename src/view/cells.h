/* Numbers short enough for a column. Each result is plain ASCII. */
#ifndef VIEW_CELLS_H
#define VIEW_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "price/money.h"

#define CELL_MAX	64

/*
 * 6 columns, 7 beyond 270 years:
 * 0ms 0.4ms 190ms 1.23s 12.3s 2m03s 1h02m 4d04h 1234d
 */
void cell_duration(char out[CELL_MAX], uint64_t ns);

/* At most 5 columns: exact below 100000, then 123k 1.23M 12.3M 123M ... */
void cell_count(char out[CELL_MAX], uint64_t n);

/*
 * At most 10 columns below a million USD: micro-dollars below 10 USD, then
 * fewer decimals; rounded half up, but what is not 0 is not shown as 0. Over
 * 10^12 USD it stops counting. mark is put before: '~' estimated, '>' a part
 * has no price, 0 nothing.
 */
void cell_cost(char out[CELL_MAX], money m, char mark);

#endif
