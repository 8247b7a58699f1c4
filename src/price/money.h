/*
 * Money as integers: an amount counts 10^-12 USD (one picodollar), a price
 * counts picodollars per token. No float ever touches money.
 *
 * 128 bits hold every amount that can occur: a count of tokens is at most
 * MONEY_MAX_TOKENS (10^15) and a price at most 10^12 picodollars, so that a
 * product is below 10^27, and amounts read from elsewhere are at most 10^24.
 */
#ifndef PRICE_MONEY_H
#define PRICE_MONEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

__extension__ typedef __int128 money;

#define MONEY_MAX_TOKENS	INT64_C(1000000000000000)
#define MONEY_DECIMALS		12

/*
 * A price in USD per million tokens, as plain decimal text ("0.2", "6.25"):
 * digits, at most 6 of them behind the point, at most 1000000. Since a
 * million tokens at 10^-6 USD are one picodollar a token, *per_token is exact.
 * 0, or -1 with a constant text in *why.
 */
int money_price(const char *p, size_t n, int64_t *per_token, const char **why);

/*
 * An amount of USD from the text of a number, with an exponent or not
 * ("0.016738", "4.8e-05"). What is behind the 12th decimal is rounded half
 * up. 0, or -1 when it is no number, is negative or over 10^12 USD.
 */
int money_parse(const char *p, size_t n, money *out);

/*
 * Appends the exact decimal without exponent or trailing zeros: 0.0167384, 3,
 * 0. With point, a whole number gets ".0", so that it reads as a double.
 */
void money_put(struct buf *b, money m, bool point);

/* The same into out, without a NUL; its length. */
#define MONEY_TEXT	48
size_t money_text(char out[MONEY_TEXT], money m, bool point);

/* A price as text again, in USD per million tokens. */
void money_put_price(struct buf *b, int64_t per_token);

/* price * factor, where factor is 10^6 for 1.0; rounded half up. */
int64_t money_scale(int64_t per_token, int64_t factor);

#endif
