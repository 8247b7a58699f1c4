#include "config.h"

#include "net/conns.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/log.h"

#define TICK_NS		(CLOCK_S / 4)	/* how exact the limits are */
#define RATE_NS		(10 * CLOCK_S)	/* the rate is averaged over this */

void
conns_cut(struct conns *cs, struct conn *c)
{
	if (c->state == CONN_CUT)
		return;
	c->state = CONN_CUT;
	cs->cut++;
	if (c->fd != -1 && shutdown(c->fd, SHUT_RDWR) == -1 &&
	    errno != ENOTCONN)
		log_debug("cannot shut a connection down: %s",
		    strerror(errno));
	if (cs->ended != NULL)
		cs->ended(cs->arg, c);
}

static const char *
reason(unsigned status)
{
	switch (status) {
	case 400:
		return "Bad Request";
	case 408:
		return "Request Timeout";
	case 413:
		return "Content Too Large";
	case 501:
		return "Not Implemented";
	case 503:
		return "Service Unavailable";
	default:
		return "Refused";
	}
}

void
conns_refuse(struct conns *cs, struct conn *c, unsigned status,
    const char *why)
{
	struct buf b = { 0 };

	if (!c->replied)
		cs->refuse(cs->arg, c, status, why);
	if (c->replied && c->fd != -1 && c->state != CONN_CUT && !cs->sealed) {
		buf_addf(&b, "HTTP/1.1 %u %s\r\nConnection: close\r\n",
		    c->status, reason(c->status));
		if (c->type != NULL)
			buf_addf(&b, "Content-Type: %s\r\n", c->type);
		if (c->retry_after > 0)
			buf_addf(&b, "Retry-After: %d\r\n", c->retry_after);
		buf_addf(&b, "Content-Length: %zu\r\n\r\n", c->body.n);
		buf_add(&b, c->body.p, c->body.n);
		if (b.err == 0 && send(c->fd, b.p, b.n,
		    MSG_DONTWAIT | MSG_NOSIGNAL) == -1)
			log_debug("a refusal could not be sent: %s",
			    strerror(errno));
		buf_fini(&b);
	}
	conns_cut(cs, c);
}

static void
make_room(struct conns *cs)
{
	struct conn *c, *oldest = NULL;

	TAILQ_FOREACH(c, &cs->list, link) {
		if (c->state == CONN_FRESH || c->state == CONN_IDLE) {
			conns_cut(cs, c);
			return;
		}
		if (oldest == NULL && (c->state == CONN_HEAD ||
		    c->state == CONN_BODY))
			oldest = c;
	}
	if (oldest != NULL)
		conns_refuse(cs, oldest, 503, "too many connections");
}

void
conns_add(struct conns *cs, struct conn *c, int fd, int64_t now)
{
	c->fd = fd;
	c->state = CONN_FRESH;
	c->since = now;
	cs->accepted++;
	if (cs->n++ >= cs->max)
		make_room(cs);
	TAILQ_INSERT_TAIL(&cs->list, c, link);
}

void
conns_remove(struct conns *cs, struct conn *c)
{
	TAILQ_REMOVE(&cs->list, c, link);
	cs->n--;
	buf_fini(&c->body);
}

void
conns_enter(struct conns *cs, struct conn *c, enum conn_state state,
    int64_t now)
{
	if (c->state == CONN_CUT)
		return;
	/* Head and body have one limit together. */
	if (c->state != CONN_HEAD || state != CONN_BODY)
		c->since = now;
	if (state == CONN_BODY) {
		c->rate_got = 0;
		c->rate_at = now + RATE_NS;
	}
	if (state == CONN_IDLE || state == CONN_BODY) {
		TAILQ_REMOVE(&cs->list, c, link);
		TAILQ_INSERT_TAIL(&cs->list, c, link);
	}
	c->state = state;
}

/* A body has to keep coming. */
static void
check_rate(struct conns *cs, struct conn *c, int64_t now)
{
	int64_t want = cs->rate_bytes * (RATE_NS / CLOCK_S);

	if (now < c->rate_at)
		return;
	if (c->rate_got < (uint64_t)want)
		conns_refuse(cs, c, 408, "the body comes too slowly");
	c->rate_got = 0;
	c->rate_at = now + RATE_NS;
}

static void
check(struct conns *cs, struct conn *c, int64_t now)
{
	int64_t age = now - c->since;

	switch (c->state) {
	case CONN_FRESH:
		if (age >= cs->head_ns)
			conns_cut(cs, c);
		break;
	case CONN_IDLE:
		if (age >= cs->idle_ns)
			conns_cut(cs, c);
		break;
	case CONN_HEAD:
		if (age >= cs->head_ns || age >= cs->request_ns)
			conns_refuse(cs, c, 408, "the request took too long");
		break;
	case CONN_BODY:
		if (age >= cs->request_ns)
			conns_refuse(cs, c, 408, "the request took too long");
		else
			check_rate(cs, c, now);
		break;
	case CONN_SEND:
		if (age >= cs->request_ns)
			conns_cut(cs, c);
		break;
	case CONN_WAIT:
	case CONN_CUT:
		break;
	}
}

void
conns_check(struct conns *cs, int64_t now)
{
	struct conn *c, *next;

	if (now < cs->tick)
		return;
	cs->tick = now + TICK_NS;
	TAILQ_FOREACH_SAFE(c, &cs->list, link, next)
		check(cs, c, now);
}

int
conns_timeout(const struct conns *cs, int64_t now)
{
	if (cs->n == 0)
		return -1;
	return now >= cs->tick ? 0 : (int)((cs->tick - now) / CLOCK_MS) + 1;
}
