/*
 * The one door to SQLite: a database read as it stands, beside a program that
 * may be writing to it. Nothing is written and no file is made: not the
 * database, not its journals, no lock that would make another wait.
 */
#ifndef IMPORT_DB_H
#define IMPORT_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct db;
struct db_rows;

/* Do the first n bytes of a file begin a database? */
bool db_is(const char *p, size_t n);

/*
 * Opens it at one moment: what is committed later is not seen. NULL with the
 * cause in e, as everywhere here without the path.
 */
struct db *db_open(const char *path, struct err *e);

/*
 * Nobody changed the files while they were read without a lock. 0, or -1 with
 * the cause in e: what was read may be wrong. db may be NULL for db_close.
 */
int db_check(struct db *db, struct err *e);
void db_close(struct db *db);

/* A query; arg (may be NULL) stands for its ?. NULL with the cause in e. */
struct db_rows *db_query(struct db *db, const char *sql, const char *arg,
    size_t narg, struct err *e);

/* The next row: 1, 0 (there is none), or -1 with the cause in e. */
int db_next(struct db_rows *r, struct err *e);

/* Of the current row; text is valid until the next. */
const char *db_text(struct db_rows *r, int column, size_t *n);
int64_t db_int(struct db_rows *r, int column);
void db_done(struct db_rows *r);

#endif
