/*
 * Numbers of expressions. Integers of 64 bits and decimals of up to twelve
 * places are exact, as are their sums and, where they fit, their products:
 * 0.1 + 0.2 == 0.3, and 9007199254740993 is not 9007199254740992. All else
 * is a double.
 */
#ifndef FILTER_NUM_H
#define FILTER_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

__extension__ typedef __int128 num_fixed;

#define NUM_ONE		INT64_C(1000000000000)

struct num {
	bool		exact;
	num_fixed	fix;	/* in units of 10^-12, if exact */
	double		dbl;	/* else */
};

struct num num_int(int64_t v);

/* JSON's grammar of numbers. 0, or -1 when p[0..n) is none, or is infinite. */
int num_parse(const char *p, size_t n, struct num *out);

/* -1, 0, 1. */
int num_cmp(const struct num *a, const struct num *b);

/* Division by zero and results that are no number give false. */
bool num_add(const struct num *a, const struct num *b, struct num *out);
bool num_sub(const struct num *a, const struct num *b, struct num *out);
bool num_mul(const struct num *a, const struct num *b, struct num *out);
bool num_div(const struct num *a, const struct num *b, struct num *out);
bool num_mod(const struct num *a, const struct num *b, struct num *out);

/* Is it an integer of 64 bits? */
bool num_to_int(const struct num *a, int64_t *out);

/* Appends the shortest decimal. */
void num_put(struct buf *b, const struct num *a);

#endif
