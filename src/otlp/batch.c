/*
 * struct otlp_batch: records are encoded as they are added, each into its
 * group: resource, in it scope, in it (metrics) metric. A group is known by
 * the very bytes of the record's members that make it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "json/write.h"
#include "otlp/encode.h"
#include "otlp/jsout.h"
#include "otlp/otlp.h"
#include "otlp/pbout.h"
#include "otlp/schema.h"
#include "otlp/text.h"

#define NONE		SIZE_MAX
#define BUCKETS		256
#define MAX_CHAIN	16	/* groups looked at before a new one is made */

enum level { RESOURCE, SCOPE, METRIC, LEVELS };

struct group {
	uint64_t			 hash;
	struct buf			 key;
	struct buf			 head;	/* fields before the items */
	struct buf			 tail;	/* fields behind them */
	struct buf			 items;	/* encoded records */
	const struct schema_metric	*type;	/* level METRIC */
	enum level			 level;
	size_t				 chain;	/* of equal bucket */
	size_t				 child, last_child, next;
	size_t				 size;	/* set by finish */
};

struct otlp_batch {
	const struct schema_signal	*sig;
	enum record_kind		 kind;
	bool				 json;
	size_t				 count, bytes;
	struct group			*group;
	size_t				 n, cap;
	size_t				 first, last;	/* of the resources */
	size_t				 recent;	/* leaf used last */
	size_t				 bucket[BUCKETS];
	struct buf			 item, key, head, tail;
};

/* What is to be added: its place and its members. */
struct place {
	struct encode_group		 of;
	const struct schema_metric	*type;
	struct encode_vals		 val[3];   /* item; metric's head, data */
	size_t				 nval;
	size_t				 end[LEVELS];	/* of the key, by level */
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
	b->first = b->last = b->recent = NONE;
	for (size_t i = 0; i < BUCKETS; i++)
		b->bucket[i] = NONE;
	return b;
}

static void
clear(struct otlp_batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		buf_fini(&b->group[i].key);
		buf_fini(&b->group[i].head);
		buf_fini(&b->group[i].tail);
		buf_fini(&b->group[i].items);
	}
	b->n = b->count = b->bytes = 0;
	b->first = b->last = b->recent = NONE;
	for (size_t i = 0; i < BUCKETS; i++)
		b->bucket[i] = NONE;
}

void
otlp_batch_free(struct otlp_batch *b)
{
	if (b == NULL)
		return;
	clear(b);
	free(b->group);
	buf_fini(&b->item);
	buf_fini(&b->key);
	buf_fini(&b->head);
	buf_fini(&b->tail);
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
	return b->bytes;
}

/* ---- which group ---- */

static uint64_t
hash_of(const char *p, size_t n)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);	/* FNV-1a */

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * UINT64_C(0x100000001b3);
	return h;
}

/* A zero byte cannot be in JSON, so parts never run into each other. */
static void
key_part(struct buf *key, struct json_val v)
{
	if (v.type != JSON_NONE)
		buf_add(key, v.p, v.n);
	buf_addc(key, '\0');
}

static void
make_key(struct otlp_batch *b, struct place *at)
{
	buf_reset(&b->key);
	key_part(&b->key, at->of.resource);
	key_part(&b->key, at->of.resource_info);
	at->end[RESOURCE] = b->key.n;
	key_part(&b->key, at->of.scope);
	at->end[SCOPE] = b->key.n;
	key_part(&b->key, at->of.type);
	for (size_t i = 1; i < at->nval; i++)
		for (size_t k = 0; k < at->val[i].m->n; k++)
			key_part(&b->key, at->val[i].v[k]);
	at->end[METRIC] = b->key.n;
}

static bool
same(const struct group *g, enum level level, const char *key, size_t n)
{
	return g->level == level && g->key.n == n &&
	    memcmp(g->key.p, key, n) == 0;
}

static size_t
find(const struct otlp_batch *b, enum level level, size_t n, uint64_t hash)
{
	size_t i = b->bucket[hash % BUCKETS];

	for (int looked = 0; i != NONE && looked < MAX_CHAIN; looked++) {
		if (b->group[i].hash == hash &&
		    same(&b->group[i], level, b->key.p, n))
			return i;
		i = b->group[i].chain;
	}
	return NONE;
}

/* ---- the fields of a group ---- */

static void
put_url(struct encode *c, struct json_val v)
{
	static const struct schema_row row = {
	    .key = ",\"schema_url\":", .json = "schemaUrl", .klen = 14,
	    .jlen = 9, .number = GROUP_SCHEMA_URL, .kind = K_STR };

	if (v.type != JSON_NONE)
		(void)c->row(c, &row, v);	/* a string: cannot fail */
}

/* Its "schema_url", which is the group's; it must be a string. */
static int
take_url(struct encode *c, struct json_val object, struct json_val *url)
{
	*url = json_get(object, "schema_url");
	if (url->type == JSON_NULL)
		url->type = JSON_NONE;
	if (url->type != JSON_NONE && url->type != JSON_STRING)
		return err_set(c->e, "schema_url: string expected");
	return 0;
}

/* A message as the first field of its group; nothing if it is empty. */
static int
put_head(struct encode *c, bool json, const char *name,
    const struct encode_vals *vals)
{
	size_t tag = c->out->n, mark;

	if (json) {
		jsout_key(c->out, name, strlen(name));
		buf_addc(c->out, '{');
		mark = c->out->n;
	} else
		mark = pbout_begin(c->out, GROUP_HEAD);
	if (encode_rows(c, vals) == -1)
		return -1;
	if (c->out->n == mark)
		c->out->n = tag;
	else if (json)
		buf_addc(c->out, '}');
	else
		pbout_end(c->out, mark);
	return 0;
}

static int
resource_fields(struct otlp_batch *b, struct encode *c,
    const struct place *at, struct json_val *url)
{
	struct encode_vals v;

	encode_vals_init(&v, &schema_resource);
	if (at->of.resource_info.type != JSON_NONE &&
	    (encode_collect(c, at->of.resource_info, &v, 1, NULL) == -1 ||
	    take_url(c, at->of.resource_info, url) == -1))
		return -1;
	v.v[v.m->n - 1] = at->of.resource;	/* the attributes */
	return put_head(c, b->json, "resource", &v);
}

static int
scope_fields(struct otlp_batch *b, struct encode *c, const struct place *at,
    struct json_val *url)
{
	struct encode_vals v;

	encode_vals_init(&v, &schema_scope);
	if (at->of.scope.type != JSON_NONE &&
	    (encode_collect(c, at->of.scope, &v, 1, NULL) == -1 ||
	    take_url(c, at->of.scope, url) == -1))
		return -1;
	return put_head(c, b->json, "scope", &v);
}

/* Fills b->head and b->tail for a new group of that level. */
static int
group_fields(struct otlp_batch *b, struct encode *c, const struct place *at,
    enum level level)
{
	struct json_val url = { NULL, 0, JSON_NONE };
	int rc;

	buf_reset(&b->head);
	buf_reset(&b->tail);
	c->out = &b->head;
	if (level == RESOURCE)
		rc = resource_fields(b, c, at, &url);
	else if (level == SCOPE)
		rc = scope_fields(b, c, at, &url);
	else
		rc = encode_rows(c, &at->val[1]);
	c->out = &b->tail;
	if (rc == 0 && level == METRIC)
		rc = encode_rows(c, &at->val[2]);
	if (rc == 0)
		put_url(c, url);
	if (rc == 0 && (b->head.err != 0 || b->tail.err != 0))
		rc = err_set(c->e, "out of memory");
	return rc;
}

/* ---- groups ---- */

static void
take_buf(struct buf *to, struct buf *from)
{
	*to = *from;
	buf_init(from, 0);
}

/* Links group i as the last child of parent. */
static void
link_child(struct otlp_batch *b, size_t parent, size_t i)
{
	size_t *first = parent == NONE ? &b->first : &b->group[parent].child;
	size_t *last = parent == NONE ? &b->last :
	    &b->group[parent].last_child;

	if (*last == NONE)
		*first = i;
	else
		b->group[*last].next = i;
	*last = i;
}

static size_t
new_group(struct otlp_batch *b, struct encode *c, const struct place *at,
    enum level level, size_t parent, uint64_t hash)
{
	struct group *g;

	if (group_fields(b, c, at, level) == -1)
		return NONE;
	if (b->n == b->cap) {
		size_t cap = b->cap != 0 ? 2 * b->cap : 8;

		g = reallocarray(b->group, cap, sizeof(*g));
		if (g == NULL) {
			(void)err_set(c->e, "out of memory");
			return NONE;
		}
		b->group = g;
		b->cap = cap;
	}
	g = &b->group[b->n];
	memset(g, 0, sizeof(*g));
	g->level = level;
	g->type = at->type;
	g->hash = hash;
	g->child = g->last_child = g->next = NONE;
	buf_add(&g->key, b->key.p, at->end[level]);
	if (g->key.err != 0) {
		(void)err_set(c->e, "out of memory");
		return NONE;
	}
	take_buf(&g->head, &b->head);
	take_buf(&g->tail, &b->tail);
	g->chain = b->bucket[hash % BUCKETS];
	b->bucket[hash % BUCKETS] = b->n;
	link_child(b, parent, b->n);
	b->bytes += g->head.n + g->tail.n;
	return b->n++;
}

/*
 * The group of that level for the record; it is made if there is none, but
 * only after the fields of all that must be made were found to be right.
 */
static size_t
group_of(struct otlp_batch *b, struct encode *c, const struct place *at,
    enum level leaf)
{
	size_t i = NONE, parent = NONE;

	for (unsigned level = RESOURCE; level <= leaf; level++)
		if (group_fields(b, c, at, level) == -1)
			return NONE;
	for (unsigned level = RESOURCE; level <= leaf; level++) {
		uint64_t hash = hash_of(b->key.p, at->end[level]);

		i = find(b, level, at->end[level], hash);
		if (i == NONE)
			i = new_group(b, c, at, level, parent, hash);
		if (i == NONE)
			return NONE;
		parent = i;
	}
	return i;
}

/* ---- adding ---- */

static int
metric_place(struct encode *c, struct place *at, struct json_val type)
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
encode_item(struct otlp_batch *b, struct encode *c, const struct place *at)
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
	if (b->item.err != 0 || b->key.err != 0)
		return err_set(c->e, "out of memory");
	return 0;
}

int
otlp_batch_add(struct otlp_batch *b, const struct record *r, struct err *e)
{
	struct json_val top = { NULL, 0, JSON_NONE };
	struct encode c = { .r = r, .e = e,
	    .row = b->json ? jsout_row : pbout_row };
	enum level leaf = b->kind == RECORD_METRIC ? METRIC : SCOPE;
	struct place at = { .nval = 1 };
	struct group *g;
	size_t i;

	if (r->kind != b->kind)
		return err_set(e, "not a %s record", b->sig->record);
	if (leaf != METRIC)
		encode_vals_init(&at.val[0], b->sig->item);
	else if (metric_place(&c, &at, r->field[F_TYPE]) == -1)
		return -1;
	if (encode_collect(&c, top, at.val, at.nval, &at.of) == -1)
		return -1;
	make_key(b, &at);
	if (encode_item(b, &c, &at) == -1)
		return -1;
	i = b->recent;
	if (i == NONE || !same(&b->group[i], leaf, b->key.p, at.end[leaf]))
		i = group_of(b, &c, &at, leaf);
	if (i == NONE)
		return -1;
	g = &b->group[i];
	if (b->json && g->items.n > 0)
		buf_addc(&b->group[i].items, ',');
	buf_add(&g->items, b->item.p, b->item.n);
	if (g->items.err != 0) {
		g->items.err = 0;
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
group_size(struct otlp_batch *b, struct group *g)
{
	size_t n;

	if (g->level == METRIC) {
		n = data_size(g);
		g->size = g->head.n + pbout_len_size(g->type->number, n) + n;
		return g->size;
	}
	g->size = g->head.n + g->items.n + g->tail.n;
	for (size_t i = g->child; i != NONE; i = b->group[i].next) {
		n = group_size(b, &b->group[i]);	/* three levels */
		g->size += pbout_len_size(GROUP_ITEMS, n) + n;
	}
	return g->size;
}

static void
put_pb(struct otlp_batch *b, const struct group *g, struct buf *out)
{
	pbout_len(out, g->level == RESOURCE ? (unsigned)REQUEST_RESOURCE :
	    (unsigned)GROUP_ITEMS, g->size);
	buf_add(out, g->head.p, g->head.n);
	if (g->level == METRIC)
		pbout_len(out, g->type->number, data_size(g));
	for (size_t i = g->child; i != NONE; i = b->group[i].next)
		put_pb(b, &b->group[i], out);
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
put_js(struct otlp_batch *b, const struct group *g, struct buf *out)
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
	for (size_t i = g->child; i != NONE; i = b->group[i].next)
		put_js(b, &b->group[i], out);
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
	for (size_t i = b->first; i != NONE; i = b->group[i].next) {
		if (b->json) {
			put_js(b, &b->group[i], out);
			continue;
		}
		(void)group_size(b, &b->group[i]);
		put_pb(b, &b->group[i], out);
	}
	if (b->json)
		buf_adds(out, "]}");
	if (out->err != 0) {
		out->n = mark;
		return -1;
	}
	clear(b);
	return 0;
}
