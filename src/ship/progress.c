#include "ship/progress.h"

#include "base/log.h"

#define EVERY	(CLOCK_S / 4)
#define BAR	20		/* characters */

void
progress_init(struct progress *p, const struct clock *clock, bool on)
{
	p->clock = on ? clock : NULL;
	if (!on)
		return;
	p->began = clock_mono(clock);
	p->due = p->began + CLOCK_S;
}

bool
progress_due(struct progress *p)
{
	int64_t now;

	if (p->clock == NULL || (now = clock_mono(p->clock)) < p->due)
		return false;
	p->due = now + EVERY;
	return true;
}

/* "45s", "3m20s", "2h05m" */
static void
put_time(struct buf *b, uint64_t s)
{
	if (s < 60)
		buf_addf(b, "%us", (unsigned)s);
	else if (s < 3600)
		buf_addf(b, "%um%02us", (unsigned)(s / 60), (unsigned)(s % 60));
	else
		buf_addf(b, "%lluh%02um", (unsigned long long)(s / 3600),
		    (unsigned)(s / 60 % 60));
}

void
progress_line(struct buf *b, uint64_t records, uint64_t done, uint64_t total,
    int64_t elapsed)
{
	double s = (double)elapsed / (double)CLOCK_S;
	unsigned bar = 0;

	if (total > 0) {
		done = done < total ? done : total;
		bar = (unsigned)((double)done * BAR / (double)total);
		buf_addc(b, '[');
		for (unsigned i = 0; i < BAR; i++)
			buf_addc(b, i < bar ? '=' : i == bar ? '>' : ' ');
		buf_addf(b, "] %3u%%  ", (unsigned)((double)done * 100 /
		    (double)total));
	}
	buf_addf(b, "%llu records  %.0f/s", (unsigned long long)records,
	    s > 0 ? (double)records / s : 0);
	if (total > 0 && done > 0) {
		buf_adds(b, "  ");
		put_time(b, (uint64_t)(s * (double)(total - done) /
		    (double)done + 0.5));
		buf_adds(b, " left");
	}
}

void
progress_show(const struct progress *p, uint64_t records, uint64_t done,
    uint64_t total)
{
	struct buf b = { 0 };

	progress_line(&b, records, done, total,
	    clock_mono(p->clock) - p->began);
	log_progress(buf_cstr(&b));
	buf_fini(&b);
}

void
progress_end(struct progress *p)
{
	if (p->clock != NULL)
		log_progress("");
	p->clock = NULL;
}
