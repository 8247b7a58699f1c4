#include "sink/proof.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "json/write.h"
#include "record/ids.h"
#include "sink/left.h"
#include "sink/outbox.h"

int
proof_open(struct proof *f, const char *path, const char *spool, bool all,
    const struct clock *clock, struct err *e)
{
	memset(f, 0, sizeof(*f));
	f->fd = -1;
	f->clock = clock;
	f->path = path;
	f->has_ledger = spool != NULL;
	if (spool != NULL && ledger_open(&f->ledger, spool, all, e) == -1)
		return -1;
	if (path != NULL && (f->fd = left_open(path, e)) == -1)
		return -1;
	return 0;
}

void
proof_fini(struct proof *f)
{
	if (f->clock == NULL)
		return;		/* never opened */
	if (f->fd != -1 && close(f->fd) == -1)
		log_error("%s: %s", f->path, strerror(errno));
	f->fd = -1;
	if (f->has_ledger)
		ledger_fini(&f->ledger);
	f->clock = NULL;
}

static void
broken(struct proof *f, const char *what)
{
	if (!f->failed)
		log_error("%s: %s", what, strerror(errno));
	f->failed = true;
}

bool
proof_known(const struct proof *f, const char *self, const char *line,
    size_t n)
{
	return f->has_ledger && ledger_knows(&f->ledger, self, line, n);
}

static void
receipt(struct proof *f, const struct parcel *p, int status)
{
	const struct dest *d = p->owner->dest;
	time_t now = (time_t)(clock_wall(f->clock) / CLOCK_S);
	char stamp[32] = "", hash[IDS_SHA256_LEN];
	struct buf b = { 0 };
	struct tm tm;
	int rc;

	if (gmtime_r(&now, &tm) == NULL || strftime(stamp, sizeof(stamp),
	    "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		stamp[0] = '\0';
	ids_sha256(p->body.p, p->body.n, hash);
	buf_addf(&b, "{\"time\":\"%s\",\"to\":\"%s\",\"url\":", stamp,
	    d->name);
	json_put_cstr(&b, d->way[p->sig].url);
	buf_addf(&b, ",\"signal\":\"%s\",\"count\":%zu,\"bytes\":%zu,"
	    "\"status\":%d,\"sha256\":\"%.*s\"}", sink_way(p->sig), p->n,
	    p->body.n, status, IDS_SHA256_LEN, hash);
	errno = b.err;
	rc = b.err != 0 ? -1 : left_line(f->fd, b.p, b.n);
	if (rc == -1)
		broken(f, f->path);
	buf_fini(&b);
}

void
proof_accepted(struct proof *f, const struct parcel *p, int status)
{
	const char *self = p->owner->dest->way[p->sig].self, *line;
	int rc = 0;
	size_t n;

	if (f->fd != -1)
		receipt(f, p, status);
	for (size_t i = 0; f->has_ledger && i < p->n && rc == 0; i++) {
		line = parcel_line(p, i, &n);
		rc = ledger_add(&f->ledger, self, line, n);
	}
	if (f->has_ledger && (rc == -1 || ledger_write(&f->ledger) == -1))
		broken(f, "the ledger of the spool");
}

void
proof_settle(struct proof *f)
{
	if (f->has_ledger && ledger_settle(&f->ledger) == -1)
		broken(f, "the ledger of the spool");
}
