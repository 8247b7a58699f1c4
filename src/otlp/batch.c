/*
 * struct otlp_batch: records are encoded as they are added, each into its
 * group; finishing puts the groups around them.
 */
#include <stdlib.h>
#include <string.h>

#include "otlp/encode.h"
#include "otlp/group.h"
#include "otlp/jsout.h"
#include "otlp/otlp.h"
#include "otlp/pbout.h"

struct otlp_batch {
	const struct schema_signal	*sig;
	enum record_kind		 kind;
	bool				 json;
	size_t				 count, bytes;
	size_t				 recent;	/* group used last */
	struct groups			 groups;
	struct buf			 item;
};

struct otlp_batch *
otlp_batch_new(enum otlp_signal sig, enum otlp_format f)
{
	static const enum record_kind kind[] = { RECORD_SPAN, RECORD_LOG,
	    RECORD_METRIC };
	struct otlp_batch *b;

	if (sig >= OTLP_SIGNAL_UNKNOWN)
		return NULL;
	b = calloc(1, sizeof(*b));
	if (b == NULL)
		return NULL;
	b->sig = &schema_signal[sig];
	b->kind = kind[sig];
	b->json = f == OTLP_JSON;
	b->recent = GROUP_NONE;
	groups_init(&b->groups, b->json);
	return b;
}

void
otlp_batch_free(struct otlp_batch *b)
{
	if (b == NULL)
		return;
	groups_fini(&b->groups);
	buf_fini(&b->item);
	free(b);
}

size_t
otlp_batch_count(const struct otlp_batch *b)
{
	return b->count;
}

size_t
otlp_batch_bytes(const struct otlp_batch *b)
{
	return b->bytes + b->groups.bytes;
}

/* ---- adding ---- */

static int
metric_place(struct encode *c, struct group_place *at, struct json_val type)
{
	if (type.type != JSON_STRING)
		return err_set(c->e, "metric without type");
	for (size_t i = 0; i < METRIC_TYPES; i++)
		if (json_str_is(type, schema_metric[i].type)) {
			at->type = &schema_metric[i];
			at->nval = 3;
			encode_vals_init(&at->val[0], at->type->point);
			encode_vals_init(&at->val[1], &schema_metric_head);
			encode_vals_init(&at->val[2], at->type->data);
			return 0;
		}
	return err_set(c->e, "metric of an unknown type");
}

static int
encode_item(struct otlp_batch *b, struct encode *c, const struct group_place *at)
{
	size_t mark = 0;

	buf_reset(&b->item);
	c->out = &b->item;
	if (b->json)
		buf_addc(c->out, '{');
	else
		mark = pbout_begin(c->out, at->type != NULL ?
		    (unsigned)DATA_POINTS : (unsigned)GROUP_ITEMS);
	if (encode_rows(c, &at->val[0]) == -1)
		return -1;
	if (b->json)
		buf_addc(c->out, '}');
	else
		pbout_end(c->out, mark);
	if (b->item.err != 0 || b->groups.key.err != 0)
		return err_set(c->e, "out of memory");
	return 0;
}

int
otlp_batch_add(struct otlp_batch *b, const struct record *r, struct err *e)
{
	struct json_val top = { NULL, 0, JSON_NONE };
	struct encode c = { .r = r, .e = e,
	    .row = b->json ? jsout_row : pbout_row };
	enum group_level leaf = b->kind == RECORD_METRIC ? METRIC : SCOPE;
	struct group_place at = { .nval = 1 };
	struct buf *items;
	size_t i, mark;

	if (r->kind != b->kind)
		return err_set(e, "not a %s record", b->sig->record);
	if (leaf != METRIC)
		encode_vals_init(&at.val[0], b->sig->item);
	else if (metric_place(&c, &at, r->field[F_TYPE]) == -1)
		return -1;
	if (encode_collect(&c, top, at.val, at.nval, &at.of) == -1)
		return -1;
	groups_key(&b->groups, &at);
	if (encode_item(b, &c, &at) == -1)
		return -1;
	i = b->recent;
	if (i == GROUP_NONE || !groups_same(&b->groups, i, leaf, &at))
		i = groups_get(&b->groups, &c, &at, leaf);
	if (i == GROUP_NONE)
		return -1;
	items = &b->groups.v[i].items;
	mark = items->n;
	if (b->json && mark > 0)
		buf_addc(items, ',');
	buf_add(items, b->item.p, b->item.n);
	if (items->err != 0) {
		items->n = mark;
		items->err = 0;
		return err_set(e, "out of memory");
	}
	b->recent = i;
	b->count++;
	b->bytes += b->item.n;
	return 0;
}

/* ---- finishing, protobuf ---- */

/* Bytes of the data message of a metric. */
static size_t
data_size(const struct group *g)
{
	return g->items.n + g->tail.n;
}

static size_t
group_size(struct groups *all, struct group *g)
{
	size_t n;

	if (g->level == METRIC) {
		n = data_size(g);
		g->size = g->head.n + pbout_len_size(g->type->number, n) + n;
		return g->size;
	}
	g->size = g->head.n + g->items.n + g->tail.n;
	for (size_t i = g->child; i != GROUP_NONE; i = all->v[i].next) {
		n = group_size(all, &all->v[i]);	/* three levels */
		g->size += pbout_len_size(GROUP_ITEMS, n) + n;
	}
	return g->size;
}

static void
put_pb(const struct otlp_batch *b, const struct group *g, struct buf *out)
{
	pbout_len(out, g->level == RESOURCE ? (unsigned)REQUEST_RESOURCE :
	    (unsigned)GROUP_ITEMS, g->size);
	buf_add(out, g->head.p, g->head.n);
	if (g->level == METRIC)
		pbout_len(out, g->type->number, data_size(g));
	for (size_t i = g->child; i != GROUP_NONE; i = b->groups.v[i].next)
		put_pb(b, &b->groups.v[i], out);
	buf_add(out, g->items.p, g->items.n);
	buf_add(out, g->tail.p, g->tail.n);
}

/* ---- finishing, JSON ---- */

static void
add_members(struct buf *out, const struct buf *members)
{
	if (members->n == 0)
		return;
	if (out->n > 0 && out->p[out->n - 1] != '{')
		buf_addc(out, ',');
	buf_add(out, members->p, members->n);
}

static void
put_js(const struct otlp_batch *b, const struct group *g, struct buf *out)
{
	const char *name = g->level == RESOURCE ? b->sig->scopes :
	    g->level == SCOPE ? b->sig->items : "dataPoints";

	if (out->n > 0 && out->p[out->n - 1] == '}')
		buf_addc(out, ',');
	buf_addc(out, '{');
	add_members(out, &g->head);
	if (g->level == METRIC) {
		jsout_key(out, g->type->json, strlen(g->type->json));
		buf_addc(out, '{');
		add_members(out, &g->tail);
	}
	jsout_key(out, name, strlen(name));
	buf_addc(out, '[');
	for (size_t i = g->child; i != GROUP_NONE; i = b->groups.v[i].next)
		put_js(b, &b->groups.v[i], out);
	buf_add(out, g->items.p, g->items.n);
	buf_addc(out, ']');
	if (g->level == METRIC)
		buf_addc(out, '}');
	else
		add_members(out, &g->tail);
	buf_addc(out, '}');
}

int
otlp_batch_finish(struct otlp_batch *b, struct buf *out)
{
	size_t mark = out->n;

	if (b->json) {
		buf_addc(out, '{');
		jsout_key(out, b->sig->resources, strlen(b->sig->resources));
		buf_addc(out, '[');
	}
	for (size_t i = b->groups.first; i != GROUP_NONE; i = b->groups.v[i].next) {
		if (b->json) {
			put_js(b, &b->groups.v[i], out);
			continue;
		}
		(void)group_size(&b->groups, &b->groups.v[i]);
		put_pb(b, &b->groups.v[i], out);
	}
	if (b->json)
		buf_adds(out, "]}");
	if (out->err != 0) {
		out->n = mark;
		return -1;
	}
	groups_clear(&b->groups);
	b->count = b->bytes = 0;
	b->recent = GROUP_NONE;
	return 0;
}
