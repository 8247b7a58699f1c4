#include "sink/verdict.h"

#include <stdio.h>
#include <string.h>

#include "base/exitcode.h"
#include "base/log.h"

/* So many refusals before anything was accepted: it is not the records. */
#define HOPELESS	16

static void
back(struct outbox *o, struct parcel *p)
{
	TAILQ_INSERT_HEAD(&o->waiting, p, link);
	o->nwaiting++;
}

/* The half that is in front goes first. 0, or -1 when out of memory. */
static int
halve(struct outbox *o, struct parcel *p)
{
	if (outbox_part(o, p, p->n / 2, p->n) == -1 || outbox_part(o, p, 0, p->n / 2) == -1)
		return -1;
	parcel_free(p);
	return 0;
}

/* It was the record: told, and done with. */
static void
convict(struct outbox *o, struct parcel *p)
{
	const char *line, *bad;
	size_t n;

	line = parcel_line(p, 0, &n);
	if (record_index(&o->again, line, n, &bad) == 0)
		outbox_refuse(o, &o->again, p->status, p->why);
	parcel_free(p);
}

static void
convict_all(struct outbox *o)
{
	struct parcel *p;

	while ((p = TAILQ_FIRST(&o->suspects)) != NULL) {
		TAILQ_REMOVE(&o->suspects, p, link);
		convict(o, p);
	}
}

void
verdict_last(struct outbox *o)
{
	if (o->nwaiting > 0 || o->nsending > 0 || o->stop != 0)
		return;
	for (int i = 0; i < SINK_SIGNALS; i++)
		if (o->open[i] != NULL)
			return;
	convict_all(o);
}

/* A server that accepts nothing at all: it is not the records. */
static void
despair(struct outbox *o, const struct parcel *p)
{
	struct parcel *q;

	outbox_stop(o, EXIT_BADCONF, o->dest->way[p->sig].label,
	    "refuses whatever it is sent", p->why);
	while ((q = TAILQ_LAST(&o->suspects, parcel_list)) != NULL) {
		TAILQ_REMOVE(&o->suspects, q, link);
		back(o, q);
	}
}

/* Refused: with others they are taken apart, alone it is suspected. */
static void
refused(struct outbox *o, struct parcel *p, const struct client_reply *r,
    const char *why)
{
	if (p->n > 1) {
		if (halve(o, p) == 0)
			return;
		back(o, p);
		outbox_stop(o, EXIT_SOFT, o->dest->way[p->sig].label,
		    "out of memory", "");
		return;
	}
	p->status = r->status;
	(void)strlcpy(p->why, why, sizeof(p->why));
	if (o->tally.delivered > 0) {
		convict(o, p);
		return;
	}
	TAILQ_INSERT_TAIL(&o->suspects, p, link);
	if (++o->refusals >= HOPELESS)
		despair(o, p);
}

static void
try_again(struct outbox *o, struct parcel *p, const struct client_reply *r,
    const char *why)
{
	const struct outbox_conf *conf = o->conf;
	int64_t asked = -1, now = clock_mono(conf->clock), wait;
	const char *url = o->dest->way[p->sig].label;

	if (r->retry_after != NULL)
		asked = retry_after(r->retry_after, clock_wall(conf->clock));
	/* Several requests failing together are one failure. */
	if (now >= o->not_before)
		o->failures++;
	wait = retry_delay(&conf->retry, o->failures, conf->random(), asked);
	if (now + wait > o->not_before)
		o->not_before = now + wait;
	o->tally.again++;
	if (r->trouble != CLIENT_OK)
		snprintf(o->why, sizeof(o->why), "%s: %s", url, r->why);
	else
		snprintf(o->why, sizeof(o->why), "%s: status %d%s%s", url,
		    r->status, *why != '\0' ? ": " : "", why);
	if (o->failures == 1)
		log_warn("%s; will try again", o->why);
	else
		log_info("%s; again in %lld ms", o->why,
		    (long long)(wait / CLOCK_MS));
	back(o, p);
}

static void
accepted(struct outbox *o, struct parcel *p, const struct sink_judgement *j,
    int status)
{
	uint64_t lost = j->rejected < p->n ? j->rejected : p->n;

	o->failures = 0;
	o->not_before = 0;
	o->tally.delivered += p->n - lost;
	o->tally.rejected += lost;
	if (o->conf->proof != NULL)
		proof_accepted(o->conf->proof, p, status);
	if (lost > 0)
		log_warn("%s: took a request but not all records in it: %s",
		    o->dest->way[p->sig].label, j->why);
	else if (*j->why != '\0')
		log_info("%s: %s", o->dest->way[p->sig].label, j->why);
	parcel_free(p);
	if (o->tally.delivered > 0)
		convict_all(o);
}

void
verdict_answered(void *arg, const struct client_reply *r)
{
	struct parcel *p = arg;
	struct outbox *o = p->owner;
	const struct sink_reply reply = { r->status, r->type, r->body, r->n };
	struct sink_judgement j = { .verdict = RETRY_AGAIN };
	char what[64];

	TAILQ_REMOVE(&o->sending, p, link);
	o->nsending--;
	if (r->trouble == CLIENT_SETUP) {
		back(o, p);
		outbox_stop(o, EXIT_BADCONF, o->dest->way[p->sig].label, r->why, "");
		return;
	}
	if (r->trouble == CLIENT_OK)
		o->dest->sink->judge(&reply, &j);
	snprintf(what, sizeof(what), "status %d", r->status);
	switch (j.verdict) {
	case RETRY_DONE:
		accepted(o, p, &j, r->status);
		break;
	case RETRY_AGAIN:
		try_again(o, p, r, j.why);
		break;
	case RETRY_SPLIT:
	case RETRY_BISECT:
		refused(o, p, r, j.why);
		break;
	case RETRY_DENIED:
		back(o, p);
		outbox_stop(o, EXIT_NOCREDS, o->dest->way[p->sig].label,
		    "refuses the credentials", what);
		break;
	case RETRY_MISTAKE:
		back(o, p);
		outbox_stop(o, EXIT_BADCONF, o->dest->way[p->sig].label, what,
		    r->location != NULL ? r->location : j.why);
		break;
	}
	verdict_last(o);
}
