/*
 * Time as a parameter, so that tests need not sleep. All values are
 * nanoseconds: mono since an arbitrary point, wall since the Unix epoch.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#define CLOCK_MS	INT64_C(1000000)
#define CLOCK_S		INT64_C(1000000000)

struct clock {
	int64_t	(*mono)(void *arg);
	int64_t	(*wall)(void *arg);
	void	*arg;
};

/* The system's clocks. */
const struct clock *clock_system(void);

int64_t clock_mono(const struct clock *c);
int64_t clock_wall(const struct clock *c);

#endif
