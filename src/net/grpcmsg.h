/*
 * The framing of gRPC messages in a stream: one byte of flags, four of length
 * (big-endian), the message. Takes one message, in pieces.
 */
#ifndef NET_GRPCMSG_H
#define NET_GRPCMSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GRPCMSG_HEAD	5

struct grpcmsg {
	unsigned char	head[GRPCMSG_HEAD];
	size_t		nhead;
	uint32_t	length;		/* valid once nhead is GRPCMSG_HEAD */
	uint32_t	got;
	bool		packed;		/* flag: compressed */
};

enum grpcmsg_res {
	GRPCMSG_OK,		/* *p, *n: bytes of the message, or none */
	GRPCMSG_BAD_FLAGS,
	GRPCMSG_TOO_LONG,	/* announced to be over max */
	GRPCMSG_SECOND		/* bytes behind the message */
};

/*
 * Looks at n bytes at *p; leaves in *p and *n those that are the message's.
 * A zeroed struct begins.
 */
enum grpcmsg_res grpcmsg_take(struct grpcmsg *m, const char **p, size_t *n,
    uint32_t max);

/* Has exactly one whole message come? */
bool grpcmsg_whole(const struct grpcmsg *m);

/* The head of a plain message of n bytes. */
void grpcmsg_head(unsigned char head[GRPCMSG_HEAD], uint32_t n);

#endif
