#include "route/trial.h"

#include <string.h>

#include "base/buf.h"

int
trial_open(struct trial *t, const char *path, struct err *e)
{
	memset(t, 0, sizeof(*t));
	return rules_read(&t->rules, path, e);
}

void
trial_fini(struct trial *t)
{
	rules_fini(&t->rules);
	trail_fini(&t->trail);
}

int
trial_record(struct trial *t, const struct record *r)
{
	uint64_t to = rules_match(&t->rules, r);

	if (to != 0) {
		if (trail_note(&t->trail, r->field[F_TRACE_ID], to) == -1)
			return -1;
	} else
		to = trail_find(&t->trail, r->field[F_TRACE_ID]);
	if (to == 0)
		to = t->rules.otherwise;
	t->homeless += to == 0;
	for (size_t i = 0; i < t->rules.ndest; i++)
		t->count[i] += to >> i & 1;
	return 0;
}

int
trial_put(const struct trial *t, struct out *out)
{
	struct buf b = { 0 };
	int rc;

	for (size_t i = 0; i < t->rules.ndest; i++)
		buf_addf(&b, "to=%s records=%llu\n", t->rules.dest[i].name,
		    (unsigned long long)t->count[i]);
	buf_addf(&b, "to=- records=%llu\n", (unsigned long long)t->homeless);
	rc = b.err == 0 ? out_write(out, b.p, b.n) : -1;
	buf_fini(&b);
	return rc;
}
