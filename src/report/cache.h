/*
 * What a status line knows of today without reading any history: for each
 * session what its client said it spent, and what records say. A file of a
 * few lines, which is rewritten; one that is damaged counts as empty.
 */
#ifndef REPORT_CACHE_H
#define REPORT_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "price/money.h"

#define CACHE_SESSIONS	500	/* remembered; older ones are summed up */
#define CACHE_FILES	200
#define CACHE_ID_MAX	256	/* bytes of a session's id or a path */
#define CACHE_DAY	16
#define CACHE_FILE_MAX	(1024 * 1024)

struct cache_session {
	char	id[CACHE_ID_MAX + 1];
	money	last;		/* the client's running total */
	money	spent;		/* of it today */
	money	records;	/* spent today by records */
};

/* How far a file of records was read. */
struct cache_file {
	uint64_t	dev, ino, offset;
};

struct cache {
	char			 day[CACHE_DAY];	/* 2026-11-21 */
	struct cache_session	*session;	/* the one seen last is last */
	size_t			 nsession;
	struct cache_file	 file[CACHE_FILES];
	size_t			 nfile;
	money			 others;	/* of sessions forgotten */
};

/* A zeroed struct cache is empty. */
void cache_fini(struct cache *c);

/* Reads what cache_put wrote; anything else makes the cache empty. */
void cache_parse(struct cache *c, const char *p, size_t n);
void cache_put(struct buf *b, const struct cache *c);

/* What is of another day is forgotten but for the running totals. */
void cache_day(struct cache *c, const char *day, size_t n);

/*
 * The client of a session says it has spent so much in all. A total that
 * falls began anew. 0, or -1 when out of memory.
 */
int cache_said(struct cache *c, const char *id, size_t n, money total);

/* A record of the session says it spent so much more, today. */
int cache_record(struct cache *c, const char *id, size_t n, money cost);

/* Everything that records said is to be read again. */
void cache_forget_records(struct cache *c);

/* The session, or NULL. */
const struct cache_session *cache_find(const struct cache *c, const char *id,
    size_t n);

/* How far the file was read; the place to note it, never NULL. */
struct cache_file *cache_at(struct cache *c, uint64_t dev, uint64_t ino);

/* Of each session the larger of the two. */
money cache_today(const struct cache *c);

#endif
