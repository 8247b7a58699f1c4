/*
 * The spellings of a model's name: what vendors, clouds and routers put
 * around it. Table-driven; nothing here knows a price.
 *
 * A decoration says where or how a model runs, not which model it is: a
 * provider or region in front, a date, "-v1:0", "@default", "[1m]", ":free"
 * behind. A version is no decoration.
 */
#ifndef PRICE_NAME_H
#define PRICE_NAME_H

#include <stdbool.h>
#include <stddef.h>

#define NAME_MAX_LEN	255

struct name {
	char	s[NAME_MAX_LEN + 1];
	size_t	n;
};

/* Lower case, white space around removed. False when empty or too long. */
bool name_init(struct name *m, const char *p, size_t n);

/*
 * Length of the next decoration in front (0: none): a vendor that sells at
 * the model's own price, a router that passes it on, a region, a path.
 */
size_t name_prefix(const char *p, size_t n);

/*
 * Length of the next decoration behind (0: none). whole is the name before
 * anything was removed; *is_free is set when the decoration is ":free".
 */
size_t name_suffix(const char *p, size_t n, const struct name *whole,
    bool *is_free);

/*
 * Another spelling of the same model: "claude-sonnet-4.5" and
 * "claude-4.5-sonnet" for claude-sonnet-4-5, Azure's "gpt-35-turbo" for
 * gpt-3.5-turbo. False when there is none. out is not NUL-terminated.
 */
bool name_respell(const char *p, size_t n, struct name *out);

/*
 * What a provider (gen_ai.provider.name) puts in front of its models in the
 * book, "azure/" for azure.ai.openai; NULL for one that has no such prefix.
 */
const char *name_provider_prefix(const char *provider, size_t n);

/*
 * Are both names of one family, different only in the numbers of a version
 * (gemini-3.8-flash, gemini-3.7-flash; o4-mini, o3-mini), "-preview" aside?
 * Then *order tells how b's version stands to a's: < 0 lower, > 0 higher.
 */
bool name_same_family(const struct name *a, const char *b, size_t bn,
    int *order);

/* Compares the versions of two names of one family: < 0, 0, > 0. */
int name_version_cmp(const char *a, size_t an, const char *b, size_t bn);

#endif
