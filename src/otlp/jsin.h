/*
 * OTLP/JSON in, pull style: what is passed over is checked on the way, and
 * the attributes of a record are rendered as they are met. For
 * otlp_decode_json. Leniency: the JSON mapping of OTLP asks that unknown
 * members be ignored and that int64 be taken as number or string; clients in
 * the wild also send enum names, snake_case, null and "" for nothing.
 */
#ifndef OTLP_JSIN_H
#define OTLP_JSIN_H

#include "json/scan.h"
#include "otlp/decode.h"

/* A place in the text. */
struct jsin {
	const char	*p, *end;
};

struct jsin_name {
	const char	*p;		/* unescaped */
	size_t		 n;
	char		 text[64];	/* room for a name with escapes */
};

/* Over white space and the bracket '{' or '['. 0 or -1. */
int jsin_open(struct decode *d, struct jsin *c, char bracket);

/*
 * To the next member's value: 1; 0 behind the closing brace; -1 on error.
 * *first is true before the first, and cleared. Members that are null are
 * passed over.
 */
int jsin_member(struct decode *d, struct jsin *c, bool *first,
    struct jsin_name *name);

/* To the next element, as above. Elements that are null are not. */
int jsin_element(struct decode *d, struct jsin *c, bool *first);

/* Over a value of any kind. 0 or -1. */
int jsin_skip(struct decode *d, struct jsin *c, struct json_val *v);

/* Over the literal null, if it is there. */
bool jsin_null(struct jsin *c);

bool jsin_is(const struct jsin_name *name, const char *camel,
    const char *snake);

/*
 * Finds the rows of m in the object at c. 1; 0 when the record must be
 * refused (which is done), -1 on error; c is behind the object unless -1.
 * record: the attributes are rendered into d->attrs.
 */
int jsin_collect(struct decode *d, const struct schema_msg *m,
    struct jsin *c, struct slots *s, bool record);

/* The put of struct decode. */
int jsin_put(struct decode *d, const struct schema_row *r,
    const struct slot *s, int depth);

/* The value at c, AnyValue, as a record has it. 0 or -1. */
int jsin_any(struct decode *d, struct jsin *c, int depth);

/* The array of KeyValue at c as an object. 0, 1 when it is empty, or -1. */
int jsin_attrs(struct decode *d, struct jsin *c, int depth);

/* A string value at c, its raw characters. 0 or -1. */
int jsin_string(struct decode *d, struct jsin *c, const char **p,
    const char **end, bool *esc);

#endif
