/* What the command line settles; the limits with their defaults. */
#ifndef RECV_CONF_H
#define RECV_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/opt.h"

#define RECV_LISTEN		"127.0.0.1:4318"
#define RECV_PORT		4318
#define RECV_GRPC		"127.0.0.1:4317"
#define RECV_GRPC_PORT		4317
#define RECV_MAX_BODY		(INT64_C(20) << 20)	/* as OTLP recommends */
#define RECV_MAX_MEMORY		(INT64_C(256) << 20)
#define RECV_MAX_CONNS		1024
#define RECV_MAX_HEADER		(32 * 1024)
#define RECV_WAIT		(5 * CLOCK_S)	/* exporters give up at 10 s */
#define RECV_HEAD		(20 * CLOCK_S)
#define RECV_IDLE		(300 * CLOCK_S)	/* metrics come once a minute */
#define RECV_REQUEST		(60 * CLOCK_S)
#define RECV_MIN_RATE		1024		/* bytes a second */
#define RECV_DRAIN_BODIES	3	/* bodies' worth read after a refusal */
#define RECV_FINISH		(5 * CLOCK_S)	/* for requests when stopping */
#define RECV_SEGMENT_SIZE	(INT64_C(64) << 20)
#define RECV_SEGMENT_AGE	(3600 * CLOCK_S)
#define RECV_HOLD		(600 * CLOCK_S)	/* for the end of an observation */
#define RECV_HOLD_BYTES		((size_t)64 << 20)
#define RECV_RETRY_AFTER	3		/* seconds */

enum recv_signal { RECV_SIGNAL_AUTO, RECV_SIGNAL_TRACES, RECV_SIGNAL_LOGS,
    RECV_SIGNAL_METRICS };

enum recv_sandbox { RECV_SANDBOX_AUTO, RECV_SANDBOX_OFF };
enum recv_keys { RECV_KEYS_NONE, RECV_KEYS_ENV };

struct recv_conf {
	const char	*listen;	/* OTLP/HTTP; NULL: none */
	const char	*grpc;		/* OTLP/gRPC; NULL: none */
	const char	*socket_mode;	/* of unix:/path, octal */
	const char	*token_file, *tls_cert, *tls_key;
	int		 langfuse_keys;	/* enum recv_keys */
	int		 sandbox;	/* enum recv_sandbox */
	const char	*spool;		/* folder; NULL: standard output */
	int64_t		 segment_size, segment_age;
	bool		 compress;	/* segments that are finished */
	int64_t		 retain_size, retain_age;	/* 0: no limit */
	bool		 redact;
	struct opt_list	 redact_rules, redact_env;
	int64_t		 max_body;
	int64_t		 max_memory;
	int64_t		 max_conns;
	int64_t		 wait;		/* ns, for a slow reader */
	int64_t		 idle;
	int64_t		 request;
	int64_t		 min_rate;
	int64_t		 ready_fd;	/* -1: none */
	int		 signal;	/* enum recv_signal */
};

#endif
