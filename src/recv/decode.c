#include "config.h"

#include "recv/decode.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "json/scan.h"

/* A protobuf message being looked into. */
struct wirebuf {
	const unsigned char	*p, *end;
};

enum { WT_VARINT = 0, WT_FIXED64 = 1, WT_LEN = 2, WT_FIXED32 = 5 };

static bool
get_varint(struct wirebuf *b, uint64_t *v)
{
	*v = 0;
	for (unsigned shift = 0; shift < 64; shift += 7) {
		if (b->p == b->end)
			return false;
		*v |= (uint64_t)(*b->p & 0x7f) << shift;
		if ((*b->p++ & 0x80) == 0)
			return true;
	}
	return false;
}

/* The next field; of a length-delimited one, its bytes in sub. */
static bool
get_field(struct wirebuf *b, unsigned *number, unsigned *type,
    struct wirebuf *sub)
{
	uint64_t v, skip = 0;

	if (b->p == b->end || !get_varint(b, &v) || v >> 3 > 0x1fffffff)
		return false;
	*number = (unsigned)(v >> 3);
	*type = (unsigned)(v & 7);
	switch (*type) {
	case WT_VARINT:
		return get_varint(b, &v);
	case WT_FIXED64:
		skip = 8;
		break;
	case WT_FIXED32:
		skip = 4;
		break;
	case WT_LEN:
		if (!get_varint(b, &skip))
			return false;
		break;
	default:
		return false;
	}
	if (skip > (uint64_t)(b->end - b->p))
		return false;
	sub->p = b->p;
	b->p += skip;
	sub->end = b->p;
	return true;
}

/*
 * A span has an id of bytes in 1 and fixed 64-bit times in 7 and 8; a log
 * record fixed times in 1 and 11; a metric its name in 1 and its points as a
 * message in 5, 7, 9, 10 or 11.
 */
static enum otlp_signal
sniff_record(struct wirebuf b)
{
	enum otlp_signal sig = OTLP_SIGNAL_UNKNOWN;
	struct wirebuf sub;
	unsigned number, type;

	while (get_field(&b, &number, &type, &sub)) {
		if (type == WT_FIXED64 && (number == 7 || number == 8))
			return OTLP_TRACES;
		if (type == WT_FIXED64 && (number == 1 || number == 11))
			return OTLP_LOGS;
		if (type == WT_VARINT && number == 2)
			return OTLP_LOGS;
		if (type == WT_LEN && (number == 7 || number == 10))
			return OTLP_METRICS;
		/* 5: a span's name or a gauge; 9, 11: attributes or points. */
		if (type == WT_LEN && number == 1)
			sig = sub.end - sub.p == 16 ? OTLP_TRACES :
			    OTLP_METRICS;
	}
	return b.p == b.end ? sig : OTLP_SIGNAL_UNKNOWN;
}

/* Walks resource (field 1) and scope (field 2) groups to the first record. */
static bool
descend(struct wirebuf *b, unsigned field, struct wirebuf *sub)
{
	unsigned number, type;

	while (get_field(b, &number, &type, sub))
		if (number == field && type == WT_LEN)
			return true;
	return false;
}

enum otlp_signal
decode_sniff(const void *p, size_t n)
{
	struct wirebuf all = { p, (const unsigned char *)p + n };
	struct wirebuf group, scope, record;
	enum otlp_signal sig;

	while (n > 0 && descend(&all, 1, &group)) {
		while (descend(&group, 2, &scope)) {
			while (descend(&scope, 2, &record)) {
				sig = sniff_record(record);
				if (sig != OTLP_SIGNAL_UNKNOWN)
					return sig;
			}
		}
	}
	return OTLP_SIGNAL_UNKNOWN;
}

/* The signal of a JSON request that has been decoded, for the answer. */
static enum otlp_signal
json_signal(const char *p, size_t n)
{
	struct json_val v;
	const char *why;

	if (!json_parse(p, n, &v, &why))
		return OTLP_SIGNAL_UNKNOWN;
	if (json_get(v, "resourceLogs").type != JSON_NONE)
		return OTLP_LOGS;
	if (json_get(v, "resourceMetrics").type != JSON_NONE)
		return OTLP_METRICS;
	return OTLP_TRACES;
}

unsigned
decode_request(enum wire w, enum otlp_signal *sig, const char *p, size_t n,
    struct buf *out, struct otlp_tally *t, struct err *e)
{
	int rc;

	if (w == WIRE_PROTOBUF && n == 0)
		return 200;
	if (w == WIRE_PROTOBUF && *sig == OTLP_SIGNAL_UNKNOWN) {
		*sig = decode_sniff(p, n);
		if (*sig == OTLP_SIGNAL_UNKNOWN) {
			(void)err_set(e, "cannot tell whether these are "
			    "traces, logs or metrics");
			return 400;
		}
	}
	if (w == WIRE_PROTOBUF)
		rc = otlp_decode_pb(*sig, p, n, out, t, e);
	else
		rc = otlp_decode_json(*sig, p, n, out, t, e);
	if (rc == 0) {
		if (*sig == OTLP_SIGNAL_UNKNOWN && t->refused > 0)
			*sig = json_signal(p, n);
		return 200;
	}
	if (out->err == 0)
		return 400;
	rc = out->err;
	out->err = 0;
	if (rc == ENOMEM) {
		(void)err_set(e, "out of memory");
		return 503;
	}
	(void)err_set(e, "the request becomes more than %zu bytes of records",
	    out->max);
	return 413;
}
