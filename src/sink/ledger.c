#include "sink/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/siphash.h"
#include "record/ids.h"

#define FRESH		".accepted"
#define OLD		".delivered"
#define OLDER		".delivered.1"
#define BLOCK		4096		/* keys read at a time */
#define MIN_SLOTS	4096

static const unsigned char none[LEDGER_KEY];

/* The slot of the key, or the free one where it would be. */
static unsigned char *
find(const struct ledger *l, const unsigned char *key)
{
	uint64_t at;
	unsigned char *s;

	memcpy(&at, key, sizeof(at));
	for (;; at++) {
		s = l->slot + (at & (l->nslot - 1)) * LEDGER_KEY;
		if (memcmp(s, key, LEDGER_KEY) == 0 ||
		    memcmp(s, none, LEDGER_KEY) == 0)
			return s;
	}
}

static int
grow(struct ledger *l)
{
	struct ledger wide = *l;

	wide.nslot = l->nslot != 0 ? l->nslot * 2 : MIN_SLOTS;
	if ((wide.slot = calloc(wide.nslot, LEDGER_KEY)) == NULL)
		return -1;
	for (size_t i = 0; i < l->nslot; i++) {
		const unsigned char *s = l->slot + i * LEDGER_KEY;

		if (memcmp(s, none, LEDGER_KEY) != 0)
			memcpy(find(&wide, s), s, LEDGER_KEY);
	}
	free(l->slot);
	*l = wide;
	return 0;
}

static int
insert(struct ledger *l, const unsigned char *key)
{
	unsigned char *s;

	if (memcmp(key, none, LEDGER_KEY) == 0)
		return 0;	/* cannot be told from a free slot */
	if (l->used >= l->nslot / 2 && grow(l) == -1)
		return -1;
	s = find(l, key);
	l->used += memcmp(s, none, LEDGER_KEY) == 0;
	memcpy(s, key, LEDGER_KEY);
	return 0;
}

/* Whole keys in the file; a cut one at its end is no key. 0, or -1. */
static int
load(struct ledger *l, const char *name)
{
	unsigned char block[BLOCK * LEDGER_KEY];
	int fd = openat(l->dir, name, O_RDONLY | O_CLOEXEC), rc = 0;
	off_t at = 0;
	ssize_t n = 0;

	if (fd == -1)
		return errno == ENOENT ? 0 : -1;
	while (rc == 0 && (n = pread(fd, block, sizeof(block), at)) > 0) {
		for (ssize_t i = 0; i + LEDGER_KEY <= n && rc == 0;
		    i += LEDGER_KEY)
			rc = insert(l, block + i);
		at += n;
	}
	(void)close(fd);	/* only read */
	return n == -1 ? -1 : rc;
}

/* Takes away a key that was cut, behind which no other would be found. */
static int
whole_keys(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return -1;
	if (st.st_size % LEDGER_KEY == 0)
		return 0;
	return ftruncate(fd, st.st_size - st.st_size % LEDGER_KEY);
}

int
ledger_open(struct ledger *l, const char *dir, bool all, struct err *e)
{
	memset(l, 0, sizeof(*l));
	l->fd = -1;
	l->all = all;
	l->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* What a crash has left stays until it is forgotten. */
	if (l->dir != -1)
		l->fd = openat(l->dir, FRESH, O_RDWR | O_CREAT | O_APPEND |
		    O_CLOEXEC, 0600);
	if (l->fd == -1 || whole_keys(l->fd) == -1 || load(l, FRESH) == -1 || (all &&
	    (load(l, OLDER) == -1 || load(l, OLD) == -1)))
		return err_set(e, "%s: %s: %s", dir, FRESH, strerror(errno));
	return 0;
}

void
ledger_fini(struct ledger *l)
{
	if (l->fd != -1)
		(void)close(l->fd);	/* no more than a memory aid */
	if (l->dir != -1)
		(void)close(l->dir);
	l->fd = l->dir = -1;
	free(l->slot);
	l->slot = NULL;
	l->nslot = l->used = 0;
	buf_fini(&l->fresh);
}

/*
 * The destination is the key of the hash: what it is made of is not known to
 * those who make records, so that none of them can pass for another.
 */
static void
key_of(const char *to, const char *p, size_t n, unsigned char *key)
{
	const struct id_part part = { to, strlen(to) };
	char hex[TRACE_ID_LEN];
	unsigned char secret[SIPHASH_LEN];

	ids_trace(&part, 1, hex);
	for (size_t i = 0; i < SIPHASH_LEN; i++) {
		unsigned v = 0;

		for (size_t k = 2 * i; k < 2 * i + 2; k++)
			v = v << 4 | (unsigned)(hex[k] <= '9' ? hex[k] - '0' :
			    hex[k] - 'a' + 10);
		secret[i] = (unsigned char)v;
	}
	siphash(secret, p, n, key);
}

bool
ledger_knows(const struct ledger *l, const char *to, const char *p, size_t n)
{
	unsigned char key[LEDGER_KEY];

	if (l->used == 0)
		return false;
	key_of(to, p, n, key);
	return memcmp(find(l, key), key, LEDGER_KEY) == 0;
}

int
ledger_add(struct ledger *l, const char *to, const char *p, size_t n)
{
	unsigned char key[LEDGER_KEY];

	key_of(to, p, n, key);
	buf_add(&l->fresh, key, sizeof(key));
	if (l->fresh.err != 0 || (l->all && insert(l, key) == -1)) {
		errno = ENOMEM;
		return -1;
	}
	return 0;
}

int
ledger_write(struct ledger *l)
{
	int rc = 0, saved;

	if (l->fresh.n > 0)
		rc = file_write_all(l->fd, l->fresh.p, l->fresh.n);
	saved = errno;
	if (rc == -1)
		(void)whole_keys(l->fd);	/* the next opening does it too */
	errno = saved;
	buf_reset(&l->fresh);
	return rc;
}

/* Appends all of .accepted to .delivered. 0, or -1 with errno. */
static int
hand_over(struct ledger *l)
{
	unsigned char block[BLOCK * LEDGER_KEY];
	int fd = openat(l->dir, OLD, O_WRONLY | O_CREAT | O_APPEND |
	    O_CLOEXEC, 0600), rc = 0;
	struct stat st;
	off_t at = 0;
	ssize_t n;

	if (fd == -1)
		return -1;
	rc = whole_keys(fd);
	while (rc == 0 && (n = pread(l->fd, block, sizeof(block), at)) != 0) {
		rc = n == -1 ? -1 : file_write_all(fd, block, (size_t)n);
		at += n;
	}
	if (rc == 0)
		rc = fstat(fd, &st);
	if (close(fd) == -1 || rc == -1)
		return -1;
	if (st.st_size < (off_t)LEDGER_WINDOW * LEDGER_KEY)
		return 0;
	return renameat(l->dir, OLD, l->dir, OLDER);
}

int
ledger_settle(struct ledger *l)
{
	struct stat st;

	if (ledger_write(l) == -1 || fstat(l->fd, &st) == -1)
		return -1;
	if (st.st_size > 0 &&
	    (hand_over(l) == -1 || ftruncate(l->fd, 0) == -1))
		return -1;
	if (!l->all && l->used > 0) {
		memset(l->slot, 0, l->nslot * LEDGER_KEY);
		l->used = 0;
	}
	return 0;
}
