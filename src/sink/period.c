#include "sink/period.h"

#include <string.h>

#include "base/buf.h"
#include "record/rtime.h"

#define DAY	10		/* characters of 2026-11-21 */

static int
parse(const char *text, uint64_t *ns)
{
	struct buf b = { 0 };
	int rc;

	buf_adds(&b, text);
	if (b.n == DAY)
		buf_adds(&b, "T00:00:00Z");
	rc = rtime_parse(buf_cstr(&b), b.n, ns);
	buf_fini(&b);
	return rc;
}

int
period_parse(struct period *p, const char *since, const char *until,
    struct err *e)
{
	p->since = 0;
	p->until = UINT64_MAX;
	if (since != NULL && parse(since, &p->since) == -1)
		return err_set(e, "--since %s: no time such as 2026-11-21 or "
		    "2026-11-21T08:00:00Z", since);
	if (until != NULL && parse(until, &p->until) == -1)
		return err_set(e, "--until %s: no time such as 2026-11-21 or "
		    "2026-11-21T08:00:00Z", until);
	if (p->since >= p->until)
		return err_set(e, "--since must be before --until");
	return 0;
}

bool
period_has(const struct period *p, const struct record *r)
{
	struct json_val v = r->field[r->kind == RECORD_SPAN ? F_START_TIME :
	    F_TIME];
	uint64_t ns;

	if (v.type != JSON_STRING || rtime_get(v, &ns) == -1)
		return true;
	return ns >= p->since && ns < p->until;
}
