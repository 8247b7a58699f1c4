/*
 * Several destinations served from one loop: each has its own outbox, so that
 * one that fails does not hold up another any longer than memory allows.
 */
#ifndef SINK_SHIPPER_H
#define SINK_SHIPPER_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "net/client.h"
#include "record/record.h"
#include "sink/dest.h"
#include "sink/outbox.h"

#define SHIPPER_MAX	16	/* destinations */

struct shipper {
	struct outbox_conf	 conf;
	struct client		*client;
	bool			 shared;	/* the client is the caller's */
	struct outbox		 box[SHIPPER_MAX];
	struct dest		 dest[SHIPPER_MAX];
	size_t			 n;
	bool			 waitless;	/* see shipper_add */
	bool			 failed;	/* out of memory, or emit has */
	/* Called with conf.arg when it waits, four times a second. */
	void			(*look)(void *arg);
};

/*
 * One more destination, as people say it: NAME or NAME=URL. 0; EXIT_USAGE, or
 * what dest_init returns, with the cause.
 */
int shipper_to(struct shipper *s, const char *to, const struct dest_conf *conf,
    struct err *e);

/*
 * Destinations are filled in by the caller: by shipper_to. Then
 * this makes their outboxes, and the HTTP client unless conf has emit or the
 * client is shared: set before, and freed before shipper_fini. 0, or -1 with
 * the cause.
 */
int shipper_open(struct shipper *s, const char *agent, struct err *e);
void shipper_fini(struct shipper *s);

/*
 * Gives the record to all of them, waiting while one is full (a signal to
 * stop ends that wait, not the taking); never waiting when it is waitless,
 * for somebody who himself bounds what he gives. 0, or -1 when s->failed.
 */
int shipper_add(struct shipper *s, const struct record *r);

/* Sends what is due; the time to come again, -1 for none. */
int64_t shipper_tick(struct shipper *s);

/* As client_wait. */
int shipper_wait(struct shipper *s, struct pollfd *pfd, nfds_t n,
    int timeout_ms);

/*
 * Waits for a reply, for what is due, or until the time given. Signals end it;
 * they are left for the program's own loop to read, hence it never takes
 * longer than a quarter of a second.
 */
void shipper_pause(struct shipper *s, int64_t until);

/* Closes the requests that are being gathered. */
void shipper_flush(struct shipper *s);

/* Records with any destination, neither delivered nor refused. */
size_t shipper_left(const struct shipper *s);

/*
 * Closes all requests and delivers until nothing is left, no destination goes
 * on, or the time is over: patience from now, hurry from when a signal to
 * stop has come.
 */
void shipper_drain(struct shipper *s, int64_t patience, int64_t hurry);

/* Appends what became of the records, " key=value" for each destination. */
void shipper_summarize(const struct shipper *s, struct buf *b);

/* Has every destination stopped for good? */
bool shipper_stopped(const struct shipper *s);

#endif
