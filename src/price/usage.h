/*
 * The tokens of one model call as disjoint buckets, each under the name it is
 * reported by, so that cost_details can answer in the same names. The names
 * are those Langfuse prices (usage_details) and, where a span has none, the
 * inclusive counts of OpenTelemetry and OpenInference.
 */
#ifndef PRICE_USAGE_H
#define PRICE_USAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json/scan.h"
#include "record/record.h"

enum usage_kind {
	USE_INPUT, USE_CACHE_READ, USE_CACHE_WRITE, USE_CACHE_WRITE_5M,
	USE_CACHE_WRITE_1H, USE_TOOL, USE_INPUT_AUDIO, USE_CACHE_READ_AUDIO,
	USE_INPUT_IMAGE,
	USE_OUTPUT, USE_REASONING, USE_OUTPUT_AUDIO, USE_OUTPUT_IMAGE,
	USE_TOTAL,	/* a lone total: nobody said of what */
	USE_OTHER	/* a name without a price */
};

#define USAGE_MAX	24

struct usage_bucket {
	const char	*key;	/* raw JSON text between the quotes */
	size_t		 klen;
	enum usage_kind	 kind;
	int64_t		 count;	/* 0 .. MONEY_MAX_TOKENS */
};

struct buckets {
	struct usage_bucket	b[USAGE_MAX];
	size_t			n;
	const char		*bad;	/* a name whose value is no count */
	size_t			 badlen;
};

/*
 * From the object inside usage_details. A lone total stays as USE_TOTAL, else
 * totals are left out. False when it has no bucket at all. u points into the
 * object's text.
 */
bool usage_from_details(struct buckets *u, struct json_val object);

/* The same of counts by the names they would have there, kept by reference. */
struct usage_count {
	const char	*name;
	int64_t		 count;
};
bool usage_from_counts(struct buckets *u, const struct usage_count *c, size_t n);

/*
 * The same from the text of a JSON string (between its quotes, and valid) that
 * holds the object as it is nearly always written: escaped quotes, names
 * without other escapes, whole numbers, a space behind ':' and ',' or none.
 * False when it is anything else, which says nothing of it: unescape it and
 * ask usage_from_details.
 */
bool usage_from_escaped(struct buckets *u, const char *p, size_t n);

/*
 * From gen_ai.usage.* and llm.token_count.*, whose input includes the cache
 * and whose output includes reasoning. (An input smaller than its cache parts
 * cannot include them and is taken as uncached.) False when there are none.
 */
bool usage_from_attributes(struct buckets *u, const struct record *r);

/* From "input=1000,output=50"; -1 with a constant text in *why. */
int usage_from_text(struct buckets *u, const char *s, const char **why);

/* Everything the model was given to read: decides the context tier. */
int64_t usage_prompt(const struct buckets *u);

bool usage_is_input(enum usage_kind k);

#endif
