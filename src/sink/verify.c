#include "sink/verify.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/exitcode.h"
#include "base/log.h"
#include "base/sig.h"
#include "json/scan.h"
#include "net/url.h"
#include "record/ids.h"

#define ID		SPAN_ID_LEN
#define PAGE		500
#define PAGE_OLD	50		/* whole observations */
#define REPLY		(64 * 1024 * 1024)
#define LOOK		(CLOCK_S / 4)
#define TIMEOUT		(60 * CLOCK_S)
#define TOLD		20		/* ids in a line */

struct verify_trace {
	char		 id[TRACE_ID_LEN + 1];
	char		*span;		/* n ids, then n marks */
	size_t		 n, cap, found;
	bool		 asking, done;
	bool		 newer;		/* asked by the newer API */
	struct buf	 cursor;	/* of the next page, "": the first */
	size_t		 page;
	int64_t		 at;		/* when to ask (again) */
	unsigned	 rounds;
	struct verify	*owner;
};

static void
forget(struct verify *v)
{
	for (size_t i = 0; i < v->n; i++) {
		free(v->trace[i].span);
		buf_fini(&v->trace[i].cursor);
	}
	v->n = v->spans = 0;
}

void
verify_fini(struct verify *v)
{
	if (v->trace != NULL)
		forget(v);
	free(v->trace);
	v->trace = NULL;
	buf_fini(&v->text);
}

static struct verify_trace *
trace_of(struct verify *v, const char *id)
{
	struct verify_trace *t;

	/* Spans of a trace stand near each other. */
	for (size_t i = v->n; i > 0; i--)
		if (memcmp(v->trace[i - 1].id, id, TRACE_ID_LEN) == 0)
			return &v->trace[i - 1];
	if (v->trace == NULL && (v->trace = calloc(VERIFY_TRACES,
	    sizeof(*v->trace))) == NULL)
		return NULL;
	t = &v->trace[v->n++];
	memset(t, 0, sizeof(*t));
	memcpy(t->id, id, TRACE_ID_LEN);
	t->owner = v;
	return t;
}

int
verify_add(struct verify *v, const struct record *r)
{
	struct json_val trace = r->field[F_TRACE_ID];
	struct json_val span = r->field[F_SPAN_ID];
	struct verify_trace *t;
	size_t cap;
	char *p;

	if (r->kind != RECORD_SPAN || !ids_is_trace(trace) ||
	    !ids_is_span(span))
		return 0;
	if ((t = trace_of(v, trace.p + 1)) == NULL)
		return -1;
	if (t->n == t->cap) {
		cap = t->cap != 0 ? t->cap * 2 : 16;
		if ((p = reallocarray(t->span, cap, ID + 1)) == NULL)
			return -1;
		t->span = p;
		t->cap = cap;
	}
	memcpy(t->span + t->n++ * ID, span.p + 1, ID);
	return v->n == VERIFY_TRACES || ++v->spans >= VERIFY_SPANS;
}

static int
by_id(const void *a, const void *b)
{
	return memcmp(a, b, ID);
}

/* Each id once, and no mark. */
static void
sort_spans(struct verify_trace *t)
{
	size_t k = 0;

	qsort(t->span, t->n, ID, by_id);
	for (size_t i = 0; i < t->n; i++)
		if (k == 0 || memcmp(t->span + (k - 1) * ID, t->span + i * ID,
		    ID) != 0)
			memmove(t->span + k++ * ID, t->span + i * ID, ID);
	t->n = k;
	memset(t->span + t->n * ID, 0, t->n);
}

/* ---- an answer ---------------------------------------------------------- */

static void
mark(struct verify_trace *t, struct json_val id)
{
	char *p, *seen;

	if (id.type != JSON_STRING || id.n != ID + 2)
		return;
	p = bsearch(id.p + 1, t->span, t->n, ID, by_id);
	if (p == NULL)
		return;
	seen = t->span + t->n * ID + (size_t)(p - t->span) / ID;
	t->found += *seen == 0;
	*seen = 1;
}

/* All pages were read: what is missing may come later. */
static void
end_round(struct verify *v, struct verify_trace *t)
{
	int64_t now = clock_mono(v->clock);

	t->done = t->found == t->n;
	buf_reset(&t->cursor);
	t->page = 0;
	t->at = now + retry_delay(&v->retry, ++t->rounds, v->random(), -1);
}

/* A page. 0, or -1 when it is none. */
static int
take_page(struct verify *v, struct verify_trace *t, const char *p, size_t n)
{
	struct json_val all, data, meta, cursor, o;
	const char *why;
	struct json_iter it;
	int64_t pages = 0;
	bool more;

	if (!json_parse(p, n, &all, &why) || all.type != JSON_OBJECT)
		return -1;
	data = json_get(all, "data");
	meta = json_get(all, "meta");
	if (data.type != JSON_ARRAY)
		return -1;
	json_iter(&it, data);
	while (json_next_elem(&it, &o))
		if (o.type == JSON_OBJECT)
			mark(t, json_get(o, "id"));
	buf_reset(&t->cursor);
	cursor = meta.type == JSON_OBJECT ? json_get(meta, "cursor") : meta;
	if (v->old) {
		t->page++;
		o = meta.type == JSON_OBJECT ? json_get(meta, "totalPages") :
		    meta;
		more = o.type == JSON_NUMBER && json_int(o, &pages) == 0 &&
		    (int64_t)t->page < pages;
	} else
		more = cursor.type == JSON_STRING && cursor.n > 2 &&
		    json_unescape(&t->cursor, cursor) == 0;
	if (!more || t->found == t->n)
		end_round(v, t);
	return 0;
}

static void
halt(struct verify *v, int code, const char *what, const char *more)
{
	if (v->stop != 0)
		return;
	v->stop = code;
	snprintf(v->why, sizeof(v->why), "%s: %s%s%s", v->dest->name, what,
	    *more != '\0' ? ": " : "", more);
}

static void
later(struct verify *v, const struct client_reply *r)
{
	int64_t now = clock_mono(v->clock), asked = -1;

	if (r->retry_after != NULL)
		asked = retry_after(r->retry_after, clock_wall(v->clock));
	if (now >= v->not_before)
		v->failures++;
	v->not_before = now + retry_delay(&v->retry, v->failures,
	    v->random(), asked);
	if (r->trouble != CLIENT_OK)
		snprintf(v->why, sizeof(v->why), "%s: %s", v->dest->name,
		    r->why);
	else
		snprintf(v->why, sizeof(v->why), "%s: status %d",
		    v->dest->name, r->status);
	log_info("%s; will ask again", v->why);
}

static void
answered(void *arg, const struct client_reply *r)
{
	struct verify_trace *t = arg;
	struct verify *v = t->owner;
	char what[64];

	v->busy--;
	t->asking = false;
	snprintf(what, sizeof(what), "status %d", r->status);
	if (r->trouble == CLIENT_SETUP) {
		halt(v, EXIT_BADCONF, r->why, "");
	} else if (r->trouble == CLIENT_OK && (r->status == 404 ||
	    r->status == 410) && t->newer) {
		v->old = true;	/* and this one is asked again */
		buf_reset(&t->cursor);
	} else if (r->trouble != CLIENT_OK ||
	    retry_verdict(r->status) == RETRY_AGAIN) {
		later(v, r);
	} else if (retry_verdict(r->status) == RETRY_DENIED) {
		halt(v, EXIT_NOCREDS, "refuses the credentials", what);
	} else if (retry_verdict(r->status) != RETRY_DONE) {
		halt(v, EXIT_BADCONF, "cannot be asked", what);
	} else {
		v->failures = 0;
		if (take_page(v, t, r->body, r->n) == -1)
			halt(v, EXIT_UNAVAIL, "does not answer as Langfuse "
			    "does", "");
	}
}

/* ---- asking ------------------------------------------------------------- */

static void
put_escaped(struct buf *b, const char *s)
{
	for (; *s != '\0'; s++)
		if (strchr("&=+%#? ", *s) != NULL || *s < ' ')
			buf_addf(b, "%%%02X", (unsigned char)*s);
		else
			buf_addc(b, *s);
}

static int
ask(struct verify *v, struct verify_trace *t, struct err *e)
{
	const struct dest_way *w = &v->dest->way[OTLP_TRACES];
	struct client_req req = { .timeout_ns = TIMEOUT, .most = REPLY,
	    .tls = w->tls };
	struct buf url = { 0 };
	int rc;

	url_under(&url, w->url, v->old ? "/api/public/observations" :
	    "/api/public/v2/observations", "/api/public");
	buf_addf(&url, "?traceId=%s", t->id);
	if (v->old)
		buf_addf(&url, "&limit=%d&page=%zu", PAGE_OLD, t->page + 1);
	else
		buf_addf(&url, "&fields=core&limit=%d", PAGE);
	if (t->cursor.n > 0) {
		buf_adds(&url, "&cursor=");
		put_escaped(&url, buf_cstr(&t->cursor));
	}
	for (size_t i = 0; i < w->nheaders; i++)
		if (strncasecmp(w->header[i], "Authorization:", 14) == 0)
			req.secret = w->header[i];
	req.url = buf_cstr(&url);
	rc = url.err != 0 ? err_set(e, "out of memory") :
	    client_send(v->client, &req, answered, t, e);
	buf_fini(&url);
	if (rc == 0) {
		v->busy++;
		v->requests++;
		t->asking = true;
		t->newer = !v->old;
	}
	return rc;
}

/* A round once begun is ended, and everything has one. */
static bool
given_up(const struct verify *v, const struct verify_trace *t)
{
	return v->failures > 0 || (t->rounds > 0 && t->page == 0 &&
	    t->cursor.n == 0);
}

/*
 * Asks what is due; over: patience is. The time to come again, -1: nothing is
 * left to ask.
 */
static int64_t
ask_due(struct verify *v, int64_t now, bool over, struct err *e)
{
	int64_t next = -1;

	for (size_t i = 0; i < v->n && v->stop == 0; i++) {
		struct verify_trace *t = &v->trace[i];
		int64_t at = t->at > v->not_before ? t->at : v->not_before;

		if (t->done || t->asking || (over && given_up(v, t)))
			continue;
		if (at <= now && v->busy < (v->failures > 0 ? 1 :
		    v->in_flight)) {
			if (ask(v, t, e) == -1)
				halt(v, EXIT_SOFT, e->msg, "");
			continue;
		}
		if (next == -1 || at < next)
			next = at;
	}
	return next;
}

/* Writes what is missing. 0 or -1. */
static int
report(struct verify *v)
{
	int rc = 0;

	for (size_t i = 0; i < v->n && rc == 0; i++) {
		struct verify_trace *t = &v->trace[i];
		const char *seen = t->span + t->n * ID;
		size_t told = 0;

		v->traces++;
		v->asked += t->n;
		v->arrived += t->found;
		if (t->found == t->n)
			continue;
		v->incomplete++;
		v->missing += t->n - t->found;
		buf_reset(&v->text);
		buf_addf(&v->text, "trace=%s missing=%zu of=%zu spans=",
		    t->id, t->n - t->found, t->n);
		for (size_t k = 0; k < t->n && told < TOLD; k++)
			if (seen[k] == 0)
				buf_addf(&v->text, "%s%.*s", told++ > 0 ?
				    "," : "", ID, t->span + k * ID);
		buf_adds(&v->text, t->n - t->found > TOLD ? ",...\n" : "\n");
		rc = v->text.err == 0 ? out_write(v->out, v->text.p,
		    v->text.n) : -1;
	}
	return rc;
}

int
verify_run(struct verify *v, struct err *e)
{
	int64_t now = clock_mono(v->clock), until = now + v->patience, next;

	for (size_t i = 0; i < v->n; i++)
		sort_spans(&v->trace[i]);
	while (v->n > 0) {
		now = clock_mono(v->clock);
		if (sig_stop())
			halt(v, EXIT_TEMP, "not asked to the end", "");
		next = v->stop == 0 ? ask_due(v, now, now >= until, e) : -1;
		if (v->busy == 0 && (next == -1 || v->stop != 0))
			break;
		if (v->stop != 0 && sig_stop())
			break;
		if (next == -1 || next > now + LOOK)
			next = now + LOOK;
		if (client_wait(v->client, NULL, 0, next > now ?
		    (int)((next - now + CLOCK_MS - 1) / CLOCK_MS) : 0) == -1
		    && errno != EINTR)
			return err_set(e, "poll: %s", strerror(errno));
	}
	if (v->stop == 0 && v->failures > 0)
		v->stop = EXIT_TEMP;	/* why is told already */
	if (v->stop != 0)
		return err_set(e, "%s", v->why);
	if (report(v) == -1)
		return err_set(e, "out of memory");
	forget(v);
	return 0;
}

void
verify_summarize(const struct verify *v, struct buf *b)
{
	buf_addf(b, " traces=%llu incomplete=%llu spans=%llu arrived=%llu "
	    "missing=%llu requests=%llu", (unsigned long long)v->traces,
	    (unsigned long long)v->incomplete, (unsigned long long)v->asked,
	    (unsigned long long)v->arrived, (unsigned long long)v->missing,
	    (unsigned long long)v->requests);
}
