/* otlp_decode_json: the groups of a request, and the records in them. */
#include <string.h>

#include "otlp/jsin.h"
#include "otlp/text.h"

/*
 * A group, Resource* or Scope*. Its head usually stands before its items,
 * which are then written as they are met. When more of the head follows (a
 * schema URL often does), they are written again, with all that is known.
 */
struct group {
	const struct schema_msg	*head;
	const char		*head_name;
	const char		*items, *items_snake;
	int	(*render)(struct decode *d, const struct slots *s,
		    const struct buf *url);
	int	(*item)(struct decode *d, struct jsin *c);
};

/* Where the items are, and how to forget what was written of them. */
struct again {
	struct jsin		items;
	size_t			mark;
	struct otlp_tally	tally;
	bool			stale;	/* written with half a head */
};

static int
put_items(struct decode *d, const struct group *g, const struct slots *s,
    const struct buf *url, struct jsin *c)
{
	bool first = true;
	int rc;

	if (g->render(d, s, url) == -1 || jsin_open(d, c, '[') == -1)
		return -1;
	while ((rc = jsin_element(d, c, &first)) == 1)
		if (!jsin_null(c) && g->item(d, c) == -1)
			return -1;
	return rc;
}

/* One member of the group. */
static int
group_member(struct decode *d, const struct group *g, struct jsin *c,
    const struct jsin_name *name, struct slots *s, struct buf *url,
    struct again *a)
{
	const char *p, *end;
	bool esc;

	if (jsin_is(name, g->head_name, g->head_name)) {
		a->stale = a->items.p != NULL;
		return jsin_collect(d, g->head, c, s, false) == -1 ? -1 : 0;
	}
	if (jsin_is(name, "schemaUrl", "schema_url")) {
		if (jsin_string(d, c, &p, &end, &esc) == -1)
			return -1;
		if (url->n > 0 || p < end)
			a->stale = a->items.p != NULL;
		buf_reset(url);
		if (p < end)
			d->tally.bad_utf8 += text_string(url, p, end, esc);
		return 0;
	}
	if (!jsin_is(name, g->items, g->items_snake))
		return jsin_skip(d, c, NULL);
	if (a->items.p != NULL) {	/* repeated: the last counts */
		d->out->n = a->mark;
		d->tally = a->tally;
	}
	a->stale = false;
	a->items = *c;
	a->mark = d->out->n;
	a->tally = d->tally;
	return put_items(d, g, s, url, c);
}

static int
put_group(struct decode *d, const struct group *g, struct jsin *c)
{
	struct again a = { .items = { NULL, NULL } };
	struct buf url = { 0 };
	struct slots s = { .seen = 0 };
	struct jsin_name name;
	bool first = true;
	int rc;

	if (jsin_open(d, c, '{') == -1)
		return -1;
	buf_init(&url, d->out->max);
	while ((rc = jsin_member(d, c, &first, &name)) == 1)
		if (group_member(d, g, c, &name, &s, &url, &a) == -1) {
			rc = -1;
			break;
		}
	if (rc == 0 && a.stale) {
		d->out->n = a.mark;
		d->tally = a.tally;
		rc = put_items(d, g, &s, &url, &a.items);
	}
	if (url.err != 0)
		d->attrs.err = url.err;	/* told by decode_fini */
	buf_fini(&url);
	return rc;
}

/* ---- records ---- */

static int
put_record(struct decode *d, const struct schema_msg *m, struct jsin *c)
{
	const char *at = c->p;
	struct slots s;
	int rc;

	rc = jsin_collect(d, m, c, &s, true);
	if (rc != 1)
		return rc;
	if (!decode_complete(d, m, &s))
		return 0;
	return decode_record(d, m, &s, at);
}

static int
put_span_or_log(struct decode *d, struct jsin *c)
{
	return put_record(d, d->sig->item, c);
}

/* The points of a Gauge, Sum, ... object. */
static int
put_points(struct decode *d, const struct schema_metric *type, struct jsin *c)
{
	struct jsin_name name;
	bool first = true, first_point;
	int rc, more = 1;

	if (jsin_open(d, c, '{') == -1)
		return -1;
	while ((rc = jsin_member(d, c, &first, &name)) == 1) {
		if (!jsin_is(&name, "dataPoints", "data_points")) {
			if (jsin_skip(d, c, NULL) == -1)
				return -1;
			continue;
		}
		if (jsin_open(d, c, '[') == -1)
			return -1;
		first_point = true;
		while ((more = jsin_element(d, c, &first_point)) == 1)
			if (!jsin_null(c) &&
			    put_record(d, type->point, c) == -1)
				return -1;
		if (more == -1)
			return -1;
	}
	return rc;
}

/*
 * A metric's name may stand behind its points, and each point's line begins
 * with it: first the head is found, then the data, then the points.
 */
static int
put_metric(struct decode *d, struct jsin *c)
{
	const struct schema_metric *type = NULL;
	struct jsin head = *c, walk = *c, data = *c;
	struct jsin_name name;
	struct slots s, data_slots;
	bool first = true;
	int rc;

	if (jsin_skip(d, c, NULL) == -1 ||
	    jsin_collect(d, &schema_metric_head, &head, &s, false) == -1 ||
	    jsin_open(d, &walk, '{') == -1)
		return -1;
	while ((rc = jsin_member(d, &walk, &first, &name)) == 1) {
		for (size_t i = 0; i < METRIC_TYPES; i++)
			if (jsin_is(&name, schema_metric[i].json,
			    schema_metric[i].snake)) {
				type = &schema_metric[i];
				data.p = walk.p;
			}
		if (jsin_skip(d, &walk, NULL) == -1)
			return -1;
	}
	if (rc == -1 || type == NULL)
		return rc;	/* no data, no record */
	walk = data;
	if (jsin_collect(d, type->data, &walk, &data_slots, false) == -1 ||
	    decode_metric(d, &s, type, &data_slots) == -1)
		return -1;
	return put_points(d, type, &data);
}

/* ---- groups ---- */

static int
put_scope(struct decode *d, struct jsin *c)
{
	const struct group g = {
	    &schema_scope, "scope", d->sig->items, d->sig->items_snake,
	    decode_scope, d->sig == &schema_signal[OTLP_METRICS] ?
	    put_metric : put_span_or_log };

	d->metric.n = 0;
	return put_group(d, &g, c);
}

static int
put_resource(struct decode *d, struct jsin *c)
{
	const struct group g = {
	    &schema_resource, "resource", d->sig->scopes,
	    d->sig->scopes_snake, decode_resource, put_scope };

	return put_group(d, &g, c);
}

static const struct schema_signal *
signal_of(enum otlp_signal sig, const struct jsin_name *name)
{
	for (size_t i = 0; i < 3; i++)
		if ((sig == OTLP_SIGNAL_UNKNOWN || (size_t)sig == i) &&
		    jsin_is(name, schema_signal[i].resources,
		    schema_signal[i].resources_snake))
			return &schema_signal[i];
	return NULL;
}

static int
put_request(struct decode *d, enum otlp_signal sig, struct jsin *c)
{
	bool first = true, first_group, any = sig != OTLP_SIGNAL_UNKNOWN;
	struct jsin_name name;
	int rc, more;

	if (jsin_open(d, c, '{') == -1)
		return -1;
	while ((rc = jsin_member(d, c, &first, &name)) == 1) {
		d->sig = signal_of(sig, &name);
		if (d->sig == NULL) {
			if (jsin_skip(d, c, NULL) == -1)
				return -1;
			continue;
		}
		any = true;
		if (jsin_open(d, c, '[') == -1)
			return -1;
		first_group = true;
		while ((more = jsin_element(d, c, &first_group)) == 1)
			if (!jsin_null(c) && put_resource(d, c) == -1)
				return -1;
		if (more == -1)
			return -1;
	}
	if (rc == 0 && !any)
		return decode_fail(d, "no resourceSpans, resourceLogs or "
		    "resourceMetrics", d->base);
	return rc;
}

int
otlp_decode_json(enum otlp_signal sig, const char *p, size_t n,
    struct buf *out, struct otlp_tally *t, struct err *e)
{
	struct jsin c = { p, NULL };
	size_t mark = out->n;
	struct decode d;
	int rc;

	if (n == 0)
		c.p = "";	/* p may be NULL */
	c.end = c.p + n;
	decode_init(&d, sig, out, c.p);
	d.put = jsin_put;
	rc = put_request(&d, sig, &c);
	if (rc == 0) {
		c.p = json_ws(c.p, c.end);
		if (c.p != c.end)
			rc = decode_fail(&d, "text behind the request", c.p);
	}
	return decode_fini(&d, rc, mark, t, e);
}
