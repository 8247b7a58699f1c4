/*
 * The only writer to stderr. A message is one line,
 *
 *	program: level: text
 *
 * without time stamp or colour; control characters and invalid UTF-8 in it
 * are shown as \xHH, so foreign bytes may be passed to %s. A text that repeats
 * is printed once; the number of repeats follows in log_fini (and at most once
 * a minute before). Never pass span content or secrets.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO,
    LOG_LEVEL_DEBUG };

/* program: kept by reference. Default level: warning. */
void log_init(const char *program);
void log_set_level(int level);	/* clamped; -q is 0, -v 2, -vv 3 */
int  log_level(void);
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Prints unconditionally, never summed up: usage hints, summary lines. */
void log_always(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Somebody at a terminal reads what is told. */
bool log_watched(void);

/*
 * Shows the text in the last line of the terminal, instead of the one before;
 * messages go above it. "" takes it away. Only when log_watched.
 */
void log_progress(const char *text);

/* Tells how often which message was repeated. Call before the program ends. */
void log_fini(void);

#endif
