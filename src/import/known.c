#include "import/known.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/enc.h"
#include "base/file.h"
#include "json/scan.h"
#include "json/write.h"

#define STATE_MAX	((size_t)4 << 30)
#define HEAD		"{\"aitrace\":\"import-state\",\"version\":1}\n"

void
known_fini(struct known *k)
{
	struct known_session *s;

	while ((s = k->first) != NULL) {
		k->first = s->next;
		buf_fini(&s->spans);
		buf_fini(&s->calls);
		free(s->name);
		free(s);
	}
	map_fini(&k->map);
	once_fini(&k->written);
}

struct known_session *
known_session(struct known *k, const char *name, size_t n)
{
	const uint64_t hash = once_hash(0, name, n);
	struct known_session *s = map_get(&k->map, hash);

	if (s != NULL)
		return s;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return NULL;
	s->name = strndup(name, n);
	if (s->name == NULL || map_put(&k->map, hash, s) == -1) {
		free(s->name);
		free(s);
		return NULL;
	}
	s->next = k->first;
	k->first = s;
	return s;
}

/* ---- reading --------------------------------------------------------------------------- */

static uint64_t
word(const struct buf *b, size_t i)
{
	uint64_t v;

	memcpy(&v, b->p + i * sizeof(v), sizeof(v));
	return v;
}

static int
decode(struct buf *b, struct json_val v, size_t unit)
{
	if (v.type != JSON_STRING ||
	    enc_unbase64(b, v.p + 1, v.n - 2) == -1 || b->n % unit != 0)
		return -1;
	return 0;
}

/* 0, or -1: no line of ours, or out of memory. */
static int
load_line(struct known *k, struct json_val line, struct once *once)
{
	struct json_val name = json_get(line, "session");
	struct buf text = { 0 };
	struct known_session *s = NULL;
	const char *p;
	int64_t look;
	size_t n;

	p = json_str(name, &text, &n);
	if (p != NULL && json_int(json_get(line, "look"), &look) == 0)
		s = known_session(k, p, n);
	buf_fini(&text);
	if (s == NULL || decode(&s->spans, json_get(line, "spans"), 8) == -1 ||
	    decode(&s->calls, json_get(line, "calls"), 16) == -1)
		return -1;
	s->look = (uint64_t)look;
	for (size_t i = 0; i < s->spans.n / 8; i++)
		if (once_put(&k->written, word(&s->spans, i), 0) == -1)
			return -1;
	for (size_t i = 0; i < s->calls.n / 8; i += 2)
		if (once_put(once, word(&s->calls, i),
		    word(&s->calls, i + 1)) == -1)
			return -1;
	return 0;
}

int
known_load(struct known *k, const char *path, struct once *once,
    struct err *e)
{
	struct buf b = { 0 };
	const char *p, *end, *nl, *why;
	struct json_val v;
	int res = 0;

	if (access(path, F_OK) == -1 && errno == ENOENT)
		return 0;
	if (file_read(path, STATE_MAX, &b, e) == -1) {
		buf_fini(&b);
		return -1;
	}
	p = b.p != NULL ? b.p : "";
	end = p + b.n;
	if (b.n < sizeof(HEAD) - 1 || memcmp(p, HEAD, sizeof(HEAD) - 1) != 0)
		res = err_set(e, "%s: not a state of aitrace-import", path);
	for (p += sizeof(HEAD) - 1; res == 0 && p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (nl == NULL || !json_parse(p, (size_t)(nl - p), &v, &why) ||
		    v.type != JSON_OBJECT || load_line(k, v, once) == -1) {
			res = err_set(e, "%s: damaged", path);
			break;
		}
	}
	buf_fini(&b);
	return res;
}

/* ---- writing --------------------------------------------------------------------------- */

static void
save_line(struct buf *b, const struct known_session *s)
{
	buf_adds(b, "{\"session\":");
	(void)json_put_cstr(b, s->name);
	buf_adds(b, ",\"look\":");
	buf_addi(b, (int64_t)s->look);
	buf_adds(b, ",\"spans\":\"");
	enc_base64(b, s->spans.p, s->spans.n);
	buf_adds(b, "\",\"calls\":\"");
	enc_base64(b, s->calls.p, s->calls.n);
	buf_adds(b, "\"}\n");
}

int
known_save(struct known *k, const char *path, struct err *e)
{
	struct buf b = { 0 };
	int res;

	if (!k->changed)
		return 0;
	buf_adds(&b, HEAD);
	for (const struct known_session *s = k->first; s != NULL; s = s->next)
		save_line(&b, s);
	if (b.err != 0)
		res = err_set(e, "%s: out of memory", path);
	else
		res = file_write_atomic(path, b.p, b.n, 0600, e);
	buf_fini(&b);
	k->changed = k->changed && res == -1;
	return res;
}
