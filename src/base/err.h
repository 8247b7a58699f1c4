/*
 * A located message handed back by library code. Libraries never print and
 * never exit: they fill one of these and return -1 or NULL; the program prints
 * it through base/log.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

struct err {
	char msg[512];		/* no newline; may hold foreign bytes */
};

/*
 * Formats the message into e (cut to fit) and returns -1, so that
 * `return err_set(e, ...)` reads well. e may be NULL.
 */
int err_set(struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
