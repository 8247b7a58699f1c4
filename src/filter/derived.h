/* Short names whose value is not simply an attribute. */
#ifndef FILTER_DERIVED_H
#define FILTER_DERIVED_H

#include <stdbool.h>

#include "base/arena.h"
#include "filter/value.h"
#include "record/record.h"

struct value derived_agent(const struct record *r, struct arena *mem);
struct value derived_cost(const struct record *r, struct arena *mem);
struct value derived_duration(const struct record *r, struct arena *mem);
struct value derived_error(const struct record *r, struct arena *mem);
struct value derived_level(const struct record *r, struct arena *mem);
struct value derived_root(const struct record *r, struct arena *mem);
struct value derived_tag(const struct record *r, struct arena *mem);
struct value derived_time(const struct record *r, struct arena *mem);
struct value derived_tokens(const struct record *r, struct arena *mem);
struct value derived_type(const struct record *r, struct arena *mem);

/* A JSON string that is a time; false when it is none. */
bool derived_when(struct value *out, struct json_val v);

#endif
