/* A record of a source that tells no calls by themselves. */
#include "spent/spent.h"

int
spent_record(struct spent *s, const struct record *r)
{
	struct facts f;
	int code;

	if (report_facts(s->report, r, &f) == -1)
		return spent_no_memory();
	if (s->calls)
		f.is &= FACT_CALL;
	if ((f.is & FACT_CALL) != 0 && call_is(r) && !call_is_priced(r)) {
		if (call_read(&s->pricer.call, r) != 0)
			return spent_no_memory();
		code = spent_cost(s, &f);
		if (code != 0)
			return code;
	}
	return report_count(s->report, r, &f) == -1 ? spent_no_memory() : 0;
}
