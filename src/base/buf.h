/*
 * A growable byte buffer with a ceiling and a sticky error: builders append
 * without looking and check once at the end.
 *
 * Ownership: buf_fini frees the bytes; buf_take gives them away. A zeroed
 * struct buf is an empty buffer without a ceiling of its own (SIZE_MAX).
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

struct buf {
	char	*p;		/* n bytes, not NUL-terminated; NULL when empty */
	size_t	 n;
	size_t	 cap;
	size_t	 max;		/* ceiling in bytes; 0 means SIZE_MAX / 2 */
	int	 err;		/* 0, ENOMEM, or EMSGSIZE (ceiling reached) */
};

/* An empty buffer that will never hold more than max bytes (0: no ceiling). */
void buf_init(struct buf *b, size_t max);

/* Frees the bytes; b may be NULL. b is an empty buffer afterwards. */
void buf_fini(struct buf *b);

/* Forgets the content and the error, keeps the memory. */
void buf_reset(struct buf *b);

/*
 * Room for n more bytes: a pointer to the first, or NULL with b->err set.
 * The caller writes and then adds what it wrote to b->n.
 */
char *buf_room_more(struct buf *b, size_t n);	/* the same, growing */
static inline char *
buf_room(struct buf *b, size_t n)
{
	if (b->err == 0 && b->p != NULL && n <= b->cap - b->n)
		return b->p + b->n;
	return buf_room_more(b, n);
}

/* Append; on failure b->err is set, the content stays as it was. */
void buf_add(struct buf *b, const void *p, size_t n);
static inline void
buf_addc(struct buf *b, char c)
{
	char *to = buf_room(b, 1);

	if (to == NULL)
		return;
	*to = c;
	b->n++;
}
void buf_adds(struct buf *b, const char *s);
void buf_addf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void buf_addu(struct buf *b, uint64_t v);	/* decimal digits */
void buf_addi(struct buf *b, int64_t v);

/* Appends a NUL that does not count in n; b->p or "" when that failed. */
const char *buf_cstr(struct buf *b);

/* Hands the bytes (NUL-terminated) to the caller, who frees; NULL on error. */
char *buf_take(struct buf *b, size_t *n);

/* Drops the first n bytes. */
void buf_drop(struct buf *b, size_t n);

#endif
