#include "sink/shipper.h"

#include <errno.h>
#include <string.h>

#include "base/exitcode.h"
#include "base/log.h"
#include "base/sig.h"

#define LOOK	(CLOCK_S / 4)

int
shipper_to(struct shipper *s, const char *to, const struct dest_conf *conf,
    struct err *e)
{
	struct dest_conf own = *conf;
	const char *eq = strchr(to, '=');
	const struct sink *sink;
	struct err why;
	char name[32];
	int rc;

	if (strlcpy(name, to, sizeof(name)) >= sizeof(name) && eq == NULL)
		name[0] = '\0';
	name[strcspn(name, "=")] = '\0';
	if (eq != NULL)
		own.endpoint = eq + 1;
	if ((sink = sink_find(name)) == NULL)
		(void)err_set(e, "--to %s: no such destination", to);
	else if (s->n == SHIPPER_MAX)
		(void)err_set(e, "more than %d destinations", SHIPPER_MAX);
	if (sink == NULL || s->n == SHIPPER_MAX)
		return EXIT_USAGE;
	if (strcmp(name, SINK_STDOUT) == 0) {
		memset(&s->dest[s->n], 0, sizeof(s->dest[s->n]));
		s->dest[s->n].sink = sink;
		s->dest[s->n].name = sink->name;
		for (int i = 0; i < SINK_SIGNALS; i++)
			s->dest[s->n].way[i].format = OTLP_JSON;
		s->n++;
		return 0;
	}
	rc = dest_init(&s->dest[s->n++], sink, &own, &why);
	if (rc != 0)
		(void)err_set(e, "%s: %s", name, why.msg);
	return rc;
}

int
shipper_open(struct shipper *s, const char *agent, struct err *e)
{
	if (s->conf.emit == NULL && !s->shared &&
	    (s->client = client_new(agent, e)) == NULL)
		return -1;
	for (size_t i = 0; i < s->n; i++)
		if (outbox_init(&s->box[i], &s->conf, &s->dest[i],
		    s->client) == -1)
			return err_set(e, "out of memory");
	return 0;
}

void
shipper_fini(struct shipper *s)
{
	/* The client first: its requests point into the parcels. */
	if (!s->shared)
		client_free(s->client);
	s->client = NULL;
	for (size_t i = 0; i < s->n; i++) {
		outbox_fini(&s->box[i]);
		dest_fini(&s->dest[i]);
	}
	s->n = 0;
}

int
shipper_wait(struct shipper *s, struct pollfd *pfd, nfds_t n, int timeout_ms)
{
	if (s->client == NULL)
		return poll(pfd, n, timeout_ms);
	return client_wait(s->client, pfd, n, timeout_ms);
}

int64_t
shipper_tick(struct shipper *s)
{
	int64_t now = clock_mono(s->conf.clock), next = -1, due;

	for (size_t i = 0; i < s->n; i++) {
		due = outbox_tick(&s->box[i], now, &s->failed);
		if (due != -1 && (next == -1 || due < next))
			next = due;
	}
	return next;
}

void
shipper_pause(struct shipper *s, int64_t until)
{
	int64_t next = shipper_tick(s), now = clock_mono(s->conf.clock);

	if (next == -1 || next > until)
		next = until;
	if (next > now + LOOK)
		next = now + LOOK;
	next = (next - now + CLOCK_MS - 1) / CLOCK_MS;
	if (s->look != NULL)
		s->look(s->conf.arg);
	if (shipper_wait(s, NULL, 0, next > 0 ? (int)next : 0) == -1 &&
	    errno != EINTR) {
		log_error("poll: %s", strerror(errno));
		s->failed = true;
	}
}

int
shipper_add(struct shipper *s, const struct record *r)
{
	struct outbox *o;
	unsigned before;

	for (size_t i = 0; i < s->n && !s->failed; i++) {
		o = &s->box[i];
		while (!s->waitless && outbox_full(o) && o->stop == 0 && !sig_stop() &&
		    !s->failed)
			shipper_pause(s, INT64_MAX);
		before = (unsigned)o->nwaiting;
		if (outbox_add(o, r) == -1)
			s->failed = true;
		/* A request was closed: let it go while we read on. */
		if (o->nwaiting != before && s->client != NULL) {
			(void)shipper_tick(s);
			client_step(s->client);
		}
	}
	return s->failed ? -1 : 0;
}

/* Is there anything that waiting could still deliver? */
static bool
hopeful(const struct shipper *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->box[i].nsending > 0 ||
		    (s->box[i].stop == 0 && outbox_left(&s->box[i]) > 0))
			return true;
	return false;
}

void
shipper_flush(struct shipper *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (outbox_flush(&s->box[i]) == -1)
			s->failed = true;
}

size_t
shipper_left(const struct shipper *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += outbox_left(&s->box[i]);
	return n;
}

void
shipper_drain(struct shipper *s, int64_t patience, int64_t hurry)
{
	int64_t now = clock_mono(s->conf.clock), until = now + patience;
	bool hurried = false;

	shipper_flush(s);
	while (s->conf.emit == NULL && !s->failed && hopeful(s)) {
		now = clock_mono(s->conf.clock);
		if (sig_stop() && !hurried) {
			hurried = true;
			if (now + hurry < until)
				until = now + hurry;
		}
		if (now >= until)
			return;
		shipper_pause(s, until);
	}
}

bool
shipper_stopped(const struct shipper *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->box[i].stop == 0)
			return false;
	return s->n > 0;
}

void
shipper_summarize(const struct shipper *s, struct buf *b)
{
	const struct outbox *o;

	for (size_t i = 0; i < s->n; i++) {
		o = &s->box[i];
		buf_addf(b, " to=%s delivered=%llu refused=%llu rejected=%llu "
		    "left=%zu foreign=%llu skipped=%llu requests=%llu again=%llu "
		    "bytes=%llu", o->dest->name,
		    (unsigned long long)o->tally.delivered,
		    (unsigned long long)o->tally.refused,
		    (unsigned long long)o->tally.rejected, outbox_left(o),
		    (unsigned long long)o->tally.foreign,
		    (unsigned long long)o->tally.skipped,
		    (unsigned long long)o->tally.requests,
		    (unsigned long long)o->tally.again,
		    (unsigned long long)o->tally.bytes);
	}
}
