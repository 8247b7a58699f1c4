/*
 * The attributes a report looks at, found in one walk over those a span has:
 * names are registered before, each gets a place of its own.
 */
#ifndef REPORT_PICK_H
#define REPORT_PICK_H

#include <stddef.h>

#include "json/scan.h"
#include "record/record.h"

#define PICK_MAX	96
#define PICK_TAGS	256	/* see record_name_tag */

struct pick {
	struct {
		const char	*s;	/* kept by reference */
		size_t		 n;
	}		name[PICK_MAX];
	size_t		n;
	signed char	first[PICK_TAGS];	/* of the names so tagged; -1 */
	signed char	next[PICK_MAX];
	struct json_val	v[PICK_MAX];		/* what pick_walk found */
};

void pick_init(struct pick *p);

/*
 * The place of the attribute of that name, which is asked for from now on;
 * -1 when there are PICK_MAX.
 */
int pick_name(struct pick *p, const char *name);

/* Fills v: JSON_NONE where absent or null; of a repeated name the last. */
void pick_walk(struct pick *p, const struct record *r);

#endif
