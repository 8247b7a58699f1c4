#include "base/clock.h"

#include <stddef.h>
#include <time.h>

static int64_t
read_clock(clockid_t id)
{
	struct timespec ts;

	/* Cannot fail for the two clocks used here. */
	if (clock_gettime(id, &ts) == -1)
		return 0;
	return (int64_t)ts.tv_sec * CLOCK_S + ts.tv_nsec;
}

static int64_t
system_mono(void *arg)
{
	(void)arg;
	return read_clock(CLOCK_MONOTONIC);
}

static int64_t
system_wall(void *arg)
{
	(void)arg;
	return read_clock(CLOCK_REALTIME);
}

const struct clock *
clock_system(void)
{
	static const struct clock c = { system_mono, system_wall, NULL };

	return &c;
}

int64_t
clock_mono(const struct clock *c)
{
	return c->mono(c->arg);
}

int64_t
clock_wall(const struct clock *c)
{
	return c->wall(c->arg);
}
