/* otlp_decode_pb: the groups of a request, and the records in them. */
#include "otlp/otlp.h"
#include "otlp/pbfields.h"
#include "otlp/pbin.h"

/*
 * Resource and scope may stand behind what they describe, so a group is
 * walked twice: for its head, then for its items.
 */
struct group {
	const char	*head, *head_end;
	struct buf	 url;		/* a JSON string, or empty */
};

static int
group_head(struct decode *d, const struct wire_field *g, struct group *head)
{
	struct wire w = { g->p, g->end };
	struct wire_field f;
	int rc;

	head->head = head->head_end = (const char *)g->end;
	buf_reset(&head->url);
	while ((rc = pbfields_next(d, &w, &f)) == 1) {
		if (f.number < GROUP_HEAD || f.number > GROUP_SCHEMA_URL)
			continue;
		if (f.type != WIRE_LEN)
			return decode_fail(d, "field of a wrong wire type",
			    f.tag);
		if (f.number == GROUP_HEAD) {
			head->head = (const char *)f.p;
			head->head_end = (const char *)f.end;
		} else if (f.number == GROUP_SCHEMA_URL) {
			buf_reset(&head->url);
			if (f.p < f.end)
				pbin_string(d, &head->url,
				    (const char *)f.p, (const char *)f.end);
		}
	}
	return rc;
}

static int
put_item(struct decode *d, const struct schema_msg *m,
    const struct wire_field *f)
{
	struct slots s;
	int rc;

	rc = pbfields_collect(d, m, (const char *)f->p, (const char *)f->end, &s);
	if (rc != 1)
		return rc;
	if (!decode_complete(d, m, &s))
		return 0;
	return decode_record(d, m, &s, (const char *)f->tag);
}

/* The data message of a metric, the last if there are several. */
static int
metric_data(struct decode *d, const struct wire_field *metric,
    const struct schema_metric **type, struct wire_field *data)
{
	struct wire w = { metric->p, metric->end };
	struct wire_field f;
	int rc;

	*type = NULL;
	while ((rc = pbfields_next(d, &w, &f)) == 1)
		for (size_t i = 0; i < METRIC_TYPES; i++)
			if (schema_metric[i].number == f.number) {
				if (f.type != WIRE_LEN)
					return decode_fail(d,
					    "field of a wrong wire type",
					    f.tag);
				*type = &schema_metric[i];
				*data = f;
			}
	return rc;
}

static int
put_metric(struct decode *d, const struct wire_field *metric)
{
	const struct schema_metric *type;
	struct slots head, data;
	struct wire_field f, msg = { 0 };
	struct wire w;
	int rc;

	if (metric_data(d, metric, &type, &msg) == -1)
		return -1;
	if (type == NULL)
		return 0;	/* no data, no record */
	if (pbfields_collect(d, &schema_metric_head, (const char *)metric->p,
	    (const char *)metric->end, &head) == -1 ||
	    pbfields_collect(d, type->data, (const char *)msg.p,
	    (const char *)msg.end, &data) == -1 ||
	    decode_metric(d, &head, type, &data) == -1)
		return -1;
	w = (struct wire){ msg.p, msg.end };
	while ((rc = pbfields_next(d, &w, &f)) == 1) {
		if (f.number != DATA_POINTS)
			continue;
		if (f.type != WIRE_LEN)
			return decode_fail(d, "field of a wrong wire type",
			    f.tag);
		if (put_item(d, type->point, &f) == -1)
			return -1;
	}
	return rc;
}

static int
put_scope(struct decode *d, const struct wire_field *g, struct group *head)
{
	struct wire w = { g->p, g->end };
	struct wire_field f;
	struct slots s;
	int rc;

	if (group_head(d, g, head) == -1 ||
	    pbfields_collect(d, &schema_scope, head->head, head->head_end,
	    &s) == -1 || decode_scope(d, &s, &head->url) == -1)
		return -1;
	while ((rc = pbfields_next(d, &w, &f)) == 1) {
		if (f.number != GROUP_ITEMS)
			continue;
		if (d->sig == &schema_signal[OTLP_METRICS]) {
			if (put_metric(d, &f) == -1)
				return -1;
		} else if (put_item(d, d->sig->item, &f) == -1)
			return -1;
	}
	return rc;
}

static int
put_resource(struct decode *d, const struct wire_field *g, struct group *head)
{
	struct wire w = { g->p, g->end };
	struct wire_field f;
	struct slots s;
	int rc;

	if (group_head(d, g, head) == -1 ||
	    pbfields_collect(d, &schema_resource, head->head, head->head_end,
	    &s) == -1 || decode_resource(d, &s, &head->url) == -1)
		return -1;
	while ((rc = pbfields_next(d, &w, &f)) == 1)
		if (f.number == GROUP_ITEMS && put_scope(d, &f, head) == -1)
			return -1;
	return rc;
}

static int
put_request(struct decode *d, const char *p, size_t n, struct group *head)
{
	struct wire w = { (const unsigned char *)p,
	    (const unsigned char *)p + n };
	struct wire_field f;
	int rc;

	while ((rc = pbfields_next(d, &w, &f)) == 1) {
		if (f.number != REQUEST_RESOURCE)
			continue;
		if (f.type != WIRE_LEN)
			return decode_fail(d, "field of a wrong wire type",
			    f.tag);
		if (put_resource(d, &f, head) == -1)
			return -1;
	}
	return rc;
}

int
otlp_decode_pb(enum otlp_signal sig, const void *p, size_t n, struct buf *out,
    struct otlp_tally *t, struct err *e)
{
	size_t mark = out->n;
	struct group head;
	struct decode d;
	int rc;

	if (sig >= OTLP_SIGNAL_UNKNOWN)
		return err_set(e, "a protobuf request of unknown signal");
	if (n == 0)
		p = "";		/* it may be NULL */
	decode_init(&d, sig, out, p);
	d.put = pbin_put;
	buf_init(&head.url, out->max);
	rc = put_request(&d, p, n, &head);
	buf_fini(&head.url);
	return decode_fini(&d, rc, mark, t, e);
}
