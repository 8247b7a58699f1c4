/*
 * What the name of a member says of its value: whether it is to be searched,
 * for what, or to go.
 */
#ifndef REDACT_ENTER_H
#define REDACT_ENTER_H

#include <stdbool.h>

#include "redact/walk.h"

/* What kind of place a value stands in. */
enum place {
	P_LINE,		/* the record */
	P_PARTS,	/* events, links, exemplars, scope, status, dropped */
	P_ATTRS,	/* names of attributes */
	P_VALUE		/* whatever somebody sent */
};

struct spot {
	enum place		 place;
	enum match_scope	 scope;
	bool			 named;		/* under the name of a secret */
	bool			 content;	/* is to be left out */
	int			 depth;
};

/*
 * A member of the record or of its events and the like, its value at p. False:
 * leave it alone.
 */
bool enter_record(struct walk *w, const struct json_member *m, const char *p,
    struct spot *at);

/* A member that somebody sent; *drop is set when it must go. */
void enter_value(struct walk *w, const struct json_member *m, struct spot *at,
    bool *drop);

/* {"name":"DB_PASSWORD","value":"x"}: is this the first of the two? */
bool enter_names_next(const struct walk *w, const struct json_member *m);

#endif
