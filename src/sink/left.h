/* Records that stay behind, kept in files as the lines they came in. */
#ifndef SINK_LEFT_H
#define SINK_LEFT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "record/stage.h"
#include "sink/outbox.h"

/* Opens to append, made for us alone. -1 with the path and cause in e. */
int left_open(const char *path, struct err *e);

/* Writes the line and a newline at once. 0, or -1 with errno. */
int left_line(int fd, const char *line, size_t n);

/* Appends what the outbox still has, durably. 0, or -1 with the cause. */
int left_save(const struct outbox *o, const char *path, struct err *e);

/* Removes the file if nothing is in it. 0, or -1 with the cause. */
int left_tidy(const char *path, struct err *e);

/*
 * Tells what became of the records of one destination, in words and in the
 * exit code, and saves what is left in path (with its name, if there are
 * several) unless that is NULL. spooled: they are in a spool anyway.
 */
void left_tell(const struct outbox *o, bool printed, const char *path,
    bool several, bool spooled, struct stage_io *io);

#endif
