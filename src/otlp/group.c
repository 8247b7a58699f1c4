#include "otlp/group.h"

#include <stdlib.h>
#include <string.h>

#include "otlp/jsout.h"
#include "otlp/pbout.h"

#define MAX_CHAIN	16	/* groups looked at before a new one is made */

static void
forget(struct groups *g)
{
	g->n = g->bytes = 0;
	g->first = g->last = GROUP_NONE;
	for (size_t i = 0; i < GROUP_BUCKETS; i++)
		g->bucket[i] = GROUP_NONE;
}

void
groups_init(struct groups *g, bool json)
{
	memset(g, 0, sizeof(*g));
	g->json = json;
	forget(g);
}

void
groups_clear(struct groups *g)
{
	for (size_t i = 0; i < g->n; i++) {
		buf_fini(&g->v[i].key);
		buf_fini(&g->v[i].head);
		buf_fini(&g->v[i].tail);
		buf_fini(&g->v[i].items);
	}
	forget(g);
}

void
groups_fini(struct groups *g)
{
	groups_clear(g);
	free(g->v);
	buf_fini(&g->key);
	buf_fini(&g->head);
	buf_fini(&g->tail);
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

void
groups_key(struct groups *g, struct group_place *at)
{
	buf_reset(&g->key);
	key_part(&g->key, at->of.resource);
	key_part(&g->key, at->of.resource_info);
	at->end[RESOURCE] = g->key.n;
	key_part(&g->key, at->of.scope);
	at->end[SCOPE] = g->key.n;
	key_part(&g->key, at->of.type);
	for (size_t i = 1; i < at->nval; i++)
		for (size_t k = 0; k < at->val[i].m->n; k++)
			key_part(&g->key, at->val[i].v[k]);
	at->end[METRIC] = g->key.n;
}

static bool
same(const struct groups *g, size_t i, enum group_level level, size_t n)
{
	const struct group *one = &g->v[i];

	return one->level == level && one->key.n == n &&
	    memcmp(one->key.p, g->key.p, n) == 0;
}

bool
groups_same(const struct groups *g, size_t i, enum group_level level,
    const struct group_place *at)
{
	return same(g, i, level, at->end[level]);
}

static size_t
find(const struct groups *g, enum group_level level, size_t n, uint64_t hash)
{
	size_t i = g->bucket[hash % GROUP_BUCKETS];

	for (int looked = 0; i != GROUP_NONE && looked < MAX_CHAIN; looked++) {
		if (g->v[i].hash == hash && same(g, i, level, n))
			return i;
		i = g->v[i].chain;
	}
	return GROUP_NONE;
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
resource_fields(struct groups *g, struct encode *c,
    const struct group_place *at, struct json_val *url)
{
	struct encode_vals v;

	encode_vals_init(&v, &schema_resource);
	if (at->of.resource_info.type != JSON_NONE &&
	    (encode_collect(c, at->of.resource_info, &v, 1, NULL) == -1 ||
	    take_url(c, at->of.resource_info, url) == -1))
		return -1;
	v.v[v.m->n - 1] = at->of.resource;	/* the attributes */
	return put_head(c, g->json, "resource", &v);
}

static int
scope_fields(struct groups *g, struct encode *c, const struct group_place *at,
    struct json_val *url)
{
	struct encode_vals v;

	encode_vals_init(&v, &schema_scope);
	if (at->of.scope.type != JSON_NONE &&
	    (encode_collect(c, at->of.scope, &v, 1, NULL) == -1 ||
	    take_url(c, at->of.scope, url) == -1))
		return -1;
	return put_head(c, g->json, "scope", &v);
}

/* Fills g->head and g->tail for a new group of that level. */
static int
group_fields(struct groups *g, struct encode *c, const struct group_place *at,
    enum group_level level)
{
	struct json_val url = { NULL, 0, JSON_NONE };
	int rc;

	buf_reset(&g->head);
	buf_reset(&g->tail);
	c->out = &g->head;
	if (level == RESOURCE)
		rc = resource_fields(g, c, at, &url);
	else if (level == SCOPE)
		rc = scope_fields(g, c, at, &url);
	else
		rc = encode_rows(c, &at->val[1]);
	c->out = &g->tail;
	if (rc == 0 && level == METRIC)
		rc = encode_rows(c, &at->val[2]);
	if (rc == 0)
		put_url(c, url);
	if (rc == 0 && (g->head.err != 0 || g->tail.err != 0))
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
link_child(struct groups *g, size_t parent, size_t i)
{
	size_t *first = parent == GROUP_NONE ? &g->first : &g->v[parent].child;
	size_t *last = parent == GROUP_NONE ? &g->last :
	    &g->v[parent].last_child;

	if (*last == GROUP_NONE)
		*first = i;
	else
		g->v[*last].next = i;
	*last = i;
}

static size_t
new_group(struct groups *g, struct encode *c, const struct group_place *at,
    enum group_level level, size_t parent, uint64_t hash)
{
	struct group *one;

	if (group_fields(g, c, at, level) == -1)
		return GROUP_NONE;
	if (g->n == g->cap) {
		size_t cap = g->cap != 0 ? 2 * g->cap : 8;

		one = reallocarray(g->v, cap, sizeof(*one));
		if (one == NULL) {
			(void)err_set(c->e, "out of memory");
			return GROUP_NONE;
		}
		g->v = one;
		g->cap = cap;
	}
	one = &g->v[g->n];
	memset(one, 0, sizeof(*one));
	one->level = level;
	one->type = at->type;
	one->hash = hash;
	one->child = one->last_child = one->next = GROUP_NONE;
	buf_add(&one->key, g->key.p, at->end[level]);
	if (one->key.err != 0) {
		(void)err_set(c->e, "out of memory");
		buf_fini(&one->key);
		return GROUP_NONE;
	}
	take_buf(&one->head, &g->head);
	take_buf(&one->tail, &g->tail);
	one->chain = g->bucket[hash % GROUP_BUCKETS];
	g->bucket[hash % GROUP_BUCKETS] = g->n;
	link_child(g, parent, g->n);
	g->bytes += one->head.n + one->tail.n;
	return g->n++;
}

/*
 * A group is made only after the fields of all that must be made were found
 * to be right, so that no empty ones are left behind.
 */
static int
check_fields(struct groups *g, struct encode *c,
    const struct group_place *at, enum group_level leaf)
{
	for (unsigned level = RESOURCE; level <= leaf; level++)
		if (group_fields(g, c, at, level) == -1)
			return -1;
	return 0;
}

size_t
groups_get(struct groups *g, struct encode *c, const struct group_place *at,
    enum group_level leaf)
{
	uint64_t hash = hash_of(g->key.p, at->end[leaf]);
	size_t i = find(g, leaf, at->end[leaf], hash), parent = GROUP_NONE;

	if (i != GROUP_NONE)
		return i;
	if (check_fields(g, c, at, leaf) == -1)
		return GROUP_NONE;
	for (unsigned level = RESOURCE; level <= leaf; level++) {
		hash = hash_of(g->key.p, at->end[level]);
		i = find(g, level, at->end[level], hash);
		if (i == GROUP_NONE)
			i = new_group(g, c, at, level, parent, hash);
		if (i == GROUP_NONE)
			return GROUP_NONE;
		parent = i;
	}
	return i;
}
