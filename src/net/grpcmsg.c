#include "config.h"

#include "net/grpcmsg.h"

enum grpcmsg_res
grpcmsg_take(struct grpcmsg *m, const char **p, size_t *n, uint32_t max)
{
	while (m->nhead < GRPCMSG_HEAD && *n > 0) {
		m->head[m->nhead++] = (unsigned char)**p;
		++*p;
		--*n;
		if (m->nhead < GRPCMSG_HEAD)
			continue;
		if (m->head[0] > 1)
			return GRPCMSG_BAD_FLAGS;
		m->packed = m->head[0] == 1;
		m->length = (uint32_t)m->head[1] << 24 |
		    (uint32_t)m->head[2] << 16 | (uint32_t)m->head[3] << 8 |
		    m->head[4];
		if (m->length > max)
			return GRPCMSG_TOO_LONG;
	}
	if (m->nhead < GRPCMSG_HEAD)
		return GRPCMSG_OK;
	if (*n > m->length - m->got)
		return GRPCMSG_SECOND;
	m->got += (uint32_t)*n;
	return GRPCMSG_OK;
}

bool
grpcmsg_whole(const struct grpcmsg *m)
{
	return m->nhead == GRPCMSG_HEAD && m->got == m->length;
}

void
grpcmsg_head(unsigned char head[GRPCMSG_HEAD], uint32_t n)
{
	head[0] = 0;
	head[1] = (unsigned char)(n >> 24);
	head[2] = (unsigned char)(n >> 16);
	head[3] = (unsigned char)(n >> 8);
	head[4] = (unsigned char)n;
}
