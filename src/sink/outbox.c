#include "sink/outbox.h"

#include <stdio.h>
#include <string.h>

#include "base/exitcode.h"
#include "base/log.h"
#include "sink/verdict.h"

int
outbox_init(struct outbox *o, const struct outbox_conf *conf,
    struct dest *dest, struct client *client)
{
	memset(o, 0, sizeof(*o));
	o->conf = conf;
	o->dest = dest;
	o->client = client;
	TAILQ_INIT(&o->waiting);
	TAILQ_INIT(&o->sending);
	TAILQ_INIT(&o->suspects);
	return (o->deflate = deflate_new()) != NULL ? 0 : -1;
}

static void
free_list(struct parcel_list *l)
{
	struct parcel *p;

	while ((p = TAILQ_FIRST(l)) != NULL) {
		TAILQ_REMOVE(l, p, link);
		parcel_free(p);
	}
}

void
outbox_fini(struct outbox *o)
{
	if (o->conf == NULL)
		return;
	for (int i = 0; i < SINK_SIGNALS; i++)
		parcel_free(o->open[i]);
	free_list(&o->waiting);
	free_list(&o->sending);
	free_list(&o->suspects);
	check_fini(&o->check);
	record_fini(&o->rec);
	record_fini(&o->again);
	buf_fini(&o->fixed);
	deflate_free(o->deflate);
	memset(o, 0, sizeof(*o));
}

void
outbox_refuse(struct outbox *o, const struct record *r, int status,
    const char *why)
{
	o->tally.refused++;
	o->conf->refused(o->conf->arg, r, status, why);
}

/* The record as it may be sent; NULL when out of memory. */
static const struct record *
checked(struct outbox *o, const struct record *r)
{
	const char *why;
	int rc;

	if (r->kind != RECORD_SPAN || !o->dest->sink->langfuse)
		return r;
	buf_reset(&o->fixed);
	rc = check_span(&o->check, r, &o->fixed);
	if (rc == 0)
		return r;
	if (rc == -1 ||
	    record_index(&o->rec, o->fixed.p, o->fixed.n, &why) == -1)
		return NULL;
	return &o->rec;
}

/*
 * Puts the record into the parcel. 0; 1 when it cannot be encoded, with the
 * cause; -1 when out of memory.
 */
static int
pack(struct outbox *o, struct parcel *p, const struct record *r,
    struct err *e)
{
	const struct record *fit = checked(o, r);

	if (fit == NULL)
		return -1;
	if (otlp_batch_add(p->batch, fit, e) == -1)
		return strcmp(e->msg, "out of memory") == 0 ? -1 : 1;
	/* Nothing comes back for what is not sent to a server. */
	if (o->conf->emit != NULL)
		return 0;
	return parcel_keep(p, r->p, r->n);
}

/* Instead of a server's. Frees both. */
static int
emit(struct outbox *o, struct parcel *p, size_t count, struct buf *body)
{
	int rc = o->conf->emit(o->conf->arg, p->sig, count, body->p, body->n);

	if (rc == 0)
		o->tally.delivered += count;
	o->tally.requests++;
	o->tally.bytes += body->n;
	buf_fini(body);
	parcel_free(p);
	return rc;
}

/* Makes the body, and gives the parcel its place. 0 or -1. */
static int
seal(struct outbox *o, struct parcel *p, bool first)
{
	const struct dest_way *w = &o->dest->way[p->sig];
	size_t count = otlp_batch_count(p->batch);
	struct buf plain = { 0 };
	int rc = otlp_batch_finish(p->batch, &plain);

	otlp_batch_free(p->batch);
	p->batch = NULL;
	if (rc == 0 && o->conf->emit != NULL)
		return emit(o, p, count, &plain);
	if (rc == 0 && w->gzip)
		rc = deflate_gzip(o->deflate, plain.p, plain.n, &p->body);
	else if (rc == 0) {
		p->body = plain;
		memset(&plain, 0, sizeof(plain));
	}
	buf_fini(&plain);
	if (rc == -1)	/* unmade: it stays among what is left */
		o->stop = EXIT_SOFT;
	if (first)
		TAILQ_INSERT_HEAD(&o->waiting, p, link);
	else
		TAILQ_INSERT_TAIL(&o->waiting, p, link);
	o->nwaiting++;
	return rc;
}

static int
seal_open(struct outbox *o, int sig)
{
	struct parcel *p = o->open[sig];

	o->open[sig] = NULL;
	return p != NULL ? seal(o, p, false) : 0;
}

/* It is a request of its own. */
static int
add_score(struct outbox *o, const struct record *r)
{
	struct parcel *p;
	struct err e;
	int rc = parcel_score(&p, o, r, clock_mono(o->conf->clock), &e);

	if (rc == 1)
		outbox_refuse(o, r, 0, e.msg);
	if (rc != 0)
		return rc == 1 ? 0 : -1;
	if (o->conf->emit != NULL)
		return emit(o, p, 1, &p->body);
	TAILQ_INSERT_TAIL(&o->waiting, p, link);
	o->nwaiting++;
	return 0;
}

int
outbox_add(struct outbox *o, const struct record *r)
{
	const struct outbox_conf *conf = o->conf;
	int sig = sink_way_of(r->kind), rc;
	struct parcel *p;
	struct err e;

	if (sig == -1 || o->dest->sink->path[sig] == NULL) {
		o->tally.foreign++;
		o->tally.scores += sig == SINK_SCORES;
		return 0;
	}
	o->tally.taken++;
	if (conf->proof != NULL && proof_known(conf->proof,
	    o->dest->way[sig].self, r->p, r->n)) {
		o->tally.skipped++;
		return 0;
	}
	if (sig == SINK_SCORES)
		return add_score(o, r);
	p = o->open[sig];
	if (p != NULL && otlp_batch_bytes(p->batch) + r->n > conf->max_bytes) {
		if (seal_open(o, sig) == -1)
			return -1;
		p = NULL;
	}
	if (p == NULL) {
		p = parcel_new(o, (enum otlp_signal)sig,
		    o->dest->way[sig].format, clock_mono(conf->clock));
		if ((o->open[sig] = p) == NULL)
			return -1;
	}
	rc = pack(o, p, r, &e);
	if (rc == 1)
		outbox_refuse(o, r, 0, e.msg);
	if (rc != 0)
		return rc == 1 ? 0 : -1;
	if (otlp_batch_bytes(p->batch) < conf->max_bytes &&
	    otlp_batch_count(p->batch) < conf->max_count)
		return 0;
	return seal_open(o, sig);
}

bool
outbox_full(const struct outbox *o)
{
	return o->nwaiting > 0 &&
	    o->nwaiting + o->nsending > o->conf->in_flight;
}

int
outbox_flush(struct outbox *o)
{
	int rc = 0;

	for (int i = 0; i < SINK_SIGNALS; i++) {
		if (o->open[i] != NULL &&
		    otlp_batch_count(o->open[i]->batch) == 0) {
			parcel_free(o->open[i]);
			o->open[i] = NULL;
		} else if (seal_open(o, i) == -1)
			rc = -1;
	}
	return rc;
}

int
outbox_part(struct outbox *o, const struct parcel *p, size_t from,
    size_t to)
{
	struct parcel *q = parcel_new(o, (enum otlp_signal)p->sig,
	    o->dest->way[p->sig].format, p->born);
	const char *line, *why;
	struct err e;
	size_t n;

	if (q == NULL)
		return -1;
	for (size_t i = from; i < to; i++) {
		line = parcel_line(p, i, &n);
		if (record_index(&o->again, line, n, &why) == -1 ||
		    pack(o, q, &o->again, &e) != 0) {
			parcel_free(q);
			return -1;
		}
	}
	return seal(o, q, true);
}

void
outbox_stop(struct outbox *o, int code, const char *url,
    const char *what, const char *why)
{
	if (o->stop != 0)
		return;
	o->stop = code;
	snprintf(o->why, sizeof(o->why), "%s: %s%s%s", url, what,
	    *why != '\0' ? ": " : "", why);
	log_error("%s", o->why);
}

static int
send_one(struct outbox *o, struct parcel *p)
{
	const struct dest_way *w = &o->dest->way[p->sig];
	const struct client_req req = { .url = w->url,
	    .headers = (const char *const *)w->header, .body = p->body.p,
	    .n = p->body.n, .timeout_ns = w->timeout, .tls = w->tls };
	struct err e;

	if (client_send(o->client, &req, verdict_answered, p, &e) == -1) {
		outbox_stop(o, EXIT_BADCONF, w->label, e.msg, "");
		return -1;
	}
	TAILQ_REMOVE(&o->waiting, p, link);
	o->nwaiting--;
	TAILQ_INSERT_TAIL(&o->sending, p, link);
	o->nsending++;
	o->tally.requests++;
	o->tally.bytes += p->body.n;
	p->attempts++;
	return 0;
}

/*
 * The oldest; but while nothing has been accepted and some are suspected, one
 * from far away, which may show that the server does accept.
 */
static struct parcel *
next_one(const struct outbox *o)
{
	if (TAILQ_EMPTY(&o->suspects) || o->tally.delivered > 0)
		return TAILQ_FIRST(&o->waiting);
	return TAILQ_LAST(&o->waiting, parcel_list);
}

int64_t
outbox_tick(struct outbox *o, int64_t now, bool *failed)
{
	/* While it fails, one request at a time asks whether it still does. */
	unsigned most = o->failures > 0 ? 1 : o->conf->in_flight;
	int64_t next = -1, due;
	struct parcel *p;

	for (int i = 0; i < SINK_SIGNALS; i++) {
		if (o->open[i] == NULL ||
		    otlp_batch_count(o->open[i]->batch) == 0)
			continue;
		due = o->open[i]->born + o->conf->max_age;
		if (now >= due) {
			if (seal_open(o, i) == -1)
				*failed = true;
		} else if (next == -1 || due < next)
			next = due;
	}
	if (o->stop != 0 || o->conf->emit != NULL)
		return next;
	verdict_last(o);
	while (now >= o->not_before && now >= o->paced &&
	    o->nsending < most && (p = next_one(o)) != NULL) {
		if (send_one(o, p) == -1)
			return -1;
		/* A late one may be made up for, but not a pause. */
		if (o->paced < now - o->conf->pace)
			o->paced = now - o->conf->pace;
		o->paced += o->conf->pace;
	}
	due = o->not_before > o->paced ? o->not_before : o->paced;
	if (o->nwaiting > 0 && now < due && (next == -1 || due < next))
		next = due;
	return next;
}

size_t
outbox_left(const struct outbox *o)
{
	size_t n = parcel_count(&o->sending) + parcel_count(&o->waiting) +
	    parcel_count(&o->suspects);

	for (int i = 0; i < SINK_SIGNALS; i++)
		if (o->open[i] != NULL && o->open[i]->batch != NULL)
			n += otlp_batch_count(o->open[i]->batch);
	return n;
}

int
outbox_each(const struct outbox *o,
    int (*fn)(void *arg, const char *line, size_t n), void *arg)
{
	const struct parcel *p;

	TAILQ_FOREACH(p, &o->sending, link)
		if (parcel_each(p, fn, arg) == -1)
			return -1;
	TAILQ_FOREACH(p, &o->waiting, link)
		if (parcel_each(p, fn, arg) == -1)
			return -1;
	TAILQ_FOREACH(p, &o->suspects, link)
		if (parcel_each(p, fn, arg) == -1)
			return -1;
	for (int i = 0; i < SINK_SIGNALS; i++)
		if (parcel_each(o->open[i], fn, arg) == -1)
			return -1;
	return 0;
}
