/*
 * The messages of OTLP 1.x as tables: field numbers and JSON names on one
 * side, members of aitrace-record(5) on the other. Four engines run on them:
 * protobuf and JSON in, protobuf and JSON out. Rows stand in the order in
 * which a record has its members; encoders go by field number.
 *
 * Source: opentelemetry-proto 1.x, {common,resource,trace,logs,metrics}/v1.
 */
#ifndef OTLP_SCHEMA_H
#define OTLP_SCHEMA_H

#include <stddef.h>
#include <stdint.h>

#include "otlp/otlp.h"

/* How a field travels: protobuf; OTLP/JSON; record. */
enum schema_kind {
	K_STR,		/* string */
	K_TRACE_ID,	/* 16 bytes; hex; hex */
	K_SPAN_ID,	/* 8 bytes; hex; hex */
	K_TIME,		/* fixed64; decimal string; RFC 3339 */
	K_FIX64,	/* fixed64; decimal string; digits */
	K_SFIX64,	/* sfixed64; decimal string; digits */
	K_DOUBLE,	/* double; number; number with '.' or exponent */
	K_FIX32,	/* fixed32; number; digits */
	K_U32,		/* varint; number; digits */
	K_S32,		/* zigzag varint; number; digits */
	K_BOOL,
	K_ENUM,		/* varint; number (names are read); name or digits */
	K_ANY,		/* AnyValue; its JSON mapping; a bare value */
	K_ATTRS,	/* repeated KeyValue; array; object */
	K_MSG,		/* message; object; object */
	K_LIST,		/* repeated message; array; array of objects */
	K_STRS,		/* repeated string */
	K_DOUBLES,	/* repeated double, packed */
	K_FIX64S,	/* repeated fixed64, packed; decimal strings; digits */
	K_U64S,		/* repeated uint64, packed; decimal strings; digits */
	K_GROUP		/* no field: here stand resource and scope */
};

enum {
	ROW_ALWAYS = 1,		/* the record has it even when it is zero */
	ROW_PRESENCE = 2,	/* zero and absent are two things */
	ROW_DROPPED = 4,	/* inside the record's "dropped" object */
	ROW_ONEOF = 8,		/* with the neighbour of the same name */
	ROW_NEEDED = 16,	/* no record without it */
	ROW_STRICT = 32		/* a malformed one spoils the record */
};

struct schema_name {
	const char	*record;	/* NULL: the record has the number */
	const char	*proto;		/* name in the .proto file */
};

struct schema_enum {
	const struct schema_name	*name;	/* by number */
	size_t				 n;
};

struct schema_row {
	const char			*key;	/* ,"name": in the record */
	const char			*json;	/* lowerCamelCase */
	const char			*snake;	/* as in the .proto file */
	uint8_t				 klen, jlen, slen;
	uint8_t				 number;
	uint8_t				 kind;
	uint8_t				 flags;
	const struct schema_msg		*sub;	/* K_MSG, K_LIST */
	const struct schema_enum	*names;	/* K_ENUM */
};

#define SCHEMA_MAX_ROWS	20

struct schema_msg {
	const char			*name;
	const struct schema_row		*row;
	size_t				 n;
};

/* The types of metrics, in the order of the enum. */
enum schema_metric_type {
	METRIC_GAUGE, METRIC_SUM, METRIC_HISTOGRAM, METRIC_EXP_HISTOGRAM,
	METRIC_SUMMARY, METRIC_TYPES
};

struct schema_metric {
	const char			*type;	/* in the record */
	const char			*json;
	const char			*snake;
	uint8_t				 number;	/* in Metric */
	const struct schema_msg		*data;	/* without the points */
	const struct schema_msg		*point;
};

/* The three levels of a request. Numbers are the same for all signals. */
enum {
	REQUEST_RESOURCE = 1,	/* in Export*Request */
	GROUP_HEAD = 1,		/* Resource in Resource*, scope in Scope* */
	GROUP_ITEMS = 2,	/* Scope* in Resource*, records in Scope* */
	GROUP_SCHEMA_URL = 3,
	DATA_POINTS = 1		/* in Gauge, Sum, ... */
};

struct schema_signal {
	const char			*record;	/* "span" */
	const char			*open;	/* {"record":"span" */
	const char			*resources, *resources_snake;
	const char			*scopes, *scopes_snake;
	const char			*items, *items_snake;
	const struct schema_msg		*item;
};

extern const struct schema_signal schema_signal[3];	/* by otlp_signal */
extern const struct schema_metric schema_metric[METRIC_TYPES];
extern const struct schema_msg schema_resource;	/* but its attributes */
extern const struct schema_msg schema_scope;
extern const struct schema_msg schema_metric_head;	/* Metric, no data */

/* Field of that number, NULL when the message has none we know. */
const struct schema_row *schema_by_number(const struct schema_msg *m,
    uint64_t number, const struct schema_row *hint);

/* Field of that JSON name in either spelling; hint: where to begin. */
const struct schema_row *schema_by_json(const struct schema_msg *m,
    const char *name, size_t n, const struct schema_row *hint);

/* Field of that record member; dropped: inside "dropped". */
const struct schema_row *schema_by_key(const struct schema_msg *m,
    const char *name, size_t n, int dropped);

/* Number of an enum's name, record's or .proto's; -1 when there is none. */
int schema_enum_number(const struct schema_enum *e, const char *s, size_t n);

#endif
