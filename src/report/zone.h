/*
 * Hours, days, weeks and months in a time zone, with the zone data of the C
 * library. The zone is a property of the process: zone_set is called once,
 * before anything else looks at the local time.
 */
#ifndef REPORT_ZONE_H
#define REPORT_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/err.h"

enum zone_unit { ZONE_HOUR, ZONE_DAY, ZONE_WEEK, ZONE_MONTH, ZONE_YEAR };

#define ZONE_LABEL	32

/*
 * Sets the zone: a name of the tz database ("Europe/Berlin"), a POSIX TZ text
 * ("CET-1CEST,M3.5.0,M10.5.0/3"), or NULL for the environment's TZ or the
 * system's zone. The C library takes UTC for a name it does not know; here
 * that is an error, and -1 with the name in e.
 */
int zone_set(const char *name, struct err *e);

/* The name of the zone, for people: what was set, or "local time". */
const char *zone_name(void);

/*
 * The label of the unit a time (ns since 1970) falls into:
 *
 *	hour	2026-10-25T02:00+02:00, the offset telling the two apart
 *	day	2026-10-25
 *	week	2026-W43 (ISO 8601, from Monday)
 *	month	2026-10
 *	year	2026
 *
 * Returns its length. Quick for times near those asked for before.
 */
struct zone_labels {
	struct {
		uint64_t	quarter;	/* of an hour, + 1; 0: empty */
		unsigned char	len;
		char		text[ZONE_LABEL];
	}	cell[64];
};
size_t zone_label(struct zone_labels *z, enum zone_unit unit, uint64_t ns,
    const char **text);

/*
 * Order of two labels of one unit by time; like memcmp but for the hour that
 * a clock set back shows twice.
 */
int zone_order(enum zone_unit unit, const char *a, size_t alen,
    const char *b, size_t blen);

/* When the unit that holds the time begins, and when it ends. */
uint64_t zone_begin(enum zone_unit unit, uint64_t ns);
uint64_t zone_end(enum zone_unit unit, uint64_t ns);

/*
 * A time as people say it: today, yesterday, now, 2026-11-21, 2026-11,
 * 2026-11-21T10:30 (local), RFC 3339 with an offset, or how long ago: 7d, 12h.
 * end: the time at which what was named is over (a day as --until includes
 * the day). 0, or -1 when it is none of these.
 */
int zone_parse(const char *text, uint64_t now, bool end, uint64_t *ns);

#endif
