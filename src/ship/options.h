/* The options of aitrace-ship, and what they say by themselves. */
#ifndef SHIP_OPTIONS_H
#define SHIP_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/opt.h"
#include "net/client.h"

struct ship_options {
	struct opt_list	 to, header, key_command;
	const char	*endpoint, *public_file, *secret_file;
	const char	*left_path, *refused_path, *spool;
	const char	*receipts_path, *route;
	struct client_tls tls;
	int		 format, compress;
	int64_t		 batch_bytes, batch_count, batch_age, in_flight;
	int64_t		 retry_for, timeout;
	int64_t		 spool_limit, rate;
	const char	*since, *until;
	bool		 dry_run, follow, once, retry_parked, skip_delivered;
	bool		 verify;
};

/* Offsets are those of struct ship (ship/ship.h). */
extern const struct opt ship_opts[];

void options_init(struct ship_options *o);
void options_fini(struct ship_options *o);

/* Those that do not go together. 0, or EXIT_USAGE, told. */
int options_check(const struct ship_options *o);

#endif
