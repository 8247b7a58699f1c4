/*
 * Three states a database with a write-ahead log can be in:
 *
 *  - no log, or an empty one: nobody is writing. It is opened as immutable,
 *    without locks, and looked at again afterwards.
 *  - log and shared memory: somebody is. It is opened read-only with the locks
 *    of readers, which are in the shared memory that is there already.
 *  - a log alone, after a crash or in a copy: SQLite would make the shared
 *    memory. Without a locking protocol and in exclusive mode it keeps that in
 *    memory of its own.
 *
 * Beside a writer the marks of readers in the shared memory are all that
 * changes.
 */
#include "import/db.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"

#define BUSY_MS		2000

struct mark {
	bool		 there;
	dev_t		 dev;
	ino_t		 ino;
	off_t		 size;
	struct timespec	 changed;
};

struct db {
	sqlite3		*h;
	bool		 unlocked;	/* to be looked at afterwards */
	struct mark	 mark[2];	/* the file, its log */
	char		*name[2];
};

struct db_rows {
	sqlite3_stmt	*s;
};

bool
db_is(const char *p, size_t n)
{
	static const char magic[16] = "SQLite format 3";

	return n >= sizeof(magic) && memcmp(p, magic, sizeof(magic)) == 0;
}

static void
look(const char *name, struct mark *m)
{
	struct stat st;

	memset(m, 0, sizeof(*m));
	if (stat(name, &st) == -1)
		return;
	m->there = true;
	m->dev = st.st_dev;
	m->ino = st.st_ino;
	m->size = st.st_size;
	m->changed = st.st_mtim;
}

static bool
same(const struct mark *a, const struct mark *b)
{
	return a->there == b->there && a->dev == b->dev && a->ino == b->ino &&
	    a->size == b->size && a->changed.tv_sec == b->changed.tv_sec &&
	    a->changed.tv_nsec == b->changed.tv_nsec;
}

/* file:… with what URIs reserve escaped. */
static char *
uri_of(const char *path, const char *mode)
{
	struct buf b = { 0 };

	buf_adds(&b, path[0] == '/' ? "file:" : "file:./");
	for (; *path != '\0'; path++) {
		char c = *path;

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || strchr("/-_.~", c) != NULL)
			buf_addc(&b, c);
		else
			buf_addf(&b, "%%%02X", (unsigned char)c);
	}
	buf_adds(&b, mode);
	return buf_take(&b, NULL);
}

static char *
beside(const char *path, const char *end)
{
	size_t n = strlen(path), m = strlen(end);
	char *s = malloc(n + m + 1);

	if (s == NULL)
		return NULL;
	memcpy(s, path, n);
	memcpy(s + n, end, m + 1);
	return s;
}

static int
run(struct db *db, const char *sql, struct err *e)
{
	if (sqlite3_exec(db->h, sql, NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	return err_set(e, "%s", sqlite3_errmsg(db->h));
}

/* Is there such a file beside the database, with something in it? */
static bool
has(const struct db *db, const char *end)
{
	char *name = beside(db->name[0], end);
	struct mark m = { 0 };

	if (name != NULL)
		look(name, &m);
	free(name);
	return m.there && m.size > 0;
}

static int
open_as(struct db *db, struct err *e)
{
	const char *mode = "?mode=ro&immutable=1", *vfs = NULL;
	char *uri;
	int res;

	db->unlocked = true;
	if (has(db, "-wal")) {
		mode = "?mode=ro";
		if (has(db, "-shm"))
			db->unlocked = false;
		else
			vfs = "unix-none";
	} else if (has(db, "-journal")) {
		/* Of the older kind: a change is half made. */
		mode = "?mode=ro";
		db->unlocked = false;
	}
	uri = uri_of(db->name[0], mode);
	if (uri == NULL)
		return err_set(e, "out of memory");
	res = sqlite3_open_v2(uri, &db->h, SQLITE_OPEN_READONLY |
	    SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, vfs);
	free(uri);
	if (res != SQLITE_OK)
		return err_set(e, "%s", db->h != NULL ?
		    sqlite3_errmsg(db->h) : sqlite3_errstr(res));
	(void)sqlite3_extended_result_codes(db->h, 1);
	(void)sqlite3_busy_timeout(db->h, BUSY_MS);
	(void)sqlite3_db_config(db->h, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1,
	    NULL);
	(void)sqlite3_db_config(db->h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(db->h, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0,
	    NULL);
	if (vfs != NULL && run(db, "PRAGMA locking_mode=EXCLUSIVE", e) == -1)
		return -1;
	/* One moment for all queries. */
	return run(db, "BEGIN; SELECT 1 FROM sqlite_master", e);
}

struct db *
db_open(const char *path, struct err *e)
{
	struct db *db = calloc(1, sizeof(*db));
	static const char *const end[] = { "", "-wal" };

	if (db == NULL) {
		(void)err_set(e, "out of memory");
		return NULL;
	}
	for (int i = 0; i < 2; i++) {
		db->name[i] = beside(path, end[i]);
		if (db->name[i] == NULL) {
			(void)err_set(e, "out of memory");
			db_close(db);
			return NULL;
		}
		look(db->name[i], &db->mark[i]);
	}
	if (open_as(db, e) == -1) {
		db_close(db);
		return NULL;
	}
	return db;
}

int
db_check(struct db *db, struct err *e)
{
	struct mark now;

	for (int i = 0; i < 2 && db->unlocked; i++) {
		look(db->name[i], &now);
		if (!same(&now, &db->mark[i]))
			return err_set(e, "%s changed while it was read",
			    i == 0 ? "it" : "its log");
	}
	return 0;
}

void
db_close(struct db *db)
{
	if (db == NULL)
		return;
	/* Not even a checkpoint: the log is the writer's. */
	(void)sqlite3_close(db->h);
	free(db->name[0]);
	free(db->name[1]);
	free(db);
}

struct db_rows *
db_query(struct db *db, const char *sql, const char *arg, size_t narg,
    struct err *e)
{
	struct db_rows *r = calloc(1, sizeof(*r));

	if (r == NULL) {
		(void)err_set(e, "out of memory");
		return NULL;
	}
	if (sqlite3_prepare_v2(db->h, sql, -1, &r->s, NULL) != SQLITE_OK ||
	    (arg != NULL && sqlite3_bind_text64(r->s, 1, arg, narg,
	    SQLITE_TRANSIENT, SQLITE_UTF8) != SQLITE_OK)) {
		(void)err_set(e, "%s", sqlite3_errmsg(db->h));
		db_done(r);
		return NULL;
	}
	return r;
}

int
db_next(struct db_rows *r, struct err *e)
{
	int res = sqlite3_step(r->s);

	if (res == SQLITE_ROW)
		return 1;
	if (res == SQLITE_DONE)
		return 0;
	return err_set(e, "%s", sqlite3_errmsg(sqlite3_db_handle(r->s)));
}

const char *
db_text(struct db_rows *r, int column, size_t *n)
{
	const char *p = (const char *)sqlite3_column_text(r->s, column);

	*n = p != NULL ? (size_t)sqlite3_column_bytes(r->s, column) : 0;
	return p != NULL ? p : "";
}

int64_t
db_int(struct db_rows *r, int column)
{
	return sqlite3_column_int64(r->s, column);
}

void
db_done(struct db_rows *r)
{
	if (r == NULL)
		return;
	(void)sqlite3_finalize(r->s);
	free(r);
}
