/*
 * A call to a model as a source tells it that is asked for calls alone: what
 * its span would say of it.
 */
#ifndef IMPORT_CALL_H
#define IMPORT_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/agent.h"
#include "agent/usage.h"
#include "json/scan.h"

struct import_call {
	const struct agent	*agent;		/* its name and provider */
	/*
	 * JSON strings or absent, and an object. What is of the session stays
	 * where it is, from call to call of it.
	 */
	struct json_val		 session, version, project, resource;
	struct json_val		 model, tier, speed;
	bool			 failed;
	int64_t			 status;	/* HTTP, 0: not known */
	const char		*error_type;	/* class, or NULL */
	bool			 guessed;	/* start is a guess */
	uint64_t		 start, end;	/* ns since 1970 */
	int64_t			 attempts;	/* 0: not known */
	struct usage		 usage;
	/* Of its session and what identifies it there: never 0. */
	uint64_t		 ident;
};

#endif
